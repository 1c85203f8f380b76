"""Links of the OpenAPI document: what can be done next with an id that an answer tells (OpenAPI 3.1, 4.8.20)."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

Node = dict[str, Any]

ALSO: Mapping[str, Sequence[str]] = {"checkout_id": ("order_id",)}
"""What an id is called later on: an order has its checkout's."""


def link(document: Node) -> None:
    """Add a link from each answer with a new id to all operations whose path takes it."""
    operations = [(path, operation) for path, methods in document["paths"].items() for operation in methods.values()]
    for _, making in operations:
        for new, response in _answers_with_ids(document, making):
            names = (new, *ALSO.get(new, ()))
            links = {
                using["operationId"]: {
                    "operationId": using["operationId"],
                    "parameters": {name: f"$response.body#/{new}" for name in names if f"{{{name}}}" in path},
                }
                for path, using in operations
                if any(f"{{{name}}}" in path for name in names)
            }
            if links:
                response["links"] = links


def _answers_with_ids(document: Node, operation: Node) -> Iterator[tuple[str, Node]]:
    for response in operation["responses"].values():
        for content in response.get("content", {}).values():
            kind = content["schema"].get("$ref", "").rpartition("/")[2]
            for name in document["components"]["schemas"].get(kind, {}).get("properties", ()):
                if name.endswith("_id"):
                    yield name, response
