"""The challenge's panels, what they show, and what the page's events ask of the challenge."""
