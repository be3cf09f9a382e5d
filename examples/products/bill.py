#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes the package database of an example image and its bill of materials (CycloneDX 1.6).

bill.py STATUS DATABASE BILL ROOT: takes from STATUS (stanzas of dpkg) those packages whose files are in ROOT.
"""
import json
import os
import sys

# What a root file system that was put together from packages has of each: the file that tells.
FILES = {
    "busybox-static": "bin/busybox", "mosquitto": "usr/sbin/mosquitto", "chrony": "usr/sbin/chronyd",
    "nftables": "usr/sbin/nft", "swupdate": "usr/bin/swupdate",
}
TOOLS = {"dropbear-bin", "lighttpd", "lighttpd-mod-openssl", "openssl", "inetutils-telnetd", "curl", "ca-certificates"}


def stanzas(path):
    with open(path, encoding="utf-8") as file:
        for block in file.read().split("\n\n"):
            fields = dict(line.split(": ", 1) for line in block.splitlines() if ": " in line)
            if fields.get("Package"):
                yield block.strip(), fields


def main():
    status, database, bill, root = sys.argv[1:]
    kept = [(block, fields) for block, fields in stanzas(status)
            if fields["Package"] not in TOOLS and os.path.exists(os.path.join(root, FILES.get(fields["Package"], "")))]
    with open(database, "w", encoding="utf-8") as out:
        out.write("".join(block + "\n\n" for block, _ in kept))
    components = [{
        "type": "library", "name": fields["Package"], "version": fields["Version"],
        "purl": f"pkg:deb/debian/{fields['Package']}@{fields['Version'].replace('+', '%2B').replace(':', '%3A')}?arch=armhf",
    } for _, fields in kept]
    document = {
        "bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1,
        "metadata": {"component": {"type": "firmware", "name": "Larkspur G3", "version": "3.2.0"}},
        "components": components,
    }
    with open(bill, "w", encoding="utf-8") as out:
        json.dump(document, out, indent=1)
        out.write("\n")


main()
