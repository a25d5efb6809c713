"""Every net in the folder, asked unasked: a new file in architectures/ is tested without a change here."""

import pytest
import torch
from torch import nn

import architectures
from architectures.contract import Answer, BadAnswer, BadInput, Capsules, ask
from architectures.in_its_file import InItsFile


@pytest.fixture(scope="module")
def images() -> torch.Tensor:
    return torch.rand(7, 1, 28, 28, generator=torch.Generator().manual_seed(3))


@pytest.fixture(scope="module", params=architectures.names())
def net(request) -> nn.Module:
    torch.manual_seed(0)
    if isinstance(architectures.build_bare(request.param), InItsFile):
        pytest.skip(f"the layers of {request.param} are in its file of weights: TorchScript or ONNX")
    built = architectures.build(request.param)
    built.named = request.param
    return built.eval()


def test_a_net_answers_every_image_with_ten_finite_scores(net, images):
    answer = ask(net, images, net.named)
    assert answer.scores.shape == (7, 10)
    assert answer.probabilities.shape == (7, 10)
    assert ((answer.probabilities >= 0) & (answer.probabilities <= 1)).all()
    assert answer.digit.shape == (7,)


def test_probabilities_mean_what_they_say(net, images):
    answer = ask(net, images, net.named)
    if answer.meaning == "softmax":
        torch.testing.assert_close(answer.probabilities.sum(dim=1), torch.ones(7))
    else:
        assert (answer.probabilities < 1).all()
        torch.testing.assert_close(answer.probabilities, answer.capsules.poses.norm(dim=2), atol=1e-5, rtol=1e-4)


def test_an_image_alone_is_answered_like_the_same_image_in_a_batch_of_seven(net, images):
    together = ask(net, images, net.named).scores
    alone = torch.cat([ask(net, image[None], net.named).scores for image in images])
    torch.testing.assert_close(alone, together, atol=1e-5, rtol=1e-5)


def test_black_and_white_images_are_answered_too(net):
    for x in (torch.zeros(1, 1, 28, 28), torch.ones(1, 1, 28, 28)):
        assert torch.isfinite(ask(net, x, net.named).scores).all()


def test_a_net_does_not_change_what_it_is_fed(net, images):
    before = images.clone()
    ask(net, images, net.named)
    assert torch.equal(before, images)


def test_a_net_keeps_its_gradient_finite_on_a_black_image(net):
    x = torch.zeros(2, 1, 28, 28, requires_grad=True)
    answer = ask(net, x, net.named)
    answer.scores.square().sum().backward()
    assert torch.isfinite(x.grad).all()
    assert all(torch.isfinite(p.grad).all() for p in net.parameters() if p.grad is not None)


def test_capsules_carry_all_that_the_panels_show(net, images):
    capsules = ask(net, images, net.named).capsules
    if capsules is None:
        pytest.skip(f"{net.named} has no capsules")
    rounds, batch, inputs, digits = capsules.couplings.shape
    assert (batch, digits) == (7, 10)
    torch.testing.assert_close(capsules.couplings.sum(dim=3), torch.ones(rounds, 7, inputs))
    assert capsules.iterations.shape == (rounds, 7, 10)
    assert capsules.poses.shape[:2] == (7, 10)
    assert capsules.votes.shape == (7, inputs, 10, capsules.poses.shape[2])
    assert capsules.grid is None or capsules.grid.inputs == inputs
    if capsules.decode is not None:
        decoded = capsules.decode(capsules.poses, torch.arange(7))
        assert decoded.shape == (7, 1, 28, 28)
        assert ((decoded >= 0) & (decoded <= 1)).all()


def test_a_net_has_a_card_and_a_recipe(net):
    module = architectures.module(net.named)
    assert module.CARD.title == net.named
    assert module.CARD.source.startswith("https://")
    assert module.RECIPE.epochs > 0


class Returns(nn.Module):
    """A net that returns whatever it is told to."""

    def __init__(self, what):
        super().__init__()
        self.what = what

    def forward(self, x):
        return self.what


CAPSULES = Capsules(torch.zeros(1, 10, 16), torch.zeros(1, 1, 2, 10), torch.zeros(1, 2, 10, 16), torch.zeros(1, 1, 10))


@pytest.mark.parametrize(
    ("returned", "complaint"),
    [
        (torch.zeros(1, 9), r"float32 \(1, 9\)"),
        (torch.zeros(2, 10), r"float32 \(2, 10\)"),
        (torch.zeros(10), r"float32 \(10,\)"),
        (torch.zeros(1, 10, dtype=torch.int64), r"int64 \(1, 10\)"),
        ((torch.zeros(1, 10), torch.zeros(1, 10)), "returned a tuple"),
        (None, "returned a NoneType"),
        ({"logits": torch.zeros(1, 10)}, "returned a dict"),
        (torch.full((1, 10), float("nan")), "NaN or infinite"),
        (torch.full((1, 10), float("inf")), "NaN or infinite"),
        (Answer(torch.full((1, 10), 1.2), CAPSULES), r"outside \[0, 1\)"),
        (Answer(torch.full((1, 10), 1.0), CAPSULES), r"outside \[0, 1\)"),
        (Answer(torch.full((1, 10), -0.01), CAPSULES), r"outside \[0, 1\)"),
    ],
)
def test_a_wrong_answer_is_an_error_that_names_the_net_and_what_was_expected(returned, complaint):
    with pytest.raises(BadAnswer, match=complaint) as caught:
        ask(Returns(returned), torch.zeros(1, 1, 28, 28), "my-net")
    assert "my-net" in str(caught.value)


@pytest.mark.parametrize(
    ("x", "complaint"),
    [
        (torch.zeros(28, 28), r"\(28, 28\)"),
        (torch.zeros(1, 3, 28, 28), r"\(1, 3, 28, 28\)"),
        (torch.zeros(1, 1, 28, 28, dtype=torch.uint8), "uint8"),
        (torch.full((1, 1, 28, 28), 255.0), "go from 255 to 255"),
        (torch.full((1, 1, 28, 28), 1.01), "go from 1.01 to 1.01"),
        (torch.full((1, 1, 28, 28), -0.01), "go from -0.01 to -0.01"),
        (torch.full((1, 1, 28, 28), float("nan")), "nan"),
        ("an image", "not a str"),
    ],
)
def test_a_wrong_input_is_an_error_that_says_what_is_fed(x, complaint):
    with pytest.raises(BadInput, match=complaint):
        ask(Returns(torch.zeros(1, 10)), x, "my-net")
