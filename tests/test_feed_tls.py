#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""assay feed update over TLS, with an authority of its own: servers that cannot show who they are, and servers that lead
elsewhere, give nothing; what there was stays as it was.

    test_feed_tls.py ASSAY
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

import feed_server

ASSAY = os.path.abspath(sys.argv.pop(1))
EXTENSIONS = """
[authority]
basicConstraints = critical, CA:true
keyUsage = critical, keyCertSign
[server]
subjectAltName = IP:127.0.0.1
[elsewhere]
subjectAltName = DNS:feeds.example
[client]
subjectAltName = IP:127.0.0.1
extendedKeyUsage = critical, clientAuth
"""


def kev(*names, released="2026-08-01T00:00:00Z"):
    return json.dumps({"catalogVersion": "1", "dateReleased": released, "vulnerabilities": [
        {"cveID": n, "dateAdded": "2026-08-01"} for n in names]}).encode()


def to(address):
    def say(handler, _):
        handler.send_response(302)
        handler.send_header("Location", address)
        handler.send_header("Content-Length", "0")
        handler.end_headers()
    return say


class Authority:
    """Certificates of one authority, each in a file with its key."""

    def __init__(self, folder):
        self.folder = folder
        (folder / "extensions").write_text(EXTENSIONS)
        self.make("authority", "authority", None, "20200101000000Z", "20991231000000Z")
        self.root = folder / "authority.pem"

    def openssl(self, *arguments):
        subprocess.run(["openssl", *map(str, arguments)], cwd=self.folder, check=True, capture_output=True)

    def make(self, name, kind, by, begin, end):
        self.openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", f"{name}.key")
        self.openssl("req", "-new", "-key", f"{name}.key", "-subj", f"/CN={name}", "-out", f"{name}.csr")
        signer = ["-CA", f"{by}.pem", "-CAkey", f"{by}.key", "-CAcreateserial"] if by else ["-signkey", f"{name}.key"]
        self.sign(name, kind, signer, begin, end)
        pem = self.folder / f"{name}.pem"
        pem.write_text(pem.read_text() + (self.folder / f"{name}.key").read_text())
        return pem

    def sign(self, name, kind, signer, begin, end):
        """openssl-x509 knows days from now alone; openssl-ca, dates."""
        (self.folder / "index").write_text("")
        (self.folder / "ca.conf").write_text(f"[ca]\ndefault_ca=x\n[x]\ndatabase={self.folder}/index\nnew_certs_dir={self.folder}\n"
                                             "rand_serial=yes\ndefault_md=sha256\npolicy=any\nunique_subject=no\n[any]\ncommonName=supplied\n")
        key = signer[signer.index("-CAkey") + 1] if "-CAkey" in signer else f"{name}.key"
        own = ["-cert", signer[1]] if signer[0] == "-CA" else ["-selfsign"]
        self.openssl("ca", "-batch", "-config", "ca.conf", "-notext", "-in", f"{name}.csr", "-keyfile", key, *own, "-startdate", begin,
                     "-enddate", end, "-extfile", "extensions", "-extensions", kind, "-out", f"{name}.pem")


class Tls(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.top = pathlib.Path(tempfile.mkdtemp(prefix="assay-tls-"))
        cls.ours = Authority(cls.top)
        (cls.top / "theirs").mkdir()
        cls.theirs = Authority(cls.top / "theirs")
        cls.good = cls.ours.make("server", "server", "authority", "20200101000000Z", "20991231000000Z")

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.top)

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="assay-feed-"))
        self.feeds, self.mirrors = self.folder / "feeds.db", []
        self.mirror = self.serve(self.good)

    def tearDown(self):
        for m in self.mirrors:
            m.close()
        shutil.rmtree(self.folder)

    def serve(self, certificate):
        mirror = feed_server.Mirror(certificate)
        mirror.files = {"/kev": kev("CVE-2022-0001", "CVE-2022-0002")}
        self.mirrors.append(mirror)
        return mirror

    def update(self, mirror, *arguments, code=0, root=None, source="kev"):
        r = subprocess.run([ASSAY, "feed", "update", source, "--ca-file", str(root or self.ours.root), "--base-url", f"{source}={mirror.base}/{source}",
                            "--pause", "0", "--retry-wait", "0.01", "--feeds", str(self.feeds), *arguments], capture_output=True, text=True, timeout=120,
                           env={"PATH": os.environ["PATH"], "HOME": str(self.folder)})
        self.assertEqual(r.returncode, code, r.stdout + r.stderr)
        return r

    def count(self):
        with sqlite3.connect(f"file:{self.feeds}?mode=ro", uri=True) as db:
            return db.execute("SELECT count(*) FROM kev").fetchone()[0]

    def refused(self, mirror, words, *arguments, root=None, asked=None):
        """With these words, whether there was a database before or not; the server is asked that often."""
        before = self.feeds.read_bytes() if self.feeds.exists() else None
        mirror.requests.clear()
        r = self.update(mirror, *arguments, code=2, root=root)
        self.assertIn(words, r.stderr)
        self.assertIn("of this source the database is as it was", r.stderr)
        self.assertEqual(self.feeds.read_bytes() if self.feeds.exists() else None, before)
        if asked is not None:
            self.assertEqual(len(mirror.requests), asked)

    def test_who_vouches_for_it(self):
        self.update(self.mirror)
        self.assertEqual(self.count(), 2)

    def test_by_the_systems_authorities_alone(self):
        r = subprocess.run([ASSAY, "feed", "update", "kev", "--base-url", f"kev={self.mirror.base}/kev", "--retry-wait", "0.01", "--feeds", str(self.feeds)],
                           capture_output=True, text=True, timeout=120, env={"PATH": os.environ["PATH"], "HOME": str(self.folder)})
        self.assertEqual(r.returncode, 2, r.stderr)
        self.assertIn("certificate", r.stderr)
        self.assertFalse(self.feeds.exists())

    def test_certificates_that_do_not_hold(self):
        self.update(self.mirror)
        for name, kind, begin, end, words in (("ended", "server", "20200101000000Z", "20210101000000Z", "expired"),
                                              ("later", "server", "20980101000000Z", "20991231000000Z", "not yet valid"),
                                              ("other", "elsewhere", "20200101000000Z", "20991231000000Z", "127.0.0.1"),
                                              ("client", "client", "20200101000000Z", "20991231000000Z", "purpose")):
            with self.subTest(name):
                self.refused(self.serve(self.ours.make(name, kind, "authority", begin, end)), words, asked=0)
        with self.subTest("by nobody that is trusted"):
            self.refused(self.serve(self.theirs.make("server", "server", "authority", "20200101000000Z", "20991231000000Z")), "certificate", asked=0)
        with self.subTest("by itself"):
            self.refused(self.serve(self.ours.make("own", "server", None, "20200101000000Z", "20991231000000Z")), "certificate", asked=0)
        with self.subTest("even where http:// is allowed"):
            self.refused(self.serve(self.ours.folder / "ended.pem"), "expired", "--insecure-http", asked=0)

    def test_no_authorities(self):
        self.refused(self.mirror, "", root=self.folder / "none.pem", asked=0)
        (self.folder / "empty.pem").write_text("no certificate\n")
        self.refused(self.mirror, "", root=self.folder / "empty.pem", asked=0)

    def test_no_tls(self):
        plain = self.serve(None)
        plain.base = plain.base.replace("http:", "https:")
        self.refused(plain, "SSL", asked=0)

    def test_away_from_https(self):
        self.update(self.mirror)
        plain = self.serve(None)
        plain.files["/kev"] = kev("CVE-2022-0009", released="2026-09-01T00:00:00Z")
        (self.folder / "kev.json").write_bytes(plain.files["/kev"])
        for extra in ((), ("--insecure-http",)):
            for address in (plain.base + "/kev", f"file://{self.folder}/kev.json", "ftp://127.0.0.1/kev", "HTTP" + plain.base[4:] + "/kev"):
                with self.subTest(address, extra=extra):
                    self.mirror.faults["/kev"] = [to(address)]
                    self.refused(self.mirror, "leads to", *extra, asked=1)
        self.assertEqual(plain.requests, [])
        self.assertEqual(self.count(), 2)

    def test_by_a_detour(self):
        plain, second = self.serve(None), self.serve(self.good)
        self.mirror.faults["/kev"] = [to(second.base + "/kev")]
        second.faults["/kev"] = [to(plain.base + "/kev")]
        self.refused(self.mirror, "leads to", "--insecure-http", asked=1)
        self.assertEqual(plain.requests, [])

    def test_elsewhere_over_https(self):
        second = self.serve(self.good)
        self.mirror.faults["/kev"] = [to(second.base + "/kev")]
        self.update(self.mirror)
        self.assertEqual(self.count(), 2)
        self.mirror.faults["/kev"] = [to(self.serve(self.theirs.make("server", "server", "authority", "20200101000000Z", "20991231000000Z")).base + "/kev")]
        self.refused(self.mirror, "certificate", asked=1)

    def test_in_a_circle(self):
        second = self.serve(self.good)
        self.mirror.faults["/kev"] = [to(second.base + "/kev")] * 20
        second.faults["/kev"] = [to(self.mirror.base + "/kev")] * 20
        self.refused(self.mirror, "redirects")
        self.assertLessEqual(len(self.mirror.requests) + len(second.requests), 6)

    def test_a_key_stays_at_its_server(self):
        second = self.serve(self.good)
        (self.folder / "key").write_text("secret")
        self.mirror.faults["/nvd"] = [to(second.base + "/nvd")]
        r = self.update(self.mirror, "--nvd-key-file", str(self.folder / "key"), source="nvd", code=2)
        self.assertIn("status 302", r.stderr)
        self.assertEqual(second.requests, [])

    def test_a_link_in_a_document(self):
        """A CSAF provider names its documents by address: none on http://, or of this machine."""
        plain = self.serve(None)
        for address in (plain.base + "/", f"file://{self.folder}/"):
            self.mirror.files["/provider-metadata.json"] = json.dumps({
                "canonical_url": self.mirror.base + "/provider-metadata.json", "metadata_version": "2.0", "role": "csaf_provider",
                "publisher": {"name": "x", "namespace": "https://x.example", "category": "vendor"}, "last_updated": "2026-08-01T00:00:00Z",
                "distributions": [{"directory_url": address}]}).encode()
            for extra in ((), ("--insecure-http",)):
                r = subprocess.run([ASSAY, "feed", "update", "--url", self.mirror.base + "/provider-metadata.json", "--ca-file", str(self.ours.root), *extra,
                                    "--retry-wait", "0.01", "--feeds", str(self.feeds)], capture_output=True, text=True, timeout=120,
                                   env={"PATH": os.environ["PATH"], "HOME": str(self.folder)})
                self.assertEqual(r.returncode, 2, r.stdout + r.stderr)
                self.assertFalse(self.feeds.exists())
        self.assertEqual(plain.requests, [])


if not shutil.which("openssl"):
    print("openssl(1) is not there: skipped")
    sys.exit(77)
unittest.main(argv=sys.argv)
