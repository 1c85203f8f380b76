"""Who may read a field: stated where the field is declared, checked before its resolver runs, named in the schema."""

from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from functools import wraps
from inspect import isasyncgenfunction, iscoroutinefunction
from typing import Any

import strawberry
from strawberry.types.field import StrawberryField

from domain.staff.permissions import Permission, any_of
from read_api.graphql.errors import Forbidden, Unauthenticated
from read_api.ports import Caller

METADATA = "access"
Resolver = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Access:
    """Who may read a field, and whose things.

    `signed_in`: the field is refused without a token. `own`: any caller may read it, of things that are their own;
    holders of one of the permissions see those of all. Neither: only holders of one of the permissions.
    """

    permissions: frozenset[str] = frozenset()
    signed_in: bool = True
    own: bool = False

    def permits(self, caller: Caller | None) -> bool:
        """Whether the caller has one of the permissions."""
        return caller is not None and not caller.permissions.isdisjoint(self.permissions)

    def sees(self, caller: Caller | None, owner: str | None) -> bool:
        """Whether the thing is the caller's own, or the caller has one of the permissions."""
        return caller is not None and (caller.subject == owner or self.permits(caller))

    def admit(self, caller: Caller | None) -> None:
        """Raises Unauthenticated, Forbidden."""
        if not self.signed_in:
            return
        if caller is None:
            raise Unauthenticated("Send a token: `Authorization: Bearer ...`.")
        if not (self.own or self.permits(caller)):
            raise Forbidden(f"This needs the permission {any_of(self.permissions)}.")

    def field(self, resolver: Resolver, description: str | None = None) -> Any:
        """A field with this resolver."""
        return strawberry.field(
            resolver=self._checked(resolver), description=self._said(description), metadata=self._metadata
        )

    def subscription(self, resolver: Resolver, description: str) -> Any:
        """A field of Subscription."""
        return strawberry.subscription(
            resolver=self._checked(resolver), description=self._said(description), metadata=self._metadata
        )

    def described(self, description: str) -> Callable[[Resolver], Any]:
        """A computed field that fewer callers may read than the object it belongs to."""
        return lambda resolver: self.field(resolver, description)

    def null_for_others(self, description: str) -> Callable[[Resolver], Any]:
        """A computed field that is null for all who lack the permissions."""

        def decorate(resolver: Resolver) -> Any:
            @wraps(resolver)
            def permitted(*source: Any, **given: Any) -> Any:
                return resolver(*source, **given) if self.permits(given["info"].context.caller) else None

            said = f"{description} Null without the permission {any_of(self.permissions)}."
            return strawberry.field(resolver=permitted, description=said, metadata=self._metadata)

        return decorate

    @property
    def _metadata(self) -> dict[Any, Any]:
        return {METADATA: self}

    def _said(self, description: str | None) -> str | None:
        if not self.permissions:
            return description
        named = any_of(self.permissions)
        rule = (
            f"The caller's own, or with the permission {named} anybody's."
            if self.own
            else f"Needs the permission {named}."
        )
        return f"{description} {rule}" if description else rule

    def _checked(self, resolver: Resolver) -> Resolver:
        """The resolver behind the check; all of them take the parameter `info`."""
        if not self.signed_in:
            return resolver
        if isasyncgenfunction(resolver):

            @wraps(resolver)
            async def events(**given: Any) -> AsyncGenerator[Any, None]:
                self.admit(given["info"].context.caller)
                async for event in resolver(**given):
                    yield event

            return events
        assert iscoroutinefunction(resolver), resolver

        @wraps(resolver)
        async def answer(*source: Any, **given: Any) -> Any:
            self.admit(given["info"].context.caller)
            return await resolver(*source, **given)

        return answer


PUBLIC = Access(signed_in=False)
"""Everybody may read it, also without a token."""


def needs(*permissions: Permission) -> Access:
    """For holders of any one of the permissions."""
    return Access(frozenset(permissions))


def own(*permissions: Permission) -> Access:
    """For callers, of what is their own; for holders of any one of the permissions, of all."""
    return Access(frozenset(permissions), own=True)


def access_of(field: StrawberryField) -> Access | None:
    """What a field states; None: nothing."""
    stated = field.metadata.get(METADATA)
    return stated if isinstance(stated, Access) else None


ALL_ORDERS = own(Permission.ORDERS, Permission.FULFILMENT, Permission.AUDIT)
ALL_CARTS = own(Permission.TILL, Permission.CUSTOMERS)
DRAFTS = needs(Permission.CATALOGUE)
"""Products that are not on sale."""
PLANNED_PRICES = needs(Permission.PRICES)

STAFF = needs(Permission.ADMIN)
"""Who is on the staff, by name and address."""
