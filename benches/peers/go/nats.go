package main

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// natsClient connects; up to 4,000 messages wait for their acknowledgements, which is its default.
func natsClient(l load) (*nats.Conn, jetstream.JetStream, error) {
	c, err := nats.Connect("nats://" + l.bootstrap)
	if err != nil {
		return nil, nil, err
	}
	js, err := jetstream.New(c)
	if err != nil {
		c.Close()
	}
	return c, js, err
}

// natsStream makes the stream where there is none: on files, synced by and by, which is JetStream's default.
func natsStream(ctx context.Context, js jetstream.JetStream, l load) (jetstream.Stream, error) {
	config := jetstream.StreamConfig{Name: l.topic, Subjects: []string{l.topic}, Storage: jetstream.FileStorage}
	return js.CreateOrUpdateStream(ctx, config)
}

func natsProduce(l load) (string, error) {
	c, js, err := natsClient(l)
	if err != nil {
		return "", err
	}
	defer c.Close()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	stream, err := natsStream(ctx, js, l)
	if err != nil {
		return "", err
	}
	value := l.value()
	start := time.Now()
	for range l.records {
		if _, err := js.PublishAsync(l.topic, value, jetstream.WithStallWait(patience)); err != nil {
			return "", err
		}
	}
	select {
	case <-js.PublishAsyncComplete():
	case <-ctx.Done():
		return "", ctx.Err()
	}
	elapsed := time.Since(start)
	info, err := stream.Info(ctx)
	if err != nil {
		return "", err
	}
	if info.State.Msgs != uint64(l.records) {
		return "", fmt.Errorf("%d of %d messages are in the stream", info.State.Msgs, l.records)
	}
	return l.rates(elapsed), nil
}

// natsConsume reads the stream with a pull consumer that acknowledges nothing, as a consumer of Kafka's that commits nothing.
func natsConsume(l load) (string, error) {
	c, js, err := natsClient(l)
	if err != nil {
		return "", err
	}
	defer c.Close()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	start := time.Now()
	config := jetstream.ConsumerConfig{AckPolicy: jetstream.AckNonePolicy, MemoryStorage: true}
	consumer, err := js.CreateConsumer(ctx, l.topic, config)
	if err != nil {
		return "", err
	}
	var short atomic.Pointer[error]
	done := make(chan struct{})
	records := 0
	subscription, err := consumer.Consume(func(m jetstream.Msg) {
		if len(m.Data()) != l.size {
			err := fmt.Errorf("a message of %d bytes, not %d", len(m.Data()), l.size)
			short.Store(&err)
		}
		if records++; records == l.records {
			close(done)
		}
	}, jetstream.PullMaxMessages(10_000))
	if err != nil {
		return "", err
	}
	defer subscription.Stop()
	select {
	case <-done:
	case <-ctx.Done():
		return "", errors.New("the messages did not come")
	}
	if err := short.Load(); err != nil {
		return "", *err
	}
	return l.rates(time.Since(start)), nil
}

func natsInFlight(l load) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	value := l.value()
	var senders []func() error
	for i := range l.connections {
		c, js, err := natsClient(l)
		if err != nil {
			return "", err
		}
		defer c.Close()
		if i == 0 {
			if _, err := natsStream(ctx, js, l); err != nil {
				return "", err
			}
		}
		senders = append(senders, func() error {
			_, err := js.Publish(ctx, l.topic, value)
			return err
		})
	}
	return l.oneByOne(senders)
}
