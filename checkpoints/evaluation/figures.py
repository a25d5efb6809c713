"""From the reports of `evaluate` to the manifest, and from the manifest to the README: nobody types a figure.

A figure is bound to the sha256 of the weights it was measured on, in the manifest and inside every image, so that one
that has outlived its weights is found by `python -m checkpoints figures --check` and by a test.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from PIL import Image

from checkpoints.errors import Refused
from checkpoints.evaluation.figures_table import figures_text
from checkpoints.evaluation.scoring import Report
from checkpoints.evaluation.variants import parse
from checkpoints.store import manifest, naming

README = Path(__file__).resolve().parents[2] / "README.md"
PICTURES = Path(__file__).resolve().parents[1] / "figures"
BEGIN, END = "<!-- figures -->", "<!-- /figures -->"
KEPT = ("weights_sha256", "parameters", "likelihood_of", "confidence_of", "disputed")
DISAGREE = 1  # exit code of --check


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("reports", nargs="*", type=Path, metavar="REPORT", help="files that evaluate --json wrote")
    parser.add_argument("--readme", type=Path, default=README, metavar="FILE", help="whose table to write")
    parser.add_argument("--images", type=Path, default=PICTURES, metavar="FOLDER", help="where curves are drawn")
    parser.add_argument("--check", action="store_true", help="change nothing; say what disagrees and exit with 1")


def run(options: argparse.Namespace) -> int:
    if options.check:
        found = disagreements(options.readme, options.images)
        print("\n".join(found) or "manifest, README and images agree")
        return DISAGREE if found else 0
    if options.reports:
        report = merged([_read(path) for path in options.reports])
        for name in record(report):
            print(f"recorded: {name}")
        from checkpoints.evaluation.curve_plots import draw_adverse, draw_curves  # matplotlib only when there is a need

        options.images.mkdir(exist_ok=True)
        for path in draw_adverse(report, options.images) + draw_curves(report, options.images):
            print(f"drawn: {path}")
    write_readme(options.readme, manifest.read().nets)
    print(f"written: {options.readme}")
    return 0


def merged(reports: Sequence[Report]) -> Report:
    """Several reports as one: of a net that was measured more than once, the last. Raises Refused."""
    for report in reports:
        if not report["made"]["whole_test_set"]:
            raise Refused("figures are recorded from the whole test set: evaluate again without --images")
        if report["made"]["seed"] != reports[0]["made"]["seed"]:
            raise Refused("these reports come from different seeds, so their sets differ: evaluate again with one seed")
    nets = {name: found for report in reports for name, found in report["nets"].items()}

    def still(report: Report, net: str) -> bool:
        return bool(report["nets"][net]["weights_sha256"] == nets[net]["weights_sha256"])

    return {
        **reports[-1],
        "nets": nets,
        "samples": {name: found for report in reports for name, found in report["samples"].items()},
        "pairs": {
            name: [
                pair
                for report in reports
                for pair in report["pairs"].get(name, [])
                if still(report, pair["first"]) and still(report, pair["second"])
            ]
            for name in dict.fromkeys(name for report in reports for name in report["pairs"])
        },
    }


def record(report: Report) -> list[str]:
    """Write the figures of each net as published into the manifest; returns their names. Raises Refused."""
    recorded = []
    for name, found in report["nets"].items():
        variant = parse(name)
        if variant.training is None and variant.routing_iterations is None:
            entry = manifest.read().entry(name)
            old = entry.figures if entry and entry.figures.get("weights_sha256") == found["weights_sha256"] else {}
            figures = {key: found[key] for key in KEPT} | {
                "seed": report["made"]["seed"],
                "sets": {**old.get("sets", {}), **found["sets"]},
                "against": {**old.get("against", {}), **_against(name, report)},
                "mnist_only": _control(name, report) or old.get("mnist_only"),
            }
            manifest.record_figures(name, figures, sha256=found["weights_sha256"])
            recorded.append(name)
    return recorded


def _against(name: str, report: Report) -> dict[str, Any]:
    """The pairs in which the net comes first: by the other's name, its sha256 and the comparison on each set."""
    against: dict[str, Any] = {}
    for set_name, pairs in report["pairs"].items():
        for pair in pairs:
            if pair["first"] == name and parse(pair["second"]).training is None:
                sha256 = report["nets"][pair["second"]]["weights_sha256"]
                against.setdefault(pair["second"], {"weights_sha256": sha256, "sets": {}})["sets"][set_name] = pair
    return against


def _control(name: str, report: Report) -> dict[str, Any] | None:
    """What the same net trained without the pen reached."""
    found = report["nets"].get(naming.id_of(name, naming.MNIST_ONLY))
    return found and {"weights_sha256": found["weights_sha256"], "sets": found["sets"]}


def write_readme(readme: Path, nets: Mapping[str, manifest.Entry]) -> None:
    """Put the table of the figures of `nets` between the README's two markers; raises Refused where they are not."""
    before, _, after = _parts(readme)
    manifest.write_whole(readme, f"{before}{BEGIN}\n{figures_text(nets)}\n{END}{after}".encode())


def _parts(readme: Path) -> tuple[str, str, str]:
    if not readme.is_file():
        raise Refused(f"{readme} is missing: write it first, with {BEGIN} and {END} where the figures belong")
    text = readme.read_text(encoding="utf-8")
    if text.count(BEGIN) != 1 or text.count(END) != 1 or text.index(END) < text.index(BEGIN):
        raise Refused(f"{readme} should have {BEGIN} and after it {END}, once each, where the figures belong")
    before, rest = text.split(BEGIN)
    within, after = rest.split(END)
    return before, within.strip(), after


def disagreements(readme: Path = README, images: Path = PICTURES) -> list[str]:
    """Every place where README, manifest, images and weights do not say the same, as sentences."""
    nets = manifest.read().nets
    found = list(_outlived(nets)) + list(_old_images(nets, images))
    if _parts(readme)[1] != figures_text(nets):
        found.append(f"{readme.name}: its figures are not the manifest's; run `python -m checkpoints figures`")
    return found


def _outlived(nets: Mapping[str, manifest.Entry]) -> Iterator[str]:
    for name, entry in nets.items():
        if entry.figures and entry.figures.get("weights_sha256") != entry.sha256:
            yield f"{name}: its figures were measured on other weights; evaluate it again"
        for other, pair in entry.figures.get("against", {}).items():
            if (
                other in nets
                and parse(other).routing_iterations is None
                and pair["weights_sha256"] != nets[other].sha256
            ):
                yield f"{name}: it was compared with other weights of {other}; evaluate both again"


def _old_images(nets: Mapping[str, manifest.Entry], folder: Path) -> Iterator[str]:
    for path in sorted(folder.glob("*.png")):
        for name, sha256 in measured_in(path).items():
            variant = parse(name)
            if variant.training is None and variant.net in nets and nets[variant.net].sha256 != sha256:
                yield f"{path.name}: drawn from other weights of {name}; evaluate it again"


def measured_in(image: Path) -> dict[str, str]:
    """The sha256 of the weights behind an image, by net, as `looks.save` keeps them in the PNG's text."""
    prefix = "weights "
    with Image.open(image) as opened:
        texts = dict(opened.info)
    return {str(key).removeprefix(prefix): str(text) for key, text in texts.items() if str(key).startswith(prefix)}


def _read(path: Path) -> Report:
    try:
        report = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise Refused(f"{path} is no report of `python -m checkpoints evaluate --json` ({error})") from error
    if not isinstance(report, dict) or not {"made", "nets", "pairs", "samples"} <= report.keys():
        raise Refused(f"{path} is no report of `python -m checkpoints evaluate --json`")
    return report
