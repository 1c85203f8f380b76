"""The query API: GraphQL for the storefront, history for auditors."""
