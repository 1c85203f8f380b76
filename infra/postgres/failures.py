"""Distinguish a server that cannot be reached from a statement that is wrong."""

from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg

from projections.engine.ports import StorageUnavailable, TookTooLong

TECHNICAL = frozenset({"08", "40", "53", "57", "58"})
"""Classes of SQLSTATE that concern the server and not the statement (PostgreSQL, appendix A)."""

LINE_LOST = (OSError, asyncpg.InterfaceError, asyncpg.InternalClientError)
"""What a line looks like that broke, is silent, or was broken off in the middle of an answer. It is of no more use."""


@contextmanager
def translated() -> Iterator[None]:
    """Failures of the server come out as StorageUnavailable, all others as they are."""
    try:
        yield
    except asyncpg.QueryCanceledError as error:
        raise TookTooLong("The statement took too long and was stopped.") from error
    except asyncpg.PostgresError as error:
        if (error.sqlstate or "")[:2] in TECHNICAL:
            raise StorageUnavailable from error
        raise
    except asyncpg.DataError:
        raise
    except LINE_LOST as error:
        raise StorageUnavailable from error
