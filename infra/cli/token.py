"""stub"""


def token() -> None:
    "x"


def import_() -> None:
    "x"
