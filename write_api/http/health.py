"""Whether the process lives, and whether it can do its work."""

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from write_api.http.errors import NotReady
from write_api.http.problems import answer, problem_of
from write_api.ports import Ports

router = APIRouter(prefix="/health", include_in_schema=False)


@router.get("/live", status_code=204)
async def live() -> Response:
    """For a supervisor that starts again what does not answer: the database is not asked."""
    return Response(status_code=204)


@router.get("")
@router.get("/ready")
async def ready(request: Request) -> Response:
    """For a balancer, and for people: 503 says what does not answer."""
    ports: Ports = request.app.state.ports
    if wrong := await ports.health():
        problem = NotReady(". ".join(f"The {name}: {fault}" for name, fault in wrong.items()) + ".")
        return answer({**problem_of(problem, request.url.path), "wrong": wrong})
    return JSONResponse({"status": "ok"})
