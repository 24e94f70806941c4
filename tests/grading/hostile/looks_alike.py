# tries: a name that only looks right: its first letter is Cyrillic, and the comment runs from right to left
# exercise: accept_key
# due: 0

# ‮yek_tpecca fed
def аccept_key(key):
    return key
