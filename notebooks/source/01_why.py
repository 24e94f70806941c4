# %% [markdown] lang="en"
# # 1 · Why WebSocket
#
# *About {{minutes}} minutes, and about {{practice}} more for the exercises at the end. You need lesson 0; you do not
# need the internet.*
#
# After this lesson you can
#
# - **describe** four ways in which a server's news reach a client,
# - **compute** what each of them costs, in bytes, in requests and in time,
# - **find** the point where long polling is worse than polling,
# - **take apart** a famous comparison, and say what it left out,
# - **argue** for polling where polling is right.

# %% [markdown] lang="zh"
# # 1 · 为什么要有 WebSocket
#
# *约 {{minutes}} 分钟，末尾的练习另需约 {{practice}} 分钟。需要先学第 0 课；不需要联网。*
#
# 学完这一课，你能够
#
# - **说明**服务器的新消息到达客户端的四种方式，
# - **算出**每种方式要花多少字节、多少请求、多少时间，
# - **找到**长轮询不如轮询的那个点，
# - **拆解**一个著名的比较，说出它漏了什么，
# - 在轮询合适的地方**为轮询辩护**。

# %%
import http.client
import http.server
import threading
from dataclasses import replace

import wsedu
from wsedu.course import ask, begin, reveal, show_code
from wsedu.overhead import claims, model
from wsedu.overhead.curves import crossover, passing, rates
from wsedu.overhead.delays import delay
from wsedu.overhead.measure import Measurement
from wsedu.overhead.results import expected
from wsedu.overhead.setting import Setting
from wsedu.overhead.transports import FOUR, Transport
from wsedu.views.overhead_story import SITUATIONS
from wsedu.widgets import OverheadLab

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
ask("why.recall_first")

# %%
ask("why.recall_hello")

# %%
ask("why.recall_end")

# %% [markdown] lang="en"
# ## Are we there yet?
#
# A child on the back seat wants to know when the sea can be seen. It can ask every minute: nearly every answer is
# “no”, and when the sea appears, it learns of it up to a minute late. It can ask once, “tell me when we are there”,
# and wait for the answer; then, if there is more to see, ask again. Or the driver, who sees the road, may simply
# speak.
#
# HTTP has no driver who may speak. It knows requests and responses, and it is always the client that begins. Pages
# wanted to show share prices, chats and games all the same, and so they asked. And asked.

# %% [markdown] lang="zh"
# ## 到了吗？
#
# 后座上的孩子想知道什么时候能看到海。他可以每分钟问一次：回答几乎总是“没有”，等海真的出现了，他最多要晚一分钟才知道。
# 他也可以只问一次“到了告诉我”，然后等着；要是后面还有可看的，就再问一次。或者，看着路的司机可以自己开口。
#
# HTTP 里没有可以自己开口的司机。它只有请求和响应，先开口的总是客户端。可网页也想显示股价、聊天和游戏，
# 于是它们就问。一遍又一遍地问。

# %% [markdown] lang="en"
# | way | who asks, and when | when the answer comes | what one event costs |
# | --- | --- | --- | --- |
# | **polling** | the client, at intervals | at once, mostly empty | a share of a request and a response |
# | **long polling** | the client, after each answer | when there is news | a request and a response |
# | **server-sent events** | the client, once | never ends: an event is a piece of it | a few bytes, one way only |
# | **WebSocket** | the client, once | it changes the protocol | a frame; both sides send at will |
#
# One often reads that HTTP's connections are short, and WebSocket's lasting. Let us see: here is a server of HTTP,
# from Python's own library, on this machine.

# %% [markdown] lang="zh"
# | 方式 | 谁来问，何时问 | 应答何时来 | 一个事件的代价 |
# | --- | --- | --- | --- |
# | **轮询** | 客户端，每隔一段时间 | 立刻，大多是空的 | 分摊一次请求和响应 |
# | **长轮询** | 客户端，每得到一次应答之后 | 有了新消息才来 | 一次请求和一次响应 |
# | **服务器推送事件（SSE）** | 客户端，只问一次 | 永不结束：每个事件是其中一段 | 几个字节的文本，只能单向 |
# | **WebSocket** | 客户端，只问一次 | 换成另一种协议 | 一帧；双方随时都能发 |
#
# 常有人说 HTTP 是短连接，WebSocket 是长连接。我们来看看：下面是 Python 自带库里的一个 HTTP 服务器，就跑在这台机器上。

# %%
ask("why.kept")

# %%
news, connections, bodies = [], set(), []


class News(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        connections.add(self.client_address)
        body = b"\n".join(news)
        news.clear()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_) -> None:
        pass


with http.server.ThreadingHTTPServer(("127.0.0.1", 0), News) as server:
    threading.Thread(target=server.serve_forever, daemon=True).start()
    client = http.client.HTTPConnection(*server.server_address)
    for happened in ([], [b"sea"], []):
        news.extend(happened)  # it happens, and the server may not say so
        client.request("GET", "/news")
        bodies.append(client.getresponse().read())
    client.close()
    server.shutdown()
bodies

# %%
reveal("why.kept", len(connections))

# %% [markdown] lang="en"
# So the connection lasts in both. The difference is another one: in HTTP every word of the server is an answer, with
# a head in front of it; on a WebSocket it needs no question.
#
# ## How late?

# %% [markdown] lang="zh"
# 所以两者的连接都可以长久。区别在别处：HTTP 里服务器说的每句话都是应答，前面都带一个头部；在 WebSocket 上，
# 它说话不需要有人先问。
#
# ## 晚多少？

# %%
ask("why.delay")

# %%
setting = Setting(clients=20, events_per_second=0.2, interval=1.0, payload=20, rtt=0.05)
mean = {way: float(delay(way, setting).mean) * 1000 for way in FOUR}
reveal("why.delay", round(mean[Transport.POLLING]))

# %%
for way, late in mean.items():
    print(f"{way:13} {late:6.1f} ms")

# %% [markdown] lang="en"
# Nothing comes sooner than after half a round trip: WebSocket does **not** make the network faster. It takes away the
# wait for the next question. And server-sent events are just as quick: if only the server has something to say, they
# are enough.
#
# ## How much?

# %% [markdown] lang="zh"
# 没有什么能比半个往返更早到：WebSocket **不会**让网络变快，它省掉的是等待下一次提问的时间。服务器推送事件同样快：
# 如果只有服务器有话要说，用它就够了。
#
# ## 花多少？

# %%
ask("why.busy")

# %%
busy = replace(setting, events_per_second=10.0)
reveal("why.busy", round(float(model.rhythm(Transport.LONG_POLLING, busy).requests), 2))

# %%
for rate in (0.2, 10.0):
    print(f"{rate:g}/s")
    for way in FOUR:
        cost = model.evaluate(way, replace(setting, events_per_second=rate))
        print(f"  {way:13} {float(cost.requests):8.3f} requests/s {float(cost.total_per_message()):8.0f} bytes/event")

# %% [markdown] lang="en"
# Look at the two lines of long polling, and at the two of polling. Where few events happen, long polling waits in
# silence. Where many do, it asks after every single one, while polling brings them in one answer. So “long polling is
# the better polling” holds up to a certain rate only: with one poll every {{interval, "g"}} s up to about
# {{crossing * interval, ".1g"}} event per interval.

# %% [markdown] lang="zh"
# 比较一下长轮询的两行和轮询的两行。事件稀少时，长轮询安静地等着；事件很多时，它每收到一个就要再问一次，
# 而轮询一次应答就全部带回。所以“长轮询是更好的轮询”只在一定频率以下成立：若每 {{interval, "g"}} 秒轮询一次，
# 大约是每个间隔 {{crossing * interval, ".1g"}} 个事件。

# %%
interval = 5.0
seldom = rates(replace(setting, interval=interval))
crossing = crossover(seldom)
round(crossing, 3)

# %% [markdown] lang="en"
# ## The code that decided this
#
# How often does a transport ask? Events happen at random; a poll finds something with a certain probability, and long
# polling is a cycle of waiting and asking again. Find the line in which many events become one answer.

# %% [markdown] lang="zh"
# ## 做出决定的代码
#
# 一种方式多久问一次？事件随机发生；一次轮询有一定概率碰上新消息，长轮询则是等待与再问的循环。
# 找一找哪一行把许多事件变成了一次应答。

# %%
show_code(model.rhythm)

# %%
show_code(model._long_polling)

# %% [markdown] lang="en"
# A model can be wrong, so here it is next to a real run on this machine: bytes at the socket, measured divided by
# modelled.

# %% [markdown] lang="zh"
# 模型也可能错，所以拿它和这台机器上的一次真实运行比一比：套接字上的字节数，实测除以模型。

# %%
measurement = Measurement(FOUR, replace(setting, events_per_second=10.0, interval=0.5), seconds=1.0)
measurement.start()
measurement.join()
for run in measurement.results:
    print(f"{run.transport:13} {run.repeated / expected(run).repeated:.1f}")

# %% [markdown] lang="en"
# ## The famous 871
#
# An article from which many others have copied compared one poll with one frame. These are its heads, of 2009:

# %% [markdown] lang="zh"
# ## 著名的 871
#
# 有一篇被到处转抄的文章，拿一次轮询和一帧作了比较。这是它的两个头部，出自 2009 年：

# %%
heads = claims.article_heads()
for head in heads:
    print("\n".join(head), end="\n\n")

# %%
ask("why.characters")

# %%
reveal("why.characters", claims.article_characters())

# %% [markdown] lang="en"
# {{claims.article_characters()}} to {{wsedu.encode_frame(wsedu.Frame.text("x" * 20)).index(b"x")}}, so the article says:
# 435 to one. But were they counted well?

# %% [markdown] lang="zh"
# {{claims.article_characters()}} 比 {{wsedu.encode_frame(wsedu.Frame.text("x" * 20)).index(b"x")}}，
# 那篇文章说，也就是四百三十五比一。可是数得对吗？

# %%
ask("why.on_the_wire")

# %%
reveal("why.on_the_wire", claims.article_bytes())

# %% [markdown] lang="en"
# It forgot {{claims.article_bytes() - claims.article_characters()}} bytes, and so far its case is even better than it
# said. But bytes do not travel alone.

# %% [markdown] lang="zh"
# 它忘了 {{claims.article_bytes() - claims.article_characters()}} 个字节。到这一步为止，它的论点比它自己说的还要有力。
# 可是，字节从不单独上路。

# %%
ask("why.ratio")

# %%
packets = claims.article_packets()
reveal("why.ratio", f"{packets.polling} / {packets.websocket} = {packets.ratio:.1f}")

# %% [markdown] lang="en"
# Ten to one is still a lot. But it is not 435 to one, and it is for a poll that *finds* an event. Whoever states a ratio
# has to say what is counted, and for how many events.

# %% [markdown] lang="zh"
# 十比一还是不少，但毕竟不是四百三十五比一，而且这还是一次*碰上了*事件的轮询。谁给出比例，谁就得说清楚算了什么、
# 算的是多少个事件。

# %% [markdown] lang="en"
# ## When polling is right

# %% [markdown] lang="zh"
# ## 什么时候轮询才对

# %%
ask("why.for_polling")

# %%
for one in SITUATIONS:
    polling, websocket = one.bytes
    in_time = f"{one.late:6.2f} s <= {one.needs:5.2f} s"
    print(f"{one.name:10} {polling:7.0f} / {websocket:7.0f} bytes/s   {in_time}   {one.right}")

# %%
reveal("why.for_polling", ", ".join(one.name for one in SITUATIONS if one.right))

# %% [markdown] lang="en"
# ## The lab
#
# Everything so far, under your fingers. The model follows at once; *Measure* runs all four on this machine.
#
# 1. Choose the situations one after the other: mail, stock ticker, chat, game. In which of them does polling take the
#    fewest bytes of all four ways, and at what price?
# 2. Switch off layers until only the heads of HTTP and of frames are left. Which famous comparison is this?
# 3. Move the rate of events until the lines of polling and long polling cross. Change the interval: where does the
#    crossing go?
# 4. Set the round trip from the least to the greatest value. What does WebSocket's delay do?
# 5. Press *Measure*. Which figures does the machine confirm, and which can it not measure by itself?

# %% [markdown] lang="zh"
# ## 实验室
#
# 前面讲过的一切，现在可以亲手试。模型立即跟着变；“测量”会在这台机器上真的把四种方式各跑一遍。
#
# 1. 依次选择各种情形：邮件、股票行情、聊天、游戏。在哪一种情形里，轮询的字节是四种方式中最少的？代价是什么？
# 2. 关掉一些层，直到只剩 HTTP 的头部和帧头。这是哪个著名的比较？
# 3. 移动事件频率，直到轮询和长轮询的线相交。改变间隔，交点往哪里移？
# 4. 把往返时间从最小拉到最大。WebSocket 的延迟怎样变？
# 5. 按下“测量”。哪些数字得到了机器的证实？哪些它自己测不出来？

# %%
lab = OverheadLab(replace(setting, interval=interval))
lab

# %% [markdown] lang="en"
# One more, to be found in the lab:

# %% [markdown] lang="zh"
# 再来一个，要在实验室里找：

# %%
ask("why.turning")

# %%
turning = passing(seldom, Transport.WEBSOCKET, Transport.POLLING)
reveal("why.turning", round(turning, 2))

# %% [markdown] lang="en"
# ## Find the mistake
#
# Somebody counts what a message of a chat takes at the socket, in either direction. The RFC's own example comes out
# right.

# %% [markdown] lang="zh"
# ## 找错误
#
# 有人要算聊天里一条消息在套接字上占多少字节，两个方向都用它算。RFC 自己的例子算出来是对的。


# %%
def bytes_of_a_message(text: str) -> int:
    payload = len(text.encode())
    header = 2 if payload < 126 else 4 if payload < 65536 else 10
    return header + payload


bytes_of_a_message("Hello"), len(wsedu.encode_frame(wsedu.Frame.text("Hello")))

# %%
ask("why.mistake")

# %%
from_a_client = wsedu.encode_frame(wsedu.Frame.text("Hello", masking_key=bytes.fromhex("37fa213d")))
reveal("why.mistake", f"{bytes_of_a_message('Hello')} / {len(from_a_client)}: {from_a_client.hex(' ')}")

# %% [markdown] lang="en"
# ## Your turn
#
# First your own case: put your numbers into the cell, and decide. It has no right answer but yours.

# %% [markdown] lang="zh"
# ## 轮到你了
#
# 先看你自己的情形：把你的数字填进单元格，然后做决定。没有标准答案，只有你的答案。

# %%
mine = Setting(clients=200, events_per_second=0.5, interval=2.0, payload=120, rtt=0.08, headers="cookies", tls=True)
for way in FOUR:
    cost, late = model.evaluate(way, mine), float(delay(way, mine).quantile(0.95))
    print(f"{way:13} {float(cost.total()) * mine.clients:9.0f} bytes/s   {late:5.2f} s")

# %% [markdown] lang="en"
# A WebSocket needs an address, as everything on the web does: `ws://` and, over TLS, `wss://`. It has no port of its
# own; it shares those of HTTP. Write what a client has to find in an address; the cell below checks it with the
# grader of the course.

# %% [markdown] lang="zh"
# 和网上的一切一样，WebSocket 需要一个地址：`ws://`，走 TLS 则是 `wss://`。它没有自己的端口，与 HTTP 共用。
# 请写出客户端要从地址里读出的东西；下面的单元格用课程自己的评分程序来检查。

# %%
# exercise: parse_uri

# %%
wsedu.check("parse_uri")

# %% [markdown] lang="en"
# What polling pays for are heads, and whoever receives one has to find its end first, however the bytes come in.

# %% [markdown] lang="zh"
# 轮询的开销都花在头上，而收到头的一方先要找到它在哪里结束，不管字节怎样分批到来。

# %%
# exercise: read_request

# %%
wsedu.check("read_request")

# %% [markdown] lang="en"
# ## In short
#
# - In HTTP a server only answers. Polling asks at intervals, long polling leaves a question open, server-sent events
#   let one answer go on for ever, and WebSocket leaves HTTP behind: one lasting connection, both sides send at will, little
#   in front of each message.
# - It does not make the network faster; what falls away is the wait, {{mean[Transport.POLLING], ".0f"}} against
#   {{mean[Transport.WEBSOCKET], ".0f"}} ms in our case, and the heads.
# - Long polling is worse than polling from about {{crossing * interval, ".1g"}} event per interval on.
# - {{claims.article_characters()}} to {{wsedu.encode_frame(wsedu.Frame.text("x" * 20)).index(b"x")}} becomes about
#   {{packets.ratio, ".0f"}} to one when everything is counted that travels.
# - Polling is right where late is good enough and many events fit into one answer.
#
# **Read on:** [RFC 6455](link:rfc6455) §1.1 (background), §1.5 (design philosophy), §3 (URIs);
# [RFC 6202](link:rfc6202) (what long polling costs). Next: [the opening handshake](02_handshake.ipynb).

# %% [markdown] lang="zh"
# ## 小结
#
# - 在 HTTP 里，服务器只能应答。轮询每隔一段时间问一次，长轮询让一个问题一直开着，服务器推送事件让一次应答没完没了，
#   而 WebSocket 离开了 HTTP：一条长久的连接，双方随时都能发，每条消息前面只有很少的字节。
# - 它不会让网络变快；省掉的是等待（在我们的例子里 {{mean[Transport.POLLING], ".0f"}} 毫秒对
#   {{mean[Transport.WEBSOCKET], ".0f"}} 毫秒）和头部。
# - 从每个间隔大约 {{crossing * interval, ".1g"}} 个事件起，长轮询不如轮询。
# - {{claims.article_characters()}} 比 {{wsedu.encode_frame(wsedu.Frame.text("x" * 20)).index(b"x")}}，
#   把路上的一切都算进去，大约是 {{packets.ratio, ".0f"}} 比一。
# - 晚一点没关系、许多事件能装进一次应答时，轮询就是对的。
#
# **延伸阅读：** [RFC 6455](link:rfc6455) §1.1（背景）、§1.5（设计思想）、§3（URI）；
# [RFC 6202](link:rfc6202)（长轮询的代价）。下一课：[建立连接的握手](02_handshake.ipynb)。
