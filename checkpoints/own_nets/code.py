"""The code of a net that is added: copied from here, or written for a net whose layers are in its weights."""

from __future__ import annotations

import ast
import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import safetensors

import architectures
from checkpoints.errors import Refused
from checkpoints.store.files import write_whole

LARGEST_BYTES = 1_000_000
MOST_FILES = 40
TAUGHT = "taught"  # the key of a taught net's card among the metadata of its file
PROJECT = Path(__file__).resolve().parents[2]
PACKAGES = ("architectures", "checkpoints", "demo")  # this project's own, which a net may import from anywhere
IN_ITS_FILE = '''"""{name}: its layers and its weights are both in the file checkpoints/{file}."""

from __future__ import annotations

from architectures.in_its_file import InItsFile


def return_model() -> InItsFile:
    return InItsFile()
'''


@dataclass(frozen=True)
class Code:
    """The code of a net before it is put into the folder of architectures.

    main      text of the file that defines return_model()
    helpers   texts of the files that it imports and that lie beside it, by file name
    """

    main: str
    helpers: dict[str, str] = field(default_factory=dict)


def read(text: str) -> Code:
    """The code in the local file, or folder with `__init__.py`, that a person named; it is parsed, not run.

    Raises Refused for an address, or for what defines no net.
    """
    if "://" in text:
        raise Refused(f"{text}: code is taken from local files alone; download it, read it, then give the file")
    path = Path(text).expanduser()
    if path.is_dir():
        main = path / "__init__.py"
        helpers = {
            file.relative_to(path).as_posix(): _source(file) for file in sorted(path.rglob("*.py")) if file != main
        }
    else:
        main, helpers = path, {}
    if not main.is_file() or main.suffix != ".py":
        raise Refused(
            f"invalid --architecture {text}: must be a .py file that defines return_model(), or a folder whose "
            "__init__.py does"
        )
    source = _source(main)
    if "return_model" not in {name for node in ast.parse(source).body for name in _defined(node)}:
        raise Refused(f"{text} defines no return_model(): add a function of that name that returns the net")
    if not path.is_dir():
        source, helpers = _with_helpers(main, source)
    if len(helpers) > MOST_FILES:
        raise Refused(f"{text} has {len(helpers)} files of Python: give a folder with the net alone")
    return Code(source, helpers)


def _source(path: Path) -> str:
    if path.stat().st_size > LARGEST_BYTES:
        raise Refused(f"{path} has {path.stat().st_size:,} bytes: that is more than code")
    try:
        source = path.read_text(encoding="utf-8-sig")  # editors on Windows put a mark at the beginning
        ast.parse(source)
    except (SyntaxError, ValueError) as error:
        raise Refused(f"{path} is not Python: {error}") from error
    return source


def _defined(node: ast.stmt) -> list[str]:
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return [node.name]
    if isinstance(node, ast.Assign):
        return [target.id for target in node.targets if isinstance(target, ast.Name)]
    if isinstance(node, ast.ImportFrom | ast.Import):
        return [alias.asname or alias.name for alias in node.names]
    return []


def _with_helpers(main: Path, source: str) -> tuple[str, dict[str, str]]:
    """The text of a file, importing what lies beside it relatively, and the texts of that."""
    helpers: dict[str, str] = {}
    waiting, texts = [main], {main.name: source}
    while waiting:
        path = waiting.pop()
        texts[path.name], beside = _relative(texts.get(path.name) or _source(path), path)
        for helper in beside:
            if helper.name not in texts:
                texts[helper.name] = ""
                waiting.append(helper)
    helpers = {name: text for name, text in texts.items() if name != main.name}
    return texts[main.name], helpers


def _relative(source: str, path: Path) -> tuple[str, list[Path]]:
    """`source`, with `import helper` and `from helper import x` made relative where helper.py lies beside `path`."""
    lines, beside = source.splitlines(keepends=True), []
    for node in ast.walk(ast.parse(source)):
        names: list[str] = []
        if isinstance(node, ast.ImportFrom) and node.level <= 1:
            names = [node.module] if node.module else [alias.name for alias in node.names]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        here = [name for name in names if (path.parent / f"{name.split('.')[0]}.py").is_file()]
        ours = PACKAGES if path.parent.resolve() == PROJECT else ()
        tops = [name.split(".")[0] for name in names]
        folders = [top for top in tops if top not in ours and (path.parent / top / "__init__.py").is_file()]
        if folders and not here:
            raise Refused(
                f"{path.name} imports {folders[0]}, a folder beside it: give --architecture a folder with all of it, "
                "whose __init__.py defines return_model()"
            )
        beside += [path.parent / f"{name.split('.')[0]}.py" for name in here]
        if here and isinstance(node, ast.ImportFrom) and node.level == 0:
            lines[node.lineno - 1] = lines[node.lineno - 1].replace(f"from {node.module}", f"from .{node.module}", 1)
        elif here and isinstance(node, ast.Import):
            if len(here) != len(names):
                raise Refused(f"{path.name}, line {node.lineno}: import {here[0]} in a line of its own")
            lines[node.lineno - 1] = lines[node.lineno - 1].replace("import ", "from . import ", 1)
    return "".join(lines), beside


def place(name: str, code: Code) -> list[Path]:
    """Put `code` into the folder of architectures; what was put there, nothing when it is there already.

    Raises Refused when other code is.
    """
    stem = name.replace("-", "_")
    try:
        there = architectures.path_of(name)
    except architectures.UnknownNet:
        there = None
    if there is not None:
        if there.read_text(encoding="utf-8") == code.main and not code.helpers:
            return []
        raise Refused(f"{there} is there already: leave --architecture out to use it, or choose another name")
    if not code.helpers:
        path = architectures.FOLDER / f"{stem}.py"
        write_whole(path, code.main.encode())
        return [path]
    folder = architectures.FOLDER / stem
    if folder.exists():
        raise Refused(f"{folder} is there already: choose another name")
    for file, text in {**code.helpers, "__init__.py": code.main}.items():
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        write_whole(folder / file, text.encode())
    return [folder]


def of_taught(path: Path) -> Code | None:
    """The code of the net that a file of taught weights comes from, by the card in it; None for any other file."""
    try:
        with safetensors.safe_open(path, "pt") as file:
            card = json.loads((file.metadata() or {}).get(TAUGHT, "null"))
        return Code(architectures.path_of(card["net"].partition("/")[0]).read_text(encoding="utf-8"))
    except (safetensors.SafetensorError, ValueError, TypeError, KeyError, AttributeError, architectures.UnknownNet):
        return None


def take_away(placed: list[Path]) -> None:
    """Remove what `place` put there."""
    for path in placed:
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)


def in_its_file(name: str, file: str) -> Code:
    """Code for a net whose layers are in `file`."""
    return Code(IN_ITS_FILE.format(name=name, file=file))


def with_import(lines: Sequence[str]) -> list[str]:
    """Declarations as they stand in a net's file."""
    needs_it = any(line.startswith("INPUT") for line in lines)
    return ["from architectures.input import Input", "", *lines] if needs_it else [*lines]


def declare(path: Path, lines: Sequence[str]) -> None:
    """Write declarations (`INPUT = ...`, `CLASSES = ...`) into a net's file, below its imports."""
    source, lines = path.read_text(encoding="utf-8"), with_import(lines)
    last = 0
    for number, node in enumerate(ast.parse(source).body):
        docstring = number == 0 and isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        if not docstring and not isinstance(node, ast.Import | ast.ImportFrom):
            break
        last = node.end_lineno or last
    before, after = source.splitlines()[:last], source.splitlines()[last:]
    write_whole(path, ("\n".join([*before, "", *lines, *after]).lstrip("\n") + "\n").encode())


def users_of(name: str) -> list[str]:
    """Nets whose code imports that of `name`."""
    own, module = architectures.files_of(name), f"architectures.{architectures.shown(name).replace('-', '_')}"
    users = set()
    for other in architectures.names():
        for path in architectures.files_of(other):
            if path not in own and any(
                imported == module or imported.startswith(f"{module}.") for imported in _imports(path)
            ):
                users.add(other)
    return sorted(users)


def _imports(path: Path) -> list[str]:
    try:
        tree = ast.parse(path.read_text(encoding="utf-8"))
    except (SyntaxError, ValueError):
        return []  # a file that is not Python uses nothing
    imported = []
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            module = f"architectures.{node.module or ''}".rstrip(".") if node.level else node.module or ""
            imported += [module, *(f"{module}.{alias.name}" for alias in node.names)]
        elif isinstance(node, ast.Import):
            imported += [alias.name for alias in node.names]
    return imported
