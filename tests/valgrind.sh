#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# What is done with a case and a feed database, and the inspectors of components and bills of materials, under valgrind.
# The worker itself can not run there: its limits and its system call filter refuse what valgrind needs. So a case is made
# without, and inspectors run in the process of the fuzz targets.
#
#     valgrind.sh BUILD IMAGE FEEDS      FEEDS: a feed database
set -eu
build=$(realpath "${1:?usage: valgrind.sh BUILD IMAGE FEEDS}")
image=$(realpath "${2:?usage: valgrind.sh BUILD IMAGE FEEDS}")
feeds=$(realpath "${3:?usage: valgrind.sh BUILD IMAGE FEEDS}")
here=$(cd "$(dirname "$0")/.." && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
check() {
	echo "$*"
	valgrind -q --error-exitcode=99 --leak-check=full --errors-for-leak-kinds=definite "$@" > out 2> err || {
		cat err
		exit 1
	}
}
"$build/assay" "$image" -q -o a.assay > /dev/null || [ $? -eq 1 ]
check "$build/assay" vulns a.assay --feeds "$feeds"
check "$build/assay" vulns a.assay --rejected --json
check "$build/assay" sbom a.assay --cyclonedx a --spdx b --spdx3 c
check "$build/assay" vex a.assay --openvex d --csaf e
check "$build/assay" feed status --feeds "$feeds"
sh "$here/fuzz/seeds.sh" seeds "$build" test_tplink > /dev/null 2>&1
check "$build/fuzz-standalone" inspector:components 2 2 seeds/inspector_components/self seeds/inspector_components/note \
	seeds/inspector_components/dpkg seeds/inspector_components/release
check "$build/fuzz-standalone" inspector:sbom 2 2 seeds/inspector_sbom/ours seeds/inspector_sbom/tags \
	seeds/inspector_sbom/spdx seeds/inspector_sbom/spdx3 seeds/inspector_sbom/cyclonedx
for importer in nvd-2.0 cve-5 osv csaf-2.0 alpine-secdb debian-tracker; do
	check "$build/fuzz-standalone" "feed:$importer" 2 2 "seeds/feed_$importer/plain"
done
