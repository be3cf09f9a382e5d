#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Products that try to get a PASS which they do not deserve, or of which a FAIL could be refuted: real runs, all packs.

    test_adversary.py ASSAY
"""
import gzip
import os
import pathlib
import random
import sqlite3
import subprocess
import sys
import tempfile
import unittest

ASSAY = os.path.abspath(sys.argv.pop(1))
SHARED = pathlib.Path(os.environ.get("ASSAY_SHARED", pathlib.Path(__file__).resolve().parents[1] / ".." / "shared"))
GATEWAY = SHARED / "samples/gateway-arm64.itb"
os.environ["XDG_DATA_HOME"] = "/nonexistent"  # no feeds of whoever runs this


def newc(files):
    """A cpio archive of regular files: {path: (mode, bytes)}."""
    out = bytearray()
    folders = sorted({"/".join(p.split("/")[:i]) for p in files for i in range(1, p.count("/") + 1)})
    entries = [(f, 0o40755, b"") for f in folders] + [(p, 0o100000 | m, d) for p, (m, d) in files.items()]
    for inode, (name, mode, data) in enumerate(entries + [("TRAILER!!!", 0, b"")], 1):
        name = name.encode()
        out += b"070701" + b"".join(b"%08X" % v for v in (inode, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(name) + 1, 0))
        out += name + b"\0"
        out += b"\0" * (-len(out) % 4) + data
        out += b"\0" * (-len(out) % 4)
    return bytes(out + b"\0" * (-len(out) % 512))


PROGRAM = pathlib.Path("/bin/true").read_bytes()
SYSTEM = {"etc/passwd": (0o644, b"root:*:0:0:root:/root:/bin/sh\n"), "etc/inittab": (0o644, b"::sysinit:/etc/init.d/rcS\n"),
          "etc/init.d/rcS": (0o755, b"#!/bin/sh\nsyslogd\n"), "bin/busybox": (0o755, PROGRAM)}
PLAIN = newc(SYSTEM)
UPDATES = newc(SYSTEM | {"usr/bin/swupdate": (0o755, PROGRAM), "etc/init.d/rcS": (0o755, b"#!/bin/sh\nsyslogd\nswupdate -w -r /www\n")}
               | {f"usr/share/f{i}": (0o644, b"text %d\n" % i) for i in range(60)})

PRODUCT = "product: {name: Lamp, maker: ACME, model: LX-200, version: 1.4, markets: [EU]}\n"


class Case:
    """One run: what it gave."""

    def __init__(self, declarations="", documents=(), firmware=(), arguments=()):
        self.folder = tempfile.TemporaryDirectory()
        folder = pathlib.Path(self.folder.name)
        text = "assay: 1\n" + PRODUCT
        if documents or firmware:
            text += "inputs:\n"
        if firmware:
            text += "  firmware:\n"
        for i, (data, more) in enumerate(firmware):
            (folder / f"{i}.bin").write_bytes(data)
            text += f"    - {{file: {i}.bin{more}}}\n"
        if documents:
            text += "  documents:\n"
        for i, (role, suffix, words) in enumerate(documents):
            (folder / f"{i}.{suffix}").write_text(words, encoding="utf-8")
            text += f"    - {{file: {i}.{suffix}, role: {role}}}\n"
        if declarations:
            text += "declarations:\n" + "".join(f"  {line}\n" for line in declarations.strip().splitlines())
        (folder / "product.yaml").write_text(text, encoding="utf-8")
        case = folder / "c.assay"
        self.run = subprocess.run([ASSAY, folder / "product.yaml", "-o", case, "-q", "--without-feeds", "--without-measures", *arguments],
                                  capture_output=True, text=True, check=False, timeout=300)
        self.verdicts = {}
        if self.run.returncode in (0, 1):
            with sqlite3.connect(case) as db:
                self.verdicts = dict(db.execute("SELECT requirement, verdict FROM verdict"))
        self.folder.cleanup()

    def of(self, verdict):
        return sorted(r for r, v in self.verdicts.items() if v == verdict)


POLICY = """# Vulnerability disclosure policy of ACME

This is the policy for the security of our products, and it holds for all of them.

"""
HONEST = POLICY + """Report vulnerabilities to security@acme-lamps.net. We acknowledge your report within 5 days.
We keep you informed of the progress until it is resolved.
"""
NOTICE = """# Privacy notice of ACME

Last updated: 1 March 2026.

We collect your e-mail address when you create an account. We use your e-mail address to log you in.
We keep your e-mail address for 30 days. Your data is stored in our cloud in Germany. You own your data.
We do not share your data with third parties.
"""
INVENTORY = """
data:
  - {name: e-mail address, personal: yes, purpose: login, necessary: yes, legal_basis: contract, stored: cloud, retention: 30 days}
"""
DISCLOSURE = ("psti.2.2", "psti.2.3a", "psti.2.3b", "mozilla.vulnerability.intake", "mozilla.vulnerability.response", "etsi.5.2-1",
              "cra.ii.5", "cra.ii.6")

# What is told in a way that tells nothing: (trick, suffix, text). None of DISCLOSURE may pass.
UNTOLD = [
    ("blanks of a template", "md", """Report vulnerabilities to [insert contact here]. We acknowledge your report within [X] days.
We keep you informed of the progress every [N] days.
"""),
    ("to be done", "md", """TODO: Report vulnerabilities to security@acme-lamps.net.
TBD: We acknowledge your report within 5 days. TBD: We keep you informed of the progress.
"""),
    ("an address for examples", "md", "Report vulnerabilities to security@example.com.\n"),
    ("an address at .example", "md", "Report vulnerabilities to security@acme.example. \n"),
    ("an address at .test", "md", "Report vulnerabilities to security@acme.test. \n"),
    ("an address at .invalid", "md", "Report vulnerabilities to security@acme.invalid, please.\n"),
    ("an address of this machine", "md", "Report vulnerabilities to root@localhost.\n"),
    ("maybe", "md", """If we ever have time, we may acknowledge your report within 5 days. We might keep you informed of the progress.
"""),
    ("others do", "md", "Other makers acknowledge reports within 5 days. Some companies keep you informed of the progress.\n"),
    ("questions", "md", """Do we acknowledge your report within 5 days? Do we keep you informed of the progress?
"""),
    ("headings", "md", """## We acknowledge your report within 5 days

## We keep you informed of the progress
"""),
    ("struck out", "md", """~~We acknowledge your report within 5 days.~~

~~We keep you informed of the progress.~~
"""),
    ("a comment", "md", "<!-- We acknowledge your report within 5 days. We keep you informed of the progress. -->\n"),
    ("tasks that are open", "md", """- [ ] We acknowledge your report within 5 days.
- [ ] We keep you informed of the progress.
"""),
    ("a table of contents", "md", """1. We acknowledge your report within 5 days ............ 4
2. We keep you informed of the progress ............ 5
"""),
]
HIDDEN = {
    "display": "style='display: none'", "visibility": "style='visibility:hidden'", "letters of no size": "style='font-size: 0'",
    "glass": "style='opacity:0'", "beside the page": "style='position:absolute; left:-9999px'", "an attribute": "hidden",
    "for no reader": "aria-hidden=true", "a style sheet": "class='x h y'", "its identifier": "id=gone",
    "a line through": "style='text-decoration: line-through'",
}

# What a product file may not hold: (key, value)
REFUSED = [
    ("disclosure: {contact: TBD}", "contact"), ("disclosure: {contact: \"n/a\"}", "contact"), ("disclosure: {contact: \"\"}", "contact"),
    ("disclosure: {contact: \"[insert contact here]\"}", "contact"), ("disclosure: {contact: security@example.com}", "contact"),
    ("disclosure: {policy: \"https://example.com/policy\"}", "policy"), ("disclosure: {acknowledge_days: 99999}", "acknowledge_days"),
    ("support: {end: 9999-12-31}", "end"), ("updates: {notice: \"---\"}", "notice"), ("updates: {notice: lorem ipsum dolor}", "notice"),
    ("testing: {pentest: {tester: TBD}}", "pentest.tester"),
    ("updates: {notice: maybe}", "notice"), ("updates: {notice: \"Unknown.\"}", "notice"), ("updates: {notice: \"?\"}", "notice"),
    ("updates: {notice: lorem}", "notice"), ("updates: {notice: xxx}", "notice"), ("updates: {notice: todo}", "notice"),
    ("disclosure: {contact: security@acme.example}", "contact"), ("disclosure: {contact: a@b.invalid}", "contact"),
    ("disclosure: {contact: \"mailto:sec@mail.acme.test\"}", "contact"), ("disclosure: {contact: root@localhost}", "contact"),
    ("disclosure: {contact: \"https://localhost:8080/report\"}", "contact"), ("disclosure: {policy: \"https://acme.example/p\"}", "policy"),
    ("flows: [{host: api.example.org}]", "host"),
]

# Declarations that must not pass: (trick, declarations, requirements)
WORDS = [
    ("no contact", "disclosure: {policy: \"https://acme-lamps.net/p\", contact: none}", ("psti.2.2", "mozilla.vulnerability.intake")),
    ("no address", "disclosure: {policy: \"https://acme-lamps.net/p\", contact: see the manual}", ("psti.2.2", "mozilla.vulnerability.intake")),
    ("support that ended", "support: {end: 2020-01-01, published: \"https://acme-lamps.net/s\"}", ("psti.3.2", "etsi.5.3-13")),
    ("support that ends before it begins", "support: {start: 2090-01-01, end: 2080-01-01, published: \"https://acme-lamps.net/s\"}",
     ("psti.3.2", "etsi.5.3-13")),
    ("a test of the future", "testing: {pentest: {date: 2098-01-01, tester: Lab, scope: all}}", ("mozilla.encryption.pentest",)),
    ("a test by nobody", "testing: {pentest: {date: 2026-01-01, tester: none, scope: none}}", ("mozilla.encryption.pentest",)),
    ("a certificate of the future", "certifications: [{scheme: EUCC, number: A1, firmware: 1.4, date: 2098-01-01}]",
     ("nist.10.certification", "ir8425.documentation.1d-certification")),
    ("a certificate that expired", "certifications: [{scheme: EUCC, number: A1, firmware: 1.4, date: 2001-01-01, expires: 2002-01-01}]",
     ("nist.10.certification", "ir8425.documentation.1d-certification")),
    ("a label that expired", "certifications: [{scheme: U.S. Cyber Trust Mark, number: A1, firmware: 1.4, date: 2001-01-01, expires: 2002-01-01}]",
     ("ecosystem.label",)),
    ("a certificate of another version", "certifications: [{scheme: EUCC, number: A1, firmware: 1.3, date: 2025-01-01}]",
     ("nist.10.certification",)),
    ("a contract that is none", "recipients: [{name: Ads Inc, third_party: yes, contract: none, liability: none}]", ("gsma.3.contracts",)),
    ("nothing is told of updates", "updates: {policy: \"https://acme-lamps.net/u\", notice: none}", ("mozilla.updates.told",)),
    ("a word of good updates", "updates: {mechanism: swupdate, signed: yes, automatic: yes, rollback_protection: yes, transport: https}",
     ("mozilla.updates.authentic", "etsi.5.3-1", "etsi.5.3-2", "etsi.5.3-7", "ir8425.software-update.1", "cra.i.2c")),
    ("no services", "services: []", ("etsi.5.6-1", "cra.i.2j")),
]


class Adversary(unittest.TestCase):
    maxDiff = None

    def none_passes(self, case, requirements):
        self.assertIn(case.run.returncode, (0, 1), case.run.stderr)
        for r in requirements:
            self.assertIn(r, case.verdicts)
            self.assertNotEqual(case.verdicts[r], "PASS", r)

    def test_the_honest_pass(self):
        """Else the rest would test nothing."""
        case = Case(documents=[("disclosure-policy", "md", HONEST)])
        self.assertEqual([], [r for r in DISCLOSURE if case.verdicts.get(r) != "PASS"], case.run.stderr)

    def test_untold(self):
        for trick, suffix, words in UNTOLD:
            with self.subTest(trick):
                self.none_passes(Case(documents=[("disclosure-policy", suffix, POLICY + words)]), DISCLOSURE)

    def test_hidden(self):
        page = ("<html><head><title>Policy</title><style>.h, #gone { display : none }</style></head><body><h1>Policy of ACME</h1>"
                "<p>This is the policy for the security of our products, and it holds for all of them.</p><p %s>"
                "Report vulnerabilities to security@acme-lamps.net. We acknowledge your report within 5 days. "
                "We keep you informed of the progress.</p></body></html>")
        shown = Case(documents=[("disclosure-policy", "html", page % "class=x")])
        self.assertEqual([], [r for r in DISCLOSURE if shown.verdicts.get(r) != "PASS"])
        for trick, how in HIDDEN.items():
            with self.subTest(trick):
                self.none_passes(Case(documents=[("disclosure-policy", "html", page % how)]), DISCLOSURE)

    def test_other_documents(self):
        """A policy that is given as something else."""
        for role in ("other", "certificate", "test-report", "manual"):
            with self.subTest(role):
                self.none_passes(Case(documents=[(role, "md", HONEST)]), ("psti.2.3a", "psti.2.3b", "mozilla.vulnerability.response"))

    def test_refused(self):
        for line, key in REFUSED:
            with self.subTest(line):
                case = Case(line)
                self.assertEqual(case.run.returncode, 2, case.of("PASS"))
                self.assertIn(f"`{key}`", case.run.stderr)

    def test_words(self):
        for trick, declarations, requirements in WORDS:
            with self.subTest(trick):
                self.none_passes(Case(declarations), requirements)

    def test_notices_that_differ(self):
        one = Case(INVENTORY, [("privacy-notice", "md", NOTICE)])
        self.assertEqual(one.verdicts["mozilla.privacy.data-life"], "PASS")
        other = NOTICE.replace("30 days", "10 years").replace("do not share", "share")
        self.none_passes(Case(INVENTORY, [("privacy-notice", "md", NOTICE), ("privacy-notice", "md", other)]), ("mozilla.privacy.data-life",))

    def test_days_of_several_products(self):
        policy = "# Support\n\nThis is when the support of our products ends, and it is for all of you.\n\n%s\n"
        one = policy % "The LX-200 gets security updates until 31 December 2090."
        self.assertEqual(Case(documents=[("support-policy", "md", one)]).verdicts["psti.3.2"], "PASS")
        two = policy % "The LX-1 gets security updates until 31 December 2090. The LX-2 gets security updates until 31 December 2085."
        self.none_passes(Case(documents=[("support-policy", "md", two)]), ("psti.3.2", "etsi.5.3-13"))

    def test_absence_that_may_be_told_elsewhere(self):
        """A sensor is told in the manual, which was not given; one of two manuals leaves open what the other lacks."""
        notice = Case("sensors: [{name: microphone}]", [("privacy-notice", "md", NOTICE)])
        self.assertEqual(notice.verdicts["etsi.5.8-3"], "INCONCLUSIVE")
        short = "# Quick start of the lamp\n\nThis is how you put the lamp on the wall, and it is all that you have to do for it.\n"
        self.assertEqual(Case(documents=[("manual", "md", short)]).verdicts["mozilla.updates.told"], "FAIL")
        long = "# Manual of the lamp\n\nThis is the manual of the lamp, and it is for you. On updates and firmware see our pages.\n"
        both = Case(documents=[("manual", "md", short), ("manual", "md", long)])
        self.assertEqual(both.verdicts["mozilla.updates.told"], "INCONCLUSIVE")

    def test_documents_of_others(self):
        """A policy, a notice and a manual of another maker: nothing passes on them."""
        papers = [("disclosure-policy", "md", HONEST.replace("ACME", "Zenith").replace("acme", "zenith")),
                  ("privacy-notice", "md", NOTICE.replace("ACME", "Zenith")),
                  ("manual", "md", "# Manual of Zenith\n\nYou must change the password at first use. Updates are installed automatically. "
                   "To reset the device hold the button for 10 seconds. Your data on our servers can not be deleted.\n"),
                  ("support-policy", "md", "# Support of Zenith\n\nSecurity updates are provided until 31 December 2090.\n")]
        case = Case(documents=papers)
        self.assertIn(case.run.returncode, (0, 1), case.run.stderr)
        older = "# Manual of the ACME Lamp LX-100\n\nUpdates are installed automatically. This is all for you and it is good.\n"
        self.none_passes(Case(documents=[("manual", "md", older)]), ("mozilla.updates.told",))
        self.assertEqual(Case(documents=[("manual", "md", older.replace("100", "200"))]).verdicts["mozilla.updates.told"], "PASS")
        bare = Case()
        self.assertEqual(bare.of("PASS"), case.of("PASS"))

    def test_language(self):
        """A German policy that is given as English: what it is, is read."""
        german = ("# Meldung von Schwachstellen\n\nMelden Sie Schwachstellen an security@acme-lamps.net. Wir bestätigen den Eingang Ihrer "
                  "Meldung innerhalb von 5 Tagen. Das ist die Richtlinie für alle unsere Produkte und sie gilt für alle.\n")
        case = Case(documents=[("disclosure-policy, language: en", "md", german)])
        self.assertEqual(case.verdicts["psti.2.4-english"], "FAIL")
        self.assertNotEqual(case.verdicts["psti.2.3a"], "FAIL")
        few = Case(documents=[("disclosure-policy, language: en", "md", "Schwachstellen: security@acme-lamps.net\n")])
        self.assertEqual(few.verdicts["psti.2.4-english"], "INCONCLUSIVE")
        self.assertEqual([], few.of("FAIL"))

    def test_another_thing(self):
        """A label of another model, a manual of another sensor, an address that is said to be nobody's."""
        self.none_passes(Case(documents=[("label, language: en", "md", "# ACME Lamp LX-2000\n\n230 V\n")]), ("etsi.5.3-16",))
        self.assertEqual(Case(documents=[("label, language: en", "md", "# ACME Lamp LX-200\n\n230 V\n")]).verdicts["etsi.5.3-16"], "PASS")
        manual = "# Manual of the lamp\n\nThe lamp has a %s that switches it on. This is all for the user, and it is good.\n"
        sensors = "sensors: [{name: motion sensor}]"
        self.assertEqual(Case(sensors, [("manual", "md", manual % "motion sensor")]).verdicts["etsi.5.8-3"], "PASS")
        self.none_passes(Case("sensors: [{name: thermometer}]", [("manual", "md", manual % "motion sensor")]), ("etsi.5.8-3",))
        nobody = INVENTORY.replace("personal: yes", "personal: no")
        self.none_passes(Case(nobody), ("gsma.1.data-inventory", "gsma.2.legal"))

    def test_a_manual_of_what_has_no_password(self):
        manual = "# Manual of the lamp\n\nThis is how you put the lamp on the wall, and it is all that you have to do for it.\n"
        case = Case("credentials: {scheme: none}", [("manual", "md", manual)])
        for r in ("etsi.5.12-2", "ir8425.education.1a-access"):
            self.assertNotEqual(case.verdicts[r], "FAIL", r)

    def test_services_under_another_name(self):
        """A declared service that has no port is not refuted by the port of its program."""
        image = newc(SYSTEM | {"usr/sbin/dropbear": (0o755, PROGRAM), "etc/init.d/rcS": (0o755, b"#!/bin/sh\n/usr/sbin/dropbear -R -p 22\n")})
        case = Case("services: [{name: ssh}, {name: web, port: 443}]", firmware=[(image, "")])
        for r in ("etsi.5.6-1", "ir8425.documentation.1a-network"):
            self.assertNotEqual(case.verdicts[r], "FAIL", r)

    def test_images_that_are_not_whole(self):
        whole = Case(firmware=[(UPDATES, "")])
        self.assertIn("mozilla.updates.capable", whole.of("PASS"), whole.run.stderr)
        random.seed(7)
        noise = bytes(random.randrange(256) for _ in range(65536))
        tricks = {f"{n} percent": UPDATES[: len(UPDATES) * n // 100] for n in (20, 50, 80, 99)}
        tricks |= {"encrypted": noise, "noise behind": UPDATES + noise, "zeros": bytes(65536), "a text": b"hello\n" * 5000, "a program": PROGRAM}
        for trick, data in tricks.items():
            with self.subTest(trick):
                self.assertEqual([], Case(firmware=[(data, "")]).of("PASS"))
        self.assertEqual(Case(firmware=[(b"", "")]).run.returncode, 2)

    def test_budgets(self):
        packed = gzip.compress(UPDATES)
        self.assertIn("mozilla.updates.capable", Case(firmware=[(packed, "")]).of("PASS"))
        for limit in (("--max-blobs", "40"), ("--max-total", "20K"), ("--max-blob", "1K"), ("--max-depth", "1")):
            with self.subTest(limit):
                case = Case(firmware=[(packed, "")], arguments=limit)
                self.assertEqual([], case.of("PASS"), case.run.stderr)

    def test_parts_and_releases(self):
        """What one image shows is not shown of another, nor what the earlier release had of this one."""
        both = Case(firmware=[(UPDATES, ", part: main"), (UPDATES + bytes(512), ", part: radio")])
        self.assertIn("mozilla.updates.capable", both.of("PASS"))
        one = Case(firmware=[(UPDATES, ", part: main"), (PLAIN, ", part: radio")])
        self.assertNotIn("mozilla.updates.capable", one.of("PASS"))
        earlier = Case(firmware=[(UPDATES, ", version: 1.3"), (PLAIN, ", version: 1.4")])
        self.assertNotIn("mozilla.updates.capable", earlier.of("PASS"))

    def test_gateway(self):
        """What is done well there must not fail, and does not pass beside a part that shows nothing, or cut."""
        if not GATEWAY.exists():
            self.skipTest(f"{GATEWAY} is not there")
        data = GATEWAY.read_bytes()
        case = Case(firmware=[(data, "")])
        self.assertEqual(["nist.04.composability"], case.of("FAIL"))
        self.assertIn("mozilla.updates.authentic", case.of("PASS"))
        self.assertNotIn("etsi.5.3-1", case.of("PASS"))
        for cut in (50, 99):
            self.assertEqual([], Case(firmware=[(data[: len(data) * cut // 100], "")]).of("PASS"))
        for limit in (("--max-blobs", "40"), ("--max-depth", "2")):
            self.assertEqual([], Case(firmware=[(data, "")], arguments=limit).of("PASS"))
        self.assertEqual([], [r for r in Case(firmware=[(data, ", part: main"), (PLAIN, ", part: radio")]).of("PASS") if "update" in r])


if __name__ == "__main__":
    unittest.main()
