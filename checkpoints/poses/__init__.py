"""What the poses of a capsule stand for, measured over MNIST: `measured.read` and `measured.directions` tell."""
