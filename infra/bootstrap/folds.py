"""How streams become states, for those who ask what something was: the deciders and the processes, by stream name."""

import inspect
import sys
from collections.abc import Mapping
from typing import Any

from commands import routes
from commands.routes import API_KEYS, CATEGORY_TREE, STAFF_ROSTER, Route
from domain.promotion.state import PROMOTION_BOOK
from domain.shared.journal import JournalEntry
from domain.shared.recorded import Recorded
from process_managers.engine.instance import Instance, with_entry
from process_managers.engine.process import Process, Reaction
from process_managers.registry import PROCESSES
from read_api.ports import Fold

AGGREGATES: Mapping[str, Route] = {
    API_KEYS: routes.API_KEY,
    "cart": routes.CART,
    CATEGORY_TREE: routes.CATEGORY,
    "customer": routes.CUSTOMER,
    "order": routes.ORDER,
    "payment": routes.PAYMENT,
    "person": routes.PERSON,
    "product": routes.PRODUCT,
    "shipment": routes.SHIPMENT,
    PROMOTION_BOOK: routes.PROMOTION,
    "sku": routes.SKU,
    STAFF_ROSTER: routes.STAFF,
    "stock": routes.STOCK,
}


def _of_aggregate(route: Route) -> Fold:
    decider = route.decider
    return Fold(decider.initial, lambda state, recorded: decider.evolve(state, recorded.fact))


def _of_process(process: Process[Any]) -> Fold:
    def evolve(instance: Instance, recorded: Recorded[Any]) -> Instance:
        return with_entry(process, instance, recorded) if isinstance(recorded.fact, JournalEntry) else instance

    return Fold(Instance(process.initial), evolve, _shown)


def _shown(instance: Instance) -> Mapping[str, Any]:
    return {"state": instance.state, "timers": instance.alarms, "trouble": instance.trouble}


FOLDS: Mapping[str, Fold] = {
    **{name: _of_aggregate(route) for name, route in AGGREGATES.items()},
    **{process.name: _of_process(process) for process in PROCESSES if isinstance(process, Process)},
}


def _table(process: Process[Any] | Reaction) -> str:
    """What the module of a process says: its table of inputs and requests."""
    module = sys.modules[process.react.__module__]
    return inspect.cleandoc(module.__doc__ or "")


PROCESS_TABLES: Mapping[str, str] = {process.name: _table(process) for process in PROCESSES}
