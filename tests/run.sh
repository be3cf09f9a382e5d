#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Runs every test of the build folder and ends with one line that counts them: "N passed, N failed, N skipped".
set -u
build=${1:-build}
# tests/meson.build says the same for whoever calls meson: nothing is written into the user's home.
XDG_DATA_HOME=$(cd "$build" && pwd)/tests/home
export XDG_DATA_HOME
# A machine that is busy with other work is slow, not wrong.
meson test -C "$build" --no-rebuild --print-errorlogs --timeout-multiplier 3
code=$?
count() {
	python3 - "$build/meson-logs/testlog.json" <<'PYTHON'
import json, sys
passed = failed = skipped = 0
for line in open(sys.argv[1]):
    result = json.loads(line)["result"]
    if result in ("OK", "EXPECTEDFAIL"):
        passed += 1
    elif result == "SKIP":
        skipped += 1
    else:
        failed += 1
print(f"{passed} passed, {failed} failed, {skipped} skipped")
sys.exit(1 if failed or not passed else 0)
PYTHON
}
count || code=1
exit $code
