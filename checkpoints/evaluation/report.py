"""A report as a person reads it in a terminal."""

from __future__ import annotations

from architectures.input.pen import PRESETS
from checkpoints.evaluation import known_labels
from checkpoints.evaluation.distortions import CURVES
from checkpoints.evaluation.pen_set import WAYS, set_name
from checkpoints.evaluation.scoring import ALL_PENS, Report
from checkpoints.tables import percent, plain, points

SETS = {
    "clean": "MNIST",
    "pen": "drawn by the five preset pens, like MNIST",
    "pen, as drawn": "drawn by the five preset pens, as drawn",
    **{set_name(pen, way): f"drawn by {pen}, {way}" for way in WAYS for pen in PRESETS},
    "affine": "affNIST-like (rotated, sheared, scaled, moved)",
    "overlap": "MultiMNIST-like (two digits; both must be the two most probable)",
}


def summary(report: Report) -> str:
    """Tables of all that was measured, and what to bear in mind when reading them."""
    made, nets = report["made"], report["nets"]
    some = "" if made["whole_test_set"] else f" of the {made['split']} set: a quick look, not a figure to quote"
    parts = [f"{made['images']:,} images{some}; seed {made['seed']}; intervals are Wilson's at 95 %"]
    parts += [set_table(report, name) for name in SETS if any(name in net["sets"] for net in nets.values())]
    parts += [digits_table(report)]
    parts += [curve_table(report, name) for name in CURVES if any(name in net["curves"] for net in nets.values())]
    parts += [pairs_table(pairs, SETS[name]) for name, pairs in report["pairs"].items() if pairs]
    parts += [notes(report)]
    return "\n\n".join(parts)


def interval(measured: Report) -> str:
    return f"{100 * measured['low']:.2f} to {100 * measured['high']:.2f}"


def set_table(report: Report, name: str) -> str:
    rows, count = [], 0
    for net, found in report["nets"].items():
        if measured := found["sets"].get(name):
            count = measured["total"]
            row = [net, f"{found['parameters']:,}", percent(measured["accuracy"]), interval(measured)]
            if name == "overlap":
                row += [percent(measured["either"]["accuracy"])]
            elif name not in ALL_PENS.values():
                row += [f"{measured['negative_log_likelihood']:.4f}", f"{measured['calibration_error']:.4f}"]
            rows.append(row)
    header = ["net", "parameters", "accuracy", "95 %"]
    if name == "overlap":
        header += ["one of the two first"]
    elif name not in ALL_PENS.values():
        header += ["NLL", "ECE"]
    return f"{SETS[name]}: {count:,} images\n" + plain(header, rows)


def digits_table(report: Report) -> str:
    rows = [
        [net, *("" if one is None else f"{100 * one['accuracy']:.2f}" for one in found["sets"]["clean"]["per_digit"])]
        for net, found in report["nets"].items()
    ]
    return "MNIST, accuracy of each digit in %\n" + plain(["net", *map(str, range(10))], rows)


def curve_table(report: Report, name: str) -> str:
    rows = [
        [net, *(f"{100 * point['accuracy']:.2f}" for point in found["curves"][name])]
        for net, found in report["nets"].items()
        if name in found["curves"]
    ]
    header = ["net", *(f"{level:g}" for level in CURVES[name].levels)]
    return f"{CURVES[name].title}: accuracy in % by {CURVES[name].axis}\n" + plain(header, rows)


def pairs_table(pairs: list[Report], title: str) -> str:
    """Paired comparisons: the difference in points with its interval, the images that decide it, and the verdict."""
    rows = [
        [
            f"{pair['first']} - {pair['second']}",
            points(pair["difference"]),
            f"{points(pair['low'])} to {points(pair['high'])}",
            f"{pair['only_first']} : {pair['only_second']}",
            f"{pair['p_adjusted']:.3g}",
            pair["verdict"],
        ]
        for pair in pairs
    ]
    header = ["pair", "points", "interval, adjusted", "correct alone", "McNemar p, adjusted", "verdict"]
    return f"Paired: {title}\n" + plain(header, rows)


def notes(report: Report) -> str:
    """What the tables do not say themselves."""
    found = ["Notes"]
    if any(report["pairs"].values()):
        found.append(
            "- Pairs: McNemar's test and Tango's interval, which inverts it, both at the level at which Holm's "
            "procedure tests the pair, so that all verdicts on a set together are wrong in 5 % at most."
        )
    if report["made"]["split"] == "test":
        found.append(f"- {known_labels.NOTE}")
    for net, measured in report["nets"].items():
        disputed = measured["disputed"]
        if disputed["images"]:
            found.append(
                f"  {net} predicts {disputed['as_labelled']} of these {disputed['images']} as labelled, "
                f"{disputed['as_suggested']} as the critics suggest"
            )
        if measured["meaning"] == "capsule length":
            found.append(
                f"- {net}: lengths are no distribution. NLL is of {measured['likelihood_of']}; ECE is of the "
                f"{measured['confidence_of']}. Neither compares well with a softmax net's."
            )
        drawn = measured["sets"].get(set_name("wild", "like MNIST"))
        if drawn and drawn["total"] < report["made"]["images"]:
            found.append(
                f"- {net}: the pens drew {drawn['total']:,} of the {report['made']['images']:,} digits; the others "
                "could not be traced, or were left out by --pen-images."
            )
    return "\n".join(found)
