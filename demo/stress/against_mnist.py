"""What would a pen do to all of MNIST? Five hundred test digits drawn with it, predicted by every net."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from architectures.contract import BadAnswer
from architectures.input.mnist_like import RGBImage, mnist_like
from architectures.input.pen import Pen
from checkpoints.evaluation.statistics import wilson
from checkpoints.shipped_digits import test_digits
from demo.inference import CORES
from demo.sketchpad.drawing import Drawing
from demo.stress.cells import predict_in_turn
from demo.stress.sketching import sketch

DIGITS = 500
AT_A_TIME = 25  # digits between two looks at the clock: a cancel waits for no more than these


@dataclass(frozen=True)
class Accuracy:
    """Of one net on the digits so far, with Wilson's 95 % interval."""

    correct: int
    total: int

    @property
    def share(self) -> float:
        return self.correct / self.total if self.total else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        return wilson(self.correct, self.total)


@dataclass
class PenRun:
    """The digits in order, and what every net has predicted of those that are `done`.

    predictions  by net id: (total,) int64, -1 where it was not asked yet
    failures     by net id: why it is not asked any further
    images       of the digits that are done, as they were drawn
    """

    pen: Pen
    labels: NDArray[np.int64]
    predictions: dict[str, NDArray[np.int64]]
    done: int = 0
    failures: dict[str, str] = field(default_factory=dict)
    images: list[RGBImage] = field(default_factory=list)

    @property
    def total(self) -> int:
        return len(self.labels)

    def accuracy(self, net_id: str) -> Accuracy:
        asked = self.predictions[net_id] >= 0
        return Accuracy(int((self.predictions[net_id] == self.labels)[asked].sum()), int(asked.sum()))

    def fallen(self) -> list[int]:
        """The digits that at least one net predicts wrongly, in order."""
        wrong = np.zeros(self.total, bool)
        for predicted in self.predictions.values():
            wrong |= (predicted >= 0) & (predicted != self.labels)
        return [int(index) for index in np.flatnonzero(wrong)]


def pen_of(pen: Pen, index: int) -> Pen:
    """The same pen with the jitter of digit number `index`: five hundred digits are not drawn with one jitter."""
    return replace(pen, seed=(pen.seed + index) % 2**31)


def drawing_of(pen: Pen, index: int) -> Drawing:
    """Test digit number `index` as the pad draws it with `pen`."""
    digits = test_digits()
    return Drawing.of(digits.strokes[index], pen_of(pen, index), int(digits.labels[index]))


def against_mnist(pen: Pen, nets: Sequence[str], count: int = DIGITS) -> Iterator[PenRun]:
    """Draw `count` test digits with `pen` and have every net predict them, yielding after each batch.

    A net that fails is not asked any further. Raises BadAnswer when no net is left, UnknownNet and Busy.
    """
    digits = test_digits(count)
    run = PenRun(pen, digits.labels.numpy(), {net: np.full(len(digits), -1) for net in nets})
    batches = [range(start, min(start + AT_A_TIME, len(digits))) for start in range(0, len(digits), AT_A_TIME)]

    def drawing(index: int) -> RGBImage:
        return sketch(digits.strokes[index], pen_of(pen, index))

    with ThreadPoolExecutor(CORES, thread_name_prefix="sketch") as pool:
        ahead = [pool.submit(drawing, index) for index in batches[0]]
        for batch, following in zip(batches, [*batches[1:], range(0)], strict=True):
            images = [future.result() for future in ahead]
            ahead = [pool.submit(drawing, index) for index in following]  # while the nets look at these
            fed = np.concatenate([mnist_like(image).numpy() for image in images])
            by_net, failures = predict_in_turn([net for net in nets if net not in run.failures], fed)
            run.failures.update({net: str(failure) for net, failure in failures.items()})
            if not by_net:
                raise BadAnswer("; ".join(run.failures.values()))
            for net, probabilities in by_net.items():
                run.predictions[net][batch.start : batch.stop] = probabilities.argmax(axis=1)
            run.images += images
            run.done += len(batch)
            yield run
