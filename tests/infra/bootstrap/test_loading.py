"""Loading code is most of the time of a start, so each part loads what it needs and nothing for others."""

import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    ("part", "needless"),
    [
        ("infra.bootstrap.parts_read_api", "commands.handler"),
        ("infra.bootstrap.parts_read_api", "infra.audit.check"),
        ("infra.bootstrap.parts_read_api", "infra.payments.gateway"),
        ("infra.bootstrap.parts_write_api", "process_managers.registry"),
        ("infra.bootstrap.parts_write_api", "infra.audit.check"),
        ("infra.bootstrap.parts", "fastapi"),
        ("infra.bootstrap.parts", "infra.audit.check"),
    ],
)
def test_a_part_starts_without_what_is_for_others(part: str, needless: str) -> None:
    code = f"import sys, {part}; sys.exit('{needless}' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
