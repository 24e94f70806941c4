"""Exercises and the autograder: learner code runs apart, its answers are judged here."""
