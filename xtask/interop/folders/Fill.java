import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * Fills topics with all that a folder of Kafka can hold: every codec, idempotent and transactional producers, transactions that were
 * committed, aborted and left without records, records without a value, headers, and keys that come again.
 *
 * Fill BOOTSTRAP ROUNDS TOPIC...
 */
public class Fill {
  private static final String[] CODECS = {"none", "gzip", "snappy", "lz4", "zstd"};

  private static KafkaProducer<String, String> producer(String bootstrap, String codec, String transactionalId) {
    Map<String, Object> config = new HashMap<>();
    config.put("bootstrap.servers", bootstrap);
    config.put("compression.type", codec);
    config.put("linger.ms", "5");
    config.put("batch.size", "4000");
    if (transactionalId != null) {
      config.put("transactional.id", transactionalId);
    }
    return new KafkaProducer<>(config, new StringSerializer(), new StringSerializer());
  }

  public static void main(String[] words) {
    String bootstrap = words[0];
    int rounds = Integer.parseInt(words[1]);
    List<KafkaProducer<String, String>> plain = new ArrayList<>();
    List<KafkaProducer<String, String>> transactional = new ArrayList<>();
    for (String codec : CODECS) {
      plain.add(producer(bootstrap, codec, null));
      KafkaProducer<String, String> producer = producer(bootstrap, codec, "fill-" + codec);
      producer.initTransactions();
      transactional.add(producer);
    }
    Random random = new Random(7);
    StringBuilder text = new StringBuilder();
    for (int at = 0; at < 300; at++) {
      text.append((char) ('a' + random.nextInt(26)));
    }
    int number = 0;
    for (int round = 0; round < rounds; round++) {
      boolean inTransaction = random.nextInt(3) == 0;
      KafkaProducer<String, String> producer = (inTransaction ? transactional : plain).get(random.nextInt(CODECS.length));
      if (inTransaction) {
        producer.beginTransaction();
      }
      int count = 1 + random.nextInt(120);
      for (int at = 0; at < count; at++) {
        String key = "k" + random.nextInt(1500);
        String value = random.nextInt(8) == 0 ? null : "v" + number++ + text.substring(random.nextInt(250));
        for (int topic = 2; topic < words.length; topic++) {
          ProducerRecord<String, String> record = new ProducerRecord<>(words[topic], 0, key, value);
          if (at % 5 == 0) {
            record.headers().add("round", Integer.toString(round).getBytes());
            record.headers().add("nothing", null);
          }
          producer.send(record);
        }
      }
      producer.flush();
      if (inTransaction) {
        if (random.nextBoolean()) {
          producer.commitTransaction();
        } else {
          producer.abortTransaction();
        }
      }
    }
    plain.forEach(KafkaProducer::close);
    transactional.forEach(KafkaProducer::close);
  }
}
