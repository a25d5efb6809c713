"""The stress test: one drawing drawn again and again by other pens, and every net asked about each."""
