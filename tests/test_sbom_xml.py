#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""CycloneDX in XML says what the same document says in JSON.

    test_sbom_xml.py ASSAY

The XML is written here by the schema (cyclonedx.org/schema/bom, bom-1.6.xsd).
"""
import json
import os
import pathlib
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import unittest
from xml.sax.saxutils import escape, quoteattr

ASSAY = os.path.abspath(sys.argv.pop(1))
sys.argv.insert(1, ASSAY)
import test_sbom_input as bills  # which takes it, too  # noqa: E402

ATTRIBUTES = {"component": ("type", "bom-ref"), "patch": ("type",), "issue": ("type",), "vulnerability": ("bom-ref",), "hash": ("alg",), "property": ("name",)}
SINGULAR = {"components": "component", "licenses": None, "hashes": "hash", "properties": "property", "vulnerabilities": "vulnerability",
            "affects": "target", "versions": "version", "identity": "identity", "responses": "response",
            "patches": "patch", "resolves": "issue", "ancestors": "component"}
OWN_TEXT = {"hash": "content", "property": "value"}
NAMESPACE = "http://cyclonedx.org/schema/bom/1.6"

DOCUMENT = {
    "bomFormat": "CycloneDX", "specVersion": "1.6", "serialNumber": "urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79", "version": 1,
    "metadata": {"timestamp": "2026-01-01T00:00:00Z", "component": {"type": "firmware", "bom-ref": "it", "name": "Router", "version": "1"},
                 "supplier": {"name": "ACME & \"Sons\" <x>"}},
    "components": [
        {"type": "library", "bom-ref": "b b", "group": "org.x", "name": "outer", "version": "1.0", "publisher": "P",
         "supplier": {"name": "S"}, "scope": "optional",
         "hashes": [{"alg": "MD5", "content": "00"}, {"alg": "SHA-256", "content": "ab" * 32}],
         "licenses": [{"license": {"id": "MIT"}}, {"license": {"name": "of our own"}}],
         "purl": "pkg:maven/org.x/outer@1.0", "cpe": "cpe:2.3:a:x:outer:1.0:*:*:*:*:*:*:*",
         "properties": [{"name": "assay:package-version", "value": "1.0-3"}, {"name": "other", "value": "x"}],
         "pedigree": {"ancestors": [{"type": "library", "name": "before", "version": "0.9"}],
                      "patches": [{"type": "backport", "resolves": [{"type": "security", "id": "CVE-2021-3", "name": "x"}, {"type": "defect", "id": "1"}]},
                                  {"type": "unofficial", "resolves": [{"type": "security", "name": "CVE-2021-4"}]}]},
         "components": [{"type": "file", "name": "f"}, {"type": "library", "name": "inner", "version": "3 \\ \"3\""}],
         "evidence": {"identity": [{"field": "purl", "confidence": 0.25}, {"field": "cpe", "confidence": 1}]}},
        {"type": "application", "bom-ref": "a", "name": "d\u00e4mon \U0001f600", "version": "2.80", "licenses": [{"expression": "MIT OR 0BSD"}],
         "evidence": {"identity": [{"field": "purl", "confidence": 0.75}]}}],
    "vulnerabilities": [
        {"bom-ref": "v", "id": "CVE-2021-1", "analysis": {"state": "not_affected", "justification": "code_not_reachable",
                                                          "responses": ["update"], "detail": "never <called> & so on",
                                                          "lastUpdated": "2022-01-01T00:00:00Z"},
         "affects": [{"ref": "b b", "versions": [{"version": "1.0", "status": "unaffected"}, {"range": "vers:maven/<1.0", "status": "unaffected"}]},
                     {"ref": "urn:cdx:3e671687-395b-41f5-a30f-a58921a69b79/1#a"}, {"ref": "it"}]},
        {"id": "CVE-2021-2", "analysis": {"state": "exploitable"}, "affects": [{"ref": "a"}]}],
}


def element(name, value, prefix):
    tag = prefix + name
    if not isinstance(value, dict):
        return f"<{tag}>{escape(str(value))}</{tag}>"
    own = {k: v for k, v in value.items() if k not in ATTRIBUTES.get(name, ())}
    start = tag + "".join(f" {k}={quoteattr(value[k])}" for k in ATTRIBUTES.get(name, ()) if k in value)
    if name in OWN_TEXT:
        return f"<{start}>{escape(own[OWN_TEXT[name]])}</{tag}>"
    return f"<{start}>\n{members(own, prefix)}</{tag}>\n"


def members(value, prefix=""):
    out = ""
    for k, v in value.items():
        if not isinstance(v, list):
            out += element(k, v, prefix)
            continue
        items = "".join(element(*next(iter(i.items())), prefix) if k == "licenses" else element(SINGULAR[k], i, prefix) for i in v)
        out += items if k == "identity" else f"<{prefix}{k}>{items}</{prefix}{k}>\n"
    return out


def xml(document, prefix=""):
    head = {k: v for k, v in document.items() if k in ("metadata", "components", "vulnerabilities")}
    name = f"xmlns:{prefix[:-1]}" if prefix else "xmlns"
    return (f'<?xml version="1.0" encoding="UTF-8"?>\n<{prefix}bom {name}="{NAMESPACE}" version="1">\n{members(head, prefix)}</{prefix}bom>\n')


class Xml(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="assay-test-"))

    def tearDown(self):
        shutil.rmtree(self.folder)

    def told(self, name, data, lines=False):
        (self.folder / name).write_bytes(data if isinstance(data, bytes) else data.encode())
        p = subprocess.run([ASSAY, name, "-q", "-o", "c.assay"], cwd=self.folder, capture_output=True, text=True, timeout=300)
        self.assertIn(p.returncode, (0, 1), p.stderr)
        db = sqlite3.connect(self.folder / "c.assay")
        rows = []
        for table in ("declared_component", "declared_statement"):
            of = [c[1] for c in db.execute(f"PRAGMA table_info({table})") if c[1] not in ("id", "blob_id", *(() if lines else ("line",)))]
            rows.append(sorted(db.execute(f"SELECT {', '.join(of)} FROM {table}").fetchall(), key=repr))
        damage = [d for d, in db.execute("SELECT what FROM damage")]
        db.close()
        return rows, damage

    def test_as_in_json(self):
        components, statements = self.told("a.json", json.dumps(DOCUMENT))[0]
        self.assertEqual((len(components), len(statements)), (4, 7))
        text = xml(DOCUMENT)
        for name, data in (("a.xml", text), ("prefix.xml", xml(DOCUMENT, "cdx:")), ("mark.xml", "\ufeff" + text),
                           ("latin.xml", text.replace("UTF-8", "ISO-8859-1").encode("latin-1", "xmlcharrefreplace"))):
            self.assertEqual(self.told(name, data), ([components, statements], []), name)

    def test_every_component(self):
        document = {"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [c[1] for c in bills.CASES]}
        json_rows = self.told("a.json", json.dumps(document))
        self.assertGreater(len(json_rows[0][0]), 60)
        self.assertEqual(self.told("a.xml", xml(document)), json_rows)

    def test_lines_are_those_of_the_xml(self):
        text = xml(DOCUMENT)
        self.told("a.xml", text)
        db = sqlite3.connect(self.folder / "c.assay")
        for line, name in db.execute("SELECT line, name FROM declared_component"):
            rest = text.split("\n")[line - 1:]
            self.assertTrue(rest[0].startswith(("<component ", "<components><component ")) or "><component " in rest[0], (line, rest[0]))
            self.assertIn(f"<name>{name.split('/')[-1]}</name>", "\n".join(rest[:3]))
        for line, cve in db.execute("SELECT line, vulnerability FROM declared_statement"):
            self.assertIn(cve, "\n".join(text.split("\n")[line - 1:line + 1]))
        db.close()

    def test_broken(self):
        text = xml(DOCUMENT)
        at = text.index("<vulnerabilities>")
        (components, statements), damage = self.told("cut.xml", text[:at])
        self.assertEqual((len(components), len(statements)), (4, 2))  # the pedigree is read before it breaks
        self.assertTrue(any(f"line {text[:at].count(chr(10)) + 1} of the XML" in d for d in damage), damage)
        (components, _), damage = self.told("wrong.xml", text.replace("<name>inner</name>", "<name>inner</nome>"))
        self.assertTrue(any("mismatched tag" in d for d in damage), damage)
        self.assertEqual(len(components), 3)  # the product, what is open, and what is in it

    def test_not_a_bill(self):
        for name, data in (("other.xml", f'<x about="{NAMESPACE}"><component><name>a</name></component></x>'),
                           ("outer.xml", f'<x><bom xmlns="{NAMESPACE}"><components><component><name>a</name></component></components></bom></x>'),
                           ("page.xml", f'<html><body>{NAMESPACE}</body></html>')):
            self.assertEqual(self.told(name, data)[0], [[], []], name)

    def test_hostile(self):
        laughs = ('<?xml version="1.0"?>\n<!-- ' + NAMESPACE + " -->\n" + " " * 600 + '<!DOCTYPE bom [<!ENTITY a "aaaaaaaaaa">' +
                  "".join(f'<!ENTITY {chr(98 + i)} "{"&%s;" % chr(97 + i) * 10}">' for i in range(12)) + ']>\n'
                  f'<bom xmlns="{NAMESPACE}"><components><component><name>&m;</name></component></components></bom>')
        self.assertEqual(self.told("laughs.xml", laughs)[0], [[], []])
        deep = f'<bom xmlns="{NAMESPACE}">' + "<components><component><name>a</name>" * 20000
        (components, _), damage = self.told("deep.xml", deep)
        self.assertTrue(damage)
        self.assertLess(len(components), 100)
        odd = ('<components><component type="library" type2="x"><name>a&#10;b &quot;\\ <![CDATA[<c>&]]></name><version/><purl>' + "x" * 100000 +
               '</purl><evidence><identity><confidence>01.2.3</confidence></identity></evidence></component><!-- c --><?p?>'
               '<component><version>no name</version></component></components>')
        (components, _), damage = self.told("odd.xml", f'<bom xmlns="{NAMESPACE}" version="1">{odd}</bom>')
        self.assertEqual([c[0] for c in components], ['a\nb "\\ <c>&'])
        self.assertEqual(damage, [])


if __name__ == "__main__":
    unittest.main()
