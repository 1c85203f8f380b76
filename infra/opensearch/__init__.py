"""Search in OpenSearch: an index that follows the read model, an engine that asks it, and what happens without it."""
