#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Disk file systems beside the tools that Debian has for them, in turns on the same image of about 100 MB; and the memory that
# a card of 1 GiB takes.
#
#   bench/disks.sh BUILD [ROW...]     ROW: fat32 ntfs ntfs-compressed iso9660 card; all by default
#
# The tools only write files; Assay also hashes, scans and judges them, on one thread as the tools do.
set -eu
build=$(cd "${1:?usage: disks.sh BUILD [ROW...]}" && pwd)
shift
rows=${*:-fat32 ntfs ntfs-compressed iso9660 card}
assay=$build/assay
runs=5
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

# Seconds of one run of a command in an empty folder.
seconds() {
	rm -rf out && mkdir out
	(
		cd out
		start=$(date +%s.%N)
		sh -c "$1" > /dev/null 2>&1 || [ $? -le 1 ]
		end=$(date +%s.%N)
		echo "$end $start" | awk '{ printf "%.3f\n", $1 - $2 }'
	)
}

median() {
	sort -n | sed -n "$(((runs + 1) / 2))p"
}

# compare NAME TOOL COMMAND: the command extracts ../image.
compare() {
	: > tool && : > assess && : > extract
	for _ in $(seq $runs); do
		seconds "$3" >> tool
		seconds "$assay ../image -q -o case.assay --threads 1" >> assess
		seconds "$assay ../image -q -o case.assay --threads 1 --extract files" >> extract
	done
	echo "$1 $2 $(median < tool) $(median < assess) $(median < extract)" | awk '{
		printf "%s: %s %s s, assay %s s (ratio %.2f), with --extract %s s (ratio %.2f)\n", $1, $2, $3, $4, $4 / $3, $5, $5 / $3 }'
}

# ntfscp knows no folders: the programs alone.
make_ntfs() {
	rm -f image && truncate -s 200M image && mkntfs -q -F -f $1 image > /dev/null 2>&1
	for f in tree/bin/*; do
		ntfscp -q -f image "$f" "$(basename "$f")" > /dev/null 2>&1
	done
}

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

for row in $rows; do
	case $row in
	fat32)
		rm -f image && truncate -s 200M image && mkfs.vfat -F 32 -s 2 image > /dev/null && mcopy -o -i image -s tree/* ::/
		compare fat32 mcopy "mcopy -i ../image -s ::/ ."
		;;
	ntfs)
		make_ntfs ""
		compare ntfs 7z "7z x -y -bd ../image"
		;;
	ntfs-compressed)
		make_ntfs -C
		compare ntfs-compressed 7z "7z x -y -bd ../image"
		;;
	iso9660)
		genisoimage -quiet -R -o image tree
		compare iso9660 7z "7z x -y -bd ../image"
		;;
	card)
		make_card
		/usr/bin/time -f "%M %e" "$assay" image -q -o case.assay 2> usage > /dev/null || [ $? -le 1 ]
		tail -n 1 usage | awk '{ printf "card: 1024 MiB, GPT with FAT32 and ext4: %.1f s, %.0f MiB of memory, its mapped bytes among them\n", $2, $1 / 1024 }'
		;;
	esac
done
