answers: dict[str, int | None] = {
    # <gap>
    "A": 3,
    "B": 0,
    "C": 0,
    "D": 1,
    "E": 1,
    "F": 1,
    "G": 0,
    "H": 10,
    "I": 0,
    "J": 6,
    "K": 6,
    "L": 5,
    "M": 0,
    "N": 0,
    "O": 8,
    # </gap>
}
