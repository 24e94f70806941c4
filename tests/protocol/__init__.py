"""The protocol against the RFC's text, its vectors, and itself under any chunking."""
