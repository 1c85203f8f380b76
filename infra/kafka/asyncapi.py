"""The AsyncAPI document of what a shop sends and receives over Kafka.

`python -m infra.kafka.asyncapi` writes it to docs/asyncapi.json; a test holds that file to be the one that is true.
"""

import json
from pathlib import Path
from typing import Any

from infra.kafka.cloudevents import type_of
from infra.kafka.schemas import json_schema
from infra.kafka.topics import FEEDS, Topics
from published.message import Kind
from published.registry import KINDS

COMMITTED = Path(__file__).parents[2] / "docs" / "asyncapi.json"
TOPICS = Topics("counterfoil")
DRAFT_7 = "application/schema+json;version=draft-07"


def document() -> dict[str, Any]:
    """AsyncAPI 3.0, with the default prefix of topics."""
    topics = sorted({kind.topic for kind in KINDS.values()})
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Counterfoil's published language",
            "version": "1",
            "description": "CloudEvents 1.0 in Kafka's binary mode: attributes are headers (`ce_type`, `ce_id`, ...). "
            "Read committed messages only, and remember `ce_id`.",
        },
        "defaultContentType": "application/json",
        "channels": {topic: _channel(topic) for topic in topics},
        "operations": {
            topic: {"action": "receive" if topic == FEEDS else "send", "channel": {"$ref": f"#/channels/{topic}"}}
            for topic in topics
        },
        "components": {"messages": {kind.name: _message(kind) for kind in KINDS.values()}},
    }


def _channel(topic: str) -> dict[str, Any]:
    kinds = [kind for kind in KINDS.values() if kind.topic == topic]
    return {
        "address": TOPICS.of(topic),
        "messages": {kind.name: {"$ref": f"#/components/messages/{kind.name}"} for kind in kinds},
    }


def _message(kind: Kind) -> dict[str, Any]:
    return {
        "name": type_of(kind),
        "summary": kind.shape.__doc__,
        "headers": {
            "type": "object",
            "properties": {
                "ce_type": {"const": type_of(kind)},
                "ce_subject": {"type": "string", "description": f"`{kind.key}`, which is the key as well"},
            },
        },
        "payload": {"schemaFormat": DRAFT_7, "schema": json_schema(kind)},
    }


def as_text() -> str:
    return json.dumps(document(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    COMMITTED.write_text(as_text())
