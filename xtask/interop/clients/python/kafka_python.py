"""kafka-python, by the contract of ../README.md."""

import sys

import kafka
from kafka import ConsumerRebalanceListener, KafkaConsumer, KafkaProducer, TopicPartition
from kafka.coordinator.assignors.cooperative_sticky import CooperativeStickyAssignor
from kafka.coordinator.assignors.range import RangePartitionAssignor
from kafka.coordinator.assignors.roundrobin import RoundRobinPartitionAssignor
from kafka.coordinator.assignors.sticky.sticky_assignor import StickyPartitionAssignor
from kafka.errors import KafkaError

from contract import Leaving, Owned, Written, heard_records, main, say_record

ASSIGNORS = {
    "default": {},
    "range": {"partition_assignment_strategy": (RangePartitionAssignor,)},
    "roundrobin": {"partition_assignment_strategy": (RoundRobinPartitionAssignor,)},
    "sticky": {"partition_assignment_strategy": (StickyPartitionAssignor,)},
    "cooperative-sticky": {"partition_assignment_strategy": (CooperativeStickyAssignor,)},
}


def produce(order):
    producer = KafkaProducer(
        bootstrap_servers=order["bootstrap"],
        compression_type=None if order["codec"] == "none" else order["codec"],
        acks="all",
        linger_ms=5,
        delivery_timeout_ms=60_000,
        request_timeout_ms=10_000,
    )
    failures = []
    written = Written()
    for partition, key, value, headers in heard_records():
        future = producer.send(order["topic"], key=key, value=value, headers=headers, partition=partition)
        future.add_callback(lambda _: written.add(1))
        future.add_errback(failures.append)
    producer.flush(60)
    producer.close()
    if failures:
        sys.exit(f"not written: {failures}")


def consumer_of(order, **settings):
    return KafkaConsumer(
        bootstrap_servers=order["bootstrap"],
        auto_offset_reset="earliest",
        enable_auto_commit=False,
        fetch_max_wait_ms=100,
        reconnect_backoff_max_ms=1_000,
        **settings,
    )


def poll(consumer):
    """Says what one poll brings, and how many records that were."""
    count = 0
    for records in consumer.poll(timeout_ms=100).values():
        for record in records:
            say_record(record.partition, record.offset, record.key, record.value, record.headers)
            count += 1
    return count


def consume(order):
    consumer = consumer_of(order)
    consumer.assign([TopicPartition(order["topic"], partition) for partition in order["partitions"]])
    consumer.seek_to_beginning()
    count = 0
    while count < order["count"]:
        count += poll(consumer)
    consumer.close()


class Listener(ConsumerRebalanceListener):
    def __init__(self):
        self.owned = Owned()

    def on_partitions_assigned(self, assigned):
        self.owned.add(partition.partition for partition in assigned)

    def on_partitions_revoked(self, revoked):
        self.owned.remove([partition.partition for partition in revoked])


def group(order):
    consumer = consumer_of(
        order,
        group_id=order["group"],
        session_timeout_ms=order["session_ms"],
        heartbeat_interval_ms=500,
        **ASSIGNORS[order["assignor"]],
    )
    consumer.subscribe([order["topic"]], listener=Listener())
    # Release 3.0.12 spins for ever, once in twenty starts, when it learns of the partitions only after its first join.
    consumer.partitions_for_topic(order["topic"])
    leaving = Leaving()
    while not leaving:
        try:
            if poll(consumer) > 0:
                consumer.commit()
        except KafkaError as error:
            print(error, file=sys.stderr)
    consumer.close()


main(("kafka-python", kafka.__version__), produce, consume, group)
