"""The modules with the pages of the back office."""

from collections.abc import Sequence
from types import ModuleType

from web.back_office import (
    again,
    api_keys,
    bulk,
    categories,
    cockpit,
    figures,
    fulfilment,
    history,
    login,
    members,
    order,
    orders,
    people,
    product,
    products,
    promotion,
    promotion_form,
    promotions,
    roles,
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
    bulk,
    fulfilment,
    products,
    product,
    categories,
    promotions,
    promotion_form,
    promotion,
    stock,
    people,
    cockpit,
    history,
    figures,
    members,
    roles,
    api_keys,
)
