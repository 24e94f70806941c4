"""The words: the catalogues against the tables of the protocol, and the sentences against the facts."""
