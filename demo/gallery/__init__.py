"""The gallery: abstract digits drawn by this project, and what every net predicts for them, here and now.

`tab.tab` fills the tab; `pieces.pieces` are the drawings, read from drawings.jsonl.
"""
