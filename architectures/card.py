"""What a net says about itself: where it comes from, how it is fed, how it is trained."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Card:
    """The text a person reads about a net.

    published_error_percent is the error on MNIST's test set that the source reports, with its conditions in words.
    """

    title: str
    authors: str
    year: int
    source: str
    summary: str
    departures: tuple[str, ...] = ()
    published_error_percent: float | None = None
    published_conditions: str = ""


@dataclass(frozen=True)
class Augmentation:
    """What a net is shown in training, each time anew: MNIST's rasters and drawings of its digits, warped.

    rotation_deg, shear_deg  largest angle either way
    zoom                     scale is drawn from [1 - zoom, 1 + zoom]
    shift_px                 largest shift either way, of 28 pixels
    elastic_px               largest smooth displacement, of 28 pixels
    pen                      share of the images that are drawings made by the living pen, in [0, 1]; for a baseline
                             the same digits at the same places in MNIST's own grey
    as_drawn                 share of these drawings that are fed as drawn, not like MNIST, in [0, 1]
    """

    rotation_deg: float = 12.0
    shear_deg: float = 8.0
    zoom: float = 0.12
    shift_px: float = 2.0
    elastic_px: float = 1.2
    pen: float = 0.6
    as_drawn: float = 0.5


@dataclass(frozen=True)
class Recipe:
    """How a net is trained by `python -m checkpoints train`; every choice is justified in checkpoints/README.md.

    epochs            passes over the 55,000 training images
    batch             images in a step
    peak_rate         learning rate at the top of the one-cycle schedule
    weight_decay      decoupled (AdamW)
    smoothing         label smoothing of the cross entropy; nets with capsules are trained on the margin loss instead
    reconstruction    weight of 0.392 x mean squared error of the decoder (Sabour 2017, section 4.1: 0.0005 x the sum)
    average           decay of the exponential moving average of the weights, for each step
    rounds            drawings that are made of each digit ahead; the epochs take turns with them
    """

    epochs: int
    batch: int = 128
    peak_rate: float = 1e-3
    weight_decay: float = 0.0
    smoothing: float = 0.0
    reconstruction: float = 1.0
    average: float = 0.9995
    rounds: int = 4
    augmentation: Augmentation = field(default_factory=Augmentation)
