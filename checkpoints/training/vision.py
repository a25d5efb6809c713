"""torchvision, importable beside the CPU build of torch from a registry whose torchvision was compiled for CUDA.

That torchvision's compiled part does not load there, and its import then fails because two operators it registers
fake kernels for do not exist. Their schemas are declared first, and only when the compiled part will not do it itself.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path

import torch

_SCHEMAS = {
    "nms": "nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "qnms": "qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
}


def _compiled_part_loads() -> bool:
    """True when torchvision's own operators are there once its library is loaded, as torchvision itself loads it."""
    spec = importlib.util.find_spec("torchvision")
    if spec is None or spec.origin is None:
        raise ImportError("torchvision is not installed: run `pip install -r requirements.txt`")
    for library in sorted(Path(spec.origin).parent.glob("_C*")):
        try:
            torch.ops.load_library(str(library))
        except OSError:
            return False
    return hasattr(torch.ops.torchvision, "nms")


_declared: torch.library.Library | None = None
if not _compiled_part_loads():
    _declared = torch.library.Library("torchvision", "DEF")
    for schema in _SCHEMAS.values():
        _declared.define(schema)

from torchvision import datasets, tv_tensors  # noqa: E402
from torchvision.transforms import v2 as transforms  # noqa: E402
from torchvision.utils import make_grid  # noqa: E402

__all__ = ["datasets", "make_grid", "transforms", "tv_tensors"]
