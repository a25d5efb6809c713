"""lenet-like: 326,410 trainable parameters, a LeNet-5 grown up.

Source: Chris Deotte, Kaggle notebook "25 Million Images! [0.99757] MNIST" (2018): one of its fifteen nets. Mean
test error of a hundred such nets 0.359 %, best 0.19 %, all fifteen together 0.255 %.
Departures: training uses this project's recipe; the initialisation is Glorot's uniform, as Keras does by default.
"""

from __future__ import annotations

from torch import Tensor, nn

from architectures.card import Augmentation, Card, Recipe

CHANNELS_LAST = True  # in memory: faster convolutions, see checkpoints.store.layout

CARD = Card(
    title="lenet-like",
    authors="Chris Deotte",
    year=2018,
    source="https://www.kaggle.com/code/cdeotte/25-million-images-0-99757-mnist",
    summary="Seven convolutions, two of them with stride 2 in the place of pooling, and dropout.",
    departures=("this project's recipe instead of the notebook's",),
    published_error_percent=0.359,
    published_conditions="mean of 100 single nets; the best one 0.19 %",
)

RECIPE = Recipe(
    epochs=12,
    peak_rate=3e-3,
    weight_decay=1e-2,
    smoothing=0.02,
    augmentation=Augmentation(rotation_deg=15, shear_deg=8, zoom=0.15, shift_px=2.8),
)


def unit(inputs: int, outputs: int, kernel: int, stride: int = 1, padding: int = 0) -> nn.Sequential:
    """Convolution -> ReLU -> batch norm, in the notebook's order."""
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, kernel, stride=stride, padding=padding),
        nn.ReLU(inplace=True),
        nn.BatchNorm2d(outputs, momentum=0.01, eps=1e-3),  # Keras' defaults, which the notebook keeps
    )


class LenetLike(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.features = nn.Sequential(
            unit(1, 32, 3),  # (B, 32, 26, 26)
            unit(32, 32, 3),  # (B, 32, 24, 24)
            unit(32, 32, 5, stride=2, padding=2),  # (B, 32, 12, 12)
            nn.Dropout(0.4),
            unit(32, 64, 3),  # (B, 64, 10, 10)
            unit(64, 64, 3),  # (B, 64, 8, 8)
            unit(64, 64, 5, stride=2, padding=2),  # (B, 64, 4, 4)
            nn.Dropout(0.4),
            unit(64, 128, 4),  # (B, 128, 1, 1)
            nn.Flatten(),
            nn.Dropout(0.4),
        )
        self.classify = nn.Linear(128, 10)
        for layer in self.modules():
            if isinstance(layer, nn.Conv2d | nn.Linear):
                nn.init.xavier_uniform_(layer.weight)
                assert layer.bias is not None
                nn.init.zeros_(layer.bias)

    def forward(self, x: Tensor) -> Tensor:
        """Logits (B, 10) of x (B, 1, 28, 28) in [0, 1]."""
        return self.classify(self.features(x))


def return_model() -> nn.Module:
    return LenetLike()
