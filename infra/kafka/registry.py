"""A schema registry that speaks Confluent's API (Apicurio does): schemas are agreed on before anything is published."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from infra.kafka.formats import Format, as_text
from infra.kafka.refusals import SchemaRefused
from infra.kafka.topics import Topics
from published.message import Kind
from published.registry import KINDS

DEFAULT = "BACKWARD"
PATIENCE = 10.0
INCOMPATIBLE, NOT_FOUND = 409, 404


class RegistryUnavailable(Exception):
    """The registry does not answer as one."""


@dataclass(frozen=True, slots=True)
class SchemaRegistry:
    """The registry at a URL. Each kind of message has its own subject, `<topic>-<kind>` (TopicRecordNameStrategy)."""

    url: str
    topics: Topics

    async def agree(self, form: Format) -> Mapping[str, int]:
        """Register the schemas of all kinds, BACKWARD unless the operator said otherwise, and answer their ids.

        All are compared first, so that one that is refused leaves the registry as it was. Raises SchemaRefused,
        RegistryUnavailable.
        """
        async with httpx.AsyncClient(base_url=f"{self.url.rstrip('/')}/", timeout=PATIENCE, trust_env=False) as client:
            try:
                for kind in KINDS.values():
                    await self._protect(client, kind)
                    await self._compare(client, kind, form)
                return {kind.name: await self._register(client, kind, form) for kind in KINDS.values()}
            except (httpx.HTTPError, ValueError, KeyError) as error:
                raise RegistryUnavailable(f"{self._public()}: {error or type(error).__name__}") from error

    def address(self, number: int) -> str:
        """The address of a schema. Messages carry it, so a password in the URL is left out."""
        return f"{self._public()}/schemas/ids/{number}"

    def _public(self) -> str:
        return str(httpx.URL(self.url.rstrip("/")).copy_with(userinfo=b""))

    def subject(self, kind: Kind) -> str:
        return f"{self.topics.of(kind.topic)}-counterfoil.{kind.name}"

    async def _protect(self, client: httpx.AsyncClient, kind: Kind) -> None:
        where = f"config/{self.subject(kind)}"
        answer = await client.get(where)
        if answer.status_code == NOT_FOUND:
            answer = await client.put(where, json={"compatibility": DEFAULT})
        answer.raise_for_status()

    async def _compare(self, client: httpx.AsyncClient, kind: Kind, form: Format) -> None:
        where = f"compatibility/subjects/{self.subject(kind)}/versions/latest"
        answer = await client.post(where, json=_body(kind, form))
        if answer.status_code != NOT_FOUND and not answer.raise_for_status().json()["is_compatible"]:
            raise SchemaRefused(f"{self.subject(kind)}: the registered schema and ours are not compatible.")

    async def _register(self, client: httpx.AsyncClient, kind: Kind, form: Format) -> int:
        answer = await client.post(f"subjects/{self.subject(kind)}/versions", json=_body(kind, form))
        if answer.status_code == INCOMPATIBLE:
            raise SchemaRefused(f"{self.subject(kind)}: {answer.json()['message']}")
        number: int = answer.raise_for_status().json()["id"]
        return number


def _body(kind: Kind, form: Format) -> dict[str, Any]:
    return {"schema": as_text(form.schema_of(kind)), "schemaType": form.name}
