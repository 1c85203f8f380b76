"""`make secrets`: nothing that looks like a secret comes into the repository unless somebody has looked at it.

`python -m tests.leaks --accept` writes what is there now into .secrets.baseline (hashes only); do so when a find is a
false one or a made-up one of a test, and say in the commit which.
"""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from detect_secrets.core import baseline
from detect_secrets.core.secrets_collection import SecretsCollection

BASELINE = Path(".secrets.baseline")


def tracked() -> Sequence[str]:
    """Files of the repository, those that are about to be added included."""
    words = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(words, capture_output=True, text=True, check=True).stdout.splitlines()
    return [name for name in listed if Path(name).is_file() and name != str(BASELINE)]


def main(words: Sequence[str]) -> int:
    stored: dict[str, Any] = json.loads(BASELINE.read_text())
    known = baseline.load(stored, str(BASELINE))
    found = SecretsCollection()
    found.scan_files(*tracked())
    if "--accept" in words:
        found.trim()
        baseline.save_to_file(found, str(BASELINE))
        return 0
    fresh = [secret for _, secret in found - known]
    for secret in fresh:
        sys.stderr.write(f"{secret.filename}:{secret.line_number}: this looks like a secret ({secret.type})\n")
    if fresh:
        sys.stderr.write("Take it out, and change it if it was real; a false find: python -m tests.leaks --accept\n")
    return int(bool(fresh))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
