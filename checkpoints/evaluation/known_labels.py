"""Labels in MNIST's test set that people disagree with.

Source: Northcutt, Athalye, Mueller, "Pervasive Label Errors in Test Sets Destabilize Machine Learning Benchmarks"
(NeurIPS 2021, arXiv 2103.14749), https://labelerrors.com; votes from `mturk/mnist_mturk.json` of
https://github.com/cleanlab/label-errors. Five people were shown each of 100 suspects; listed are the 15 for which fewer
than three of them chose the given label. Nets are scored against the labels as published, so that figures can be
compared; these 15 say how far a ranking can be trusted: they are 0.15 points, about as much as good nets differ by.
"""

from __future__ import annotations

from dataclasses import dataclass

SOURCE = "Northcutt et al. 2021, arXiv 2103.14749, labelerrors.com"


@dataclass(frozen=True)
class Disputed:
    """What five people said of one test image: how many chose the given label, the suggested one, or neither."""

    given: int
    suggested: int
    votes: tuple[int, int, int]


# index in the test set -> what it is labelled, what was suggested, votes
DISPUTED = {
    947: Disputed(8, 9, (0, 5, 0)),
    1621: Disputed(0, 6, (2, 3, 0)),
    1901: Disputed(9, 4, (2, 3, 0)),
    2130: Disputed(4, 9, (2, 2, 1)),
    2462: Disputed(2, 0, (0, 4, 1)),
    2597: Disputed(5, 3, (0, 4, 1)),
    2654: Disputed(6, 1, (0, 2, 3)),
    3520: Disputed(6, 4, (2, 0, 3)),
    3558: Disputed(5, 0, (1, 4, 0)),
    5937: Disputed(5, 3, (1, 3, 1)),
    6651: Disputed(0, 6, (0, 5, 0)),
    6783: Disputed(1, 6, (2, 3, 0)),
    8527: Disputed(4, 9, (2, 2, 1)),
    9679: Disputed(6, 3, (2, 0, 3)),
    9729: Disputed(5, 6, (2, 3, 0)),
}

NOTE = (
    f"{len(DISPUTED)} of the 10,000 test labels are disputed by most of five people asked ({SOURCE}); nets are scored "
    "against the labels as published, so differences of a few images say little."
)
