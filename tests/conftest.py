"""Fixtures that several test files share."""

pytest_plugins = ["serving", "challenge_stores", "scored_nets"]
