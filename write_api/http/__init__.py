"""The HTTP machinery of the write API: routes, problem documents, idempotency and OpenAPI."""
