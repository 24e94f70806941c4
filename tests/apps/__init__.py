"""The applications that `serve` serves."""
