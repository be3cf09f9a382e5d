#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hard cases of matching, from a document of each format to the verdict: each is something that tools get wrong.

    test_vuln_hard.py ASSAY

A case of the table is a program, documents that speak of one vulnerability, and what is to come of it. All are imported and
matched in one go; no two share a product.
"""
import contextlib
import json
import os
import sqlite3
import sys
import unittest

from vuln_documents import (Verdicts, alpine, before, csaf, debian, match, node, nvd, nvd_1_1, openvex, osv, record, software, tree,
                            version, TIME)

LINUX = match("o:linux:linux_kernel:-", vulnerable=False)
NTP = [match(f"a:ntp:ntp:4.2.8:p{i}") for i in range(1, 18)]

# what, program, documents, verdict ("" : no word of it), words of the reason
CASES = [
    # a platform is no product
    ("Linux as what a program runs on", software("linux", "1.3.3", "o:linux:linux_kernel"),
     [nvd(node(before("a:acme:viewer", "9")), node(LINUX), operator="AND")], "rejected platform", "the platform only"),
    ("Linux called vulnerable beside a program", software("linux", "1.3.3", "o:linux:linux_kernel"),
     [nvd(node(before("a:acme:player", "9")), node(match("o:linux:linux_kernel")), operator="AND")], "rejected platform", ""),
    ("a kernel of any version as the platform", software("linux", "1.3.3", "o:linux:linux_kernel"),
     [nvd(node(before("a:acme:reader", "9")), node(match("o:linux:linux_kernel", vulnerable=False)), operator="AND")], "rejected platform", ""),
    ("a vendor's kernel against semantic versions", software("linux", "3.10.14-acme", "o:linux:linux_kernel"),
     [record("Linux", "Linux", version("3.10", lessThan="3.10.14", versionType="semver"))], "rejected range", ""),
    ("firmware that runs on the hardware that it is named after", software("box-fw", "1.0", "o:acme:box_firmware"),
     [nvd(node(before("o:acme:box_firmware", "2.0")), node(match("h:acme:box:-", vulnerable=False)), operator="AND")],
     "affected", "runs on cpe:2.3:h:acme:box:-, which it is named after"),
    ("all versions of firmware for its hardware", software("box-fw", "1.0", "o:acme:box_firmware"),
     [nvd(node(match("o:acme:box_firmware")), node(match("h:acme:box:-", vulnerable=False)), operator="AND")], "affected", "all are meant"),
    ("firmware of a later version", software("box-fw", "2.0", "o:acme:box_firmware"),
     [nvd(node(before("o:acme:box_firmware", "2.0")), node(match("h:acme:box:-", vulnerable=False)), operator="AND")], "rejected range", ""),
    ("firmware for a revision of the hardware that nobody can tell", software("box-fw", "1.0", "o:acme:box_firmware"),
     [nvd(node(before("o:acme:box_firmware", "2.0")), node(match("h:acme:box:b1", vulnerable=False)), operator="AND")],
     "rejected platform", "needs the hardware"),
    ("firmware for a revision that stands as an update", software("box-fw", "1.0", "o:acme:box_firmware"),
     [nvd(node(before("o:acme:box_firmware", "2.0")), node(match("h:acme:box:-:b1", vulnerable=False)), operator="AND")],
     "rejected platform", "needs the hardware"),
    # each node names the product and what is not there: all are asked for each, and the memory is bounded
    ("hundreds of nodes that have to hold at once", software("boa", "0.94.13", "boa:boa"), [nvd(*(node(match("a:boa:boa:0.94.13"), *(
        match(f"a:acme:absent{i}x{k}", vulnerable=False) for k in range(40))) for i in range(400)), node(match("a:acme:absent", vulnerable=False)), operator="AND")], "rejected platform", "absent"),
    ("firmware that runs on other hardware", software("box-fw", "1.0", "o:acme:box_firmware"),
     [nvd(node(before("o:acme:box_firmware", "2.0")), node(match("h:acme:crate:-", vulnerable=False)), operator="AND")],
     "rejected platform", "needs the hardware"),
    ("an application that is called as hardware", software("box", "1.0", "acme:box"),
     [nvd(node(before("a:acme:box", "2.0")), node(match("h:acme:box:-", vulnerable=False)), operator="AND")],
     "rejected platform", "needs the hardware"),
    # patches in the version
    ("ntp: a later patch than all that are listed", software("ntp", "4.2.8p18", "ntp:ntp"),
     [nvd(before("a:ntp:ntp", "4.2.8"), match("a:ntp:ntp:4.2.8:-"), *NTP)], "rejected range", ""),
    ("ntp: a patch that is listed", software("ntp", "4.2.8p15", "ntp:ntp"),
     [nvd(before("a:ntp:ntp", "4.2.8"), match("a:ntp:ntp:4.2.8:-"), *NTP)], "affected", "4.2.8:p15"),
    ("ntp: no patch, and one without is listed", software("ntp", "4.2.8", "ntp:ntp"), [nvd(match("a:ntp:ntp:4.2.8:-"))], "affected", ""),
    ("ntp: a version of any update, a patch of it", software("ntp", "4.2.8p18", "ntp:ntp"), [nvd(match("a:ntp:ntp:4.2.8:*"))], "rejected incomparable",
     "names no update: 4.2.8p18 is a patch of it"),
    ("ntp: that, and the patch is listed", software("ntp", "4.2.8p15", "ntp:ntp"), [nvd(match("a:ntp:ntp:4.2.8:*"), *NTP)], "affected", "4.2.8:p15"),
    ("ntp: that, the release", software("ntp", "4.2.8", "ntp:ntp"), [nvd(match("a:ntp:ntp:4.2.8:*"))], "affected", ""),
    *((f"a version of any update, {v}", software("libabc", v, "x:libabc"), [nvd(match("a:x:libabc:1.8.2:*"))], state, "") for v, state in (
        ("1.8.2p3", "rejected incomparable"), ("1.8.2-P1", "rejected incomparable"), ("1.8.2rc1", "rejected range"), ("1.8.2a", "rejected range"),
        ("1.8.20p3", "rejected range"), ("1.8.2.1", "rejected range"), ("1.8.2pre1", "rejected range"), ("1.8.2p", "rejected range"))),
    ("OpenSSL: 1.0.1 of any update, beside its letters", software("openssl", "1.0.1u", "openssl:openssl"),
     [nvd(match("a:openssl:openssl:1.0.1:*"), match("a:openssl:openssl:1.0.1a:*"))], "rejected range", ""),
    ("OpenSSH: a portable release is the release", software("openssh", "7.2p1", "openbsd:openssh"), [nvd(match("a:openbsd:openssh:7.2:*"))], "affected", ""),
    ("ntp: a range to a patch", software("ntp", "4.2.8p17", "ntp:ntp"), [nvd(before("a:ntp:ntp", "4.2.8p18"))], "affected", ""),
    ("OpenSSL: u before zh", software("openssl", "1.0.2u", "openssl:openssl"),
     [nvd(match("a:openssl:openssl", versionStartIncluding="1.0.2", versionEndExcluding="1.0.2zh"))], "affected", ""),
    ("OpenSSL: zg before zh", software("openssl", "1.0.2zg", "openssl:openssl"), [nvd(before("a:openssl:openssl", "1.0.2zh"))], "affected", ""),
    ("OpenSSL: zh is not before itself", software("openssl", "1.0.2zh", "openssl:openssl"),
     [nvd(match("a:openssl:openssl", versionStartIncluding="1.0.2", versionEndExcluding="1.0.2zh"))], "rejected range", ""),
    ("OpenSSL: 1.1.1w", software("openssl", "1.1.1w", "openssl:openssl"),
     [nvd(match("a:openssl:openssl", versionStartIncluding="1.1.1", versionEndExcluding="1.1.1w"))], "rejected range", ""),
    ("dnsmasq: a release candidate is before the release", software("dnsmasq", "2.73", "thekelleys:dnsmasq"),
     [nvd(match("a:thekelleys:dnsmasq:*:rc3", versionEndIncluding="2.73"))], "rejected range", ""),
    ("dnsmasq: the release candidate", software("dnsmasq", "2.73rc3", "thekelleys:dnsmasq"),
     [nvd(match("a:thekelleys:dnsmasq:*:rc3", versionEndIncluding="2.73"))], "affected", ""),
    ("hostapd: 2.10 is later than 2.9", software("hostapd", "2.10", "w1.fi:hostapd"), [nvd(before("a:w1.fi:hostapd", "2.9"))], "rejected range", ""),
    ("hostapd: one record, two products", software("hostapd", "2.8", "w1.fi:hostapd"),
     [nvd(match("a:w1.fi:wpa_supplicant:2.7"), before("a:w1.fi:hostapd", "2.9"))], "affected", "hostapd"),
    ("Samba: a letter behind a number", software("samba", "3.0.14a", "samba:samba"), [nvd(match("a:samba:samba:3.0.14"))], "rejected range", ""),
    ("Samba: a letter as it is listed", software("samba", "3.0.14a", "samba:samba"), [nvd(match("a:samba:samba:3.0.14a"))], "affected", ""),
    ("Samba: a preview is before the release", software("samba", "3.0.25pre1", "samba:samba"), [nvd(before("a:samba:samba", "3.0.25"))], "affected", ""),
    # whose product
    ("mongoose of the browser's side", software("mongoose", "6.0", "cesanta:mongoose"),
     [nvd(before("a:mongoosejs:mongoose:*:*:*:*:*:node.js", "8"))], "", ""),
    ("express for node.js", software("express", "3.0", "expressjs:express"), [nvd(before("a:expressjs:express:*:*:*:*:*:node.js", "4"))],
     "rejected edition", "node.js"),
    ("another vendor's http_server", software("apache-httpd", "2.4.1", "apache:http_server"), [nvd(before("a:ibm:http_server", "9"))], "", ""),
    ("another vendor's zlib", software("zlib", "1.2.11", "zlib:zlib gnu:zlib"), [nvd(before("a:python:zlib", "9"))], "", ""),
    ("another part of the same name", software("router", "1.0", "a:acme:router"), [nvd(before("h:acme:router", "9"))], "", ""),
    # distributions
    ("Debian: fixed, with an epoch", software("openssh", "9.2p1", "openbsd:openssh", "1:9.2p1-2+deb12u3", "debian 12"),
     [nvd(before("a:openbsd:openssh", "9.6")), debian("openssh", "bookworm", "resolved", fixed_version="1:9.2p1-2+deb12u2")], "fixed", "deb12u2"),
    ("Debian: another release's fix is not ours", software("openssh", "9.2p1", "openbsd:openssh", "1:9.2p1-2", "debian 12"),
     [nvd(before("a:openbsd:openssh", "9.6")), debian("openssh", "trixie", "resolved", fixed_version="1:9.0p1-1")], "affected", ""),
    ("Debian: never affected", software("sqlite", "3.40.1", "sqlite:sqlite", "3.40.1-2", "debian 12", "sqlite3"),
     [nvd(before("a:sqlite:sqlite", "9")), debian("sqlite3", "bookworm", "resolved", fixed_version="0")], "not_affected", "debian 12"),
    ("Debian: undetermined, upstream's range says no", software("lighttpd", "1.4.69", "lighttpd:lighttpd", "1.4.69-1", "debian 12"),
     [nvd(before("a:lighttpd:lighttpd", "1.4.50")), debian("lighttpd", "bookworm", "undetermined")], "rejected range", ""),
    ("Debian: undetermined, upstream's range says yes", software("lighttpd", "1.4.69", "lighttpd:lighttpd", "1.4.69-1", "debian 12"),
     [nvd(before("a:lighttpd:lighttpd", "1.4.70")), debian("lighttpd", "bookworm", "undetermined")], "affected", "the feeds do not tell"),
    ("Debian: no longer looked after", software("lighttpd", "1.4.69", "lighttpd:lighttpd", "1.4.69-1", "debian 12"),
     [debian("lighttpd", "bookworm", "open", urgency="end-of-life")], "affected", "end-of-life"),
    ("Debian: open, and minor", software("lighttpd", "1.4.69", "lighttpd:lighttpd", "1.4.69-1", "debian 12"),
     [debian("lighttpd", "bookworm", "open", nodsa="Minor issue")], "affected", "Minor issue"),
    ("Debian: a revision with a tilde", software("libxml2", "2.9.14", "xmlsoft:libxml2", "2.9.14+dfsg-1.3~deb12u1", "debian 12"),
     [nvd(before("a:xmlsoft:libxml2", "2.10")), debian("libxml2", "bookworm", "resolved", fixed_version="2.9.14+dfsg-1.3~deb12u2")], "affected", "deb12u1"),
    ("Debian: a tilde against none", software("libxml2", "2.9.14", "xmlsoft:libxml2", "2.9.14+dfsg-1.3~deb12u1", "debian 12"),
     [nvd(before("a:xmlsoft:libxml2", "2.10")), debian("libxml2", "bookworm", "resolved", fixed_version="2.9.14+dfsg-1.2")], "fixed", ""),
    ("Alpine: a revision", software("curl", "8.5.0", "haxx:curl", "8.5.0-r1", "alpine 3.19.1"),
     [nvd(before("a:haxx:curl", "9")), alpine("curl", "8.5.0-r1")], "fixed", ""),
    ("Alpine: 0 says never", software("curl", "8.5.0", "haxx:curl", "8.5.0-r1", "alpine 3.19.1"),
     [nvd(before("a:haxx:curl", "9")), alpine("curl", "0")], "not_affected", ""),
    ("Alpine: r10 is later than r9", software("curl", "8.5.0", "haxx:curl", "8.5.0-r9", "alpine 3.19.1"),
     [alpine("curl", "8.5.0-r10")], "affected", ""),
    # CVE records
    ("CVE: lessThan *", software("boa", "0.94.14", "boa:boa"), [record("boa", "boa", version("0.94", lessThan="*", versionType="custom"))], "affected", ""),
    ("CVE: from 0, custom, unaffected by default", software("boa", "0.94.14", "boa:boa"),
     [record("boa", "boa", version("0", lessThan="0.94.13", versionType="custom"), default="unaffected")], "rejected range", ""),
    ("CVE: a change within the range", software("boa", "0.94.14", "boa:boa"),
     [record("boa", "boa", version("0.90", lessThan="1.0", versionType="custom", changes=[{"at": "0.94.13", "status": "unaffected"}]))],
     "rejected unaffected", ""),
    ("CVE: before the change", software("boa", "0.94.12", "boa:boa"),
     [record("boa", "boa", version("0.90", lessThan="1.0", versionType="custom", changes=[{"at": "0.94.13", "status": "unaffected"}]))],
     "affected", ""),
    ("CVE: applicability with a platform beside a list", software("boa", "0.94.14", "boa:boa"),
     [record("other", "thing", version("1"), default="unaffected", applicability={"operator": "AND", "nodes": [
         node(before("a:boa:boa", "9")), node(match("h:acme:box:-", vulnerable=False))]})], "rejected platform", "hardware"),
    ("CVE: the list says no, its applicability names hardware", software("boa", "0.94.14", "boa:boa"),
     [record("boa", "boa", version("0.90", lessThan="0.94.10", versionType="custom"), default="unaffected", applicability={
         "operator": "AND", "nodes": [node(before("a:boa:boa", "9")), node(match("h:acme:box:-", vulnerable=False))]})], "rejected platform", "hardware"),
    ("CVE: an expression in place of a version", software("boa", "0.94.14", "boa:boa"), [record("boa", "boa", version(">= 0.94, < 0.94.15"))], "affected", ""),
    ("CVE: an expression that ends before", software("boa", "0.94.14", "boa:boa"), [record("boa", "boa", version("< 0.94.14"))], "rejected range", ""),
    ("CVE: an expression of words", software("boa", "0.94.14", "boa:boa"), [record("boa", "boa", version("< 0.94.14 on Mondays"))],
     "rejected incomparable", ""),
    ("NVD: a name with characters that have to be quoted", software("boa", "0.94.14", "boa:boa"),
     [nvd(match("a:boa:boa:*:rc+1", versionEndExcluding="1.0"))], "affected", ""),
    ("a name of CPE 2.2 with a packed edition", software("gadget", "1.0", "acme:gadget"),
     [lambda cve: {"dataType": "CVE_RECORD", "cveMetadata": {"cveId": cve, "state": "PUBLISHED", "dateUpdated": TIME}, "containers": {"cna": {"affected": [
         {"cpes": ["cpe:/a:acme:gadget:::~~~wordpress~~"], "versions": [version("0", lessThan="9", versionType="custom")]}]}}}],
     "rejected edition", "wordpress"),
    ("CVE: a version that says nothing", software("boa", "0.94.14", "boa:boa"), [record("boa", "boa", version("n/a"))], "", ""),
    ("CVE: withdrawn, and the NVD does not know yet", software("boa", "0.94.14", "boa:boa"),
     [nvd(before("a:boa:boa", "9")), record("boa", "boa", state="REJECTED")], "rejected withdrawn", ""),
    ("CVE: withdrawn, and the NVD's record comes later", software("boa", "0.94.14", "boa:boa"),
     [record("boa", "boa", state="REJECTED"), nvd(before("a:boa:boa", "9"))], "rejected withdrawn", ""),
    ("NVD: withdrawn, and the CVE list is older", software("boa", "0.94.14", "boa:boa"),
     [nvd(before("a:boa:boa", "9"), vulnStatus="Rejected"), record("boa", "boa", version("0", lessThan="9", versionType="custom"))],
     "rejected withdrawn", ""),
    ("NVD: disputed", software("boa", "0.94.14", "boa:boa"),
     [nvd(before("a:boa:boa", "9"), cveTags=[{"sourceIdentifier": "x", "tags": ["disputed"]}])], "affected", "disputed"),
    # OSV
    ("OSV: between two ranges", software("libabc", "1.7", "x:libabc", purl="pkg:generic/libabc"),
     [osv("libabc", {"introduced": "0"}, {"fixed": "1.5"}, {"introduced": "2.0"}, {"fixed": "2.3"})], "rejected range", ""),
    ("OSV: in the second range", software("libabc", "2.1", "x:libabc", purl="pkg:generic/libabc"),
     [osv("libabc", {"introduced": "0"}, {"fixed": "1.5"}, {"introduced": "2.0"}, {"fixed": "2.3"})], "affected", ""),
    ("OSV: events in another order", software("libabc", "1.7", "x:libabc", purl="pkg:generic/libabc"),
     [osv("libabc", {"fixed": "2.3"}, {"fixed": "1.5"}, {"introduced": "2.0"}, {"introduced": "0"})], "rejected range", ""),
    ("OSV: two beginnings, one end", software("libabc", "2.5", "x:libabc", purl="pkg:generic/libabc"),
     [osv("libabc", {"introduced": "0"}, {"introduced": "1.0"}, {"fixed": "2.0"})], "rejected range", ""),
    ("OSV: the last affected is affected", software("libabc", "2.0", "x:libabc", purl="pkg:generic/libabc"),
     [osv("libabc", {"introduced": "0"}, {"last_affected": "2.0"})], "affected", ""),
    ("OSV: the next is not", software("libabc", "2.0.1", "x:libabc", purl="pkg:generic/libabc"),
     [osv("libabc", {"introduced": "0"}, {"last_affected": "2.0"})], "rejected range", ""),
    ("OSV: the first affected is the last", software("libabc", "2.0", "x:libabc", purl="pkg:generic/libabc"),
     [osv("libabc", {"introduced": "2.0"}, {"last_affected": "2.0"})], "affected", ""),
    ("OSV: behind the first and last", software("libabc", "2.1", "x:libabc", purl="pkg:generic/libabc"),
     [osv("libabc", {"introduced": "2.0"}, {"last_affected": "2.0"})], "rejected range", ""),
    ("OSV: fixed where the next begins", software("libabc", "2.1", "x:libabc", purl="pkg:generic/libabc"),
     [osv("libabc", {"introduced": "1.0"}, {"fixed": "2.0"}, {"introduced": "2.0"}, {"fixed": "2.2"})], "affected", ""),
    ("OSV: a limit ends what is open", software("libabc", "2.0", "x:libabc", purl="pkg:generic/libabc"),
     [osv("libabc", {"introduced": "0"}, {"limit": "2.0"})], "rejected range", ""),
    # AND, NOT
    ("NOT, nested", software("tool", "1.0", "acme:tool"),
     [nvd_1_1(tree("AND", tree("OR", before("a:acme:tool", "2.0")), tree("AND", tree("OR", match("a:acme:shield"), negate=True))))], "affected", ""),
    ("NOT of what is there", software("tool", "1.0", "acme:tool"),
     [nvd_1_1(tree("AND", tree("OR", before("a:acme:tool", "2.0")), tree("AND", tree("OR", match("a:zlib:zlib"), negate=True))))], "rejected platform", ""),
    # statements
    ("OpenVEX: not affected in this version", software("gadget", "1.0", "acme:gadget", purl="pkg:generic/gadget"),
     [nvd(before("a:acme:gadget", "9")), openvex("not_affected", "pkg:generic/gadget@1.0")], "not_affected", "vulnerable_code_not_present"),
    ("OpenVEX: another version", software("gadget", "1.0", "acme:gadget", purl="pkg:generic/gadget"),
     [nvd(before("a:acme:gadget", "9")), openvex("not_affected", "pkg:generic/gadget@1.1")], "affected", ""),
    ("OpenVEX: somebody's own build", software("gadget", "1.0", "acme:gadget", purl="pkg:generic/gadget"),
     [nvd(before("a:acme:gadget", "9")), openvex("fixed", "pkg:generic/gadget@1.0-vendor3")], "affected", ""),
    ("OpenVEX: about a part of it", software("gadget", "1.0", "acme:gadget", purl="pkg:generic/gadget"),
     [nvd(before("a:acme:gadget", "9")), openvex("not_affected", "pkg:generic/gadget@1.0", "pkg:generic/other@2")], "affected", ""),
    ("CSAF: a part in somebody's product", software("gadget", "1.0", "acme:gadget", purl="pkg:generic/gadget"),
     [nvd(before("a:acme:gadget", "9")),
      csaf("known_not_affected", ("A", {"purl": "pkg:generic/gadget@1.0"}), ("B", {"cpe": "cpe:2.3:a:corp:suite:*:*:*:*:*:*:*:*"}), relationships=[
          {"category": "default_component_of", "product_reference": "A", "relates_to_product_reference": "B",
           "full_product_name": {"product_id": "A-in-B", "name": "A in B"}}])], "affected", ""),
    ("CSAF: the product itself", software("gadget", "1.0", "acme:gadget", purl="pkg:generic/gadget"),
     [nvd(before("a:acme:gadget", "9")), csaf("known_not_affected", ("A", {"purl": "pkg:generic/gadget@1.0"}))], "not_affected", ""),
]


class Hard(Verdicts):
    assay, cases = os.path.abspath(sys.argv.pop(1)), CASES

    def test_names_in_a_database_of_before_the_fourth_version(self):
        """It has the names of packages as their feed wrote them, and is read as it is until the next import."""
        self.good("image.bin", "-q", "--without-feeds")
        document = {"schema_version": "1.7.0", "id": "OSV-1", "modified": "2026-01-01T00:00:00Z", "affected": [
            {"package": {"name": "Big_Tool", "ecosystem": "PyPI"}, "versions": ["1.0"]}]}
        (self.folder / "docs" / "a.json").write_text(json.dumps(document))
        self.good("feed", "import", "docs", "-q", "--feeds", "f.db")
        for found in (True, False):  # and then not by a name that it never had
            with contextlib.closing(sqlite3.connect(self.folder / "f.db")) as feeds:
                feeds.executescript(f"UPDATE product SET name = 'purl:pypi/{'Big' if found else 'big'}_Tool'; PRAGMA user_version = 3")
            with contextlib.closing(sqlite3.connect(self.folder / "image.bin.assay")) as db, db:
                db.execute("DELETE FROM software")
                db.execute("INSERT INTO software(id, confidence, name, version, purl) VALUES(1, 'proven', 'Big_Tool', '1.0', 'pkg:pypi/Big_Tool@1.0')")
            self.good("vulns", "image.bin.assay", "--feeds", "f.db", "--json")
            with contextlib.closing(sqlite3.connect(self.folder / "image.bin.assay")) as db:
                self.assertEqual(db.execute("SELECT name, state FROM vulnerability").fetchall(), [("OSV-1", "affected")] if found else [])


del Verdicts  # it is no test by itself
unittest.main(argv=sys.argv)
