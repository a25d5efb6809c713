"""Train a small net with fastai, and keep what learn.save writes: weights beside an optimiser."""

from pathlib import Path

import torch
from fastai.basics import CrossEntropyLossFlat, DataLoaders, Learner
from make_keras import mnist
from torch import nn


def main() -> None:
    torch.manual_seed(0)
    (x, y), (x_test, y_test) = ((torch.tensor(x).permute(0, 3, 1, 2), torch.tensor(y).long()) for x, y in mnist())
    loaders = DataLoaders.from_dsets(
        list(zip(x, y, strict=True)), list(zip(x_test, y_test, strict=True)), bs=64, device="cpu"
    )
    net = nn.Sequential(
        nn.Conv2d(1, 8, 5, 2), nn.BatchNorm2d(8), nn.ReLU(),
        nn.Conv2d(8, 12, 3, 2), nn.ReLU(), nn.Flatten(), nn.Linear(300, 10),
    )  # fmt: skip
    learn = Learner(loaders, net, loss_func=CrossEntropyLossFlat())
    learn.path = learn.model_dir = Path(__file__).resolve().parent
    learn.fit(1, 2e-3)
    learn.save("fastai")
    net.eval()
    with torch.no_grad():
        print("correct of 10,000:", int((net(x_test).argmax(dim=1) == y_test).sum()))


if __name__ == "__main__":
    main()
