//! What the ottla producer and consumer share: bootstrap, metadata, connections, retries and admin calls for any Kafka cluster.
