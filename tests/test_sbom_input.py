#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A bill of materials as the input: what it declares is matched as the same component of an image is, and nothing else follows of it.

    test_sbom_input.py ASSAY

Bills are written here by the specifications of CycloneDX, SPDX and package URLs; feeds are made up (vuln_documents.py).
"""
import base64
import gzip
import io
import json
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

import yaml

import vuln_documents as feed
from vuln_documents import alpine, before, debian, nvd, osv, record, version

ASSAY = os.path.abspath(sys.argv.pop(1))
DEB = "?arch=amd64&distro=debian-12"


def part(purl=None, cpe=None, name=None, v=None, **more):
    name = name or (purl.split("@")[0].split("?")[0].rsplit("/", 1)[1] if purl else "thing")
    return {"type": "library", "name": name, **({"version": v} if v else {}), **({"purl": purl} if purl else {}),
            **({"cpe": cpe} if cpe else {}), **more}


def cpe(vendor, product, v="*", update="*", kind="a"):
    return f"cpe:2.3:{kind}:{vendor}:{product}:{v}:{update}:*:*:*:*:*:*"


def of_all(vendor, product, end="2.0", kind="a"):
    return nvd(before(f"{kind}:{vendor}:{product}", end))


def ends(ecosystem, name, fixed="2.0.0", kind="ECOSYSTEM"):
    return osv(name, {"introduced": "0"}, {"fixed": fixed}, ecosystem=ecosystem, kind=kind)


def advisory(vendor, product, v):
    """CSAF: a product by its branches alone."""
    tree = {"category": "vendor", "name": vendor, "branches": [{"category": "product_name", "name": product, "branches": [
        {"category": "product_version", "name": v, "product": {"product_id": "p", "name": f"{product} {v}"}}]}]}
    return lambda cve: {"document": {"category": "csaf_security_advisory", "csaf_version": "2.0", "title": "x",
                                     "publisher": {"name": "x", "namespace": "https://x.example", "category": "vendor"},
                                     "tracking": {"id": "x-" + cve, "current_release_date": "2026-01-01T00:00:00Z"}},
                        "product_tree": {"branches": [tree]}, "vulnerabilities": [{"cve": cve, "product_status": {"known_affected": ["p"]}}]}


AFFECTED, DOUBTED = "affected likely", "affected possible"
# (what, component, records, state and confidence or "" for nothing, words of the reason)
CASES = [
    # by CPE
    ("CPE: before the end", part(cpe=cpe("x", "libabc", "1.0"), v="1.0"), [of_all("x", "libabc")], AFFECTED, "a bill of materials declares the component"),
    ("CPE: at the end", part(cpe=cpe("x", "libabc", "2.0"), v="2.0"), [of_all("x", "libabc")], "rejected range", ""),
    ("CPE: another vendor", part(cpe=cpe("y", "libabc", "1.0"), v="1.0"), [of_all("x", "libabc")], "", ""),
    ("CPE: another part", part(cpe=cpe("x", "libabc", "1.0", kind="h"), v="1.0"), [of_all("x", "libabc")], "", ""),
    ("CPE: an operating system", part(cpe=cpe("x", "libabc_firmware", "1.0", kind="o"), v="1.0", type="firmware"),
     [of_all("x", "libabc_firmware", kind="o")], AFFECTED, ""),
    ("CPE: the version stands in it alone", part(cpe=cpe("x", "libabc", "1.0")), [of_all("x", "libabc")], AFFECTED, ""),
    ("CPE: with an update", part(cpe=cpe("x", "libabc", "1.9", "p3")), [nvd(feed.match("a:x:libabc:1.9:p3"))], AFFECTED, ""),
    ("CPE: with another update", part(cpe=cpe("x", "libabc", "1.9", "p4")), [nvd(feed.match("a:x:libabc:1.9:p3"))], "rejected range", ""),
    ("CPE: of 2.2", part(cpe="cpe:/a:x:libabc:1.0"), [of_all("x", "libabc")], AFFECTED, ""),
    ("CPE: any vendor is nobody", part(cpe="cpe:2.3:a:*:libabc:1.0:*:*:*:*:*:*:*", v="1.0"), [of_all("x", "libabc")], "", ""),
    ("CPE: of any vendor, as Yocto writes it, where the table has the product", part(name="linux-yocto", cpe=cpe("*", "linux_kernel", "5.15.68", kind="*"),
                                                                                    v="5.15.68+gitAUTOINC+1128d7bcdc"),
     [of_all("linux", "linux_kernel", "5.16", kind="o")], DOUBTED, "a bill of materials declares the component"),
    ("CPE: not well-formed", part(cpe="cpe:2.3:a:x:libabc", v="1.0"), [of_all("x", "libabc")], "", ""),
    ("CPE: letters in any case", part(cpe="cpe:2.3:a:X:libabc:1.0:*:*:*:*:*:*:*"), [of_all("x", "libabc")], AFFECTED, ""),
    ("CPE: the version is any", part(cpe=cpe("x", "libabc")), [of_all("x", "libabc")], "rejected version unknown", ""),
    ("no version", part(cpe=cpe("x", "libabc"), v=None), [of_all("x", "libabc")], "rejected version unknown", ""),
    ("a word is no version", part(cpe=cpe("x", "libabc"), v="latest"), [of_all("x", "libabc")], "rejected version unknown", ""),
    ("a range is no version", part(cpe=cpe("x", "libabc"), v=">=1.0"), [of_all("x", "libabc")], "rejected version unknown", ""),
    ("NOASSERTION is no version", part(cpe=cpe("x", "libabc"), v="NOASSERTION"), [of_all("x", "libabc")], "rejected version unknown", ""),
    *((f"no one version: {v}", part("pkg:npm/libabc", v=v), [ends("npm", "libabc", "9.0.0")], "rejected version unknown", "")
      for v in ("1.0.0 - 2.9.9", "^1.2", "~1.2", "1.x", "1.0 || 2.0", "[1.0,2.0)", "(devel1)", "${v1}", "git+https://x.example/libabc#1", "UNKNOWN")),
    *((f"a commit is no version: {v}", part("pkg:github/openssl/openssl@" + v), [nvd(before("a:openssl:openssl", "3.0.2"))], "rejected version unknown", "")
      for v in ("1abc2f6", "2fd4e1c67a2d28fced849ee1bb76e7391b93eb12")),
    ("CPE: another version than that beside it", part(cpe=cpe("x", "libabc", "3.0"), v="1.0"), [of_all("x", "libabc")], DOUBTED, ""),
    ("CPE: the beginning of the version beside it", part(cpe=cpe("x", "libabc", "1.0"), v="1.0+b2"), [of_all("x", "libabc")], AFFECTED, ""),
    ("blanks around all", part(" pkg:npm/libabc@1.0.0 ", name=" libabc ", v=" 1.0.0 "), [ends("npm", "libabc")], AFFECTED, ""),
    ("blanks around a CPE name", part(cpe=" " + cpe("x", "libabc", "1.0") + " ", v="1.0 "), [of_all("x", "libabc")], AFFECTED, ""),
    ("a v before the version", part(cpe=cpe("x", "libabc"), v="v1.0"), [of_all("x", "libabc")], AFFECTED, ""),
    # the product's own order
    ("OpenSSL: letters", part(cpe=cpe("openssl", "openssl", "1.0.2a"), v="1.0.2a"), [nvd(before("a:openssl:openssl", "1.0.2zh"))], AFFECTED, ""),
    ("OpenSSL: later letters", part(cpe=cpe("openssl", "openssl", "1.0.2zi"), v="1.0.2zi"), [nvd(before("a:openssl:openssl", "1.0.2zh"))], "rejected range", ""),
    ("CPE: an advisory in words", part(cpe=cpe("acme", "libabc_firmware", "1.2", kind="o"), v="1.2", type="firmware"), [advisory("ACME", "libabc firmware", "1.2")],
     DOUBTED, "by vendor and product in words alone"),
    ("CPE: an advisory in words about another version", part(cpe=cpe("acme", "libabc_firmware", "1.3", kind="o"), v="1.3", type="firmware"),
     [advisory("ACME", "libabc firmware", "1.2")], "", ""),
    # by package URL of a project
    ("generic: the table's product", part("pkg:generic/dnsmasq@2.80"), [nvd(before("a:thekelleys:dnsmasq", "2.83"))], AFFECTED, ""),
    ("generic: another vendor's by CPE", part("pkg:generic/zlib@1.2.11", cpe("other", "zlib", "1.2.11")), [nvd(before("a:zlib:zlib", "1.2.12"))], "", ""),
    ("generic: the product itself, beside another vendor's", part("pkg:generic/zlib@1.2.11"), [nvd(before("a:zlib:zlib", "1.2.12"))], AFFECTED, ""),
    ("generic: a package of it", part("pkg:generic/dnsmasq-full@2.79"), [nvd(before("a:thekelleys:dnsmasq", "2.80"))], AFFECTED, ""),
    ("generic: of the feed", part("pkg:generic/libabc@1.0.0"), [ends("OSS-Fuzz", "libabc")], AFFECTED, ""),
    ("conan", part("pkg:conan/expat@2.4.0"), [nvd(before("a:libexpat_project:libexpat", "2.4.1"))], AFFECTED, ""),
    ("github: owner and project", part("pkg:github/openssl/openssl@3.0.1"), [nvd(before("a:openssl:openssl", "3.0.2"))], AFFECTED, ""),
    ("github: somebody's copy", part("pkg:github/who/openssl@3.0.1"), [nvd(before("a:openssl:openssl", "3.0.3"))], "", ""),
    ("two versions that differ", part("pkg:generic/libabc@1.0.0", v="1.5.0"), [ends("OSS-Fuzz", "libabc")], DOUBTED, ""),
    ("no package URL", part("pkg:generic", name="libabc", v="1.0.0"), [ends("OSS-Fuzz", "libabc")], "", ""),
    ("a version that is encoded badly", part("pkg:generic/libabc@%zz", name="libabc"), [ends("OSS-Fuzz", "libabc")], "", ""),
    # by name alone
    ("a name alone", part(name="dropbear", v="2019.77"), [nvd(before("a:dropbear_ssh_project:dropbear_ssh", "2019.78"))], DOUBTED, ""),
    ("a name alone: somebody's own", part(name="dropbear", group="com.x", v="2018.77"), [nvd(before("a:dropbear_ssh_project:dropbear_ssh", "2018.78"))], "", ""),
    ("a name alone: of a package only", part(name="dnsmasq-full", v="2.10"), [nvd(before("a:thekelleys:dnsmasq", "2.11"))], "", ""),
    ("the kernel by its usual name", part(name="Linux Kernel", v="5.10.1"), [nvd(before("o:linux:linux_kernel", "5.10.2"))], DOUBTED, ""),
    # registries
    ("npm", part("pkg:npm/libabc@1.0.0"), [ends("npm", "libabc")], AFFECTED, ""),
    ("npm: mended", part("pkg:npm/libabc@2.0.0"), [ends("npm", "libabc")], "rejected range", ""),
    ("npm: a scope", part("pkg:npm/%40s/libabc@1.0.0"), [ends("npm", "@s/libabc")], AFFECTED, ""),
    ("npm: without the scope", part("pkg:npm/libabc@1.0.0"), [ends("npm", "@s/libabc")], "", ""),
    ("npm's redis is not the server", part("pkg:npm/redis@2.6.0", cpe("redis", "redis", "2.6.0")), [nvd(before("a:redis:redis", "6.0"))], "", ""),
    ("nor that of a collection of servers", part("pkg:npm/redis@2.6.1"), [ends("Bitnami", "redis", "6.0.0", "SEMVER")], "", ""),
    ("a CPE name of a package", part("pkg:maven/org.x/libabc@1.0", cpe("x", "libabc", "1.0")), [of_all("x", "libabc")], DOUBTED, ""),
    ("npm: of another registry", part("pkg:npm/libabc@1.0.0?repository_url=https://npm.x.example"), [ends("npm", "libabc")], DOUBTED, ""),
    ("PyPI", part("pkg:pypi/LibABC@1.0rc1".lower(), v="1.0rc1"), [ends("PyPI", "libabc", "1.0")], AFFECTED, ""),
    ("Maven", part("pkg:maven/org.x/libabc@1.0-rc1"), [ends("Maven", "org.x:libabc", "1.0")], AFFECTED, ""),
    ("Go", part("pkg:golang/x.org/libabc@v1.0.0"), [ends("Go", "x.org/libabc", "2.0.0", "SEMVER")], AFFECTED, ""),
    ("Go: incompatible", part("pkg:golang/x.org/libabc@v1.0.0%2Bincompatible"), [ends("Go", "x.org/libabc", "2.0.0", "SEMVER")], AFFECTED, ""),
    ("Go: its own library", part("pkg:golang/stdlib@1.20.1", cpe("golang", "go", "1.20.1", "-"), v="go1.20.1"), [ends("Go", "stdlib", "1.20.2", "SEMVER")], AFFECTED, ""),
    ("Go: its own library, as NVD calls it", part("pkg:golang/stdlib@1.20.3", v="go1.20.3"), [nvd(before("a:golang:go", "1.20.4"))], AFFECTED, ""),
    ("cargo", part("pkg:cargo/libabc@1.0.0"), [ends("crates.io", "libabc")], AFFECTED, ""),
    ("gem", part("pkg:gem/libabc@1.0.0.a"), [ends("RubyGems", "libabc", "1.0.0")], AFFECTED, ""),
    ("composer", part("pkg:composer/x/libabc@1.0.0"), [ends("Packagist", "x/libabc")], AFFECTED, ""),
    ("nuget", part("pkg:nuget/libabc@1.0.0.1"), [ends("NuGet", "libabc", "1.0.0.2")], AFFECTED, ""),
    ("the same name in another registry", part("pkg:npm/libabc@1.0.0"), [ends("PyPI", "libabc")], "", ""),
    # distributions
    ("Debian: mended later", part("pkg:deb/debian/libabc@1.0-1" + DEB), [debian("libabc", "bookworm", "resolved", fixed_version="1.0-2")], AFFECTED, "1.0-2"),
    ("Debian: mended", part("pkg:deb/debian/libabc@1.0-2" + DEB), [debian("libabc", "bookworm", "resolved", fixed_version="1.0-2")], "fixed likely", ""),
    ("Debian: an epoch", part("pkg:deb/debian/libabc@1%3A1.0-1" + DEB), [debian("libabc", "bookworm", "resolved", fixed_version="2.0-2")], "fixed likely", ""),
    ("Debian: an epoch as a qualifier", part("pkg:deb/debian/libabc@1.0-1" + DEB + "&epoch=1"), [debian("libabc", "bookworm", "resolved", fixed_version="2.0-2")], "fixed likely", ""),
    ("Debian: an epoch in the version alone", part("pkg:deb/debian/libabc@1.0-1" + DEB, v="1:1.0-1"),
     [debian("libabc", "bookworm", "resolved", fixed_version="2.0-2")], "fixed likely", ""),
    ("Debian: of the source", part("pkg:deb/debian/liba1@1.0-1" + DEB + "&upstream=libabc"), [debian("libabc", "bookworm", "resolved", fixed_version="1.0-2")], AFFECTED, ""),
    ("Debian: of the source in its version", part("pkg:deb/debian/liba2@7.0-1" + DEB + "&upstream=libabc%401.0-1"),
     [debian("libabc", "bookworm", "resolved", fixed_version="1.0-2")], AFFECTED, ""),
    ("Debian: another release", part("pkg:deb/debian/libabc@1.0-1?distro=debian-11"), [debian("libabc", "bookworm", "resolved", fixed_version="1.0-2")], "", ""),
    ("Debian: a code name", part("pkg:deb/debian/libabc@1.0-1?distro=bookworm"), [debian("libabc", "bookworm", "resolved", fixed_version="1.0-2")], AFFECTED, ""),
    ("Debian: by upstream's range", part("pkg:deb/debian/expat@2.3.0-1" + DEB), [nvd(before("a:libexpat_project:libexpat", "2.3.1"))], DOUBTED, "whether debian 12 has mended"),
    ("Debian: another version beside the URL", part("pkg:deb/debian/libabc@1.0-1" + DEB, v="3.0-1"), [debian("libabc", "bookworm", "resolved", fixed_version="1.0-2")], DOUBTED, ""),
    ("Debian: the authors' version beside the URL", part("pkg:deb/debian/libabc@1%3A1.0-1" + DEB, v="1.0"), [debian("libabc", "bookworm", "resolved", fixed_version="1:1.0-2")], AFFECTED, ""),
    ("Debian: of Ubuntu", part("pkg:deb/ubuntu/libabc@1.0-1" + DEB), [debian("libabc", "bookworm", "resolved", fixed_version="1.0-2")], DOUBTED, ""),
    ("Ubuntu is not Debian", part("pkg:deb/ubuntu/libabc@1.0-1?distro=ubuntu-22.04"), [debian("libabc", "bookworm", "resolved", fixed_version="1.0-2")], "", ""),
    ("Alpine", part("pkg:apk/alpine/libabc@1.0-r1?distro=alpine-3.19.1"), [alpine("libabc", "1.0-r2")], AFFECTED, ""),
    ("Alpine: of the source", part("pkg:apk/alpine/libabc-libs@1.0-r1?distro=alpine-3.19.1&origin=libabc"), [alpine("libabc", "1.0-r2")], AFFECTED, ""),
    ("Alpine: mended", part("pkg:apk/alpine/libabc@1.0-r2?distro=alpine-3.19.1"), [alpine("libabc", "1.0-r2")], "fixed likely", ""),
    ("Alpine: another branch", part("pkg:apk/alpine/libabc@1.0-r1?distro=alpine-3.18.1"), [alpine("libabc", "1.0-r2")], "", ""),
    ("OpenWrt's apk: mended later, by apk's order", part("pkg:apk/openwrt/libabc@1.0_rc1-r3?distro=openwrt-25.12.0"), [ends("OpenWrt:25.12", "libabc", "1.0-r1")],
     AFFECTED, "1.0-r1"),
    ("OpenWrt's apk: mended", part("pkg:apk/openwrt/libabc@1.0-r10?distro=openwrt-25.12.0"), [ends("OpenWrt:25.12", "libabc", "1.0-r9")], "fixed likely", ""),
    ("OpenWrt's apk: of the source", part("pkg:apk/openwrt/libabc-tiny@1.0-r1?distro=openwrt-25.12.0&upstream=feeds/base/libabc"),
     [ends("OpenWrt:25.12", "libabc", "1.0-r2")], AFFECTED, ""),
    ("OpenWrt is not Alpine", part("pkg:apk/openwrt/libabc@1.0-r1?distro=openwrt-25.12.0"), [alpine("libabc", "1.0-r2"), ends("Alpine:v3.19", "libabc", "1.0-r2")], "", ""),
    ("Alpine is not OpenWrt", part("pkg:apk/alpine/libabc@1.0-r1?distro=alpine-3.19.1"), [ends("OpenWrt:25.12", "libabc", "1.0-r2")], "", ""),
    ("RPM", part("pkg:rpm/rocky/libabc@1.0-1.el9?distro=rocky-9.3"), [ends("Rocky Linux:9", "libabc", "0:1.0-2.el9")], AFFECTED, ""),
    ("RPM: an epoch", part("pkg:rpm/rocky/libabc@1.0-1.el9?distro=rocky-9.3&epoch=1"), [ends("Rocky Linux:9", "libabc", "0:2.0-2.el9")], "fixed likely", ""),
    ("RPM: of the source", part("pkg:rpm/rocky/libabc-libs@1.0-1.el9?distro=rocky-9.3&upstream=libabc-1.0-1.el9.src.rpm"), [ends("Rocky Linux:9", "libabc", "0:1.0-2.el9")], AFFECTED, ""),
    ("RPM: another version beside the URL", part("pkg:rpm/rocky/libabc@1.0-1.el9?distro=rocky-9.3", v="0:3.0-1.el9"), [ends("Rocky Linux:9", "libabc", "0:1.0-2.el9")], DOUBTED, ""),
    ("RPM: the epoch beside the URL", part("pkg:rpm/rocky/libabc@1.0-1.el9?distro=rocky-9.3", v="0:1.0-1.el9"), [ends("Rocky Linux:9", "libabc", "0:1.0-2.el9")], AFFECTED, ""),
    ("RPM: without a release", part("pkg:rpm/rocky/libabc@1.0?distro=rocky-9.3"), [ends("Rocky Linux:9", "libabc", "0:1.0-2.el9")], "", ""),
    ("the distribution itself is where things run", part(name="debian", v="12", cpe=cpe("debian", "debian_linux", "12", kind="o"), type="operating-system"),
     [nvd(feed.match("o:debian:debian_linux:12"))], "", ""),
    # what is no part of the product, or not a thing of that kind
    ("excluded", part("pkg:npm/libabc@1.0.0", scope="excluded"), [ends("npm", "libabc")], "", ""),
    ("a part of what is excluded", part("pkg:npm/tests@1.0.0", scope="excluded", components=[part("pkg:npm/libabc@1.0.0")]), [ends("npm", "libabc")], "", ""),
    ("a part of it that is required", part("pkg:npm/tests@1.0.1", scope="excluded", components=[part("pkg:npm/libabc@1.0.0", scope="required")]),
     [ends("npm", "libabc")], AFFECTED, ""),
    ("no name, but an address", {"type": "library", "purl": "pkg:npm/libabc@1.0.0"}, [ends("npm", "libabc")], AFFECTED, ""),
    ("no name, but a CPE name", {"type": "library", "cpe": cpe("x", "libabc", "1.0")}, [of_all("x", "libabc")], AFFECTED, ""),
    ("optional", part("pkg:npm/libabc@1.0.0", scope="optional"), [ends("npm", "libabc")], AFFECTED, ""),
    ("a file", part("pkg:npm/libabc@1.0.0", type="file"), [ends("npm", "libabc")], "", ""),
    ("hardware", part(name="board", cpe=cpe("x", "libabc", "1.0", kind="h"), v="1.0", type="device"), [of_all("x", "libabc", kind="h")], AFFECTED, ""),
    ("within another, in that", part("pkg:npm/outer@1.0.0", components=[part("pkg:npm/middle@1.0.0", components=[part("pkg:npm/libabc@1.0.0")])]),
     [ends("npm", "libabc")], AFFECTED, ""),
    ("an unsure bill", part("pkg:npm/libabc@1.0.0", evidence={"identity": [{"field": "purl", "confidence": 0.4}]}), [ends("npm", "libabc")], DOUBTED, ""),
    ("an unsure bill of 1.5", part("pkg:npm/libabc@1.0.0", evidence={"identity": {"field": "purl", "confidence": 0.4}}), [ends("npm", "libabc")], DOUBTED, ""),
    ("a sure bill is not proven either", part("pkg:npm/libabc@1.0.0", evidence={"identity": {"field": "purl", "confidence": 1}}), [ends("npm", "libabc")], AFFECTED, ""),
    ("an AND with Linux, which a distribution's package tells", part("pkg:deb/debian/libxml2@2.9.0-1" + DEB), [nvd(feed.node(before("a:xmlsoft:libxml2", "2.9.1")),
     feed.node(feed.match("o:linux:linux_kernel:-", vulnerable=False)), operator="AND")], DOUBTED, ""),
    ("an AND with what is not declared", part(cpe=cpe("x", "libabc", "1.0")), [nvd(feed.node(before("a:x:libabc", "2")),
     feed.node(feed.match("a:x:libabc-other:1.0", vulnerable=False)), operator="AND")], "rejected platform", ""),
]


def cyclonedx(components, **more):
    return json.dumps({"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1, "components": components, **more})


def flat(components):
    for c in components:
        yield {k: v for k, v in c.items() if k != "components"}
        yield from flat(c.get("components", []))


def spdx2(components):
    packages = [{"SPDXID": f"SPDXRef-{i}", "name": c.get("name", ""), "downloadLocation": "NOASSERTION", "primaryPackagePurpose": c["type"].upper(),
                 **({"versionInfo": c["version"]} if "version" in c else {}),
                 "checksums": [{"algorithm": "SHA256", "checksumValue": h["content"]} for h in c.get("hashes", [])],
                 "externalRefs": [{"referenceCategory": "SECURITY", "referenceType": "cpe23Type" if "2.3" in c.get("cpe", "") else "cpe22Type",
                                   "referenceLocator": c.get("cpe")}] * ("cpe" in c) +
                 [{"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": c.get("purl")}] * ("purl" in c)}
                for i, c in enumerate(flat(components))]
    return json.dumps({"spdxVersion": "SPDX-2.3", "SPDXID": "SPDXRef-DOCUMENT", "name": "x", "dataLicense": "CC0-1.0",
                       "documentNamespace": "https://x.example/1", "creationInfo": {"created": "2026-01-01T00:00:00Z", "creators": ["Tool: x"]},
                       "packages": packages})


def spdx_yaml(components):
    return yaml.safe_dump(json.loads(spdx2(components)))


def tags(components):
    lines = ["SPDXVersion: SPDX-2.3", "DataLicense: CC0-1.0", "SPDXID: SPDXRef-DOCUMENT", "DocumentName: x"]
    for i, c in enumerate(flat(components)):
        lines += ["", f"PackageName: {c.get('name', '')}", f"SPDXID: SPDXRef-{i}", f"PrimaryPackagePurpose: {c['type'].upper()}"]
        lines += [f"PackageChecksum: SHA256: {h['content']}" for h in c.get("hashes", [])]
        lines += [f"PackageVersion: {c.get('version')}"] * ("version" in c)
        lines += [f"ExternalRef: SECURITY {'cpe23Type' if '2.3' in c['cpe'] else 'cpe22Type'} {c['cpe']}"] if "cpe" in c else []
        lines += [f"ExternalRef: PACKAGE-MANAGER purl {c['purl']}"] if "purl" in c else []
    return "\n".join(lines) + "\n"


def spdx3(components):
    graph = [{"type": "software_Package", "spdxId": f"https://x.example/{i}", "name": c.get("name", ""), "software_primaryPurpose": c["type"],
              **({"software_packageVersion": c["version"]} if "version" in c else {}),
              **({"software_packageUrl": c["purl"]} if "purl" in c else {}),
              "verifiedUsing": [{"type": "Hash", "algorithm": "sha256", "hashValue": h["content"]} for h in c.get("hashes", [])],
              "externalIdentifier": [{"type": "ExternalIdentifier", "externalIdentifierType": "cpe23" if "2.3" in c["cpe"] else "cpe22",
                                      "identifier": c["cpe"]}] if "cpe" in c else []} for i, c in enumerate(flat(components))]
    return json.dumps({"@context": "https://spdx.org/rdf/3.0.1/spdx-context.jsonld", "@graph": graph})


def marked(component, i):
    """With a digest by which its row is found."""
    return dict(component, hashes=[{"alg": "SHA-256", "content": f"{i:064x}"}],
                **({"components": [marked(c, i) for c in component["components"]]} if "components" in component else {}))


FORMATS = {"cyclonedx": cyclonedx, "spdx2": spdx2, "yaml": spdx_yaml, "tags": tags, "spdx3": spdx3}
ONLY_CYCLONEDX = ("scope", "evidence", "group")


def newc(files):
    folders = sorted({"/".join(f.split("/")[:i]) for f in files for i in range(1, f.count("/") + 1)})
    entries = [(f, 0o40755, b"") for f in folders] + [(f, 0o100644, d) for f, d in files.items()] + [("TRAILER!!!", 0, b"")]
    out = bytearray()
    for inode, (name, mode, data) in enumerate(entries, 1):
        name = name.encode()
        out += b"070701" + b"".join(b"%08X" % v for v in (inode, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(name) + 1, 0))
        out += name + b"\0" + b"\0" * (-(110 + len(name) + 1) % 4) + data + b"\0" * (-len(data) % 4)
    return bytes(out + b"\0" * (-len(out) % 512))


DNSMASQ = part("pkg:generic/dnsmasq@2.80", v="2.80", **{"bom-ref": "d"})
OPENWRT = {"usr/lib/opkg/status": b"Package: dnsmasq\nVersion: 2.80-16\nStatus: install ok installed\nArchitecture: mips_24kc\n\n"
           b"Package: busybox\nVersion: 1.30.1-5\nStatus: install ok installed\nArchitecture: mips_24kc\n\n"}
SYSTEMS = {
    "openwrt": {**OPENWRT, "etc/os-release": b"ID=openwrt\nVERSION_ID=19.07.3\n"},
    "openwrt of apk": {"etc/os-release": b"ID=openwrt\nVERSION_ID=25.12.0\n", "lib/apk/db/installed":
                       b"P:busybox\nV:1.30.1-r1\nA:mips_24kc\no:feeds/base/busybox\n\nP:dnsmasq-full\nV:2.80_rc1-r3\nA:mips_24kc\no:feeds/base/dnsmasq\n\n"},
    "debian": {"etc/os-release": b"ID=debian\nVERSION_ID=12\n", "var/lib/dpkg/status":
               b"Package: libexpat1\nSource: expat\nStatus: install ok installed\nArchitecture: amd64\nVersion: 2.3.0-1\n\n"
               b"Package: libdevmapper1\nSource: lvm2 (2.0-2)\nStatus: install ok installed\nArchitecture: amd64\nVersion: 2:9.0-2\n\n"
               b"Package: dnsmasq\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1:2.80-1+b2\n\n"},
    "alpine": {"etc/os-release": b"ID=alpine\nVERSION_ID=3.19.2\n", "lib/apk/db/installed":
               b"P:busybox\nV:1.30.1-r1\nA:x86_64\no:busybox\n\nP:libexpat\nV:2.3.0-r2\nA:x86_64\no:expat\n\n"},
}
RECORDS = [nvd(before("a:thekelleys:dnsmasq", "2.81")), nvd(before("a:thekelleys:dnsmasq", "2.80")), nvd(before("a:busybox:busybox", "1.31")),
           nvd(before("a:libexpat_project:libexpat", "2.3.1")), debian("lvm2", "bookworm", "resolved", fixed_version="2.0-3"),
           debian("expat", "bookworm", "resolved", fixed_version="2.3.0-1"), alpine("busybox", "1.30.1-r2"), alpine("expat", "2.3.0-r2")]


class Input(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="assay-test-"))
        (self.folder / "docs").mkdir()
        self.env = dict(os.environ, HOME=str(self.folder), XDG_DATA_HOME=str(self.folder / "data"))

    def tearDown(self):
        shutil.rmtree(self.folder)

    def run_assay(self, *args):
        return subprocess.run([ASSAY, *map(str, args)], cwd=self.folder, capture_output=True, text=True, timeout=300, env=self.env)

    def good(self, *args):
        p = self.run_assay(*args)
        self.assertIn(p.returncode, (0, 1), p.stderr)
        return p.stdout

    def records(self, *makers, at=0):
        """One record each, from CVE-2099-10000 on; imported into f.db."""
        tracker = {}
        for i, makers_of in enumerate(makers, at):
            for k, make in enumerate(makers_of if isinstance(makers_of, list) else [makers_of]):
                document = json.loads(json.dumps(make(f"CVE-2099-{10000 + i}")).replace("libabc", f"libabc{i}"))
                if '"scope"' in json.dumps(document)[:200]:
                    for package, cves in document.items():
                        tracker.setdefault(package, {}).update(cves)
                    continue
                if "reponame" in document:
                    document["reponame"] += f"-{i}"
                (self.folder / "docs" / f"{i}-{k}.json").write_text(json.dumps(document))
        if tracker:
            (self.folder / "docs" / "tracker.json").write_text(json.dumps(tracker))
        self.good("feed", "import", "docs", "-q", "--feeds", "f.db")

    def assess(self, name, *args):
        (self.folder / (name + ".assay")).unlink(missing_ok=True)
        self.good(name, "-q", "--feeds", "f.db", *args)
        return sqlite3.connect(self.folder / (name + ".assay"))

    def write(self, name, content):
        (self.folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())

    FOUND = "SELECT v.name, s.name, v.state FROM vulnerability v JOIN software s ON s.id = v.software_id ORDER BY 1, 2, 3"

    def test_each_component_in_each_format(self):
        self.records(*(c[2] for c in CASES))
        parts = [marked(json.loads(json.dumps(c[1]).replace("libabc", f"libabc{i}")), i) for i, c in enumerate(CASES)]
        for kind, write in FORMATS.items():
            self.write(f"bill.{kind}", write(parts))
            db = self.assess(f"bill.{kind}")
            for i, (what, component, _, verdict, words) in enumerate(CASES):
                if kind != "cyclonedx" and any(k in component for k in ONLY_CYCLONEDX):
                    continue
                found = db.execute(
                    "WITH own(id) AS (SELECT x.software_id FROM software_declaration x JOIN declared_component d ON d.id = x.declared_id WHERE d.hash = ?2)"
                    " SELECT state || ' ' || confidence, reason FROM vulnerability WHERE name = ?1 AND software_id IN own UNION ALL"
                    " SELECT 'rejected ' || kind, reason FROM vulnerability_rejected WHERE name = ?1 AND software_id IN own",
                    (f"CVE-2099-{10000 + i}", f"{i:064x}")).fetchall() or [("", "")]
                with self.subTest(what, kind=kind):
                    self.assertEqual([f[0] for f in found], [verdict], found)
                    self.assertIn(words, found[0][1])
            self.assertEqual(db.execute("SELECT DISTINCT evidence_kind FROM software").fetchall(), [("declared",)])
            self.assertEqual(db.execute("SELECT count(*) FROM software WHERE confidence = 'proven'").fetchone(), (0,))
            self.assertEqual(db.execute("SELECT DISTINCT exposure FROM vulnerability").fetchall(), [("declared",)])
            self.assertEqual(db.execute("SELECT count(*) FROM component").fetchone(), (0,))
            self.assertEqual(db.execute("SELECT count(*) FROM sbom_difference").fetchone(), (0,))
            db.close()

    def test_there_and_back(self):
        """The bill that is written of an image has the vulnerabilities of the image."""
        self.records(*RECORDS)
        for system, files in SYSTEMS.items():
            self.write("image.bin", newc(files))
            image = self.assess("image.bin").execute(self.FOUND).fetchall()
            self.assertGreater(len(image), 1, system)
            self.good("sbom", "image.bin.assay", "--cyclonedx", "i.cdx.json", "--spdx", "i.spdx.json", "--spdx3", "i.spdx3.json")
            for name in ("i.cdx.json", "i.spdx.json", "i.spdx3.json"):
                with self.subTest(system, bill=name):
                    db = self.assess(name)
                    self.assertEqual(db.execute(self.FOUND).fetchall(), image)
                    columns = "SELECT name, version, package_version, cpe FROM software ORDER BY 1, 2, 3"
                    self.assertEqual(db.execute(columns).fetchall(),
                                     sqlite3.connect(self.folder / "image.bin.assay").execute(columns).fetchall())

    def test_openwrt_of_apk(self):
        """Packages of OpenWrt from 25.12 on lie in the database that Alpine's do; neither's records are about the other's, whatever os-release says."""
        installed = b"".join(b"P:%s\nV:%s\nA:mips_24kc\no:%s\n\n" % p for p in ((b"busybox", b"1.30.1-r1", b"feeds/base/busybox"),
                                                                               (b"dnsmasq-full", b"2.80_rc1-r3", b"feeds/base/dnsmasq")))
        self.records(alpine("busybox", "1.30.1-r2"), ends("Alpine:v3.19", "dnsmasq", "2.80-r4"), ends("OpenWrt:25.12", "dnsmasq", "2.80-r1"))
        for release, expected, distribution in ((b"ID=openwrt\nVERSION_ID=25.12.0\n", [("CVE-2099-10002", "dnsmasq", "affected")], "openwrt 25.12.0"),
                                                (b"", [], "openwrt"), (b"ID=vendor\nVERSION_ID=4.8\n", [], "vendor 4.8")):
            self.write("image.bin", newc({"lib/apk/db/installed": installed, **({"etc/os-release": release} if release else {})}))
            db = self.assess("image.bin")
            self.assertEqual(db.execute(self.FOUND).fetchall(), expected, release)
            self.assertEqual(db.execute("SELECT name, version, package_version, source_package, distribution, purl FROM software ORDER BY 1").fetchall(),
                             [("busybox", "1.30.1", "1.30.1-r1", "busybox", distribution, "pkg:apk/openwrt/busybox@1.30.1-r1"),
                              ("dnsmasq", "2.80_rc1", "2.80_rc1-r3", "dnsmasq", distribution, "pkg:apk/openwrt/dnsmasq-full@2.80_rc1-r3")])
        self.write("image.bin", newc({"lib/apk/db/installed": installed.replace(b"feeds/base/", b""), "etc/os-release": b"ID=alpine\nVERSION_ID=3.19.2\n"}))
        self.assertEqual(self.assess("image.bin").execute(self.FOUND).fetchall(),
                         [("CVE-2099-10000", "busybox", "affected"), ("CVE-2099-10001", "dnsmasq", "affected")])

    def test_openwrt_manifests(self):
        """apk is in its own list, and then versions go by its order, which the type of the address tells. A list is no text that speaks of programs."""
        self.records(nvd(before("a:busybox:busybox", "1.36.1")), alpine("dnsmasq", "2.90-r1"))
        kernel = "6.12.40~%s-r1" % ("ab" * 16)
        text = f"base-files - 1600~f505719623-r1\nbusybox - 1.36.0-r2\ndnsmasq - 2.80_rc1-r3\nkernel - {kernel}\n"
        for manager, address in (("apk-mbedtls - 3.0.0-r1\n", "pkg:apk/openwrt/dnsmasq@2.80_rc1-r3"), ("opkg - 2024.10.16~38eccbb1-r1\n", "pkg:generic/dnsmasq@2.80_rc1")):
            self.write("x.manifest", text + manager)
            db = self.assess("x.manifest")
            self.assertEqual(db.execute(self.FOUND).fetchall(), [("CVE-2099-10000", "busybox", "affected")], manager)
            self.assertEqual(db.execute("SELECT version, package_version, purl, evidence_kind, distribution FROM software WHERE name = 'dnsmasq'").fetchall(),
                             [("2.80_rc1", "2.80_rc1-r3", address, "declared", "openwrt")])
            self.assertEqual(db.execute("SELECT version, package_version FROM software WHERE name = 'linux'").fetchall(), [("6.12.40", kernel)])

    def test_there_and_back_of_a_sample(self):
        shared = pathlib.Path(__file__).resolve().parents[2] / "shared"
        sample = shared / "samples" / "router-mipsel.trx"
        if not sample.is_file():
            self.skipTest(f"{sample} is not there")
        self.good("feed", "import", shared / "feeds", "-q", "--keep-going", "--feeds", "f.db")
        shutil.copy(sample, self.folder / "image.bin")
        image = self.assess("image.bin").execute(self.FOUND).fetchall()
        self.assertGreater(len(image), 20)
        self.good("sbom", "image.bin.assay", "--cyclonedx", "i.cdx.json", "--spdx", "i.spdx.json", "--spdx3", "i.spdx3.json")
        self.assertEqual(self.assess("i.cdx.json").execute(self.FOUND).fetchall(), image)
        self.same_by_each_bill("i")

    def same_by_each_bill(self, name):
        """What CycloneDX tells, both SPDX tell: revisions, distributions, what is only possible."""
        found = "SELECT v.name, s.name, v.state, v.confidence FROM vulnerability v JOIN software s ON s.id = v.software_id ORDER BY 1, 2, 3"
        columns = "SELECT name, version, package_version, source_package, distribution, cpe, purl, confidence FROM software ORDER BY 1, 2, 3, 4, 7"
        by_cyclonedx = self.assess(f"{name}.cdx.json")
        rows = by_cyclonedx.execute(found).fetchall()
        for kind in ("spdx", "spdx3"):
            db = self.assess(f"{name}.{kind}.json")
            self.assertEqual(db.execute(columns).fetchall(), by_cyclonedx.execute(columns).fetchall(), kind)
            self.assertEqual(db.execute(found).fetchall(), rows, kind)
        return rows

    def test_there_and_back_what_is_only_possible(self):
        """A name alone is only possible, and stays so on the way; and so is what a revision of a distribution may have mended."""
        self.records(nvd(before("a:dropbear_ssh_project:dropbear_ssh", "2019.78")), nvd(before("a:gnu:glibc", "2.37")))
        self.write("first.json", cyclonedx([part(name="dropbear", v="2019.77"),
                                            part("pkg:generic/glibc@2.36", v="2.36", properties=[{"name": "assay:package-version", "value": "2.36-9+deb12u14"}])]))
        self.assess("first.json").close()
        self.good("sbom", "first.json.assay", "--cyclonedx", "i.cdx.json", "--spdx", "i.spdx.json", "--spdx3", "i.spdx3.json")
        self.assertEqual([r[1:] for r in self.same_by_each_bill("i")], [("dropbear", "affected", "possible"), ("glibc", "affected", "possible")])

    def test_what_other_tools_say_of_a_source(self):
        """Of lvm2 2.0-2 is libdevmapper1 2:9.0-2: properties of Trivy's CycloneDX, sourceInfo of its SPDX."""
        self.records(debian("lvm2", "bookworm", "resolved", fixed_version="2.0-3"), debian("lvm2", "bookworm", "resolved", fixed_version="2.0-2"))
        purl = "pkg:deb/debian/libdevmapper1@9.0-2?arch=amd64&distro=debian-12.5&epoch=2"
        properties = [{"name": "aquasecurity:trivy:Src" + k, "value": v} for k, v in (("Name", "lvm2"), ("Version", "2.0"), ("Release", "2"))]
        bill = json.loads(spdx2([part(purl, v="2:9.0-2")]))
        bill["packages"][0]["sourceInfo"] = "built package from: lvm2 2.0-2"
        line = "PackageSourceInfo: built package from: lvm2 2.0-2\n"
        for kind, text in (("cdx", cyclonedx([part(purl, v="2:9.0-2", properties=properties)])), ("spdx", json.dumps(bill)),
                           ("tag", tags([part(purl, v="2:9.0-2")]) + line)):
            self.write("bill." + kind, text)
            self.assertEqual([r[::2] for r in self.assess("bill." + kind).execute(self.FOUND)],
                             [("CVE-2099-10000", "affected"), ("CVE-2099-10001", "fixed")], kind)

    def test_what_is_in_utf_16_is_no_flash(self):
        self.records(nvd(before("a:thekelleys:dnsmasq", "2.81")))
        self.write("bill.json", cyclonedx([DNSMASQ]).encode("utf-16"))
        db = self.assess("bill.json")
        self.assertEqual(db.execute("SELECT name FROM software").fetchall(), [("dnsmasq",)])
        self.assertEqual(db.execute("SELECT count(*) FROM blob WHERE format = 'unknown'").fetchone()[0] > 0, True)
        self.assertNotIn("flash", db.execute("SELECT detail FROM probe_run WHERE probe = 'firmware.unpack'").fetchone()[0])

    def test_flash_behind_a_bill_in_utf_16_is_flash(self):
        self.records(nvd(before("a:thekelleys:dnsmasq", "2.81")))
        parts = [newc(OPENWRT), cyclonedx([DNSMASQ]).encode("utf-16") + bytes(i * i % 59 for i in range(100000))]
        table, body = bytearray(512), b""
        for i, p in enumerate(parts):
            p += bytes(-len(p) % 512)
            table[446 + 16 * i:462 + 16 * i] = struct.pack("<B3sB3sII", 0, b"", 0x83, b"", 8 + len(body) // 512, len(p) // 512)
            body += p
        table[510:] = b"\x55\xaa"
        self.write("image.bin", bytes(table) + bytes(7 * 512) + body)
        status, detail = self.assess("image.bin").execute("SELECT status, detail FROM probe_run WHERE probe = 'firmware.unpack'").fetchone()
        self.assertEqual(status, "partial")
        self.assertRegex(detail, "10[0-9]{4} bytes of flash are of unknown content")

    def test_archive_of_yocto(self):
        """create-spdx: a document for each recipe, which describes it by a CPE name of any vendor, one for each package, one for the image,
        and index.json. The recipes are what the image is built of; the image itself is none of its components."""
        self.records(of_all("busybox", "busybox", "1.36"), of_all("linux", "linux_kernel", "5.16", kind="o"),
                     of_all("dropbear_ssh_project", "dropbear_ssh", "2022.83"))

        def document(name, version, kind, names=()):
            return json.dumps({"spdxVersion": "SPDX-2.2", "SPDXID": "SPDXRef-DOCUMENT", "name": name, "dataLicense": "CC0-1.0",
                               "documentNamespace": "http://spdx.org/spdxdoc/" + name, "packages": [
                                   {"SPDXID": f"SPDXRef-{kind}-{name}", "name": name, "versionInfo": version, "downloadLocation": "NOASSERTION",
                                    "externalRefs": [{"referenceCategory": "SECURITY", "referenceType": "http://spdx.org/rdf/references/cpe23Type",
                                                      "referenceLocator": n} for n in names]}],
                               "relationships": [{"spdxElementId": "SPDXRef-DOCUMENT", "relationshipType": "DESCRIBES",
                                                  "relatedSpdxElement": f"SPDXRef-{kind}-{name}"}]})
        recipes = (("busybox", "1.35.0", cpe("*", "busybox", "1.35.0", kind="*")), ("dropbear", "2022.82", cpe("dropbear_ssh_project", "dropbear_ssh", "2022.82", kind="*")),
                   ("linux-yocto", "5.15.68+gitAUTOINC+1128d7bcdc_0e51e57170", cpe("*", "linux_kernel", "5.15.68", kind="*")),
                   ("packagegroup-core-boot", "1.0", cpe("*", "packagegroup-core-boot", "1.0", kind="*")))
        files = {f"recipe-{n}.spdx.json": document(n, v, "Recipe", [c]) for n, v, c in recipes}
        files.update({"busybox-udhcpc.spdx.json": document("busybox-udhcpc", "1.35.0", "Package"), "core-image-minimal.spdx.json": document("core-image-minimal", "1.0", "Image"),
                      "index.json": json.dumps({"documents": [{"filename": n, "documentNamespace": "x", "sha1": "0" * 40} for n in list(files)]})})
        self.archive("image.spdx.tgz", {n: text.encode() for n, text in files.items()})
        db = self.assess("image.spdx.tgz")
        self.assertEqual([r[:2] for r in db.execute(self.FOUND)],
                         [("CVE-2099-10000", "busybox"), ("CVE-2099-10001", "linux"), ("CVE-2099-10002", "dropbear")])
        db.close()
        files["tool.json"] = files.pop("index.json")  # of another name it is not known what it is
        self.archive("image.spdx.tgz", {n: text.encode() for n, text in files.items()})
        self.assertEqual(self.assess("image.spdx.tgz").execute(self.FOUND).fetchall(), [])

    def test_each_thing_once(self):
        self.records(nvd(before("a:thekelleys:dnsmasq", "2.81")), ends("npm", "libabc"))
        self.write("bill.json", cyclonedx([DNSMASQ, DNSMASQ, part("pkg:generic/dnsmasq@2.80?a=b", v="2.80"), part("pkg:generic/dnsmasq@2.81"),
                                           part("pkg:npm/libabc1@1.0.0"), part("pkg:npm/outer@1", components=[part("pkg:npm/libabc1@1.0.0")])]))
        db = self.assess("bill.json")
        self.assertEqual(db.execute("SELECT name, version, count FROM software ORDER BY name, version").fetchall(),
                         [("dnsmasq", "2.80", 3), ("dnsmasq", "2.81", 1), ("libabc1", "1.0.0", 2), ("outer", "1", 1)])
        self.assertEqual(db.execute("SELECT count(*) FROM software_declaration").fetchone(), (7,))
        self.assertEqual([r[0] for r in db.execute(self.FOUND)], ["CVE-2099-10000", "CVE-2099-10001"])

    def test_in_an_image_nothing_is_matched_that_is_not_there(self):
        """Nor is what a bill quotes of programs in it."""
        self.records(nvd(before("a:thekelleys:dnsmasq", "2.81")), nvd(before("a:busybox:busybox", "1.31")), ends("npm", "libabc"))
        quotes = {"description": "BusyBox v1.30.1 (2020-01-01) multi-call binary; GNU C Library (GNU libc) stable release version 2.31.\n"}
        for write, more in ((cyclonedx, {}), (spdx2, {}), (tags, {})):
            bill = write([dict(DNSMASQ, **quotes), part("pkg:npm/libabc2@1.0.0")])
            self.write("image.bin", newc({"usr/share/doc/sbom.json": bill.encode(), "usr/lib/opkg/status": OPENWRT["usr/lib/opkg/status"].split(b"\n\n")[1] + b"\n\n"}))
            db = self.assess("image.bin")
            self.assertEqual(db.execute(self.FOUND).fetchall(), [("CVE-2099-10001", "busybox", "affected")])
            self.assertEqual(db.execute("SELECT kind, name FROM sbom_difference ORDER BY 1, 2").fetchall(),
                             [("missing_in_sbom", "busybox"), ("not_in_image", "dnsmasq")])
            self.assertEqual(db.execute("SELECT count(*) FROM software WHERE evidence_kind = 'declared'").fetchone(), (0,))
            self.write("other.bin", newc({"etc/motd": b"hello\n"}))
            db = self.assess("other.bin", "--sbom", self.folder / "bill") if (self.folder / "bill").write_text(bill) else None
            self.assertEqual(db.execute("SELECT count(*) FROM software").fetchone(), (0,))
            self.assertEqual(db.execute(self.FOUND).fetchall(), [])

    def test_beside_an_image(self):
        self.records(nvd(before("a:thekelleys:dnsmasq", "2.81")), nvd(before("a:busybox:busybox", "1.31")))
        self.write("image.bin", newc(OPENWRT))
        self.write("bill.json", cyclonedx([DNSMASQ, part("pkg:generic/openvpn@2.4.0")]))
        db = self.assess("image.bin", "--sbom", "bill.json")
        self.assertEqual([r[:2] for r in db.execute(self.FOUND)], [("CVE-2099-10000", "dnsmasq"), ("CVE-2099-10001", "busybox")])
        self.assertEqual(db.execute("SELECT kind, name FROM sbom_difference ORDER BY 1, 2").fetchall(),
                         [("missing_in_sbom", "busybox"), ("not_in_image", "openvpn")])

    def test_packed_and_several(self):
        self.records(nvd(before("a:thekelleys:dnsmasq", "2.81")), nvd(before("a:busybox:busybox", "1.31")))
        one, two = cyclonedx([DNSMASQ]).encode(), spdx2([part("pkg:generic/busybox@1.30.1")]).encode()
        self.write("bill.json.gz", gzip.compress(one))
        self.assertEqual([r[1] for r in self.assess("bill.json.gz").execute(self.FOUND)], ["dnsmasq"])
        for extra, expected in (({}, ["dnsmasq", "busybox"]), ({"program": b"\x7fELF" + bytes(200)}, [])):
            out = io.BytesIO()
            with tarfile.open(fileobj=out, mode="w") as archive:
                for name, data in {"a.json": one, "b.json": two, **extra}.items():
                    info = tarfile.TarInfo(name)
                    info.size = len(data)
                    archive.addfile(info, io.BytesIO(data))
            self.write("bills.tar", out.getvalue())
            self.assertEqual([r[1] for r in self.assess("bills.tar").execute(self.FOUND)], expected)

    def archive(self, name, files):
        """A ZIP, a tar of files, or a folder, by the name's ending."""
        if name.endswith(".zip"):
            with zipfile.ZipFile(self.folder / name, "w") as z:
                for f, data in files.items():
                    z.writestr(f, data)
        elif name.endswith(".tgz"):
            with tarfile.open(self.folder / name, "w:gz") as t:
                for f, data in files.items():
                    info = tarfile.TarInfo(f)
                    info.size = len(data)
                    t.addfile(info, io.BytesIO(data))
        else:
            for f, data in files.items():
                (self.folder / name / f).parent.mkdir(parents=True, exist_ok=True)
                (self.folder / name / f).write_bytes(data)

    DOCUMENTS = {"README.txt": b"The bill of the product.\n", "LICENSE": b"Do as you like.\n", "bom.json.sha256": b"00" * 32 + b"  bom.json\n",
                 "bom.json.asc": b"-----BEGIN PGP SIGNATURE-----\n\niQEz\n-----END PGP SIGNATURE-----\n", "bom.json.sig": bytes(range(256)),
                 "bom.json.sigstore.json": b'{"messageSignature": {}}', "manual.pdf": b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n\0", "docs/NOTICE-en.md": b"# Notice\n",
                 "SHA256SUMS": b"00  x\n", "__MACOSX/._bom.json": b"\0\5\x16\7" + bytes(60), ".gitkeep": b""}

    def test_documents_beside_a_bill(self):
        self.records(nvd(before("a:thekelleys:dnsmasq", "2.81")))
        for name in ("bills.zip", "bills.tgz", "bills"):
            self.archive(name, {"bom.json": cyclonedx([DNSMASQ]).encode(), **self.DOCUMENTS})
            db = self.assess(name)
            self.assertEqual(db.execute(self.FOUND).fetchall(), [("CVE-2099-10000", "dnsmasq", "affected")], name)
            self.assertEqual(db.execute("SELECT DISTINCT evidence_kind FROM software").fetchall(), [("declared",)])
            self.assertEqual(db.execute("SELECT count(*) FROM probe_run WHERE probe LIKE 'firmware.%' AND status = 'complete'").fetchone(), (0,))
            self.assertEqual(db.execute("SELECT requirement FROM verdict WHERE verdict NOT IN ('INCONCLUSIVE', 'NOT_APPLICABLE')").fetchall(), [])

    def test_documents_speak_of_programs(self):
        """Names and versions in a README, a notice or a licence are no programs."""
        self.records(nvd(before("a:thekelleys:dnsmasq", "2.81")), nvd(before("a:busybox:busybox", "1.31")))
        words = b"It contains:\nBusyBox v1.30.1 (2020-01-01) multi-call binary.\nDropbear sshd v2019.78\ndnsmasq-2.79\n"
        for name in ("README.txt", "NOTICE", "LICENSE.busybox", "oss.html", "third-party.md"):
            self.archive("bill.zip", {"bom.json": cyclonedx([DNSMASQ]).encode(), name: words})
            db = self.assess("bill.zip")
            self.assertEqual(db.execute("SELECT name, version, evidence_kind FROM software").fetchall(), [("dnsmasq", "2.80", "declared")], name)
            self.assertEqual(db.execute("SELECT count(*) FROM component").fetchone(), (0,), name)

    def test_what_is_no_document_beside_a_bill(self):
        """Whatever it is called; and nothing is one in a file system."""
        bill, elf = cyclonedx([DNSMASQ]).encode(), b"\x7fELF" + bytes(200)
        self.records(nvd(before("a:thekelleys:dnsmasq", "2.81")))
        inner = io.BytesIO()
        with zipfile.ZipFile(inner, "w") as z:
            z.writestr("bin/x", elf)
        for i, more in enumerate(({"README.txt": elf}, {"README.txt": b"#!/bin/sh\nrm -rf /\n"}, {"install.sh": b"#!/bin/sh\ntrue\n"}, {"etc/motd": b"hello\n"},
                                  {"bom.json.sig": bytes(range(256)) * 300}, {"other.sig": bytes(range(256))}, {"firmware.bin": bytes(range(256))},
                                  {"README.txt": newc({"bin/x": elf})}, {"docs.zip": inner.getvalue()}, {"manual.docx": inner.getvalue()})):
            self.archive(f"{i}.zip", {"bom.json": bill, **more})
            db = self.assess(f"{i}.zip")
            self.assertEqual(db.execute("SELECT count(*) FROM software WHERE evidence_kind = 'declared'").fetchone(), (0,), more.keys())
            self.assertIn("declares 1 component. They are not matched", " ".join(self.good("report", f"{i}.zip.assay").split()), more.keys())
        self.write("image.bin", newc({"usr/share/bom.json": bill, "usr/share/README.txt": b"hello\n"}))
        self.assertEqual(self.assess("image.bin").execute("SELECT count(*) FROM software").fetchone(), (0,))

    def test_records_in_digits_are_no_document(self):
        """Bytes of a program as text, whether their sums are right or not, in a file that is called a document."""
        def ihex(wrong):
            records = [struct.pack(">BHB", 16, 16 * i, 0) + bytes(range(i, i + 16)) for i in range(20)] + [b"\0\0\0\1"]
            return "".join(":%s%02X\n" % (r.hex().upper(), (wrong - sum(r)) & 0xff) for r in records)

        def srec(wrong):
            records = [("1", struct.pack(">BH", 19, 16 * i) + bytes(range(i, i + 16))) for i in range(20)] + [("9", b"\3\0\0")]
            return "".join("S%s%s%02X\n" % (t, r.hex().upper(), (255 - sum(r) - wrong) & 0xff) for t, r in records)

        def tekhex(wrong):
            bodies = ["4%04X%s" % (16 * i, bytes(range(i, i + 16)).hex().upper()) for i in range(20)]
            value = {c: i for i, c in enumerate("0123456789ABCDEF")}
            lines = []
            for body in bodies:
                head = "%02X6" % (len(body) + 5)
                lines.append("%%%s%02X%s\n" % (head, (sum(value[c] for c in head + body) + wrong) & 0xff, body))
            return "".join(lines)
        self.records(nvd(before("a:thekelleys:dnsmasq", "2.81")))
        for kind, write in (("ihex", ihex), ("srec", srec), ("tekhex", tekhex)):
            for wrong in (0, 1):
                self.archive("bill.zip", {"bom.json": cyclonedx([DNSMASQ]).encode(), "README.txt": write(wrong).encode()})
                db = self.assess("bill.zip")
                self.assertEqual(db.execute("SELECT format FROM blob WHERE path LIKE '%README.txt' AND kind = 'file'").fetchall(), [(kind,)], wrong)
                self.assertEqual(db.execute("SELECT count(*) FROM software WHERE evidence_kind = 'declared'").fetchone(), (0,), kind)
                damage = db.execute("SELECT count(*) FROM damage WHERE what LIKE '%checksum%'").fetchone()[0]
                self.assertEqual(damage > 0, wrong == 1)
        text = "".join(":%02X no record but a line\n" % i for i in range(20)) + ":06 06 06\n" * 9 + "S1 is a name\n" * 9 + "%0%0%0\n" * 9
        self.archive("bill.zip", {"bom.json": cyclonedx([DNSMASQ]).encode(), "README.txt": text.encode()})
        self.assertEqual(self.assess("bill.zip").execute("SELECT count(*) FROM software WHERE evidence_kind = 'declared'").fetchone(), (1,))

    def test_what_was_lost_may_be_software(self):
        """An entry that is encrypted, packed in a way that is not read, or damaged; what lies behind the end; a program or an image that has a bill in it."""
        bill, elf, image = cyclonedx([DNSMASQ]).encode(), b"\x7fELF" + bytes(200), os.urandom(3000)
        self.records(nvd(before("a:thekelleys:dnsmasq", "2.81")))

        def packed(**files):
            out = io.BytesIO()
            with zipfile.ZipFile(out, "w") as z:
                for name, data in files.items():
                    z.writestr(name.replace("_", "."), data)
            return out.getvalue()

        def marked_entry(name, local, central, value):
            data = bytearray(packed(bom_json=bill, README_txt=b"hi\n", **{name: image}))
            for magic, name_at, at in ((b"PK\3\4", 30, local), (b"PK\1\2", 46, central)):
                start = data.rindex(name.replace("_", ".").encode(), 0, None if magic == b"PK\1\2" else data.index(b"PK\1\2")) - name_at
                self.assertEqual(data[start:start + 4], magic)
                data[start + at] = value
            return bytes(data)
        tar = io.BytesIO()
        with tarfile.open(fileobj=tar, mode="w") as t:
            info = tarfile.TarInfo("bom.json")
            info.size = len(bill)
            t.addfile(info, io.BytesIO(bill))
        cases = {"encrypted.zip": marked_entry("fw_bin", 6, 8, 1), "encrypted-readme.zip": marked_entry("README_md", 6, 8, 1),
                 "method.zip": marked_entry("fw_bin", 8, 10, 97), "cut.zip": packed(bom_json=bill, fw_bin=image)[:len(bill) + 60],
                 "cut.tar": tar.getvalue()[:1024], "image.zip": packed(fw_bin=image + packed(bom_json=bill), README=b"hi\n"),
                 "stream.zip": packed(fw_bin=image + gzip.compress(bill)), "program.zip": packed(setup_exe=b"MZ" + bytes(300) + packed(bom_json=bill)),
                 "dense.zip": packed(bom_json=bill, manual_pdf=os.urandom(300000)), "lua.zip": packed(bom_json=bill, license_lua=b"os.execute('x')\n"),
                 "php.zip": packed(bom_json=bill, news_php=b"<?php system($_GET['x']); ?>\n"), "py.zip": packed(bom_json=bill, readme_py=b"import os\n")}
        for name, data in cases.items():
            with self.subTest(name):
                self.write(name, data)
                db = self.assess(name)
                self.assertEqual(db.execute("SELECT count(*) FROM declared_component").fetchone(), (1,))
                self.assertEqual(db.execute("SELECT name FROM software").fetchall(), [])
                self.assertIn("They are not matched", " ".join(self.good("report", name + ".assay").split()))
        for encoding in ("utf-8", "utf-16", "utf-32-be"):  # an image that begins with a bill
            self.write("first.bin", bill.decode().encode(encoding) + b"\n" + os.urandom(200000))
            self.assertEqual(self.assess("first.bin").execute("SELECT name FROM software").fetchall(), [], encoding)
        self.write("few.zip", packed(bom_json=bill, fw_bin=elf))
        self.assertEqual(self.assess("few.zip", "--max-blobs", "2").execute("SELECT name FROM software").fetchall(), [])
        self.write("readme.zip", packed(bom_json=bill, README_de=b"Hallo\n", LICENSE_busybox=b"x\n"))
        self.assertEqual(self.assess("readme.zip").execute("SELECT name FROM software").fetchall(), [("dnsmasq",)])

    def test_beginnings_of_base64_are_no_matches(self):
        """Beginnings that count only where a blob begins do not use up the matches that are kept of it. (Those of packed files are looked
        for everywhere, by the format base64.)"""
        self.records(ends("npm", "libabc"))
        self.write("tokens.txt", "eyJ. ewog.\n" * 70000)
        self.assertEqual(self.assess("tokens.txt").execute("SELECT what FROM damage").fetchall(), [])

    def test_annotations_without_end(self):
        """As many annotations of one element as elements of one name: at the cost of their product it would meet its time limit."""
        graph = [{"type": "Annotation", "subject": "p", "statement": f"assay:confidence=0.{i}"} for i in range(60000)]
        graph += [{"type": "software_Package", "spdxId": "p", "name": f"n{i}"} for i in range(60000)]
        self.records(ends("npm", "libabc"))
        self.write("bill.json", json.dumps({"@context": "https://spdx.org/rdf/3.0.1/spdx-context.jsonld", "@graph": graph}))
        db = self.assess("bill.json")
        self.assertEqual(db.execute("SELECT count(*) FROM software").fetchone(), (60000,))
        self.assertEqual(db.execute("SELECT what FROM damage").fetchall(), [])

    def test_what_bills_are_shipped_in(self):
        """GitHub's export, attestations of in-toto, their envelopes and bundles, lines, UTF-16: as the bare bill, as the input and beside an image."""
        self.records(nvd(before("a:thekelleys:dnsmasq", "2.81")))
        cdx, spdx = cyclonedx([DNSMASQ]), spdx2([DNSMASQ])

        def statement(predicate, kind="https://cyclonedx.org/bom", v="v1"):
            return json.dumps({"_type": "https://in-toto.io/Statement/" + v, "subject": [{"name": "x", "digest": {"sha256": "0" * 64}}], "predicateType": kind,
                               "predicate": predicate})

        def envelope(text, encode=base64.b64encode):
            return json.dumps({"payloadType": "application/vnd.in-toto+json", "payload": encode(text.encode()).decode(), "signatures": [{"sig": "AA=="}]})
        attested = statement(json.loads(spdx), "https://spdx.dev/Document/v2.3")
        bundle = json.dumps({"mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json", "verificationMaterial": {}, "dsseEnvelope": json.loads(envelope(attested))})
        other = envelope(statement({"buildDefinition": {}}, "https://slsa.dev/provenance/v1"))
        forms = {"github": json.dumps({"sbom": json.loads(spdx)}), "statement": attested, "old": statement({"Data": json.loads(cdx)}, v="v0.1"),
                 "tags": statement({"Data": tags([DNSMASQ])}, "https://spdx.dev/Document"), "envelope": envelope(attested), "bundle": bundle,
                 "url": envelope(statement(json.loads(cdx)), base64.urlsafe_b64encode), "lines": other + "\n" + envelope(statement(json.loads(cdx))) + "\n",
                 "sequence": "\x1e" + cdx + "\n\x1e" + other + "\n", "pretty": json.dumps(json.loads(attested), indent=1) + "\n" + other,
                 "utf16": cdx.encode("utf-16"), "utf16-big": b"\xfe\xff" + spdx.encode("utf-16-be"), "bom": b"\xef\xbb\xbf" + cdx.encode(),
                 "utf16-tags": tags([DNSMASQ]).encode("utf-16")}
        self.write("image.bin", newc(OPENWRT))
        for kind, text in forms.items():
            with self.subTest(kind):
                self.write(kind + ".json", text)
                self.assertEqual(self.assess(kind + ".json").execute(self.FOUND).fetchall(), [("CVE-2099-10000", "dnsmasq", "affected")])
                self.assertEqual(self.assess("image.bin", "--sbom", kind + ".json").execute("SELECT kind, name FROM sbom_difference").fetchall(),
                                 [("missing_in_sbom", "busybox")])
        self.archive("attested.zip", {"bom.json": forms["envelope"].encode(), **self.DOCUMENTS})
        self.assertEqual([r[1] for r in self.assess("attested.zip").execute(self.FOUND)], ["dnsmasq"])

    def test_verdicts_do_not_take_a_bill_for_an_image(self):
        self.records(nvd(before("a:thekelleys:dnsmasq", "2.81")))
        self.write("kev.json", json.dumps({"title": "CISA Catalog of Known Exploited Vulnerabilities", "catalogVersion": "2026.01.01", "count": 1,
                                           "dateReleased": "2026-01-01T00:00:00.0Z", "vulnerabilities": [
                                               {"cveID": "CVE-2099-10000", "vendorProject": "x", "product": "x", "vulnerabilityName": "x",
                                                "dateAdded": "2026-01-01", "shortDescription": "x", "requiredAction": "x", "dueDate": "2026-01-01",
                                                "knownRansomwareCampaignUse": "Unknown", "notes": "", "cwes": []}]}))
        self.good("feed", "import", "kev.json", "-q", "--feeds", "f.db")
        linux = part(name="linux", v="5.10.1", cpe=cpe("linux", "linux_kernel", "5.10.1", kind="o"), type="operating-system")
        for bill in (cyclonedx([DNSMASQ, linux]), spdx2([DNSMASQ, linux]), cyclonedx([]), cyclonedx([part(name="unheard-of", v="1")])):
            self.write("bill.json", bill)
            for more in ([], ["--sbom", "bill.json"]) if json.loads(bill).get("components", 1) else ([],):
                db = self.assess("bill.json", *more)
                self.assertEqual(db.execute("SELECT verdict, requirement FROM verdict WHERE verdict NOT IN ('INCONCLUSIVE', 'NOT_APPLICABLE')").fetchall(), [])
        self.write("bill.json", cyclonedx([DNSMASQ, linux]))
        self.assertEqual(self.assess("bill.json").execute("SELECT name, value FROM measure WHERE value IS NOT NULL AND name NOT IN"
                                                          " ('inputs', 'parts-assessed')").fetchall(), [])  # 0 of what listens is a claim, too
        self.assertNotIn("in what boot starts", self.good("report", "bill.json.assay"))
        known = self.assess("bill.json").execute("SELECT missing FROM verdict WHERE requirement = 'mozilla.vulnerability.known-components'").fetchone()[0]
        self.assertIn("a bill of materials is no image", known)
        nothing = cyclonedx([part("pkg:npm/x@1", scope="excluded")], metadata={"component": {"type": "firmware", "name": "x", "version": "1"}})
        self.write("nothing.json", nothing)
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode="w") as archive:
            archive.add(self.folder / "nothing.json", "usr/share/bill.json")
        self.write("nothing.tar", out.getvalue())
        self.assertEqual(self.assess("nothing.tar").execute("SELECT count(*) FROM probe_run WHERE probe LIKE 'firmware.%' AND status = 'complete'").fetchone(), (0,))
        out = io.BytesIO()  # what is unpacked whole is no image either
        with tarfile.open(fileobj=out, mode="w") as archive:
            archive.add(self.folder / "bill.json", "usr/share/bill.json")
        self.write("bills.tar", out.getvalue())
        for args in (["bills.tar"], ["bills.tar", "--sbom", "bill.json"]):
            db = self.assess(*args)
            self.assertEqual(db.execute("SELECT count(*) FROM probe_run WHERE probe LIKE 'firmware.%' AND status = 'complete'").fetchone(), (0,))
            self.assertEqual(db.execute("SELECT requirement FROM verdict WHERE verdict NOT IN ('INCONCLUSIVE', 'NOT_APPLICABLE')").fetchall(), [])

    def test_one_product_by_two_bills(self):
        self.records(nvd(before("a:thekelleys:dnsmasq", "2.81")))
        self.write("bill.json", cyclonedx([part("pkg:generic/dnsmasq@2.80"), part("pkg:generic/openwrt/dnsmasq@2.80-16?distro=openwrt-19.07.3")]))
        self.assertEqual([r[1] for r in self.assess("bill.json").execute(self.FOUND)], ["dnsmasq"])
        self.write("bill.json", cyclonedx([part("pkg:generic/dnsmasq@2.80"), part("pkg:deb/debian/dnsmasq@2.80-1" + DEB), part("pkg:deb/debian/dnsmasq@2.80-2" + DEB)]))
        self.assertEqual([r[0] for r in self.assess("bill.json").execute("SELECT package_version FROM software ORDER BY 1")], [None, "2.80-1", "2.80-2"])

    def test_statements_of_the_bill(self):
        self.records(nvd(before("a:thekelleys:dnsmasq", "2.81")), nvd(before("a:thekelleys:dnsmasq", "2.82")))
        said = [{"id": "CVE-2099-10000", "analysis": {"state": "not_affected", "justification": "code_not_reachable", "detail": "no DNSSEC"},
                 "affects": [{"ref": "d"}]}]
        self.write("bill.json", cyclonedx([DNSMASQ], vulnerabilities=said, metadata={"supplier": {"name": "ACME"}}))
        db = self.assess("bill.json")
        self.assertEqual(db.execute("SELECT name, state, stated_state, stated_by FROM vulnerability_shown ORDER BY name").fetchall(),
                         [("CVE-2099-10000", "affected", "not_affected", "ACME"), ("CVE-2099-10001", "affected", None, None)])
        self.assertIn("stated not affected by ACME", " ".join(self.good("vulns", "bill.json.assay").split()))
        many = [{"type": "security", "id": f"CVE-2098-{i}"} for i in range(10000, 11000)]  # as a kernel has
        patches = [{"type": "backport", "resolves": many + [{"type": "security", "id": "CVE-2099-10001"}, {"type": "defect", "id": "CVE-2099-10000"}]}]
        self.write("patched.json", cyclonedx([dict(DNSMASQ, pedigree={"patches": patches, "ancestors": [part("pkg:generic/dnsmasq@2.79")]})]))
        self.assertEqual(self.assess("patched.json").execute("SELECT name, stated_state FROM vulnerability_shown ORDER BY name").fetchall(),
                         [("CVE-2099-10000", None), ("CVE-2099-10001", "fixed")])
        self.write("image.bin", newc({**OPENWRT, "usr/share/sbom.json": (self.folder / "bill.json").read_bytes()}))
        self.assertEqual(self.assess("image.bin").execute("SELECT count(*) FROM statement").fetchone(), (0,))  # what lies in an image, as ever

    def test_watch_and_diff_and_what_goes_out(self):
        self.records(nvd(before("a:thekelleys:dnsmasq", "2.81")))
        self.write("bill.json", cyclonedx([DNSMASQ, part("pkg:npm/libabc1@1.0.0"), part("pkg:npm/redis@2.6.0")]))
        db = self.assess("bill.json")
        db.close()
        self.records(ends("npm", "libabc"), nvd(before("a:redis:redis", "6.0")), ends("Bitnami", "redis", "6.0.0", "SEMVER"),
                     advisory("Thekelleys", "dnsmasq", "2.80"), at=1)
        told = json.loads(self.run_assay("watch", "bill.json.assay", "--feeds", "f.db", "--json").stdout)
        schema = json.loads((pathlib.Path(__file__).resolve().parent.parent / "docs/watch.schema.json").read_text())
        self.assertIn('"enum": ["listens", "kernel", "started", "present", "declared", "unused"]', json.dumps(schema))
        changes = [c for case in told["cases"] for c in case["changes"]]
        self.assertEqual([(c["vulnerability"], c["kind"], c["exposure"]) for c in changes], [("CVE-2099-10001", "new", "declared"), ("CVE-2099-10004", "new", "declared")],
                         told)
        self.run_assay("watch", "bill.json.assay", "--feeds", "f.db", "--update")
        shutil.copy(self.folder / "bill.json.assay", self.folder / "watched.assay")
        anew = "SELECT software_id, name, state, reason, confidence, exposure, priority FROM vulnerability ORDER BY 1, 2"
        watched = sqlite3.connect(self.folder / "watched.assay").execute(anew).fetchall()
        self.assertEqual(watched, self.assess("bill.json").execute(anew).fetchall())
        for options in (["sbom", "--cyclonedx", "-"], ["sbom", "--spdx", "-"], ["sbom", "--spdx3", "-"], ["vex", "--csaf", "-"], ["vex", "--openvex", "-"],
                        ["vex", "--cyclonedx", "-"]):
            out = json.loads(self.good(options[0], "bill.json.assay", *options[1:], *(["--supplier", "x"] if options[1] == "--csaf" else [])))
            self.assertIn("CVE-2099-10001" if options[0] == "vex" else "pkg:npm/libabc1@1.0.0", json.dumps(out))
        self.write("next.json", cyclonedx([part("pkg:generic/dnsmasq@2.81"), part("pkg:npm/libabc1@1.0.0")]))
        self.assess("next.json").close()
        out = self.run_assay("diff", "bill.json.assay", "next.json.assay").stdout
        self.assertIn("Dnsmasq", out)
        self.assertIn("CVE-2099-10000", out)

    def test_a_pipeline_of_bills(self):
        """The exit code follows what the bills declare; not where one was not read whole, or is that of an image."""
        self.records(nvd(before("a:thekelleys:dnsmasq", "2.81")), ends("npm", "libabc"))
        mended = part("pkg:generic/dnsmasq@2.90", v="2.90")
        bills = {"bad": cyclonedx([DNSMASQ]), "good": cyclonedx([mended]), "other": cyclonedx([mended, part("pkg:npm/other@1.0.0")]),
                 "added": cyclonedx([mended, part("pkg:npm/libabc1@1.0.0")]), "cut": cyclonedx([DNSMASQ, part("pkg:npm/x@1")])[:-40],
                 "spdx": spdx2([DNSMASQ]), "between": cyclonedx([mended]) + "\nx\n" + cyclonedx([DNSMASQ]),
                 "cut-line": cyclonedx([DNSMASQ]) + '\n{"predicateType": "x", "predicate": {"bomFormat": "CycloneDX", "components": ['}
        for name, text in bills.items():
            self.write(name, text)
            self.assess(name).close()
        self.write("image", newc(OPENWRT))
        self.assess("image").close()
        schema = json.loads((pathlib.Path(__file__).resolve().parent.parent / "docs/diff.schema.json").read_text())
        self.assertIn("bills", schema["required"])
        for old, new, worse, words in (("good", "bad", 1, "1 change for the worse"), ("bad", "good", 0, "Nothing got worse"), ("good", "other", 0, "Nothing got worse"),
                                       ("good", "added", 1, "CVE-2099-10001"), ("bad", "spdx", 0, "Both are bills"), ("good", "spdx", 1, "CVE-2099-10000"),
                                       ("good", "cut", 0, "not looked at whole"), ("good", "cut-line", 0, "not looked at whole"),
                                       ("between", "bad", 0, "not looked at whole"), ("good", "image", 0, "not looked at whole"), ("image", "bad", 0, "")):
            with self.subTest(old=old, new=new):
                p = self.run_assay("diff", old + ".assay", new + ".assay")
                self.assertEqual((p.returncode, p.stderr), (worse, ""))
                self.assertIn(words, p.stdout)
                self.assertEqual(self.run_assay("diff", old + ".assay", new + ".assay", "-q", "--topic", "vulnerabilities").returncode, worse)
                told = json.loads(self.run_assay("diff", old + ".assay", new + ".assay", "--json", "-").stdout)
                self.assertEqual((told["worse"], told["bills"]), (worse, not {"image", "cut", "cut-line", "between"} & {old, new}))
                rows = [r for t in told["topics"] if t["topic"] in ("components", "vulnerabilities") for r in t["rows"]]
                self.assertEqual({r["uncertain"] for r in rows} <= {not told["bills"]}, True)
        self.run_assay("diff", "good.assay", "bad.assay", "--html", "d.html")
        self.assertNotIn("firmware.accounts", (self.folder / "d.html").read_text().split("<noscript>")[1].split("</main>")[0])

    def test_what_goes_out_of_a_bill_says_no_more(self):
        """A name gets no address on the way, by which it would be a product; and no image is spoken of."""
        self.records(nvd(before("a:thekelleys:dnsmasq", "2.81")), of_all("x", "libabc"))
        self.write("bill.json", cyclonedx([part(name="dnsmasq-full", v="2.80"), DNSMASQ, part(name="zlib", cpe=cpe("x", "libabc1", "1.0"), v="1.0")]))
        before_ = self.assess("bill.json").execute(self.FOUND).fetchall()
        self.assertEqual(len(before_), 2)
        self.good("sbom", "bill.json.assay", "--cyclonedx", "c.json", "--spdx", "s.json", "--spdx3", "s3.json")
        for name in ("c.json", "s.json", "s3.json"):
            self.assertNotIn("pkg:generic/dnsmasq-full", (self.folder / name).read_text())
            self.assertEqual(self.assess(name).execute(self.FOUND).fetchall(), before_, name)
        self.assertNotIn("post-build", (self.folder / "c.json").read_text())
        csaf = self.good("vex", "bill.json.assay", "--csaf", "-", "--supplier", "x")
        self.assertIn("a bill of materials declares", csaf)
        self.assertNotIn("recognised in the image", csaf)

    def test_things_of_one_name(self):
        """Two vendors' things of one name and version are two."""
        self.records(of_all("x", "libabc"), of_all("y", "libabc"))
        self.write("bill.json", cyclonedx([part(cpe=cpe("x", "libabc0", "1.0"), v="1.0", name="core"), part(cpe=cpe("y", "libabc1", "1.0"), v="1.0", name="core")]))
        db = self.assess("bill.json")
        self.assertEqual(db.execute("SELECT name, cpe FROM software ORDER BY cpe").fetchall(), [("core", "x:libabc0"), ("core", "y:libabc1")])
        self.assertEqual(len(db.execute(self.FOUND).fetchall()), 2)

    def test_what_a_statement_is_about(self):
        serial = "3e671687-395b-41f5-a30f-a58921a69b79"
        self.records(nvd(before("a:thekelleys:dnsmasq", "2.81")))
        product = {"component": dict(DNSMASQ, type="application", **{"bom-ref": "p"})}
        unknown = {"versions": [{"version": "2.80", "status": "unknown"}]}
        for affects, more, expected in (({"ref": "d"}, {}, "not_affected"), ({"ref": f"urn:cdx:{serial}/1#d"}, {}, "not_affected"),
                                        ({"ref": f"urn:cdx:{serial.upper()}/2#d"}, {}, "not_affected"),
                                        ({"ref": "urn:cdx:00000000-395b-41f5-a30f-a58921a69b79/1#d"}, {}, None), ({"ref": f"urn:cdx:{serial}0/1#d"}, {}, None),
                                        ({"ref": "d", **unknown}, {}, None), ({"ref": "p"}, {"metadata": product, "components": []}, "not_affected")):
            said = [{"id": "CVE-2099-10000", "analysis": {"state": "not_affected", "justification": "code_not_reachable"}, "affects": [affects]}]
            self.write("bill.json", cyclonedx(**{"components": [DNSMASQ], "serialNumber": "urn:uuid:" + serial, "vulnerabilities": said, **more}))
            with self.subTest(affects):
                self.assertEqual(self.assess("bill.json").execute("SELECT name, stated_state FROM vulnerability_shown").fetchall(), [("CVE-2099-10000", expected)])

    def test_a_statement_is_not_about_what_has_the_same_name(self):
        self.records([ends("Maven", "com.x:libabc"), lambda cve: dict(ends("Maven", "com.y:libabc")(cve), id="OTHER-" + cve)])
        said = [{"id": "CVE-2099-10000", "analysis": {"state": "not_affected", "justification": "code_not_reachable"}, "affects": [{"ref": "x"}]}]
        self.write("bill.json", cyclonedx([part("pkg:maven/com.x/libabc0@1.0.0", **{"bom-ref": "x"}), part("pkg:maven/com.y/libabc0@1.0.0")], vulnerabilities=said))
        self.assertEqual(self.assess("bill.json").execute("SELECT s.purl, v.stated_state FROM vulnerability_shown v JOIN software s ON s.id = v.software_id"
                                                          " ORDER BY 1").fetchall(),
                         [("pkg:maven/com.x/libabc0@1.0.0", "not_affected"), ("pkg:maven/com.y/libabc0@1.0.0", None)])

    def test_what_a_package_url_of_a_statement_means(self):
        """The version of a distribution's package is the whole one, with its revision (purl-spec: deb, rpm, apk); a qualifier that a statement has
        must be ours, one that it leaves out may be any (OpenVEX 0.2.0)."""
        self.records(debian("libabc", "bookworm", "open"))
        self.write("bill.json", cyclonedx([part("pkg:deb/debian/libabc0@1%3A2.0-1?arch=amd64&distro=debian-12.5")]))
        self.assess("bill.json").close()
        for purl, meant in (("pkg:deb/debian/libabc0", True), ("pkg:deb/debian/libabc0@1:2.0-1", True), ("pkg:deb/debian/libabc0@2.0-1?epoch=1", True),
                            ("pkg:deb/debian/libabc0@2.0", False), ("pkg:deb/debian/libabc0@1:2.0", False), ("pkg:deb/debian/libabc0@1:2.0-2", False),
                            ("pkg:deb/debian/libabc0@2:2.0-1", False), ("pkg:deb/debian/libabc0@2.0-1?epoch=2", False), ("pkg:deb/debian/libabc0@2.0-1", True),
                            ("pkg:deb/ubuntu/libabc0@1:2.0-1", False), ("pkg:deb/debian/libabc0?arch=amd64", True), ("pkg:deb/debian/libabc0?arch=x86_64", True),
                            ("pkg:deb/debian/libabc0?arch=source", True), ("pkg:deb/debian/libabc0?arch=arm64", False), ("pkg:deb/debian/libabc0?distro=debian-12", True),
                            ("pkg:deb/debian/libabc0?distro=bookworm", True), ("pkg:deb/debian/libabc0?distro=debian-11", False),
                            ("pkg:deb/debian/libabc0?checksum=sha256:00", False), ("pkg:deb/debian/libabc0?checksum", False), ("pkg:deb/debian/libabc0?type=jar", False), ("pkg:deb/debian/libabc0#usr/lib", False), ("pkg:deb/debian/libabc0?upstream=x", True),
                            ("pkg:deb/debian/libabc0?distro=bullseye", False), ("pkg:deb/debian/libabc0?distro=debian-1", False)):
            self.write("v.json", json.dumps({"@context": "https://openvex.dev/ns/v0.2.0", "@id": "urn:x", "author": "ACME", "timestamp": "2026-01-01T00:00:00Z",
                                             "version": 1, "statements": [{"vulnerability": {"name": "CVE-2099-10000"}, "products": [{"@id": purl}],
                                                                           "status": "not_affected", "justification": "vulnerable_code_not_present"}]}))
            shutil.copy(self.folder / "bill.json.assay", self.folder / "c.assay")
            self.good("vex", "c.assay", "--vex", "v.json", "--openvex", "o.json")
            with self.subTest(purl):
                self.assertEqual(sqlite3.connect(self.folder / "c.assay").execute("SELECT stated_state FROM vulnerability_shown").fetchall(),
                                 [("not_affected" if meant else None,)])

    def test_ranges_of_statements(self):
        """CSAF's product_version_range: VERS of the package's order, and of the authors'."""
        self.records(debian("libabc", "bookworm", "open"))
        self.write("bill.json", cyclonedx([part("pkg:deb/debian/libabc0@2.0-3?distro=debian-12")]))
        self.assess("bill.json").close()
        for name, meant in (("vers:deb/<2.0-4", True), ("vers:deb/<2.0-3", False), ("vers:generic/>=1.0|<=2.0", True), (">=1.0 <2.1", True), (">=1.0 <2.0", False),
                            ("2.0 and earlier", True), ("prior to 2.0", False), ("*", True), ("vers:none/*", False)):
            document = advisory("Debian", "libabc0", name)("CVE-2099-10000")
            document["vulnerabilities"] = [{"cve": "CVE-2099-10000", "product_status": {"known_not_affected": ["p"]},
                                            "flags": [{"label": "vulnerable_code_not_present", "product_ids": ["p"]}]}]
            self.write("v.json", json.dumps(document).replace('"product_version"', '"product_version_range"'))
            shutil.copy(self.folder / "bill.json.assay", self.folder / "c.assay")
            self.good("vex", "c.assay", "--vex", "v.json", "--openvex", "o.json")
            with self.subTest(name):
                self.assertEqual(sqlite3.connect(self.folder / "c.assay").execute("SELECT stated_state FROM vulnerability_shown").fetchall(),
                                 [("not_affected" if meant else None,)])

    def test_ranges_of_packages(self):
        """A range that stands beside the URL of a distribution's package is one of the package's versions, with or without a scheme."""
        self.records(debian("libabc", "bookworm", "open"))
        self.write("bill.json", cyclonedx([part("pkg:deb/debian/libabc0@2.0-3?distro=debian-12")]))
        self.assess("bill.json").close()
        for name, meant in (("<2.0-3", False), ("<2.0-4", True), (">=2.0-3", True), ("vers:generic/<=2.0", False), (" vers:deb/<2.0-3", False),
                            ("prior to 2.0-3", False), ("vers:generic/<2.0-3", False), ("vers:deb/<unfixed", False), ("*", True)):
            document = advisory("Debian", "libabc0", name)("CVE-2099-10000")
            product = document["product_tree"]["branches"][0]["branches"][0]["branches"][0]["product"]
            product["product_identification_helper"] = {"purl": "pkg:deb/debian/libabc0?distro=debian-12"}
            document["vulnerabilities"] = [{"cve": "CVE-2099-10000", "product_status": {"known_not_affected": ["p"]}}]
            self.write("v.json", json.dumps(document).replace('"product_version"', '"product_version_range"'))
            shutil.copy(self.folder / "bill.json.assay", self.folder / "c.assay")
            self.good("vex", "c.assay", "--vex", "v.json", "--openvex", "o.json")
            with self.subTest(name):
                self.assertEqual(sqlite3.connect(self.folder / "c.assay").execute("SELECT stated_state FROM vulnerability_shown").fetchall(),
                                 [("not_affected" if meant else None,)])

    def test_names_of_releases_of_another_distribution(self):
        """Debian's bookworm is 12: no release of Ubuntu, which had a 12.04."""
        self.records(nvd(before("a:x:libabc", "3.0")))
        self.write("bill.json", cyclonedx([part("pkg:deb/ubuntu/libabc0@2.0-3?distro=ubuntu-12.04", cpe=cpe("x", "libabc0", "2.0"))]))
        self.assess("bill.json").close()
        for distro, meant in (("bookworm", False), ("ubuntu-bookworm", False), ("precise", True), ("ubuntu-12.04", True)):
            self.write("v.json", json.dumps({"@context": "https://openvex.dev/ns/v0.2.0", "@id": "urn:x", "author": "ACME", "timestamp": "2026-01-01T00:00:00Z",
                                             "version": 1, "statements": [{"vulnerability": {"name": "CVE-2099-10000"}, "status": "not_affected",
                                                                           "products": [{"@id": "pkg:deb/ubuntu/libabc0?distro=" + distro}],
                                                                           "justification": "vulnerable_code_not_present"}]}))
            shutil.copy(self.folder / "bill.json.assay", self.folder / "c.assay")
            self.good("vex", "c.assay", "--vex", "v.json", "--openvex", "o.json")
            with self.subTest(distro):
                self.assertEqual(sqlite3.connect(self.folder / "c.assay").execute("SELECT stated_state FROM vulnerability_shown").fetchall(),
                                 [("not_affected" if meant else None,)])

    def test_a_case_of_an_older_build(self):
        """It has no columns and tables that came later; documents beside it are taken all the same."""
        self.records(nvd(before("a:thekelleys:dnsmasq", "2.81")))
        self.write("image.bin", newc(OPENWRT))
        self.write("bill.json", cyclonedx([DNSMASQ], vulnerabilities=[{"id": "CVE-2099-10000", "analysis": {"state": "in_triage"}, "affects": [{"ref": "d"}]}]))
        db = self.assess("image.bin")
        for table in ("software_declaration", "document_element", "declared_statement", "declared_component"):
            db.execute(f"DROP TABLE {table}")
        db.execute("CREATE TABLE declared_component(id INTEGER PRIMARY KEY, blob_id INTEGER NOT NULL REFERENCES blob(id), line INTEGER, name TEXT,"
                   " version TEXT, purl TEXT, cpe TEXT, licence TEXT, supplier TEXT, hash TEXT, kind TEXT, format TEXT)")
        db.commit()
        db.close()
        for args in (["sbom", "--sbom", "bill.json", "--cyclonedx", "-"], ["vex", "--vex", "bill.json", "--openvex", "-"]):
            p = self.run_assay(args[0], "image.bin.assay", *args[1:])
            self.assertEqual(p.returncode, 0, p.stderr)
        db = sqlite3.connect(self.folder / "image.bin.assay")
        self.assertEqual(db.execute("SELECT kind, name FROM sbom_difference").fetchall(), [("missing_in_sbom", "busybox")])
        self.assertEqual(db.execute("SELECT name, stated_state FROM vulnerability_shown").fetchall(), [("CVE-2099-10000", "under_investigation")])

    def test_reports_say_what_they_are_about(self):
        self.records(nvd(before("a:thekelleys:dnsmasq", "2.81")))
        self.write("bill.json", cyclonedx([DNSMASQ]))
        out = " ".join(self.good("bill.json", "--feeds", "f.db", "--json", "r.json", "--html", "r.html").split())
        self.assertIn("It is what a bill of materials declares: no image shows", out)
        report = json.loads((self.folder / "r.json").read_text())
        self.assertEqual([s["evidence_kind"] for s in report["software"]], ["declared"])
        self.assertEqual(report["vulnerabilities"][0]["exposure"], "declared")
        self.assertIn("CVE-2099-10000", (self.folder / "r.html").read_text())
        why = " ".join(self.good("vulns", "bill.json.assay", "--why", "CVE-2099-10000").split())
        self.assertIn("declares the component, no image shows it", why)
        self.assertIn("bill.json, line 1", why)
        self.write("empty.json", cyclonedx([part(name="unheard-of", v="1"), part(name="other")]))
        out = " ".join(self.good("empty.json", "--feeds", "f.db").split())
        self.assertIn("2 components", out)
        self.assertIn("2 of them have neither a package URL nor a CPE name", out)

    def test_hundred_thousand(self):
        self.records(ends("npm", "libabc"))
        parts = [part(f"pkg:npm/libabc{i}@1.0.{i}", name=f"libabc{i}") for i in range(99999)]
        self.write("bill.json", cyclonedx(parts))
        db = self.assess("bill.json")
        self.assertEqual(db.execute("SELECT count(*) FROM software").fetchone(), (99999,))
        self.assertEqual([r[:2] for r in db.execute(self.FOUND)], [("CVE-2099-10000", "libabc0")])
        self.write("bill.json", cyclonedx(parts + [part("pkg:npm/one@1"), part("pkg:npm/two@1")]))
        db = self.assess("bill.json")
        self.assertEqual(db.execute("SELECT count(*) FROM software").fetchone(), (100000,))
        self.assertIn("more declared components than are matched", db.execute("SELECT group_concat(what) FROM damage").fetchone()[0])

    def test_hostile_values(self):
        values = ["", "pkg:", "pkg:npm", "pkg:npm/@", "pkg:deb//x@", "pkg:npm/" + "a/" * 3000, "pkg:npm/x@" + "9" * 5000, "cpe:2.3:a:" + ":" * 40, "cpe:/a:",
                  "cpe:2.3:a:x:y:" + "9" * 2000 + ":*:*:*:*:*:*:*", "\u0000", "x\u0000y", "\ud800", "\u202e", "%", "pkg:npm/x@%00", "-", "@", ":", "?distro=-",
                  "pkg:deb/debian/x@1-1?distro=-&epoch=9999999999999999999999&upstream=@", "pkg:deb/debian/x@:-?distro=debian-", "pkg:rpm/x@1-1?epoch=x"]
        parts = [{"type": t, "name": n, "version": v, "purl": v, "cpe": v, "properties": [{"name": "aquasecurity:trivy:SrcName", "value": v},
                  {"name": "aquasecurity:trivy:SrcVersion", "value": v}], "evidence": {"identity": v}} for v in values for n in ("x", v) for t in ("library", v)]
        self.records(ends("npm", "libabc"))
        self.write("bill.json", cyclonedx(parts + [part("pkg:npm/libabc0@1.0.0")]))
        db = self.assess("bill.json")
        self.assertEqual([r[:2] for r in db.execute(self.FOUND)], [("CVE-2099-10000", "libabc0")])


if __name__ == "__main__":
    unittest.main(argv=sys.argv)
