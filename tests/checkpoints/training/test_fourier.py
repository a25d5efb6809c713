"""The convolution in the frequency domain is the same convolution."""

import pytest
import torch
from torch import nn
from torch.nn.functional import conv2d

import architectures
from checkpoints.training import fourier


@pytest.mark.parametrize(("side", "size"), [(20, 9), (16, 9), (12, 5), (10, 3)])
def test_it_gives_what_conv2d_gives_and_the_same_gradients(side, size):
    torch.manual_seed(0)
    x = torch.rand(3, 5, side, side, requires_grad=True)
    weight = torch.randn(7, 5, size, size, requires_grad=True)
    bias = torch.randn(7, requires_grad=True)
    expected = conv2d(x, weight, bias, stride=2)
    given = fourier.convolve(x, weight, bias)
    torch.testing.assert_close(given, expected, rtol=1e-4, atol=1e-4)
    upstream = torch.randn_like(expected)
    for mine, theirs in zip(
        torch.autograd.grad(given, (x, weight, bias), upstream),
        torch.autograd.grad(expected, (x, weight, bias), upstream),
        strict=True,
    ):
        torch.testing.assert_close(mine, theirs, rtol=1e-3, atol=1e-3)


def test_five_times_fewer_products_are_enough():
    analysis, kernel, synthesis = fourier.bases(10, 6)
    assert len(analysis) == len(kernel) == synthesis.shape[1] == 148
    assert 36 * 81 / (4 * 148) > 4.9


def test_an_accelerated_caps_net_is_the_same_net():
    torch.manual_seed(0)
    net = architectures.build("caps-net").eval()
    x = torch.rand(2, 1, 28, 28)
    keys = list(net.state_dict())
    with torch.inference_mode():
        before = net(x).scores
        fourier.accelerate(net)
        after = net(x).scores
    assert isinstance(net.encoder.primary, fourier.FourierConv2d)
    assert isinstance(net.encoder.convolution, fourier.UnfoldedConv2d)
    assert list(net.state_dict()) == keys
    torch.testing.assert_close(after, before, rtol=1e-5, atol=1e-6)


def test_a_layer_fed_an_odd_side_falls_back_to_the_ordinary_convolution():
    torch.manual_seed(0)
    layer = nn.Conv2d(4, 6, 9, stride=2)
    x = torch.rand(2, 4, 21, 21)
    expected = layer(x)
    fourier.accelerate(layer)
    torch.testing.assert_close(layer(x), expected)


def test_other_layers_are_left_alone():
    net = architectures.build("lenet-like")
    kinds = [type(layer) for layer in net.modules()]
    fourier.accelerate(net)
    assert [type(layer) for layer in net.modules()] == kinds
