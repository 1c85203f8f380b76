"""What the product imports is what an installation brings; extras serve the demo and the servers for development."""

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, packages_distributions, requires
from pathlib import Path

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
OWN = {name.removesuffix("*") for name in PROJECT["tool"]["setuptools"]["packages"]["find"]["include"]}
EXTRAS = {"infra/demo": "demo", "infra/dev_servers": "services"}


def imports(text: str) -> set[str]:
    """The top-level packages that a module imports, at its head or within its functions."""
    found = set[str]()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add((node.module or "").partition(".")[0])
    return found - OWN - set(sys.stdlib_module_names)


def brought(requirements: list[str]) -> set[str]:
    """The distributions that requirements install, with all that these require in turn."""
    found, left = set[str](), [*requirements]
    while left:
        name, _, extras = re.fullmatch(r"([\w.-]+)(\[([\w,-]+)\])?.*", left.pop(), re.DOTALL).groups()  # type: ignore[union-attr]
        if (name := _normal(name)) not in found:
            found.add(name)
            left += _requirements(name, (extras or "").split(","))
    return found


def _requirements(name: str, extras: list[str]) -> Iterator[str]:
    try:
        required = requires(name) or []
    except PackageNotFoundError:
        return  # for another system or version of Python
    for line in required:
        requirement, _, condition = line.partition(";")
        wanted = re.search(r"extra == ['\"]([\w-]+)['\"]", condition)
        if wanted is None or wanted[1] in extras:
            yield requirement.strip()


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def missing(files: dict[str, str]) -> dict[str, set[str]]:
    """The imports of files, by path, that an installation with the extra of their folder does not bring."""
    project = PROJECT["project"]
    bases = {
        extra: brought([*project["dependencies"], *project["optional-dependencies"].get(extra, [])])
        for extra in ("", *EXTRAS.values())
    }
    names = packages_distributions()
    found = dict[str, set[str]]()
    for path, text in files.items():
        extra = next((extra for folder, extra in EXTRAS.items() if path.startswith(f"{folder}/")), "")
        lost = {name for name in imports(text) if not {_normal(each) for each in names.get(name, [])} & bases[extra]}
        found |= {path: lost} if lost else {}
    return found


def test_the_product_imports_only_what_an_installation_brings() -> None:
    files = [file for package in OWN for file in (ROOT / package).rglob("*.py")]
    assert missing({str(file.relative_to(ROOT)): file.read_text() for file in files}) == {}


def test_an_import_that_only_an_extra_brings_is_found() -> None:
    text = "import os\nfrom asyncpg import Pool\ndef later():\n    import pyarrow.parquet, pytest\n"
    paths = ("infra/cli/demo.py", "infra/demo/dataset.py")
    assert missing(dict.fromkeys(paths, text)) == {paths[0]: {"pyarrow", "pytest"}, paths[1]: {"pytest"}}
