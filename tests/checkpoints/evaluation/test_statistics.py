import numpy as np
import pytest
from scipy.stats import binomtest

from checkpoints.evaluation.statistics import compare_pairs, difference_interval


def readers(only_first, only_second, both, neither):
    first = [True] * only_first + [False] * only_second + [True] * both + [False] * neither
    second = [False] * only_first + [True] * only_second + [True] * both + [False] * neither
    return {"a": np.array(first), "b": np.array(second)}


def test_only_the_images_on_which_two_nets_differ_decide():
    (pair,) = compare_pairs(readers(8, 1, 900, 91))
    (other,) = compare_pairs(readers(8, 1, 0, 91))
    assert (pair.only_first, pair.only_second) == (8, 1)
    assert pair.p == other.p == pytest.approx(binomtest(1, 9).pvalue)
    assert pair.difference == pytest.approx(7 / 1000)


def test_a_small_difference_is_called_a_tie_and_a_large_one_names_the_better():
    (tie,) = compare_pairs(readers(5, 3, 900, 92))
    (clear,) = compare_pairs(readers(3, 30, 900, 67))
    assert tie.tie and tie.verdict == "tie"
    assert not clear.tie and clear.verdict == "b is better"


def test_many_pairs_are_held_to_five_percent_together():
    flags = readers(13, 3, 984, 0)  # p = 0.021 alone
    flags |= dict.fromkeys(("c", "d"), flags["a"])
    pairs = compare_pairs(flags, [("a", "b"), ("c", "b"), ("d", "b")])
    assert pairs[0].p < 0.05 < pairs[0].p_adjusted == pytest.approx(3 * pairs[0].p)
    assert pairs[0].tie


def test_the_interval_of_the_difference_is_that_of_a_paired_mean():
    flags = readers(60, 30, 800, 110)
    low, high = difference_interval(flags["a"], flags["b"])
    spread = 1.96 * np.sqrt((90 / 1000 - 0.03**2) / 1000)
    assert low == pytest.approx(0.03 - spread, abs=0.002) and high == pytest.approx(0.03 + spread, abs=0.002)
    assert (low, high) == difference_interval(flags["a"], flags["b"])


def test_nets_that_never_differ_are_equal_only_as_far_as_the_set_can_tell():
    (pair,) = compare_pairs(readers(0, 0, 1000, 0))
    assert pair.p == 1 and pair.tie
    assert pair.low == -pair.high and 0.003 < pair.high < 0.004


def test_readers_of_different_sets_cannot_be_paired():
    with pytest.raises(ValueError, match="same images"):
        compare_pairs({"a": np.ones(3, bool), "b": np.ones(4, bool)})
