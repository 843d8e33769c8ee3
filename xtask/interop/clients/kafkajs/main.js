// KafkaJS, by the contract of ../README.md. Runs with NODE_PATH at the node_modules that package-lock.json describes.

"use strict";

const { CompressionCodecs, CompressionTypes, Kafka, Partitioners, logLevel } = require("kafkajs");
const lz4 = require("lz4-napi");
const { ZstdCodec } = require("zstd-codec");

const CODECS = {
  none: CompressionTypes.None,
  gzip: CompressionTypes.GZIP,
  snappy: CompressionTypes.Snappy,
  lz4: CompressionTypes.LZ4,
  zstd: CompressionTypes.ZSTD,
};

CompressionCodecs[CompressionTypes.Snappy] = require("kafkajs-snappy");
CompressionCodecs[CompressionTypes.LZ4] = () => ({
  compress: (encoder) => lz4.compressFrame(encoder.buffer),
  decompress: (buffer) => lz4.decompressFrame(buffer),
});
CompressionCodecs[CompressionTypes.ZSTD] = () => {
  // Only its streams read frames that do not say how long their content is.
  const streaming = new Promise((done) => ZstdCodec.run((zstd) => done(new zstd.Streaming())));
  return {
    compress: async (encoder) => Buffer.from((await streaming).compress(encoder.buffer)),
    decompress: async (buffer) => Buffer.from((await streaming).decompress(buffer)),
  };
};

function say(fields) {
  process.stdout.write(`${JSON.stringify(fields)}\n`);
}

function sayRecord(partition, { offset, key, value, headers }) {
  const text = (content) => content?.toString() ?? null;
  const pairs = Object.entries(headers ?? {}).map(([name, content]) => [name, text(content)]);
  say({ partition, offset: Number(offset), key: text(key), value: text(value), headers: pairs });
}

function connect(order) {
  return new Kafka({
    brokers: [order.bootstrap],
    logLevel: logLevel.WARN,
    // Standard output is for the contract.
    logCreator: () => (entry) => console.error(JSON.stringify(entry)),
    retry: { initialRetryTime: 100, maxRetryTime: 1000, retries: 100 },
  });
}

// Lines of standard input, parsed: an array of those that came together, which are then sent together.
async function* heard() {
  let rest = "";
  for await (const data of process.stdin) {
    const lines = (rest + data).split("\n");
    rest = lines.pop();
    if (lines.length > 0) yield lines.map((line) => JSON.parse(line));
  }
}

async function produce(order) {
  const producer = connect(order).producer({ createPartitioner: Partitioners.DefaultPartitioner });
  await producer.connect();
  let written = 0;
  for await (const records of heard()) {
    const messages = records.map(({ partition, key, value, headers }) => ({
      partition: partition ?? undefined,
      key,
      value,
      headers: Object.fromEntries(headers),
    }));
    await producer.send({ topic: order.topic, messages, compression: CODECS[order.codec], acks: -1 });
    written += messages.length;
    say({ written });
  }
  await producer.disconnect();
}

// It has no partitions but those of a group.
async function run(order, groupId, settings, said) {
  const consumer = connect(order).consumer({
    groupId,
    heartbeatInterval: 500,
    maxWaitTimeInMs: 100,
    ...settings,
  });
  consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
    said.owned?.([...(payload.memberAssignment[order.topic] ?? [])].sort((a, b) => a - b));
  });
  await consumer.connect();
  await consumer.subscribe({ topics: [order.topic], fromBeginning: true });
  await consumer.run({
    eachBatch: async ({ batch, resolveOffset, commitOffsetsIfNecessary, uncommittedOffsets }) => {
      for (const message of batch.messages) {
        sayRecord(batch.partition, message);
        resolveOffset(message.offset);
      }
      await commitOffsetsIfNecessary(uncommittedOffsets());
      said.consumed?.(batch.messages.length);
    },
  });
  return consumer;
}

async function consume(order) {
  let left = order.count;
  let finish;
  const finished = new Promise((done) => (finish = done));
  const consumer = await run(order, `alone-${order.topic}-${process.pid}`, {}, {
    consumed: (count) => {
      left -= count;
      if (left <= 0) finish();
    },
  });
  await finished;
  await consumer.disconnect();
}

async function group(order) {
  const settings = { sessionTimeout: order.session_ms, rebalanceTimeout: 10 * order.session_ms };
  const consumer = await run(order, order.group, settings, { owned: (owned) => say({ owned }) });
  await new Promise((done) => process.stdin.once("data", done).once("end", done).resume());
  await consumer.disconnect();
}

async function main([command, order]) {
  if (command === "about") {
    say({ name: "kafkajs", version: require("kafkajs/package.json").version });
    return;
  }
  await { produce, consume, group }[command](JSON.parse(order));
}

main(process.argv.slice(2)).then(
  () => process.exit(0),
  (error) => {
    console.error(error);
    process.exit(1);
  },
);
