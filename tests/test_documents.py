#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documents of a product on the command line: beside an image, and by themselves.

    test_documents.py ASSAY
"""
import json
import os
import pathlib
import sqlite3
import subprocess
import sys
import tempfile
import unittest
import zlib

ASSAY = os.path.abspath(sys.argv.pop(1))

NOTICE = """# Privacy notice

We collect your location and your e-mail address. We do not sell your data.

## Retention

Recordings are deleted after 30 days.
"""
PAGE = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 4 0 R/Resources<</XObject<</X 6 0 R>>/Font<</F 5 0 R>>>>>>"
FONT = b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"
SHOWS_IMAGE = b"q 600 0 0 700 0 0 cm /X Do Q"
SHOWS_TEXT = b"BT /F 12 Tf 72 720 Td (We collect your location. We keep your data for thirty days.) Tj ET"


def stream(data, extra=b""):
    return b"<</Length %d%s>>stream\n" % (len(data), extra) + data + b"\nendstream"


IMAGE = stream(b"\0" * 100, b"/Type/XObject/Subtype/Image/Width 10/Height 10/ColorSpace/DeviceGray/BitsPerComponent 8")


def pdf(objects):
    out, places = b"%PDF-1.5\n", []
    for i, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n" % i + body + b"\nendobj\n"
    table = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1) + b"".join(b"%010d 00000 n \n" % p for p in places)
    return out + b"trailer<</Root 1 0 R/Size %d>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, table)


def one_page(content, kids=b"3 0 R", count=1):
    return pdf([b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[" + kids + b"]/Count %d>>" % count, PAGE, content, FONT, IMAGE])


class Documents(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.path = pathlib.Path(self.folder.name)
        (self.path / "image.bin").write_bytes(b"firmware " * 500)
        (self.path / "privacy.md").write_text(NOTICE)

    def tearDown(self):
        self.folder.cleanup()

    def run_assay(self, *args, code=0):
        p = subprocess.run([ASSAY, *args], cwd=self.path, capture_output=True, timeout=200)
        if code is not None:
            self.assertEqual(p.returncode, code, p.stderr.decode())
        return p

    def assess(self, *documents):
        args = [x for d in documents for x in ("--document", d)]
        p = self.run_assay("image.bin", "-o", "c.assay", "-q", "--without-feeds", *args, code=None)
        self.assertIn(p.returncode, (0, 1), p.stderr.decode())
        return sqlite3.connect(self.path / "c.assay"), p.stderr.decode()

    def read(self, name, role="privacy-notice"):
        p = self.run_assay("document", name, "--role", role, "--json", code=None)
        rows = json.loads(p.stdout)["rows"]
        unread = any(r["table"] == "document" and r["state"] == "unread" for r in rows)
        self.assertEqual(p.returncode, 2 if unread else 0, p.stderr.decode())
        self.assertEqual(b"nothing of it could be read: " in p.stderr, unread)
        return {t: [r for r in rows if r["table"] == t] for t in ("document", "document_element", "damage")}

    def test_beside_an_image(self):
        (self.path / "policy.txt").write_text("Please report vulnerabilities to security@acme-lamps.net. We answer within two days.\n")
        db, _ = self.assess("privacy-notice=privacy.md", "disclosure-policy=policy.txt")
        self.assertEqual(db.execute("SELECT kind, role FROM input ORDER BY id").fetchall(),
                         [("firmware", None), ("document", "privacy-notice"), ("document", "disclosure-policy")])
        self.assertEqual(db.execute("SELECT status FROM probe_run WHERE probe = 'document.read'").fetchall(), [("complete",)] * 2)
        found = db.execute("SELECT i.role, e.element, e.state, e.about, e.value FROM document_element e JOIN blob b ON b.id = e.blob_id"
                           " JOIN input i ON i.id = b.input_id WHERE e.state <> 'absent'").fetchall()
        self.assertIn(("privacy-notice", "data-collected", "present", "location", None), found)
        self.assertIn(("privacy-notice", "sale", "denied", None, None), found)
        self.assertIn(("privacy-notice", "retention", "present", "content", "30 days"), found)
        self.assertIn(("disclosure-policy", "acknowledge-time", "present", None, "2 days"), found)
        self.assertIn(("disclosure-policy", "contact-security", "present", None, "security@acme-lamps.net"), found)
        absent = {e for e, in db.execute("SELECT element FROM document_element WHERE state = 'absent'")}
        self.assertIn("rights-complaint", absent)
        self.assertIn("safe-harbour", absent)
        self.assertNotIn("factory-reset", absent)  # nobody asks a notice for that

    def test_roles(self):
        p = self.run_assay("image.bin", "--document", "privacy=privacy.md", code=2)
        self.assertIn(b"privacy-notice, manual", p.stderr)
        self.run_assay("image.bin", "--document", "privacy.md", code=2)
        self.run_assay("image.bin", "--document", "manual=missing.md", code=2)
        self.run_assay("document", "privacy.md", "--role", "novel", code=2)

    def test_scanned(self):
        (self.path / "scan.pdf").write_bytes(one_page(stream(SHOWS_IMAGE)))
        (self.path / "partly.pdf").write_bytes(pdf([
            b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R 7 0 R]/Count 2>>", PAGE, stream(SHOWS_IMAGE), FONT, IMAGE,
            PAGE.replace(b"4 0 R", b"8 0 R"), stream(SHOWS_TEXT)]))
        for name in ("scan.pdf", "partly.pdf"):
            db, said = self.assess("privacy-notice=" + name)
            self.assertEqual(db.execute("SELECT status FROM probe_run WHERE probe = 'document.read'").fetchall(), [("partial",)])
            self.assertEqual(db.execute("SELECT has_text FROM document").fetchall(), [(0,)])
            self.assertEqual(db.execute("SELECT count(*) FROM document_element WHERE state = 'absent'").fetchone(), (0,))
            self.assertIn("pages have no text", said)
        self.assertEqual(len(db.execute("SELECT 1 FROM document_element WHERE element = 'retention' AND value = '30 days'").fetchall()), 1)

    def test_text_of_a_pdf(self):
        (self.path / "text.pdf").write_bytes(one_page(stream(SHOWS_TEXT)))
        got = self.read("text.pdf")
        self.assertTrue(got["document"][0]["has_text"])
        self.assertIn(("retention", "present", 1), [(e["element"], e["state"], e["page"]) for e in got["document_element"]])
        self.assertTrue(any(e["state"] == "absent" for e in got["document_element"]))

    def hostile(self, name, data):
        """It ends, says what was not read, and says of nothing that it is absent."""
        (self.path / name).write_bytes(data)
        got = self.read(name)
        self.assertTrue(got["damage"], name)
        self.assertFalse([e for e in got["document_element"] if e["state"] == "absent"], name)
        return got["damage"]

    def unread(self, name):
        """It is a document still, with the reason, and what rests on it is not decided, naming it."""
        db, _ = self.assess("manual=" + name)
        rows = db.execute("SELECT d.state, d.reason, d.has_text FROM document d JOIN blob b ON b.id = d.blob_id"
                          " JOIN input i ON i.id = b.input_id WHERE i.kind = 'document'").fetchall()
        self.assertEqual([(r[0], r[2]) for r in rows], [("unread", 0)], name)
        damage = [r[0] for r in db.execute("SELECT what FROM damage JOIN blob b ON b.id = damage.blob_id"
                                           " JOIN input i ON i.id = b.input_id WHERE i.kind = 'document'")]
        self.assertTrue(rows[0][1] and any(what.startswith(rows[0][1]) for what in damage), (rows, damage))
        verdict = db.execute("SELECT verdict, missing FROM verdict WHERE requirement = 'mozilla.updates.told'").fetchone()
        self.assertEqual(verdict[0], "INCONCLUSIVE", name)
        self.assertIn(name, verdict[1])

    def test_hostile_pdf(self):
        self.hostile("cyclic.pdf", one_page(stream(SHOWS_TEXT), kids=b"2 0 R 3 0 R 2 0 R", count=5))
        self.hostile("million.pdf", one_page(stream(SHOWS_TEXT), count=1000000))
        self.hostile("broken.pdf", one_page(stream(SHOWS_TEXT))[:40])
        packer = zlib.compressobj(9)
        packed = b"".join(packer.compress(b"(" * (1 << 20)) for _ in range(400)) + packer.flush()
        self.hostile("bomb.pdf", one_page(stream(packed, b"/Filter/FlateDecode")))
        self.unread("bomb.pdf")
        self.hostile("none.bin", b"\0\1\2" * 50)
        self.unread("none.bin")
        self.unread("broken.pdf")

    def test_mutated_pdf(self):
        """Cut off or turned over anywhere: the worker may end, the program does not, and where something is damaged nothing is absent."""
        packed = stream(zlib.compress(SHOWS_TEXT * 20), b"/Filter/FlateDecode")
        whole = pdf([b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R 7 0 R]/Count 2>>", PAGE, packed, FONT, IMAGE,
                     PAGE.replace(b"4 0 R", b"8 0 R"), stream(SHOWS_TEXT)])
        copies = [whole[:len(whole) * i // 16] for i in range(1, 16)]
        for i in range(200):
            bit = (i * 2654435761 + 12345) % (len(whole) * 8)
            copy = bytearray(whole)
            copy[bit // 8] ^= 1 << bit % 8
            copies.append(bytes(copy))
        texts = damaged = 0
        for copy in copies:
            (self.path / "m.pdf").write_bytes(copy)
            got = self.read("m.pdf")
            damaged += bool(got["damage"])
            texts += any(e["state"] == "present" for e in got["document_element"])
            self.assertLessEqual(len(got["document"]), 1)
            if got["damage"]:
                self.assertFalse([e for e in got["document_element"] if e["state"] == "absent"], copy)
        self.assertGreater(texts, 50)  # most flips leave the text as it was
        self.assertGreater(damaged, 5)

    def test_hostile_text(self):
        self.assertEqual(self.hostile("deep.html", b"<div>" * 100000 + b"We collect data.")[0]["kind"], "budget")
        self.hostile("table.html", b"<table><tr><td>" * 100000 + b"x")
        self.hostile("format.html", b"".join(b"<b id=%d><p>" % i for i in range(900)) + b"<p>y" * 100000)
        self.assertEqual(self.hostile("quote.md", b">" * 100000 + b"x")[0]["kind"], "budget")
        self.hostile("long.md", b"(" * 40000000)
        self.hostile("data.bin", bytes(range(256)) * 100)

    def test_what_can_not_be_read_ends_with_2(self):
        (self.path / "data.bin").write_bytes(bytes(range(256)) * 100)
        p = self.run_assay("document", "data.bin", code=2)
        self.assertEqual((p.stdout, p.stderr), (b"", b"assay: data.bin: nothing of it could be read: neither Markdown, HTML, PDF nor text\n"))

    def test_elements_are_documented(self):
        root = pathlib.Path(__file__).resolve().parent.parent
        subprocess.run([sys.executable, root / "tools/embed_documents.py", "table", root / "data/documents", self.path / "t.md",
                        self.path / "t.d"], check=True)
        self.assertEqual((self.path / "t.md").read_text(), (root / "docs/document-elements.md").read_text())

    def test_terminal(self):
        (self.path / "evil.txt").write_text("We collect your \x1b]0;x\x07 location data and keep it for 30 days.\n")
        out = self.run_assay("document", "evil.txt", "--role", "privacy-notice", "--language", "en").stdout
        self.assertNotIn(b"\x1b", out)
        self.assertIn(b"present  data-collected", out)
        self.assertNotIn(b"absent   retention", out)  # words hint at it


if __name__ == "__main__":
    unittest.main()
