"""Our own command, `ottla produce` and `ottla consume`, by the contract of ../README.md: this program only speaks for it.

Its JSON is that of kcat, one record a line. What it reports it reports in the end, so each lot of records has a run of its own.
"""

import json
import os
import subprocess
import sys

from contract import Written, main
from kcat import Countdown, heard, said


def ottla(order, *words, **pipes):
    # It dies with this program, which may be killed.
    command = ["setpriv", "--pdeathsig", "KILL", os.environ["OTTLA"], *words, "--bootstrap", order["bootstrap"]]
    return subprocess.Popen(command, text=True, **pipes)


def produce(order):
    written = Written()
    for records in heard():
        words = ["--json", "--keep-partition", "--report", "--codec", order["codec"]]
        run = ottla(order, "produce", order["topic"], *words, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        report, _ = run.communicate("".join(json.dumps(line(record)) + "\n" for record in records))
        if run.returncode != 0:
            sys.exit(f"ottla produce ended with {run.returncode}")
        written.add(len(report.splitlines()))


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


def version():
    told = subprocess.run([os.environ["OTTLA"], "--version"], capture_output=True, text=True).stdout
    return told.split()[1]


main(("ottla", version()), produce, consume, None)
