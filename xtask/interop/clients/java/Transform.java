// Consume, transform, produce in transactions, with Kafka's Java client and by the contract of ../README.md.

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.ProducerFencedException;

final class Transform {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final JsonNode order;
    private final KafkaProducer<String, String> producer;
    private final KafkaConsumer<String, String> consumer;
    private final BlockingQueue<Optional<String>> heard = new LinkedBlockingQueue<>();
    private int transaction;

    private Transform(JsonNode order) {
        this.order = order;
        String id = order.get("id").asText();
        Properties writing = Client.settings(order);
        writing.put("transactional.id", id);
        writing.put("transaction.timeout.ms", order.path("timeout_ms").asText("60000"));
        writing.put("linger.ms", "0");
        writing.put("key.serializer", Client.SERIALIZER);
        writing.put("value.serializer", Client.SERIALIZER);
        producer = new KafkaProducer<>(writing);
        Properties reading = Client.settings(order);
        reading.put("group.id", order.get("group").asText());
        reading.put("group.instance.id", id);
        reading.put("session.timeout.ms", order.get("session_ms").asText());
        reading.put("heartbeat.interval.ms", "500");
        reading.put("auto.offset.reset", "earliest");
        reading.put("enable.auto.commit", "false");
        reading.put("isolation.level", "read_committed");
        reading.put("fetch.max.wait.ms", "100");
        reading.put("max.poll.records", order.get("batch").asText());
        reading.put("key.deserializer", Client.DESERIALIZER);
        reading.put("value.deserializer", Client.DESERIALIZER);
        consumer = new KafkaConsumer<>(reading);
    }

    static void run(JsonNode order) throws Exception {
        Transform transform = new Transform(order);
        Thread hearing = new Thread(transform::hear);
        hearing.setDaemon(true);
        hearing.start();
        try {
            transform.producer.initTransactions();
            transform.consumer.subscribe(List.of(order.get("from").asText()));
            while (!transform.isOver()) transform.turn();
        } catch (ProducerFencedException | InvalidProducerEpochException fenced) {
            say("fenced");
        }
        transform.producer.close(Duration.ZERO);
        transform.consumer.close();
    }

    private void hear() {
        try {
            for (String line; (line = Client.INPUT.readLine()) != null; ) heard.add(Optional.of(line));
        } catch (IOException failure) {
            System.err.println(failure);
        }
        heard.add(Optional.empty());
    }

    /** Whether it was told that there is no more. */
    private boolean isOver() {
        Optional<String> first = heard.peek();
        return first != null && first.isEmpty();
    }

    private static void say(String what) {
        Client.say(JSON.createObjectNode().put("transaction", what));
    }

    /** One transaction, if there is something to read. */
    private void turn() throws Exception {
        ConsumerRecords<String, String> records = consumer.poll(Duration.ofMillis(100));
        if (records.isEmpty()) return;
        transaction++;
        try {
            producer.beginTransaction();
            Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
            for (ConsumerRecord<String, String> record : records) {
                String value = record.value().toUpperCase(Locale.ROOT);
                producer.send(new ProducerRecord<>(order.get("to").asText(), record.key(), value));
                TopicPartition from = new TopicPartition(record.topic(), record.partition());
                offsets.put(from, new OffsetAndMetadata(record.offset() + 1));
            }
            producer.sendOffsetsToTransaction(offsets, consumer.groupMetadata());
            producer.flush();
            if (transaction == order.get("hold").asInt()) {
                say("held");
                heard.take();
            }
            if (transaction == order.get("abort").asInt()) {
                producer.abortTransaction();
                say("aborted");
                rewind();
            } else {
                producer.commitTransaction();
                say("committed");
            }
        } catch (ProducerFencedException | InvalidProducerEpochException fenced) {
            throw fenced;
        } catch (KafkaException failure) {
            System.err.println(failure);
            producer.abortTransaction();
            rewind();
        }
    }

    /** Back to what is committed: what was read since then has to be read again. */
    private void rewind() {
        Collection<TopicPartition> assigned = consumer.assignment();
        Map<TopicPartition, OffsetAndMetadata> committed = consumer.committed(new java.util.HashSet<>(assigned));
        for (TopicPartition partition : assigned) {
            OffsetAndMetadata offset = committed.get(partition);
            consumer.seek(partition, offset == null ? 0 : offset.offset());
        }
    }
}
