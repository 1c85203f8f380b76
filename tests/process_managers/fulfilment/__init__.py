"""Tests of the fulfilment process."""
