"""kafka-python's admin client: says what each of its calls comes to, one line a step, by the contract of ../README.md.

What differs from broker to broker (ids, ports, folders, times) is left out, so that two brokers can be held together.
"""

import time

import kafka
from kafka import KafkaAdminClient, KafkaProducer, TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType, OffsetSpec
from kafka.errors import CoordinatorLoadInProgressError, CoordinatorNotAvailableError, KafkaError
from kafka.structs import OffsetAndMetadata

from contract import main, say

# How long a broker may take until what it has answered is to be seen.
PATIENCE_S = 60


def said(value):
    """A result in the words of JSON."""
    if isinstance(value, dict):
        return {str(said(key)): said(of) for key, of in sorted(value.items(), key=str)}
    if isinstance(value, TopicPartition):
        return f"{value.topic}-{value.partition}"
    if isinstance(value, (list, set)):
        return [said(one) for one in value]
    if isinstance(value, type):
        return value.__name__
    if isinstance(value, (str, int)) or value is None:
        return value
    return str(value)


def until(what, call, done):
    """Calls until the result is as it has to be, and says what it waited for if it never is."""
    deadline = time.monotonic() + PATIENCE_S
    while not done(result := call()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what}: still {result!r} after {PATIENCE_S} s")
    return result


def admin(order):
    client = KafkaAdminClient(bootstrap_servers=order["bootstrap"])
    at = [TopicPartition("python-admin", partition) for partition in range(4)]

    def step(name, call):
        def outcome():
            try:
                return said(call())
            except (CoordinatorNotAvailableError, CoordinatorLoadInProgressError):
                return None  # It makes its topic first.
            except KafkaError as error:
                return type(error).__name__

        say({"step": name, "outcome": until(name, outcome, lambda found: found is not None)})

    def codes(answer):
        """The code of each topic of an answer, whose only list is of topics."""
        answer = answer if isinstance(answer, dict) else answer.to_dict()
        topics = next(field for field in answer.values() if isinstance(field, list))
        return {topic["name"]: topic["error_code"] for topic in topics}

    def create(topics, **more):
        return codes(client.create_topics(topics, raise_errors=False, **more))

    def topics():
        return [name for name in sorted(client.list_topics()) if name.startswith("python-")]

    def partitions():
        return [len(topic["partitions"]) for topic in client.describe_topics(["python-admin"])]

    def resource(name="python-admin", configs=None):
        return ConfigResource(ConfigResourceType.TOPIC, name, configs=configs)

    def config(*keys):
        """The topic's own configuration, once these are its keys: a broker may tell of changes a little later."""
        def configs():
            return client.describe_configs([resource()])["topic"]["python-admin"]

        found = until(f"configs {keys}", configs, lambda found: set(found) == set(keys))
        return {key: [of["value"], of["config_source"], of["config_type"]] for key, of in found.items()}

    def resources():
        return [name for name in client.list_config_resources(["TOPIC"])["topic"] if name.startswith("python-")]

    def alter(*changes, **more):
        return client.alter_configs([resource(configs=dict(changes))], **more)

    def committed():
        found = client.list_group_offsets({"python-group": None})["python-group"]
        return {of: position.offset for of, position in found.items()}

    def ends(spec):
        found = client.list_partition_offsets({one: spec for one in at[:2]})
        return {of: position.offset for of, position in found.items()}

    def delete_records(upto):
        return {of: found["low_watermark"] for of, found in client.delete_records(upto).items()}

    def groups(*fields):
        found = [one for one in client.list_groups() if one["group_id"] == "python-group"]
        return [tuple(one.get(field) for field in fields) for one in found]

    def described():
        found = client.describe_groups(["python-group"])
        return [(of, one["group_state"], one["members"]) for of, one in found.items()]

    def voters():
        quorum = client.describe_metadata_quorum()["topics"][0]["partitions"][0]
        return [one["replica_id"] for one in quorum["current_voters"]]

    def delete_topics(*names):
        return codes(client.delete_topics(list(names), raise_errors=False))

    def log_dirs():
        found = client.describe_log_dirs({"python-admin": [0, 1, 2, 3]})
        return str(found).count("partition_index")

    plan = {"python-admin": {"num_partitions": 2, "replication_factor": 1, "configs": {"retention.ms": "60000"}}}
    step("create, only validated", lambda: create(plan, validate_only=True))
    step("topics after that", topics)
    step("create", lambda: create(plan, wait_for_metadata=True))
    step("create again", lambda: create(plan))
    one = {"num_partitions": 1, "replication_factor": 1}
    step("create with three replicas", lambda: create({"python-three": {**one, "replication_factor": 3}}))
    step("create with a name that may not be", lambda: create({"python/": one}))
    step("create with no such key", lambda: create({"python-key": {**one, "configs": {"no.such": "1"}}}))
    given = {"python-given": {"assignments": {0: [1], 1: [1]}}}
    step("create as assigned", lambda: create(given, wait_for_metadata=True))
    step("topics", topics)
    step("add partitions", lambda: codes(client.create_partitions({"python-admin": 4}, raise_errors=False)))
    step("add none", lambda: codes(client.create_partitions({"python-admin": 4}, raise_errors=False)))
    step("add to none", lambda: codes(client.create_partitions({"python-none": 4}, raise_errors=False)))
    until("four partitions", partitions, lambda found: found == [4])
    step("partitions", partitions)

    step("configs", lambda: config("retention.ms"))
    step("change configs", lambda: alter(("max.message.bytes", "2000"), ("retention.ms", ("DELETE", None))))
    step("configs after", lambda: config("max.message.bytes"))
    step("append to a list", lambda: alter(("cleanup.policy", ("APPEND", "compact"))))
    step("a change only validated", lambda: alter(("max.message.bytes", "3000"), validate_only=True))
    step("a value that may not be", lambda: alter(("max.message.bytes", "-2")))
    step("configs in the end", lambda: config("cleanup.policy", "max.message.bytes"))
    step("reset", lambda: client.reset_configs([resource(configs=["cleanup.policy", "max.message.bytes"])]))
    step("configs after reset", config)
    step("configs of no topic", lambda: client.describe_configs([resource("python-none")]))
    step("resources with configs", resources)

    producer = KafkaProducer(bootstrap_servers=order["bootstrap"], acks="all")
    for number in range(10):
        producer.send("python-admin", value=str(number).encode(), partition=0, timestamp_ms=1_000 + number)
    producer.flush(60)
    producer.close()
    step("earliest", lambda: ends(OffsetSpec.EARLIEST))
    step("latest", lambda: ends(OffsetSpec.LATEST))
    step("delete records", lambda: delete_records({at[0]: 4, at[1]: -1}))
    step("delete records past the end", lambda: client.delete_records({at[0]: 400}))
    step("delete records of no topic", lambda: client.delete_records({TopicPartition("python-none", 0): 1}))
    step("earliest after", lambda: ends(OffsetSpec.EARLIEST))
    step("partitions in log folders", log_dirs)

    positions = {at[0]: OffsetAndMetadata(5, "here", -1), at[1]: OffsetAndMetadata(0, "", -1)}
    step("set offsets", lambda: client.alter_group_offsets("python-group", positions))
    step("offsets", committed)
    step("reset offsets", lambda: client.reset_group_offsets("python-group", {at[0]: OffsetSpec.LATEST}))
    step("offsets after reset", committed)
    step("forget an offset", lambda: client.delete_group_offsets("python-group", [at[1]]))
    step("offsets left", committed)
    step("groups", lambda: groups("group_id", "group_state", "group_type"))
    step("describe groups", described)
    step("delete groups", lambda: client.delete_groups(["python-group", "python-no-group"]))
    step("groups in the end", lambda: [group for (group,) in groups("group_id")])

    step("cluster", lambda: len(client.describe_cluster()["brokers"]))
    step("quorum", voters)
    step("producers", lambda: len(client.describe_producers([at[0]])))
    step("brokers that list transactions", lambda: sorted(client.list_transactions()))
    step("no such transaction", lambda: client.describe_transactions(["python-none"]))
    step("moves", lambda: client.list_partition_reassignments())
    step("delete topics", lambda: delete_topics("python-admin", "python-given", "python-none"))
    # A broker may do so after it has answered.
    until("no topics", topics, lambda found: not found)
    step("topics in the end", topics)
    client.close()


main(("kafka-python", kafka.__version__), None, None, None, admin=admin)
