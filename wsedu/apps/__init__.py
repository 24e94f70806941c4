"""What `python -m wsedu serve` can serve: applications on top of `wsedu.loopback`, each small enough to read."""
