#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# How long `assay watch` takes to tell which of many stored cases new CVEs concern, beside a match of each case by itself.
#
#   bench/watch.sh BUILD [CASES [CVES [ABOUT]]]     10000 cases, 1000 new CVEs, of which 150 name products of the cases:
#                                                   most CVEs of a day are about what no firmware has. Cases take 1.5 MB each,
#                                                   16 GB in all: TMPDIR names where to make them
set -eu
build=$(cd "${1:?usage: watch.sh BUILD [CASES [CVES [ABOUT]]]}" && pwd)
cases=${2:-10000}
cves=${3:-1000}
about=${4:-150}
here=$(cd "$(dirname "$0")" && pwd)
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
python3 "$here/make_watch.py" "$build/assay" . "$cases" "$cves" "$about"
echo "$cases cases, $(du -sm cases | cut -f1) MB, $(sqlite3 cases/00/00000.assay 'SELECT count(*) FROM software') components and" \
	"$(sqlite3 cases/00/00000.assay 'SELECT count(*) FROM vulnerability') known vulnerabilities in one; $(nproc) processors"

measure() {
	what=$1
	shift
	load=$(cut -d ' ' -f 1 /proc/loadavg) # what else the machine does: then the processor's time counts, not the wall's
	command time -f '%e %U %S %M' -o took "$build/assay" watch cases --feeds feeds.db -q "$@" > out || [ $? -eq 1 ]
	tail -n 1 took | awk -v what="$what" -v cases="$cases" -v busy="$load" \
		'{ printf "%s: %.1f s at a load of %s (%.1f s of processor time, %.2f ms a case), at most %.0f MiB\n",
			what, $1, busy, $2 + $3, ($2 + $3) * 1000 / cases, $4 / 1024 }'
}
measure "nothing new"
command time -f '%e' -o took "$build/assay" feed import new.json --feeds feeds.db -q
echo "import of $cves new CVEs: $(cat took) s"
measure "watch"
tail -n 2 out | head -n 1
measure "the same, as JSON" --json
measure "one CVE" --cve CVE-2026-10000
grep "applies to" out || true

# The naive loop: each case matched by itself, in a copy.
few=20
cat > naive.sh <<END
for i in \$(seq 0 $((few - 1))); do
	cp "cases/\$(printf '%02d/%05d' "\$((i % 100))" "\$i").assay" copy.assay
	"$build/assay" vulns copy.assay --feeds feeds.db --json -q > /dev/null
done
END
command time -f '%U %S' -o took sh naive.sh
awk -v few="$few" -v cases="$cases" '{ each = ($1 + $2) / few
	printf "a match of each case by itself: %.0f ms of processor time a case, %.0f s for all\n", each * 1000, each * cases }' took
