"""House rules that no linter has: sizes of files, and one line of purpose for each of them."""

import ast
import sys
from pathlib import Path

LONGEST = 300
FOLDERS = (
    "domain",
    "commands",
    "process_managers",
    "projections",
    "write_api",
    "read_api",
    "infra",
    "published",
    "http_edge",
    "web",
    "tests",
)


def faults(path: Path) -> list[str]:
    text = path.read_text()
    found = []
    if (lines := text.count("\n")) > LONGEST:
        found.append(f"{path}: {lines} lines, {LONGEST} are the most; split it")
    doc = ast.get_docstring(ast.parse(text))
    if doc is None:
        found.append(f"{path}: no docstring that says what the file is for")
    return found


def main() -> int:
    root = Path(__file__).parents[1]
    found = [fault for folder in FOLDERS for path in sorted((root / folder).rglob("*.py")) for fault in faults(path)]
    sys.stderr.writelines(f"{fault}\n" for fault in found)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
