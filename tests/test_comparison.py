import json

import pytest

import checkpoints
from checkpoints import manifest
from checkpoints.__main__ import main


def test_a_capsule_net_is_compared_with_itself_at_other_routing_iterations(patterns, tmp_path, capsys):
    if checkpoints.find("caps-net", manifest.read().entry("caps-net")) is None:
        pytest.skip("the weights of caps-net are not here")
    file = tmp_path / "compared.json"
    words = ["compare", "caps-net@1", "caps-net@3", "caps-net@5", "--data", str(patterns), "--pictures", "30"]
    assert main([*words, "--json", str(file)]) == 0
    report = json.loads(file.read_text())
    clean = report["sets"]["clean"]
    assert list(clean["nets"]) == ["caps-net@1", "caps-net@3", "caps-net@5"]
    assert [(pair["first"], pair["second"]) for pair in clean["pairs"]] == [
        ("caps-net@1", "caps-net@3"),
        ("caps-net@1", "caps-net@5"),
        ("caps-net@3", "caps-net@5"),
    ]
    assert all(
        share["total"] == 30 and share["low"] <= share["accuracy"] <= share["high"] for share in clean["nets"].values()
    )
    assert len(set(report["weights_sha256"].values())) == 1
    assert "McNemar" in capsys.readouterr().out


def test_nets_trained_otherwise_are_compared_on_harder_sets_too(own_weights, patterns, tmp_path):
    file = tmp_path / "compared.json"
    words = ["compare", "resnet-ish", "resnet-ish.without-pen", "--data", str(patterns), "--pictures", "50", "--hard"]
    assert main([*words, "--json", str(file)]) == 0
    report = json.loads(file.read_text())
    assert list(report["sets"]) == ["clean", "pen", "affine", "overlap"]
    for found in report["sets"].values():
        (pair,) = found["pairs"]
        assert pair["difference"] == 0 and pair["verdict"] == "tie" and pair["low"] < 0 < pair["high"]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["resnet-ish"], "cannot be compared with itself"),
        (["resnet-ish", "resnet-ish"], "cannot be compared with itself"),
        (["resnet-ish", "resnet-ish.without-pen", "--pictures", "5001"], "--pictures 5001"),
    ],
)
def test_what_cannot_be_compared_is_said(words, says, own_weights, patterns, capsys):
    assert main(["compare", *words, "--data", str(patterns)]) == 2
    assert says in capsys.readouterr().err
