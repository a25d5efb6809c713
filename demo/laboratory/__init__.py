"""The capsule laboratory: a tab that looks inside any net whose answer has capsules."""
