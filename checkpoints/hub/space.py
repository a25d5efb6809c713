"""What a Space gets from this repository: its tracked files, with requirements that pull no CUDA packages."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

from huggingface_hub.repocard import metadata_load

from checkpoints.errors import Refused

ROOT = Path(__file__).parents[2]
CPU_INDEX = "https://download.pytorch.org/whl/cpu"
CPU_ONLY = ("torch", "torchvision")
REQUIREMENTS = "requirements.txt"
README = "README.md"


def files(root: Path = ROOT) -> dict[str, Path | bytes]:
    """What the Space is to consist of, by path: the tracked files as they are, requirements.txt rewritten.

    Raises Refused where a Space could not start from them.
    """
    found: dict[str, Path | bytes] = {path: root / path for path in tracked(root)}
    gone = [path for path, place in found.items() if isinstance(place, Path) and not place.is_file()]
    if gone:
        raise Refused(f"tracked, but not there: {', '.join(gone)}; restore or `git rm` them")
    for path in (README, REQUIREMENTS):
        if path not in found:
            raise Refused(f"a Space starts from {path}, which is not a tracked file of {root}")
    requirements = (root / REQUIREMENTS).read_text(encoding="utf-8")
    check_front_matter(root / README, set(found), requirements)
    found[REQUIREMENTS] = for_cpu(requirements).encode()
    return found


def tracked(root: Path) -> list[str]:
    """Paths of the files that git tracks, with slashes, sorted; raises Refused outside a repository."""
    asked = ["git", "-C", str(root), "ls-files", "-z"]
    try:
        done = subprocess.run(asked, capture_output=True, check=True)  # noqa: S603
    except (OSError, subprocess.CalledProcessError) as error:
        reason = getattr(error, "stderr", b"").decode(errors="replace").strip() or str(error)
        raise Refused(f"a Space is made of the files that git tracks, and git says: {reason}") from error
    return sorted(path for path in done.stdout.decode().split("\0") if path)


def check_front_matter(readme: Path, paths: set[str], requirements: str) -> dict[str, Any]:
    """The table that README.md starts with, by which the Hub starts a Space; raises Refused saying what is wrong."""
    fields = metadata_load(readme)
    if not fields:
        raise Refused(f"{readme} does not start with front matter (---, sdk: gradio, ..., ---): a Space needs it")
    if fields.get("sdk") != "gradio":
        raise Refused(f"{readme}: the front matter says sdk: {fields.get('sdk')}, a Space of this project needs gradio")
    if fields.get("app_file") not in paths:
        raise Refused(f"{readme}: the front matter's app_file, {fields.get('app_file')}, is not a tracked file")
    pinned = _pin_of("gradio", requirements)
    if str(fields.get("sdk_version")) != pinned:
        said = f"the front matter says sdk_version: {fields.get('sdk_version')}"
        raise Refused(f"{readme}: {said}, {REQUIREMENTS} pins gradio=={pinned}: make them the same")
    return fields


def for_cpu(requirements: str) -> str:
    """The requirements with torch and torchvision from PyTorch's CPU index, which brings no CUDA packages.

    Raises Refused unless both are pinned to a version.
    """
    for package in CPU_ONLY:
        pinned = _pin_of(package, requirements)
        requirements = re.sub(rf"(?m)^{package}==\S+", f"{package}=={pinned.split('+')[0]}+cpu", requirements)
    return f"--extra-index-url {CPU_INDEX}\n{requirements}"


def _pin_of(package: str, requirements: str) -> str:
    pinned = re.search(rf"(?m)^{package}==(\S+)", requirements)
    if pinned is None:
        raise Refused(f"{REQUIREMENTS} does not pin {package} to a version ({package}==...)")
    return pinned[1]
