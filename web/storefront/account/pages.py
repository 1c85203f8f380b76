"""The pages of an account, joined."""

from collections.abc import Sequence
from types import ModuleType

from web.storefront.account import (
    addresses,
    emails,
    entering,
    links,
    own,
    own_data,
    passkeys,
    passwords,
    registering,
    secrets,
    settings,
)

MODULES: Sequence[ModuleType] = (
    entering,
    passkeys,
    registering,
    passwords,
    emails,
    links,
    own,
    own_data,
    secrets,
    addresses,
    settings,
)
"""Each has a list ROUTES."""
