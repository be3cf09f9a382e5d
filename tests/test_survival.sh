#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Every format and inspector on the seeds of the fuzz targets, cut at 1,000 places and with 10,000 flips of up to 8 bits
# (what takes its time with each, a tenth of that): none may crash, hang or, in a build with sanitizers, be reported.
#
#     test_survival.sh FUZZ_STANDALONE
set -eu
runner=$(realpath "$1")
here=$(cd "$(dirname "$0")/.." && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
# Of what the tests write, that which nothing else makes: the other tests of formats do the same to theirs.
sh "$here/fuzz/seeds.sh" "$folder/seeds" "$(dirname "$runner")" test_tplink test_dlink test_wrappers test_device_images
targets=0
for seeds in "$folder"/seeds/*_*; do
	name=$(basename "$seeds" | sed 's/_/:/')
	count=$(find "$seeds" -type f | wc -l)
	[ "$count" -gt 0 ] || continue
	case "$name" in
	inspector:accounts | reader:pack) flips=1000 ;; # each of them guesses passwords, or has SQLite compile queries
	*) flips=10000 ;;
	esac
	timeout 300 "$runner" "$name" $((flips / 10 / count + 1)) $((flips / count + 1)) "$seeds"/* || {
		echo "$name: exit code $?"
		exit 1
	}
	targets=$((targets + 1))
	echo "$name: survived on $count inputs"
done
echo "$targets targets"
[ "$targets" -gt 0 ]
