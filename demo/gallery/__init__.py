"""The gallery: abstract digits drawn by this project, and what every net reads in them."""
