"""The OpenAPI document: what FastAPI knows, and what every command has in common."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute

from commands.accounts.errors import TooManyAttempts
from commands.handler import PreconditionFailed
from commands.idempotency import CommandIdReused
from commands.lookups.catalogue import UnknownSku
from commands.ports import StoreUnavailable
from domain.cart.errors import CartIsCheckedOut, CartNotFound, PriceChanged, TotalChanged
from domain.shared.ids import CheckoutId, Sku
from domain.shared.money import Money
from domain.shared.pricing import UnitPrice
from domain.staff.permissions import any_of
from http_edge.bodies import TOO_LARGE
from http_edge.problems import PROBLEM_JSON
from write_api.http.context import recent
from write_api.http.errors import (
    BodyTooLarge,
    InvalidRequest,
    MalformedJson,
    NotAllowed,
    NotAuthenticated,
    Overloaded,
    ReauthenticationRequired,
    UnsupportedMediaType,
    UnusableETag,
    UnusableKey,
)
from write_api.http.openapi_links import link
from write_api.http.problems import Problem, as_json, problem_of
from write_api.http.validation_errors import Fault

TITLE = "Counterfoil write API"
DESCRIPTION = """Commands of shoppers and of the back office. Every answer names the position of what was stored; give
it to the read API as `after` to see your own writes. Every error is a problem document (RFC 9457)."""

EXAMPLES = (
    MalformedJson("Send a body that is JSON (RFC 8259)."),
    UnusableETag('Send If-Match as you got it in the header ETag, with its quotes, such as "7".'),
    UnusableKey("Send an Idempotency-Key of 1 to 255 printable ASCII characters."),
    NotAuthenticated("The token has expired. Get a new one."),
    ReauthenticationRequired("Log in again first: this needs a login within the last 10 minutes."),
    NotAllowed("This needs the permission `catalogue`."),
    CartNotFound("There is no cart 0197f0a4 of yours. Open one first.", "cart_id"),
    UnknownSku("There is no SKU NOPE.", "sku"),
    PriceChanged(Sku("MUG"), UnitPrice(amount=Money(1250, "USD")), UnitPrice(amount=Money(1190, "USD"))),
    TotalChanged(Money(2999, "USD"), Money(2879, "USD")),
    CartIsCheckedOut(CheckoutId("0197f0a5-1d2c-7b1e-8f00-6a7b8c9d0e1f")),
    PreconditionFailed(8),
    BodyTooLarge(TOO_LARGE),
    UnsupportedMediaType("Send the body as application/json."),
    InvalidRequest("Fields at fault: 1."),
    CommandIdReused(),
    TooManyAttempts(840),
    Overloaded("The shop has more to do than it can. Try again in a moment."),
    StoreUnavailable(),
)
FAULT = Fault(field="items.0.quantity", reason="The number is too small.", fix="Send 1 or more.")

DESCRIPTIONS = {
    400: "The request cannot be read.",
    401: "Nobody knows who asks.",
    403: "Whoever asks may not do that.",
    404: "There is no such thing, or it is not the caller's.",
    409: "It does not fit the present state.",
    412: "The thing is not as the If-Match of the request says.",
    413: "The body is too large.",
    415: "The body is not sent as JSON.",
    422: "The request makes no sense, or its key was used for another one.",
    429: "Too many attempts. Retry-After says how long to wait.",
    503: "Not now. Try again, with the same Idempotency-Key.",
}
LIMITED = (400, 413, 415, 422, 429, 503)
OPEN: Mapping[str, Sequence[int]] = {
    "/sessions": (429, 503),
    "/webhooks/payments": (404, 413, 422, 503),
    "/auth/register": LIMITED,
    "/auth/register/complete": (*LIMITED, 409),
    "/auth/login": (*LIMITED, 401),
    "/auth/refresh": (*LIMITED, 401),
    "/auth/logout": LIMITED,
    "/auth/password/forgotten": LIMITED,
    "/auth/password/reset": LIMITED,
    "/auth/email/confirm": (*LIMITED, 409),
    "/staff/join": (*LIMITED, 401),
    "/auth/second-factor/enrol": (*LIMITED, 401, 409),
    "/auth/login/second-factor": (*LIMITED, 401),
    "/auth/login/passkey/options": (*LIMITED, 409),
    "/auth/login/passkey": (*LIMITED, 401),
    "/auth/register/passkey/options": (*LIMITED, 401, 409),
    "/staff/join/passkey/options": (*LIMITED, 401, 409),
    "/auth/provider/begin": (*LIMITED, 401, 409),
    "/auth/provider/complete": (*LIMITED, 401, 409),
}
"""Operations without authentication, and their errors."""

LOGIN = "Members of staff must have logged in within the last ten minutes; API keys are refused."
POSITION = {"description": "Where the last event was stored.", "schema": {"type": "string"}}
ETAG = {"description": "The revision of what was changed, to be sent as If-Match.", "schema": {"type": "string"}}
LOCATION = {"description": "The path of the new thing.", "schema": {"type": "string"}}


def describe(app: FastAPI) -> None:
    """Give the application its document, made when it is first asked for."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _document(app)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's documented way, "Extending OpenAPI"


def _document(app: FastAPI) -> dict[str, Any]:
    document = get_openapi(title=TITLE, version=app.version, description=DESCRIPTION, routes=app.routes)
    components = document["components"]
    problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    components["schemas"] |= problem.pop("$defs") | {"Problem": problem}
    for unused in ("HTTPValidationError", "ValidationError"):
        components["schemas"].pop(unused, None)
    components["responses"] = _refusals()
    components["headers"] = {"Position": POSITION, "ETag": ETAG, "Location": LOCATION}
    dangerous = set(_dangerous(app.state.routes))
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if (path, method) in dangerous:
                operation["description"] = f"{operation['description']}\n\n{LOGIN}"
            _complete(operation, DESCRIPTIONS if "security" in operation else OPEN.get(path, ()))
    link(document)
    return document


def _dangerous(routes: Iterable[APIRoute]) -> Iterator[tuple[str, str]]:
    """Path and method of what only those do who have logged in lately."""

    def asks(dependant: Dependant) -> bool:
        return dependant.call is recent or any(map(asks, dependant.dependencies))

    for route in routes:
        if asks(route.dependant):
            yield from ((route.path, method.lower()) for method in route.methods or ())


def _complete(operation: dict[str, Any], statuses: Iterable[int]) -> None:
    """What all operations have in common. Any one of the permissions suffices."""
    operation["summary"], _, more = operation.get("description", operation["summary"]).partition(".")
    operation["description"] = more.strip()
    if "security" in operation:
        operation["description"] = f"Needs the permission {any_of(_permissions(operation))}. {more.strip()}".strip()
    operation["responses"].pop("422", None)
    for parameter in operation.get("parameters", ()):
        # FastAPI says of what may be left out that it may be null, which nothing in a header or a path can be.
        parameter["schema"] |= next(iter(parameter["schema"].pop("anyOf", ())), {})
    if "security" in operation:
        operation["security"] = [
            {name: [one]} for need in operation["security"] for name, needed in need.items() for one in needed
        ]
        for response in operation["responses"].values():
            response["headers"] = {
                "Counterfoil-Position": {"$ref": "#/components/headers/Position"},
                "ETag": {"$ref": "#/components/headers/ETag"},
            }
    if created := operation["responses"].get("201"):
        created.setdefault("headers", {})["Location"] = {"$ref": "#/components/headers/Location"}
    operation["responses"] |= {str(status): {"$ref": f"#/components/responses/{status}"} for status in statuses}


def _permissions(operation: dict[str, Any]) -> set[str]:
    return {one for need in operation["security"] for needed in need.values() for one in needed}


def _refusals() -> dict[str, Any]:
    return {
        str(status): {
            "description": description,
            "content": {
                PROBLEM_JSON: {
                    "schema": {"$ref": "#/components/schemas/Problem"},
                    "examples": {
                        type(error).__name__: {"value": document}
                        for error in EXAMPLES
                        if (document := _example(error))["status"] == status
                    },
                }
            },
        }
        for status, description in DESCRIPTIONS.items()
    }


def _example(error: Exception) -> dict[str, Any]:
    document = problem_of(error, "/carts/0197f0a4/items")
    if isinstance(error, InvalidRequest):
        document["errors"] = [FAULT]
    return as_json(document)
