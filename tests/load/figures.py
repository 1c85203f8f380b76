"""What a bench tells: a figure for each scenario and number of connections, beside its goal."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

PARTS = ("generator", "api", "processes", "projections", "postgres")


@dataclass(frozen=True, slots=True)
class Goal:
    """The bound of one field of a figure: rates are at least so high, everything else at most."""

    text: str
    figure: str
    bound: float

    def verdict(self, figure: "Figure") -> str:
        """Met, or by how much it was missed."""
        found = getattr(figure, self.figure)
        if found is None:
            return "not measured"
        if self.figure == "rate_per_second":
            met, share = found >= self.bound, found / self.bound
        else:
            met, share = found <= self.bound, found / self.bound if self.bound else float(found)
        if met and not (figure.errors and self.figure != "errors"):
            return "met"
        if met:
            return f"missed: {figure.errors:,} errors"
        return f"missed: {share:.1%} of it" if self.figure == "rate_per_second" else f"missed: {share:,.1f} times it"


@dataclass(frozen=True, slots=True)
class Run:
    """One time of driving the shop: `cpu` is seconds of processor time by part, `errors` counts by kind."""

    completed: int
    seconds: float
    latencies_ms: Sequence[float]
    errors: Mapping[str, int]
    cpu: Mapping[str, float]

    @property
    def rate(self) -> float:
        return self.completed / self.seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A line of build/bench.json; `cpu_us` is processor time per operation. None: not measured."""

    scenario: str
    connections: int
    rate_per_second: float | None = None
    p50_ms: float | None = None
    p95_ms: float | None = None
    p99_ms: float | None = None
    errors: int = 0
    cpu_us: Mapping[str, float] = field(default_factory=dict)
    goal: Goal | None = None
    versions: Mapping[str, str] = field(default_factory=dict)
    note: str = ""
    measured: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, scenario: str, connections: int, run: Run, goal: Goal | None = None, note: str = "") -> "Figure":
        kinds = ", ".join(f"{count} x {kind}" for kind, count in Counter(run.errors).most_common(3))
        latencies = sorted(run.latencies_ms)
        used = {api: run.cpu.get(api, 0.0) / max(run.completed, 1) * 1e6 for api in ("write-api", "read-api")}
        apis = ", ".join(f"{api} {spent:,.0f} us" for api, spent in used.items()) if all(used.values()) else ""
        return cls(
            scenario=scenario,
            connections=connections,
            rate_per_second=round(run.rate, 1),
            p50_ms=percentile(latencies, 50),
            p95_ms=percentile(latencies, 95),
            p99_ms=percentile(latencies, 99),
            errors=sum(run.errors.values()),
            cpu_us={
                part: round(run.cpu[part] / run.completed * 1e6, 1)
                for part in PARTS
                if run.completed and part in run.cpu
            },
            goal=goal,
            note="; ".join(filter(None, (note, apis, kinds))),
        )

    def noting(self, *notes: str) -> "Figure":
        return replace(self, note="; ".join(filter(None, (self.note, *notes))))

    def as_dict(self) -> dict[str, Any]:
        goal = None if self.goal is None else {**asdict(self.goal), "verdict": self.goal.verdict(self)}
        return {**asdict(self), "goal": goal}


def percentile(latencies: Sequence[float], share: int) -> float | None:
    """Of sorted values: the smallest that so many percent are not above."""
    if not latencies:
        return None
    return round(latencies[max(0, -(-len(latencies) * share // 100) - 1)], 2)


def median(runs: Sequence[Run], *, by_latency: bool) -> Run:
    """A whole run, so that its figures belong together."""

    def rank(run: Run) -> float:
        return percentile(sorted(run.latencies_ms), 95) or 0.0 if by_latency else run.rate

    return sorted(runs, key=rank)[(len(runs) - 1) // 2]
