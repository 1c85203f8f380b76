"""What the EventStoreDB adapter is made of; whoever imports this imports gRPC, which is heavy."""
