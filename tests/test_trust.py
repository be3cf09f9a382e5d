#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What `assay product.yaml` says of NIST's concerns of trust where evidence is of something else: time sources that a configuration
does not name itself, certificates of another product or version, bills of materials of another version, a second image at which
nobody could look.

    test_trust.py ASSAY
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

ASSAY = os.path.abspath(sys.argv.pop(1))
INITTAB = "::sysinit:/etc/init.d/rcS\n::respawn:/sbin/getty ttyS0 9600\n"
PRODUCT = "assay: 1\nproduct:\n  name: Thermo One\n  maker: ACME Lamps\n  model: TH-200\n  version: 1.4\n"
NTS = "server time.acme-lamps.net iburst nts\n"
TIME = ("nist.06.synchronization", "nist.17.timing-tampering")

# name: chrony.conf, what follows in rcS, other files, verdict on the time that cannot be changed
CLOCKS = {
    "NTS": (NTS, "chronyd", {}, "PASS"),
    "a folder that DHCP fills": (NTS + "sourcedir /run/chrony-dhcp\n", "chronyd", {}, "INCONCLUSIVE"),
    "a folder that is read": (NTS + "confdir /etc/chrony/conf.d\n", "chronyd", {}, "PASS"),
    "a file that is not": (NTS + "include /etc/site.conf\n", "chronyd", {"etc/site.conf": "server a.acme-lamps.net\n"}, "INCONCLUSIVE"),
    "the first step": (NTS + "initstepslew 10 a.acme-lamps.net\n", "chronyd", {}, "FAIL"),
    "another configuration": (NTS, "chronyd -f /etc/c2.conf", {"etc/c2.conf": "server a.acme-lamps.net\n"}, "INCONCLUSIVE"),
    "the command line": (NTS, "chronyd 'server a.acme-lamps.net iburst'", {}, "INCONCLUSIVE"),
    "the date of a web server": (NTS, "chronyd\ndate -s \"$(wget -qSO- http://a.acme-lamps.net 2>&1 | grep Date:)\"", {}, "INCONCLUSIVE"),
}

# name: what is declared of the certificate, verdict
CERTIFICATES = {
    "this version": ("firmware: 1.4", "PASS"),
    "this version, written longer": ("firmware: v1.4.0", "PASS"),
    "another version": ("firmware: 1.3", "FAIL"),
    "a range": ("firmware: 1.2 and later", "INCONCLUSIVE"),
    "a pattern": ("firmware: 1.x", "INCONCLUSIVE"),
    "the product by its model": ("firmware: 1.4, scope: 'TH-100, TH-200'", "PASS"),
    "the product by what any has": ("firmware: 1.4, scope: the device with its app and cloud", "PASS"),
    "another product": ("firmware: 1.4, scope: Smart Lock Pro", "INCONCLUSIVE"),
    "another product of the name": ("firmware: 1.4, scope: Thermo One Plus", "INCONCLUSIVE"),
}


def write(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8")
    path.chmod(0o755 if content.startswith("#!") else 0o644)


def program(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(pathlib.Path("/bin/true").read_bytes())
    path.chmod(0o755)


class Trust(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory(prefix="assay-trust-")
        self.addCleanup(scratch.cleanup)
        self.folder = pathlib.Path(scratch.name)
        self.products = 0

    def place(self):
        self.products += 1
        place = self.folder / f"product{self.products}"
        place.mkdir()
        return place

    def assess(self, place, words):
        write(place / "product.yaml", PRODUCT + words)
        run = subprocess.run([ASSAY, place / "product.yaml", "-o", place / "case.assay", "--without-feeds", "-q", "--json", "-"],
                             capture_output=True, text=True, check=False)
        self.assertIn(run.returncode, (0, 1), run.stderr)
        return {v["requirement"]: v["verdict"].upper() for v in json.loads(run.stdout)["verdicts"]}

    def root(self, place, rc, files=None, name="root", programs=("sbin/getty",)):
        for path, content in {"etc/inittab": INITTAB, "etc/init.d/rcS": "#!/bin/sh\n" + rc + "\n", **(files or {})}.items():
            write(place / name / path, content)
        for path in programs:
            program(place / name / path)

    def test_time(self):
        for name, (configuration, rc, files, wanted) in CLOCKS.items():
            with self.subTest(name):
                place = self.place()
                self.root(place, rc, {"etc/chrony.conf": configuration, **files}, programs=("sbin/getty", "usr/sbin/chronyd"))
                verdicts = self.assess(place, "inputs:\n  firmware:\n    - {file: root}\n")
                self.assertEqual([verdicts[r] for r in TIME], ["INCONCLUSIVE" if wanted == "FAIL" else wanted, wanted])

    def test_certificates(self):
        for name, (words, wanted) in CERTIFICATES.items():
            with self.subTest(name):
                declared = "declarations:\n  certifications:\n    - {scheme: Cybersecurity Labelling Scheme, number: A-12, date: 2025-01-01, %s}\n"
                verdicts = self.assess(self.place(), declared % words)
                self.assertEqual(verdicts["nist.10.certification"], wanted)
                self.assertEqual(verdicts["ecosystem.label"], wanted)

    def test_label_of_energy(self):
        declared = "declarations:\n  certifications:\n    - {scheme: EU energy label, number: A-12, date: 2025-01-01, firmware: 1.4}\n"
        verdicts = self.assess(self.place(), declared)
        self.assertEqual((verdicts["nist.10.certification"], verdicts["ecosystem.label"]), ("INCONCLUSIVE", "INCONCLUSIVE"))

    def test_bill(self):
        version = subprocess.run(["/bin/true", "--version"], capture_output=True, text=True, check=True).stdout.split("\n")[0].split()[-1]
        for name, part, wanted in (("this version's", ("coreutils", version), "PASS"), ("another version's", ("coreutils", "1.0"), "INCONCLUSIVE"),
                                   ("another product's", ("nginx", "1.20.0"), "INCONCLUSIVE")):
            with self.subTest(name):
                place = self.place()
                self.root(place, "chronyd", programs=("sbin/getty", "usr/sbin/chronyd"))
                bill = {"bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1,
                        "components": [{"type": "application", "name": part[0], "version": part[1]}]}
                write(place / "bom.json", json.dumps(bill))
                verdicts = self.assess(place, "inputs:\n  firmware:\n    - {file: root}\n  sboms:\n    - {file: bom.json}\n")
                self.assertEqual(verdicts["nist.03.ownership-control"], wanted)

    def test_second_image(self):
        """What one image shows is not shown of another one that is cut off, or that has nothing of the kind."""
        def cut(place):
            (place / "second").write_bytes(b"\x1f\x8b\x08\x00" + bytes((i * 7919) % 251 for i in range(4000)))
        for name, add in (("cut off", cut), ("without a clock", lambda place: self.root(place, "mount -a", name="second"))):
            with self.subTest(name):
                place = self.place()
                self.root(place, "chronyd", {"etc/chrony.conf": NTS}, programs=("sbin/getty", "usr/sbin/chronyd"))
                add(place)
                verdicts = self.assess(place, "inputs:\n  firmware:\n    - {file: root, part: main}\n    - {file: second, part: radio}\n")
                self.assertEqual([verdicts[r] for r in TIME], ["INCONCLUSIVE", "INCONCLUSIVE"])


if __name__ == "__main__":
    unittest.main()
