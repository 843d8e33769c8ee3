// franz-go, by the contract of ../README.md.
package main

import (
	"context"
	"maps"
	"os"
	"slices"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"ottla.invalid/interop/contract"
)

var codecs = map[string]kgo.CompressionCodec{
	"none":   kgo.NoCompression(),
	"gzip":   kgo.GzipCompression(),
	"snappy": kgo.SnappyCompression(),
	"lz4":    kgo.Lz4Compression(),
	"zstd":   kgo.ZstdCompression(),
}

var assignors = map[string][]kgo.Opt{
	"default":            nil,
	"range":              {kgo.Balancers(kgo.RangeBalancer())},
	"roundrobin":         {kgo.Balancers(kgo.RoundRobinBalancer())},
	"sticky":             {kgo.Balancers(kgo.StickyBalancer())},
	"cooperative-sticky": {kgo.Balancers(kgo.CooperativeStickyBalancer())},
}

func client(order contract.Order, options ...kgo.Opt) *kgo.Client {
	log := kgo.BasicLogger(os.Stderr, kgo.LogLevelWarn, nil)
	options = append(options,
		kgo.SeedBrokers(order.Bootstrap),
		kgo.WithLogger(log),
		kgo.FetchMaxWait(100*time.Millisecond),
	)
	client, err := kgo.NewClient(options...)
	contract.Check(err)
	return client
}

func say(record *kgo.Record) {
	said := contract.Record{
		Partition: &record.Partition,
		Offset:    record.Offset,
		Key:       contract.Text(record.Key),
		Value:     contract.Text(record.Value),
	}
	for _, header := range record.Headers {
		said.Headers = append(said.Headers, contract.Header(header.Key, header.Value))
	}
	said.Say()
}

// partitioner sends a record where it wants to go, and to the partition of its key if it has no wish.
type partitioner struct {
	byKey kgo.Partitioner
}

type topicPartitioner struct {
	kgo.TopicPartitioner
}

const noWish = -1

func (p partitioner) ForTopic(topic string) kgo.TopicPartitioner {
	return topicPartitioner{p.byKey.ForTopic(topic)}
}

func (p topicPartitioner) Partition(record *kgo.Record, partitions int) int {
	if record.Partition != noWish {
		return int(record.Partition)
	}
	return p.TopicPartitioner.Partition(record, partitions)
}

func produce(order contract.Order) {
	client := client(order,
		kgo.DefaultProduceTopic(order.Topic),
		kgo.ProducerBatchCompression(codecs[order.Codec]),
		kgo.ProducerLinger(5*time.Millisecond),
		kgo.RecordPartitioner(partitioner{kgo.StickyKeyPartitioner(nil)}),
		kgo.RecordDeliveryTimeout(time.Minute),
	)
	var written contract.Written
	for heard := range contract.Heard {
		sent := &kgo.Record{Key: contract.Data(heard.Key), Value: contract.Data(heard.Value), Partition: noWish}
		if heard.Partition != nil {
			sent.Partition = *heard.Partition
		}
		for _, header := range heard.Headers {
			sent.Headers = append(sent.Headers, kgo.RecordHeader{Key: *header[0], Value: contract.Data(header[1])})
		}
		client.Produce(context.Background(), sent, func(_ *kgo.Record, err error) {
			contract.Check(err)
			written.Add(1)
		})
	}
	contract.Check(client.Flush(context.Background()))
	client.Close()
}

func consume(order contract.Order) {
	from := map[int32]kgo.Offset{}
	for _, partition := range order.Partitions {
		from[partition] = kgo.NewOffset().AtStart()
	}
	client := client(order, kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{order.Topic: from}))
	for count := 0; count < order.Count; {
		client.PollFetches(context.Background()).EachRecord(func(record *kgo.Record) {
			say(record)
			count++
		})
	}
	client.Close()
}

func group(order contract.Order) {
	owned := map[int32]bool{}
	sayOwned := func() {
		contract.Owned(slices.Collect(maps.Keys(owned)))
	}
	gain := func(_ context.Context, _ *kgo.Client, partitions map[string][]int32) {
		for _, partition := range partitions[order.Topic] {
			owned[partition] = true
		}
		sayOwned()
	}
	lose := func(_ context.Context, _ *kgo.Client, partitions map[string][]int32) {
		for _, partition := range partitions[order.Topic] {
			delete(owned, partition)
		}
		sayOwned()
	}
	options := append(assignors[order.Assignor],
		kgo.ConsumerGroup(order.Group),
		kgo.ConsumeTopics(order.Topic),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
		kgo.SessionTimeout(order.Session()),
		kgo.HeartbeatInterval(500*time.Millisecond),
		kgo.DisableAutoCommit(),
		kgo.BlockRebalanceOnPoll(),
		kgo.OnPartitionsAssigned(gain),
		kgo.OnPartitionsRevoked(lose),
		kgo.OnPartitionsLost(lose),
	)
	client := client(order, options...)
	leaving := contract.Leaving()
	for leaving.Err() == nil {
		client.PollFetches(leaving).EachRecord(say)
		if err := client.CommitUncommittedOffsets(context.Background()); err != nil {
			contract.Complain(err)
		}
		client.AllowRebalance()
	}
	client.CloseAllowingRebalance()
}

func main() {
	contract.Main("franz-go", "github.com/twmb/franz-go", produce, consume, group, transform)
}
