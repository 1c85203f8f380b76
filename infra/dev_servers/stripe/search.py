"""Search, which sees what is new only after a while."""

import re
from datetime import timedelta

from infra.dev_servers.stripe.account import Account
from infra.dev_servers.stripe.forms import Json
from infra.dev_servers.stripe.parameters import integer, required
from infra.dev_servers.stripe.refusals import invalid

SEEN_AFTER = timedelta(minutes=1)
"""Stripe promises no more ("under normal operating conditions, data is searchable in less than a minute")."""

ALLOWED = ("query", "limit", "page", "expand")
CLAUSE = re.compile(r"""(?:(\w+)|metadata\[(["'])([^"']+)\2\])\s*:\s*(["'])((?:[^"'\\]|\\.)*)\4""")
FIELDS = ("status", "currency", "customer", "amount")


def search(account: Account, form: Json) -> Json:
    """Payment intents whose fields and metadata all are what the query says, newest first. Raises Refused."""
    wanted = [_clause(clause) for clause in re.split(r"\s+AND\s+", required(form, "query").strip())]
    limit, first = integer(form, "limit") or 10, int(form.get("page") or 0)
    seen = account.clock() - SEEN_AFTER
    found = [
        intent
        for intent in account.all("payment_intent")
        if account.changed[intent["id"]] <= seen and all(_value(intent, name) == value for name, value in wanted)
    ]
    more = len(found) > first + limit
    return {
        "object": "search_result",
        "url": "/v1/payment_intents/search",
        "has_more": more,
        "next_page": str(first + limit) if more else None,
        "data": found[first : first + limit],
    }


def _clause(clause: str) -> tuple[tuple[str, ...], str]:
    match = CLAUSE.fullmatch(clause)
    if match is None or (match[1] or FIELDS[0]) not in FIELDS:
        raise invalid(f"We were unable to parse your search query: {clause}", "query")
    value = re.sub(r"\\(.)", r"\1", match[5])
    return ((match[1],) if match[1] else ("metadata", match[3])), value


def _value(intent: Json, path: tuple[str, ...]) -> str | None:
    value = intent
    for step in path:
        value = value.get(step)  # type: ignore[assignment]
        if value is None:
            return None
    return str(value)
