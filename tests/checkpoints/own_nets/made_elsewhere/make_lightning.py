"""Train a small net with PyTorch Lightning, and keep the checkpoint that its ModelCheckpoint callback writes."""

from pathlib import Path

import pytorch_lightning as lightning
import torch
from make_keras import mnist
from torch import nn


def layers():
    return nn.Sequential(
        nn.Conv2d(1, 8, 5, 2), nn.ReLU(), nn.Conv2d(8, 12, 3, 2), nn.ReLU(), nn.Flatten(), nn.Linear(300, 10)
    )


class Digits(lightning.LightningModule):
    def __init__(self, rate=2e-3):
        super().__init__()
        self.save_hyperparameters()
        self.model = layers()

    def forward(self, x):
        return self.model(x)

    def training_step(self, batch, _number):
        x, labels = batch
        return nn.functional.cross_entropy(self(x), labels)

    def configure_optimizers(self):
        return torch.optim.Adam(self.parameters(), self.hparams.rate)


def main() -> None:
    torch.manual_seed(0)
    (x, y), (x_test, y_test) = (
        ((torch.tensor(x).permute(0, 3, 1, 2) - 0.1307) / 0.3081, torch.tensor(y).long()) for x, y in mnist()
    )
    digits = torch.utils.data.TensorDataset(x, y)
    here = Path(__file__).resolve().parent
    kept = lightning.callbacks.ModelCheckpoint(dirpath=here, filename="lightning", enable_version_counter=False)
    trainer = lightning.Trainer(max_epochs=1, accelerator="cpu", logger=False, callbacks=[kept])
    net = Digits()
    trainer.fit(net, torch.utils.data.DataLoader(digits, 64, shuffle=True))
    net.eval()
    with torch.no_grad():
        print("correct of 10,000:", int((net(x_test).argmax(dim=1) == y_test).sum()))


if __name__ == "__main__":
    main()
