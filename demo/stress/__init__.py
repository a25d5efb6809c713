"""The stress test: what a pen does to MNIST, and one drawing drawn again by other pens, with every net's predictions.

`tab.tab` fills the tab; `python -m demo.stress FILE` scores a file of drawings under every pen.
"""
