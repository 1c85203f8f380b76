"""The schemas of messages, JSON Schema (draft 7, the newest that registries compare) and Avro, both from one class.

`python -m infra.kafka.schemas` writes what is new into published/schemas, as the next revision of its message, and
never touches a revision that is there. The tests hold every revision to be readable by all later ones.
"""

import json
import sys
from dataclasses import MISSING, fields
from datetime import datetime
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from published.message import Kind
from published.registry import KINDS

FOLDER = Path(__file__).parents[2] / "published" / "schemas"
NAMESPACE = "counterfoil"
IN_JSON: dict[Any, Any] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    bool: {"type": "boolean"},
    datetime: {"type": "string", "format": "date-time"},
}
IN_AVRO: dict[Any, Any] = {
    str: "string",
    int: "long",
    bool: "boolean",
    datetime: {"type": "long", "logicalType": "timestamp-micros"},
}


def json_schema(kind: Kind) -> dict[str, Any]:
    """What the value of such a message looks like in JSON."""
    head = {"$schema": "http://json-schema.org/draft-07/schema#", "title": f"{NAMESPACE}.{kind.name}"}
    return head | _object(kind.shape)


def avro_schema(kind: Kind) -> dict[str, Any]:
    """What it looks like in Avro. A record is spelt out where it first occurs, and named afterwards."""
    subject, _, version = kind.name.split(".")
    schema: dict[str, Any] = _record(kind.shape, f"{NAMESPACE}.{subject}.{version}", set())
    return schema


def revisions(kind: Kind, suffix: str) -> list[dict[str, Any]]:
    """All that were ever committed, oldest first."""
    files = sorted((FOLDER / kind.name).glob(f"*.{suffix}"), key=lambda file: int(file.stem))
    return [json.loads(file.read_text()) for file in files]


def _object(shape: type[Any]) -> dict[str, Any]:
    hints = get_type_hints(shape)
    return {
        "description": shape.__doc__,
        "type": "object",
        "properties": {field.name: _in_json(hints[field.name]) | _default(field.default) for field in fields(shape)},
        "required": [field.name for field in fields(shape) if field.default is MISSING],
        "additionalProperties": False,
    }


def _in_json(kind: Any) -> dict[str, Any]:
    if some := _optional(kind):
        return {"anyOf": [{"type": "null"}, _in_json(some)]}
    if get_origin(kind) is tuple:
        return {"type": "array", "items": _in_json(get_args(kind)[0])}
    return dict(IN_JSON[kind]) if kind in IN_JSON else _object(kind)


def _record(shape: type[Any], namespace: str, spelt: set[str]) -> Any:
    if shape.__name__ in spelt:
        return f"{namespace}.{shape.__name__}"
    spelt.add(shape.__name__)
    hints = get_type_hints(shape)
    inside = [
        {"name": field.name, "type": _in_avro(hints[field.name], namespace, spelt), **_default(field.default)}
        for field in fields(shape)
    ]
    return {
        "type": "record",
        "namespace": namespace,
        "name": shape.__name__,
        "doc": shape.__doc__,
        "fields": inside,
    }


def _in_avro(kind: Any, namespace: str, spelt: set[str]) -> Any:
    if some := _optional(kind):
        return ["null", _in_avro(some, namespace, spelt)]
    if get_origin(kind) is tuple:
        return {"type": "array", "items": _in_avro(get_args(kind)[0], namespace, spelt)}
    return IN_AVRO[kind] if kind in IN_AVRO else _record(kind, namespace, spelt)


def _optional(kind: Any) -> Any:
    """X, where the type is X | None."""
    if get_origin(kind) not in (UnionType, Union):
        return None
    (some,) = set(get_args(kind)) - {NoneType}
    return some


def _default(value: Any) -> dict[str, Any]:
    return {} if value is MISSING else {"default": [] if value == () else value}


def main() -> None:
    for kind in KINDS.values():
        for suffix, schema in (("json", json_schema(kind)), ("avsc", avro_schema(kind))):
            there = revisions(kind, suffix)
            if not there or there[-1] != schema:
                file = FOLDER / kind.name / f"{len(there) + 1}.{suffix}"
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(json.dumps(schema, indent=2, ensure_ascii=False) + "\n")
                sys.stdout.write(f"wrote {file.relative_to(FOLDER)}\n")


if __name__ == "__main__":
    main()
