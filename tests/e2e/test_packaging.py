"""The wheel is all that an installation needs: it opens a shop in an empty folder, far from the source tree."""

import shutil
import subprocess
import sys
import sysconfig
import tomllib
from collections.abc import Iterator
from pathlib import Path
from zipfile import ZipFile

import pytest

from tests.e2e.shop import PATIENCE, ROOT, Client, Program, data_folder, environment
from tests.e2e.test_up import CHECKOUT, place_an_order, until

PACKAGES = [
    folder.removesuffix("*")
    for folder in tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"]["find"][
        "include"
    ]
]
NOT_SHIPPED = shutil.ignore_patterns("__pycache__", "*.pyc")


def run(*words: str, folder: Path = ROOT) -> str:
    done = subprocess.run(words, cwd=folder, env=environment(), capture_output=True, text=True, timeout=PATIENCE)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what the wheel is made from, without what earlier builds have left in the tree."""
    copy = tmp_path_factory.mktemp("source")
    for file in ("pyproject.toml", "README.md"):
        shutil.copy(ROOT / file, copy)
    for package in PACKAGES:
        if (ROOT / package).is_dir():
            shutil.copytree(ROOT / package, copy / package, ignore=NOT_SHIPPED)
    return copy


@pytest.fixture(scope="module")
def wheel(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    built = tmp_path_factory.mktemp("wheel")
    offline = ("--no-deps", "--no-build-isolation", "--no-index")
    run(sys.executable, "-m", "pip", "wheel", "--quiet", *offline, "--wheel-dir", str(built), str(source))
    (wheel,) = built.glob("*.whl")
    return wheel


@pytest.fixture(scope="module")
def python(wheel: Path) -> Iterator[Path]:
    """The interpreter of a fresh environment: the wheel, and the locked libraries of this one."""
    with data_folder() as data:
        folder = data.with_name("environment")
        run(sys.executable, "-m", "venv", "--without-pip", str(folder))
        python = folder / "bin" / "python"
        here = run(str(python), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))").strip()
        Path(here, "locked.pth").write_text(sysconfig.get_path("purelib") + "\n")
        pip = (sys.executable, "-m", "pip", "--python", str(python))
        run(*pip, "install", "--quiet", "--no-deps", "--no-index", str(wheel))
        yield python


def test_a_wheel_holds_every_file_of_every_package(source: Path, wheel: Path) -> None:
    files = {
        str(file.relative_to(source)) for name in PACKAGES for file in (source / name).rglob("*") if file.is_file()
    }
    held = {name for name in ZipFile(wheel).namelist() if not name.startswith("counterfoil-")}
    assert held == files
    assert {f"{name}/py.typed" for name in PACKAGES if (source / name).is_dir()} <= held


def test_a_shop_opens_from_the_wheel_alone_and_takes_an_order(python: Path) -> None:
    with data_folder() as data:
        empty = data.with_name("empty")
        empty.mkdir()
        found = run(str(python), "-c", "import infra, domain; print(infra.__file__, domain.__file__)", folder=empty)
        assert all(file.startswith(str(python.parents[1])) for file in found.split()), found
        words = ("up", "--write-port", "0", "--read-port", "0")
        program = Program(
            data, words, {}, run=(str(python.with_name("counterfoil")),), python=str(python), folder=empty
        )
        try:
            until(lambda: "Ctrl-C stops the shop" in program.out.read_text() or program.process.poll() is not None)
            assert program.process.poll() is None, program.errors.read_text()
            client = Client.of(program)
            order = client.ask(CHECKOUT, "back_office", id=place_an_order(client))["checkout"]["order"]
            assert order == {"status": "PLACED", "total": {"amount": 2500}}
            assert program.stop() == 0
            assert program.errors.read_text() == ""
        finally:
            program.close()
        checked = run(str(python.with_name("counterfoil")), "check", "--data", str(data), folder=empty)
        assert checked.splitlines()[-1] == "Everything holds."
        assert list(empty.iterdir()) == []
