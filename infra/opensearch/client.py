"""A connection to OpenSearch, and its failures in our own words."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

from opensearchpy import AsyncOpenSearch
from opensearchpy.exceptions import ConnectionTimeout, NotFoundError, OpenSearchException, RequestError, TransportError

from projections.search.question import SearchRefused, SearchUnavailable

CONNECTIONS = 32


@asynccontextmanager
async def opened(url: str, *, patience: float) -> AsyncIterator[AsyncOpenSearch]:
    """A client that gives up after `patience` seconds and asks once only; retries are up to the caller."""
    client = AsyncOpenSearch(
        hosts=[url], timeout=patience, maxsize=CONNECTIONS, max_retries=0, retry_on_timeout=False, trust_env=False
    )
    try:
        yield client
    finally:
        await client.close()


@contextmanager
def translated() -> Iterator[None]:
    """Failures come out as SearchUnavailable, with a reason that may be shown."""
    try:
        yield
    except (ConnectionTimeout, TimeoutError) as error:
        raise SearchUnavailable("OpenSearch does not answer in time.") from error
    except NotFoundError as error:
        raise SearchUnavailable("OpenSearch has no index yet.") from error
    except RequestError as error:
        raise SearchRefused("OpenSearch does not take the question.") from error
    except TransportError as error:
        busy = error.status_code == 429
        raise SearchUnavailable("OpenSearch is busy." if busy else "OpenSearch cannot be reached.") from error
    except OpenSearchException as error:
        raise SearchUnavailable("OpenSearch cannot be reached.") from error
