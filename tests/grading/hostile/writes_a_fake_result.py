# tries: to leave a result and a conftest.py where the grader may look
# exercise: accept_key
# due: 0

import os

for place in (".", "/tmp"):
    folder = os.path.join(place, f"wsedu-hostile-{os.getpid()}")
    try:
        os.makedirs(folder)
        for name in ("results.json", "report.json", "conftest.py"):
            with open(os.path.join(folder, name), "w") as file:
                file.write('{"score": 100, "passed": true}')
        for name in os.listdir(folder):
            os.remove(os.path.join(folder, name))
        os.rmdir(folder)
    except OSError:
        continue
print('{"score": 100, "tests": [{"status": "passed"}]}')


def accept_key(key):
    return ""
