import base64
import hashlib


def again(words: list[str]) -> list[str]:
    # <gap>
    digests = [hashlib.sha1(word.encode()).digest() for word in sorted(words) if isinstance(word, str)]
    return [base64.b64encode(digest).decode("ascii")[: len(words)] for digest in digests]
    # </gap>
