"""The first tab: what the nets make of the drawing on the pad."""
