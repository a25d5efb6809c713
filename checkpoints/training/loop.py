"""The loop of a training run: resumable at any step, to the same weights as a run that was never stopped."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel
from tqdm import tqdm

import architectures
from architectures.card import Recipe
from architectures.contract import as_answer
from checkpoints.errors import Refused
from checkpoints.formats import reading
from checkpoints.store import manifest
from checkpoints.store.layout import channels_last
from checkpoints.training import curves, fourier
from checkpoints.training.augmentation import augment, simulated_pen
from checkpoints.training.data import as_input, mnist
from checkpoints.training.losses import loss_of
from checkpoints.training.workers import Workers

PEN_SEED = 7


@dataclass
class Run:
    """One training run of a net: what it was asked for, and where it stands."""

    name: str
    recipe: Recipe
    seed: int
    images: int | None
    data: Path | None
    folder: Path
    save_every_s: float = 60.0
    control: str | None = None  # "mnist-only", say: trained otherwise, to be compared with
    start: Path | None = None  # weights that one more cycle begins with; None: random ones
    changes: tuple[str, ...] = ()  # KEY=VALUE of a trial

    @property
    def state(self) -> Path:
        return self.folder / "state.pt"

    @property
    def command(self) -> str:
        """The command that repeats this run."""
        words = ["python -m checkpoints train", self.name, f"--seed {self.seed}", f"--epochs {self.recipe.epochs}"]
        if self.images is not None:
            words.append(f"--images {self.images}")
        if self.control is not None:
            words.append(f"--{self.control}")
        if self.start is not None:
            words.append(f"--again {self.recipe.peak_rate:g}")
        if self.changes:
            words.append("--with " + " ".join(self.changes))
        return " ".join(words)


def train(run: Run) -> tuple[dict[str, Tensor] | None, list[dict[str, float]]]:
    """The averaged weights, on the CPU, and a record of each epoch; no weights for the helpers of a `torchrun`.

    Ctrl+C saves the state and raises KeyboardInterrupt.
    """
    fourier.keep_memory()
    with Workers() as workers:
        torch.manual_seed(run.seed)
        begun = architectures.build(run.name) if run.start is None else reading.load_net(run.name, run.start)
        net = channels_last(begun.train()).to(workers.device)
        if workers.device.type == "cpu":
            net = fourier.accelerate(net)
        trainer = Trainer(run, net, workers)
        trainer.resume()
        trainer.go()
        if not workers.first:
            return None, trainer.history
        averaged = trainer.average.module.state_dict()
        return {key: value.detach().cpu().contiguous() for key, value in averaged.items()}, trainer.history


class Trainer:
    """The loop over steps, and all that must be saved to go on with it."""

    def __init__(self, run: Run, net: nn.Module, workers: Workers) -> None:
        self.run, self.net, self.workers = run, net, workers
        recipe = run.recipe
        images, labels = mnist("train", run.data)
        self.images, self.labels = images[: run.images], labels[: run.images]
        self.validation = mnist("validation", run.data)
        self.steps_per_epoch = max(1, len(self.labels) // recipe.batch)
        self.optimizer = torch.optim.AdamW(_groups(net, recipe.weight_decay), lr=recipe.peak_rate)
        steps = recipe.epochs * self.steps_per_epoch + 1
        self.schedule = torch.optim.lr_scheduler.OneCycleLR(
            self.optimizer,
            max_lr=recipe.peak_rate,
            total_steps=steps,
            pct_start=max(0.2, 2 / steps),  # a warm-up of a single step would be divided by its length of zero
            final_div_factor=1000.0,
        )
        self.average = AveragedModel(net, multi_avg_fn=_moving_average(recipe.average), use_buffers=True)
        self.parallel = workers.wrap(net)
        self.step = 0
        self.seconds = 0.0  # spent in the epoch under way, over all resumptions
        self.history: list[dict[str, float]] = []

    def go(self) -> None:
        saved = time.monotonic()
        try:
            for epoch in range(self.step // self.steps_per_epoch, self.run.recipe.epochs):
                began, losses = time.monotonic(), 0.0
                with self._progress(epoch) as bar:
                    for done, (x, labels) in enumerate(self._batches(epoch), start=1):
                        losses += self._train_on(x, labels)
                        self.step += 1
                        bar.set_postfix(loss=f"{losses / done:.4f}", **self._last_validation(), refresh=False)
                        bar.update()
                        if time.monotonic() - saved > self.run.save_every_s:
                            self.seconds += time.monotonic() - began
                            self.save()
                            saved = began = time.monotonic()
                self.seconds += time.monotonic() - began
                self._end_epoch(epoch, losses / max(1, done))
        except KeyboardInterrupt:
            self.save()
            print(f"stopped after {self.step} steps and saved; the same command goes on from here")
            raise

    def _end_epoch(self, epoch: int, loss: float) -> None:
        clean, pen = self.validate()
        self.history.append(
            {
                "epoch": epoch + 1,
                "loss": loss,
                "validation_accuracy": clean,
                "validation_accuracy_pen": pen,
                "seconds": self.seconds,
            }
        )
        self.seconds = 0.0
        self.save()
        if self.workers.first:
            (self.run.folder / "history.json").write_text(json.dumps(self.history, indent=1))
            curves.draw(self.history, self.run.folder / "curves.png", title=self.run.name)

    def _progress(self, epoch: int) -> tqdm:
        return tqdm(
            total=self.steps_per_epoch,
            initial=self.step % self.steps_per_epoch,
            desc=f"{self.run.name} {epoch + 1}/{self.run.recipe.epochs}",
            disable=not self.workers.first,
            mininterval=1.0,
        )

    def _last_validation(self) -> dict[str, str]:
        return {"validation": f"{self.history[-1]['validation_accuracy']:.2%}"} if self.history else {}

    def _batches(self, epoch: int) -> Iterator[tuple[Tensor, Tensor]]:
        """The rest of an epoch's batches, this worker's part of each; a step's randomness follows from its number."""
        order = torch.randperm(len(self.labels), generator=torch.Generator().manual_seed(_mix(self.run.seed, epoch)))
        batch = self.run.recipe.batch
        for step in range(self.step % self.steps_per_epoch, self.steps_per_epoch):
            chosen = order[step * batch : (step + 1) * batch][self.workers.part]
            torch.manual_seed(_mix(self.run.seed, 1 + self.step, self.workers.rank))
            x = as_input(self.images[chosen]).to(self.workers.device)
            yield augment(x, self.run.recipe.augmentation), self.labels[chosen].to(self.workers.device)

    def _train_on(self, x: Tensor, labels: Tensor) -> float:
        self.parallel.train()
        with self.workers.autocast():
            returned = self.parallel(x)
        loss = loss_of(as_answer(returned, len(x), self.run.name), x, labels, self.run.recipe)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        self.optimizer.step()
        self.schedule.step()
        self.average.update_parameters(self.net)
        return float(loss.detach())

    @torch.inference_mode()
    def validate(self) -> tuple[float, float]:
        """Accuracy of the averaged weights on the validation images, clean and under the simulated pen."""
        net = self.average.module.eval()
        images, labels = self.validation
        pen = torch.Generator().manual_seed(PEN_SEED)
        right_clean = right_pen = 0
        for some, truth in zip(images.split(500), labels.split(500), strict=True):
            x = as_input(some)
            drawn = simulated_pen(x, 1.0, pen)
            right_clean += int((as_answer(net(x.to(self.workers.device)), len(x)).digit.cpu() == truth).sum())
            right_pen += int((as_answer(net(drawn.to(self.workers.device)), len(x)).digit.cpu() == truth).sum())
        return right_clean / len(labels), right_pen / len(labels)

    def save(self) -> None:
        """Write all that is needed to go on, at once or not at all."""
        if not self.workers.first:
            return
        self.run.folder.mkdir(parents=True, exist_ok=True)
        state = {
            "asked": self._asked(),
            "net": self.net.state_dict(),
            "average": self.average.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "schedule": self.schedule.state_dict(),
            "step": self.step,
            "seconds": self.seconds,
            "history": self.history,
        }
        temporary = self.run.state.with_suffix(".tmp")
        with temporary.open("wb") as file:
            torch.save(state, file)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(self.run.state)

    def resume(self) -> None:
        """Go on from the saved state, if there is one of the same run."""
        if not self.run.state.is_file():
            return
        state = torch.load(self.run.state, weights_only=True, map_location=self.workers.device)
        if state["asked"] != self._asked():
            raise Refused(f"{self.run.state} belongs to another run ({state['asked']}): give --fresh to start anew")
        self.net.load_state_dict(state["net"])
        self.average.load_state_dict(state["average"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.schedule.load_state_dict(state["schedule"])
        self.step, self.seconds, self.history = state["step"], state["seconds"], state["history"]

    def _asked(self) -> str:
        start = [] if self.run.start is None else [manifest.sha256_of(self.run.start)]
        return json.dumps([self.run.name, asdict(self.run.recipe), self.run.seed, self.run.images, *start])


def _moving_average(decay: float) -> Callable[[Sequence[Tensor], Sequence[Tensor], Tensor | int], None]:
    """Exponential moving average whose decay grows to `decay`, so that the first steps are soon forgotten."""

    @torch.no_grad()
    def update(averaged: Sequence[Tensor], current: Sequence[Tensor], steps: Tensor | int) -> None:
        weight = 1 - min(decay, (1 + float(steps)) / (10 + float(steps)))
        for old, new in zip(averaged, current, strict=True):
            if old.is_floating_point():
                old.lerp_(new, weight)
            else:
                old.copy_(new)

    return update


def _groups(net: nn.Module, weight_decay: float) -> list[dict[str, object]]:
    """Parameters of matrices and kernels are decayed, biases and norms are not."""
    matrices = [p for p in net.parameters() if p.ndim > 1]
    vectors = [p for p in net.parameters() if p.ndim <= 1]
    groups = [{"params": matrices, "weight_decay": weight_decay}, {"params": vectors, "weight_decay": 0.0}]
    return [group for group in groups if group["params"]]


def _mix(*numbers: int) -> int:
    """One seed from several numbers."""
    mixed = 0
    for number in numbers:
        mixed = (mixed * 6364136223846793005 + number + 1442695040888963407) % 2**63
    return mixed
