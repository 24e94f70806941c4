"""One module per command of `python -m wsedu`; `main` finds it, and turns errors into one line each."""
