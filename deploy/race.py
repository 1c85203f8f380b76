"""How long this interpreter takes for a fixed piece of work, and where it is; nothing when it will not do.

Builds of one and the same version differ by half: a distribution's is optimised with a profile, one that was compiled at
home mostly is not. `make setup` asks every interpreter that it finds and takes the quickest. Any Python can read this.
"""

import sys

if sys.version_info < (3, 11):
    sys.exit(1)

import ensurepip
import time
import venv

ROUNDS = 5
TURNS = 50_000

assert ensurepip and venv


class Fact:
    __slots__ = ("number", "text")

    def __init__(self, number, text):
        self.number = number
        self.text = text

    def after(self, step):
        return Fact(self.number + step, str(step))


def work():
    began = time.process_time()
    seen = {}
    fact = Fact(0, "")
    for turn in range(TURNS):
        fact = fact.after(turn)
        seen[turn & 255] = fact.text
    return time.process_time() - began


print(f"{min(work() for _ in range(ROUNDS)):.6f} {sys.executable}")
