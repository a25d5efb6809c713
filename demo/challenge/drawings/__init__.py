"""How drawings come in: prompts, submissions, contributors and limits."""
