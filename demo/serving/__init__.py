"""The HTTP server around the page: launch, /classify, image files and ports."""
