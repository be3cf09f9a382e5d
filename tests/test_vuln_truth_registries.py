#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Packages of languages' registries, against a truth made by hand: the OSV schema's ecosystems, PEP 440 and 503, Maven's Version
Order Specification, Gem::Version, Semantic Versioning 2.0.0, and the package-url specification's types.

    test_vuln_truth_registries.py ASSAY
"""
import os
import sys
import unittest

from vuln_documents import Verdicts, before, nvd, openvex, osv, record, software, version


def package(purl, v, name="p"):
    return software(name, v, None, purl=purl)


def ends(ecosystem, name, end, kind="ECOSYSTEM"):
    return osv(name, {"introduced": "0"}, {"fixed": end}, ecosystem=ecosystem, kind=kind)


def order(ecosystem, purl, name, *pairs):
    """Pairs of versions, the earlier first: the first is affected by what the second mends, and not the other way round."""
    for a, b in pairs:
        yield f"{ecosystem}: {a} is before {b}", package(f"{purl}@{a}", a), [ends(ecosystem, name, b)], "affected", ""
        yield f"{ecosystem}: {b} is not before {a}", package(f"{purl}@{b}", b), [ends(ecosystem, name, a)], "rejected range", ""


def listed(versions, ecosystem="PyPI"):
    def document(cve):
        d = osv("libabc", ecosystem=ecosystem)(cve)
        d["affected"][0] = {"package": d["affected"][0]["package"], "versions": versions}
        return d
    return document


CASES = [
    *order("PyPI", "pkg:pypi/libabc", "libabc", ("2.0", "1!1.0"), ("1.0.dev1", "1.0a1"), ("1.0a1", "1.0b1"), ("1.0b1", "1.0c1"), ("1.0rc1", "1.0"), ("1.0", "1.0.post1"),
           ("1.0a1.dev1", "1.0a1"), ("1.0-1", "1.0.post2"), ("1.0", "1.0+local.1")),
    *order("Maven", "pkg:maven/org.x/libabc", "org.x:libabc", ("1.0-M1", "1.0"), ("1.0-rc1", "1.0-SNAPSHOT"), ("1.0-SNAPSHOT", "1.0"), ("1.0b2", "1.0"), ("1.0", "1.0-sp1"),
           ("9.4.32.v20200723", "9.4.32.v20200930"), ("9.4.38.v20210224", "9.4.39"), ("9.4.39", "9.4.39.v20210325"), ("1.0.0.RC1", "1.0.0-RC2")),
    *order("RubyGems", "pkg:gem/libabc", "libabc", ("1.0.0.a", "1.0.0"), ("1.0.0.rc1", "1.0.0.rc10"), ("5.2.4.rc1", "5.2.4.3"), ("1.0-x", "1.0"), ("1.0.0.a", "1.0.b")),
    *order("npm", "pkg:npm/libabc", "libabc", ("1.0.0-alpha.9", "1.0.0-alpha.10"), ("1.0.0-rc.1", "1.0.0"), ("1.9.0", "1.10.0")),
    *order("crates.io", "pkg:cargo/libabc", "libabc", ("0.9.9", "0.10.0"), ("1.0.0-alpha.2", "1.0.0")),
    *order("Go", "pkg:golang/x.org/libabc", "x.org/libabc", ("0.0.0-20190101000000-abcdefabcdef", "0.0.0-20200101000000-abcdefabcdef"), ("1.2.3-0.20200101000000-abcdefabcdef", "1.2.3")),
    *order("NuGet", "pkg:nuget/libabc", "libabc", ("1.0.0.1", "1.0.0.2"), ("1.0.0-beta", "1.0.0"), ("1.0.0.1-alpha", "1.0.0.1-Beta"), ("1.0.0", "1.0.0.1-alpha")),
    *order("Packagist", "pkg:composer/x/libabc", "x/libabc", ("1.0.0-alpha2", "1.0.0-alpha10"), ("1.0.0-beta1", "1.0.0-RC1"), ("1.0.0", "1.0.0-patch1"), ("1.0b1", "1.0"), ("1.0-a1", "1.0-b1"),
           ("1.0.1b", "1.0.1"), ("2.0.0-dev", "2.0.0-alpha"), ("2.1", "2.02")),
    *order("Hackage", "pkg:hackage/libabc", "libabc", ("1.9", "1.10")),
    *order("SwiftURL", "pkg:swift/github.com/x/libabc", "github.com/x/libabc", ("1.0.0-rc.1", "1.0.0")),
    *order("Julia", "pkg:julia/libabc", "libabc", ("0.9.9", "0.10.0")),
    *order("CRAN", "pkg:cran/libabc", "libabc", ("1.9", "1.10"), ("1.2-3", "1.2-10"), ("1.2", "1.2.1")),
    *order("GitHub Actions", "pkg:github/x/libabc", "x/libabc", ("v1.9", "v1.10")),
    *order("opam", "pkg:opam/libabc", "libabc", ("1.0~rc1", "1.0")),
    ("NuGet: in any case", package("pkg:nuget/libabc@1.0.0-BETA", "1.0.0-BETA"), [ends("NuGet", "libabc", "1.0.0-beta")], "rejected range", ""),
    ("Packagist: build metadata does not count", package("pkg:composer/x/libabc@1.0.0+2", "1.0.0+2"), [ends("Packagist", "x/libabc", "1.0.0+1")], "rejected range", ""),
    ("PyPI: 1.0 is 1.0.0", package("pkg:pypi/libabc@1.0.0", "1.0.0"), [ends("PyPI", "libabc", "1.0")], "rejected range", ""),
    ("PyPI: a version that is listed in another spelling", package("pkg:pypi/libabc@1.0.post1", "1.0.post1"), [listed(["0.9", "1.0-1"])], "affected", ""),
    ("PyPI: one that is not listed", package("pkg:pypi/libabc@1.0.post1", "1.0.post1"), [listed(["1.0", "1.1"])], "rejected range", ""),
    ("PyPI: a local build of a version that is listed", package("pkg:pypi/libabc@2.0.1+cu118", "2.0.1+cu118"), [listed(["2.0.1"])], "affected", ""),
    ("PyPI: a local build of the last affected", package("pkg:pypi/libabc@2.0.1+cu118", "2.0.1+cu118"),
     [osv("libabc", {"introduced": "0"}, {"last_affected": "2.0.1"}, ecosystem="PyPI")], "affected", ""),
    ("PyPI: a local build of the mended one", package("pkg:pypi/libabc@2.0.1+cu118", "2.0.1+cu118"), [ends("PyPI", "libabc", "2.0.1")], "rejected range", ""),
    ("PyPI: another local build", package("pkg:pypi/libabc@2.0.1+cu118", "2.0.1+cu118"), [listed(["2.0.1+cu117"])], "rejected range", ""),
    ("Go: 2.0.0+incompatible is 2.0.0", package("pkg:golang/x.org/libabc@v2.0.0+incompatible", "v2.0.0+incompatible"), [ends("Go", "x.org/libabc", "2.0.0", "SEMVER")], "rejected range", ""),
    # names
    ("PyPI: names in any case", package("pkg:pypi/Lib_Xy@1.0", "1.0"), [ends("PyPI", "lib-xy", "2.0")], "affected", ""),
    ("PyPI: the record's name in any case", package("pkg:pypi/lib-xy@1.0", "1.0"), [ends("PyPI", "Lib.XY", "2.0")], "affected", ""),
    ("a type in any case", software("libabc", "1.0", "x:libabc", purl="pkg:pypi/libabc@1.0"), [nvd(before("a:x:libabc", "2")), openvex("fixed", "pkg:PyPI/libabc@1.0")], "fixed", ""),
    ("a version with a slash", software("libabc", "1.0", "x:libabc", purl="pkg:generic/libabc@rel/1.0"), [nvd(before("a:x:libabc", "2")), openvex("fixed", "pkg:generic/libabc")],
     "fixed", ""),
    ("npm: a scope that is encoded", package("pkg:npm/%40s/libabc@1.0.0", "1.0.0"), [ends("npm", "@s/libabc", "2.0.0")], "affected", ""),
    ("npm: a scope that is not", package("pkg:npm/@s/libabc@1.0.0", "1.0.0"), [ends("npm", "@s/libabc", "2.0.0")], "affected", ""),
    ("npm: another scope", package("pkg:npm/%40t/libabc@1.0.0", "1.0.0"), [ends("npm", "@s/libabc", "2.0.0")], "", ""),
    ("npm: without a scope", package("pkg:npm/libabc@1.0.0", "1.0.0"), [ends("npm", "@s/libabc", "2.0.0")], "", ""),
    ("npm: a statement about a scope that is encoded", software("libabc", "1.0.0", "x:libabc", purl="pkg:npm/%40s/libabc@1.0.0"),
     [nvd(before("a:x:libabc", "2")), openvex("fixed", "pkg:npm/%40s/libabc@1.0.0")], "fixed", ""),
    ("Go: a path in any case", package("pkg:golang/github.com/Who/libabc@v1.0.0", "1.0.0"), [ends("Go", "github.com/who/libabc", "2.0.0", "SEMVER")], "affected", ""),
    ("Go: the record's path in any case", package("pkg:golang/github.com/who/libabc@v1.0.0", "1.0.0"), [ends("Go", "github.com/Who/libabc", "2.0.0", "SEMVER")], "affected", ""),
    ("Go: v2 is another module", package("pkg:golang/x.org/libabc@v1.0.0", "1.0.0"), [ends("Go", "x.org/libabc/v2", "2.0.0", "SEMVER")], "", ""),
    ("NuGet: names in any case", package("pkg:nuget/New.libabc@1.0.0", "1.0.0"), [ends("NuGet", "new.libabc", "2.0.0")], "affected", ""),
    ("Packagist: names in any case", package("pkg:composer/X/libabc@1.0.0", "1.0.0"), [ends("Packagist", "x/libabc", "2.0.0")], "affected", ""),
    ("Maven: names in one case", package("pkg:maven/org.x/Libabc-Q@1.0", "1.0"), [ends("Maven", "org.x:libabc-q", "2.0")], "", ""),
    ("Debian: a name with characters that are encoded", software("lib++-libabc", "1.0", None, "1.0-1", "debian 12", purl="pkg:deb/debian/lib%2B%2B-libabc@1.0-1"),
     [ends("Debian", "lib++-libabc", "1.0-2")], "affected", ""),
    ("the same name in another registry", package("pkg:npm/libabc@1.0.0", "1.0.0"), [ends("PyPI", "libabc", "2.0.0")], "", ""),
    # CVE records that name a registry's order
    ("CVE, PyPI: a beta", package("pkg:pypi/libabc@1.0b1", "1.0b1"), [record("x", "y", version("0", lessThan="1.0", versionType="python"), collectionURL="https://pypi.org",
                                                                            packageName="LibABC".lower())], "affected", ""),
    ("CVE, RubyGems: a prerelease", package("pkg:gem/libabc@1.0.0.a", "1.0.0.a"), [record("x", "y", version("0", lessThan="1.0.0", versionType="custom"),
                                                                                        collectionURL="https://rubygems.org", packageName="libabc")], "affected", ""),
    ("CVE: Maven's order named for what is no artifact of Maven", software("openssl", "1.0.2k", "openssl:openssl"), [
        record("OpenSSL", "OpenSSL", version("1.0.2", lessThan="1.0.2zh", versionType="maven"))], "affected", ""),
]


class Truth(Verdicts):
    assay, cases = os.path.abspath(sys.argv.pop(1)), CASES


del Verdicts  # it is no test by itself
unittest.main(argv=sys.argv)
