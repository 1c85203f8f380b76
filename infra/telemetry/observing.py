"""Wrappers for metrics and traces; without an exporter each returns what it was given."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, nullcontext
from typing import TYPE_CHECKING

from infra.telemetry.exporting import wanted

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from commands.ports import EventStore
    from infra.telemetry.lag import Look
    from process_managers.engine.ports import Commands


def store(store: "EventStore") -> "EventStore":
    """An event store that is measured."""
    if not wanted():
        return store
    from infra.telemetry.store import ObservedStore

    return ObservedStore(store)


def commands(commands: "Commands") -> "Commands":
    """The commands of processes, measured."""
    if not wanted():
        return commands
    from infra.telemetry.commands import ObservedCommands

    return ObservedCommands(commands)


def requests(app: "ASGIApp") -> "ASGIApp":
    """An API whose requests are measured."""
    if not wanted():
        return app
    from infra.telemetry.requests import ObservedRequests

    return ObservedRequests(app)


def turned_away(count: Callable[[], int]) -> None:
    """How many an API turned away, measured."""
    if wanted():
        from infra.telemetry import requests

        requests.turned_away(count)


def webhooks() -> Callable[[str], None]:
    """What is to be told the verdict on each webhook of Stripe."""
    if not wanted():
        return lambda _: None
    from infra.telemetry.webhooks import counted

    return counted()


def standing(look: "Look") -> AbstractAsyncContextManager[None]:
    """While the block runs, tell how far those who follow the log are behind."""
    if not wanted():
        return nullcontext()
    from infra.telemetry.lag_gauges import watched

    return watched(look)
