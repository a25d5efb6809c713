"""The two trainings of every net, and the switch between them that stands in the tabs."""

from __future__ import annotations

import gradio as gr

from checkpoints.store.naming import MNIST_ONLY

PEN = "pen"
CHOICES = [("trained on MNIST alone", MNIST_ONLY), ("with the pen", PEN)]
OTHER = {MNIST_ONLY: PEN, PEN: MNIST_ONLY}
ALONE, WITH_PEN = "trained on MNIST alone", "trained with the pen"
IN_WORDS = {MNIST_ONLY: ALONE, PEN: WITH_PEN}


def training_of(choice: str) -> str | None:
    """The choice as `checkpoints.load` takes it: "mnist-only", or None for the training with the pen."""
    return None if choice == PEN else MNIST_ONLY


def training_switch(elem_id: str) -> gr.Radio:
    """The switch; it opens on MNIST alone, which is the original challenge."""
    return gr.Radio(
        CHOICES,
        value=MNIST_ONLY,
        label="Training of the nets",
        show_label=False,
        container=False,
        elem_id=elem_id,
        elem_classes=["segmented", "training"],
    )
