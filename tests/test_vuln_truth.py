#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Matching against a truth that was made by hand from the specifications: NISTIR 7695 to 7698 (CPE), the NVD's API 2.0, the CVE
record format's version status logic, the OSV schema's evaluation, and each project's way of numbering.

    test_vuln_truth.py ASSAY
"""
import json
import os
import sys
import unittest

from vuln_documents import (Verdicts, alpine, before, debian, match, node, nvd, nvd_1_1, osv, record, software, tree, version)


def within(cpe, start, end):
    return match(cpe, versionStartIncluding=start, versionEndExcluding=end)


def through(start, end, **more):
    return version(start, lessThanOrEqual=end, **{"versionType": "custom", **more})


def until(start, end, **more):
    return version(start, lessThan=end, **{"versionType": "custom", **more})


def package(ecosystem, name, *events):
    return osv(name, *events, ecosystem=ecosystem)


def ranges(ecosystem, name, *all_events):
    def document(cve):
        record_ = osv(name, ecosystem=ecosystem)(cve)
        record_["affected"][0]["ranges"] = [{"type": "ECOSYSTEM", "events": events} for events in all_events]
        return record_
    return document


def dhcp(v):
    return software("isc-dhcp", v, "isc:dhcp")


def bind(v):
    return software("bind", v, "isc:bind")


def lib(v, **more):
    return software("libabc", v, "x:libabc", purl="pkg:generic/libabc", **more)


def kernel(v):
    return software("linux", v, "o:linux:linux_kernel")


KERNEL = record("Linux", "Linux", version("5.8"), until("0", "5.8", status="unaffected", versionType="semver"),
                through("5.10.190", "5.10.*", status="unaffected", versionType="semver"),
                through("6.5", "*", status="unaffected", versionType="original_commit_for_fix"), default="affected")

CASES = [
    # how projects number
    ("OpenSSL: 3.0.9 is before 3.0.10", software("openssl", "3.0.9", "openssl:openssl"), [nvd(within("a:openssl:openssl", "3.0.0", "3.0.10"))], "affected", ""),
    ("OpenSSL: 1.0.2zg is not in 3.0", software("openssl", "1.0.2zg", "openssl:openssl"), [nvd(within("a:openssl:openssl", "3.0.0", "3.0.10"))], "rejected range", ""),
    ("OpenSSL: 1.1.1za is later than 1.1.1w", software("openssl", "1.1.1za", "openssl:openssl"), [nvd(before("a:openssl:openssl", "1.1.1w"))], "rejected range", ""),
    ("OpenSSL: FIPS builds are of the letter", software("openssl", "1.0.2k-fips", "openssl:openssl"),
     [record("OpenSSL", "OpenSSL", until("1.0.2", "1.0.2zh"))], "affected", ""),
    ("OpenSSL: an alpha is before the release", software("openssl", "3.0.0-alpha16", "openssl:openssl"), [nvd(within("a:openssl:openssl", "3.0.0", "3.0.10"))],
     "rejected range", ""),
    ("sudo: p2 is behind 1.9.5", software("sudo", "1.9.5p2", "sudo_project:sudo"),
     [nvd(within("a:sudo_project:sudo", "1.8.2", "1.9.5"), match("a:sudo_project:sudo:1.9.5:-"), match("a:sudo_project:sudo:1.9.5:patch1"))],
     "rejected range", ""),
    ("sudo: patch1 is p1", software("sudo", "1.9.5p1", "sudo_project:sudo"),
     [nvd(within("a:sudo_project:sudo", "1.8.2", "1.9.5"), match("a:sudo_project:sudo:1.9.5:-"), match("a:sudo_project:sudo:1.9.5:patch1"))],
     "affected", "1.9.5:patch1"),
    ("sudo: b1 is a beta", software("sudo", "1.9.17b1", "sudo_project:sudo"), [nvd(before("a:sudo_project:sudo", "1.9.17"))], "affected", ""),
    ("sudo: the beta of a later release", software("sudo", "1.9.17b1", "sudo_project:sudo"), [nvd(match("a:sudo_project:sudo", versionEndIncluding="1.9.16"))], "rejected range", ""),
    ("BIND: a beta is listed", bind("9.9.4b1"), [nvd(match("a:isc:bind:9.9.4:b1"))], "affected", ""),
    ("BIND: a beta is not the release", bind("9.9.4b1"), [nvd(match("a:isc:bind:9.9.4:-"))], "rejected range", ""),
    ("OpenSSH: the portable 9.2 is 9.2", software("openssh", "9.2p1", "openbsd:openssh"), [nvd(match("a:openbsd:openssh:9.2:-"))], "affected", ""),
    ("OpenSSH: 9.2 is the portable 9.2", software("openssh", "9.2", "openbsd:openssh"), [nvd(match("a:openbsd:openssh:9.2:p1"))], "affected", ""),
    ("Linux: the real-time patch is not the release", kernel("5.10"), [nvd(match("o:linux:linux_kernel:5.10:rt1"))], "rejected range", ""),
    ("OpenSSH: 9.3p2 mends 9.3", software("openssh", "9.3p2", "openbsd:openssh"),
     [nvd(before("a:openbsd:openssh", "9.3"), match("a:openbsd:openssh:9.3:-"), match("a:openbsd:openssh:9.3:p1"))], "rejected range", ""),
    ("OpenSSH: 9.3p1 is listed", software("openssh", "9.3p1", "openbsd:openssh"),
     [nvd(before("a:openbsd:openssh", "9.3"), match("a:openbsd:openssh:9.3:p1"))], "affected", ""),
    ("OpenSSH: 10.0p2 is later than 9.9p2", software("openssh", "10.0p2", "openbsd:openssh"), [nvd(before("a:openbsd:openssh", "9.9p2"))], "rejected range", ""),
    ("Dropbear: the year is later than 0.53", software("dropbear", "2020.81", "dropbear_ssh_project:dropbear_ssh"),
     [nvd(before("a:dropbear_ssh_project:dropbear_ssh", "0.53"))], "rejected range", ""),
    ("Dropbear: 2020.81 is later than 2020.8", software("dropbear", "2020.81", "dropbear_ssh_project:dropbear_ssh"),
     [nvd(match("a:dropbear_ssh_project:dropbear_ssh:2020.8"))], "rejected range", ""),
    ("dnsmasq: a test release is before its release", software("dnsmasq", "2.80test2", "thekelleys:dnsmasq"), [nvd(before("a:thekelleys:dnsmasq", "2.80"))],
     "affected", ""),
    ("dnsmasq: a test release is behind the one before", software("dnsmasq", "2.80test2", "thekelleys:dnsmasq"),
     [nvd(match("a:thekelleys:dnsmasq", versionEndIncluding="2.79"))], "rejected range", ""),
    ("hostapd: a development state is before its release", software("hostapd", "2.10-devel", "w1.fi:hostapd"), [nvd(before("a:w1.fi:hostapd", "2.10"))],
     "affected", ""),
    ("hostapd: a development state is behind the last release", software("hostapd", "2.10-devel", "w1.fi:hostapd"),
     [nvd(match("a:w1.fi:hostapd", versionEndIncluding="2.9"))], "rejected range", ""),
    ("strongSwan: a developers' release is before the release", software("strongswan", "5.9.8dr4", "strongswan:strongswan"),
     [nvd(before("a:strongswan:strongswan", "5.9.8"))], "affected", ""),
    ("BIND: -P2 is a patch", bind("9.11.4-P2"), [nvd(match("a:isc:bind:9.11.4:p1"))], "rejected range", ""),
    ("BIND: -P2 as the update names it", bind("9.11.4-P2"), [nvd(match("a:isc:bind:9.11.4:p2"))], "affected", ""),
    ("BIND: ranges of the preview edition are not of the open one", bind("9.16.20"), [record("ISC", "BIND", through("9.16.8-S1", "9.16.41-S1"))], "rejected edition", "S1"),
    ("BIND: the preview edition in its range", bind("9.16.20-S1"), [record("ISC", "BIND", through("9.16.8-S1", "9.16.41-S1"))], "affected", ""),
    ("BIND: the preview edition in a range of the NVD", bind("9.16.15-S1"), [nvd(match("a:isc:bind:*:*:*:*:supported_preview", versionStartIncluding="9.16.8", versionEndIncluding="9.16.21"))],
     "affected", ""),
    ("BIND: a range of the NVD for the preview edition", bind("9.16.15"), [nvd(match("a:isc:bind:*:*:*:*:supported_preview", versionStartIncluding="9.16.8", versionEndIncluding="9.16.21"))],
     "rejected edition", "supported_preview"),
    ("BIND: the preview edition as the NVD names it", bind("9.16.8-S1"), [nvd(match("a:isc:bind:9.16.8:s1:*:*:supported_preview"))], "affected", ""),
    ("BIND: the open one is no preview", bind("9.16.8"), [nvd(match("a:isc:bind:9.16.8:s1:*:*:supported_preview"))], "rejected edition", ""),
    ("DHCP: extended support, another patch", dhcp("4.1-ESV-R16-P1"), [nvd(match("a:isc:dhcp:4.1-esv:r15_p1"))], "rejected range", ""),
    ("DHCP: extended support, as it is listed", dhcp("4.1-ESV-R15-P1"), [nvd(match("a:isc:dhcp:4.1-esv:r15_p1"))], "affected", ""),
    ("DHCP: extended support, no patch", dhcp("4.1-ESV-R15"), [nvd(match("a:isc:dhcp:4.1-esv:r15_p1"))], "rejected range", ""),
    ("net-snmp: .pre1 is before the release", software("net-snmp", "5.9.1.pre1", "net-snmp:net-snmp"), [nvd(before("a:net-snmp:net-snmp", "5.9.1"))], "affected", ""),
    ("BusyBox: 1.01 is before 1.1.0", software("busybox", "1.01", "busybox:busybox"), [nvd(before("a:busybox:busybox", "1.1.0"))], "affected", ""),
    ("BusyBox: 1.01 is not 1.1", software("busybox", "1.01", "busybox:busybox"), [nvd(match("a:busybox:busybox:1.1"))], "rejected range", ""),
    ("BusyBox: 1.01 is listed", software("busybox", "1.01", "busybox:busybox"), [nvd(match("a:busybox:busybox:1.01"))], "affected", ""),
    ("iputils: a snapshot by its day", software("iputils", "s20190709", "iputils_project:iputils"), [nvd(before("a:iputils_project:iputils", "20190925"))], "affected", ""),
    ("iputils: a later day", software("iputils", "20210202", "iputils_project:iputils"), [nvd(before("a:iputils_project:iputils", "s20190709"))], "rejected range", ""),
    ("numbers in brackets", lib("1.5(2)"), [nvd(match("a:x:libabc:1.5\\(3\\)"))], "rejected range", ""),
    ("numbers in brackets, that", lib("1.5(2)"), [nvd(match("a:x:libabc:1.5\\(2\\)"))], "affected", ""),
    ("Squid: STABLE counts", software("squid", "2.6.STABLE5", "squid-cache:squid"), [nvd(match("a:squid-cache:squid:2.6.stable20"))], "rejected range", ""),
    ("U-Boot: a candidate is before its release", software("u-boot", "2021.07-rc3", "denx:u-boot"), [nvd(before("a:denx:u-boot", "2021.07"))], "affected", ""),
    ("U-Boot: what a vendor adds does not count", software("u-boot", "2021.07-g3b5cc1d-dirty", "denx:u-boot"), [nvd(before("a:denx:u-boot", "2021.07"))],
     "rejected range", ""),
    ("boa: a candidate is listed", software("boa", "0.94.14rc21", "boa:boa"), [nvd(match("a:boa:boa:0.94.14:rc21"))], "affected", ""),
    ("boa: another candidate", software("boa", "0.94.14rc20", "boa:boa"), [nvd(match("a:boa:boa:0.94.14:rc21"))], "rejected range", ""),
    ("libpng: a beta by its update", software("libpng", "1.6.0beta", "libpng:libpng"), [nvd(match("a:libpng:libpng:1.6.0:beta"))], "affected", ""),
    ("Samba: what Debian adds does not count", software("samba", "4.13.13-Debian", "samba:samba"), [nvd(before("a:samba:samba", "4.13.14"))], "affected", ""),
    ("curl is not in a range of libcurl's other product", software("curl", "8.5.0", "haxx:curl"), [nvd(before("a:haxx:libcurl", "9"))], "", ""),
    ("libxml2: zeros", software("libxml2", "2.9.0", "xmlsoft:libxml2"), [nvd(match("a:xmlsoft:libxml2:2.9"))], "affected", ""),
    ("MiniZip: its own number is not that of zlib's release", software("minizip", "1.1", "zlib:minizip"), [nvd(before("a:zlib:minizip", "1.3.1"))],
     "rejected incomparable", ""),
    ("MiniZip is not zlib", software("zlib", "1.2.13", "zlib:zlib gnu:zlib"), [nvd(before("a:zlib:minizip", "1.3.1"))], "", ""),
    ("FreeType: the number of its library is no version", software("freetype", "unknown", "freetype:freetype"), [nvd(before("a:freetype:freetype", "2.13.1"))],
     "rejected version unknown", ""),
    # milestones
    ("Tomcat: a milestone", lib("9.0.0.M1"), [nvd(match("a:x:libabc:9.0.0:milestone1"))], "affected", ""),
    ("Tomcat: a milestone with a dash, in short", lib("9.0.0-M1"), [nvd(match("a:x:libabc:9.0.0:m1"))], "affected", ""),
    ("Tomcat: another milestone", lib("9.0.0.M2"), [nvd(match("a:x:libabc:9.0.0:milestone1"))], "rejected range", ""),
    ("Tomcat: a milestone is before the release", lib("9.0.0.M1"), [nvd(within("a:x:libabc", "9.0.0", "9.0.5"))], "rejected range", ""),
    # states of the sources beside a release
    ("commits behind the last", lib("2019.04-00213-g1e4a5a1"), [nvd(match("a:x:libabc", versionEndIncluding="2019.04"))], "rejected incomparable", "behind 2019.04"),
    ("commits behind the release that mends it", lib("2019.04-00213-g1e4a5a1"), [nvd(before("a:x:libabc", "2019.04"))], "rejected range", ""),
    ("commits before the release that mends it", lib("2019.04-00213-g1e4a5a1"), [nvd(before("a:x:libabc", "2019.07"))], "affected", ""),
    ("commits behind the release that is listed", lib("1.2.3-5-gabcdef0"), [nvd(match("a:x:libabc:1.2.3"))], "rejected incomparable", ""),
    ("a tree before the release that begins the range", lib("8.1.0-DEV"), [nvd(within("a:x:libabc", "8.1.0", "8.1.5"))], "rejected incomparable",
     "8.1.0-DEV is of the sources before 8.1.0"),
    ("a tree before the release that ends the range", lib("8.1.0-DEV"), [nvd(within("a:x:libabc", "8.0.0", "8.1.0"))], "affected", ""),
    ("a tree of another release", lib("8.1.0-DEV"), [nvd(within("a:x:libabc", "8.1.1", "8.1.5"))], "rejected range", ""),
    ("a tree before a start that is excluded", lib("8.1.0-DEV"), [nvd(match("a:x:libabc", versionStartExcluding="8.1.0"))], "rejected range", ""),
    ("a tree before a range with an end that is earlier", lib("1.2-dev"), [nvd(match("a:x:libabc", versionStartIncluding="1.2", versionEndExcluding="1.1"))],
     "rejected range", ""),
    ("what stands behind a tilde, before the start", lib("1.2~git20200101"), [nvd(within("a:x:libabc", "1.2", "1.3"))], "rejected incomparable", ""),
    ("a candidate has a name: a record could list it", lib("1.2-rc3"), [nvd(within("a:x:libabc", "1.2", "1.3"))], "rejected range", ""),
    ("pre without a number has none", lib("5.0.0-PRE"), [nvd(within("a:x:libabc", "5.0.0", "5.0.1"))], "rejected incomparable", ""),
    ("a tree of OpenSSL's letter", software("openssl", "1.0.2k-dev", "openssl:openssl"), [nvd(within("a:openssl:openssl", "1.0.2k", "1.0.2m"))],
     "rejected incomparable", ""),
    ("a tree: before or behind the end", lib("1.2-git"), [nvd(before("a:x:libabc", "1.2"))], "rejected incomparable", "1.2-git can not be compared"),
    ("a tree: before or behind the last", lib("1.0.git"), [nvd(match("a:x:libabc", versionEndIncluding="1.0"))], "rejected incomparable", ""),
    ("a tree: before or behind the first", lib("1.2git"), [nvd(within("a:x:libabc", "1.2", "1.3"))], "rejected incomparable", ""),
    ("a tree of a release within", lib("1.2-git"), [nvd(within("a:x:libabc", "1.0", "1.3"))], "affected", ""),
    ("a tree of the release that is listed", lib("1.2-git20200101"), [nvd(match("a:x:libabc:1.1"), match("a:x:libabc:1.2"))], "rejected incomparable", ""),
    ("a tree before the release that is listed", lib("8.1.0-DEV"), [nvd(match("a:x:libabc:8.1.0"))], "rejected incomparable", ""),
    ("a tree of a release that is not listed", lib("8.1.0-DEV"), [nvd(match("a:x:libabc:8.1.1"))], "rejected range", ""),
    ("behind the last that is affected", lib("1.2.3_git20200101"), [nvd(match("a:x:libabc", versionEndIncluding="1.2.3"))], "rejected incomparable",
     "behind 1.2.3"),
    ("behind the release that mends it", lib("1.2.3+git20200101"), [nvd(before("a:x:libabc", "1.2.3"))], "rejected range", ""),
    ("a patch is no tree", lib("1.2_p1"), [nvd(match("a:x:libabc", versionEndIncluding="1.2"))], "rejected range", ""),
    ("a tree before what is not affected", lib("1.2-dev"), [record("x", "libabc", version("1.2", status="unaffected"), default="affected")], "affected", ""),
    ("a registry's order has no such doubts", software("a", "1.2.0-dev.1", "x:none", purl="pkg:npm/a@1.2.0-dev.1"),
     [osv("a", {"introduced": "1.2.0"}, {"fixed": "1.3.0"}, ecosystem="npm")], "rejected range", ""),
    ("a product with semantic versions, a version that is none", software("rclone", "1.21.git", "rclone:rclone"), [nvd(within("a:rclone:rclone", "1.20.0", "1.22.0"))],
     "affected", ""),
    ("a product with semantic versions, one that is none, outside", software("rclone", "1.21.git", "rclone:rclone"), [nvd(before("a:rclone:rclone", "1.20.0"))],
     "rejected range", ""),
    *((f"a product with semantic versions, {v}", software(name, v, f"x:{name}"), [nvd(match(f"a:x:{name}", versionStartIncluding="0.100", **end))], state, "")
      for name, v, end, state in (
          ("podman", "4.9.4-rhel", {"versionEndExcluding": "4.9.4"}, "rejected range"), ("hugo", "0.111.3-5d4eb5154e1f", {"versionEndExcluding": "0.111.3"}, "rejected range"),
          ("consul", "1.10.0+ent", {"versionEndIncluding": "1.10.0"}, "affected"), ("runc", "1.0.0-rc9", {"versionEndExcluding": "1.0.0-rc10"}, "affected"),
          ("runc", "1.0.0-rc95", {"versionEndExcluding": "1.0.0-rc95"}, "rejected range"), ("runc", "1.0.0-rc95", {"versionEndExcluding": "1.0.0"}, "affected"),
          ("runc", "1.0.0-rc10", {"versionEndIncluding": "1.0.0-rc9"}, "rejected range"), ("etcd", "3.6.0-alpha.0", {"versionEndExcluding": "3.6.0"}, "affected"))),
    # attributes
    ("a start that is excluded", lib("1.0"), [nvd(match("a:x:libabc", versionStartExcluding="1.0", versionEndIncluding="2.0"))], "rejected range", ""),
    ("at a start that is excluded", lib("1.0"), [nvd(match("a:x:libabc", versionStartExcluding="1.0", versionEndExcluding="2.0"))], "rejected range", "1.0 is not in > 1.0 to < 2.0"),
    ("at a start that is excluded, without an end", lib("1.0"), [nvd(match("a:x:libabc", versionStartExcluding="1.0"))], "rejected range", "1.0 is not > 1.0"),
    ("behind an end with an update", lib("2.73"), [nvd(match("a:x:libabc:*:rc3", versionEndIncluding="2.73"))], "rejected range", "2.73 is not <= 2.73rc3"),
    ("behind a start that is excluded", lib("1.0.1"), [nvd(match("a:x:libabc", versionStartExcluding="1.0", versionEndIncluding="2.0"))], "affected", ""),
    ("one of any last part", lib("1.2.7"), [nvd(match("a:x:libabc:1.2.*"))], "affected", ""),
    ("a question mark is one character", lib("1.2.10"), [nvd(match("a:x:libabc:1.2.?"))], "rejected range", ""),
    ("a question mark, one character", lib("1.2.7"), [nvd(match("a:x:libabc:1.2.?"))], "affected", ""),
    ("a quoted asterisk is no wildcard", lib("1.2.7"), [nvd(match("a:x:libabc:1.2.\\*"))], "rejected incomparable", ""),
    ("a wildcard and an update", lib("8.1"), [nvd(match("a:x:libabc:8.*:rc1"))], "rejected range", ""),
    ("a wildcard and the update", lib("8.1rc1"), [nvd(match("a:x:libabc:8.*:rc1"))], "affected", ""),
    ("any candidate, the release", lib("1.0"), [nvd(match("a:x:libabc:1.0:rc*"))], "rejected range", ""),
    ("any candidate, one", lib("1.0-rc2"), [nvd(match("a:x:libabc:1.0:rc*"))], "affected", ""),
    ("any candidate, a patch", lib("1.0p2"), [nvd(match("a:x:libabc:1.0:rc*"))], "rejected range", ""),
    ("a candidate of any version", lib("1.0-rc1"), [nvd(match("a:x:libabc:*:rc1"))], "affected", ""),
    ("a candidate of any version, the release", lib("1.0"), [nvd(match("a:x:libabc:*:rc1"))], "rejected range", ""),
    ("the release of any version", lib("1.0"), [nvd(match("a:x:libabc:*:-"))], "affected", ""),
    ("no update is meant", lib("2.0rc1"), [nvd(match("a:x:libabc:2.0:-"))], "rejected range", ""),
    ("the update is a word of its own", lib("2.0"), [nvd(match("a:x:libabc:2.0:update1"))], "rejected range", ""),
    ("for FreeBSD", lib("1.0"), [nvd(match("a:x:libabc:*:*:*:*:*:freebsd", versionEndExcluding="2"))], "rejected edition", "freebsd"),
    ("for OpenWrt, which it is", lib("1.0", on="openwrt 23.05.2"), [nvd(match("a:x:libabc:*:*:*:*:*:openwrt", versionEndExcluding="2"))], "affected", ""),
    ("what is also called something else", lib("1.0"), [nvd(match("a:x:libabc:*:*:*:*:*:*:*:foo", versionEndExcluding="2"))], "rejected edition", "foo (other)"),
    ("for no other software", lib("1.0"), [nvd(match("a:x:libabc:*:*:*:*:*:-", versionEndExcluding="2"))], "affected", ""),
    ("a packed edition of CPE 2.2", lib("1.0"), [record("x", "libabc", until("0", "2"))], "affected", ""),
    ("an update that does not count in the order", lib("2.0"), [nvd(match("a:x:libabc:2.0:build123"))], "rejected range", "2.0:build123 is not 2.0"),
    ("that update", lib("2.0-build123"), [nvd(match("a:x:libabc:2.0:build123"))], "affected", ""),
    ("a build in the version, another", lib("1.0.2_build_20200101"), [nvd(match("a:x:libabc:1.0.2_build_20210101"))], "rejected range", ""),
    ("a build in the version, that", lib("1.0.2 Build 20210101"), [nvd(match("a:x:libabc:1.0.2_build_20210101"))], "affected", ""),
    ("a build in the version, and ours has none", lib("1.0.2"), [nvd(match("a:x:libabc:1.0.2_build_20210101"))], "rejected range", ""),
    ("a build that begins like that", lib("1.2_build123"), [nvd(match("a:x:libabc:1.2_build12"))], "rejected range", ""),
    ("a build that begins like the update", lib("1.2 build123"), [nvd(match("a:x:libabc:1.2:build12"))], "rejected range", ""),
    ("a build of the kernel that ends like that", kernel("5.10.0-18-amd64"), [nvd(match("o:linux:linux_kernel:5.10.0-8"))], "rejected range", ""),
    ("a build of the kernel, and the release has its number", kernel("5.8"), [nvd(match("o:linux:linux_kernel:5.8.0-8"))], "rejected range", ""),
    ("a build of the kernel", kernel("5.10.0-18-amd64"), [nvd(match("o:linux:linux_kernel:5.10.0-18"))], "affected", ""),
    ("sources that are packed anew are the same", lib("9.53.3"), [record("x", "libabc", version("9.53.3~dfsg"))], "affected", ""),
    ("a build of the release that is named", lib("1.0.2_build_20210101"), [nvd(match("a:x:libabc:1.0.2"))], "affected", ""),
    ("another such update", lib("2.0-build124"), [nvd(match("a:x:libabc:2.0:build123"))], "rejected range", ""),
    ("an update that is the release", lib("2.0"), [nvd(match("a:x:libabc:2.0:ga"))], "affected", ""),
    ("an update that is the release, in words", lib("2.0"), [nvd(match("a:x:libabc:2.0:general_availability"))], "affected", ""),
    ("an update with an underscore", lib("2.0-alpha1"), [nvd(match("a:x:libabc:2.0:alpha_1"))], "affected", ""),
    ("in another language", lib("1.0"), [nvd(match("a:x:libabc:*:*:*:de", versionEndExcluding="2"))], "rejected edition", "language"),
    ("the professional edition", lib("1.0"), [nvd(match("a:x:libabc:*:*:professional", versionEndExcluding="2"))], "rejected edition", "professional"),
    # configurations
    ("as a platform in a range: the kernel that is there", lib("1.0"), [nvd(node(before("a:x:libabc", "2")), node(match(
        "a:zlib:zlib", vulnerable=False, versionEndExcluding="1.2.12")), operator="AND")], "affected", ""),
    ("as a platform in a range: another", lib("1.0"), [nvd(node(before("a:x:libabc", "2")), node(match(
        "a:zlib:zlib", vulnerable=False, versionEndExcluding="1.2.3")), operator="AND")], "rejected platform", "zlib"),
    ("on a release of OpenWrt before 19.07", lib("1.0", on="openwrt 23.05.2"), [nvd(node(before("a:x:libabc", "2")), node(match(
        "o:openwrt:openwrt", vulnerable=False, versionEndExcluding="19.07")), operator="AND")], "rejected platform", "openwrt"),
    ("on a release of OpenWrt before 24.10", lib("1.0", on="openwrt 23.05.2"), [nvd(node(before("a:x:libabc", "2")), node(match(
        "o:openwrt:openwrt", vulnerable=False, versionEndExcluding="24.10")), operator="AND")], "affected", ""),
    ("an alternative that is no platform of ours", lib("1.0"), [nvd(node(before("a:x:libabc", "2")), node(
        match("o:microsoft:windows:-", vulnerable=False), match("a:zlib:zlib", vulnerable=False)), operator="AND")], "affected", ""),
    ("the configuration as a whole is negated", lib("1.0"), [lambda cve: {"format": "NVD_CVE", "vulnerabilities": [{"cve": {
        "id": cve, "published": "2026-01-01T00:00:00.000", "lastModified": "2026-01-01T00:00:00.000", "descriptions": [],
        "configurations": [{"negate": True, "operator": "AND", "nodes": [node(before("a:x:libabc", "2"))]}]}}]}], "rejected platform", ""),
    ("a node with AND: both products have to be there", lib("1.0"), [nvd(node(before("a:x:libabc", "2"), match("a:acme:absent"), operator="AND"))],
     "rejected platform", "absent"),
    ("a node with AND: both are", lib("1.0"), [nvd(node(before("a:x:libabc", "2"), match("a:zlib:zlib"), operator="AND"))], "affected", ""),
    ("an alternative that holds by another product", lib("1.0"), [nvd_1_1(tree("OR", tree("AND", tree("OR", before("a:x:libabc", "2")), tree("OR", match("a:acme:absent", vulnerable=False))),
        tree("AND", tree("OR", match("a:zlib:zlib")), tree("OR", match("a:zlib:zlib", vulnerable=False)))))], "rejected platform", "absent"),
    ("an alternative that holds by this one", lib("1.0"), [nvd_1_1(tree("OR", tree("AND", tree("OR", before("a:x:libabc", "2")), tree("OR", match("a:zlib:zlib", vulnerable=False))),
        tree("AND", tree("OR", match("a:acme:absent")), tree("OR", match("a:zlib:zlib", vulnerable=False)))))], "affected", ""),
    ("a node beside that holds by another product", lib("1.0"), [nvd(node(before("a:x:libabc", "2"), match("a:acme:absent", vulnerable=False), operator="AND"),
        node(match("a:zlib:zlib")), operator="OR")], "rejected platform", "absent"),
    ("what is negated, beside another product", lib("1.0"), [nvd(node(before("a:x:libabc", "2"), negate=True), node(match("a:zlib:zlib")), operator="OR")], "rejected platform", ""),
    ("not that platform", lib("1.0"), [nvd(node(before("a:x:libabc", "2")), node(match("o:microsoft:windows:-", vulnerable=False), negate=True), operator="AND")], "affected", ""),
    ("not this platform", lib("1.0"), [nvd(node(before("a:x:libabc", "2")), node(match("a:zlib:zlib", vulnerable=False), negate=True), operator="AND")], "rejected platform", ""),
    ("all but some versions of it", lib("3.0"), [nvd(node(match("a:x:libabc")), node(before("a:x:libabc", "2"), negate=True), operator="AND")], "affected", ""),
    ("two configurations are alternatives", lib("1.0"), [lambda cve: {"format": "NVD_CVE", "vulnerabilities": [{"cve": {
        "id": cve, "published": "2026-01-01T00:00:00.000", "lastModified": "2026-01-01T00:00:00.000", "descriptions": [], "configurations": [
            {"operator": "AND", "nodes": [node(before("a:x:libabc", "2")), node(match("h:acme:box:-", vulnerable=False))]},
            {"nodes": [node(before("a:x:libabc", "1.5"))]}]}}]}], "affected", "configuration 1"),
    ("the product as its own platform", lib("1.0"), [nvd(node(before("a:x:plugin", "2")), node(match("a:x:libabc:1.0", vulnerable=False)), operator="AND")],
     "rejected platform", "platform only"),
    # CVE records
    ("CVE: changes come in any order", lib("1.5"), [record("x", "libabc", until("1.0", "3.0", changes=[
        {"at": "2.0", "status": "affected"}, {"at": "1.4", "status": "unaffected"}]))], "rejected unaffected", ""),
    ("CVE: behind the second change", lib("2.5"), [record("x", "libabc", until("1.0", "3.0", changes=[
        {"at": "2.0", "status": "affected"}, {"at": "1.4", "status": "unaffected"}]))], "affected", ""),
    ("CVE: unaffected until a change", lib("1.1"), [record("x", "libabc", through("0", "*", status="unaffected", changes=[
        {"at": "1.0", "status": "affected"}, {"at": "1.2", "status": "unaffected"}]))], "affected", ""),
    ("CVE: a status that nobody knows", lib("1.5"), [record("x", "libabc", until("1.0", "2.0", status="unknown"), default="affected")],
     "rejected incomparable", "unknown"),
    ("CVE: known beside what nobody knows", lib("2.5"), [record("x", "libabc", until("1.0", "2.0", status="unknown"), default="affected")], "affected", ""),
    ("CVE: a change to unknown", lib("1.5"), [record("x", "libabc", until("1.0", "2.0", changes=[{"at": "1.4", "status": "unknown"}]))],
     "rejected incomparable", "unknown"),
    ("CVE: all are affected", lib("1.5"), [record("x", "libabc", version("all"))], "affected", "all are meant"),
    ("CVE: all versions, in words", lib("1.5"), [record("x", "libabc", version("All versions"))], "affected", "all are meant"),
    ("CVE: all before", lib("1.5"), [record("x", "libabc", version("All versions < V1.6"))], "affected", ""),
    ("CVE: all before, which it is not", lib("1.6"), [record("x", "libabc", version("All versions < V1.6"))], "rejected range", ""),
    ("CVE: before, in words", lib("1.5"), [record("x", "libabc", version("before 1.6"))], "affected", ""),
    ("CVE: prior to, in words", lib("1.6"), [record("x", "libabc", version("prior to 1.6"))], "rejected range", ""),
    ("CVE: and earlier", lib("1.2"), [record("x", "libabc", version("1.6 and earlier"))], "affected", ""),
    ("CVE: and earlier, which it is not", lib("1.7"), [record("x", "libabc", version("1.6 and earlier"))], "rejected range", ""),
    ("CVE: from to", lib("1.3"), [record("x", "libabc", version("1.2 - 1.6"))], "affected", ""),
    ("CVE: from through", lib("1.6"), [record("x", "libabc", version("1.2 through 1.6"))], "affected", ""),
    ("CVE: behind from to", lib("1.7"), [record("x", "libabc", version("1.2 - 1.6"))], "rejected range", ""),
    ("CVE: a branch", lib("1.4.7"), [record("x", "libabc", version("1.4.x"))], "affected", ""),
    ("CVE: another branch", lib("1.40.7"), [record("x", "libabc", version("1.4.x"))], "rejected range", ""),
    ("CVE: what it is fixed in", lib("1.4"), [record("x", "libabc", version("Fixed in 1.6"))], "rejected incomparable", ""),
    ("CVE: the end of a branch", lib("5.10.9"), [record("x", "libabc", through("5.10", "5.10.*"))], "affected", ""),
    ("CVE: behind the end of a branch", lib("5.11"), [record("x", "libabc", through("5.10", "5.10.*"))], "rejected range", ""),
    ("CVE: object names", lib("1.4"), [record("x", "libabc", until("0123abc", "4567def", versionType="git"))], "rejected incomparable", ""),
    ("CVE: semantic versions, a candidate", lib("2.0.0-rc.1"), [record("x", "libabc", until("1.0.0", "2.0.0", versionType="semver"))], "affected", ""),
    ("CVE: Linux by its own name", kernel("5.10.50"), [KERNEL], "affected", "not affected"),
    ("CVE: Linux, mended in its branch", kernel("5.10.190"), [KERNEL], "rejected unaffected", ""),
    ("CVE: Linux, mended in the next", kernel("6.6.1"), [KERNEL], "rejected unaffected", ""),
    ("CVE: Linux, before the flaw", kernel("4.14.98"), [KERNEL], "rejected unaffected", ""),
    # OSV
    ("OSV: a limit before the end", lib("2.5"), [osv("libabc", {"introduced": "0"}, {"fixed": "3.0"}, {"limit": "2.0"})], "rejected range", ""),
    ("OSV: below one of two limits", lib("2.5"), [osv("libabc", {"introduced": "0"}, {"limit": "2.0"}, {"limit": "3.0"})], "affected", ""),
    ("OSV: behind a start", lib("0.9"), [osv("libabc", {"introduced": "1.0"}, {"last_affected": "1.4"})], "rejected range", ""),
    ("OSV: withdrawn", lib("1.0"), [lambda cve: dict(osv("libabc", {"introduced": "0"})(cve), withdrawn="2026-02-01T00:00:00Z")], "", ""),
    ("OSV, Debian: before the flaw came in", software("zip", "1.0", "x:zip", "1.0-1", "debian 12"),
     [package("Debian:12", "zip", {"introduced": "2.0-1"}, {"fixed": "2.0-4"})], "not_affected", ""),
    ("OSV, Debian: with the flaw", software("zip", "2.0", "x:zip", "2.0-1+deb12u1", "debian 12"),
     [package("Debian:12", "zip", {"introduced": "2.0-1"}, {"fixed": "2.0-4"})], "affected", ""),
    ("OSV, Debian: behind the last affected", software("zip", "2.0", "x:zip", "2.0-5", "debian 12"),
     [package("Debian:12", "zip", {"introduced": "0"}, {"last_affected": "2.0-4"})], "fixed", ""),
    ("OSV, Debian: the last affected", software("zip", "2.0", "x:zip", "2.0-4", "debian 12"),
     [package("Debian:12", "zip", {"introduced": "0"}, {"last_affected": "2.0-4"})], "affected", ""),
    ("OSV, Debian: in the second range", software("zip", "3.0", "x:zip", "3.0-1", "debian 12"),
     [package("Debian:12", "zip", {"introduced": "0"}, {"fixed": "2.0-4"}, {"introduced": "3.0-1"}, {"fixed": "3.0-2"})], "affected", ""),
    ("OSV, Debian: between two ranges", software("zip", "2.5", "x:zip", "2.5-1", "debian 12"),
     [package("Debian:12", "zip", {"introduced": "0"}, {"fixed": "2.0-4"}, {"introduced": "3.0-1"}, {"fixed": "3.0-2"})], "fixed", ""),
    ("OSV, Debian: another release", software("zip", "2.0", "x:zip", "2.0-1", "debian 12"),
     [package("Debian:11", "zip", {"introduced": "0"}, {"fixed": "2.0-4"})], "", ""),
    ("OSV, Alpine: mended by a revision", software("zip", "2.0", "x:zip", "2.0-r2", "alpine 3.19.1"),
     [package("Alpine:v3.19", "zip", {"introduced": "0"}, {"fixed": "2.0-r2"})], "fixed", ""),
    ("OSV, Alpine: r9 is before r10", software("zip", "2.0", "x:zip", "2.0-r9", "alpine 3.19.1"),
     [package("Alpine:v3.19", "zip", {"introduced": "0"}, {"fixed": "2.0-r10"})], "affected", ""),
    ("OSV, Alpine: behind one range, and nobody can tell of the other: upstream's word counts", software("zip", "2.0", "x:zip", "2.0-r2", "alpine 3.19.1"),
     [ranges("Alpine:v3.19", "zip", [{"introduced": "1.0-r0"}, {"fixed": "1.0-r1"}], [{"introduced": "snapshot"}, {"last_affected": "trunk"}]),
      nvd(before("a:x:zip", "9"))], "affected", ""),
    ("OSV, OpenWrt: its own revision", software("zip", "2.0", "x:zip", "2.0-r3", "openwrt 23.05.2"),
     [package("OpenWrt:23.05", "zip", {"introduced": "0"}, {"fixed": "2.0-r3"})], "fixed", ""),
    ("OSV, Rocky Linux: the package's release counts", software("zip", "2.0", "x:zip", "2.0-4.el9", "rocky 9.3"),
     [package("Rocky Linux:9", "zip", {"introduced": "0"}, {"fixed": "0:2.0-3.el9"})], "fixed", ""),
    ("OSV, Rocky Linux: another release", software("zip", "2.0", "x:zip", "2.0-2.el9", "rocky 9.3", purl="pkg:rpm/rocky-linux/zip@2.0-2.el9"),
     [package("Rocky Linux:8", "zip", {"introduced": "0"}, {"fixed": "0:2.0-3.el8"})], "", ""),
    ("OSV, a rolling distribution: the package's revision counts", software("zip", "2.0", "x:zip", "2.0-r4", "wolfi", purl="pkg:apk/wolfi/zip@2.0-r4"),
     [package("Wolfi", "zip", {"introduced": "0"}, {"fixed": "2.0-r3"})], "rejected range", ""),
    # distributions
    ("Debian: a rebuild is not earlier", software("zip", "2.0", "x:zip", "2.0-3+b1", "debian 12"),
     [debian("zip", "bookworm", "resolved", fixed_version="2.0-3")], "fixed", ""),
    ("Debian: the version of the source counts", software("libzip", "9.0", "x:zip", "2:9.0-1", "debian 12", "zip", purl="pkg:deb/debian/libzip@2:9.0-1?upstream=zip%402.0-1"),
     [debian("zip", "bookworm", "resolved", fixed_version="2.0-3")], "affected", "this is 2.0-1"),
    ("Debian: the version of the source is the mended one", software("libzip", "9.0", "x:zip", "2:9.0-1", "debian 12", "zip", purl="pkg:deb/debian/libzip@2:9.0-1?upstream=zip%402.0-3"),
     [debian("zip", "bookworm", "resolved", fixed_version="2.0-3")], "fixed", ""),
    ("Debian: an epoch counts before all", software("zip", "2.0", "x:zip", "1:1.0-1", "debian 12"),
     [debian("zip", "bookworm", "resolved", fixed_version="9.0-3")], "fixed", ""),
    ("Debian: a candidate with a tilde", software("zip", "2.0", "x:zip", "2.0~rc1-1", "debian 12"),
     [debian("zip", "bookworm", "resolved", fixed_version="2.0-1")], "affected", ""),
    ("Alpine: two in one entry", software("zip", "2.0", "x:zip", "2.0-r2", "alpine 3.19"), [lambda cve: {
        "distroversion": "v3.19", "reponame": "main-two", "packages": [{"pkg": {"name": "zip", "secfixes": {"2.0-r1": [cve + " XSA-1"]}}}]}], "fixed", ""),
    ("Alpine: another branch", software("zip", "2.0", "x:zip", "2.0-r2", "alpine 3.18"), [alpine("zip", "2.0-r1")], "", ""),
]


DAY = "2026-0{}-01T00:00:00Z"


def vex(*statements, day=1, number=0):
    """OpenVEX: statements of (status, product, more)."""
    return lambda cve: {"@context": "https://openvex.dev/ns/v0.2.0", "@id": f"urn:{number}:{cve}", "author": "x", "version": 1,
                        "timestamp": DAY.format(day), "statements": [
                            {"vulnerability": {"name": cve}, "status": s, "products": [p if isinstance(p, dict) else {"@id": p}], **more}
                            for s, p, more in statements]}


def by_cpe(name):
    return {"@id": "x", "identifiers": {"cpe23": ":".join(["cpe:2.3"] + name.split(":") + ["*"] * (11 - len(name.split(":"))))}}


def csaf(status, vendor, product, category, versions, day=1):
    """CSAF VEX: a tree of vendor, product and version."""
    branch = lambda c, n, inner: {"category": c, "name": n, "branches": inner}
    return lambda cve: {
        "document": {"category": "csaf_vex", "csaf_version": "2.0", "title": "x",
                     "publisher": {"name": "x", "namespace": "https://x.example", "category": "vendor"},
                     "tracking": {"id": "x-" + cve, "current_release_date": DAY.format(day)}},
        "product_tree": {"branches": [branch("vendor", vendor, [branch("product_name", product, [
            {"category": category, "name": v, "product": {"product_id": str(i), "name": f"{product} {v}"}} for i, v in enumerate(versions)])])]},
        "vulnerabilities": [{"cve": cve, "product_status": {status: [str(i) for i in range(len(versions))]}}]}


def outer_csaf(status, category, name, **helper):
    """The same with the branch above that of the version, and what identifies the product."""
    def document(cve):
        d = csaf(status, "x", "libabc", "product_version", ["1.0"])(cve)
        product = d["product_tree"]["branches"][0]["branches"][0]
        product["branches"] = [{"category": category, "name": name, "branches": product["branches"]}]
        if helper:
            product["branches"][0]["branches"][0]["product"]["product_identification_helper"] = helper
        return d
    return document


def inner_csaf(status, category, name):
    """A tree of vendor, product and version 1.0, and one branch below that."""
    def document(cve):
        d = csaf(status, "x", "libabc", "product_version", ["1.0"])(cve)
        leaf = d["product_tree"]["branches"][0]["branches"][0]["branches"][0]
        leaf["branches"] = [{"category": category, "name": name, "product": leaf.pop("product")}]
        return d
    return document


HIT = nvd(before("a:x:libabc", "9"))
NO, YES, FIXED = {"justification": "component_not_present"}, {"action_statement": "update"}, {}
PURL = "pkg:generic/libabc"
CASES += [
    ("VEX: by purl without a version", lib("1.0"), [HIT, vex(("not_affected", PURL, NO))], "not_affected", "component_not_present"),
    ("VEX: by purl of another type", lib("1.0"), [HIT, vex(("not_affected", "pkg:npm/libabc", NO))], "affected", ""),
    ("VEX: by CPE, any version", lib("1.0"), [HIT, vex(("not_affected", by_cpe("a:x:libabc"), NO))], "not_affected", ""),
    *((f"VEX: by a CPE name with a pattern, {v}", lib(v), [HIT, vex(("not_affected", by_cpe("a:x:libabc:1.*"), NO))], state, "")
      for v, state in (("1.5", "not_affected"), ("2.5", "affected"), ("0.1.5", "affected"))),
    ("VEX alone: by a CPE name with a pattern", lib("1.5"), [vex(("affected", by_cpe("a:x:libabc:1.*"), YES))], "affected", ""),
    ("VEX alone: by a CPE name with another", lib("2.5"), [vex(("affected", by_cpe("a:x:libabc:1.*"), YES))], "", ""),
    ("VEX: by CPE, in other letters", lib("1.0"), [HIT, lambda cve: json.loads(json.dumps(vex(("not_affected", by_cpe("a:x:libabc:1.0"), NO))(cve)).replace("cpe:2.3:a:x", "CPE:2.3:A:X"))],
     "not_affected", ""),
    ("VEX: by CPE, another version", lib("1.0"), [HIT, vex(("not_affected", by_cpe("a:x:libabc:1.1"), NO))], "affected", ""),
    ("VEX: by CPE with an update, that", lib("4.2.8p18"), [HIT, vex(("fixed", by_cpe("a:x:libabc:4.2.8:p18"), FIXED))], "fixed", ""),
    ("VEX: by CPE with an update, the release", lib("4.2.8"), [HIT, vex(("fixed", by_cpe("a:x:libabc:4.2.8:p18"), FIXED))], "affected", ""),
    ("VEX: by CPE, for another system", lib("1.0"), [HIT, vex(("not_affected", by_cpe("a:x:libabc:*:*:*:*:*:windows"), NO))], "affected", ""),
    ("VEX: by CPE, this version for another system", lib("1.0"), [HIT, vex(("not_affected", by_cpe("a:x:libabc:1.0:*:*:*:*:windows"), NO))], "affected", ""),
    ("VEX: by CPE, another edition", lib("1.0"), [HIT, vex(("not_affected", by_cpe("a:x:libabc:*:*:*:*:enterprise"), NO))], "affected", ""),
    ("VEX: by a name alone", lib("1.0"), [HIT, vex(("not_affected", "libabc", NO))], "affected", ""),
    ("VEX: by subcomponent of somebody's product", lib("1.0"), [HIT, vex(("not_affected", {"@id": "pkg:oci/box", "subcomponents": [{"@id": PURL}]}, NO))],
     "affected", ""),
    ("VEX: a later statement takes an earlier one back", lib("1.0"), [HIT, vex(("not_affected", PURL, NO), day=1), vex(("affected", PURL, YES), day=2, number=1)],
     "affected", ""),
    ("VEX: in whatever order they come", lib("1.0"), [HIT, vex(("affected", PURL, YES), day=2, number=1), vex(("not_affected", PURL, NO), day=1)], "affected", ""),
    ("VEX: later in one document by its time", lib("1.0"), [HIT, vex(
        ("fixed", PURL, {"timestamp": DAY.format(3)}), ("affected", PURL, dict(YES, timestamp=DAY.format(2))), day=1)], "fixed", ""),
    ("VEX: earlier in one document by its time", lib("1.0"), [HIT, vex(
        ("affected", PURL, dict(YES, timestamp=DAY.format(3))), ("fixed", PURL, {"timestamp": DAY.format(2)}), day=1)], "affected", ""),
    ("VEX: of an exact version after one of any", lib("1.0"), [HIT, vex(("affected", PURL, YES), ("fixed", PURL + "@1.0", FIXED))], "fixed", ""),
    ("VEX: under investigation", lib("1.0"), [HIT, vex(("under_investigation", PURL, {}))], "under_investigation", ""),
    ("VEX: an id in place of a name", lib("1.0"), [HIT, lambda cve: {"@context": "https://openvex.dev/ns/v0.2.0", "@id": "urn:" + cve, "author": "x", "version": 1,
        "timestamp": DAY.format(1), "statements": [{"vulnerability": {"@id": "https://nvd.nist.gov/vuln/detail/" + cve}, "status": "fixed",
                                                    "products": [{"@id": PURL}]}]}], "fixed", ""),
    ("CSAF: by vendor and product", lib("1.0"), [HIT, csaf("known_not_affected", "X", "libabc", "product_version", ["1.0"])], "not_affected", ""),
    ("CSAF: another vendor's", lib("1.0"), [HIT, csaf("known_not_affected", "Y", "libabc", "product_version", ["1.0"])], "affected", ""),
    ("CSAF: another version", lib("1.0"), [HIT, csaf("known_not_affected", "X", "libabc", "product_version", ["1.1"])], "affected", ""),
    ("CSAF: a vendor with blanks", software("tool", "1.0", "the_company:tool_libabc"), [
        nvd(before("a:the_company:tool_libabc", "9")), csaf("fixed", "The Company", "Tool libabc", "product_version", ["1.0"])], "fixed", ""),
    ("CSAF: a range", lib("1.0"), [HIT, csaf("fixed", "x", "libabc", "product_version_range", ["vers:generic/>=0.9|<2.0"])], "fixed", ""),
    ("CSAF: a range with a version that is quoted", dict(lib("1.0"), package_version="1.0-1+b1", purl="pkg:deb/debian/libabc@1.0-1+b1"),
     [HIT, csaf("fixed", "x", "libabc", "product_version_range", ["vers:deb/<=1.0-1%2Bb1"])], "fixed", ""),
    ("CSAF: behind a version that is quoted", dict(lib("1.0"), package_version="1.0-1+b2", purl="pkg:deb/debian/libabc@1.0-1+b2"),
     [HIT, csaf("fixed", "x", "libabc", "product_version_range", ["vers:deb/<=1.0-1%2Bb1"])], "affected", ""),
    ("CSAF: behind a range", lib("2.0"), [HIT, csaf("fixed", "x", "libabc", "product_version_range", ["vers:generic/>=0.9|<2.0"])], "affected", ""),
    ("CSAF: a service pack is not the release", lib("1.0"), [HIT, inner_csaf("fixed", "service_pack", "SP1")], "affected", ""),
    ("CSAF: a service pack", lib("1.0-SP1"), [HIT, inner_csaf("fixed", "service_pack", "SP1")], "fixed", ""),
    ("CSAF: a patch level", lib("1.0p2"), [HIT, inner_csaf("fixed", "patch_level", "p2")], "fixed", ""),
    ("CSAF: a service pack above the version is not the release", lib("1.0"), [HIT, outer_csaf("fixed", "service_pack", "SP1")], "affected", ""),
    ("CSAF: a service pack, of a product with a CPE name", lib("1.0"), [HIT, outer_csaf(
        "fixed", "service_pack", "SP1", cpe="cpe:2.3:a:x:libabc:1.0:*:*:*:*:*:*:*")], "affected", ""),
    ("CSAF: for one machine, above the version", lib("1.0"), [HIT, outer_csaf("known_not_affected", "architecture", "arm64")], "affected", ""),
    ("CSAF: for one machine, by a package URL that does not tell", lib("1.0"), [HIT, outer_csaf(
        "known_not_affected", "architecture", "arm64", purl="pkg:generic/libabc@1.0")], "affected", ""),
    ("CSAF: for one machine, by a package URL that tells", dict(lib("1.0"), purl="pkg:generic/libabc@1.0", architecture="arm64"), [HIT, outer_csaf(
        "known_not_affected", "architecture", "arm64", purl="pkg:generic/libabc@1.0?arch=arm64")], "not_affected", ""),
    # a statement alone, by vendor and product in words
    ("CSAF alone: by vendor and product", lib("1.0"), [csaf("known_affected", "X", "libabc", "product_version", ["1.0"])], "affected", "in words alone"),
    ("CSAF alone: another vendor's", lib("1.0"), [csaf("known_affected", "Y", "libabc", "product_version", ["1.0"])], "", ""),
    ("CSAF alone: a vendor that is called nearly so", lib("1.0"), [csaf("known_affected", "X Inc.", "libabc", "product_version", ["1.0"])], "", ""),
    ("CSAF alone: another product", lib("1.0"), [csaf("known_affected", "X", "libabc Pro", "product_version", ["1.0"])], "", ""),
    ("CSAF alone: another version", lib("1.0"), [csaf("known_affected", "X", "libabc", "product_version", ["1.1"])], "", ""),
    ("CSAF alone: no version", lib("1.0"), [csaf("known_affected", "X", "libabc", "architecture", ["noarch"])], "", ""),
    ("CSAF alone: all versions", lib("1.0"), [csaf("known_affected", "X", "libabc", "product_version", ["All versions"])], "affected", "in words alone"),
    ("CSAF alone: a version in words", lib("1.0"), [csaf("known_affected", "X", "libabc", "product_version", ["see the notes"])], "", ""),
    ("CSAF alone: a range", lib("1.0"), [csaf("known_affected", "X", "libabc", "product_version_range", ["vers:generic/>=0.9|<2.0"])], "affected", "in words alone"),
    ("CSAF alone: behind a range", lib("2.0"), [csaf("known_affected", "X", "libabc", "product_version_range", ["vers:generic/>=0.9|<2.0"])], "", ""),
    ("CSAF alone: a range with a sign", lib("1.0"), [csaf("known_affected", "X", "libabc", "product_version_range", ["< 2.0"])], "affected", "in words alone"),
    ("CSAF alone: behind a range with a comma", lib("3.0"), [csaf("known_affected", "X", "libabc", "product_version_range", [">=1.0,<2.0"])], "", ""),
    ("CSAF alone: words with blanks", software("tool libabc", "1.0", "the_company:tool_libabc"),
     [csaf("known_affected", "The Company", "Tool libabc", "product_version", ["1.0"])], "affected", "in words alone"),
    ("CSAF alone: firmware", software("libabc", "1.0", "o:x:libabc_firmware"), [csaf("known_affected", "X", "libabc firmware", "product_version", ["1.0"])],
     "affected", "in words alone"),
    ("CSAF alone: a device is not what runs on it", software("libabc", "1.0", "h:x:libabc"), [csaf("known_affected", "X", "libabc", "product_version", ["1.0"])], "", ""),
    ("CSAF alone: for one machine", lib("1.0"), [inner_csaf("known_affected", "architecture", "arm64")], "", ""),
    ("CSAF alone: NVD says otherwise", lib("1.0"), [nvd(before("a:x:libabc", "0.9")), csaf("known_affected", "X", "libabc", "product_version", ["1.0"])],
     "rejected other source", "that counts more"),
    ("CSAF alone: a later edition of the advisory takes it back", lib("1.0"), [csaf("known_affected", "X", "libabc", "product_version", ["1.0"]),
                                                                 csaf("known_not_affected", "X", "libabc", "product_version", ["1.0"], day=2)], "", ""),
    ("CSAF: for any machine", lib("1.0"), [HIT, outer_csaf("known_not_affected", "architecture", "noarch")], "not_affected", ""),
    ("CSAF: affected on one machine", lib("1.0"), [outer_csaf("known_affected", "architecture", "arm64", cpe="cpe:2.3:a:x:libabc:*:*:*:*:*:*:*:*")], "", ""),
    ("CSAF: for one machine", lib("1.0"), [HIT, inner_csaf("known_not_affected", "architecture", "arm64")], "affected", ""),
    ("CSAF: in one language", lib("1.0"), [HIT, inner_csaf("known_not_affected", "language", "de")], "affected", ""),
    ("CSAF: a family above it", lib("1.0"), [HIT, inner_csaf("known_not_affected", "legacy", "x")], "not_affected", ""),
    ("CSAF: without a reason", lib("2.0"), [HIT, csaf("fixed", "x", "libabc", "product_version", ["2.0"])], "fixed", "csaf-x.example says that it is fixed"),
    ("CSAF: all versions", lib("2.0"), [HIT, csaf("known_not_affected", "x", "libabc", "product_version_range", ["vers:all/*"])], "not_affected", ""),
    ("CSAF: a range with a sign", lib("2.0"), [HIT, csaf("known_not_affected", "x", "libabc", "product_version", [">= 2.0"])], "not_affected", ""),
    ("CSAF: a range in words", lib("2.0"), [HIT, csaf("known_not_affected", "x", "libabc", "product_version", [">= 2.0 of last year"])], "affected", ""),
]


class Truth(Verdicts):
    assay, cases = os.path.abspath(sys.argv.pop(1)), CASES
    others = (software("zlib", "1.2.11", "zlib:zlib"), )


del Verdicts  # it is no test by itself
unittest.main(argv=sys.argv)
