#!/usr/bin/python3
"""De-identifies a dose report with pydicom, as somebody would who writes a script by the project's tables.

    deid-pydicom.py N IN OUT    does it N times over and prints the seconds of CPU that this took

It walks the data set with callbacks. What attributes.tsv does not list goes, at every level; what it lists has the action of
Table E.1-1 (annex_e11.tsv) under the registry profile. Content items go by Table E.3.4-1 (annex_e341.tsv). UIDs are replaced by a
keyed hash. In texts that stay, the words of the names and the numbers of the header are cut out. It does not know what codes mean,
and it cleans no more than that.
"""
import hashlib
import hmac
import io
import pathlib
import re
import sys
import time

import pydicom
from pydicom import config
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import UID

config.settings.reading_validation_mode = config.IGNORE
config.settings.writing_validation_mode = config.IGNORE

TABLES = pathlib.Path(__file__).resolve().parents[2] / "plugin" / "deid"
KEY = b"invented for the comparison"
NAMED = [0x00100010, 0x00100020, 0x00080050, 0x00080090, 0x00081050, 0x00081070, 0x00080080, 0x00080081, 0x00081040, 0x00200010]


def rows(name):
    lines = [line.split("\t") for line in (TABLES / name).read_text().splitlines() if not line.startswith("#")]
    return [dict(zip(lines[0], line + [""] * (len(lines[0]) - len(line)))) for line in lines[1:]]


def action(row, kind):
    """The letter for the registry profile: device, full dates, patient characteristics."""
    if row.get("device") and not row.get("full") and not row.get("uids"):
        return row["device"]
    for option in ("patient", "full", "content", "descriptors"):
        if row.get(option):
            return row[option]
    basic = (row.get("basic") or "K").rstrip("*").split("/")
    return next(letter for letter in {"1": "DUZXK", "2": "ZDUXK", "3": "XZUDK"}[kind] if letter in basic)


E11 = {row["tag"]: row for row in rows("annex_e11.tsv")}
ATTRIBUTES = {int(row["tag"], 16): action(E11.get(row["tag"], {}), row["type"].split("|")[0]) for row in rows("attributes.tsv")}
CONCEPTS = {(row["code"], row["scheme"]): action(row, "1") for row in rows("annex_e341.tsv")}
LISTED_ONLY = ("TEXT", "PNAME", "UIDREF", "DATE", "TIME", "DATETIME")


def derived(uid):
    if uid.startswith("1.2.840.10008."):
        return uid
    return "2.25." + str(int.from_bytes(hmac.digest(KEY, uid.encode(), hashlib.sha256)[:16], "big"))


def concept(item):
    name = item.ConceptNameCodeSequence[0] if item.get("ConceptNameCodeSequence") else Dataset()
    return CONCEPTS.get((name.get("CodeValue"), name.get("CodingSchemeDesignator")), "X")


def stays(item):
    return item.get("ValueType") not in LISTED_ONLY or concept(item) != "X"


def cleaner(dataset):
    words = {word for tag in NAMED if tag in dataset for word in re.findall(r"[\w-]{3,}", str(dataset[tag].value))}
    pattern = re.compile("|".join(sorted(map(re.escape, words), key=len, reverse=True)) or r"(?!)", re.IGNORECASE)
    return lambda text: pattern.sub("***", text)


def deidentify(data):
    dataset = pydicom.dcmread(io.BytesIO(data))
    clean = cleaner(dataset)

    def element(parent, e):
        act = ATTRIBUTES.get(e.tag, "X")
        if e.tag == 0x00100020:
            e.value = hmac.digest(KEY, str(e.value).encode(), hashlib.sha256).hex()[:20]
        elif act == "X":
            del parent[e.tag]
        elif e.VR == "SQ":
            if act == "Z":
                e.value = Sequence()
            elif e.tag == 0x0040A730:
                e.value = Sequence([item for item in e.value if stays(item)])
        elif e.VR == "UI":
            e.value = [derived(u) for u in e.value] if e.VM > 1 else UID(derived(e.value)) if e.value else e.value
        elif act == "Z":
            e.value = ""
        elif act == "D" or e.tag == 0x0040A160 and concept(parent) == "D":
            e.value = "REMOVED"
        elif e.VR in ("LO", "LT", "SH", "ST", "UT") and e.value and not 0x00080100 <= e.tag <= 0x00080103:
            e.value = clean(e.value) if isinstance(e.value, str) else [clean(v) for v in e.value]

    dataset.walk(element)
    dataset.PatientIdentityRemoved = "YES"
    dataset.LongitudinalTemporalInformationModified = "UNMODIFIED"
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    for keyword in ("SourceApplicationEntityTitle", "ImplementationClassUID"):
        if keyword in dataset.file_meta:
            delattr(dataset.file_meta, keyword)
    dataset.preamble = bytes(128)
    out = io.BytesIO()
    dataset.save_as(out)
    return out.getvalue()


def main():
    times, data = int(sys.argv[1]), pathlib.Path(sys.argv[2]).read_bytes()
    start = time.process_time()
    for _ in range(times):
        out = deidentify(data)
    print(time.process_time() - start)
    pathlib.Path(sys.argv[3]).write_bytes(out)


main()
