"""The capsule laboratory: a story of five steps through one drawing, for any net whose answer has capsules.

`tab.tab` fills the tab; `look.look_of` is what one net made of one drawing, and `panels` what is shown of it.
"""
