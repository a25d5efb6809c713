"""ONNX files: a net that only answers, run by ONNX Runtime."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from architectures.contract import DIGITS
from checkpoints.errors import UnreadableWeights
from checkpoints.formats.detection import Format, sniff

FLOATS = {"tensor(float)": np.float32, "tensor(float16)": np.float16, "tensor(double)": np.float64}
OTHER_FILES = "session.model_external_initializers_file_folder_path"
BYTES = {"tensor(uint8)": np.uint8}


class OnnxNet(nn.Module):
    """An ONNX graph as a net like the others; it has no parameters of torch's and cannot be trained.

    wanted   what the graph says it is fed: sizes, or names for those that are free
    held_bytes  size of the graph, for those who count memory
    """

    def __init__(self, graph: bytes, where: str) -> None:
        super().__init__()
        import onnxruntime  # half a second and 40 MB: only for those who have such a net

        onnxruntime.set_default_logger_severity(4)  # what it complains of arrives as an exception
        options = onnxruntime.SessionOptions()
        try:
            with tempfile.TemporaryDirectory() as empty:  # else a graph could read its weights out of any file here
                options.add_session_config_entry(OTHER_FILES, empty)
                self.session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # ONNX Runtime's errors have no common base class
            said = str(error).splitlines()[0]
            advice = ": export it as one file, external_data=False" if "xternal data" in said else ""
            raise UnreadableWeights(f"{where} cannot be run ({said}){advice}") from error
        given = self.session.get_inputs()
        if len(given) != 1 or given[0].type not in FLOATS | BYTES:
            said = ", ".join(f"{one.name} {one.type}" for one in given)
            raise UnreadableWeights(f"{where} is fed {said or 'nothing'}; a net is fed one tensor of numbers")
        self.held_bytes = len(graph)
        self.name, self.dtype = given[0].name, (FLOATS | BYTES)[given[0].type]
        self.wanted: list[int | str | None] = list(given[0].shape)

    def forward(self, x: Tensor) -> Tensor:
        """Scores (B, 10) for x, which has the shape the graph wants; in parts when the graph has a fixed batch."""
        fed = x.detach().cpu().numpy()
        fed = fed.round().astype(self.dtype) if self.dtype is np.uint8 else fed.astype(self.dtype)
        fixed = self.wanted[0] if self.wanted and isinstance(self.wanted[0], int) else None
        parts = [self._scores(part) for part in _parts(fed, fixed)]
        return torch.from_numpy(np.concatenate(parts)[: len(fed)].astype(np.float32)).to(x.device)

    def _scores(self, fed: np.ndarray) -> np.ndarray:
        answers = self.session.run(None, {self.name: fed})
        for answer in answers:  # many graphs answer with labels or features beside the scores
            if isinstance(answer, np.ndarray) and answer.shape == (len(fed), DIGITS) and answer.dtype.kind == "f":
                return answer
        shapes = ", ".join(str(getattr(answer, "shape", type(answer).__name__)) for answer in answers)
        raise ValueError(f"the graph answers {shapes}; expected ({len(fed)}, {DIGITS})")


def _parts(fed: np.ndarray, fixed: int | None) -> list[np.ndarray]:
    """`fed` in batches of exactly `fixed` images, the last one filled up with zeros."""
    if fixed is None or len(fed) == fixed:
        return [fed]
    short = -len(fed) % fixed
    filled = np.concatenate([fed, np.zeros((short, *fed.shape[1:]), fed.dtype)])
    return list(filled.reshape(-1, fixed, *fed.shape[1:]))


def read(path: Path, *, trust: bool = False) -> nn.Module:
    """The net in the ONNX file at `path`; raises UnreadableWeights. There is nothing in it to be trusted with.

    A graph that keeps weights in another file is refused, whatever file it names.
    """
    if sniff(path) is not Format.ONNX:
        raise UnreadableWeights(f"{path} is not ONNX")
    return OnnxNet(path.read_bytes(), str(path))
