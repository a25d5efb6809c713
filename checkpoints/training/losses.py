"""What training makes small: cross entropy for logits, margin loss and reconstruction for capsules."""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional

from architectures.card import Recipe
from architectures.contract import DIGITS, Answer

RECONSTRUCTION_SCALE = 0.392  # 0.0005 x the sum over 784 pixels = 0.392 x their mean (Sabour 2017, section 4.1)


def loss_of(answer: Answer, x: Tensor, labels: Tensor, recipe: Recipe) -> Tensor:
    """Cross entropy for logits; margin loss and reconstruction for capsules (Sabour 2017, eq. 4 and section 4.1)."""
    if answer.capsules is None:
        return functional.cross_entropy(answer.scores.float(), labels, label_smoothing=recipe.smoothing)
    loss = margin_loss(answer.scores.float(), labels)
    if answer.capsules.decode is not None and recipe.reconstruction:
        decoded = answer.capsules.decode(answer.capsules.poses.float(), labels)
        loss = loss + recipe.reconstruction * RECONSTRUCTION_SCALE * functional.mse_loss(decoded.float(), x)
    return loss


def margin_loss(lengths: Tensor, labels: Tensor) -> Tensor:
    """Mean over the batch of the sum over the digits (Sabour 2017, eq. 4: m+ = 0.9, m- = 0.1, lambda = 0.5)."""
    present = functional.one_hot(labels, DIGITS).to(lengths.dtype)
    too_short = (0.9 - lengths).clamp_min(0).square()
    too_long = (lengths - 0.1).clamp_min(0).square()
    return (present * too_short + 0.5 * (1 - present) * too_long).sum(dim=1).mean()
