"""From strokes or pixels to what a net is fed: strokes -> ink -> image -> tensor (1, 1, 28, 28) in [0, 1]."""

from architectures.input.convention import Input
from architectures.input.mnist_like import mnist_like

__all__ = ["Input", "mnist_like"]
