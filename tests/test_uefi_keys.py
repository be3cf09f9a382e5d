#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The keys of UEFI's secure boot in images of its variables (Debian's packages ovmf and qemu-efi-aarch64), and which programs,
signed by sbsign, they accept.

    test_uefi_keys.py ASSAY
"""
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
import uuid

ASSAY = os.path.abspath(sys.argv.pop(1))
OVMF, AAVMF = pathlib.Path("/usr/share/OVMF"), pathlib.Path("/usr/share/AAVMF")
SNAKEOIL = pathlib.Path("/usr/share/ovmf/PkKek-1-snakeoil.pem")
GLOBAL, IMAGES = "8be4df61-93ca-11d2-aa0d-00e098032b8c", "d719b2cb-3d3a-4596-a3bc-dad00e67656f"
X509, SHA256 = "a5c059a1-94e4-4aa7-87b5-ab155c2bf072", "c1c41626-504c-4092-aca9-41f936934328"
SETUP, USER = "setup mode: there is no platform key (PK)", "user mode: a platform key (PK) is there"
DISABLED = "user mode, but switched off (SecureBootEnable)"
ENABLE = ("SecureBootEnable", "f0a30bc7-af08-4556-99c4-001009c93a44")


def guid(text):
    return uuid.UUID(text).bytes_le


def signature_list(kind, *entries):
    size = 16 + len(entries[0])
    return guid(kind) + struct.pack("<III", 28 + size * len(entries), 0, size) + b"".join(bytes(16) + e for e in entries)


def variable(name, owner, data, state=0x3f):
    text = name.encode("utf-16-le") + b"\0\0"
    head = struct.pack("<HBBIQ16xIII", 0x55AA, state, 0, 0x27, 0, 0, len(text), len(data)) + guid(owner)
    body = head + text + data
    return body + b"\xff" * (-len(body) % 4)


def volume(*variables, size=0x20000, cut=0):
    """A volume of EDK II with these variables."""
    store_size = size // 2 - 72
    store = guid("aaf32c78-947b-439a-a180-2e144ec37792") + struct.pack("<IBBHI", store_size, 0x5a, 0xfe, 0, 0) + b"".join(variables)
    head = bytes(16) + guid("fff12b8d-7696-4c8b-a985-2747075b4f50") + struct.pack("<Q4sIHHHBB", size, b"_FVH", 0x4feff, 72, 0, 0, 0, 2)
    head += struct.pack("<IIII", size // 4096, 4096, 0, 0)
    total = -sum(struct.unpack("<36H", head)) & 0xffff
    head = head[:50] + struct.pack("<H", total) + head[52:]
    return (head + store).ljust(size, b"\xff")[:size - cut]


def has(*tools):
    return all(shutil.which(t) for t in tools)


class Keys(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory(prefix="assay-uefi-")
        self.addCleanup(scratch.cleanup)
        self.folder = pathlib.Path(scratch.name)
        self.images = 0

    def case(self, content):
        self.images += 1
        image, case = self.folder / f"{self.images}.img", self.folder / f"{self.images}.case"
        image.write_bytes(content)
        subprocess.run([ASSAY, image, "-o", case, "--without-feeds", "-q"], capture_output=True, check=False)
        db = sqlite3.connect(case)
        self.addCleanup(db.close)
        return db

    def settings(self, content):
        rows = self.case(content).execute("SELECT key, value FROM boot_setting WHERE loader = 'uefi' ORDER BY key, value")
        return [tuple(r) for r in rows]

    def run_in(self, *words):
        run = subprocess.run(words, cwd=self.folder, capture_output=True, check=False)
        self.assertEqual(run.returncode, 0, (words, run.stderr))
        return run.stdout

    def test_modes(self):
        der = self.certificate("Owner") if has("openssl") else None
        key = signature_list(X509, der) if der else signature_list(SHA256, bytes(32))
        pk, off = variable("PK", GLOBAL, key), variable(*ENABLE, b"\0")
        for name, variables, mode in (
                ("nothing", [], SETUP),
                ("a key", [pk], USER),
                ("switched off", [pk, off], DISABLED),
                ("deleted", [variable("PK", GLOBAL, key, 0x3c)], SETUP),
                ("being replaced, the new one is not there", [variable("PK", GLOBAL, key, 0x3e)], USER),
                ("switched on again", [pk, variable(*ENABLE, b"\0", 0x3e), variable(*ENABLE, b"\1")], USER),
                ("a key of that name, of a vendor", [variable("PK", IMAGES, key)], SETUP),
                ("an empty one", [variable("PK", GLOBAL, b"")], SETUP)):
            with self.subTest(name):
                found = dict(self.settings(volume(*variables)))
                self.assertEqual(found.get("SecureBoot"), mode)

    def test_cut(self):
        """What is cut off may have the key: no word of setup mode."""
        self.assertEqual(self.settings(volume(cut=0x18000)), [])

    def test_lists(self):
        hashes = [bytes([i]) * 32 for i in (1, 2)]
        rows = self.settings(volume(variable("dbx", IMAGES, signature_list(SHA256, *hashes))))
        self.assertEqual(rows[:-1] if rows[-1][0] != "dbx" else rows, [("SecureBoot", SETUP)] +
                         [("dbx", f"sha256 {h.hex()}") for h in hashes])
        other = self.settings(volume(variable("dbx", IMAGES, signature_list(str(uuid.UUID(int=5)), bytes(32)))))
        self.assertIn(("dbx", "an entry of a kind that is not read"), other)
        broken = self.case(volume(variable("db", IMAGES, signature_list(SHA256, hashes[0])[:-1])))
        self.assertEqual(broken.execute("SELECT count(*) FROM boot_setting WHERE key = 'db'").fetchone()[0], 0)
        self.assertEqual(broken.execute("SELECT count(*) FROM damage WHERE what LIKE '%EFI_SIGNATURE_LIST%'").fetchone()[0], 1)

    @unittest.skipUnless(OVMF.exists() and AAVMF.exists(), "needs Debian's ovmf and qemu-efi-aarch64")
    def test_debian(self):
        for path, mode, tests in ((OVMF / "OVMF_VARS_4M.fd", SETUP, 0), (OVMF / "OVMF_VARS_4M.ms.fd", USER, 0),
                                  (OVMF / "OVMF_VARS_4M.snakeoil.fd", USER, 3), (OVMF / "OVMF_VARS.ms.fd", USER, 0),
                                  (AAVMF / "AAVMF_VARS.ms.fd", USER, 0), (AAVMF / "AAVMF_VARS.snakeoil.fd", USER, 3)):
            with self.subTest(path.name):
                db = self.case(path.read_bytes())
                found = db.execute("SELECT value FROM boot_setting WHERE key = 'SecureBoot'").fetchall()
                self.assertEqual(found, [(mode,)])
                n = db.execute("SELECT count(*) FROM leftover WHERE kind = 'test certificate' AND detail LIKE 'UEFI%'").fetchone()[0]
                self.assertEqual(n, tests)
                names = {r[0] for r in db.execute("SELECT value FROM boot_setting WHERE key = 'db'")}
                self.assertEqual(any("Microsoft Corporation UEFI CA 2011" in n for n in names), ".ms." in path.name)

    def certificate(self, name, issuer=None, ca=False):
        """A key and a certificate NAME.key, NAME.pem, by itself or by another; ca: it may issue others."""
        made = ["openssl", "req", "-newkey", "rsa:2048", "-nodes", "-keyout", f"{name}.key", "-subj", f"/CN={name}", "-days", "99"]
        if issuer:
            self.run_in(*made[:-2], "-out", f"{name}.csr")
            (self.folder / f"{name}.ext").write_text(f"basicConstraints=critical,CA:{str(ca).upper()}\n")
            self.run_in("openssl", "x509", "-req", "-in", f"{name}.csr", "-CA", f"{issuer}.pem", "-CAkey", f"{issuer}.key",
                        "-out", f"{name}.pem", "-days", "99", "-extfile", f"{name}.ext")
        else:
            self.run_in(*made, "-x509", "-out", f"{name}.pem")
        return self.run_in("openssl", "x509", "-in", f"{name}.pem", "-outform", "DER")

    @unittest.skipUnless(has("sbsign", "openssl") and list(pathlib.Path("/usr/lib/efitools").glob("*/HelloWorld.efi")),
                         "needs sbsigntool, efitools and openssl")
    def test_programs(self):
        program = next(pathlib.Path("/usr/lib/efitools").glob("*/HelloWorld.efi"))
        root, refused = self.certificate("root"), self.certificate("refused")
        # another key of the same name: a name alone proves nothing
        (self.folder / "root.key").rename(self.folder / "keep.key"), (self.folder / "root.pem").rename(self.folder / "keep.pem")
        self.certificate("root")
        self.certificate("forged", "root")
        (self.folder / "keep.key").rename(self.folder / "root.key"), (self.folder / "keep.pem").rename(self.folder / "root.pem")
        self.certificate("leaf", "root")
        self.certificate("other")
        wanted = {"root": 1, "leaf": 1, "forged": None, "other": None, "refused": 0}
        for key in wanted:
            self.run_in("sbsign", "--key", f"{key}.key", "--cert", f"{key}.pem", "--output", f"{key}.efi", str(program))
        changed = bytearray((self.folder / "root.efi").read_bytes())
        changed[0x600] ^= 1
        (self.folder / "changed.efi").write_bytes(changed)
        shutil.copy(program, self.folder / "plain.efi")
        wanted.update({"changed": None, "plain": None})
        lists = [variable("PK", GLOBAL, signature_list(X509, root)),
                 variable("db", IMAGES, signature_list(X509, root) + signature_list(X509, refused)),
                 variable("dbx", IMAGES, signature_list(X509, refused))]
        self.assertEqual(self.programs(wanted, volume(*lists)), wanted)
        images = self.images
        # a file of that name in a file system is no variable
        (self.folder / f"db-{IMAGES}").write_bytes(signature_list(X509, root))
        self.assertEqual(self.programs(["root", "leaf"], volume(lists[0]), [f"db-{IMAGES}"]), {"root": None, "leaf": None})
        # by digest: what is not signed at all, and what db's key signed
        digest = {}
        with sqlite3.connect(self.folder / f"{images}.case") as db:
            for path, message in db.execute("SELECT b.path, s.message FROM signature s JOIN blob b ON b.id = s.blob_id WHERE scheme = 'authenticode'"):
                digest[pathlib.Path(path).stem] = bytes.fromhex(message)
        self.assertEqual(digest["root"], digest["leaf"])
        self.assertNotEqual(digest["root"], digest["changed"])
        known = variable("db", IMAGES, signature_list(SHA256, digest["changed"]))
        self.assertEqual(self.programs(["changed", "other"], volume(lists[0], known)), {"changed": 1, "other": None})
        revoked = variable("dbx", IMAGES, signature_list(SHA256, digest["root"]))
        self.assertEqual(self.programs(["root", "changed"], volume(*lists[:2], revoked)), {"root": 0, "changed": None})
        unread = variable("dbx", IMAGES, signature_list(str(uuid.UUID(int=5)), bytes(32)))
        self.assertEqual(self.programs(["root"], volume(*lists[:2], unread)), {"root": None})

    @unittest.skipUnless(has("sbsign", "openssl") and list(pathlib.Path("/usr/lib/efitools").glob("*/HelloWorld.efi")),
                         "needs sbsigntool, efitools and openssl")
    def test_chains(self):
        """RFC 5280, section 6.1, as EDK II has it checked: any purpose, any time, and a chain may end at any certificate of db."""
        program = next(pathlib.Path("/usr/lib/efitools").glob("*/HelloWorld.efi"))
        ca = "basicConstraints=critical,CA:TRUE"
        cases = (
            ("plain", (("root", ca), ("between", ca), ("leaf", "")), "root", 1),
            ("as long as it may be", (("root", ca + ",pathlen:1"), ("between", ca + ",pathlen:0"), ("leaf", "")), "root", 1),
            ("too long for db's", (("root", ca + ",pathlen:0"), ("between", ca), ("leaf", "")), "root", None),
            ("which is no matter below it", (("root", ca + ",pathlen:0"), ("between", ca), ("leaf", "")), "between", 1),
            ("too long for one between", (("root", ca), ("between", ca + ",pathlen:0"), ("lower", ca), ("leaf", "")), "root", None),
            ("... that is in db", (("root", ca), ("between", ca + ",pathlen:0"), ("lower", ca), ("leaf", "")), "between", None),
            ("... but for the one below", (("root", ca), ("between", ca + ",pathlen:0"), ("lower", ca), ("leaf", "")), "lower", 1),
            ("may sign no certificate", (("root", ca + "\nkeyUsage=digitalSignature"), ("leaf", "")), "root", None),
            ("may sign certificates", (("root", ca + "\nkeyUsage=keyCertSign"), ("leaf", "")), "root", 1),
            ("another's names", (("root", ca + "\nnameConstraints=critical,permitted;dirName:other"), ("leaf", "")), "root", None),
            ("another's names, between", (("root", ca), ("between", ca + "\nnameConstraints=critical,permitted;dirName:other"), ("leaf", "")),
             "root", None),
            ("nobody knows it", (("root", ca + "\n1.2.3.4=critical,DER:0500"), ("leaf", "")), "root", None),
            ("nobody knows it, of the signer", (("root", ca), ("leaf", "1.2.3.4=critical,DER:0500")), "root", None),
            ("no matter", (("root", ca + "\n1.2.3.4=DER:0500"), ("leaf", "")), "root", 1),
            ("a purpose", (("root", ca), ("leaf", "extendedKeyUsage=serverAuth")), "root", 1),
            ("the first version, by itself", (("root", None), ("leaf", "")), "root", 1),
            ("the first version, between", (("root", ca), ("between", None), ("leaf", "")), "root", None),
        )
        for i, (what, chain, trusted, accepted) in enumerate(cases):
            with self.subTest(what):
                self.assertEqual(self.chain(i, chain, trusted, str(program)), accepted)

    def chain(self, number, chain, trusted, program):
        """Whether a program that the last of a chain signed is accepted by db with another one of it: by `openssl verify`, and here."""
        issuer, name = None, None
        for name, extensions in chain:
            if not (self.folder / f"{name}.csr").exists():
                self.run_in("openssl", "req", "-newkey", "rsa:2048", "-nodes", "-keyout", f"{name}.key", "-subj", f"/CN={name}",
                            "-out", f"{name}.csr")
            (self.folder / f"{name}.ext").write_text((extensions or "") + "\n[other]\nCN=other\n")
            self.run_in("openssl", "x509", "-req", "-in", f"{name}.csr", "-out", f"{name}.pem", "-days", "99", "-set_serial", str(number + 1),
                        *(["-CA", f"{issuer}.pem", "-CAkey", f"{issuer}.key"] if issuer else ["-signkey", f"{name}.key"]),
                        *([] if extensions is None else ["-extfile", f"{name}.ext"]))
            issuer = name
        others = [n for n, _ in chain[:-1] if n not in (trusted, "root")]
        between = [w for n in others for w in ("-untrusted", f"{n}.pem")]
        run = subprocess.run(["openssl", "verify", "-partial_chain", "-no_check_time", "-purpose", "any", "-no-CAfile", "-no-CApath",
                              "-trusted", f"{trusted}.pem", *between, f"{name}.pem"], cwd=self.folder, capture_output=True, check=False)
        (self.folder / "all.pem").write_bytes(b"".join((self.folder / f"{n}.pem").read_bytes() for n, _ in chain[1:-1]))
        self.run_in("sbsign", "--key", f"{name}.key", "--cert", f"{name}.pem", *(["--addcert", "all.pem"] if chain[1:-1] else []),
                    "--output", "chain.efi", program)
        der = self.run_in("openssl", "x509", "-in", f"{trusted}.pem", "-outform", "DER")
        lists = [variable("PK", GLOBAL, signature_list(X509, der)), variable("db", IMAGES, signature_list(X509, der))]
        accepted = self.programs(["chain"], volume(*lists))["chain"]
        self.assertEqual(run.returncode == 0, accepted == 1, run.stderr)
        return accepted

    @unittest.skipUnless(has("sbsign", "openssl") and list(pathlib.Path("/usr/lib/efitools").glob("*/HelloWorld.efi")),
                         "needs sbsigntool, efitools and openssl")
    def test_refused_between(self):
        """dbx refuses whom a certificate in it issued, though db has one above that; and what of dbx can not be read may do so."""
        program = next(pathlib.Path("/usr/lib/efitools").glob("*/HelloWorld.efi"))
        root = self.certificate("root")
        between, other = self.certificate("between", "root", ca=True), self.certificate("unrelated")
        self.certificate("leaf", "between")
        self.run_in("sbsign", "--key", "leaf.key", "--cert", "leaf.pem", "--addcert", "between.pem", "--output", "leaf.efi", str(program))
        lists = [variable("PK", GLOBAL, signature_list(X509, root)), variable("db", IMAGES, signature_list(X509, root))]
        for dbx, accepted in ((None, 1), (signature_list(X509, other), 1), (signature_list(X509, between), None),
                              (signature_list(X509, between)[:-1], None), (signature_list(X509, b"no certificate"), None)):
            more = [variable("dbx", IMAGES, dbx)] if dbx else []
            self.assertEqual(self.programs(["leaf"], volume(*lists, *more)), {"leaf": accepted})
        # one that is no CA's issues none, whoever signed it
        self.certificate("between", "root")
        self.certificate("leaf", "between")
        self.run_in("sbsign", "--key", "leaf.key", "--cert", "leaf.pem", "--addcert", "between.pem", "--output", "leaf.efi", str(program))
        self.assertEqual(self.programs(["leaf"], volume(*lists)), {"leaf": None})

    def programs(self, names, variables, roots=()):
        (self.folder / "vars.fd").write_bytes(variables)
        with tarfile.open(self.folder / "all.tar", "w") as tar:
            for name in [f"{n}.efi" for n in names] + ["vars.fd"]:
                tar.add(self.folder / name, f"EFI/{name}")
            for name in roots:
                tar.add(self.folder / name, name)
        db = self.case((self.folder / "all.tar").read_bytes())
        return {pathlib.Path(p).stem: a for p, a in db.execute("SELECT path, accepted FROM secure_boot_program")}


if __name__ == "__main__":
    unittest.main()
