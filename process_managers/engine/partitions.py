"""Instances of processes are shared out among runners by partitions.

An order, its checkout and its payment have one id, so all that is done for an order is done in one place.
"""

from zlib import crc32

PARTITIONS = 64
"""A constant: progress and timers are stored by partition. No more runners than this have work at the same time."""

ALL = frozenset(range(PARTITIONS))


def partition_of(instance: str) -> int:
    """Where an instance belongs."""
    return crc32(instance.encode()) % PARTITIONS
