"""The usual input of a net, under the name that programs outside import it by; it lives in `architectures.input`."""

from architectures.input.mnist_like import mnist_like

__all__ = ["mnist_like"]
