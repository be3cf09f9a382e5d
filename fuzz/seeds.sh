#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Makes small valid inputs for the fuzz targets, one folder a target, with the tools that are here, and with the tests of
# formats and inspectors in BUILD (ninja -C BUILD seed-writers).
#
#   fuzz/seeds.sh FOLDER BUILD [TEST...]     TEST: of these tests alone, such as test_dlink
set -u
out=${1:?usage: seeds.sh FOLDER BUILD [TEST...]}
build=$(cd "${2:?usage: seeds.sh FOLDER BUILD [TEST...]}" 2> /dev/null && pwd)
[ -d "$build/tests" ] || {
	echo "seeds.sh: $2 is no build folder with tests: meson setup $2; ninja -C $2 seed-writers" >&2
	exit 2
}
shift 2
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
# in parts of 64 KiB: what stands behind each other, the first and the last by themselves
have zip && rm -f p.z* && head -c 100000 /dev/urandom > p && zip -q -s 64k p.zip p tree/bin/sh && cat p.z0* p.zip | seed format_zip joined &&
	seed format_zip first < p.z01 && seed format_zip_part last < p.zip
# and side by side in a folder, as it is written down for the worker
test -f p.z01 && have python3 && python3 -c 'import struct, sys
out = b"assay directory\0"
for n in "p.z01", "p.zip":
    d = open(n, "rb").read()
    out += struct.pack("<6IqQQ", 2, 420, 0, 0, len(n) + 1, 0, 0, 0, len(d)) + b"/" + n.encode() + d
    out += bytes(-len(out) % 8)
sys.stdout.buffer.write(out)' | seed format_directory split
rm -f s.zip && have 7z && 7z a -tzip -mm=Deflate64 s.zip tree > /dev/null && seed format_zip deflate64 < s.zip
rm -f s.zip && have 7z && 7z a -tzip -mm=PPMd:mem=1m s.zip tree > /dev/null && seed format_zip ppmd < s.zip
for c in gzip xz bzip2 lz4 zstd lzop lzma; do # bzip2 takes a millisecond for 20,000 bytes
	have $c && head -c 5000 tree/bin/sh | $c -c 2> /dev/null | seed format_$c plain
done
have lz4 && lz4 -l -c < tree/bin/sh 2> /dev/null | seed format_lz4_legacy plain
have mkimage && for c in none gzip; do
	mkimage -A arm -O linux -T kernel -C $c -n seed -d tree/bin/sh u.$c > /dev/null 2>&1 && seed format_uimage $c < u.$c
done
have mkenvimage && printf 'bootdelay=3\nbootcmd=bootm\n' > s.txt && mkenvimage -s 0x400 -o s.env s.txt && seed format_uboot_env plain < s.env
have srec_cat && for c in intel motorola; do
	srec_cat tree/bin/sh -binary -crop 0 2000 -offset 0x8000000 -o s.txt -$c 2> /dev/null && seed "format_$([ $c = intel ] && echo ihex || echo srec)" plain < s.txt
done
have dtc && printf '/dts-v1/; / { model = "seed"; chosen { bootargs = "console=ttyS0"; }; };' | dtc -O dtb 2> /dev/null | seed format_dtb plain
have 7z && 7z a -bd s.7z tree > /dev/null 2>&1 && seed format_7z plain < s.7z
# chains and a graph of coders, with headers that are not packed
have 7z && for o in -m0=BCJ\ -m1=PPMd:mem=1m -m0=BCJ2\ -m1=LZMA2 -m0=ARM64\ -m1=Delta:4\ -m2=Deflate64 \
	-m0=IA64\ -m1=BZip2\ -ms=off -m0=Deflate\ -m1=LZMA; do
	# shellcheck disable=SC2086
	rm -f s.7z && 7z a -bd -mhc=off $o s.7z tree > /dev/null 2>&1 && name=$(echo "$o" | tr -c 'A-Za-z0-9\n' _) && seed format_7z "$name" < s.7z &&
		have python3 && python3 -c 'import struct, sys
d = sys.stdin.buffer.read()
end = 32 + struct.unpack_from("<Q", d, 12)[0]
sys.stdout.buffer.write(struct.pack("<H", len(d) - end) + d[end:] + d[:end])' < s.7z | seed reader_7z "$name"
done
# members of the methods that are unpacked here, of any bits
have python3 && for m in lh1 lzs lz5; do
	python3 -c 'import random, struct, sys
h = b"-" + sys.argv[1].encode() + b"-" + struct.pack("<IIIBB", 800, 700, 0, 0x20, 0) + b"\1f\0\0"
random.seed(1)
sys.stdout.buffer.write(bytes([len(h), sum(h) & 255]) + h + random.randbytes(800) + b"\0")' $m | seed format_lha $m
done
# and names in code page 932, in UTF-8, and in code page 850
have python3 && for e in cp932 utf-8 cp850; do
	python3 -c 'import struct, sys
n = {"cp850": "Gr\xf6\xdfe"}.get(sys.argv[1], "\u8aac\u660e\u66f8\u8868").encode(sys.argv[1])
h = b"-lh0-" + struct.pack("<IIIBB", 1, 1, 0, 0x20, 0) + bytes([len(n)]) + n + b"\0\0"
sys.stdout.buffer.write(bytes([len(h), sum(h) & 255]) + h + b"x\0")' $e | seed format_lha $e
done
have genisoimage && genisoimage -quiet -R -o s.iso tree 2> /dev/null && seed format_iso9660 plain < s.iso
have genisoimage && genisoimage -quiet -no-pad -R -o s.iso tree 2> /dev/null && genisoimage -quiet -no-pad -R -C 0,48 -M s.iso -o t.iso tree 2> /dev/null &&
	dd if=t.iso of=s.iso bs=2048 seek=48 2> /dev/null && seed format_iso9660 sessions < s.iso && seed format_iso9660 lone_session < t.iso
have xorriso && for version in off on; do
	rm -f s.iso && xorriso -padding 0 -zisofs version_2=$version -outdev s.iso -map tree / -find / -type f -exec set_filter --zisofs -- 2> /dev/null &&
		seed format_iso9660 zisofs_$version < s.iso
done
if have mkfs.ubifs; then
	for c in none lzo zlib zstd; do
		mkfs.ubifs -m 1 -e 15360 -c 40 -x $c -r tree/etc -o u.ubifs > /dev/null 2>&1 && seed format_ubifs $c < u.ubifs
	done
	printf '[a]\nmode=ubi\nimage=tree/etc/passwd\nvol_id=0\nvol_type=static\nvol_name=a\n' > u.ini
	ubinize -p 4096 -m 512 -o u.ubi u.ini > /dev/null 2>&1 && seed format_ubi ubinize < u.ubi
	# A page of 512 bytes and 16 of its spare area.
	ubinize -p 16384 -m 512 -o u.ubi u.ini > /dev/null 2>&1 && python3 -c "import sys; d = sys.stdin.buffer.read()
for i in range(0, len(d), 512): sys.stdout.buffer.write(d[i:i + 512] + b'\xff' * 16)" < u.ubi | seed format_nand small
fi
have mkfs.erofs && for o in -Enoinline_data -zlz4hc -zlz4,1\ -Elegacy-compress -zlz4\ -Eztailpacking,fragments --chunksize=4096; do
	# shellcheck disable=SC2086
	rm -f s.erofs; mkfs.erofs $o s.erofs tree > /dev/null 2>&1 && seed format_erofs "$(echo "$o" | tr -c 'a-z0-9\n' _)" < s.erofs
done
have img2simg && (cat tree/bin/sh; head -c 40000 /dev/zero) > s.raw && truncate -s 61440 s.raw && img2simg s.raw s.simg 2> /dev/null &&
	seed format_android_sparse plain < s.simg && seed reader_sparse-part plain < s.simg
have mkbootimg && for v in 0 2 3; do
	mkbootimg --kernel tree/bin/sh --ramdisk tree/bin/sh --dtb tree/etc/passwd --cmdline quiet --header_version $v -o s.boot 2> /dev/null &&
		seed format_android_boot $v < s.boot
done
have python3 && python3 "$here/fuzz/android_seeds.py" .
if have mkfs.vfat && have mcopy; then
	for bits in 12 16 32; do
		rm -f s.fat && truncate -s 3M s.fat && mkfs.vfat -F $bits -s 1 s.fat > /dev/null 2>&1 &&
			mcopy -i s.fat -s tree/etc tree/empty :: 2> /dev/null ; head -c 150000 s.fat | seed format_fat $bits
	done
fi
have mkfs.exfat && truncate -s 3M s.exfat && mkfs.exfat -c 512 -b 4096 s.exfat > /dev/null 2>&1 && head -c 150000 s.exfat | seed format_exfat plain
for c in '' -C; do
	rm -f s.ntfs && have mkntfs && truncate -s 2M s.ntfs && mkntfs -q -F -f $c s.ntfs > /dev/null 2>&1 &&
		ntfscp -q -f s.ntfs tree/bin/sh sh > /dev/null 2>&1 && ntfscp -q -f s.ntfs tree/etc/passwd passwd > /dev/null 2>&1 &&
		head -c 190000 s.ntfs | seed format_ntfs "plain$c"
done
have mkudffs && truncate -s 190K s.udf && mkudffs -b 512 s.udf > /dev/null 2>&1 && seed format_udf plain < s.udf
have sfdisk && truncate -s 64K s.mbr && printf 'label: dos\nstart=1,size=9\nstart=10,size=99,type=5\nstart=12,size=8\nstart=30,size=8\n' |
	sfdisk -q s.mbr > /dev/null 2>&1 && seed format_mbr plain < s.mbr
have sgdisk && truncate -s 64K s.gpt && sgdisk -a 1 -n 1:40:50 -n 2:60:70 -c 2:name s.gpt > /dev/null 2>&1 && seed format_gpt plain < s.gpt
python3 -c '
import struct, sys, zlib
def checked(b): return b + struct.pack("<I", zlib.crc32(b, 0xffffffff))
state = checked(struct.pack("<8I28x", 0, 9, 3, 0, 16, 4096, 2, 7)).ljust(4096, b"\xff")
config = checked(struct.pack("<8I", 0, 12 * 4096, 4096, 4096, 16, 16, 2, 32)).ljust(4096, b"\0")
sys.stdout.buffer.write(bytes(9 * 4096) + state + state + config)' | seed format_esp_wl plain
have mkfs.jffs2 && for o in "-l -p" "-b -n" "-l -X lzo -m size"; do
	mkfs.jffs2 -d tree -e 16KiB -s 1024 -o s.jffs2 $o 2> /dev/null && seed format_jffs2 "$(echo "$o" | tr -d ' -')" < s.jffs2
done
# of its second block, which was about to be erased, the beginning is of no kind
have mkfs.jffs2 && mkfs.jffs2 -d tree -e 8KiB -s 1024 -l -m none -o s.jffs2 2> /dev/null && printf '\225\333\367\277' | dd of=s.jffs2 bs=8192 seek=1 conv=notrunc 2> /dev/null &&
	seed format_jffs2 half_erased < s.jffs2
have ar && (cd tree/etc && ar rc ../../s.a passwd init.d/rcS) && seed format_ar plain < s.a
# File systems of blocks: the smallest that their tools make.
if have mke2fs; then
	for o in "-t ext2" "-t ext3 -O ^has_journal" "-t ext4 -O ^has_journal,inline_data -I 256" "-t ext4 -O ^has_journal,meta_bg,^resize_inode -g 256"; do
		rm -f s.ext && truncate -s 96K s.ext && mke2fs -q -F -b 1024 -N 32 -d tree $o s.ext > /dev/null 2>&1 &&
			seed format_ext "$(echo "$o" | tr -cd a-z0-9_)" < s.ext
	done
	if have python3 && have debugfs; then
		python3 "$here/fuzz/make_ext_journal.py" CONTENT > journal
		rm -f s.ext && truncate -s 96K s.ext && mke2fs -q -F -b 1024 -N 32 -d tree/etc -t ext2 s.ext > /dev/null 2>&1
		inode=$(debugfs -w -R 'write journal journal' s.ext 2>&1 | sed -n 's/^Allocated inode: //p')
		for wide in '' wide; do python3 "$here/fuzz/make_ext_journal.py" s.ext "$inode" $wide | seed format_ext "journal$wide"; done
	fi
fi
if have mkfs.cramfs; then
	for o in "-N little" "-N big" "-N little -p" "-N little -z"; do
		mkfs.cramfs $o tree s.cramfs > /dev/null 2>&1 && seed format_cramfs "$(echo "$o" | tr -cd a-z)" < s.cramfs
	done
fi
have genromfs && genromfs -d tree -f s.romfs && seed format_romfs plain < s.romfs
# Words that are swapped.
have genromfs && have python3 && for n in 2 4; do
	python3 -c "b = open('s.romfs', 'rb').read(); import sys; sys.stdout.buffer.write(b''.join(b[i:i + $n][::-1] for i in range(0, len(b), $n)))" |
		seed format_swapped$((8 * n)) romfs
done
have mkfs.minix && for o in -1 -2 -3; do
	rm -f s.minix && truncate -s 64K s.minix && mkfs.minix $o s.minix > /dev/null 2>&1 && seed format_minix "v$o" < s.minix
done
have python3 && python3 "$here/fuzz/make_f2fs.py" | seed format_f2fs small
have python3 && python3 "$here/fuzz/make_f2fs.py" synced | seed format_f2fs synced
have python3 && for v in 3.5 3.6; do python3 "$here/tests/make_reiserfs.py" $v | seed format_reiserfs $v; done
# Its journal holds what is not in the tree: the header says that the transaction before those is the last one in its place.
have python3 && python3 "$here/tests/make_reiserfs.py" 3.6 | python3 -c "import sys; d = bytearray(sys.stdin.buffer.read())
d[98304:98312] = b'\11\0\0\0\17\0\0\0'; sys.stdout.buffer.write(d)" | seed format_reiserfs journal
have python3 && for v in linux os2; do python3 "$here/tests/make_jfs.py" $v | seed format_jfs $v; done
have python3 && for v in small several; do python3 "$here/tests/make_qnx4.py" $v | seed format_qnx4 $v; done
have python3 && for v in little big mmi second; do python3 "$here/tests/make_qnx6.py" $v | seed format_qnx6 $v; done
# Such small ones mkfs.xfs makes for tests only, which it knows by these variables; the log stands behind what is kept.
if have mkfs.xfs && have python3; then
	python3 "$here/tests/xfs_protofile.py" tree > s.proto
	for o in "-m crc=0 -b size=512 -i size=256" "-b size=1024 -n size=4096 -m rmapbt=1"; do
		# shellcheck disable=SC2086
		rm -f s.xfs && truncate -s 48M s.xfs && TEST_DIR=1 TEST_DEV=1 QA_CHECK_FS=1 mkfs.xfs -q -d agcount=3 -p s.proto $o s.xfs > /dev/null 2>&1 &&
			head -c 200000 s.xfs | seed format_xfs "$(echo "$o" | tr -cd a-z0-9_)"
	done
fi

have lzip && head -c 5000 tree/bin/sh | lzip -c | seed format_lzip plain
have compress && compress -c -f < tree/bin/sh | seed format_compress plain
have bsdtar && bsdtar -C tree --format xar -cf s.xar etc bin && seed format_xar plain < s.xar
have arj && for m in 0 1; do (cd tree && arj a -r -m$m ../s.arj etc > /dev/null 2>&1) && seed format_arj m$m < s.arj && rm s.arj; done
have makefs && for v in 1 2; do makefs -t ffs -o version=$v -M 200k s.ufs tree/etc > /dev/null 2>&1 && seed format_ufs v$v < s.ufs; done
have mkswap && truncate -s 40960 s.swap && mkswap s.swap > /dev/null 2>&1 && seed format_linux_swap plain < s.swap
have veritysetup && head -c 262144 /dev/zero > s.d && veritysetup format s.d s.h > /dev/null 2>&1 && seed format_dm_verity plain < s.h
have cryptsetup && for v in 1 2; do
	truncate -s 18M s.l && printf x | cryptsetup -q luksFormat --type luks$v --pbkdf pbkdf2 --pbkdf-force-iterations 1000 s.l - 2> /dev/null &&
		head -c 40000 s.l | seed format_luks $v
done
have qemu-img && for o in "" "-c" "-c -o cluster_size=4096"; do
	# shellcheck disable=SC2086
	qemu-img convert -f raw -O qcow2 -o cluster_size=512 $o tree/bin/sh s.q 2> /dev/null && head -c 90000 s.q | seed format_qcow2 "$(echo "$o" | tr -dc a-z0-9)_"
done
# What no tool makes, as small as it can be.
python3 - << 'PYTHON'
import os, struct, zlib
def seed(name, data):
    os.makedirs('format_' + name, exist_ok=True)
    open('format_' + name + '/made', 'wb').write(data)
be, le = (lambda *v: struct.pack('>%dI' % len(v), *v)), (lambda *v: struct.pack('<%dI' % len(v), *v))
seed('zlib', zlib.compress(b'text ' * 999))
seed('bcm_nvram', b'FLSH' + le(60, 0x100, 0, 0) + b'lan_ip=192.168.1.1\0http_passwd=x\0\0'.ljust(40, b'\0'))
seed('packimg', b'--PaCkImGs--' + le(0, 64, 0, 0, 0) + bytes(64))
seed('ros', bytes(4) + b'1.01' + bytes(24) + le(1, 0, 0, 0) + b'part'.ljust(16, b'\0') + le(96, 0, 0, 0) + bytes(40))
seed('matter_ota', b'\x1e\xf1\xee\x1b' + struct.pack('<QI', 16 + 13 + 9, 13) + b'\x15\x25\x00\x01\x00\x25\x04\x09\x00\x24\x08\x01\x18' + bytes(9))
seed('wince', b'B000FF\n' + le(0x1000, 64, 0x1000, 4, 4) + b'\1\1\1\1' + le(0, 0x1000, 0))
seed('csman', b'CS\0\0' + le(20, 0, 20) + struct.pack('<IH', 1, 2) + b'hi' + struct.pack('<IH', 2, 2) + b'hi' + le(0))
seed('qnx_imagefs', b'imagefs\0' + le(160, 132, 96) + bytes(64) + b'/'.ljust(12, b'\0') + struct.pack('<HHIIIIIII', 36, 0, 1, 0o100644, 0, 0, 0, 136, 8) + b'a\0\0\0' + bytes(28))
seed('qnx_ifs', le(0xff7eeb, 1 | 2 << 18, 256, 0, 0, 0, 0, 0, 272, 316, 0, 5, 0).ljust(272, b'\0') + b'\0\x09\x16hello\x11\0\0' + bytes(40))
seed('minifs', b'MINIFS' + bytes(10) + be(3, 1, 9, 4) + b'a\0b\0' + be(0, 2, 0, 0, 5) + be(0, 30, 5) + b'\x5d\0\0\x80\0' + b'\xff' * 8 + bytes(20))
seed('dji', le(0x12345678, 118 << 16, 1) + b'DJI'.ljust(16, b'\0') + b'P3X'.ljust(16, b'\0') + struct.pack('<HII', 1, 1, 1) + bytes(10) + b'\1\x10' + bytes(2) + le(1, 118, 32, 32) + bytes(34) + bytes(32))
seed('ambarella_romfs', le(1, 0x66fc328a) + bytes(2040) + b'a'.ljust(116, b'\0') + le(2200, 9, 0x2387ab76) + bytes(40))
seed('qnx_deflate', b'iwlyfmbp' + le(5) + struct.pack('<HBB4H', 4096, 0, 0, 0, 17, 0, 5) + b'\x16hello\x11\0\0' + bytes(8))
member = b'-lh0-' + le(2, 2, 0) + b' \0\5a.txt\0\0'
seed('lha', bytes([len(member), sum(member) & 255]) + member + b'hi\0')
text = b'v { extent_size = 8 physical_volumes { p { id = "%s" } } logical_volumes { r { segment1 { start_extent = 0 extent_count = 1 type = "striped" stripe_count = 1 stripes = [ "p", 0 ] } } } }\n' % (b'a' * 32)
crc = lambda d: zlib.crc32(d, 0xffffffff ^ 0xf597a6cf) ^ 0xffffffff
label = (le(32) + b'LVM2 001' + b'a' * 32 + struct.pack('<QQQQQQQQQ', 16384, 8192, 0, 0, 0, 1024, 4096, 0, 0)).ljust(492, b'\0')
head = (b' LVM2 x[5A%r0N*>' + le(1) + struct.pack('<QQQQII', 1024, 4096, 512, len(text), crc(text), 0)).ljust(508, b'\0')
seed('lvm2', bytes(512) + b'LABELONE' + struct.pack('<QI', 1, crc(label)) + label + le(crc(head)) + head + text.ljust(14848, b'\0'))
PYTHON

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
(echo /bin/sh; cat tree/bin/sh) | seed inspector_network sh
(echo /usr/bin/gdb-12; head -c 4000 /bin/sh) | seed inspector_leftovers program
(echo /etc/.passwd.swp; printf 'b0VIM 8.2') | seed inspector_leftovers swap
(echo /root/.ash_history; printf 'ls\nreboot\n') | seed inspector_leftovers history
(echo /lib/systemd/system/a.socket; printf '[Unit]\nWants=b.service\n[Socket]\nListenStream=0.0.0.0:80\n') | seed inspector_startup socket
(echo data:vmlinux; printf '\1Linux version 4.14.95 (a@b) (gcc version 7.3.0) #0 SMP Thu Feb  7 09:00:00 2019\n'\
'\0kmalloc\0register_netdev\0__stack_chk_fail\0') |
	seed inspector_kernel banner
(echo /boot/config; printf '# Linux/arm 4.14.95 Kernel Configuration\n# CONFIG_DEVMEM is not set\nCONFIG_CMDLINE="a=b c"\n') |
	seed inspector_kernel config
(echo /etc/sysctl.conf; printf 'net.ipv4.ip_forward=1\n-kernel/sysrq = 0\n') | seed inspector_kernel sysctl
(echo /etc/init.d/x; printf '#!/bin/sh\necho 1 > /proc/sys/net/ipv4/ip_forward; sysctl -w kernel.sysrq=0\n') | seed inspector_kernel script
(echo data:bootargs; printf 'console=ttyS0,115200 root="/dev/m x" nokaslr') | seed inspector_kernel bootargs
(echo data:uboot; printf '\1\0bootargs=console=ttyS0\0bootcmd=setenv bootargs a\0bootdelay=1\0\0U-Boot 2020.01 (Jan 01 2020 - 00:00:00)') |
	seed inspector_boot environment
(echo /boot/grub/grub.cfg; printf 'set timeout=5\npassword root x\nlinux /k root=/dev/sda1 quiet\n') | seed inspector_boot grub
(echo /boot/extlinux/extlinux.conf; printf 'TIMEOUT 3\nAPPEND root=a\nMENU MASTER PASSWD x\n') | seed inspector_boot extlinux
(echo /boot/boot.cmd; printf 'setenv bootargs "a b"\nload mmc 0 1 2\nbootz 1\n') | seed inspector_boot script
(echo avb:x; printf 'AVB0'; head -c 300 /dev/zero) | seed inspector_boot avb
(echo android_boot:x; printf 'ANDROID!'; head -c 56 /dev/zero; printf 'console=ttyMSM0 x=y'; head -c 2000 /dev/zero) | seed inspector_boot android
(echo esp_image:x; printf '\351\1\2\0\100\1\20\100\0\0\20\100\0\1\0\0'; head -c 300 /dev/zero; printf 'lwIP/2.1.2 ') | seed inspector_mcu esp
(echo mcuboot:x; printf '=\270\363\226\0\0\0\0 \0\0\0\20'; head -c 60 /dev/zero; printf '\7i\20\0\42\0\4\0abcd') | seed inspector_mcu mcuboot
(echo cortex_m:x; head -c 12292 /dev/zero; printf '\333\345\261\121\0\60\0\0\144\0') | seed inspector_mcu softdevice
(echo /proc/cmdline; printf "root=x mtdparts=spi0.0:64k(a)ro,0x10000@1m(b),-(c)") | seed inspector_partitions mtdparts
settings() { (echo "$1"; printf "$2") | seed inspector_settings "$(echo "$1" | tr / _)"; }
settings /etc/ssh/sshd_config 'Port 22\nport=23 # x\nBanner "a b"\nMatch User c\nPasswordAuthentication no\n'
settings /etc/lighttpd.conf 'var.a = "/x"\nb = var.a + "/y"\nc += ( "d" => (1) )\n$HTTP["u"] == "z" { e = 1 } else $HTTP["v"] =~ "w" { f := 2 }\n'
settings /etc/nginx/nginx.conf 'http { server { listen 80; location ~ "\\.x{1}" { root ${a}; } } a_by_lua_block { { } } }\n'
settings /etc/config/wireless "package p\nconfig wifi-iface 'a'\n option key \"b\\\\\"c\"'d'\n list e f; list e g\n"
settings /etc/default_config.xml '<A>\n<B n="c" v="&lt;"/><D val=1 /><E>f</E><!-- g --><E i="1">h</E></A>'
settings /etc/nvram.conf 'a=b\n[c]\nhttp_passwd=admin\n'
settings /etc/wpa_supplicant.conf 'a=1\nnetwork={\n psk="b"\n}\ncred={\n}\n'
settings /etc/proftpd.conf '<Anonymous ~ftp>\n <Limit WRITE>\n  DenyAll\n </Limit>\n User \\\n ftp\n</Anonymous>\n'
settings /etc/samba/smb.conf '[global]\n a b = c \\\n d\n; e\n'
settings /etc/mosquitto/mosquitto.conf 'per_listener_settings true\nlistener 1\nallow_anonymous true\nconnection b\naddress c\n'
settings /etc/init.d/rcS '#!/bin/sh\ndropbear -Bp 22 -r "a b" $C\nstart-stop-daemon -S -x /usr/sbin/sshd -- -o A=b\nthttpd -nor -d c\n'
settings /etc/default/dropbear 'A="b c"\nDROPBEAR_EXTRA_ARGS="-s -g"\n'
settings /etc/sudoers 'Defaults a\nb, c ALL = \\\n NOPASSWD: ALL # d\n'
settings /etc/ppp/chap-secrets '"a b" * "c d" *\n'
settings /web/auth.txt 'user name=a password=b\nTABLE=c\nROW=0\nd=e\n'
settings /etc/httpd.conf 'A:192.168.\n/cgi-bin:a:b\n'
settings /etc/ppp/options 'noauth debug\npassword "a b" # c\n'
settings /etc/dnsmasq.conf 'port=0 # a\ninterface=b\n'
(echo /etc/a.conf; printf 'u=https://u:p@api.vendor.com:8443/v1?x=1 mq.vendor.cn:8883 8.8.8.8 2001:4860:4860::8888 a@vendor.com\nx="http:\\/\\/a.b.com\\/c"\n') | seed inspector_endpoints text
(echo /bin/a; printf '\177ELF\0http://%%s:80/abc\0time.windows.com\0ping www.vendor.com\0ff02::1:2\0<x@gnu.org>\0') | seed inspector_endpoints binary
(echo /etc/anacrontab; printf '1\t5\tcron.daily\trun-parts /etc/cron.daily\n@monthly 5 x telnetd\n') | seed inspector_startup anacrontab
(echo /etc/udev/rules.d/a.rules; printf 'KERNEL=="a*", \\\n RUN+="/bin/a %%k", RUN{program}="b", PROGRAM=="c"\n') | seed inspector_startup udev
(echo /etc/mdev.conf; printf 'sd[a-z] 0:0 660 =a/ *telnetd -F\n') | seed inspector_startup mdev
(echo /etc/hotplug.d/iface/a; printf '[ "$ACTION" = ifup ] && telnetd\n') | seed inspector_startup hotplug
ED25519_KEY='mDMEawhPEBYJKwYBBAHaRw8BAQdApX8yPoqAdKTjKHZORtpDuCjM04zkaXKzEzCIShFwQl+0CWVkMjU1MTlAeIiQBBMWCAA4FiEExMBgVASk2MieQtRhma6y3GQ8p8AFAmsITxACGwMFCwkIBwIGFQoJCAsCBBYCAwECHgECF4AACgkQma6y3GQ8p8BdsgD+Kud95T6qylea6ad6fTOvJP1aT5V8FV9N5kiyraxHlW0BAMEshpmNvXFZC4YOH5aNSyo5QweFi4i+NjCMCZd+ffQG'
ED25519_SIG='iIAEABYIACgWIQTEwGBUBKTYyJ5C1GGZrrLcZDynwAUCawhPEAocZWQyNTUxOUB4AAoJEJmustxkPKfAnsUBAP6hDVZrZfaY0SZXKYWL0H8bFz5KEWpDa01lo3rgHJ2yAP9/Tn8MD4WFbWjhRfxpvVRAWl/UXnvHt/0GyTWm6OiICA=='
(echo /usr/share/keyrings/a.gpg; echo "$ED25519_KEY" | base64 -d) | seed inspector_keys openpgp
(echo /data/a.sig; echo "$ED25519_SIG" | base64 -d) | seed inspector_signatures openpgp
(echo /data/a.asc; printf -- '-----BEGIN PGP SIGNATURE-----\n\n%s\n-----END PGP SIGNATURE-----\n' "$ED25519_SIG") | seed inspector_signatures armor
(echo /data/a.minisig; printf 'untrusted comment: a\nRUQ%s\ntrusted comment: b\n%s==\n' "$(head -c 97 /dev/zero | tr '\0' A)=" "$(head -c 86 /dev/zero | tr '\0' A)") | seed inspector_signatures minisign
(echo /db-d719b2cb-3d3a-4596-a3bc-dad00e67656f; printf '\46\26\304\301\114\120\222\100\254\251\101\371\66\223\103\50\114\0\0\0\0\0\0\0\60\0\0\0'; head -c 48 /dev/zero) | seed inspector_boot db
(echo /etc/chrony.conf; printf 'pool 2.pool.ntp.org iburst nts\nrtcsync\n') | seed inspector_clock chrony
(echo /etc/config/system; printf "config timeserver 'ntp'\n\tlist server 'a.pool.ntp.org'\n\toption enabled '0'\n") | seed inspector_clock uci
(echo /etc/init.d/ntp; printf '#!/bin/sh\nexport TZ=CST-8\nntpd -p time.nist.gov\nhwclock -s\n') | seed inspector_clock script
(echo /etc/avahi/services/a.service; printf '<service-group><name>a</name><service><type>_http._tcp</type><port>80</port></service></service-group>') | seed inspector_discovery avahi
(echo /etc/umdns/a.json; printf '{"a":{"service":"_http._tcp.local","port":80,"txt":["a=b"]}}') | seed inspector_discovery umdns
(echo /www/d.xml; printf '<root><device><deviceType>urn:schemas-upnp-org:device:Basic:1</deviceType><friendlyName>a</friendlyName></device></root>') | seed inspector_discovery upnp
(echo /bin/a; printf '\177ELF\0ssdp:alive\0urn:schemas-upnp-org:device:A:1\0_a._tcp.local\0onvif://www.onvif.org/name/x\0') | seed inspector_discovery binary
(echo /etc/bluetooth/main.conf; printf '[General]\nJustWorksRepairing = always\n') | seed inspector_radios bluez
(echo /opt/configuration.yaml; printf 'permit_join: true\nmqtt:\nadvanced:\n  network_key:\n    - 1\n    - 0x0d\n'\
'  pan_id: [1, 2]\n') | seed inspector_radios yaml
(echo /etc/global_conf.json; printf '{ /* a */ "gateway_ID": "AA", // b\n"serv_port_up": 1700 }') | seed inspector_radios json
(echo /app.bin; printf '\1NimBLE\0OPENTHREAD/1.2; x\0ZigBeeAlliance09\0AT+CGDCONT=1,"IP","net"\0') | seed inspector_radios banners
(echo /www/cgi-bin/x.cgi; printf '#!/bin/sh\nf() { eval "$1"; }\n'\
'case $QUERY_STRING in a|b) x=`echo "${HTTP_X:-$(cat)}" | sed s/a/b/`;; *) f "$x";;\nesac\n'\
'wget http://a/b -O /tmp/c && sh /tmp/c <<E\nd\nE\ntelnetd -l /bin/sh; chmod 777 x; curl -k https://a\n') | seed inspector_scripts shell
(echo /www/x.cgi; printf '#!/usr/bin/haserl\n<p><%%= $FORM_a %%><%% eval $POST_b %%>\n') | seed inspector_scripts haserl
(echo /usr/lib/lua/luci/controller/x.lua; printf 'local h = require "luci.http"\nfunction a.b(c, d)\n'\
' if c == "x" then os.execute("y %%s" %% h.formvalue[[q]]) else\n for k, v in pairs(d) do io.popen(k .. v) end end\n'\
'end --[==[ x ]==]\n') | seed inspector_scripts lua
(echo /www/x.php; printf '<?php\nfunction f($a = array(1), $b) { $x = isset($_GET["q"]) ? "a{$_GET["q"]}" : <<<E\n'\
'b $c\nE;\nforeach ($a as $k => $v) { system("$k $v"); } return `x $x`; }\n?> html <?= f(1) ?>\n') | seed inspector_scripts php
(echo /www/x.py; printf 'import os as o\nfrom a import (b as c, d)\n@app.route("/<x>")\ndef f(x, *y, z=1):\n'\
'    if x in y:\n        o.system(f"a {x!r}")\nrequests.get(u, verify=False)\n') | seed inspector_scripts python
(echo /cgi-bin/x.pl; printf 'use CGI;\nsub f { my ($a, $b) = @_; $h{$a} =~ s{x}{y}g; open(F, "|x $b"); }\n'\
'my $t = <<"E" . q(a(b)c);\nx $h{y}\nE\nf($q->param("a")) unless $i =~ m/x/;\n') | seed inspector_scripts perl
(echo /etc/opkg.conf; printf 'option check_signature 1\nsrc/gz a http://b\n') | seed inspector_updates opkg
(echo /etc/apt/apt.conf.d/x; printf 'APT { Periodic { Unattended-Upgrade "1"; }; };\n'\
'Acquire::https::Verify-Peer "false";\n') | seed inspector_updates apt
(echo /etc/apt/sources.list; printf 'deb [ trusted=yes signed-by=/k ] http://a b c\n') | seed inspector_updates sources
(echo /etc/rauc/system.conf; printf '[system]\ncompatible=x\n[keyring]\npath=/x\n[slot.rootfs.1]\n') | seed inspector_updates rauc
(echo /etc/swupdate.cfg; printf 'globals: { public-key-file = "x"; };\n'\
'suricatta: { url = "http://x"; nocheckcert = true; };\n') | seed inspector_updates swupdate
(echo /etc/mender/mender.conf; printf '{"Servers": [{"ServerURL": "https://x"}], "ArtifactVerifyKeys": ["y"]}') | seed inspector_updates mender
(echo /bin/up; printf '#!/bin/sh\nwget -O /tmp/f http://u/f\nopenssl dgst -sha256 -verify k -signature s /tmp/f\n'\
'mtd write /tmp/f fw\n') | seed inspector_updates script
(echo /etc/crontabs/root; printf '0 3 * * * /bin/fw_upgrade\n@daily opkg upgrade\n') | seed inspector_updates cron
(echo /etc/config/x; printf "config a\n\toption auto_update '1'\n") | seed inspector_updates switch
(echo /usr/sbin/up; printf '\177ELF\1\1\1\0flashcp -v a /dev/mtd1\0/jobs/notify-next\0') | seed inspector_updates program
(echo /boot/a.efi; python3 -c 'import struct, sys
h = bytearray(1024)
h[:2], h[60], h[64:68] = b"MZ", 64, b"PE\0\0"
struct.pack_into("<H", h, 84, 240)
struct.pack_into("<H", h, 88, 0x20b)
struct.pack_into("<H", h, 156, 10)
struct.pack_into("<I", h, 196, 16)
spc = bytes.fromhex("060a2b060104018237020104")
der = lambda tag, data: bytes([tag, 0x82]) + struct.pack(">H", len(data)) + data
info = der(0x30, der(0x30, b"") + der(0x30, der(0x30, bytes.fromhex("0609608648016503040201")) + der(4, bytes(32))))
data = der(0x30, b"\2\1\1" + der(0x31, b"") + der(0x30, spc + der(0xa0, info)) + der(0x31, b""))
table = der(0x30, bytes.fromhex("06092a864886f70d010702") + der(0xa0, data))
struct.pack_into("<II", h, 232, 1024, len(table) + 8)
sys.stdout.buffer.write(bytes(h) + struct.pack("<IHH", len(table) + 8, 0x200, 2) + table)') | seed inspector_signatures efi
(echo /lib/a.ko; printf '\177ELF\1\1\1\0\0\2\0\0\0\0\0\0\0\0\0\4~Module signature appended~\n') | seed inspector_signatures module
(echo /a.sig; printf 'untrusted comment: signed by key b5043e70f9a75cde\n'\
'RWS1BD5w+adc3gAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n') | seed inspector_signatures usign
(echo /etc/app.conf; printf 'password=x9y8z7w6\ntoken: "AKIAIOSFODNN7EXAMPLE"\nhttp://a:bcd@e/\n'\
'Basic YWRtaW46MTIzNDU2\n') | seed inspector_secrets config
(echo /bin/a.sh; printf '#!/bin/sh\ncurl -u a:bcd x\necho "root:x" | chpasswd\nsshpass -p x1 ssh\n') | seed inspector_secrets script
(echo /etc/ipsec.secrets; printf 'a b : PSK "x"\n') | seed inspector_secrets ipsec
(echo /etc/config/wireless; printf "config wifi-iface\n\toption key 'abcdefgh1'\n") | seed inspector_secrets uci
(echo /bin/app; printf 'create table visits(id integer, lat real)\0') | seed inspector_stores program
(echo /data/a.json; printf '{"lastName": 1, "gps": 2}') | seed inspector_stores json
if command -v sqlite3 > /dev/null; then
	rm -f seed.db
	sqlite3 seed.db 'PRAGMA page_size=512; CREATE TABLE users(id INTEGER PRIMARY KEY, email TEXT); INSERT INTO users VALUES(1, 2)'
	(echo /data/a.db; cat seed.db) | seed inspector_stores sqlite
fi
(echo /bin/busybox; printf 'BusyBox v1.35.0 (2022)\0OpenSSL 3.0.20 7 Apr 2026\0') | seed inspector_components strings
(echo /usr/sbin/dnsmasq; printf '\177ELF\0dnsmasq 2.80\0002.80\0dnsmasq version %%s\0/build/dnsmasq-2.80/s\0BusyBox v1.35.0 (2)\0[\0ash\0cat\0ls\0sh\0vi\0wget\0') |
	seed inspector_components self
(echo /x; printf '\4\0\0\0\060\0\0\0\176\032\376\312FDO\0{"type":"deb","name":"zlib","version":"1:1.2.13-1"}\0') | seed inspector_components note
(echo /etc/os-release; printf 'ID=debian\nVERSION_ID="12"\n') | seed inspector_components release
(echo /var/lib/dpkg/status; printf 'Package: a\nStatus: install ok installed\nVersion: 1:2-3\nArchitecture: all\n\n') | seed inspector_components dpkg
# What the tests write; they are run in the folder of the project. What they find is theirs to say, elsewhere.
for t in "$build"/tests/test_*; do
	[ -f "$t" ] || continue # the objects of a test are in a folder of its name
	case "${*:+ $* }" in
	'') grep -qs ASSAY_SEEDS "$t" && echo "$t" ;;
	*" $(basename "$t") "*) echo "$t" ;;
	esac
done | (seeds=$PWD && cd "$here" && ASSAY_SEEDS=$seeds xargs -r -P 2 -n 1 timeout 300 > /dev/null 2>&1)
# What microcontrollers' boot loaders take.
python3 - <<'END'
import hashlib, os, struct, zlib
def seed(target, name, data):
    os.makedirs('format_' + target, exist_ok=True)
    open('format_%s/%s' % (target, name), 'wb').write(data)
code = bytes(range(256)) * 4
head = struct.pack('<IIHHIIBBHII', 0x96f3b83d, 0, 32, 12, len(code), 0, 1, 2, 3, 4, 0) + code
head += struct.pack('<HHHHI', 0x6908, 12, 0x50, 4, 1)
rom = bytearray(b'\x55\xaa\1'.ljust(0x18, b'\0') + b'\x1c\0\0\0PCIR' + struct.pack('<HHHHBBBBHHBBH', 0x1234, 0x5678, 0, 24, 0, 0, 0, 2, 1, 0, 0, 0, 0))
rom = rom.ljust(512, b'\0')
rom[511] = -sum(rom) & 255
efi = bytearray(b'\x55\xaa' + struct.pack('<HIHHH', 1, 0x0ef1, 11, 0x8664, 0)).ljust(0x16, b'\0') + b'\x40\0' + rom[0x18:0x1c + 24]
efi[0x1c + 0x14:0x1c + 0x16] = b'\3\x80'
seed('pci_rom', 'made', rom + efi.ljust(512, b'\0'))
seed('mcuboot', 'protected', head + struct.pack('<HHHH', 0x6907, 40, 0x10, 32) + hashlib.sha256(head).digest())
seed('mcuboot', 'encrypted', struct.pack('<IIHHIIBBHII', 0x96f3b83d, 0, 32, 0, 1024, 4, 1, 2, 3, 4, 0) + code +
    struct.pack('<HHHH', 0x6907, 8, 0x24, 0))
tag = lambda id, data: struct.pack('<II', id, len(data)) + data
gbl = tag(0x03a617eb, b'\0\0\0\3\0\0\0\0') + tag(0xf40a0af4, bytes(28)) + tag(0xfd0303fd, b'\0\x40\0\0' + code) + struct.pack('<II', 0xfc0404fc, 4)
seed('gbl', 'plain', gbl + struct.pack('<I', zlib.crc32(gbl)))
tag = lambda id, data: struct.pack('>HH', id, len(data)) + data
ebl = tag(0, b'\2\1\xe3\x50' + bytes(136)) + tag(0xfd03, b'\0\0\x20\0' + code) + struct.pack('>HH', 0xfc04, 4)
seed('ebl', 'plain', ebl + struct.pack('<I', zlib.crc32(ebl)))
telink = b'\x26\x80\0\0\0\0\x5d\2KNLT' + bytes(12) + struct.pack('<I', 1024 + 32) + bytes(4) + code[:-4]
seed('telink', 'plain', telink + struct.pack('<I', zlib.crc32(telink) ^ 0xffffffff))
module = struct.pack('<IIBBHHBBII', 0xd4000, 0xd4000 + 24 + 1024 + 36, 0, 0, 6, 12, 5, 1, 0x04d20104, 0) + code + b'\0\0'
module += hashlib.sha256(module).digest() + b'\x28\0'
seed('particle', 'user-part', module + struct.pack('>I', zlib.crc32(module)))
jn = struct.pack('<7I', *[0x04000401] * 7)
jn += struct.pack('<3I', -7 * 0x04000401 & 0xffffffff, 0x98447902, 1000)
jn += struct.pack('<I', zlib.crc32(jn)) + bytes(956)
seed('nxp_jn518x', 'plain', jn + struct.pack('<8I', 0xbb0110bb, 0, 0, 1032, 4096, 0, 0, 1))
seed('nxp_jn516x', 'plain', bytes.fromhex('07030008123456781122334455667788') + code)
bstr = lambda data: b'\x59' + struct.pack('>H', len(data)) + data
shared = b'\x82\x14\xa2\x01\x44SEED\x0e\x19\x10\0'
manifest = bstr(b'\xa3\1\1\2\7\3' + bstr(b'\xa2\2\x81\x81\x41\0\4' + bstr(shared)))
digest = b'\x82\x2f\x58\x20' + hashlib.sha256(manifest).digest()
signature = b'\xd2\x84\x43\xa1\1\x26\xa0\xf6\x44SIGN'
envelope = b'\xd8\x6b\xa3\2' + bstr(b'\x82' + bstr(digest) + bstr(signature)) + b'\3' + manifest + b'\x62#a' + bstr(b'payload')
seed('suit', 'plain', envelope)
oad = b'CC26x2R1' + struct.pack('<IBBHBBBBIIIIIHH', 0xffffffff, 3, 1, 0xfffe, 255, 255, 7, 0, 0xffffffff, 44 + 12 + 1024, 0, 0, 0, 44, 0)
seed('ti_oad', 'plain', oad + struct.pack('<BHBII', 1, 0, 0, 12 + 1024, 0) + code)
suffix = struct.pack('<HHHH', 1, 2, 3, 0x100) + b'UFD\x10'
seed('dfu', 'plain', code + suffix + struct.pack('<I', zlib.crc32(code + suffix) ^ 0xffffffff))
target = b'Target\0' + struct.pack('<I255sII', 1, b'flash', 0, 2)
target += struct.pack('<II', 0x08000000, 4) + b'boot' + struct.pack('<II', 0x08000004, 4) + b'load'
seed('dfuse', 'plain', b'DfuSe\1' + struct.pack('<IB', 11 + len(target), 1) + target)
seed('cortex_m', 'plain', struct.pack('<16I', 0x20001000, *[0x08000401] * 6, 0, 0, 0, 0, *[0x08000401] * 5) + code + bytes(8192))
mbr = struct.pack('<16I', 0x7c0, *[0x401] * 3, *[0] * 7, 0x401, 0, 0, 0x401, 0x401) + bytes(0x1000 - 64)
mbr += struct.pack('<16I', 0x20001000, *[0x2001] * 15) + bytes(0x2000 - 64)
seed('cortex_m', 'softdevice', mbr + struct.pack('<IIII', 0x10, 0x51b1e5db, 0x2000, 1) + bytes(4096))
dat = b'\x08\7\x10\x34\x20\0\x38\7\x42\x24\x08\3\x12\x20' + bytes(32)
dat = b'\x08\1\x12' + bytes([len(dat)]) + dat
dat = b'\x0a' + bytes([len(dat)]) + dat + b'\x10\0\x1a\4SIGN'
seed('nordic_init', 'signed', b'\x12' + bytes([len(dat)]) + dat)
END
# Updates: archives that describe themselves.
mkdir -p r && printf '[update]\ncompatible=seed\n[bundle]\nformat=verity\n[image.a]\nfilename=a.img\n' > r/manifest.raucm &&
	head -c 9000 /dev/urandom > r/a.img
if have openssl && openssl req -x509 -newkey rsa:2048 -nodes -keyout u.key -out u.crt -subj /CN=seed -days 9 2> /dev/null; then
	have rauc && rm -f u.raucb && rauc --cert u.crt --key u.key bundle r u.raucb > /dev/null 2>&1 &&
		seed format_rauc verity < u.raucb
	have rauc && printf '[update]\ncompatible=seed\n[image.a]\nfilename=a.img\n' > r/manifest.raucm &&
		rm -f u.raucb &&
		rauc --cert u.crt --key u.key bundle r u.raucb > /dev/null 2>&1 && seed format_rauc plain < u.raucb
fi
have mender-artifact && mender-artifact write rootfs-image -t seed -n seed -f r/a.img -o u.mender > /dev/null 2>&1 &&
	seed format_mender plain < u.mender
(cd r && printf '%s\n' 'software = { version = "1"; hardware-compatibility: [ "1" ];' \
	'images: ( { filename = "a.img"; sha256 = "00"; encrypted = true; } ); }' > sw-description &&
	(echo sw-description; echo a.img) | cpio -o -H crc 2> /dev/null) | seed format_swupdate plain
rm -rf r
# First stages, and the flash of PCs.
head -c 9000 /bin/sh > u.bin
printf 'IMAGE_VERSION 2\nBOOT_FROM sd\nDATA 4 0x020c4068 0x00C03F3F\n' > u.imx
printf 'VERSION 1\nBOOT_FROM spi\n' > u.kwb
if have mkimage; then
	mkimage -T sunxi_egon -A arm -n seed -d u.bin u.img > /dev/null 2>&1 && seed format_egon plain < u.img
	for c in rk3036 rk3188 rk3399 rk3568; do
		mkimage -n $c -T rksd -d u.bin:u.bin u.img > /dev/null 2>&1 && seed format_rockchip $c < u.img
	done
	mkimage -n u.imx -T imximage -e 0x87800000 -d u.bin u.img > /dev/null 2>&1 && seed format_imx_ivt plain < u.img
	mkimage -n u.kwb -T kwbimage -a 0x800000 -e 0x800000 -d u.bin u.img > /dev/null 2>&1 && seed format_kwbimage plain < u.img
	mkimage -T zynqimage -a 0 -e 0 -d u.bin u.img > /dev/null 2>&1 && seed format_zynq zynq < u.img
	mkimage -T zynqmpimage -d u.bin u.img > /dev/null 2>&1 && seed format_zynq zynqmp < u.img
	mkimage -T omapimage -a 0x402f0400 -e 0x402f0400 -d u.bin u.img > /dev/null 2>&1 && seed format_ti_mlo plain < u.img
fi
if have cbfstool; then
	rm -f u.rom
	(head -c 2000 /dev/zero > u.boot && cbfstool u.rom create -m x86 -s 64K -B u.boot &&
		cbfstool u.rom add -f u.bin -n lzma -t raw -c lzma -A sha256 &&
		cbfstool u.rom add -f u.bin -n lz4 -t raw -c lz4) > /dev/null 2>&1 && seed format_cbfs plain < u.rom
fi
python3 - <<'END'
import os, struct, zlib
def seed(target, name, data):
    os.makedirs('format_' + target, exist_ok=True)
    open('format_%s/%s' % (target, name), 'wb').write(data)
image = bytes(500)
for type, data in ((1, bytes(8) + b'{"metadata_version": "1.1", "supported_devices": ["seed"]}'), (0, b'signature')):
    image += data
    image += b'FWx0' + struct.pack('>IB3xI', zlib.crc32(image) ^ 0xffffffff, type, len(data) + 16)
seed('fwtool', 'plain', image)
seed('cbfs_payload', 'plain', b'CODE' + struct.pack('>IIQII', 1, 84, 4096, 18, 64) + b'BSS ' + struct.pack('>IIQII', 0, 0, 8192, 0, 64) +
    b'ENTR' + struct.pack('>IIQII', 0, 0, 4096, 0, 0) + b'\x5d\0\1\0\0\x40' + bytes(12))
import base64
def attribute(kind, data):
    return struct.pack('>I', kind << 24 | len(data) + 4) + data + bytes(-len(data) % 4)
def message(kind, name, data):
    head = struct.pack('>H', len(name)) + name + b'\0'
    return attribute(0x80 | kind, head + bytes(-len(head) % 4) + data)
def usign(n):
    return b'untrusted comment: seed\n' + base64.b64encode(b'Ed' + bytes(8) + bytes(n)) + b'\n'
payload = message(2, b'ucert', message(5, b'certtype', b'\0\0\0\1') + message(4, b'validfrom', bytes(8)) +
                  message(4, b'expiresat', bytes(8)) + message(3, b'pubkey', usign(32) + b'\0'))
chain = attribute(0, attribute(0, usign(64)) + attribute(1, payload)) + attribute(0, attribute(0, usign(64)))
image = bytes(100) + chain
seed('fwtool', 'ucert', image + b'FWx0' + struct.pack('>III', zlib.crc32(image) ^ 0xffffffff, 0, len(chain) + 16))
seed('intel_flash', 'plain', b'\xff' * 16 + struct.pack('<II', 0x0ff0a55a, 0x04040003) + b'\xff' * 40 +
    struct.pack('<5I', 0, 0x000f0008, 0x00070001, 0x7fff, 0x7fff) + b'\xff' * 8000)
def section(type, data):
    n = 4 + len(data)
    return struct.pack('<I', n | type << 24) + data + bytes(-n % 4)
body = section(0x13, b'\6\x08') + section(0x10, b'MZ') + section(0x15, 'Name\0'.encode('utf-16le'))
body += section(2, bytes.fromhex('b0cd1bfc317daa49936aa4600d9dd083') + struct.pack('<HH', 28, 2) + bytes(4) +
    section(0x19, b'raw'))
body += section(2, bytes.fromhex('98584eee143959429d6edc7bd79403cf') + struct.pack('<HH', 24, 1) + b'\x5d\0\0\1\0')
# a hundred As: one block, whose codes are lone ones
stream = int('%016d' % int(bin(100)[2:]) + '0' * 10 + '0' * 9 + '001000001' + '0' * 8 + '0' * 12, 2).to_bytes(8, 'big')
stream = struct.pack('<II', len(stream), 100) + stream
seed('efi_compressed', 'plain', stream)
body += section(1, struct.pack('<IB', 100, 1) + stream)
file = bytearray(b'G' * 16 + struct.pack('<BBBB', 0, 0, 7, 0) + struct.pack('<I', 24 + len(body)))
file[16] = -sum(file) & 255
file[17] = 0xaa
file[23] = 0xf8
volume = bytearray(bytes(16) + bytes.fromhex('78e58c8c3d8a1c4f9935896185c32dd3') +
    struct.pack('<Q4sIHHHBBIIII', 4096, b'_FVH', 0x4feff, 72, 0, 0, 0, 2, 1, 4096, 0, 0))
struct.pack_into('<H', volume, 50, -sum(struct.unpack('<36H', volume)) & 0xffff)
def variable(name, data):
    text = (name + '\0').encode('utf-16le')
    whole = struct.pack('<HBBIQ16xIII', 0x55aa, 0x3f, 0, 7, 0, 0, len(text), len(data)) + b'g' * 16 + text + data
    return whole + bytes(-len(whole) % 4)
variables = variable('PK', b'a' * 40) + variable('SecureBootEnable', b'\1')
seed('uefi_nvram', 'plain', bytes.fromhex('782cf3aa7b949a43a1802e144ec37792') + struct.pack('<IBBHI', 28 + len(variables), 0x5a, 0xfe, 0, 0) + variables)
seed('uefi_section_stream', 'plain', bytes(body))
seed('uefi_fv', 'plain', (volume + file + body).ljust(4096, b'\xff'))
END
# Real images cut to a size that a fuzzer gets through.
shared=${ASSAY_SHARED:-$here/../shared}
for image in "$shared"/samples/*.trx "$shared"/samples/*.itb "$shared"/samples/tplink-*.bin; do
	[ -f "$image" ] || continue
	case $image in
	*.trx) format=trx ;;
	*tplink-*) format=tplink ;;
	*) format=dtb ;;
	esac
	head -c 100000 "$image" | seed "format_$format" "$(basename "$image")"
done
# Log-structured file systems that no tool here makes: the test programs write theirs.
for fs in yaffs spiffs littlefs; do
	maker=$build/tests/test_$fs
	[ -x "$maker" ] && mkdir -p "format_$fs" && "$maker" --seeds "format_$fs" > /dev/null
done
for f in "$shared"/suit/*.suit; do
	[ -f "$f" ] && seed format_suit "$(basename "$f")" < "$f"
done
# A case of three files.
assay=$build/assay
if [ -x "$assay" ]; then
	printf 'dnsmasq 2.80\0' > s.image
	"$assay" s.image -q -o s.case > /dev/null || true
	# two thirds of it are verdicts, all alike
	have sqlite3 && sqlite3 s.case 'DELETE FROM evidence WHERE verdict_id > 20; DELETE FROM measure WHERE verdict_id > 20;
		DELETE FROM verdict WHERE id > 20; VACUUM'
	seed reader_case-pages empty < s.case
fi
# Models and rows of test plans.
cat << 'EOF' | seed combos_pict language
# a comment
A: x (10), ~y | z, w
B : <A>, 1
N: 1, 2.5, -3
{ A, B } @ 2
IF [A] LIKE "?*" AND NOT [B] IN {"x", "w"} THEN [A] = [B] ELSE [A] <> "y";
([N] + 1) * 2 >= 4 OR [N] % 2 = 1;
EOF
printf '[System]\nName: n\n[Parameter]\na (int) : 1, 2 ; 3\nb (boolean) : true, false\n[Relation]\nR : (a, b, 2)\n[Constraint]\n(a > 1) => !b && a %% 2 = 0\n' |
	seed combos_acts text
printf '<?xml version="1.0"?>\n<System name="s"><Parameters><Parameter id="1" name="a" type="0"><values><value>1</value><value>2</value></values><invalidValues><invalidValue>3</invalidValue></invalidValues></Parameter></Parameters><Relations><Relation Strength="1"><Parameter name="a"/></Relation></Relations><Constraints><Constraint text="a &lt; 2"/></Constraints></System>' |
	seed combos_acts-xml xml
printf 'Model m\nParameters:\na: Boolean; b: {x, 1, "q r"}; c: [1 .. 9] step 4\nConstraints:\n# a => (b == x or c > 2) # /* c */\n# a <=> !(c = 1) #\n' | seed combos_ctwedge text
printf '2\n3\n2 3 2\n' | seed combos_casa model
printf '2\n2\n- 0 - 2\n1\n+ 4\n' | seed combos_constraints clauses
printf 'c 1 a\np cnf 2 2\n1 -2 0\n2 0\n' | seed combos_dimacs cnf
printf 'A,B\nx,2\n"y",1\n' | seed combos_rows csv
printf 'B\tC\tA\n1\t\tz\n\t1\tx\n' | seed combos_rows tabs
rm -rf tree s.* u.* k.pem
printf '{"a":[1,-2.5e3,"x\\u00e4\\n\303\244",{"b":null}],"c":{"d":[true,false]}}' | seed reader_json plain
printf '\001\000\022\000\012\003\000\010\000\020\000......# conf\nname=x\npass=hunter2hunter2\nhttp://a.example/\n-----BEGIN PRIVATE KEY-----\nMII\n-----END PRIVATE KEY-----\n' | seed reader_excerpts text
for name in rsa_key ed25519_text p256_key; do
	sed -n "/ ${name}\[\]/,/;/p" "$here/tests/openpgp_vectors.h" | sed -n 's/^.*"\(.*\)\\n".*/\1/p' | seed reader_openpgp $name
done
printf 'pkg:deb/debian/attr@1:2.4.47-2%%2Bb1?arch=amd64&distro=debian-8#a/b' | seed reader_purl deb
printf 'MIT AND (LGPL-2.1-or-later OR GPL-2.0-only WITH GCC-exception-2.0)' | seed reader_spdx-expression plain
for f in "$shared"/feeds/vex/*/*.json "$shared"/feeds/csaf/oasis/*.json; do
	[ -f "$f" ] && [ "$(stat -c %s "$f")" -lt 30000 ] && (echo /a.json; cat "$f") | seed inspector_sbom "$(basename "$f")"
done
printf '/a.yaml\nassay-vex: 1\nauthor: A\nstatements:\n  - vulnerability: CVE-1\n    purl: pkg:generic/a@1\n    status: fixed\n' | seed inspector_sbom ours
printf '/a.spdx\nSPDXVersion: SPDX-2.3\nPackageName: a\nSPDXID: SPDXRef-a\nPackageVersion: 1\nPackageComment: <text>b\n'\
'c</text>\nExternalRef: PACKAGE-MANAGER purl pkg:generic/a@1\n'\
'Relationship: SPDXRef-DOCUMENT DESCRIBES SPDXRef-a\n' | seed inspector_sbom tags
printf '/a.json\n{"spdxVersion":"SPDX-2.3","packages":[{"SPDXID":"SPDXRef-a","name":"a",'\
'"externalRefs":[{"referenceType":"purl","referenceLocator":"pkg:generic/a@1"}],'\
'"checksums":[{"algorithm":"SHA256","checksumValue":"0"}]}],'\
'"relationships":[{"spdxElementId":"SPDXRef-DOCUMENT","relationshipType":"DESCRIBES",'\
'"relatedSpdxElement":"SPDXRef-a"}]}' | seed inspector_sbom spdx
printf '/a.json\n{"@context":"https://spdx.org/rdf/3.0.1/spdx-context.jsonld","@graph":[{"type":"software_Package",'\
'"spdxId":"a","name":"a","software_packageVersion":"1","externalIdentifier":[{"externalIdentifierType":"cpe23",'\
'"identifier":"cpe:2.3:a:a:a:1:*:*:*:*:*:*:*"}]},{"type":"software_Sbom","rootElement":["a"]}]}' | seed inspector_sbom spdx3
printf '# Privacy\n\nWe collect:\n\n- your e-mail\n- video\n\n| a | b |\n|---|---|\n| 1 March 2026 | 30 days |\n\n[us](mailto:a@b.example)\n' | seed reader_document-markdown plain
printf '<html><title>a</title><table><tr><th>a<tr><td>b</table><p hidden>c<p>We keep <b>data</b> for 30 days. +49 30 1234567' | seed reader_document-html plain
printf 'PRIVACY\n\nWe do not collect, store or sell data.\n\n1. Scope\n\n- a\n\nUntil 2026-12-31.\n' | seed reader_document-text plain
printf 'cpe:2.3:a:hp:insight_\\\\+x:7.4.*:-:*:*:online:win2003:x64:*' | seed reader_cpe formatted
printf 'cpe:/a:hp:in%%2bsight:7.%%02:-:~~online~win2003~x64~' | seed reader_cpe uri
printf '1:4.2.8p18-rc1~beta2+git20200101^x_p3-r4\0001.0.2k' | seed reader_version plain
printf 'CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:N/VA:N/SC:N/SI:N/SA:N/E:P' | seed reader_cvss v4
printf '(AV:N/AC:L/Au:N/C:P/I:P/A:C/E:POC/RL:OF)' | seed reader_cvss v2
printf '/bom.json\n{"bomFormat":"CycloneDX","specVersion":"1.6","metadata":{"component":{"type":"firmware","name":"f","version":"1"}},'\
'"components":[{"type":"library","bom-ref":"a","name":"a","version":"1","purl":"pkg:generic/a@1","cpe":"cpe:2.3:a:a:a:1:*:*:*:*:*:*:*",'\
'"hashes":[{"alg":"SHA-256","content":"00"}],"licenses":[{"license":{"id":"MIT"}}],"components":[{"type":"file","name":"b"}]}],'\
'"vulnerabilities":[{"id":"CVE-1","affects":[{"ref":"a"}],"analysis":{"state":"not_affected",'\
'"justification":"code_not_present"}}]}' | seed inspector_sbom cyclonedx
for p in careless middling exemplary; do
	sed 's/@[A-Z]*@/2026-01-31/' "$here/examples/products/$p/product.yaml.in" | seed reader_product $p
done
for p in "$here"/guidelines/*.yaml; do
	# what it includes is not there: its first requirements alone
	[ "$(stat -c %s "$p")" -lt 150000 ] && seed reader_pack "$(basename "$p" .yaml)" < "$p"
	sed -n '1,/^  - id:/p' "$p" | sed '$d' > s.pack
	sed -n '/^  - id:/,$p' "$p" | awk '/^  - id:/ && ++n > 3 { exit } { print }' >> s.pack
	seed reader_pack "$(basename "$p" .yaml)-first" < s.pack
done
rm -f s.pack
have python3 && python3 "$here/fuzz/feed_seeds.py" . && python3 "$here/fuzz/component_seeds.py" . && python3 "$here/fuzz/rpm_seeds.py" .
find . -type f -size 0 -delete
true
