import json

import pytest

from checkpoints.__main__ import main
from checkpoints.evaluation import figures
from checkpoints.evaluation.distortions import CURVES
from checkpoints.evaluation.plot_style import LIGHT, save, wearing
from checkpoints.evaluation.results import without_digits
from checkpoints.store import manifest
from checkpoints.training import seeds
from checkpoints.version import version
from tests.support import small_mnist

README = f"# Nets\n\n{figures.BEGIN}\nstale\n{figures.END}\n\nafter\n"


def test_readme_manifest_images_and_weights_say_the_same():
    if not figures.README.is_file():
        pytest.skip("there is no README.md yet")
    assert figures.disagreements() == []


@pytest.fixture
def readme(tmp_path):
    path = tmp_path / "README.md"
    path.write_text(README)
    return path


@pytest.fixture(scope="module")
def few_digits(tmp_path_factory):
    """MNIST's file format with 20 test digits that ship with the project."""
    return small_mnist.shipped(tmp_path_factory.mktemp("digits"))


@pytest.fixture(scope="module", autouse=True)
def cache(tmp_path_factory):
    """What the pens drew is kept for the tests of this file."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TRAINING_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture
def recorded(own_weights, few_digits, readme, tmp_path):
    """Evaluated with its baseline, recorded in a manifest of its own, drawn, and written into a README."""
    report = tmp_path / "report.json"
    assert main(["evaluate", "resnet-ish", "--data", str(few_digits), "--pen", "--json", str(report)]) == 0
    assert main(figures_command(report, readme)) == 0
    return report


def figures_command(*words):
    *reports, readme = words
    beside = readme.parent
    return [
        *("figures", *map(str, reports), "--readme", str(readme)),
        *("--images", str(beside / "drawn"), "--results", str(beside / "results")),
    ]


def test_figures_travel_from_the_report_to_the_manifest_the_results_and_the_readme(recorded, readme):
    report = json.loads(recorded.read_text())["nets"]
    for net in ("resnet-ish", "resnet-ish/mnist-only"):
        entry = manifest.read().entry(net)
        assert entry.figures["weights_sha256"] == entry.sha256 == report[net]["weights_sha256"]
        assert entry.figures["sets"] == without_digits(report[net]["sets"])
        assert "per_digit" in entry.figures["sets"]["clean"]
    (file,) = (readme.parent / "results").iterdir()
    assert file.name == f"{version()}.json"
    kept = json.loads(file.read_text())
    assert kept["version"] == version() and set(kept["nets"]) == {"resnet-ish", "resnet-ish/mnist-only"}
    assert kept["nets"]["resnet-ish"]["sets"]["wild, as drawn"]["total"] == 20
    text = readme.read_text()
    assert text.startswith("# Nets\n") and text.endswith("\nafter\n") and "stale" not in text
    assert f"{100 * report['resnet-ish']['sets']['clean']['accuracy']:.2f} (" in text
    assert "| resnet-ish/mnist-only | 99.52 |" in text  # fast.ai's 0.48 % error
    assert "no pair is distinguishable" in text
    assert main([*figures_command(readme), "--check"]) == 0


def test_a_later_report_of_one_net_leaves_what_was_measured_of_it_before(recorded, readme, few_digits, tmp_path):
    report = tmp_path / "later.json"
    assert main(["evaluate", "resnet-ish", "--data", str(few_digits), "--noise", "--json", str(report)]) == 0
    assert main(figures_command(report, readme)) == 0
    kept = json.loads(next((readme.parent / "results").iterdir()).read_text())["nets"]
    assert kept["resnet-ish"]["sets"]["wild, as drawn"]["total"] == 20
    assert set(kept["resnet-ish"]["curves"]) == {"noise"} and "resnet-ish/mnist-only" in kept
    assert main([*figures_command(readme), "--check"]) == 0


def test_the_budget_and_what_a_seed_alone_changes_stand_with_the_nets(recorded, own_weights, readme):
    training = {"epochs": 3, "hours": 0.5, "seed": 1, "after": {"epochs": 4, "hours": 0.5}}
    manifest.record("resnet-ish", own_weights / "resnet-ish.safetensors", training=training)
    assert main(figures_command(recorded, readme)) == 0
    for seed in (2, 0, 1):
        reached = {"validation_accuracy": 0.99 + seed / 1000, "validation_accuracy_pen": 0.95}
        seeds.record(
            "resnet-ish", {"seed": seed, "epochs": 8, "digits": 27500, "rounds": 1, "command": "..."} | reached
        )
    assert main(figures_command(readme)) == 0
    assert "| resnet-ish |  | 7 epochs, 1 seed |" in readme.read_text()
    assert "of 3 trainings from scratch, 8 epochs of 27,500 digits" in readme.read_text()
    assert ": resnet-ish 99.00-99.20, 95.00-95.00.\n" in readme.read_text()


def test_writing_the_readme_again_changes_nothing(recorded, readme):
    before = readme.read_bytes()
    assert main(figures_command(readme)) == 0
    assert readme.read_bytes() == before


def test_an_edited_readme_is_noticed(recorded, readme, capsys):
    readme.write_text(readme.read_text().replace("99.52", "99.53"))
    assert main([*figures_command(readme), "--check"]) == figures.DISAGREE
    assert "its figures are not the recorded ones" in capsys.readouterr().out


def test_new_weights_make_old_figures_and_images_known_as_such(recorded, own_weights, readme, capsys):
    with manifest.edit() as edited:
        entry = edited.entry("resnet-ish")
        edited.put("resnet-ish", manifest.Entry(entry.file, "0" * 64, entry.bytes, figures=entry.figures))
    assert main([*figures_command(readme), "--check"]) == figures.DISAGREE
    said = capsys.readouterr().out
    assert "resnet-ish: its figures were measured on other weights" in said
    assert "pens-light.png: drawn from other weights of resnet-ish" in said


def test_figures_of_other_weights_are_not_recorded(recorded, readme, capsys):
    report = json.loads(recorded.read_text())
    report["nets"]["resnet-ish"]["weights_sha256"] = "1" * 64
    recorded.write_text(json.dumps(report))
    assert main(figures_command(recorded, readme)) == 2
    assert "measure again" in capsys.readouterr().err


def test_a_quick_look_is_never_recorded(own_weights, patterns, readme, tmp_path, capsys):
    report = tmp_path / "quick.json"
    assert main(["evaluate", "resnet-ish", "--data", str(patterns), "--images", "10", "--json", str(report)]) == 0
    assert main(figures_command(report, readme)) == 2
    assert "without --images" in capsys.readouterr().err
    assert readme.read_text() == README


@pytest.mark.parametrize("text", ["no markers", f"{figures.END} {figures.BEGIN}", README + README])
def test_a_readme_without_one_pair_of_markers_is_left_alone(text, own_weights, readme, capsys):
    readme.write_text(text)
    assert main(figures_command(readme)) == 2
    assert figures.BEGIN in capsys.readouterr().err and readme.read_text() == text


def test_a_file_that_is_no_report_is_named(own_weights, readme, tmp_path, capsys):
    (tmp_path / "x.json").write_text("[1]")
    assert main(figures_command(tmp_path / "x.json", readme)) == 2
    said = capsys.readouterr().err
    assert "invalid report" in said and "x.json" in said


def test_an_image_keeps_which_weights_it_was_drawn_from(tmp_path):
    from matplotlib.figure import Figure

    with wearing(LIGHT):
        path = save(Figure(figsize=(1, 1)), tmp_path / "p.png", {"caps-net": "a" * 64, "caps-net/mnist-only": "b" * 64})
    assert figures.measured_in(path) == {"caps-net": "a" * 64, "caps-net/mnist-only": "b" * 64}


def test_of_two_reports_the_later_counts_and_pairs_of_older_weights_are_dropped():
    def report(sha256):
        return {
            "made": {"whole_test_set": True, "seed": 1},
            "nets": {"a": {"weights_sha256": sha256}, "b": {"weights_sha256": "b"}},
            "pairs": {"clean": [{"first": "a", "second": "b", "from": sha256}]},
            "samples": dict.fromkeys(CURVES, sha256),
        }

    found = figures.merged([report("old"), report("new")])
    assert found["nets"]["a"]["weights_sha256"] == "new"
    assert [pair["from"] for pair in found["pairs"]["clean"]] == ["new"]
