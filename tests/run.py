"""Run every test on all cores, then hold the coverage against its bounds."""

import subprocess
import sys

DEADLINE = 25 * 60
BOUNDS = (("*", 80), ("domain/*", 95), ("process_managers/*", 95))
PACKAGES = ("domain", "commands", "process_managers", "projections", "write_api", "read_api", "infra")


def main(words: list[str]) -> int:
    """Words that are given go to pytest; a run of some tests only has no bounds to keep, and no deadline (seconds)."""
    cover = [f"--cov={package}" for package in PACKAGES] if not words else []
    pytest = [sys.executable, "-m", "pytest", "-n", "2", "--dist", "loadfile", *cover, "--cov-report=", *words]
    try:
        code = subprocess.run(pytest, check=False, timeout=None if words else DEADLINE).returncode
    except subprocess.TimeoutExpired:
        sys.stderr.write(f"The tests did not end within {DEADLINE // 60} minutes.\n")
        return 1
    if code != 0 or words:
        return code
    failed = False
    for include, bound in BOUNDS:
        report = [sys.executable, "-m", "coverage", "report", "--include", include, "--fail-under", str(bound)]
        shown = subprocess.run([*report, "--format=total"], capture_output=True, text=True, check=False)
        sys.stdout.write(f"coverage of {include}: {shown.stdout.strip()} % (at least {bound} %)\n")
        failed |= shown.returncode != 0
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
