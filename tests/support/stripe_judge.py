"""Whether requests and answers are Stripe's: judged by stripe-mock and by Stripe's OpenAPI document."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import jsonschema_rs

from infra.dev_servers.stripe.http import Exchange
from infra.dev_servers.stripe.server import StripeServer

Json = Any
HERE = "#/components/schemas/"


@dataclass(slots=True, eq=False)
class Judge:
    """Knows the document and where stripe-mock is."""

    mock: str
    document: Json
    _validators: dict[str, Any] = field(default_factory=dict)
    _paths: Sequence[tuple[str, re.Pattern[str]]] = ()

    def __post_init__(self) -> None:
        self._paths = [(path, re.compile(re.sub(r"\{[^}]+\}", "[^/]+", path))) for path in self.document["paths"]]

    @classmethod
    def of(cls, mock: str, document: Path) -> "Judge":
        return cls(mock, _read(document))

    def faults(self, server: StripeServer) -> list[str]:
        """What Stripe would not have taken, or not have said, since the server began."""
        return [*self.requests(server.requests), *self.answers(server.requests), *self.events(server)]

    def requests(self, exchanges: Iterable[Exchange]) -> list[str]:
        """Requests that stripe-mock refuses. Those that were refused as invalid on purpose are left out."""
        found = list[str]()
        headers = {"Authorization": "Bearer sk_test_123", "Content-Type": "application/x-www-form-urlencoded"}
        with httpx.Client(base_url=self.mock, headers=headers, trust_env=False) as client:
            for each in exchanges:
                if each.route and each.status not in (400, 404):
                    url = f"{each.path}?{each.query}" if each.query else each.path
                    said = client.request(each.method, url, content=each.body.encode())
                    if said.status_code != 200:
                        found.append(f"{each.method} {url} {each.body}: {said.text}")
        return found

    def answers(self, exchanges: Iterable[Exchange]) -> list[str]:
        """Answers that do not fit the document."""
        found = list[str]()
        for each in exchanges:
            if each.route and each.answer:
                path, operation = self._operation(each)
                told = operation["responses"]["200" if each.status == 200 else "default"]
                schema = told["content"]["application/json"]["schema"]
                found += self._misfits(f"{each.method} {path} {each.status}", schema, each.answer)
        return found

    def events(self, server: StripeServer) -> list[str]:
        """Events that do not fit, or whose object does not."""
        found = list[str]()
        for event in server.account.all("event"):
            about = event["data"]["object"]
            found += self._misfits("event", {"$ref": f"{HERE}event"}, event)
            found += self._misfits(f"object of {event['type']}", {"$ref": HERE + about["object"]}, about)
        return found

    def _operation(self, exchange: Exchange) -> tuple[str, Json]:
        """The document's path: of several that fit, the one with the fewest parameters."""
        method = exchange.method.lower()
        fit = [
            path
            for path, pattern in self._paths
            if method in self.document["paths"][path] and pattern.fullmatch(exchange.path)
        ]
        path = min(fit, key=lambda one: one.count("{"))
        return path, self.document["paths"][path][method]

    def _misfits(self, name: str, schema: Json, value: Json) -> list[str]:
        if name not in self._validators:
            self._validators[name] = jsonschema_rs.Draft7Validator(
                {**schema, "components": self.document["components"]}
            )
        return [f"{name}: {_innermost(fault)}" for fault in self._validators[name].iter_errors(value)]


def _innermost(fault: Any) -> str:
    return f"{'/'.join(map(str, fault.instance_path))}: {fault.message[:300]}"


@cache
def _read(document: Path) -> Json:
    return _as_json_schema(json.loads(document.read_text()))


def _as_json_schema(part: Json) -> Json:
    """OpenAPI 3.0's `nullable` as JSON Schema has it, and no fields but those of the document."""
    if isinstance(part, list):
        return [_as_json_schema(each) for each in part]
    if not isinstance(part, Mapping):
        return part
    made = {name: _as_json_schema(each) for name, each in part.items()}
    if isinstance(made.get("properties"), dict) and made.get("type") == "object":
        made.setdefault("additionalProperties", False)
    if part.get("nullable") is True:
        made.pop("nullable")
        return {"anyOf": [made, {"type": "null"}]}
    return made
