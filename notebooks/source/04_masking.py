# %% [markdown] lang="en"
# # 4 · Masking: whom does it protect?
#
# *About {{minutes}} minutes, and about {{practice}} more for the exercises at the end. You need lesson 3; you do not
# need the internet.*
#
# After this lesson you can
#
# - **mask and unmask** a payload by hand,
# - **say** whom masking protects, against whom, and how that attack works,
# - **read** a client's frame that somebody has recorded, without any secret,
# - **judge** a client by how it chooses its keys.

# %% [markdown] lang="zh"
# # 4 · 掩码：它保护谁？
#
# *约 {{minutes}} 分钟，末尾的练习另需约 {{practice}} 分钟。需要先学第 3 课；不需要联网。*
#
# 学完这一课，你能够
#
# - 亲手给载荷**加上和去掉**掩码，
# - **说出**掩码保护谁、防范谁，以及那种攻击是怎么做的，
# - 不用任何秘密就**读出**别人录下的客户端帧，
# - 根据挑选密钥的方式**评判**一个客户端。

# %%
import wsedu
from wsedu.course import ask, begin, reveal, show_code
from wsedu.course.tables import beside, told
from wsedu.protocol.steps import Level
from wsedu.simulator import CachingProxy, simulate
from wsedu.widgets import ExchangeFilm, FrameBuilder

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
ask("masking.recall_order")

# %%
ask("masking.recall_minimal")

# %%
ask("masking.recall_opcode")

# %% [markdown] lang="en"
# ## An advertisement with a second purpose
#
# In 2010, while WebSocket was a draft without masking, five researchers bought advertisements for a hundred dollars. In
# the browsers that showed them, a small program made WebSocket's handshake with a server of the researchers, and then
# sent a text through the connection. The text was chosen with care: it looked like a request of HTTP for a script, and
# named another server as its host.
#
# Of more than fifty thousand attempts eight went wrong, and eight are enough. A proxy on the way took the text for a
# request and the server's answer for the script, and kept it in its cache, ready to be handed to everybody behind the
# same proxy. Firefox and Opera switched WebSocket off until the protocol was changed.
#
# The change is what you are about to see: four bytes in each frame of a client.

# %% [markdown] lang="zh"
# ## 另有目的的广告
#
# 2010 年，WebSocket 还是草案，也还没有掩码。五位研究者花一百美元投放了一批广告。凡是显示广告的浏览器，都会运行一小段程序：
# 它先与研究者自己的服务器完成 WebSocket 的握手，再通过这个连接发送一段文本。这段文本是精心挑选的：
# 它看上去就是一个 HTTP 请求，请求一个脚本，而写在里面的主机是另一台服务器。
#
# 五万多次尝试里，有八次出了事，而八次已经足够：路上的代理把这段文本当成请求，把服务器的回答当成那个脚本，存进缓存，
# 准备交给同一个代理后面的每个人。Firefox 和 Opera 因此关掉了 WebSocket，直到协议修改为止。
#
# 修改的内容就是你马上要看到的：客户端的每一帧里多了四个字节。

# %%
ask("masking.proxy")

# %% [markdown] lang="en"
# Here is that attack, in virtual time, twice: without masks on the left, with masks on the right. The cache is the one
# of RFC 6455 §10.3, which reads on as if the connection were HTTP; a ✖ marks where something goes wrong.

# %% [markdown] lang="zh"
# 下面就是那次攻击，在虚拟时间里演两遍：左边没有掩码，右边有掩码。缓存就是 RFC 6455 §10.3 所说的那种，它一直把连接当成
# HTTP 来读；✖ 表示出了问题。

# %%
poisoned = simulate("cache-poisoning", seed=1)
saved = simulate("cache-poisoning-masked", seed=1)
beside(poisoned, saved)

# %%
stored = poisoned.filter(kind="cache.stored").records[0].step
reveal("masking.proxy", f"{stored.url}  {stored.body.decode()}")

# %% [markdown] lang="en"
# Read the left column to its end. The server did notice: it refused the unmasked frame with `1002`, as it must. That
# was too late, for the cache had read the bytes before. **So masking protects neither the client nor the server, nor
# the text. It protects those in between, and everybody who trusts them**, from a page that would choose the bytes on
# the wire.
#
# What a server sends is not masked: whoever runs a server can send any bytes anyway, without a browser's help.
# The danger was a script of a stranger that makes *your* browser, behind *your* proxy, write bytes of its choice.
#
# The same as a film, to step through. Stop where the cache takes the payload for a request, and look at the bytes.

# %% [markdown] lang="zh"
# 把左边一栏看到底。服务器其实察觉了：它照规矩以 `1002` 拒绝了没加掩码的帧。可是晚了，缓存在此之前已经读到
# 那些字节。**所以掩码保护的既不是客户端，也不是服务器，更不是文本。它保护的是中间的设备，以及信任它们的每一个人**，
# 使网页无法挑选线路上的字节。
#
# 服务器发出的内容不加掩码：服务器的主人本来就想发什么字节都行，用不着借助浏览器。真正的危险是：
# 陌生人的脚本让**你的**浏览器，在**你的**代理后面，写出由它挑选的字节。
#
# 同样的内容也可以当影片一步一步看。停在缓存把载荷当成请求的那一步，看看那些字节。

# %%
film = ExchangeFilm(poisoned)
film

# %% [markdown] lang="en"
# ## Two bytes and a carry that never comes
#
# The key has four bytes, and byte *i* of the payload is combined with byte `i mod 4` of the key by XOR: bit by bit, `1`
# if the two are different. Nothing is carried from bit to bit. So XOR with the same byte twice changes nothing, and
# the one operation masks and unmasks.

# %% [markdown] lang="zh"
# ## 两个字节，从不进位
#
# 密钥有四个字节。载荷的第 *i* 个字节与密钥的第 `i mod 4` 个字节做 XOR（异或）：逐位比较，不同得 `1`。位与位之间没有进位。
# 所以与同一个字节做两次 XOR 等于什么也没做，加掩码和去掩码是同一个操作。

# %%
ask("masking.xor")

# %%
key = bytes.fromhex("37fa213d")
hello = wsedu.encode_frame(wsedu.Frame.text("Hello", masking_key=key))
reveal("masking.xor", hello[7:8])

# %% [markdown] lang="en"
# The masked frame of the RFC, `{{hello.hex(" ")}}`, under a microscope: it shows one byte of the payload, the byte of
# the key that it meets, and what goes onto the wire.
#
# 1. Click the payload bytes one after the other. After which one does the key begin anew?
# 2. Flip one bit **of the key**. How many bytes of the text change, and which?
# 3. The microscope compares with a wrong rule, *only* `K0`. Which letters of `Hello` survive it? Then choose the key
#    reversed. Why does a test with a text of one letter find only one of the two mistakes?
# 4. Make the key `00 00 00 00`. Is the frame still legal? Would you want that client?
# 5. Set *Sent by* to server. The bytes are the same; why is the verdict another?

# %% [markdown] lang="zh"
# 下面是 RFC 里那个加了掩码的帧 `{{hello.hex(" ")}}`，放在显微镜下：它显示载荷的一个字节、它遇上的密钥字节，
# 以及写到线路上的结果。
#
# 1. 逐个点击载荷的字节。过了哪一个，密钥又从头开始？
# 2. 翻转**密钥**的一位。文本有几个字节变了？是哪几个？
# 3. 显微镜正在与一条错误的规则比较：“只用 `K0`”。`Hello` 里有哪些字母幸存？再选密钥倒过来的那条。
#    为什么只有一个字母的文本做测试，只能查出这两个错误中的一个？
# 4. 把密钥改成 `00 00 00 00`。这一帧还合法吗？你愿意用这样的客户端吗？
# 5. 把“发送方”改成服务器。字节一个没变，判定为什么变了？

# %%
builder = FrameBuilder(hello)
builder.pinned, builder.wrong_rule = 7, "first"
builder

# %% [markdown] lang="en"
# And what masking costs:

# %% [markdown] lang="zh"
# 那么掩码要花多少代价？

# %%
ask("masking.size")

# %%
reveal("masking.size", len(hello))

# %%
for role, its_mask in (("server", None), ("client", key)):
    text, pong = wsedu.Frame.text("Hello", masking_key=its_mask), wsedu.Frame.pong(masking_key=its_mask)
    for frame in (text, pong):
        raw = wsedu.encode_frame(frame)
        print(f"{role}  {frame.opcode.name}  {len(raw):2}  {raw.hex(' ')}")

# %% [markdown] lang="en"
# Every frame of a client has a key, control frames and empty ones too: a rule without exceptions is easy to keep, and
# easy to check.

# %% [markdown] lang="zh"
# 客户端的每一帧都有密钥，控制帧和空帧也不例外：规则没有例外，就容易遵守，也容易检查。

# %% [markdown] lang="en"
# ## "MASK says whether the data is encrypted"
#
# You will find that sentence in many introductions, and the four bytes called an *encryption key*. Let us take it at
# its word. Below is a frame that somebody has recorded on its way from a client to a server.

# %% [markdown] lang="zh"
# ## “MASK 表示数据是否加密”
#
# 许多入门文章里都有这句话，还把那四个字节叫作“加密密钥”。那就较真一回。下面这一帧，
# 是有人在客户端到服务器的路上录下的。

# %%
ask("masking.secret")

# %%
recorded = simulate("hello", seed=7)
captured = recorded.filter(kind="bytes.sent").records[2].step.data
captured.hex(" ")

# %%
size, its_key, masked = captured[1] & 0x7F, captured[2:6], captured[6:]
stolen = wsedu.apply_mask(masked[:size], its_key)
reveal("masking.secret", stolen.decode())

# %% [markdown] lang="en"
# Two lines, no secret: the key is in the frame, at bytes `2` to `5` (the first is `0`). **Masking is not encryption.**
# It hides nothing from those who look; it only takes away the sender's choice of what the bytes look like. Whoever
# wants that nobody reads along uses TLS, which is `wss://`. And the other way round: does TLS make masking superfluous?

# %% [markdown] lang="zh"
# 两行代码，不用任何秘密：密钥就在帧里，第 `2` 到第 `5` 字节（从 `0` 数起）。**掩码不是加密**：对看得见帧的人，它什么也不隐藏，
# 只是让发送者无法决定那些字节是什么样子。不想让别人看到内容，就用 TLS，也就是 `wss://`。
# 反过来呢：有了 TLS，掩码就多余了吗？

# %%
ask("masking.tls")

# %%
decoder = wsedu.FrameDecoder(role=wsedu.Role.SERVER)
decoder.feed(wsedu.encode_frame(wsedu.Frame.text("Hello")))
reveal("masking.tls", decoder.violation)

# %% [markdown] lang="en"
# ## The code that decided this
#
# The decoder knows nothing of TLS; it could not make an exception. This is the function that looks at the MASK bit,
# before any byte of the payload is there:

# %% [markdown] lang="zh"
# ## 做出决定的代码
#
# 解码器对 TLS 一无所知，想网开一面也做不到。检查 MASK 位的就是这个函数，这时载荷一个字节都还没到：

# %%
from wsedu.protocol import frames, masking

show_code(frames.FrameDecoder._judge_second)

# %% [markdown] lang="en"
# And this unmasks. It does not go byte by byte: it takes payload and key as two large numbers, or hands them to numpy.
# Which line is the XOR for short payloads?

# %% [markdown] lang="zh"
# 去掩码的是下面这个。它不是逐个字节处理，而是把载荷和密钥当成两个大数，或者交给 numpy。短的载荷在哪一行做 XOR？

# %%
show_code(masking.unmask_slice)

# %% [markdown] lang="en"
# What this function did in the recorded exchange, byte by byte:

# %% [markdown] lang="zh"
# 在刚才录下的交换里，它对每个字节做了什么：

# %%
unmasked = recorded.filter(kind="mask.byte", endpoint=wsedu.Role.SERVER).records
told(unmasked[:size])

# %% [markdown] lang="en"
# ## Find the mistake
#
# This client masks every frame, with four bytes from the best source of randomness that the system has. Each of its
# frames is legal by itself. It is wrong all the same.

# %% [markdown] lang="zh"
# ## 找错误
#
# 这个客户端给每一帧都加掩码，四个字节来自系统最好的随机源。它的每一帧单独看都合法，可它还是错的。


# %%
import os


class Client:
    def __init__(self) -> None:
        self.key = os.urandom(4)

    def frame(self, payload: bytes) -> wsedu.Frame:
        return wsedu.Frame.binary(payload, masking_key=self.key)


# %%
ask("masking.mistake")

# %% [markdown] lang="en"
# Take the part of the attacker. Your server receives the first frame, and with it the key. It tells your page, which
# now *masks the request itself* before it gives it to the client to send:

# %% [markdown] lang="zh"
# 换你来当攻击者。你的服务器收到第一帧，也就得到了密钥，再把密钥告诉你的网页；网页把请求**自己先掩码一遍**，
# 再交给客户端发送：

# %%
client = Client()
learned = client.frame(b"hi").masking_key
request = b"GET /script.js HTTP/1.1\r\nHost: shop.example\r\n\r\n"
sent = wsedu.encode_frame(client.frame(wsedu.apply_mask(request, learned)))
print(sent[6:].decode())

# %% [markdown] lang="en"
# The second masking has taken off the first, and the wire carries what the page chose. The same cache as above:

# %% [markdown] lang="zh"
# 第二次掩码正好去掉了第一次，线路上又是网页挑选的字节。还是上面那个缓存：

# %%
answer = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nalert('')"


def attack(world) -> None:
    world.settle()
    world.client.send_frame(client.frame(wsedu.apply_mask(request, learned)))
    world.server.send_binary(answer)
    world.run_until_closed(wsedu.Role.CLIENT)


cache = CachingProxy("http://shop.example/script.js")
again = simulate(attack, seed=1, middleboxes=[cache], until=60, level=Level.CORE)
kept = [record.step.url for record in again.filter(kind="cache.stored")]
reveal("masking.mistake", ", ".join(kept))

# %% [markdown] lang="en"
# That is why §5.3 asks for a **fresh key for each frame, from a strong source**: the page must not know it when it
# chooses its bytes. That everybody can read it afterwards does no harm.

# %% [markdown] lang="zh"
# 所以 §5.3 要求**每一帧都用新的密钥，而且来自可靠的随机源**：网页挑选字节时不能知道它。事后谁都能读到，倒没有关系。

# %% [markdown] lang="en"
# ## Your turn
#
# Write the operation in place, then sort claims of the kind that you will meet in articles. A whole frame, masked or
# not, is the exercise `encode_frame`, in the folder `wsedu-exercises` beside the notebooks of your own copy.

# %% [markdown] lang="zh"
# ## 轮到你了
#
# 先写出这个操作，再来分辨一些文章里常见的说法。写出完整的一帧（有掩码或没有）是练习 `encode_frame`，
# 就在你那份课程的 `wsedu-exercises` 文件夹里，和笔记本放在一起。

# %%
# exercise: apply_mask

# %%
wsedu.check("apply_mask")

# %%
# exercise: claims

# %%
wsedu.check("claims")

# %% [markdown] lang="en"
# ## In short
#
# - Byte *i* of the payload XOR byte `i mod 4` of the key; *i* begins anew in each frame. The same again unmasks.
# - All frames of a client are masked, none of a server; both are refused with `1002` otherwise. TLS changes nothing.
# - It costs {{len(key)}} bytes per frame: `Hello` takes {{len(hello)}} bytes from a client and
#   {{len(hello) - len(key)}} from a server.
# - It is not encryption: `{{its_key.hex(" ")}}` stood in the captured frame, and so {{size}} letters were read in two
#   lines.
# - It keeps scripts from choosing bytes on the wire, and with that protects caches in between. So the key must be new
#   and unpredictable each time.
#
# **Read on:** [RFC 6455](link:rfc6455) §5.3 (masking), §10.3 (the attack), §5.1 (who masks). The experiment: L.-S.
# Huang and others, *Talking to Yourself for Fun and Profit*. Next: [messages and the byte stream](05_messages.ipynb).

# %% [markdown] lang="zh"
# ## 小结
#
# - 载荷的第 *i* 个字节 XOR 密钥的第 `i mod 4` 个字节；*i* 在每一帧里从头计数。再做一次就去掉掩码。
# - 客户端的帧全都加掩码，服务器的帧一概不加；否则一律以 `1002` 拒绝。有没有 TLS 都一样。
# - 代价是每帧 {{len(key)}} 个字节：`Hello` 从客户端发出占 {{len(hello)}} 个字节，从服务器发出占
#   {{len(hello) - len(key)}} 个。
# - 它不是加密：`{{its_key.hex(" ")}}` 就写在录下的帧里，于是两行代码就读出了 {{size}} 个字母。
# - 它不让脚本挑选线路上的字节，从而保护路上的缓存。因此密钥每次都必须是新的、无法预料的。
#
# **延伸阅读：** [RFC 6455](link:rfc6455) §5.3（掩码）、§10.3（那次攻击）、§5.1（谁加掩码）。那次实验：L.-S. Huang
# 等，*Talking to Yourself for Fun and Profit*。下一课：[消息与字节流](05_messages.ipynb)。
