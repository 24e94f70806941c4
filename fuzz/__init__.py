"""Hostile input: what is tried, for hypothesis in the tests and for atheris in longer runs."""
