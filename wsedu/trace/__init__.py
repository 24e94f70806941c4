"""Steps as recorded: numbered, timed, kept, filtered, saved and loaded."""
