"""What is printed of what strangers send."""

import io

from demo.serving.log import LONGEST, ShortLines


def test_a_line_without_end_is_cut_and_still_ends_its_line() -> None:
    behind = io.StringIO()
    assert ShortLines(behind).write("x" * 10**6 + "\n") == 10**6 + 1
    written = behind.getvalue()
    assert LONGEST < len(written) < LONGEST + 50 and written.endswith("(1,000,001 characters)\n")


def test_nothing_that_is_printed_moves_the_cursor_of_a_terminal() -> None:
    behind = io.StringIO()
    stream = ShortLines(behind)
    stream.write("a\x1b[2J\x9b\x00b\tc\r\n")
    stream.flush()
    assert behind.getvalue() == "a[2Jb\tc\r\n"
