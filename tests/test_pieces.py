#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files that are pieces of a whole: block-based updates of Android, sparse images in parts, volumes.

    test_pieces.py ASSAY

Images by mke2fs, cut by simg2simg, 7z, zip and split, packed by brotli; transfer lists as blockimgdiff.py of AOSP writes them. The
truth of each whole is the SHA-256 of what was cut.
"""
import gzip
import hashlib
import io
import os
import pathlib
import random
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

ASSAY = None
BLOCK = 4096


def run(*args, **more):
    return subprocess.run(list(map(str, args)), check=True, capture_output=True, timeout=100, **more)


def digest(data):
    return hashlib.sha256(data).hexdigest()


def ranges(blocks):
    out = []
    for b in blocks:
        if out and out[-1] == b:
            out[-1] = b + 1
        else:
            out += [b, b + 1]
    return ",".join(map(str, [len(out)] + out))


def update(image, version=4, order=None, erase=True):
    """A full update: the transfer list and the new blocks."""
    count = len(image) // BLOCK
    block = [image[i * BLOCK:(i + 1) * BLOCK] for i in range(count)]
    new = [i for i in range(count) if any(block[i])]
    rest = [i for i in range(count) if not any(block[i])]
    (order or (lambda v: None))(new)
    lines = [str(version), str(len(new))] + (["0", "0"] if version > 1 else [])
    lines += ["erase " + ranges(range(count))] if erase else []
    lines += ["new " + ranges(new[i:i + 50]) for i in range(0, len(new), 50)]
    lines += ["zero " + ranges(rest)]
    return "\n".join(lines).encode() + b"\n", b"".join(block[i] for i in new)


class Pieces(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp())
        rnd = random.Random(7)
        for k, name in enumerate(("system", "vendor")):
            root = cls.folder / f"{name}.root"
            (root / "etc").mkdir(parents=True)
            for i in range(40):
                (root / "etc" / f"f{i}").write_bytes(rnd.randbytes(rnd.choice([9, 5000, 30000])))
            (root / "etc" / "passwd").write_text(f"user{k}:x:0:0::/:/bin/sh\n")
            raw = cls.folder / f"{name}.raw"
            run("truncate", "-s", "6M", raw)
            run("mkfs.ext4", "-q", "-F", "-b", BLOCK, "-d", root, raw)
        cls.system, cls.vendor = ((cls.folder / f"{n}.raw").read_bytes() for n in ("system", "vendor"))
        cls.files = sorted(digest(p.read_bytes()) for p in (cls.folder / "system.root").rglob("*") if p.is_file())

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.folder)

    def brotli(self, data):
        return run("brotli", "-c", "-q", "5", "-", input=data).stdout

    def assess(self, image, *options):
        """Blobs (parent's path, path, kind, format, size, digest) and damage (path, kind, what)."""
        case = self.folder / "case"
        case.unlink(missing_ok=True)
        p = subprocess.run([ASSAY, str(image), "-o", str(case), "-q", *options], capture_output=True, timeout=100)
        self.assertIn(p.returncode, (0, 1), p.stderr)
        db = sqlite3.connect(case)
        self.blobs = db.execute("SELECT p.path, b.path, b.kind, b.format, b.size, b.sha256 FROM blob b LEFT JOIN blob p "
                                "ON p.id = b.parent_id ORDER BY b.id").fetchall()
        self.damage = db.execute("SELECT b.path, d.kind, d.what FROM damage d JOIN blob b ON b.id = d.blob_id ORDER BY d.id").fetchall()
        db.close()

    def pack(self, files, kind="zip"):
        """The same files as a zip archive, a tar archive, or in a folder."""
        path = self.folder / ("image." + kind)
        shutil.rmtree(path, ignore_errors=True)
        path.unlink(missing_ok=True) if path.is_file() else None
        if kind == "zip":
            with zipfile.ZipFile(path, "w") as z:
                for i, (name, data) in enumerate(files.items()):
                    z.writestr(name, data, zipfile.ZIP_DEFLATED if i % 2 else zipfile.ZIP_STORED)
        elif kind == "tar":
            with tarfile.open(path, "w") as t:
                for name, data in files.items():
                    info = tarfile.TarInfo(name)
                    info.size = len(data)
                    t.addfile(info, io.BytesIO(data))
        else:
            for name, data in files.items():
                (path / name).parent.mkdir(parents=True, exist_ok=True)
                (path / name).write_bytes(data)
        return path

    def look(self, files, kind="zip", *options):
        self.assess(self.pack(files, kind), *options)

    def blob(self, path):
        found = [b for b in self.blobs if b[1] == path]
        self.assertEqual(len(found), 1, (path, self.blobs[:30], self.damage))
        return found[0]

    def absent(self, path):
        self.assertEqual([b for b in self.blobs if b[1] == path], [])

    def whole(self, path, data, format="ext", once=True):
        b = self.blob(path)
        self.assertEqual(b[2:], ("region", format, len(data), digest(data)))
        if once:
            self.assertEqual(len([b for b in self.blobs if b[1] and b[1].endswith("/passwd") and b[0] == path]), 1)

    def formats(self, *paths):
        return [self.blob(p)[3] for p in paths]

    def says(self, path, kind, *words):
        for p, k, what in self.damage:
            if p == path and k == kind and all(w in what for w in words):
                return
        self.fail((path, kind, words, self.damage))

    # ---- block-based updates

    def test_updates(self):
        system, vendor = update(self.system), update(self.vendor, 1)
        backwards = update(self.system, 3, list.reverse, False)
        files = {"system.transfer.list": system[0], "system.new.dat": system[1], "system.patch.dat": b"",
                 "vendor.transfer.list": vendor[0], "vendor.new.dat.br": self.brotli(vendor[1]),
                 "d/odd.new.dat.br": self.brotli(backwards[1]), "d/odd.transfer.list": backwards[0]}
        for kind in ("zip", "tar", "folder"):
            self.look(files, kind)
            self.whole("/system.img", self.system)
            self.whole("/vendor.img", self.vendor)
            self.whole("/d/odd.img", self.system)
            self.assertEqual(self.damage, [])
            self.assertEqual(self.formats("/system.new.dat", "/vendor.new.dat.br", "/d/odd.new.dat.br", "/system.transfer.list"),
                             ["piece", "piece", "piece", "text"])
            found = sorted(b[5] for b in self.blobs if b[0] == "/system.img" and b[2] == "file")
            self.assertEqual(found, self.files)

    def test_the_same_with_any_number_of_threads(self):
        a, b = update(self.system), update(self.vendor)
        image = self.pack({"system.transfer.list": a[0], "system.new.dat": a[1], "v.transfer.list": b[0], "v.new.dat.br": self.brotli(b[1]),
                           "x.001": a[1], "x.002": b[1]})
        results = []
        for threads in ("1", "2", "5"):
            self.assess(image, "--threads", threads)
            results.append((self.blobs, self.damage))
        self.assertEqual(results[0], results[1])
        self.assertEqual(results[0], results[2])

    def test_a_name_that_is_taken(self):
        a = update(self.system)
        self.look({"system.transfer.list": a[0], "system.new.dat": a[1], "system.img": b"something else"})
        self.whole("/system.img:joined", self.system)

    def test_incremental_updates_are_said_to_be(self):
        _, new = update(self.system)
        lines = b"4\n10\n1\n1\nstash 1 2,0,1\nbsdiff 0 10 a b 2,0,2 1 2,0,1\nmove a 2,4,5 1 2,7,8\nnew 2,8,%d\nfree 1\n" % (8 + len(new) // BLOCK)
        self.look({"system.transfer.list": lines, "system.new.dat": new, "system.patch.dat": b"x"})
        self.says("/system.img", "unsupported", "incremental", "4 of its commands", f"{len(new) // BLOCK} blocks are new")
        self.assertNotEqual(self.blob("/system.new.dat")[3], "piece")

    def test_what_is_missing_is_said(self):
        lines, new = update(self.system)
        self.look({"system.transfer.list": lines})
        self.says("/system.img", "truncated", "missing")
        self.look({"system.new.dat": new})
        self.absent("/system.img")
        self.look({"system.transfer.list": b"hello\n", "system.new.dat": new})
        self.absent("/system.img")
        cut = new[:len(new) // 2 // BLOCK * BLOCK + 17]
        for name, data in (("system.new.dat", cut), ("system.new.dat.br", self.brotli(cut)), ("system.new.dat.br", self.brotli(new)[:-9])):
            self.look({"system.transfer.list": lines, name: data})
            self.says("/system.img", "truncated", "new bytes")
            self.assertEqual(self.blob("/system.img")[3:5], ("ext", len(self.system)))
            self.assertNotEqual(self.blob("/" + name)[3], "piece")
        self.look({"system.transfer.list": lines, "system.new.dat": new + b"\x7fELF behind"})
        self.says("/system.img", "corrupt", "more new bytes")
        self.assertNotEqual(self.blob("/system.new.dat")[3], "piece")

    def test_hostile_lists(self):
        _, new = update(self.system)
        big = ",".join(f"{i},{i + 1}" for i in range(0, 1200000, 1))
        cases = {
            "beyond": b"new 2,0,4294967296\n", "huge": b"new 2,0,1\nzero 2,4294967294,4294967295\n", "negative": b"new 2,-4,4\n",
            "empty": b"new 2,5,5\n", "backwards": b"new 2,7,3\n", "odd": b"new 3,0,1,2\n", "short": b"new 4,0,1,2\n",
            "long": b"new 2,0,1,5\n", "none": b"new\n", "unknown": b"format c:\n", "digits": b"new 2,0,99999999999999999999999\n",
            "much": b"new 2,0,9\n" + b"zero 2,0,1000\n" * 100000, "many": b"new 2400000," + big.encode() + b"\n",
            "overlap": b"new 2,0,4\nnew 2,2,6\n", "zeroed": b"new 2,0,4\nzero 2,2,6\n",
        }
        for name, lines in cases.items():
            self.look({"x.transfer.list": b"4\n9\n0\n0\n" + lines, "x.new.dat": new})
            self.assertTrue([d for d in self.damage if d[0] == "/x.img" and d[1] in ("corrupt", "budget", "unsupported")], (name, self.damage))
            self.assertNotEqual(self.blob("/x.new.dat")[3], "piece", name)
        exact = b"".join(bytes([i]) * BLOCK for i in range(8))
        self.look({"x.transfer.list": b"4\n8\n0\n0\nnew 2,0,4\nnew 2,2,6\n", "x.new.dat": exact})
        self.says("/x.img", "corrupt", "2 blocks more than once")
        self.assertNotEqual(self.blob("/x.new.dat")[3], "piece")
        a = update(self.system)
        self.look({"x.transfer.list": a[0], "x.new.dat": a[1]}, "zip", "--max-blob", "2M")
        self.says("/x.img", "budget", "--max-blob")

    def test_a_list_in_a_tar_twice(self):
        lines, new = update(self.system)
        path = self.folder / "twice.tar"
        with tarfile.open(path, "w") as t:
            for name, data in (("s.transfer.list", lines), ("s.new.dat", new), ("s.transfer.list", lines)):
                info = tarfile.TarInfo(name)
                info.size = len(data)
                t.addfile(info, io.BytesIO(data))
        self.assess(path)
        self.says("/s.img", "corrupt", "more than once")

    def test_many(self):
        self.look({f"a{i}.transfer.list": b"1\n1\nnew 2,0,1\n" for i in range(16400)}, "tar")
        self.says("image.tar", "budget", "names of pieces")
        self.assertEqual(len([d for d in self.damage if d[1] == "truncated" and "missing" in d[2]]), 16384)

    def test_lists_that_ask_for_much(self):
        files = {}
        for i in range(40):
            files.update({f"a{i}.transfer.list": b"1\n1\nnew 2,0,1\nzero 2,100000,400000\n", f"a{i}.new.dat": b"z" * BLOCK})
        self.look(files, "tar", "--max-total", "200M")
        self.assertEqual(len([d for d in self.damage if d[1] == "budget" and "--max-total" in d[2]]), 40)

    # ---- Brotli alone

    def test_brotli(self):
        text = b"".join(b"line %d of a page\n" % i for i in range(5000))
        packed = self.brotli(text)
        self.look({"page.html.br": packed, "page.html": packed, "cut.br": packed[:-1], "more.br": packed + b"x", "no.br": b"no Brotli at all"})
        self.assertEqual(self.blob("/page.html.br")[3], "brotli")
        self.assertEqual([b[5] for b in self.blobs if b[0] == "/page.html.br"], [digest(text)])
        self.assertFalse([b for b in self.blobs if b[3] == "brotli" and b[1] != "/page.html.br"])

    # ---- sparse images

    def chunks(self, image, size=150000):
        folder = self.folder / "chunks"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        (folder / "raw").write_bytes(image)
        run("img2simg", folder / "raw", folder / "simg", BLOCK)
        run("simg2simg", folder / "simg", folder / "c", size)
        return {int(p.suffix[1:]): p.read_bytes() for p in folder.glob("c.*")}

    def test_sparse_parts(self):
        chunks = self.chunks(self.system)
        self.assertGreater(len(chunks), 2)
        for kind in ("zip", "folder"):
            self.look({f"super.img_sparsechunk.{i}": c for i, c in chunks.items()}, kind)
            self.whole("/super.img", self.system)
            self.assertEqual(self.damage, [])
            self.assertEqual({self.blob(f"/super.img_sparsechunk.{i}")[3] for i in chunks}, {"piece"})
        self.look({f"system.img_sparsechunk{i + 1}": c for i, c in chunks.items()})
        self.whole("/system.img", self.system)

    def test_sparse_parts_of_two_digits(self):
        chunks = self.chunks(self.system, 50000)
        self.assertGreater(len(chunks), 11)
        self.look({f"super.img_sparsechunk.{i}": c for i, c in chunks.items()})
        self.whole("/super.img", self.system)
        self.assertEqual(self.damage, [])
        self.assertEqual({self.blob(f"/super.img_sparsechunk.{i}")[3] for i in chunks}, {"piece"})

    def test_sparse_parts_that_do_not_fit(self):
        chunks = self.chunks(self.system)
        name = "s.img_sparsechunk."
        self.look({name + str(i): c for i, c in chunks.items() if i != 1})
        self.says("/s.img", "truncated", "part 1", "missing")
        self.assertEqual(self.blob("/s.img")[4], len(self.system))
        self.look({name + str(i): c[:-100] if i == 1 else c for i, c in chunks.items()})
        self.says("/s.img", "truncated", "sparsechunk.1")
        self.assertNotEqual(self.blob("/" + name + "1")[3], "piece")
        self.look({name + "0": chunks[0], name + "1": chunks[0]})
        self.says("/s.img", "corrupt", "more than once")
        self.assertNotEqual(self.blob("/" + name + "1")[3], "piece")
        self.look({name + "0": b"text\n", name + "1": b"text\n"})
        self.absent("/s.img")

    # ---- volumes

    def volumes(self):
        folder = self.folder / "volumes"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        root = self.folder / "system.root"
        run("7z", "a", "-bd", "-v150k", "fw.7z", root, cwd=folder)
        run("zip", "-q", "-r", folder / "a.zip", "system.root", cwd=self.folder)
        run("tar", "czf", folder / "b.tar.gz", "system.root", cwd=self.folder)
        run("tar", "cf", folder / "c.tar", "system.root", cwd=self.folder)
        run("zip", "-q", "-r", "-s", "130k", folder / "z.zip", "system.root", cwd=self.folder)
        shutil.copy(self.folder / "system.raw", folder / "d.img")
        wholes = {n: (folder / n).read_bytes() for n in ("a.zip", "b.tar.gz", "c.tar", "d.img")}
        for name, how in (("a.zip", ["-d", "-a3", "--numeric-suffixes=1"]), ("b.tar.gz", []), ("c.tar", ["-d"]),
                          ("d.img", ["-d", "-a3", "--numeric-suffixes=1"])):
            run("split", "-b1M" if name == "d.img" else "-b150k", *how, folder / name, folder / (name + "."))
            (folder / name).unlink()
        wholes["fw.7z"] = b"".join(p.read_bytes() for p in sorted(folder.glob("fw.7z.*")))
        return {p.name: p.read_bytes() for p in sorted(folder.iterdir())}, wholes

    def test_volumes(self):
        files, wholes = self.volumes()
        for kind in ("zip", "tar", "folder"):
            self.look(files, kind)
            self.assertEqual(self.damage, [])
            for name, format in (("a.zip", "zip"), ("b.tar.gz", "gzip"), ("c.tar", "tar"), ("d.img", "ext"), ("fw.7z", "7z")):
                self.whole("/" + name, wholes[name], format, False)
            z = "/z.zip:joined"
            found = {n: sorted(b[5] for b in self.blobs if b[0] == n and b[2] == "file")
                     for n in ("/a.zip", "/c.tar", "/d.img", "/fw.7z", z, "gzip")}
            self.assertEqual(found, dict.fromkeys(found, self.files))
            left = {b[1]: b[3] for b in self.blobs if b[1] and b[1][1:] in files and b[3] not in ("piece", "zip_joined_part")}
            self.assertEqual(left, {})

    def rar(self, data, count, name):
        """Volumes of RAR 5 with one stored file, as its specification has them."""
        def vint(v):
            out = bytearray()
            while v >= 128:
                out.append(v & 127 | 128)
                v >>= 7
            return bytes(out) + bytes([v])

        def block(*fields):
            body = b"".join(f if isinstance(f, bytes) else vint(f) for f in fields)
            body = vint(len(body)) + body
            return zlib.crc32(body).to_bytes(4, "little") + body

        step, out = -(-len(data) // count), []
        for i in range(count):
            part = data[i * step:(i + 1) * step]
            flags = 2 | (8 if i else 0) | (16 if i + 1 < count else 0)
            crc = zlib.crc32(data if i + 1 == count else part).to_bytes(4, "little")
            main = block(1, 0, 1 | 2, i) if i else block(1, 0, 1)
            file = block(2, flags, len(part), 4, len(data), 0o100644, crc, 0, 1, len(name), name)
            out.append(b"Rar!\x1a\7\1\0" + main + file + part + block(5, 0, int(i + 1 < count)))
        return out

    def test_volumes_of_rar(self):
        data = gzip.compress(self.system, 1)[:300000]
        for names in ([f"r.part{i + 1:02}.rar" for i in range(12)], ["r.rar"] + [f"r.r{i:02}" for i in range(11)]):
            parts = self.rar(data, 12, b"in.bin")
            self.look(dict(zip(names, parts)))
            self.whole("/r.rar" if "r.rar" not in names else "/r.rar:joined", b"".join(parts), "rar", once=False)
            self.assertEqual([b[5] for b in self.blobs if b[1] == "/in.bin"], [digest(data)])
            self.assertEqual(set(self.formats(*("/" + n for n in names))), {"piece"})
            self.look(dict(list(zip(names, parts))[:3]))  # what follows is missing
            self.assertTrue([d for d in self.damage if d[1] == "truncated"])

    def test_rar_behind_a_program(self):
        """Self-extracting archives: a program of ELF or PE, and the archive behind its end."""
        data = gzip.compress(self.system, 1)[:30000]
        stub = pathlib.Path("/bin/true").resolve().read_bytes()
        self.look({"setup": stub + self.rar(data, 1, b"in.bin")[0], "setup.exe": self.pe() + self.rar(data, 1, b"in.bin")[0]})
        self.assertEqual([b[5] for b in self.blobs if b[1] == "/in.bin"], [digest(data)] * 2)
        self.assertEqual([b[3] for b in self.blobs if b[3] in ("elf", "pe", "rar")].count("rar"), 2)

    @staticmethod
    def pe():
        """A program of Windows with one section of 512 bytes, as small as one can be."""
        head = b"MZ".ljust(60, b"\0") + (64).to_bytes(4, "little")
        head += b"PE\0\0" + struct.pack("<HHIIIHH", 0x14c, 1, 0, 0, 0, 224, 0x102)
        optional = struct.pack("<HBBIIIIIIIIIHHHHHHIIIIHHIIIIII", 0x10b, 1, 0, 512, 0, 0, 0x1000, 0x1000, 0x2000, 0x400000, 0x1000, 512,
                               4, 0, 0, 0, 4, 0, 0, 0x2000, 512, 0, 3, 0, 0x100000, 0x1000, 0x100000, 0x1000, 0, 16)
        section = b".text\0\0\0" + struct.pack("<IIIIIIHHI", 512, 0x1000, 512, 512, 0, 0, 0, 0, 0x60000020)
        return (head + optional.ljust(224, b"\0") + section).ljust(512, b"\0") + b"\xc3" * 512

    def test_a_volume_that_is_missing(self):
        files, _ = self.volumes()
        for lacking in ("fw.7z.002", "fw.7z.003", "a.zip.002", "d.img.003", "d.img.006"):
            stem = lacking[:-4]
            self.look({n: d for n, d in files.items() if n.startswith(stem) and n != lacking})
            self.assertTrue([d for d in self.damage if d[0] == "/" + stem and d[1] == "truncated"], (lacking, self.damage))
            behind = [n for n in files if n.startswith(stem) and n > lacking]
            for n in behind:
                self.assertNotEqual(self.blob("/" + n)[3], "piece")
        self.look({n: d for n, d in files.items() if n.startswith("b.tar.gz") and n != "b.tar.gz.ab"})
        self.absent("/b.tar.gz")
        self.look({n: d for n, d in files.items() if n.startswith("z.z") and n != "z.z02"})
        self.absent("/z.zip:joined")

    def test_files_that_only_have_such_names(self):
        files, wholes = self.volumes()
        seven = wholes["fw.7z"]
        gz = wholes["b.tar.gz"]
        self.look({"log.001": b"one\n" * 99, "log.002": b"two\n" * 99, "n.00": b"\0" * 9000, "n.01": b"\1" * 9000, "g.001": gz, "g.002": gz,
                   "s.001": seven, "s.002": b"text behind it\n" * 30, "t.aa": wholes["c.tar"], "t.ab": b"text behind it\n" * 30,
                   "one.001": files["fw.7z.001"]})
        for name in ("log", "n", "g", "s", "t", "one"):
            self.absent("/" + name)
        self.assertFalse([b for b in self.blobs if b[3] == "piece"])

    def test_a_program_in_place_of_a_volume(self):
        files, wholes = self.volumes()
        elf = pathlib.Path("/bin/true").read_bytes()[:len(files["fw.7z.002"])]
        names = [n for n in files if n.startswith("fw.7z")]
        self.look({n: (elf + files[n][len(elf):] if n == "fw.7z.002" else files[n]) for n in names})
        self.assertEqual(self.blob("/fw.7z.002")[3], "elf")
        packed = gzip.compress(b"a stream by itself\n" * 99)
        self.look({n: (packed + files[n][len(packed):] if n == "fw.7z.002" else files[n]) for n in names})
        self.assertNotEqual(self.blob("/fw.7z.002")[3], "piece")
        self.assertEqual(self.formats("/fw.7z.001", "/fw.7z.003"), ["piece", "piece"])

    def test_a_text_in_place_of_a_volume(self):
        files, _ = self.volumes()
        text = b"password=hunter2\n" * 20000
        names = [n for n in files if n.startswith("fw.7z")]
        self.look({n: (text[:len(files[n])] if n == "fw.7z.002" else files[n]) for n in names})
        self.assertEqual(self.formats("/fw.7z.001", "/fw.7z.002"), ["piece", "text"])

    def test_a_volume_that_can_not_be_read(self):
        files, _ = self.volumes()
        names = [n for n in files if n.startswith("fw.7z")]
        self.assertGreater(len(names), 2)
        path = self.pack({n: files[n] for n in names})
        data = bytearray(path.read_bytes())
        data[data.find(b"fw.7z.002") + 5000] ^= 255  # deflated: its sum does not fit any more
        path.write_bytes(data)
        self.assess(path)
        self.says("/fw.7z", "corrupt", "fw.7z.002")
        self.assertNotIn("piece", self.formats(*("/" + n for n in names)))

    # ---- what is something by itself, too

    def test_a_program_in_place_of_new_blocks(self):
        elf = pathlib.Path("/bin/true").read_bytes()
        elf += bytes(-len(elf) % BLOCK)
        text = (b"password=hunter2\n" * 9999)[:8 * BLOCK]
        folder = io.BytesIO()
        with zipfile.ZipFile(folder, "w") as z:
            z.writestr("etc/passwd", b"x" * 3 * BLOCK)
        packed = folder.getvalue() + bytes(-len(folder.getvalue()) % BLOCK)
        for data, format in ((elf, "elf"), (text, "text"), (packed, "zip")):
            lines = b"4\n1\n0\n0\n" + b"".join(b"new 2,%d,%d\n" % (i, i + 1) for i in reversed(range(len(data) // BLOCK)))
            self.look({"a.transfer.list": lines, "a.new.dat": data})
            self.assertEqual(self.blob("/a.img")[4], len(data))
            self.assertEqual(self.blob("/a.new.dat")[3], format)

    def test_a_text_that_brotli_skips(self):
        """A block of metadata, which is as long as its text says, before a stream."""
        text = b"L= " + (b"\npassword=hunter2\n" + b"x = y\n" * 4000)[:16507]
        page = b"a line\n" * 20
        stream = text + ((len(page) - 1) << 3 | 1 << 19).to_bytes(3, "little") + page + b"\3"
        self.assertEqual(run("brotli", "-d", "-c", "-", input=stream).stdout, page)
        self.look({"wifi.conf.br": stream})
        self.assertEqual(self.formats("/wifi.conf.br"), ["text"])

    # ---- disks of VMware in several files

    def disk(self, lines, name="d"):
        head = "# Disk DescriptorFile\nversion=1\nCID=7\nparentCID=ffffffff\ncreateType=\"custom\"\n"
        return {f"{name}.vmdk": (head + "".join(f"RW {line}\n" for line in lines)).encode()}

    def flat(self, cut=2 << 20):
        n = len(self.system) // 512
        files = {f"d-f00{i + 1}.vmdk": self.system[i * cut:(i + 1) * cut] for i in range(3)}
        files.update(self.disk([f'{cut // 512} FLAT "d-f00{i + 1}.vmdk" 0' for i in range(3)] + [f"{n} ZERO"]))
        return files

    def test_disk_in_files(self):
        for kind in ("zip", "tar", "folder"):
            self.look(self.flat(), kind)
            self.whole("/d.disk", self.system + bytes(len(self.system)))
            self.assertEqual(self.formats("/d.vmdk", *(f"/d-f00{i}.vmdk" for i in (1, 2, 3))), ["piece"] * 4)
            self.assertEqual(self.damage, [])

    @unittest.skipUnless(shutil.which("qemu-img"), "qemu-img is not here")
    def test_disk_in_files_of_qemu(self):
        raw = self.folder / "system.raw"
        for i, sub in enumerate(("monolithicFlat", "twoGbMaxExtentSparse", "twoGbMaxExtentFlat")):
            folder = self.folder / f"vmdk{i}"
            folder.mkdir()
            run("qemu-img", "convert", "-O", "vmdk", "-o", f"subformat={sub}", raw, folder / "d.vmdk")
            files = {p.name: p.read_bytes() for p in sorted(folder.iterdir())}
            self.look(files)
            self.whole("/d.disk", self.system)
            self.assertEqual(self.formats(*("/" + name for name in files)), ["piece"] * len(files))
            self.assertEqual(self.damage, [])

    @unittest.skipUnless(shutil.which("qemu-img"), "qemu-img is not here")
    def test_disk_in_files_with_something_behind_an_extent(self):
        raw, folder = self.folder / "behind.raw", self.folder / "behind"
        raw.write_bytes(self.system)
        folder.mkdir()
        run("qemu-img", "convert", "-O", "vmdk", "-o", "subformat=twoGbMaxExtentSparse", raw, folder / "d.vmdk")
        files = {p.name: p.read_bytes() for p in sorted(folder.iterdir())}
        files["d-s001.vmdk"] += self.system
        self.look(files)
        self.whole("/d.disk", self.system)
        self.assertEqual(self.formats("/d-s001.vmdk"), ["vmdk"])

    def test_disk_in_files_of_which_one_is_missing(self):
        files = self.flat()
        del files["d-f002.vmdk"]
        self.look(files)
        self.says("/d.disk", "truncated", "d-f002.vmdk", "missing")
        self.says("/d.vmdk", "unsupported", "4 other files")
        files = self.flat()
        files["d-f002.vmdk"] = files["d-f002.vmdk"][:-512]
        self.look(files)
        self.says("/d.disk", "truncated", "d-f002.vmdk", "byte 2096640")
        self.assertNotIn("piece", self.formats("/d-f001.vmdk", "/d-f002.vmdk"))

    def test_disk_in_files_that_has_not_all_of_them(self):
        secret = b"#!/bin/sh\necho root:x:0:0::/:/bin/sh\n"
        files = dict(self.flat(), **{"d-f004.vmdk": secret})
        self.look(files)
        self.assertNotIn("piece", self.formats("/d-f004.vmdk", "/d-f001.vmdk"))
        files = dict(self.flat())
        files["d-f001.vmdk"] += secret
        self.look(files)
        self.assertNotIn("piece", self.formats("/d-f001.vmdk"))
        files = dict(self.flat())
        files["d.vmdk"] += b"\0" + secret
        self.look(files)
        self.assertNotIn("piece", self.formats("/d.vmdk"))
        self.look({"d.vmdk": secret, "d-f001.vmdk": self.system})
        self.absent("/d.disk")
        self.assertEqual(self.formats("/d-f001.vmdk"), ["ext"])
        self.look(dict(self.disk([f'{1 << 40} FLAT "d-f001.vmdk" 0']), **{"d-f001.vmdk": self.system}))
        self.says("/d.disk", "budget", "when its pieces are joined")
        self.assertEqual(self.formats("/d-f001.vmdk"), ["ext"])

    # ---- any bytes

    def test_damage_anywhere(self):
        lines, new = update(self.system)
        rnd = random.Random(3)
        names = {"s.transfer.list": lines, "s.new.dat.br": self.brotli(new)}
        chunks = self.chunks(self.vendor)
        names.update({f"v.img_sparsechunk.{i}": c for i, c in chunks.items()})
        names.update({n: d for n, d in self.volumes()[0].items() if n.startswith("fw.7z")})
        for i in range(12):
            files = dict(names)
            for name, data in names.items():
                bad = bytearray(data if i % 3 else data[:rnd.randrange(len(data))])
                for _ in range(3 if i % 3 and bad else 0):
                    bad[rnd.randrange(min(len(bad), 400 if i % 2 else len(bad)))] ^= 1 << rnd.randrange(8)
                files[name] = bytes(bad)
            self.look(files, "tar")
            self.assertFalse([d for d in self.damage if d[1] == "crash"], self.damage)


if __name__ == "__main__":
    ASSAY = os.path.abspath(sys.argv.pop(1))
    unittest.main()
