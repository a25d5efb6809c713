"""Hostile files and names do nothing: each is refused, and what it wanted to do has not happened."""

from __future__ import annotations

import os
import pickle
import struct
import subprocess
import sys
import warnings
import zipfile
from pathlib import Path

import pytest
import torch
from torch import nn

import architectures
import checkpoints
from checkpoints.errors import Refused, UnfittingWeights, UnreadableWeights
from checkpoints.formats.detection import Format, detect
from checkpoints.formats.pickles import UntrustedWeights
from checkpoints.formats.reading import load
from checkpoints.own_nets import code
from checkpoints.store.naming import checked
from tests.support.own_nets import MLP, command, mlp
from tests.support.own_nets import place as place

ROOT = Path(__file__).parents[3]


class Hostile:
    """Unpickled, it makes a file called `trace`."""

    def __init__(self, trace: Path) -> None:
        self.trace = trace

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, (f"touch {self.trace}",)


@pytest.fixture
def trace(place: Path) -> Path:
    return place / "it-ran"


@pytest.fixture
def mine(place: Path) -> Path:
    (place / "architectures" / "my-net.py").write_text(MLP)
    return place / "checkpoints" / "my-net.pth"


@pytest.mark.parametrize("protocol", [2, 4])
@pytest.mark.parametrize("zipped", [True, False])
def test_a_hostile_pickle_is_refused_and_does_not_run(mine: Path, trace: Path, protocol: int, zipped: bool):
    torch.save({"a": Hostile(trace)}, mine, pickle_protocol=protocol, _use_new_zipfile_serialization=zipped)
    with pytest.raises(
        UntrustedWeights, match=r"(holds more than weights|saved by pickle).*torch\.save\(net\.state_dict\(\)"
    ):
        checkpoints.load("my-net")
    assert not trace.exists()


def test_a_refusal_lists_what_the_file_would_import(mine: Path, trace: Path):
    torch.save({"a": Hostile(trace)}, mine)
    with pytest.raises(UntrustedWeights, match=r"would import posix\.system, and may run anything.*--trust"):
        checkpoints.load("my-net")


def test_the_hostile_pickle_would_have_run_had_it_been_read_the_careless_way(mine: Path, trace: Path):
    torch.save({"a": Hostile(trace)}, mine)
    torch.load(mine, weights_only=False)
    assert trace.exists()


def test_a_bare_hostile_pickle_of_the_whole_file_does_not_run(mine: Path, trace: Path):
    mine.write_bytes(pickle.dumps(Hostile(trace)))
    with pytest.raises(UntrustedWeights, match=r"saved by pickle\.dump"):
        checkpoints.load("my-net")
    assert not trace.exists()


class Calls:
    """Unpickled, it calls a harmless function on the way to a state dict."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return open, ("it-ran", "w")


def test_what_lies_beside_the_weights_is_never_called(mine: Path, trace: Path):
    torch.save({"state_dict": mlp().state_dict(), "logger": Calls()}, mine)
    checkpoints.load("my-net")
    assert not trace.exists()


def test_names_of_weights_cannot_move_the_cursor_of_a_terminal(mine: Path):
    torch.save({"\x1b[2Jgone": torch.zeros(3)}, mine)
    with pytest.raises(UnfittingWeights) as raised:
        checkpoints.load("my-net")
    assert "\x1b" not in str(raised.value) and "\\x1b[2Jgone" in str(raised.value)


def test_add_with_trust_on_a_space_is_refused_before_anything_is_read(
    place: Path, trace: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
):
    torch.save({"a": Hostile(trace)}, place / "bad.pth")
    monkeypatch.setenv("SPACE_ID", "user/space")
    assert command("add", "my-net", "bad.pth", "--trust") == 2
    assert "Space" in capsys.readouterr().err
    assert not trace.exists()


def test_with_trust_a_whole_pickled_net_is_kept_in_a_form_that_needs_none(place: Path):
    torch.save(mlp(), place / "whole.pth")
    assert command("add", "whole", "whole.pth") == 2
    assert command("add", "whole", "whole.pth", "--trust") == 0
    assert (place / "checkpoints" / "whole.onnx").is_file()
    checkpoints.load("whole")


def test_with_code_only_the_weights_of_a_pickled_net_are_kept_and_no_trust_is_needed(place: Path):
    program = "import torch\nfrom torch import nn\n\nclass Net(nn.Linear):\n"
    program += "    def forward(self, x):\n        return super().forward(x.flatten(1))\n\n"
    program += "def return_model():\n    return Net(784, 10)\n"
    (place / "net.py").write_text(program)
    saving = program + "\nif __name__ == '__main__':\n    torch.save(return_model(), 'whole.pth')\n"
    (place / "training.py").write_text(saving)
    subprocess.run([sys.executable, "training.py"], cwd=place, check=True, timeout=240)
    assert command("add", "pickled", "whole.pth", "--architecture", "net.py") == 0
    assert (place / "checkpoints" / "pickled.safetensors").is_file()
    checkpoints.load("pickled")


def test_a_zip_bomb_is_refused_before_it_is_unpacked(mine: Path):
    torch.save(mlp().state_dict(), mine)
    bomb = mine.with_suffix(".zip")
    with zipfile.ZipFile(mine) as whole, zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as packed:
        for member in whole.infolist():
            packed.writestr(member.filename, whole.read(member))
        packed.writestr("my-net/data/9", b"\0" * 50_000_000)
    bomb.replace(mine)
    assert mine.stat().st_size < 1_000_000
    with pytest.raises(UnreadableWeights, match="would unpack to 50"):
        checkpoints.load("my-net")


def test_a_zip_that_claims_the_same_bytes_many_times_counts_them_all(tmp_path: Path):
    path = tmp_path / "overlapping.pth"
    with warnings.catch_warnings(), zipfile.ZipFile(path, "w") as archive:
        warnings.simplefilter("ignore")
        archive.writestr("a/data.pkl", b"x" * 100_000)
        archive.filelist.extend(archive.filelist * 60)
    with pytest.raises(UnreadableWeights, match="would unpack"):
        detect(path)


def test_a_tensor_that_claims_a_terabyte_is_refused_without_being_made(mine: Path):
    torch.save({"1.weight": torch.zeros(1).expand(1 << 38)}, mine)
    with pytest.raises(UnreadableWeights, match="claims"):
        checkpoints.load("my-net")


def test_a_safetensors_header_that_claims_a_terabyte_is_refused(mine: Path):
    header = b'{"a":{"dtype":"F32","shape":[274877906944],"data_offsets":[0,1099511627776]}}'
    mine.with_suffix(".safetensors").write_bytes(struct.pack("<Q", len(header)) + header + b"\0" * 64)
    with pytest.raises(UnreadableWeights):
        checkpoints.load("my-net")


def test_a_name_of_a_million_letters_does_not_fill_the_terminal(mine: Path):
    torch.save({"k" * 1_000_000: torch.zeros(3)}, mine)
    with pytest.raises(UnfittingWeights, match=r"4 missing.* \.\.\. .*--architecture") as raised:
        checkpoints.load("my-net")
    assert len(str(raised.value)) < 5_000


@pytest.mark.parametrize(
    "name",
    ["../../x", "..", "/etc/x", "a/b", "a\\b", "", "-x", "x\n", "x" * 41, "ä", "a b", "x.py", "$(id)", "all", "card"],
)
def test_names_that_are_no_names_are_refused(name: str):
    with pytest.raises(Refused):
        checked(name)


@pytest.mark.parametrize("verb", [("add", "../../x", "none"), ("remove", "../../x")])
def test_a_path_traversing_name_touches_nothing(place: Path, verb: tuple[str, ...]):
    before = sorted(place.rglob("*"))
    assert command(*verb) == 2
    assert sorted(place.rglob("*")) == before


def test_a_symbolic_link_in_the_place_of_the_weights_is_replaced_and_not_followed(place: Path):
    victim = place / "victim"
    victim.write_text("untouched")
    (place / "mlp.py").write_text(MLP)
    torch.save(mlp().state_dict(), place / "mlp.pth")
    (place / "checkpoints" / "linked.pth").symlink_to(place / "nowhere")
    (place / "nowhere").symlink_to(victim)
    victim.rename(place / "victim-moved")
    assert command("add", "linked", "mlp.pth", "--architecture", "mlp.py") == 0
    assert not (place / "checkpoints" / "linked.pth").is_symlink()
    assert (place / "victim-moved").read_text() == "untouched"
    assert not victim.exists()


def test_devices_pipes_and_folders_are_no_source(place: Path):
    os.mkfifo(place / "pipe")
    for source in ("/dev/zero", "pipe", ".", "missing.pth"):
        assert command("add", "my-net", source) == 2


def test_code_is_taken_from_local_files_alone_and_is_not_run_to_be_looked_at(place: Path, trace: Path):
    for address in ("https://example.com/net.py", "http://127.0.0.1/net.py", "file:///etc/net.py"):
        with pytest.raises(Refused, match="local files alone"):
            code.read(address)
    (place / "net.py").write_text(f"open({str(trace)!r}, 'w')\n")
    with pytest.raises(Refused, match="defines no return_model"):
        code.read(str(place / "net.py"))
    assert not trace.exists()


def test_onnx_that_names_another_file_for_its_weights_cannot_read_it(place: Path, monkeypatch: pytest.MonkeyPatch):
    import onnx
    from onnx import TensorProto, helper

    (place / "secret").write_bytes(b"\0" * 784 * 10 * 4)
    outside = TensorProto(name="w", data_type=TensorProto.FLOAT, dims=[784, 10], data_location=TensorProto.EXTERNAL)
    outside.external_data.add(key="location", value="secret")
    made = helper.make_graph(
        [helper.make_node("Flatten", ["x"], ["f"]), helper.make_node("MatMul", ["f", "w"], ["y"])],
        "net",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 1, 28, 28])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", 10])],
        [outside],
    )
    model = helper.make_model(made, ir_version=10, opset_imports=[helper.make_opsetid("", 17)])
    (place / "net.onnx").write_bytes(model.SerializeToString())
    assert onnx.load(place / "net.onnx", load_external_data=False).graph.initializer[0].data_location == 1
    assert command("add", "reaching", "net.onnx") == 2
    assert "reaching" not in architectures.names()


class Reaching(nn.Module):
    """As TorchScript, its forward pass makes a file called `it-ran`."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x.flatten(1)[:, :10] + torch.from_file("it-ran", True, 10)


def test_torchscript_is_not_run_without_trust_wherever_it_lies(
    place: Path, trace: Path, monkeypatch: pytest.MonkeyPatch
):
    with pytest.warns(DeprecationWarning):
        torch.jit.script(Reaching()).save(str(place / "reaching.pt"))
    assert command("add", "reaching", "reaching.pt") == 2
    code.place("stored", code.in_its_file("stored", "stored.pt"))
    (place / "reaching.pt").rename(place / "checkpoints" / "stored.pt")
    with pytest.raises(UntrustedWeights, match=r"is TorchScript, a program.*add NAME stored\.pt --trust"):
        checkpoints.load("stored")
    assert not trace.exists()


def test_on_a_space_nothing_is_run_even_with_trust(place: Path, trace: Path, monkeypatch: pytest.MonkeyPatch):
    with pytest.warns(DeprecationWarning):
        torch.jit.script(Reaching()).save(str(place / "reaching.pt"))
    monkeypatch.setenv("SPACE_ID", "user/space")
    with pytest.raises(UntrustedWeights, match="on a Space no file is trusted"):
        load(place / "reaching.pt", Format.TORCHSCRIPT, trust=True)
    assert not trace.exists()


def test_whatever_fails_leaves_nothing_behind(place: Path):
    (place / "mlp.py").write_text(MLP)
    torch.save({"other": torch.zeros(3)}, place / "other.pth")
    before = sorted(path for path in place.rglob("*") if not path.name.endswith(".lock"))
    assert command("add", "my-net", "other.pth", "--architecture", "mlp.py") == 2
    assert sorted(path for path in place.rglob("*") if not path.name.endswith(".lock")) == before
