# %% [markdown] lang="en"
# # 9 · A real peer
#
# *About {{minutes}} minutes, and about {{practice}} more for the exercises at the end. You need lesson 8; you do not
# need the internet. A browser is good to have, and you are probably reading this in one.*
#
# After this lesson you can
#
# - **serve** a page to your own browser and see every frame that it sends,
# - **tap** a connection between two programs that you have not written, and **open** the capture in Wireshark,
# - **compare** what several libraries do with the same wrong bytes, and say which of them the RFC supports,
# - **judge** a stranger's answer and a stranger's frames by the RFC,
# - **tell** what is true of what is said about WebSocket and HTTP/2.

# %% [markdown] lang="zh"
# # 9 · 真正的对方
#
# *约 {{minutes}} 分钟，末尾的练习另需约 {{practice}} 分钟。需要先学第 8 课；不需要联网。最好有一个浏览器，你多半正用它读这一页。*
#
# 学完这一课，你能够
#
# - 为自己的浏览器**提供**一个网页，看到它发送的每一帧，
# - 在两个不是你写的程序之间**搭线监听**，并在 Wireshark 里**打开**捕获文件，
# - **比较**几个库怎样对待同样的错误字节，并说出 RFC 支持谁，
# - 依据 RFC **评判**陌生人的应答和陌生人的帧，
# - **辨别**关于 WebSocket 与 HTTP/2 的说法是真是假。

# %%
from pathlib import Path

import wsedu
from wsedu.course import ask, begin, reveal, show_code
from wsedu.course.beside import Arrivals, Served, Tapped
from wsedu.course.differing import FRAMES, REQUESTS, differences
from wsedu.course.libraries import talk
from wsedu.extras import MissingExtraError
from wsedu.loopback.tap import TapConnection
from wsedu.trace.pcaptrace import read_capture
from wsedu.trace.pcapwrite import write_pcapng
from wsedu.widgets import ExchangeFilm, LiveExchange

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
ask("peers.recall_rsv")

# %%
ask("peers.recall_tls")

# %%
ask("peers.recall_silent")

# %% [markdown] lang="en"
# ## You have used one all the time
#
# Each time you run a cell of this notebook, your browser sends it over a WebSocket to Jupyter, and its output comes
# back the same way. The server there is the library *tornado*, the client is your browser, and neither of them has
# ever seen wsedu. So far both ends of every connection in this course were ours. Ends that agree with themselves prove
# little: **a protocol is what strangers agree on.**

# %% [markdown] lang="zh"
# ## 你一直都在用
#
# 每运行一次这个笔记本里的单元格，你的浏览器就通过 WebSocket 把它发给 Jupyter，输出也沿原路返回。那边的服务器是
# *tornado* 这个库，客户端是你的浏览器，两者都没见过 wsedu。到目前为止，本课程里每条连接的两端都是我们自己写的。
# 自己和自己一致，说明不了什么：**陌生人之间也能一致，才叫协议。**

# %% [markdown] lang="en"
# ## A server for your browser, and a tap
#
# The next cell starts a server that has a page, and stands between it and whoever comes: the *tap* passes every byte on
# as it is, and looks at it.

# %% [markdown] lang="zh"
# ## 给浏览器的服务器，以及一个 tap
#
# 下一个单元格启动一个带网页的服务器，并站在它和来访者之间：**tap**（搭在线路上的监听）把每个字节原样转交，同时看一眼。

# %%
served = Served()
tap = Tapped(served.uri)
print(tap.url)

# %%
ask("peers.cannot")

# %% [markdown] lang="en"
# 1. Open the address above in a new tab of your browser. (On a JupyterHub your browser cannot reach it: then read on.)
# 2. Send a text, then have the server send a Ping. What does JavaScript see of the Ping, and what does the server see?
# 3. Open the browser's own tools (`F12`, *Network*, *WS*) beside it, and compare. Which frames are missing there?
# 4. Close from the page, connect again, close from the server with a code of your choice. What does JavaScript see?
# 5. In the console of the browser's tools, open a connection of your own:
#    `s = new WebSocket("ws://" + location.host)`. Then try `s.close(1001)`, `s.close(1005)`, `s.close(4000)`.
#    Which codes does the browser refuse?
#
# So that something has passed in any case, the next cell has the library `websockets` come through the tap (or wsedu's
# own client, if that library is not installed).

# %% [markdown] lang="zh"
# 1. 在浏览器的新标签页里打开上面的地址。（在 JupyterHub 上浏览器访问不到它：那就接着往下读。）
# 2. 发送一段文本，再让服务器发一个 Ping。JavaScript 看到了这个 Ping 的什么？服务器又看到了什么？
# 3. 同时打开浏览器自带的工具（`F12`，“网络”，*WS*），对照着看。那里缺了哪些帧？
# 4. 从网页这边关闭，再连上，让服务器用你选的状态码关闭。JavaScript 看到了什么？
# 5. 在浏览器工具的控制台里自己打开一个连接：`s = new WebSocket("ws://" + location.host)`。然后试试 `s.close(1001)`、
#    `s.close(1005)`、`s.close(4000)`。浏览器不接受哪些状态码？
#
# 为了无论如何都有东西经过，下一个单元格让 `websockets` 这个库穿过 tap（如果没有安装它，就用 wsedu 自己的客户端）。

# %%
number = tap.count + 1
who, heard = talk(tap.uri, "Hello from a notebook", "你好")
passed = tap.over(number)
print(who, heard)

# %%
reveal("peers.cannot")

# %%
for record in passed.frames(sent=False):
    frame, sender = record.step.frame, record.step.endpoint.peer.value
    mask = "-" if frame.masking_key is None else "mask"
    print(f"{sender:7} {frame.opcode.name:6} {mask:5} {len(frame.payload):3}  {frame.payload!r}")

# %% [markdown] lang="en"
# A stranger's frames, and they are the ones of the lessons before: masked from the client, not masked from the server,
# UTF-8 counted in bytes. The same as a film, to scrub through:

# %% [markdown] lang="zh"
# 这是陌生人的帧，和前几课的一模一样：客户端发的有掩码，服务器发的没有，UTF-8 按字节计数。
# 同样的内容做成影片，可以拖动着看：

# %%
ExchangeFilm(passed)

# %% [markdown] lang="en"
# In two terminals the same takes two commands, and whatever client you have. Ctrl-C ends the tap, and it saves:
#
# ```
# python -m wsedu serve --port 8000
# python -m wsedu tap --to ws://127.0.0.1:8000/ --port 8001 --save talk.pcapng
# ```
#
# ## The capture, in Wireshark
#
# A capture is what others can open. This cell writes one, and reads it again with a reader that knows nothing of how it
# was made:

# %% [markdown] lang="zh"
# 在两个终端里做同样的事只要两条命令，客户端随你用哪个。按 Ctrl-C 结束 tap，它就把捕获文件存下来：
#
# ```
# python -m wsedu serve --port 8000
# python -m wsedu tap --to ws://127.0.0.1:8000/ --port 8001 --save talk.pcapng
# ```
#
# ## 在 Wireshark 里看捕获文件
#
# 捕获文件是别人也能打开的东西。这个单元格写出一个，再用一个完全不知道它如何产生的读取程序把它读回来：

# %%
capture = Path("talk.pcapng")
try:
    write_pcapng(passed, capture)
    again = read_capture(capture.read_bytes()).traces[0]
    print(capture, [r.step.frame.opcode.name for r in again.frames(sent=False)])
except MissingExtraError as missing:
    print(missing)

# %% [markdown] lang="en"
# 1. Open `talk.pcapng` in Wireshark, and type `websocket` into the line of the filter. How many lines are left?
# 2. Choose the first one. Wireshark shows *Masked payload* and, in a tab beside the bytes, *Unmasked data*. Who gave it
#    the key?
# 3. Filter by `websocket.opcode == 8`, then by `tcp.flags.fin == 1`: who ends what, and in which order?

# %% [markdown] lang="zh"
# 1. 在 Wireshark 里打开 `talk.pcapng`，在过滤器一栏键入 `websocket`。还剩几行？
# 2. 选中第一行。Wireshark 显示 *Masked payload*，并在字节旁的标签页里显示 *Unmasked data*。密钥是谁给它的？
# 3. 先按 `websocket.opcode == 8` 过滤，再按 `tcp.flags.fin == 1` 过滤：谁结束了什么，顺序如何？

# %% [markdown] lang="en"
# ## You against a server
#
# Below is a client under your hands. It is connected to the server with the page, and has sent a text and a Ping.
#
# 1. Send a text of your own. What comes back, and with which mask?
# 2. Predict the status code, then send an illegal frame of your choice. Who ends the connection?
# 3. Connect again, and cut TCP. Which code does the client report, and who has sent it?
# 4. Put another address into the field: the one of a server that you know, such as one of your own.

# %% [markdown] lang="zh"
# ## 你来对付服务器
#
# 下面是一个由你操纵的客户端。它连在刚才那个带网页的服务器上，已经发出一段文本和一个 Ping。
#
# 1. 发一段自己的文本。回来的是什么，用了哪个掩码？
# 2. 先预测状态码，再发一个你选的非法帧。谁结束了连接？
# 3. 重新连接，然后切断 TCP。客户端报告哪个状态码？是谁发来的？
# 4. 在地址栏里填另一个地址：你知道的某个服务器，比如你自己写的。

# %%
live = LiveExchange(served.uri)
arrived = Arrivals(live.trace)
live.do_connect()
arrived.wait("state.changed")
live.do_send("client", "text", "Hello")
arrived.wait("TEXT")
live.do_ping("client", "still there?")
arrived.wait("PONG")
live

# %% [markdown] lang="en"
# ## The same bytes, other libraries
#
# The RFC says what is forbidden; whether anybody *refuses* it is decided by those who write libraries. A server has
# to refuse a frame of a client that is not masked (§5.1, MUST).

# %% [markdown] lang="zh"
# ## 同样的字节，不同的库
#
# RFC 规定了什么是禁止的；但有没有人**拒绝**它，要看写库的人。服务器必须拒绝客户端发来的没有掩码的帧（§5.1，MUST）。

# %%
ask("peers.unmasked")

# %% [markdown] lang="en"
# The next cell starts a server of each library that is installed here, connects, sends the same bytes to each, and
# writes down what it answers. Nothing in this table was typed.

# %% [markdown] lang="zh"
# 下一个单元格为本机安装的每个库启动一个服务器，逐一连接，发出同样的字节，记下它的回答。表里没有一格是手写的。

# %%
table = differences(FRAMES)
table

# %%
reveal("peers.unmasked", ", ".join(f"{name} {answer}" for name, answer in table.found["unmasked"].items()))

# %% [markdown] lang="en"
# In bold: some refuse what others take. Three kinds of reasons hide behind it.
#
# - **The RFC is silent**: it binds the sender, not the receiver, as with the shortest form of a length.
# - **The registry has grown**: status code `1014` came after the RFC, and a library has its age.
# - **Somebody has left a check out**, because every honest peer passes without it.
#
# Does it matter? Think of two that read one stream: a filter in front that takes a frame one way, and a server behind
# that takes it another way. What the filter has not seen has passed it. That is why wsedu is strict by default, and
# names each place where `strict=False` is not.
#
# The same for the opening handshake:

# %% [markdown] lang="zh"
# 粗体的行：有的拒绝，有的收下。背后有三类原因。
#
# - **RFC 没有说**：它约束发送方，没有约束接收方，例如长度的最短形式。
# - **登记表变长了**：状态码 `1014` 是 RFC 之后才有的，而每个库都有自己的年代。
# - **有人少做了一项检查**，因为诚实的对方不需要它也能通过。
#
# 这要紧吗？设想有两个程序读同一个字节流：前面的过滤器是一种读法，后面的服务器是另一种读法。过滤器没看见的，
# 就混过去了。所以 wsedu 默认是严格的，`strict=False` 放宽的每一处都有名字。
#
# 握手也一样：

# %%
requests = differences(REQUESTS)
requests

# %% [markdown] lang="en"
# ## The code that decided this
#
# Between a client and a server that are not yours, the first duty is to change nothing. These are the lines of the tap
# that every byte passes. What happens if the explanation fails?

# %% [markdown] lang="zh"
# ## 做出决定的代码
#
# 站在两个都不属于你的程序之间，头一条本分是什么也不改变。每个字节都要经过 tap 的这几行。如果解释失败了，会怎样？

# %%
show_code(TapConnection.received)

# %%
show_code(TapConnection._explain)

# %% [markdown] lang="en"
# ## Find the mistake
#
# A browser names the page that opens a connection in `Origin`, and the server is the only one who can look at it
# (lesson 2). This server does, and its own page works.

# %% [markdown] lang="zh"
# ## 找错误
#
# 浏览器在 `Origin` 里写明是哪个页面打开了连接，而能检查它的只有服务器（第 2 课）。
# 这个服务器检查了，它自己的页面也能用。


# %%
def is_ours(headers: dict[str, str]) -> bool:
    return "https://example.com" in headers.get("origin", "https://example.com")


is_ours({"origin": "https://example.com"}), is_ours({"origin": "https://evil.example"}), is_ours({})

# %%
ask("peers.mistake")

# %%
reveal("peers.mistake", is_ours({"origin": "https://example.com.evil.example"}))

# %% [markdown] lang="en"
# ## What came after: HTTP/2
#
# It is often said that the ideas of WebSocket have influenced *Server Push* of HTTP/2. Before you read on:

# %% [markdown] lang="zh"
# ## 后来的事：HTTP/2
#
# 常有人说，WebSocket 的思想影响了 HTTP/2 的 *Server Push*。读下去之前：

# %%
ask("peers.push")

# %%
reveal("peers.push")

# %% [markdown] lang="en"
# The two have a word in common, and little else. With Push, a server answered *requests that it expected*: the page
# was asked for, its pictures came along, into the browser's cache. No script ever saw a message, and nothing could be
# sent back. It did not make pages faster in practice, and browsers have taken it out: Chrome with version 106 in
# 2022, Firefox with version 132 in 2024.
#
# What there really is: **WebSocket over HTTP/2** (RFC 8441, 2018). One TCP connection carries many streams, and one
# of these becomes a WebSocket. Its handshake is another one, what follows is the same:
#
# ```
# HTTP/1.1                          HTTP/2 (RFC 8441)
# GET /chat                         :method = CONNECT  :path = /chat
# Upgrade: websocket                :protocol = websocket
# Host: server.example.com          :scheme = https  :authority = server.example.com
# Connection: Upgrade               -
# Sec-WebSocket-Key: ...            -
# Sec-WebSocket-Version: 13         sec-websocket-version = 13
#
# 101, Sec-WebSocket-Accept: ...    :status = 200
# ```
#
# The frames after it are the same, masked by the client as ever; HTTP/2 carries them in its DATA frames.
# The key has gone: a server says beforehand that it can do this (`SETTINGS_ENABLE_CONNECT_PROTOCOL`), so
# nothing needs to be proved. For HTTP/3 there is RFC 9220 with the same idea. wsedu does not implement either; its
# frames are those that you would find inside.

# %% [markdown] lang="zh"
# 两者除了“推”这个字，几乎没有共同点。Server Push 是服务器**提前回答它料到的请求**：页面被请求时，图片跟着一起来，
# 放进浏览器的缓存。脚本从来看不到什么消息，也没法回传。实践中它并没有让网页变快，浏览器已经把它去掉：
# Chrome 在 2022 年的 106 版，Firefox 在 2024 年的 132 版。
#
# 真正有的是：**基于 HTTP/2 的 WebSocket**（RFC 8441，2018 年）。一条 TCP 连接承载许多个流，其中一个变成 WebSocket。
# 握手换了样子，之后的一切照旧：
#
# ```
# HTTP/1.1                          HTTP/2 (RFC 8441)
# GET /chat                         :method = CONNECT  :path = /chat
# Upgrade: websocket                :protocol = websocket
# Host: server.example.com          :scheme = https  :authority = server.example.com
# Connection: Upgrade               -
# Sec-WebSocket-Key: ...            -
# Sec-WebSocket-Version: 13         sec-websocket-version = 13
#
# 101, Sec-WebSocket-Accept: ...    :status = 200
# ```
#
# 之后的帧一模一样，客户端照旧加掩码；HTTP/2 把它们装在自己的 DATA 帧里。
# 密钥不见了：服务器事先就说明自己会这个（`SETTINGS_ENABLE_CONNECT_PROTOCOL`），所以没有什么要证明。
# HTTP/3 有思路相同的 RFC 9220。这两样 wsedu 都没有实现；里面的帧，就是你在这里见到的帧。

# %% [markdown] lang="en"
# ## Your turn
#
# Judge strangers yourself: first what a server answers, as a client has to; then frames, as they stand in a dump. The
# cell below each checks it with the grader of the course.

# %% [markdown] lang="zh"
# ## 轮到你了
#
# 自己来评判陌生人：先像客户端那样检查服务器的应答，再判断转储里的帧。下面的单元格用课程自己的评分程序来检查。

# %%
# exercise: check_response

# %%
wsedu.check("check_response")

# %%
# exercise: broken_frames

# %%
wsedu.check("broken_frames")

# %% [markdown] lang="en"
# ## In short
#
# - A protocol is what strangers agree on: test with peers that you have not written.
# - A tap changes nothing and shows everything; a capture can be opened by others. With TLS you need the keys.
# - A page cannot send a Ping, cut a message into fragments, or see a status of HTTP; its browser decides.
# - {{len(table.disputed)}} of {{len(table.found)}} wrong or unusual inputs were refused by some of
#   {{len(table.versions)}} libraries here and taken by others. What the RFC demands of a receiver, refuse; what it
#   demands of a sender, obey.
# - HTTP/2 Server Push was no WebSocket; WebSocket over HTTP/2 is RFC 8441.
#
# **Read on:** [RFC 6455](link:rfc6455) §4.2.1 and §10, [RFC 8441](link:rfc8441). Next: [your own
# endpoint](10_capstone.ipynb).

# %% [markdown] lang="zh"
# ## 小结
#
# - 陌生人之间也能一致，才叫协议：要和不是你写的对方一起测试。
# - tap 什么也不改变，却能看到一切；捕获文件别人也能打开。用了 TLS，就得有密钥。
# - 网页不能发 Ping，不能把消息切成分片，也看不到 HTTP 的状态码；这些由浏览器决定。
# - 在这里的 {{len(table.versions)}} 个库中，{{len(table.found)}} 种错误或少见的输入里，
#   有 {{len(table.disputed)}} 种被有的库拒绝、被有的库收下。RFC 要求接收方做到的，就拒绝；要求发送方做到的，就照办。
# - HTTP/2 的 Server Push 不是 WebSocket；基于 HTTP/2 的 WebSocket 是 RFC 8441。
#
# **延伸阅读：** [RFC 6455](link:rfc6455) §4.2.1 与 §10，[RFC 8441](link:rfc8441)。下一课：
# [你自己的端点](10_capstone.ipynb)。
