# %% [markdown] lang="en"
# # 10 · Your own endpoint
#
# *About {{minutes}} minutes, best in two sittings. You need all lessons before; you do not need the internet.*
#
# After this lesson you can
#
# - **build** a server from parts that you have written one by one,
# - **test** it with programs that have never heard of you: a library, your browser,
# - **say** what it still lacks, and where that stands in the RFC,
# - **choose** what to read and to do next.

# %% [markdown] lang="zh"
# # 10 · 你自己的端点
#
# *约 {{minutes}} 分钟，最好分两次完成。需要先学第 0 至第 9 课；不需要联网。*
#
# 学完这一课，你能够
#
# - 用自己逐个写好的零件**搭出**一个服务器，
# - 用从没听说过你的程序来**测试**它：一个库，以及你的浏览器，
# - **说出**它还缺什么，以及那写在 RFC 的哪里，
# - **选择**接下来读什么、做什么。

# %%
import socket

import wsedu
from wsedu.course import ask, begin, reveal, show_code
from wsedu.course.beside import Arrivals, Hosted, Tapped
from wsedu.course.differing import FRAMES, differences
from wsedu.course.libraries import talk
from wsedu.grading.exercise import exercises, find_exercise
from wsedu.widgets import ExchangeFilm, LiveExchange

begin("{language}")
minutes = 120

# %% [markdown] lang="en"
# ## Before you go on
#
# Three questions on the lesson before. Skipping is allowed.

# %% [markdown] lang="zh"
# ## 开始之前
#
# 关于上一课的三个问题。可以跳过。

# %%
ask("capstone.recall_ping")

# %%
ask("capstone.recall_origin")

# %%
ask("capstone.recall_2")

# %% [markdown] lang="en"
# ## A stranger at the door
#
# When the RFC came out in 2011, people who had never met had written browsers and servers by its drafts, and these
# talked with each other. What they shared was a text. That is the promise of a standard: you read it, you write down
# what it says, and a stranger's program, which is older than yours and runs on millions of machines, says *Hello* and
# is understood.
#
# You have all the parts by now. These are the exercises of the course, with their minutes; the last one is today's:

# %% [markdown] lang="zh"
# ## 门口的陌生人
#
# 2011 年 RFC 发布时，素未谋面的人已经照着草案写出了浏览器和服务器，它们彼此能够对话。大家共有的，只是一份文本。
# 标准的承诺就在这里：你读它，把它说的写成程序，然后一个陌生人的程序（它比你的老，跑在几百万台机器上）说一声
# *Hello*，你的程序听懂了。
#
# 零件你已经齐了。下面是本课程的练习，以及各自的分钟数；最后一题就是今天这一题：

# %%
for exercise in exercises():
    given = "*" if exercise.name in ("accept_key", "read_request", "apply_mask", "encode_frame") else " "
    print(f"{exercise.number:2} {given} {exercise.facts['minutes']:3}  {exercise.text('{language}')['title']}")

# %% [markdown] lang="en"
# Those with a star are given in the last one: you have written them already. The rest is yours: reading from the
# socket, taking frames out of the stream, every check, and what is answered.
#
# Two things go wrong most often. First: the client's request and its first frame may come in *one* read.

# %% [markdown] lang="zh"
# 带星号的在最后一题里已经给出，因为你早就写过了。其余都归你：怎样读套接字、怎样从流里取出帧、每一项检查，以及怎样回答。
#
# 有两件事最常出错。第一件：客户端的请求和它的第一个帧可能在**同一次**读取里到达。

# %%
ask("capstone.together")


# %%
def serving(source: str):
    """The function `answer` of a file of exercise 25."""
    names = {"__name__": "course"}
    exec(source, names)
    return names["answer"]


REQUEST = (
    b"GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
KEY = bytes.fromhex("37fa213d")


def heard(hosted: Hosted) -> list[str]:
    """Send a request and a text in one piece, then a Close frame; the frames that come back until TCP ends."""
    host, _, port = hosted.uri.removeprefix("ws://").rstrip("/").rpartition(":")
    with socket.create_connection((host, int(port)), timeout=10) as client:
        client.sendall(REQUEST + wsedu.encode_frame(wsedu.Frame.text("Hello", masking_key=KEY)))
        data = b""
        while b"\r\n\r\n" not in data:
            data += client.recv(4096)
        client.sendall(wsedu.encode_frame(wsedu.Frame.close(1000, masking_key=KEY)))
        while more := client.recv(4096):
            data += more
    frames = wsedu.FrameDecoder(role=wsedu.Role.CLIENT).feed(data.partition(b"\r\n\r\n")[2])
    return [frame.opcode.name for frame in frames]


final = find_exercise("endpoint")
forgetful = next(variant for variant in final.wrong if variant.idea == "M10")
found = []
for source in (forgetful.source, final.solution):
    hosted = Hosted(serving(source))
    found.append(heard(hosted))
    hosted.close()
print(*found, sep="\n")
reveal("capstone.together", found[0])

# %% [markdown] lang="en"
# The first line is of an endpoint that drops what follows the head, the second of a right one. The first works with
# every client that waits a moment. It fails on a fast day.
#
# ## Find the mistake
#
# The second thing: this function puts fragments together, and passes every test with texts.

# %% [markdown] lang="zh"
# 第一行来自一个丢掉头部后面字节的端点，第二行来自一个正确的端点。只要客户端稍等一下，前一个就能用；
# 网络快的那天，它就坏了。
#
# ## 找错误
#
# 第二件：这个函数把分片拼起来，所有只用文本的测试它都能通过。


# %%
def messages(frames: list[tuple[bool, int, bytes]]):
    """Whole messages, from frames as (fin, opcode, payload)."""
    message = b""
    for fin, _opcode, payload in frames:
        message += payload
        if fin:
            yield message
            message = b""


list(messages([(False, 1, b"Hel"), (True, 0, b"lo"), (True, 1, b"again")]))

# %%
ask("capstone.mistake")

# %%
reveal("capstone.mistake", list(messages([(False, 1, b"Hel"), (True, 9, b"?"), (True, 0, b"lo")])))

# %% [markdown] lang="en"
# ## Your turn
#
# Write it in place, or in the file `25_endpoint.py` of your folder of exercises, where `python -m wsedu check --watch`
# looks on. Build it in the order of the checks: a handshake that answers and returns; then one frame; then the loop.

# %% [markdown] lang="zh"
# ## 轮到你了
#
# 写在这里，或者写在你练习文件夹的 `25_endpoint.py` 里，让 `python -m wsedu check --watch` 在一旁看着。
# 按检查的顺序来搭：先是回答之后就返回的握手；然后一个帧；然后才是循环。

# %%
# exercise: endpoint

# %%
verdict = wsedu.check("endpoint")
verdict

# %% [markdown] lang="en"
# ## A stranger comes
#
# The next cell puts your endpoint on a free port, with the tap of lesson 9 before it, and has the library `websockets` come (or wsedu's own
# client, if that is not installed). As long as your endpoint does not pass its check, the course's own stands in: it
# says `course` then, and `__main__` when it is yours.

# %% [markdown] lang="zh"
# ## 来了一个陌生人
#
# 下一个单元格让你的端点在空闲端口上等待连接，前面接上第 9 课的 tap，再让 `websockets` 这个库连进来
# （如果没有安装，就用 wsedu 自己的客户端）。在你的端点通过检查之前，先由课程自己的代替：
# 这时显示 `course`；显示 `__main__` 时，就是你的。

# %%
speaks = answer if verdict else serving(final.solution)
hosted = Hosted(speaks)
tap = Tapped(hosted.uri)
number = tap.count + 1
who, came_back = talk(tap.uri, "Hello", "你好")
passed = tap.over(number)
print(speaks.__module__, who, came_back)
ExchangeFilm(passed)

# %% [markdown] lang="en"
# ## Your browser comes
#
# 1. Open the address that the next cell prints in a new tab: the page is given, the server behind it is yours.
# 2. Send a text with characters of several bytes. Then one of 70,000 letters, by the browser's console (`F12`):
#    `client.send("a".repeat(70000))`. Which form of the length does your endpoint read now?
# 3. Close by the button. What does the page report as `code` and `wasClean`? Who of the two ended TCP?
# 4. Stop the cell's server (restart the kernel), with the page still open. Which code does it report now, and why?
#
# Outside of Jupyter: `python 25_endpoint.py 8000`.

# %% [markdown] lang="zh"
# ## 你的浏览器来了
#
# 1. 在新标签页里打开下一个单元格打印的地址：网页是现成的，背后的服务器是你的。
# 2. 发一段含有多字节字符的文本。再通过浏览器的控制台（`F12`）发一段 70,000 个字母的：
#    `client.send("a".repeat(70000))`。你的端点这时读到的是长度的哪种写法？
# 3. 按按钮关闭。网页报告的 `code` 和 `wasClean` 是什么？两者之中谁结束了 TCP？
# 4. 网页开着的时候停掉单元格里的服务器（重启内核）。这时它报告哪个状态码？为什么？
#
# 在 Jupyter 之外：`python 25_endpoint.py 8000`。

# %%
print(hosted.url)

# %% [markdown] lang="en"
# ## You come, with bad intentions
#
# Here is a client for your endpoint. It has said *Hello*, and then sent something that no endpoint may send. Before you
# look at the picture:

# %% [markdown] lang="zh"
# ## 你来了，不怀好意
#
# 这是对付你的端点的客户端。它说了 *Hello*，然后发出了任何端点都不该发的东西。看图之前：

# %%
ask("capstone.refuses")

# %%
live = LiveExchange(hosted.uri)
arrived = Arrivals(live.trace)
live.do_connect()
arrived.wait("state.changed")
live.do_send("client", "text", "Hello")
arrived.wait("TEXT")
live.do_illegal("client", "opcode")
arrived.wait("CLOSE")
arrived.wait("close.status")
live

# %%
closed = [record.step.frame for record in live.trace.frames(sent=False)][-1]
reveal("capstone.refuses", str(int.from_bytes(closed.payload[:2], "big")))

# %% [markdown] lang="en"
# 1. Connect again and try the other illegal frames of the menu. Is there one that your endpoint takes?
# 2. Cut TCP in the middle. Does your endpoint still serve the next client?
#
# And the table of lesson 9, with one more column:

# %% [markdown] lang="zh"
# 1. 重新连接，试试菜单里其他的非法帧。有没有你的端点会收下的？
# 2. 在半途切断 TCP。你的端点还能服务下一个客户端吗？
#
# 还有第 9 课的那张表，多了一列：

# %%
table = differences(FRAMES, also={speaks.__module__: hosted.uri})
table

# %% [markdown] lang="en"
# ## The code that decided this
#
# Yours reads from a socket, and waits there. The endpoint that all lessons have used does not: bytes are given to it,
# and it says what it makes of them. That is why the same one ran on a socket, in virtual time and over captures.

# %% [markdown] lang="zh"
# ## 做出决定的代码
#
# 你的端点从套接字读取，并在那里等待。各课一直在用的端点则不然：别人把字节交给它，它说出怎样理解。
# 所以同一个端点既能跑在套接字上，也能跑在虚拟时间里，还能跑在捕获文件上。

# %%
show_code(wsedu.Connection.receive_data)

# %% [markdown] lang="en"
# ## What it still lacks, and how to go on
#
# Yours speaks with strangers. Before you would let the whole world in, it needs
#
# - **limits**: a header may announce {{wsedu.protocol.passive.UNLIMITED_SIZE - 1, ","}} bytes (§10.4, lesson 3); refuse with `1009` before you
#   wait for them,
# - **deadlines**: a client that says nothing keeps a thread for ever (lesson 6),
# - **Origin**: any page may come (§10.2, lesson 2), and behind it the cookies of whoever reads that page,
# - **TLS**, and, if messages resemble each other, **compression** (lesson 8),
# - a **half-closed** end: who ends TCP, and how long to wait (§7.1.1, lesson 7).
#
# For production, take a library that has all of it and many users: *websockets* or *aiohttp* in Python, *ws* in
# Node.js, *tungstenite* in Rust. You know now what they do for you, and can tell when they do not.
#
# - `python -m wsedu quiz`: which ideas have stayed, and which to look at once more.
# - `python -m wsedu tap --to URL`: look into what you build from now on.
# - The *client*: the same exercise from the other side. What must it check that a server need not?
# - The **Autobahn** test suite: some hundred more conversations with your endpoint.
#
# ## In short
#
# - A whole endpoint is not much code; a right one is a list of decisions, and each has its section.
# - What comes in one read is no unit of anything. What is left belongs to what comes next.
# - Strangers are the test. Yours stands in a table with {{len(table.versions) - 1}} others now, and has met a library
#   and a browser.
#
# **Read on:** [RFC 6455](link:rfc6455), from the first page to the last: you can, now.

# %% [markdown] lang="zh"
# ## 它还缺什么，以及接下来怎么走
#
# 你的端点能和陌生人说话了。要让全世界都进来，它还需要
#
# - **上限**：一个帧头可以宣布 {{wsedu.protocol.passive.UNLIMITED_SIZE - 1, ","}} 个字节（§10.4，第 3 课）；在等它们之前就用 `1009` 拒绝，
# - **期限**：什么也不说的客户端会永远占住一个线程（第 6 课），
# - **Origin**：任何网页都能来（§10.2，第 2 课），带着读那个网页的人的 Cookie，
# - **TLS**；如果消息彼此相像，还有**压缩**（第 8 课），
# - **半关闭**：谁结束 TCP，要等多久（§7.1.1，第 7 课）。
#
# 用在生产环境里，请选功能齐全、用户众多的库：Python 的 *websockets* 或 *aiohttp*，Node.js 的 *ws*，
# Rust 的 *tungstenite*。你现在知道它们替你做了什么，也看得出它们什么时候没有做。
#
# - `python -m wsedu quiz`：哪些想法已经站稳，哪些值得再看一眼。
# - `python -m wsedu tap --to URL`：从今往后，看看你做的东西里面在发生什么。
# - 客户端：同一道题，从另一边来做。有什么是它必须检查、而服务器不必检查的？
# - **Autobahn** 测试集：再和你的端点进行几百场对话。
#
# ## 小结
#
# - 一个完整的端点没有多少代码；一个正确的端点是一张决定的清单，每个决定都有它的章节。
# - 一次读取带来的，不是任何东西的单位。剩下的，属于后面要来的。
# - 陌生人就是测试。你的端点已经和另外 {{len(table.versions) - 1}} 个并列在一张表里，也见过一个库和一个浏览器。
#
# **延伸阅读：** [RFC 6455](link:rfc6455)，从第一页读到最后一页：现在你读得懂了。
