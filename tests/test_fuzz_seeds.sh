#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# fuzz/seeds.sh says in one line that the folder of a build is none, and makes nothing then.
set -eu
here=$(cd "$(dirname "$0")/.." && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkdir "$folder/empty"
for build in "$folder/missing" "$folder/empty"; do
	code=0
	sh "$here/fuzz/seeds.sh" "$folder/seeds" "$build" > "$folder/out" 2>&1 || code=$?
	[ "$code" = 2 ] && [ "$(wc -l < "$folder/out")" = 1 ] && grep -qF "$build is no build folder" "$folder/out" && [ ! -e "$folder/seeds" ] || {
		echo "$build: exit code $code"
		cat "$folder/out"
		exit 1
	}
done
