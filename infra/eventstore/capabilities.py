"""In what event stores differ that keep the same port, for those few who have to know."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Capabilities:
    """`gapless`: records are numbered one by one, so that a missing number is a missing record.

    `ids_across_streams`: an event id that another stream holds is taken; else each stream looks after its own ids.
    `looks_back`: among how many of a stream's last events an id is found again, by `find` or a repeated append (None:
    all). A repeated append whose events stand right behind the expected revision is recognised however old it is.
    `times_in_order`: recorded times never run backwards in the log; else they do not within each stream.
    """

    gapless: bool
    ids_across_streams: bool
    looks_back: int | None
    times_in_order: bool


PROMISED = Capabilities(gapless=True, ids_across_streams=True, looks_back=None, times_in_order=True)
"""All that a store can promise."""
