"""The challenge: drawings that people give, what others read in them, and which net truly reads best.

submitting  a drawing comes in: one transaction, the same key twice is one drawing
judging     who is shown what next, blind
labels      judgements -> a label one can trust
verdicts    what the nets answer, each computed once
scoreboard  accuracy with intervals, ties shown as ties
store       SQLite or PostgreSQL; schema and migrations beside it
exchange    JSON lines out and in; keeper sends them to a dataset repository on the Hub
tab         the page
"""
