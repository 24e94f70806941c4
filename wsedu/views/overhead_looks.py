"""What a page of the overhead lab has to know once: labels, marks, textures, signs, and where the sliders stop."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..explain.catalogue import Catalogue, part_catalogue
from ..overhead.profiles import PROFILES
from ..overhead.transports import LAYERS, Transport
from .overhead_charts import PART
from .overhead_fields import FIELDS, PRESETS, number_text, stops
from .overhead_marks import LAYER_MARKS, SIGN_PATHS, STROKES
from .overhead_picture import OWN
from .overhead_story import story_title
from .svg_theme import Textures, texture_image

PREFIX = "wsedu-lab-texture"
"""Begins the names of the textures; each page puts its own number behind it."""


def looks(language: str, seconds: Sequence[int]) -> dict[str, Any]:
    """All of it, as JSON.

    Arguments:
        language: `en` or `zh`.
        seconds: that can be chosen for each transport of a run.
    """
    words, own = part_catalogue(PART, language), part_catalogue(OWN, language)
    textures = Textures(PREFIX)
    return {
        "fields": [
            {
                "name": name,
                "label": own.say(f"field.{name}"),
                "unit": own.say(f"unit.{name}"),
                "stops": _stops(name, own),
            }
            for name in FIELDS
        ],
        "presets": [[name, own.say(f"preset.{name}")] for name in PRESETS],
        "headers": [[name, words.say(f"headers.{name}")] for name in PROFILES],
        "transports": [_transport(one, words) for one in Transport],
        "layers": [
            _layer(name, words.say(f"layer.{name}"), words.say(f"layer.{name}.means"), textures) for name in LAYERS
        ],
        "textures": textures.definitions(),
        "prefix": PREFIX,
        "seconds": [[one, own.say("measure.seconds.option", seconds=one)] for one in seconds],
        "story": story_title(language),
    }


def _stops(name: str, own: Any) -> list[list[str]]:
    """Each stop of a slider: as it stands in the box, and as it is read out."""
    unit = own.say(f"unit.{name}")
    texts = map(number_text, stops(name))
    return [[text, own.say("field.value", value=text, unit=unit)] for text in texts]


def _transport(one: Transport, words: Catalogue) -> dict[str, Any]:
    stroke = STROKES[one]
    dash = " ".join(f"{2 * part:g}" for part in stroke.dash)
    colours = {"light": stroke.light, "dark": stroke.dark}
    told = {"label": words.say(f"transport.{one.value}"), "means": words.say(f"transport.{one.value}.means")}
    return {"name": one.value, **told, "dash": dash, "sign": SIGN_PATHS[stroke.sign], **colours}


def _layer(name: str, label: str, means: str, textures: Textures) -> dict[str, Any]:
    mark = LAYER_MARKS[name]
    textures.fill(0, 0, 1, 1, mark.fill, mark.texture)
    white = "-w" if mark.ink == "#ffffff" else ""
    return {
        "name": name,
        "label": label,
        "means": means,
        "letter": mark.letter,
        "fill": mark.fill,
        "ink": mark.ink,
        "texture": "" if mark.texture == "plain" else f"{PREFIX}-{mark.texture}{white}",
        "image": texture_image(mark.fill, mark.texture),
    }
