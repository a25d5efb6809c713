"""What the dimensions of a capsule's pose stand for, measured over MNIST."""
