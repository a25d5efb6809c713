"""Fixtures that several test files share."""

pytest_plugins = ["tests.support.serving", "tests.support.challenge_stores", "tests.support.scored_nets"]
