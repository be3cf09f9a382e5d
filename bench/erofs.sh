#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Unpacking all files of EROFS images in memory, beside `fsck.erofs --extract`, which does the same; in turns.
#
#   bench/erofs.sh BUILD [FOLDER]     FOLDER: what the images are made of; by default this machine's programs
set -eu
build=${1:?usage: erofs.sh BUILD [FOLDER]}
folder=${2:-/usr/bin}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
now() { date +%s%N; }
for options in "" "-zlz4" "-zlz4hc -C65536" "-zlz4hc -C65536 -Efragments,ztailpacking"; do
	# shellcheck disable=SC2086
	mkfs.erofs $options "$dir/image" "$folder" > /dev/null 2>&1
	for run in 1 2 3 4 5 6 7; do
		t0=$(now)
		"$build/bench_format" erofs "$dir/image" > "$dir/found"
		t1=$(now)
		fsck.erofs --extract "$dir/image" > /dev/null
		t2=$(now)
		echo $(((t1 - t0) / 1000)) $(((t2 - t1) / 1000)) $run
	done > "$dir/times"
	ours=$(cut -d' ' -f1 "$dir/times" | sort -n | sed -n 4p)
	theirs=$(cut -d' ' -f2 "$dir/times" | sort -n | sed -n 4p)
	echo "mkfs.erofs ${options:-(stored)}: $(cat "$dir/found"); $ours us, fsck.erofs $theirs us: $((theirs * 100 / ours)) %"
	rm "$dir/image"
done
