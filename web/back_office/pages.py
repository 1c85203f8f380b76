"""The modules with the pages of the back office."""

from collections.abc import Sequence
from types import ModuleType

from web.back_office import (
    again,
    categories,
    cockpit,
    figures,
    fulfilment,
    history,
    login,
    order,
    orders,
    people,
    product,
    products,
    promotions,
    second_factor,
    stock,
    today,
)

MODULES: Sequence[ModuleType] = (
    login,
    second_factor,
    again,
    today,
    orders,
    order,
    fulfilment,
    products,
    product,
    categories,
    promotions,
    stock,
    people,
    cockpit,
    history,
    figures,
)
