#!/usr/bin/python3
"""Reads DICOM files with pydicom and prints what tests compare: one JSON object a file, a line each.

numbers: [concept path, value, unit code, qualifier code] of every NUM item
codes:   [concept path, code value, coding scheme] of every CODE item, and the concepts of all containers
texts:   every value of every element, as text, at every depth, with its place
"""
import json
import sys

import pydicom
from pydicom import config

config.settings.reading_validation_mode = config.IGNORE


def code(sequence):
    if not sequence or isinstance(sequence, str):
        return ["", ""]
    item = sequence[0]
    value = item.get("CodeValue") or item.get("LongCodeValue") or item.get("URNCodeValue") or ""
    return [str(value), str(item.get("CodingSchemeDesignator", ""))]


def walk(item, path, out):
    children = item.get("ContentSequence") or []
    if isinstance(children, str):
        return
    for child in children:
        here = path + "/" + ":".join(code(child.get("ConceptNameCodeSequence")))
        measured = child.get("MeasuredValueSequence")
        if measured is not None and not isinstance(measured, (str, bytes)):
            for m in measured:
                out["numbers"].append([here, text(m.get("NumericValue", "")), code(m.get("MeasurementUnitsCodeSequence")),
                                       code(child.get("NumericValueQualifierCodeSequence"))])
        if child.get("ConceptCodeSequence"):
            out["codes"].append([here] + code(child.get("ConceptCodeSequence")))
        elif child.get("ValueType") == "CONTAINER":
            out["codes"].append([here, "", ""])
        walk(child, here, out)


def text(value):
    if isinstance(value, pydicom.valuerep.DSfloat):
        return value.original_string if hasattr(value, "original_string") else str(value)
    return str(value)


def texts(dataset, place, out):
    for e in dataset:
        here = place + "%04X%04X" % (e.tag.group, e.tag.element)
        if e.VR == "SQ":
            for i, item in enumerate(e.value or []):
                texts(item, "%s[%d]." % (here, i), out)
        elif e.value is not None:
            value = e.value
            if isinstance(value, bytes):
                value = value.decode("latin-1")
            out.append([here, text(value)])


def read(path):
    d = pydicom.dcmread(path, force=True)
    out = {"file": path, "numbers": [], "codes": [], "texts": []}
    walk(d, "", out)
    texts(d, "", out["texts"])
    texts(d.file_meta, "", out["texts"])
    return out


for name in sys.argv[1:]:
    print(json.dumps(read(name)))
