"""What a lesson's panel says of it."""

from __future__ import annotations

import pytest

from demo.teach.lesson import Learned
from demo.teach.progress import sentence


def learned(before: int, after: int) -> Learned:
    """A net that reads so many of 500 under the pen, before and after."""
    figures = [{"pen": pen, "mnist": 495, "total": 500} for pen in (before, after)]
    return Learned("a-net/mnist-only", {}, figures[0], figures[1], seconds=2.0)


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        (470, 470, "a-net knew this pen already: 94 of 100 before the lesson, 94 after it."),
        (150, 150, "a-net did not learn this pen: 30 of 100 before the lesson, 30 after it."),
        (152, 151, "a-net did not learn this pen: 30.4 of 100 before the lesson, 30.2 after it."),
        (151, 152, "In two seconds a-net learned your pen: from 30.2 to 30.4 of 100. It forgot nothing"),
        (150, 400, "In two seconds a-net learned your pen: from 30 to 80 of 100. It forgot nothing"),
    ],
)
def test_the_sentence_says_what_the_figures_say(before: int, after: int, says: str) -> None:
    assert sentence([learned(before, after)], {}).startswith(says)


def test_a_net_that_was_not_reached_has_a_reason() -> None:
    assert sentence([], {"a-net": {"name": "a-net"}}).endswith("a-net: the lesson ended before its turn")
