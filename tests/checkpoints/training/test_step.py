"""A step learns, on equal terms for a net and its baseline, and teaches a pen in a few of them."""

import copy
from dataclasses import replace

import pytest
import torch
from torch import nn

import architectures
from architectures.card import Augmentation, Recipe
from architectures.contract import BadAnswer
from checkpoints.training.step import WARM_UP, Learner, Lessons, rate_at

STILL = Augmentation(rotation_deg=0, shear_deg=0, zoom=0, shift_px=0, elastic_px=0)


def lessons(count: int = 64, rounds: int = 2) -> Lessons:
    """Bars whose row is their label; drawings are dimmer by round and by way in, so that each can be told."""
    labels = torch.arange(count) % 10
    images = torch.zeros(count, 28, 28, dtype=torch.uint8)
    for number, label in enumerate(labels.tolist()):
        images[number, 2 * label + 3 : 2 * label + 6] = 250
    drawings = torch.stack(
        [torch.stack([images - images // 5 * (2 * r + w + 1) for w in (0, 1)], 1) for r in range(rounds)]
    )
    return Lessons(images, labels, drawings)


class Small(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Flatten(), nn.Linear(784, 32), nn.ReLU(), nn.BatchNorm1d(32), nn.Linear(32, 10))

    def forward(self, x):
        return self.layers(x)


def learner(steps: int = 60, **recipe: object) -> Learner:
    torch.manual_seed(0)
    return Learner(Small(), Recipe(1, batch=32, peak_rate=1e-2, **recipe), lessons(), steps)


def test_a_few_steps_teach_a_small_net():
    one = learner()
    batches = one.batches(torch.Generator().manual_seed(0))
    for _ in range(60):
        one.step(next(batches))
    assert one.mean_loss() > 0
    x = one.lessons.images.unsqueeze(1).float() / 255
    assert float((one.average(x).argmax(1) == one.lessons.labels).float().mean()) > 0.9


def test_the_mean_loss_is_of_the_steps_since_it_was_last_asked_for():
    one = learner()
    batches = one.batches()
    one.step(next(batches))
    first = float(one.loss)
    assert one.mean_loss() == pytest.approx(first)
    assert one.mean_loss() == 0


def test_the_share_of_drawings_their_round_and_their_way_in_are_as_asked():
    one = learner(augmentation=replace(STILL, pen=0.75, as_drawn=0.25))
    places = torch.arange(64).repeat(64)
    torch.manual_seed(1)
    x, labels = one.batch(places, 1)
    brightest = (x.amax(dim=(1, 2, 3)) * 250 / 50).round()  # 5 is MNIST's raster, 2 and 1 round 1 in its two ways
    assert set(brightest.unique().tolist()) <= {5.0, 2.0, 1.0}
    assert float((brightest != 5).float().mean()) == pytest.approx(0.75, abs=0.03)
    assert float((brightest == 1).float().sum() / (brightest != 5).float().sum()) == pytest.approx(0.25, abs=0.03)
    assert torch.equal(labels, one.lessons.labels[places])


def test_a_net_and_its_baseline_see_the_same_digits_from_the_same_sources():
    both = []
    for darker in (0, 1):
        held = lessons()
        torch.manual_seed(0)
        one = Learner(
            Small(), Recipe(1, batch=32), Lessons(held.images, held.labels, held.drawings // (1 + darker)), 10
        )
        torch.manual_seed(7)
        both.append(one.batch(torch.arange(32)))
    (x, labels), (other, same_labels) = both
    assert torch.equal(labels, same_labels)
    assert torch.equal(x > 0, other > 0), "the same warps, whoever drew"


def test_steps_go_on_from_a_saved_state_to_the_same_weights():
    whole, halves = learner(), learner()
    places = [torch.randperm(64)[:32] for _ in range(6)]

    def go(one: Learner, some: list[torch.Tensor]) -> Learner:
        for part in some:
            torch.manual_seed(one.done)
            one.step(part)
        return one

    go(whole, places)
    state = copy.deepcopy(go(halves, places[:3]).state())
    torch.manual_seed(99)
    again = Learner(Small(), halves.recipe, lessons(), 60)
    again.go_on_from(state)
    go(again, places[3:])
    for key, value in whole.average.state_dict().items():
        assert torch.equal(value, again.average.state_dict()[key]), key
    assert again.mean_loss() == whole.mean_loss()


def test_the_average_follows_the_net_and_keeps_its_counters():
    one = learner()
    for places in (torch.arange(32), torch.arange(32, 64)):
        one.step(places)
    assert int(one.average.layers[3].num_batches_tracked) == 2
    assert not torch.equal(one.average.layers[1].weight, one.net.layers[1].weight)
    assert not any(parameter.requires_grad for parameter in one.average.parameters())


def test_the_rate_rises_to_its_peak_and_falls_to_a_thousandth():
    rates = [rate_at(i / 1000, 2.0) for i in range(1001)]
    assert max(rates) == pytest.approx(2.0, rel=1e-3)
    assert rates.index(max(rates)) == pytest.approx(1000 * WARM_UP, abs=2)
    assert rates[0] == pytest.approx(0.08)
    assert rates[-1] == pytest.approx(0.002)


def test_every_digit_comes_once_before_any_comes_again():
    batches = learner().batches(torch.Generator().manual_seed(3))
    assert sorted(torch.cat([next(batches), next(batches)]).tolist()) == list(range(64))
    assert len(next(learner().batches(batch=100))) == 100


def test_a_net_that_returns_something_else_is_refused_before_the_first_step():
    class Wrong(Small):
        def forward(self, x):
            return super().forward(x)[:, :9]

    with pytest.raises(BadAnswer, match="expected 10 scores"):
        Learner(Wrong(), Recipe(1), lessons(), 1)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU")
def test_on_a_gpu_a_captured_step_learns_as_well():
    torch.manual_seed(0)
    one = Learner(architectures.build("resnet-ish").cuda(), Recipe(1, batch=32, peak_rate=1e-2), lessons(), 80)
    batches = one.batches()
    for _ in range(80):
        one.step(next(batches))
    assert one.mean_loss() < 2
