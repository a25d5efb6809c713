"""The code of a net that is added: copied from a local file, or written for a net whose layers are in its weights."""

from __future__ import annotations

import ast
from pathlib import Path

import architectures
from architectures.input.convention import Input
from checkpoints.errors import Refused
from checkpoints.store.files import write_whole
from checkpoints.store.naming import code_of

LARGEST_BYTES = 1_000_000
IN_ITS_FILE = '''"""{name}: its layers and its weights are both in the file checkpoints/{file}."""

from __future__ import annotations
{imports}
from architectures.in_its_file import InItsFile
{declared}

def return_model() -> InItsFile:
    return InItsFile()
'''


def read(text: str) -> str:
    """The code in the local file that a person named; raises Refused for an address, or for what defines no net.

    The code is parsed, not run.
    """
    if "://" in text:
        raise Refused(f"{text}: code is taken from local files alone; download it, read it, then give the file")
    path = Path(text).expanduser()
    if not path.is_file() or path.suffix != ".py":
        raise Refused(f"{text} is no Python file here: --architecture wants a .py file that defines return_model()")
    if path.stat().st_size > LARGEST_BYTES:
        raise Refused(f"{text} has {path.stat().st_size:,} bytes: that is more than code")
    try:
        code = path.read_text(encoding="utf-8")
        names = {name for node in ast.parse(code).body for name in _defined(node)}
    except (SyntaxError, ValueError) as error:
        raise Refused(f"{text} is not Python: {error}") from error
    if "return_model" not in names:
        raise Refused(f"{text} defines no return_model(): add a function of that name that returns the net")
    return code


def _defined(node: ast.stmt) -> list[str]:
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return [node.name]
    if isinstance(node, ast.Assign):
        return [target.id for target in node.targets if isinstance(target, ast.Name)]
    if isinstance(node, ast.ImportFrom | ast.Import):
        return [alias.asname or alias.name for alias in node.names]
    return []


def place(name: str, code: str) -> Path | None:
    """Put `code` into the folder of architectures; None when it is there already, Refused when other code is."""
    path = code_of(name)
    if path.is_file():
        if path.read_text(encoding="utf-8") == code:
            return None
        raise Refused(f"{path} is there already: leave --architecture out to use it, or choose another name")
    write_whole(path, code.encode())
    return path


def in_its_file(name: str, file: str, way: Input | None = None) -> str:
    """Code for a net whose layers are in `file`, fed in the `way` that was found out."""
    declared = way is not None and way != Input()
    return IN_ITS_FILE.format(
        name=name,
        file=file,
        imports="\nfrom architectures.feeding import Input" if declared else "",
        declared=f"\nINPUT = {way}\n" if declared else "",
    )


def users_of(name: str) -> list[str]:
    """Nets whose code imports that of `name`, as efficient-caps-net imports the decoder of caps-net."""
    module = f"architectures.{code_of(name).stem}"
    users = []
    for other in architectures.names():
        try:
            tree = ast.parse(architectures.path_of(other).read_text(encoding="utf-8"))
        except (SyntaxError, ValueError):
            continue  # a file that is not Python uses nothing
        if other != architectures.shown(name) and any(module in _imported(node) for node in ast.walk(tree)):
            users.append(other)
    return users


def _imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.ImportFrom) and node.module:
        return [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    return [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
