"""Tests against other libraries, over real sockets."""
