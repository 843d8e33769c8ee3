"""kcat, by the contract of ../README.md: this program only speaks for it and knows no Kafka.

kcat gives every record of a run the same partition and headers, so records that differ there go through runs of their own.
It sends nothing before the end of its input, so each lot of records has a run of its own too.
"""

import json
import os
import re
import subprocess
import sys
import threading

from contract import Leaving, Owned, Written, main, say

ASSIGNORS = {
    "default": [],
    "range": ["-X", "partition.assignment.strategy=range"],
    "roundrobin": ["-X", "partition.assignment.strategy=roundrobin"],
    "cooperative-sticky": ["-X", "partition.assignment.strategy=cooperative-sticky"],
}

# Prints records as JSON, each at once, and goes on while no broker is there.
CONSUME = ["-J", "-u", "-E"]

# Stands between a key and its value; no text of the cases holds it.
SEPARATOR = "\x1f"


def kcat(order, *words, **pipes):
    # It dies with this program, which may be killed.
    command = ["setpriv", "--pdeathsig", "KILL", "kcat", "-b", order["bootstrap"], *words]
    return subprocess.Popen(command, text=True, **pipes)


def produce(order):
    written = Written()
    for records in heard():
        runs = {}
        for record in records:
            apart = json.dumps([record["partition"], record["headers"]])
            line = f"{record['key'] or ''}{SEPARATOR}{record['value'] or ''}\n"
            runs.setdefault(apart, (record, []))[1].append(line)
        started = [(start(order, record), lines) for record, lines in runs.values()]
        for run, lines in started:
            _, complaints = run.communicate("".join(lines))
            sys.stderr.write(complaints)
            if run.returncode != 0:
                sys.exit(f"kcat ended with {run.returncode}")
            written.add(complaints.count("Message delivered to partition"))


def heard():
    """Records that came together: kcat sends nothing before it has seen the end of its input."""
    rest = b""
    while data := os.read(sys.stdin.fileno(), 1 << 20):
        *lines, rest = (rest + data).split(b"\n")
        if lines:
            yield [json.loads(line) for line in lines]


def start(order, record):
    """A kcat that sends records which have partition and headers in common with this one."""
    words = ["-P", "-t", order["topic"], "-z", order["codec"], "-K", SEPARATOR, "-Z", "-vv"]
    if record["partition"] is not None:
        words += ["-p", str(record["partition"])]
    for name, content in record["headers"]:
        words += ["-H", name if content is None else f"{name}={content}"]
    settings = ["-X", "message.timeout.ms=60000", "-X", "enable.idempotence=true"]
    return kcat(order, *words, *settings, stdin=subprocess.PIPE, stderr=subprocess.PIPE)


def said(line):
    """Says a record that kcat printed; its headers are one list of names and values by turns."""
    record = json.loads(line)
    names = record.get("headers", [])
    say({
        "partition": record["partition"],
        "offset": record["offset"],
        "key": record["key"],
        "value": record["payload"],
        "headers": [[names[at], names[at + 1]] for at in range(0, len(names), 2)],
    })


def consume(order):
    runs = [
        kcat(order, *CONSUME, "-p", str(partition), "-o", "beginning", "-C", "-t", order["topic"], stdout=subprocess.PIPE)
        for partition in order["partitions"]
    ]
    Countdown(order["count"]).over(runs)


class Countdown:
    """How many records are still to come, over several runs that each print some."""

    def __init__(self, count):
        self.count = count
        self.lock = threading.Lock()
        self.done = threading.Event()

    def over(self, runs):
        """Says what they print until it is enough, and ends them."""
        for run in runs:
            threading.Thread(target=self.read, args=(run,), daemon=True).start()
        self.done.wait()
        for run in runs:
            run.terminate()
            run.wait()

    def read(self, run):
        for line in run.stdout:
            with self.lock:
                if self.count > 0:
                    said(line)
                    self.count -= 1
                if self.count == 0:
                    self.done.set()


def group(order):
    words = ["-X", f"session.timeout.ms={order['session_ms']}", "-X", "heartbeat.interval.ms=500"]
    words += ["-X", "auto.offset.reset=earliest", *ASSIGNORS[order["assignor"]]]
    words += [*CONSUME, "-G", order["group"], order["topic"]]
    run = kcat(order, *words, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    owned = Owned()

    def hear():
        # "% Group g rebalanced (memberid m): assigned: t [0], t [1]", with "incremental_" before it where only changes are told
        for line in run.stderr:
            change = re.search(r"rebalanced .*: *(\w+): (.*)$", line)
            partitions = [int(number) for number in re.findall(r"\[(\d+)\]", change[2])] if change else []
            if change and "revoke" in change[1]:
                owned.remove(partitions)
            elif change and "assign" in change[1]:
                owned.add(partitions)
            else:
                sys.stderr.write(line)

    threading.Thread(target=hear, daemon=True).start()
    threading.Thread(target=lambda: [said(line) for line in run.stdout], daemon=True).start()
    Leaving().wait()
    run.terminate()
    sys.exit(run.wait())


def version():
    said = subprocess.run(["kcat", "-V"], capture_output=True, text=True).stdout
    return re.search(r"Version (\S+).*librdkafka (\S+)", said).expand(r"\1, librdkafka \2")


if __name__ == "__main__":
    main(("kcat", version()), produce, consume, group)
