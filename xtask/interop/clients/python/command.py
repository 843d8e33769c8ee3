"""Our own command, `ottla produce` and `ottla consume`, by the contract of ../README.md: this program only speaks for it.

Its JSON is that of kcat, one record a line.
"""

import json
import os
import subprocess
import sys
import threading

from contract import Leaving, Owned, Written, main
from kcat import Countdown, said


def ottla(order, *words, **pipes):
    # It dies with this program, which may be killed.
    command = ["setpriv", "--pdeathsig", "KILL", os.environ["OTTLA"], *words, "--bootstrap", order["bootstrap"]]
    return subprocess.Popen(command, text=True, **pipes)


def produce(order):
    words = ["--json", "--keep-partition", "--report", "--codec", order["codec"]]
    run = ottla(order, "produce", order["topic"], *words, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    written = Written()
    hearing = threading.Thread(target=lambda: [written.add(1) for _ in run.stdout])
    hearing.start()
    for heard in sys.stdin:
        run.stdin.write(json.dumps(line(json.loads(heard))) + "\n")
        run.stdin.flush()
    run.stdin.close()
    hearing.join()
    if run.wait() != 0:
        sys.exit(f"ottla produce ended with {run.returncode}")


def line(record):
    fields = {
        "key": record["key"],
        "payload": record["value"],
        "headers": [part for header in record["headers"] for part in header],
    }
    if record["partition"] is not None:
        fields["partition"] = record["partition"]
    return fields


def consume(order):
    runs = [
        ottla(order, "consume", order["topic"], "--json", "--partition", str(partition), stdout=subprocess.PIPE)
        for partition in order["partitions"]
    ]
    Countdown(order["count"]).over(runs)


def group(order):
    words = ["--group", order["group"], "--json", "-X", f"session.timeout.ms={order['session_ms']}"]
    words += ["-X", "heartbeat.interval.ms=500"]
    if order["assignor"] != "default":
        words += ["-X", f"partition.assignment.strategy={order['assignor']}"]
    # Both of its outputs in one pipe keep their order: what it owns, and what it reads.
    run = ottla(order, "consume", order["topic"], *words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    owned = Owned()

    def hear():
        for line in run.stdout:
            what, _, partitions = line.partition(": ")
            if line.startswith("{"):
                said(line)
            elif what == "assigned":
                owned.add(numbers(partitions))
            elif what in ("revoked", "lost"):
                owned.remove(numbers(partitions))
            else:
                sys.stderr.write(line)

    hearing = threading.Thread(target=hear, daemon=True)
    hearing.start()
    Leaving().wait()
    run.terminate()
    hearing.join()
    sys.exit(run.wait())


def numbers(told):
    """The partitions in `orders 0,2`."""
    words = told.split()
    return [int(number) for numbers in words[1::2] for number in numbers.split(",")]


def version():
    told = subprocess.run([os.environ["OTTLA"], "--version"], capture_output=True, text=True).stdout
    return told.split()[1]


main(("ottla", version()), produce, consume, group)
