"""What the challenge's panels show, and the state of the person in front of them."""
