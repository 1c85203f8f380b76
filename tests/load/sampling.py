"""Where a part of the shop spends its processor time: `python -m tests.load.sampling FOLDER run write-api ...`.

Runs `counterfoil` as it is, interrupted every few milliseconds of processor time to see which function it is in. A
stack per line with how often it was seen goes to FOLDER/<part>.txt, as flame graphs are made from. Time inside C code
is given to the Python function that called it; PostgreSQL's is not here, nor that of imports at the start.
FOLDER/<part>-pauses.txt tells how long the garbage collector stopped everything, in milliseconds, a line each.
"""

import atexit
import gc
import signal
import sys
import time
from collections import Counter
from pathlib import Path
from types import CodeType, FrameType

EVERY = 0.005
DEEPEST = 80
IMPORTING = "<frozen importlib"

_seen: Counter[tuple[CodeType, ...]] = Counter()


def _look(_number: int, frame: FrameType | None) -> None:
    stack = list[CodeType]()
    while frame is not None and len(stack) < DEEPEST:
        stack.append(frame.f_code)
        frame = frame.f_back
    _seen[tuple(reversed(stack))] += 1


class Pauses:
    """Heard by the garbage collector."""

    def __init__(self) -> None:
        self.milliseconds = list[float]()
        self._began = 0.0

    def __call__(self, phase: str, _info: dict[str, int]) -> None:
        if phase == "start":
            self._began = time.perf_counter()
        else:
            self.milliseconds.append((time.perf_counter() - self._began) * 1000)


def name_of(code: CodeType) -> str:
    file = Path(code.co_filename)
    here = Path.cwd()
    if file.is_relative_to(here) and ".venv" not in file.parts:
        place = str(file.relative_to(here))
    else:
        place = "/".join(file.parts[-2:])
    return f"{code.co_qualname} ({place}:{code.co_firstlineno})"


def _write(out: Path, pauses: Pauses) -> None:
    signal.setitimer(signal.ITIMER_PROF, 0)
    out.parent.mkdir(parents=True, exist_ok=True)
    lines = (
        f"{';'.join(map(name_of, stack))} {count}\n"
        for stack, count in _seen.most_common()
        if not any(code.co_filename.startswith(IMPORTING) for code in stack)
    )
    out.write_text("".join(lines))
    out.with_name(f"{out.stem}-pauses.txt").write_text("".join(f"{pause:.2f}\n" for pause in pauses.milliseconds))


def main() -> None:
    folder, words = Path(sys.argv[1]), sys.argv[2:]
    from infra.cli.main import app

    pauses = Pauses()
    atexit.register(_write, folder.resolve() / f"{words[1]}.txt", pauses)
    gc.callbacks.append(pauses)
    signal.signal(signal.SIGPROF, _look)
    signal.siginterrupt(signal.SIGPROF, False)
    signal.setitimer(signal.ITIMER_PROF, EVERY, EVERY)
    app(words)


if __name__ == "__main__":
    main()
