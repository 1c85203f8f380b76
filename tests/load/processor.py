"""Processor time and memory of processes, as Linux keeps books of them (proc(5))."""

import os
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


def seconds_of(pid: int, *, with_children: bool = False) -> float:
    """User and system time; with that of children that ended and were waited for."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except FileNotFoundError:
        return 0.0
    return sum(map(int, fields[11 : 15 if with_children else 13])) / TICKS


def children_of(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def seconds_of_server(pid: int) -> float:
    """A PostgreSQL server with all its backends, those that are gone included."""
    return seconds_of(pid, with_children=True) + sum(map(seconds_of, children_of(pid)))


def megabytes_of(pid: int) -> float:
    """What the process holds alone, and its share of what it holds with others."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024
