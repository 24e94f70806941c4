"""Make the reference pictures of the widgets anew; look at every one that has changed before it is kept.

python tools/references.py
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.widgets.pictures import FOLDER, PICTURES, complaint, save


def main() -> None:
    """Write those that differ from what is there, and say which."""
    FOLDER.mkdir(exist_ok=True)
    for path in set(FOLDER.glob("*.png")) - {picture.path for picture in PICTURES}:
        path.unlink()
        print(f"{path}: removed")
    for picture in PICTURES:
        data = picture.draw()
        with tempfile.TemporaryDirectory() as folder:
            same = picture.path.exists() and not complaint(picture, data, Path(folder))
        if not same:
            save(data, picture.path)
        print(f"{picture.path}: {'as before' if same else 'written'}")


if __name__ == "__main__":
    main()
