"""Where the code of a learner runs: a process of its own that returns answers. It imports nothing of wsedu.

Read `child` (what runs beside the learner's code), `wire` (what the two sides may say), `keeper` (who ends what is
left), `levels` and `disk` (what the process cannot do, and cannot see) and `session` (who waits, counts the seconds and
ends it). Nothing here knows what is right.
"""
