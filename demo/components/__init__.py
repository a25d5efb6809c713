"""What several tabs share: the panel base class, image data URLs, PNG export and the colours of the nets."""
