"""What is asked with, over the shop of the tests: anything, what makes sense, and what chance finds too rarely."""

from collections.abc import Mapping, Sequence
from typing import Any

VALUES: Mapping[str, Sequence[Any]] = {
    "ID": ["MILK", "MILK-1", "BRIE-1", "C1", "O1", "DAIRY", "UHJvZHVjdDpNSUxL", "T3JkZXI6TzE=", "Q2FydDpDMQ==", ""],
    "String": ["", "National", "brie", "checkout", "order-O1", "WyJvcmRlcnMiLCJhIl0", "💥"],
    "Int": [1, 2, 3, 100, 101, 0, 480],
    "Boolean": [True, False],
    "Position": ["1", "5", "x"],
    "Date": ["2026-11-25", "2026-02-30"],
    "DateTime": ["2026-11-25T12:00:00Z", "yesterday"],
}
PAGES: Sequence[Mapping[str, Any]] = [{}, {"first": 2}, {"last": 1}, {"first": 100}, {"first": 1, "after": None}]
SENSIBLE: Mapping[str, Sequence[Mapping[str, Any]]] = {
    "Query.node": [{"id": it} for it in ("UHJvZHVjdDpNSUxL", "T3JkZXI6TzE=", "Q2FydDpDMQ==", "Q2F0ZWdvcnk6REFJUlk=")],
    "Query.product": [{"id": "MILK"}, {"sku": "BRIE-1"}, {"id": "BRIE", "sku": None}, {"id": "NONE"}],
    "Query.products": [
        {"first": 2, "sort": "CHEAPEST"},
        {"filter": {"category": "FOOD", "minPrice": 1}, "sort": "NEWEST"},
        {"filter": {"text": "who mi", "brand": "National"}},
        {"filter": None, "last": 2},
        {},
    ],
    "Query.category": [{"id": "DAIRY"}, {"id": "FOOD"}, {"id": "NONE"}],
    "Query.cart": [{"id": "C1"}, {"id": "NONE"}],
    "Query.checkout": [{"id": "O1"}],
    "Query.order": [{"id": "O1"}, {"id": "O1", "asOf": {"position": "30"}}, {"id": "O1", "asOf": None}],
    "Query.orders": [
        *PAGES,
        {"status": "DELIVERED"},
        {"customer": "anna", "first": 1},
        {"text": "who mi", "sku": "MILK-1"},
    ],
    "Query.catalogue": [*PAGES, {"status": "DRAFT"}],
    "Query.scheduledPrices": PAGES,
    "Query.stockLevels": [*PAGES, {"below": 100, "warehouse": "MAIN"}],
    "Query.stock": [{"sku": "MILK-1"}, {"sku": "NONE"}],
    "Query.sales": [{"groupBy": it} for it in ("DAY", "CATEGORY", "DEPARTMENT")],
    "Query.bestSellers": [{}, {"first": 2, "by": "REVENUE"}, {"category": "FOOD"}],
    "Query.search": [{}, {"term": "brie"}, {"term": "milx", "sort": "TITLE"}, {"filter": {"category": "FOOD"}}],
    "Query.autocomplete": [{"text": "br"}, {"text": "who m", "first": 1}],
    "Query.history": [
        {"stream": "order-O1", "first": 2},
        {"stream": "order-O1", "last": 1, "actor": "anna"},
        {"stream": "stock-MILK-1@MAIN"},
        {"stream": "none"},
    ],
    "Query.event": [{"stream": "order-O1", "revision": 0}, {"stream": "order-O1", "revision": -1}],
    "Query.streamState": [{"stream": "order-O1"}, {"stream": "cart-C1", "revision": 1}, {"stream": "none"}],
    "Query.streamChanges": [{"stream": "cart-C1", "earlier": 0, "later": 1}],
    "Query.verify": [{"stream": "order-O1"}, {"stream": "none"}],
    "Cockpit.processes": PAGES,
    "Cockpit.parked": PAGES,
    "Cockpit.instance": [{"process": "checkout", "instance": "O1"}, {"process": "none", "instance": "O1"}],
    "ProcessRun.journal": PAGES,
    "Me.orders": PAGES,
}
RARE: Mapping[str, Sequence[dict[str, Any]]] = {
    "query Asked($status: [OrderStatus!]) { orders(first: 5, status: $status) { edges { node { status } } } }": [
        {"status": it} for it in ("PLACED", "placed", "DELIVERED", None, 1)
    ],
    "query Asked($by: GroupBy!) { sales(groupBy: $by) { __typename } }": [{"by": it} for it in ("DAY", "day", None)],
    "query Asked($sort: ProductSort = NEWEST) { products(sort: $sort) { edges { node { title } } } }": [
        {"sort": it} for it in ("CHEAPEST", "cheapest", None)
    ],
    'query Asked($id: ID = "O1") { order(id: $id) { status } }': [{}, {"id": "O1"}, {"id": None}],
    'query Asked($sku: ID = "MILK-1") { stock(sku: $sku) { sku } }': [{}, {"sku": "NONE"}, {"sku": None}],
}
"""What chance finds too rarely: enums by name and by value, and a null where a default let a variable be nullable."""
