"""The EventStoreDB adapter. Importing it imports gRPC, which takes long."""
