// Kafka's Java client, by the contract of ../README.md.

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeSet;
import java.util.concurrent.Future;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.SubscriptionPattern;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.utils.AppInfoParser;

public class Client {
    private static final ObjectMapper JSON = new ObjectMapper();
    static final BufferedReader INPUT =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    static final String SERIALIZER = "org.apache.kafka.common.serialization.StringSerializer";
    static final String DESERIALIZER = "org.apache.kafka.common.serialization.StringDeserializer";
    private static final Map<String, String> ASSIGNORS = Map.of(
        "range", "org.apache.kafka.clients.consumer.RangeAssignor",
        "roundrobin", "org.apache.kafka.clients.consumer.RoundRobinAssignor",
        "sticky", "org.apache.kafka.clients.consumer.StickyAssignor",
        "cooperative-sticky", "org.apache.kafka.clients.consumer.CooperativeStickyAssignor");

    public static void main(String[] arguments) throws Exception {
        JsonNode order = arguments.length > 1 ? JSON.readTree(arguments[1]) : null;
        switch (arguments[0]) {
            case "about" -> say(JSON.createObjectNode().put("name", "Java").put("version", AppInfoParser.getVersion()));
            case "topics" -> topics(order);
            case "produce" -> produce(order);
            case "consume" -> consume(order);
            case "group" -> group(order);
            case "transform" -> Transform.run(order);
            case "count" -> Count.run(order);
            default -> throw new IllegalArgumentException(arguments[0]);
        }
    }

    static synchronized void say(ObjectNode fields) {
        System.out.println(fields);
        System.out.flush();
    }

    static Properties settings(JsonNode order) {
        Properties settings = new Properties();
        settings.put("bootstrap.servers", order.get("bootstrap").asText());
        settings.put("reconnect.backoff.max.ms", "1000");
        return settings;
    }

    private static void topics(JsonNode order) throws Exception {
        List<NewTopic> topics = new ArrayList<>();
        order.get("topics").properties().forEach(
            topic -> topics.add(new NewTopic(topic.getKey(), topic.getValue().asInt(), (short) 1)));
        try (Admin admin = Admin.create(settings(order))) {
            admin.createTopics(topics).all().get();
        }
    }

    private static void produce(JsonNode order) throws Exception {
        Properties settings = settings(order);
        settings.put("compression.type", order.get("codec").asText());
        settings.put("delivery.timeout.ms", "60000");
        settings.put("request.timeout.ms", "10000");
        settings.put("key.serializer", SERIALIZER);
        settings.put("value.serializer", SERIALIZER);
        List<Future<RecordMetadata>> sent = new ArrayList<>();
        int[] written = {0};
        try (KafkaProducer<String, String> producer = new KafkaProducer<>(settings)) {
            for (String line; (line = INPUT.readLine()) != null; ) {
                // Callbacks come one after the other, on the producer's own thread.
                sent.add(producer.send(record(order, JSON.readTree(line)), (where, failure) -> {
                    if (failure == null) say(JSON.createObjectNode().put("written", ++written[0]));
                }));
            }
            producer.flush();
        }
        for (Future<RecordMetadata> one : sent) one.get();
    }

    private static ProducerRecord<String, String> record(JsonNode order, JsonNode heard) {
        JsonNode partition = heard.get("partition");
        ProducerRecord<String, String> record = new ProducerRecord<>(
            order.get("topic").asText(),
            partition.isNull() ? null : Integer.valueOf(partition.asInt()),
            heard.get("key").textValue(),
            heard.get("value").textValue());
        for (JsonNode header : heard.get("headers")) {
            String value = header.get(1).textValue();
            byte[] bytes = value == null ? null : value.getBytes(StandardCharsets.UTF_8);
            record.headers().add(header.get(0).asText(), bytes);
        }
        return record;
    }

    private static KafkaConsumer<String, String> consumer(Properties settings) {
        settings.put("auto.offset.reset", "earliest");
        settings.put("enable.auto.commit", "false");
        settings.put("fetch.max.wait.ms", "100");
        settings.put("key.deserializer", DESERIALIZER);
        settings.put("value.deserializer", DESERIALIZER);
        return new KafkaConsumer<>(settings);
    }

    /** Says what one poll brings, and how many records that were. */
    private static int poll(KafkaConsumer<String, String> consumer) {
        int count = 0;
        for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofMillis(100))) {
            ObjectNode fields = JSON.createObjectNode()
                .put("partition", record.partition())
                .put("offset", record.offset())
                .put("key", record.key())
                .put("value", record.value());
            ArrayNode headers = fields.putArray("headers");
            for (Header header : record.headers()) {
                byte[] value = header.value();
                headers.addArray().add(header.key()).add(value == null ? null : new String(value, StandardCharsets.UTF_8));
            }
            say(fields);
            count++;
        }
        return count;
    }

    private static void consume(JsonNode order) {
        try (KafkaConsumer<String, String> consumer = consumer(settings(order))) {
            List<TopicPartition> partitions = new ArrayList<>();
            for (JsonNode partition : order.get("partitions")) {
                partitions.add(new TopicPartition(order.get("topic").asText(), partition.asInt()));
            }
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            for (int left = order.get("count").asInt(); left > 0; ) left -= poll(consumer);
        }
    }

    private static void group(JsonNode order) {
        Properties settings = settings(order);
        settings.put("group.id", order.get("group").asText());
        if (order.path("protocol").asText().equals("consumer")) {
            settings.put("group.protocol", "consumer");
            String assignor = order.get("assignor").asText();
            if (!assignor.equals("default")) settings.put("group.remote.assignor", assignor);
        } else {
            settings.put("session.timeout.ms", order.get("session_ms").asText());
            settings.put("heartbeat.interval.ms", "500");
            String assignor = ASSIGNORS.get(order.get("assignor").asText());
            if (assignor != null) settings.put("partition.assignment.strategy", assignor);
        }
        if (order.hasNonNull("instance")) settings.put("group.instance.id", order.get("instance").asText());
        Thread leaving = new Thread(() -> {
            try {
                INPUT.readLine();
            } catch (IOException failure) {
                System.err.println(failure);
            }
        });
        leaving.setDaemon(true);
        leaving.start();
        try (KafkaConsumer<String, String> consumer = consumer(settings)) {
            if (order.hasNonNull("pattern")) {
                consumer.subscribe(new SubscriptionPattern(order.get("pattern").asText()), new Owned());
            } else {
                consumer.subscribe(List.of(order.get("topic").asText()), new Owned());
            }
            while (leaving.isAlive()) {
                try {
                    if (poll(consumer) > 0) consumer.commitSync();
                } catch (KafkaException failure) {
                    System.err.println(failure);
                }
            }
        }
    }

    /** The partitions that a member owns; every change is said. */
    private static class Owned implements ConsumerRebalanceListener {
        private final TreeSet<Integer> owned = new TreeSet<>();

        @Override
        public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
            for (TopicPartition partition : partitions) owned.add(partition.partition());
            sayOwned();
        }

        @Override
        public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
            for (TopicPartition partition : partitions) owned.remove(partition.partition());
            sayOwned();
        }

        private void sayOwned() {
            ObjectNode fields = JSON.createObjectNode();
            ArrayNode list = fields.putArray("owned");
            owned.forEach(list::add);
            say(fields);
        }
    }
}
