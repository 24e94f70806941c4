"""The notebooks in which benchmarks/widgets.py measures: wsedu's widgets, and the same built with others."""

from __future__ import annotations

PREPARE = """\
import asyncio, anywidget, ipywidgets, traitlets
from wsedu.simulator import simulate
from wsedu.trace.trace import Trace
from wsedu.protocol.steps import Level
from wsedu.views.sheet import flipped, sheet
from wsedu.widgets import ExchangeFilm, FrameBuilder, LiveExchange
from wsedu.widgets.frame_builder import HELLO
FrameBuilder(language="en")._repr_mimebundle_()
def decoded(data):
    now = sheet(data, "en")
    return " | ".join([now["hex"], now["sentence"], *(v["text"] for v in now["verdicts"].values())])
"""

BUILDER = "w = FrameBuilder(language='en')\nw"

TOGGLES = """\
class Toggles(ipywidgets.VBox):
    def __init__(self):
        self.data = HELLO
        self.said = ipywidgets.HTML(decoded(self.data))
        layout = ipywidgets.Layout(width="24px", padding="0")
        bits = f"{int.from_bytes(HELLO, 'big'):0{8 * len(HELLO)}b}"
        self.cells = [ipywidgets.ToggleButton(bit == "1", description=bit, layout=layout) for bit in bits]
        for number, cell in enumerate(self.cells):
            cell.observe(lambda change, number=number: self.flip(number), "value")
        rows = [ipywidgets.HBox(self.cells[first : first + 32]) for first in range(0, len(bits), 32)]
        super().__init__([*rows, self.said])
        self.add_class("peer")
    def flip(self, number):
        self.data = flipped(self.data, number)
        self.cells[number].description = str(int(self.cells[number].value))
        self.said.value = decoded(self.data)
w = Toggles()
w"""

SYNCED = '''\
class Synced(anywidget.AnyWidget):
    _esm = """
    export default { render({ model, el }) {
      el.classList.add("peer");
      const said = document.createElement("p");
      const cells = [...model.get("bits")].map((bit, number) => {
        const cell = document.createElement("button");
        cell.dataset.bit = number;
        cell.onclick = () => {
          const bits = [...model.get("bits")];
          bits[number] = bits[number] === "1" ? "0" : "1";
          model.set("bits", bits.join(""));
          model.save_changes();
        };
        el.append(cell);
        return cell;
      });
      el.append(said);
      const draw = () => {
        [...model.get("bits")].forEach((bit, number) => { cells[number].textContent = bit; });
        said.textContent = model.get("said");
      };
      model.on("change:bits", draw);
      model.on("change:said", draw);
      draw();
    } };
    """
    bits = traitlets.Unicode(f"{int.from_bytes(HELLO, 'big'):0{8 * len(HELLO)}b}").tag(sync=True)
    said = traitlets.Unicode(decoded(HELLO)).tag(sync=True)
    @traitlets.observe("bits")
    def _changed(self, change):
        self.said = decoded(int(change["new"], 2).to_bytes(len(HELLO), "big"))
w = Synced()
w'''

FILM = """\
def chat(world):
    world.settle()
    for number in range({count} // 2):
        world.client.send_text(str(number))
        world.server.send_text(str(number))
        world.settle()
    world.client.close()
    world.run()
w = ExchangeFilm(simulate(chat, seed=1, level=Level.CORE), language="en")
w"""

LIVE = """\
async def ticking(endpoint):
    while True:
        await endpoint.send("tick")
        await asyncio.sleep(1 / 120)
w = LiveExchange(app=ticking, level=Level.CORE, language="en")
w"""
