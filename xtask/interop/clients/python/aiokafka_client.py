"""aiokafka, by the contract of ../README.md."""

import asyncio
import sys
import threading

import aiokafka
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRebalanceListener, TopicPartition
from aiokafka.coordinator.assignors.range import RangePartitionAssignor
from aiokafka.coordinator.assignors.roundrobin import RoundRobinPartitionAssignor
from aiokafka.coordinator.assignors.sticky.sticky_assignor import StickyPartitionAssignor
from aiokafka.errors import KafkaError

from contract import Leaving, Owned, Written, heard_records, main, say_record

ASSIGNORS = {
    "default": {},
    "range": {"partition_assignment_strategy": (RangePartitionAssignor,)},
    "roundrobin": {"partition_assignment_strategy": (RoundRobinPartitionAssignor,)},
    "sticky": {"partition_assignment_strategy": (StickyPartitionAssignor,)},
}


async def records_to_produce():
    """What is heard, without holding up the event loop."""
    loop = asyncio.get_running_loop()
    queue = asyncio.Queue()

    def hear():
        for record in heard_records():
            loop.call_soon_threadsafe(queue.put_nowait, record)
        loop.call_soon_threadsafe(queue.put_nowait, None)

    threading.Thread(target=hear, daemon=True).start()
    while (record := await queue.get()) is not None:
        yield record


async def produce(order):
    producer = AIOKafkaProducer(
        bootstrap_servers=order["bootstrap"],
        compression_type=None if order["codec"] == "none" else order["codec"],
        enable_idempotence=True,
        linger_ms=5,
        request_timeout_ms=60_000,
    )
    await producer.start()
    failures = []
    written = Written()

    def delivered(future):
        if future.exception() is None:
            written.add(1)
        else:
            failures.append(future.exception())

    async for partition, key, value, headers in records_to_produce():
        future = await producer.send(order["topic"], key=key, value=value, headers=headers, partition=partition)
        future.add_done_callback(delivered)
    await producer.stop()
    if failures:
        sys.exit(f"not written: {failures}")


def consumer_of(order, **settings):
    return AIOKafkaConsumer(
        bootstrap_servers=order["bootstrap"],
        auto_offset_reset="earliest",
        enable_auto_commit=False,
        fetch_max_wait_ms=100,
        retry_backoff_ms=100,
        **settings,
    )


async def poll(consumer):
    """Says what one poll brings, and how many records that were."""
    count = 0
    for records in (await consumer.getmany(timeout_ms=100)).values():
        for record in records:
            say_record(record.partition, record.offset, record.key, record.value, record.headers)
            count += 1
    return count


async def consume(order):
    consumer = consumer_of(order)
    partitions = [TopicPartition(order["topic"], partition) for partition in order["partitions"]]
    consumer.assign(partitions)
    await consumer.start()
    await consumer.seek_to_beginning(*partitions)
    count = 0
    while count < order["count"]:
        count += await poll(consumer)
    await consumer.stop()


class Listener(ConsumerRebalanceListener):
    def __init__(self):
        self.owned = Owned()

    async def on_partitions_assigned(self, assigned):
        self.owned.add(partition.partition for partition in assigned)

    async def on_partitions_revoked(self, revoked):
        self.owned.remove([partition.partition for partition in revoked])


async def group(order):
    consumer = consumer_of(
        order,
        group_id=order["group"],
        session_timeout_ms=order["session_ms"],
        heartbeat_interval_ms=500,
        **ASSIGNORS[order["assignor"]],
    )
    consumer.subscribe([order["topic"]], listener=Listener())
    await consumer.start()
    leaving = Leaving()
    while not leaving:
        try:
            if await poll(consumer) > 0:
                await consumer.commit()
        except KafkaError as error:
            print(error, file=sys.stderr)
    await consumer.stop()


def blocking(serve):
    return lambda order: asyncio.run(serve(order))


main(("aiokafka", aiokafka.__version__), blocking(produce), blocking(consume), blocking(group))
