"""Tables for people who copy out of them."""

from collections.abc import Iterable, Sequence

WIDEST = 10_000


def print_table(columns: Sequence[str], rows: Iterable[Iterable[object]]) -> None:
    """Print a table as wide as its cells: an id that is cut, or broken over two lines, cannot be copied."""
    from rich.console import Console
    from rich.measure import Measurement
    from rich.table import Table
    from rich.text import Text

    table = Table()
    for column in columns:
        table.add_column(column, no_wrap=True)
    for row in rows:
        table.add_row(*(Text(str(value)) for value in row))
    console = Console()
    needed = Measurement.get(console, console.options.update(max_width=WIDEST), table).maximum
    console.width = max(console.width, needed)
    console.print(table)
