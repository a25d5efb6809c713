"""Starting without what Gradio does for editors, which costs a quarter of the start.

Whenever a component's class is made, Gradio 6 parses its source and writes an interface file (.pyi) beside it. Over
all components that is 1.4 of 5.2 seconds, and a page that runs has no use for them.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from types import ModuleType

MODULE = "gradio.component_meta"
WRITER = "create_or_modify_pyi"


def leave_out() -> None:
    """From now on Gradio writes no interface files; call it before Gradio is imported, later it does nothing."""
    if MODULE not in sys.modules:
        sys.meta_path.insert(0, _Finder())


class _Finder(MetaPathFinder):
    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        spec = PathFinder.find_spec(name, path, target) if name == MODULE else None
        if spec is None or not isinstance(spec.loader, SourceFileLoader):
            return None  # as if nobody had asked
        spec.loader = _Loader(spec.loader.name, spec.loader.path)
        return spec


class _Loader(SourceFileLoader):
    def exec_module(self, module: ModuleType) -> None:
        super().exec_module(module)
        if hasattr(module, WRITER):
            setattr(module, WRITER, lambda *_: None)
