"""Tables for a terminal and for Markdown. The first column is text and stands left, the others are numbers."""

from __future__ import annotations

from collections.abc import Sequence

Row = Sequence[str]


def plain(header: Row, rows: Sequence[Row]) -> str:
    """Columns of equal width under their header."""
    widths = [max(len(row[column]) for row in (header, *rows)) for column in range(len(header))]
    lines = [
        "  ".join(cell.ljust(width) if column == 0 else cell.rjust(width) for column, (cell, width) in enumerate(cells))
        for cells in (list(zip(row, widths, strict=True)) for row in (header, *rows))
    ]
    lines.insert(1, "  ".join("-" * width for width in widths))
    return "\n".join(line.rstrip() for line in lines)


def markdown(header: Row, rows: Sequence[Row]) -> str:
    """A table as GitHub and the Hub read it."""
    lines = [header, ["---"] + ["---:"] * (len(header) - 1), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def percent(share: float) -> str:
    """A share in [0, 1] as percent with two digits: 99.52 %."""
    return f"{100 * share:.2f} %"


def points(difference: float) -> str:
    """A difference of shares in percentage points, signed: +0.31."""
    return f"{100 * difference:+.2f}"


def put_between(page: str, marker: str, text: str) -> str:
    """`page` with `text` in place of what stood between `<!-- marker -->` and `<!-- /marker -->`; else at its end."""
    begin, end = f"<!-- {marker} -->", f"<!-- /{marker} -->"
    if page.count(begin) == page.count(end) == 1 and page.index(begin) < page.index(end):
        before, rest = page.split(begin)
        return f"{before}{begin}\n{text}\n{end}{rest.split(end)[1]}"
    return f"{page.rstrip()}\n\n{begin}\n{text}\n{end}\n".lstrip()
