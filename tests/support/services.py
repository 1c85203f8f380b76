"""Real servers for tests: those of `make services` if they run, else our own, one of each for all workers together."""

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from tempfile import gettempdir, mkdtemp

import pytest

from infra.dev_servers.instance import Instance
from infra.dev_servers.ports import Server, ServiceMissing
from infra.dev_servers.registry import instances, ports
from infra.settings import default_cache, default_data

FOLDER = "COUNTERFOIL_TEST_SERVICES"
PREFIX, OWN = "counterfoil-services-", "own-"

Own = Callable[[str | Server], Instance]
"""Starts a server of that name, or that very one, for one test, to be killed and paused; it is stopped at the end."""


class Services:
    """Lives in the process that began the run: says where shared servers are to live, and ends them with the run.

    That process holds a lock as long as it lives. Servers of a run that was killed are ended by the next one.
    """

    def pytest_configure(self) -> None:
        for left in Path(gettempdir()).glob(f"{PREFIX}*"):
            self._remove_unless_held(left)
        folder = Path(mkdtemp(prefix=PREFIX))
        folder.chmod(0o711)
        self._held = os.open(folder / "lock", os.O_RDWR | os.O_CREAT)
        fcntl.flock(self._held, fcntl.LOCK_EX)
        os.environ[FOLDER] = str(folder)

    def pytest_unconfigure(self) -> None:
        os.close(self._held)
        self._remove_unless_held(Path(os.environ.pop(FOLDER)))

    def _remove_unless_held(self, folder: Path) -> None:
        try:
            held = os.open(folder / "lock", os.O_RDWR)
        except OSError:
            return
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        finally:
            os.close(held)
        own = [instance for place in folder.glob(f"{OWN}*") for instance in instances(place)]
        with ThreadPoolExecutor() as threads:
            list(threads.map(Instance.stop, [*instances(folder), *own]))
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def redis() -> str:
    """The URL of a Redis. Take keys of your own."""
    return _shared("redis")


@pytest.fixture(scope="session")
def kafka() -> str:
    """The address of a broker. Take topics, groups and transactional ids of your own."""
    return _shared("kafka")


@pytest.fixture(scope="session")
def registry() -> str:
    """The URL of a schema registry. Take subjects of your own."""
    return _shared("registry")


@pytest.fixture(scope="session")
def opensearch() -> str:
    """The URL of an OpenSearch node. Take indices of your own."""
    return _shared("opensearch")


@pytest.fixture
def own_service() -> Iterator[Own]:
    with ExitStack() as stack:

        def start(wanted: str | Server) -> Instance:
            folder = Path(mkdtemp(prefix=OWN, dir=os.environ[FOLDER]))
            folder.chmod(0o711)
            stack.callback(shutil.rmtree, folder, ignore_errors=True)
            if isinstance(wanted, str):
                (instance,) = instances(folder, (wanted,))
            else:
                instance = Instance(wanted, folder / wanted.name)
            stack.callback(instance.kill)
            return _started(instance)

        yield start


def _shared(name: str) -> str:
    (made,) = instances(default_data() / "services", (name,))
    if made.running():
        return made.address
    (instance,) = instances(Path(os.environ[FOLDER]), (name,))
    return _started(instance).address


def _started(instance: Instance) -> Instance:
    try:
        instance.start(default_cache(), ports(instance.server, 0))
    except ServiceMissing as missing:
        if os.environ.get("CI") == "true":
            pytest.fail(str(missing))
        pytest.skip(f"NOT TESTED, for there is no {instance.server.name}: {missing}")
    return instance
