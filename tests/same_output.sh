#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# same_output.sh PROGRAM FILE: the file is what the program prints.
"$1" | diff -u "$2" - && exit 0
echo "$2 is out of date: write to it what $1 prints" >&2
exit 1
