from torch import nn


def return_model():
    return nn.Sequential(nn.Flatten(), nn.Linear(784, 256), nn.ReLU(), nn.Linear(256, 10))


if __name__ == "__main__":
    import torch

    from checkpoints.data import as_input, mnist

    net, (pictures, labels) = return_model(), mnist("train")
    optimiser = torch.optim.Adam(net.parameters(), lr=2e-3)
    for _ in range(600):
        chosen = torch.randint(len(labels), (128,))
        loss = nn.functional.cross_entropy(net(as_input(pictures[chosen])), labels[chosen])
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    torch.save(net.state_dict(), "my_mlp.pth")
