#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# How long a whole NVD takes to import, and in how much memory; then the same again, when nothing is new; then one lookup.
#
#   bench/feed.sh BUILD [RECORDS]       RECORDS: 250000 by default, about as many as the NVD had in 2024
set -eu
build=$(cd "${1:?usage: feed.sh BUILD [RECORDS]}" && pwd)
records=${2:-250000}
here=$(cd "$(dirname "$0")" && pwd)
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
python3 "$here/make_nvd.py" "$records" nvd.json
echo "$(du -m nvd.json | cut -f1) MB of JSON, $records records, $(nproc) processors"

# The largest of the two processes: time(1) counts each child by itself.
measure() {
	command time -f '%e %U %S %M' -o took "$build/assay" feed import nvd.json --feeds feeds.db -q
	awk -v what="$1" '{ printf "%s: %.1f s (%.1f s of processor time), at most %.0f MiB in a process\n", what, $1, $2 + $3, $4 / 1024 }' took
}
measure "first import"
measure "again, nothing new"
echo "$(du -m feeds.db | cut -f1) MB of database"
product=$(sqlite3 feeds.db "SELECT name FROM product WHERE id = 1000")
start=$(date +%s%N)
sqlite3 feeds.db "SELECT count(*) FROM criterion WHERE product = '$product'" > /dev/null
echo "one lookup with the start of sqlite3: $((($(date +%s%N) - start) / 1000000)) ms"
