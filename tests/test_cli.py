#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The program as a user meets it: inputs of every sort, exit codes, bombs, kills, extraction.

    test_cli.py ASSAY
"""
import base64
import bz2
import contextlib
import gzip
import hashlib
import io
import json
import lzma
import os
import pathlib
import random
import re
import resource
import shutil
import signal
import sqlite3
import stat
import struct
import subprocess
import sys
import tarfile
import tempfile
import time
import unittest
import zipfile
import zlib

ASSAY = os.path.abspath(sys.argv.pop(1))
SANITIZED = "ASSAY_SANITIZER_REPORTS" in os.environ


def newc(entries):
    """A cpio archive: entries are (name, mode, bytes), names bytes."""
    out = bytearray()
    for inode, (name, mode, data) in enumerate(list(entries) + [(b"TRAILER!!!", 0, b"")], 1):
        out += b"070701" + b"".join(b"%08X" % v for v in (inode, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(name) + 1, 0))
        out += name + b"\0"
        out += b"\0" * (-len(out) % 4) + data
        out += b"\0" * (-len(out) % 4)
    return bytes(out + b"\0" * (-len(out) % 512))


PASSWD = b"root:$1$abcdefgh$irWbblnpmw.5z7wgBnprh0:0:0:root:/root:/bin/sh\n"
SMALL = newc([(b"etc", 0o40755, b""), (b"etc/passwd", 0o100644, PASSWD), (b"etc/motd", 0o100644, b"hello\n")])


def crc16(data):
    """CRC-16/ARC, of LHA."""
    crc = 0
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0xA001 if crc & 1 else 0)
    return crc


def memory_limit():
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


class Case(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="assay-test-"))

    def tearDown(self):
        shutil.rmtree(self.folder)

    def write(self, name, data):
        path = self.folder / name
        path.write_bytes(data)
        return path

    def run_assay(self, *args, timeout=120):
        return subprocess.run([ASSAY, *map(str, args)], cwd=self.folder, capture_output=True, timeout=timeout, preexec_fn=memory_limit)

    def assess(self, data, *args, name="image.bin", **kw):
        path = self.write(name, data) if isinstance(data, bytes) else data
        p = self.run_assay(path, "--quiet", *args, **kw)
        self.assertIn(p.returncode, (0, 1), p.stderr)
        return sqlite3.connect(self.folder / (path.name + ".assay"))

    def rows(self, db, sql):
        return db.execute(sql).fetchall()


class Inputs(Case):
    def test_unusable_inputs_end_with_2_and_a_sentence(self):
        self.write("empty", b"")
        os.mkfifo(self.folder / "fifo")
        for args, word in ((["nowhere.bin"], b"No such file"), (["empty"], b"empty"), (["fifo"], b"a FIFO"), (["-"], b"empty"),
                           ([], b""), (["--no-such-option"], b"not an option"), (["a", "b"], b"one image"),
                           (["empty", "--threads", "0"], b"not a value"), (["report", "empty"], b""), (["judge"], b"case"),
                           (["explain", "mozilla.passwords.uniqu"], b"did you mean"), (["list", "nonsense"], b"formats"),
                           (["report", ASSAY], b"not a")):
            p = self.run_assay(*args)
            self.assertEqual(p.returncode, 2, (args, p.stderr))
            self.assertIn(word, p.stderr if args else p.stdout, args)
            self.assertNotIn(b"\x1b", p.stderr)

    def test_what_is_wrong_is_told_of_the_thing_itself(self):
        """Which option, what the system says of a file, what was probably meant: each without guessing by whoever reads it."""
        self.write("text", b"text\n")
        (self.folder / "folder").mkdir()
        self.assertIn(self.run_assay("text", "-q", "-o", "x.assay").returncode, (0, 1))
        whole = (self.folder / "x.assay").read_bytes()
        self.write("cut.assay", whole[:100])
        self.write("half.assay", whole[:len(whole) // 2 + 7])
        for args, words in (
                (["reprot", "x"], "reprot: neither a file nor a command; did you mean assay report?"), (["qqqqqq"], "No such file"),
                (["text", "--htlm", "x"], "--htlm: not an option here (did you mean --html?); see assay assess --help"),
                (["text", "--html"], "--html: its value is missing; see assay assess --help"),
                (["text", "--quiet=3"], "--quiet=3: it takes no value"), (["text", "--max-blob", "5x"], "--max-blob 5x: not a value"),
                (["text", "-t", "0"], "--threads 0: not a value"), (["show", "x.assay", "--vedrict", "x"], "(did you mean --verdict?)"),
                (["report", "x.assay", "--pack", "y"], "nothing is judged here: assay judge does"), (["diff", "x", "y", "--json"], "its value is missing"),
                (["watch", "x", "--cve"], "its value is missing"), (["sbom", "x", "--spdy", "y"], "(did you mean --spdx?)"),
                (["vulns", "x", "--why"], "its value is missing"), (["document", "text", "--rule", "y"], "(did you mean --role?)"),
                (["show", "cut.assay"], "cut.assay: a case file that is cut short or damaged"),
                (["show", "half.assay"], "half.assay: a case file that is cut short or damaged"),
                (["show", "folder"], "folder: a folder, not a case file"), (["folder"], "folder: is an empty folder: there is nothing to assess"),
                (["document", "folder"], "folder: is "), (["text", "-o", "folder"], "can not be written there: it is a folder"),
                (["text", "-o", "none/x.assay"], "can not be written there: No such file or directory"),
                (["combos", "--order=7", "x"], "--order 7: 1 to 6"), (["feed", "status", "--feeds=none.db"], "none.db: there is no feed database")):
            p = self.run_assay(*args)
            self.assertEqual(p.returncode, 2, (args, p.stderr))
            self.assertIn(words, p.stderr.decode(), args)
        (self.folder / "folder" / "f").write_text("text")
        p = self.run_assay("document", "folder")
        self.assertEqual((p.returncode, p.stderr), (2, b"assay: folder: is a folder: name a file\n"))

    def test_the_summary_names_all_that_was_written(self):
        self.write("text", b"text\n")
        kinds = ("html", "json", "sarif", "junit", "oscal", "cyclonedx", "spdx")
        p = self.run_assay("text", "--without-feeds", *(word for k in kinds for word in ("--" + k, "r." + k)))
        told = dict(line.split("  ", 1) for line in p.stdout.decode().splitlines() if line.split("  ", 1)[-1].strip().startswith("r."))
        self.assertEqual({name: path.strip() for name, path in told.items()},
                         {"Report": "r.html", "JSON": "r.json", "SARIF": "r.sarif", "JUnit": "r.junit", "OSCAL": "r.oscal",
                          "CycloneDX": "r.cyclonedx", "SPDX": "r.spdx"})

    def test_suggestions_are_near(self):
        """What is meant is suggested, with letters that changed places; what is not near is not."""
        for word, meant in (("reprot", "report"), ("vuln", "vulns"), ("sbm", "sbom"), ("test", None), ("image", None), ("audit", None), ("suite", None)):
            p = self.run_assay(word)
            self.assertEqual((p.returncode, p.stderr.decode()),
                             (2, f"assay: {word}: " + (f"neither a file nor a command; did you mean assay {meant}?\n" if meant else "No such file or directory\n")))
        self.write("text", b"text\n")
        for option, words in (("--rules", "--rules: not an option here; see"), ("-zq", "-z: not an option here; see"), ("-q=3", "-=: not an option here; see")):
            self.assertIn(words, self.run_assay("text", option).stderr.decode())

    def test_a_case_of_another_image_is_not_replaced_in_silence(self):
        for name in ("a", "b"):
            (self.folder / name).mkdir()
            self.write(name + "/image.bin", name.encode() * 100)
        runs = (("a/image.bin",), ("a/image.bin",), ("./a/../a/image.bin",), ("b/image.bin", "-o", "image.bin.assay"), ("b/image.bin",))
        for args in runs:
            p = self.run_assay(*args, "-q")
            self.assertEqual((p.returncode, p.stderr), (0, b""), args)
        self.write("b/image.bin", b"the next build")
        self.assertEqual(self.run_assay("b/image.bin", "-q").stderr, b"")
        p = self.run_assay("a/image.bin", "-q")
        self.assertEqual((p.returncode, p.stderr), (0, b"assay: image.bin.assay: was the case of b/image.bin, and becomes that of a/image.bin;"
                                                      b" to keep both, name the file with -o\n"))

    def test_one_is_one(self):
        """Numbers and words agree: what is one is in the singular."""
        (self.folder / "rootfs" / "bin").mkdir(parents=True)
        shutil.copy("/bin/true", self.folder / "rootfs" / "bin" / "true")
        p = self.run_assay("rootfs", "--without-feeds", "--verbose", "-o", "x.assay")
        self.assertEqual(re.findall(r"\b1 (?:inputs|hosts|programs|products|days|components|services|kinds|files)\b", p.stdout.decode()), [])
        self.assertIn("Inputs: 1 input", p.stdout.decode())
        self.assertEqual(self.run_assay("rootfs/", "--without-feeds", "-o", "y.assay").stdout.split()[0], b"rootfs")
        db = sqlite3.connect(self.folder / "x.assay")
        self.assertEqual(db.execute("SELECT detail FROM probe_run WHERE probe = 'firmware.unpack'").fetchone(), ("1 file",))
        db.close()

    def tree(self):
        root = self.folder / "rootfs"
        (root / "etc").mkdir(parents=True)
        (root / "etc/passwd").write_bytes(PASSWD)
        (root / "etc/passwd").chmod(0o640)
        (root / "bin").mkdir()
        (root / "bin/tool").write_bytes(b"\x7fnothing" * 1000)
        os.link(root / "bin/tool", root / "bin/zool")
        os.symlink("/etc/shadow", root / "outside")
        os.symlink("/", root / "etc/root")
        os.mkfifo(root / "pipe")
        (root / "new\nline \x1b[31m").write_bytes(b"text\n")
        with open(root / "sparse", "wb") as f:
            f.truncate(3 << 20)
            f.seek(1 << 20)
            f.write(gzip.compress(b"hidden " * 100))
        return root

    def test_secrets_are_shown_when_asked_for(self):
        root = self.folder / "rootfs"
        (root / "etc").mkdir(parents=True)
        (root / "etc/app.conf").write_text("api_key=Qm7xT4kL9wZ2pR8vN5cY1bH6\n")
        p = self.run_assay(root, "-q", "-o", "x.assay", "--json", "a.json", "--html", "a.html")
        self.assertIn(p.returncode, (0, 1), p.stderr)
        for name in ("a.json", "a.html"):
            text = (self.folder / name).read_text()
            self.assertNotIn("Qm7xT4kL9wZ2pR8vN5cY1bH6", text)
            self.assertIn("Qm7x****1bH6", text)
        for command in ("report", "judge"):
            p = self.run_assay(command, "x.assay", "-q", "--json", "b.json", "--show-secrets")
            self.assertIn(p.returncode, (0, 1), p.stderr)
            self.assertIn("Qm7xT4kL9wZ2pR8vN5cY1bH6", (self.folder / "b.json").read_text())
        db = sqlite3.connect(self.folder / "x.assay")
        self.assertEqual(self.rows(db, "SELECT value FROM secret"), [("Qm7xT4kL9wZ2pR8vN5cY1bH6",)])

    @unittest.skipUnless(shutil.which("zip"), "no zip")
    def test_a_split_archive_in_a_folder_is_opened_once(self):
        (self.folder / "t/in").mkdir(parents=True)
        for i in "1", "2", "3":
            (self.folder / "t" / i).write_bytes(os.urandom(60000))
        (self.folder / "t/passwd").write_text("root:$1$abc$SHC/pVPAHH5KUIQjOgvfO/:0:0::/root:/bin/sh\n")
        subprocess.run(["zip", "-q", "-s", "64k", "in/fw.zip", "1", "2", "3", "passwd"], cwd=self.folder / "t", check=True)
        self.assertEqual(sorted(p.name for p in (self.folder / "t/in").iterdir()), ["fw.z01", "fw.z02", "fw.zip"])
        db = self.assess(self.folder / "t/in")
        self.assertEqual(self.rows(db, "SELECT b.path, c.path FROM blob b JOIN blob c ON b.id = c.parent_id WHERE c.path NOT LIKE '/fw.%' ORDER BY 2"),
                         [("/fw.zip:joined", "/" + n) for n in ("1", "2", "3", "passwd")])
        self.assertEqual(self.rows(db, "SELECT user FROM account"), [("root",)])
        self.assertEqual(self.rows(db, "SELECT * FROM damage"), [])

    def test_a_folder_is_looked_at_and_never_left(self):
        root = self.tree()
        db = self.assess(root)
        self.assertEqual(self.rows(db, "SELECT format, path FROM blob WHERE id = 1"), [("directory", "rootfs")])
        tree = self.rows(db, "SELECT path, kind, link_target, same_as FROM blob WHERE parent_id = 1 ORDER BY path")
        self.assertEqual([r[:2] for r in tree], [
            ("/bin", "directory"), ("/bin/tool", "file"), ("/bin/zool", "file"), ("/etc", "directory"), ("/etc/passwd", "file"),
            ("/etc/root", "symlink"), ("/new\nline \x1b[31m", "file"), ("/outside", "symlink"), ("/pipe", "fifo"), ("/sparse", "file")])
        self.assertEqual([r[2:] for r in tree if r[0] in ("/outside", "/bin/zool")], [(None, "/bin/tool"), ("/etc/shadow", None)])
        self.assertEqual(self.rows(db, "SELECT mode FROM blob WHERE path = '/etc/passwd'"), [(0o640,)])
        self.assertEqual(self.rows(db, "SELECT user FROM account"), [("root",)])
        self.assertEqual(self.rows(db, "SELECT offset FROM blob WHERE format = 'gzip'"), [(1 << 20,)])
        self.assertEqual(self.rows(db, "SELECT status, detail FROM probe_run WHERE probe = 'firmware.unpack'"), [("complete", "5 files")])

    def test_a_hard_link_is_a_name(self):
        """BusyBox is often installed as hard links: each is a program of that name, as a symbolic link is."""
        elf = b"\x7fELF\1\1\1" + bytes(9) + struct.pack("<HHI", 2, 40, 1) + bytes(400) + b"\0BusyBox v1.35.0 (x)\0"
        for link in (os.link, os.symlink):
            root = self.folder / link.__name__
            for name in ("bin", "usr/sbin"):
                (root / name).mkdir(parents=True)
            (root / "bin/busybox").write_bytes(elf)
            (root / "bin/other").write_bytes(elf)
            link(root / "bin/busybox" if link is os.link else "../../bin/busybox", root / "usr/sbin/ntpd")
            link(root / "bin/busybox" if link is os.link else "../../bin/busybox", root / "usr/sbin/devmem")
            db = self.assess(root)
            self.assertEqual(self.rows(db, "SELECT b.path, t.kind, value, program FROM time_source t JOIN blob b ON b.id = t.blob_id"),
                             [("/usr/sbin/ntpd", "ntp-client", "ntpd", "busybox")])
            self.assertEqual(self.rows(db, "SELECT b.path, l.kind FROM leftover l JOIN blob b ON b.id = l.blob_id"),
                             [("/usr/sbin/devmem", "debug tool")])

    def test_a_folder_without_our_own_files(self):
        root = self.tree()
        for _ in range(2):
            p = subprocess.run([ASSAY, ".", "--quiet", "-o", "mine.assay", "--json", "mine.json"], cwd=root, capture_output=True)
            self.assertIn(p.returncode, (0, 1), p.stderr)
        db = sqlite3.connect(root / "mine.assay")
        self.assertEqual(self.rows(db, "SELECT count(*) FROM blob WHERE path LIKE '/mine%'"), [(0,)])
        self.assertEqual(self.rows(db, "SELECT path FROM blob WHERE id = 1"), [("rootfs",)])

    def test_what_a_folder_does_not_show_is_said(self):
        root = self.tree()
        db = self.assess(root, "--max-total", "64K")
        self.assertIn("/sparse", self.rows(db, "SELECT group_concat(what) FROM damage")[0][0])
        self.assertEqual(self.rows(db, "SELECT kind FROM blob WHERE path = '/sparse'"), [("file",)])
        self.assertEqual(self.rows(db, "SELECT status FROM probe_run WHERE probe = 'firmware.unpack'"), [("partial",)])

    def test_standard_input_from_a_pipe_and_from_a_file(self):
        self.write("image.bin", SMALL)
        for how in ("cat image.bin | {} - --quiet", "{} - --quiet < image.bin", "{} <(cat image.bin) --quiet -o stdin.assay"):
            p = subprocess.run(["bash", "-c", how.format(ASSAY)], cwd=self.folder, capture_output=True)
            self.assertIn(p.returncode, (0, 1), p.stderr)
            db = sqlite3.connect(self.folder / "stdin.assay")
            self.assertEqual(self.rows(db, "SELECT count(*) FROM blob WHERE kind = 'file'"), [(2,)])
            os.unlink(self.folder / "stdin.assay")
        p = subprocess.run(["bash", "-c", f"head -c 100000 /dev/zero | {ASSAY} - --max-total 64K"], cwd=self.folder, capture_output=True)
        self.assertEqual(p.returncode, 2)
        self.assertIn(b"--max-total", p.stderr)

    def test_a_closed_pipe_is_nothing_to_complain_of_and_a_full_device_is(self):
        self.assess(SMALL)
        for what in ("report image.bin.assay", "report image.bin.assay -q --json -", "list formats"):
            read, write = os.pipe()
            os.close(read)
            p = subprocess.run([ASSAY, *what.split()], cwd=self.folder, stdout=write, stderr=subprocess.PIPE)
            os.close(write)
            self.assertEqual((what, p.returncode, p.stderr), (what, -signal.SIGPIPE, b""))
            with open("/dev/full", "wb") as full:
                p = subprocess.run([ASSAY, *what.split()], cwd=self.folder, stdout=full, stderr=subprocess.PIPE)
            self.assertEqual((what, p.returncode, p.stderr.count(b"\n")), (what, 2, 1))

    def test_one_blob_of_a_case_again(self):
        inner = newc([(b"etc", 0o40755, b""), (b"etc/shadow", 0o100600, PASSWD)])
        self.assess(newc([(b"boot", 0o40755, b""), (b"boot/initrd", 0o100644, gzip.compress(b"padding" + bytes(505) + inner))]))
        p = self.run_assay("image.bin.assay")
        self.assertEqual((p.returncode, b"--blob" in p.stderr), (2, True))
        p = self.run_assay("image.bin.assay", "--blob", "/boot/initrd", "--quiet", "-o", "initrd.assay")
        self.assertIn(p.returncode, (0, 1), p.stderr)
        whole, part = (sqlite3.connect(self.folder / name) for name in ("image.bin.assay", "initrd.assay"))
        self.assertEqual(self.rows(part, "SELECT path, format FROM blob WHERE id = 1"), [("/boot/initrd", "gzip")])
        self.assertEqual(self.rows(part, "SELECT user, state FROM account"), self.rows(whole, "SELECT user, state FROM account"))
        stream = self.rows(whole, "SELECT id FROM blob WHERE kind = 'stream'")[0][0]
        gap = self.rows(whole, "SELECT id FROM blob WHERE kind = 'region' AND format = 'unknown'")[0][0]
        for which, size in ((stream, 512 + len(inner)), (gap, 512)):
            p = self.run_assay("image.bin.assay", "--blob", which, "--quiet", "-o", f"{which}.assay")
            self.assertIn(p.returncode, (0, 1), p.stderr)
            self.assertEqual(self.rows(sqlite3.connect(self.folder / f"{which}.assay"), "SELECT size FROM input"), [(size,)])
        for which, word in (("/nowhere", b"no blob"), ("/boot", b"no bytes"), ("999", b"no blob")):
            p = self.run_assay("image.bin.assay", "--blob", which)
            self.assertEqual((p.returncode, word in p.stderr), (2, True), p.stderr)
        self.write("image.bin", SMALL)
        p = self.run_assay("image.bin.assay", "--blob", "/boot/initrd")
        self.assertEqual((p.returncode, b"not any more" in p.stderr), (2, True), p.stderr)

    @unittest.skipUnless(shutil.which("iconv") and b"CP932" in subprocess.run(["iconv", "-l"], capture_output=True).stdout, "no CP932")
    def test_names_in_the_encoding_that_an_lha_archive_says(self):
        # Level 2; extended headers: 0x01 the name, 0x46 the code page, 0 a CRC of all. The worker, which can load no module, has to know it.
        name = "漢字.txt".encode("cp932")
        more = b"\x01" + name + struct.pack("<HBIHBHH", 7, 0x46, 932, 5, 0, 0, 0)
        head = struct.pack("<H5s3IBBHBH", 26 + len(more), b"-lh0-", 4, 4, 1700000000, 0x20, 2, 0xc829, ord("w"), 3 + len(name))
        head = bytearray(head + more)
        struct.pack_into("<H", head, len(head) - 4, crc16(head))
        db = self.assess(bytes(head) + b"text\0")
        self.assertEqual(self.rows(db, "SELECT path FROM blob WHERE path LIKE '/%'"), [("/漢字.txt",)])
        self.assertEqual(self.rows(db, "SELECT * FROM damage"), [])

    def test_help_and_version(self):
        commands = re.findall(r"^  ([a-z]+) {2,}[a-z]", self.run_assay("--help").stdout.decode(), re.MULTILINE)
        self.assertGreaterEqual(len(commands), 16, commands)
        for args in (["--help"], ["help"], ["--version"], *([command, "--help"] for command in commands)):
            p = self.run_assay(*args)
            self.assertEqual((p.returncode, p.stderr), (0, b""), args)
            self.assertLessEqual(max(map(len, p.stdout.decode().splitlines())), 80, args)

    def test_noise_yields_nothing(self):
        rng = random.Random(7)
        db = self.assess(rng.randbytes(4 << 20))
        self.assertEqual(self.rows(db, "SELECT kind, format FROM blob"), [("input", "high-entropy")])
        self.assertEqual(self.rows(db, "SELECT DISTINCT verdict FROM verdict"), [("INCONCLUSIVE",)])

    def test_one_byte_and_zeros(self):
        db = self.assess(b"x")
        self.assertEqual(self.rows(db, "SELECT count(*) FROM blob"), [(1,)])
        db = self.assess(bytes(1 << 20), name="zeros")
        self.assertEqual(self.rows(db, "SELECT format FROM blob"), [("padding",)])

    def test_sparse_4_gib(self):
        path = self.folder / "sparse"
        with open(path, "wb") as f:
            f.truncate(4 << 30)
            f.seek(3 << 30)
            f.write(SMALL)
        db = self.assess(path, "--blob-time", "10m", timeout=600)
        self.assertEqual(self.rows(db, "SELECT offset FROM blob WHERE format = 'cpio'"), [(3 << 30,)])
        self.assertEqual(self.rows(db, "SELECT count(*) FROM blob WHERE kind = 'file'"), [(2,)])

    def test_broken_pack_is_refused_before_anything_runs(self):
        self.write("image.bin", SMALL)
        self.write("pack.yaml", b"pack: x\ntitle: y\nnonsense: 1\n")
        p = self.run_assay("image.bin", "--pack", "pack.yaml")
        self.assertEqual(p.returncode, 2)
        self.assertIn(b"pack.yaml:3", p.stderr)
        self.assertFalse((self.folder / "image.bin.assay").exists())

    def test_yara_rules_run_in_the_worker_and_are_noted(self):
        self.write("image.bin", b"\1\2 a secret \0" * 100)
        self.write("good.yar", b'rule found : t { meta: n = 1 strings: $s = "secret" condition: $s and filename == "image.bin" }')
        self.write("bad.yar", b"rule a {\n condition: nothing }")
        p = self.run_assay("image.bin", "--yara", "bad.yar")
        self.assertEqual(p.returncode, 2)
        self.assertIn(b"bad.yar, line 2", p.stderr)
        self.run_assay("image.bin", "--yara", "good.yar", "-o", "r.assay", "-q")
        db = sqlite3.connect(self.folder / "r.assay")
        self.addCleanup(db.close)
        self.assertEqual(self.rows(db, "SELECT rule, source, tags, meta, string, offset, data FROM rule_match"),
                         [("found", "good.yar", "t", "n=1", "$s", 5, "secret")])
        self.assertEqual(self.rows(db, "SELECT count(*) FROM probe_run WHERE probe = 'firmware.yara'"), [(1,)])
        self.assertEqual(self.rows(db, "SELECT value LIKE 'good.yar: 1 rule, SHA-256 %' FROM meta WHERE name = 'yara_rules_1'"), [(1,)])

    def test_an_empty_pack_is_refused(self):
        self.write("pack.yaml", b"")
        p = self.run_assay("pack", "test", "pack.yaml")
        self.assertEqual(p.returncode, 2, p.stderr)
        self.assertIn(b"nothing in it", p.stderr)

    def test_foreign_file_is_not_overwritten(self):
        self.write("image.bin", SMALL)
        self.write("image.bin.assay", b"precious")
        self.assertEqual(self.run_assay("image.bin").returncode, 2)
        self.assertEqual((self.folder / "image.bin.assay").read_bytes(), b"precious")

    def test_exit_code_tells_a_failure(self):
        telnet = newc([(b"etc", 0o40755, b""), (b"etc/passwd", 0o100644, b"root::0:0:root:/root:/bin/sh\n"),
                       (b"etc/inittab", 0o100644, b"::sysinit:/etc/init.d/rcS\n::respawn:/usr/sbin/telnetd -F\n")])
        self.write("bad.bin", telnet)
        self.write("plain.bin", b"nothing in here, said the image\n" * 40)
        self.assertEqual(self.run_assay("bad.bin", "--quiet").returncode, 1)
        self.assertEqual(self.run_assay("plain.bin", "--quiet").returncode, 0)


class Reports(Case):
    def test_hostile_names_are_harmless(self):
        names = [b"\x1b[31mred", b"new\nline", b"\xff\xfe", b"<script>alert(1)</script>", b"'; DROP TABLE blob; --", b"a" * 4000,
                 b"../../../../etc/cron.d/x", "\u202eevil".encode()]
        image = newc([(n, 0o100644, PASSWD if i == 0 else b"x") for i, n in enumerate(names)])
        self.write("image.bin", image)
        p = self.run_assay("image.bin", "--html", "r.html", "--json", "r.json")
        self.assertIn(p.returncode, (0, 1))
        self.assertNotIn(b"\x1b", p.stdout)
        self.assertNotIn("\u202e".encode(), p.stdout)
        html = (self.folder / "r.html").read_text()
        self.assertNotIn("<script>alert", html)
        self.assertNotIn("\x1b", html)
        report = json.loads((self.folder / "r.json").read_text())
        self.assertEqual(len([b for b in report["facts"]["blob"] if b["kind"] == "file"] if "facts" in report and "blob" in report["facts"]
                             else [b for b in report["blobs"] if b["kind"] == "file"]), len(names))

    def test_rendered_again_and_judged_again(self):
        self.write("image.bin", SMALL)
        self.run_assay("image.bin", "--json", "a.json", "--quiet")
        (self.folder / "image.bin").unlink()
        self.run_assay("report", "image.bin.assay", "--json", "b.json", "--quiet")
        self.run_assay("judge", "image.bin.assay", "--json", "c.json", "--quiet")
        reports = [json.loads((self.folder / f).read_text()) for f in ("a.json", "b.json", "c.json")]
        for r in reports:
            r.pop("header")
        self.assertEqual(reports[0], reports[1])
        self.assertEqual(reports[0]["verdicts"], reports[2]["verdicts"])

    def test_a_full_disk_is_told(self):
        self.write("image.bin", SMALL)
        for args in (("list", "formats"), ("explain", "mozilla.passwords.unique"), ("--help",), ("--version",), ("image.bin",)):
            with open("/dev/full", "w") as full:
                p = subprocess.run([ASSAY, *args], cwd=self.folder, stdout=full, stderr=subprocess.PIPE)
            self.assertEqual(p.returncode, 2, args)
            self.assertEqual(len(p.stderr.splitlines()), 1, args)

    def test_no_half_report(self):
        self.write("image.bin", SMALL)
        p = self.run_assay("image.bin", "--html", "/nowhere/r.html")
        self.assertEqual(p.returncode, 2)
        self.assertIn(b"/nowhere", p.stderr)


    def test_reports_take_the_place_of_nothing_else(self):
        image = self.write("image.bin", SMALL)
        before = image.read_bytes()
        for args in (("--html", "image.bin"), ("--json", "image.bin"), ("-o", "c.assay", "--html", "c.assay"),
                     ("--html", "r", "--json", "r"), ("-o", "image.bin"), ("--html", "-", "--json", "-")):
            p = self.run_assay("image.bin", "--quiet", *args)
            self.assertEqual(p.returncode, 2, args)
            self.assertEqual(image.read_bytes(), before, args)
        self.assertEqual(self.run_assay("image.bin", "--quiet", "-o", "c.assay", "--html", "/dev/null").returncode, 1)
        self.assertTrue(stat.S_ISCHR(os.stat("/dev/null").st_mode))
        os.symlink("target.html", self.folder / "link.html")
        self.assertEqual(self.run_assay("report", "c.assay", "--quiet", "--html", "link.html").returncode, 1)
        self.assertIn("<html", (self.folder / "target.html").read_text())
        self.assertTrue((self.folder / "link.html").is_symlink())
        p = self.run_assay("report", "c.assay", "--html", "-")
        self.assertTrue(p.stdout.rstrip().endswith(b"</html>"))

    def test_a_case_without_verdicts_is_no_success(self):
        self.write("image.bin", SMALL)
        self.assertEqual(self.run_assay("image.bin", "--quiet").returncode, 1)
        db = sqlite3.connect(self.folder / "image.bin.assay")
        db.execute("DELETE FROM verdict")
        db.commit()
        db.close()
        p = self.run_assay("report", "image.bin.assay", "--quiet")
        self.assertEqual(p.returncode, 2)
        self.assertIn(b"no verdicts", p.stderr)

    def test_one_run_at_a_time(self):
        import fcntl
        self.write("image.bin", SMALL)
        self.run_assay("image.bin", "--quiet")
        with open(self.folder / "image.bin.assay") as f:
            fcntl.flock(f, fcntl.LOCK_EX)
            p = self.run_assay("image.bin", "--quiet")
            self.assertEqual(p.returncode, 2)
            self.assertIn(b"another run", p.stderr)


class Unknown(Case):
    def test_flash_of_unknown_content_is_told(self):
        words = b"".join(struct.pack("<IHH", 0x9000 + 4 * (i % 977), i % 311, 7) for i in range(4096))
        self.write("flash.bin", SMALL + words + bytes(4096))
        p = self.run_assay("flash.bin", "--html", "f.html")
        db = sqlite3.connect(self.folder / "flash.bin.assay")
        [(size,)] = self.rows(db, "SELECT sum(size) FROM blob WHERE format = 'unknown'")
        self.assertGreaterEqual(size, len(words) - 8)
        says = f"{size} bytes of flash are of unknown content"
        [(status, detail)] = self.rows(db, "SELECT status, detail FROM probe_run WHERE probe = 'firmware.unpack'")
        self.assertEqual((status, detail), ("partial", f"1 place could not be read (see damage); {says}"))
        self.assertIn("NOT LOOKED AT", p.stdout.decode())
        self.assertIn(says, " ".join(p.stdout.decode().split()))
        self.assertIn(says, (self.folder / "f.html").read_text())

    def test_a_kernel_that_is_not_packed_is_no_flash(self):
        words = b"".join(struct.pack("<IHH", 0x9000 + 4 * (i % 977), i % 311, 7) for i in range(4096))
        head = struct.pack("<IIQQQ", 0x91005A4D, 0x14000010, 0, 64 + len(words), 10) + bytes(24) + b"ARM\x64" + bytes(4)
        self.write("image.bin", head + words)
        self.run_assay("image.bin")
        db = sqlite3.connect(self.folder / "image.bin.assay")
        self.assertEqual(self.rows(db, "SELECT path, format FROM blob"), [("image.bin", "arm64image"), ("kernel", "unknown")])
        [(status, detail)] = self.rows(db, "SELECT status, detail FROM probe_run WHERE probe = 'firmware.unpack'")
        self.assertEqual((status, detail), ("partial", "no file system was found in it"))

    def test_files_that_a_kernel_may_hide_are_told(self):
        """The size in its header counts memory, and reaches over what was appended."""
        words = b"".join(struct.pack("<IHH", 0x9000 + 4 * (i % 977), i % 311, 7) for i in range(4096))
        head = struct.pack("<IIQQQ", 0x14000000, 0, 0, 1 << 20, 10) + bytes(24) + b"ARM\x64" + bytes(4)
        program = b"\x7fELF\x02\x01\x01" + bytes(9) + struct.pack("<HH", 2, 183) + words[:5000]
        for name, files, status in (("kernel.bin", b"", "complete"), ("hidden.bin", program * 3, "partial")):
            self.write(name, head + words + files + SMALL)
            self.run_assay(name)
            db = sqlite3.connect(self.folder / f"{name}.assay")
            self.assertEqual(self.rows(db, "SELECT status FROM probe_run WHERE probe = 'firmware.unpack'"), [(status,)], name)
            self.assertEqual(self.rows(db, "SELECT count(*) FROM damage WHERE what LIKE 'files lie in these %'"), [(len(files) > 0,)], name)
            db.close()

    def test_what_is_not_there_may_be_in_unknown_flash(self):
        """A second root file system whose superblock is lost holds what the first one does not."""
        words = b"".join(struct.pack("<IHH", 0x9000 + 4 * (i % 977), i % 311, 7) for i in range(4096))
        for name, rest in (("known.bin", b""), ("flash.bin", bytes(4096) + words)):
            self.write(name, SMALL + rest)
            self.run_assay(name)
            db = sqlite3.connect(self.folder / f"{name}.assay")
            runs = self.rows(db, "SELECT DISTINCT status FROM probe_run WHERE probe LIKE 'firmware.%'")
            self.assertEqual(runs, [("partial",)] if rest else [("complete",)])
            db.close()

    def test_papers_are_no_system(self):
        """That there is no login is nothing that a note beside a kernel can show."""
        status = {}
        for name, file, mode in (("note", b"README", 0o100644), ("page", b"www/etc/passwd.html", 0o100644),
                                 ("marked", b"README", 0o100755), ("firmware", b"update/firmware.bin", 0o100777),
                                 ("built", b"release/bin/board.txt", 0o100755),
                                 ("program", b"sbin/init", 0o100755), ("accounts", b"etc/passwd", 0o100644)):
            self.write(name, newc([(file, mode, b"text\n")]))
            self.run_assay(name)
            db = sqlite3.connect(self.folder / f"{name}.assay")
            [(status[name], detail)] = self.rows(db, "SELECT status, detail FROM probe_run WHERE probe = 'firmware.unpack'")
            self.assertEqual(detail == "no file system with programs was found in it", status[name] == "partial")
            db.close()
        self.assertEqual(status, {"note": "partial", "page": "partial", "marked": "partial", "firmware": "partial", "built": "partial",
                                  "program": "complete", "accounts": "complete"})

    def test_the_package_of_an_app_is_no_system(self):
        """Its libraries run on a telephone: what they show nothing of, the product may have."""
        program = pathlib.Path("/bin/true").read_bytes()
        for name, more in (("app.apk", ["AndroidManifest.xml"]), ("app.ipa", ["Payload/Lamp.app/Info.plist"]), ("files.zip", [])):
            with zipfile.ZipFile(self.folder / name, "w") as z:
                for path in more + ["lib/x86_64/liblamp.so"]:
                    z.writestr(path, program)
            self.run_assay(name)
            db = sqlite3.connect(self.folder / f"{name}.assay")
            [(status, detail)] = self.rows(db, "SELECT status, detail FROM probe_run WHERE probe = 'firmware.unpack'")
            self.assertEqual((status, "mobile app" in detail), ("partial", True) if more else ("complete", False), name)
            db.close()

    def test_known_flash_says_nothing_of_it(self):
        self.write("image.bin", SMALL)
        self.assertNotIn(b"unknown content", self.run_assay("image.bin").stdout)


class Bombs(Case):
    def assert_peak(self, peak, limit, says=None):
        if SANITIZED:
            print("not looked at: the bar on memory, since sanitizers take much for themselves", file=sys.stderr)
        else:
            self.assertLess(peak, limit, says)

    def assert_limited(self, data, *args):
        peak, report = self.resident(data, 2, *args)
        self.assert_peak(peak, 256 << 20)
        self.assertTrue({"budget", "memory", "timeout"} & {d["kind"] for d in report["facts"]["damage"]})
        self.assertNotIn("PASS", [v["verdict"] for v in report["verdicts"]])

    def test_gzip_of_a_gigabyte(self):
        zeros = bytes(1 << 20)
        out = io.BytesIO()
        with gzip.GzipFile(fileobj=out, mode="wb", compresslevel=9) as f:
            for _ in range(1024):
                f.write(zeros)
        self.assert_limited(out.getvalue())

    def resident(self, data, threads, *args, fields=("RssAnon:", "RssShmem:")):
        """Runs with so many threads; gives the peak of the parent and its worker together in bytes, without the pages of
        files, which the kernel can take away, and the report."""
        path = self.write("bomb", data)
        (self.folder / "bomb.assay").unlink(missing_ok=True)
        p = subprocess.Popen([ASSAY, str(path), "--quiet", "--json", "bomb.json", "--threads", str(threads), *args], cwd=self.folder)
        peak = 0
        while p.poll() is None:
            total = 0
            try:
                for pid in [p.pid, *pathlib.Path(f"/proc/{p.pid}/task/{p.pid}/children").read_text().split()]:
                    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
                        total += int(line.split()[1]) << 10 if line.startswith(fields) else 0
            except (OSError, ValueError):
                pass  # it ended
            peak = max(peak, total)
            time.sleep(0.001)
        self.assertIn(p.returncode, (0, 1))
        report = json.loads((self.folder / "bomb.json").read_text())
        report.pop("header")
        return peak, report

    def assert_resident(self, data, *args):
        reports = []
        for threads in (1, 2, 8):
            peak, report = self.resident(data, threads, *args)
            self.assert_peak(peak, 256 << 20, f"{threads} threads")
            reports.append(report)
        self.assertEqual(reports[0], reports[1])
        self.assertEqual(reports[0], reports[2])
        return reports[0]

    def test_large_entries_that_overlap(self):
        size = 170 << 20
        packer = zlib.compressobj(9, zlib.DEFLATED, -15)
        packed = b"".join(packer.compress(bytes(1 << 20)) for _ in range(170)) + packer.flush()
        crc = 0
        for _ in range(170):
            crc = zlib.crc32(bytes(1 << 20), crc)
        header = struct.pack("<HHHHHIII", 20, 0, 8, 0, 0, crc, len(packed), size)
        body = b"PK\3\4" + header + struct.pack("<HH", 1, 0) + b"f" + packed
        names = [b"f%d" % i for i in range(6)]
        directory = b"".join(b"PK\1\2" + struct.pack("<H", 20) + header + struct.pack("<HHHHHII", len(n), 0, 0, 0, 0, 0, 0) + n for n in names)
        end = b"PK\5\6" + struct.pack("<HHHHIIH", 0, 0, len(names), len(names), len(directory), len(body), 0)
        report = self.assert_resident(body + directory + end, "--max-ratio", "1000000")
        # none of it needs the temporary file: here the pages of files count, too
        peak, _ = self.resident(body + directory + end, 8, "--max-ratio", "1000000", fields=("VmRSS:",))
        self.assert_peak(peak, len(body) + (256 << 20))
        self.assertEqual(sum(b["size"] == size for b in report["blobs"]), len(names))

    def test_large_streams_within_and_beside_each_other(self):
        inner = gzip.compress(b"what lies innermost\n" + bytes(30 << 20), 1)
        for i in range(4):
            inner = gzip.compress(b"level %d" % i + bytes(45 << 20) + inner + bytes(5000), 1)
        report = self.assert_resident((inner + bytes(4096)) * 3, "--max-ratio", "1000000")
        self.assertEqual([b["size"] for b in report["blobs"]].count((30 << 20) + 20), 3)

    def test_streams_that_do_not_fit_in_memory(self):
        """They are unpacked into a temporary file, from which pages may leave the memory again."""
        size = 220 << 20 # one blob may take 192 MiB of the memory
        plain = (b"what stands first" + bytes(size))[:size - 4] + b"last"
        digest = hashlib.sha256(plain).hexdigest()
        for data in (gzip.compress(plain, 1), bz2.compress(plain), lzma.compress(plain, preset=0)):
            report = self.assert_resident(data, "--max-ratio", "10000000")
            self.assertNotIn("budget", [d["kind"] for d in report["facts"]["damage"]])
            self.assertIn((size, digest), [(b["size"], b["sha256"]) for b in report["blobs"]])

    def test_streams_beyond_the_limit(self):
        data = gzip.compress(bytes(300 << 20), 1)
        report = self.assert_resident(data, "--max-ratio", "10000000", "--max-blob", "250M")
        self.assertIn("budget", [d["kind"] for d in report["facts"]["damage"]])

    def test_disk_image_in_streams(self):
        """A card of 400 MiB within a stream within a zip, and a stream of it within its own file system."""
        if not shutil.which("mke2fs"):
            self.skipTest("no mke2fs here")
        tree = self.folder / "tree"
        tree.mkdir()
        noise = random.Random(1).randbytes(1 << 20)
        for i in range(3):
            (tree / f"noise{i}").write_bytes(noise[i:])
        with open(tree / "large", "wb") as f:
            f.write(gzip.compress(b"within" + bytes(220 << 20), 1))
        disk = self.folder / "disk"
        with open(disk, "wb") as f:
            f.truncate(400 << 20)
        subprocess.run(["mke2fs", "-q", "-t", "ext4", "-d", str(tree), str(disk)], check=True)
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
            z.writestr("card.img.gz", gzip.compress(disk.read_bytes(), 1))
        report = self.assert_resident(out.getvalue(), "--max-ratio", "1000000")
        digests = {b["path"]: b["sha256"] for b in report["blobs"]}
        for name in ("noise0", "noise1", "noise2", "large"):
            self.assertEqual(digests["/" + name], hashlib.sha256((tree / name).read_bytes()).hexdigest())
        self.assertIn(6 + (220 << 20), [b["size"] for b in report["blobs"]])
        self.assertEqual([d for d in report["facts"]["damage"] if d["kind"] == "budget"], [])

    def test_nested_zip(self):
        data = bytes(8 << 20)
        for level in range(6):
            out = io.BytesIO()
            with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
                for i in range(10):
                    z.writestr(f"{level}-{i}.zip", data)
            data = out.getvalue()
        self.assert_limited(data, "--max-blobs", "20000", "--max-total", "2G")

    def test_deep_nesting(self):
        data = b"the innermost\n"
        for _ in range(60):
            data = gzip.compress(data)
        db = self.assess(data)
        self.assertEqual(self.rows(db, "SELECT count(*) FROM damage WHERE kind = 'budget' AND what LIKE '%deeper%'"), [(1,)])

    def test_squashfs_of_zeros(self):
        if not shutil.which("mksquashfs"):
            self.skipTest("no mksquashfs here")
        (self.folder / "t").mkdir()
        for i in range(3):
            with open(self.folder / "t" / f"zeros{i}", "wb") as f:
                f.truncate(2 << 30)
        subprocess.run(["mksquashfs", "t", "s.img", "-comp", "xz", "-quiet", "-no-progress"], cwd=self.folder, check=True,
                       stdout=subprocess.DEVNULL)
        self.assert_limited((self.folder / "s.img").read_bytes())


class Damage(Case):
    def image(self):
        rng = random.Random(3)
        files = [(b"etc", 0o40755, b""), (b"etc/passwd", 0o100644, PASSWD)]
        files += [(b"f%03d" % i, 0o100644, bytes(rng.choices(b"abcdefgh", k=200))) for i in range(60)]
        return lzma.compress(newc(files), format=lzma.FORMAT_XZ)

    def test_truncated_images_keep_what_was_before(self):
        whole = self.image()
        for cut in range(40, len(whole), len(whole) // 12):
            db = self.assess(whole[:cut], name=f"cut{cut}")
            found = self.rows(db, "SELECT count(*) FROM blob WHERE kind = 'file'")[0][0]
            damage = self.rows(db, "SELECT count(*) FROM damage")[0][0]
            self.assertGreater(damage, 0, cut)
            if cut > len(whole) // 2:
                self.assertGreater(found, 10, cut)
            self.assertEqual(self.rows(db, "SELECT count(*) FROM verdict WHERE verdict = 'PASS'"), [(0,)])

    def test_flipped_bits_never_hang_or_crash(self):
        rng = random.Random(11)
        whole = bytearray(self.image())
        for i in range(60):
            copy = bytearray(whole)
            for _ in range(rng.randint(1, 8)):
                copy[rng.randrange(len(copy))] ^= 1 << rng.randrange(8)
            db = self.assess(bytes(copy), name="flipped")
            self.assertEqual(self.rows(db, "SELECT count(*) FROM damage WHERE kind IN ('crash', 'timeout')"), [(0,)])


class Streams(Case):
    def test_what_a_compressed_file_holds_is_called_as_the_file_is(self):
        schema = gzip.compress(b"CREATE TABLE users (username TEXT, password TEXT, email TEXT);\n", mtime=0)
        db = self.assess(newc([(b"usr/share/doc/x/schema.sql.gz", 0o100644, schema), (b"srv/x/schema.sql.gz", 0o100644, schema)]))
        rows = self.rows(db, "SELECT f.path FROM data_store t JOIN blob b ON b.id = t.blob_id JOIN blob f ON f.id = b.parent_id")
        self.assertEqual(rows, [("/srv/x/schema.sql.gz",)])


def der_key(folder, name, *algorithm):
    """A new private key as PEM, and its public half as PEM."""
    key = folder / (name + ".key")
    subprocess.run(["openssl", "genpkey", "-out", key, "-algorithm", *algorithm], check=True, capture_output=True)
    public = subprocess.run(["openssl", "pkey", "-in", key, "-pubout"], check=True, capture_output=True).stdout
    return key, public


def fingerprint(public):
    der = subprocess.run(["openssl", "pkey", "-pubin", "-outform", "DER"], input=public, check=True, capture_output=True).stdout
    return hashlib.sha256(der).hexdigest()


@unittest.skipUnless(shutil.which("openssl"), "no openssl")
class Signatures(Case):
    """Signatures whose key lies in another blob of the image."""
    RSA = ("RSA", "-pkeyopt", "rsa_keygen_bits:2048")
    DESCRIPTION = b'software = {\n\tversion = "1.0";\n};\n'

    def openssl(self, *args, data=None):
        return subprocess.run(["openssl", *map(str, args)], input=data, check=True, capture_output=True, cwd=self.folder).stdout

    def image(self, swu, files):
        """An update, then a file system with these files."""
        root = newc([(b"etc", 0o40755, b"")] + [(name.encode(), 0o100644, data) for name, data in files.items()])
        return swu + b"\xff" * (-len(swu) % 65536) + gzip.compress(root, mtime=0)

    def swu(self, signature, description=DESCRIPTION):
        return newc([(b"sw-description", 0o100644, description), (b"sw-description.sig", 0o100644, signature)])

    def verdict(self, image, *args):
        db = self.assess(image, *args)
        rows = self.rows(db, "SELECT state, key_fingerprint, detail FROM signature WHERE scheme IN ('pkcs1', 'cms', 'fit')")
        db.close()
        (self.folder / "image.bin.assay").unlink()
        self.assertEqual(len(rows), 1, rows)
        return rows[0]

    def test_swupdate_rsa(self):
        key, public = der_key(self.folder, "right", *self.RSA)
        _, other = der_key(self.folder, "wrong", *self.RSA)
        for padding in ([], ["-sigopt", "rsa_padding_mode:pss"]):
            signature = self.openssl("dgst", "-sha256", "-sign", key, *padding, data=self.DESCRIPTION)
            swu, both = self.swu(signature), {"etc/a.pem": other, "etc/b.pem": public}
            self.assertEqual(self.verdict(self.image(swu, both)), ("valid", fingerprint(public), "by the key in /etc/b.pem"))
            self.assertEqual(self.verdict(self.image(swu, {"etc/a.pem": other}))[:2], ("no-key", None))
            self.assertEqual(self.verdict(swu)[:2], ("no-key", None))
        signature = self.openssl("dgst", "-sha256", "-sign", key, data=self.DESCRIPTION)
        tampered = self.swu(signature, self.DESCRIPTION.replace(b"1.0", b"1.1"))
        self.assertEqual(self.verdict(self.image(tampered, both)), ("invalid", fingerprint(public), "not by the key in /etc/b.pem"))

    def certificate(self, name, subject, *algorithm):
        key, public = der_key(self.folder, name, *algorithm)
        self.openssl("req", "-batch", "-new", "-x509", "-key", key, "-out", name + ".crt", "-subj", subject, "-set_serial", "0x9a01")
        return key, public, (self.folder / (name + ".crt")).read_bytes()

    def test_swupdate_cms(self):
        self.write("description", self.DESCRIPTION)
        for algorithm in (self.RSA, ("EC", "-pkeyopt", "ec_paramgen_curve:P-256"), ("EC", "-pkeyopt", "ec_paramgen_curve:P-384")):
            key, public, certificate = self.certificate("right", "/O=Maker/CN=update", *algorithm)
            _, _, other = self.certificate("wrong", "/CN=other", *algorithm)
            for flags in ([], ["-keyid"], ["-noattr"]):
                signature = self.openssl("cms", "-sign", "-binary", "-nocerts", "-in", "description", "-signer", "right.crt", "-inkey",
                                         key, "-outform", "DER", *flags)
                both = {"etc/a.pem": other, "etc/b.pem": certificate}
                good = ("valid", fingerprint(public), "by the certificate in /etc/b.pem")
                self.assertEqual(self.verdict(self.image(self.swu(signature), both)), good, (algorithm, flags))
                self.assertEqual(self.verdict(self.image(self.swu(signature), {"etc/a.pem": other}))[:2], ("no-key", None))
                tampered = self.swu(signature, self.DESCRIPTION.replace(b"1.0", b"1.1"))
                self.assertEqual(self.verdict(self.image(tampered, both))[0], "invalid", (algorithm, flags))

    def test_the_length_of_a_path_of_certificates(self):
        """RFC 5280, section 6.1: as `openssl verify` says it, too."""
        self.write("description", self.DESCRIPTION)
        ca = "basicConstraints=CA:TRUE"
        for root, middle, carried, state in (("", "", ("middle",), "valid"), (",pathlen:1", ",pathlen:0", ("middle",), "valid"),
                                             (",pathlen:0", "", ("middle",), "no-key"), (",pathlen:0", "", ("middle", "root"), "invalid"),
                                             ("", "", ("middle", "root"), "valid")):
            issuer = None
            for name, extension in (("root", ca + root), ("middle", ca + middle), ("leaf", "")):
                key, _ = der_key(self.folder, name, "EC", "-pkeyopt", "ec_paramgen_curve:P-256")
                self.write(name + ".ext", extension.encode())
                self.openssl("req", "-batch", "-new", "-key", key, "-out", name + ".csr", "-subj", "/CN=" + name)
                self.openssl("x509", "-req", "-in", name + ".csr", "-set_serial", "7", "-extfile", name + ".ext", "-out", name + ".crt",
                             *(["-CA", issuer + ".crt", "-CAkey", issuer + ".key"] if issuer else ["-signkey", key]))
                issuer = name
            verified = subprocess.run(["openssl", "verify", "-purpose", "any", "-trusted", "root.crt", "-untrusted", "middle.crt", "leaf.crt"],
                                      cwd=self.folder, capture_output=True, check=False).returncode == 0
            self.assertEqual(verified, state == "valid")
            self.write("carried.crt", b"".join((self.folder / (n + ".crt")).read_bytes() for n in carried))
            signature = self.openssl("cms", "-sign", "-binary", "-in", "description", "-signer", "leaf.crt", "-inkey", "leaf.key",
                                     "-certfile", "carried.crt", "-outform", "DER")
            db = self.assess(self.image(self.swu(signature), {"etc/keyring.pem": (self.folder / "root.crt").read_bytes()}))
            self.assertEqual(self.rows(db, "SELECT scheme, state FROM signature ORDER BY id"), [("cms", "valid"), ("x509", state)],
                             (root, middle, carried))
            db.close()
            (self.folder / "image.bin.assay").unlink()

    def test_the_issuer_of_the_certificate_that_a_message_carries(self):
        self.write("description", self.DESCRIPTION)
        root_key, root, certificate = self.certificate("root", "/O=Maker/CN=root", *self.RSA)
        _, _, other = self.certificate("other", "/O=Maker/CN=root", *self.RSA)
        for name, issuer, ca in (("middle", "root", "TRUE"), ("leaf", "middle", "FALSE")):
            key, _ = der_key(self.folder, name, "EC", "-pkeyopt", "ec_paramgen_curve:P-256")
            self.write(name + ".ext", b"basicConstraints=CA:" + ca.encode())
            self.openssl("req", "-batch", "-new", "-key", key, "-out", name + ".csr", "-subj", "/CN=" + name)
            self.openssl("x509", "-req", "-in", name + ".csr", "-CA", issuer + ".crt", "-CAkey", issuer + ".key", "-set_serial", "7",
                         "-extfile", name + ".ext", "-out", name + ".crt")
        signature = self.openssl("cms", "-sign", "-binary", "-in", "description", "-signer", "leaf.crt", "-inkey", "leaf.key",
                                 "-certfile", "middle.crt", "-outform", "DER")
        for files, expected in (({"etc/keyring.pem": other + certificate}, ("valid", fingerprint(root))), ({}, ("no-key", None)),
                                ({"etc/keyring.pem": other}, ("no-key", None))):
            db = self.assess(self.image(self.swu(signature), files))
            got = self.rows(db, "SELECT scheme, state, key_fingerprint, key_hint FROM signature ORDER BY id")
            db.close()
            (self.folder / "image.bin.assay").unlink()
            self.assertEqual(got[0][:2], ("cms", "valid"))
            self.assertEqual(got[1][:2], ("x509", expected[0]), files)
            self.assertEqual(got[1][3], "issued by CN=root,O=Maker")
            if expected[1]:
                self.assertEqual(got[1][2], expected[1])
        # RFC 5280, 4.2.1.9: a certificate that is no CA's issues none, whoever issued it; neither one that the image has, nor one between.
        self.write("middle.ext", b"basicConstraints=CA:FALSE")
        self.openssl("x509", "-req", "-in", "middle.csr", "-CA", "root.crt", "-CAkey", "root.key", "-set_serial", "8",
                     "-extfile", "middle.ext", "-out", "middle.crt")
        signature = self.openssl("cms", "-sign", "-binary", "-in", "description", "-signer", "leaf.crt", "-inkey", "leaf.key",
                                 "-certfile", "middle.crt", "-outform", "DER")
        no_ca = (self.folder / "middle.crt").read_bytes()
        for files in ({"etc/keyring.pem": certificate}, {"etc/keyring.pem": certificate + no_ca}):
            db = self.assess(self.image(self.swu(signature), files))
            self.assertEqual(self.rows(db, "SELECT state, key_hint FROM signature WHERE scheme = 'x509'"), [("no-key", "issued by CN=middle")])
            db.close()
            (self.folder / "image.bin.assay").unlink()
        # One that a keyring trusts for itself needs to be none.
        self.openssl("req", "-batch", "-new", "-x509", "-key", "root.key", "-out", "alone.crt", "-subj", "/CN=alone", "-set_serial", "9",
                     "-addext", "basicConstraints=critical,CA:FALSE")
        signature = self.openssl("cms", "-sign", "-binary", "-in", "description", "-signer", "alone.crt", "-inkey", "root.key",
                                 "-outform", "DER")
        db = self.assess(self.image(self.swu(signature), {"etc/keyring.pem": (self.folder / "alone.crt").read_bytes()}))
        self.assertEqual(self.rows(db, "SELECT state FROM signature WHERE scheme = 'x509'"), [("valid",)])
        db.close()
        (self.folder / "image.bin.assay").unlink()
        # The certificate that the update brings along is no one to trust.
        signature = self.openssl("cms", "-sign", "-binary", "-in", "description", "-signer", "root.crt", "-inkey", "root.key",
                                 "-outform", "DER")
        for files, state in (({}, "no-key"), ({"etc/keyring.pem": certificate}, "valid")):
            db = self.assess(self.image(self.swu(signature), files))
            self.assertEqual(self.rows(db, "SELECT state FROM signature WHERE scheme = 'x509'"), [(state,)])
            db.close()
            (self.folder / "image.bin.assay").unlink()

    def test_what_another_update_brings_along(self):
        """Two updates by the same certificate that signed itself: neither is whom the device trusts for the other."""
        self.certificate("root", "/O=Maker/CN=root", *self.RSA)
        certificate = (self.folder / "root.crt").read_bytes()
        updates = b""
        for description, options in ((self.DESCRIPTION, ()), (self.DESCRIPTION + b"\n", ()), (self.DESCRIPTION + b"\n\n", ("-nocerts",))):
            self.write("description", description)
            updates += self.swu(self.openssl("cms", "-sign", "-binary", "-in", "description", "-signer", "root.crt", "-inkey", "root.key",
                                             "-outform", "DER", *options), description)
            updates += b"\xff" * (-len(updates) % 65536)
        for files, state in (({}, "no-key"), ({"etc/keyring.pem": certificate}, "valid")):
            db = self.assess(self.image(updates, files))
            self.assertEqual(self.rows(db, "SELECT scheme, state FROM signature ORDER BY scheme, id"),
                             [("cms", "valid"), ("cms", "valid"), ("cms", state), ("x509", state), ("x509", state)])
            db.close()
            (self.folder / "image.bin.assay").unlink()

    def usign(self, key, number, message):
        """A signature as usign writes it."""
        self.write("message", message)
        value = self.openssl("pkeyutl", "-sign", "-rawin", "-inkey", key, "-in", "message")
        return b"untrusted comment: signed by key %s\n%s\n" % (number.hex().encode(), base64.b64encode(b"Ed" + number + value))

    def test_ucert_by_the_key_in_etc_opkg_keys(self):
        key, public = der_key(self.folder, "build", "ED25519")
        number = bytes.fromhex("b5043e70f9a75cde")
        point = self.openssl("pkey", "-pubin", "-outform", "DER", data=public)[-32:]
        file = b"untrusted comment: build\n%s\n" % base64.b64encode(b"Ed" + number + point)
        attribute = lambda kind, data: struct.pack(">I", kind << 24 | len(data) + 4) + data + bytes(-len(data) % 4)

        def named(kind, name, data):
            head = struct.pack(">H", len(name)) + name + b"\0"
            return attribute(0x80 | kind, head + bytes(-len(head) % 4) + data)

        payload = named(2, b"ucert", named(5, b"certtype", struct.pack(">I", 1)) + named(4, b"validfrom", struct.pack(">Q", 1700000000)) +
                        named(4, b"expiresat", struct.pack(">Q", 1731536000)) + named(3, b"pubkey", file + b"\0"))
        for files, state in (({"etc/opkg/keys/b5043e70f9a75cde": file}, ("valid", fingerprint(public))), ({}, ("no-key", None))):
            firmware = self.image(b"", dict(files, **{"etc/os-release": b"ID=openwrt\n"}))
            chain = attribute(0, attribute(0, self.usign(key, number, payload)) + attribute(1, payload))
            chain += attribute(0, attribute(0, self.usign(key, number, firmware)))
            image = firmware + chain
            image += struct.pack(">4sIII", b"FWx0", zlib.crc32(image) ^ 0xffffffff, 0, len(chain) + 16)
            db = self.assess(image)
            rows = self.rows(db, "SELECT covers, state, key_fingerprint FROM signature WHERE scheme = 'ucert' ORDER BY id")
            db.close()
            (self.folder / "image.bin.assay").unlink()
            self.assertEqual(rows, [("certificate that signed", *state), ("image and metadata", "valid", fingerprint(public))])

    def test_usign_behind_an_image_is_one_signature(self):
        key, _ = der_key(self.folder, "build", "ED25519")
        firmware = self.image(b"", {"etc/os-release": b"ID=openwrt\n"})
        signature = self.usign(key, bytes.fromhex("b5043e70f9a75cde"), firmware)
        image = firmware + signature
        image += struct.pack(">4sIII", b"FWx0", zlib.crc32(image) ^ 0xffffffff, 0, len(signature) + 16)
        db = self.assess(image)
        self.assertEqual(self.rows(db, "SELECT scheme, covers, state, key_hint FROM signature"),
                         [("usign", "image and metadata", "no-key", "key number b5043e70f9a75cde")])
        db.close()

    def test_mcuboot_by_the_boot_loaders_key(self):
        key, public = der_key(self.folder, "right", "EC", "-pkeyopt", "ec_paramgen_curve:P-256")
        _, other = der_key(self.folder, "wrong", "EC", "-pkeyopt", "ec_paramgen_curve:P-256")
        spki = lambda pem: self.openssl("pkey", "-pubin", "-outform", "DER", data=pem)
        code = bytes(i % 251 for i in range(4000))
        signed = struct.pack("<IIHHIIBBHII", 0x96F3B83D, 0, 32, 0, len(code), 0, 1, 2, 3, 0, 0) + code
        value = self.openssl("dgst", "-sha256", "-sign", key, data=signed)
        tlv = lambda kind, data: struct.pack("<HH", kind, len(data)) + data
        tlvs = tlv(0x10, hashlib.sha256(signed).digest()) + tlv(0x01, hashlib.sha256(spki(public)).digest()) + tlv(0x22, value)
        update = signed + struct.pack("<HH", 0x6907, len(tlvs) + 4) + tlvs
        for keys, expected in (((other, public), "valid"), ((other,), "no-key"), ((), "no-key")):
            loader = b"boot loader\0" * 300 + b"".join(spki(k) + bytes(5) for k in keys)
            db = self.assess(loader + b"\xff" * (-len(loader) % 65536) + update + b"\xff" * 4096)
            got = self.rows(db, "SELECT state FROM signature WHERE scheme = 'mcuboot'")
            self.assertEqual(got, [(expected,)], keys)
            db.close()
            (self.folder / "image.bin.assay").unlink()

    def test_kernel_modules(self):
        module = b"\x7fELF" + bytes(60) + random.Random(4).randbytes(3000)
        self.write("module", module)
        key, public, certificate = self.certificate("right", "/CN=modules", *self.RSA)
        _, _, other = self.certificate("wrong", "/CN=modules", *self.RSA)
        for flags in ([], ["-keyid"]):
            cms = self.openssl("cms", "-sign", "-binary", "-nocerts", "-noattr", "-in", "module", "-signer", "right.crt", "-inkey", key,
                               "-outform", "DER", *flags)
            tail = cms + bytes((0, 0, 2, 0, 0, 0, 0, 0)) + struct.pack(">I", len(cms)) + b"~Module signature appended~\n"
            for data, files, state in ((module, {"etc/a.pem": certificate}, "valid"), (module + b"x", {"etc/a.pem": certificate}, "invalid"),
                                       (module, {}, "no-key")):
                db = self.assess(newc([(b"lib", 0o40755, b""), (b"etc", 0o40755, b""), (b"lib/a.ko", 0o100644, data + tail)] +
                                      [(name.encode(), 0o100644, value) for name, value in files.items()]))
                got = self.rows(db, "SELECT state, key_fingerprint FROM signature")
                db.close()
                (self.folder / "image.bin.assay").unlink()
                self.assertEqual(got, [(state, fingerprint(public) if files else None)], (flags, state))

    @unittest.skipUnless(shutil.which("mkimage") and shutil.which("dtc"), "no mkimage, no dtc")
    def test_fit_by_the_key_of_another_tree(self):
        key, public = der_key(self.folder, "dev", *self.RSA)
        self.openssl("req", "-batch", "-new", "-x509", "-key", key, "-out", "dev.crt", "-subj", "/CN=dev")
        self.write("kernel", random.Random(3).randbytes(5000))
        self.write("fit.its", b"""/dts-v1/;
            / { description = "fit"; #address-cells = <1>;
                images { kernel { description = "kernel"; data = /incbin/("kernel"); type = "kernel"; arch = "arm"; os = "linux";
                    compression = "none"; load = <0>; entry = <0>; hash-1 { algo = "sha256"; }; }; };
                configurations { default = "conf"; conf { description = "conf"; kernel = "kernel";
                    signature-1 { algo = "sha256,rsa2048"; key-name-hint = "dev"; sign-images = "kernel"; }; }; }; };""")
        run = lambda *args, **kw: subprocess.run(args, cwd=self.folder, check=True, capture_output=True, **kw)
        run("dtc", "-O", "dtb", "-p", "4096", "-o", "control.dtb", input=b'/dts-v1/; / { model = "control"; };')
        run("mkimage", "-f", "fit.its", "-k", ".", "-K", "control.dtb", "-r", "fit.itb")
        fit, control = ((self.folder / name).read_bytes() for name in ("fit.itb", "control.dtb"))
        pad = lambda data: data + b"\xff" * (-len(data) % 65536)
        state, key_fingerprint, detail = self.verdict(pad(fit) + pad(control))
        self.assertEqual((state, key_fingerprint), ("valid", fingerprint(public)), detail)
        tampered = fit.replace(b'conf\0', b'c0nf\0')
        self.assertEqual(self.verdict(pad(tampered) + pad(control))[:2], ("invalid", fingerprint(public)))
        renamed = control.replace(b"key-dev\0", b"key-old\0")
        self.assertEqual(self.verdict(pad(fit) + pad(renamed))[:2], ("valid", fingerprint(public)))
        self.assertEqual(self.verdict(pad(fit))[:2], ("no-key", None))


class Kills(Case):
    def image(self):
        rng = random.Random(5)
        inner = newc([(b"etc", 0o40755, b""), (b"etc/passwd", 0o100644, PASSWD)] +
                     [(b"d%04d" % i, 0o100644, rng.randbytes(300) * 40) for i in range(1500)])
        return b"".join(lzma.compress(inner[: -512 * i or None] if i else inner, preset=0) + bytes(512) for i in range(3))

    def result(self, path):
        p = self.run_assay(path, "--quiet", "--json", "out.json")
        self.assertIn(p.returncode, (0, 1), p.stderr)
        report = json.loads((self.folder / "out.json").read_text())
        report.pop("header")
        return report

    def test_kill_at_random_moments(self):
        path = self.write("image.bin", self.image())
        start = time.monotonic()
        expected = self.result(path)
        seconds = time.monotonic() - start
        rng = random.Random(13)
        for i in range(14):
            case = self.folder / "image.bin.assay"
            case.unlink(missing_ok=True)
            p = subprocess.Popen([ASSAY, str(path), "--quiet"], cwd=self.folder, stderr=subprocess.DEVNULL)
            time.sleep(rng.random() * seconds)
            victim = p.pid
            if i % 2:  # the worker: the run itself must end well
                kids = pathlib.Path(f"/proc/{p.pid}/task/{p.pid}/children")
                pids = kids.read_text().split() if kids.exists() else []
                victim = int(pids[0]) if pids else p.pid
            try:
                os.kill(victim, signal.SIGKILL)
            except ProcessLookupError:
                pass
            code = p.wait()
            if victim != p.pid:
                self.assertIn(code, (0, 1))
            if case.exists() and case.stat().st_size:
                sqlite3.connect(case).execute("SELECT count(*) FROM sqlite_master").fetchall()
            if victim == p.pid:
                self.assertEqual(self.result(path), expected)

    def test_interrupting_says_how_to_go_on(self):
        """Ctrl-C: what was found stays, which is told; a report of it says that it is not whole, and the next run goes on."""
        hashes = b"".join(b"u%d:$6$rounds=100000$salt%d$%s:1::::::\n" % (i, i, b"x" * 86) for i in range(40))
        self.write("image.bin", newc([(b"etc", 0o40755, b""), (b"etc/passwd", 0o100644, PASSWD), (b"etc/shadow", 0o100600, hashes)]))
        case = self.folder / "image.bin.assay"
        p = subprocess.Popen([ASSAY, "image.bin", "-t", "1"], cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                             preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
        deadline = time.monotonic() + 30
        while not case.exists() and time.monotonic() < deadline:
            time.sleep(0.01)
        time.sleep(0.3)
        p.send_signal(signal.SIGINT)
        told = p.communicate(timeout=30)[1]
        self.assertEqual((p.returncode, told), (-signal.SIGINT, b"assay: image.bin.assay: interrupted; to go on, run the same again\n"))
        p = self.run_assay("report", "image.bin.assay")
        self.assertEqual(p.returncode, 2)
        self.assertNotIn(b"has no probe for it", p.stdout)
        self.assertIn(b"its run was interrupted", p.stdout)

    def test_what_is_not_interrupted_says_nothing(self):
        """A job in the background of a script: SIGINT is ignored, and stays so."""
        hashes = b"".join(b"u%d:$6$rounds=100000$salt%d$%s:1::::::\n" % (i, i, b"x" * 86) for i in range(40))
        self.write("image.bin", newc([(b"etc", 0o40755, b""), (b"etc/passwd", 0o100644, PASSWD), (b"etc/shadow", 0o100600, hashes)]))
        p = subprocess.Popen([ASSAY, "image.bin", "-t", "1"], cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                             preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN))
        deadline = time.monotonic() + 30
        while not (self.folder / "image.bin.assay").exists() and time.monotonic() < deadline:
            time.sleep(0.01)
        time.sleep(0.3)
        p.send_signal(signal.SIGINT)
        told = p.communicate(timeout=60)[1]
        self.assertEqual((p.returncode in (0, 1), told), (True, b""))

    def test_worker_dies_with_its_parent(self):
        path = self.write("image.bin", self.image())
        p = subprocess.Popen([ASSAY, str(path), "--quiet"], cwd=self.folder, stderr=subprocess.DEVNULL)
        time.sleep(0.05)
        kids = pathlib.Path(f"/proc/{p.pid}/task/{p.pid}/children").read_text().split()
        p.kill()
        p.wait()
        deadline = time.monotonic() + 5
        while any(os.path.exists(f"/proc/{k}/fd") and pathlib.Path(f"/proc/{k}/stat").read_text().split()[2] != "Z" for k in kids):
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.05)


class Extraction(Case):
    def test_nothing_leaves_the_folder(self):
        outside = self.folder / "outside"
        outside.mkdir()
        entries = [
            (b"etc", 0o40755, b""), (b"etc/passwd", 0o100644, PASSWD), (b"bin", 0o40755, b""),
            (b"bin/su", 0o104755, b"#!/bin/sh\n"), (b"bin/sh", 0o120777, b"su"), (b"bin/abs", 0o120777, b"/etc/passwd"),
            (b"../outside/escaped", 0o100644, b"no"), (b"etc/../../outside/escaped2", 0o100644, b"no"),
            (b"link", 0o120777, b"../outside"), (b"link/escaped3", 0o100644, b"no"), (b"up", 0o120777, b"../../../../etc"),
            (b"twist", 0o120777, b"bin/../../outside"), (b"dev", 0o40755, b""), (b"dev/null", 0o20666, b""),
            (b"ctl\n\x1b[0m", 0o100644, b"x"), (b"/abs/file", 0o100644, b"inside"),
        ]
        self.write("image.bin", newc(entries))
        p = self.run_assay("image.bin", "--quiet", "--extract", "out")
        self.assertIn(p.returncode, (0, 1), p.stderr)
        self.assertEqual(list(outside.iterdir()), [])
        out = self.folder / "out"
        files = {str(f.relative_to(out)): f for f in out.rglob("*")}
        self.assertEqual(next(f for n, f in files.items() if n.endswith("etc/passwd")).read_bytes(), PASSWD)
        su = next(f for n, f in files.items() if n.endswith("bin/su"))
        self.assertEqual(su.stat().st_mode & 0o7777, 0o755)
        # The link that leaves is not made; what the image has below it stands in a directory of that name, inside.
        self.assertEqual([n for n in files if "escaped" in n], ["link/escaped3"])
        self.assertTrue(files["link"].is_dir() and not files["link"].is_symlink())
        self.assertFalse([n for n in files if ".assay-partial" in n])
        self.assertFalse([n for n in files if n.endswith("dev/null")])
        self.assertFalse([n for n in files if "\n" in n or "\x1b" in n])
        absolute = next(f for n, f in files.items() if n.endswith("bin/abs"))
        self.assertEqual(absolute.read_bytes(), PASSWD)
        for f in files.values():
            if f.is_symlink():
                self.assertTrue(os.path.realpath(f).startswith(os.path.realpath(out) + os.sep), f)

    def tree_of(self, name):
        """Paths below the folder: contents of files, targets of links; and which files may be run."""
        tree = {}
        for f in sorted((self.folder / name).rglob("*")):
            what = os.readlink(f) if f.is_symlink() else f.read_bytes() if f.is_file() else None
            tree[str(f.relative_to(self.folder / name))] = (what, f.is_symlink() or f.stat().st_mode & 0o7777)
        return tree

    def test_files_alone_are_the_same_files(self):
        tar = io.BytesIO()
        with tarfile.open(fileobj=tar, mode="w:gz") as t:
            info = tarfile.TarInfo("inner/file")
            info.size = 5
            t.addfile(info, io.BytesIO(b"inner"))
        entries = [
            (b"etc", 0o40755, b""), (b"etc/passwd", 0o100600, PASSWD), (b"bin", 0o40755, b""), (b"empty", 0o100644, b""),
            (b"bin/tool", 0o104755, b"\x7fELF" + bytes(range(256)) * 3000), (b"bin/sh", 0o120777, b"tool"),
            (b"../escaped", 0o100644, b"no"), (b"up", 0o120777, b"../../etc"), (b"more.tar.gz", 0o100644, tar.getvalue()),
        ]
        image = b"VENDOR HEADER" + bytes(500) + gzip.compress(newc(entries), mtime=0)
        for name, data in (("plain.bin", newc(entries)), ("packed.bin", image)):
            self.write(name, data)
            for option in ("--extract", "--extract-only"):
                p = self.run_assay(name, "--quiet", option, name + option)
                self.assertEqual(p.returncode, 1, p.stderr)  # a FAIL (the password), or what was left out as unsafe
            whole, alone = self.tree_of(name + "--extract"), self.tree_of(name + "--extract-only")
            self.assertEqual(whole, alone)
            self.assertIn(b"inner", [content for content, _ in alone.values()])

    def erofs(self):
        """An image with packed files of sizes around those at which their bytes go another way to who writes them; two hold others."""
        rng, tree = random.Random(7), self.folder / "tree"
        tree.mkdir()
        words = [bytes(rng.randrange(256) for _ in range(rng.randrange(3, 40))) for _ in range(400)]
        self.text = text = b"".join(rng.choice(words) for _ in range(300000))
        for size in (1, 16 << 10, (16 << 10) + 1, 256 << 10, (256 << 10) + 1, 1 << 20, (1 << 20) + 1, 2 << 20, (2 << 20) + 1, 5 << 20):
            (tree / f"file{size}").write_bytes(text[size % 977:][:size])
        (tree / "holes").write_bytes(text[:70000] + bytes(300000) + text[:70000])
        (tree / "small.cpio").write_bytes(newc([(b"inner", 0o100644, text[:40000])]))
        (tree / "large.cpio").write_bytes(newc([(b"inner/a", 0o100644, text[:900000]), (b"inner/b", 0o100644, text[:3000000])]))
        subprocess.run(["mkfs.erofs", "-zlz4hc", "-C65536", self.folder / "image.bin", tree], check=True, capture_output=True)
        return tree, bytearray((self.folder / "image.bin").read_bytes())

    @unittest.skipUnless(shutil.which("mkfs.erofs"), "no mkfs.erofs")
    def test_files_alone_of_any_size(self):
        tree, _ = self.erofs()
        for threads in (1, 4):
            p = self.run_assay("image.bin", "--quiet", "--threads", threads, "--extract-only", f"out{threads}")
            self.assertEqual(p.returncode, 0, p.stderr)
            out = self.tree_of(f"out{threads}")
            for f in tree.iterdir():
                self.assertEqual(out[f.name][0], f.read_bytes(), f.name)
            for name, size in (("small.cpio.d/inner", 40000), ("large.cpio.d/inner/a", 900000), ("large.cpio.d/inner/b", 3000000)):
                self.assertEqual(out[name][0], self.text[:size], name)

    @unittest.skipUnless(shutil.which("mkfs.erofs"), "no mkfs.erofs")
    def test_files_alone_of_damage_are_the_same_files(self):
        _, image = self.erofs()
        rng = random.Random(11)
        for at in rng.sample(range(1 << 16, len(image) - 4096), 12):
            image[at:at + 16] = rng.randbytes(16)
        self.write("broken.bin", bytes(image))
        for option, *threads in (("--extract",), ("--extract-only", "--threads", 1), ("--extract-only", "--threads", 4)):
            p = self.run_assay("broken.bin", "--quiet", option, "out" + option + str(len(threads) and threads[1]), *threads)
            self.assertIn(p.returncode, (0, 1), p.stderr)
        whole = self.tree_of("out--extract0")
        self.assertEqual(whole, self.tree_of("out--extract-only1"))
        self.assertEqual(whole, self.tree_of("out--extract-only4"))

    def test_files_alone_leave_nothing_else(self):
        self.write("image.bin", SMALL)
        p = self.run_assay("image.bin", "--extract-only", "out")
        self.assertEqual((p.returncode, p.stdout), (0, b""), p.stderr)
        self.assertEqual(sorted(f.name for f in self.folder.iterdir()), ["image.bin", "out"])
        self.assertEqual((self.folder / "out/etc/motd").read_bytes(), b"hello\n")

    def test_files_alone_tell_what_could_not_be_read(self):
        self.write("image.bin", SMALL[:SMALL.index(b"hello")])
        p = self.run_assay("image.bin", "--quiet", "--extract-only", "out")
        self.assertEqual(p.returncode, 1, p.stderr)
        self.assertIn(b"image.bin: ", p.stderr)
        self.assertEqual((self.folder / "out/etc/passwd").read_bytes(), PASSWD)

    def test_files_that_may_not_be_so_long(self):
        """What RLIMIT_FSIZE cuts off is told, and half of a file does not stay."""
        large = bytes(range(256)) * 400
        for n, names in ((1, {"small", "last"}), (20, {"small", "last"}), (80, {"small"})):
            many = [(b"large%d" % i, 0o100644, b"%d" % i + large) for i in range(n)]
            self.write("image.bin", newc([(b"small", 0o100644, b"hello\n"), *many, (b"last", 0o100644, b"bye\n")]))
            p = subprocess.run([ASSAY, "image.bin", "--threads", "1", "--extract-only", f"out{n}"], cwd=self.folder, capture_output=True,
                               preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (65536, 65536)))
            self.assertEqual(p.returncode, 2, p.stderr)
            self.assertIn(b"not everything could be written", p.stderr)
            self.assertEqual({f.name for f in (self.folder / f"out{n}").iterdir()}, names)

    def test_files_alone_and_no_reports(self):
        self.write("image.bin", SMALL)
        self.write("product.yaml", b"assay: 1\nproduct: {name: X}\ninputs:\n  firmware:\n    - {file: image.bin}\n")
        for args in (("image.bin", "--json", "r.json"), ("image.bin", "-o", "c.assay"), ("image.bin", "--extract", "other"),
                     ("image.bin", "--show-secrets"), ("image.bin", "--without-feeds"), ("image.bin", "--verbose"),
                     ("image.bin", "--measures", "m"), ("image.bin", "--without-measures"), ("product.yaml",)):
            p = self.run_assay(*args, "--extract-only", "out")
            self.assertEqual(p.returncode, 2, args)
            self.assertFalse((self.folder / "out").exists(), args)

    def test_refuses_a_used_folder(self):
        self.write("image.bin", SMALL)
        (self.folder / "used").mkdir()
        self.write("used/file", b"x")
        p = self.run_assay("image.bin", "--extract", "used")
        self.assertEqual(p.returncode, 2)

    def test_contents_equal_the_source(self):
        if not shutil.which("mksquashfs"):
            self.skipTest("no mksquashfs here")
        rng = random.Random(1)
        tree = self.folder / "tree"
        (tree / "a" / "b").mkdir(parents=True)
        for i, size in enumerate((0, 1, 4095, 4096, 131072, 131073, 3 << 20)):
            (tree / "a" / f"f{i}").write_bytes(rng.randbytes(size // 2) + bytes(size - size // 2))
        os.symlink("../f1", tree / "a" / "b" / "l")
        os.link(tree / "a" / "f2", tree / "a" / "b" / "hard")
        subprocess.run(["mksquashfs", str(tree), "s.img", "-comp", "xz", "-quiet", "-no-progress"], cwd=self.folder, check=True,
                       stdout=subprocess.DEVNULL)
        p = self.run_assay("s.img", "--quiet", "--extract", "out")
        self.assertIn(p.returncode, (0, 1), p.stderr)
        diff = subprocess.run(["diff", "-r", str(tree), str(self.folder / "out")], capture_output=True, text=True)
        self.assertEqual(diff.stdout, "")

    def extracted(self, image, option):
        """What is written of it: bytes by path."""
        p = self.run_assay(image, "--quiet", option, "out")
        self.assertIn(p.returncode, (0, 1), p.stderr)
        files = {str(f.relative_to(self.folder / "out")): f.read_bytes() for f in (self.folder / "out").rglob("*") if f.is_file()}
        shutil.rmtree(self.folder / "out")
        return files

    def test_parts_are_written(self):
        """What an image consists of besides files: what no format claims, what was packed, a device tree as it is; no padding, and nothing of
        what is a file of a file system."""
        noise, inner = random.Random(1).randbytes(8192), b"".join(b"%d\n" % i for i in range(9000))
        (self.folder / "a.dts").write_text('/dts-v1/; / { compatible = "acme,box"; chosen { bootargs = "console=ttyS0 root=/dev/mtdblock3"; }; };')
        subprocess.run(["dtc", "-q", "-O", "dtb", "-o", "a.dtb", "a.dts"], cwd=self.folder, check=True)
        tree = (self.folder / "a.dtb").read_bytes()
        packed = gzip.compress(inner, mtime=0)
        image = noise + packed + b"\xff" * (-len(packed) % 512 + 65536)
        at = len(image)
        image += tree + b"\xff" * (-len(tree) % 512 + 4096)
        (self.folder / "fw.bin").write_bytes(image)
        wanted = {"0x0": noise, "0x2000.gzip.d/gzip": inner, f"{at:#x}.dtb": tree,
                  f"{at:#x}.dtb.d/bootargs": b"console=ttyS0 root=/dev/mtdblock3"}
        os.mkdir(self.folder / "tree")
        (self.folder / "tree" / "notes.gz").write_bytes(packed)
        (self.folder / "tree" / "fw.bin").write_bytes(image)
        subprocess.run(["mksquashfs", "tree", "s.img", "-quiet", "-no-progress"], cwd=self.folder, check=True, stdout=subprocess.DEVNULL)
        with zipfile.ZipFile(self.folder / "fw.zip", "w") as z:
            z.writestr("fw.bin.gz", gzip.compress(image, mtime=0))
            z.writestr("stored.bin", image, zipfile.ZIP_DEFLATED)
            z.writestr("notes.gz", packed)
        (self.folder / "parts.bin").write_bytes(b"\xff" * 4096 + tree) # no file system, and nothing that could not be read
        p = self.run_assay("parts.bin", "--extract-only", "parts")
        self.assertEqual((p.returncode, p.stderr), (0, b"0 files and links and 2 other parts of the image in parts, 0 left out as unsafe or "
                                                       b"unreadable\n"))
        shutil.rmtree(self.folder / "parts")
        with zipfile.ZipFile(self.folder / "noise.zip", "w") as z: # a file that nothing is known of was read for all that
            z.writestr("noise", random.Random(2).randbytes(200000))
        for option in ("--extract", "--extract-only"):
            self.assertEqual(self.extracted("fw.bin", option), wanted, option)
            self.assertEqual(self.extracted("s.img", option), {"notes.gz": packed, "fw.bin": image}, option)
            inside = {f"fw.bin.gz.d/gzip.d/{path}": content for path, content in wanted.items()}
            inside |= {f"stored.bin.d/{path}": content for path, content in wanted.items() if path != "0x0"} # which is there, in the file
            self.assertEqual(self.run_assay("noise.zip", "--quiet", "--extract-only", "noise").returncode, 0)
            shutil.rmtree(self.folder / "noise")
            files = {"fw.bin.gz": gzip.compress(image, mtime=0), "stored.bin": image, "notes.gz": packed}
            self.assertEqual(self.extracted("fw.zip", option), inside | files, option)

    def test_whole_programs_are_parts(self):
        """A kernel in which something was found is written as it is, and not what lies around that."""
        tree = pathlib.Path("/usr/bin/env").read_bytes()
        kernel = tree + gzip.compress(b"x" * 5000, mtime=0)
        (self.folder / "image").write_bytes(b"\x5a\xa5" * 2048 + gzip.compress(kernel, mtime=0))
        found = self.extracted("image", "--extract-only")
        self.assertIn(kernel, found.values(), found.keys())

    def test_empty_files_are_files(self):
        """Some file systems have no block to name for them."""
        tree = self.folder / "tree"
        (tree / "a").mkdir(parents=True)
        for name in ("a/first", "last", "one"):
            (tree / name).write_bytes(b"1" if name == "one" else b"")
        for maker in ("mke2fs -q -F -t ext4 -d tree image 4M", "mke2fs -q -F -t ext2 -d tree image 4M", "mkfs.cramfs tree image",
                      "genisoimage -quiet -R -o image tree", "mksquashfs tree image -quiet -no-progress"):
            if not shutil.which(maker.split()[0]):
                continue
            (self.folder / "image").unlink(missing_ok=True)
            subprocess.run(maker.split(), cwd=self.folder, check=True, capture_output=True)
            for option in ("--extract", "--extract-only"):
                p = self.run_assay("image", option, "out")
                self.assertIn(b"3 files and links in out, 0 left out", p.stderr, maker)
                if option == "--extract":
                    with contextlib.closing(sqlite3.connect(self.folder / "image.assay")) as case:
                        empty = case.execute("SELECT path, sha256, format FROM blob WHERE kind = 'file' AND size = 0 ORDER BY path")
                        nothing = hashlib.sha256().hexdigest(), "empty"
                        self.assertEqual(empty.fetchall(), [("/a/first", *nothing), ("/last", *nothing)], maker)
                shutil.rmtree(self.folder / "out" / "lost+found", ignore_errors=True)
                diff = subprocess.run(["diff", "-r", str(tree), str(self.folder / "out")], capture_output=True, text=True)
                self.assertEqual(diff.stdout, "", maker)
                shutil.rmtree(self.folder / "out")


if __name__ == "__main__":
    unittest.main(verbosity=1)
