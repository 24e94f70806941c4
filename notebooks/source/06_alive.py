# %% [markdown] lang="en"
# # 6 · Staying alive
#
# *About {{minutes}} minutes, and about {{practice}} more for the exercises at the end. You need lesson 5; you do not
# need the internet.*
#
# After this lesson you can
#
# - **answer** a burst of Pings as the RFC wants it, and **refuse** a control frame that breaks the rules,
# - **measure** a round trip with a Ping, and **say** what you have really measured,
# - **choose** a heartbeat for a network that forgets,
# - **detect** a peer that is gone without a word.

# %% [markdown] lang="zh"
# # 6 · 保持连接
#
# *约 {{minutes}} 分钟，末尾的练习另需约 {{practice}} 分钟。需要先学第 5 课；不需要联网。*
#
# 学完这一课，你能够
#
# - 按 RFC 的要求**回应**一连串 Ping，并**拒绝**违反规则的控制帧，
# - 用 Ping **测量**一次往返，并**说出**真正测到的是什么，
# - 为会遗忘的网络**选择**心跳，
# - **发现**对方不声不响地消失了。

# %%
from dataclasses import replace

import wsedu
from wsedu.course import ask, begin, reveal, show_code
from wsedu.course.table import Table
from wsedu.course.tables import beside, close_codes, told
from wsedu.scenarios import scenario
from wsedu.scenarios.model import VANISH, Act
from wsedu.simulator import Link, simulate
from wsedu.widgets import ExchangeFilm

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
ask("alive.recall_between")

# %%
ask("alive.recall_read")

# %%
ask("alive.recall_fin")

# %% [markdown] lang="en"
# ## The screen that was green all night
#
# In a control room hangs a screen. It has a WebSocket open to the server, and a green light: *all is well*. The server
# sends something only when something happens. At night nothing happens. At four in the morning something does, and the
# server sends it. The screen stays green.
#
# Nobody made a mistake in the code that sends, nor in the code that shows. Somewhere between the two stood a box that
# keeps a table of connections, and had thrown this one out hours ago, to make room. Nobody told the server, nobody
# told the screen. *Nothing has come* and *nothing can come* look the same.

# %% [markdown] lang="zh"
# ## 亮了一整夜的绿灯
#
# 控制室里挂着一块屏幕，与服务器之间开着一个 WebSocket，亮着绿灯：一切正常。服务器只在有事时才发送。夜里没有事。
# 凌晨四点出了事，服务器发送了。屏幕依然是绿的。
#
# 发送的代码没有错，显示的代码也没有错。两者之间有个设备，它记着一张连接表；几小时前为了腾地方，它把这个连接清掉了。
# 没有人告诉服务器，也没有人告诉屏幕。“没有消息”与“不可能再有消息”，看上去一模一样。

# %% [markdown] lang="en"
# ## A question and its answer
#
# Ping is opcode `9`, Pong is `A`. Either side may send a Ping at any time, and the other has to answer, as soon as is
# practical.

# %% [markdown] lang="zh"
# ## 一问一答
#
# Ping 的操作码是 `9`，Pong 是 `A`。任何一方随时都可以发送 Ping，另一方必须尽快回应。

# %%
ask("alive.pong")


# %%
def one_ping(world) -> None:
    world.settle()
    world.server.send_ping(b"abc")
    world.settle()
    world.client.close()
    world.run()


asked = simulate(one_ping, seed=1)
kinds = ("frame.complete", "ping.answered", "pong.matched")
told(asked.filter(kind=kinds).records[:6])

# %%
pong = next(record.step.frame for record in asked.frames() if record.step.frame.opcode == 10)
reveal("alive.pong", pong.payload.decode())

# %% [markdown] lang="en"
# A script in a browser can send neither: there is no `socket.ping()`. The browser answers Pings by itself, and so it is
# usually **the server that sends them**. A text that says `ping` is an ordinary message; applications use that too,
# but then both applications have to know about it.
#
# A Pong that nobody asked for is allowed, and means: I am here. And if several Pings came before the first could be
# answered, the last one is enough.

# %% [markdown] lang="zh"
# 浏览器里的脚本既不能发 Ping，也不能发 Pong：没有 `socket.ping()`。浏览器自己回应 Ping，所以通常由**服务器来发 Ping**。
# 写着 `ping` 的文本只是普通消息；也有应用这样做，但那样两边的应用都得知道这个约定。
#
# 没有人问也可以发 Pong，意思是：我还在。若是第一个 Ping 还没来得及回应又来了好几个，回应最后一个就够了。

# %%
ask("alive.long")

# %%
from wsedu.protocol.writer import MAX_CONTROL

decoder = wsedu.FrameDecoder(role=wsedu.Role.CLIENT)
decoder.feed(wsedu.encode_frame(wsedu.Frame(9, bytes(MAX_CONTROL + 1))))
reveal("alive.long", decoder.violation)

# %% [markdown] lang="en"
# ## A stopwatch
#
# A Ping with its Pong measures a round trip. All of it happens below in virtual time, so the numbers are the same for
# everybody.

# %% [markdown] lang="zh"
# ## 秒表
#
# Ping 加 Pong，就测出一次往返。下面全都发生在虚拟时间里，所以人人得到的数字都相同。

# %%
ask("alive.stopwatch")


# %%
def round_trip(trace) -> float:
    ping = next(record for record in trace.frames() if record.step.frame.opcode == 9)
    pong = trace.filter(kind="pong.matched").records[0]
    return 1000 * (pong.t - ping.t)


def ping_behind(size: int):
    def script(world) -> None:
        world.settle()
        if size:
            world.client.send_binary(bytes(size))
        world.client.send_ping(b"how long?")
        world.settle()
        world.client.close()
        world.run()

    return script


alone = round_trip(simulate(ping_behind(0), seed=1, link=Link(latency=0.02)))
reveal("alive.stopwatch", round(alone))

# %%
ask("alive.behind")

# %%
narrow = Link(latency=0.02, bandwidth=125_000)
queue = {}
for size in (0, 1024, 65536):
    queue[size] = round_trip(simulate(ping_behind(size), seed=1, link=narrow))
reveal("alive.behind", " · ".join(f"{size:,} B: {time:.0f} ms" for size, time in queue.items()))

# %% [markdown] lang="en"
# With {{max(queue), ","}} bytes in front of it the same Ping takes {{round(queue[65536])}} instead of {{round(queue[0])}}
# milliseconds. A Ping measures the line **and everything that stands in the queue before it**, and the time that the
# peer's program takes to read that far. So a deadline of twice the round trip would hang up on a peer that is only
# busy.

# %% [markdown] lang="zh"
# 前面压着 {{max(queue), ","}} 个字节，同样的 Ping 就要 {{round(queue[65536])}} 毫秒，而不是 {{round(queue[0])}} 毫秒：
# 它测到的是线路，**外加排在它前面的一切**，以及对方的程序读到这里所花的时间。所以期限若只定为往返时间的两倍，
# 对方只是一时忙不过来，也会被挂断。

# %% [markdown] lang="en"
# ## The box that forgets
#
# Now the night in the control room, in virtual time. The proxy in between forgets a connection on which nothing passes
# for a minute. The server has news after two.

# %% [markdown] lang="zh"
# ## 会遗忘的设备
#
# 现在把控制室的那一夜放到虚拟时间里。一分钟没有任何东西经过，中间的代理就忘记这个连接。服务器两分钟后才有消息。

# %%
ask("alive.proxy")

# %%
forgotten = simulate("idle-proxy", seed=1)
heartbeat = simulate("idle-proxy-heartbeat", seed=1)
beside(forgotten, heartbeat)

# %%
states = {}
for record in forgotten.filter(kind="state.changed"):
    states[record.step.endpoint.value] = record.step.state
reveal("alive.proxy", " · ".join(f"{who}: {state}" for who, state in sorted(states.items())))

# %% [markdown] lang="en"
# On the left the server is `OPEN` to this day. On the right the client asks as soon as a third of the proxy's patience
# is over, and the news arrives. Which interval is short enough? Let us try some:

# %% [markdown] lang="zh"
# 左边的服务器到今天还是 `OPEN`。右边的客户端不等代理的耐心用完，才过三分之一就问一次，消息也就送到了。
# 多短的间隔才够短？试几个看看：

# %%
ping, pong = wsedu.Frame.ping(bytes(4), masking_key=bytes(4)), wsedu.Frame.pong(bytes(4))
days_cost = len(wsedu.encode_frame(ping)) + len(wsedu.encode_frame(pong))
rows = []
for interval in (10.0, 20.0, 45.0, 61.0, 90.0):
    times = wsedu.Timeouts(ping_interval=interval, ping_timeout=20.0)
    trial = simulate(replace(scenario("idle-proxy"), client_timeouts=times), seed=1)
    got = [record.step.data.decode() for record in trial.filter(kind="message.complete")][1:]
    cost = f"{86400 / interval * days_cost:,.0f}"
    rows.append([f"{interval:.0f}", *(got or ["—"]), str(close_codes(trial)), cost])
Table(["ping_interval", "message.complete", "close.status", "bytes / 24 h"], rows)

# %% [markdown] lang="en"
# The last column is what it costs in a day, in bytes of WebSocket: next to nothing. (Each frame is carried by TCP and
# IP, and wakes the radio of a phone; there it does cost.) Nobody tells you how long the boxes on the way are patient.
# If you do not know, choose less than half of what you have seen fail.
#
# ## Gone without a word
#
# A cable is pulled, a laptop is shut, a train enters a tunnel. TCP has nothing to say about that, since nobody is left
# to say it.

# %% [markdown] lang="zh"
# 最后一栏是一天的代价，以 WebSocket 的字节计：可以忽略。（不过每一帧都由 TCP 和 IP 承载，还会唤醒手机的无线模块，
# 在手机上就有代价了。）路上的设备有多少耐心，没有人会告诉你。不知道的话，就取已知会失败的间隔的一半以下。
#
# ## 不声不响地消失
#
# 网线被拔，笔记本合上，火车进了隧道。TCP 对此无话可说，因为已经没有人来说了。

# %%
ask("alive.dead")

# %%
patient = simulate(replace(scenario("silent-peer"), client_timeouts=wsedu.Timeouts()), seed=1)
heard = patient.filter(kind="bytes.received", endpoint=wsedu.Role.CLIENT).records[-1].t
given_up = next(record.t for record in patient.filter(kind="timer.expired") if record.step.timer == "pong")
reveal("alive.dead", round(given_up - heard))

# %%
told(patient.filter(kind=("scenario.act", "timer.expired", "close.status")).records[1:])

# %% [markdown] lang="en"
# **What to do when the peer is gone?** Connect again; but not at once and not all together. If a server restarts,
# thousands of clients notice at the same moment. §7.2.3 asks them to wait for a random time first, and longer and
# longer when that fails.
#
# ## The film of it
#
# The right column from above. The film can be *forked*: played again up to a step, and then something goes wrong.
#
# 1. Step through a Ping and its Pong. Which side needs a deadline, and for what?
# 2. Fork where the server sends a Pong, and let *the next bytes be lost*. The server is alive; what does the client
#    make of it, and which code is each of the two told?
# 3. Fork where the second Ping is sent and let the server *die silently*. How long until the client knows?
# 4. Fork at the same place, and have *a Ping that nobody sent* arrive at the client. What does it do, and what does
#    the server think of the answer?

# %% [markdown] lang="zh"
# **对方不在了怎么办**？重新连接；但不要马上，也不要大家一起。服务器重启时，成千上万的客户端
# 同时察觉。§7.2.3 要求先等一段随机的时间，再失败，就等得越来越久。
#
# ## 拍成影片
#
# 就是上面右边那一栏。影片可以**分叉**：重演到某一步，然后出点差错。
#
# 1. 走完一个 Ping 和它的 Pong。哪一方需要期限？为了什么？
# 2. 在服务器发送 Pong 处分叉，选“接下来的字节丢失”。服务器明明还在，客户端会怎样判断？双方各被告知哪个状态码？
# 3. 在发送第二个 Ping 处分叉，让服务器“无声消失”。客户端多久之后知道？
# 4. 在同一处分叉，让客户端“收到一个谁也没发过的 Ping”。客户端怎么做？服务器又怎样看待这个回应？

# %%
film = ExchangeFilm(heartbeat)
film

# %% [markdown] lang="en"
# ## The code that decided this
#
# An endpoint of wsedu has no clock. It says which deadline it wants, and is told when that is over; that is why two
# minutes can pass in no time. Here it decides what to wait for:

# %% [markdown] lang="zh"
# ## 做出决定的代码
#
# wsedu 的端点没有时钟。它只说要定什么期限，期限到了由别人告诉它；所以两分钟可以一瞬间过去。它在这里决定等什么：

# %%
from wsedu.protocol import pinging, timers

show_code(timers.Deadlines._wanted)

# %% [markdown] lang="en"
# And here a Ping is answered, and a Pong is matched with the Pings that it answers:

# %% [markdown] lang="zh"
# 在这里，它回应 Ping，并把 Pong 与得到回应的那些 Ping 对上：

# %%
show_code(pinging.Pinging._receive_ping)

# %%
show_code(pinging.answered_pings)

# %% [markdown] lang="en"
# ## Find the mistake
#
# This heartbeat keeps every proxy awake. It was in use for years.

# %% [markdown] lang="zh"
# ## 找错误
#
# 有了这个心跳，哪个代理都不会忘记连接。它用了好些年。


# %%
def beat(world, seconds: int, every: int = 20) -> None:
    for _ in range(seconds // every):
        world.client.send_ping()
        world.wait(every)


# %%
ask("alive.mistake")

# %%
after = {}


def hour(world) -> None:
    world.settle()
    world.perform(Act(wsedu.Role.SERVER, VANISH))
    beat(world, 3600)
    after["state"] = world.client.state.name
    after["pending_pings"] = len(world.client.connection.pending_pings)


simulate(hour, seed=1, until=4000)
reveal("alive.mistake", " · ".join(f"{name}: {value}" for name, value in after.items()))

# %% [markdown] lang="en"
# One hour after the server was gone, {{after["pending_pings"]}} Pings have had no answer, and the connection is
# `{{after["state"]}}`. The screen is green. (A real TCP would give up after some minutes on bytes that nobody
# acknowledges, which this simulator leaves out. It is no help where a proxy in between acknowledges them.)
#
# ## Your turn

# %% [markdown] lang="zh"
# 服务器消失一小时之后，{{after["pending_pings"]}} 个 Ping 没有得到回应，而连接还是 `{{after["state"]}}`。屏幕是绿的。
# （发出的字节若一直无人确认，真正的 TCP 过若干分钟也会放弃，这个模拟器没有模拟这一点。
# 可要是中间的代理替对方确认了，TCP 也帮不上忙。）
#
# ## 轮到你了

# %%
# exercise: answer_pings

# %%
wsedu.check("answer_pings")

# %%
# exercise: check_control

# %%
wsedu.check("check_control")

# %% [markdown] lang="en"
# ## In short
#
# - A Pong repeats the payload of its Ping. Control frames have FIN and at most {{MAX_CONTROL}} bytes of payload. Of
#   several Pings, it is enough to answer the last.
# - A browser's scripts cannot send Pings: let the server do it.
# - A Ping measures the line and the queue before it: {{round(queue[0])}} ms alone, {{round(queue[65536])}} ms behind a
#   large message.
# - "Ping and Pong keep the connection alive" is half of it. They keep boxes on the way from forgetting, if they come
#   often enough; and *an answer that does not come* is the sign of a peer that is gone, here after
#   {{round(given_up - heard)}} seconds.
#
# **Read on:** [RFC 6455](link:rfc6455) §5.5.2 (Ping), §5.5.3 (Pong), §7.2.3 (connecting again). Next:
# [closing](07_closing.ipynb).

# %% [markdown] lang="zh"
# ## 小结
#
# - Pong 重复 Ping 的载荷。控制帧都带 FIN，载荷至多 {{MAX_CONTROL}} 个字节。连来几个 Ping，回应最后一个就够了。
# - 浏览器里的脚本发不了 Ping：让服务器来发。
# - Ping 测的是线路加上排在前面的东西：单独时 {{round(queue[0])}} 毫秒，跟在大消息后面 {{round(queue[65536])}} 毫秒。
# - “Ping 和 Pong 保持连接”只说对了一半。只要来得够勤，它们能让路上的设备不至于遗忘；
#   而**该来的回应没有来**，才看得出对方已经不在，这里用了 {{round(given_up - heard)}} 秒。
#
# **延伸阅读：** [RFC 6455](link:rfc6455) §5.5.2（Ping）、§5.5.3（Pong）、§7.2.3（重新连接）。
# 下一课：[关闭](07_closing.ipynb)。
