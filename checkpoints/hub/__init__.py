"""The Hugging Face Hub: fetch weights from it; publish weights, their card and the Space to it."""
