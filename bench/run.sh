#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# make bench: Assay beside the tools that people use today, on the same image in the same run.
#
#   bench/run.sh BUILD [IMAGE]     IMAGE: a squashfs-xz image; by default one is made of this machine's own programs
set -eu
build=${1:?usage: run.sh BUILD [IMAGE]}
image=${2:-}
if [ -z "$image" ]; then
	image=$build/bench/programs.squashfs
	[ -s "$image" ] || python3 bench/make_image.py "$image"
fi
python3 bench/compare.py "$build/assay" "$image"
"$build/bench_scan"
# What the inspectors cost on files made to be as expensive as may be.
"$build/bench_inspect" 4
"$build/bench_lzma" /usr/lib/*/libcrypto.so.3
# File systems beside what Debian has for them.
python3 bench/filesystems.py "$build/assay"
sh bench/disks.sh "$build"
sh bench/erofs.sh "$build"
sh bench/flash.sh "$build"
# Known vulnerabilities: the 200 products with the most records of a synthetic NVD.
if [ ! -s "$build/bench/feeds.db" ]; then
	mkdir -p "$build/bench"
	python3 bench/make_nvd.py 50000 "$build/bench/nvd.json"
	"$build/assay" feed import "$build/bench/nvd.json" --feeds "$build/bench/feeds.db" -q
fi
"$build/bench_match" "$build/bench/feeds.db"
# All guidelines on a case of 100,000 blobs.
"$build/bench_judge"
# Test plans beside the best known sizes.
sh bench/combos.sh "$build"
