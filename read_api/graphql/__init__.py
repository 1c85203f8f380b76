"""The GraphQL machinery: schema, batching, limits, ids and cursors, errors."""
