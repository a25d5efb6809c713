"""ONNX Runtime as an engine for nets that answer one picture at a time: the same answers, sooner.

A net becomes a graph when it is loaded, nothing is written to disk, and torch remains the one that trains and that
answers everything else: batches, other settings, gradients.
"""

from __future__ import annotations

import tempfile
import warnings
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from architectures.contract import Answer, ask
from checkpoints.sample_digits import sample_digits

OPSET = 17
AGREES_TO = 1e-5  # largest difference between an engine's answer and its net's
TRIED_ON = 10  # sample digits, one of each


class Unfit(ValueError):
    """A net that cannot be run by an engine; the message names it and says why. Torch still can."""


class Flat(nn.Module):
    """A net whose answer is a tuple of tensors, as a graph needs it: all that the page shows."""

    def __init__(self, net: nn.Module, **settings: int) -> None:
        super().__init__()
        self.net = net
        self.settings = settings

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        returned = self.net(x, **self.settings)
        if not isinstance(returned, Answer) or returned.capsules is None:
            return (returned.scores if isinstance(returned, Answer) else returned,)
        capsules = returned.capsules
        return returned.scores, capsules.poses, capsules.couplings, capsules.votes, capsules.iterations


class Engine:
    """The forward pass of `net` for one picture at fixed `settings`, run by ONNX Runtime on `threads` threads.

    Calling it with x, float32 (1, 1, 28, 28), returns what the net would: scores or an Answer. A reconstruction is
    still decoded by the net itself. Safe to call from several threads at once.
    Raises Unfit, when it is made, for a net whose graph cannot be exported, depends on the picture's values, or gives
    other answers than the net does on ten sample digits.
    """

    def __init__(self, net: nn.Module, name: str = "the net", threads: int = 1, **settings: int) -> None:
        self.net, self.settings = net, settings
        x, _ = sample_digits(TRIED_ON)
        with torch.inference_mode():
            expected = [ask(net, one, name, **settings) for one in x.split(1)]
        self._like = expected[0]
        self._session = session(exported(net, x[:1], name, **settings), threads)
        for one, answer in zip(x.split(1), expected, strict=True):
            difference = _difference(ask(self, one, name), answer)
            if not difference <= AGREES_TO:  # also True for NaN
                raise Unfit(f"{name} answers otherwise in ONNX Runtime, by {difference:.1e}")

    def __call__(self, x: Tensor) -> Answer:
        scores, *others = (torch.from_numpy(found) for found in self._session.run(None, {"x": x.numpy()}))
        capsules = self._like.capsules
        if capsules is None:
            return Answer(scores)
        poses, couplings, votes, iterations = others
        found = replace(capsules, poses=poses, couplings=couplings, votes=votes, iterations=iterations)
        return Answer(scores, found)


def exported(net: nn.Module, x: Tensor, name: str = "the net", **settings: int) -> bytes:
    """The graph of `net` for pictures of the shape of x (B, 1, 28, 28), as an ONNX file; raises Unfit.

    Tracing follows the path that x takes: a net that would take another for another picture is refused.
    """
    flat = Flat(net, **settings).eval()
    torch.onnx.register_custom_op_symbolic("aten::expm1", _expm1, OPSET)
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        path = Path(folder) / "net.onnx"
        try:
            torch.onnx.export(flat, (x,), str(path), dynamo=False, input_names=["x"], opset_version=OPSET)
        except Exception as error:  # whatever a net that someone brought does while it is traced
            raise Unfit(f"{name} has no graph ({str(error).splitlines()[0]})") from error
        graph = path.read_bytes()
    for warning in said:
        if issubclass(warning.category, torch.jit.TracerWarning):
            why = str(warning.message).splitlines()[0]
            raise Unfit(f"{name} decides by the values of the picture, which a graph cannot ({why})")
    return graph


def session(graph: bytes, threads: int) -> Any:
    """A session of ONNX Runtime for `graph` on the CPU."""
    import onnxruntime  # 40 MB: only for those who want it

    onnxruntime.set_default_logger_severity(3)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])


def _expm1(graph: Any, x: Any) -> Any:
    """e^x - 1, which ONNX does not have, as tanh(x / 2) (e^x + 1): as exact near zero."""
    half = graph.op("Constant", value_t=torch.tensor(0.5))
    one = graph.op("Constant", value_t=torch.tensor(1.0))
    return graph.op("Mul", graph.op("Tanh", graph.op("Mul", x, half)), graph.op("Add", graph.op("Exp", x), one))


def _difference(found: Answer, expected: Answer) -> float:
    """The largest difference between two answers, whatever the page shows of them counting."""
    pairs = [(found.probabilities, expected.probabilities)]
    if found.capsules is not None and expected.capsules is not None:
        for part in ("poses", "couplings", "votes", "iterations"):
            pairs.append((getattr(found.capsules, part), getattr(expected.capsules, part)))
    return max(float((mine - theirs).abs().max()) for mine, theirs in pairs)
