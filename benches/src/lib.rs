//! Benchmarks of the stack, one criterion bench a layer.
