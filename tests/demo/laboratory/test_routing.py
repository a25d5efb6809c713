"""The maps of the routing add up to what the net itself computed."""

from __future__ import annotations

import pytest
import torch

import architectures
from architectures.contract import CapsuleGrid, Capsules, ask
from demo.laboratory.routing import agreement, on_the_image


@pytest.fixture(scope="module")
def capsules() -> Capsules:
    torch.manual_seed(0)
    net = architectures.build("caps-net").eval()
    x = torch.rand(1, 1, 28, 28, generator=torch.Generator().manual_seed(3))
    with torch.inference_mode():
        found = ask(net, x, "caps-net", routing_iterations=5).capsules
    assert found is not None
    return found


def test_every_input_shares_exactly_one_vote_among_the_digits_in_every_iteration(capsules: Capsules) -> None:
    for iteration in range(5):
        sums = agreement(capsules, 3, iteration).sums
        torch.testing.assert_close(sums, torch.ones(1152))


def test_the_support_adds_up_to_the_length_of_s_and_squashes_to_the_capsules_length(capsules: Capsules) -> None:
    for iteration in range(5):
        for digit in (0, 7):
            seen = agreement(capsules, digit, iteration)
            assert float(seen.support.sum()) == pytest.approx(seen.s_length, rel=1e-4)
            squashed = seen.s_length**2 / (1 + seen.s_length**2)  # eq. 1
            assert squashed == pytest.approx(float(seen.lengths[digit]), rel=1e-3)


def test_the_map_over_the_image_loses_and_adds_nothing(capsules: Capsules) -> None:
    assert capsules.grid is not None
    seen = agreement(capsules, 4, 2)
    laid = on_the_image(seen.support, capsules.grid)
    assert laid.shape == (28, 28)
    assert float(laid.sum()) == pytest.approx(seen.s_length, rel=1e-4)


def test_a_place_lights_up_the_square_it_looks_at_and_nothing_else() -> None:
    grid = CapsuleGrid(types=2, rows=6, columns=6, stride_px=2, field_px=17)
    support = torch.zeros(2, 6, 6)
    support[1, 0, 5] = 1
    laid = on_the_image(support, grid)
    rows, columns = laid.nonzero(as_tuple=True)
    assert (int(rows.min()), int(rows.max())) == (0, 16)
    assert (int(columns.min()), int(columns.max())) == (10, 26)
    assert divmod(int(laid.argmax()), 28) == (8, 18)


def test_the_couplings_of_one_run_are_those_of_every_shorter_run(capsules: Capsules) -> None:
    """What lets one run with five iterations answer for every place of the slider."""
    torch.manual_seed(0)
    net = architectures.build("caps-net").eval()
    x = torch.rand(1, 1, 28, 28, generator=torch.Generator().manual_seed(3))
    with torch.inference_mode():
        shorter = ask(net, x, "caps-net", routing_iterations=2).capsules
    assert shorter is not None
    torch.testing.assert_close(shorter.couplings, capsules.couplings[:2])
    torch.testing.assert_close(shorter.iterations, capsules.iterations[:2])


def test_a_net_whose_capsules_have_no_place_is_refused_in_words(capsules: Capsules) -> None:
    placeless = Capsules(capsules.poses, capsules.couplings, capsules.votes, capsules.iterations)
    with pytest.raises(ValueError, match="no place on the image"):
        agreement(placeless, 0, 0)
