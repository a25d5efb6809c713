"""From any file of weights to a net: detect the format, read it, fit it to the architecture."""
