"""Where training runs: a GPU or the CPU, one process or several under `torchrun`."""

from __future__ import annotations

import os
from contextlib import AbstractContextManager, nullcontext
from types import TracebackType

import torch
from torch import distributed, nn
from torch.nn.parallel import DistributedDataParallel


class Workers:
    """This process among those that `torchrun` started; alone when it did not."""

    def __init__(self) -> None:
        self.rank = int(os.environ.get("RANK", "0"))
        self.count = int(os.environ.get("WORLD_SIZE", "1"))
        local = int(os.environ.get("LOCAL_RANK", "0"))
        self.device = torch.device("cuda", local) if torch.cuda.is_available() else torch.device("cpu")

    def __enter__(self) -> Workers:
        if self.count > 1:
            distributed.init_process_group("nccl" if self.device.type == "cuda" else "gloo")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.count > 1:
            distributed.destroy_process_group()

    @property
    def first(self) -> bool:
        return self.rank == 0

    @property
    def part(self) -> slice:
        """This process's images of a batch."""
        return slice(self.rank, None, self.count)

    def wrap(self, net: nn.Module) -> nn.Module:
        return net if self.count == 1 else DistributedDataParallel(net)

    def autocast(self) -> AbstractContextManager[object]:
        """bfloat16 where the processor has instructions for it, else float32."""
        fast = self.device.type == "cuda" or torch.ops.mkldnn._is_mkldnn_bf16_supported()
        return torch.autocast(self.device.type, torch.bfloat16, cache_enabled=False) if fast else nullcontext()
