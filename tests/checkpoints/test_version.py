"""The version is written once; what must repeat it says the same."""

from __future__ import annotations

import re
from pathlib import Path

from checkpoints.version import version

ROOT = Path(__file__).parents[2]


def test_the_citation_names_the_version_of_the_project() -> None:
    cited = re.search(r"(?m)^version: (\S+)", (ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert cited is not None and cited[1] == version()


def test_no_module_writes_a_version_of_its_own() -> None:
    for folder in ("architectures", "checkpoints", "demo"):
        for path in (ROOT / folder).rglob("*.py"):
            assert f'"{version()}"' not in path.read_text(encoding="utf-8"), path
