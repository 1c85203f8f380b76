"""How entries lie in an index. Texts come as words already, so analysers only stem, add synonyms, or cut beginnings."""

import json
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from projections.search.entries import Listed
from projections.search.synonyms import GROUPS
from projections.search.words import heading

LONGEST_BEGINNING = 20

ANALYSIS: dict[str, Any] = {
    "filter": {
        "stems": {"type": "stemmer", "language": "porter2"},
        "synonyms": {"type": "synonym_graph", "synonyms": [", ".join(group) for group in GROUPS]},
        "beginnings": {"type": "edge_ngram", "min_gram": 1, "max_gram": LONGEST_BEGINNING},
        "as_long_as_beginnings": {"type": "truncate", "length": LONGEST_BEGINNING},
    },
    "analyzer": {
        "stored": {"tokenizer": "whitespace", "filter": ["stems"]},
        "asked": {"tokenizer": "whitespace", "filter": ["stems", "synonyms"]},
        "begun": {"tokenizer": "whitespace", "filter": ["beginnings"]},
        "beginning": {"tokenizer": "whitespace", "filter": ["as_long_as_beginnings"]},
    },
}

_WORDS = {"type": "text", "analyzer": "stored", "search_analyzer": "asked"}
_BEGUN = {"type": "text", "analyzer": "begun", "search_analyzer": "beginning"}
_KEPT = {"type": "keyword", "index": False, "doc_values": False}
_CODE = {"type": "keyword"}
_NUMBER = {"type": "long"}

PROPERTIES: dict[str, Any] = {
    "product_id": _CODE,
    "stretch": _NUMBER,
    "valid_from": _NUMBER,
    "valid_until": _NUMBER,
    "size": _NUMBER,
    "amount": _NUMBER,
    "published": _NUMBER,
    "available": {"type": "boolean"},
    "heading": {**_WORDS, "fields": {"exact": _CODE}, "copy_to": ["all", "spelled"]},
    "about": {**_WORDS, "copy_to": ["all", "spelled"]},
    "more": {**_WORDS, "copy_to": ["all"]},
    "all": _WORDS,
    "spelled": {"type": "text", "analyzer": "whitespace"},
    "brand": _CODE,
    "path": _CODE,
    "below": _CODE,
    "skus": _CODE,
    "phrases": _CODE,
    "named": _BEGUN,
    "product": _KEPT,
    "checkpoint": _KEPT,
}
"""Money is in whole cents: with scaled numbers of OpenSearch 3.9 `search_after` lost documents."""

INDEX: dict[str, Any] = {
    "settings": {
        "number_of_shards": 1,
        "auto_expand_replicas": "0-1",
        "refresh_interval": "1s",
        "analysis": ANALYSIS,
    },
    "mappings": {"dynamic": "strict", "properties": PROPERTIES},
}

FINGERPRINT = sha256(json.dumps(INDEX, sort_keys=True).encode()).hexdigest()[:8]
"""Another mapping, other analysers, other synonyms: another index, built beside the one that is read."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def moment(at: datetime) -> int:
    """Microseconds since 1970, exactly as PostgreSQL compares times; no start and no end are times very far away."""
    return (at - _EPOCH) // timedelta(microseconds=1)


def document(entry: Listed, product: str) -> dict[str, object]:
    """An entry as it is stored; `product` is the state of the product as JSON, given back with each hit."""
    return {
        "product_id": entry.product_id,
        "stretch": entry.stretch,
        "valid_from": moment(entry.valid_from),
        "valid_until": moment(entry.valid_until),
        "size": entry.size,
        "amount": entry.amount,
        "published": entry.published,
        "available": entry.available,
        "heading": entry.heading,
        "about": entry.about,
        "more": entry.more,
        "brand": entry.brand,
        "path": entry.path,
        "below": [f"{above}/{it}" for above, it in zip(("", *entry.path), entry.path, strict=False)],
        "skus": entry.skus,
        "phrases": entry.phrases,
        "named": [heading(phrase) for phrase in entry.phrases],
        "product": product,
    }
