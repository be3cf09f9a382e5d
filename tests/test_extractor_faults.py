#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The classes behind the published faults of extractors, each by its name, on whole images.

    test_extractor_faults.py ASSAY SEEDS.SH

Bombs are in test_cli.py; what one format alone can get wrong is in its own test.
"""
import io
import os
import pathlib
import shutil
import sqlite3
import struct
import subprocess
import sys
import tarfile
import tempfile
import unittest
import zipfile
import zlib

ASSAY, SEEDS = (os.path.abspath(a) for a in (sys.argv.pop(1), sys.argv.pop(1)))
SECRET = b"must not change\n"
PASSWORD = b"$1$abc$SHC/pVPAHH5KUIQjOgvfO/" # of the seeds


def newc(entries):
    """A cpio archive: entries are (inode, name, mode, bytes), or whole headers as bytes."""
    out = bytearray()
    for inode, name, mode, data in list(entries) + [(0, b"TRAILER!!!", 0, b"")]:
        out += b"070701" + b"".join(b"%08X" % v for v in (inode, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(name) + 1, 0))
        out += name + b"\0"
        out += b"\0" * (-len(out) % 4) + data
        out += b"\0" * (-len(out) % 4)
    return bytes(out)


def tar(members):
    """A tar archive of (name, type, link or bytes)."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as t:
        for name, kind, value in members:
            info = tarfile.TarInfo(name)
            info.type = kind
            if kind in (tarfile.SYMTYPE, tarfile.LNKTYPE):
                info.linkname = value
                t.addfile(info)
            else:
                info.size = len(value)
                t.addfile(info, io.BytesIO(value))
    return out.getvalue()


class Faults(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="assay-test-"))
        self.victim = self.folder / "victim"
        self.victim.write_bytes(SECRET)

    def tearDown(self):
        shutil.rmtree(self.folder)

    def run_in(self, *command):
        subprocess.run(command, cwd=self.folder, check=True, capture_output=True)

    def assess(self, data, *args, name="image.bin"):
        path = self.folder / name
        if data is not None:
            path.write_bytes(data)
        (self.folder / "x.assay").unlink(missing_ok=True)  # to look whether it is a case takes as long as to make one
        p = subprocess.run([ASSAY, str(path), "--quiet", "-o", "x.assay", *args], cwd=self.folder, capture_output=True, timeout=300)
        self.assertIn(p.returncode, (0, 1), p.stderr)
        db = sqlite3.connect(self.folder / "x.assay")
        lost = "SELECT d.kind, what, path FROM damage d LEFT JOIN blob ON blob.id = blob_id WHERE d.kind IN ('crash', 'timeout')"
        self.assertEqual(db.execute(lost).fetchall(), [])
        return db

    def extract_and_compare(self, data):
        """Extracts, and sees that nothing outside of the folder was made or changed."""
        outside = self.folder / "outside"
        outside.mkdir()
        work = self.folder / "a" / "b"
        work.mkdir(parents=True)
        (self.folder / "image.bin").write_bytes(data)
        before = sorted(p.relative_to(self.folder) for p in self.folder.rglob("*") if p.name != "x.assay")
        p = subprocess.run([ASSAY, "../../image.bin", "--quiet", "-o", "../../x.assay", "--extract", "out"], cwd=work, capture_output=True)
        self.assertIn(p.returncode, (0, 1), p.stderr)
        out = work / "out"
        after = sorted(p.relative_to(self.folder) for p in self.folder.rglob("*") if not p.is_relative_to(out) and p.name != "x.assay")
        self.assertEqual(before, after)
        self.assertEqual(self.victim.read_bytes(), SECRET)
        self.assertEqual(list(outside.iterdir()), [])
        for link in (p for p in out.rglob("*") if p.is_symlink()):
            self.assertTrue(link.resolve().is_relative_to(out.resolve()), link)
        return sqlite3.connect(self.folder / "x.assay")

    def test_path_traversal_through_names(self):
        names = ["../victim", "../../victim", "/victim", "x/../../../victim", "..", "a/..", "./../victim", "..\\victim"]
        data = tar([(n, tarfile.REGTYPE, b"evil") for n in names])
        db = self.extract_and_compare(data)
        paths = [r[0] for r in db.execute("SELECT path FROM blob WHERE kind = 'file'")]
        self.assertEqual(len(paths), len(names))
        self.assertTrue(all(p.startswith("/") for p in paths), paths)

    def test_path_traversal_through_names_of_cpio_and_zip(self):
        self.extract_and_compare(newc([(1, b"../../victim", 0o100644, b"evil"), (2, b"/etc/../../../victim", 0o100644, b"evil")]))
        shutil.rmtree(self.folder / "a")
        shutil.rmtree(self.folder / "outside")
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as z:
            z.writestr("../../victim", b"evil")
            z.writestr("/../victim", b"evil")
        self.extract_and_compare(out.getvalue())

    def test_path_traversal_through_links(self):
        self.extract_and_compare(tar([
            ("up", tarfile.SYMTYPE, "../../.."), ("up/victim", tarfile.REGTYPE, b"evil"),
            ("absolute", tarfile.SYMTYPE, str(self.folder)), ("absolute/victim", tarfile.REGTYPE, b"evil"),
            ("absolute/outside/new", tarfile.REGTYPE, b"evil"),
            ("chain1", tarfile.SYMTYPE, "."), ("chain1/chain2", tarfile.SYMTYPE, "../.."), ("chain2/../victim", tarfile.REGTYPE, b"evil")]))

    def test_symlink_then_write(self):
        self.extract_and_compare(tar([("file", tarfile.SYMTYPE, "../../../victim"), ("file", tarfile.REGTYPE, b"evil"),
                                      ("dir", tarfile.SYMTYPE, "../../../outside"), ("dir/file", tarfile.REGTYPE, b"evil")]))

    def test_hard_link_to_the_outside(self):
        self.extract_and_compare(tar([("link", tarfile.LNKTYPE, "../../../victim"), ("link", tarfile.REGTYPE, b"evil"),
                                      ("other", tarfile.LNKTYPE, str(self.victim))]))

    def test_names_of_the_folder_of_contents(self):
        """What the tool keeps in the folder while it writes is not to be had by a name: neither before the file that the
        name belongs to, nor together with it."""
        names = [b".assay-partial/%016x" % i for i in range(64)] + [b".assay-partial", b"deep/.Assay-Partial/file"]
        data = newc([(i, name, 0o100644, b"evil") for i, name in enumerate(names, 1)] + [(99, b"file", 0o100644, b"good")])
        (self.folder / "image.bin").write_bytes(data)
        p = subprocess.run([ASSAY, "image.bin", "--extract-only", "out"], cwd=self.folder, capture_output=True, text=True)
        self.assertEqual(p.returncode, 1, p.stderr)
        self.assertIn(f"1 file or link in out, {len(names)} left out as unsafe", p.stderr)
        self.assertEqual([(f.name, f.read_bytes()) for f in (self.folder / "out").rglob("*") if f.is_file()], [("file", b"good")])
        self.assertEqual([f.name for f in (self.folder / "out").iterdir() if f.name.lower() == ".assay-partial"], [])

    def test_integer_overflow_in_sizes(self):
        cpio = bytearray(newc([(1, b"a", 0o100644, b"x"), (2, b"b", 0o100644, b"y")]))
        for field in (54, 94): # size of the file, of the name
            for value in (b"FFFFFFFF", b"7FFFFFFF", b"FFFFFFF0", b"80000000"):
                broken = bytearray(cpio)
                broken[field:field + 8] = value
                self.assess(bytes(broken))
        plain = tar([("a", tarfile.REGTYPE, b"x"), ("b", tarfile.REGTYPE, b"y")])
        for size in (b"\x80" + bytes(3) + b"\x7f" + b"\xff" * 7, b"\x80" + b"\xff" * 11, b"77777777777\0", b"\xff" * 12):
            broken = bytearray(plain)
            broken[124:136] = size
            broken[148:156] = b" " * 8
            broken[148:156] = b"%06o\0 " % (sum(broken[:512]) & 0o777777)
            self.assess(bytes(broken))
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as z:
            z.writestr("a", b"x" * 100)
        for at in (18, 22, 26): # packed and unpacked size, length of the name, in both headers
            for value in (b"\xff\xff\xff\xff", b"\xfe\xff\xff\x7f"):
                broken = bytearray(out.getvalue())
                central = broken.find(b"PK\1\2")
                broken[at:at + 4] = value
                broken[central + at + 2:central + at + 6] = value
                self.assess(bytes(broken))

    def small_squashfs(self):
        (self.folder / "t").mkdir()
        (self.folder / "t/file").write_bytes(b"in a fragment " * 50)
        self.run_in("mksquashfs", "t", "s", "-noI", "-noF", "-noX", "-quiet", "-no-progress")
        return bytearray((self.folder / "s").read_bytes())

    def test_integer_overflow_in_a_superblock(self):
        image = self.small_squashfs()
        for at in (4, 16, 40, 48, 64, 72, 80, 88): # inodes, fragments, bytes used, tables
            for value in (2**64 - 1, 2**63, 2**32 - 1, len(image) - 1):
                broken = bytearray(image)
                broken[at:at + 8] = struct.pack("<Q", value)
                self.assess(bytes(broken))

    def test_fragment_index_out_of_range(self):
        image = self.small_squashfs()
        inodes = struct.unpack_from("<Q", image, 64)[0] + 2
        kind, = struct.unpack_from("<H", image, inodes)
        self.assertEqual(kind, 2) # the file's inode comes first: type, mode, uid, gid, time, number; block, fragment, offset, size
        for fragment, offset in ((1, 0), (0xfffffffe, 0), (0x7fffffff, 0), (0, 0xffffffff), (0, 701)):
            broken = bytearray(image)
            struct.pack_into("<II", broken, inodes + 20, fragment, offset)
            db = self.assess(bytes(broken))
            self.assertEqual(db.execute("SELECT count(*) FROM blob WHERE path = '/file'").fetchall(), [(1,)])
            self.assertEqual(db.execute("SELECT count(*) > 0 FROM damage").fetchall(), [(1,)])
            self.assertNotIn(("PASS",), db.execute("SELECT DISTINCT verdict FROM verdict").fetchall())

    @unittest.skipUnless(shutil.which("debugfs") and shutil.which("mke2fs"), "no e2fsprogs here")
    def test_directory_cycles(self):
        (self.folder / "t/deep/er").mkdir(parents=True)
        (self.folder / "t/deep/er/file").write_bytes(b"once\n")
        self.run_in("mke2fs", "-q", "-t", "ext4", "-d", "t", "image.bin", "2M")
        self.run_in("debugfs", "-w", "-R", "ln deep deep/er/loop", "image.bin")
        self.run_in("debugfs", "-w", "-R", "ln / deep/root", "image.bin")
        db = self.assess(None)
        self.assertEqual(db.execute("SELECT count(*) FROM blob WHERE path LIKE '%/file'").fetchall(), [(1,)])
        self.assertLess(db.execute("SELECT count(*) FROM blob").fetchone()[0], 100)

    @unittest.skipUnless(shutil.which("genisoimage"), "no genisoimage here")
    def test_directory_cycles_of_iso(self):
        (self.folder / "t/deep").mkdir(parents=True)
        (self.folder / "t/deep/file").write_bytes(b"once\n")
        self.run_in("genisoimage", "-quiet", "-o", "image.bin", "t")
        image = bytearray((self.folder / "image.bin").read_bytes())
        root = 16 * 2048 + 156
        extent = image[root + 2:root + 10]
        at = image.find(b"DEEP", 16 * 2048) - 33
        while at > 0: # every record of that name now leads to the root
            image[at + 2:at + 10] = extent
            at = image.find(b"DEEP", at + 40) - 33
        db = self.assess(bytes(image))
        self.assertLess(db.execute("SELECT count(*) FROM blob").fetchone()[0], 5000)

    @unittest.skipUnless(shutil.which("genisoimage"), "no genisoimage here")
    def test_the_same_bytes_in_many_files(self):
        """Files that overlap in the image cost nothing to read, but each of them would be written."""
        (self.folder / "t").mkdir()
        for i in range(40):
            (self.folder / f"t/f{i:02}").write_bytes(b"%02d" % i if i else os.urandom(1 << 20))
        self.run_in("genisoimage", "-quiet", "-o", "image.bin", "t")
        image = bytearray((self.folder / "image.bin").read_bytes())
        first, = struct.unpack_from("<I", image, image.find(b"F00.;1") - 33 + 2)
        for i in range(40):  # 900 KiB each, one sector further on
            at = image.find(b"F%02d.;1" % i) - 33
            struct.pack_into("<I", image, at + 2, first + i)
            struct.pack_into(">I", image, at + 6, first + i)
            struct.pack_into("<I", image, at + 10, 900 << 10)
            struct.pack_into(">I", image, at + 14, 900 << 10)
        (self.folder / "image.bin").write_bytes(image)
        for option, code in (("--extract-only", (1,)), ("--extract", (0, 1))):
            out = self.folder / option.strip("-")
            limit = () if option == "--extract-only" else ("-o", "x.assay")
            p = subprocess.run([ASSAY, "image.bin", "-q", option, str(out), "--max-total", "8M", *limit], cwd=self.folder,
                               capture_output=True, text=True)
            self.assertIn(p.returncode, code, p.stderr)
            self.assertIn("--max-total", p.stderr)
            sizes = [f.stat().st_size for f in out.iterdir()]
            self.assertLessEqual(sum(sizes), (8 << 20) + len(image))
            self.assertEqual(set(sizes), {900 << 10})  # none of them is cut
        db = sqlite3.connect(self.folder / "x.assay")
        self.assertEqual(db.execute("SELECT status FROM probe_run WHERE probe = 'firmware.unpack'").fetchall(), [("budget",)])
        p = subprocess.run([ASSAY, "image.bin", "-q", "--extract-only", "all"], cwd=self.folder, capture_output=True, text=True)
        self.assertEqual(p.returncode, 0, p.stderr)
        self.assertEqual(len(list((self.folder / "all").iterdir())), 40)

    def test_duplicate_inodes(self):
        db = self.assess(newc([(7, b"one", 0o100644, b"first"), (7, b"two", 0o100644, b"second"), (7, b"dir", 0o40755, b""),
                               (7, b"dir/three", 0o100644, b"third")]))
        self.assertEqual(db.execute("SELECT path, size FROM blob WHERE kind = 'file' ORDER BY path").fetchall(),
                         [("/dir/three", 5), ("/one", 5), ("/two", 6)])

    def test_quadratic_carving(self):
        """Beginnings of every format, one after the other for 512 KiB: each costs what looking at it costs, and no more."""
        seeds = self.folder / "seeds"
        writers = ("test_tplink", "test_dlink", "test_wrappers", "test_device_images")
        subprocess.run(["sh", SEEDS, str(seeds), os.path.dirname(ASSAY), *writers], check=True, capture_output=True)
        heads = {}
        for seed in sorted(seeds.glob("format_*/*")):
            data = seed.read_bytes().replace(PASSWORD, b"*" * len(PASSWORD)) # guessing has its own budget
            for n in (64, 512):
                heads[(seed.parent.name, n)] = data[:n].ljust(64, b"\0")
        self.assertGreater(len(heads), 30)
        once = {head: key for key, head in heads.items()}  # many a seed is shorter than 64 bytes, or is of two formats
        files = [(f"{name}-{n}", tarfile.REGTYPE, head * ((512 << 10) // len(head))) for head, (name, n) in once.items()]
        for i in range(0, len(files), 8):  # in one archive, as to begin and to judge take longer than most of them
            names = [name for name, _, _ in files[i:i + 8]]
            with self.subTest(formats=names):
                db = self.assess(tar(files[i:i + 8]), "--blob-time", "30s", "--time", "2m")
                found = [path for path, in db.execute("SELECT path FROM blob WHERE kind = 'file' AND parent_id = 1 ORDER BY id")]
                self.assertEqual(found, ["/" + name for name in names])

    def test_quadratic_choice(self):
        """Chains of headers that can be walked from each of them on, where something small and surer stands at the same place."""
        data = b"data"
        image = struct.pack(">IIIIIIIBBBB32s", 0x27051956, 0, 0, len(data), 0, 0, zlib.crc32(data), 5, 5, 2, 0, b"name")
        image = image[:4] + struct.pack(">I", zlib.crc32(image)) + image[8:] + data
        header = bytearray(512)
        header[:len(image)] = image
        header[100:156] = b"0000644\0" + b"0000000\0" * 2 + b"00000000000\0" * 2 + b" " * 8
        header[148:156] = b"%06o\0 " % sum(header)
        self.assess(bytes(header) * (16 << 20 >> 9), "--blob-time", "60s", "--time", "2m")


if __name__ == "__main__":
    unittest.main()
