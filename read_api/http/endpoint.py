"""GraphQL over HTTP: POST for queries, a WebSocket for subscriptions."""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from time import time
from typing import Any

import msgspec
from graphql import GraphQLError
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL
from strawberry.exceptions import ConnectionRejectionError, MissingQueryError
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL
from strawberry.types import ExecutionResult
from strawberry.types.graphql import OperationType

from http_edge.bodies import BodyBrokeOff, BodyTooLarge, whole_body
from http_edge.security_headers import HEADERS
from projections.engine.ports import StorageUnavailable
from read_api.engine.plans import Plans
from read_api.graphql.context import Context
from read_api.graphql.documents import UNREAD, prepared
from read_api.graphql.errors import BadUserInput, presented
from read_api.graphql.payers import Client
from read_api.graphql.schema import schema
from read_api.http.body_limit import too_large
from read_api.http.problems import problem, unexpected
from read_api.http.sockets import GREETING, Subscriptions
from read_api.ports import Caller, Tokens

SUBSCRIPTIONS = 10
BEARER = "bearer "


class Question(msgspec.Struct):
    """The body of a request (GraphQL over HTTP, 5.4)."""

    query: str
    variables: dict[str, Any] | None = None
    operationName: str | None = None  # noqa: N815  # the specification's name
    extensions: dict[str, Any] | None = None


JSON = (b"content-type", b"application/json")

_QUESTIONS = msgspec.json.Decoder(Question)
_ANSWERS = msgspec.json.Encoder()

Contexts = Callable[[Caller | None, Client], Context]


def caller_of(authorization: str | None, tokens: Tokens) -> Caller | None:
    """The caller of a header; anonymous without one. Raises ValueError, StorageUnavailable."""
    if authorization is None:
        return None
    if not authorization.lower().startswith(BEARER):
        raise ValueError("Send `Authorization: Bearer <token>`.")
    return tokens.verify(authorization[len(BEARER) :].strip())


class Endpoint:
    """Queries by POST, as an ASGI application of its own: a framework would cost more than most answers."""

    def __init__(self, tokens: Tokens, contexts: Contexts) -> None:
        self._tokens = tokens
        self._contexts = contexts
        self.plans = Plans(schema)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            answer = await self._answer(scope, receive)
        except BodyTooLarge:
            answer = too_large()
        except BodyBrokeOff:
            answer = _refused("The body broke off.")
        except Exception as error:
            answer = unexpected(scope["path"], error)
        body = answer if isinstance(answer, bytes) else answer.body
        headers = [JSON, (b"content-length", b"%d" % len(body))] if isinstance(answer, bytes) else answer.raw_headers
        status = 200 if isinstance(answer, bytes) else answer.status_code
        await send({"type": "http.response.start", "status": status, "headers": [*headers, *HEADERS]})
        await send({"type": "http.response.body", "body": body})

    async def _answer(self, scope: Scope, receive: Receive) -> Response | bytes:
        """The body of an answer without errors; a response when there is more to say. Raises BodyTooLarge."""
        headers = dict(scope["headers"])
        told = headers.get(b"authorization")
        try:
            caller = caller_of(None if told is None else told.decode("latin-1"), self._tokens)
        except ValueError as error:
            return problem(401, str(error), {"WWW-Authenticate": 'Bearer error="invalid_token"'})
        except StorageUnavailable as error:
            return problem(503, str(error), {"Retry-After": "1"})
        kind = headers.get(b"content-type", b"")
        if kind != JSON[1] and kind.partition(b";")[0].strip().lower() != JSON[1]:
            return problem(415, "Send `Content-Type: application/json`.")
        try:
            question = _QUESTIONS.decode(await whole_body(headers, receive))
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            return _refused(f"The body has to be one JSON object with a `query`: {error}.")
        if question.query and (ready := prepared(schema._schema, question.query)).document is UNREAD:
            return answer_of(ExecutionResult(data=None, errors=list(ready.errors)))
        context = self._contexts(caller, scope.get("client"))
        data = await self.plans.answer(question.query, question.variables, question.operationName, context)
        return await _executed(question, context) if data is None else _ANSWERS.encode({"data": data})


async def _executed(question: Question, context: Context) -> Response:
    try:
        result = await schema.execute(
            question.query,
            variable_values=question.variables,
            context_value=context,
            operation_name=question.operationName,
            allowed_operation_types={OperationType.QUERY},
        )
    except InvalidOperationTypeError:
        return _refused("Only queries are answered here. Subscribe over the WebSocket; write with the write API.")
    except MissingQueryError:
        return _refused("The `query` is empty.")
    except CannotGetOperationTypeError as error:
        return _refused(error.as_http_error_reason())
    return answer_of(result)


def answer_of(result: ExecutionResult) -> Response:
    """A request that could not be executed at all is a bad one; errors in fields are part of the answer."""
    errors = presented(result.errors)
    if result.data is None and all(error.path is None for error in errors):
        return _json({"errors": [error.formatted for error in errors]}, 400)
    if errors:
        return _json({"data": result.data, "errors": [error.formatted for error in errors]}, headers=_wait(errors))
    return _json({"data": result.data})


def _refused(message: str) -> Response:
    error = GraphQLError(message, extensions={"code": BadUserInput.code})
    return _json({"errors": [error.formatted]}, 400)


def _wait(errors: Iterable[GraphQLError]) -> Mapping[str, str]:
    """When to come back, for clients that look at headers (RFC 9110, 10.2.3)."""
    waits = [told["retryAfter"] for error in errors if "retryAfter" in (told := error.extensions or {})]
    return {"Retry-After": str(max(waits))} if waits else {}


def _json(body: Mapping[str, Any], status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    return Response(_ANSWERS.encode(body), status, headers, media_type="application/json")


class Socket(GraphQL[Context, None]):
    """Subscriptions over graphql-transport-ws. Browsers cannot send headers, so the token comes with the greeting.

    A socket ends when its token does: a caller who may go on connects again with a new one.

    Pages of any origin may connect: without cookies there is nothing that a foreign page could ride on.
    """

    graphql_transport_ws_handler_class = Subscriptions

    def __init__(self, tokens: Tokens, contexts: Contexts) -> None:
        super().__init__(
            schema,
            graphql_ide=None,
            subscription_protocols=[GRAPHQL_TRANSPORT_WS_PROTOCOL],
            connection_init_wait_timeout=GREETING,
            max_subscriptions_per_connection=SUBSCRIPTIONS,
            allowed_origins=["*"],
        )
        self._tokens = tokens
        self._contexts = contexts

    async def get_context(
        self,
        request: Request | WebSocket,
        response: Response | WebSocket,  # noqa: ARG002  # strawberry's signature
    ) -> Context:
        context = self._contexts(None, request.scope.get("client"))
        context.is_socket = True
        context.request = request
        return context

    async def on_ws_connect(self, context: Context) -> dict[str, object] | None:
        greeting = context.connection_params
        said = [str(value) for name, value in (greeting or {}).items() if name.lower() == "authorization"]
        if not said and context.request is not None:
            said = context.request.headers.getlist("authorization")
        if len(said) > 1:
            raise ConnectionRejectionError
        try:
            context.caller = caller_of(said[0] if said else None, self._tokens)
        except (ValueError, StorageUnavailable) as error:
            raise ConnectionRejectionError from error
        if context.caller is not None and context.caller.expires <= time():
            raise ConnectionRejectionError
        if said and context.caller is not None:
            context.verify = partial(self._tokens.verify, said[0][len(BEARER) :].strip())
        return {}
