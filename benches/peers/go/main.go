// Load from clients in Go, for `cargo xtask bench`: franz-go against any broker that speaks Kafka's protocol, and
// nats.go against NATS JetStream.
// Each subcommand moves a known number of records and prints one line of
// `key=value` pairs, as the load programs in Rust do.
package main

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"time"
)

// load is what is moved, and where.
type load struct {
	bootstrap   string
	topic       string
	partitions  int
	records     int
	size        int
	connections int
}

// patience is the longest that a subcommand waits for its records.
const patience = 120 * time.Second

// commands are what each client can do.
var commands = map[string]map[string]func(load) (string, error){
	"franz": {"produce": produce, "consume": consume, "in-flight": inFlight},
	"nats":  {"produce": natsProduce, "consume": natsConsume, "in-flight": natsInFlight},
}

func main() {
	if len(os.Args) < 2 || commands["franz"][os.Args[1]] == nil {
		fmt.Fprintln(os.Stderr, "subcommands: produce, consume, in-flight")
		os.Exit(2)
	}
	var l load
	flags := flag.NewFlagSet(os.Args[1], flag.ExitOnError)
	flags.StringVar(&l.bootstrap, "bootstrap", "127.0.0.1:9092", "broker, as HOST:PORT")
	client := flags.String("client", "franz", "franz, or nats for JetStream")
	flags.StringVar(&l.topic, "topic", "load", "topic, which exists already; JetStream's stream is made")
	flags.IntVar(&l.partitions, "partitions", 4, "partitions of the topic")
	flags.IntVar(&l.records, "records", 1, "records to move")
	flags.IntVar(&l.size, "size", 1024, "bytes of a record's value")
	flags.IntVar(&l.connections, "connections", 1, "clients with one record in flight each, for in-flight")
	_ = flags.Parse(os.Args[2:]) // it ends the program by itself
	command := commands[*client][os.Args[1]]
	if command == nil {
		fmt.Fprintln(os.Stderr, "clients: franz, nats")
		os.Exit(2)
	}
	line, err := command(l)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(line)
}

func (l load) value() []byte {
	value := make([]byte, l.size)
	for i := range value {
		value[i] = byte(i * 31 % 251)
	}
	return value
}

func (l load) rates(elapsed time.Duration) string {
	seconds := elapsed.Seconds()
	records := float64(l.records)
	return fmt.Sprintf("records=%d seconds=%.4f records_per_s=%.0f mb_per_s=%.1f",
		l.records, seconds, records/seconds, records*float64(l.size)/1e6/seconds)
}

// oneByOne has each sender send its share, each record after the answer to the one before; the first is not counted.
func (l load) oneByOne(senders []func() error) (string, error) {
	for _, send := range senders {
		if err := send(); err != nil {
			return "", err
		}
	}
	type outcome struct {
		latencies []time.Duration
		err       error
	}
	each := l.records / len(senders)
	outcomes := make(chan outcome)
	start := time.Now()
	for _, send := range senders {
		go func() {
			latencies := make([]time.Duration, 0, each)
			for range each {
				sent := time.Now()
				if err := send(); err != nil {
					outcomes <- outcome{nil, err}
					return
				}
				latencies = append(latencies, time.Since(sent))
			}
			outcomes <- outcome{latencies, nil}
		}()
	}
	var all []time.Duration
	for range senders {
		o := <-outcomes
		if o.err != nil {
			return "", o.err
		}
		all = append(all, o.latencies...)
	}
	l.records = each * len(senders)
	line := l.rates(time.Since(start))
	slices.Sort(all)
	quantile := func(q float64) float64 {
		if len(all) == 0 {
			return 0
		}
		return float64(all[int(q*float64(len(all)-1))].Nanoseconds()) / 1e3
	}
	return fmt.Sprintf("%s p50_us=%.1f p99_us=%.1f", line, quantile(0.5), quantile(0.99)), nil
}
