"""The nets in memory: as many as fit under a limit, the least recently used leave first."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import nn

LIMIT_BYTES = 512 * 2**20


class Memory:
    """Nets by name, each with the state of the files it was made from; safe to use from many threads.

    limit_bytes bounds the parameters and buffers held together; the net used last always stays.
    """

    def __init__(self, limit_bytes: int = LIMIT_BYTES) -> None:
        self.limit_bytes = limit_bytes
        self._nets: OrderedDict[str, tuple[Hashable, nn.Module]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, name: str, state: Hashable) -> nn.Module | None:
        """The net called `name` if it was made from files in this `state`, else None."""
        with self._lock:
            held = self._nets.get(name)
            if held is None or held[0] != state:
                return None
            self._nets.move_to_end(name)
            return held[1]

    def put(self, name: str, state: Hashable, net: nn.Module) -> None:
        """Hold `net` in place of an older one of that name, and let others go until all fit under the limit."""
        with self._lock:
            self._nets[name] = (state, net)
            self._nets.move_to_end(name)
            while len(self._nets) > 1 and self._bytes() > self.limit_bytes:
                self._nets.popitem(last=False)

    def clear(self) -> None:
        with self._lock:
            self._nets.clear()

    def names(self) -> list[str]:
        """The nets held, the least recently used first."""
        with self._lock:
            return list(self._nets)

    def _bytes(self) -> int:
        return sum(size_of(net) for _, net in self._nets.values())


def size_of(net: nn.Module) -> int:
    """Bytes of the net's parameters and buffers, and of what a net that is not torch's says it holds (`held_bytes`)."""
    elsewhere = sum(int(getattr(part, "held_bytes", 0)) for part in net.modules())
    return elsewhere + sum(tensor.numel() * tensor.element_size() for tensor in (*net.parameters(), *net.buffers()))
