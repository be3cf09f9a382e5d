#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# What linters say: clang-tidy and cppcheck on the C, shellcheck on the scripts, mandoc on the manual. Fails on any finding.
#
#     lint.sh [BUILD_FOLDER]
set -u
cd "$(dirname "$0")/.." || exit 1
build=${1:-build}
code=0

say() {
	printf '%s\n' "== $*"
}

# It counts on the standard error what it did not show; anything else there is an error. What the build makes has to be there.
say clang-tidy
noise=$(mktemp)
trap 'rm -f "$noise"' EXIT
ninja -C "$build" --quiet assay || exit 1
git ls-files 'src/*.c' | xargs -n 4 -P "$(nproc)" clang-tidy-14 --quiet --warnings-as-errors='*' -p "$build" 2> "$noise" || code=1
grep -Ev '^[0-9]+ warnings?( treated as errors?| generated)|^Suppressed [0-9]+ warnings|^Use -header-filter' "$noise"

# What it found out of a file that did not change it takes from the build folder.
say cppcheck
mkdir -p "$build/cppcheck"
cppcheck -j "$(nproc)" --cppcheck-build-dir="$build/cppcheck" --quiet --std=c11 --language=c \
	--enable=warning,performance,portability --inline-suppr --error-exitcode=1 \
	--suppress=normalCheckLevelMaxBranches -D_GNU_SOURCE -Isrc src || code=1

say shellcheck
git ls-files '*.sh' .ci/run completions/assay.bash | xargs shellcheck --severity=warning || code=1

say mandoc
mandoc -T lint -W warning docs/man/assay.1 || code=1

# Tables may be wider, where a line is a row: the facts, the rules of secrets, the cases of tests, the seeds of the fuzz targets.
say line length
git ls-files '*.[ch]' '*.py' '*.sh' meson.build '*/meson.build' | grep -Ev '^tests/.*\.(c|py)$|^fuzz/seeds\.sh$' | xargs python3 -c '
import sys
bad = [(f, n) for f in sys.argv[1:] for n, line in enumerate(open(f), 1) if len(line.rstrip("\n").expandtabs(4)) > 150]
for place in bad:
    print("%s:%d: over 150 columns" % place)
sys.exit(bool(bad))' || code=1
exit $code
