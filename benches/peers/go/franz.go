package main

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

func client(l load, options ...kgo.Opt) (*kgo.Client, error) {
	return kgo.NewClient(append(options, kgo.SeedBrokers(l.bootstrap))...)
}

// uncompressed: franz-go would compress with snappy by itself. It is idempotent with acks=all, which is its default.
func uncompressed(l load, options ...kgo.Opt) (*kgo.Client, error) {
	codec := kgo.ProducerBatchCompression(kgo.NoCompression())
	return client(l, append(options, codec, kgo.RecordPartitioner(kgo.ManualPartitioner()))...)
}

func produce(l load) (string, error) {
	c, err := uncompressed(l, kgo.ProducerLinger(5*time.Millisecond), kgo.MaxBufferedRecords(1_000_000))
	if err != nil {
		return "", err
	}
	defer c.Close()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	value := l.value()
	var failed atomic.Pointer[error]
	start := time.Now()
	for i := range l.records {
		record := &kgo.Record{Topic: l.topic, Partition: int32(i % l.partitions), Value: value}
		c.Produce(ctx, record, func(_ *kgo.Record, err error) {
			if err != nil {
				failed.Store(&err)
			}
		})
	}
	if err := c.Flush(ctx); err != nil {
		return "", err
	}
	if err := failed.Load(); err != nil {
		return "", *err
	}
	return l.rates(time.Since(start)), nil
}

func consume(l load) (string, error) {
	offsets := make(map[int32]kgo.Offset)
	for p := range l.partitions {
		offsets[int32(p)] = kgo.NewOffset().AtStart()
	}
	start := time.Now()
	c, err := client(l, kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{l.topic: offsets}))
	if err != nil {
		return "", err
	}
	defer c.Close()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for records := 0; records < l.records; {
		fetches := c.PollFetches(ctx)
		for _, failure := range fetches.Errors() {
			return "", failure.Err
		}
		var short error
		fetches.EachRecord(func(r *kgo.Record) {
			records++
			if len(r.Value) != l.size {
				short = fmt.Errorf("a record of %d bytes, not %d", len(r.Value), l.size)
			}
		})
		if short != nil {
			return "", short
		}
	}
	return l.rates(time.Since(start)), nil
}

func inFlight(l load) (string, error) {
	value := l.value()
	var senders []func() error
	for i := range l.connections {
		c, err := uncompressed(l, kgo.ProducerLinger(0))
		if err != nil {
			return "", err
		}
		defer c.Close()
		partition := int32(i % l.partitions)
		senders = append(senders, func() error {
			ctx, cancel := context.WithTimeout(context.Background(), patience)
			defer cancel()
			return c.ProduceSync(ctx, &kgo.Record{Topic: l.topic, Partition: partition, Value: value}).FirstErr()
		})
	}
	return l.oneByOne(senders)
}
