// Writes golden batches: records as Apache Kafka itself lays them out. Run by `cargo xtask golden`.
//
// Every file holds the same three records, but for control batches. What they are is repeated in
// tests/records/golden.rs of ottla-protocol, which reads the files.
//
//   java -cp KAFKA GoldenBatches.java FOLDER

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.ControlRecordType;
import org.apache.kafka.common.record.internal.EndTransactionMarker;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MemoryRecordsBuilder;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.utils.AppInfoParser;
import org.apache.kafka.common.utils.ByteBufferOutputStream;

public class GoldenBatches {
    private static final long BASE_OFFSET = 7;
    private static final int LEADER_EPOCH = 3;
    private static final long TIME = 1_700_000_000_000L;
    private static final long APPEND_TIME = TIME + 60_000;
    private static final long DELETE_HORIZON = TIME + 86_400_000;
    private static final long PRODUCER_ID = 4242;
    private static final short PRODUCER_EPOCH = 5;
    private static final int SEQUENCE = 100;
    private static final int COORDINATOR_EPOCH = 11;

    private static Path folder;

    public static void main(String[] arguments) throws Exception {
        folder = Path.of(arguments[0]);
        Files.createDirectories(folder);
        for (CompressionType codec : CompressionType.values()) {
            write("batch-" + codec.name, records(batch(codec, TimestampType.CREATE_TIME, false, false, RecordBatch.NO_TIMESTAMP)));
        }
        write("batch-transactional", records(batch(CompressionType.NONE, TimestampType.CREATE_TIME, true, false, RecordBatch.NO_TIMESTAMP)));
        write("batch-log-append-time", records(batch(CompressionType.NONE, TimestampType.LOG_APPEND_TIME, false, false, RecordBatch.NO_TIMESTAMP)));
        write("batch-delete-horizon", records(batch(CompressionType.NONE, TimestampType.CREATE_TIME, false, false, DELETE_HORIZON)));
        for (ControlRecordType type : new ControlRecordType[] {ControlRecordType.COMMIT, ControlRecordType.ABORT}) {
            MemoryRecordsBuilder marker = batch(CompressionType.NONE, TimestampType.CREATE_TIME, true, true, RecordBatch.NO_TIMESTAMP);
            marker.appendEndTxnMarker(TIME, new EndTransactionMarker(type, COORDINATOR_EPOCH));
            write("batch-" + type.name().toLowerCase(), marker.build());
        }
        for (CompressionType codec : new CompressionType[] {CompressionType.NONE, CompressionType.GZIP, CompressionType.SNAPPY, CompressionType.LZ4}) {
            write("batch-legacy-v0-" + codec.name, records(legacy(RecordBatch.MAGIC_VALUE_V0, codec, TimestampType.CREATE_TIME)));
            write("batch-legacy-v1-" + codec.name, records(legacy(RecordBatch.MAGIC_VALUE_V1, codec, TimestampType.CREATE_TIME)));
        }
        write("batch-legacy-v1-log-append-time", records(legacy(RecordBatch.MAGIC_VALUE_V1, CompressionType.GZIP, TimestampType.LOG_APPEND_TIME)));
    }

    private static MemoryRecordsBuilder batch(CompressionType codec, TimestampType type, boolean transactional, boolean control, long deleteHorizon) {
        return new MemoryRecordsBuilder(
            new ByteBufferOutputStream(1024), RecordBatch.CURRENT_MAGIC_VALUE, Compression.of(codec).build(), type, BASE_OFFSET,
            type == TimestampType.LOG_APPEND_TIME ? APPEND_TIME : RecordBatch.NO_TIMESTAMP,
            transactional ? PRODUCER_ID : RecordBatch.NO_PRODUCER_ID,
            transactional ? PRODUCER_EPOCH : RecordBatch.NO_PRODUCER_EPOCH,
            transactional && !control ? SEQUENCE : RecordBatch.NO_SEQUENCE,
            transactional, control, LEADER_EPOCH, 1 << 20, deleteHorizon);
    }

    private static MemoryRecordsBuilder legacy(byte magic, CompressionType codec, TimestampType type) {
        return MemoryRecords.builder(ByteBuffer.allocate(1024), magic, Compression.of(codec).build(),
            magic == RecordBatch.MAGIC_VALUE_V0 ? TimestampType.NO_TIMESTAMP_TYPE : type, BASE_OFFSET, APPEND_TIME);
    }

    private static MemoryRecords records(MemoryRecordsBuilder builder) {
        boolean headers = builder.magic() >= RecordBatch.MAGIC_VALUE_V2;
        Header[] some = {
            new RecordHeader("trace", new byte[] {0x7f}),
            new RecordHeader("käse", null),
            new RecordHeader("trace", new byte[0]),
        };
        Header[] none = {};
        builder.append(TIME, bytes("o-17"), bytes("paid"), headers ? some : none);
        builder.append(TIME + 5, (byte[]) null, bytes("abcd".repeat(40)), none);
        builder.append(TIME - 3, bytes("o-18"), (byte[]) null, none);
        return builder.build();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static void write(String name, MemoryRecords records) throws Exception {
        StringBuilder text = new StringBuilder("# Apache Kafka " + AppInfoParser.getVersion() + "\n");
        ByteBuffer buffer = records.buffer().duplicate();
        for (int column = 0; buffer.hasRemaining(); column++) {
            text.append(String.format("%02x", buffer.get()));
            if (column % 32 == 31 || !buffer.hasRemaining()) text.append('\n');
        }
        Files.writeString(folder.resolve(name + ".hex"), text);
    }
}
