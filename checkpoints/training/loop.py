"""The loop of a training run: resumable at any moment, to the same weights as a run that was never stopped."""

from __future__ import annotations

import json
import os
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from torch import Tensor, nn
from tqdm import tqdm

import architectures
from architectures.card import Recipe
from architectures.contract import as_answer
from checkpoints.errors import Refused
from checkpoints.formats import reading
from checkpoints.store import manifest, naming
from checkpoints.store.layout import laid_out
from checkpoints.training import curves, fourier
from checkpoints.training.data import as_input, mnist
from checkpoints.training.drawings import rounds
from checkpoints.training.step import Learner, Lessons
from checkpoints.training.workers import Workers

VALIDATION_DRAWN = 10_000  # validation digits among MNIST's first so many, 833, are drawn by the living pen
History = list[dict[str, float]]


@dataclass
class Run:
    """One training run of a net: what it was asked for, and where it stands."""

    name: str
    recipe: Recipe
    seed: int
    images: int | None  # only those of MNIST's first so many
    data: Path | None
    folder: Path
    save_every_s: float = 60.0
    training: str | None = None  # "mnist-only": the net's baseline
    start: Path | None = None  # weights to begin with; None: random ones
    changes: tuple[str, ...] = ()  # KEY=VALUE of an ablation

    @property
    def state(self) -> Path:
        return self.folder / "state.pt"

    @property
    def command(self) -> str:
        """The command that repeats this run."""
        words = ["python -m checkpoints train", self.name, f"--seed {self.seed}", f"--epochs {self.recipe.epochs}"]
        if self.recipe.rounds != Recipe(epochs=1).rounds:
            words.append(f"--rounds {self.recipe.rounds}")
        if self.images is not None:
            words.append(f"--images {self.images}")
        if self.training is not None:
            words.append(f"--{self.training}")
        if self.start is not None:
            words.append(f"--from {self.start.name} --warm-restart {self.recipe.peak_rate:g}")
        if self.changes:
            words.append("--ablate " + " ".join(self.changes))
        return " ".join(words)


def train(run: Run) -> tuple[dict[str, Tensor] | None, History]:
    """The averaged weights, on the CPU, and a record of each epoch; no weights for the helpers of a `torchrun`.

    Ctrl+C saves the state and raises KeyboardInterrupt.
    """
    fourier.keep_memory()
    with Workers() as workers:
        torch.manual_seed(run.seed)
        net = architectures.build(run.name) if run.start is None else reading.load_net(run.name, run.start)
        net = laid_out(run.name, net).to(workers.device)
        if workers.device.type == "cpu":
            net = fourier.accelerate(net)
        trainer = Trainer(run, net, workers)
        trainer.resume()
        trainer.go()
        if not workers.first:
            return None, trainer.history
        averaged = trainer.learner.average.state_dict()
        return {key: value.detach().cpu().contiguous() for key, value in averaged.items()}, trainer.history


def lessons(run: Run) -> Lessons:
    """What the net of a run learns from; a baseline's drawings are MNIST's own grey."""
    images, labels = mnist("train", run.data, run.images)
    count = min(run.recipe.rounds, run.recipe.epochs)
    drawings = rounds("train", count, pen=run.training != naming.MNIST_ONLY, folder=run.data, first=run.images)
    return Lessons(images, labels, drawings)


class Trainer:
    """The loop over epochs, and all that must be saved to go on with it."""

    def __init__(self, run: Run, net: nn.Module, workers: Workers) -> None:
        self.run, self.workers = run, workers
        self.validation = mnist("validation", run.data)
        _, drawn_labels = mnist("validation", run.data, VALIDATION_DRAWN)
        drawn = rounds("validation", 1, pen=True, folder=run.data, first=VALIDATION_DRAWN)[0]
        self.validation_drawn = drawn.transpose(0, 1).flatten(0, 1), drawn_labels.repeat(2)
        held = lessons(run)
        self.steps_per_epoch = max(1, len(held) // run.recipe.batch)
        parallel = workers.wrap(net)
        self.learner = Learner(
            net,
            run.recipe,
            held,
            run.recipe.epochs * self.steps_per_epoch,
            parallel=None if parallel is net else parallel,
            precision=workers.autocast(),
        )
        self.seconds = 0.0  # spent in the epoch under way, over all resumptions
        self.history: History = []

    @property
    def epochs_done(self) -> int:
        return self.learner.done // self.steps_per_epoch

    def go(self) -> None:
        try:
            while True:
                if len(self.history) < self.epochs_done:
                    self._end_epoch()
                elif self.epochs_done < self.run.recipe.epochs:
                    self._epoch(self.epochs_done)
                    self.save()
                else:
                    return
        except KeyboardInterrupt:
            self.save()
            print(f"stopped after {self.learner.done} steps and saved; the same command goes on from here")
            raise

    def _epoch(self, epoch: int) -> None:
        """The rest of an epoch; the randomness of a step follows from its number."""
        order = torch.randperm(len(self.learner.lessons), generator=_generator(self.run.seed, epoch))
        batch = self.run.recipe.batch
        first = self.learner.done % self.steps_per_epoch
        began = saved = time.monotonic()
        with self._progress(epoch, first) as bar:
            for step in range(first, self.steps_per_epoch):
                torch.manual_seed(_mix(self.run.seed, 1 + self.learner.done, self.workers.rank))
                self.learner.step(order[step * batch : (step + 1) * batch][self.workers.part], epoch)
                bar.update()
                now = time.monotonic()
                self.seconds, began = self.seconds + now - began, now
                if now - saved > self.run.save_every_s:
                    self.save()
                    saved = began = time.monotonic()

    def _end_epoch(self) -> None:
        clean, pen = self.validate()
        epoch = len(self.history) + 1
        self.history.append(
            {
                "epoch": epoch,
                "loss": self.learner.mean_loss(),
                "validation_accuracy": clean,
                "validation_accuracy_pen": pen,
                "seconds": round(self.seconds, 3),
            }
        )
        self.seconds = 0.0
        self.save()
        if self.workers.first:
            (self.run.folder / "history.json").write_text(json.dumps(self.history, indent=1))
            curves.draw(self.history, self.run.folder / "curves.png", title=self.run.name)

    def _progress(self, epoch: int, first: int) -> tqdm:
        bar = tqdm(
            total=self.steps_per_epoch,
            initial=first,
            desc=f"{self.run.name} {epoch + 1}/{self.run.recipe.epochs}",
            disable=not self.workers.first,
            mininterval=1.0,
        )
        if self.history:
            last = self.history[-1]
            bar.set_postfix(loss=f"{last['loss']:.4f}", validation=f"{last['validation_accuracy']:.2%}", refresh=False)
        return bar

    def validate(self) -> tuple[float, float]:
        """Accuracy of the averaged weights on validation digits: MNIST's own, and drawn by the living pen."""
        return self._accuracy(*self.validation), self._accuracy(*self.validation_drawn)

    @torch.inference_mode()
    def _accuracy(self, images: Tensor, labels: Tensor) -> float:
        device, correct = self.learner.device, 0
        for some, truth in zip(images.split(500), labels.split(500), strict=True):
            answer = as_answer(self.learner.average(as_input(some).to(device)), len(some), self.run.name)
            correct += int((answer.digit.cpu() == truth).sum())
        return correct / len(labels)

    def save(self) -> None:
        """Write all that is needed to go on, at once or not at all."""
        if not self.workers.first:
            return
        self.run.folder.mkdir(parents=True, exist_ok=True)
        state = {
            "asked": self._asked(),
            "learner": self.learner.state(),
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
        state = torch.load(self.run.state, weights_only=True, map_location=self.learner.device)
        if state["asked"] != self._asked():
            raise Refused(f"{self.run.state} belongs to another run ({state['asked']}): give --fresh to start anew")
        self.learner.go_on_from(state["learner"])
        self.seconds, self.history = state["seconds"], state["history"]

    def _asked(self) -> str:
        start = [] if self.run.start is None else [manifest.sha256_of(self.run.start)]
        return json.dumps(
            [self.run.name, self.run.training, asdict(self.run.recipe), self.run.seed, self.run.images, *start]
        )


def _generator(*numbers: int) -> torch.Generator:
    return torch.Generator().manual_seed(_mix(*numbers))


def _mix(*numbers: int) -> int:
    """One seed from several numbers."""
    mixed = 0
    for number in numbers:
        mixed = (mixed * 6364136223846793005 + number + 1442695040888963407) % 2**63
    return mixed
