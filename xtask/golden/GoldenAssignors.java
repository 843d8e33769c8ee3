// Writes what Kafka's own assignors decide, and the bytes by which members tell each other, for ottla-consumer to
// compare with. Run by `cargo xtask golden`; its argument is the folder to write into.

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor.Assignment;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor.Subscription;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;
import org.apache.kafka.clients.consumer.RangeAssignor;
import org.apache.kafka.clients.consumer.RoundRobinAssignor;
import org.apache.kafka.clients.consumer.StickyAssignor;
import org.apache.kafka.clients.consumer.internals.AbstractPartitionAssignor;
import org.apache.kafka.clients.consumer.internals.ConsumerProtocol;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.utils.AppInfoParser;

public class GoldenAssignors {
    static final String[] RACKS = {"a", "b", "c"};
    static final int MEMBERS_MAX = 12;
    /** Seeds in which several partitions could go back the way they came: the order of a HashSet says which does. */
    static final List<Integer> RETURNING = List.of(578, 1186, 1220, 1750, 2766, 3692);

    /** A member, over the rounds of one history. */
    static final class Member {
        String id;
        Optional<String> instance = Optional.empty();
        Optional<String> rack = Optional.empty();
        TreeSet<String> topics = new TreeSet<>();
        List<TopicPartition> owned = new ArrayList<>();
        int generation = -1;
    }

    public static void main(String[] args) throws IOException {
        Path folder = Path.of(args[0]);
        Files.createDirectories(folder);
        String from = "# Apache Kafka " + AppInfoParser.getVersion() + ", by `cargo xtask golden`\n";
        for (String name : List.of("range", "roundrobin", "sticky", "cooperative-sticky"))
            Files.writeString(folder.resolve("assignor-" + name + ".txt"), from + histories(name));
        Files.writeString(folder.resolve("assignor-settling.txt"), from + settling());
        Files.writeString(folder.resolve("consumer-protocol.txt"), from + wire());
    }

    static AbstractPartitionAssignor assignor(String name) {
        switch (name) {
            case "range": return new RangeAssignor();
            case "roundrobin": return new RoundRobinAssignor();
            case "sticky": return new StickyAssignor();
            default: return new CooperativeStickyAssignor();
        }
    }

    /** Kafka walks members in the order of a HashMap: with these ids, that is the order of the ids. */
    static String prefix() {
        for (int number = 0; number < 1_000_000; number++) {
            String prefix = "m" + number;
            Map<String, Integer> map = new HashMap<>();
            List<String> ids = new ArrayList<>();
            for (char last = 'A'; last < 'A' + MEMBERS_MAX; last++) {
                map.put(prefix + last, 0);
                ids.add(prefix + last);
            }
            if (new ArrayList<>(map.keySet()).equals(ids))
                return prefix;
        }
        throw new IllegalStateException("no prefix will do");
    }

    static String histories(String name) {
        StringBuilder out = new StringBuilder();
        String prefix = prefix();
        for (int seed = 0; seed < 36; seed++) {
            Random random = new Random(seed * 31L + name.hashCode());
            boolean alike = seed % 3 != 0;
            boolean racks = seed % 4 == 1;
            boolean instances = seed % 5 == 2;
            TreeMap<String, List<String>> topics = new TreeMap<>();
            for (int i = 0; i < 1 + random.nextInt(4); i++)
                topics.put("t" + i, partitions(random, 1 + random.nextInt(seed % 7 == 0 ? 30 : 8), racks));
            if (seed % 6 == 4)
                topics.replaceAll((topic, old) -> topics.firstEntry().getValue());
            TreeMap<String, Member> members = new TreeMap<>();
            for (int i = 0; i < 1 + random.nextInt(5); i++)
                join(random, members, topics, prefix, alike, racks, instances);
            for (int round = 0; round < 6; round++) {
                out.append(oneCase(name, seed + "." + round, topics, members, round));
                switch (random.nextInt(6)) {
                    case 0: if (members.size() > 1) members.remove(pick(random, members)); break;
                    case 1: case 2: join(random, members, topics, prefix, alike, racks, instances); break;
                    case 3:
                        topics.put("t" + topics.size(), partitions(random, 1 + random.nextInt(6), racks));
                        String added = topics.lastKey();
                        members.values().forEach(m -> { if (alike || random.nextBoolean()) m.topics.add(added); });
                        break;
                    case 4: // Somebody comes back from an older generation.
                        Member late = members.get(pick(random, members));
                        if (late.generation > 0) late.generation--;
                        break;
                    default: break;
                }
            }
        }
        return out.toString();
    }

    /** What follows when members of a cooperative group with racks come and go: rounds until nothing is held back. */
    static String settling() {
        StringBuilder out = new StringBuilder();
        String prefix = prefix();
        int settled = 0;
        int endless = 0;
        for (int seed = 0; settled < 60 || endless < 2; seed++) {
            Random random = new Random(seed);
            boolean alike = seed % 2 != 0;
            TreeMap<String, List<String>> topics = new TreeMap<>();
            for (int i = 0; i < 1 + random.nextInt(4); i++) {
                List<String> partitions = new ArrayList<>();
                int count = 1 + random.nextInt(11);
                int spread = random.nextInt(4);
                for (int k = 0; k < count; k++) partitions.add(spread == 0 ? "-" : RACKS[k % spread]);
                topics.put("t" + i, partitions);
            }
            TreeMap<String, Member> members = new TreeMap<>();
            int count = 1 + random.nextInt(8);
            for (int i = 0; i < count; i++) join(random, members, topics, prefix, alike, true, false);
            oneCase("cooperative-sticky", "", topics, members, 0);
            int changes = 1 + random.nextInt(8);
            for (int i = 0; i < changes; i++) {
                if (random.nextBoolean() && members.size() > 1) members.remove(pick(random, members));
                else join(random, members, topics, prefix, alike, true, false);
            }
            long wanted = topics.entrySet().stream()
                .filter(topic -> members.values().stream().anyMatch(m -> m.topics.contains(topic.getKey())))
                .mapToLong(topic -> topic.getValue().size()).sum();
            StringBuilder history = new StringBuilder();
            String last = "";
            int round = 0;
            do {
                last = oneCase("cooperative-sticky", seed + "." + ++round, topics, members, round);
                history.append(last);
            } while (round < 20 && members.values().stream().mapToLong(m -> m.owned.size()).sum() < wanted);
            if (round == 20 && endless < 2) {
                // How Java goes on from here is of no interest: it never comes to an end.
                endless++;
                last.lines().filter(line -> !line.startsWith("gets")).forEach(line -> out.append(line).append('\n'));
            } else if (RETURNING.contains(seed)) {
                out.append(history);
            } else if (round >= 3 && round < 20 && settled < 60) {
                settled++;
                out.append(history);
            }
        }
        return out.toString();
    }

    static String pick(Random random, TreeMap<String, Member> members) {
        return new ArrayList<>(members.keySet()).get(random.nextInt(members.size()));
    }

    static List<String> partitions(Random random, int count, boolean racks) {
        List<String> partitions = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            TreeSet<String> of = new TreeSet<>();
            if (racks)
                for (int r = 0; r < 1 + random.nextInt(2); r++) of.add(RACKS[random.nextInt(RACKS.length)]);
            partitions.add(of.isEmpty() ? "-" : String.join("+", of));
        }
        return partitions;
    }

    static void join(Random random, TreeMap<String, Member> members, TreeMap<String, List<String>> topics,
                     String prefix, boolean alike, boolean racks, boolean instances) {
        Member member = new Member();
        if (members.size() == MEMBERS_MAX) return;
        do member.id = prefix + (char) ('A' + random.nextInt(MEMBERS_MAX)); while (members.containsKey(member.id));
        for (String topic : topics.keySet())
            if (alike || random.nextInt(3) > 0) member.topics.add(topic);
        if (member.topics.isEmpty()) member.topics.add(topics.firstKey());
        if (racks && random.nextInt(5) > 0) member.rack = Optional.of(RACKS[random.nextInt(RACKS.length)]);
        if (instances && random.nextBoolean()) member.instance = Optional.of("i" + (9 - members.size()) + member.id);
        members.put(member.id, member);
    }

    static String oneCase(String name, String label, TreeMap<String, List<String>> topics,
                          TreeMap<String, Member> members, int round) {
        StringBuilder out = new StringBuilder("case " + label + "\n");
        Map<String, List<PartitionInfo>> infos = new HashMap<>();
        topics.forEach((topic, partitions) -> {
            out.append("topic ").append(topic).append(' ').append(String.join(" ", partitions)).append('\n');
            if (members.values().stream().anyMatch(m -> m.topics.contains(topic))) {
                List<PartitionInfo> list = new ArrayList<>();
                for (int i = 0; i < partitions.size(); i++) {
                    List<Node> replicas = new ArrayList<>();
                    for (String rack : partitions.get(i).split("\\+"))
                        replicas.add(new Node(replicas.size(), "h", 1, rack.equals("-") ? null : rack));
                    Node[] nodes = replicas.toArray(new Node[0]);
                    list.add(new PartitionInfo(topic, i, nodes[0], nodes, nodes));
                }
                infos.put(topic, list);
            }
        });
        Map<String, Subscription> subscriptions = new TreeMap<>();
        for (Member member : members.values()) {
            out.append("member ").append(member.id).append(' ').append(member.instance.orElse("-")).append(' ')
                .append(member.rack.orElse("-")).append(' ').append(member.generation).append(' ')
                .append(String.join(",", member.topics));
            member.owned.forEach(tp -> out.append(' ').append(tp));
            out.append('\n');
            ByteBuffer userData = null;
            List<TopicPartition> owned = member.owned;
            if (name.equals("sticky")) {
                userData = member.generation < 0 ? null : stickyUserData(member);
                owned = List.of();
            }
            Subscription subscription = new Subscription(new ArrayList<>(member.topics), userData, owned,
                member.generation, member.rack);
            subscription.setGroupInstanceId(member.instance);
            subscriptions.put(member.id, subscription);
        }
        try {
            Map<String, List<TopicPartition>> assigned = assignor(name).assignPartitions(infos, subscriptions);
            for (Member member : members.values()) {
                member.owned = new ArrayList<>(assigned.get(member.id));
                member.owned.sort(Comparator.comparing(TopicPartition::topic).thenComparing(TopicPartition::partition));
                member.generation = round + 1;
                out.append("gets ").append(member.id);
                member.owned.forEach(tp -> out.append(' ').append(tp));
                out.append('\n');
            }
        } catch (RuntimeException e) {
            out.append("fails ").append(e.getClass().getSimpleName()).append('\n');
        }
        return out.append('\n').toString();
    }

    static ByteBuffer stickyUserData(Member member) {
        StickyAssignor assignor = new StickyAssignor();
        assignor.onAssignment(new Assignment(member.owned), metadata(member.generation));
        return assignor.subscriptionUserData(member.topics);
    }

    @SuppressWarnings("removal")
    static ConsumerGroupMetadata metadata(int generation) {
        return new ConsumerGroupMetadata("group", generation, "member", Optional.empty());
    }

    /** What each assignor sends as a member joins, first without and then with something owned; and assignments. */
    static String wire() {
        StringBuilder out = new StringBuilder();
        List<TopicPartition> owned = List.of(new TopicPartition("orders", 0), new TopicPartition("orders", 3),
            new TopicPartition("refunds", 1));
        List<String> topics = List.of("refunds", "orders");
        for (String name : List.of("range", "roundrobin", "sticky", "cooperative-sticky"))
            for (boolean first : new boolean[] {true, false})
                for (Optional<String> rack : List.of(Optional.<String>empty(), Optional.of("zone-1"))) {
                    AbstractPartitionAssignor assignor = assignor(name);
                    if (!first) assignor.onAssignment(new Assignment(owned), metadata(7));
                    boolean keeps = !first && name.equals("cooperative-sticky");
                    ByteBuffer userData = assignor.subscriptionUserData(new TreeSet<>(topics));
                    Subscription subscription = new Subscription(topics, userData, keeps ? owned : List.of(),
                        first ? -1 : 7, rack);
                    out.append("subscription ").append(name).append(first ? " first " : " again ")
                        .append(rack.orElse("-")).append(' ')
                        .append(hex(ConsumerProtocol.serializeSubscription(subscription))).append('\n');
                }
        for (List<TopicPartition> assigned : List.of(List.<TopicPartition>of(), owned)) {
            out.append("assignment ").append(assigned.size()).append(' ')
                .append(hex(ConsumerProtocol.serializeAssignment(new Assignment(assigned)))).append('\n');
        }
        return out.toString();
    }

    static String hex(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.get(bytes);
        return HexFormat.of().formatHex(bytes);
    }
}
