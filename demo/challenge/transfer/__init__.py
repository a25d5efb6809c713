"""Drawings in and out: import, export and the journal that outlives a Space's disk."""
