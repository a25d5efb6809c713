"""The capsule net against its paper: counts, routing, squash, and the mistakes that others made."""

import math

import pytest
import torch

import architectures
from architectures.caps_net import CapsNet, capsules_of, route
from architectures.contract import ask


@pytest.fixture(scope="module")
def net() -> CapsNet:
    torch.manual_seed(0)
    built = architectures.build("caps-net")
    return built.eval()


@pytest.fixture(scope="module")
def images() -> torch.Tensor:
    return torch.rand(7, 1, 28, 28, generator=torch.Generator().manual_seed(1))


def parameters(module: torch.nn.Module) -> int:
    return sum(parameter.numel() for parameter in module.parameters())


def test_the_encoder_has_the_papers_6_8_million_parameters(net):
    assert parameters(net.encoder) == 6_804_224


def test_the_decoder_has_1_411_344_parameters(net):
    assert parameters(net.decoder) == 1_411_344
    assert parameters(net) == 6_804_224 + 1_411_344


@pytest.mark.parametrize("iterations", [1, 2, 3, 5])
def test_each_primary_capsule_shares_exactly_one_vote_among_the_digits(net, images, iterations):
    capsules = ask(net, images, routing_iterations=iterations).capsules
    assert capsules.couplings.shape == (iterations, 7, 1152, 10)
    torch.testing.assert_close(capsules.couplings.sum(dim=3), torch.ones(iterations, 7, 1152))


def test_the_first_iteration_couples_uniformly_and_later_ones_do_not(net, images):
    couplings = ask(net, images).capsules.couplings
    assert torch.equal(couplings[0], torch.full_like(couplings[0], 0.1))
    assert (couplings[1] - 0.1).abs().max() > 1e-6
    assert (couplings[2] - couplings[1]).abs().max() > 1e-6


def test_one_and_three_routing_iterations_give_different_answers(net, images):
    one, three = ask(net, images, routing_iterations=1), ask(net, images, routing_iterations=3)
    assert (one.scores - three.scores).abs().max() > 1e-5


def test_the_lengths_of_every_iteration_are_kept_and_the_last_is_the_answer(net, images):
    answer = ask(net, images, routing_iterations=4)
    assert answer.capsules.iterations.shape == (4, 7, 10)
    assert torch.equal(answer.capsules.iterations[-1], answer.scores)
    assert torch.equal(ask(net, images, routing_iterations=2).scores, answer.capsules.iterations[1])


def test_a_capsule_is_eight_channels_at_one_place():
    features = torch.zeros(1, 256, 6, 6)
    features[0, 3 * 8 : 4 * 8, 2, 5] = torch.arange(1.0, 9.0)  # type 3 at row 2, column 5
    capsules = capsules_of(features)
    filled = capsules[0].norm(dim=1).nonzero().flatten().tolist()
    assert filled == [3 * 36 + 2 * 6 + 5]
    direction = capsules[0, filled[0]] / capsules[0, filled[0]].norm()
    torch.testing.assert_close(direction, torch.arange(1.0, 9.0) / torch.arange(1.0, 9.0).norm())


def test_the_grid_names_the_pixels_that_a_primary_capsule_looks_at(net):
    """Change one pixel: just those places of the grid whose field holds it answer."""
    black, dotted = torch.zeros(1, 1, 28, 28), torch.zeros(1, 1, 28, 28)
    row, column = 4, 21
    dotted[0, 0, row, column] = 1.0
    moved = (net.encoder(dotted) - net.encoder(black)).abs().sum(dim=(0, 2, 3)).view(32, 6, 6).sum(dim=0) > 0
    grid = ask(net, black).capsules.grid
    assert grid.inputs == 1152
    for r in range(grid.rows):
        for c in range(grid.columns):
            inside = 0 <= row - r * grid.stride_px < grid.field_px and 0 <= column - c * grid.stride_px < grid.field_px
            assert bool(moved[r, c]) == inside, (r, c)


def test_lengths_are_below_one_even_for_enormous_votes():
    poses, _, lengths = route(torch.full((1, 1152, 10, 16), 100.0), iterations=3)
    assert torch.isfinite(poses).all()
    assert (lengths <= 1).all()


def test_lengths_are_in_zero_to_one_and_are_not_a_softmax(net, images):
    answer = ask(net, images)
    assert answer.meaning == "capsule length"
    assert ((answer.probabilities >= 0) & (answer.probabilities < 1)).all()
    torch.testing.assert_close(answer.probabilities, answer.capsules.poses.norm(dim=2), atol=1e-6, rtol=1e-5)
    assert (answer.probabilities.sum(dim=1) - 1).abs().max() > 1e-3


def test_routing_by_hand_in_float64():
    """Two inputs, two digits, 1-D poses, two iterations, computed here with nothing but math."""

    def squashed(s: float) -> float:
        return s * (s * s / (1 + s * s)) / math.sqrt(s * s + 1e-8)

    u = [[1.0, -0.5], [2.0, 0.25]]  # u[i][j]: what input i predicts for digit j
    first = [squashed(0.5 * (u[0][j] + u[1][j])) for j in range(2)]
    b = [[u[i][j] * first[j] for j in range(2)] for i in range(2)]
    c = [[math.exp(b[i][j]) / (math.exp(b[i][0]) + math.exp(b[i][1])) for j in range(2)] for i in range(2)]
    second = [squashed(c[0][j] * u[0][j] + c[1][j] * u[1][j]) for j in range(2)]

    votes = torch.tensor(u, dtype=torch.float64).view(1, 2, 2, 1)
    poses, couplings, lengths = route(votes, iterations=2)
    expected = torch.tensor(second, dtype=torch.float64)
    torch.testing.assert_close(poses[0, :, 0], expected, rtol=0, atol=1e-9)
    torch.testing.assert_close(couplings[1, 0], torch.tensor(c, dtype=torch.float64), rtol=0, atol=1e-9)
    torch.testing.assert_close(lengths[1, 0], expected.abs(), rtol=0, atol=1e-9)


def test_agreement_raises_a_coupling_and_disagreement_lowers_it():
    votes = torch.zeros(1, 3, 10, 2)
    votes[0, :, 4] = torch.tensor([[3.0, 0.0], [3.0, 0.0], [-1.0, 0.0]])
    _, couplings, _ = route(votes, iterations=3)
    assert (couplings[2, 0, :2, 4] > 0.1).all()
    assert couplings[2, 0, 2, 4] < 0.1


def test_routing_without_an_iteration_is_refused():
    with pytest.raises(ValueError, match="at least 1 iteration, not 0"):
        route(torch.zeros(1, 2, 10, 16), iterations=0)


def test_gradients_reach_the_transformation_of_every_digit(net, images):
    net.zero_grad()
    ask(net, images).scores.sum().backward()
    gradient = net.encoder.transformation.grad.view(1152, 8, 10, 16)
    assert (gradient.abs().sum(dim=(0, 1, 3)) > 0).all()


def test_the_decoder_sees_only_the_digit_it_is_asked_for(net):
    poses = torch.rand(2, 10, 16, generator=torch.Generator().manual_seed(2)) * 0.2
    asked = torch.tensor([3, 8])
    decoded = net.decode(poses, asked)
    assert decoded.shape == (2, 1, 28, 28)
    assert ((decoded >= 0) & (decoded <= 1)).all()
    others = poses.clone()
    others[0, :3], others[0, 4:] = 9.0, -9.0
    assert torch.equal(net.decode(others, asked)[0], decoded[0])
    others[0, 3] = 0.9
    assert not torch.equal(net.decode(others, asked)[0], decoded[0])


def test_no_gradient_flows_through_the_routing_coefficients():
    """Votes that were only looked at to share them out get none: the couplings of the last iteration are constants."""
    generator = torch.Generator().manual_seed(0)
    votes = torch.randn(1, 6, 10, 16, generator=generator, requires_grad=True)
    poses, couplings, _ = route(votes, iterations=3)
    poses.square().sum().backward()
    assert not couplings.requires_grad
    fixed = votes.detach().clone().requires_grad_()
    total = torch.einsum("bij,bijd->bjd", couplings[-1], fixed)
    squared = total.square().sum(dim=-1, keepdim=True)
    (total * (squared / (1 + squared)) * torch.rsqrt(squared + 1e-8)).square().sum().backward()
    torch.testing.assert_close(votes.grad, fixed.grad)
