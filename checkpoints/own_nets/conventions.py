"""Finding out how a net wants to be fed, by feeding it sample digits in every usual way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache

import torch
from torch import Tensor, nn

from architectures.input.convention import Input
from checkpoints.errors import UnfittingWeights
from checkpoints.formats import output_layer
from checkpoints.formats.onnx_net import OnnxNet
from checkpoints.formats.output_layer import Ending
from checkpoints.sample_digits import sample_digits

# what a net's first layer takes, the likeliest first; larger ones are tried only when none of these runs
SHAPES = (
    Input(),
    Input(flat=True),
    Input(channels=0),
    Input(channels=3),
    Input(size=32, fit="pad"),
    Input(size=32),
    Input(channels=3, size=32, fit="pad"),
    Input(channels=3, size=32),
)
LARGER_SHAPES = tuple(Input(channels=channels, size=size) for size in (64, 96, 224) for channels in (1, 3))
MNIST_MEAN, MNIST_STD = 0.1307, 0.3081
IMAGENET_MEAN, IMAGENET_STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
TEMPERATURES = tuple(2.0 ** (step / 2) for step in range(-8, 17))
DOUBT = 0.05  # of surprise: how much better than the likeliest shape, and than plain values, another must be
NEARLY = 0.02  # of the images: ways this close together are told apart by how far the net is from doubt


@dataclass(frozen=True)
class Trial:
    """How a net did when it was fed in one way.

    correct   sample digits read right, of `images`
    harder    the same of the digits made fainter, shifted and noisy, which tell close ways apart
    surprise  mean negative logarithm of the probability given to the right digit, at the best temperature
    """

    way: Input
    ending: Ending
    correct: int
    harder: int
    images: int
    surprise: float

    @property
    def share(self) -> float:
        """Share read right of all the digits, the harder ones too, in [0, 1]."""
        return (self.correct + self.harder) / (2 * self.images)


def trials(net: nn.Module) -> list[Trial]:
    """Every way of feeding `net` (as its own file wants it, in eval mode) that it answers to, the best first.

    Empty when it answers to none; then `endings.run` says why.
    """
    shapes = _shapes(net)
    runs = [way for way in shapes if _answers(net, way)] or [way for way in LARGER_SHAPES if _answers(net, way)]
    done = [trial(net, way) for shape in runs for way in _values(shape)]
    if not done:
        return []
    most = max(one.share for one in done)

    def order(one: Trial) -> tuple[bool, float]:
        likeliest = (one.way.size, one.way.channels) == (runs[0].size, runs[0].channels)
        plain = replace(one.way, invert=False, scale=1.0, mean=0.0, std=1.0) == one.way
        return one.share < most - NEARLY, one.surprise + DOUBT * (2 - likeliest - plain)

    return sorted(done, key=order)


def _shapes(net: nn.Module) -> tuple[Input, ...]:
    """The shapes worth trying: for a graph that says what it wants, that one alone."""
    if not isinstance(net, OnnxNet):
        return SHAPES
    match net.wanted:
        case [_, int(pixels)] if pixels == 784:
            return (Input(flat=True),)
        case [_, int(height), int(width)] if height == width:
            return (Input(channels=0, size=height),)
        case [_, int(channels), int(height), int(width)] if height == width:
            scaled = Input(channels=channels, size=height)
            return (scaled, replace(scaled, fit="pad")) if height > 28 else (scaled,)
    return SHAPES


def _values(shape: Input) -> Iterator[Input]:
    """The usual ranges of values for one shape: [0, 1], normalised by somebody's constants, bytes; or all inverted."""
    for invert in (False, True):
        way = replace(shape, invert=invert)
        yield way
        yield replace(way, mean=MNIST_MEAN, std=MNIST_STD)
        yield replace(way, mean=0.5, std=0.5)
        yield replace(way, scale=255)
        if shape.channels == 3:
            yield replace(way, mean=IMAGENET_MEAN, std=IMAGENET_STD)


@cache
def _digits() -> tuple[Tensor, Tensor]:
    """The sample digits, and again fainter, shifted and noisy, so that a net wrongly fed shows it."""
    x, labels = sample_digits()
    noise = torch.rand(x.shape, generator=torch.Generator().manual_seed(0))
    worse = (0.7 * x.roll((1, -1), dims=(2, 3)) + 0.25 * noise).clamp(0, 1)
    return torch.cat([x, worse]), torch.cat([labels, labels])


def _answers(net: nn.Module, way: Input) -> bool:
    try:
        output_layer.run(net, way(sample_digits(10)[0]), "the net")
    except UnfittingWeights:
        return False
    return True


def trial(net: nn.Module, way: Input, name: str = "the net") -> Trial:
    """How `net` does when it is fed in this `way`; raises WrongInput or UnfittingWeights when it does not answer."""
    x, labels = _digits()
    answer = output_layer.run(net, way(x), name)
    ending = output_layer.of(answer)
    logits = output_layer.logits(answer, ending)
    easy, hard = (int(part.sum()) for part in (logits.argmax(dim=1) == labels).chunk(2))
    return Trial(way, ending, easy, hard, len(labels) // 2, _surprise(logits, labels))


def _surprise(logits: Tensor, labels: Tensor) -> float:
    """Mean cross entropy at the temperature that makes it least.

    Without that, whatever enlarges the input and so sharpens the answers would win over what the net was trained on.
    """
    return min(nn.functional.cross_entropy(logits / heat, labels).item() for heat in TEMPERATURES)
