"""ONNX files: a net that only answers, run by ONNX Runtime. There is nothing in a graph to be trusted with."""

from __future__ import annotations

import tempfile

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from architectures.contract import DIGITS
from architectures.input.convention import MOST_CLASSES
from checkpoints.errors import UnreadableWeights

FLOATS = {"tensor(float)": np.float32, "tensor(float16)": np.float16, "tensor(double)": np.float64}
WHOLE = {"tensor(uint8)": np.uint8, "tensor(int32)": np.int32, "tensor(int64)": np.int64}
OTHER_FILES = "session.model_external_initializers_file_folder_path"


class OnnxNet(nn.Module):
    """An ONNX graph as a net like the others; it has no parameters of torch's and cannot be trained.

    shape       what the graph says it is fed: sizes, or names for those that are free
    held_bytes  size of the graph, for those who count memory
    """

    def __init__(self, graph: bytes, where: str) -> None:
        super().__init__()
        import onnxruntime  # half a second and 40 MB: only for those who have such a net

        onnxruntime.set_default_logger_severity(4)  # what it complains of arrives as an exception
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1  # the nets of a request run side by side
        try:
            with tempfile.TemporaryDirectory() as empty:  # else a graph could read its weights out of any file here
                options.add_session_config_entry(OTHER_FILES, empty)
                self.session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # ONNX Runtime's errors have no common base class
            reason = str(error).splitlines()[0]
            apart = "xternal data" in reason
            advice = ": export it as one file, external_data=False" if apart else ": get it, or export it, again"
            raise UnreadableWeights(f"{where} cannot be run ({reason}){advice}") from error
        inputs = self.session.get_inputs()
        if len(inputs) != 1 or inputs[0].type not in FLOATS | WHOLE:
            names = ", ".join(f"{one.name} {one.type}" for one in inputs)
            raise UnreadableWeights(f"{where} is fed {names or 'nothing'}; a net is fed one tensor of numbers")
        self.held_bytes = len(graph)
        self.name, self.dtype = inputs[0].name, (FLOATS | WHOLE)[inputs[0].type]
        self.shape: list[int | str | None] = list(inputs[0].shape)

    def forward(self, x: Tensor) -> Tensor:
        """Scores (B, classes) for x (B, ...), as many images at a time as the graph wants, or one without a batch."""
        images = x.detach().cpu().numpy()
        images = (images.round() if self.dtype in WHOLE.values() else images).astype(self.dtype)
        if len(self.shape) == images.ndim - 1:
            scores = np.concatenate([self._scores(image, 1) for image in images])
        else:
            fixed = self.shape[0] if self.shape and isinstance(self.shape[0], int) else None
            scores = np.concatenate([self._scores(part, len(part)) for part in _parts(images, fixed)])[: len(images)]
        return torch.from_numpy(scores.astype(np.float32)).to(x.device)

    def _scores(self, images: NDArray[np.generic], count: int) -> NDArray[np.generic]:
        """The answer that looks most like the scores of `count` images, (count, classes), the ten digits first."""
        outputs = self.session.run(None, {self.name: images})
        floats = [
            one for one in outputs if isinstance(one, np.ndarray) and one.dtype.kind == "f" and count and one.size
        ]
        tables = [one.reshape(count, -1) for one in floats if one.size % count == 0 and one.ndim <= 4]
        likely = [one for one in tables if DIGITS <= one.shape[1] <= MOST_CLASSES]
        if likely:
            return min(likely, key=lambda one: one.shape[1])
        shapes = ", ".join(str(getattr(one, "shape", type(one).__name__)) for one in outputs)
        raise ValueError(f"the graph answers {shapes}; expected ({count}, {DIGITS})")


def _parts(images: NDArray[np.generic], fixed: int | None) -> list[NDArray[np.generic]]:
    """`images` in batches of exactly `fixed`, the last one filled up with zeros."""
    if fixed is None or len(images) == fixed:
        return [images]
    filled = np.concatenate([images, np.zeros((-len(images) % fixed, *images.shape[1:]), images.dtype)])
    return list(filled.reshape(-1, fixed, *images.shape[1:]))
