#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The suite in a build with AddressSanitizer, LeakSanitizer and UndefinedBehaviorSanitizer. Fails when a test does, and when a
# sanitizer reported anything of any process, whatever the test that ran it made of it: a worker that dies is a result for a case,
# and a fault here.
#
#     sanitized.sh [TEST...]      all tests, but those that drive a browser
set -u
cd "$(dirname "$0")/.." || exit 1
build="build-sanitize"
reports=$(pwd)/$build/reports
[ -f $build/build.ninja ] || CC=clang-14 meson setup $build -Dbuildtype=debugoptimized -Db_sanitize=address,undefined \
	-Db_lundef=false > $build.log 2>&1 || { cat $build.log; exit 1; }
rm -f $build.log
ninja -C $build --quiet || exit 1
rm -rf "$reports"
mkdir -p "$reports"
# A worker takes what it can not get as a result: in other builds a limit refuses it. It catches fatal signals to say where it
# was; here the sanitizer has them first. It can open no file, so its reports have one that is opened before. Whoever counts words in
# a long text would have all that follows measured at each.
common=log_path=$reports/report:allocator_may_return_null=1:abort_on_error=1
export ASAN_OPTIONS=$common:detect_leaks=1:handle_segv=2:handle_sigbus=2:handle_sigfpe=2:handle_sigill=2:intercept_strstr=0:intercept_memmem=0
export UBSAN_OPTIONS=$common:print_stacktrace=1
export ASSAY_SANITIZER_REPORTS=$reports/worker
# shellcheck disable=SC2046
[ $# -gt 0 ] || set -- $(meson test -C $build --no-rebuild --list 2> /dev/null | grep -vx viewer)
XDG_DATA_HOME=$(pwd)/$build/tests/home meson test -C $build --no-rebuild --print-errorlogs --timeout-multiplier 20 "$@"
code=$?
for report in "$reports"/*; do
	[ -s "$report" ] || continue
	echo "== $report"
	head -n 60 "$report"
	code=1
done
exit $code
