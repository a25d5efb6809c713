"""What both capsule nets are made of, against the equations of their papers."""

from __future__ import annotations

import math

import pytest
import torch

from architectures.capsules import Decoder, length, squash, squash_exponentially, votes_of


def test_squash_keeps_the_direction_and_gives_the_length_of_sabours_equation_1():
    s = torch.tensor([[3.0, 4.0], [0.3, 0.4], [30.0, 40.0]], dtype=torch.float64)
    n = s.norm(dim=1)
    torch.testing.assert_close(squash(s).norm(dim=1), n**2 / (1 + n**2), rtol=1e-6, atol=1e-8)
    torch.testing.assert_close(squash(s)[0] / squash(s)[0].norm(), s[0] / 5)


def test_squash_exponentially_gives_the_length_of_mazzias_equation_3_by_hand():
    s = torch.tensor([3.0, 4.0], dtype=torch.float64)  # n = 5
    by_hand = torch.tensor([0.6, 0.8], dtype=torch.float64) * (1 - math.exp(-5))
    torch.testing.assert_close(squash_exponentially(s), by_hand, rtol=0, atol=1e-12)


@pytest.mark.parametrize("squashing", [squash, squash_exponentially])
@pytest.mark.parametrize("size", [0.0, 1e-20, 1e-6, 1.0, 30.0, 1e4])
def test_values_and_gradients_are_finite_at_every_length(squashing, size: float):
    s = torch.full((2, 16), size, requires_grad=True)
    lengths = length(squashing(s))
    lengths.sum().backward()
    assert torch.isfinite(lengths).all() and torch.isfinite(s.grad).all()
    assert (lengths <= 1).all()


def test_a_vote_is_the_inputs_own_matrix_times_the_input():
    generator = torch.Generator().manual_seed(0)
    u, w = torch.randn(2, 5, 8, generator=generator), torch.randn(5, 8, 160, generator=generator)
    votes = votes_of(u, w)
    assert votes.shape == (2, 5, 10, 16)
    torch.testing.assert_close(votes[1, 3, 7], u[1, 3] @ w[3, :, 7 * 16 : 8 * 16])


def test_the_decoder_has_1_411_344_parameters_and_sees_the_chosen_digit_alone():
    torch.manual_seed(0)
    decoder = Decoder()
    assert sum(parameter.numel() for parameter in decoder.parameters()) == 1_411_344
    poses = torch.randn(1, 10, 16)
    others = poses.clone()
    others[0, [digit for digit in range(10) if digit != 4]] = 9.0
    digit = torch.tensor([4])
    torch.testing.assert_close(decoder(poses, digit), decoder(others, digit))
    assert not torch.allclose(decoder(poses, digit), decoder(poses, torch.tensor([5])))
