# %% [markdown] lang="en"
# # 8 · The whole exchange, for real
#
# *About {{minutes}} minutes, and about {{practice}} more for the exercises at the end. You need lesson 7; you do not
# need the internet.*
#
# After this lesson you can
#
# - **record** a conversation between two endpoints on a real socket, and **scrub** through it,
# - **fork** it: the same past, one fault, another future, and **predict** what each side will know of it,
# - **say** what changes with TLS, and what does not,
# - **measure** what compression saves, what it costs, and what *context takeover* means,
# - **find** the mistake in an inflater that reads the first message well.

# %% [markdown] lang="zh"
# # 8 · 一次完整的交互，真实发生
#
# *约 {{minutes}} 分钟，末尾的练习另需约 {{practice}} 分钟。需要先学第 7 课；不需要联网。*
#
# 学完这一课，你能够
#
# - 在真实的套接字上**录下**两个端点的对话，再来回**拖动**着看，
# - 让它**分叉**：同样的过去，出一个故障，走向另一个未来；并**预测**双方各自会知道什么，
# - **说出**用了 TLS 会改变什么、不会改变什么，
# - **测出**压缩省下多少、代价是什么，以及**上下文接管**是什么意思，
# - 在一个能正确读出第一条消息的解压函数里**找出**错误。

# %%
import random
import ssl
import zlib
from contextlib import suppress

import wsedu
from wsedu import Role
from wsedu.course import ask, begin, reveal, show_code
from wsedu.loopback.tls import throwaway_contexts
from wsedu.protocol import deflate
from wsedu.protocol.steps import BytesSent, MessageComplete
from wsedu.widgets import ExchangeFilm
from wsedu.widgets.film_server import BeServer

begin("{language}")
minutes = 40

# %% [markdown] lang="en"
# ## Before you go on
#
# Three questions on the lesson before. Skipping is allowed.

# %% [markdown] lang="zh"
# ## 开始之前
#
# 关于上一课的三个问题。可以跳过。

# %%
ask("exchange.recall_tcp")

# %%
ask("exchange.recall_1006")

# %%
ask("exchange.recall_empty")

# %% [markdown] lang="en"
# ## The flight recorder
#
# In the 1950s several airliners broke up in the air, and nobody had survived who could tell why. David Warren in
# Melbourne had an idea: let a machine in the aeroplane write down what happens, *all the time*, not only when
# something goes wrong. Pilots did not like it. Today no airliner flies without.
#
# Programs that talk over a network crash as well, and when you look, the moment is over. wsedu writes everything down:
# both endpoints, every byte, every decision, with its reason. And it can do what no investigator of aeroplanes can:
# **fly again from any second on, with one thing changed.**

# %% [markdown] lang="zh"
# ## 飞行记录仪
#
# 二十世纪五十年代，好几架客机在空中解体，没有一个幸存者能说出原因。墨尔本的 David Warren 想到一个办法：
# 让飞机上的一台机器把发生的一切**一直**记下来，而不是等出了事才记。飞行员们不喜欢它。今天，没有它客机就不能起飞。
#
# 在网络上对话的程序也会“坠毁”，而等你去看时，那一刻早已过去。wsedu 把一切都记下来：两个端点、每个字节、
# 每个决定及其理由。它还能做到事故调查员做不到的事：**从任何一秒重新起飞，只改变一件事。**

# %% [markdown] lang="en"
# ## Record
#
# The scenario `hello` is short: the client connects and says *Hello*, the server says *Hello*, the client closes.

# %% [markdown] lang="zh"
# ## 录制
#
# 场景 `hello` 很短：客户端连上，说一声 *Hello*；服务器说一声 *Hello*；客户端关闭。

# %%
ask("exchange.frames")

# %% [markdown] lang="en"
# The next cell opens a real server on a free port of this machine and a real client, lets them talk, and keeps
# everything. Nothing is played to you: you move.
#
# 1. Press **→** until the server is OPEN. In which state is the client at that moment, and why not in the same one?
# 2. There are three lanes: messages, frames, and what one read of TCP brought. Where do they not line up?
# 3. Go to the end (**End**). Who has ended TCP first? Click that step, and read the function that decided it.
# 4. Choose the scenario *101 and the first frame in one chunk* in the menu. What would a client lose that throws away
#    whatever follows the head?

# %% [markdown] lang="zh"
# 下一个单元格在本机的空闲端口上打开一个真实的服务器和一个真实的客户端，让它们对话，并记下全部过程。
# 影片不会自己播放：由你来动手。
#
# 1. 按 **→**，直到服务器进入 OPEN。那一刻客户端处于哪个状态？为什么两者不同？
# 2. 有三条泳道：消息、帧、一次 TCP 读取带来的字节。它们在哪里对不齐？
# 3. 跳到末尾（**End**）。谁先结束了 TCP？点击那一步，看看是哪个函数做的决定。
# 4. 在菜单里选择场景“101 响应与第一帧在同一块里到达”。如果客户端丢掉头部后面的字节，会失去什么？

# %%
film = ExchangeFilm.record("hello", seed=8)
film


# %%
for record in film.trace.frames():
    frame = record.step.frame
    print(f"{record.step.endpoint.value:7} {frame.opcode.name:6} {wsedu.encode_frame(frame).hex(' ')}")

reveal("exchange.frames", len(film.trace.frames()))

# %% [markdown] lang="en"
# This is the article's claim in the smallest space: one connection, opened once, on which **both** sides send when they
# like, with {{wsedu.encode_frame(film.trace.frames()[1].step.frame)[:2].hex(" ")}} in front of the server's text and
# nothing else. The heads of HTTP stand at the beginning, once:

# %% [markdown] lang="zh"
# 文章里的说法在这里以最小的篇幅得到印证：一条连接，只建立一次，**双方**想发就发；服务器的文本前面只有
# {{wsedu.encode_frame(film.trace.frames()[1].step.frame)[:2].hex(" ")}}，别无其他。HTTP 的头部只在开头出现一次：

# %%
sent = {
    role: [r.step.data for r in film.trace if isinstance(r.step, BytesSent) and r.step.endpoint is role]
    for role in Role
}
for role, pieces in sent.items():
    print(f"{role.value:7} {[len(piece) for piece in pieces]}  {pieces[0].decode().splitlines()[0]}")

# %% [markdown] lang="en"
# ## Fork
#
# Now the same flight again, up to the moment at which the client's text is on its way. Then the server's machine loses
# its power: no Close frame, no end of TCP, nothing.

# %% [markdown] lang="zh"
# ## 分叉
#
# 现在让同一次飞行重来，直到客户端的文本正在路上的那一刻。这时服务器断电了：没有 Close 帧，没有 TCP 的结束，什么都没有。

# %%
ask("exchange.vanished")

# %%
text = film.trace.frames()[0]
silent = film.fork(text.n, "vanish", who="server")
silent

# %%
reveal("exchange.vanished", str(silent.steps[-1].step.code))

# %% [markdown] lang="en"
# The client had wanted to close anyway. It waited {{int(wsedu.Timeouts().closing)}} seconds for the other Close frame:
# that is its deadline, not a message that came. The fork is in *virtual time*, so you did not have to wait.
# `send()` had returned long before: **that says nothing about the peer.**
#
# In the film, *Another future* has the same as a menu: drop, cut, delay, flip a bit, inject a Ping, fall silent, close
# both at once. Its button, or **f**, forks at the step at which you are. The other future is shown below the first one,
# and what differs is outlined.
#
# Now something smaller. One bit of the *payload* turns over on the way: the lowest one of the first letter.

# %% [markdown] lang="zh"
# 客户端本来就要关闭。它等对方的 Close 帧等了 {{int(wsedu.Timeouts().closing)}} 秒：那是它自己的期限，
# 不是收到了什么消息。分叉在**虚拟时间**里进行，所以不用你等。而 `send()` 早就返回了：**它返回，并不说明对方收到了。**
#
# 影片的“另一种未来”一栏里有同样的菜单：丢弃、切断、延迟、翻转一位、插入一个 Ping、沉默、双方同时关闭。
# 按那里的按钮或按 **f** 键，就从当前这一步分叉。另一个未来显示在原影片下方，不同之处会描出边框。
#
# 再来一个小一点的：**载荷**里有一位在路上翻转了，是第一个字母的最低位。

# %%
ask("exchange.flipped")

# %%
flipped = film.fork(text.n - 1, "flip", byte=6, bit=7)
received = [r.step for r in flipped.trace if isinstance(r.step, MessageComplete)]
arrived = next(step.data for step in received if step.endpoint is Role.SERVER)
reveal("exchange.flipped", arrived.decode())

# %% [markdown] lang="en"
# WebSocket has no checksum. It relies on TCP, whose own has 16 bits, and on TLS, which notices every changed bit.
# In some places a flipped bit breaks a rule: RSV1, the mask bit, the highest bit of a letter. Here nothing is broken.

# %% [markdown] lang="zh"
# WebSocket 没有校验和。它依靠 TCP（TCP 的校验和有 16 位），也依靠 TLS（任何一位改变都会被发现）。
# 在有些位置，翻转一位会违反规则：RSV1、掩码位、字母的最高位。这里却一条规则也没违反。

# %% [markdown] lang="en"
# ## Be the server
#
# In the film, press **Be the server**. A real client waits, and you are the other side: choose an answer, or type
# bytes.
#
# 1. Accept, and echo its text. Then answer its Ping with another payload. Does it mind?
# 2. Begin again, and refuse with `403`. What does the client make of it?
# 3. Type `81 05 68 65 6c 6c 6f` where it waits for an echo. Then type a frame that breaks a rule of your choice.
#
# Here somebody has been a server before you. He has thought: the client masks, so do I.

# %% [markdown] lang="zh"
# ## 你来当服务器
#
# 在影片的“你来当服务器”一栏里按**来当服务器**。一个真实的客户端在等，而你是另一方：选择一个回答，或者直接键入字节。
#
# 1. 接受连接，送回它的文本。然后用别的载荷回答它的 Ping。它介意吗？
# 2. 重新开始，用 `403` 拒绝。客户端怎么看？
# 3. 在它等待回显的地方键入 `81 05 68 65 6c 6c 6f`。再键入一个违反某条规则的帧，规则由你挑。
#
# 在你之前已经有人当过服务器。他想：客户端加了掩码，那我也加。

# %%
ask("exchange.masked")

# %%
server = BeServer("{language}")
server.answer("accept")
server.answer("echo.masked")
broken = [line["text"] for line in server.lines if line["who"] in ("violation", "rule")]
reveal("exchange.masked", broken[0])

# %% [markdown] lang="en"
# ## Over TLS
#
# The address of a page in a bank begins with `https`, and so its WebSocket begins with `wss`. What becomes of the
# frames?

# %% [markdown] lang="zh"
# ## 经过 TLS
#
# 银行网页的地址以 `https` 开头，它的 WebSocket 便以 `wss` 开头。帧会变成什么样？

# %%
ask("exchange.tls")

# %%
secure = ExchangeFilm.record("tls", seed=8)
same = [wsedu.encode_frame(r.step.frame) for r in secure.trace.frames()] == [
    wsedu.encode_frame(r.step.frame) for r in film.trace.frames()
]
print(secure.to_text().splitlines()[1])
reveal("exchange.tls", same)

# %% [markdown] lang="en"
# The same keys, the same frames, the mask as well. TLS lies below, and knows nothing of frames. So whoever stands
# between sees something else. Here the client's first frame goes through TLS in memory:

# %% [markdown] lang="zh"
# 同样的密钥，同样的帧，连掩码也一样。TLS 在下面一层，对帧一无所知。所以中途的旁观者看到的是另一番样子。
# 下面让客户端的第一个帧在内存里通过 TLS：

# %%
contexts = throwaway_contexts("localhost")
to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
near = contexts.client.wrap_bio(to_client, to_server, server_hostname="localhost")
far = contexts.server.wrap_bio(to_server, to_client, server_side=True)
for end in (near, far, near, far):
    with suppress(ssl.SSLWantReadError):  # it waits for the other one
        end.do_handshake()
hello = wsedu.encode_frame(text.step.frame)
near.write(hello)
record = to_server.read()
to_server.write(record)
print(f"{near.version()}  {len(hello)} -> {len(record)} bytes  {record[:5].hex(' ')} ...")
print(far.read() == hello)

# %% [markdown] lang="en"
# `17 03 03` means *application data*; two bytes of length follow. The record has {{len(record) - len(hello)}} bytes
# more than the frame; among them are a few by which the other end notices every change. TLS, not the mask, is what
# keeps others from reading along, and from changing a bit.
#
# ## Compressed
#
# Chat, prices, positions: messages of one connection resemble each other. The extension *permessage-deflate*
# (RFC 7692) is agreed on in the opening handshake, and compresses **messages**, not frames. In the scenario
# `compressed`, the client sends the same {{first.plain}} bytes of text twice.

# %% [markdown] lang="zh"
# `17 03 03` 的意思是“应用数据”，后面两个字节是长度。这条记录比帧多 {{len(record) - len(hello)}} 个字节，
# 其中有几个字节能让另一端发现任何改动。让别人不能偷看、也不能偷改一位的，是 TLS，而不是掩码。
#
# ## 压缩
#
# 聊天、股价、坐标：一条连接上的消息往往彼此相像。扩展 *permessage-deflate*（RFC 7692）在握手时商定，
# 压缩的对象是**消息**，不是帧。在场景 `compressed` 里，客户端把同一段 {{first.plain}} 字节的文本发送两遍。

# %%
ask("exchange.takeover")

# %% measured="zlib"
small = ExchangeFilm.record("compressed", seed=8)
compressed = [r.step for r in small.trace if r.step.kind == "deflate.compressed"]
first, second = [step for step in compressed if step.endpoint is Role.CLIENT]
reveal("exchange.takeover", second.compressed)

# %% [markdown] lang="en"
# The compressor keeps a *window* of what it has written, and the second message is little more than *"as before,
# {{first.plain}} bytes"*. Keeping the window from message to message is what **context takeover** means. The price:
# each side has to keep that window as long as the connection lives, and no message can be read without all those
# before it.
#
# These are the frames of the scenario, with the bytes of their payloads. Which ones bear RSV1?

# %% [markdown] lang="zh"
# 压缩器留着一个**窗口**，里面是它写过的内容；第二条消息差不多只是一句“同上，{{first.plain}} 字节”。
# 把窗口从一条消息保留到下一条，就叫**上下文接管**。代价是：只要连接还在，双方就得一直留着窗口；
# 而且缺了前面的消息，后面的就读不出来。
#
# 下面是这个场景里的帧，以及各自载荷的字节数。哪些帧带有 RSV1？

# %% measured="zlib"
for r in small.trace.frames():
    frame, sender = r.step.frame, r.step.endpoint.value
    flags = f"{'RSV1' if frame.rsv1 else '-':4} {'FIN' if frame.fin else '-':3}"
    print(f"{sender:7} {frame.opcode.name:13} {flags} {len(frame.payload):3}")

# %% [markdown] lang="en"
# Only the first frame of a compressed message bears it: a continuation belongs to what has begun, and control frames
# are never compressed, so that they can come between.
#
# ## What it saves, and what it costs
#
# Compression is no gift. Before you run the cell below:

# %% [markdown] lang="zh"
# 只有压缩消息的第一个帧带有它：延续帧属于已经开始的消息；控制帧从不压缩，因此可以插在中间。
#
# ## 省了什么，花了什么
#
# 压缩并非没有代价。运行下面的单元格之前先想一想：

# %%
ask("exchange.longer")


# %% measured="zlib"
def sizes(messages: list[bytes], **options) -> list[int]:
    """The payload's bytes of each message on the wire, as wsedu's client compresses them."""
    ours = deflate.PerMessageDeflate(Role.CLIENT, deflate.Agreed(**options))
    return [len(ours.encode(wsedu.Frame.binary(message)).payload) for message in messages]


chat = [f'{{"user": "ann", "room": 8, "text": "message {n}"}}'.encode() for n in range(20)]
seeded = random.Random(8)
noise = [seeded.randbytes(50) for _ in range(20)]
tries = {"chat": chat, "x": [b"x"] * 20, "noise": noise, "zeros": [bytes(1000)] * 20}
table = {}
for name, messages in tries.items():
    kept, fresh = sizes(messages), sizes(messages, client_no_context_takeover=True)
    table[name] = (sum(map(len, messages)), sum(kept), sum(fresh))
    print(f"{name:6} {table[name][0]:6} -> {table[name][1]:5} | {table[name][2]:5}   {kept[:4]} | {fresh[:4]}")

reveal("exchange.longer", f"{table['noise'][0]} → {table['noise'][1]}")

# %% [markdown] lang="en" measured="zlib"
# Left of the bar with context takeover, right of it without; at the end the first four messages.
#
# - *chat*: what is the same in each message is said once. Without the window, each message begins from nothing, and
#   {{table["chat"][1]}} bytes become {{table["chat"][2]}}.
# - *x*: one byte becomes {{table["x"][1] // 20}}. So short a message can only get longer, whatever it says.
# - *noise*: what is random, encrypted or compressed already (pictures, video) only gets longer.
# - *memory*: zlib needs `(1 << (15 + 2)) + (1 << (8 + 9))`, which is {{f"{(1 << zlib.MAX_WBITS + 2) + (1 << zlib.DEF_MEM_LEVEL + 9):,}"}} bytes
#   for a compressor with the full window, by its own manual. A server with 10,000 connections keeps one
#   for each, which is {{f"{10_000 * ((1 << zlib.MAX_WBITS + 2) + (1 << zlib.DEF_MEM_LEVEL + 9)) / 1e9:.1f}"}} GB; so many servers settle on
#   `server_no_context_takeover`, or on a smaller window.
#
# ## The code that decided this
#
# The lines that set RSV1, empty the window, and leave out the last four bytes, `00 00 ff ff`, which are the same in
# every message: find them.

# %% [markdown] lang="zh" measured="zlib"
# 竖线左边是有上下文接管，右边是没有；行末是前四条消息。
#
# - *chat*：每条消息里相同的部分只说一遍。没有窗口，每条消息都从零开始，{{table["chat"][1]}} 字节变成
#   {{table["chat"][2]}} 字节。
# - *x*：一个字节变成 {{table["x"][1] // 20}} 个。这么短的消息，不管内容是什么都只会变长。
# - *noise*：随机的、加过密的、已经压缩过的内容（图片、视频）只会变得更长。
# - 内存：按 zlib 手册的说法，使用最大窗口的压缩器需要 `(1 << (15 + 2)) + (1 << (8 + 9))`，即
#   {{f"{(1 << zlib.MAX_WBITS + 2) + (1 << zlib.DEF_MEM_LEVEL + 9):,}"}} 字节。有 10,000 条连接的服务器要为每条连接各留一个，共
#   {{f"{10_000 * ((1 << zlib.MAX_WBITS + 2) + (1 << zlib.DEF_MEM_LEVEL + 9)) / 1e9:.1f}"}} GB；所以许多服务器选用 `server_no_context_takeover`，
#   或者更小的窗口。
#
# ## 做出决定的代码
#
# 请找出这几行：设置 RSV1 的、清空窗口的，以及省去末尾四个字节 `00 00 ff ff`（每条消息都一样）的。

# %%
show_code(deflate.PerMessageDeflate.encode)

# %% [markdown] lang="en"
# ## Find the mistake
#
# This reader inflates a message. It puts the four bytes back, and the first message comes out well.

# %% [markdown] lang="zh"
# ## 找错误
#
# 这个函数把一条消息解压出来。它把那四个字节补了回去，第一条消息也读得很好。


# %%
def inflate(payload: bytes) -> bytes:
    inflater = zlib.decompressobj(-15)
    return inflater.decompress(payload + b"\x00\x00\xff\xff")


payloads = [r.step.frame.payload for r in small.trace.frames() if r.step.frame.rsv1][:2]
inflate(payloads[0])

# %%
ask("exchange.mistake")

# %%
try:
    found = inflate(payloads[1])
except zlib.error as error:
    found = error
reveal("exchange.mistake", found)

# %% [markdown] lang="en"
# ## Your turn
#
# Write them in place; the cell below each checks it with the grader of the course.

# %% [markdown] lang="zh"
# ## 轮到你了
#
# 直接写在这里；下面的单元格用课程自己的评分程序来检查。

# %%
# exercise: stream_order

# %% [markdown] lang="en"
# You may also move the lines instead of typing letters: the next cell has them all.

# %% [markdown] lang="zh"
# 也可以不键入字母，而是移动各行：下一个单元格里全都有。

# %%
from wsedu.grading.notebook import lines_of
from wsedu.widgets import LineOrder

lines = LineOrder(lines_of("stream_order"), order, name="stream_order")
lines

# %%
wsedu.check("stream_order", lines)

# %%
# exercise: text_messages

# %%
wsedu.check("text_messages")

# %% [markdown] lang="en" measured="zlib"
# ## In short
#
# - An exchange is heads once, then frames from both sides; messages, frames and reads of TCP are three
#   different things.
# - Who falls silent says nothing: the other side learns it by a deadline, and reports {{int(wsedu.CloseCode.ABNORMAL_CLOSURE)}}.
# - No checksum, no acknowledgement, no repetition: WebSocket leaves these to TCP, TLS and the application.
# - `wss` changes nothing about the frames, the mask included; a frame gets {{len(record) - len(hello)}} bytes
#   of TLS here.
# - permessage-deflate compresses messages: RSV1 on the first frame, control frames never. With context takeover
#   {{first.compressed}} bytes became {{second.compressed}}; random data became longer.
#
# **Read on:** [RFC 6455](link:rfc6455) §1.2 and §9 (extensions), [RFC 7692](link:rfc7692) §7 (parameters, context
# takeover) and §7.2.3 (examples to the byte). Next: [a real peer](09_peers.ipynb).

# %% [markdown] lang="zh" measured="zlib"
# ## 小结
#
# - 一次交互是：头部一次，然后双方各自发帧；消息、帧、TCP 的一次读取是三回事。
# - 沉默的一方什么也不说：另一方靠期限才知道，并报告 {{int(wsedu.CloseCode.ABNORMAL_CLOSURE)}}。
# - 没有校验和，没有确认，没有重发：WebSocket 把这些留给 TCP、TLS 和应用程序。
# - `wss` 不改变帧，连掩码也不变；这里每个帧多了 TLS 的 {{len(record) - len(hello)}} 个字节。
# - permessage-deflate 压缩的是消息：RSV1 在第一个帧上，控制帧从不压缩。有上下文接管时，{{first.compressed}} 字节变成了
#   {{second.compressed}} 字节；随机数据则变长了。
#
# **延伸阅读：** [RFC 6455](link:rfc6455) §1.2 与 §9（扩展），[RFC 7692](link:rfc7692) §7（参数、上下文接管）与
# §7.2.3（精确到字节的例子）。下一课：[真正的对方](09_peers.ipynb)。
