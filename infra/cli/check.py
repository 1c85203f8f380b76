"""stub"""


def check() -> None:
    "x"


def import_() -> None:
    "x"
