"""The benchmark of the nets measures what it says, whatever the machine."""

import json

import pytest
import torch

import architectures
import checkpoints
from checkpoints.__main__ import main
from checkpoints.evaluation import speed


def test_it_writes_every_figure_as_json_and_prints_a_table(tmp_path, capsys):
    report = tmp_path / "speed.json"
    assert main(["speed", "resnet-ish", "--repetitions", "2", "--steps", "1", "--json", str(report)]) == 0
    figures = json.loads(report.read_text())
    assert [(row["net"], row["batch"]) for row in figures["forward"]] == [("resnet-ish", 1), ("resnet-ish", 64)]
    assert all(row["torch_ms"] > 0 and row["onnxruntime_ms"] > 0 for row in figures["forward"])
    assert all(row["images_per_second"] > 0 for row in figures["training"])
    assert "resnet-ish" in capsys.readouterr().out


@pytest.mark.parametrize("name", architectures.names())
def test_onnx_runtime_gives_the_same_answers_to_1e_5(name):
    net, x = checkpoints.load(name), torch.rand(3, 1, 28, 28, generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        ours = net(x)
    theirs = speed.onnx_runtime(net, x)()
    torch.testing.assert_close(theirs, ours if isinstance(ours, torch.Tensor) else ours.scores, atol=1e-5, rtol=0)


def test_functions_take_turns_and_are_called_twice_in_theirs():
    calls = []
    medians = speed.in_turns([lambda: calls.append("a"), lambda: calls.append("b")], repetitions=3)
    assert calls == ["a", "a", "b", "b"] * 8  # five turns of warm-up before the three that count
    assert len(medians) == 2
