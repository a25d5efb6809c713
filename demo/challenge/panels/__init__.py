"""The parts of the challenge tab, each a component with its template, script and stylesheet beside it."""
