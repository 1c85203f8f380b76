"""The HTTP machinery of the read API: the endpoint, GraphiQL and problem documents."""
