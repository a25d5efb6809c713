"""How weights come about: MNIST, augmentation, losses and the training loop."""
