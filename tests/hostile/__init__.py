"""Hostile input, and a server under attack."""
