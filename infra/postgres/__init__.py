"""PostgreSQL itself: the embedded server, connections, batching of calls, leases."""
