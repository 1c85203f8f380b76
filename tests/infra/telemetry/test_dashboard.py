"""The dashboard asks for what the parts send, under the names that Prometheus gives it."""

import json
import re
from pathlib import Path

ROOT = Path(__file__).parents[3]
DASHBOARD = ROOT / "infra" / "deploy" / "grafana" / "dashboards" / "counterfoil.json"
MADE = re.compile(r'create_(?P<kind>\w+)\(\s*"(?P<name>[a-z._]+)",(?: \[\w+\],)? "(?P<unit>[^"]*)"')
ASKED = re.compile(r"\b(?:http_server|counterfoil)_[a-z_]+")
LABELS = re.compile(r"by \([^)]*\)|\{[^}]*\}")
SERIES = {
    "counter": ("_total",),
    "observable_counter": ("_total",),
    "histogram": ("_count", "_sum", "_bucket"),
    "gauge": ("",),
    "up_down_counter": ("",),
}


def sent() -> set[str]:
    """Names after Prometheus' translation of OTLP: dots to underscores, the unit and `_total` behind."""
    sources = "".join(path.read_text() for path in (ROOT / "infra" / "telemetry").glob("*.py"))
    return {
        made["name"].replace(".", "_") + unit + ending
        for made in MADE.finditer(sources)
        for unit in ["_seconds" if made["unit"] == "s" and not made["name"].endswith("seconds") else ""]
        for ending in SERIES[made["kind"]]
    }


def family(name: str) -> str:
    return re.sub("_(count|sum|bucket)$", "", name)


def test_every_panel_asks_for_a_metric_that_is_sent_and_all_are_shown() -> None:
    panels = json.loads(DASHBOARD.read_text())["panels"]
    expressions = [LABELS.sub("", target["expr"]) for panel in panels for target in panel["targets"]]
    asked = {name for expression in expressions for name in ASKED.findall(expression)}
    assert asked <= sent()
    assert {family(name) for name in asked} == {family(name) for name in sent()}
