"""Fixtures for every test, and failures told when they happen: a run that is cut off has said what was wrong."""

from typing import Any

import pytest
import structlog

import infra.eventstore  # noqa: F401 - it settles how gRPC is to behave, before anybody imports that
from tests.support.fixtures.postgres import database_url, postgres
from tests.support.fixtures.scheduling import Files
from tests.support.fixtures.services import Services, kafka, opensearch, own_service, redis, registry
from tests.support.fixtures.stripe import stripe_judge, stripe_server

__all__ = [
    "database_url",
    "kafka",
    "opensearch",
    "own_service",
    "postgres",
    "redis",
    "registry",
    "stripe_judge",
    "stripe_server",
]


class TellsAtOnce:
    """Prints each failure as it comes; pytest's own report waits for the end of the run."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        terminal = self._config.pluginmanager.get_plugin("terminalreporter")
        if report.failed and terminal is not None:
            terminal.ensure_newline()
            terminal.write_line(f"{report.nodeid} failed in its {report.when}:")
            terminal.write_line(report.longreprtext)


def pytest_configure(config: pytest.Config) -> None:
    log_plainly()
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(TellsAtOnce(config))
        config.pluginmanager.register(Services())


def log_plainly() -> None:
    """Print plain tracebacks: those with the values of all variables take seconds each."""
    plain = structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(processors=[*structlog.get_config()["processors"][:-1], plain])


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Files | None:
    return Files(config, log) if config.getvalue("dist") == "loadfile" else None
