//! Packets in a capture: pcap and pcapng, read by `pcap-parser` as they come.

use bytes::Bytes;
use pcap_parser::traits::{PcapNGPacketBlock, PcapReaderIterator};
use pcap_parser::{Block, PcapBlockOwned, PcapError, create_reader};

use super::source::Source;
use crate::failure::Failure;

/// Why a capture is not read on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Problem {
    #[error("this does not begin as a capture does, neither as pcap nor as pcapng")]
    Beginning,
    #[error("the capture ends within a packet, or within what stands before it")]
    CutOff,
    #[error("byte {at} of the capture: no packet begins here")]
    NoPacket { at: u64 },
    #[error("byte {at} of the capture: a packet over {limit} bytes")]
    TooLarge { at: u64, limit: usize },
    #[error("byte {at} of the capture: a packet of interface {interface}, which was not told of")]
    Interface { at: u64, interface: u32 },
    #[error("byte {at} of the capture: it cannot be read on")]
    Read { at: u64 },
}

/// A packet as it went by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Packet {
    /// Unix microseconds.
    pub(super) micros: i64,
    /// What its first header is: a number of the list at tcpdump.org/linktypes.
    pub(super) link: u16,
    /// Whether there was more of it than was captured.
    pub(super) is_cut: bool,
    pub(super) data: Bytes,
}

/// The first bytes of pcap with microseconds and with nanoseconds, in both orders, and of pcapng.
const BEGINNINGS: [[u8; 4]; 5] = [
    [0xa1, 0xb2, 0xc3, 0xd4],
    [0xd4, 0xc3, 0xb2, 0xa1],
    [0xa1, 0xb2, 0x3c, 0x4d],
    [0x4d, 0x3c, 0xb2, 0xa1],
    SECTION,
];
const SECTION: [u8; 4] = [0x0a, 0x0d, 0x0d, 0x0a];

/// What stands before the packets in pcap, and what tells the length of a section's header in pcapng.
const PCAP_HEADER_BYTES: usize = 24;
const SECTION_HEAD_BYTES: usize = 12;
/// The order of bytes of a section whose smaller half comes first.
const SMALLER_FIRST: [u8; 4] = [0x4d, 0x3c, 0x2b, 0x1a];

/// How much is read at once, and how long a packet, or what stands between packets, may be.
const BUFFER_BYTES: usize = 256 << 10;
const PACKET_BYTES_MAX: usize = 16 << 20;

/// Whether bytes begin as a capture does.
pub(super) fn is_one(bytes: &[u8]) -> bool {
    BEGINNINGS.iter().any(|beginning| bytes.starts_with(beginning))
}

/// Walks the packets of a capture.
pub(super) struct Capture {
    reader: Box<dyn PcapReaderIterator + Send>,
    buffer_bytes: usize,
    clock: Clock,
}

/// What the packets need to be told of, from what stands before them.
enum Clock {
    /// All packets have this link, and times in so many parts of a second.
    Pcap { link: u16, per_second: i64 },
    /// Each packet has that of its interface.
    PcapNg { interfaces: Vec<Interface> },
}

#[derive(Clone, Copy)]
struct Interface {
    link: u16,
    per_second: i128,
    /// Seconds that are added to every time.
    offset: i64,
}

impl Capture {
    /// Reads what stands before the packets.
    pub(super) fn open(mut source: Source) -> Result<Self, Failure> {
        // The reader wants what stands before the packets at once.
        let length = match source.look(SECTION_HEAD_BYTES)? {
            [a, b, c, d, length @ .., e, f, g, h] if [*a, *b, *c, *d] == SECTION => {
                let length = length.try_into().unwrap_or_default();
                let is_little = [*e, *f, *g, *h] == SMALLER_FIRST;
                let length = if is_little { u32::from_le_bytes(length) } else { u32::from_be_bytes(length) };
                usize::try_from(length).unwrap_or(usize::MAX)
            }
            _ => PCAP_HEADER_BYTES,
        };
        if length > BUFFER_BYTES {
            return Err(Problem::Beginning.into());
        }
        source.look(length)?;
        match create_reader(BUFFER_BYTES, source.into_reader()) {
            Ok(reader) => {
                let clock = Clock::PcapNg { interfaces: Vec::new() };
                Ok(Self { reader, buffer_bytes: BUFFER_BYTES, clock })
            }
            Err(PcapError::Incomplete(_) | PcapError::Eof) => Err(Problem::CutOff.into()),
            Err(_) => Err(Problem::Beginning.into()),
        }
    }

    /// The next packet; `None` after the last one.
    pub(super) fn next_packet(&mut self) -> Result<Option<Packet>, Failure> {
        loop {
            let at = u64::try_from(self.reader.consumed()).unwrap_or(u64::MAX);
            let more = match self.reader.next() {
                Ok((length, block)) => {
                    let packet = packet(&mut self.clock, &block, at)?;
                    self.reader.consume(length);
                    match packet {
                        Some(packet) => return Ok(Some(packet)),
                        None => continue,
                    }
                }
                Err(PcapError::Eof) => return Ok(None),
                Err(PcapError::Incomplete(_)) => More::Bytes,
                Err(PcapError::BufferTooSmall) => More::Room,
                Err(PcapError::UnexpectedEof) => return Err(Problem::CutOff.into()),
                Err(PcapError::ReadError) => return Err(Problem::Read { at }.into()),
                Err(_) => return Err(Problem::NoPacket { at }.into()),
            };
            match more {
                More::Bytes if self.reader.data().len() < self.buffer_bytes => {
                    self.reader.refill().map_err(|_| Problem::Read { at })?;
                }
                More::Bytes | More::Room => {
                    self.buffer_bytes *= 2;
                    if self.buffer_bytes > PACKET_BYTES_MAX || !self.reader.grow(self.buffer_bytes) {
                        return Err(Problem::TooLarge { at, limit: PACKET_BYTES_MAX }.into());
                    }
                    self.reader.refill().map_err(|_| Problem::Read { at })?;
                }
            }
        }
    }
}

/// What is missing to read on.
enum More {
    Bytes,
    Room,
}

/// The packet in a block, if there is one.
fn packet(clock: &mut Clock, block: &PcapBlockOwned<'_>, at: u64) -> Result<Option<Packet>, Problem> {
    let known = |clock: &Clock, interface: u32| match clock {
        Clock::PcapNg { interfaces } => {
            let found = usize::try_from(interface).ok().and_then(|index| interfaces.get(index));
            found.copied().ok_or(Problem::Interface { at, interface })
        }
        Clock::Pcap { .. } => Err(Problem::NoPacket { at }),
    };
    match block {
        PcapBlockOwned::LegacyHeader(header) => {
            let per_second = if header.is_nanosecond_precision() { 1_000_000_000 } else { 1_000_000 };
            // The upper half of the number says other things.
            let link = u16::try_from(header.network.0 & 0xffff).unwrap_or(u16::MAX);
            *clock = Clock::Pcap { link, per_second };
        }
        PcapBlockOwned::Legacy(block) => {
            let Clock::Pcap { link, per_second } = *clock else { return Err(Problem::NoPacket { at }) };
            let micros =
                i64::from(block.ts_sec) * 1_000_000 + i64::from(block.ts_usec) * 1_000_000 / per_second;
            let (is_cut, data) = (block.caplen < block.origlen, Bytes::copy_from_slice(block.data));
            return Ok(Some(Packet { micros, link, is_cut, data }));
        }
        PcapBlockOwned::NG(Block::SectionHeader(_)) => *clock = Clock::PcapNg { interfaces: Vec::new() },
        PcapBlockOwned::NG(Block::InterfaceDescription(block)) => {
            if let Clock::PcapNg { interfaces } = clock {
                let per_second = i128::from(block.ts_resolution().unwrap_or(1_000_000)).max(1);
                let link = u16::try_from(block.linktype.0).unwrap_or(u16::MAX);
                interfaces.push(Interface { link, per_second, offset: block.ts_offset() });
            }
        }
        PcapBlockOwned::NG(Block::EnhancedPacket(block)) => {
            let Interface { link, per_second, offset } = known(clock, block.if_id)?;
            let time = i128::from(u64::from(block.ts_high) << 32 | u64::from(block.ts_low));
            let micros = time * 1_000_000 / per_second + i128::from(offset) * 1_000_000;
            let micros = i64::try_from(micros).unwrap_or(i64::MAX);
            let (is_cut, data) = (block.truncated(), Bytes::copy_from_slice(block.packet_data()));
            return Ok(Some(Packet { micros, link, is_cut, data }));
        }
        PcapBlockOwned::NG(Block::SimplePacket(block)) => {
            let link = known(clock, 0)?.link;
            let data = Bytes::copy_from_slice(block.packet_data());
            return Ok(Some(Packet { micros: 0, link, is_cut: block.truncated(), data }));
        }
        PcapBlockOwned::NG(_) => {}
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packets(bytes: Vec<u8>) -> (Vec<Packet>, Option<String>) {
        let mut capture = match Capture::open(Source::of_bytes(bytes, None)) {
            Ok(capture) => capture,
            Err(failure) => return (Vec::new(), Some(failure.to_string())),
        };
        let mut packets = Vec::new();
        loop {
            match capture.next_packet() {
                Ok(Some(packet)) => packets.push(packet),
                Ok(None) => return (packets, None),
                Err(failure) => return (packets, Some(failure.to_string())),
            }
        }
    }

    fn expected(micros: i64, link: u16) -> Packet {
        Packet { micros, link, is_cut: false, data: Bytes::from_static(b"abc") }
    }

    fn pcap(is_little: bool, magic: u32) -> Vec<u8> {
        let number = |value: u32| if is_little { value.to_le_bytes() } else { value.to_be_bytes() };
        let versions: [u8; 4] = if is_little { [2, 0, 4, 0] } else { [0, 2, 0, 4] };
        let before = [number(magic), versions].concat();
        let numbers = [0, 0, 65_535, 1, 5, 250_000, 3, 3];
        let rest = numbers.iter().flat_map(|value| number(*value));
        before.into_iter().chain(rest).chain(*b"abc").collect()
    }

    const MICROS: u32 = 0xa1b2_c3d4;
    const NANOS: u32 = 0xa1b2_3c4d;

    #[test]
    fn packets_of_pcap_are_read_in_either_order_of_bytes() {
        for is_little in [true, false] {
            assert_eq!(packets(pcap(is_little, MICROS)), (vec![expected(5_250_000, 1)], None));
            assert_eq!(packets(pcap(is_little, NANOS)), (vec![expected(5_000_250, 1)], None));
        }
    }

    #[test]
    fn a_capture_that_is_cut_off_gives_the_packets_before() {
        let mut two = pcap(true, MICROS);
        two.extend_from_within(24..);
        two.pop();
        let (found, problem) = packets(two);
        assert_eq!(found, [expected(5_250_000, 1)]);
        assert!(problem.unwrap().contains("ends within a packet"));
        for length in 0..24 {
            let (found, problem) = packets(pcap(true, MICROS)[..length].to_vec());
            assert!(found.is_empty() && problem.is_some(), "{length}");
        }
    }

    #[test]
    fn a_packet_larger_than_the_buffer_is_read_and_a_lie_is_not_believed() {
        let mut large = pcap(true, MICROS);
        large.truncate(32);
        let length = u32::try_from(BUFFER_BYTES * 3).unwrap().to_le_bytes();
        large.extend([length, length].concat());
        large.extend(vec![7; BUFFER_BYTES * 3]);
        let (found, problem) = packets(large.clone());
        assert_eq!((found[0].data.len(), problem), (BUFFER_BYTES * 3, None));
        large[32..36].copy_from_slice(&i32::MAX.to_le_bytes());
        let (found, problem) = packets(large);
        assert!(found.is_empty(), "{problem:?}");
        assert!(problem.is_some());
    }

    fn block(kind: u32, body: &[u8]) -> Vec<u8> {
        let length = u32::try_from(body.len() + 12).unwrap().to_le_bytes();
        [&kind.to_le_bytes()[..], &length, body, &length].concat()
    }

    #[test]
    fn packets_of_pcapng_have_the_link_and_clock_of_their_interface() {
        let section = [&SMALLER_FIRST[..], &[1, 0, 0, 0], &[0xff; 8]].concat();
        let section = block(u32::from_le_bytes(SECTION), &section);
        // Link 113, nanoseconds.
        let interface = [&[113, 0, 0, 0, 0, 0, 0, 0][..], &[9, 0, 1, 0, 9, 0, 0, 0]].concat();
        let time = 7_000_000_000_u64;
        let halves = [u32::try_from(time >> 32).unwrap(), u32::try_from(time & 0xffff_ffff).unwrap()];
        let numbers = [0, halves[0], halves[1], 3, 3];
        let packet: Vec<u8> = numbers.iter().flat_map(|value: &u32| value.to_le_bytes()).collect();
        let packet = [&packet[..], b"abc\0"].concat();
        let whole = [section.clone(), block(5, &[0; 12]), block(1, &interface), block(6, &packet)].concat();
        assert_eq!(packets(whole), (vec![expected(7_000_000, 113)], None));
        let (found, problem) = packets([section, block(6, &packet)].concat());
        assert!(found.is_empty());
        assert!(problem.unwrap().contains("interface 0"));
    }

    #[test]
    fn other_bytes_are_no_capture() {
        assert!(packets(b"abcdefghijklmnopqrstuvwxyz".to_vec()).1.unwrap().contains("neither as pcap"));
    }
}
