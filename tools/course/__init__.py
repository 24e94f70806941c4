"""Making the notebooks of the course from their sources, and checking them."""
