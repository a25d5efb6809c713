import math

import numpy as np
import pytest

from checkpoints.evaluation.metrics import (
    calibration_error,
    confidence_of,
    confusion,
    likelihood_of,
    negative_log_likelihood,
    per_digit,
    share,
    share_of,
)


def sure_of(digits, probability=1.0):
    """Probabilities (N, 10): `probability` for the digit given, the rest shared by the others."""
    rows = np.full((len(digits), 10), (1 - probability) / 9)
    rows[np.arange(len(digits)), digits] = probability
    return rows


def test_the_interval_is_wilsons_as_worked_out_by_hand():
    found = share(9, 10)
    z, p, n = 1.959964, 0.9, 10
    centre, spread = p + z * z / (2 * n), z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    assert found.low == pytest.approx((centre - spread) / (1 + z * z / n), abs=1e-6)
    assert found.high == pytest.approx((centre + spread) / (1 + z * z / n), abs=1e-6)
    assert found.value == 0.9


def test_a_perfect_score_still_leaves_doubt_below():
    found = share(10, 10)
    assert found.high == pytest.approx(1) and 0.7 < found.low < 0.75


@pytest.mark.parametrize(("right", "total"), [(0, 0), (3, 2), (-1, 5)])
def test_a_share_of_nothing_or_more_than_all_is_refused(right, total):
    with pytest.raises(ValueError, match=f"not {right} of {total}"):
        share(right, total)


def test_likelihood_of_a_softmax_is_minus_the_log_of_the_labels_probability():
    probabilities = sure_of([1, 2], 0.5)
    assert negative_log_likelihood(probabilities, np.array([1, 2]), "softmax") == pytest.approx(math.log(2))


def test_lengths_are_divided_by_their_sum_and_never_put_through_a_softmax():
    lengths = np.array([[0.9, 0.6, *[0.0] * 8]])
    assert negative_log_likelihood(lengths, np.array([0]), "capsule length") == pytest.approx(-math.log(0.6))
    assert likelihood_of("capsule length") == "capsule lengths divided by their sum"


def test_a_probability_of_zero_for_the_label_is_costly_but_finite():
    assert 20 < negative_log_likelihood(sure_of([1]), np.array([2]), "softmax") < 30


def test_calibration_error_is_the_gap_between_confidence_and_accuracy():
    probabilities = sure_of([3] * 10, 0.9)
    labels = np.array([3] * 6 + [4] * 4)  # says 0.9, is right 0.6 of the time
    assert calibration_error(probabilities, labels) == pytest.approx(0.3)


def test_gaps_of_different_bins_do_not_cancel():
    probabilities = np.concatenate([sure_of([3] * 10, 0.9), sure_of([3] * 10, 0.5)])
    labels = np.array([3] * 8 + [4] * 2 + [3] * 6 + [4] * 4)  # 0.1 too sure, 0.1 not sure enough
    assert calibration_error(probabilities, labels) == pytest.approx(0.1)


def test_a_net_that_is_always_sure_and_right_is_calibrated():
    assert calibration_error(sure_of([1, 2]), np.array([1, 2])) == 0


def test_calibration_of_capsules_is_asked_of_the_length_as_it_is_shown():
    lengths = np.array([[0.9, 0.6, *[0.0] * 8]])
    assert calibration_error(lengths, np.array([0])) == pytest.approx(0.1)
    assert "as shown" in confidence_of("capsule length")


def test_confusion_counts_labels_in_rows_and_answers_in_columns():
    counts = confusion(np.array([9, 9, 4]), np.array([4, 4, 4]))
    assert counts[4, 9] == 2 and counts[4, 4] == 1 and counts.sum() == 3


def test_a_digit_that_the_set_lacks_has_no_share():
    found = per_digit(np.array([True, False]), np.array([0, 0]))
    assert found[0] == share_of(np.array([True, False])) and found[1:] == [None] * 9
