// sarama, by the contract of ../README.md.
package main

import (
	"context"
	"errors"
	"log"
	"os"
	"sync"
	"time"

	"github.com/IBM/sarama"
	"ottla.invalid/interop/contract"
)

var codecs = map[string]sarama.CompressionCodec{
	"none":   sarama.CompressionNone,
	"gzip":   sarama.CompressionGZIP,
	"snappy": sarama.CompressionSnappy,
	"lz4":    sarama.CompressionLZ4,
	"zstd":   sarama.CompressionZSTD,
}

var assignors = map[string]sarama.BalanceStrategy{
	"range":      sarama.NewBalanceStrategyRange(),
	"roundrobin": sarama.NewBalanceStrategyRoundRobin(),
	"sticky":     sarama.NewBalanceStrategySticky(),
}

func config() *sarama.Config {
	sarama.Logger = log.New(os.Stderr, "", log.LstdFlags)
	config := sarama.NewConfig()
	config.Version = sarama.MaxVersion
	config.Metadata.Retry.Max = 200
	config.Metadata.Retry.Backoff = 250 * time.Millisecond
	config.Consumer.MaxWaitTime = 100 * time.Millisecond
	config.Consumer.Offsets.Initial = sarama.OffsetOldest
	config.Consumer.Return.Errors = true
	return config
}

func complain(errors <-chan *sarama.ConsumerError) {
	for err := range errors {
		contract.Complain(err)
	}
}

func say(message *sarama.ConsumerMessage) {
	said := contract.Record{
		Partition: &message.Partition,
		Offset:    message.Offset,
		Key:       contract.Text(message.Key),
		Value:     contract.Text(message.Value),
	}
	for _, header := range message.Headers {
		said.Headers = append(said.Headers, contract.Header(string(header.Key), header.Value))
	}
	said.Say()
}

// partitioner sends a message where it wants to go, and to the partition of its key if it has no wish.
type partitioner struct {
	sarama.Partitioner
}

func (p partitioner) Partition(message *sarama.ProducerMessage, partitions int32) (int32, error) {
	if wish := message.Metadata.(*int32); wish != nil {
		return *wish, nil
	}
	return p.Partitioner.Partition(message, partitions)
}

func encoder(text *string) sarama.Encoder {
	if text == nil {
		return nil
	}
	return sarama.StringEncoder(*text)
}

func produce(order contract.Order) {
	config := config()
	config.Producer.RequiredAcks = sarama.WaitForAll
	config.Producer.Compression = codecs[order.Codec]
	config.Producer.Flush.Frequency = 5 * time.Millisecond
	config.Producer.Return.Successes = true
	config.Producer.Retry.Max = 200
	config.Producer.Retry.Backoff = 250 * time.Millisecond
	config.Producer.Partitioner = func(topic string) sarama.Partitioner {
		return partitioner{sarama.NewHashPartitioner(topic)}
	}
	producer, err := sarama.NewAsyncProducer([]string{order.Bootstrap}, config)
	contract.Check(err)
	var waiting sync.WaitGroup
	go func() {
		var written contract.Written
		for range producer.Successes() {
			written.Add(1)
			waiting.Done()
		}
	}()
	go func() {
		for err := range producer.Errors() {
			contract.Check(err)
		}
	}()
	for heard := range contract.Heard {
		message := &sarama.ProducerMessage{
			Topic:    order.Topic,
			Key:      encoder(heard.Key),
			Value:    encoder(heard.Value),
			Metadata: heard.Partition,
		}
		for _, header := range heard.Headers {
			sent := sarama.RecordHeader{Key: []byte(*header[0]), Value: contract.Data(header[1])}
			message.Headers = append(message.Headers, sent)
		}
		waiting.Add(1)
		producer.Input() <- message
	}
	waiting.Wait() // once it closes it repeats nothing that has failed
	contract.Check(producer.Close())
}

func consume(order contract.Order) {
	consumer, err := sarama.NewConsumer([]string{order.Bootstrap}, config())
	contract.Check(err)
	messages := make(chan *sarama.ConsumerMessage)
	for _, partition := range order.Partitions {
		reader, err := consumer.ConsumePartition(order.Topic, partition, sarama.OffsetOldest)
		contract.Check(err)
		go complain(reader.Errors())
		go func() {
			for message := range reader.Messages() {
				messages <- message
			}
		}()
	}
	for range order.Count {
		say(<-messages)
	}
}

// member says what one member of a group is given. Sarama calls ConsumeClaim once for each partition, side by side.
type member struct {
	topic string
}

func (m *member) Setup(session sarama.ConsumerGroupSession) error {
	contract.Owned(session.Claims()[m.topic])
	return nil
}

func (m *member) Cleanup(sarama.ConsumerGroupSession) error {
	contract.Owned(nil)
	return nil
}

func (m *member) ConsumeClaim(session sarama.ConsumerGroupSession, claim sarama.ConsumerGroupClaim) error {
	for message := range claim.Messages() {
		say(message)
		session.MarkMessage(message, "")
		session.Commit()
	}
	return nil
}

func group(order contract.Order) {
	config := config()
	config.Consumer.Group.Session.Timeout = order.Session()
	config.Consumer.Group.Heartbeat.Interval = 500 * time.Millisecond
	config.Consumer.Group.Rebalance.Retry.Max = 200
	config.Consumer.Group.Rebalance.Retry.Backoff = 250 * time.Millisecond
	config.Consumer.Offsets.AutoCommit.Enable = false
	if assignor, named := assignors[order.Assignor]; named {
		config.Consumer.Group.Rebalance.GroupStrategies = []sarama.BalanceStrategy{assignor}
	}
	client, err := sarama.NewConsumerGroup([]string{order.Bootstrap}, order.Group, config)
	contract.Check(err)
	go func() {
		for err := range client.Errors() {
			contract.Complain(err)
		}
	}()
	leaving := contract.Leaving()
	member := &member{order.Topic}
	for leaving.Err() == nil {
		// It returns whenever the group rebalances, to be called again.
		err := client.Consume(leaving, []string{order.Topic}, member)
		if err != nil && !errors.Is(err, context.Canceled) {
			contract.Complain(err)
		}
	}
	contract.Check(client.Close())
}

func main() {
	contract.Main("sarama", "github.com/IBM/sarama", produce, consume, group, transform)
}
