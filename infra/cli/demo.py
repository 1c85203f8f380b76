"""`counterfoil demo` and `counterfoil import`: a real grocer's shelves and customers."""


def demo() -> None:
    """stub"""


def import_() -> None:
    """stub"""
