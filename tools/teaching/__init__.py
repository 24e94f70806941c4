"""The teacher's guide: pages made from the notebooks' sources, questions, exercises and docs/teaching/source."""
