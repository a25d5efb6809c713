"""Stands for a net whose layers come with its weights: TorchScript and ONNX files hold both."""

from __future__ import annotations

from torch import Tensor, nn


class InItsFile(nn.Module):
    """The net before its file is read: it has no layers yet, and answers nothing."""

    def forward(self, x: Tensor) -> Tensor:
        raise RuntimeError("the layers of this net are in its file of weights: use checkpoints.load")
