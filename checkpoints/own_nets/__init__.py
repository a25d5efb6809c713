"""Nets that people bring: add, remove, list and diagnose them."""
