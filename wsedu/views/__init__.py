"""Pictures of frames and traces: for a terminal, as images and as a page. Pure functions of their input."""
