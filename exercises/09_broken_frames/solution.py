# <gap>
answers = {
    1: "-",  # client: 81 85 37 fa 21 3d 7f 9f 4d 51 58
    2: "A",  # client: 81 05 48 65 6c 6c 6f
    3: "B",  # server: 82 83 37 fa 21 3d 36 f8 22
    4: "A",  # client: 89 00
    5: "B",  # server: 8a 80 37 fa 21 3d
    6: "-",  # client: 8a 84 00 00 00 00 70 69 6e 67
    7: "C",  # server: c1 02 48 69
    8: "C",  # client: a2 81 37 fa 21 3d c8
    9: "D",  # server: 83 01 00
    10: "D",  # client: 8b 80 37 fa 21 3d
    11: "E",  # server: 89 7e 00 7e + 126 bytes
    12: "F",  # client: 09 80 37 fa 21 3d
    13: "G",  # server: 82 7e 00 05 01 02 03 04 05
    14: "G",  # client: 82 ff 00 00 00 00 00 00 01 00 00 00 00 00 + 256 bytes
    15: "-",  # server: 82 7e 9c 40 + 40,000 bytes
    16: "-",  # server: 81 00
}
# </gap>
