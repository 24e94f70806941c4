# <gap>
answers = {
    "02 86": {"fin": 0, "opcode": 2, "mask": 1, "length": 6, "more": 0, "fail": False},
    "80 7d": {"fin": 1, "opcode": 0, "mask": 0, "length": 125, "more": 0, "fail": False},
    "8a 40": {"fin": 1, "opcode": 10, "mask": 0, "length": 64, "more": 0, "fail": False},
    "01 fe": {"fin": 0, "opcode": 1, "mask": 1, "length": 126, "more": 2, "fail": False},
    "82 7f": {"fin": 1, "opcode": 2, "mask": 0, "length": 127, "more": 8, "fail": False},
    "c1 84": {"fin": 1, "opcode": 1, "mask": 1, "length": 4, "more": 0, "fail": True},
    "91 02": {"fin": 1, "opcode": 1, "mask": 0, "length": 2, "more": 0, "fail": True},
    "83 80": {"fin": 1, "opcode": 3, "mask": 1, "length": 0, "more": 0, "fail": True},
    "8b 00": {"fin": 1, "opcode": 11, "mask": 0, "length": 0, "more": 0, "fail": True},
}
# </gap>
