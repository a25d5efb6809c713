"""Which net truly does best: predictions for the drawings, scores and their statistics."""
