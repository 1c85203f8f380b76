"""The categories, each with its name, its parent and the way down to it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args

from domain.category.events import CategoryCreated, CategoryDeleted, CategoryEvent, CategoryMoved, CategoryRenamed
from domain.shared.frozen import replace
from domain.shared.ids import CategoryId
from domain.shared.recorded import EventView
from projections.engine.ports import Row, Tables
from projections.engine.projection import Projection
from projections.search.words import heading

DDL = """
create table {s}.categories (
    category_id text primary key,
    name text not null,
    parent_id text,
    path text[] not null,
    deleted bool not null
);
create index on {s}.categories (parent_id, name);
create index on {s}.categories using gin (path);
"""

_COLUMNS = "category_id, name, parent_id, path, deleted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    """`path` leads from the root down to the category itself. One that was deleted is kept for what was sold in it."""

    category_id: CategoryId
    name: str
    parent_id: CategoryId | None
    path: tuple[CategoryId, ...] = ()
    deleted: bool = False


def _category(row: Row) -> Category:
    return Category(
        category_id=row["category_id"],
        name=row["name"],
        parent_id=row["parent_id"],
        path=tuple(row["path"]),
        deleted=row["deleted"],
    )


def evolve(tree: dict[CategoryId, Category], fact: CategoryEvent) -> None:
    """Take one fact into the tree; paths are found afterwards."""
    match fact:
        case CategoryCreated(category_id=it, name=name, parent_id=parent):
            tree[it] = Category(category_id=it, name=name, parent_id=parent)
        case CategoryRenamed(category_id=it, name=name):
            tree[it] = replace(tree[it], name=name)
        case CategoryMoved(category_id=it, parent_id=parent):
            tree[it] = replace(tree[it], parent_id=parent)
        case CategoryDeleted(category_id=it):
            tree[it] = replace(tree[it], deleted=True)


def _path(tree: Mapping[CategoryId, Category], it: CategoryId | None) -> tuple[CategoryId, ...]:
    return () if it is None else (*_path(tree, tree[it].parent_id), it)


async def project(batch: Sequence[EventView[Any]], tables: Tables) -> None:
    """A moved category takes all below it along, so the whole tree is looked at; it is small and rarely changes."""
    rows = await tables.fetch(f"select {_COLUMNS} from {{s}}.categories")
    before = {row["category_id"]: _category(row) for row in rows}
    tree = dict(before)
    for recorded in batch:
        evolve(tree, recorded.fact)
    after = [replace(category, path=_path(tree, it)) for it, category in tree.items()]
    changed = [category for category in after if before.get(category.category_id) != category]
    await tables.execute(
        f"""
        insert into {{s}}.categories ({_COLUMNS})
        select id, name, parent, string_to_array(path, chr(31)), deleted
        from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bool[]) as t (id, name, parent, path, deleted)
        on conflict (category_id) do update
        set name = excluded.name, parent_id = excluded.parent_id, path = excluded.path,
            deleted = excluded.deleted
        """,
        [category.category_id for category in changed],
        [category.name for category in changed],
        [category.parent_id for category in changed],
        ["\x1f".join(category.path) for category in changed],
        [category.deleted for category in changed],
    )


PROJECTION = Projection(
    name="category_tree",
    version=2,
    handles=get_args(CategoryEvent),
    tables=("categories",),
    ddl=DDL,
    project=project,
)


async def by_ids(tables: Tables, ids: Iterable[CategoryId]) -> dict[CategoryId, Category]:
    rows = await tables.fetch(
        f"select {_COLUMNS} from {{s}}.categories where category_id = any($1) and not deleted", list(ids)
    )
    return {row["category_id"]: _category(row) for row in rows}


async def children(tables: Tables, parents: Iterable[CategoryId]) -> dict[CategoryId, list[Category]]:
    """The categories right below each of the parents, by name."""
    rows = await tables.fetch(
        f"select {_COLUMNS} from {{s}}.categories where parent_id = any($1) and not deleted", list(parents)
    )
    found: dict[CategoryId, list[Category]] = {}
    for row in rows:
        found.setdefault(row["parent_id"], []).append(_category(row))
    return {parent: _by_name(below) for parent, below in found.items()}


async def roots(tables: Tables) -> list[Category]:
    rows = await tables.fetch(f"select {_COLUMNS} from {{s}}.categories where parent_id is null and not deleted")
    return _by_name(map(_category, rows))


def _by_name(categories: Iterable[Category]) -> list[Category]:
    """As people sort: upper and lower case alike, and letters with accents beside those without."""
    return sorted(categories, key=lambda it: (heading(it.name), it.name, it.category_id))
