"""An EventStoreDB server for tests: its real protocol, in memory or in a folder, with faults to order."""

from .cluster import Cluster
from .faults import Fault, Faults
from .server import Server

__all__ = ["Cluster", "Fault", "Faults", "Server"]
