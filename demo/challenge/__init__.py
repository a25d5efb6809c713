"""The challenge: drawings that people submit, the labels others give them, and which net truly does best on them.

service     all of it as one thing, which the page makes; rounds for "Play five"
drawings/   prompts, submissions, contributors and limits: a drawing comes in
labels/     who labels what, blind, and how a consensus comes of it; review
scoreboard/ predictions, each computed once; accuracy with intervals, ties shown as ties
store/      SQLite or PostgreSQL; migrations/ beside it
transfer/   JSON lines out and in, and the keeper of a Space's drawings
tab, page/  what people see
"""
