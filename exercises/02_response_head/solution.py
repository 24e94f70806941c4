#     import base64
#     import hashlib
#
#     GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
#     SPOKEN = ["soap", "chat"]
#
# A       lines.append("Sec-WebSocket-Protocol: " + ", ".join(chosen))
# B       digest = hashlib.sha1((key + GUID).encode()).digest()
# C       return "\n".join([*lines, "", ""]).encode()
# D       lines.append("Sec-WebSocket-Accept: " + accept)
# E       chosen = [name for name in offered if name in SPOKEN][:1]
# F       lines = ["HTTP/1.1 200 OK", "Upgrade: websocket", "Connection: Upgrade"]
# G   def response_head(key: str, offered: list[str]) -> bytes:
# H       return "\r\n".join([*lines, ""]).encode()
# I       accept = base64.b64encode(digest).decode()
# J       chosen = offered
# K       lines += ["Sec-WebSocket-Protocol: " + name for name in chosen]
# L       digest = hashlib.sha1((key + GUID).encode()).hexdigest().encode()
# M       lines = ["HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade"]
# N       return "\r\n".join([*lines, "", ""]).encode()

# <gap>
order = ["G", "B", "I", "M", "D", "E", "K", "N"]
# </gap>
