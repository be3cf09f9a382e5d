#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A library that is not installed is told, with its package, by the command that needs it, and judges nothing as passed; those
that do not need it do not ask for it.

    test_late.py ASSAY HIDE_LIBRARY.so LIBRARIES.tsv

The second argument is an auditor of the loader that finds some libraries nowhere (tests/hide_library.c).
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tools"))
sys.dont_write_bytecode = True
import late_bind  # noqa: E402

ASSAY, HIDE, TABLE = sys.argv[1:]
MODEL = "A: 1, 2\nB: 3, 4\nC: 5, 6\nIF [A] = 1 THEN [B] = 3;\n"
XML = ('<?xml version="1.0"?><System name="s"><Parameters><Parameter id="0" name="a" type="1"><values><value>x</value>'
       "<value>y</value></values></Parameter></Parameters></System>")
RULE = 'rule r { strings: $a = "firmware" condition: $a }'


def table():
    """Name -> (package, whether an image's worker calls it)."""
    rows = [line.split("\t") for line in pathlib.Path(TABLE).read_text().splitlines() if not line.startswith("#")]
    return {row[0]: (row[1], "image" in row[3].split()) for row in rows}


def run(*arguments, hide=()):
    env = dict(os.environ)
    if hide:
        env.update(LD_AUDIT=HIDE, HIDE_LIBRARY=f":{':'.join(hide)}:")
    return subprocess.run([ASSAY, *arguments], capture_output=True, text=True, env=env, timeout=120)


def needed(path):
    out = subprocess.run(["readelf", "--dynamic", "--wide", path], capture_output=True, text=True, check=True).stdout
    return set(re.findall(r"\(NEEDED\).*\[(.+)\]", out)), (re.search(r"\(SONAME\).*\[(.+)\]", out) or [None, None])[1]


def soname(library):
    path = subprocess.run(["cc", f"-print-file-name=lib{library}.so"], capture_output=True, text=True, check=True).stdout.strip()
    return needed(late_bind.elf_of(path))[1]


@unittest.skipUnless(shutil.which("readelf") and shutil.which("cc"), "readelf (binutils) or cc is not installed")
class Late(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.dir = pathlib.Path(folder.name)
        self.image = self.dir / "image.bin"
        self.image.write_bytes(b"a firmware of nothing\n" * 100)
        for name, text in (("m.txt", MODEL), ("m.xml", XML), ("r.yar", RULE)):
            (self.dir / name).write_text(text)

    def missing(self, library, *arguments):
        package = table()[library][0]
        done = run(*arguments, hide=[soname(library)])
        said = done.stdout + done.stderr
        self.assertIn(done.returncode, (2, 3), (library, said))
        self.assertIn(soname(library), said)
        self.assertIn(f"(Debian: {package})", said)
        self.assertNotRegex(said, r"\bPASS\b", library)
        return said

    def test_program_needs_none(self):
        libraries, _ = needed(ASSAY)
        self.assertLessEqual({re.sub(r"\.so.*", "", name) for name in libraries}, {"libc", "libpicosat", "ld-linux-x86-64"})

    def test_image(self):
        for library, (package, image) in table().items():
            if package == "libc6": # always there; others need it, too, and are named when it is hidden
                continue
            if image or library in ("sqlite3", "jansson"):
                with self.subTest(library):
                    case = self.dir / f"{library}.assay"
                    self.missing(library, str(self.image), "-o", str(case))
                    shown = run("report", str(case))
                    self.assertNotRegex(shown.stdout, r"\bPASS\b", library)

    def test_rules(self):
        self.missing("yara", str(self.image), "--yara", str(self.dir / "r.yar"), "-o", str(self.dir / "y.assay"))

    def test_combos(self):
        self.missing("expat", "combos", str(self.dir / "m.xml"))

    def test_not_asked_for(self):
        hidden = [soname(library) for library in table()]
        self.assertEqual(run("--version", hide=hidden).returncode, 0)
        self.assertEqual(run("combos", "--help", hide=hidden).returncode, 0)
        done = run("combos", str(self.dir / "m.txt"), "--csv", "--time", "0", hide=hidden)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("A,B,C", done.stdout)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
