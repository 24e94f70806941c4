"""Questions as a ZIP file with QTI 1.2, which Canvas and others import."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from typing import Any
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from ..explain.catalogue import part_catalogue
from ..views.question import Question
from ..views.question_pages import marked
from .export_told import feedback

QTI = "http://www.imsglobal.org/xsd/ims_qtiasiv1p2"
"""The name space of QTI 1.2."""

PACKAGE = "http://www.imsglobal.org/xsd/imsccv1p1/imscp_v1p1"
"""The name space of the package's manifest."""

ASSESSMENT = "wsedu_inventory"
"""The name of the assessment in the package, and of its folder and file."""

_WHEN = (1980, 1, 1, 0, 0, 0)
"""The time of every file in the package, so that the same questions give the same bytes."""


def qti(asked: Sequence[Question], language: str) -> bytes:
    """The package: a manifest and an assessment.

    Arguments:
        asked: the questions, each a choice.
        language: `en` or `zh`.
    """
    files = {"imsmanifest.xml": _manifest(), f"{ASSESSMENT}/{ASSESSMENT}.xml": _assessment(asked, language)}
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, root in files.items():
            indent(root)
            entry = zipfile.ZipInfo(name, _WHEN)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, tostring(root, encoding="utf-8", xml_declaration=True))
    return packed.getvalue()


def _manifest() -> Element:
    root = Element("manifest", {"xmlns": PACKAGE, "identifier": f"{ASSESSMENT}_manifest"})
    about = SubElement(root, "metadata")
    _text(about, "schema", "IMS Content")
    _text(about, "schemaversion", "1.1.3")
    SubElement(root, "organizations")
    resources = SubElement(root, "resources")
    resource = SubElement(resources, "resource", identifier=ASSESSMENT, type="imsqti_xmlv1p2")
    SubElement(resource, "file", href=f"{ASSESSMENT}/{ASSESSMENT}.xml")
    return root


def _assessment(asked: Sequence[Question], language: str) -> Element:
    root = Element("questestinterop", xmlns=QTI)
    title = part_catalogue("quiz", language).say("quiz.title")
    assessment = SubElement(root, "assessment", ident=ASSESSMENT, title=title)
    section = SubElement(assessment, "section", ident="root_section")
    for question in asked:
        section.append(_item(question, language))
    return root


def _item(question: Question, language: str) -> Element:
    name = question.name.replace(".", "_")
    labels = [f"{name}_{place}" for place in range(len(question.options))]
    item = Element("item", ident=name, title=question.name)
    fields = SubElement(SubElement(item, "itemmetadata"), "qtimetadata")
    for label, entry in (("question_type", "multiple_choice_question"), ("points_possible", "1")):
        field = SubElement(fields, "qtimetadatafield")
        _text(field, "fieldlabel", label)
        _text(field, "fieldentry", entry)
    _presented(item, question, labels)
    _processed(item, question, labels)
    for place, label in enumerate(labels):
        told = SubElement(SubElement(item, "itemfeedback", ident=f"{label}_fb"), "flow_mat")
        _material(told, marked(feedback(question, place, language)))
    return item


def _presented(item: Element, question: Question, labels: Sequence[str]) -> None:
    presentation = SubElement(item, "presentation")
    _material(presentation, marked(question.ask))
    response = SubElement(presentation, "response_lid", ident="response1", rcardinality="Single")
    choice = SubElement(response, "render_choice")
    for label, option in zip(labels, question.options, strict=True):
        _material(SubElement(choice, "response_label", ident=label), marked(option))


def _processed(item: Element, question: Question, labels: Sequence[str]) -> None:
    processing = SubElement(item, "resprocessing")
    bounds: dict[str, Any] = {"maxvalue": "100", "minvalue": "0", "varname": "SCORE", "vartype": "Decimal"}
    SubElement(SubElement(processing, "outcomes"), "decvar", bounds)
    # The condition of the right option comes last: nothing after it is looked at.
    for label in labels:
        condition = _condition(processing, label, "Yes")
        SubElement(condition, "displayfeedback", feedbacktype="Response", linkrefid=f"{label}_fb")
    scored = _condition(processing, labels[question.right], "No")
    _text(scored, "setvar", "100").attrib.update(action="Set", varname="SCORE")


def _condition(processing: Element, label: str, goes_on: str) -> Element:
    condition = SubElement(processing, "respcondition", {"continue": goes_on})
    _text(SubElement(condition, "conditionvar"), "varequal", label).set("respident", "response1")
    return condition


def _material(parent: Element, html: str) -> None:
    _text(SubElement(parent, "material"), "mattext", html).set("texttype", "text/html")


def _text(parent: Element, name: str, content: str) -> Element:
    made = SubElement(parent, name)
    made.text = content
    return made
