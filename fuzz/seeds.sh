#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Makes small valid inputs for the fuzz targets, one folder a target, with the tools that are here.
#
#   fuzz/seeds.sh FOLDER
set -u
out=${1:?usage: seeds.sh FOLDER}
here=$(cd "$(dirname "$0")/.." && pwd)
mkdir -p "$out" && cd "$out" || exit 1
have() { command -v "$1" > /dev/null 2>&1; }
seed() { mkdir -p "$1" && cat > "$1/$2"; }

rm -rf tree && mkdir -p tree/etc/init.d tree/bin tree/empty
printf 'root:$1$abc$SHC/pVPAHH5KUIQjOgvfO/:0:0::/root:/bin/sh\n' > tree/etc/passwd
printf '#!/bin/sh\ntelnetd &\n/usr/sbin/dropbear -r /key\n' > tree/etc/init.d/rcS
head -c 20000 /bin/sh > tree/bin/sh
ln -s sh tree/bin/ash
ln tree/etc/passwd tree/etc/passwd-
for c in gzip xz lzo lz4 zstd lzma; do
	have mksquashfs && mksquashfs tree "s.$c" -comp $c -b 4096 -noappend -all-root > /dev/null 2>&1 && seed format_squashfs $c < "s.$c"
done
(cd tree && find . | cpio -o -H newc 2> /dev/null) | seed format_cpio newc
(cd tree && find . | cpio -o -H odc 2> /dev/null) | seed format_cpio odc
tar -C tree -cf - . | seed format_tar gnu
tar -C tree --format=pax -cf - . | seed format_tar pax
(cd tree && have zip && zip -qr - .) | seed format_zip deflate
for c in gzip xz bzip2 lz4 zstd lzop lzma; do
	have $c && $c -c < tree/bin/sh 2> /dev/null | seed format_$c plain
done
have lz4 && lz4 -l -c < tree/bin/sh 2> /dev/null | seed format_lz4_legacy plain
have mkimage && for c in none gzip; do
	mkimage -A arm -O linux -T kernel -C $c -n seed -d tree/bin/sh u.$c > /dev/null 2>&1 && seed format_uimage $c < u.$c
done
have dtc && printf '/dts-v1/; / { model = "seed"; chosen { bootargs = "console=ttyS0"; }; };' | dtc -O dtb 2> /dev/null | seed format_dtb plain
have 7z && 7z a -bd s.7z tree > /dev/null 2>&1 && seed format_7z plain < s.7z
have genisoimage && genisoimage -quiet -R -o s.iso tree 2> /dev/null && seed format_iso9660 plain < s.iso
have mkfs.jffs2 && for o in "-l -p" "-b -n" "-l -X lzo -m size"; do
	mkfs.jffs2 -d tree -e 16KiB -s 1024 -o s.jffs2 $o 2> /dev/null && seed format_jffs2 "$(echo "$o" | tr -d ' -')" < s.jffs2
done
have ar && (cd tree/etc && ar rc ../../s.a passwd init.d/rcS) && seed format_ar plain < s.a

(echo /etc/passwd; cat tree/etc/passwd) | seed inspector_accounts passwd
(echo /etc/shadow; printf 'root:$6$salt$x:1:0:99999:7:::\nu::0:0:::::\n') | seed inspector_accounts shadow
(echo /bin/sh; cat tree/bin/sh) | seed inspector_elf sh
(echo /lib/libc.so.6; head -c 60000 /lib/x86_64-linux-gnu/libm.so.6 2> /dev/null) | seed inspector_elf library
(echo /etc/init.d/rcS; cat tree/etc/init.d/rcS) | seed inspector_startup rcS
(echo /etc/inittab; printf '::sysinit:/etc/init.d/rcS\n::respawn:/sbin/getty\n') | seed inspector_startup inittab
if have openssl; then
	openssl genrsa 1024 2> /dev/null > k.pem
	(echo /etc/key.pem; cat k.pem) | seed inspector_keys pem
	(echo /etc/key.der; openssl rsa -in k.pem -outform der 2> /dev/null) | seed inspector_keys der
	(echo /etc/c.pem; openssl req -new -x509 -key k.pem -subj /CN=seed 2> /dev/null) | seed inspector_keys certificate
fi
(echo /bin/busybox; printf 'BusyBox v1.35.0 (2022)\0OpenSSL 3.0.20 7 Apr 2026\0') | seed inspector_components strings
(echo /var/lib/dpkg/status; printf 'Package: a\nStatus: install ok installed\nVersion: 1:2-3\nArchitecture: all\n\n') | seed inspector_components dpkg
# Real images cut to a size that a fuzzer gets through.
shared=${ASSAY_SHARED:-$here/../shared}
for image in "$shared"/samples/*.trx "$shared"/samples/*.itb; do
	[ -f "$image" ] || continue
	case $image in
	*.trx) format=trx ;;
	*) format=dtb ;;
	esac
	head -c 100000 "$image" | seed "format_$format" "$(basename "$image")"
done
# Log-structured file systems that no tool here makes: the test programs write theirs.
for fs in yaffs spiffs littlefs; do
	maker=$here/build/tests/test_$fs
	[ -x "$maker" ] && mkdir -p "format_$fs" && "$maker" --seeds "format_$fs" > /dev/null
done
rm -rf tree s.* u.* k.pem
find . -type f -size 0 -delete
true
