#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Packages of distributions, and feeds' odd corners, against a truth made by hand from deb-version(7), apk-tools' version.c,
rpm-version(7), the OSV schema's ecosystems, the trackers' own words, NVD's statuses, and what the distributions call their releases.

    test_vuln_truth_distros.py ASSAY
"""
import os
import sys
import unittest

from vuln_documents import Verdicts, before, debian, match, nvd, osv, record, software, version

HIT = nvd(before("a:x:zip", "9"))


def deb(v, upstream=None, on="debian 12", name="zip", source=None):
    bare = v.split(":")[-1]
    return software(name, upstream or bare.rsplit("-", 1)[0].split("+")[0].split("~")[0], "x:zip", v, on, source or "zip", purl=f"pkg:deb/{on.split()[0]}/{name}@{v}")


def apk(v, on="alpine 3.19.1"):
    return software("zip", v.rsplit("-r", 1)[0], "x:zip", v, on, purl=f"pkg:apk/{on.split()[0]}/zip@{v}")


def rpm(v, on="rhel 9.3"):
    return software("zip", v.split(":")[-1].rsplit("-", 1)[0], "x:zip", v, on, purl=f"pkg:rpm/redhat/zip@{v.split(':')[-1]}")


def opkg(v, on="openwrt 23.05.2"):
    return software("zip", v.rsplit("-", 1)[0], "x:zip", v, on, purl=f"pkg:generic/openwrt/zip@{v}")


def binary(v, on, kind):
    return software("zip-libs", "2.0", "x:none", v, on, "zip", purl=f"pkg:{kind}/zip-libs@{v}")


DMSETUP = software("dmsetup", "1.02.185", "x:dmsetup", "2:1.02.185-2", "debian 12", "lvm2", purl="pkg:deb/debian/dmsetup@2:1.02.185-2?upstream=lvm2@2.03.16-2")


def fixed(ecosystem, v, introduced="0", package="zip"):
    return osv(package, {"introduced": introduced}, {"fixed": v}, ecosystem=ecosystem)


def ranges(ecosystem, *all_events):
    def document(cve):
        d = osv("zip", ecosystem=ecosystem)(cve)
        d["affected"][0]["ranges"] = [{"type": "ECOSYSTEM", "events": list(events)} for events in all_events]
        return d
    return document


FIRST = ranges("Debian:12", ({"introduced": "0"}, {"fixed": "1.0-2"}), ({"introduced": "2.0-1"}, {"fixed": "2.0-3"}))


def RHSA(v, package):
    return fixed("Red Hat:enterprise_linux:9::baseos", v, package=package)


def advisory(cve):
    d = RHSA("2.03.21-4.el9", "lvm2")(cve)
    d["affected"] += RHSA("1.02.197-3.el9", "device-mapper")(cve)["affected"]
    return d


def entry(ecosystem, **more):
    return lambda cve: dict(osv("zip", ecosystem=ecosystem)(cve), affected=[{"package": {"name": "zip", "ecosystem": ecosystem}, **more}])


def tracker(v, release="bookworm"):
    return debian("zip", release, "resolved", fixed_version=v)


def secdb(v, more=()):
    return lambda cve: {"distroversion": "v3.19", "reponame": "main-zip", "packages": [
        {"pkg": {"name": "zip", "secfixes": {v: [cve], **{k: [c.replace("CVE", cve) for c in names] for k, names in more}}}}]}


CASES = [
    # OSV schema, "Evaluation": what is in any of the ranges
    ("in the first of two ranges", deb("1.0-1"), [FIRST], "affected", "to before 1.0-2"),
    ("between them", deb("1.0-2"), [FIRST], "fixed", ""),
    ("in the second of two ranges", deb("2.0-2"), [FIRST], "affected", "to before 2.0-3"),
    ("behind both", deb("2.0-3"), [FIRST], "fixed", ""),
    ("in the first, which ends nowhere", deb("1.0-1"), [ranges("Debian:12", ({"introduced": "0"},), ({"introduced": "2.0-1"},))], "affected", ""),
    ("a limit before the beginning: none is affected", deb("2.0-1"), [ranges("Debian:12", ({"introduced": "2.0-1"}, {"limit": "1.0-1"}))], "", ""),
    ("none of the versions is told: none is affected", deb("2.0-1"), [entry("Debian:12")], "", ""),
    ("commits alone, which say nothing of packages", deb("2.0-1"), [entry("Debian:12", ranges=[{"type": "GIT", "repo": "https://x.example/a", "events": [
        {"introduced": "0"}, {"fixed": "0123456789012345678901234567890123456789"}]}])], "", ""),
    *((f"a list beside the range: {v}", deb(v), [entry("Debian:12", versions=["1.0-1", "3.0-1"], ranges=[{"type": "ECOSYSTEM", "events": [
        {"introduced": "0"}, {"fixed": "2.0-1"}]}])], state, "") for v, state in (("1.0-1", "affected"), ("1.5-1", "affected"), ("2.0-1", "fixed"),
                                                                                  ("3.0-1", "affected"), ("3.0-2", "fixed"))),
    # Debian and Ubuntu
    ("Debian: an update of a stable release is later", deb("2.0-1+deb12u1"), [tracker("2.0-1+deb12u1")], "fixed", ""),
    ("Debian: before it", deb("2.0-1"), [tracker("2.0-1+deb12u1")], "affected", ""),
    ("Debian: u9 is before u10", deb("2.0-1+deb12u9"), [tracker("2.0-1+deb12u10")], "affected", ""),
    ("Debian: a backport is before what it was made of", deb("2.0-1~bpo12+1"), [tracker("2.0-1")], "affected", ""),
    ("Debian: a rebuild of an update", deb("2.0-1+deb12u1+b2"), [tracker("2.0-1+deb12u1")], "fixed", ""),
    ("Debian: the epoch is of the tracker, too", deb("1:2.0-1"), [tracker("1:2.0-2")], "affected", ""),
    ("Debian: without the epoch it is earlier", deb("2.0-9"), [tracker("1:1.0-1")], "affected", ""),
    ("Debian: repacked sources", deb("2.0+dfsg-3"), [tracker("2.0+dfsg-3")], "fixed", ""),
    ("Debian: repacked again", deb("2.0+dfsg-3"), [tracker("2.0+dfsg1-1")], "affected", ""),
    ("Debian: a native package", deb("1.21.22"), [tracker("1.21.23")], "affected", ""),
    ("Debian: a native package, mended", deb("1.21.23"), [tracker("1.21.23")], "fixed", ""),
    ("Debian: a snapshot before a release", deb("2.0~git20230101-1"), [tracker("2.0-1")], "affected", ""),
    ("Debian: a snapshot behind a release", deb("2.0+git20230101-1"), [tracker("2.0-1")], "fixed", ""),
    ("Debian: never affected", deb("2.0-1"), [HIT, tracker("0")], "not_affected", ""),
    ("Debian: open", deb("2.0-1"), [debian("zip", "bookworm", "open", urgency="medium")], "affected", "no fix"),
    ("Debian: open, and of no importance", deb("2.0-1"), [debian("zip", "bookworm", "open", urgency="unimportant")], "affected", "unimportant"),
    ("Debian: undetermined", deb("2.0-1"), [HIT, debian("zip", "bookworm", "undetermined")], "affected", "whether debian 12 has mended"),
    ("Debian: another release alone", deb("2.0-1"), [HIT, tracker("2.0-1", "trixie")], "affected", "whether debian 12 has mended"),
    ("Debian: a version of security updates", deb("2.0-1", on="debian 12.5"), [tracker("2.0-2")], "affected", ""),
    ("Ubuntu: an update", deb("2.0-1ubuntu0.22.04.3", on="ubuntu 22.04"), [fixed("Ubuntu:22.04:LTS", "2.0-1ubuntu0.22.04.2")], "fixed", ""),
    ("Ubuntu: before it", deb("2.0-1ubuntu0.1", on="ubuntu 22.04"), [fixed("Ubuntu:22.04:LTS", "2.0-1ubuntu0.2")], "affected", ""),
    ("Ubuntu: those who pay", deb("2.0-1ubuntu0.1", on="ubuntu 22.04"), [HIT, fixed("Ubuntu:Pro:22.04:LTS", "2.0-1ubuntu0.1+esm1")], "affected", "whether ubuntu 22.04 has mended"),
    ("Ubuntu: another release", deb("2.0-1ubuntu0.1", on="ubuntu 22.04"), [fixed("Ubuntu:24.04:LTS", "2.0-1ubuntu0.2")], "", ""),
    ("Debian: all of its releases (no suffix), by the source", deb("2.0-1", name="zip-bin"), [fixed("Debian", "2.0-2")], "affected", ""),
    ("Debian: all of its releases, mended", deb("2.0-2", name="zip-bin"), [fixed("Debian", "2.0-2")], "rejected range", ""),
    ("Debian: the source has a version of its own", DMSETUP, [fixed("Debian", "2.03.16-3", package="lvm2")], "affected", ""),
    ("Debian: the source's version is mended", DMSETUP, [fixed("Debian", "2.03.16-2", package="lvm2")], "rejected range", ""),
    ("Ubuntu: told by the package alone", dict(deb("2.0-1ubuntu0.22.04.1", on="ubuntu 22.04"), distribution=None), [fixed("Ubuntu:22.04:LTS", "2.0-1ubuntu0.22.04.2")], "affected", ""),
    ("Ubuntu: told by the package alone, another release", dict(deb("2.0-1ubuntu0.20.04.1", on="ubuntu 22.04"), distribution=None), [
        fixed("Ubuntu:22.04:LTS", "2.0-1ubuntu0.22.04.2")], "", ""),
    ("Ubuntu: the package tells no release", dict(deb("2.0-1ubuntu0.1", on="ubuntu 22.04"), distribution=None), [fixed("Ubuntu:22.04:LTS", "2.0-1ubuntu0.2")], "", ""),
    # Alpine
    ("Alpine: r1 is before r2", apk("2.0-r1"), [secdb("2.0-r2")], "affected", ""),
    ("Alpine: a letter", apk("2.0b-r0"), [secdb("2.0a-r5")], "fixed", ""),
    ("Alpine: a candidate", apk("2.0_rc1-r0"), [secdb("2.0-r0")], "affected", ""),
    ("Alpine: a patch", apk("2.0_p1-r0"), [secdb("2.0-r0")], "fixed", ""),
    ("Alpine: a number behind a letter", apk("1.9.5p2-r0"), [secdb("1.9.5p10-r0")], "affected", ""),
    ("Alpine: a letter and a number are behind the release", apk("1.9.5p2-r0"), [secdb("1.9.5-r3")], "fixed", ""),
    ("Alpine: a snapshot of git", apk("2.0_git20240101-r0"), [secdb("2.0-r0")], "fixed", ""),
    ("Alpine: 0 is never affected", apk("2.0-r0"), [HIT, secdb("0")], "not_affected", ""),
    ("Alpine: 0 counts before a fix", apk("2.0-r0"), [HIT, secdb("0", [("3.0-r0", ["CVE"])])], "not_affected", ""),
    ("Alpine: another release by OSV", apk("2.0-r0"), [HIT, fixed("Alpine:v3.18", "2.0-r0")], "affected", "whether alpine 3.19.1 has mended"),
    ("Alpine: v3.1 is not v3.19", apk("2.0-r0"), [HIT, fixed("Alpine:v3.1", "2.0-r0")], "affected", "whether alpine 3.19.1 has mended"),
    ("Alpine: this release by OSV", apk("2.0-r0"), [HIT, fixed("Alpine:v3.19", "2.0-r0")], "fixed", ""),
    # OpenWrt
    ("OpenWrt: the package's revision", opkg("2.0-2"), [fixed("OpenWrt:23.05", "2.0-3")], "affected", ""),
    ("OpenWrt: r2 and 2", opkg("2.0-r3"), [fixed("OpenWrt:23.05", "2.0-r3")], "fixed", ""),
    ("OpenWrt: a snapshot", opkg("2024.01.01~abcdef12-1"), [fixed("OpenWrt:23.05", "2024.02.01~01234567-1")], "affected", ""),
    # RPM
    ("RHEL by OSV: its own release", rpm("2.0-4.el9"), [fixed("Red Hat:enterprise_linux:9::baseos", "0:2.0-5.el9")], "affected", ""),
    ("RHEL by OSV: mended", rpm("2.0-5.el9_2"), [fixed("Red Hat:enterprise_linux:9::baseos", "0:2.0-5.el9_2")], "fixed", ""),
    ("RHEL by OSV: el8_4 is before el8_10", rpm("2.0-5.el8_4", "rhel 8.4"), [fixed("Red Hat:enterprise_linux:8::baseos", "0:2.0-5.el8_10")], "affected", ""),
    ("RHEL by OSV: another release", rpm("2.0-5.el9"), [HIT, fixed("Red Hat:enterprise_linux:8::baseos", "0:2.0-3.el8")], "affected", "whether rhel 9.3 has mended"),
    ("RHEL by OSV: another release, which is later", rpm("2.0-5.el9"), [fixed("Red Hat:enterprise_linux:10::baseos", "0:2.5-1.el10")], "", ""),
    ("RHEL by OSV: those who pay", rpm("2.0-5.el9"), [fixed("Red Hat:rhel_eus:9.0::baseos", "0:2.0-6.el9_0")], "", ""),
    # advisories about binary packages
    *((f"{ecosystem} {what}: {package}, {v}", binary(v, on, kind), [fixed(ecosystem, "2.0-5.el9", package=package)], state, "")
      for on, kind, ecosystem in (("almalinux 9.3", "rpm/almalinux", "AlmaLinux:9"), ("rhel 9.3", "rpm/redhat", "Red Hat:enterprise_linux:9::baseos"))
      for what, package, v, state in (("names it", "zip-libs", "2.0-4.el9", "affected"), ("names it, mended", "zip-libs", "2.0-5.el9", "fixed"),
                                      ("names its source", "zip", "2.0-4.el9", "affected"), ("names another", "zip-devel", "2.0-4.el9", ""))),
    *((f"{v} of a source with another version: {what}", software("device-mapper", "1.02.197", "x:none", v, "rhel 9.3", "lvm2", purl=f"pkg:rpm/redhat/device-mapper@{v}" + q), feeds, state, "")
      for q in ("", "?upstream=lvm2@2.03.21-3.el9") for v, what, feeds, state in (
          ("1.02.197-2.el9", "itself", [RHSA("1.02.197-3.el9", "device-mapper")], "affected"), ("1.02.197-3.el9", "itself", [RHSA("1.02.197-3.el9", "device-mapper")], "fixed"),
          ("1.02.197-2.el9", "both", [advisory], "affected"), ("1.02.197-3.el9", "both", [advisory], "fixed"))),
    ("Rocky Linux names sources", binary("2.0-4.el9", "rocky 9.3", "rpm/rocky-linux"), [fixed("Rocky Linux:9", "2.0-5.el9", package="zip-libs")], "", ""),
    ("Debian names sources", binary("2.0-4", "debian 12", "deb/debian"), [fixed("Debian:12", "2.0-5", package="zip-libs")], "", ""),
    ("SUSE by OSV", dict(rpm("2.0-150400.3.1", "sles 15.4"), purl="pkg:rpm/suse/zip@2.0-150400.3.1"), [fixed("SUSE:Linux Enterprise Server 15 SP4", "2.0-150400.3.2")], "affected", ""),
    ("SUSE by OSV: another service pack", dict(rpm("2.0-150400.3.1", "sles 15.4"), purl="pkg:rpm/suse/zip@2.0-150400.3.1"), [
        fixed("SUSE:Linux Enterprise Server 15 SP5", "2.0-150500.3.2")], "", ""),
    ("SUSE by OSV: before the first service pack", dict(rpm("2.0-150400.3.1", "sles 15.4"), purl="pkg:rpm/suse/zip@2.0-150400.3.1"), [
        HIT, fixed("SUSE:Linux Enterprise Server 15", "1.5-1.1")], "affected", "whether sles 15.4 has mended"),
    ("SUSE by OSV: that release", dict(rpm("2.0-1.1", "sles 15"), purl="pkg:rpm/suse/zip@2.0-1.1"), [fixed("SUSE:Linux Enterprise Server 15", "2.0-1.2")], "affected", ""),
    ("openSUSE by OSV", dict(rpm("2.0-1.1", "opensuse-leap 15.5"), purl="pkg:rpm/opensuse/zip@2.0-1.1"), [fixed("openSUSE:Leap 15.5", "2.0-1.2")], "affected", ""),
    ("openSUSE by OSV: another", dict(rpm("2.0-1.1", "opensuse-leap 15.5"), purl="pkg:rpm/opensuse/zip@2.0-1.1"), [fixed("openSUSE:Leap 15.6", "2.0-1.2")], "", ""),
    ("Mageia by OSV", dict(rpm("2.0-1.mga9", "mageia 9"), purl="pkg:rpm/mageia/zip@2.0-1.mga9"), [fixed("Mageia:9", "2.0-1.1.mga9")], "affected", ""),
    ("Mageia by OSV: another", dict(rpm("2.0-1.mga9", "mageia 9"), purl="pkg:rpm/mageia/zip@2.0-1.mga9"), [fixed("Mageia:8", "2.0-1.1.mga8")], "", ""),
    ("RPM: an epoch", rpm("1:2.0-1.el9"), [fixed("Red Hat:enterprise_linux:9::baseos", "0:9.0-1.el9")], "fixed", ""),
    ("RPM: a tilde is before", rpm("2.0~rc1-1.el9"), [fixed("Red Hat:enterprise_linux:9::baseos", "0:2.0-1.el9")], "affected", ""),
    ("RPM: a caret is behind", rpm("2.0^git1-1.el9"), [fixed("Red Hat:enterprise_linux:9::baseos", "0:2.0-1.el9")], "fixed", ""),
    # OSV's corners
    ("OSV: a distribution that nobody knows", dict(rpm("2.0-1", "whatever 3"), purl="pkg:rpm/whatever/zip@2.0-1"), [
        lambda cve: {"schema_version": "1.7.0", "id": "W-" + cve, "aliases": [cve], "modified": "2026-01-01T00:00:00Z", "affected": [
            {"package": {"name": "zip", "ecosystem": "Whatever:2", "purl": "pkg:rpm/whatever/zip"}, "ranges": [
                {"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "2.0-2"}]}]}]}], "", ""),
    ("OSV: commits alone", software("zip", "2.0", "x:zip", purl="pkg:github/x/zip"), [lambda cve: {
        "schema_version": "1.7.0", "id": "O-" + cve, "aliases": [cve], "modified": "2026-01-01T00:00:00Z", "affected": [
            {"ranges": [{"type": "GIT", "repo": "https://github.com/x/zip", "events": [{"introduced": "0"}, {"fixed": "0123456789abcdef0123456789abcdef01234567"}]}]}]}],
     "rejected incomparable", ""),
    ("OSV: commits with tags", software("zip", "2.0", "x:zip", purl="pkg:github/x/zip"), [lambda cve: {
        "schema_version": "1.7.0", "id": "O-" + cve, "aliases": [cve], "modified": "2026-01-01T00:00:00Z", "affected": [
            {"versions": ["v1.9", "v2.0"], "ranges": [{"type": "GIT", "repo": "https://github.com/X/zip.git", "events": [{"introduced": "0"}]}]}]}], "affected", ""),
    *((f"OSV: a repository as {url}", software("zip", "2.0", "x:zip", purl="pkg:github/x/zip"), [lambda cve, url=url: {
        "schema_version": "1.7.0", "id": "O-" + cve, "aliases": [cve], "modified": "2026-01-01T00:00:00Z", "affected": [
            {"versions": ["v2.0"], "ranges": [{"type": "GIT", "repo": url, "events": [{"introduced": "0"}]}]}]}], state, "")
      for url, state in (("https://github.com/x/zip/", "affected"), ("git://github.com/x/zip.git", "affected"), ("git@github.com:x/zip", "affected"),
                         ("ssh://git@github.com/x/zip.git", "affected"), ("https://github.com.x.example/x/zip", ""), ("https://github.com/x/zip/tree/main", ""))),
    ("OSV: nothing but an introduction", software("zip", "2.0", "x:zip", purl="pkg:generic/zip"), [osv("zip", {"introduced": "2.0"})], "affected", "no last one"),
    ("OSV: introduced after", software("zip", "2.0", "x:zip", purl="pkg:generic/zip"), [osv("zip", {"introduced": "2.1"})], "rejected range", ""),
    ("OSV: of a package that was withdrawn", deb("2.0-1"), [lambda cve: dict(fixed("Debian:12", "2.0-2")(cve), withdrawn="2026-02-01T00:00:00Z")], "", ""),
    ("OSV: withdrawn by one, while another says it", software("zip", "2.0", "x:zip", purl="pkg:generic/zip"), [
        osv("zip", {"introduced": "0"}), lambda cve: dict(osv("zip", {"introduced": "0"})(cve), id="W-" + cve, withdrawn="2026-02-01T00:00:00Z")], "affected", ""),
    ("OSV: the vulnerability's own record is withdrawn", software("zip", "2.0", "x:zip", purl="pkg:generic/zip"), [
        lambda cve: dict(osv("zip", {"introduced": "0"})(cve), id=cve, aliases=[], withdrawn="2026-02-01T00:00:00Z")], "rejected withdrawn", ""),
    ("OSV: the kernel", software("linux", "5.10.50", "o:linux:linux_kernel", purl="pkg:generic/linux"), [
        osv("Kernel", {"introduced": "5.10.0"}, {"fixed": "5.10.190"}, ecosystem="Linux")], "affected", ""),
    ("OSV: the kernel, mended", software("linux", "5.10.190", "o:linux:linux_kernel", purl="pkg:generic/linux"), [
        osv("Kernel", {"introduced": "5.10.0"}, {"fixed": "5.10.190"}, ecosystem="Linux")], "rejected range", ""),
    ("OSV, a rolling distribution: the reason names the package's version", software("zip", "2.0", "x:zip", "2.0-r4", "wolfi", purl="pkg:apk/wolfi/zip@2.0-r4"),
     [fixed("Wolfi", "2.0-r3")], "rejected range", "2.0-r4 is not < 2.0-r3"),
    ("OSV: versions of a rolling distribution", software("zip", "2.0", "x:zip", "2.0-r4", "wolfi", purl="pkg:apk/wolfi/zip@2.0-r4"), [
        lambda cve: {"schema_version": "1.7.0", "id": "W-" + cve, "aliases": [cve], "modified": "2026-01-01T00:00:00Z", "affected": [
            {"package": {"name": "zip", "ecosystem": "Wolfi"}, "versions": ["2.0-r3", "2.0-r4"]}]}], "affected", ""),
    ("OSV: versions of a rolling distribution, another revision", software("zip", "2.0", "x:zip", "2.0-r5", "wolfi", purl="pkg:apk/wolfi/zip@2.0-r5"), [
        lambda cve: {"schema_version": "1.7.0", "id": "W-" + cve, "aliases": [cve], "modified": "2026-01-01T00:00:00Z", "affected": [
            {"package": {"name": "zip", "ecosystem": "Wolfi"}, "versions": ["2.0-r3", "2.0-r4"]}]}], "rejected range", ""),
    ("secdb of a rolling distribution", software("zip", "2.0", "x:zip", "2.0-r4", "wolfi", purl="pkg:apk/wolfi/zip@2.0-r4"), [HIT, lambda cve: {
        "apkurl": "{{urlprefix}}/{{reponame}}/{{arch}}/{{pkg.name}}-{{pkg.ver}}.apk", "archs": ["x86_64"], "reponame": "os", "urlprefix": "https://packages.wolfi.dev",
        "packages": [{"pkg": {"name": "zip", "secfixes": {"2.0-r3": [cve]}}}]}], "fixed", ""),
    ("secdb of a rolling distribution, before it", software("zip", "2.0", "x:zip", "2.0-r2", "wolfi 20230201", purl="pkg:apk/wolfi/zip@2.0-r2"), [lambda cve: {
        "apkurl": "x", "archs": ["x86_64"], "reponame": "os", "urlprefix": "https://packages.wolfi.dev",
        "packages": [{"pkg": {"name": "zip", "secfixes": {"2.0-r3": [cve]}}}]}], "affected", ""),
    # statuses of the NVD
    ("NVD: awaiting analysis, without configurations", software("zip", "2.0", "x:zip"), [lambda cve: {
        "format": "NVD_CVE", "version": "2.0", "vulnerabilities": [{"cve": {"id": cve, "sourceIdentifier": "x@x.example", "published": "2026-01-01T00:00:00.000",
            "lastModified": "2026-01-01T00:00:00.000", "vulnStatus": "Awaiting Analysis", "descriptions": [{"lang": "en", "value": "zip 2.0 has a flaw."}], "metrics": {}}}]}], "", ""),
    ("NVD: awaiting analysis, and the CVE record tells", software("zip", "2.0", "x:zip"), [lambda cve: {
        "format": "NVD_CVE", "version": "2.0", "vulnerabilities": [{"cve": {"id": cve, "published": "2026-01-01T00:00:00.000", "lastModified": "2026-01-01T00:00:00.000",
            "vulnStatus": "Awaiting Analysis", "descriptions": []}}]}, record("x", "zip", version("0", lessThan="2.1", versionType="custom"))], "affected", ""),
    ("NVD: an empty configuration", software("zip", "2.0", "x:zip"), [lambda cve: {
        "format": "NVD_CVE", "version": "2.0", "vulnerabilities": [{"cve": {"id": cve, "published": "2026-01-01T00:00:00.000", "lastModified": "2026-01-01T00:00:00.000",
            "vulnStatus": "Undergoing Analysis", "descriptions": [], "configurations": [{"nodes": []}]}}]}], "", ""),
    ("NVD: rejected", software("zip", "2.0", "x:zip"), [nvd(before("a:x:zip", "9"), vulnStatus="Rejected")], "rejected withdrawn", ""),
    ("CVE: rejected, and the NVD does not know it yet", software("zip", "2.0", "x:zip"), [HIT, record("x", "zip", state="REJECTED")], "rejected withdrawn", ""),
    ("NVD: deferred, with a configuration", software("zip", "2.0", "x:zip"), [nvd(before("a:x:zip", "9"), vulnStatus="Deferred")], "affected", ""),
    # versions of packages that upstream's ranges are about
    ("Debian: upstream's range and sources that are packed anew", deb("9.53.3~dfsg-7+deb12u5", "9.53.3~dfsg"), [nvd(before("a:x:zip", "9.53.3"))], "rejected range", ""),
    ("Debian: upstream's range and a candidate", deb("9.53.3~rc1-1", "9.53.3~rc1"), [nvd(before("a:x:zip", "9.53.3"))], "affected", ""),
    ("Debian: upstream's range and the epoch", deb("1:2.0+dfsg-1", "2.0"), [nvd(before("a:x:zip", "2.0"))], "rejected range", ""),
    ("Debian: a candidate of upstream's, repacked", deb("2.0~rc1+dfsg-1", "2.0~rc1"), [nvd(before("a:x:zip", "2.0"))], "affected", ""),
    ("Alpine: a candidate of upstream's", dict(apk("2.0_rc1-r0"), version="2.0_rc1"), [nvd(before("a:x:zip", "2.0"))], "affected", ""),
    ("Alpine: a patch of upstream's", dict(apk("2.0_p1-r0"), version="2.0_p1"), [nvd(before("a:x:zip", "2.0"))], "rejected range", ""),
    ("OpenWrt: a date", dict(opkg("2023.05.01-1"), version="2023.05.01"), [nvd(match("a:x:zip", versionEndExcluding="2023.04.01"))], "rejected range", ""),
]


class Truth(Verdicts):
    assay, cases = os.path.abspath(sys.argv.pop(1)), CASES


del Verdicts  # it is no test by itself
unittest.main(argv=sys.argv)
