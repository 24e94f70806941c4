"""What RFC 6455 asks for, row by row: see README.md."""
