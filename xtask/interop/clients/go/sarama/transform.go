package main

import (
	"errors"
	"strings"
	"time"

	"github.com/IBM/sarama"
	"ottla.invalid/interop/contract"
)

// transform consumes, transforms and produces in transactions, with a producer and offsets that are added to them.
func transform(order contract.Order) {
	config := config()
	config.Consumer.IsolationLevel = sarama.ReadCommitted
	config.Producer.Transaction.ID = order.ID
	config.Producer.Idempotent = true
	config.Producer.RequiredAcks = sarama.WaitForAll
	config.Producer.Return.Successes = true
	config.Producer.Retry.Max = 200
	config.Producer.Retry.Backoff = 100 * time.Millisecond
	config.Producer.Transaction.Retry.Max = 200
	config.Net.MaxOpenRequests = 1
	client, err := sarama.NewClient([]string{order.Bootstrap}, config)
	contract.Check(err)
	producer, err := sarama.NewSyncProducerFromClient(client)
	if isFenced(err) {
		return
	}
	reader := &reader{order: order, client: client}
	reader.rewind()
	told, over := contract.Told()
	for transaction := 0; over.Err() == nil; {
		messages := reader.batch()
		if len(messages) == 0 {
			continue
		}
		transaction++
		contract.Check(producer.BeginTxn())
		err := add(producer, order, messages)
		if err == nil && transaction == order.Hold {
			contract.Transaction("held")
			<-told
		}
		abort := transaction == order.Abort
		if err == nil && !abort {
			err = producer.CommitTxn()
		}
		switch {
		case isFenced(err):
			return
		case err == nil && !abort:
			contract.Transaction("committed")
		default:
			contract.Check(producer.AbortTxn())
			reader.rewind()
			contract.Transaction("aborted")
		}
	}
}

// add puts messages into the transaction, and how far they were read.
func add(producer sarama.SyncProducer, order contract.Order, messages []*sarama.ConsumerMessage) error {
	var sent []*sarama.ProducerMessage
	ends := map[int32]int64{}
	for _, message := range messages {
		sent = append(sent, &sarama.ProducerMessage{
			Topic: order.To,
			Key:   sarama.ByteEncoder(message.Key),
			Value: sarama.StringEncoder(strings.ToUpper(string(message.Value))),
		})
		ends[message.Partition] = max(ends[message.Partition], message.Offset+1)
	}
	if err := producer.SendMessages(sent); err != nil {
		return err
	}
	var offsets []*sarama.PartitionOffsetMetadata
	for partition, end := range ends {
		offsets = append(offsets, &sarama.PartitionOffsetMetadata{Partition: partition, Offset: end})
	}
	return producer.AddOffsetsToTxn(map[string][]*sarama.PartitionOffsetMetadata{order.From: offsets}, order.Group)
}

// isFenced says so if another took over; every other error can be mended by an abort, or is the end.
func isFenced(err error) bool {
	if errors.Is(err, sarama.ErrProducerFenced) || errors.Is(err, sarama.ErrInvalidProducerEpoch) {
		contract.Transaction("fenced")
		return true
	}
	if err != nil {
		contract.Complain(err)
	}
	return false
}

// reader reads all partitions from what the group has committed on.
type reader struct {
	order    contract.Order
	client   sarama.Client
	consumer sarama.Consumer
	messages chan *sarama.ConsumerMessage
	done     chan struct{}
}

// rewind goes back to what is committed: what was read since then has to be read again.
func (r *reader) rewind() {
	if r.done != nil {
		close(r.done)
	}
	partitions, err := r.client.Partitions(r.order.From)
	contract.Check(err)
	admin, err := sarama.NewClusterAdminFromClient(r.client)
	contract.Check(err)
	wanted := map[string][]int32{r.order.From: partitions}
	committed, err := admin.ListConsumerGroupOffsets(r.order.Group, wanted)
	contract.Check(err)
	r.consumer, err = sarama.NewConsumerFromClient(r.client)
	contract.Check(err)
	r.messages, r.done = make(chan *sarama.ConsumerMessage), make(chan struct{})
	for _, partition := range partitions {
		from := max(committed.GetBlock(r.order.From, partition).Offset, 0)
		reading, err := r.consumer.ConsumePartition(r.order.From, partition, from)
		contract.Check(err)
		go complain(reading.Errors())
		go pass(reading, r.messages, r.done)
	}
}

// pass hands on what is read until that is done with.
func pass(reading sarama.PartitionConsumer, messages chan<- *sarama.ConsumerMessage, done <-chan struct{}) {
	for {
		select {
		case message := <-reading.Messages():
			select {
			case messages <- message:
			case <-done:
				reading.AsyncClose()
				return
			}
		case <-done:
			reading.AsyncClose()
			return
		}
	}
}

// batch is what comes within a moment, and no more than what makes a transaction.
func (r *reader) batch() (batch []*sarama.ConsumerMessage) {
	patience := time.After(100 * time.Millisecond)
	for len(batch) < r.order.Batch {
		select {
		case message := <-r.messages:
			batch = append(batch, message)
		case <-patience:
			return batch
		}
	}
	return batch
}
