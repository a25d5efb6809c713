"""Teach them your pen: a lesson in a process of its own, what one sees of it, and the taught nets of a visit.

`handlers.wire` connects the panels, which are `panel.TeachPanel`; demo/taught_nets.py holds what was learned.
"""
