#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# same_output.sh PROGRAM FILE [ARGUMENT]...: the file is what the program prints.
program=$1
file=$2
shift 2
"$program" "$@" | diff -u "$file" - && exit 0
echo "$file is out of date: write to it what $program $* prints" >&2
exit 1
