"""confluent-kafka, which is librdkafka of today, by the contract of ../README.md."""

import sys
import threading
import time

import confluent_kafka
from confluent_kafka import Consumer, KafkaError, KafkaException, Producer, TopicPartition

from contract import Leaving, Owned, Transform, Written, heard_records, main, say_record

ASSIGNORS = {
    "default": {},
    "range": {"partition.assignment.strategy": "range"},
    "roundrobin": {"partition.assignment.strategy": "roundrobin"},
    "cooperative-sticky": {"partition.assignment.strategy": "cooperative-sticky"},
}


def produce(order):
    producer = Producer({
        "bootstrap.servers": order["bootstrap"],
        "compression.type": order["codec"],
        "message.timeout.ms": 60_000,
    })
    failures = []
    written = Written()

    def delivered(error, _):
        if error is None:
            written.add(1)
        else:
            failures.append(error)

    ended = threading.Event()

    def serve():
        while not ended.is_set():
            producer.poll(0.05)

    server = threading.Thread(target=serve)
    server.start()
    for partition, key, value, headers in heard_records():
        where = {} if partition is None else {"partition": partition}
        producer.produce(
            order["topic"], key=key, value=value, headers=headers, on_delivery=delivered, **where
        )
    left = producer.flush(60)
    ended.set()
    server.join()
    if failures or left:
        sys.exit(f"{left} records without an answer; {failures}")


def consumer_of(order, **settings):
    return Consumer({
        "bootstrap.servers": order["bootstrap"],
        "auto.offset.reset": "earliest",
        "enable.auto.commit": False,
        "fetch.wait.max.ms": 100,
        "reconnect.backoff.max.ms": 1_000,
        **settings,
    })


def said(message):
    """Says a message; what is no message is an error of the moment, which the library mends by itself, or an end."""
    error = message.error()
    if error is None:
        say_record(
            message.partition(), message.offset(), message.key(), message.value(), message.headers()
        )
        return True
    if error.fatal():
        raise KafkaException(error)
    print(error, file=sys.stderr)
    return False


def consume(order):
    consumer = consumer_of(order, **{"group.id": "unused"})
    partitions = order["partitions"]
    consumer.assign([TopicPartition(order["topic"], partition, 0) for partition in partitions])
    count = 0
    while count < order["count"]:
        message = consumer.poll(1.0)
        if message is not None and said(message):
            count += 1
    consumer.close()


def membership(order):
    """The settings of a member of a group; the new protocol leaves the times to the broker."""
    settings = {"group.id": order["group"]}
    if order.get("instance") is not None:
        settings["group.instance.id"] = order["instance"]
    if order.get("protocol") == "consumer":
        settings["group.protocol"] = "consumer"
        if order["assignor"] != "default":
            settings["group.remote.assignor"] = order["assignor"]
        return settings
    return {
        **settings,
        "session.timeout.ms": order["session_ms"],
        "heartbeat.interval.ms": 500,
        **ASSIGNORS[order["assignor"]],
    }


def group(order):
    consumer = consumer_of(order, **membership(order))
    owned = Owned()

    def numbers(partitions):
        return [partition.partition for partition in partitions]

    pattern = order.get("pattern")
    consumer.subscribe(
        [order["topic"] if pattern is None else f"^{pattern}$"],
        on_assign=lambda _, partitions: owned.add(numbers(partitions)),
        on_revoke=lambda _, partitions: owned.remove(numbers(partitions)),
        on_lost=lambda _, partitions: owned.remove(numbers(partitions)),
    )
    leaving = Leaving()
    while not leaving:
        try:
            messages = consumer.consume(num_messages=1_000, timeout=0.1)
            if sum(said(message) for message in messages) > 0:
                consumer.commit(asynchronous=False)
        except KafkaException as error:
            print(error, file=sys.stderr)
    consumer.close()


def committed(order):
    consumer = consumer_of(order, **{"group.id": order["group"]})
    wanted = order["offsets"]
    partitions = [TopicPartition(order["topic"], partition) for partition in range(len(wanted))]
    found = None
    deadline = time.monotonic() + order["patience_ms"] / 1_000
    while found != wanted:
        if time.monotonic() > deadline:
            sys.exit(f"committed are {found} and not {wanted}")
        try:
            found = [max(partition.offset, 0) for partition in consumer.committed(partitions, timeout=10)]
        except KafkaException as failure:
            print(failure, file=sys.stderr)  # the broker may be away, or only just back
            time.sleep(0.1)
    consumer.close()


def transform(order):
    producer = Producer({
        "bootstrap.servers": order["bootstrap"],
        "transactional.id": order["id"],
        "linger.ms": 0,
        "reconnect.backoff.max.ms": 1_000,
    })
    transform = Transform(order)

    def turn(consumer):
        """One transaction, if there is something to read."""
        messages = consumer.consume(num_messages=order["batch"], timeout=0.1)
        messages = [message for message in messages if message.error() is None]
        if not messages:
            return
        transform.begin()
        producer.begin_transaction()
        for message in messages:
            producer.produce(order["to"], key=message.key(), value=message.value().upper())
        positions = consumer.position(consumer.assignment())
        again(lambda: producer.send_offsets_to_transaction(positions, consumer.consumer_group_metadata()))
        producer.flush()
        transform.hold()
        if transform.aborts():
            again(producer.abort_transaction)
            rewind(consumer)
            transform.said("aborted")
        else:
            again(producer.commit_transaction)
            transform.said("committed")

    try:
        again(producer.init_transactions)
        consumer = consumer_of(order, **{
            "group.id": order["group"],
            "group.instance.id": order["id"],
            "session.timeout.ms": order["session_ms"],
            "heartbeat.interval.ms": 500,
            "isolation.level": "read_committed",
        })
        consumer.subscribe([order["from"]])
        while not transform.is_over():
            try:
                turn(consumer)
            except KafkaException as failure:
                if not failure.args[0].txn_requires_abort():
                    raise
                print(failure, file=sys.stderr)
                again(producer.abort_transaction)
                rewind(consumer)
        consumer.close()
    except KafkaException as failure:
        if failure.args[0].code() not in FENCED:
            raise
        transform.said("fenced")


FENCED = (KafkaError._FENCED, KafkaError.PRODUCER_FENCED, KafkaError.INVALID_PRODUCER_EPOCH)


def again(call):
    """Calls until the library no longer says that calling again may help."""
    while True:
        try:
            return call()
        except KafkaException as failure:
            if not failure.args[0].retriable():
                raise
            print(failure, file=sys.stderr)


def rewind(consumer):
    """Back to what is committed: what was read since then has to be read again."""
    for partition in again(lambda: consumer.committed(consumer.assignment(), timeout=10)):
        partition.offset = max(partition.offset, 0)
        consumer.seek(partition)


VERSION = f"{confluent_kafka.__version__}, librdkafka {confluent_kafka.libversion()[0]}"
main(("confluent-kafka", VERSION), produce, consume, group, committed=committed, transform=transform)
