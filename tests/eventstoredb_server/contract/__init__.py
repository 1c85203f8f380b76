"""The test server, as the client library sees it."""
