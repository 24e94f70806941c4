"""The core in virtual time: links, middleboxes and faults, the same every time."""
