//! What a packet carries of a TCP connection.

use std::net::{IpAddr, SocketAddr};

use bytes::Bytes;
use etherparse::{EtherType, LaxNetSlice, LaxSlicedPacket, TransportSlice};

/// A piece of one direction of a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Segment {
    pub(super) from: SocketAddr,
    pub(super) to: SocketAddr,
    /// Number of its first byte.
    pub(super) sequence: u32,
    /// Whether the connection begins with it.
    pub(super) begins: bool,
    /// Whether it answers the beginning of a connection.
    pub(super) accepts: bool,
    pub(super) data: Bytes,
}

/// Kinds of first headers: of BSD's loopback (two forms), Ethernet, bare IP (several numbers), Linux's "any" (two forms).
const NULL: u16 = 0;
const ETHERNET: u16 = 1;
const RAW: [u16; 5] = [12, 14, 101, 228, 229];
const LOOP: u16 = 108;
const LINUX_SLL: u16 = 113;
const LINUX_SLL2: u16 = 276;

/// The segment in a packet; `None` if there is none, or none that is understood.
pub(super) fn segment(link: u16, packet: Bytes) -> Option<Segment> {
    let sliced = match link {
        ETHERNET => LaxSlicedPacket::from_ethernet(&packet).ok()?,
        NULL | LOOP => LaxSlicedPacket::from_ip(packet.get(4..)?).ok()?,
        LINUX_SLL => LaxSlicedPacket::from_ether_type(ether_type(packet.get(14..16)?)?, packet.get(16..)?),
        LINUX_SLL2 => LaxSlicedPacket::from_ether_type(ether_type(packet.get(..2)?)?, packet.get(20..)?),
        raw if RAW.contains(&raw) => LaxSlicedPacket::from_ip(&packet).ok()?,
        _ => return None,
    };
    let (from, to): (IpAddr, IpAddr) = match &sliced.net {
        Some(LaxNetSlice::Ipv4(ip)) => {
            (ip.header().source_addr().into(), ip.header().destination_addr().into())
        }
        Some(LaxNetSlice::Ipv6(ip)) => {
            (ip.header().source_addr().into(), ip.header().destination_addr().into())
        }
        _ => return None,
    };
    let Some(TransportSlice::Tcp(tcp)) = &sliced.transport else { return None };
    Some(Segment {
        from: SocketAddr::new(from, tcp.source_port()),
        to: SocketAddr::new(to, tcp.destination_port()),
        sequence: tcp.sequence_number(),
        begins: tcp.syn() && !tcp.ack(),
        accepts: tcp.syn() && tcp.ack(),
        data: packet.slice_ref(tcp.payload()),
    })
}

fn ether_type(bytes: &[u8]) -> Option<EtherType> {
    Some(EtherType(u16::from_be_bytes(bytes.try_into().ok()?)))
}

#[cfg(test)]
mod tests {
    use etherparse::PacketBuilder;

    use super::*;

    fn found(link: u16, before: &[u8], packet: &[u8]) -> Option<(String, String, u32, Bytes)> {
        let segment = segment(link, [before, packet].concat().into())?;
        Some((segment.from.to_string(), segment.to.to_string(), segment.sequence, segment.data))
    }

    #[test]
    fn segments_are_found_behind_every_first_header() {
        let mut bare = Vec::new();
        PacketBuilder::ipv4([10, 0, 0, 1], [10, 0, 0, 2], 64)
            .tcp(40_000, 9_092, 7, 1_000)
            .write(&mut bare, b"abc")
            .unwrap();
        let mut ethernet = Vec::new();
        PacketBuilder::ethernet2([1; 6], [2; 6])
            .ipv4([10, 0, 0, 1], [10, 0, 0, 2], 64)
            .tcp(40_000, 9_092, 7, 1_000)
            .write(&mut ethernet, b"abc")
            .unwrap();
        ethernet.extend_from_slice(&[0; 9]); // what fills a short frame up is no data
        let expected = Some(("10.0.0.1:40000".into(), "10.0.0.2:9092".into(), 7, Bytes::from_static(b"abc")));
        assert_eq!(found(ETHERNET, &[], &ethernet), expected);
        assert_eq!(found(NULL, &[2, 0, 0, 0], &bare), expected);
        assert_eq!(found(101, &[], &bare), expected);
        let sll = [&[0; 14][..], &[8, 0]].concat();
        assert_eq!(found(LINUX_SLL, &sll, &bare), expected);
        let sll2 = [&[8, 0][..], &[0; 18]].concat();
        assert_eq!(found(LINUX_SLL2, &sll2, &bare), expected);
    }

    #[test]
    fn what_is_no_segment_is_none() {
        let mut udp = Vec::new();
        PacketBuilder::ipv4([1; 4], [2; 4], 64).udp(1, 2).write(&mut udp, b"abc").unwrap();
        assert_eq!(found(101, &[], &udp), None);
        assert_eq!(found(ETHERNET, &[], b"short"), None);
        assert_eq!(found(60_000, &[], &udp), None);
    }

    #[test]
    fn addresses_of_the_newer_kind_are_known_as_well() {
        let mut bare = Vec::new();
        let (one, two) = ([1; 16], [2; 16]);
        PacketBuilder::ipv6(one, two, 64).tcp(40_000, 9_092, 7, 1_000).syn().write(&mut bare, b"").unwrap();
        let segment = segment(101, bare.into()).unwrap();
        assert!(segment.from.is_ipv6() && segment.begins && segment.data.is_empty());
    }
}
