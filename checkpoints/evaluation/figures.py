"""From the reports of `evaluate` to the manifest, to docs/results and to the README: nobody types a figure.

A figure is bound to the sha256 of the weights it was measured on, wherever it is kept and inside every image, so that
one that has outlived its weights is found by `python -m checkpoints figures --check` and by a test.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from PIL import Image

from checkpoints.errors import Refused
from checkpoints.evaluation import results
from checkpoints.evaluation.scoring import Report
from checkpoints.evaluation.variants import parse
from checkpoints.store import manifest
from checkpoints.store.manifest import write_whole

README = Path(__file__).resolve().parents[2] / "README.md"
IMAGES = Path(__file__).resolve().parents[1] / "figures"
BEGIN, END = "<!-- figures -->", "<!-- /figures -->"
KEPT = ("weights_sha256", "parameters", "likelihood_of", "confidence_of", "disputed", "surest_mistakes")
INVALID = "must be a file of `python -m checkpoints evaluate --json`"
DISAGREE = 1  # exit code of --check


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("reports", nargs="*", type=Path, metavar="REPORT", help="files that evaluate --json wrote")
    parser.add_argument("--readme", type=Path, default=README, metavar="FILE", help="whose table to write")
    parser.add_argument("--results", type=Path, default=results.FOLDER, metavar="FOLDER", help="one file a version")
    parser.add_argument("--images", type=Path, default=IMAGES, metavar="FOLDER", help="where curves are drawn")
    parser.add_argument("--check", action="store_true", help="change nothing; say what disagrees and exit with 1")


def run(options: argparse.Namespace) -> int:
    if options.check:
        found = disagreements(options.readme, options.images, options.results)
        print("\n".join(found) or "manifest, results, README and images agree")
        return DISAGREE if found else 0
    _parts(options.readme)  # refused before anything is changed
    if options.reports:
        report = merged([_read(path) for path in options.reports])
        for name in record(report):
            print(f"recorded: {name}")
        options.results.mkdir(parents=True, exist_ok=True)
        keep(report, options.results)
        from checkpoints.evaluation import plots  # matplotlib only when there is a need

        options.images.mkdir(exist_ok=True)
        for path in plots.draw_for_all(report, options.images):
            print(f"drawn: {path}")
    elif results.path_of(options.results).is_file():  # seeds and budgets may have been recorded since
        write_whole(results.path_of(options.results), results.as_text(results.read(options.results)).encode())
    write_readme(options.readme, options.results)
    print(f"written: {options.readme}")
    return 0


def merged(reports: Sequence[Report]) -> Report:
    """Several reports as one: of a net that was measured more than once, the last. Raises Refused."""
    for report in reports:
        if not report["made"]["whole_test_set"]:
            raise Refused("figures are recorded from the whole test set: evaluate again without --images or --split")
        if report["made"]["seed"] != reports[0]["made"]["seed"]:
            raise Refused("these reports come from different seeds, so their sets differ: evaluate again with one seed")
    nets: dict[str, Report] = {}
    for report in reports:
        for name, found in report["nets"].items():
            nets[name] = _together(nets.get(name), found)

    def still(report: Report, net: str) -> bool:
        return bool(report["nets"][net]["weights_sha256"] == nets[net]["weights_sha256"])

    pairs: dict[str, list[Report]] = {}
    for name in dict.fromkeys(name for report in reports for name in report["pairs"]):
        last = {
            (pair["first"], pair["second"]): pair
            for report in reports
            for pair in report["pairs"].get(name, [])
            if still(report, pair["first"]) and still(report, pair["second"])
        }
        pairs[name] = list(last.values())
    samples = {name: found for report in reports for name, found in report["samples"].items()}
    return {**reports[-1], "nets": nets, "samples": samples, "pairs": pairs}


def _together(before: Report | None, found: Report) -> Report:
    """What was found of a net, with the sets and curves that an earlier report has of the very same weights."""
    if before is None or before["weights_sha256"] != found["weights_sha256"]:
        return found
    return {**found, **{key: {**before.get(key, {}), **found.get(key, {})} for key in ("sets", "curves")}}


def record(report: Report) -> list[str]:
    """Write the figures of each net in each training into the manifest; returns their ids. Raises Refused."""
    recorded = []
    for name, found in report["nets"].items():
        if parse(name).routing_iterations is None:
            entry = manifest.read().entry(name)
            old = entry.figures if entry and entry.figures.get("weights_sha256") == found["weights_sha256"] else {}
            figures = {key: found[key] for key in KEPT} | {
                "seed": report["made"]["seed"],
                "sets": {**old.get("sets", {}), **results.without_digits(found["sets"])},
            }
            manifest.record_figures(name, figures, sha256=found["weights_sha256"])
            recorded.append(name)
    return recorded


def keep(report: Report, folder: Path) -> None:
    """Put what was measured of whole nets into this version's file, beside what is there of other nets."""
    whole = {name: found for name, found in report["nets"].items() if parse(name).routing_iterations is None}
    pairs = {
        name: [pair for pair in pairs if pair["first"] in whole and pair["second"] in whole]
        for name, pairs in report["pairs"].items()
    }
    before, now = results.read(folder), {**report, "nets": whole, "pairs": pairs}
    if before["nets"] and before["made"].get("seed") == report["made"]["seed"]:
        before["made"] = {**before["made"], "whole_test_set": True}
        now = merged([{**before, "samples": {}}, now])
    write_whole(results.path_of(folder), results.as_text(now).encode())


def write_readme(readme: Path, folder: Path) -> None:
    """Put the table of this version's figures between the README's two markers; raises Refused where they are not."""
    before, _, after = _parts(readme)
    write_whole(readme, f"{before}{BEGIN}\n{results.readme_text(results.read(folder))}\n{END}{after}".encode())


def _parts(readme: Path) -> tuple[str, str, str]:
    if not readme.is_file():
        raise Refused(f"{readme} is missing: write it first, with {BEGIN} and {END} where the figures belong")
    text = readme.read_text(encoding="utf-8")
    if text.count(BEGIN) != 1 or text.count(END) != 1 or text.index(END) < text.index(BEGIN):
        raise Refused(f"invalid {readme}: must have {BEGIN} and after it {END}, once each, where the figures belong")
    before, rest = text.split(BEGIN)
    within, after = rest.split(END)
    return before, within.strip(), after


def disagreements(readme: Path = README, images: Path = IMAGES, folder: Path = results.FOLDER) -> list[str]:
    """Every place where README, manifest, results, images and weights do not say the same, as sentences."""
    nets = manifest.read().nets
    found = [*_outlived(nets), *_old_results(nets, folder), *_old_images(nets, images)]
    if _parts(readme)[1] != results.readme_text(results.read(folder)):
        found.append(f"{readme.name}: its figures are not the recorded ones; run `python -m checkpoints figures`")
    return found


def _outlived(nets: Mapping[str, manifest.Entry]) -> Iterator[str]:
    for name, entry in nets.items():
        if entry.figures and entry.figures.get("weights_sha256") != entry.sha256:
            yield f"{name}: its figures were measured on other weights; evaluate it again"


def _old_results(nets: Mapping[str, manifest.Entry], folder: Path) -> Iterator[str]:
    path = results.path_of(folder)
    for name, found in (json.loads(path.read_text(encoding="utf-8"))["nets"] if path.is_file() else {}).items():
        if name in nets and nets[name].sha256 != found["weights_sha256"]:
            yield f"{path.name}: {name} was measured on other weights; evaluate it again"


def _old_images(nets: Mapping[str, manifest.Entry], folder: Path) -> Iterator[str]:
    for path in sorted(folder.glob("*.png")):
        for name, sha256 in measured_in(path).items():
            if name in nets and nets[name].sha256 != sha256:
                yield f"{path.name}: drawn from other weights of {name}; evaluate it again"


def measured_in(image: Path) -> dict[str, str]:
    """The sha256 of the weights behind an image, by net, as `plot_style.save` keeps them in the PNG's text."""
    prefix = "weights "
    with Image.open(image) as opened:
        texts = dict(opened.info)
    return {str(key).removeprefix(prefix): str(text) for key, text in texts.items() if str(key).startswith(prefix)}


def _read(path: Path) -> Report:
    try:
        report = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise Refused(
            f"invalid report {path}: must be a file of `python -m checkpoints evaluate --json` ({error})"
        ) from error
    if not isinstance(report, dict) or not {"made", "nets", "pairs", "samples"} <= report.keys():
        raise Refused(f"invalid report {path}: {INVALID}")
    return report
