# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
# ---

# %% [markdown] lang="en"
# # Frames, bit by bit
#
# An unmasked text frame that says Hello has bytes.

# %% [markdown] lang="zh"
# # 帧，一位一位地看
#
# 一个内容为 Hello、不加掩码的文本帧有若干字节。

# %%
from wsedu.course import begin, show_code

begin("{language}")

# %%
import wsedu
from wsedu.widgets import FrameBuilder

frame = wsedu.encode_frame(wsedu.Frame.text("Hello"))
FrameBuilder(frame)

# %%
# exercise: encode_frame

# %%
wsedu.check("encode_frame")

# %%
show_code(wsedu.encode_frame)

# %% [markdown] lang="en"
# It has {{len(frame)}} bytes.

# %% [markdown] lang="zh"
# 它有 {{len(frame)}} 个字节。
