"""Tests of the write API over HTTP, in one process."""
