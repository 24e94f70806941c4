"""One module per format that grades are written in; each takes `Grades` and gives text."""
