#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""VEX statements about parts of products, of releases of distributions, of machines and of files, against a truth made by hand
from OpenVEX 0.2.0 ("products", "subcomponents"), CSAF 2.0 (3.2.2.4, relationships), CycloneDX 1.6 (`affects`, BOM-Link) and the
package-url specification (qualifiers).

    test_vuln_truth_vex.py ASSAY
"""
import hashlib
import json
import os
import sys
import unittest
import uuid

from vuln_documents import Verdicts, before, newc, nvd, osv, software

IMAGE = hashlib.sha256(newc()).hexdigest()
BILL = uuid.uuid5(uuid.NAMESPACE_URL, "sha256:" + IMAGE)
HIT = nvd(before("a:x:libabc", "9"))
DAY = "2026-0{}-01T00:00:00Z"
WHY = {"justification": "vulnerable_code_not_present"}


def deb(v="2.0-1", on="debian 12.5", source="libabc", name="libabc", **more):
    return dict(software(name, v.split("-")[0], "x:libabc", v, on, source, purl=f"pkg:deb/{on.split()[0]}/{name}@{v}"), **more)


def vex(*statements, day=1, number=0):
    """OpenVEX: statements of (status, product, its parts); a product is an id, or an object."""
    def component(c):
        return dict(c) if isinstance(c, dict) else {"@id": c}

    def product(p, parts):
        return {**component(p), **({"subcomponents": [component(c) for c in parts]} if parts else {})}
    return lambda cve: {"@context": "https://openvex.dev/ns/v0.2.0", "@id": f"urn:{number}:{cve}", "author": "x", "version": 1,
                        "timestamp": DAY.format(day), "statements": [
                            {"vulnerability": {"name": cve}, "status": s, "products": [product(p, parts)], **WHY} for s, p, parts in statements]}


def old(status, product, *parts):
    """OpenVEX 0.0: strings."""
    return lambda cve: {"@context": "https://openvex.dev/ns", "@id": "urn:" + cve, "author": "x", "version": "1", "timestamp": DAY.format(1),
                        "statements": [{"vulnerability": cve, "status": status, "products": [product], **({"subcomponents": list(parts)} if parts else {}), **WHY}]}


def cpe(name, **more):
    name = name.split(":")
    return {"@id": "x", "identifiers": {"cpe23": ":".join(["cpe:2.3"] + name + ["*"] * (11 - len(name)))}, **more}


def file(digest, algorithm="sha-256"):
    return {"@id": "urn:some:product", "hashes": {algorithm: digest}}


def csaf(status, part, whole, day=1):
    """A part of a product, both by what identifies them."""
    return lambda cve: {
        "document": {"category": "csaf_vex", "csaf_version": "2.0", "title": "x",
                     "publisher": {"name": "x", "namespace": "https://x.example", "category": "vendor"},
                     "tracking": {"id": "x-" + cve, "current_release_date": DAY.format(day)}},
        "product_tree": {"full_product_names": [{"product_id": "part", "name": "part", "product_identification_helper": part},
                                                {"product_id": "whole", "name": "whole", "product_identification_helper": whole}],
                         "relationships": [{"category": "default_component_of", "product_reference": "part", "relates_to_product_reference": "whole",
                                            "full_product_name": {"product_id": "both", "name": "both"}}]},
        "vulnerabilities": [{"cve": cve, "product_status": {status: ["both"]}}]}


def groups(*of):
    """CSAF: product_status of the vulnerabilities of one document, the last of which is the CVE."""
    products = [("a", {"purl": PART}), ("b", {"purl": "pkg:deb/debian/other"}), ("v", {"purl": PART + "@2.0-1"}), ("c", {"purls": [PART, PART + "@2.0-1"]}),
                ("image", {"hashes": [{"filename": "image.bin", "file_hashes": [{"algorithm": "sha256", "value": IMAGE}]}]})]
    within = [("ba", "image", "bai"), ("ab", "image", "abi"), ("b", "a", "ba"), ("a", "b", "ab"), ("a", "image", "ai"), ("a", "bi", "a_bi"), ("v", "bi", "v_bi"), ("b", "image", "bi")]  # in any order

    def document(cve):
        d = csaf("fixed", {}, {})(cve)
        d["product_tree"] = {
            "full_product_names": [{"product_id": i, "name": i, "product_identification_helper": helper} for i, helper in products],
            "relationships": [{"category": "default_component_of", "product_reference": part, "relates_to_product_reference": whole,
                               "full_product_name": {"product_id": i, "name": i}} for part, whole, i in within]}
        d["vulnerabilities"] = [{"cve": cve if i == len(of) else f"CVE-2098-{cve[9:]}{i}", "product_status": status} for i, status in enumerate(of, 1)]
        return d
    return document


def tracked(status, make):
    def document(cve):
        d = make(cve)
        d["document"]["tracking"]["status"] = status
        return d
    return document


def bom(state, ref, product=None, components=()):
    def document(cve):
        d = {"bomFormat": "CycloneDX", "specVersion": "1.6", "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, cve)}", "version": 1,
             "metadata": {"timestamp": DAY.format(1)}, "components": list(components),
             "vulnerabilities": [{"id": cve, "analysis": {"state": state, "justification": "code_not_present"}, "affects": [{"ref": ref}]}]}
        if product:
            d["metadata"]["component"] = product
        return d
    return document


PART = "pkg:deb/debian/libabc"
PARTS = [{"type": "library", "name": "libabc", "version": "2.0-1", "bom-ref": "part", "purl": PART + "@2.0-1"}]

CASES = [
    # parts of a distribution
    ("a part of this release, by its CPE name", deb(), [HIT, vex(("not_affected", cpe("o:debian:debian_linux:12"), [PART]))], "not_affected", "not_present"),
    ("a part of another release", deb(), [HIT, vex(("not_affected", cpe("o:debian:debian_linux:11"), [PART]))], "affected", ""),
    ("a part of every release: which is meant?", deb(), [HIT, vex(("not_affected", cpe("o:debian:debian_linux"), [PART]))], "affected", ""),
    ("a part of another distribution", deb(), [HIT, vex(("not_affected", cpe("o:canonical:ubuntu_linux:22.04"), [PART]))], "affected", ""),
    ("a part of this release in this version", deb(), [HIT, vex(("fixed", cpe("o:debian:debian_linux:12"), [PART + "@2.0-1"]))], "fixed", ""),
    ("a part of this release in another version", deb(), [HIT, vex(("fixed", cpe("o:debian:debian_linux:12"), [PART + "@2.0-2"]))], "affected", ""),
    ("another part of this release", deb(), [HIT, vex(("not_affected", cpe("o:debian:debian_linux:12"), ["pkg:deb/debian/other"]))], "affected", ""),
    ("a release by purl", deb(), [HIT, vex(("not_affected", "pkg:generic/debian@12", [PART]))], "not_affected", ""),
    ("a release by name", deb(), [HIT, bom("not_affected", "part", {"type": "operating-system", "name": "debian", "version": "12", "bom-ref": "os"}, PARTS)],
     "not_affected", ""),
    ("of a release of RHEL, in an edition of it", software("openssl", "3.0.7", "x:libabc", "1:3.0.7-16.el9", "rhel 9.2", purl="pkg:rpm/redhat/libabc@3.0.7-16.el9?epoch=1"),
     [HIT, csaf("fixed", {"purl": "pkg:rpm/redhat/libabc@3.0.7-16.el9?arch=x86_64&epoch=1"}, {"cpe": "cpe:/o:redhat:enterprise_linux:9::baseos"})], "affected", ""),
    ("the same, for this machine", dict(software("openssl", "3.0.7", "x:libabc", "1:3.0.7-16.el9", "rhel 9.2", purl="pkg:rpm/redhat/libabc@3.0.7-16.el9?epoch=1"),
                                         architecture="x86_64"),
     [HIT, csaf("fixed", {"purl": "pkg:rpm/redhat/libabc@3.0.7-16.el9?arch=x86_64&epoch=1"}, {"cpe": "cpe:/o:redhat:enterprise_linux:9::baseos"})], "fixed", ""),
    ("the same without the epoch", dict(software("openssl", "3.0.7", "x:libabc", "1:3.0.7-16.el9", "rhel 9.2", purl="pkg:rpm/redhat/libabc@3.0.7-16.el9?epoch=1"),
                                         architecture="x86_64"),
     [HIT, csaf("fixed", {"purl": "pkg:rpm/redhat/libabc@3.0.7-16.el9?arch=x86_64"}, {"cpe": "cpe:/o:redhat:enterprise_linux:9::baseos"})], "affected", ""),
    ("a part of another vendor's product", deb(), [HIT, csaf("known_not_affected", {"purl": PART}, {"cpe": "cpe:2.3:a:acme:box:1.0:*:*:*:*:*:*:*"})], "affected", ""),
    ("a program beside the packages of this release", software("libabc", "2.0", "x:libabc"), [HIT, vex(
        ("not_affected", cpe("o:debian:debian_linux:12"), [cpe("a:x:libabc")]))], "affected", ""),
    # parts of an image, and the image itself
    ("a part of this image, by its digest", deb(), [HIT, vex(("not_affected", file(IMAGE), [PART]))], "not_affected", ""),
    ("a part of this image, in capitals", deb(), [HIT, vex(("not_affected", file(IMAGE.upper()), [PART]))], "not_affected", ""),
    ("a part of another image", deb(), [HIT, vex(("not_affected", file("0" * 64), [PART]))], "affected", ""),
    ("a part of a file, by a digest that is not kept", deb(), [HIT, vex(("not_affected", file(IMAGE[:40], "sha1"), [PART]))], "affected", ""),
    ("another part of this image", deb(), [HIT, vex(("not_affected", file(IMAGE), ["pkg:deb/debian/other"]))], "affected", ""),
    ("this image as a whole", deb(), [HIT, vex(("not_affected", file(IMAGE), []))], "not_affected", ""),
    ("another image as a whole", deb(), [HIT, vex(("not_affected", file("0" * 64), []))], "affected", ""),
    ("another image that is called as a part of this one", deb(), [HIT, vex(("not_affected", {**file("0" * 64), "@id": PART}, []))], "affected", ""),
    ("a part of this image, CSAF", deb(), [HIT, csaf("known_not_affected", {"purl": PART}, {"hashes": [
        {"filename": "image.bin", "file_hashes": [{"algorithm": "sha256", "value": IMAGE}]}]})], "not_affected", ""),
    ("a part of an image of two files, CSAF", deb(), [HIT, csaf("known_not_affected", {"purl": PART}, {"hashes": [
        {"filename": n, "file_hashes": [{"algorithm": "sha256", "value": IMAGE}]} for n in ("a", "b")]})], "affected", ""),
    ("a part of this image, CycloneDX", deb(), [HIT, bom("not_affected", "part", {"type": "firmware", "name": "box", "version": "1", "bom-ref": "box",
                                                                                 "hashes": [{"alg": "SHA-256", "content": IMAGE}]}, PARTS)], "not_affected", ""),
    ("a part of somebody's product, CycloneDX", deb(), [HIT, bom("not_affected", "part", {"type": "firmware", "name": "box", "version": "1", "bom-ref": "box"}, PARTS)],
     "affected", ""),
    ("the same, of a product without a reference", deb(), [HIT, bom("not_affected", "part", {"type": "firmware", "name": "box"}, PARTS)], "affected", ""),
    ("a component as such, CycloneDX", deb(), [HIT, bom("not_affected", "part", None, PARTS)], "not_affected", ""),
    ("the product itself, CycloneDX", deb(), [HIT, bom("not_affected", "part", PARTS[0])], "not_affected", ""),
    ("a part of our own bill of it", deb(), [HIT, bom("not_affected", f"urn:cdx:{BILL}/1#{PART}@2.0-1")], "not_affected", ""),
    ("a part of somebody's bill", deb(), [HIT, bom("not_affected", f"urn:cdx:{uuid.uuid4()}/1#{PART}@2.0-1")], "affected", ""),
    # what is said to be affected, and no other record tells
    ("affected, by a package URL with this version", deb(), [vex(("affected", PART + "@2.0-1", []))], "affected", "openvex: a statement says that purl:deb/debian/libabc"),
    ("affected, by this version of the package: nothing is left to doubt", deb("2.0-1+deb12u3"), [vex(("affected", PART + "@2.0-1%2Bdeb12u3", []))], "affected",
     "the version is one that the record names openvex"),
    ("affected, by upstream's version: the package may be mended", deb("2.0-1+deb12u3"), [vex(("affected", cpe("a:x:libabc:2.0"), []))], "affected", "mended its package"),
    ("affected, by a package's version without a revision", deb("2.0-1+deb12u3"), [vex(("affected", PART + "@2.0", []))], "", ""),
    ("affected, and the distribution says that it is mended", deb("2.0-1"), [vex(("affected", PART + "@2.0-1", [])), osv(
        "libabc", {"introduced": "0"}, {"fixed": "2.0-1"}, ecosystem="Debian:12")], "fixed", ""),
    ("affected, for this release and machine", deb(architecture="arm64"), [vex(("affected", PART + "@2.0-1?arch=arm64&distro=debian-12", []))], "affected", "a statement says"),
    ("affected, for another release", deb(architecture="arm64"), [vex(("affected", PART + "@2.0-1?arch=arm64&distro=debian-11", []))], "", ""),
    ("affected, for another machine", deb(architecture="arm64"), [vex(("affected", PART + "@2.0-1?arch=amd64&distro=debian-12", []))], "", ""),
    ("affected, another revision", deb("2.0-2"), [vex(("affected", PART + "@2.0-1", []))], "", ""),
    ("affected, without a version", deb(), [vex(("affected", PART, []))], "affected", "names no version"),
    ("affected, by a CPE name with an update", software("libabc", "4.2.8p18", "x:libabc"), [vex(("affected", cpe("a:x:libabc:4.2.8:p18"), []))], "affected", ""),
    ("affected, the release without the update", software("libabc", "4.2.8", "x:libabc"), [vex(("affected", cpe("a:x:libabc:4.2.8:p18"), []))], "", ""),
    ("affected, for another system", software("libabc", "1.0", "x:libabc"), [vex(("affected", cpe("a:x:libabc:1.0:*:*:*:*:windows"), []))], "", ""),
    ("affected, a part of somebody's product", deb(), [csaf("known_affected", {"purl": PART}, {"cpe": "cpe:2.3:a:acme:box:1.0:*:*:*:*:*:*:*"})], "", ""),
    ("affected, a package that is called as the source", deb(name="libabc-bin", source="libabc"), [vex(("affected", PART + "@2.0-1", []))], "", ""),
    ("affected, and fixed later", deb(), [vex(("affected", PART + "@2.0-1", []), day=1), vex(("fixed", PART + "@2.0-1", []), day=2, number=1)], "fixed", ""),
    ("fixed, and affected later", deb(), [vex(("fixed", PART + "@2.0-1", []), day=1), vex(("affected", PART + "@2.0-1", []), day=2, number=1)], "affected", ""),
    ("affected, and the NVD says no", software("libabc", "2.0", "x:libabc"), [vex(("affected", cpe("a:x:libabc:2.0"), [])), nvd(before("a:x:libabc", "1.5"))], "rejected other source", ""),
    ("another version is affected, and the NVD says this", software("libabc", "2.0", "x:libabc"), [vex(("affected", cpe("a:x:libabc:2.1"), [])), HIT], "affected", "libabc"),
    ("affected in a version, of which ours has none", software("libabc", None, "x:libabc"), [vex(("affected", cpe("a:x:libabc:2.0"), []))], "rejected version unknown", "version unknown"),
    ("exploitable, CycloneDX", deb(), [bom("exploitable", "part", None, PARTS)], "affected", ""),
    ("fixed, and nobody says that it was affected", deb(), [vex(("fixed", PART + "@2.0-1", []))], "", ""),
    # qualifiers
    ("of this distribution's release", deb(), [HIT, vex(("not_affected", PART + "?distro=debian-12", []))], "not_affected", ""),
    ("of another release", deb(), [HIT, vex(("not_affected", PART + "?distro=debian-11", []))], "affected", ""),
    ("of another release, with this version", deb(), [HIT, vex(("not_affected", PART + "@2.0-1?distro=debian-11", []))], "affected", ""),
    ("by the codename", deb(), [HIT, vex(("not_affected", PART + "?distro=bookworm", []))], "not_affected", ""),
    ("by another codename", deb(), [HIT, vex(("not_affected", PART + "?distro=bullseye", []))], "affected", ""),
    ("Ubuntu, by the codename, the source", deb("2.0-0ubuntu1.10", "ubuntu 22.04"), [HIT, vex((
        "not_affected", "pkg:deb/ubuntu/libabc@2.0-0ubuntu1.10?arch=source&distro=jammy", []))], "not_affected", ""),
    ("Ubuntu, another, the same version", deb("2.0-0ubuntu1.10", "ubuntu 22.04"), [HIT, vex((
        "not_affected", "pkg:deb/ubuntu/libabc@2.0-0ubuntu1.10?arch=source&distro=noble", []))], "affected", ""),
    ("the source of a package", deb(name="libabc-bin", source="libabc"), [HIT, vex(("not_affected", PART + "@2.0-1?arch=source", []))], "not_affected", ""),
    ("a package that is called as its source: not this one", deb(name="libabc-bin", source="libabc"), [HIT, vex(("not_affected", PART + "@2.0-1", []))], "affected", ""),
    ("for this machine", deb(architecture="arm64"), [HIT, vex(("not_affected", PART + "?arch=arm64", []))], "not_affected", ""),
    ("for this machine, by another name", deb(architecture="aarch64"), [HIT, vex(("not_affected", PART + "?arch=arm64", []))], "not_affected", ""),
    ("for another machine", deb(architecture="arm64"), [HIT, vex(("not_affected", PART + "?arch=amd64", []))], "affected", ""),
    ("for a machine, and ours is unknown", deb(), [HIT, vex(("not_affected", PART + "?arch=amd64", []))], "affected", ""),
    *((f"of one artifact or part, {ours or 'ours has none'}: {theirs}", software("libabc", "1.0", "x:libabc", purl="pkg:generic/libabc@1.0" + ours),
       [HIT, vex(("not_affected", "pkg:generic/libabc@1.0" + theirs, []))], state, "")
      for ours, theirs, state in (
          ("", "?checksum=sha256:00", "affected"), ("?checksum=sha256:00", "?checksum=sha256:00", "not_affected"), ("?checksum=sha256:01", "?checksum=sha256:00", "affected"),
          ("?checksum=sha256:00", "", "not_affected"), ("?arch=arm64&checksum=sha256:00", "?checksum=sha256%3A00", "not_affected"), ("", "#sub/dir", "affected"),
          ("#sub/dir", "#sub/dir", "not_affected"), ("#sub", "#sub/dir", "affected"), ("", "?repository_url=https://else.example", "affected"),
          ("?checksum=sha256:00", "?checksum=sha256:00&repository_url=x", "affected"),
          ("?download_url=https://x/%3Fa%26b=1%25", "?download_url=https://x/%3Fa%26b=1%25", "not_affected"), ("?download_url=https://x/%3Fa", "?download_url=https://x/%3Fa%26b=1", "affected"),
          ("?a=1&b=2", "?a=1%26b=2", "affected"), ("", "?a", "affected"), ("", "?a=%zz", "affected"), ("", "?" + "&".join(f"k{i}=1" for i in range(20)), "affected"), ("", "?upstream=libabc", "not_affected"))),
    *((f"what a type takes for granted: {theirs}", software("libabc", "1.0", "x:libabc", purl=f"pkg:{kind}@1.0{ours}"), [HIT, vex(("not_affected", f"pkg:{kind}@1.0{theirs}", []))], state, "")
      for kind, ours, theirs, state in (("maven/x/libabc", "", "?type=jar", "not_affected"), ("maven/x/libabc", "?type=jar", "", "not_affected"), ("maven/x/libabc", "", "?type=war", "affected"),
                                        ("golang/x.y/libabc", "", "?type=module", "not_affected"), ("npm/libabc", "", "?type=jar", "affected"))),
    ("one artifact is affected", software("libabc", "1.0", "x:libabc", purl="pkg:generic/libabc@1.0?checksum=sha256:00"),
     [vex(("affected", "pkg:generic/libabc@1.0?checksum=sha256:00", []))], "affected", ""),
    ("another artifact is affected", software("libabc", "1.0", "x:libabc", purl="pkg:generic/libabc@1.0?checksum=sha256:01"),
     [vex(("affected", "pkg:generic/libabc@1.0?checksum=sha256:00", []))], "", ""),
    ("for all machines", deb(), [HIT, vex(("not_affected", PART + "?arch=all", []))], "not_affected", ""),
    # the first version of the format
    ("strings", deb(), [HIT, old("not_affected", PART + "@2.0-1")], "not_affected", ""),
    ("strings, a part", deb(), [HIT, old("not_affected", "pkg:oci/box", PART)], "affected", ""),
    # groups of CSAF
    ("in two groups that contradict each other: affected", deb(), [HIT, groups({"known_not_affected": ["a"], "known_affected": ["a"]})], "affected", ""),
    ("mended and affected", deb(), [HIT, groups({"fixed": ["a"], "last_affected": ["a"]})], "affected", ""),
    ("another product is affected", deb(), [HIT, groups({"known_not_affected": ["a"], "known_affected": ["b"]})], "not_affected", ""),
    ("a draft says nothing yet", deb(), [HIT, tracked("draft", groups({"known_not_affected": ["a"]}))], "affected", ""),
    ("a draft that is affected", deb(), [tracked("draft", groups({"known_affected": ["a"]}))], "affected", ""),
    ("what is still looked at", deb(), [HIT, tracked("interim", groups({"known_not_affected": ["a"]}))], "not_affected", ""),
    ("affected by another vulnerability of the document", deb(), [HIT, groups({"known_affected": ["a"]}, {"known_not_affected": ["a"]})], "not_affected", ""),
    ("addresses in a list (CSAF 2.1)", deb(), [HIT, groups({"known_not_affected": ["c"]})], "not_affected", ""),
    ("a CPE name that is also called something else", software("libabc", "1.0", "x:libabc"), [HIT, vex(("not_affected", cpe("a:x:libabc:1.0:*:*:*:*:*:*:foo"), []))], "affected", ""),
    ("a part of this image", deb(), [HIT, groups({"known_not_affected": ["ai"]})], "not_affected", ""),
    ("a part of a part of this image is not that part", deb(), [HIT, groups({"known_not_affected": ["bai"]})], "affected", ""),
    ("nor is it this part wherever it is", deb(), [HIT, groups({"known_not_affected": ["abi"]})], "affected", ""),
    ("nor is a part of a part, told the other way, the part elsewhere", deb(), [HIT, groups({"known_not_affected": ["a_bi"]})], "affected", ""),
    ("but for a distribution's package in that very version", deb(), [HIT, groups({"known_not_affected": ["v_bi"]})], "not_affected", ""),
    ("of two groups that contradict each other otherwise: still looked at", deb(), [HIT, groups({"under_investigation": ["a"], "known_not_affected": ["a"]})], "under_investigation", ""),
    # names of the vulnerability
    ("a CVE that is an alias", deb(), [HIT, lambda cve: json.loads(json.dumps(vex(("not_affected", PART, []))(cve)).replace(
        json.dumps({"name": cve}), json.dumps({"name": "GHSA-" + cve[4:], "aliases": ["x", cve, cve]})))], "not_affected", ""),
    *((f"the CVE as {a}{b}", deb(), [HIT, lambda cve, a=a, b=b: json.loads(json.dumps(make(cve)).replace(json.dumps(cve), json.dumps(a + cve[4:] + b)))], "not_affected", "")
      for a, b, make in (("cve-", "", vex(("not_affected", PART, []))), (" Cve-", " ", vex(("not_affected", PART, []))), ("cve-", "", bom("not_affected", "part", None, PARTS)))),
    # two that contradict
    ("the later of two counts, whatever names them", deb(), [HIT, vex(("not_affected", PART, []), day=1), vex(("affected", file(IMAGE), [PART]), day=2, number=1)], "affected", ""),
    ("the same the other way round", deb(), [HIT, vex(("affected", PART, []), day=1), vex(("not_affected", file(IMAGE), [PART]), day=2, number=1)], "not_affected", ""),
    ("two vendors on one day: one says affected", deb(), [HIT, csaf("known_affected", {"purl": PART}, {"cpe": "cpe:2.3:o:debian:debian_linux:12:*:*:*:*:*:*:*"}, day=1),
                                                           vex(("not_affected", PART, []), day=1)], "affected", ""),
    ("the same, in the other order", deb(), [HIT, vex(("not_affected", PART, []), day=1),
                                             csaf("known_affected", {"purl": PART}, {"cpe": "cpe:2.3:o:debian:debian_linux:12:*:*:*:*:*:*:*"}, day=1)], "affected", ""),
]


class Truth(Verdicts):
    assay, cases = os.path.abspath(sys.argv.pop(1)), CASES


del Verdicts  # it is no test by itself
unittest.main(argv=sys.argv)
