# tries: never to have loaded
# exercise: accept_key
# due: 0

while True:
    pass
