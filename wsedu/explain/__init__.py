"""Words for what the protocol states as facts: a catalogue per language, and the functions that fill its templates.

The protocol has no prose and this package has no protocol: a number in a sentence is a fact of a step, a field or
a rule, put in by name.
"""
