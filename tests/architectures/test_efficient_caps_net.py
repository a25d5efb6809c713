"""efficient-caps-net: the paper's parameters and mathematics, and that it learns."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor, nn

import architectures
from architectures.capsules import length, squash_exponentially
from architectures.contract import Answer, ask
from architectures.efficient_caps_net import GRID, LONGEST, EfficientCapsNet, attend


@pytest.fixture
def net() -> EfficientCapsNet:
    torch.manual_seed(0)
    built = architectures.build("efficient-caps-net")
    return built.eval()  # type: ignore[return-value]


def images(count: int, seed: int = 0) -> Tensor:
    return torch.rand(count, 1, 28, 28, generator=torch.Generator().manual_seed(seed))


def parameters(module: nn.Module) -> int:
    return sum(parameter.numel() for parameter in module.parameters() if parameter.requires_grad)


def test_the_encoder_has_the_papers_161_824_parameters_and_the_decoder_that_of_caps_net(net):
    assert parameters(net.encoder) == 161_824
    assert parameters(net.decoder) == 1_411_344
    assert parameters(net) == 161_824 + 1_411_344


def test_it_answers_with_sixteen_capsules_one_routing_and_a_decoder(net):
    with torch.no_grad():
        answer = ask(net, images(4))
        assert answer.capsules is not None
        assert answer.capsules.poses.shape == (4, 10, 16)
        assert answer.capsules.votes.shape == (4, 16, 10, 16)
        assert answer.capsules.couplings.shape == (1, 4, 16, 10)
        assert answer.capsules.iterations.shape == (1, 4, 10)
        drawn = answer.capsules.decode(answer.capsules.poses, answer.digit)
    assert drawn.shape == (4, 1, 28, 28)
    assert drawn.min() >= 0 and drawn.max() <= 1


def test_each_primary_capsule_shares_exactly_one_vote_among_the_digits(net):
    couplings = ask(net, images(3)).capsules.couplings
    torch.testing.assert_close(couplings.sum(dim=-1), torch.ones(1, 3, 16))


def test_couplings_and_prior_and_votes_make_the_poses_that_are_answered(net):
    nn.init.normal_(net.encoder.prior)
    capsules = ask(net, images(3)).capsules
    total = torch.einsum("bij,bijd->bjd", capsules.couplings[-1] + capsules.prior, capsules.votes)
    torch.testing.assert_close(squash_exponentially(total), capsules.poses)


def test_the_answer_is_the_length_of_the_poses_and_is_not_passed_through_a_softmax(net):
    answer = ask(net, images(3))
    assert answer.meaning == "capsule length"
    torch.testing.assert_close(answer.probabilities, answer.capsules.poses.norm(dim=-1))


@pytest.mark.parametrize("size", [0.0, 1e-20, 1e-6, 1.0, 30.0, 1e4])
def test_squash_and_its_gradient_are_finite_and_no_vector_reaches_length_one(size: float):
    s = torch.full((2, 16), size, requires_grad=True)
    squashed = squash_exponentially(s)
    squashed.sum().backward()
    assert torch.isfinite(squashed).all() and torch.isfinite(s.grad).all()
    assert length(squashed).clamp(max=LONGEST).max() < 1


def test_very_long_capsules_stay_an_answer(net):
    with torch.no_grad():
        net.encoder.prior.fill_(1e4)
        assert ask(net, images(2)).probabilities.max() < 1


def test_self_attention_by_the_papers_double_sum_agrees_in_float64():
    generator = torch.Generator().manual_seed(3)
    votes = torch.randn(2, 5, 10, 4, generator=generator, dtype=torch.float64)
    prior = torch.randn(5, 10, generator=generator, dtype=torch.float64)
    poses, couplings = attend(votes, prior)
    for image in range(2):
        agreement = torch.zeros(5, 10, dtype=torch.float64)
        for digit in range(10):
            u = votes[image, :, digit]  # (inputs, D)
            agreement[:, digit] = (u @ u.T).sum(dim=1) / math.sqrt(4)
        shares = torch.exp(agreement) / torch.exp(agreement).sum(dim=1, keepdim=True)
        torch.testing.assert_close(couplings[image], shares, rtol=0, atol=1e-9)
        for digit in range(10):
            s = ((shares + prior)[:, digit, None] * votes[image, :, digit]).sum(dim=0)
            n = s.norm()
            torch.testing.assert_close(poses[image, digit], (1 - torch.exp(-n)) * s / n, rtol=0, atol=1e-9)


def test_a_primary_capsule_is_eight_neighbouring_channels(net):
    with torch.no_grad():
        primary = net.encoder.primary(net.encoder.features(images(2)))  # (B, 128, 1, 1)
        u = squash_exponentially(primary[:, 8:16, 0, 0])  # the second capsule
        votes = net.encoder(images(2))
    expected = (u @ net.encoder.transformation[1]).unflatten(1, (10, 16))
    torch.testing.assert_close(votes[:, 1], expected)


def test_one_image_alone_is_answered_as_in_a_batch_of_seven(net):
    x = images(7)
    with torch.no_grad():
        together, alone = ask(net, x), ask(net, x[2:3])
    torch.testing.assert_close(together.scores[2:3], alone.scores, atol=1e-6, rtol=1e-5)


def test_its_grid_sees_all_but_the_last_row_and_column_of_the_image(net):
    x = images(1).requires_grad_()
    net.encoder(x).square().sum().backward()
    seen = x.grad[0, 0].abs() > 0
    assert GRID.inputs == 16
    assert seen[: GRID.field_px, : GRID.field_px].all()
    assert not seen[GRID.field_px :].any() and not seen[:, GRID.field_px :].any()


def test_a_few_steps_on_the_margin_loss_and_the_reconstruction_reduce_both(net):
    """Ten images of bright bars at ten heights: enough to see gradients reach every parameter."""
    x = torch.zeros(20, 1, 28, 28)
    labels = torch.arange(20) % 10
    for image, label in zip(x, labels, strict=True):
        image[0, 2 + 2 * label : 5 + 2 * label, 4:24] = 1
    net.train()
    optimiser = torch.optim.Adam(net.parameters(), lr=2e-3)

    def losses() -> tuple[Tensor, Tensor]:
        answer: Answer = net(x)
        target = nn.functional.one_hot(labels, 10).float()
        lengths = answer.probabilities
        margin = target * (0.9 - lengths).clamp(min=0) ** 2 + 0.5 * (1 - target) * (lengths - 0.1).clamp(min=0) ** 2
        drawn = answer.capsules.decode(answer.capsules.poses, labels)
        return margin.sum(dim=1).mean(), 0.392 * (drawn - x).square().mean()

    first = [loss.item() for loss in losses()]
    for _ in range(25):
        optimiser.zero_grad()
        sum(losses()).backward()
        optimiser.step()
    last = [loss.item() for loss in losses()]
    assert last[0] < 0.5 * first[0] and last[1] < first[1]
    assert all(parameter.grad is not None and parameter.grad.abs().sum() > 0 for parameter in net.parameters())
