// Writes golden bytes: messages as Apache Kafka itself puts them on the wire. Run by `cargo xtask golden`.
//
// A message is filled from Kafka's own schema of it: every field gets a value that follows from its name, by the rules
// that tests/messages/source.rs of ottla-protocol repeats. It is then read and written once more by the class that
// Kafka generates for the message, which must agree.
//
// Structures that are no messages are told by the name of their class. What stands before their fields is written here.
// Error codes are listed, each with its name and whether it is retriable. The last version of each is also written as
// Kafka's own JSON has it, a line each: the file, which of its two sequences of bytes, and the JSON.
//
//   java -cp KAFKA Golden.java FOLDER API... --data CLASS...

import java.lang.reflect.Method;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.message.RequestHeaderData;
import org.apache.kafka.common.message.ResponseHeaderData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.protocol.MessageUtil;
import org.apache.kafka.common.protocol.types.BoundField;
import org.apache.kafka.common.protocol.types.Field;
import org.apache.kafka.common.protocol.types.RawTaggedField;
import org.apache.kafka.common.protocol.types.Schema;
import org.apache.kafka.common.protocol.types.Struct;
import org.apache.kafka.common.protocol.types.TaggedFields;
import org.apache.kafka.common.protocol.types.Type;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.utils.AppInfoParser;
import org.apache.kafka.common.utils.ByteUtils;

public class Golden {
    /** Whether fields are null wherever they may be. */
    private final boolean nulls;
    /** Whether a tagged field that is null is written as null; where null is the default, it is left out. */
    private final boolean nullTags;
    /** Position in the innermost array. */
    private int index = 0;

    private Golden(boolean nulls, boolean nullTags) {
        this.nulls = nulls;
        this.nullTags = nullTags;
    }

    public static void main(String[] arguments) throws Exception {
        Path folder = Path.of(arguments[0]);
        Files.createDirectories(folder);
        Files.writeString(folder.resolve("error-codes.txt"), errorCodes());
        StringBuilder json = new StringBuilder("# Apache Kafka " + AppInfoParser.getVersion() + "\n");
        int i = 1;
        for (; !arguments[i].equals("--data"); i++) {
            ApiKeys api = null;
            for (ApiKeys key : ApiKeys.values()) {
                if (key.name.equals(arguments[i])) api = key;
            }
            for (boolean request : new boolean[] {true, false}) {
                for (short version : versions(api)) {
                    String name = kebab(api.name) + (request ? "-request-v" : "-response-v") + version + ".hex";
                    StringBuilder text = new StringBuilder("# Apache Kafka " + AppInfoParser.getVersion() + "\n");
                    for (boolean nulls : new boolean[] {false, true}) {
                        text.append(nulls ? "\n# null where it may be\n" : "# every field set\n");
                        ApiMessage message = request ? api.messageType.newRequest() : api.messageType.newResponse();
                        hex(text, frame(api, request, version, nulls, message));
                        if (version == api.messageType.highestSupportedVersion(true)) {
                            json.append(name + " " + nulls + " " + json(message, version) + "\n");
                        }
                    }
                    Files.writeString(folder.resolve(name), text);
                }
            }
        }
        for (i++; i < arguments.length; i++) {
            Class<?> type = data(arguments[i]);
            Schema[] schemas = (Schema[]) type.getField("SCHEMAS").get(null);
            ApiMessage empty = (ApiMessage) type.getConstructor().newInstance();
            boolean key = arguments[i].endsWith("Key");
            for (short version = empty.lowestSupportedVersion(); version <= empty.highestSupportedVersion(); version++) {
                short shown = key ? empty.apiKey() : version;
                StringBuilder text = new StringBuilder("# Apache Kafka " + AppInfoParser.getVersion() + "\n");
                for (boolean nulls : new boolean[] {false, true}) {
                    text.append(nulls ? "\n# null where it may be\n" : "# every field set\n");
                    ApiMessage message = (ApiMessage) type.getConstructor().newInstance();
                    ByteBuffer body = body(schemas[version], message, version, nulls);
                    if (version == empty.highestSupportedVersion()) {
                        String name = kebab(arguments[i]) + "-v" + shown + ".hex";
                        json.append(name + " " + nulls + " " + json(message, version) + "\n");
                    }
                    ByteBuffer bytes = ByteBuffer.allocate(10 + body.remaining());
                    if (arguments[i].startsWith("Remote")) {
                        ByteUtils.writeUnsignedVarint(empty.apiKey(), bytes);
                        ByteUtils.writeUnsignedVarint(version, bytes);
                    } else {
                        bytes.putShort(shown);
                    }
                    hex(text, bytes.put(body).flip());
                }
                Files.writeString(folder.resolve(kebab(arguments[i]) + "-v" + shown + ".hex"), text);
            }
        }
        Files.writeString(folder.resolve("messages.json"), json);
    }

    /** The message as Kafka's tools print it, without record data. */
    private static String json(ApiMessage message, short version) throws ReflectiveOperationException {
        Class<?> converter = Class.forName(message.getClass().getName() + "JsonConverter");
        Method write = converter.getMethod("write", message.getClass(), short.class, boolean.class);
        return write.invoke(null, message, version, false).toString();
    }

    /** The class that Kafka generates for a structure that is no message. */
    private static Class<?> data(String name) throws ClassNotFoundException {
        String[] packages = {
            "org.apache.kafka.common.message.",
            "org.apache.kafka.coordinator.group.generated.",
            "org.apache.kafka.coordinator.share.generated.",
            "org.apache.kafka.coordinator.transaction.generated.",
            "org.apache.kafka.server.log.remote.metadata.storage.generated.",
        };
        for (String folder : packages) {
            try {
                return Class.forName(folder + name);
            } catch (ClassNotFoundException e) {
                // It is in another one.
            }
        }
        throw new ClassNotFoundException(name);
    }

    /** A line for each error code. */
    private static String errorCodes() {
        StringBuilder text = new StringBuilder("# Apache Kafka " + AppInfoParser.getVersion() + "\n");
        for (Errors error : Errors.values()) {
            boolean retriable = error.exception() instanceof RetriableException;
            text.append(error.code() + " " + error + (retriable ? " retriable" : "") + "\n");
        }
        return text.toString();
    }

    /** The first and last versions, and those around the first flexible one. */
    private static TreeSet<Short> versions(ApiKeys api) {
        TreeSet<Short> versions = new TreeSet<>();
        short first = api.messageType.lowestSupportedVersion();
        short last = api.messageType.highestSupportedVersion(true);
        versions.add(first);
        versions.add(last);
        for (short version = first; version < last; version++) {
            if (api.requestHeaderVersion(version) != api.requestHeaderVersion((short) (version + 1))) {
                versions.add(version);
                versions.add((short) (version + 1));
            }
        }
        return versions;
    }

    /** A whole frame, size prefix first. */
    private static ByteBuffer frame(ApiKeys api, boolean request, short version, boolean nulls, ApiMessage message)
            throws ReflectiveOperationException {
        ApiMessage header;
        short headerVersion;
        if (request) {
            header = new RequestHeaderData().setRequestApiKey(api.id).setRequestApiVersion(version)
                .setCorrelationId(0x01020304).setClientId("golden");
            headerVersion = api.requestHeaderVersion(version);
        } else {
            header = new ResponseHeaderData().setCorrelationId(0x01020304);
            headerVersion = api.responseHeaderVersion(version);
        }
        Schema[] schemas = request ? api.messageType.requestSchemas() : api.messageType.responseSchemas();
        ByteBuffer body = body(schemas[version], message, version, nulls);
        ByteBuffer head = MessageUtil.toByteBufferAccessor(header, headerVersion).buffer();
        ByteBuffer frame = ByteBuffer.allocate(4 + head.remaining() + body.remaining());
        frame.putInt(head.remaining() + body.remaining()).put(head).put(body).flip();
        return frame;
    }

    /** The fields of a message; `message` is an empty one. */
    private static ByteBuffer body(Schema schema, ApiMessage message, short version, boolean nulls)
            throws ReflectiveOperationException {
        for (boolean nullTags : new boolean[] {true, false}) {
            Struct filled = new Golden(nulls, nullTags).fill(schema);
            ByteBuffer body = ByteBuffer.allocate(filled.sizeOf());
            filled.writeTo(body);
            body.flip();
            message.read(new ByteBufferAccessor(body.duplicate()), version);
            ByteBuffer again = MessageUtil.toByteBufferAccessor(message, version).buffer();
            if (!again.equals(body)) continue;
            if (nulls && clearTaggedStructs(schema, message)) {
                return MessageUtil.toByteBufferAccessor(message, version).buffer();
            }
            return body;
        }
        throw new IllegalStateException("the schema and the class of " + message + " disagree");
    }

    /**
     * Sets tagged structs to null that may be null. Kafka's schemas say that such a null is the byte -1, as it is in
     * other fields, while its classes read and write an unsigned varint of 0; what counts is what the classes do.
     */
    private static boolean clearTaggedStructs(Schema schema, ApiMessage message) throws ReflectiveOperationException {
        boolean cleared = false;
        for (BoundField bound : schema.fields()) {
            if (!(bound.def.type instanceof TaggedFields)) continue;
            for (Field field : ((TaggedFields) bound.def.type).fields().values()) {
                if (!(field.type instanceof Schema) || !field.type.isNullable()) continue;
                for (Method method : message.getClass().getMethods()) {
                    if (method.getName().equalsIgnoreCase("set" + plain(field.name))) {
                        method.invoke(message, (Object) null);
                        cleared = true;
                    }
                }
            }
        }
        return cleared;
    }

    private Struct fill(Schema schema) {
        Struct struct = new Struct(schema);
        for (BoundField field : schema.fields()) {
            struct.set(field, value(field.def.name, field.def.type));
        }
        return struct;
    }

    private Object value(String name, Type type) {
        if (nulls && type.isNullable()) return null;
        if (type instanceof Schema) return fill((Schema) type);
        if (type instanceof TaggedFields) {
            TreeMap<Integer, Object> fields = new TreeMap<>();
            ((TaggedFields) type).fields().forEach((tag, field) -> {
                Object value = value(field.name, field.type);
                boolean struct = field.type instanceof Schema;
                if (value != null || nullTags && !struct) fields.put(tag, value);
            });
            byte[] unknown = "unknown".getBytes(StandardCharsets.UTF_8);
            if (!nulls) fields.put(1000, new RawTaggedField(1000, unknown));
            return fields;
        }
        if (type.isArray()) {
            Type element = type.arrayElementType().get();
            List<Object> elements = new ArrayList<>();
            int outer = index;
            for (index = 0; index < 2; index++) elements.add(value(name, element));
            index = outer;
            return elements.toArray();
        }
        int number = number(name);
        String text = plain(name) + index;
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        String kind = ((Type.DocumentedType) type).typeName();
        if (kind.endsWith("RECORDS")) return MemoryRecords.readableRecords(ByteBuffer.wrap(utf8));
        if (kind.endsWith("BYTES")) return ByteBuffer.wrap(utf8);
        if (kind.endsWith("STRING")) return text;
        switch (kind) {
            case "BOOLEAN": return true;
            case "INT8": return (byte) number;
            case "INT16": return (short) number;
            case "UINT16": return number & 0xffff;
            case "INT32": return number;
            case "UINT32": return (long) number & 0xffffffffL;
            case "INT64": return number * 1000003L;
            case "FLOAT64": return (double) number;
            case "UUID": return new Uuid(number * 1000003L, number);
            default: throw new IllegalArgumentException(name + " is a " + kind);
        }
    }

    /** FNV-1a of the name without underscores, and the position. */
    private int number(String name) {
        int hash = 0x811c9dc5;
        for (byte b : plain(name).getBytes(StandardCharsets.UTF_8)) hash = (hash ^ b) * 0x01000193;
        return hash + index;
    }

    private static String plain(String name) {
        return name.replace("_", "");
    }

    private static String kebab(String name) {
        return name.replaceAll("(?<!^)([A-Z])", "-$1").toLowerCase();
    }

    private static void hex(StringBuilder text, ByteBuffer bytes) {
        for (int i = 0; bytes.hasRemaining(); i++) {
            text.append(String.format("%02x", bytes.get()));
            if (i % 32 == 31 || !bytes.hasRemaining()) text.append('\n');
        }
    }
}
