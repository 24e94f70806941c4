# %% [markdown] lang="en"
# # 7 · Closing: two goodbyes and a hang-up
#
# *About {{minutes}} minutes, and about {{practice}} more for the exercises at the end. You need lesson 6; you do not
# need the internet.*
#
# After this lesson you can
#
# - **write** a Close frame, with a code and a reason that may be sent,
# - **walk** through the closing handshake, state by state, from both ends,
# - **say** which code each side is told, and who ends TCP,
# - **find out** what is behind a `1006`, and what it does not tell.

# %% [markdown] lang="zh"
# # 7 · 关闭：道别两次，再挂断
#
# *约 {{minutes}} 分钟，末尾的练习另需约 {{practice}} 分钟。需要先学第 6 课；不需要联网。*
#
# 学完这一课，你能够
#
# - **写出**一个 Close 帧，它的状态码和原因都可以发送，
# - 在两端一个状态一个状态地**走完**关闭握手，
# - **说出**双方各被告知哪个状态码，以及由谁结束 TCP，
# - **查明**一个 `1006` 背后是什么，以及它没有告诉你什么。

# %%
import wsedu
from wsedu.course import ask, begin, reveal, show_code
from wsedu.course.table import Table
from wsedu.course.tables import close_codes, endings, told
from wsedu.protocol import closing
from wsedu.simulator import Cut, Drop, IdleTimeout, Vanish, simulate
from wsedu.widgets import ClosingMachine

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
ask("closing.recall_script")

# %%
ask("closing.recall_power")

# %%
ask("closing.recall_pong")

# %% [markdown] lang="en"
# ## A ticket that cannot be closed
#
# "Ten times a day our users see *connection closed, code* `1006`. Please find out what sends `1006`, and turn it off."
#
# The ticket goes from the front-end team to the back-end team, which searches its whole code for `1006` and finds
# nothing. It goes to the network team, which records everything that passes and looks for `03 ee`, the two bytes of
# that number. Nothing. After a week all three are sure that one of the others is lying.
#
# Nobody is. To see why, you need to know how a connection ends when all goes well.

# %% [markdown] lang="zh"
# ## 一张关不掉的工单
#
# “用户每天十来次看到‘连接已关闭，代码 `1006`’。请查明是什么发送了 `1006`，把它关掉。”
#
# 工单从前端组转到后端组，后端组搜遍全部代码找 `1006`，没有。又转到网络组，网络组录下经过的一切，
# 找这个数的两个字节 `03 ee`，还是没有。一星期之后，三个组都认定另外两个组里有人在撒谎。
#
# 谁也没有撒谎。要明白为什么，先得知道一切正常时连接是怎样结束的。

# %% [markdown] lang="en"
# ## A frame that says goodbye
#
# A Close frame is a control frame with opcode `8`. It may be empty. If it is not, it begins with a status code.

# %% [markdown] lang="zh"
# ## 道别的帧
#
# Close 帧是操作码为 `8` 的控制帧。它可以是空的；不空的话，开头是一个状态码。

# %%
ask("closing.payload")

# %%
reveal("closing.payload", closing.close_body(1000, "", wsedu.Role.SERVER))

# %% [markdown] lang="en"
# After the code there is room for a reason, in UTF-8: a control frame holds {{closing.MAX_REASON + 2}} bytes, so
# {{closing.MAX_REASON}} are left. The reason is for a person who reads a log; the code is for the program. Which
# codes there are, and who may put them into a frame:

# %% [markdown] lang="zh"
# 状态码后面可以写原因，用 UTF-8：控制帧装得下 {{closing.MAX_REASON + 2}} 个字节，
# 留给原因的是 {{closing.MAX_REASON}} 个。原因是给看日志的人看的，状态码是给程序用的。有哪些状态码，谁可以把它们放进帧里：

# %%
rows = []
for code in closing.CloseCode:
    senders = [role.value for role in closing.code_senders(code)]
    rows.append([str(code.value), code.name, ", ".join(senders) or "—"])
never = [int(row[0]) for row in rows if row[2] == "—"]
Table(["code", "CloseCode", "code_senders(code)"], rows)

# %% [markdown] lang="en"
# Three of them have nobody who may send them: {{", ".join(map(str, never))}}. They exist all the same, because an
# application has to be told *something*. Keep that in mind for the ticket. `3000` to `3999` are for those who register
# a code, `4000` to `4999` are yours.

# %% [markdown] lang="zh"
# 其中三个谁也不可以发送：{{"、".join(map(str, never))}}。它们却依然存在，因为总得告诉应用**点什么**。记住这一点，
# 查工单时要用。从 `3000` 到 `3999` 留给登记过的状态码，从 `4000` 到 `4999` 归你自己用。

# %%
ask("closing.empty")

# %%
TO_CLIENT = wsedu.Role.CLIENT.receives
empty = simulate("empty-close", seed=1)
answer = next(record.step.frame for record in empty.frames(TO_CLIENT) if record.step.frame.opcode == 8)
reveal("closing.empty", f"{wsedu.encode_frame(answer).hex(' ')}  {close_codes(empty)}")

# %% [markdown] lang="en"
# ## Closing is a conversation
#
# "Close the WebSocket" is not "close the socket". A Close frame says: *nothing more comes from me*. It does not say
# that nothing comes from the other side; what that one sent before is still on its way and will be read. Only when
# both have said it can TCP be ended without losing anything.

# %% [markdown] lang="zh"
# ## 关闭是一场对话
#
# “关闭 WebSocket”不等于“关闭套接字”。Close 帧的意思是：**我不再发送任何内容**。它并没有说对方也不再发送；
# 对方此前发出的内容还在路上，还会被读到。只有双方都说过了，结束 TCP 才不会丢失什么。

# %%
ask("closing.who")

# %%
normal = simulate("hello", seed=1)
ends = [record.step.endpoint.value for record in normal.filter(kind="transport.end.sent")]
reveal("closing.who", ends)

# %% [markdown] lang="en"
# The end of that exchange, step by step:

# %% [markdown] lang="zh"
# 那次交换的结尾，一步一步来：

# %%
closing_kinds = ("state.changed", "transport.end.sent", "transport.end.received", "close.status")
told(normal.filter(kind=closing_kinds).records[2:])

# %% [markdown] lang="en"
# ## Both at once
#
# What if both get the idea at the same time? Nobody breaks a rule; two Close frames pass each other on the way.

# %% [markdown] lang="zh"
# ## 两边同时
#
# 双方同时想到要关闭呢？谁也没有违反规则，两个 Close 帧在路上擦肩而过。

# %%
ask("closing.both")

# %%
at_once = simulate("both-close", seed=1)
reveal("closing.both", close_codes(at_once))

# %% [markdown] lang="en"
# So "both sides see the same code" is true only if they do not meet half-way. Below is the machine that runs in wsedu,
# on this exchange. Its diagram is drawn from the table that decides.
#
# 1. It stands where both Close frames are on their way. Step on with ▶. At which moment do both endpoints
#    know that nothing more will come?
# 2. Choose *Do it yourself, from an open connection*. Send a Close from the server, then let the client do what it
#    must. Who ends TCP first now? Is that what you expected?
# 3. Send a Close from the client, and then **cut the connection** before the answer arrives. What is each application
#    told?
# 4. Leave the code empty, and close from both sides. What does each see?
# 5. Open *The whole table* and find a row whose action differs between client and server. There are two.

# %% [markdown] lang="zh"
# 可见，只有两个 Close 没有在路上相遇时，“双方看到同一个状态码”才成立。下面就是 wsedu 里运行的那台状态机，
# 放的正是这次交换。图是照着做决定的那张表画出来的。
#
# 1. 它停在两个 Close 帧都在路上的时刻。点 ▶ 接着走。到哪个时刻，两端都知道不会再有内容到来？
# 2. 选“亲手操作，从已打开的连接开始”。让服务器发送 Close，再让客户端做它该做的。这回谁先结束 TCP？与你料想的一样吗？
# 3. 让客户端发送 Close，在回应到达之前**切断连接**。两边的应用各被告知什么？
# 4. 不填状态码，让两边同时关闭。各看到什么？
# 5. 打开“整张状态表”，找出客户端与服务器动作不同的行。一共有两行。

# %%
machine = ClosingMachine(at_once)
machine.position = 6
machine

# %% [markdown] lang="en"
# ## The code that decided this
#
# Every change of state goes through one function, and it does nothing but look into the table. That is why the diagram
# cannot lie.

# %% [markdown] lang="zh"
# ## 做出决定的代码
#
# 每一次状态变化都经过同一个函数，而它只做一件事：查表。所以那张图不会说谎。

# %%
show_code(closing.ClosingMachine)

# %% [markdown] lang="en"
# And here it is decided which codes are refused when they come, `1006` among them:

# %% [markdown] lang="zh"
# 收到哪些状态码要拒绝，由这里决定，`1006` 也在其中：

# %%
show_code(closing.read_close_body)

# %% [markdown] lang="en"
# ## Seven ways to get `1006`
#
# Back to the ticket. Seven connections, each with another fate; the network's faults are made on purpose. Before you
# run them:

# %% [markdown] lang="zh"
# ## 得到 `1006` 的七种途径
#
# 回到那张工单。七个连接，七种命运；网络故障都是故意制造的。运行之前先回答：

# %%
ask("closing.travels")

# %%
runs = {
    "cut": simulate("hello", seed=1, faults=[Cut(opcode=1, direction=TO_CLIENT)]),
    "lost": simulate("hello", seed=1, faults=[Drop(opcode=8, direction=TO_CLIENT)]),
    "silent": simulate("silent-peer", seed=1),
    "unanswered": simulate("hello", seed=1, faults=[Vanish(opcode=8, who=wsedu.Role.SERVER)]),
    "refused": simulate("cross-site-refused", seed=1),
    "violation": simulate("unmasked", seed=1),
    "reset": simulate("idle-proxy", seed=1, middleboxes=[IdleTimeout(60, reset=True)]),
}
endings(runs)

# %%
sent = [record.step.frame for trace in runs.values() for record in trace.frames()]
bodies = [frame.payload for frame in sent if frame.opcode == 8]
reveal("closing.travels", sum(body[:2] == (1006).to_bytes(2) for body in bodies))

# %% [markdown] lang="en"
# In each of them at least one application is told `1006`, and in none of them has anybody sent it. It means: *the
# connection is over, and I have received no Close frame*. It does not mean that the network failed:
#
# - in `refused` the server answered politely, with an HTTP status that a browser's script never gets to see;
# - in `violation` the side with `1006` is the one that **found** the mistake: it failed the connection, and then waited
#   for nothing more. The reason stands in its own log, and the other side was told it;
# - in `silent` and `unanswered` it is one's own deadline that ended the waiting;
# - in `lost` one side is content and the other is not, and both are right.
#
# (There is an eighth for browsers: where TLS fails, the RFC has `1015`, but a script is told `1006` again.)
#
# So the answer to the ticket is: write down, at the place where the connection ends, *which of these it was*. wsedu
# does. Here are the steps just before the end at the endpoint that was told `1006`, in `silent`, `violation` and
# `lost`:

# %% [markdown] lang="zh"
# 每一个连接里，至少有一边的应用被告知 `1006`，可是没有一个 `1006` 是谁发送出来的。它的
# 意思是：**连接结束了，而我没有收到 Close 帧**。它并不表示网络出了故障：
#
# - 在 `refused` 里，服务器很有礼貌地用 HTTP 状态码作了回答，只是浏览器里的脚本永远看不到；
# - 在 `violation` 里，得到 `1006` 的恰恰是**发现**错误的一方：它让连接失败，然后不再等待什么。
#   原因写在它自己的日志里，也告诉了对方；
# - 在 `silent` 和 `unanswered` 里，是自己定的期限结束了等待；
# - 在 `lost` 里，一方认为圆满结束，另一方认为没有，而双方都对。
#
# （浏览器还有第八种：TLS 失败时，RFC 规定的是 `1015`，而脚本得到的又是 `1006`。）
#
# 所以工单的答案是：在连接结束的地方记下**究竟是哪一种**。wsedu 就是这样做的。
# 下面是被告知 `1006` 的那一端在结束之前的步骤，取自 `silent`、`violation` 和 `lost`：

# %%
causes = ("violation", "timer.expired", "transport.end.received", "close.status")


def at_the_end(trace) -> list:
    lost = next(record for record in trace.filter(kind="close.status") if record.step.code == 1006)
    return trace.filter(kind=causes, endpoint=lost.step.endpoint).records


told(record for name in ("silent", "violation", "lost") for record in at_the_end(runs[name]))

# %% [markdown] lang="en"
# In your own programs, keep an exception's text, a timer's name, the last frame. Without that, `1006` is all you will
# ever know. (A browser tells scripts even less on purpose: a page must not find out *why* a server of somebody else did
# not answer.)
#
# ## Find the mistake
#
# A server's answer to a Close. It repeats the code that came, as it should.

# %% [markdown] lang="zh"
# 在自己的程序里，要记下的是：异常的文本、计时器的名称、最后一帧。没有这些，你永远只知道一个 `1006`。
# （浏览器有意让脚本知道得更少：网页不应当查得出别人的服务器**为什么**没有回答。）
#
# ## 找错误
#
# 下面是某个服务器对 Close 的回应。它照规矩重复收到的状态码。


# %%
def answer_to(payload: bytes) -> bytes:
    code = int.from_bytes(payload[:2], "big") if payload else 1005
    return code.to_bytes(2, "big")


print(answer_to(bytes.fromhex("03e8")).hex(" "))

# %%
ask("closing.mistake")


# %%
def script(world) -> None:
    world.settle()
    world.server.send_frame(wsedu.Frame(8, answer_to(b"")))
    world.run()


wrong = simulate(script, seed=1, until=60)
found = wrong.filter(kind="violation").records[0].step
section = wsedu.RULES[found.rule].section
reveal("closing.mistake", f"{answer_to(b'').hex(' ')}  {found.rule} §{section}  {found.code}")

# %% [markdown] lang="en"
# ## Your turn

# %% [markdown] lang="zh"
# ## 轮到你了

# %%
# exercise: close_payload

# %%
wsedu.check("close_payload")

# %%
# exercise: closing_handshake

# %%
wsedu.check("closing_handshake")

# %% [markdown] lang="en"
# ## In short
#
# - A Close frame is empty, or a code of two bytes and at most {{closing.MAX_REASON}} bytes of reason. An empty one is
#   answered by an empty one.
# - Each side sends one Close. Then the **{{ends[0]}}** ends TCP first, and TIME_WAIT stays with it.
# - The code that an application is told is the one it *received*. When both close at once, these differ:
#   {{close_codes(at_once)["client"]}} at the client and {{close_codes(at_once)["server"]}} at the server.
# - {{", ".join(map(str, never))}} never travel. `1006` says that no Close was received, and nothing about why. Here
#   were {{len(runs)}} reasons.
#
# The usual sentence, "one side closes with a code, the other confirms, then TCP is closed and resources are freed", is
# the good case. Resources must be freed in the other {{len(runs)}} as well, and only deadlines make sure of that.
#
# **Read on:** [RFC 6455](link:rfc6455) §1.4 (why a handshake), §5.5.1 (the frame), §7.1 (who does what), §7.4 (the
# codes). Next: [the whole exchange](08_exchange.ipynb).

# %% [markdown] lang="zh"
# ## 小结
#
# - Close 帧或者是空的，或者是两个字节的状态码加上至多 {{closing.MAX_REASON}} 个字节的原因。空的用空的来回应。
# - 每一方发送一个 Close。
#   之后先结束 TCP 的是{{"服务器" if ends[0] == "server" else "客户端"}}，TIME_WAIT 就留在它那一边。
# - 应用得知的，是它**收到**的状态码。双方同时关闭时，两边不同：客户端得知 {{close_codes(at_once)["client"]}}，
#   服务器得知 {{close_codes(at_once)["server"]}}。
# - {{"、".join(map(str, never))}} 从不出现在线路上。`1006` 只说没有收到 Close，至于为什么，只字未提。
#   这里就有 {{len(runs)}} 种原因。
#
# 常见的说法是“一方带着状态码关闭，另一方确认，随后关闭 TCP、释放资源”，那是顺利的情形。
# 在另外 {{len(runs)}} 种情形下，资源也必须释放，而能保证这一点的只有期限。
#
# **延伸阅读：** [RFC 6455](link:rfc6455) §1.4（为什么要握手）、§5.5.1（这种帧）、§7.1（谁做什么）、§7.4（状态码）。
# 下一课：[完整的交换](08_exchange.ipynb)。
