"""What every program in this folder hears and says: orders, records and events as JSON lines.

The contract itself is in ../README.md; the libraries are in the programs beside this file.
"""

import json
import queue
import sys
import threading

_lock = threading.Lock()


def say(fields):
    """Says one thing, at once."""
    with _lock:
        sys.stdout.write(json.dumps(fields) + "\n")
        sys.stdout.flush()


def say_record(partition, offset, key, value, headers):
    """Says one record that was consumed; keys, values and values of headers come as bytes or None."""
    say({
        "partition": partition,
        "offset": offset,
        "key": text(key),
        "value": text(value),
        "headers": [[name, text(content)] for name, content in headers or ()],
    })


def heard_records():
    """Records to produce, as they come, with bytes in them."""
    for line in sys.stdin:
        record = json.loads(line)
        yield (
            record["partition"],
            data(record["key"]),
            data(record["value"]),
            [(name, data(content)) for name, content in record["headers"]],
        )


def text(content):
    return None if content is None else content.decode()


def data(content):
    return None if content is None else content.encode()


class Written:
    """Counts what was acknowledged; every change is said."""

    def __init__(self):
        self._lock = threading.Lock()
        self._count = 0

    def add(self, more):
        with self._lock:
            self._count += more
            say({"written": self._count})


class Leaving:
    """Whether the program was told to leave its group."""

    def __init__(self):
        self._event = threading.Event()
        threading.Thread(target=self._hear, daemon=True).start()

    def _hear(self):
        sys.stdin.readline()
        self._event.set()

    def __bool__(self):
        return self._event.is_set()

    def wait(self):
        self._event.wait()


class Owned:
    """The partitions that a member owns; every change is said."""

    def __init__(self):
        self._partitions = set()

    def add(self, partitions):
        self._partitions |= set(partitions)
        self._say()

    def remove(self, partitions):
        self._partitions -= set(partitions)
        self._say()

    def _say(self):
        say({"owned": sorted(self._partitions)})


class Transform:
    """What a program that transforms in transactions is told, and says."""

    def __init__(self, order):
        self._order = order
        self._number = 0
        self._lines = queue.Queue()
        self._over = threading.Event()
        threading.Thread(target=self._hear, daemon=True).start()

    def _hear(self):
        for line in sys.stdin:
            self._lines.put(line)
        self._over.set()

    def is_over(self):
        """Whether it was told that there is no more."""
        return self._over.is_set()

    def begin(self):
        """Another transaction begins."""
        self._number += 1

    def hold(self):
        """Waits for a line if this transaction is the one to be held before its end."""
        if self._number == self._order["hold"]:
            self.said("held")
            self._lines.get()

    def aborts(self):
        """Whether this transaction is the one to abort."""
        return self._number == self._order["abort"]

    def said(self, what):
        """Says what became of a transaction."""
        say({"transaction": what})


def main(about, produce, consume, group, **others):
    """Runs what the command line orders."""
    if sys.argv[1] == "about":
        name, version = about
        say({"name": name, "version": version})
        return
    orders = {"produce": produce, "consume": consume, "group": group, **others}
    orders[sys.argv[1]](json.loads(sys.argv[2]))
