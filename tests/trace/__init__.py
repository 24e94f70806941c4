"""Tests of traces and of their file format."""
