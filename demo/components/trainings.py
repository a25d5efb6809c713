"""The two trainings of every net, the third that a visitor has taught, and the switch that stands in the tabs."""

from __future__ import annotations

from typing import Any

import gradio as gr

from checkpoints.store.naming import MNIST_ONLY, split
from demo.taught_nets import is_taught

PEN = "pen"
CHOICES = [("trained on MNIST alone", MNIST_ONLY), ("with the pen", PEN)]
TAUGHT_BY_YOU = "taught by you"
OTHER = {MNIST_ONLY: PEN, PEN: MNIST_ONLY}
ALONE, WITH_PEN = "trained on MNIST alone", "trained with the pen"
TAUGHT = "taught"
IN_WORDS = {MNIST_ONLY: ALONE, PEN: WITH_PEN, TAUGHT: TAUGHT_BY_YOU}


def training_of(choice: str) -> str | None:
    """The choice as the ids of nets have it: "mnist-only", "taught:...", or None for the training with the pen."""
    return None if choice == PEN else choice if is_taught(choice) else MNIST_ONLY


def other_than(choice: str) -> str:
    """The training that stands beside the chosen one, as a choice."""
    return OTHER.get(choice, MNIST_ONLY)


def shown_training(training: str | None) -> str:
    """What the training in a net's id is called for scripts and tables, and in IN_WORDS: MNIST_ONLY, PEN or TAUGHT."""
    return TAUGHT if is_taught(training) else training or PEN


def shown_id(net_id: str) -> str:
    """A net and its training as people may read and pass on: a visitor's own training has a key in its id."""
    name, training = split(net_id)
    return f"{name}, {TAUGHT_BY_YOU}" if is_taught(training) else net_id


def note_on(own: str | None, choice: str) -> str:
    """What a tile says of a net whose own training is not the one that is chosen; "" where it is."""
    if own == training_of(choice):
        return ""
    if is_taught(choice):
        return "not taught"
    return f"only {WITH_PEN if choice == MNIST_ONLY else ALONE}"


class TrainingSwitch(gr.Radio):
    """The switch; a third choice comes with a visitor's first lesson. What is no choice at all counts as the first."""

    is_template = True  # its script is gr.Radio's

    def preprocess(self, payload: Any) -> str:
        known = isinstance(payload, str) and (payload in OTHER or is_taught(payload))
        return payload if known else MNIST_ONLY


def training_switch(elem_id: str) -> TrainingSwitch:
    """The switch; it opens on MNIST alone, which is the original challenge."""
    return TrainingSwitch(
        CHOICES,
        value=MNIST_ONLY,
        label="Training of the nets",
        show_label=False,
        container=False,
        elem_id=elem_id,
        elem_classes=["segmented", "training"],
    )


def with_taught(training: str) -> list[tuple[str, str]]:
    """The choices of the switch for a visitor who has taught nets, which are known by this training."""
    return [*CHOICES, (TAUGHT_BY_YOU, training)]
