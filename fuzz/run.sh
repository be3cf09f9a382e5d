#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Fuzzes every format and inspector of the registries, and the readers of documents, for so many seconds each, two at a time.
#
#   fuzz/run.sh SECONDS [TARGET...]         TARGET: format:squashfs, inspector:elf ...
set -eu
cd "$(dirname "$0")/.."
time=${1:-60}
[ $# -gt 0 ] && shift
build="build-fuzz"
[ -f $build/build.ninja ] || CC=clang-14 meson setup $build -Dbuildtype=debugoptimized -Dfuzz=true -Db_sanitize=address,undefined \
	-Db_lundef=false > $build.log 2>&1 || { cat $build.log; exit 1; }
rm -f $build.log
ninja -C $build --quiet fuzz-assay fuzz-standalone assay seed-writers
sh fuzz/seeds.sh $build/seeds $build
targets=${*:-$($build/assay list formats --names | sed 's/^/format:/') $($build/assay list inspectors --names | sed 's/^/inspector:/')
	$($build/fuzz-standalone readers)
	combos:pict combos:acts combos:acts-xml combos:ctwedge combos:casa combos:dimacs combos:rows combos:constraints}
mkdir -p $build/corpus $build/findings
one() {
	name=$(echo "$1" | tr : _)
	mkdir -p "$build/corpus/$name" "$build/seeds/$name"
	# A library may ask for much memory and use little: only what is used counts. In the worker a limit refuses it. UBSan would
	# report and go on, and the run end as if nothing had been found.
	if FUZZ_TARGET=$1 FUZZ_MUTANT=$build/findings/$name-mutant ASAN_OPTIONS=allocator_may_return_null=1 \
		UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1 \
		$build/fuzz-assay -max_total_time="$time" -timeout=20 -rss_limit_mb=2048 -malloc_limit_mb=16384 -max_len=200000 -verbosity=0 \
		-print_final_stats=1 -artifact_prefix="$build/findings/$name-" "$build/corpus/$name" "$build/seeds/$name" \
		> "$build/findings/$name.log" 2>&1; then
		runs=$(sed -n 's/^stat::number_of_executed_units: //p' "$build/findings/$name.log")
		echo "$1: ${runs:-?} runs, nothing found"
	else
		echo "$1: FOUND something: $build/findings/$name.log"
		touch "$build/findings/failed"
	fi
}
rm -f $build/findings/failed
for t in $targets; do
	one "$t" &
	# two at a time
	[ -n "${previous:-}" ] && { wait "$previous"; }
	previous=$!
done
wait
[ ! -e $build/findings/failed ]
