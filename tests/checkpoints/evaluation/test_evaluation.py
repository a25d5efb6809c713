import ast
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

import checkpoints
from architectures.input.pen import PRESETS
from checkpoints.__main__ import main
from checkpoints.evaluation import command, known_labels
from checkpoints.evaluation.scoring import Images, surest_mistakes
from checkpoints.evaluation.variants import Answers, Variant, load, parse
from checkpoints.store import manifest
from checkpoints.training.data import mnist
from tests.support import small_mnist

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def few_digits(tmp_path_factory):
    """MNIST's file format with 120 training and 20 test digits that ship with the project."""
    return small_mnist.shipped(tmp_path_factory.mktemp("digits"))


@pytest.fixture(scope="module", autouse=True)
def cache(tmp_path_factory):
    """What the pens drew is kept for the tests of this file."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TRAINING_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


def test_everything_is_measured_drawn_and_written_for_real_weights(own_weights, few_digits, tmp_path, capsys):
    report_file, folder = tmp_path / "report.json", tmp_path / "drawn"
    words = [
        "evaluate",
        "resnet-ish",
        "--data",
        str(few_digits),
        "--all",
        "--json",
        str(report_file),
        "--out",
        str(folder),
    ]
    assert main(words) == 0
    report = json.loads(report_file.read_text())
    net, baseline = report["nets"]["resnet-ish"], report["nets"]["resnet-ish/mnist-only"]
    assert net["weights_sha256"] == manifest.sha256_of(own_weights / "resnet-ish.safetensors")
    drawn = {f"{pen}, {way}" for pen in PRESETS for way in ("like MNIST", "as drawn")}
    assert set(net["sets"]) == {"clean", "pen", "pen, as drawn", *drawn, "affine", "overlap"}
    assert set(net["curves"]) == {"shift", "rotate", "noise"}
    assert baseline["sets"] == net["sets"]  # the baseline is a copy of the same weights here
    assert np.sum(net["confusion"]) == report["made"]["images"] == 20
    assert all(pair["verdict"] == "not distinguishable" for pair in report["pairs"]["wild, like MNIST"])
    images = {path.name for path in folder.iterdir()}
    assert images == {
        *("pens-light.png", "pens-dark.png", "curves-light.png", "curves-dark.png"),
        *("confusion-resnet-ish.png", "mistakes-resnet-ish.png"),
    }
    assert np.asarray(Image.open(folder / "pens-dark.png").convert("L")).std() > 10
    said = capsys.readouterr().out
    assert "McNemar" in said and known_labels.SOURCE in said


def test_digits_drawn_by_every_pen_are_scored_on_those_that_could_be_traced(own_weights, few_digits, tmp_path):
    file = tmp_path / "report.json"
    assert main(["evaluate", "resnet-ish", "--pen", "--data", str(few_digits), "--json", str(file)]) == 0
    sets = json.loads(file.read_text())["nets"]["resnet-ish"]["sets"]
    together = sets["pen"]
    assert together["total"] == 20 * len(PRESETS)
    assert together["right"] == sum(sets[f"{pen}, like MNIST"]["right"] for pen in PRESETS)
    assert together["low"] <= together["accuracy"] <= together["high"]
    assert sets["steady white, like MNIST"]["accuracy"] > 0.9  # real weights, real digits


def test_the_pens_may_draw_fewer_digits_than_are_scored_clean(own_weights, few_digits, tmp_path):
    file = tmp_path / "report.json"
    words = ["evaluate", "resnet-ish", "--pen", "--pen-images", "8", "--data", str(few_digits), "--json", str(file)]
    assert main(words) == 0
    report = json.loads(file.read_text())
    sets = report["nets"]["resnet-ish"]["sets"]
    assert sets["clean"]["total"] == 20 and sets["wild, like MNIST"]["total"] == 8
    assert report["made"]["whole_test_set"]  # each set says how many it has


def test_routing_iterations_are_compared_on_the_validation_split(few_digits, tmp_path):
    if checkpoints.find("caps-net", manifest.read().entry("caps-net")) is None:
        pytest.skip("the weights of caps-net are not here")
    file = tmp_path / "report.json"
    words = ["evaluate", "caps-net@1", "caps-net", "--split", "validation", "--data", str(few_digits)]
    assert main([*words, "--json", str(file)]) == 0
    report = json.loads(file.read_text())
    assert report["made"]["split"] == "validation" and not report["made"]["whole_test_set"]
    assert [(pair["first"], pair["second"]) for pair in report["pairs"]["clean"]] == [("caps-net@1", "caps-net")]
    assert all(found["disputed"]["images"] == 0 for found in report["nets"].values())


def test_the_same_seed_measures_the_same(own_weights, patterns, tmp_path):
    reports = []
    for number in range(2):
        file = tmp_path / f"{number}.json"
        assert main(["evaluate", "resnet-ish", "--data", str(patterns), "--noise", "--json", str(file)]) == 0
        reports.append(file.read_bytes())
    assert reports[0] == reports[1]


def test_real_weights_read_real_digits(own_weights, real_mnist, tmp_path):
    file = tmp_path / "report.json"
    words = ["evaluate", "resnet-ish", "--data", str(real_mnist), "--images", "500", "--json", str(file)]
    assert main(words) == 0
    report = json.loads(file.read_text())
    clean = report["nets"]["resnet-ish"]["sets"]["clean"]
    assert clean["total"] == 500 and clean["accuracy"] > 0.95
    assert not report["made"]["whole_test_set"]


def test_capsule_lengths_are_scored_as_lengths_and_said_so(patterns, tmp_path, capsys):
    if checkpoints.find("caps-net", manifest.read().entry("caps-net")) is None:
        pytest.skip("the weights of caps-net are not here")
    file = tmp_path / "report.json"
    words = ["evaluate", "caps-net", "caps-net@1", "--data", str(patterns), "--images", "20", "--json", str(file)]
    assert main(words) == 0
    nets = json.loads(file.read_text())["nets"]
    assert nets["caps-net"]["meaning"] == "capsule length"
    assert nets["caps-net"]["likelihood_of"] == "capsule lengths divided by their sum"
    clean = [nets[name]["sets"]["clean"]["negative_log_likelihood"] for name in ("caps-net", "caps-net@1")]
    assert clean[0] != clean[1]  # another number of routing iterations gives other lengths
    assert "lengths are no distribution" in capsys.readouterr().out


def test_iterations_of_a_net_without_routing_are_refused(own_weights, patterns, capsys):
    assert main(["evaluate", "resnet-ish@3", "--data", str(patterns)]) == 2
    assert "resnet-ish has no routing iterations" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["no-such-net"], "no net called 'no-such-net'"),
        (["resnet-ish", "--images", "0"], "--images 0"),
        (["resnet-ish", "--pen", "--pen-images", "0"], "--pen-images 0"),
        (["resnet-ish@0"], "1 to 50 iterations"),
        (["resnet-ish/never-trained"], "never-trained.safetensors is missing"),
        (["resnet-ish", "--json", "/no/such/folder/x.json"], "/no/such/folder is not a folder"),
    ],
)
def test_what_cannot_be_done_is_said_and_exits_with_two(words, says, own_weights, patterns, capsys):
    assert main(["evaluate", *words, "--data", str(patterns)]) == 2
    assert says in capsys.readouterr().err


def test_a_folder_without_mnist_is_named(own_weights, tmp_path, capsys):
    assert main(["evaluate", "resnet-ish", "--data", str(tmp_path)]) == 2
    assert "t10k-images-idx3-ubyte" in capsys.readouterr().err


def test_weights_that_were_tampered_with_are_not_scored(own_weights, patterns, capsys):
    (own_weights / "resnet-ish.safetensors").write_bytes(b"something else")
    assert main(["evaluate", "resnet-ish", "--data", str(patterns)]) == 2
    assert "sha256" in capsys.readouterr().err


def test_a_name_says_which_net_how_trained_and_how_many_iterations():
    assert parse("caps-net/mnist-only@5") == Variant("caps-net", "mnist-only", 5)
    assert parse("caps_net").name == "caps-net" and parse("caps-net@1").name == "caps-net@1"


def test_the_surest_mistake_comes_first_and_right_answers_do_not_come():
    probabilities = np.full((4, 10), 0.01)
    probabilities[[0, 1, 2, 3], [1, 2, 3, 4]] = (0.6, 0.9, 0.99, 0.7)
    images = Images(torch.zeros(4, 1, 28, 28), torch.tensor([0, 0, 3, 0]), torch.tensor([10, 11, 12, 947]))
    found = surest_mistakes(Answers(probabilities, "softmax"), images)
    assert [mistake["index"] for mistake in found] == [11, 947, 10]
    assert [mistake["disputed"] for mistake in found] == [False, True, False]


def test_a_batch_of_any_size_gives_the_same_answers(own_weights):
    reader = load(Variant("resnet-ish"))
    x = torch.rand(7, 1, 28, 28, generator=torch.Generator().manual_seed(0))
    assert np.allclose(reader.read(x, batch=2).probabilities, reader.read(x, batch=7).probabilities, atol=1e-6)


def test_the_disputed_labels_are_those_of_mnists_test_set(real_mnist):
    _, labels = mnist("test", real_mnist)
    assert len(known_labels.DISPUTED) == 15
    assert all(int(labels[index]) == disputed.given for index, disputed in known_labels.DISPUTED.items())
    assert all(disputed.votes[0] < 3 and sum(disputed.votes) == 5 for disputed in known_labels.DISPUTED.values())


def test_only_evaluate_reads_the_test_set():
    readers = []
    for path in sorted(ROOT.glob("*.py")) + [
        p for name in ("checkpoints", "demo") for p in (ROOT / name).rglob("*.py")
    ]:
        for call in (node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)):
            called = getattr(call.func, "attr", getattr(call.func, "id", None))
            if called == "mnist" and any(isinstance(word, ast.Constant) and word.value == "test" for word in call.args):
                readers.append(path.relative_to(ROOT).as_posix())
    assert readers == ["checkpoints/evaluation/command.py"]
    assert command.image_set is not None


def test_a_baseline_is_scored_only_where_its_weights_are(own_weights):
    reader = load(Variant("resnet-ish"))
    assert [baseline.variant.name for baseline in command.baselines([reader])] == ["resnet-ish/mnist-only"]
    shutil.move(own_weights / "resnet-ish.mnist-only.safetensors", own_weights / "gone")
    assert command.baselines([reader]) == []
