"""load(name): the net with its trained weights, or an error that names the file; never random weights."""

from __future__ import annotations

import gc
import shutil
import subprocess
import sys
import threading
import weakref
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

import architectures
import checkpoints
from checkpoints.store import manifest
from checkpoints.store.memory import Memory, size_of
from tests.support.hub_server import LoopbackHub, serve

ROOT = Path(__file__).parents[3]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder of checkpoints, no net in memory and nothing fetched yet."""
    checkpoints.held.clear()
    monkeypatch.setattr(checkpoints, "_fetched", {})
    monkeypatch.setenv("CHECKPOINTS_DIR", str(tmp_path / "checkpoints"))
    (tmp_path / "checkpoints").mkdir()
    return tmp_path / "checkpoints"


def train(name: str, seed: int) -> nn.Module:
    """Put weights made from a seed in place, as the end of a training does, and return the net that has them."""
    torch.manual_seed(seed)
    net = architectures.build(name).eval()
    temporary = manifest.folder() / f".{name}.tmp"
    save_file(net.state_dict(), temporary)
    manifest.install(name, temporary, f"{name}.safetensors")
    return net


def same(one: nn.Module, other: nn.Module) -> bool:
    ours, theirs = one.state_dict(), other.state_dict()
    return ours.keys() == theirs.keys() and all(torch.equal(ours[key].cpu(), theirs[key]) for key in ours)


def test_a_net_comes_with_its_recorded_weights_in_eval_mode_on_the_device(folder: Path) -> None:
    trained = train("resnet-ish", seed=1)
    net = checkpoints.load("resnet_ish")
    assert same(net, trained) and not net.training
    assert next(net.parameters()).device.type == checkpoints.device().type


def test_the_second_time_it_is_the_same_net_in_memory(folder: Path) -> None:
    train("resnet-ish", seed=1)
    assert checkpoints.load("resnet-ish") is checkpoints.load("resnet_ish")


def test_many_threads_that_ask_at_once_share_one_net(folder: Path) -> None:
    train("resnet-ish", seed=1)
    found: list[nn.Module] = []
    threads = [threading.Thread(target=lambda: found.append(checkpoints.load("resnet-ish"))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(found) == 8 and len({id(net) for net in found}) == 1


def test_a_running_process_notices_newly_trained_weights(folder: Path) -> None:
    train("resnet-ish", seed=1)
    checkpoints.load("resnet-ish")
    trained = train("resnet-ish", seed=2)
    assert same(checkpoints.load("resnet-ish"), trained)


def test_training_under_a_busy_process_never_looks_like_a_damaged_file(folder: Path) -> None:
    train("resnet-ish", seed=0)
    done = threading.Event()
    failures: list[BaseException] = []

    def ask() -> None:
        while not done.is_set():
            try:
                checkpoints.load("resnet-ish")
            except BaseException as error:
                failures.append(error)
                return

    asking = threading.Thread(target=ask)
    asking.start()
    for seed in range(15):
        train("resnet-ish", seed)
    done.set()
    asking.join(60)
    assert not failures, failures


def test_a_file_put_there_by_hand_is_loaded_without_a_record(folder: Path) -> None:
    torch.manual_seed(4)
    net = architectures.build("resnet-ish")
    save_file(net.state_dict(), folder / "resnet_ish.safetensors")
    assert same(checkpoints.load("resnet-ish"), net)


@pytest.mark.parametrize("damage", ["one bit", "truncated", "empty", "other weights"])
def test_a_file_that_is_not_the_recorded_one_is_named_and_never_used(folder: Path, damage: str) -> None:
    train("resnet-ish", seed=1)
    path = folder / "resnet-ish.safetensors"
    content = path.read_bytes()
    if damage == "one bit":
        path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    elif damage == "truncated":
        path.write_bytes(content[:1000])
    elif damage == "empty":
        path.write_bytes(b"")
    else:
        save_file(architectures.build("resnet-ish").state_dict(), path)
    with pytest.raises(checkpoints.MismatchedWeights) as raised:
        checkpoints.load("resnet-ish")
    message = str(raised.value)
    assert str(path) in message and "sha256" in message and "python -m checkpoints train resnet-ish" in message


def test_damage_is_noticed_while_the_net_is_in_memory(folder: Path) -> None:
    train("resnet-ish", seed=1)
    checkpoints.load("resnet-ish")
    (folder / "resnet-ish.safetensors").write_bytes(b"damaged")
    with pytest.raises(checkpoints.MismatchedWeights):
        checkpoints.load("resnet-ish")


def test_missing_weights_are_an_error_that_says_all_that_can_be_done(folder: Path) -> None:
    with pytest.raises(checkpoints.MissingWeights) as raised:
        checkpoints.load("caps-net")
    message = str(raised.value)
    assert str(folder / "caps-net.safetensors") in message
    for way in ("python -m checkpoints train caps-net", "fetch caps-net --repo USER/NAME", "--hub-repo"):
        assert way in message


def test_an_unknown_net_is_an_error_with_the_list_of_nets(folder: Path) -> None:
    with pytest.raises(architectures.UnknownNet, match=r"caps-net, .*resnet-ish"):
        checkpoints.load("nonesuch")


def test_a_broken_manifest_stops_loading(folder: Path) -> None:
    train("resnet-ish", seed=1)
    (folder / manifest.NAME).write_text("{")
    with pytest.raises(checkpoints.BadManifest, match=r"manifest\.json"):
        checkpoints.load("resnet-ish")


def test_a_folder_that_cannot_be_written_still_serves_its_nets(folder: Path) -> None:
    trained = train("resnet-ish", seed=1)
    (folder / ".manifest.json.lock").unlink(missing_ok=True)
    folder.chmod(0o555)
    try:
        assert same(checkpoints.load("resnet-ish"), trained)
    finally:
        folder.chmod(0o755)


def test_the_least_recently_used_net_leaves_memory_beyond_the_limit() -> None:
    nets = {name: nn.Linear(100, 10) for name in ("a", "b", "c")}
    memory = Memory(limit_bytes=2 * size_of(nets["a"]))
    memory.put("a", 1, nets["a"])
    memory.put("b", 1, nets["b"])
    assert memory.get("a", 1) is nets["a"]
    memory.put("c", 1, nets["c"])
    assert memory.names() == ["a", "c"] and memory.get("b", 1) is None
    gone = weakref.ref(nets.pop("b"))
    gc.collect()
    assert gone() is None


def test_a_net_larger_than_the_limit_is_kept_alone() -> None:
    memory = Memory(limit_bytes=1)
    memory.put("a", 1, nn.Linear(2, 2))
    memory.put("b", 1, nn.Linear(2, 2))
    assert memory.names() == ["b"]


def test_a_net_made_from_other_files_is_not_taken_for_the_new_one() -> None:
    memory = Memory()
    memory.put("a", "before", nn.Linear(2, 2))
    assert memory.get("a", "after") is None


def test_importing_the_package_does_not_wait_for_torch() -> None:
    code = "import sys, checkpoints; sys.exit('torch' in sys.modules or 'huggingface_hub' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


@pytest.fixture
def hub(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A Hub with the weights of resnet-ish in ada/nets; the folder of checkpoints has none."""
    trained = train("resnet-ish", seed=7)
    files = {path.name: path.read_bytes() for path in folder.glob("[!.]*")}
    shutil.rmtree(folder)
    folder.mkdir()
    with serve() as hub:
        hub.take_over(monkeypatch, tmp_path)
        hub.create("ada/nets", **files)
        hub.trained = trained  # type: ignore[attr-defined]
        yield hub


def pinned(hub: LoopbackHub) -> None:
    """The manifest of a clone: the weights are recorded and pinned on the Hub, and are not here."""
    entry = manifest.parse(hub.repository("ada/nets").files[manifest.NAME].decode()).entry("resnet-ish")
    assert entry is not None
    place = manifest.Hub("ada/nets", hub.repository("ada/nets").head.oid)
    with manifest.edit() as edited:
        edited.put("resnet-ish", manifest.replace(entry, hub=place))


def test_missing_weights_come_from_where_the_manifest_pins_them(hub: LoopbackHub, folder: Path) -> None:
    pinned(hub)
    hub.repository("ada/nets").put(**{"resnet-ish.safetensors": b"newer and different"})
    assert same(checkpoints.load("resnet-ish"), hub.trained)  # type: ignore[attr-defined]
    assert not list(folder.glob("*.safetensors"))  # a clone stays as it was; `fetch` puts files in place


def test_missing_weights_come_from_the_repository_that_was_named(hub: LoopbackHub) -> None:
    assert same(checkpoints.load("resnet-ish", hub_repo="ada/nets"), hub.trained)  # type: ignore[attr-defined]


def test_the_hub_is_asked_once(hub: LoopbackHub) -> None:
    net = checkpoints.load("resnet-ish", hub_repo="ada/nets")
    asked = len(hub.requests)
    assert checkpoints.load("resnet-ish", hub_repo="ada/nets") is net
    assert len(hub.requests) == asked


@pytest.mark.parametrize("hub_repo", [None, "ada/nets"])
def test_what_was_fetched_once_is_there_without_the_hub(
    hub: LoopbackHub, monkeypatch: pytest.MonkeyPatch, hub_repo: str | None
) -> None:
    if hub_repo is None:
        pinned(hub)
    checkpoints.load("resnet-ish", hub_repo=hub_repo)
    checkpoints.held.clear()
    monkeypatch.setattr(checkpoints, "_fetched", {})  # as in a new process
    hub.faults.status = 503
    asked = len(hub.requests)
    assert same(checkpoints.load("resnet-ish", hub_repo=hub_repo), hub.trained)  # type: ignore[attr-defined]
    assert not [request for request in hub.requests[asked:] if "resolve" in request]


def test_weights_here_need_no_hub(hub: LoopbackHub) -> None:
    trained = train("resnet-ish", seed=8)
    hub.faults.status = 503
    assert same(checkpoints.load("resnet-ish", hub_repo="ada/nets"), trained)
    assert not [request for request in hub.requests if "/ada/" in request]


def test_corrupted_weights_from_the_hub_are_never_used(hub: LoopbackHub) -> None:
    pinned(hub)
    hub.faults.corrupt = True
    with pytest.raises(checkpoints.MismatchedWeights, match=r"resnet-ish\.safetensors of ada/nets"):
        checkpoints.load("resnet-ish")
    hub.faults.corrupt = False
    assert same(checkpoints.load("resnet-ish"), hub.trained)  # type: ignore[attr-defined]


def test_offline_says_how_to_go_on(hub: LoopbackHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pinned(hub)
    with serve() as gone:
        pass
    gone.take_over(monkeypatch, tmp_path)
    with pytest.raises(checkpoints.Offline) as raised:
        checkpoints.load("resnet-ish")
    message = str(raised.value)
    assert "resnet-ish.safetensors of ada/nets" in message and "Internet" in message
    assert "python -m checkpoints train resnet-ish" in message


def test_every_committed_net_loads_and_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    from architectures.contract import ask

    monkeypatch.delenv("CHECKPOINTS_DIR", raising=False)
    checkpoints.held.clear()
    recorded = [name for name in architectures.names() if manifest.read().entry(name)]
    if not recorded:
        pytest.skip("no weights are recorded in checkpoints/manifest.json")
    for name in recorded:
        net = checkpoints.load(name)
        x = torch.zeros(2, 1, 28, 28, device=checkpoints.device())
        with torch.no_grad():
            assert ask(net, x, name).scores.shape == (2, 10)
