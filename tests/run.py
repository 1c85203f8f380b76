"""Run every test on all cores, then hold the coverage against its bounds."""

import subprocess
import sys

BOUNDS = (("*", 80), ("domain/*", 95), ("process_managers/*", 95))
PACKAGES = ("domain", "commands", "process_managers", "projections", "write_api", "read_api", "infra")


def main(words: list[str]) -> int:
    """Words that are given go to pytest; a run of some tests only has no bounds to keep."""
    cover = [f"--cov={package}" for package in PACKAGES] if not words else []
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-n", "2", "--dist", "loadfile", *cover, "--cov-report=", *words], check=False
    )
    if done.returncode != 0 or words:
        return done.returncode
    failed = False
    for include, bound in BOUNDS:
        report = [sys.executable, "-m", "coverage", "report", "--include", include, "--fail-under", str(bound)]
        shown = subprocess.run([*report, "--format=total"], capture_output=True, text=True, check=False)
        sys.stdout.write(f"coverage of {include}: {shown.stdout.strip()} % (at least {bound} %)\n")
        failed |= shown.returncode != 0
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
