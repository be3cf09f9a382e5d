#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Lists a mounted file system as the kernel shows it, a name a line: kind and permissions (octal), owner, group, time, device
# (hexadecimal), size, links, digest or target, path.
#
#   listing.sh FOLDER > LISTING
set -eu
cd "$1"
find . -mindepth 1 | LC_ALL=C sort | while IFS= read -r path; do
	# shellcheck disable=SC2046 # words are wanted
	set -- $(stat -c '%f %u %g %Y %t:%T %s %h' "$path")
	mode=$(printf '%o' "0x$1") what=-
	[ -L "$path" ] && what=$(readlink "$path")
	[ ! -L "$path" ] && [ -f "$path" ] && what=$(sha256sum < "$path" | cut -c1-64)
	[ -d "$path" ] && [ ! -L "$path" ] && set -- "$1" "$2" "$3" "$4" "$5" 0 0
	printf '%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n' "$mode" "$2" "$3" "$4" "$5" "$6" "$7" "$what" "${path#.}"
done
