# %% [markdown] lang="en"
# # 0 · Start here
#
# *About {{minutes}} minutes. You need nothing but this notebook; you do not need the internet.*
#
# After this lesson you can
#
# - **tell** whether this machine is ready, and mend what is missing,
# - **use** what the lessons are made of: questions, widgets, pictures and exercises,
# - **follow** one whole conversation over a WebSocket, from the first byte to the last,
# - **read** what the grader says, and find the mistake that it names.

# %% [markdown] lang="zh"
# # 0 · 从这里开始
#
# *约 {{minutes}} 分钟。有这个笔记本就够了；不需要联网。*
#
# 学完这一课，你能够
#
# - **判断**这台机器是否准备好了，并补上缺少的东西，
# - **使用**各课的组成部分：问题、交互组件、图片和练习，
# - 从头到尾**看懂**一次完整的 WebSocket 对话，不漏一个字节，
# - **读懂**评分程序的话，找出它指出的错误。

# %%
import base64
import hashlib
from pathlib import Path

import wsedu
from wsedu.course import answers, ask, begin, reveal, show_code
from wsedu.course.doctor import CHECKS, examine
from wsedu.explain.catalogue import choose_language
from wsedu.loopback import record
from wsedu.protocol import request
from wsedu.simulator import simulate
from wsedu.widgets import ExchangeFilm

begin("{language}")
minutes = 20

# %% [markdown] lang="en"
# ## Is everything ready?
#
# Click into a cell and press **Shift + Enter**: it runs, and the next one is chosen. Run them from top to bottom.
# This one tries what the lessons need: it really opens a connection of this machine to itself, makes a handshake of
# TLS, starts a kernel and draws letters.

# %% [markdown] lang="zh"
# ## 都准备好了吗？
#
# 点进一个单元格，按 **Shift + Enter**：它就会运行，并选中下一个。请从上到下依次运行。
# 下面这个单元格会试一试各课需要的东西：它真的在本机上建立连接、做一次 TLS 握手、启动一个内核、画出文字。

# %%
language = choose_language()
needed = {check.name for check in CHECKS if language in check.needed}
for finding in examine(language, Path.cwd()):
    if finding.name in needed:
        print("✔" if finding.state == "ready" else "✘", finding.title, finding.fix)

# %% [markdown] lang="en"
# A ✘ is no disaster: what mends it stands beside it. In a terminal, `python -m wsedu doctor` says the same and more,
# such as which versions it has found, and what only some lessons want. Nothing of this course leaves your machine: no
# account, no font, no script from elsewhere, and all its connections are to `127.0.0.1`.
#
# ## Before you go on
#
# Each lesson begins with three questions on the one before. Here they are about what you bring along. You may skip
# any question; it only counts how many.

# %% [markdown] lang="zh"
# 出现 ✘ 也不要紧：旁边就写着怎么补救。在终端里运行 `python -m wsedu doctor`，可以看到同样的内容，还有更多：
# 找到的版本，以及只有个别课才用到的东西。这门课没有任何东西离开你的机器：不用账号，不从别处取字体和脚本，
# 所有连接都只到 `127.0.0.1`。
#
# ## 开始之前
#
# 每一课都以关于上一课的三个问题开头。这里问的是你已有的知识。任何问题都可以跳过，只会记下跳过了几个。

# %%
ask("start.recall_hex")

# %%
ask("start.recall_tcp")

# %%
ask("start.recall_http")

# %% [markdown] lang="en"
# ## First guess, then look
#
# Those three told you at once whether you were right. Most cards do not: they keep your answer, and the answer comes
# some cells later, from code that has really run. A guess that was wrong is remembered better than a fact that was
# only read, so do guess.

# %% [markdown] lang="zh"
# ## 先猜，再看
#
# 刚才三个问题马上就告诉你对不对。大多数卡片不会：它们先记下你的回答，过几个单元格才揭晓，而答案来自真正运行过的代码。
# 猜错过的东西，比只是读到的东西记得更牢，所以请一定猜一猜。

# %%
ask("start.euro")

# %%
reveal("start.euro", len("€".encode()))

# %% [markdown] lang="en"
# ## Where two strangers say hello
#
# In December 2009 the makers of Chrome announced a browser that could talk to a server in a way that web pages had not
# known: both at any time, over one connection. Two years and many drafts later it was a standard, RFC 6455. Its
# conversations have four acts: *is there anybody?*, *do you speak WebSocket?*, the talk itself, and a proper good-bye.

# %% [markdown] lang="zh"
# ## 两个陌生人打招呼
#
# 2009 年底，Chrome 的开发者宣布，浏览器能以网页从未有过的方式与服务器交谈了：同一条连接，双方随时都能开口。
# 两年过去，改过许多份草案，它成了标准，即 RFC 6455。这样的对话分四幕：*有人吗？*、*你会说 WebSocket 吗？*、
# 正式交谈，以及好好告别。

# %%
ask("start.hello")

# %% [markdown] lang="en"
# ## One minute of film
#
# Here is such a conversation in its shortest form. Click into it: **→** and **←** go step by step, **Home** and **End** to
# its ends, **?** shows all keys. What you see in three lanes is the same moment as messages, as frames and as pieces
# that TCP has delivered.
#
# 1. Step on until both sides are `OPEN`. Who has spoken until then, and in which language?
# 2. Find the two frames with *Hello*. Which one is longer, and what does it have that the other has not?
# 3. Who begins to say good-bye? What does the other do, and who ends TCP?
# 4. Click a step: its bytes, its rule, and the very function of wsedu that decided it.
#
# The film is in *virtual time*: both endpoints are real, the network between them is computed, so that you and
# everybody else see the same.

# %% [markdown] lang="zh"
# ## 一分钟的影片
#
# 下面就是这样一次对话的最短形式。点进去：**→** 和 **←** 一步步前进后退，**Home** 和 **End** 跳到两端，**?**
# 显示所有按键。三条泳道里是同一时刻的三种样子：消息、帧，以及 TCP 送达的一块块字节。
#
# 1. 一步步走到双方都是 `OPEN`。在这之前谁说过话？用的是什么语言？
# 2. 找到两个带 *Hello* 的帧。哪个更长？它比另一个多了什么？
# 3. 谁先告别？另一方怎么做？谁结束 TCP？
# 4. 点一个步骤：看它的字节、规则，以及 wsedu 里做出这个决定的那个函数。
#
# 影片用的是*虚拟时间*：两个端点是真的，中间的网络是算出来的，所以你和别人看到的完全一样。

# %%
conversation = simulate("hello", seed=3)
ExchangeFilm(conversation)

# %%
written = [entry.step for entry in conversation if entry.step.kind == "bytes.sent"]
for step in written:
    print(f"{step.endpoint:6} {len(step.data):4}  {step.data[:16].hex(' ')}")

# %%
reveal("start.hello", len(written[2].data))

# %% [markdown] lang="en"
# Is a computed network a real one? See for yourself. The next cell has the same two endpoints talk over a real TCP
# connection of this machine, and compares what each of them has sent, byte by byte.

# %% [markdown] lang="zh"
# 算出来的网络能当真吗？自己看吧。下一个单元格让同样的两个端点通过这台机器上真正的 TCP 连接交谈，
# 再逐字节比较双方各自发出的内容。


# %%
def sent_by(trace, role) -> bytes:
    steps = (entry.step for entry in trace)
    return b"".join(step.data for step in steps if step.kind == "bytes.sent" and step.endpoint is role)


real = record("hello", seed=3)
{role.value: sent_by(real, role) == sent_by(conversation, role) for role in wsedu.Role}

# %% [markdown] lang="en"
# `ExchangeFilm.record("hello")` plays such a real one; its times are those of your machine.
#
# **The pictures.** What you saw above before you ran anything was a picture, made when this notebook was made. So a
# notebook can be read in a preview or on paper. When you run its cell, the live view takes its place. Whatever is on
# the screen can also be had as text, picture or page: `.to_text()`, `.to_png()`, `.to_html()`. Keys that you press
# inside a widget stay inside; Tab or a click elsewhere leaves it.
#
# ## The code that decided this
#
# Each lesson shows the code that really ran. The server's very first decision, for instance, was made here:

# %% [markdown] lang="zh"
# `ExchangeFilm.record("hello")` 播放的就是一次真实的对话，时间是你这台机器上的。
#
# **关于图片。** 你运行任何单元格之前看到的都是图片，是制作这个笔记本时生成的，所以在预览里或打印出来也能读。
# 运行单元格之后，可操作的画面就会取代它。屏幕上的内容也能以文本、图片或网页的形式取得：`.to_text()`、`.to_png()`、
# `.to_html()`。在交互组件里按的键只在里面起作用；按 Tab 或点别处就离开。
#
# ## 做出决定的代码
#
# 每一课都会给出真正运行过的代码。例如，服务器的第一个决定是在这里做出的：

# %%
print(next(entry.step.decided_by for entry in conversation if entry.step.kind == "handshake.check"))
show_code(request.check_method)

# %% [markdown] lang="en"
# ## Find the mistake
#
# Exercises are written in place, and a cell below each checks them. Here somebody has tried one of lesson 2 before
# you: a client sends a *key*, and the server joins a fixed text to it, as it came, hashes both with SHA-1 and answers
# with base64 of the digest. You need not know why yet. But one of these steps went wrong.

# %% [markdown] lang="zh"
# ## 找错误
#
# 练习直接写在笔记本里，每道题下面有一个单元格来检查。这里有人抢先做了第 2 课的一道题：客户端发来一个*密钥*，
# 服务器在它后面原样接上一段固定文本，一起做 SHA-1，再把摘要的 base64 作为应答。现在还不必知道为什么要这样。不过，
# 其中有一步做错了。


# %%
def accept_key(key: str) -> str:
    guid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
    digest = hashlib.sha1(base64.b64decode(key) + guid.encode()).digest()
    return base64.b64encode(digest).decode()


# %%
ask("start.mistake")

# %% [markdown] lang="en"
# Now the grader of the course may speak. It shows the first step that failed, what was expected and what came, and,
# when it is sure, the idea behind it.

# %% [markdown] lang="zh"
# 现在轮到课程的评分程序了。它会指出失败的第一步、期望的值和得到的值；有把握时，还会说出背后是哪种想法。

# %%
wsedu.check("accept_key")

# %%
rfc_key = "dGhlIHNhbXBsZSBub25jZQ=="
reveal("start.mistake", f"{accept_key(rfc_key)} / {wsedu.accept_key(rfc_key)}")

# %% [markdown] lang="en"
# ## Your turn
#
# 1. Change one line of the function above so that the check passes: run its cell, and then the check, until all is ✔.
# 2. Change the text below so that the line ends in ✔: it shall have {{characters}} characters and, in UTF-8,
#    {{size}} bytes.

# %% [markdown] lang="zh"
# ## 轮到你了
#
# 1. 把上面的函数改动一行，让检查通过：先运行它所在的单元格，再运行检查，直到全部是 ✔。
# 2. 改动下面的文本，让这一行以 ✔ 结尾：它要有 {{characters}} 个字符，UTF-8 编码后是 {{size}} 个字节。

# %%
text = "Hello"

characters, size = 5, 10
print(len(text), len(text.encode()), "✔" if (len(text), len(text.encode())) == (characters, size) else "✘")

# %% [markdown] lang="en"
# Help is there when you ask for it: `python -m wsedu exercises hint accept_key`, in a terminal, gives the first of
# three hints, and the next one each time. Your answers to the cards of this notebook are in `answers()`:

# %% [markdown] lang="zh"
# 需要提示时才给提示：在终端里运行 `python -m wsedu exercises hint accept_key`，先给出三条提示中的第一条，
# 每次再给下一条。你在这个笔记本里对卡片的回答都在 `answers()` 里：

# %%
answers()

# %% [markdown] lang="en"
# ## In short
#
# - Guess on the card, run the code, then read what is so.
# - A widget is to be used; a picture stands for it where nothing runs.
# - A check says which step failed, what was expected, and, only when it is sure, which idea is behind it.
# - A conversation: a request of HTTP ({{len(written[0].data)}} bytes here), its answer ({{len(written[1].data)}}),
#   frames, and a Close frame from each side ({{len(written[-2].data)}} and {{len(written[-1].data)}} bytes).
#
# **Read on:** [RFC 6455](link:rfc6455) §1.2 (the protocol on two pages). Next: [why WebSocket](01_why.ipynb).

# %% [markdown] lang="zh"
# ## 小结
#
# - 先在卡片上猜，再运行代码，然后看答案。
# - 交互组件是用来动手的；在不能运行的地方，由图片代替它。
# - 检查会说明哪一步失败、期望的是什么；只有在有把握时，才说出背后是哪种想法。
# - 一次对话：一个 HTTP 请求（这里是 {{len(written[0].data)}} 字节）、它的响应（{{len(written[1].data)}} 字节）、
#   若干帧，最后双方各发一个 Close 帧（{{len(written[-2].data)}} 和 {{len(written[-1].data)}} 字节）。
#
# **延伸阅读：** [RFC 6455](link:rfc6455) §1.2（两页纸讲完协议）。下一课：[为什么要有 WebSocket](01_why.ipynb)。
