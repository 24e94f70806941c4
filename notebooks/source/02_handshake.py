# %% [markdown] lang="en"
# # 2 · The opening handshake
#
# *About {{minutes}} minutes, and about {{practice}} more for the exercises at the end. You need lesson 1; you do not
# need the internet.*
#
# After this lesson you can
#
# - **name** every line of the request and of the response, and say what happens without it,
# - **compute** the answer to a key in three steps, and say what it proves and what it does not,
# - **predict** who refuses a handshake, at which line, and with which status,
# - **defend** a server against pages that are not its own,
# - **prove** in two lines that the standard itself has a mistake.

# %% [markdown] lang="zh"
# # 2 · 建立连接的握手
#
# *约 {{minutes}} 分钟，末尾的练习另需约 {{practice}} 分钟。需要先学第 1 课；不需要联网。*
#
# 学完这一课，你能够
#
# - **说出**请求和响应里每一行的用途，以及缺了它会怎样，
# - 用三步**算出**对密钥的应答，并说明它证明了什么、没有证明什么，
# - **预测**谁会拒绝一次握手、在哪一行、用哪个状态码，
# - **保护**服务器，不让别人网站的页面冒用，
# - 用两行代码**证明**标准本身有一处错误。

# %%
import base64
import hashlib

import wsedu
from wsedu.course import ask, begin, reveal, show_code
from wsedu.protocol import handshake, request, response
from wsedu.simulator import simulate
from wsedu.widgets import ExchangeFilm, HandshakeStepper

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
ask("handshake.recall_busy")

# %%
ask("handshake.recall_faster")

# %%
ask("handshake.recall_who")

# %% [markdown] lang="en"
# ## The form that sent mail
#
# In 2001 Jochen Topf described a trick: a web page with a harmless form. Whoever presses its button sends a mail
# without knowing it, for the form's address is that of a *mail* server. That server complains about each line of
# HTTP, as it knows none of them, reads on, and then finds lines in the form that it does know: from, to, text.
#
# The browser has spoken to somebody who does not speak its language, and neither of the two has noticed. When a page
# may open a connection and send what it likes, that becomes far worse. So before the first message the two sides have
# to answer one question: **do you really speak WebSocket, and do you mean me?** The opening handshake is that
# question.

# %% [markdown] lang="zh"
# ## 会寄信的表单
#
# 2001 年，Jochen Topf 描述了一个花招：网页上有个看似无害的表单，谁按下按钮，谁就在不知不觉中寄出一封邮件，
# 因为表单的地址是一台*邮件*服务器。那台服务器对 HTTP 的每一行都抱怨一句“不认识”，接着往下读，
# 然后在表单内容里读到它认识的几行：发件人、收件人、正文。
#
# 浏览器和一个不懂它语言的对象说了话，双方都没有察觉。如果页面还能打开连接、想发什么就发什么，后果就严重得多。
# 所以在第一条消息之前，双方必须先回答一个问题：**你真的会说 WebSocket 吗？你是在跟我说话吗？**
# 建立连接的握手就是这个问题。

# %% [markdown] lang="en"
# ## A question in the words of HTTP
#
# It is asked as a request of HTTP, so that one server on one port can answer both: a browser that wants a page, and
# one that wants a WebSocket. This is the request of the RFC's example.

# %% [markdown] lang="zh"
# ## 用 HTTP 的话来问
#
# 问题以 HTTP 请求的形式提出，这样同一台服务器、同一个端口就能回答两种来客：要网页的，和要 WebSocket 的。
# 下面是 RFC 示例里的请求。

# %%
stepper = HandshakeStepper()
asked = stepper.request
print(asked.decode())

# %%
ask("handshake.left_out")


# %% [markdown] lang="en"
# A server of wsedu may answer. It is the endpoint that all lessons use, without a network: bytes in, bytes out.

# %% [markdown] lang="zh"
# 让 wsedu 的服务器来回答。它就是各课都在用的那个端点，只是没有接网络：送进字节，取出字节。


# %%
def answer(head: bytes, **policy) -> bytes:
    server = wsedu.Connection(wsedu.Role.SERVER, policy=wsedu.ServerPolicy(**policy))
    server.receive_data(head)
    return server.data_to_send()


def status(head: bytes, **policy) -> str:
    return answer(head, **policy).decode().splitlines()[0]


lines = asked.decode().splitlines()[:-1]
without = {
    line: status("\r\n".join([*(other for other in lines if other != line), "", ""]).encode()) for line in lines[1:]
}
for line, said in without.items():
    print(f"- {line:50} {said}")

# %%
reveal("handshake.left_out", sum(" 101 " in said for said in without.values()))

# %% [markdown] lang="en"
# ## Line by line
#
# Here is the whole handshake: every line with its use, every check of both sides in the order of the RFC. Lines can
# be changed, taken out and doubled, on both sides.
#
# 1. Write `Connection: keep-alive, Upgrade`, as Firefox does, and `Upgrade: WebSocket`. Does the server mind?
# 2. Take `Upgrade` out of `Connection`. Which check fails, and which ones are not even reached?
# 3. Choose *Step by step*, and begin from “The accept value of another key”: predict both sides before you go on. Who
#    refuses, and what has he sent by then?
# 4. Change the key by one letter. Which other line changes by itself?

# %% [markdown] lang="zh"
# ## 一行一行地看
#
# 下面是完整的握手：每一行的用途，以及双方按 RFC 顺序做的每一项检查。两边的行都可以改、可以删、可以重复。
#
# 1. 写上 `Connection: keep-alive, Upgrade`（Firefox 就这样写）和 `Upgrade: WebSocket`。服务器介意吗？
# 2. 从 `Connection` 里去掉 `Upgrade`。哪一项检查失败？哪些检查根本没有做到？
# 3. 选择“逐步进行”，从“属于另一个 key 的 accept 值”开始：每一步之前先预测双方。谁拒绝了？到那时它发出过什么？
# 4. 把密钥改一个字母。还有哪一行会自己跟着变？

# %%
stepper

# %% [markdown] lang="en"
# **“It is HTTP, so proxies and firewalls let it through.”** One often reads that, and it is half the truth. The port
# is the one that is open anyway (§1.7). But `Connection` lists what is meant for the *next hop* only, and a proxy
# that keeps to HTTP and does not know `Upgrade` takes both lines out. The server then gets a question that it cannot
# accept:

# %% [markdown] lang="zh"
# **“它是 HTTP，所以代理和防火墙会放行。”** 常有人这么说，但只对了一半。端口确实是本来就开着的那个（§1.7）。
# 可是 `Connection` 列出的内容只给*下一跳*看：遵守 HTTP 而不认识 `Upgrade` 的代理会把这两行都去掉。
# 服务器收到的就成了一个无法接受的问题：


# %%
def through_a_proxy(head: bytes) -> bytes:
    for_the_next_hop = (b"connection:", b"upgrade:")
    return b"".join(line for line in head.splitlines(True) if not line.lower().startswith(for_the_next_hop))


print(answer(through_a_proxy(asked)).decode())

# %% [markdown] lang="en"
# Worse are proxies that pass it on and understand nothing: they may take what follows for more HTTP. That is why
# clients mask, in [the lesson on masking](04_masking.ipynb). Over `wss://` a proxy sees nothing but TLS, and
# most leave it alone.
#
# ## The key, in three steps
#
# The client has drawn {{len(base64.b64decode(key))}} random bytes and written them in base64. The server answers with
# something that nobody would answer by accident.

# %% [markdown] lang="zh"
# 更糟的是那种原样转发却什么也不懂的代理：它可能把后面的内容也当成 HTTP。客户端要做掩码，原因就在这里，
# 见[讲掩码的那一课](04_masking.ipynb)。走 `wss://` 时，代理只看得到 TLS，多半也就不去动它。
#
# ## 密钥：三步
#
# 客户端随机生成 {{len(base64.b64decode(key))}} 个字节，写成 base64。服务器要回一个谁也不会碰巧答对的值。

# %%
ask("handshake.hashed")

# %%
ask("handshake.accept_size")

# %%
key = "x3JJHMbDL1EzLkh9GBhXDw=="
joined = key + handshake.GUID
digest = hashlib.sha1(joined.encode()).digest()
accept = base64.b64encode(digest).decode()
print(joined, digest.hex(" "), accept, sep="\n")

# %%
reveal("handshake.accept_size", len(accept))

# %%
decoded = base64.b64encode(hashlib.sha1(base64.b64decode(key) + handshake.GUID.encode()).digest()).decode()
reveal("handshake.hashed", f"{accept} / {decoded}")

# %% [markdown] lang="en"
# The first of these two is what a client takes, the second comes from decoding the key first. Both look equally good,
# and only another program will tell you which is wrong.
#
# **What does it prove?** Often one reads that the key is there “for the server's verification”. Verification of whom?

# %% [markdown] lang="zh"
# 这两个值里，前一个会被客户端接受，后一个是先把密钥解码的结果。两个看上去一样像样，只有别的程序才会告诉你哪个错了。
#
# **它证明了什么？** 常见的说法是，密钥“供服务器验证”。验证谁呢？

# %%
ask("handshake.same_key")

# %%
reveal("handshake.same_key", " / ".join([status(asked), status(asked)]))

# %% [markdown] lang="en"
# It is the *client* that verifies, and this is all that it learns: whoever answered has read this very request, knows
# the GUID, and so means WebSocket. The mail server of the story would never pass. What the client does **not** learn:
#
# - who the server is (that is TLS),
# - that nobody listens or changes anything (TLS again; the GUID stands in the RFC for all to read),
#
# and the server learns nothing about the client from it. SHA-1 is broken as a signature, and it does not matter here:
# there is nothing to sign (§10.8).
#
# ## The code that decided this

# %% [markdown] lang="zh"
# 做验证的是*客户端*，而它得知的只有这么一点：回答的人读过这个请求，知道 GUID，所以确实在说 WebSocket。
# 故事里的邮件服务器绝对过不了关。客户端**没有**得知的是：
#
# - 服务器是谁（那是 TLS 的事），
# - 有没有人偷听或改动（还是 TLS 的事；GUID 就写在 RFC 里，人人都知道），
#
# 而服务器从中得不到任何关于客户端的信息。SHA-1 用作签名已经不安全，但在这里无所谓：这里没有要签名的东西（§10.8）。
#
# ## 做出决定的代码

# %%
show_code(handshake.accept_key)

# %%
show_code(response.check_accept)

# %% [markdown] lang="en"
# ## The standard has a bug
#
# In §4.1 the RFC gives another example: if the random bytes are `01 02 03 … 10`, then the key is
# `AQIDBAUGBwgJCgsMDQ4PEC==`. Before you check it: what can the last letter be at all?

# %% [markdown] lang="zh"
# ## 标准里有一处错误
#
# RFC 在 §4.1 还给了另一个例子：如果随机字节是 `01 02 03 … 10`，那么密钥就是 `AQIDBAUGBwgJCgsMDQ4PEC==`。
# 检查之前先想想：最后一个字母到底有几种可能？

# %%
ask("handshake.last_letter")

# %%
last_letters = sorted({base64.b64encode(bytes(15) + bytes([last])).decode()[21] for last in range(256)})
reveal("handshake.last_letter", len(last_letters))

# %% [markdown] lang="en"
# {{", ".join(last_letters)}}: `C` is none of them. Two lines prove it:

# %% [markdown] lang="zh"
# 只有 {{"、".join(last_letters)}}，没有 `C`。两行代码就能证明：

# %%
printed = "AQIDBAUGBwgJCgsMDQ4PEC=="
print(base64.b64encode(bytes(range(1, 17))).decode(), base64.b64encode(base64.b64decode(printed)).decode(), sep="\n")

# %% [markdown] lang="en"
# Both ways, from the bytes and from the printed key, lead to one letter, and it is not the printed one. The errata of
# the RFC say so, too: [erratum 3150](link:erratum3150), verified. And the mistake is useful. Decoders differ in what
# they make of such a key, so a server that decodes and encodes it again gives another answer than one that takes the
# text as it came:

# %% [markdown] lang="zh"
# 不管从字节出发还是从印出来的密钥出发，得到的都是同一个字母，而不是印出来的那个。RFC 的勘误也是这么说的：
# [勘误 3150](link:erratum3150)，已核实。这处错误还有用处：不同的解码器对这样的密钥处理不同，先解码再编码的服务器，
# 得出的应答会和直接用原文的不一样：

# %%
for text in (printed, base64.b64encode(base64.b64decode(printed)).decode()):
    print(text, wsedu.accept_key(text))

# %% [markdown] lang="en"
# ## Saying no, in HTTP
#
# A server that does not want to open the connection says so in HTTP, which every client understands.

# %% [markdown] lang="zh"
# ## 用 HTTP 说“不”
#
# 服务器不愿打开连接时，就用 HTTP 说出来，这是每个客户端都懂的。

# %%
ask("handshake.other_version")

# %%
older = answer(asked.replace(b"Version: 13", b"Version: 8")).decode().splitlines()
reveal("handshake.other_version", " / ".join(older[:3]))

# %%
changes = {
    b"GET": b"POST",
    b"HTTP/1.1": b"HTTP/1.0",
    b"Upgrade: websocket": b"Upgrade: h2c",
    b"Connection: Upgrade": b"Connection: keep-alive",
    b"IHNh": b"",
    b"Version: 13": b"Version: thirteen",
}
for old, new in changes.items():
    print(f"{old.decode():20} -> {new.decode():24} {status(asked.replace(old, new))}")

# %% [markdown] lang="en"
# The client is just as strict. Everything is as it should be in these answers but for one thing each; next to it is
# the rule by which a client of wsedu fails the connection.

# %% [markdown] lang="zh"
# 客户端同样严格。下面每个应答都只有一处不对；旁边是 wsedu 的客户端据以让连接失败的规则。


# %%
def read_by_a_client(change=lambda head: head, rest: bytes = b"") -> wsedu.Connection:
    client = wsedu.Connection(wsedu.Role.CLIENT, uri="ws://server.example.com/chat", random_bytes=bytes)
    client.receive_data(change(answer(client.data_to_send())) + rest)
    return client


faults = {
    b"101 Switching Protocols": b"200 OK",
    b"Upgrade: websocket": b"Upgrade: h2c",
    b"Accept: ": b"Accept: A",
    b"\r\n\r\n": b"\r\nSec-WebSocket-Protocol: chat\r\n\r\n",
}
for old, new in faults.items():
    refused = read_by_a_client(lambda head, old=old, new=new: head.replace(old, new))
    print(f"{new.decode().strip():30} {refused.violation.rule.name}")

# %% [markdown] lang="en"
# And when all is well, the same TCP connection carries frames from the empty line on. The first of them may come in
# one piece with the head. A client that drops what follows the empty line has lost a message:

# %% [markdown] lang="zh"
# 一切正常时，从空行之后起，同一条 TCP 连接就开始传送帧。第一帧可能和头部一起到达。把空行之后的内容丢掉的客户端，
# 就丢了一条消息：

# %%
opened = read_by_a_client(rest=wsedu.encode_frame(wsedu.Frame.text("Hello")))
print([type(event).__name__ for event in opened.events()])

# %% [markdown] lang="en"
# ## Whose page is asking?

# %% [markdown] lang="zh"
# ## 是谁的页面在问？

# %%
ask("handshake.cross_site")

# %% [markdown] lang="en"
# Watch it happen, in virtual time, so that it is the same film for everybody.
#
# 1. Step on until the server has read the request. Everything in it is legal. What gives it away?
# 2. Who has added the cookie, and who has written the Origin?
# 3. Write `cross-site-refused` into the cell, which is the same but for a server that serves the pages of its own
#    host only, and run it again. After which step do the two films part?

# %% [markdown] lang="zh"
# 看看它是怎样发生的。这部影片用虚拟时间，所以人人看到的都一样。
#
# 1. 一步步走到服务器读完请求。里面的一切都合法。是什么露了馅？
# 2. Cookie 是谁附上的？Origin 又是谁写的？
# 3. 把单元格里的名字改成 `cross-site-refused` 再运行一次：一切照旧，只是服务器只接受来自本站页面的连接。
#    两部影片从哪一步起不同？

# %%
hijacked = simulate("cross-site", seed=2)
ExchangeFilm(hijacked)

# %%
sent = next(record.step for record in hijacked if record.step.kind == "handshake.request")
for name, value in sent.headers:
    print(f"{name}: {value}")

# %%
evil = asked.replace(b"Origin: http://example.com", b"Origin: http://evil.example")
reveal("handshake.cross_site", " / ".join([status(evil), status(evil, same_host=True)]))

# %% [markdown] lang="en"
# This is *cross-site WebSocket hijacking*. Looking at `Origin` is the defence that the RFC gives a server (§10.2),
# and no `Access-Control` header has a part in it. (Cookies marked `SameSite` are left out by many browsers; that is a
# second lock, not the first.) The line that decides:

# %% [markdown] lang="zh"
# 这叫*跨站 WebSocket 劫持*。检查 `Origin` 是 RFC 给服务器的防御手段（§10.2），
# `Access-Control` 一类的头部在这里不起作用。（许多浏览器不会附上标了 `SameSite` 的 Cookie；那是第二把锁，
# 不是第一把。）做决定的是这里：

# %%
show_code(request.check_origin)

# %%
ask("handshake.forged")

# %%
forged = asked.replace(b"Origin: http://example.com", b"Origin: http://server.example.com")
reveal("handshake.forged", status(forged, same_host=True))

# %% [markdown] lang="en"
# ## What shall we speak?
#
# A WebSocket carries messages; what they mean is for a *subprotocol* to say. The client offers names, the best first.

# %% [markdown] lang="zh"
# ## 我们说什么？
#
# WebSocket 只负责传送消息；消息是什么意思，由*子协议*来规定。客户端列出一些名字，最想要的在最前。

# %%
ask("handshake.none_fits")

# %%
for spoken in (["chat"], ["superchat"], ["superchat", "chat"], ["soap"]):
    fields = answer(asked, subprotocols=spoken).decode().splitlines()
    print(spoken, [field for field in fields if field.startswith("Sec-WebSocket-Protocol")])

# %%
reveal("handshake.none_fits", " / ".join(answer(asked, subprotocols=["soap"]).decode().splitlines()[:-1]))

# %% [markdown] lang="en"
# ## Find the mistake
#
# A server for the pages of `example.com`. It takes the RFC's request, and any order and case that the RFC allows.

# %% [markdown] lang="zh"
# ## 找错误
#
# 这个服务器只为 `example.com` 的页面服务。RFC 的请求它接受，RFC 允许的各种顺序和大小写它也都接受。


# %%
def admits(head: bytes) -> bool:
    pairs = [line.split(":", 1) for line in head.decode().splitlines()[1:] if line]
    fields = {name.lower(): value.strip() for name, value in pairs}
    return (
        fields["upgrade"].lower() == "websocket"
        and "upgrade" in [word.strip() for word in fields["connection"].lower().split(",")]
        and len(base64.b64decode(fields["sec-websocket-key"])) == 16
        and fields["sec-websocket-version"] == "13"
        and fields["origin"].endswith("example.com")
    )


admits(asked)

# %%
ask("handshake.mistake")

# %%
other_site = "http://evil-example.com"
passed = admits(asked.replace(b"http://example.com", other_site.encode()))
reveal("handshake.mistake", f"{other_site} / {passed}")

# %% [markdown] lang="en"
# ## Your turn
#
# Write them in place; the cell below each checks it with the grader of the course. If time is short, do the first one
# now and the others at home: they are the front door of your own endpoint in the last lesson.

# %% [markdown] lang="zh"
# ## 轮到你了
#
# 直接写在这里；下面的单元格用课程自己的评分程序来检查。时间不够的话，现在先做第一题，其余的回家做：
# 它们是最后一课里你自己的端点的大门。

# %%
# exercise: accept_key

# %%
wsedu.check("accept_key")

# %%
# exercise: response_head

# %% [markdown] lang="en"
# You may also move the lines instead of typing letters: the next cell has them all.

# %% [markdown] lang="zh"
# 也可以不键入字母，而是移动各行：下一个单元格里全都有。

# %%
from wsedu.grading.notebook import lines_of
from wsedu.widgets import LineOrder

puzzle = LineOrder(lines_of("response_head"), order, name="response_head")
puzzle

# %%
wsedu.check("response_head", puzzle)

# %%
# exercise: check_request

# %%
wsedu.check("check_request")

# %% [markdown] lang="en"
# ## In short
#
# - The handshake is one exchange of HTTP; only `101` opens the connection, and from the empty line on there are
#   frames.
# - {{len(lines) - 1 - sum(" 101 " in said for said in without.values())}} of the {{len(lines) - 1}} fields of the
#   RFC's request are demanded. `Connection` is a list, and case does not count in it, nor in `Upgrade`.
# - Accept = base64 of SHA-1 of key and GUID, both as text: {{len(accept)}} characters. It shows the client that the
#   server speaks WebSocket. It authenticates nobody and hides nothing.
# - A server refuses in HTTP; a client fails the connection.
# - `Origin` is what a server has against other sites' pages. It has to look at it, and compare it whole.
# - One subprotocol of those offered, or none.
#
# **Read on:** [RFC 6455](link:rfc6455) §1.3, §4.1 and §4.2 (both sides), §10.2 (Origin), §11.3 (each header);
# [erratum 3150](link:erratum3150). Next: [frames, bit by bit](03_frames.ipynb).

# %% [markdown] lang="zh"
# ## 小结
#
# - 握手是一次 HTTP 交换；只有 `101` 打开连接，空行之后就是帧。
# - RFC 示例请求的 {{len(lines) - 1}} 个字段中，
#   有 {{len(lines) - 1 - sum(" 101 " in said for said in without.values())}} 个是必需的。`Connection` 是一个列表；
#   它和 `Upgrade` 的值都不分大小写。
# - Accept = 密钥和 GUID（都当作文本）连起来做 SHA-1，再做 base64：{{len(accept)}} 个字符。
#   它让客户端看到服务器会说 WebSocket；它不认证任何人，也不隐藏任何东西。
# - 服务器用 HTTP 拒绝；客户端让连接失败。
# - 面对别的网站的页面，服务器靠的是 `Origin`：必须去看，而且要整个比较。
# - 子协议从所提供的里面选一个，或者一个也不选。
#
# **延伸阅读：** [RFC 6455](link:rfc6455) §1.3、§4.1 和 §4.2（双方）、§10.2（Origin）、§11.3（各个头部字段）；
# [勘误 3150](link:erratum3150)。下一课：[帧，一位一位地看](03_frames.ipynb)。
