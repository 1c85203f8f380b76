"""Sales and best sellers, for the back office and analysts."""

from datetime import date
from enum import Enum
from typing import Annotated

import strawberry

from domain.shared.ids import CategoryId, ProductId
from projections import best_sellers, sales
from projections.best_sellers import By
from projections.sales import CategoryTotal, DepartmentSales
from read_api.graphql.context import Info
from read_api.graphql.errors import BadUserInput
from read_api.graphql.relay import LARGEST, USUAL, key_of
from read_api.graphql.scalars import Whole
from read_api.graphql.values import Money, described, shown
from read_api.products import Product

strawberry.enum(By, name="BestSellersBy", description="What best means.")


@strawberry.enum(description="How sales are summed up.")
class GroupBy(Enum):
    DAY = "day"
    CATEGORY = "category"
    DEPARTMENT = "department"


@strawberry.type(description="What was sold on a day, in a category or in a department, cancellations taken off.")
class Sales:
    revenue: Money
    units: Whole
    day: date | None = None
    category_id: strawberry.ID | None = None
    name: str | None = None


@strawberry.type(description="What a product sold in the period.")
class BestSeller:
    product_id: strawberry.ID
    units: Whole
    revenue: Money

    @described("None when it is no longer on sale.")
    async def product(self, info: Info) -> Product | None:
        return Product.visible(await info.context.loaders.products.load(ProductId(self.product_id)), info)


SUMMED = sales.PROJECTION.name
SELLERS = best_sellers.PROJECTION.name

FirstDay = Annotated[date | None, strawberry.argument(name="from", description="The first day.")]
LastDay = Annotated[date | None, strawberry.argument(name="to", description="The last day, included.")]


async def sum_sales(info: Info, group_by: GroupBy, first_day: FirstDay = None, last_day: LastDay = None) -> list[Sales]:
    tables = await info.context.tables(SUMMED)
    match group_by:
        case GroupBy.DAY:
            days = await sales.daily(tables, first_day, last_day)
            return [Sales(day=row.day, revenue=shown(row.revenue), units=Whole(row.units)) for row in days]
        case GroupBy.CATEGORY:
            categories = await sales.by_category(tables, first_day, last_day)
            return [_of_category(row.category_id, row) for row in categories]
        case GroupBy.DEPARTMENT:
            departments = await sales.by_department(tables, first_day, last_day)
            return [_of_category(row.department_id, row) for row in departments]


def _of_category(it: CategoryId | None, row: CategoryTotal | DepartmentSales) -> Sales:
    category = None if it is None else strawberry.ID(it)
    return Sales(category_id=category, name=row.name, revenue=shown(row.revenue), units=Whole(row.units))


async def list_best_sellers(
    info: Info,
    first: int = USUAL,
    by: By = By.UNITS,
    first_day: FirstDay = None,
    last_day: LastDay = None,
    category: strawberry.ID | None = None,
) -> list[BestSeller]:
    if not 1 <= first <= LARGEST:
        raise BadUserInput(f"Ask for 1 to {LARGEST} at once, not for {first}.")
    within = None if category is None else CategoryId(key_of("Category", category))
    top = await best_sellers.top(await info.context.tables(SELLERS), first, by, first_day, last_day, within)
    return [
        BestSeller(product_id=strawberry.ID(row.product_id), units=Whole(row.units), revenue=shown(row.revenue))
        for row in top
    ]
