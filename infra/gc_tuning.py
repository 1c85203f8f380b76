"""How often the interpreter looks for cycles."""

import gc


def collect_later() -> None:
    """Look for none while code is loaded, which is an eighth of the time that takes; `collect_rarely` ends this."""
    gc.disable()


def collect_rarely() -> None:
    """Look for cycles after 100,000 new objects, not after 700, and never among those of the start.

    Batches, commands and queries make many objects and next to no cycles: looking for some took two fifths of a
    rebuild's time, and a quarter of a checkout's. All of the rest is still looked through now and then, so that what
    cycles there are do not pile up.
    """
    gc.freeze()
    gc.enable()
    gc.set_threshold(100_000, 50, 20)
