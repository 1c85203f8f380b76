"""How events of the past read today.

An event that changes gets a new stored name, `stock.received.v2`; what the log holds under the old one stays as it is
and is brought up to date when it is read. An upcaster takes the old data to the next name and its data, and so on,
link by link, until a name is reached that is written today. What it cannot know it says so (None), and never guesses.
The golden file of the old name stays in tests/golden/events.
"""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from process_managers.engine.journal import entry_id


def _input_parked_v1(data: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Told neither the instance nor, of a timer or a refusal, what it was."""
    entry = entry_id(data["process"], UUID(data["input_id"]))
    return "process.input_parked.v2", {**data, "instance": None, "entry_id": str(entry), "unrecorded": None}


UPCASTERS: dict[str, Callable[[dict[str, Any]], tuple[str, dict[str, Any]]]] = {
    "process.input_parked.v1": _input_parked_v1,
}
"""By old stored name."""
