//! The broker core: topics, produce and fetch as a request in and a response out, with no socket in sight.
