"""TorchScript files: layers and weights in one, run by torch's own interpreter, without Python."""

from __future__ import annotations

import re
import warnings
import zipfile
from pathlib import Path

import torch
from torch import Tensor, nn

from checkpoints.errors import UnreadableWeights
from checkpoints.sample_digits import sample_digits

# an interpreted program cannot import Python, but some operators reach files, and plug-ins may do anything
FILES = r"\b(?:torch|ops\.\w+)\.(?:from_file|save|load|_save|_load)\b"
PLUG_INS = r"\bops\.(?!prim\b|aten\b|quantized\b)\w+\.\w+"
REACHES_OUT = re.compile(f"{FILES}|{PLUG_INS}")
SAME_WITHIN = 1e-4
CODE_NEEDED = "its layers cannot be kept without its code: give that with --architecture FILE.py"


class TorchScriptNet(nn.Module):
    """A program read from a file, as a net like the others."""

    def __init__(self, program: torch.jit.ScriptModule) -> None:
        super().__init__()
        self.program = program

    def forward(self, x: Tensor) -> Tensor:
        """Whatever the program answers to x; what it was trained on is `INPUT`'s matter."""
        return self.program(x)


def read(path: Path, *, trust: bool = False) -> nn.Module:
    """The net in the TorchScript file at `path`, in float32; raises UnreadableWeights.

    A program that calls operators which read or write files, or which come from a plug-in, needs trust.
    """
    reaching = calls(path)
    if reaching and not trust:
        raise UnreadableWeights(f"{path} calls {', '.join(reaching)}, which reach outside the net: it is not run")
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "`torch.jit", DeprecationWarning)
            program = torch.jit.load(path, map_location="cpu")
    except (RuntimeError, ValueError) as error:
        raise UnreadableWeights(f"{path} is cut short, corrupt or too new ({str(error).splitlines()[0]})") from error
    return TorchScriptNet(program.float())


def calls(path: Path) -> list[str]:
    """Operators that the program's code calls and that reach outside the net, sorted."""
    found: set[str] = set()
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            if "/code/" in name and name.endswith(".py"):
                found.update(REACHES_OUT.findall(archive.read(name).decode("utf-8", "replace")))
    return sorted(found)


def write(net: nn.Module, path: Path, x: Tensor) -> None:
    """Save `net`, in eval mode, as TorchScript traced on x; raises UnreadableWeights when that changes its answers."""
    net = net.float().eval()
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")  # tracing warns of every Python branch; what matters is compared below
        try:
            program = torch.jit.trace(net, x[:3])
            program.save(str(path))
            same = all(torch.allclose(program(part), net(part), atol=SAME_WITHIN) for part in (x[:1], x[3:10]))
        except (RuntimeError, TypeError, ValueError) as error:
            raise UnreadableWeights(f"{CODE_NEEDED} ({str(error).splitlines()[0]})") from error
    if not same:
        raise UnreadableWeights(f"{CODE_NEEDED}: what it does depends on the images it is given")


def sample_input() -> Tensor:
    """Ten digits (10, 1, 28, 28) to trace a net on."""
    return sample_digits(10)[0]
