"""The machinery of read models: the runner, builds, dispatch, paging and ports."""
