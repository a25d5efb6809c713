import numpy as np
import pytest
from scipy.stats import binomtest, norm

from checkpoints.evaluation.statistics import (
    LEVEL,
    cluster_bootstrap,
    compare_pairs,
    holm,
    holm_levels,
    mcnemar,
    middle,
    tango,
    wilson,
)


def nets(only_first, only_second, both, neither):
    first = [True] * only_first + [False] * only_second + [True] * both + [False] * neither
    second = [False] * only_first + [True] * only_second + [True] * both + [False] * neither
    return {"a": np.array(first), "b": np.array(second)}


@pytest.mark.parametrize(("correct", "total"), [(0, 1), (1, 1), (5, 10), (99, 100), (9_500, 10_000)])
def test_wilsons_interval_is_scipys(correct, total):
    theirs = binomtest(correct, total).proportion_ci(method="wilson")
    assert wilson(correct, total) == pytest.approx((theirs.low, theirs.high), abs=1e-12)


def test_nothing_is_known_of_a_share_of_no_images():
    assert wilson(0, 0) == (0.0, 1.0)


def test_mcnemars_test_asks_only_the_images_on_which_two_nets_differ():
    (pair,) = compare_pairs(nets(8, 1, 900, 91))
    (other,) = compare_pairs(nets(8, 1, 0, 91))
    assert (pair.only_first, pair.only_second) == (8, 1)
    assert pair.p == other.p == pytest.approx(2 * norm.sf(7 / 3))  # z = (8 - 1) / sqrt(8 + 1)
    assert pair.difference == pytest.approx(7 / 1000)


def test_tangos_interval_is_the_published_one():
    """Airway hyper-responsiveness (Bentur 2009), as worked out by Fagerland, Lydersen and Laake (2014, table 5)."""
    assert tango(1, 7, 21) == pytest.approx((-0.517, -0.026), abs=0.0005)


def test_the_interval_leaves_zero_out_exactly_when_the_test_rejects():
    random = np.random.default_rng(0)
    for _ in range(300):
        only_first, only_second = (int(count) for count in random.integers(0, 12, 2))
        level = float(random.choice([0.05, 0.01, 0.05 / 28]))
        low, high = tango(only_first, only_second, 1000, level)
        assert (low > 0 or high < 0) == (mcnemar(only_first, only_second) < level)
        assert low <= (only_first - only_second) / 1000 <= high


def test_nets_that_differ_everywhere_are_as_far_apart_as_can_be():
    assert tango(9, 0, 9)[1] == 1 and tango(0, 9, 9)[0] == -1
    assert tango(9, 0, 9)[0] == pytest.approx(-tango(0, 9, 9)[1])


def test_a_small_difference_is_not_distinguishable_and_a_large_one_names_the_better():
    (small,) = compare_pairs(nets(5, 3, 900, 92))
    (clear,) = compare_pairs(nets(3, 30, 900, 67))
    assert not small.distinguishable and small.verdict == "not distinguishable"
    assert clear.distinguishable and clear.verdict == "b is better"


def test_holms_correction_is_the_textbooks():
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm_levels([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.05 / 3, 0.05 / 2, 0.05 / 2, 0.05 / 4])
    assert holm([]) == []
    assert holm([0.6, 0.7]) == [1.0, 1.0]


def test_after_the_first_pair_that_holm_keeps_no_other_is_told_apart():
    """Of two p of 0.025 the second would pass 5 % alone; but the first does not pass 2.5 %, and Holm stops there."""
    flags = nets(15, 5, 960, 20)  # p = 0.025
    flags |= {"c": flags["b"].copy()}
    pairs = compare_pairs(flags, [("a", "b"), ("a", "c")])
    assert all(LEVEL / 2 <= pair.p < LEVEL < pair.p_adjusted for pair in pairs)
    assert all(pair.low <= 0 <= pair.high for pair in pairs)


def test_many_pairs_are_held_to_five_percent_together():
    flags = nets(13, 3, 984, 0)  # p = 0.012 alone
    flags |= dict.fromkeys(("c", "d", "e", "f"), flags["a"])
    pairs = compare_pairs(flags, [(net, "b") for net in "acdef"])
    assert pairs[0].p < 0.05 < pairs[0].p_adjusted == pytest.approx(5 * pairs[0].p)
    assert not pairs[0].distinguishable and pairs[0].low < 0


@pytest.mark.parametrize("count", [1, 2, 5])
def test_a_verdict_and_its_interval_never_disagree(count):
    random = np.random.default_rng(count)
    for _ in range(40):
        flags = {str(net): random.random(300) < 0.9 + 0.02 * net for net in range(count + 1)}
        for pair in compare_pairs(flags):
            assert pair.distinguishable == (pair.low > 0 or pair.high < 0), pair


def test_nets_that_never_differ_are_equal_only_as_far_as_the_set_can_tell():
    (pair,) = compare_pairs(nets(0, 0, 1000, 0))
    assert pair.p == 1 and not pair.distinguishable
    assert pair.low == pytest.approx(-pair.high) and 0.003 < pair.high < 0.004


def test_nets_on_different_sets_cannot_be_paired():
    with pytest.raises(ValueError, match="same images"):
        compare_pairs({"a": np.ones(3, bool), "b": np.ones(4, bool)})


def test_each_world_of_the_bootstrap_divides_by_the_images_of_the_people_in_it():
    """One person gave a single drawing and one gave nine: whoever is drawn, all that were given are correct."""
    person = np.array([0] + [1] * 9)
    assert (cluster_bootstrap(np.ones((10, 1), bool), person) == 1).all()
    worlds = cluster_bootstrap((person == 1)[:, None], person)
    assert set(np.unique(worlds).round(6)) == {0.0, 0.9, 1.0}  # neither, both, or twice the one with nine


def test_resampling_people_sees_that_one_hand_is_alike():
    person = np.repeat(np.arange(10), 100)
    correct = (person < 8)[:, None]
    low, high = middle(cluster_bootstrap(correct, person)[:, 0])
    one, other = wilson(800, 1000)
    assert high - low > 5 * (other - one)
    assert middle(cluster_bootstrap(correct, np.arange(1000))[:, 0]) == pytest.approx((one, other), abs=0.005)
