"""Temporary folders that the database's own user may look into, and a server in one."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from infra.postgres.embedded import EmbeddedPostgres


@contextmanager
def temporary_folder() -> Iterator[Path]:
    with TemporaryDirectory(prefix="counterfoil-load-") as folder:
        Path(folder).chmod(0o711)
        yield Path(folder)


@contextmanager
def own_server() -> Iterator[EmbeddedPostgres]:
    """Started, and stopped whatever happens."""
    with temporary_folder() as folder:
        server = EmbeddedPostgres(folder)
        server.start()
        try:
            yield server
        finally:
            server.stop()
