END_TCP = "end TCP"


def closing_handshake(role: str, events: list[tuple[str, bytes]]) -> list[list[bytes | str | int]]:
    # <gap>
    answers = []
    sent, received = False, None
    for event, payload in events:
        if event == "ended":
            code = int.from_bytes(received[:2], "big") if received else 1005
            answers.append([1006 if received is None else code])
            continue
        answers.append([] if sent else [payload])
        sent = True
        if event == "received":
            received = payload
            if role == "server":
                answers[-1].append(END_TCP)
    return answers
    # </gap>
