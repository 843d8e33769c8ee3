// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! Structures of `ConsumerGroupRegularExpression` out of random bytes.

use ottla_protocol::internal::consumer_group_regular_expression;

use crate::source::Source;

pub(crate) fn consumer_group_regular_expression_key(
    s: &mut Source<'_>,
    _version: i16,
) -> consumer_group_regular_expression::ConsumerGroupRegularExpressionKey {
    let mut value = consumer_group_regular_expression::ConsumerGroupRegularExpressionKey::default();
    value.group_id = s.string("group_id");
    value.regular_expression = s.string("regular_expression");
    value.unknown_tags = s.tags();
    value
}

pub(crate) fn consumer_group_regular_expression_value(
    s: &mut Source<'_>,
    _version: i16,
) -> consumer_group_regular_expression::ConsumerGroupRegularExpressionValue {
    let mut value = consumer_group_regular_expression::ConsumerGroupRegularExpressionValue::default();
    value.topics = s.array(|s| s.string("topics"));
    value.version = s.int64("version");
    value.timestamp = s.int64("timestamp");
    value.unknown_tags = s.tags();
    value
}
