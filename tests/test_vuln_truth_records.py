#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""CVE records as their many authors write them, against a truth made by hand from the CVE Record Format 5.x (product objects,
version status decisions): whom they mean by vendor and product in prose, by packages of collections, by repositories; kinds of
versions, ends of ranges, and files.

    test_vuln_truth_records.py ASSAY
"""
import os
import sys
import unittest

from vuln_documents import Verdicts, before, nvd, record, software, version

BIND = software("bind", "9.16.20", "isc:bind", purl="pkg:generic/bind")
GLIBC = software("glibc", "2.36", "gnu:glibc")
HTTPD = software("apache", "2.4.57", "apache:http_server")
WOLFSSL = software("wolfssl", "5.6.3", "wolfssl:wolfssl", purl="pkg:github/wolfSSL/wolfssl")
ZEPHYR = software("zephyr", "3.5.0", "o:zephyrproject:zephyr", purl="pkg:github/zephyrproject-rtos/zephyr")
ZLIB = software("zlib", "1.2.11", "zlib:zlib gnu:zlib")
SAMBA = software("samba", "4.17.12", "samba:samba", "4.17.12-2.el9", "rhel 9.3", purl="pkg:rpm/redhat/samba@4.17.12-2.el9")
WPA = software("wpasupplicant", "2.10", "w1.fi:wpa_supplicant", "2:2.10-6ubuntu2", "ubuntu 22.04", "wpa", purl="pkg:deb/ubuntu/wpasupplicant@2:2.10-6ubuntu2")
RHEL = "Red Hat Enterprise Linux 9"
REDHAT = "https://access.redhat.com/downloads/content/package-browser/"


def lib(v, **more):
    return software("libabc", v, "x:libabc", purl="pkg:generic/libabc", **more)


def until(start, end, **more):
    return version(start, lessThan=end, **{"versionType": "custom", **more})


def through(start, end, **more):
    return version(start, lessThanOrEqual=end, **{"versionType": "custom", **more})


def twice(first, second):
    """One record of the entries of two."""
    def document(cve):
        one, two = first(cve), second(cve)
        one["containers"]["cna"]["affected"] += two["containers"]["cna"]["affected"]
        return one
    return document


def rhel(product, *versions, default="affected"):
    return record("Red Hat", product, *versions, default=default, packageName="samba", collectionURL=REDHAT, cpes=["cpe:/o:redhat:enterprise_linux:9"])


CASES = [
    # packages of a release: what is not affected may end
    ("a package of a release that was not affected before", SAMBA, [rhel(RHEL, version("0", "unaffected", lessThan="4.10-1.el9", versionType="rpm"))], "affected", "from 4.10-1.el9"),
    ("one that is before it", SAMBA, [rhel(RHEL, version("0", "unaffected", lessThan="4.18-1.el9", versionType="rpm"))], "not_affected", "before"),
    ("mended in another line", SAMBA, [rhel(RHEL, version("4.10-1.el9", "unaffected", lessThan="4.11", versionType="rpm"))], "affected", ""),
    ("mended in two lines, in this", SAMBA, [rhel(RHEL, version("4.18-1.el9", "unaffected", lessThan="*", versionType="rpm"),
                                                  version("4.17.12-2.el9", "unaffected", lessThan="4.18", versionType="rpm"))], "fixed", ""),
    ("mended in two lines, in others", SAMBA, [rhel(RHEL, version("4.18-1.el9", "unaffected", lessThan="*", versionType="rpm"),
                                                    version("4.17.12-1.el9", "unaffected", lessThan="4.17.12-2", versionType="rpm"))], "affected", "to before 4.18-1.el9"),
    ("not affected through, and nobody tells of the others", SAMBA, [rhel(RHEL, version("0", "unaffected", lessThanOrEqual="4.10-1.el9", versionType="rpm"), default="unknown")], "", ""),
    ("mended within a range", SAMBA, [rhel(RHEL, version("0", lessThan="*", versionType="rpm", changes=[{"at": "4.17.12-1.el9", "status": "unaffected"}]))], "fixed", ""),
    ("mended later within a range", SAMBA, [rhel(RHEL, version("0", lessThan="*", versionType="rpm", changes=[{"at": "4.17.12-3.el9", "status": "unaffected"}]))], "affected", ""),
    *((f"changes in any order, {where}", dict(SAMBA, package_version=v), [rhel(RHEL, version("0", lessThan="*", versionType="rpm", changes=[
        {"at": "4.12-1.el9", "status": "affected"}, {"at": "4.10-1.el9", "status": "unaffected"}]))], state, "")
      for where, v, state in (("before", "4.9-1.el9", "affected"), ("between", "4.11-1.el9", "fixed"), ("behind", "4.13-1.el9", "affected"))),
    ("mended, and lost again", SAMBA, [rhel(RHEL, version("0", lessThan="*", versionType="rpm", changes=[
        {"at": "4.10-1.el9", "status": "unaffected"}, {"at": "4.12-1.el9", "status": "affected"}]))], "affected", ""),
    # who is only called alike
    ("somebody whose first word is a vendor's", ZLIB, [record("Zlib Friends Incorporated", "zlib", until("0", "1.3"))], "", ""),
    ("somebody whose last word is a vendor's", BIND, [record("Nobody Knows This Isc", "BIND", until("0", "10"))], "", ""),
    ("a list without an end", lib("1.5"), [record("x", "libabc", version(",".join(["1"] * 40000)))], "rejected incomparable", ""),
    # vendor and product in prose
    ("ISC's BIND 9", BIND, [record("ISC", "BIND 9", through("9.16.0", "9.16.22"))], "affected", "isc:bind"),
    ("ISC's BIND 9, a mended one", BIND, [record("ISC", "BIND 9", through("9.16.0", "9.16.19"))], "rejected range", ""),
    ("all of BIND 9", BIND, [record("ISC", "BIND 9", version("*"))], "affected", ""),
    ("all of BIND 8", BIND, [record("ISC", "BIND 8", version("*"))], "rejected range", ""),
    ("all of BIND 8, by default", BIND, [record("ISC", "BIND 8", default="affected")], "rejected range", ""),
    ("by its full name", BIND, [record("Internet Systems Consortium", "BIND", through("9.16.0", "9.16.22"))], "affected", ""),
    ("by its full name and legal form", BIND, [record("Internet Systems Consortium, Inc.", "BIND 9", through("9.16.0", "9.16.22"))], "affected", ""),
    ("by its full name and initials", BIND, [record("Internet Systems Consortium (ISC)", "BIND", through("9.16.0", "9.16.22"))], "affected", ""),
    ("another product of that vendor", BIND, [record("ISC", "Kea", through("9.16.0", "9.16.22"))], "", ""),
    ("that product of another vendor", BIND, [record("Infoblox", "BIND 9", through("9.16.0", "9.16.22"))], "", ""),
    ("a range with an arrow", BIND, [record("ISC", "BIND", version("9.16.0 -> 9.16.21"))], "affected", ""),
    ("a range with a dash and no blanks", lib("7.0.3"), [record("x", "libabc", version("7.0.0-7.0.5"))], "affected", "7.0.0 <= 7.0.3 <= 7.0.5"),
    ("behind a range with a dash", lib("7.0.6"), [record("x", "libabc", version("7.0.0-7.0.5"))], "rejected range", ""),
    ("a dash between two lines is no range", lib("7.0.6"), [record("x", "libabc", version("7.0.0-8.0.5"))], "rejected range", "is not 7.0.0-8.0.5"),
    ("a dash may be a revision's", lib("1.2"), [record("x", "libabc", version("1.0-1.4"))], "rejected range", "is not 1.0-1.4"),
    ("behind a range with an arrow", BIND, [record("ISC", "BIND", version("9.16.0 -> 9.16.19"))], "rejected range", ""),
    # versions in prose: one that lies in them, and one that does not
    *((f"{v} of {text!r}", lib(v), [record("x", "libabc", version(text))], state, "") for text, inside, outside in (
        ("1.4 and before", "1.4", "1.5"), ("1.0 through 1.4 (inclusive)", "1.2", "1.5"), ("prior to and including 1.4", "1.4", "1.5"), (">= 1.0 < 1.4", "1.2", "1.4"),
        (">=1.0 <=1.4", "1.4", "0.9"), ("up to (excluding) 1.4", "1.3", "1.4"), ("1.4+", "1.5", "1.3"), ("after 1.4", "1.5", "1.4"), ("Version: 1.4", "1.4", "1.5"),
        ("1.4 only", "1.4", "1.5"), ("1.2 1.3.1 1.4", "1.3.1", "1.3"), ("1.2 1.3.1, 1.4", "1.4", "1.3"), ("1.2/1.3/1.4", "1.3", "1.5"), ("up to 1.4 (including)", "1.4", "1.5"),
        ("1.0 <= 1.4", "1.4", "1.5"), ("1.0 < 1.4", "1.0", "1.4"), ("1.0 \u2264 1.4", "1.4", "1.5"), ("before 1.4 (inclusive)", "1.4", "1.5"), ("1.4 - the last", "1.4", "1.5"))
      for v, state in ((inside, "affected"), (outside, "rejected range"))),
    *((f"{v} of {text!r}: nobody can tell", lib(v), [record("x", "libabc", version(text))], "rejected incomparable", "") for text in (
        "1.0 until 1.4", "1.0 and up to 1.4 on Mondays", "1.0 <1.4 || >=1.6 <1.8", "1.0 or later on Linux", "1.0 later",
        "1.0 earlier", "1.1 1.3 for some", "<1.2 on Windows", "before 1.2 on Windows", "1.0 - 1.4 on Windows", "1.0 -> v1.4 on Windows") for v in ("1.0", "1.2")),
    ("a build that has blanks is none of a range", lib("1.0.3"), [record("x", "libabc", version("1.0.2 Build 20210101"))], "rejected range", ""),
    ("the GNU C Library", GLIBC, [record("The GNU C Library", "glibc", until("2.34", "2.39"))], "affected", ""),
    ("GNU Libc", GLIBC, [record("GNU Libc", "glibc", until("2.34", "2.39"))], "affected", ""),
    ("the vendor before the product", HTTPD, [record("Apache Software Foundation", "Apache HTTP Server", through("2.4.0", "2.4.58"))], "affected", ""),
    ("the product of a foundation's other project", HTTPD, [record("Apache Software Foundation", "Apache Traffic Server", through("2.4.0", "2.4.58"))], "", ""),
    ("a legal form", WOLFSSL, [record("wolfSSL Inc.", "wolfSSL", until("3.0", "5.6.6"))], "affected", ""),
    ("somebody's fork", ZLIB, [record("Cloudflare", "zlib", until("0", "1.3"), repo="https://github.com/cloudflare/zlib")], "", ""),
    ("nobody's", ZLIB, [record("n/a", "zlib", until("0", "1.3"))], "", ""),
    # platforms
    ("for Windows alone", lib("1.0"), [record("x", "libabc", until("0", "2"), platforms=["Windows"])], "rejected edition", "windows"),
    ("for Windows and macOS", lib("1.0"), [record("x", "libabc", until("0", "2"), platforms=["Windows", "MacOS"])], "rejected edition", ""),
    ("for Windows and Linux", lib("1.0"), [record("x", "libabc", until("0", "2"), platforms=["Windows", "Linux"])], "affected", ""),
    ("for a machine in words", lib("1.0"), [record("x", "libabc", until("0", "2"), platforms=["64 bit"])], "affected", ""),
    ("for Windows, with a CPE name", lib("1.0"), [record("x", "libabc", until("0", "2"), platforms=["Windows 11"], cpes=["cpe:2.3:a:x:libabc:*:*:*:*:*:*:*:*"])],
     "rejected edition", "windows"),
    ("a platform each", lib("1.5"), [twice(record("x", "libabc", until("0", "2"), platforms=["Windows"]), record("x", "libabc", until("0", "1.2"), platforms=["Linux"]))],
     "rejected edition", ""),
    # repositories and collections
    ("by its repository", ZEPHYR, [record("zephyrproject-rtos", "Zephyr", through("*", "3.6", versionType="git"), default="unaffected",
                                          repo="https://github.com/zephyrproject-rtos/zephyr", packageName="Zephyr")], "affected", ""),
    ("by its repository, behind", ZEPHYR, [record("zephyrproject-rtos", "Zephyr", through("*", "3.4", versionType="git"), default="unaffected",
                                                  repo="https://github.com/zephyrproject-rtos/zephyr", packageName="Zephyr")], "rejected range", ""),
    ("by another repository", ZEPHYR, [record("zephyrproject-rtos", "net-tools", through("*", "3.6"), repo="https://github.com/zephyrproject-rtos/net-tools")], "", ""),
    ("by a repository that ends with .git", WOLFSSL, [record("w", "TLS", until("0", "5.7"), repo="https://github.com/wolfssl/wolfssl.git")], "affected", ""),
    ("by a folder of a repository", WOLFSSL, [record("w", "TLS", until("0", "5.7"), repo="https://github.com/wolfssl/wolfssl/tree/master/IDE")], "", ""),
    ("a repository as the product", WOLFSSL, [record("n/a", "https://github.com/wolfSSL/wolfssl", until("0", "5.7"))], "affected", ""),
    ("by a collection", software("left-pad", "1.2.0", None, purl="pkg:npm/left-pad@1.2.0"), [record(
        "x", "y", until("0", "1.3.0", versionType="semver"), collectionURL="https://registry.npmjs.org", packageName="left-pad")], "affected", ""),
    ("by a package URL (5.2)", software("left-pad", "1.2.0", None, purl="pkg:npm/left-pad@1.2.0"), [record(
        "x", "y", until("0", "1.3.0-rc.1", versionType="custom"), packageURL="pkg:npm/left-pad")], "affected", ""),
    ("by a package URL, a mended one", software("left-pad", "1.3.0", None, purl="pkg:npm/left-pad@1.3.0"), [record(
        "x", "y", until("0", "1.3.0-rc.1", versionType="custom"), packageURL="pkg:npm/left-pad")], "rejected range", ""),
    ("by another collection", software("left-pad", "1.2.0", None, purl="pkg:npm/left-pad@1.2.0"), [record(
        "x", "y", until("0", "1.3.0", versionType="semver"), collectionURL="https://pypi.org", packageName="left-pad")], "", ""),
    ("by group and artifact", software("log4j-core", "2.14.1", None, purl="pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1"), [record(
        "Apache", "Log4j2", until("2.0-beta9", "2.15.0", versionType="maven"), collectionURL="https://repo.maven.apache.org/maven2",
        packageName="org.apache.logging.log4j:log4j-core")], "affected", ""),
    # packages of distributions
    ("RHEL: fixed from a release on, an earlier one", SAMBA, [rhel("Red Hat Enterprise Linux 9", until("0:4.18.6-100.el9", "*", status="unaffected", versionType="rpm"))],
     "affected", "rhel 9.3 fixed it in 0:4.18.6-100.el9"),
    ("RHEL: that release", dict(SAMBA, package_version="4.18.6-100.el9", version="4.18.6"), [
        rhel("Red Hat Enterprise Linux 9", until("0:4.18.6-100.el9", "*", status="unaffected", versionType="rpm"))], "fixed", ""),
    ("RHEL: another release", SAMBA, [rhel("Red Hat Enterprise Linux 8", until("0:4.18.6-100.el8", "*", status="unaffected", versionType="rpm"))], "", ""),
    ("RHEL: another that is paid for", SAMBA, [rhel("Red Hat Enterprise Linux 9.0 Extended Update Support", until("0:4.1-1.el9_0", "*", status="unaffected", versionType="rpm"))],
     "", ""),
    ("RHEL: no package of it is affected", SAMBA, [nvd(before("a:samba:samba", "4.18")), rhel("Red Hat Enterprise Linux 9", default="unaffected")], "not_affected", "not affected"),
    ("RHEL: affected, and not mended", SAMBA, [rhel("Red Hat Enterprise Linux 9", default="affected")], "affected", "has no fix"),
    ("RHEL: nobody knows", SAMBA, [nvd(before("a:samba:samba", "4.18")), rhel("Red Hat Enterprise Linux 9", default="unknown")], "affected", "whether rhel 9.3 has mended"),
    ("RHEL: the system itself is not what is affected", software("rhel", "9.3", "o:redhat:enterprise_linux"), [rhel("Red Hat Enterprise Linux 9")], "", ""),
    ("Ubuntu: a range of its packages, by the source", WPA, [record(
        "Canonical Ltd.", "wpa_supplicant", until("2:2.10-15", "2:2.10-21ubuntu0.1", versionType="semver"), until("2:2.9.0-21build1", "2:2.10-6ubuntu2.1", versionType="semver"),
        default="unaffected", packageName="wpa", collectionURL="https://launchpad.net/ubuntu/+source/")], "affected", ""),
    ("Ubuntu: behind it", dict(WPA, package_version="2:2.10-6ubuntu2.1"), [record(
        "Canonical Ltd.", "wpa_supplicant", until("2:2.10-15", "2:2.10-21ubuntu0.1", versionType="semver"), until("2:2.9.0-21build1", "2:2.10-6ubuntu2.1", versionType="semver"),
        default="unaffected", packageName="wpa", collectionURL="https://launchpad.net/ubuntu/+source/")], "rejected range", ""),
    ("Debian: of somebody else's packages", software("libabc", "1.0", "x:libabc", "1:1.0-1", "debian 12", purl="pkg:deb/debian/libabc@1:1.0-1"),
     [record("x", "libabc", until("0", "1.2", versionType="rpm"))], "affected", ""),
    # kinds of versions
    ("releases of which the type says git", lib("1.1"), [record("x", "libabc", until("1.0", "1.2", versionType="git"))], "affected", ""),
    ("objects of which the type says custom", lib("1.1"), [record("x", "libabc", until("0", "9fceb02d0ae598e95dc970b74767f19372d61af8"))], "rejected incomparable", ""),
    ("objects beside releases: affected", lib("2.1.0"), [record("x", "libabc", until("2.0.0", "2.*", versionType="semver", changes=[{"at": "2.5.2", "status": "unaffected"}]),
        version("0", "unaffected", versionType="git", lessThan="*", changes=[{"at": "123abc0", "status": "affected"}, {"at": "234bcd0", "status": "unaffected"}]))],
     "affected", ""),
    ("objects beside releases: mended", lib("2.5.3"), [record("x", "libabc", until("2.0.0", "2.*", versionType="semver", changes=[{"at": "2.5.2", "status": "unaffected"}]),
        version("0", "unaffected", versionType="git", lessThan="*", changes=[{"at": "123abc0", "status": "affected"}, {"at": "234bcd0", "status": "unaffected"}]))],
     "rejected unaffected", ""),
    ("an entry of objects and one of releases", lib("3.0"), [twice(
        record("x", "libabc", until("1da177e4c3f41524e886b7f1b8a0c1fc7321cac2", "9fceb02d0ae598e95dc970b74767f19372d61af8", versionType="git"), default="unaffected"),
        record("x", "libabc", until("1.0", "2.0"), default="unaffected"))], "rejected range", ""),
    ("Maven's order is not that of semantic versions", lib("1.0-rc1"), [record("x", "libabc", until("0", "1.0", versionType="maven"))], "affected", ""),
    ("a type that nobody knows", lib("1.1"), [record("x", "libabc", until("1.0", "1.2", versionType="release bundle"))], "affected", ""),
    ("behind a first version that is excluded", lib("1.3"), [record("x", "libabc", version("next of 1.2", lessThan="unspecified", versionType="custom"))], "affected", "1.2 < 1.3"),
    ("at a first version that is excluded", lib("1.2"), [record("x", "libabc", version("next of 1.2", lessThan="unspecified", versionType="custom"))], "rejected range", "> 1.2"),
    ("behind one, at a change", lib("1.4"), [record("x", "libabc", version("next of 1.2", lessThan="*", versionType="custom", changes=[
        {"at": "1.4", "status": "unaffected"}, {"at": "1.6", "status": "affected"}]))], "rejected unaffected", ""),
    ("behind one, at the second change", lib("1.6"), [record("x", "libabc", version("next of 1.2", lessThan="*", versionType="custom", changes=[
        {"at": "1.4", "status": "unaffected"}, {"at": "1.6", "status": "affected"}]))], "affected", ""),
    ("a version of a name that has none", lib("2.86"), [record("x", "libabc", version("2.86"), cpes=["cpe:2.3:a:x:libabc:-:*:*:*:*:*:*:*"], default="unknown")], "affected", "libabc"),
    ("another version of a name that has none", lib("2.87"), [record("x", "libabc", version("2.86"), cpes=["cpe:2.3:a:x:libabc:-:*:*:*:*:*:*:*"], default="unknown")], "rejected range", ""),
    ("a range of a name that has none", lib("2.86"), [record("x", "libabc", until("2.15", "2.87"), cpes=["cpe:2.3:a:x:libabc:-:*:*:*:*:*:*:*"], default="unknown")], "affected", ""),
    ("all versions of a name that has none", lib("2.86"), [record("x", "libabc", until("0", "*"), cpes=["cpe:2.3:a:x:libabc:-:*:*:*:*:*:*:*"], default="unknown")], "affected", "all are meant"),
    ("all of a name that has none, in a word", lib("2.86"), [record("x", "libabc", version("*"), cpes=["cpe:2.3:a:x:libabc:-:*:*:*:*:*:*:*"], default="unknown")], "affected", "all are meant"),
    ("all of a name that has a version", lib("2.86"), [record("x", "libabc", version("*"), cpes=["cpe:2.3:a:x:libabc:2.85:*:*:*:*:*:*:*"])], "rejected range", ""),
    ("a name that has none, and no version", lib("2.86"), [record("x", "libabc", cpes=["cpe:2.3:a:x:libabc:-:*:*:*:*:*:*:*"], default="unknown")], "", ""),
    ("a name that has none, by default", lib("2.86"), [record("x", "libabc", cpes=["cpe:2.3:a:x:libabc:-:*:*:*:*:*:*:*"], default="affected")], "rejected no version", ""),
    *((f"a version of a name of any, {v}", lib(v), [record("x", "libabc", version("11.11"), cpes=["cpe:2.3:a:x:libabc:*:*:*:*:*:*:*:*"], default="unknown")], state, "")
      for v, state in (("11.11", "affected"), ("5.51", "rejected range"), ("11.11.1", "rejected range"))),
    ("version 0 of a name of any", lib("5.51"), [record("x", "libabc", version("0"), cpes=["cpe:2.3:a:x:libabc:*:*:*:*:*:*:*:*"], default="unknown")], "affected", "all are meant"),
    ("version 0 of a name of any, beside a range that is not affected", lib("5.51"), [record("x", "libabc", version("0"), version(
        "5.50", status="unaffected", lessThan="*", versionType="custom"), cpes=["cpe:2.3:a:x:libabc:*:*:*:*:*:*:*:*"], default="unknown")], "rejected unaffected", ""),
    ("version 0 of a name of any, not affected", lib("5.51"), [record("x", "libabc", version("0", status="unaffected"), until("5", "6"), cpes=["cpe:2.3:a:x:libabc:*:*:*:*:*:*:*:*"])],
     "affected", ""),
    *((f"a version of a name with another, {v}", lib(v), [record("x", "libabc", version("1.5"), cpes=[f"cpe:2.3:a:x:libabc:{named}:*:*:*:*:*:*"])], state, "")
      for v, named, state in (("1.5", "1.*:*", "affected"), ("1.4", "1.*:*", "rejected range"), ("1.5", "1.4:rc1", "affected"), ("1.5rc1", "1.4:rc1", "rejected range"))),
    *((f"semantic versions of a project, {v} before {end}", lib(v), [record("x", "libabc", until("1.0.0", end, versionType="semver"))], state, "")
      for v, end, state in (("4.13.13-Debian", "4.13.13", "rejected range"), ("4.13.13-Debian", "4.13.14", "affected"), ("1.5.0-3", "1.5.0", "rejected range"),
                            ("1.5.0-rc9", "1.5.0-rc10", "affected"), ("1.5.0-rc10", "1.5.0-rc9", "rejected range"), ("1.5.0-rc.1", "1.5.0", "affected"),
                            ("1.5.0-a1", "1.5.0-b1", "affected"), ("1.5.0", "1.5.0-b1", "rejected range"), ("1.5.0-fips", "1.5.0", "rejected range"))),
    ("semantic versions of a registry", software("left-pad", "1.5.0-rc10", None, purl="pkg:npm/left-pad@1.5.0-rc10"), [record(
        "x", "y", until("1.0.0", "1.5.0-rc9", versionType="semver"), collectionURL="https://registry.npmjs.org", packageName="left-pad")], "affected", ""),
    ("no end", lib("9.1"), [record("x", "libabc", until("1.0", "*"))], "affected", "no last one"),
    ("no end, behind the last", lib("0.9"), [record("x", "libabc", until("1.0", "*"))], "rejected range", ""),
    ("no beginning", lib("0.1"), [record("x", "libabc", until("0", "1.0"))], "affected", ""),
    ("no beginning, in words", lib("0.1"), [record("x", "libabc", until("All versions", "1.0"))], "affected", ""),
    ("no beginning, unaffected in words: no word", lib("0.1"), [record("x", "libabc", through("master", "*", status="unaffected"), default="affected")], "rejected incomparable", ""),
    ("from a branch on", lib("4.1"), [record("x", "libabc", until("4.x", "4.5"))], "affected", ""),
    ("from a later branch on", lib("3.9"), [record("x", "libabc", until("4.x", "4.5"))], "rejected range", ""),
    ("through a branch", lib("4.9"), [record("x", "libabc", through("4.0", "4.x"))], "affected", ""),
    ("behind a branch", lib("5.0"), [record("x", "libabc", through("4.0", "4.x"))], "rejected range", ""),
    ("an end with a sign", lib("1.4"), [record("x", "libabc", until("1.0", "< 1.5"))], "affected", ""),
    ("an end with a sign that holds it", lib("1.5"), [record("x", "libabc", until("1.0", "<= 1.5"))], "affected", ""),
    ("the end itself", lib("1.5"), [record("x", "libabc", until("1.0", "< 1.5"))], "rejected range", ""),
    ("a beginning with a sign", lib("1.2"), [record("x", "libabc", until(">= 1.0", "1.5"))], "affected", ""),
    ("before a beginning with a sign", lib("0.9"), [record("x", "libabc", until(">= 1.0", "1.5"))], "rejected range", ""),
    ("no status for others: nobody knows", lib("2.6"), [record("x", "libabc", version("2.4"), version("2.5"), version("2.7", "unaffected"))], "rejected range", ""),
    ("all others are unknown", lib("2.6"), [record("x", "libabc", version("2.4"), default="unknown")], "rejected range", ""),
    ("all others are affected", lib("2.6"), [record("x", "libabc", version("2.7", "unaffected"), default="affected")], "affected", "not this one"),
    ("all others are affected, and this is none", lib("2.7"), [record("x", "libabc", version("2.7", "unaffected"), default="affected")], "rejected unaffected", ""),
    # what people write in place of a version
    *[(f"'{words}' and {v}", lib(v), [record("x", "libabc", version(words))], verdict, "") for words, v, verdict in (
        (">= 1.0, < 1.5", "1.4.9", "affected"), (">= 1.0, < 1.5", "1.5", "rejected range"), ("< 1.5, >= 1.0", "0.9", "rejected range"), (">=1.0,<1.5", "1.2", "affected"),
        ("<= 0.3.8", "0.3.8", "affected"), ("= 1.2.3", "1.2.3", "affected"), ("= 1.2.3", "1.2.4", "rejected range"), ("> 1.0", "1.0", "rejected range"),
        ("1.0.0 to 1.4.2", "1.4.2", "affected"), ("1.0.0 to 1.4.2", "1.4.3", "rejected range"), ("v1.0 - v1.4", "1.3", "affected"), ("v1.0 - v1.4", "1.5", "rejected range"),
        ("5.51 -11.9", "6.0", "affected"), ("5.51 -11.9", "12.0", "rejected range"), ("5.51- 11.9", "12.0", "rejected range"), ("4.x.x before 4.9", "4.8", "affected"), ("4.x.x before 4.9", "3.8", "rejected range"),
        ("1.4-rc1", "1.4-rc1", "affected"), ("1.4 -rc1", "1.5", "rejected range"), ("prior to 1.4", "1.3.9", "affected"), ("prior 1.4", "1.5", "rejected range"), ("1.x before 1.5", "1.4", "affected"), ("1.x before 1.5", "0.9", "rejected range"),
        ("before 1.5 and 2.x before 2.3", "2.2", "rejected incomparable"), ("1.0, 1.1, 1.2", "1.1", "affected"), ("1.0, 1.1, 1.2", "1.3", "rejected range"),
        ("1.0, 1.1 and 1.2", "1.2", "affected"), ("1.0/1.1", "1.1", "affected"), ("1.0/1.1", "1.2", "rejected range"), ("1.0, 1.1 beta, others", "1.2", "rejected incomparable"), ("1.4 and below", "1.4", "affected"), ("1.4 or lower", "1.5", "rejected range"),
        ("through 1.4", "1.4", "affected"), ("up to 1.4", "1.3", "affected"), ("up to 1.4", "1.5", "rejected range"), ("up to (including) 1.4", "1.4", "affected"),
        ("<1.5", "1.5", "rejected range"), ("<=v1.5", "1.5", "affected"), ("libabc 1.4", "1.4", "affected"), ("libabc 1.4", "1.5", "rejected range"),
        ("libabc < 1.4", "1.3", "affected"), ("Version 1.4", "1.4", "affected"), ("1.4 (2020-01-01)", "1.4", "affected"), ("latest", "1.4", "rejected incomparable"))],
    # where it lies
    ("files, as words", WOLFSSL, [record("wolfSSL", "wolfSSL", until("0", "5.7"), programFiles=["src/tls13.c"], programRoutines=[{"name": "DoTls13CertificateVerify"}],
                                         modules=["TLS"])], "affected", "names the file src/tls13.c; the function DoTls13CertificateVerify; the part TLS"),
    ("files, whoever decides", WOLFSSL, [nvd(before("a:wolfssl:wolfssl", "5.7")), record("wolfSSL", "wolfSSL", until("0", "5.7"), programFiles=["src/tls13.c"])],
     "affected", "src/tls13.c"),
    ("files of another product", WOLFSSL, [nvd(before("a:wolfssl:wolfssl", "5.7")), record("x", "libabc", until("0", "5.7"), programFiles=["src/other.c"])], "affected", "the record names"),
    ("files clear nothing", lib("1.0"), [record("x", "libabc", until("0", "2"), programFiles=["nowhere/to/be/found.c"])], "affected", "nowhere"),
]


class Truth(Verdicts):
    assay, cases = os.path.abspath(sys.argv.pop(1)), CASES


del Verdicts  # it is no test by itself
unittest.main(argv=sys.argv)
