"""Tests of the real sockets: see `wsedu.loopback`."""
