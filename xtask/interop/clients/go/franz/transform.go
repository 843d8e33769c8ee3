package main

import (
	"context"
	"errors"
	"os"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"ottla.invalid/interop/contract"
)

// transform consumes, transforms and produces in transactions, with a GroupTransactSession.
func transform(order contract.Order) {
	session, err := kgo.NewGroupTransactSession(
		kgo.SeedBrokers(order.Bootstrap),
		kgo.WithLogger(kgo.BasicLogger(os.Stderr, kgo.LogLevelWarn, nil)),
		kgo.TransactionalID(order.ID),
		kgo.DefaultProduceTopic(order.To),
		kgo.ProducerLinger(0),
		kgo.ConsumerGroup(order.Group),
		kgo.InstanceID(order.ID),
		kgo.ConsumeTopics(order.From),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
		kgo.FetchIsolationLevel(kgo.ReadCommitted()),
		kgo.FetchMaxWait(100*time.Millisecond),
		kgo.SessionTimeout(order.Session()),
		kgo.HeartbeatInterval(500*time.Millisecond),
	)
	contract.Check(err)
	defer session.Close()
	told, over := contract.Told()
	for transaction := 0; over.Err() == nil; {
		records := session.PollRecords(over, order.Batch).Records()
		if len(records) == 0 {
			continue
		}
		transaction++
		if isFenced(session.Begin()) {
			return
		}
		failed := kgo.AbortingFirstErrPromise(session.Client())
		for _, record := range records {
			sent := &kgo.Record{Key: record.Key, Value: []byte(strings.ToUpper(string(record.Value)))}
			session.Produce(context.Background(), sent, failed.Promise())
		}
		well := failed.Err() == nil
		if transaction == order.Hold {
			contract.Transaction("held")
			<-told
		}
		commit := well && transaction != order.Abort
		committed, err := session.End(context.Background(), kgo.TransactionEndTry(commit))
		switch {
		case isFenced(err):
			return
		case committed:
			contract.Transaction("committed")
		default:
			contract.Transaction("aborted")
		}
	}
}

// isFenced says so if another took over; any other error is the end.
func isFenced(err error) bool {
	if errors.Is(err, kerr.ProducerFenced) || errors.Is(err, kerr.InvalidProducerEpoch) {
		contract.Transaction("fenced")
		return true
	}
	contract.Check(err)
	return false
}
