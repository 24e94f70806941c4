#     EMPTY_LINE = b"\r\n\r\n"
#
#
#     def split_frames(data: bytes) -> tuple[list[bytes], bytes]:
#         payloads = []
#         while len(data) > 1 and len(data) >= 2 + data[1]:
#             payloads.append(data[2 : 2 + data[1]])
#             data = data[2 + data[1] :]
#         return payloads, data
#
# A           if not opened and waiting.endswith(EMPTY_LINE):
# B               head, _, waiting = waiting.partition(EMPTY_LINE)
# C   def messages_of(chunks: list[bytes]) -> list[bytes]:
# D           waiting = chunk
# E       return messages
# F               head, waiting = waiting, b""
# G           if opened:
# H               opened = True
# I           elif opened:
# J           waiting += chunk
# K               payloads, waiting = split_frames(waiting)
# L               payloads, waiting = split_frames(waiting)[0][:1], b""
# M       for chunk in chunks:
# N           if not opened and EMPTY_LINE in waiting:
# O               messages += payloads
# P       messages, waiting, opened = [], b"", False

# <gap>
order = ["C", "P", "M", "J", "N", "B", "H", "G", "K", "O", "E"]
# </gap>
