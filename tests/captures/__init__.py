"""Captures: written, read, judged by Wireshark, and replayed."""
