"""A large strided convolution, computed in the frequency domain for training on CPUs.

caps-net spends nine tenths of its training in one 9x9 convolution of stride 2. Split by the parity of rows and
columns it is a sum of four convolutions of stride 1, each 5x5 on 10x10; in the discrete Fourier domain of size 10x10
these become one matrix product for each frequency. Half of the frequencies suffice, because the images are real,
and a complex product takes three real ones (Gauss), so 148 products of (B, 4 * C) by (4 * C, O) replace the work of
36 * 81 / 4: five times fewer multiplications. The result is the same up to float32 rounding, and so are the gradients,
since every step is linear and differentiable.
"""

from __future__ import annotations

import ctypes
import os
import sys
from functools import cache

import torch
from torch import Tensor, nn


@cache
def bases(side: int, outputs: int) -> tuple[Tensor, Tensor, Tensor]:
    """Matrices (analysis of the input, analysis of the kernel, synthesis) of a real 2-D correlation of size `side`.

    Shapes (P, side * side), (P, side * side) and (outputs * outputs, P) for P real products.
    """
    angle = 2 * torch.pi / side * torch.outer(torch.arange(side), torch.arange(side)).double()
    wave = torch.complex(angle.cos(), -angle.sin())
    transform = torch.kron(wave, wave)  # (side^2 frequencies, side^2 places)
    row, column = torch.arange(side).repeat_interleave(side), torch.arange(side).repeat(side)
    mirror = ((-row) % side) * side + ((-column) % side)  # the frequency that holds the conjugate
    own = torch.arange(side * side)
    real, half = transform[mirror == own], transform[mirror > own]
    back_real, back_half = real.real.T / side**2, 2 * half.conj().T / side**2

    analysis = torch.cat([real.real, half.real, half.imag, half.real + half.imag])
    conjugate = half.conj()  # correlation, as in deep learning, rather than convolution
    kernel = torch.cat([real.real, conjugate.real, conjugate.imag, conjugate.real + conjugate.imag])
    # with products p1 = ar*br, p2 = ai*bi, p3 = (ar+ai)(br+bi): real part p1 - p2, imaginary part p3 - p1 - p2
    from_real, from_imaginary = back_half.real, -back_half.imag
    synthesis = torch.cat([back_real, from_real - from_imaginary, -from_real - from_imaginary, from_imaginary], dim=1)
    kept = (row < outputs) & (column < outputs)
    return analysis.float(), kernel.float(), synthesis[kept].float()


def phases(x: Tensor) -> Tensor:
    """(B, C, 2n, 2n) by the parity of row and column, place first: (n * n, B, 4 * C).

    Fast when x is in the memory format channels_last, as training has it: only whole rows of channels move then.
    """
    batch, channels, side, _ = x.shape
    n = side // 2
    rows = x.permute(0, 2, 3, 1).reshape(batch, n, 2, n, 2, channels)
    return rows.permute(1, 3, 0, 2, 4, 5).reshape(n * n, batch, 4 * channels)


def convolve(x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
    """`conv2d(x, weight, bias, stride=2)` for square x (B, C, S, S) with S even and an odd kernel."""
    batch, _, side, _ = x.shape
    filters, _, size, _ = weight.shape
    outputs = (side - size) // 2 + 1
    n, taps = side // 2, (size + 1) // 2
    analysis, kernel, synthesis = bases(n, outputs)
    places = (torch.arange(taps)[:, None] * n + torch.arange(taps)).flatten()

    products = len(analysis)
    a = analysis @ phases(x).flatten(1)  # (P, B * 4C)
    b = kernel[:, places] @ phases(nn.functional.pad(weight, (0, 1, 0, 1))).flatten(1)  # (P, O * 4C)
    p = torch.bmm(a.view(products, batch, -1), b.view(products, filters, -1).transpose(1, 2))  # (P, B, O)
    y = synthesis @ p.flatten(1)  # (outputs^2, B * O)
    y = y.view(outputs, outputs, batch, filters).permute(2, 3, 0, 1)
    return y if bias is None else y + bias[:, None, None]


class FourierConv2d(nn.Conv2d):
    """A Conv2d of stride 2 that computes in the frequency domain; same parameters, same result."""

    def forward(self, input: Tensor) -> Tensor:  # noqa: A002 (the name that Conv2d gives it)
        height, width = input.shape[-2:]
        if height != width or height % 2:
            return super().forward(input)
        return convolve(input, self.weight, self.bias)


class UnfoldedConv2d(nn.Conv2d):
    """A Conv2d of one input channel as one matrix product, whose result lies in memory channels last."""

    def forward(self, input: Tensor) -> Tensor:  # noqa: A002 (the name that Conv2d gives it)
        rows, columns = self.kernel_size
        patches = input[:, 0].unfold(1, rows, 1).unfold(2, columns, 1)  # (B, H', W', rows, columns)
        flat = patches.reshape(-1, rows * columns)
        kernels = self.weight.flatten(1).T
        y = flat @ kernels if self.bias is None else torch.addmm(self.bias, flat, kernels)
        return y.view(*patches.shape[:3], -1).permute(0, 3, 1, 2)


def accelerate(net: nn.Module) -> nn.Module:
    """The same net, with its large convolutions computed as above; parameters and names stay as they are."""
    for layer in net.modules():
        if type(layer) is not nn.Conv2d or layer.padding != (0, 0) or layer.kernel_size != (9, 9) or layer.groups > 1:
            continue
        if layer.stride == (2, 2):
            layer.__class__ = FourierConv2d
        elif layer.stride == (1, 1) and layer.in_channels == 1:
            layer.__class__ = UnfoldedConv2d
    return net


def keep_memory() -> None:
    """Keep freed memory in this process and ask for huge pages, so that large tensors do not fault in at each step."""
    os.environ.setdefault("THP_MEM_ALLOC_ENABLE", "1")  # torch reads it at its first large allocation
    if sys.platform == "linux":
        trim_threshold, mmap_max = -1, -4  # parameters of glibc's mallopt
        libc = ctypes.CDLL(None)
        libc.mallopt(mmap_max, 0)
        libc.mallopt(trim_threshold, 2**31 - 1)
