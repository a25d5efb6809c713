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
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import onnxruntime
import torch
from torch import Tensor, nn

import architectures
import checkpoints
from architectures.contract import Answer, as_answer
from checkpoints.store import manifest
from checkpoints.store.layout import laid_out
from checkpoints.training import fourier
from checkpoints.training.augmentation import augment
from checkpoints.training.losses import loss_of

BATCHES = (1, 64)
OPSET = 17  # of ONNX
WARM_UP = 5  # turns before those that count
TRAINING_BATCH = 128


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("nets", nargs="*", metavar="NET", help="names of nets (default: all)")
    parser.add_argument("--repetitions", type=int, default=60, help="forward passes of each kind (default: 60)")
    parser.add_argument("--threads", type=int, metavar="N", help="threads of a forward pass (default: one a core)")
    parser.add_argument("--steps", type=int, default=5, help="training steps of each kind (default: 5)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")


def run(options: argparse.Namespace) -> int:
    names = [architectures.shown(name) for name in options.nets] or architectures.names()
    cores = torch.get_num_threads()
    torch.set_num_threads(options.threads or cores)
    forward = [row for name in names for row in forward_times(name, options.repetitions)]
    torch.set_num_threads(cores)  # training has them all
    processor = platform.processor() or platform.machine()
    report = {
        "machine": {"processor": processor, "cores": cores, "threads": options.threads or cores},
        "load_average_before": os.getloadavg()[0],
        "torch": torch.__version__,
        "forward": forward,
        "training": [row for name in names for row in training_rates(name, options.steps)],
    }
    print_tables(report)
    if options.json is not None:
        manifest.write_whole(options.json.resolve(), (json.dumps(report, indent=1) + "\n").encode())
    return 0


def forward_times(name: str, repetitions: int) -> list[dict[str, object]]:
    """Median milliseconds of one forward pass, by torch and by ONNX Runtime, both on torch's number of threads.

    The largest difference between their scores comes with them.
    """
    net = checkpoints.load(name)
    rows: list[dict[str, object]] = []
    for batch in BATCHES:
        x = torch.rand(batch, 1, 28, 28, generator=torch.Generator().manual_seed(0))
        plain = onnx_runtime(net, x)
        fed = x.to(checkpoints.device())
        ways: dict[str, Callable[[], object]] = {"torch_ms": partial(net, fed), "onnxruntime_ms": plain}
        with torch.inference_mode():
            scores = as_answer(net(fed), batch, name).scores.cpu()
            difference = float((scores - plain()).abs().max())
            medians = in_turns(list(ways.values()), repetitions)
        rows.append(
            {"net": name, "batch": batch, "largest_difference": difference} | dict(zip(ways, medians, strict=True))
        )
    return rows


def in_turns(functions: Sequence[Callable[[], object]], repetitions: int) -> list[float]:
    """Median milliseconds of each function. They take turns, so that all meet the same machine.

    In its turn a function is called twice and the second call counts: by then the threads of the one before it, which
    wait for more work for a while and use the cores for that, are asleep.
    """
    taken: list[list[float]] = [[] for _ in functions]
    for repetition in range(repetitions + WARM_UP):
        for function, times in zip(functions, taken, strict=True):
            function()
            _synchronize()
            began = time.perf_counter()
            function()
            _synchronize()
            if repetition >= WARM_UP:
                times.append((time.perf_counter() - began) * 1000)
    return [statistics.median(times) for times in taken]


def _synchronize() -> None:
    if torch.cuda.is_available():
        torch.cuda.synchronize()


class Scores(nn.Module):
    """A net that returns its scores alone, as a graph needs it."""

    def __init__(self, net: nn.Module) -> None:
        super().__init__()
        self.net = net

    def forward(self, x: Tensor) -> Tensor:
        returned = self.net(x)
        return returned.scores if isinstance(returned, Answer) else returned


def onnx_runtime(net: nn.Module, x: Tensor) -> Callable[[], Tensor]:
    """A function that runs the net's graph on x in ONNX Runtime, on as many threads as torch, and gives its scores."""
    torch.onnx.register_custom_op_symbolic("aten::expm1", _expm1, OPSET)
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter(
            "ignore", DeprecationWarning
        )  # the newer exporter wants another package and seconds a net
        path = Path(folder) / "net.onnx"
        scores = Scores(net.cpu()).eval()
        torch.onnx.export(scores, (x,), str(path), dynamo=False, input_names=["x"], opset_version=OPSET)
        graph = path.read_bytes()
    net.to(checkpoints.device())
    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = torch.get_num_threads()
    session = onnxruntime.InferenceSession(graph, settings, providers=["CPUExecutionProvider"])
    feed = {"x": x.numpy()}
    return lambda: torch.from_numpy(session.run(None, feed)[0])


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
    """Images per second of whole training steps, augmentation included, for each way in which training may run."""
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
    return [{"net": name, "way": way.words, "images_per_second": _rate(name, way, steps)} for way in ways]


def _rate(name: str, way: Way, steps: int) -> float:
    recipe = architectures.module(name).RECIPE
    net, device = architectures.build(name).to(way.device), way.device
    if way.as_trained:
        net = fourier.accelerate(laid_out(name, net))
    optimizer = torch.optim.AdamW(net.parameters(), lr=1e-4)
    images = torch.rand(TRAINING_BATCH, 1, 28, 28, device=device)
    labels = torch.randint(0, 10, (TRAINING_BATCH,), device=device)

    def step() -> None:
        x = augment(images, recipe.augmentation)
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
    print(f"{'net':<20}{'batch':>6}{'torch ms':>10}{'ORT ms':>9}{'torch/ORT':>11}")
    for row in report["forward"]:
        ratio = row["torch_ms"] / row["onnxruntime_ms"]
        print(f"{row['net']:<20}{row['batch']:>6}{row['torch_ms']:>10.2f}{row['onnxruntime_ms']:>9.2f}{ratio:>11.2f}")
    print(f"largest difference of a score: {max(row['largest_difference'] for row in report['forward']):.1e}")
    print(f"\n{'net':<20}{'training':<46}{'images/s':>10}")
    for row in report["training"]:
        print(f"{row['net']:<20}{row['way']:<46}{row['images_per_second']:>10.0f}")
