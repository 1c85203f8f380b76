"""The steps that make a price, as they are shown."""

from collections.abc import Iterable

import strawberry

from domain.shared import pricing
from read_api.graphql.values import Money, shown


@strawberry.type(description="The event that set a rule: the name of its stream, and its revision there.")
class RuleSource:
    stream: str
    revision: int


@strawberry.type(description="One step on the way from nothing to a price.")
class PriceStep:
    kind: str = strawberry.field(description="`list`, `agreed` or `promotion`.")
    amount: Money = strawberry.field(description="What the step adds; negative where it makes the price lower.")
    reason: str
    rule: RuleSource | None = strawberry.field(description="The event that set the rule of a promotion.")


def price_steps(steps: Iterable[pricing.PriceStep]) -> list[PriceStep]:
    return [
        PriceStep(
            kind=step.kind,
            amount=shown(step.amount),
            reason=step.reason,
            rule=None if step.rule is None else RuleSource(stream=step.rule.stream, revision=step.rule.revision),
        )
        for step in steps
    ]
