"""The folder is the registry."""

import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch
from torch import nn

import architectures


def test_the_four_nets_are_there():
    assert {"caps-net", "efficient-caps-net", "lenet-like", "resnet-ish"} <= set(architectures.names())
    assert architectures.names() == sorted(architectures.names())


@pytest.mark.parametrize(("name", "count"), [("resnet-ish", 41_132), ("lenet-like", 326_410)])
def test_a_net_has_as_many_trainable_parameters_as_its_source(name, count):
    net = architectures.build(name)
    assert sum(p.numel() for p in net.parameters() if p.requires_grad) == count


def test_hyphens_and_underscores_are_both_accepted():
    assert type(architectures.build("caps_net")).__name__ == type(architectures.build("caps-net")).__name__


def test_an_unknown_net_is_an_error_that_lists_those_there_are():
    with pytest.raises(architectures.UnknownNet, match=r"no net called .vgg.; there are .*caps-net.*resnet-ish"):
        architectures.build("vgg")


def test_the_parts_of_the_contract_are_no_nets():
    assert not {"contract", "card", "mnist-like", "--init--"} & set(architectures.names())


def test_a_path_is_not_a_name():
    for name in ("../tests/conftest", "contract", "", "."):
        with pytest.raises(architectures.UnknownNet):
            architectures.build(name)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(architectures, "FOLDER", tmp_path)
    return tmp_path


LINEAR = "from torch import nn\ndef return_model():\n    return nn.Sequential(nn.Flatten(), nn.Linear(784, 10))\n"


def test_a_new_file_is_a_new_net_at_once_and_a_changed_one_a_changed_net(folder):
    assert architectures.names() == []
    path = folder / "my-net.py"
    path.write_text(LINEAR)
    assert architectures.names() == ["my-net"]
    assert isinstance(architectures.build("my_net"), nn.Sequential)
    path.write_text(LINEAR.replace("nn.Flatten()", "nn.Flatten(), nn.Identity()"))
    assert len(architectures.build("my-net")) == 3


def test_a_net_is_imported_once_and_whole_however_many_ask_for_it_at_once(folder):
    (folder / "slow_net.py").write_text(f"import time\ntime.sleep(0.3)\n{LINEAR}PART = 1\n")
    (folder / "borrower.py").write_text(f"from architectures.slow_net import PART\n{LINEAR}")
    sys.modules["architectures"].__path__.append(str(folder))
    try:
        with ThreadPoolExecutor(4) as pool:
            found = list(pool.map(architectures.module, ["slow-net", "borrower", "slow-net", "slow-net"]))
    finally:
        sys.modules["architectures"].__path__.remove(str(folder))
    assert found[1].PART == 1
    assert found[0] is found[2] is found[3]


def test_naming_the_nets_imports_none_of_them(folder):
    (folder / "broken.py").write_text("raise SystemError('imported')\ndef return_model(): ...\n")
    assert architectures.names() == ["broken"]
    with pytest.raises(architectures.BadArchitecture, match=r"broken\.py fails when it is imported: SystemError"):
        architectures.build("broken")


def test_a_file_without_return_model_says_so(folder):
    (folder / "mine.py").write_text("x = 1\n")
    with pytest.raises(architectures.BadArchitecture, match=r"mine\.py defines no return_model\(\)"):
        architectures.build("mine")


def test_a_helper_that_defines_no_return_model_is_no_net(folder):
    (folder / "layers.py").write_text("WIDTH = 3\n")
    (folder / "mine.py").write_text(LINEAR)
    assert architectures.names() == ["mine"]


def test_a_folder_with_return_model_is_a_net_and_an_edit_of_any_of_its_files_is_seen(folder):
    (folder / "my_net").mkdir()
    (folder / "my_net" / "layers.py").write_text("OUT = 10\n")
    (folder / "my_net" / "__init__.py").write_text(f"from .layers import OUT\n{LINEAR.replace('10', 'OUT')}")
    assert architectures.names() == ["my-net"]
    assert architectures.build("my-net")[1].out_features == 10
    (folder / "my_net" / "layers.py").write_text("OUT = 20 + 1\n")
    assert architectures.build("my-net")[1].out_features == 21


def test_a_return_model_that_returns_no_net_says_so(folder):
    (folder / "mine.py").write_text("def return_model():\n    return {'weights': 1}\n")
    with pytest.raises(architectures.BadArchitecture, match=r"returned a dict, not an nn\.Module"):
        architectures.build("mine")


def test_resnet_ish_normalises_inside_itself():
    net = architectures.build("resnet-ish").eval()
    assert {"mean", "std"} <= set(net.state_dict())
    with torch.inference_mode():
        assert net(torch.full((1, 1, 28, 28), 0.1307)).shape == (1, 10)


def test_resnet_ish_goes_from_14_to_1_in_five_strides():
    net = architectures.build("resnet-ish").eval()
    sides, x = [], torch.zeros(1, 1, 28, 28)
    for stage in net.stages[:-1]:
        x = stage(x)
        sides.append(x.shape[-1])
    assert sides == [14, 14, 7, 7, 4, 4, 2, 2, 1]
