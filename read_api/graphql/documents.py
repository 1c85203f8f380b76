"""Documents that were asked before: parsed, measured and validated once. What depends on variables comes later."""

from dataclasses import dataclass, field

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLSchema,
    IntValueNode,
    StringValueNode,
    Visitor,
    parse,
    specified_rules,
    validate,
    visit,
)
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule

from read_api.engine.lru import BoundedCache
from read_api.graphql.document_size import size_fault
from read_api.graphql.errors import BadUserInput, ReadError
from read_api.graphql.limits import DIGITS, TOKENS, check_shape, fragments_of
from read_api.graphql.text import check_text

ERRORS = 10
"""Of a document, before we stop to look for more: each costs time, as names like the wrong one are looked for."""

RULES = (*specified_rules, MaybeNullValidationRule, OneOfInputValidationRule)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A document and what is wrong with it."""

    document: DocumentNode
    fragments: dict[str, FragmentDefinitionNode] = field(default_factory=dict)
    errors: tuple[GraphQLError, ...] = ()


UNREAD = parse("subscription { __typename }")
"""In place of a document that could not be read: it has errors, and is never executed."""

KEPT: BoundedCache[tuple[GraphQLSchema, str], Prepared] = BoundedCache()


def prepared(schema: GraphQLSchema, text: str) -> Prepared:
    """The document, parsed and validated once; one that cannot be read is UNREAD, with the reason as its error."""
    return KEPT.get((schema, text), lambda: _prepared(schema, text), len(text))


def _prepared(schema: GraphQLSchema, text: str) -> Prepared:
    if (fault := size_fault(text)) is not None:
        return Prepared(UNREAD, errors=(fault,))
    try:
        document = parse(text, max_tokens=TOKENS)
    except GraphQLError as error:
        return Prepared(UNREAD, errors=(error,))
    except RecursionError as error:
        return Prepared(UNREAD, errors=(refusal(error),))
    fragments = fragments_of(document)
    try:
        check_shape(document)
        visit(document, _CleanValues())
        return Prepared(document, fragments, tuple(validate(schema, document, RULES, max_errors=ERRORS)))
    except (ReadError, RecursionError) as error:
        return Prepared(document, fragments, (refusal(error),))


def refusal(error: ReadError | RecursionError) -> GraphQLError:
    return GraphQLError(str(error), original_error=error)


class _CleanValues(Visitor):
    def enter_string_value(self, node: StringValueNode, *_: object) -> None:
        check_text(node.value)

    def enter_int_value(self, node: IntValueNode, *_: object) -> None:
        """Python refuses to read numbers of thousands of digits (CVE-2020-10735)."""
        if len(node.value) > DIGITS:
            raise BadUserInput(f"A number has {len(node.value)} digits; {DIGITS} are allowed.")
