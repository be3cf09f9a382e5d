#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The time and the memory that a card of 1 GiB takes.
#
#   bench/disks.sh BUILD
set -eu
build=$(cd "${1:?usage: disks.sh BUILD}" && pwd)
assay=$build/assay
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
export LC_ALL=C.UTF-8 MTOOLS_SKIP_CHECK=1

# This machine's own programs and headers, about 100 MB.
mkdir tree tree/bin tree/include
size=0
for f in /usr/bin/* /usr/lib/*-linux-gnu/*.so.*; do
	[ -f "$f" ] && [ ! -L "$f" ] || continue
	n=$(stat -c %s "$f")
	[ "$n" -lt 8000000 ] && [ ! -e "tree/bin/$(basename "$f")" ] || continue
	cp "$f" tree/bin/
	size=$((size + n))
	[ "$size" -lt 90000000 ] || break
done
cp -r /usr/include/linux tree/include/ 2> /dev/null || true
rm -rf tree/include/linux/netfilter* # names that differ in case alone
echo "$(du -sm tree | cut -f1) MB of files"

# GPT with a boot partition, and ext4 behind it; programs in both.
make_card() {
	rm -f image && truncate -s 1G image
	sgdisk -n 1:2048:526335 -t 1:ef00 -c 1:boot -n 2:526336:2095103 -t 2:8300 -c 2:root image > /dev/null
	truncate -s 256M part && mkfs.vfat -F 32 part > /dev/null && mcopy -o -i part -s tree/bin ::/
	dd if=part of=image bs=1M seek=1 conv=notrunc,sparse status=none
	rm part && truncate -s 766M part && mke2fs -q -t ext4 -d tree part
	dd if=part of=image bs=1M seek=257 conv=notrunc,sparse status=none
	rm part
}

make_card
/usr/bin/time -f "%M %e" "$assay" image -q -o case.assay 2> usage > /dev/null || [ $? -le 1 ]
tail -n 1 usage | awk '{ printf "card: 1024 MiB, GPT with FAT32 and ext4: %.1f s, %.0f MiB of memory, its mapped bytes among them\n", $2, $1 / 1024 }'
