"""Pictures out: every panel as a PNG, and the share card, drawn in Python."""
