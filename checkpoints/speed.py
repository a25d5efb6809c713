"""How fast the nets answer and train on this machine, beside ONNX Runtime in the same run."""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import tempfile
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

import architectures
import checkpoints
from architectures.contract import as_answer
from checkpoints import fourier, manifest
from checkpoints.augmentation import augment
from checkpoints.layout import channels_last
from checkpoints.losses import loss_of

BATCHES = (1, 64)
TRAINING_BATCH = 128
OPSET = 17


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("nets", nargs="*", metavar="NET", help="names of nets (default: all)")
    parser.add_argument("--repetitions", type=int, default=60, help="forward passes of each kind (default: 60)")
    parser.add_argument("--steps", type=int, default=5, help="training steps of each kind (default: 5)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")


def run(options: argparse.Namespace) -> int:
    names = [architectures.shown(name) for name in options.nets] or architectures.names()
    report = {
        "machine": {"processor": platform.processor() or platform.machine(), "threads": torch.get_num_threads()},
        "load_average_before": os.getloadavg()[0],
        "torch": torch.__version__,
        "forward": [row for name in names for row in forward_times(name, options.repetitions)],
        "training": [row for name in names for row in training_rates(name, options.steps)],
    }
    print_tables(report)
    if options.json is not None:
        manifest.write_whole(options.json.resolve(), (json.dumps(report, indent=1) + "\n").encode())
    return 0


def forward_times(name: str, repetitions: int) -> list[dict[str, object]]:
    """Median milliseconds of the net as the app runs it and of its graph in ONNX Runtime, taken in turns.

    The largest difference between the two answers' scores comes with them.
    """
    net = checkpoints.load(name)
    rows: list[dict[str, object]] = []
    for batch in BATCHES:
        x = torch.rand(batch, 1, 28, 28, generator=torch.Generator().manual_seed(0))
        session_run = onnx_runtime(net, x)
        fed = x.to(checkpoints.device())
        with torch.inference_mode():
            ours = partial(_scores, net, fed, name)
            difference = float((ours().cpu() - session_run()).abs().max())
            mine, theirs = in_turns(ours, session_run, repetitions)
        rows.append(
            {"net": name, "batch": batch, "torch_ms": mine, "onnxruntime_ms": theirs, "largest_difference": difference}
        )
    return rows


def _scores(net: nn.Module, x: Tensor, name: str) -> Tensor:
    return as_answer(net(x), len(x), name).scores


def in_turns(first: Callable[[], Tensor], second: Callable[[], Tensor], repetitions: int) -> tuple[float, float]:
    """Median milliseconds of two functions, called alternately so that both meet the same machine."""
    taken: tuple[list[float], list[float]] = ([], [])
    for repetition in range(repetitions + 5):
        for function, times in zip((first, second), taken, strict=True):
            began = time.perf_counter()
            function()
            if torch.cuda.is_available():
                torch.cuda.synchronize()
            if repetition >= 5:
                times.append((time.perf_counter() - began) * 1000)
    return statistics.median(taken[0]), statistics.median(taken[1])


class Flat(nn.Module):
    """A net whose answer is a tuple of tensors, as a graph needs it: all that the page shows."""

    def __init__(self, net: nn.Module) -> None:
        super().__init__()
        self.net = net

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        answer = as_answer(self.net(x), len(x))
        if answer.capsules is None:
            return (answer.scores,)
        capsules = answer.capsules
        return answer.scores, capsules.poses, capsules.couplings, capsules.votes, capsules.iterations


def onnx_runtime(net: nn.Module, x: Tensor) -> Callable[[], Tensor]:
    """A function that runs the net's graph on x in ONNX Runtime, on as many threads as torch, and gives its scores."""
    import onnxruntime

    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter warns of the shapes that this graph has on purpose
        path = Path(folder) / "net.onnx"
        flat = Flat(net).cpu().eval()
        torch.onnx.register_custom_op_symbolic("aten::expm1", _expm1, OPSET)
        torch.onnx.export(flat, (x,), str(path), dynamo=False, input_names=["x"], opset_version=OPSET)
        graph = path.read_bytes()
    net.to(checkpoints.device())
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = torch.get_num_threads()
    session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
    fed = {"x": x.numpy()}
    return lambda: torch.from_numpy(session.run(None, fed)[0])


def _expm1(graph: Any, x: Any) -> Any:
    """e^x - 1, which ONNX does not have, as tanh(x / 2) (e^x + 1): as exact near zero."""
    half = graph.op("Constant", value_t=torch.tensor(0.5))
    one = graph.op("Constant", value_t=torch.tensor(1.0))
    return graph.op("Mul", graph.op("Tanh", graph.op("Mul", x, half)), graph.op("Add", graph.op("Exp", x), one))


@dataclass(frozen=True)
class Way:
    """A way in which training may run."""

    words: str
    device: torch.device
    dtype: torch.dtype | None
    as_trained: bool


def training_rates(name: str, steps: int) -> list[dict[str, object]]:
    """Pictures per second of whole training steps, augmentation included, for each way in which training may run."""
    cpu = torch.device("cpu")
    ways = [
        Way("CPU, float32, convolutions as torch has them", cpu, None, as_trained=False),
        Way("CPU, float32, as trained", cpu, None, as_trained=True),
    ]
    if torch.ops.mkldnn._is_mkldnn_bf16_supported():
        ways.append(Way("CPU, bfloat16", cpu, torch.bfloat16, as_trained=True))
    if torch.cuda.is_available():
        gpu = torch.device("cuda")
        ways.append(Way(f"{torch.cuda.get_device_name()}, bfloat16", gpu, torch.bfloat16, as_trained=False))
    fourier.keep_memory()
    return [{"net": name, "way": way.words, "pictures_per_second": _rate(name, way, steps)} for way in ways]


def _rate(name: str, way: Way, steps: int) -> float:
    recipe = architectures.module(name).RECIPE
    net, device = architectures.build(name).to(way.device), way.device
    if way.as_trained:
        net = fourier.accelerate(channels_last(net))
    optimizer = torch.optim.AdamW(net.parameters(), lr=1e-4)
    pictures = torch.rand(TRAINING_BATCH, 1, 28, 28, device=device)
    labels = torch.randint(0, 10, (TRAINING_BATCH,), device=device)

    def step() -> None:
        x = augment(pictures, recipe.augmentation)
        with torch.autocast(device.type, way.dtype, enabled=way.dtype is not None):
            returned = net(x)
        loss = loss_of(as_answer(returned, len(x), name), x, labels, recipe)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        float(loss.detach())  # waits for a GPU

    step()
    began = time.perf_counter()
    for _ in range(steps):
        step()
    return TRAINING_BATCH * steps / (time.perf_counter() - began)


def print_tables(report: dict[str, Any]) -> None:
    print(f"{'net':<20}{'batch':>6}{'torch ms':>10}{'ORT ms':>10}{'ratio':>7}{'difference':>12}")
    for row in report["forward"]:
        ratio = row["torch_ms"] / row["onnxruntime_ms"]
        print(
            f"{row['net']:<20}{row['batch']:>6}{row['torch_ms']:>10.2f}{row['onnxruntime_ms']:>10.2f}"
            f"{ratio:>7.2f}{row['largest_difference']:>12.1e}"
        )
    print(f"\n{'net':<20}{'training':<46}{'pictures/s':>10}")
    for row in report["training"]:
        print(f"{row['net']:<20}{row['way']:<46}{row['pictures_per_second']:>10.0f}")
