"""Fixtures that several test files share."""

pytest_plugins = ["challenge_stores", "serving", "scored_nets"]
