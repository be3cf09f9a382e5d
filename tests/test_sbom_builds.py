#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What build systems write of a build, beside the image that came of it: Buildroot, Yocto, OpenWrt.

    test_sbom_builds.py ASSAY
"""
import io
import json
import os
import pathlib
import shutil
import sqlite3
import subprocess
import sys
import tarfile
import tempfile
import unittest

from vuln_documents import before, nvd

ASSAY = os.path.abspath(sys.argv.pop(1))
PACKAGES = (("busybox", "1.36.1-1"), ("dnsmasq", "2.89-4"), ("openssl", "3.0.12-1"))


def image():
    status = "".join(f"Package: {n}\nVersion: {v}\nStatus: install ok installed\nArchitecture: mips_24kc\n\n" for n, v in PACKAGES)
    out = bytearray()
    for inode, (name, mode, data) in enumerate([("usr", 0o40755, ""), ("usr/lib", 0o40755, ""), ("usr/lib/opkg", 0o40755, ""),
                                                ("usr/lib/opkg/status", 0o100644, status), ("TRAILER!!!", 0, "")], 1):
        out += b"070701" + b"".join(b"%08X" % x for x in (inode, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(name) + 1, 0))
        out += name.encode() + b"\0"
        out += b"\0" * (-len(out) % 4) + data.encode()
        out += b"\0" * (-len(out) % 4)
    return bytes(out)


def manifest(*rows):
    return "\n".join(",".join(f'"{v}"' for v in row) for row in (("PACKAGE", "VERSION", "LICENSE", "LICENSE FILES"), *rows)) + "\n"


def cve_check(*issues):
    return json.dumps({"version": "1", "package": [{"name": "openssl", "layer": "meta", "version": "3.0.12", "products": [
        {"product": "openssl", "cvesInRecord": "Yes"}], "issue": [dict(zip(("id", "status", "detail", "description"), i)) for i in issues]}]})


class Builds(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="assay-test-"))
        (self.folder / "image.bin").write_bytes(image())

    def tearDown(self):
        shutil.rmtree(self.folder)

    def assess(self, *options, code=(0, 1)):
        p = subprocess.run([ASSAY, "image.bin", "-q", "-o", "case.assay", *options], cwd=self.folder, capture_output=True, text=True,
                           timeout=300, env=dict(os.environ, HOME=str(self.folder), XDG_DATA_HOME=str(self.folder / "data")))
        self.assertIn(p.returncode, code, p.stderr)
        return p

    def query(self, sql):
        with sqlite3.connect(self.folder / "case.assay") as db:
            return db.execute(sql).fetchall()

    def differences(self, name, text):
        (self.folder / name).write_text(text)
        self.assess("--sbom", name, "--without-feeds")
        self.assertEqual(self.query("SELECT status FROM probe_run WHERE probe = 'sbom.read'"), [("complete",)])
        return self.query("SELECT kind, name, declared_version, found_version FROM sbom_difference ORDER BY kind, name")

    def test_buildroot_manifest(self):
        self.assertEqual(self.differences("manifest.csv", manifest(
            ("busybox", "1.36.1", "GPL-2.0"), ("dnsmasq", "2.86", "GPL-2.0"), ("openvpn", "2.6.8", "GPL-2.0"), ("skeleton", "", "unknown"))), [
                ("missing_in_sbom", "openssl", None, "3.0.12-1"), ("not_in_image", "openvpn", "2.6.8", None),
                ("version_differs", "dnsmasq", "2.86", "2.89-4")])

    def test_buildroot_host_manifest(self):
        """The host's tools are not in the image, and do not stand for what is."""
        found = self.differences("host-manifest.csv", manifest(("openssl", "3.0.12", "Apache-2.0"), ("openvpn", "2.6.8", "GPL-2.0")))
        self.assertEqual([f for f in found if f[0] != "missing_in_sbom"], [])
        self.assertIn(("missing_in_sbom", "openssl", None, "3.0.12-1"), found)

    def test_openwrt_manifest(self):
        self.assertEqual(self.differences("x.manifest", "busybox - 1.36.1-1\ndnsmasq - 2.89-4\nkernel - 5.15.137-1-abc\nopenssl - 3.0.11-1\n"), [
            ("not_in_image", "kernel", "5.15.137-1-abc", None), ("version_differs", "openssl", "3.0.11-1", "3.0.12-1")])

    def test_openwrt_index(self):
        """What can be installed says nothing of what is."""
        self.assertEqual(self.differences("Packages", "Package: openvpn\nVersion: 2.6\nCPE-ID: cpe:/a:openvpn:openvpn\nSHA256sum: 0\n\n"), [])
        self.assertEqual(self.query("SELECT name, cpe, kind FROM declared_component"), [("openvpn", "cpe:/a:openvpn:openvpn", "available")])

    def test_yocto_archive(self):
        """A document a recipe, in an archive."""
        archive = io.BytesIO()
        with tarfile.open(fileobj=archive, mode="w:gz") as tar:
            for name, version in (("busybox", "1.36.1"), ("openssl", "3.0.11")):
                data = json.dumps({"spdxVersion": "SPDX-2.2", "SPDXID": "SPDXRef-DOCUMENT", "name": "recipe-" + name, "packages": [
                    {"SPDXID": "SPDXRef-Recipe", "name": name, "versionInfo": version}]}).encode()
                info = tarfile.TarInfo(f"recipe-{name}.spdx.json")
                info.size = len(data)
                tar.addfile(info, io.BytesIO(data))
        (self.folder / "image.spdx.tar.gz").write_bytes(archive.getvalue())
        self.assess("--sbom", "image.spdx.tar.gz", "--without-feeds")
        self.assertEqual(self.query("SELECT name, version FROM declared_component ORDER BY name"), [("busybox", "1.36.1"), ("openssl", "3.0.11")])
        self.assertEqual(self.query("SELECT name, declared_version FROM sbom_difference WHERE kind = 'version_differs'"), [("openssl", "3.0.11")])

    def match(self, *names):
        feed = [nvd(before("a:openssl:openssl", "3.1"))(n) for n in names]
        (self.folder / "feeds").mkdir()
        for i, document in enumerate(feed):
            (self.folder / "feeds" / f"{i}.json").write_text(json.dumps(document))
        subprocess.run([ASSAY, "feed", "import", "feeds", "-q", "--feeds", "f.db"], cwd=self.folder, check=True)

    def shown(self):
        return self.query("SELECT name, state, stated_state, stated_by FROM vulnerability_shown ORDER BY name")

    def test_cve_check(self):
        """What the build says of a CVE stands beside the match, with its reason; the match stays."""
        names = [f"CVE-2099-000{i}" for i in range(5)]
        self.match(*names)
        (self.folder / "cve-summary.json").write_text(cve_check(
            (names[0], "Patched", "backported-patch", "0001.patch"), (names[1], "Ignored", "not-applicable-config", "no FIPS"),
            (names[2], "Ignored", "upstream-wontfix", ""), (names[3], "Unpatched", "", "")))
        self.assess("--vex", "cve-summary.json", "--feeds", "f.db")
        who = "Yocto cve-check"
        self.assertEqual(self.shown(), [(names[0], "affected", "fixed", who), (names[1], "affected", "not_affected", who),
                                        (names[2], "affected", "affected", who), (names[3], "affected", "affected", who),
                                        (names[4], "affected", None, None)])
        self.assertEqual(self.query(f"SELECT justification, note FROM statement WHERE vulnerability = '{names[1]}'"),
                         [("vulnerable_code_not_present", "cve-check: Ignored not-applicable-config no FIPS")])

    def test_pkg_stats(self):
        names = ["CVE-2099-0001", "CVE-2099-0002"]
        self.match(*names)
        for version, stated in (("3.0.12", "not_affected"), ("3.0.11", None)):  # of another version it says nothing
            (self.folder / "stats.json").write_text(json.dumps({"packages": {"openssl": {
                "name": "openssl", "current_version": version, "cves": [], "ignored_cves": [names[0]], "cpeid": None}}}))
            (self.folder / "case.assay").unlink(missing_ok=True)
            self.assess("--vex", "stats.json", "--feeds", "f.db")
            self.assertEqual([s[:3] for s in self.shown()], [(names[0], "affected", stated), (names[1], "affected", None)])

    def test_no_list(self):
        (self.folder / "x.json").write_text('{"issue": []}')
        p = self.assess("--vex", "x.json", "--without-feeds", code=(2,))
        self.assertIn("x.json", p.stderr)


unittest.main(argv=sys.argv)
