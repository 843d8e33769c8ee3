// Runs scripts of requests to classic groups against a broker, and writes down what it answers.
//
// Run by `cargo xtask golden groups`:
//
//   java -cp KAFKA Groups.java PORT SCRIPT >ANSWERED
//
// The script is copied line by line. Lines that begin with "=" hold answers: old ones are left out, and those that come
// within TURN_MS after a command are written below it. How to read and write them is told in the script itself
// (crates/ottla-broker/src/groups/classic/tests/kafka.txt). A case has a group of its own; member ids are named in the
// order in which they are first seen.

import java.io.DataInputStream;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListMap;
import org.apache.kafka.common.message.*;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.protocol.MessageUtil;

public class Groups {
    /** How long answers are waited for after each command. */
    private static final long TURN_MS = 250;

    private final int port;
    private final String run = Long.toString(System.currentTimeMillis(), 36);
    private final Map<String, Integer> names = new HashMap<>();
    private final Map<String, String> ids = new HashMap<>();
    private final Map<String, Link> links = new HashMap<>();
    private final ConcurrentSkipListMap<String, ApiMessage> answers = new ConcurrentSkipListMap<>();
    private final StringBuilder out = new StringBuilder();
    private String group = "";
    private int cases = 0;

    private Groups(int port) {
        this.port = port;
    }

    public static void main(String[] arguments) throws Exception {
        Groups groups = new Groups(Integer.parseInt(arguments[0]));
        groups.prepare();
        for (String line : Files.readAllLines(Path.of(arguments[1]))) {
            groups.line(line);
        }
        System.out.print(groups.out);
        System.out.flush();
        System.exit(0);
    }

    /** Sees to it that there are a coordinator, and the topic `t`. */
    private void prepare() throws Exception {
        var topics = new CreateTopicsRequestData.CreatableTopicCollection();
        topics.add(new CreateTopicsRequestData.CreatableTopic().setName("t").setNumPartitions(1).setReplicationFactor((short) 1));
        ask(ApiKeys.CREATE_TOPICS, (short) 5, new CreateTopicsRequestData().setTopics(topics).setTimeoutMs(10_000));
        for (int i = 0; i < 100; i++) {
            ask(ApiKeys.FIND_COORDINATOR, (short) 4, new FindCoordinatorRequestData().setCoordinatorKeys(List.of("g")));
            var listed = (DescribeGroupsResponseData) ask(
                ApiKeys.DESCRIBE_GROUPS, (short) 5, new DescribeGroupsRequestData().setGroups(List.of("g")));
            if (listed.groups().get(0).errorCode() == 0) {
                // The first request of a kind takes its time, which would not be the broker's.
                send("prepare", "join", (short) 3, Map.of("group", "g", "session", "1"));
                Thread.sleep(TURN_MS);
                tell();
                out.setLength(0);
                return;
            }
            Thread.sleep(100);
        }
        throw new IllegalStateException("there is no coordinator");
    }

    private ApiMessage ask(ApiKeys api, short version, ApiMessage request) throws Exception {
        new Link("prepare", api, version, request);
        while (!answers.containsKey("prepare")) Thread.sleep(10);
        return answers.remove("prepare");
    }

    private void line(String line) throws Exception {
        String text = line.strip();
        if (text.startsWith("=")) return;
        out.append(line).append('\n');
        if (text.isEmpty() || text.startsWith("#")) return;
        if (text.startsWith("case ")) {
            System.err.println(text);
            for (Link link : links.values()) link.socket.close();
            links.clear();
            names.clear();
            ids.clear();
            answers.clear();
            group = "g" + ++cases + "-" + run;
            return;
        }
        if (text.startsWith("pass ")) {
            Thread.sleep(Long.parseLong(text.substring(5)));
        } else {
            int colon = text.indexOf(':');
            String key = text.substring(0, colon);
            String[] words = text.substring(colon + 1).strip().split(" +");
            Map<String, String> fields = new LinkedHashMap<>();
            for (int i = 2; i < words.length; i++) {
                int equals = words[i].indexOf('=');
                fields.put(words[i].substring(0, equals), words[i].substring(equals + 1));
            }
            send(key, words[0], Short.parseShort(words[1]), fields);
            Thread.sleep(TURN_MS);
        }
        tell();
    }

    private void send(String key, String verb, short version, Map<String, String> fields) throws Exception {
        String group = fields.getOrDefault("group", this.group);
        String member = id(fields.getOrDefault("member", ""));
        String instance = fields.get("instance");
        int generation = Integer.parseInt(fields.getOrDefault("generation", "-1"));
        ApiKeys api;
        ApiMessage request;
        switch (verb) {
            case "join" -> {
                api = ApiKeys.JOIN_GROUP;
                var protocols = new JoinGroupRequestData.JoinGroupRequestProtocolCollection();
                for (String protocol : list(fields.getOrDefault("protocols", "range:r"))) {
                    String[] parts = protocol.split(":");
                    protocols.add(new JoinGroupRequestData.JoinGroupRequestProtocol()
                        .setName(parts[0]).setMetadata(metadata(parts[1])));
                }
                request = new JoinGroupRequestData()
                    .setGroupId(group)
                    .setMemberId(member)
                    .setGroupInstanceId(instance)
                    .setSessionTimeoutMs(Integer.parseInt(fields.getOrDefault("session", "60000")))
                    .setRebalanceTimeoutMs(Integer.parseInt(fields.getOrDefault("rebalance", "60000")))
                    .setProtocolType(fields.getOrDefault("type", "consumer"))
                    .setProtocols(protocols)
                    .setReason(fields.get("reason"));
            }
            case "sync" -> {
                api = ApiKeys.SYNC_GROUP;
                List<SyncGroupRequestData.SyncGroupRequestAssignment> assignments = new ArrayList<>();
                for (String assignment : list(fields.getOrDefault("assign", ""))) {
                    String[] parts = assignment.split(":");
                    assignments.add(new SyncGroupRequestData.SyncGroupRequestAssignment()
                        .setMemberId(id(parts[0])).setAssignment(parts[1].getBytes(StandardCharsets.UTF_8)));
                }
                request = new SyncGroupRequestData()
                    .setGroupId(group)
                    .setMemberId(member)
                    .setGroupInstanceId(instance)
                    .setGenerationId(generation)
                    .setProtocolType(fields.get("type"))
                    .setProtocolName(fields.get("protocol"))
                    .setAssignments(assignments);
            }
            case "beat" -> {
                api = ApiKeys.HEARTBEAT;
                request = new HeartbeatRequestData()
                    .setGroupId(group).setMemberId(member).setGroupInstanceId(instance).setGenerationId(generation);
            }
            case "leave" -> {
                api = ApiKeys.LEAVE_GROUP;
                List<LeaveGroupRequestData.MemberIdentity> members = new ArrayList<>();
                for (String identity : list(fields.getOrDefault("members", ""))) {
                    String[] parts = identity.split("/", -1);
                    members.add(new LeaveGroupRequestData.MemberIdentity()
                        .setMemberId(id(parts[0])).setGroupInstanceId(parts.length > 1 ? parts[1] : null));
                }
                request = new LeaveGroupRequestData().setGroupId(group).setMemberId(member).setMembers(members);
            }
            case "commit" -> {
                api = ApiKeys.OFFSET_COMMIT;
                request = new OffsetCommitRequestData()
                    .setGroupId(group).setMemberId(member).setGroupInstanceId(instance)
                    .setGenerationIdOrMemberEpoch(generation)
                    .setTopics(List.of(new OffsetCommitRequestData.OffsetCommitRequestTopic()
                        .setName("t")
                        .setPartitions(List.of(new OffsetCommitRequestData.OffsetCommitRequestPartition()
                            .setPartitionIndex(0).setCommittedOffset(1)))));
            }
            case "describe" -> {
                api = ApiKeys.DESCRIBE_GROUPS;
                request = new DescribeGroupsRequestData().setGroups(List.of(group));
            }
            case "list" -> {
                api = ApiKeys.LIST_GROUPS;
                request = new ListGroupsRequestData();
            }
            case "delete" -> {
                api = ApiKeys.DELETE_GROUPS;
                request = new DeleteGroupsRequestData().setGroupsNames(List.of(group));
            }
            default -> throw new IllegalArgumentException(verb);
        }
        links.put(key, new Link(key, api, version, request));
    }

    /** A connection with one request on it. */
    private class Link {
        private final Socket socket;

        Link(String key, ApiKeys api, short version, ApiMessage request) throws Exception {
            socket = new Socket("127.0.0.1", port);
            short headerVersion = api.requestHeaderVersion(version);
            var header = new RequestHeaderData()
                .setRequestApiKey(api.id).setRequestApiVersion(version).setCorrelationId(1).setClientId("c");
            ByteBuffer head = MessageUtil.toByteBufferAccessor(header, headerVersion).buffer();
            ByteBuffer body = MessageUtil.toByteBufferAccessor(request, version).buffer();
            ByteBuffer frame = ByteBuffer.allocate(4 + head.remaining() + body.remaining());
            frame.putInt(head.remaining() + body.remaining()).put(head).put(body).flip();
            socket.getOutputStream().write(frame.array(), 0, frame.limit());
            Thread reader = new Thread(() -> {
                try {
                    DataInputStream in = new DataInputStream(socket.getInputStream());
                    byte[] bytes = new byte[in.readInt()];
                    in.readFully(bytes);
                    var accessor = new ByteBufferAccessor(ByteBuffer.wrap(bytes));
                    new ResponseHeaderData(accessor, api.responseHeaderVersion(version));
                    ApiMessage response = api.messageType.newResponse();
                    response.read(accessor, version);
                    answers.put(key, response);
                } catch (Exception closed) {
                    // the case is over
                }
            });
            reader.setDaemon(true);
            reader.start();
        }
    }

    /** Writes down the answers that have come. */
    private void tell() throws Exception {
        TreeMap<String, ApiMessage> come = new TreeMap<>(answers);
        come.keySet().forEach(answers::remove);
        come.values().forEach(answer -> {
            if (answer instanceof JoinGroupResponseData join) name(join.memberId());
        });
        come.forEach((key, answer) -> out.append("= ").append(key).append(' ').append(text(answer)).append('\n'));
    }

    private String text(ApiMessage answer) {
        if (answer instanceof JoinGroupResponseData join) {
            TreeSet<String> members = new TreeSet<>();
            name(join.leader());
            join.members().forEach(member -> {
                String text = name(member.memberId());
                if (member.groupInstanceId() != null) text += "/" + member.groupInstanceId();
                members.add(text + ":" + metadata(member.metadata()));
            });
            return error(join.errorCode()) + " generation=" + join.generationId() + " type=" + join.protocolType()
                + " protocol=" + join.protocolName() + " leader=" + name(join.leader()) + " member=" + name(join.memberId())
                + " skip=" + join.skipAssignment() + " members=" + String.join(",", members);
        } else if (answer instanceof SyncGroupResponseData sync) {
            return error(sync.errorCode()) + " type=" + sync.protocolType() + " protocol=" + sync.protocolName()
                + " assignment=" + new String(sync.assignment(), StandardCharsets.UTF_8);
        } else if (answer instanceof HeartbeatResponseData beat) {
            return error(beat.errorCode());
        } else if (answer instanceof LeaveGroupResponseData leave) {
            StringBuilder text = new StringBuilder(error(leave.errorCode()));
            leave.members().forEach(member -> text.append(' ').append(name(member.memberId()))
                .append('/').append(member.groupInstanceId()).append(':').append(error(member.errorCode())));
            return text.toString();
        } else if (answer instanceof OffsetCommitResponseData commit) {
            return error(commit.topics().get(0).partitions().get(0).errorCode());
        } else if (answer instanceof DescribeGroupsResponseData describe) {
            var described = describe.groups().get(0);
            TreeSet<String> members = new TreeSet<>();
            described.members().forEach(member -> members.add(name(member.memberId()) + "/" + member.groupInstanceId()
                + ":" + member.clientId() + ":" + member.clientHost() + ":" + metadata(member.memberMetadata())
                + ":" + new String(member.memberAssignment(), StandardCharsets.UTF_8)));
            return error(described.errorCode()) + " state=" + described.groupState() + " type=" + described.protocolType()
                + " protocol=" + described.protocolData() + " members=" + String.join(",", members);
        } else if (answer instanceof ListGroupsResponseData list) {
            for (var listed : list.groups()) {
                if (listed.groupId().equals(group)) {
                    return "state=" + listed.groupState() + " kind=" + listed.groupType() + " type=" + listed.protocolType();
                }
            }
            return "not there";
        } else if (answer instanceof DeleteGroupsResponseData delete) {
            return error(delete.results().iterator().next().errorCode());
        }
        throw new IllegalStateException(answer.toString());
    }

    private static String error(short code) {
        return Errors.forCode(code).name();
    }

    /** How a member id is written: by a number, its prefix left out. */
    private String name(String id) {
        if (id.isEmpty()) return "";
        if (id.length() < 36) return id;
        Integer number = names.get(id);
        if (number == null) {
            number = names.size() + 1;
            names.put(id, number);
            ids.put("@" + number, id);
        }
        return "@" + number;
    }

    private String id(String name) {
        return name.startsWith("@") ? ids.getOrDefault(name, name) : name;
    }

    private static List<String> list(String text) {
        return text.isEmpty() ? List.of() : List.of(text.split(","));
    }

    /** A subscription to one topic, named by the text; "-" stands for bytes that are none. */
    private static byte[] metadata(String text) {
        if (text.startsWith("-")) return text.getBytes(StandardCharsets.UTF_8);
        byte[] topic = text.getBytes(StandardCharsets.UTF_8);
        ByteBuffer bytes = ByteBuffer.allocate(2 + 4 + 2 + topic.length + 4);
        bytes.putShort((short) 0).putInt(1).putShort((short) topic.length).put(topic).putInt(-1);
        return bytes.array();
    }

    private static String metadata(byte[] bytes) {
        if (bytes.length < 12) return new String(bytes, StandardCharsets.UTF_8);
        return new String(bytes, 8, bytes.length - 12, StandardCharsets.UTF_8);
    }
}
