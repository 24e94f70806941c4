# %% [markdown] lang="en"
# # 5 · Messages and the byte stream
#
# *About {{minutes}} minutes, and about {{practice}} more for the exercises at the end. You need lesson 4; you do not
# need the internet.*
#
# After this lesson you can
#
# - **cut** a message into frames, and **put** one together that somebody else has cut,
# - **say** what may come between two fragments and what may not,
# - **tell apart** the three things that are always confused: message, frame, and what one read brings,
# - **write** a reader that gives the same frames however the stream is cut.

# %% [markdown] lang="zh"
# # 5 · 消息与字节流
#
# *约 {{minutes}} 分钟，末尾的练习另需约 {{practice}} 分钟。需要先学第 4 课；不需要联网。*
#
# 学完这一课，你能够
#
# - 把一条消息**切成**若干帧，也能把别人切开的消息**拼起来**，
# - **说出**两个分片之间允许出现什么、不允许出现什么，
# - **分清**三样总被混为一谈的东西：消息、帧、一次读取得到的字节，
# - **写出**一个读取器：不管字节流怎么切，给出的帧都一样。

# %%
import wsedu
from wsedu.course import ask, begin, reveal, show_code
from wsedu.course.table import Table
from wsedu.course.tables import feeding, told
from wsedu.simulator import EVERY_BYTE, RANDOM_CUTS, WHOLE, Link, simulate
from wsedu.widgets import ExchangeFilm, FrameBuilder

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
ask("messages.recall_key")

# %%
ask("messages.recall_whom")

# %%
ask("messages.recall_reply")

# %% [markdown] lang="en"
# ## It works on my machine
#
# A student writes a chat server. It reads from the socket, takes what came for one message, decodes it, answers. At
# home everything is fine. All the tests pass. On the day of the demonstration the other side of the chat sits behind
# the hall's wireless network, and strange things begin: two messages become one; a long one loses its end; now and
# then the server sees an opcode that does not exist.
#
# Nothing is broken in the network. TCP promises bytes, in order, and it keeps its word. What nobody has promised is
# that they come in the same pieces in which they were sent. On a fast machine that talks to itself they nearly always
# do, and so this mistake is found on the day of the demonstration.

# %% [markdown] lang="zh"
# ## 在我电脑上好好的
#
# 一个学生写了个聊天服务器：从套接字读取，把读到的当成一条消息，解码，回答。在家里一切正常，测试全部通过。
# 到了演示那天，聊天的另一方连着会场的无线网络，怪事就来了：两条消息变成一条；长消息丢了尾巴；
# 服务器时不时还看到根本不存在的操作码。
#
# 网络并没有坏。TCP 承诺按顺序送达字节，它说到做到。可是从来没有人承诺过：发送时怎样分成一段一段，到达时也怎样分。
# 在一台很快的机器上自己跟自己通信，几乎总是原样到达，于是这个错误要到演示那天才会被发现。

# %% [markdown] lang="en"
# ## One message, several frames
#
# First the part that the sender decides. A sender need not know the whole message to begin it: a report that is being
# computed, a voice that is still speaking. It sends what there is, with `FIN = 0`, and goes on later.

# %% [markdown] lang="zh"
# ## 一条消息，若干帧
#
# 先看由发送方决定的部分。发送方不必等到知道整条消息才开始：报告还在计算，人还在说话。有什么先发什么，`FIN = 0`，
# 稍后再接着发。

# %%
ask("messages.opcodes")

# %%
pieces = [b"Hello", b" world"]
two_frames = [
    wsedu.Frame(opcode=1 if place == 0 else 0, payload=piece, fin=place == len(pieces) - 1)
    for place, piece in enumerate(pieces)
]
reveal("messages.opcodes", "  |  ".join(wsedu.encode_frame(frame).hex(" ") for frame in two_frames))

# %% [markdown] lang="en"
# Between the two, the other things of a connection have to go on. A Ping cannot wait until a film is finished.

# %% [markdown] lang="zh"
# 两帧之间，连接上的其他事情还得照常进行。Ping 总不能等到一部电影传完。

# %%
ask("messages.between")

# %% [markdown] lang="en"
# Here is such an exchange as the server saw it, step by step.

# %% [markdown] lang="zh"
# 下面就是这样一次交换，从服务器的角度，一步一步来看。

# %%
exchange = simulate("fragments", seed=1)
kinds = ("frame.complete", "message.fragment", "message.complete", "ping.answered")
account = exchange.filter(kind=kinds, endpoint=wsedu.Role.SERVER)
told(account.records[:11])

# %%
order = [record.step.kind for record in account.filter(kind=("ping.answered", "message.complete"))]
reveal("messages.between", " → ".join(order))

# %% [markdown] lang="en"
# A fragment may even be empty, as one was here. What is **not** allowed between two fragments is a data frame of
# another message: without an extension the fragments of two messages cannot be interleaved. Nor is a continuation
# allowed where there is nothing to continue. Both are refused before a byte of payload is looked at:

# %% [markdown] lang="zh"
# 分片甚至可以是空的，刚才就有一个。两个分片之间**不允许**出现的，是另一条消息的数据帧：没有扩展，两条消息的分片就不能交错。
# 没有开头的延续帧也不允许：没有什么可延续的。这两种情况，载荷一个字节都还没看，就已经被拒绝：

# %%
from wsedu.protocol import messages

show_code(messages.MessageReader.frame_header)

# %% [markdown] lang="en"
# **Where a message is cut means nothing.** Whoever stands in between may cut it anew, or join its pieces, unless an
# extension is in use that it does not know (§5.4). An application that reads a meaning from the frames is wrong.
#
# ## A character in two frames

# %% [markdown] lang="zh"
# **在哪里切开，没有任何含义**：除非用着中间设备不认识的扩展，否则它可以重新切分，也可以合并（§5.4）。
# 应用若从帧的边界读出什么含义，那就错了。
#
# ## 一个字符，跨越两帧

# %%
ask("messages.euro")

# %%
split = simulate("split-utf8", seed=1)
wanted = ("frame.complete", "message.fragment", "message.complete", "violation")
told(split.filter(kind=wanted, endpoint=wsedu.Role.SERVER))

# %%
euro = split.filter(kind="message.complete").records[0].step
reveal("messages.euro", f"{euro.data.decode()}  fragments={euro.fragments}")

# %% [markdown] lang="en"
# The last rows are of a third frame, `c3 28`: `c3` announces a character of two bytes, and `28` cannot be its second.
# The connection fails with `1007`. The receiver did not have to wait for the end to know that:

# %% [markdown] lang="zh"
# 最后几行来自第三帧 `c3 28`：`c3` 宣布一个两字节的字符，而 `28` 不可能是它的第二个字节。连接以 `1007` 失败。
# 接收方不必等到结尾就能知道：

# %%
ask("messages.early")

# %%
header = wsedu.encode_frame(wsedu.Frame.text("a" * 1_000_000))[:10]
text_reader = messages.MessageReader(wsedu.Role.CLIENT, wsedu.Limits(), print, print)
decoder = wsedu.FrameDecoder(role=wsedu.Role.CLIENT, sink=text_reader)
fed = 0
decoder.feed(header)
while decoder.violation is None:
    decoder.feed(b"\xff")
    fed += 1
reveal("messages.early", fed)

# %% [markdown] lang="en"
# ## Three things that do not line up
#
# Now the part that the sender does *not* decide. The same exchange three times: read as it was written, byte by byte,
# and cut at random. Counted at the server:

# %% [markdown] lang="zh"
# ## 三样对不齐的东西
#
# 再看发送方**不能**决定的部分。同一次交换演三遍：按写出时的样子读取，一个字节一个字节地读取，随机切开来读取。
# 在服务器一侧计数：

# %%
counted = ("bytes.received", "frame.complete", "message.complete")


def counts(trace, role) -> list[str]:
    seen = [record.step for record in trace.filter(endpoint=role, kind=counted)]
    read = [step.kind for step in seen if not getattr(step, "sent", False)]
    return [str(read.count(kind)) for kind in counted]


ways = {"WHOLE": WHOLE, "EVERY_BYTE": EVERY_BYTE, "RANDOM_CUTS": RANDOM_CUTS}
rows = {}
for name, way in ways.items():
    rows[name] = counts(simulate("fragments", seed=1, chunks=way), wsedu.Role.SERVER)
Table(["chunks", *counted], [[name, *row] for name, row in rows.items()])

# %% [markdown] lang="en"
# The reads, those of the handshake's request among them, go from {{rows["WHOLE"][0]}} to {{rows["EVERY_BYTE"][0]}};
# the frames and messages do not change. A *fragment* of WebSocket has nothing to do with a *segment* of TCP: the
# first is cut by the sender and has a header of WebSocket, the second is cut on the way and has none.
#
# The other way round as well. One frame of {{big, ","}} bytes of payload, over a line whose segments have
# {{Link().segment, ","}} bytes, is read in {{reads_of_big}} pieces, and it is one frame all the same.

# %% [markdown] lang="zh"
# 读取次数（包括读握手请求的那几次）从 {{rows["WHOLE"][0]}} 变到 {{rows["EVERY_BYTE"][0]}}，
# 帧和消息却不变。WebSocket 的**分片**与 TCP 的**报文段**毫无关系：前者由发送方切开，每一片都带着帧头；
# 后者是传输途中切开的，WebSocket 的任何东西都不带。
#
# 反过来也一样：一帧有 {{big, ","}} 个字节的载荷，线路的报文段是 {{Link().segment, ","}} 字节，
# 于是分成 {{reads_of_big}} 段读到，而它依然是一帧。

# %%
big = 65536
line = Link(bandwidth=125_000)


def send_big(world) -> None:
    world.settle()
    world.server.send_binary(bytes(big))
    world.settle()
    world.client.close()
    world.run()


large = simulate(send_big, seed=1, link=line)
arrived = large.filter(kind="bytes.received", endpoint=wsedu.Role.CLIENT)
sizes = [len(record.step.data) for record in arrived][1:-1]
reads_of_big = len(sizes)
print(sizes[:3], "...", sizes[-1:], sum(sizes))

# %% [markdown] lang="en"
# ## A ribbon to cut
#
# Below is a stream of a server: a text in two fragments with a Ping between them. Open the *stream strip* of the
# builder.
#
# 1. Let it arrive in one piece. How many frames are complete at once?
# 2. Cut it byte by byte, and let the pieces arrive one by one. After which bytes does the parser know how much it
#    needs, and after which not yet?
# 3. Put one single cut where the reader learns least: it has read a byte, and cannot say how long the frame is.
# 4. Add a Ping at the end, and cut so that one piece ends one frame, holds another, and begins a third.

# %% [markdown] lang="zh"
# ## 一条可以剪的带子
#
# 下面是服务器发出的一段字节流：一段文本分成两个分片，中间夹着一个 Ping。请打开帧构造器的“字节流”。
#
# 1. 让它整段到达。一下子完成了几帧？
# 2. 逐字节切开，让它们一段一段地到。解析器在哪些字节之后知道还需要多少？在哪些字节之后还不知道？
# 3. 只切一刀，切在读取器所知最少的地方：它读到了一个字节，却说不出这一帧有多长。
# 4. 在末尾再加一个 Ping，然后这样切：让其中一段带来一帧的结尾、一整帧，以及第三帧的开头。

# %%
ribbon = b"".join(
    wsedu.encode_frame(frame)
    for frame in (wsedu.Frame(1, b"Hel", fin=False), wsedu.Frame.ping(b"!"), wsedu.Frame(0, b"lo"))
)
strip = FrameBuilder(ribbon)
strip

# %%
ask("messages.reads")

# %% [markdown] lang="en"
# The same without the widget. This is the real decoder of wsedu, and after each piece its own account: what it has just
# read, which frames are complete, what it needs next.

# %% [markdown] lang="zh"
# 不用控件也能看。下面就是 wsedu 真正的解码器，每来一段，它自己报告：刚读到什么，哪些帧完整了，接下来需要什么。

# %%
feeding(ribbon, [1, 4, 6, 9])

# %%
hello = bytes.fromhex("810548656c6c6f")
reader = wsedu.FrameDecoder(role=wsedu.Role.CLIENT)
reveal("messages.reads", reader.feed(hello[:4]))

# %%
reader.feed(hello[4:])

# %% [markdown] lang="en"
# ## The code that decided this
#
# The parser that waits. Look for the three places where it keeps the beginning of a header for later, the one
# where a payload is not complete, and the loop around all of it.

# %% [markdown] lang="zh"
# ## 做出决定的代码
#
# 这就是会等待的解析器。找一找：哪三处把帧头的开头留到以后，哪一处载荷还不完整，以及把这一切包在里面的循环。

# %%
from wsedu.protocol import frames

show_code(frames.FrameDecoder._read)

# %% [markdown] lang="en"
# And does it really not depend on the cuts? Here is the same exchange, cut at random in {{len(seeds)}} ways. How many
# different lists of messages did the server deliver?

# %% [markdown] lang="zh"
# 真的不管怎么切都一样吗？把上面的交换用 {{len(seeds)}} 种随机切法各演一遍。服务器交付的消息列表有几种？

# %%
seeds = range(20)
delivered = set()
for seed in seeds:
    trace = simulate("fragments", seed=seed, chunks=RANDOM_CUTS)
    received = trace.filter(kind="message.complete", endpoint=wsedu.Role.SERVER)
    delivered.add(tuple(record.step.data for record in received))
len(delivered), delivered

# %% [markdown] lang="en"
# ## The film of it
#
# Three lanes for the same instant: messages, frames, and TCP chunks as they were read. Step to the Ping, and see
# which lane it is *not* in.

# %% [markdown] lang="zh"
# ## 拍成影片
#
# 同一时刻，三条泳道：消息、帧、读到的 TCP 数据块。走到 Ping 那一步，看看它**不在**哪条泳道里。

# %%
film = ExchangeFilm(simulate("fragments", seed=1, chunks=RANDOM_CUTS))
film

# %% [markdown] lang="en"
# ## Find the mistake
#
# This reader waits as it should: it keeps what is not a whole frame. (It is for short frames without masks, and that
# is not the mistake.) Fed byte by byte it gives every frame.

# %% [markdown] lang="zh"
# ## 找错误
#
# 这个读取器该等就等：不满一帧的就留着。（它只管没有掩码的短帧，错误不在这里。）一个字节一个字节地喂，它能给出每一帧。


# %%
class Patient:
    def __init__(self) -> None:
        self.waiting = b""

    def feed(self, data: bytes) -> list[bytes]:
        self.waiting += data
        if len(self.waiting) < 2:
            return []
        end = 2 + self.waiting[1]
        if len(self.waiting) < end:
            return []
        frame, self.waiting = self.waiting[:end], self.waiting[end:]
        return [frame]


patient = Patient()
[frame.hex(" ") for byte in ribbon for frame in patient.feed(bytes([byte]))]

# %%
ask("messages.mistake")

# %%
patient = Patient()
given = patient.feed(ribbon[:8])
reveal("messages.mistake", f"{[frame.hex(' ') for frame in given]}  {patient.waiting.hex(' ')}")

# %% [markdown] lang="en"
# In a chat that shows as "always one message behind"; as long as both type slowly it does not show at all.
#
# ## Your turn

# %% [markdown] lang="zh"
# 在聊天里，这表现为“总是慢一条”；只要双方都打字打得慢，就根本看不出来。
#
# ## 轮到你了

# %%
# exercise: fragment

# %%
wsedu.check("fragment")

# %%
# exercise: reassemble

# %%
wsedu.check("reassemble")

# %%
# exercise: frame_reader

# %%
wsedu.check("frame_reader")

# %% [markdown] lang="en"
# ## In short
#
# - A message is one or more frames: the first says what it is, the others have opcode `0`, the last has FIN. FIN ends a
#   message, not the connection.
# - Control frames come between fragments and are answered at once; data frames do not.
# - A text must be UTF-8 as a message; the {{len("€".encode())}} bytes of € may be in two frames. A wrong byte is
#   refused at once, here after {{fed}} of a million.
# - TCP has no messages. The same {{rows["WHOLE"][1]}} frames came in {{rows["WHOLE"][0]}} reads or in
#   {{rows["EVERY_BYTE"][0]}} of them. A reader keeps what is not complete, and takes all that is.
#
# **Read on:** [RFC 6455](link:rfc6455) §5.4 (fragmentation), §6.2 (receiving), §8.1 (UTF-8). Next:
# [staying alive](06_alive.ipynb).

# %% [markdown] lang="zh"
# ## 小结
#
# - 一条消息由一帧或多帧组成：第一帧说明它是什么，其余的操作码是 `0`，最后一帧带 FIN。FIN 结束的是消息，不是连接。
# - 控制帧可以夹在分片之间，要马上回应；数据帧不可以。
# - 文本作为一整条消息必须是合法的 UTF-8；€ 的 {{len("€".encode())}} 个字节可以分在两帧里。错误的字节马上被拒绝，
#   这里一百万个字节只收了 {{fed}} 个。
# - TCP 没有消息。同样的 {{rows["WHOLE"][1]}} 帧，既可以分 {{rows["WHOLE"][0]}} 次读到，也可以分
#   {{rows["EVERY_BYTE"][0]}} 次。读取器留着不完整的，取走所有完整的。
#
# **延伸阅读：** [RFC 6455](link:rfc6455) §5.4（分片）、§6.2（接收）、§8.1（UTF-8）。
# 下一课：[保持连接](06_alive.ipynb)。
