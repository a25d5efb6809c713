"""The gallery: abstract digits drawn by this project, and what every net predicts for them."""
