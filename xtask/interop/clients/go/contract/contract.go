// Package contract is what every program here hears and says: orders, records and events as JSON lines.
//
// The contract itself is in ../README.md; the libraries are in the programs beside this folder.
package contract

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"runtime/debug"
	"slices"
	"sync"
	"time"
)

// Order is what the command line asks for.
type Order struct {
	Bootstrap  string  `json:"bootstrap"`
	Topic      string  `json:"topic"`
	Codec      string  `json:"codec"`
	Partitions []int32 `json:"partitions"`
	Count      int     `json:"count"`
	Group      string  `json:"group"`
	Assignor   string  `json:"assignor"`
	SessionMs  int     `json:"session_ms"`
	From       string  `json:"from"`
	To         string  `json:"to"`
	ID         string  `json:"id"`
	Batch      int     `json:"batch"`
	Hold       int     `json:"hold"`
	Abort      int     `json:"abort"`
}

// Session is the session timeout of a member.
func (o Order) Session() time.Duration {
	return time.Duration(o.SessionMs) * time.Millisecond
}

// Record is one record, heard or said.
type Record struct {
	Partition *int32       `json:"partition"`
	Offset    int64        `json:"offset"`
	Key       *string      `json:"key"`
	Value     *string      `json:"value"`
	Headers   [][2]*string `json:"headers"`
}

var speaking sync.Mutex

func say(fields any) {
	line, err := json.Marshal(fields)
	Check(err)
	speaking.Lock()
	defer speaking.Unlock()
	fmt.Println(string(line))
}

// Say says a record.
func (r Record) Say() {
	if r.Headers == nil {
		r.Headers = [][2]*string{}
	}
	say(r)
}

// Header is a name and a value that may be null.
func Header(name string, value []byte) [2]*string {
	return [2]*string{&name, Text(value)}
}

// Owned says which partitions a member owns.
func Owned(partitions []int32) {
	sorted := append([]int32{}, partitions...)
	slices.Sort(sorted)
	say(map[string][]int32{"owned": sorted})
}

// Written counts what was acknowledged; every change is said.
type Written struct {
	count int
}

// Add says that there is more.
func (w *Written) Add(more int) {
	w.count += more
	say(map[string]int{"written": w.count})
}

// Heard yields the records to produce, as they come.
func Heard(yield func(Record) bool) {
	input := bufio.NewScanner(os.Stdin)
	input.Buffer(nil, 16<<20)
	for input.Scan() {
		var heard Record
		Check(json.Unmarshal(input.Bytes(), &heard))
		if !yield(heard) {
			return
		}
	}
	Check(input.Err())
}

// Leaving is done once the program is told to leave its group.
func Leaving() context.Context {
	leaving, leave := context.WithCancel(context.Background())
	go func() {
		bufio.NewReader(os.Stdin).ReadString('\n')
		leave()
	}()
	return leaving
}

// Transaction says what became of one.
func Transaction(what string) {
	say(map[string]string{"transaction": what})
}

// Told yields the lines that the program is told, and over is done once there are no more.
func Told() (lines <-chan string, over context.Context) {
	heard := make(chan string, 16)
	over, end := context.WithCancel(context.Background())
	go func() {
		input := bufio.NewScanner(os.Stdin)
		for input.Scan() {
			heard <- input.Text()
		}
		end()
	}()
	return heard, over
}

// Complain tells of an error that the program can live with.
func Complain(err error) {
	fmt.Fprintln(os.Stderr, err)
}

// Check ends the program on an error.
func Check(err error) {
	if err != nil {
		Complain(err)
		os.Exit(1)
	}
}

// Text is content as it is said.
func Text(content []byte) *string {
	if content == nil {
		return nil
	}
	text := string(content)
	return &text
}

// Data is content as it was heard.
func Data(text *string) []byte {
	if text == nil {
		return nil
	}
	return []byte(*text)
}

// Main runs what the command line orders.
func Main(name, module string, produce, consume, group, transform func(Order)) {
	if os.Args[1] == "about" {
		build, _ := debug.ReadBuildInfo()
		for _, used := range build.Deps {
			if used.Path == module {
				say(map[string]string{"name": name, "version": used.Version})
			}
		}
		return
	}
	var order Order
	Check(json.Unmarshal([]byte(os.Args[2]), &order))
	orders := map[string]func(Order){"produce": produce, "consume": consume, "group": group, "transform": transform}
	orders[os.Args[1]](order)
}
