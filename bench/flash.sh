#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# File systems of raw flash, which no Debian package extracts: everything that reading their files takes, beside the
# decompressor alone (memcpy where nothing is packed), in turns on images of about 80 MB.
#
#   bench/flash.sh BUILD
set -eu
build=$(cd "${1:?usage: flash.sh BUILD}" && pwd)
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
mkdir "$dir/tree"
size=0
for f in /usr/bin/* /usr/lib/*-linux-gnu/*.so.*; do
	[ -f "$f" ] && [ ! -L "$f" ] || continue
	n=$(stat -c %s "$f")
	[ "$n" -lt 8000000 ] || continue
	cp "$f" "$dir/tree/" 2> /dev/null || continue
	size=$((size + n))
	[ "$size" -lt 80000000 ] || break
done
for c in none lzo zlib zstd; do
	mkfs.ubifs -m 2048 -e 126976 -c 4000 -x $c -r "$dir/tree" -o "$dir/image" > /dev/null
	printf 'ubifs, %s: ' $c
	"$build/bench_ubifs" "$dir/image"
done
for x in "-n -l -X zlib" "-n -l -x zlib -x rtime -X lzo -m size" "-n -b -m none"; do
	# shellcheck disable=SC2086
	mkfs.jffs2 $x -s 4096 -e 131072 -d "$dir/tree" -o "$dir/image" 2> /dev/null
	echo "mkfs.jffs2 $x:"
	"$build/bench_logfs" "$dir/image"
done
