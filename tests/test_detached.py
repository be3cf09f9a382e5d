#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Detached signatures of OpenPGP, signify and minisign over the file beside them: which verify, by which keys, and that none does
whose file, key or standing is another. Keys and signatures are made by GnuPG, signify and minisign.

    test_detached.py ASSAY
"""
import os
import pathlib
import shutil
import sqlite3
import subprocess
import sys
import tarfile
import tempfile
import unittest

ASSAY = os.path.abspath(sys.argv.pop(1))
RING = "usr/share/keyrings/all.gpg"
TEXT = b"one  \ntwo\r\nthree"
LONG = b"".join(b"%d\n" % i for i in range(20000))


def has(*tools):
    return all(shutil.which(t) for t in tools)


def packets(ring):
    """The packets of a keyring as GnuPG exports it: old format, whole lengths."""
    at = 0
    while at < len(ring):
        head, width = ring[at], 1 << (ring[at] & 3)
        assert head & 0xc0 == 0x80 and width < 8, hex(head)
        end = at + 1 + width + int.from_bytes(ring[at + 1:at + 1 + width], "big")
        yield head >> 2 & 15, ring[at:end], ring[at + 1 + width:end]
        at = end


class Detached(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory(prefix="assay-sig-")
        self.addCleanup(scratch.cleanup)
        self.folder = pathlib.Path(scratch.name)
        self.tree = self.folder / "tree"

    def run_in(self, *words, **options):
        run = subprocess.run(words, cwd=self.folder, capture_output=True, check=False, **options)
        self.assertEqual(run.returncode, 0, (words, run.stderr))
        return run.stdout

    def write(self, name, content):
        path = self.tree / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return path

    def signatures(self, image):
        """{path: {(state, covers)}} and {path: detail}"""
        case = self.folder / f"{image.name}.case"
        subprocess.run([ASSAY, image, "-o", case, "--without-feeds", "-q"], capture_output=True, check=False)
        found, details = {}, {}
        with sqlite3.connect(case) as db:
            for path, state, covers, detail in db.execute(
                    "SELECT b.path, s.state, s.covers, s.detail FROM signature s JOIN blob b ON b.id = s.blob_id ORDER BY s.id"):
                found.setdefault(path.lstrip("/"), []).append((state, covers))
                details[path.lstrip("/")] = detail
        return found, details

    def images(self):
        """The tree as a file system, and as archives in which signatures stand first and last."""
        if has("mksquashfs"):
            image = self.folder / "a.sqsh"
            self.run_in("mksquashfs", self.tree, image, "-noappend", "-quiet", "-no-progress")
            yield image
        for last in (False, True):
            image = self.folder / f"signatures-{'last' if last else 'first'}.tar"
            names = sorted((p for p in self.tree.rglob("*") if p.is_file()),
                           key=lambda p: ((p.suffix in (".sig", ".asc", ".gpg", ".minisig")) == last, p))
            with tarfile.open(image, "w") as tar:
                for path in names:
                    tar.add(path, str(path.relative_to(self.tree)))
            yield image

    def expect(self, wanted):
        for image in self.images():
            found, details = self.signatures(image)
            for name, rows in wanted.items():
                with self.subTest(image=image.name, file=name):
                    self.assertEqual(found.get(name), rows, details.get(name))

    # ---- OpenPGP ----

    def gpg(self, *words, at=None):
        home = self.folder / "home"
        if not home.exists():
            home.mkdir(mode=0o700)
            self.addCleanup(subprocess.run, ["gpgconf", "--homedir", home, "--kill", "all"], check=False)
        clock = ["--faked-system-time", at] if at else []
        return self.run_in("gpg", "--homedir", home, "--batch", "--quiet", "--yes", "--no-tty", "--pinentry-mode", "loopback",
                           "--passphrase", "", *clock, *words)

    def make_key(self, name, kind, until="0", at=None):
        self.gpg("--quick-gen-key", f"{name}@x", kind, "sign", until, at=at)
        listed = self.gpg("--with-colons", "--list-keys", f"{name}@x").decode().splitlines()
        return next(line.split(":")[9] for line in listed if line.startswith("fpr"))

    def sign(self, name, key, content=LONG, ending="sig", words=(), at=None):
        path = self.write(f"data/{name}", content)
        self.gpg("-u", key, "-b", *words, "-o", f"{path}.{ending}", path, at=at)
        return f"data/{name}.{ending}"

    @unittest.skipUnless(has("gpg", "gpgconf"), "needs GnuPG")
    def test_openpgp_algorithms(self):
        wanted = {}
        for kind in ("rsa2048", "dsa2048", "nistp256", "nistp384", "nistp521", "ed25519"):
            key = self.make_key(kind, kind)
            wanted[self.sign(kind, key)] = [("valid", kind)]
            wanted[self.sign(f"{kind}-armor", key, ending="asc", words=["-a"])] = [("valid", f"{kind}-armor")]
            wanted[self.sign(f"{kind}-text", key, TEXT, words=["-t"])] = [("valid", f"{kind}-text")]
            changed = self.sign(f"{kind}-changed", key)
            (self.tree / changed[:-4]).write_bytes(LONG[:-1] + b"!")
            wanted[changed] = [("invalid", f"{kind}-changed")]
            longer = self.sign(f"{kind}-longer", key, TEXT, words=["-t"])
            (self.tree / longer[:-4]).write_bytes(TEXT + b"\n")
            wanted[longer] = [("invalid", f"{kind}-longer")]
        self.write(RING, self.gpg("--export"))
        self.expect(wanted)

    @unittest.skipUnless(has("gpg", "gpgconf"), "needs GnuPG")
    def test_openpgp_keys(self):
        wanted = {}
        self.make_key("a", "rsa2048")
        absent = self.make_key("absent", "ed25519")
        owner = self.make_key("owner", "ed25519")
        self.gpg("--quick-add-key", owner, "rsa2048", "sign")
        armored = self.make_key("armored", "nistp256")
        old = self.make_key("old", "rsa2048", "2021-01-01", at="20200101T000000")
        cut = self.make_key("cut", "rsa2048", at="20200101T000000")
        revoked = self.make_key("revoked", "ed25519")
        loose = self.make_key("loose", "ed25519")
        self.gpg("--quick-add-key", loose, "ed25519", "sign")
        wanted[self.sign("absent", absent)] = [("no-key", "absent")]
        wanted[self.sign("subkey", owner)] = [("valid", "subkey")]
        wanted[self.sign("primary", f"{owner}!")] = [("valid", "primary")]
        wanted[self.sign("armored", armored)] = [("valid", "armored")]
        wanted[self.sign("old", old, at="20200601T000000")] = [("valid", "old")]
        wanted[self.sign("cut", cut, at="20200601T000000")] = [("untrusted", "cut")]
        wanted[self.sign("revoked", revoked)] = [("untrusted", "revoked")]
        wanted[self.sign("loose", loose)] = [("untrusted", "loose")]
        self.gpg("--quick-set-expire", cut, "2020-03-01", at="20200201T000000")
        statement = (self.folder / "home/openpgp-revocs.d" / f"{revoked}.rev").read_text().replace(":-----", "-----")
        (self.folder / "r").write_text(statement)
        self.gpg("--import", "r")
        # a subkey without what binds it to its owner
        ring = [p for p in packets(self.gpg("--export", "loose")) if not (p[0] == 2 and p[2][1] == 0x18)]
        self.write("etc/loose.gpg", b"".join(p[1] for p in ring))
        self.write("etc/apt/trusted.gpg.d/a.asc", self.gpg("--armor", "--export", "armored"))
        self.write(RING, self.gpg("--export", "a@x", "owner", "old", "cut", "revoked"))
        wanted["data/alone.sig"] = [("unsupported", "alone")]
        shutil.copy(self.tree / "data/armored.sig", self.tree / "data/alone.sig")
        # a signature of other bytes by the same key
        shutil.copy(self.tree / "data/primary.sig", self.tree / "data/other.sig")
        self.write("data/other", LONG + b"more")
        wanted["data/other.sig"] = [("invalid", "other")]
        self.expect(wanted)

    @unittest.skipUnless(has("gpg", "gpgconf"), "needs GnuPG")
    def test_openpgp_names(self):
        """Two files of the name of what is signed, or a link: none is what it signs."""
        key = self.make_key("a", "ed25519")
        name = self.sign("fw", key)
        self.write(RING, self.gpg("--export"))
        link = tarfile.TarInfo("data/fw")
        link.type, link.linkname = tarfile.SYMTYPE, "../etc/passwd"
        for twice in (True, False):
            image = self.folder / f"{twice}.tar"
            with tarfile.open(image, "w") as tar:
                for path in (name, RING, "data/fw"):
                    if twice or path != "data/fw":
                        tar.add(self.tree / path, path)
                if twice:
                    tar.add(self.tree / RING, "data/fw")
                else:
                    tar.addfile(link)
            self.assertEqual(self.signatures(image)[0][name], [("unsupported", "fw")])
        # the same path written in another way, or over a link: who unpacks it writes that over what was signed
        data = tarfile.TarInfo("l")
        data.type, data.linkname = tarfile.SYMTYPE, "data"
        below = tarfile.TarInfo("k")
        below.type, below.linkname = tarfile.SYMTYPE, "data/below"
        for other in ("data//fw", "data/./fw", "./data/fw", "data/x/../fw", "l/fw", "k/../fw", None):
            image = self.folder / "again.tar"
            with tarfile.open(image, "w") as tar:
                tar.addfile(data)
                tar.addfile(below)
                for path in (name, RING, "data/fw"):
                    tar.add(self.tree / path, path.replace("/", "//") if other is None else path)
                if other:
                    tar.add(self.tree / RING, other)
            found = self.signatures(image)[0]
            self.assertEqual(list(found.values()), [[("unsupported" if other else "valid", "fw")]], other)
        whole = self.folder / "cut.tar"
        with tarfile.open(whole, "w") as tar:
            for path in (name, RING, "data/fw"):
                tar.add(self.tree / path, path)
        whole.write_bytes(whole.read_bytes()[:-len(LONG) // 2])
        self.assertEqual(self.signatures(whole)[0][name], [("unsupported", "fw")])

    # ---- RPM ----

    def package(self, name):
        top = self.folder / "rpm"
        (self.folder / "p.spec").write_text(f"Name: {name}\nVersion: 1\nRelease: 1\nSummary: x\nLicense: MIT\nBuildArch: noarch\n"
                                            "%description\nx\n%install\nmkdir -p %{buildroot}/opt\nseq 9000 > %{buildroot}/opt/" + name +
                                            f"\n%files\n/opt/{name}\n")
        self.run_in("rpmbuild", "-bb", "--quiet", "--define", f"_topdir {top}", "p.spec")
        return next(top.rglob(f"{name}-1*.rpm"))

    def rpmsign(self, key, path, *words):
        self.run_in("rpmsign", "--define", f"__gpg {shutil.which('gpg')}", 
                    "--define", f"_gpg_path {self.folder / 'home'}", "--define", f"_gpg_name {key}",
                    "--define", "_gpg_sign_cmd_extra_args --batch --pinentry-mode loopback --passphrase ''", *words, "--addsign", path)

    @unittest.skipUnless(has("gpg", "gpgconf", "rpmbuild", "rpmsign"), "needs GnuPG and rpm")
    def test_rpm(self):
        wanted = {}
        keys = {"rsa2048": self.make_key("rsa", "rsa2048"), "ed25519": self.make_key("ed", "ed25519"),
                "gone": self.make_key("gone", "rsa2048")}
        both, header = [("valid", "header"), ("valid", "header and payload")], [("valid", "header")]
        for name, key, words, rows in (("a", "rsa2048", ["--rpmv3"], both), ("b", "rsa2048", [], header), ("c", "ed25519", [], header),
                                       ("d", "gone", [], [("no-key", "header")])):
            path = self.package(name)
            self.rpmsign(keys[key], path, *words)
            self.write(f"srv/{name}.rpm", path.read_bytes())
            wanted[f"srv/{name}.rpm"] = rows
        signed = (self.tree / "srv/a.rpm").read_bytes()
        self.write("srv/payload.rpm", signed[:-100] + bytes([signed[-100] ^ 1]) + signed[-99:])
        wanted["srv/payload.rpm"] = [("valid", "header"), ("invalid", "header and payload")]
        self.write("srv/header.rpm", signed.replace(b"MIT\0", b"GPL\0"))
        wanted["srv/header.rpm"] = [("invalid", "header"), ("invalid", "header and payload")]
        self.write("srv/cut.rpm", signed[:-100])
        wanted["srv/cut.rpm"] = [("valid", "header"), ("unsupported", "header and payload")]
        self.write("srv/none.rpm", self.package("e").read_bytes())
        wanted["srv/none.rpm"] = [("absent", "package")]
        self.write("etc/pki/rpm-gpg/RPM-GPG-KEY-x", self.gpg("--armor", "--export", keys["rsa2048"], keys["ed25519"]))
        self.expect(wanted)

    # ---- signify, usign ----

    def signify(self, *words):
        self.run_in("signify-openbsd", *words)

    @unittest.skipUnless(has("signify-openbsd"), "needs signify-openbsd")
    def test_signify(self):
        wanted = {}
        for key in ("known", "unknown"):
            self.signify("-G", "-n", "-p", f"{key}.pub", "-s", f"{key}.sec", "-c", key)
        for size, content in (("short", TEXT), ("long", LONG)):
            for key, change, state in (("known", b"", "valid"), ("known", b"!", "invalid"), ("unknown", b"", "no-key")):
                name = f"data/{size}-{state}"
                path = self.write(name, content)
                self.signify("-S", "-s", f"{key}.sec", "-m", path, "-x", f"{path}.sig")
                path.write_bytes(content + change)
                wanted[f"{name}.sig"] = [(state, f"{size}-{state}")]
        shutil.copy(self.tree / "data/long-valid", self.tree / "data/blank")
        self.write("data/blank.sig", (self.tree / "data/long-valid.sig").read_bytes() + b"\n\r\n")
        wanted["data/blank.sig"] = [("valid", "blank")]
        path = self.write("data/embedded", TEXT + b"\n")
        self.signify("-S", "-e", "-s", "known.sec", "-m", path, "-x", f"{path}.sig")
        wanted["data/embedded.sig"] = [("valid", "text behind it")]
        changed = (self.tree / "data/embedded.sig").read_bytes().replace(b"two", b"too")
        self.write("data/changed.sig", changed)
        wanted["data/changed.sig"] = [("invalid", "text behind it")]
        self.write("etc/opkg/keys/0123456789abcdef", (self.folder / "known.pub").read_bytes())
        self.expect(wanted)

    @unittest.skipUnless(has("signify-openbsd", "mksquashfs"), "needs signify-openbsd and mksquashfs")
    def test_signify_elsewhere(self):
        """Beside the image that has the key: the sums of a release, but no long file, whose bytes are looked at once."""
        self.signify("-G", "-n", "-p", "k.pub", "-s", "k.sec")
        self.write("etc/opkg/keys/k", (self.folder / "k.pub").read_bytes())
        self.run_in("mksquashfs", self.tree, "fw.bin", "-noappend", "-quiet", "-no-progress")
        (self.folder / "sha256sums").write_bytes(TEXT)
        (self.folder / "long").write_bytes(LONG)
        with tarfile.open(self.folder / "release.tar", "w") as tar:
            for name in ("sha256sums", "long"):
                self.signify("-S", "-s", "k.sec", "-m", name, "-x", f"{name}.sig")
                tar.add(self.folder / f"{name}.sig", f"{name}.sig")
                tar.add(self.folder / name, name)
            tar.add(self.folder / "fw.bin", "fw.bin")
        found, details = self.signatures(self.folder / "release.tar")
        self.assertEqual(found["sha256sums.sig"], [("valid", "sha256sums")])
        self.assertEqual(found["long.sig"], [("no-key", "long")])
        self.assertIn("same file system only", details["long.sig"])

    # ---- minisign ----

    @unittest.skipUnless(has("minisign"), "needs minisign")
    def test_minisign(self):
        wanted = {}
        self.run_in("minisign", "-G", "-W", "-p", "k.pub", "-s", "k.sec")
        for kind, words in (("digested", ()), ("whole", ("-l",))):
            for what in ("good", "changed", "comment"):
                name = f"{kind}-{what}"
                path = self.write(f"data/{name}", LONG)
                self.run_in("minisign", "-S", *words, "-s", "k.sec", "-m", path, "-t", "version 7")
                signature = pathlib.Path(f"{path}.minisig")
                if what == "changed":
                    path.write_bytes(LONG + b"!")
                if what == "comment":
                    signature.write_bytes(signature.read_bytes().replace(b"version 7", b"version 8"))
                wanted[f"data/{name}.minisig"] = [("invalid" if what == "changed" else "valid", name),
                                                  ("invalid" if what == "comment" else "valid", "trusted comment")]
        self.write("usr/share/minisign.pub", (self.folder / "k.pub").read_bytes())
        self.expect(wanted)


if __name__ == "__main__":
    unittest.main()
