"""The verbs add and remove: a net comes whole and goes whole."""

from __future__ import annotations

import argparse
import re
from pathlib import Path

import pytest
import torch

import architectures
import checkpoints
from checkpoints.errors import MissingWeights, Refused
from checkpoints.own_nets import code, removing
from checkpoints.store import manifest
from tests.support.own_nets import MLP, command, mlp, trained
from tests.support.own_nets import place as place


@pytest.fixture
def files(place: Path) -> Path:
    """The folder with `mlp.py` and its weights `mlp.pth`, outside the project's own folders."""
    (place / "mlp.py").write_text(MLP)
    torch.save(trained(mlp()).state_dict(), place / "mlp.pth")
    return place


@pytest.fixture
def added(files: Path) -> Path:
    assert command("add", "my-net", "mlp.pth", "--architecture", "mlp.py") == 0
    return files


def test_a_net_is_added_with_its_code_and_answers_at_once(files: Path, capsys: pytest.CaptureFixture):
    assert "my-net" not in architectures.names()
    assert command("add", "my-net", "mlp.pth", "--architecture", "mlp.py") == 0
    said = capsys.readouterr().out
    assert "ends in logits" in said and "http://127.0.0.1:7860/?net=my-net" in said
    assert re.search(r"is fed 28 x 28, values from 0 to 1: 9\d\.\d % of 400 training digits \(95 % interval", said)
    assert re.search(r"\nmy-net +[89]\d\.\d % +\d\d\.\d to \d\d\.\d +\d\d\.\d %", said)
    assert "my-net" in architectures.names()
    assert (files / "architectures" / "my_net.py").read_text() == MLP
    assert (files / "checkpoints" / "my-net.pth").read_bytes() == (files / "mlp.pth").read_bytes()
    entry = manifest.read().entry("my-net")
    assert entry is not None and entry.source == "mlp.pth"
    checkpoints.load("my_net")


def test_adding_a_second_time_is_refused_and_changes_nothing(added: Path, capsys: pytest.CaptureFixture):
    before = manifest.read()
    assert command("add", "my-net", "mlp.pth") == 2
    assert "remove my-net" in capsys.readouterr().err
    assert manifest.read() == before


def test_weights_without_code_are_refused_with_the_architecture_that_they_fit(
    files: Path, capsys: pytest.CaptureFixture
):
    torch.save(architectures.build("resnet-ish").state_dict(), "theirs.pth")
    assert command("add", "theirs", "theirs.pth") == 2
    said = capsys.readouterr().err
    assert "no code, theirs.py" in said and "they fit resnet-ish exactly: give its code" in said


def test_none_says_where_the_files_go_and_then_they_work(files: Path, capsys: pytest.CaptureFixture):
    assert command("add", "by-hand", "none", "--architecture", "mlp.py") == 0
    assert str(files / "checkpoints" / "by-hand.safetensors") in capsys.readouterr().out
    with pytest.raises(MissingWeights):
        checkpoints.load("by-hand")
    (files / "mlp.pth").rename(files / "checkpoints" / "by_hand.pth")
    checkpoints.load("by-hand")
    assert manifest.read().entry("by-hand") is None


def test_a_net_dropped_by_hand_can_be_recorded_where_it_is(files: Path):
    (files / "architectures" / "my-net.py").write_text(MLP)
    (files / "mlp.pth").rename(files / "checkpoints" / "my-net.pth")
    checkpoints.load("my-net")
    assert command("add", "my-net", "checkpoints/my-net.pth") == 0
    assert manifest.read().entry("my-net") is not None
    checkpoints.load("my-net")


def test_code_that_is_there_already_is_not_written_over(files: Path, capsys: pytest.CaptureFixture):
    other = MLP + "# other\n"
    (files / "architectures" / "my_net.py").write_text(other)
    assert command("add", "my-net", "mlp.pth", "--architecture", "mlp.py") == 2
    assert "is there already" in capsys.readouterr().err
    assert (files / "architectures" / "my_net.py").read_text() == other


def test_code_in_the_project_may_import_the_project_and_no_other_folder(files: Path, monkeypatch: pytest.MonkeyPatch):
    (files / "mlp.py").write_text("from checkpoints.training.data import mnist\n" + MLP)
    (files / "checkpoints" / "__init__.py").touch()
    with pytest.raises(Refused, match="imports checkpoints, a folder beside it"):
        code.read("mlp.py")
    monkeypatch.setattr(code, "PROJECT", files.resolve())
    assert code.read("mlp.py").helpers == {}


def test_a_file_above_the_limit_is_refused(files: Path, capsys: pytest.CaptureFixture):
    assert command("add", "my-net", "mlp.pth", "--architecture", "mlp.py", "--limit", 0) == 2
    assert "--limit" in capsys.readouterr().err
    assert "my-net" not in architectures.names()


def test_code_that_fails_when_it_is_imported_is_taken_away_again(files: Path, capsys: pytest.CaptureFixture):
    (files / "mlp.py").write_text(MLP + "\nraise ValueError('no')\n")
    assert command("add", "my-net", "mlp.pth", "--architecture", "mlp.py") == 2
    assert "fails when it is imported" in capsys.readouterr().err
    assert "my-net" not in architectures.names()


@pytest.mark.parametrize("code", ["raise SystemExit(3)\n" + MLP, "def return_model():\n    raise SystemExit(3)\n"])
def test_code_that_ends_the_program_is_told_and_taken_away_again(files: Path, code: str, capsys: pytest.CaptureFixture):
    (files / "mlp.py").write_text(code)
    assert command("add", "my-net", "mlp.pth", "--architecture", "mlp.py") == 2
    assert "SystemExit: 3" in capsys.readouterr().err
    assert "my-net" not in architectures.names()


def test_code_with_a_mark_at_its_beginning_as_editors_on_windows_write_it(files: Path):
    (files / "mlp.py").write_bytes(b"\xef\xbb\xbf" + MLP.replace("\n", "\r\n").encode())
    assert command("add", "my-net", "mlp.pth", "--architecture", "mlp.py") == 0


def test_a_return_model_that_fails_is_told_and_taken_away_again(files: Path, capsys: pytest.CaptureFixture):
    (files / "mlp.py").write_text("def return_model():\n    return 1 / 0\n")
    assert command("add", "my-net", "mlp.pth", "--architecture", "mlp.py") == 2
    assert "return_model() of my-net fails: ZeroDivisionError" in capsys.readouterr().err
    assert "my-net" not in architectures.names()


def test_a_running_process_sees_new_weights_and_new_code_without_a_restart(added: Path):
    x = torch.rand(2, 1, 28, 28)
    first = checkpoints.load("my-net")
    assert checkpoints.load("my-net") is first
    with torch.no_grad():
        before = first(x)
    assert command("remove", "my-net", "--yes", "--keep-code") == 0
    torch.save(mlp().state_dict(), "other.pth")
    assert command("add", "my-net", "other.pth") == 0
    with torch.no_grad():
        assert not torch.equal(checkpoints.load("my-net")(x), before)


def test_remove_takes_weights_record_and_code(added: Path):
    assert command("remove", "my-net", "--yes") == 0
    assert "my-net" not in architectures.names()
    assert manifest.read().entry("my-net") is None
    assert not list((added / "checkpoints").glob("my-net*"))
    assert command("remove", "my-net", "--yes") == 2


def test_remove_without_a_person_to_agree_removes_nothing(added: Path, monkeypatch: pytest.MonkeyPatch):
    with pytest.raises(Refused, match="--yes"):
        removing.run(argparse.Namespace(name="my-net", keep_code=False, yes=False))
    assert "my-net" in architectures.names()


def test_code_that_another_net_uses_stays(added: Path, capsys: pytest.CaptureFixture):
    user = added / "architectures" / "user_net.py"
    user.write_text("from architectures.my_net import return_model\n")
    assert command("remove", "my-net", "--yes") == 2
    assert "is used by user-net" in capsys.readouterr().err
    assert "my-net" in architectures.names() and (added / "checkpoints" / "my-net.pth").is_file()
    user.unlink()
    assert command("remove", "my-net", "--yes") == 0
    assert "my-net" not in architectures.names()


def test_code_that_two_nets_share_stays_when_one_goes(place: Path):
    assert command("remove", "caps-net", "--yes") == 0
    assert "caps-net" not in architectures.names()
    architectures.build("efficient-caps-net")


def test_thirty_nets_cost_no_import_of_a_net_and_none_of_torch(place: Path):
    import subprocess
    import sys

    for number in range(30):
        (place / "architectures" / f"net_{number}.py").write_text(
            "raise SystemExit('imported')\ndef return_model(): ...\n"
        )
    asked = "import sys, architectures; assert len(architectures.names()) >= 33; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", asked], cwd=place, check=True, timeout=120)
