"""Tests of wsedu.views: what a reader of a terminal, a picture or a page gets to see."""
