"""The teacher's guide: pages made from the notebooks' sources, the questions, the exercises and docs/teaching/source."""
