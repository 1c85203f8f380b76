"""An EventStoreDB server for tests: its real protocol, in memory or in a folder, with faults to order."""

from .faults import Fault, Faults
from .server import Server

__all__ = ["Fault", "Faults", "Server"]
