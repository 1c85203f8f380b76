"""Queries made into plans once, and carried out as plans from then on; what a plan cannot answer, graphql-core does."""
