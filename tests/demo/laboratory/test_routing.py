"""The maps of the routing add up to what the net itself computed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from architectures.contract import CapsuleGrid
from demo.capsules import Routing, look
from demo.draw.examples import examples
from demo.laboratory.routing import agreement, on_the_image


@pytest.fixture(scope="module")
def routing() -> Routing:
    view = look(examples()[3].image, "caps-net")
    assert view is not None
    return view.routing


def test_every_input_shares_exactly_one_vote_among_the_digits_in_every_iteration(routing: Routing) -> None:
    assert len(routing.couplings) == 5
    for iteration in range(5):
        np.testing.assert_allclose(agreement(routing, 3, iteration).sums, np.ones(1152), atol=1e-5)


def test_the_support_adds_up_to_the_length_of_s_and_squashes_to_the_capsules_length(routing: Routing) -> None:
    for iteration in range(5):
        for digit in (0, 7):
            seen = agreement(routing, digit, iteration)
            assert float(seen.support.sum()) == pytest.approx(seen.s_length, rel=1e-3)
            squashed = seen.s_length**2 / (1 + seen.s_length**2)  # eq. 1
            assert squashed == pytest.approx(float(seen.lengths[digit]), rel=2e-3)


def test_the_map_over_the_image_loses_and_adds_nothing(routing: Routing) -> None:
    assert routing.grid is not None
    seen = agreement(routing, 4, 2)
    laid = on_the_image(seen.support, routing.grid)
    assert laid.shape == (28, 28)
    assert float(laid.sum()) == pytest.approx(seen.s_length, rel=1e-3)


def test_a_place_lights_up_the_square_it_looks_at_and_nothing_else() -> None:
    grid = CapsuleGrid(types=2, rows=6, columns=6, stride_px=2, field_px=17)
    support = np.zeros((2, 6, 6), np.float32)
    support[1, 0, 5] = 1
    laid = on_the_image(support, grid)
    rows, columns = laid.nonzero()
    assert (rows.min(), rows.max()) == (0, 16)
    assert (columns.min(), columns.max()) == (10, 26)
    assert divmod(int(laid.argmax()), 28) == (8, 18)


def test_the_usual_three_iterations_are_the_first_three_of_the_five_that_are_shown(routing: Routing) -> None:
    view = look(examples()[3].image, "caps-net")
    assert view is not None
    np.testing.assert_allclose(routing.lengths[2], view.lengths, atol=1e-6)


def test_a_net_whose_capsules_have_no_place_is_refused_in_words(routing: Routing) -> None:
    with pytest.raises(ValueError, match="no place on the image"):
        agreement(replace(routing, grid=None), 3, 0)
