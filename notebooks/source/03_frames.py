# %% [markdown] lang="en"
# # 3 · Frames, bit by bit
#
# *About {{minutes}} minutes, and about {{practice}} more for the exercises at the end. You need lesson 2; you do not
# need the internet.*
#
# After this lesson you can
#
# - **read** the first two bytes of any frame without a table,
# - **write** a frame by hand and say why a peer takes it or refuses it,
# - **say** where the length changes its form, and why there must be only one form for each length,
# - **find** a mistake in a reader of frames that passes the RFC's own example.

# %% [markdown] lang="zh"
# # 3 · 帧，一位一位地看
#
# *约 {{minutes}} 分钟，末尾的练习另需约 {{practice}} 分钟。需要先学第 2 课；不需要联网。*
#
# 学完这一课，你能够
#
# - 不查表就**读出**任何一帧的头两个字节，
# - 亲手**写出**一帧，并说明对方为什么接受或拒绝它，
# - **说出**长度在哪里换写法，以及为什么每个长度只能有一种写法，
# - 在一个能通过 RFC 示例的读取函数里**找出**错误。

# %%
import wsedu
from wsedu.course import ask, begin, reveal, show_code
from wsedu.widgets import FrameBuilder

begin("{language}")
minutes = 35

# %% [markdown] lang="en"
# ## Before you go on
#
# Three questions on the lesson before. Skipping is allowed.

# %% [markdown] lang="zh"
# ## 开始之前
#
# 关于上一课的三个问题。可以跳过。

# %%
ask("frames.recall_key")

# %%
ask("frames.recall_status")

# %%
ask("frames.recall_after")

# %% [markdown] lang="en"
# ## A parcel with a very small label
#
# HTTP labels its parcels with sentences: names, colons, line ends. That is easy to read, and it costs hundreds of bytes
# each time. The people who designed WebSocket needed a label for messages that might hold five letters. In RFC 6455
# they gave themselves two bytes, and had to make every bit of them count: *is this the end of the message? what is in
# it? is it masked? how long is it?*
#
# When a label has no room to spare, each bit becomes a decision of the receiver. You will make these decisions now.

# %% [markdown] lang="zh"
# ## 标签极小的包裹
#
# HTTP 用句子给包裹贴标签：名称、冒号、换行。读起来方便，可每次都要花几百字节。设计 WebSocket 的人要给也许只有五个字母的
# 消息贴标签。在 RFC 6455 里，他们只给自己两个字节，于是每一位都得派上用场：*这是消息的结尾吗？里面是什么？加了掩码吗？
# 有多长？*
#
# 标签里没有余地，每一位就成了接收方要做的一个决定。现在由你来做这些决定。

# %%
ask("frames.first_byte")

# %%
hello = wsedu.encode_frame(wsedu.Frame.text("Hello"))
reveal("frames.first_byte", hello[:1])

# %% [markdown] lang="en"
# ## The frame under your fingers
#
# Below is that frame, `{{hello.hex(" ")}}`, {{len(hello)}} bytes. Every square is a bit; a click, or Space, flips it.
# Nothing is repaired for you: an illegal frame stays illegal, and the verdict says for whom and why.
#
# 1. Flip **FIN**. What does the sentence say now, and what would the receiver wait for?
# 2. Put it back, and change the opcode bit by bit from `1` to `2`, then to `3`. Which of the three is refused, and with
#    which status code?
# 3. Flip the lowest bit of the length. Which bytes does the parser now take for what?

# %% [markdown] lang="zh"
# ## 动手改一帧
#
# 下面就是那一帧：`{{hello.hex(" ")}}`，共 {{len(hello)}} 个字节。每个方格是一位，点击或按空格键即可翻转。
# 没有什么会替你修好：不合法的帧就是不合法，判决会说明对谁不合法、为什么。
#
# 1. 翻转 **FIN**。句子变成了什么？接收方会等什么？
# 2. 翻回来，把操作码从 `1` 一位一位改成 `2`，再改成 `3`。三者中哪一个会被拒绝，用的是哪个状态码？
# 3. 翻转长度的最低位。解析器现在把哪些字节当成了什么？

# %%
builder = FrameBuilder(hello)
builder

# %% [markdown] lang="en"
# What you build there can be used further down: `builder.value` is its bytes. As long as you change nothing, the fields
# are these.

# %% [markdown] lang="zh"
# 你在那里搭出来的东西，后面可以接着用：`builder.value` 就是它的字节。没有改动的话，各字段如下。

# %%
for field in wsedu.dissect(builder.value).fields:
    print(f"{field.name:15} bit {field.first_bit:3}  {field.bits:3} bits  {field.value!r}")

# %% [markdown] lang="en"
# ## Seven bits, and then?
#
# The length has seven bits in the second byte. That would be enough for {{2 ** next(field.bits for field in wsedu.dissect(hello).fields if field.name == "payload_length") - 1}} bytes. But somebody wanted to
# send a film.

# %% [markdown] lang="zh"
# ## 七位，然后呢？
#
# 长度在第二字节里有七位，够表示 {{2 ** next(field.bits for field in wsedu.dissect(hello).fields if field.name == "payload_length") - 1}} 个字节。可有人想发一部电影。

# %%
ask("frames.header_126")

# %%
sizes = [0, 5, 125, 126, 127, 256, 32768, 40000, 65535, 65536]
headers = {size: wsedu.encode_frame(wsedu.Frame.binary(bytes(size)))[: -size or None] for size in sizes}
reveal("frames.header_126", len(headers[126]))

# %% [markdown] lang="en"
# Here are the headers of frames from a server, computed a moment ago. Look at the lines where the number of bytes
# changes, and at the order of the bytes of the length: the most significant one comes first (*network byte order*).

# %% [markdown] lang="zh"
# 下面是刚刚算出的、服务器所发帧的头部。看看字节数在哪几行变化，再看长度的字节顺序：高位字节在前（*网络字节序*）。

# %%
for size, header in headers.items():
    print(f"{size:6} bytes of payload: header {len(header):2} bytes  {header.hex(' ')}")

# %% [markdown] lang="en"
# **There is only one way.** The RFC asks for the *minimal* form (§5.2): five bytes must not be announced with 126 and
# two more bytes. If two forms meant the same, a filter on the way and the receiver behind it could read one stream in
# two ways, and that is how attacks begin.
#
# Here a frame announces its five bytes in the long form. wsedu's decoder does not deliver it:

# %% [markdown] lang="zh"
# **写法只有一种。** RFC 要求用*最短*的形式（§5.2）：五个字节不准用 126 再加两个字节来表示。若两种写法含义相同，
# 路上的过滤器和后面的接收方就可能把同一个字节流读成两样，攻击往往由此开始。
#
# 下面这一帧用长形式宣布它的五个字节。wsedu 的解码器不会交付它：

# %%
decoder = wsedu.FrameDecoder(role=wsedu.Role.CLIENT)
print(decoder.feed(bytes.fromhex("827e0005") + b"Hello"))
print(decoder.violation)

# %% [markdown] lang="en"
# ## Four bits for the kind
#
# The opcode has four bits, so there could be sixteen kinds of frames.

# %% [markdown] lang="zh"
# ## 四位说明种类
#
# 操作码有四位，所以最多可以有十六种帧。

# %%
ask("frames.opcodes")

# %%
meant = {}
for opcode in range(2**4):
    decoder = wsedu.FrameDecoder(role=wsedu.Role.CLIENT)
    if decoder.feed(bytes([0x80 | opcode, 0])):
        meant[opcode] = wsedu.Opcode(opcode).name
    print(f"{opcode:x}  {meant.get(opcode) or decoder.violation}")

# %%
reveal("frames.opcodes", len(meant))

# %% [markdown] lang="en"
# From `8` on, where the leftmost of the four bits is set, a frame is a *control frame*: it speaks about the connection
# and belongs to no message. One often reads a list of {{len(meant) - 1}} opcodes; the one that it leaves out is `0`,
# by which a long message goes on ([lesson 5](05_messages.ipynb)). And nobody may use the reserved ones as he likes: a
# receiver that skipped them would not know whether a message had just been lost.
#
# ## Bits that mean nothing yet

# %% [markdown] lang="zh"
# 从 `8` 起，四位中最左边的一位已置位，这样的帧是*控制帧*：它说的是连接本身，不属于任何消息。常见的列表里只有
# {{len(meant) - 1}} 个操作码，漏掉的是 `0`：长消息靠它接着往下发（[第 5 课](05_messages.ipynb)）。
# 保留的操作码谁也不能随便用：接收方要是跳过它们，就无从知道是不是刚丢了一条消息。
#
# ## 暂时没有含义的位

# %%
ask("frames.reserved")

# %%
decoder = wsedu.FrameDecoder(role=wsedu.Role.CLIENT)
decoder.feed(bytes([hello[0] | 0x40]) + hello[1:])
reveal("frames.reserved", decoder.violation)

# %% [markdown] lang="en"
# ## The code that decided this
#
# Not a drawing of it: these two methods of the decoder ran in the cells above. Find the line that looks at the reserved
# bits, the one that refuses a reserved opcode, and the one that compares the length with the shortest form.

# %% [markdown] lang="zh"
# ## 做出决定的代码
#
# 不是示意图：上面几个单元格里运行的就是解码器的这两个方法。找一找哪一行检查保留位，哪一行拒绝保留的操作码，
# 哪一行把长度与最短形式比较。

# %%
show_code(wsedu.FrameDecoder._judge_first)

# %%
show_code(wsedu.FrameDecoder._judge_length)

# %% [markdown] lang="en"
# ## Find the mistake
#
# This reader passes the example of the RFC. It is wrong all the same.

# %% [markdown] lang="zh"
# ## 找错误
#
# 这个读取函数能通过 RFC 的示例，可它还是错的。


# %%
def read_header(data: bytes) -> dict[str, int]:
    length, at = data[1] & 0x7F, 2
    if length == 126:
        length, at = int.from_bytes(data[2:4], "big"), 4
    elif length == 127:
        length, at = int.from_bytes(data[2:10], "big"), 10
    return {"fin": data[0] >> 7, "opcode": data[0] & 0x7F, "length": length, "header": at}


read_header(hello)

# %%
ask("frames.mistake")

# %%
reveal("frames.mistake", read_header(bytes([hello[0] | 0x40]) + hello[1:]))

# %% [markdown] lang="en"
# ## Your turn
#
# Write them in place; the cell below each checks it with the grader of the course.

# %% [markdown] lang="zh"
# ## 轮到你了
#
# 直接写在这里；下面的单元格用课程自己的评分程序来检查。

# %%
# exercise: read_flags

# %%
wsedu.check("read_flags")

# %%
# exercise: length_field

# %%
wsedu.check("length_field")

# %% [markdown] lang="en"
# ## In short
#
# - First byte: FIN, three reserved bits, four bits of opcode. Second byte: MASK, seven bits of length.
# - {{len(meant)}} opcodes have a meaning: {{", ".join(f"`{opcode:x}`" for opcode in meant)}}. The others are reserved.
# - {{max(size for size, header in headers.items() if len(header) == 2)}} is the longest length that fits; 126 and 127 are marks for two and eight more bytes, in network byte order.
# - A header has {{min(map(len, headers.values()))}} to {{max(map(len, headers.values()))}} bytes from a server and, with
#   the masking key, {{min(map(len, headers.values())) + 4}} to {{max(map(len, headers.values())) + 4}} from a client; the
#   headers of TCP and IP come on top.
# - Only the shortest form is legal; reserved bits and opcodes are refused. That is no pedantry: whoever reads a
#   stream differently from his neighbour can be lied to.
#
# **Read on:** [RFC 6455](link:rfc6455) §5.2 (the figure), §5.5 (control frames), §5.8 (reserved for extensions). Next:
# [masking](04_masking.ipynb).

# %% [markdown] lang="zh"
# ## 小结
#
# - 第一字节：FIN、三个保留位、四位操作码。第二字节：MASK、七位长度。
# - 有含义的操作码是 {{len(meant)}} 个：{{"、".join(f"`{opcode:x}`" for opcode in meant)}}；其余都是保留的。
# - 直接写得下的最大长度是 {{max(size for size, header in headers.items() if len(header) == 2)}}；126 和 127 是记号，后面再跟两个或八个字节，用网络字节序。
# - 服务器的帧头有 {{min(map(len, headers.values()))}} 到 {{max(map(len, headers.values()))}} 字节；客户端的还有掩码密钥，
#   是 {{min(map(len, headers.values())) + 4}} 到 {{max(map(len, headers.values())) + 4}} 字节。TCP 和 IP 的头另算。
# - 只有最短的形式合法；保留位和保留的操作码要拒绝。这不是吹毛求疵：谁对字节流的读法与邻居不同，谁就可能受骗。
#
# **延伸阅读：** [RFC 6455](link:rfc6455) §5.2（那张图）、§5.5（控制帧）、§5.8（为扩展保留）。下一课：
# [掩码](04_masking.ipynb)。
