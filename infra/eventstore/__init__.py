"""Event stores behind one port: PostgreSQL, EventStoreDB, and whatever the eventsourcing library keeps events in."""

import os

# gRPC reads this when it is imported, if it is. Its fork handlers are for children that go on calling; our children
# (such as PostgreSQL) become another program at once, and the handlers only complain, or stand in the way.
os.environ.setdefault("GRPC_ENABLE_FORK_SUPPORT", "0")
