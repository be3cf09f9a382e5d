#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Makes three example products, each with its firmware (from Debian's armhf packages), documents and a product file:
#
#   examples/make-products.sh OUTPUT_FOLDER
#   assay OUTPUT_FOLDER/careless/product.yaml
#
# careless    ships what nobody should, and declares what is not so
# middling    means well, and leaves things out
# exemplary   does what the guidelines ask, and declares what holds
#
# What is to be found in them, requirement by requirement, is written in products/expected.tsv.
set -eu

out=${1:?usage: make-products.sh OUTPUT_FOLDER}
here=$(cd "$(dirname "$0")" && pwd)
. "$here/debian.sh"
mkdir -p "$out"
out=$(cd "$out" && pwd)
# They are made once, and anew when what makes them is another.
recipe=$(cd "$here" && find . -type f | LC_ALL=C sort | xargs cat | sha256sum | cut -c1-64)
[ "$(cat "$out/made" 2>/dev/null)" = "$recipe" ] && exit 0
work=$out/work
rm -rf "$work"
mkdir "$work"

# Dates are counted from today, so that what is recent stays recent.
recent=$(date -u -d '60 days ago' +%F)
released=$(date -u -d '30 days ago' +%F)
later=$(date -u -d '5 years' +%F)

fill() { sed -e "s/@RECENT@/$recent/g" -e "s/@RELEASED@/$released/g" -e "s/@LATER@/$later/g" "$1"; }

# folders ROOT: what every root file system has.
folders() {
	for folder in bin sbin lib usr/bin usr/sbin usr/lib etc/init.d etc/ssl var/lib var/run tmp proc sys dev root; do
		mkdir -p "$1/$folder"
	done
	cp "$all/bin/busybox" "$1/bin/busybox"
	for applet in $applets; do ln -s busybox "$1/bin/$applet"; done
	ln -s ../bin/busybox "$1/sbin/init"
}

# programs ROOT FILE...: programs of the packages.
programs() {
	root=$1
	shift
	for program; do
		mkdir -p "$root/$(dirname "$program")"
		cp "$all/$program" "$root/$program"
	done
}

# libraries ROOT: what its programs need.
libraries() {
	python3 "$here/products/libraries.py" "$all" "$1"
	ln -sf arm-linux-gnueabihf/ld-linux-armhf.so.3 "$1/lib/ld-linux-armhf.so.3"
}

squash() {
	mksquashfs "$1" "$2" -comp xz -b 131072 -all-root -no-progress -noappend -mkfs-time 1700000000 -all-time 1700000000 \
		-p 'dev/console c 600 0 0 5 1' -p 'dev/null c 666 0 0 1 3' > "$work/mksquashfs.log"
}

uimage() {
	SOURCE_DATE_EPOCH=1700000000 mkimage -A arm -O linux -T kernel -C none -a 0x60008000 -e 0x60008000 -n "$1" \
		-d "$vmlinuz" "$2" > "$work/mkimage.log"
}

# documents PRODUCT: those with dates in them filled, the others as they are.
documents() {
	mkdir -p "$out/$1"
	fill "$here/products/$1/product.yaml.in" > "$out/$1/product.yaml"
	for document in "$here/products/$1/documents"/*; do
		name=$(basename "$document" .in)
		case $name in
		*.ms) fill "$document" | groff -k -ms -Tpdf > "$out/$1/${name%.ms}.pdf" ;;
		*) fill "$document" > "$out/$1/$name" ;;
		esac
	done
}

make_careless() {
	root=$work/careless
	applets="sh ls cat mount umount login getty ifconfig route udhcpc wget tftp vi ps kill sed awk grep tar init"
	folders "$root"
	programs "$root" usr/sbin/dropbear usr/bin/dropbearkey usr/sbin/lighttpd usr/sbin/mosquitto usr/sbin/telnetd
	mkdir -p "$root/usr/lib/lighttpd" "$root/etc/lighttpd" "$root/etc/ssl/private" "$root/var/lib/camera" "$root/www"
	cp "$all"/usr/lib/lighttpd/mod_cgi.so "$all"/usr/lib/lighttpd/mod_openssl.so "$root/usr/lib/lighttpd/"
	libraries "$root"
	cp -R "$here/products/careless/root/." "$root"
	# "xc3511" for root is in the table of the Mirai bot. The salt is fixed: the image is to be the same each time.
	printf 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n' > "$root/etc/passwd"
	printf 'root:%s:18000:0:99999:7:::\nnobody:*:18000:0:99999:7:::\n' "$(openssl passwd -1 -salt caMera01 xc3511)" \
		> "$root/etc/shadow"
	openssl genrsa -traditional -out "$root/etc/ssl/private/camera.key" 1024 2> "$work/openssl.log"
	openssl req -new -x509 -days 3650 -key "$root/etc/ssl/private/camera.key" -subj "/O=Blinkwell/CN=camera" \
		-out "$root/etc/ssl/camera.crt" 2>> "$work/openssl.log"
	cat "$root/etc/ssl/private/camera.key" "$root/etc/ssl/camera.crt" > "$root/etc/lighttpd/server.pem"
	python3 - "$root/var/lib/camera/users.db" <<'PYTHON'
import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
db.executescript("""
CREATE TABLE users(id INTEGER PRIMARY KEY, email TEXT, full_name TEXT, password TEXT);
INSERT INTO users VALUES(1, 'demo@blinkwell-imaging.net', 'Demo User', 'demo');
CREATE TABLE location(time INTEGER, latitude REAL, longitude REAL);
INSERT INTO location VALUES(1685577600, 48.137, 11.575);
""")
db.close()
PYTHON
	squash "$root" "$work/careless.squashfs"
	uimage "Linux camera" "$work/careless.uimage"
	# Flash: the kernel at 0, the root file system at 6 MiB, erased (0xff) up to 24 MiB.
	image=$out/careless/blinkwell-1.0.3.bin
	head -c $((24 * 1024 * 1024)) /dev/zero | tr '\000' '\377' > "$image"
	dd if="$work/careless.uimage" of="$image" conv=notrunc bs=64k status=none
	dd if="$work/careless.squashfs" of="$image" conv=notrunc bs=64k seek=96 status=none
}

make_middling() {
	root=$work/middling
	applets="sh ls cat mount umount ifconfig route udhcpc ntpd ps kill sed awk grep tar init passwd"
	folders "$root"
	programs "$root" usr/sbin/dropbear usr/bin/dropbearkey usr/sbin/lighttpd usr/bin/openssl usr/bin/curl
	mkdir -p "$root/usr/lib/lighttpd" "$root/etc/lighttpd" "$root/etc/ssl/certs" "$root/data" "$root/www"
	cp "$all"/usr/lib/lighttpd/mod_openssl.so "$root/usr/lib/lighttpd/"
	cp "$all/etc/ssl/certs/ca.pem" "$root/etc/ssl/certs/ca.pem"
	libraries "$root"
	cp -R "$here/products/middling/root/." "$root"
	printf 'root:x:0:0:root:/root:/bin/sh\nweb:x:33:33:web:/www:/bin/false\n' > "$root/etc/passwd"
	printf 'root:!:18000:0:99999:7:::\nweb:*:18000:0:99999:7:::\n' > "$root/etc/shadow"
	openssl genrsa -out "$work/update.key" 2048 2>> "$work/openssl.log"
	openssl rsa -in "$work/update.key" -pubout -out "$root/etc/ssl/update.pub" 2>> "$work/openssl.log"
	ubi 2.1.0 middling "$root"
	printf 'VERSION=2.0.0\n' > "$root/etc/hearthly-release"
	ubi 2.0.0 middling "$root"
}

ubi() {
	squash "$3" "$work/$2.squashfs"
	uimage "Linux thermostat" "$work/$2.uimage"
	cat > "$work/ubi.ini" <<INI
[kernel]
mode=ubi
vol_id=0
vol_type=static
vol_name=kernel
image=$work/$2.uimage
[rootfs]
mode=ubi
vol_id=1
vol_type=static
vol_name=rootfs
image=$work/$2.squashfs
INI
	ubinize -Q 1 -o "$out/$2/hearthly-$1.ubi" -m 2048 -p 128KiB "$work/ubi.ini" > "$work/ubinize.log" 2>&1
}

make_exemplary() {
	root=$work/exemplary
	applets="sh cat mount umount ifconfig udhcpc ps kill sed grep init"
	folders "$root"
	programs "$root" usr/sbin/chronyd usr/sbin/mosquitto usr/sbin/nft usr/bin/swupdate
	mkdir -p "$root/etc/mosquitto/certs" "$root/etc/swupdate" "$root/data"
	libraries "$root"
	cp -R "$here/products/exemplary/root/." "$root"
	printf 'root:x:0:0:root:/root:/bin/false\nmosquitto:x:90:90::/:/bin/false\n' > "$root/etc/passwd"
	printf 'root:!:18000:0:99999:7:::\nmosquitto:!:18000:0:99999:7:::\n' > "$root/etc/shadow"
	printf 'NAME="Larkspur G3"\nVERSION_ID=3.2.0\nSUPPORT_END=%s\n' "$later" > "$root/etc/os-release"
	openssl req -new -x509 -newkey rsa:3072 -nodes -sha256 -days 3650 -subj "/O=Larkspur Works/CN=Larkspur device CA" \
		-keyout "$work/ca.key" -out "$root/etc/mosquitto/certs/ca.crt" 2>> "$work/openssl.log"
	cp "$root/etc/mosquitto/certs/ca.crt" "$root/etc/swupdate/server-ca.pem"
	openssl genrsa -out "$work/dev.key" 2048 2>> "$work/openssl.log"
	openssl req -new -x509 -key "$work/dev.key" -subj "/CN=dev" -out "$work/dev.crt" 2>> "$work/openssl.log"
	openssl rsa -in "$work/dev.key" -pubout -out "$root/etc/swupdate/update-key.pub.pem" 2>> "$work/openssl.log"
	mkdir -p "$root/var/lib/dpkg"
	# What is in the image, as the package manager that it was built with knows it; the bill says the same.
	python3 "$here/products/bill.py" "$all/status" "$root/var/lib/dpkg/status" "$out/exemplary/larkspur-3.2.0.cdx.json" "$root" \
		"$release"
	squash "$root" "$work/exemplary.squashfs"
	cat > "$work/gateway.dts" <<'DTS'
/dts-v1/;
/ { compatible = "larkspur,g3"; model = "Larkspur G3"; #address-cells = <1>; #size-cells = <1>;
	watchdog@7e100000 { compatible = "brcm,bcm2835-wdt"; reg = <0x7e100000 0x28>; };
};
DTS
	dtc -q -I dts -O dtb -o "$work/gateway.dtb" "$work/gateway.dts"
	cp "$here/products/exemplary/gateway.its" "$work/"
	cp "$vmlinuz" "$work/vmlinuz"
	(cd "$work" && SOURCE_DATE_EPOCH=1700000000 mkimage -f gateway.its -k . -r "$out/exemplary/larkspur-3.2.0.itb" > mkimage.log 2>&1) ||
		{ cat "$work/mkimage.log" >&2; exit 1; }
}

echo "fetching packages of the example products (armhf, about 70 MB, once) ..."
debian_begin "$work/debian" armhf
packages="busybox-static ca-certificates chrony curl dropbear-bin inetutils-telnetd libacl1 libarchive13 libattr1 libb2-1 libgomp1
	libblkid1 libbrotli1 libbsd0 libbz2-1.0 libc6 libcap2 libcjson1 libcom-err2 libconfig9 libcrypt1 libcurl4 libdlt2 libedit2
	libext2fs2 libfdisk1 libffi8 libgcc-s1 libgcrypt20 libgmp10 libgnutls30 libgpg-error0 libgpiod2 libgssapi-krb5-2
	libhogweed6 libicu72 libidn2-0 libjansson4 libjson-c5 libk5crypto3 libkeyutils1 libkrb5-3 libkrb5support0 libldap-2.5-0
	liblua5.3-0 liblz4-1 liblzma5 libmd0 libmnl0 libmosquitto1 libnettle8 libnftables1 libnftnl11 libnghttp2-14 libnsl2
	libp11-kit0 libpcre2-8-0 libpsl5 librsync2 librtmp1 libsasl2-2 libseccomp2 libselinux1 libssh2-1 libssl3 libstdc++6
	libsystemd0 libtasn1-6 libtinfo6 libtirpc3 libtomcrypt1 libtommath1 libubootenv0.1 libunistring2 liburiparser1 libuuid1
	libuv1 libwebsockets17 libwrap0 libxml2 libxtables12 libxxhash0 libzck1 libzstd1 lighttpd lighttpd-mod-openssl mosquitto
	nftables openssl swupdate zlib1g"
debian_fetch $packages
debian_fetch debian-installer-12-netboot-armhf
all=$work/all
debian_unpack "$all" $packages
debian_unpack "$work/kernel" debian-installer-12-netboot-armhf
vmlinuz=$(find "$work/kernel" -name vmlinuz | head -n 1)
# What uname -r will say: the folder of its modules in the installer.
initrd=$(find "$work/kernel" -name initrd.gz | head -n 1)
release=$(gzip -dc "$initrd" | cpio --quiet -t | sed -n 's#^.*lib/modules/\([^/]*\)$#\1#p' | head -n 1)
for deb in "$work"/debian/debs/*.deb; do
	case $deb in *debian-installer*) continue ;; esac
	dpkg-deb -f "$deb" Package Version Architecture Source Maintainer
	printf 'Status: install ok installed\n\n'
done > "$all/status"
find "$all/usr/share/ca-certificates" -name '*.crt' | sort | xargs cat > "$work/ca.pem"
mkdir -p "$all/etc/ssl/certs"
mv "$work/ca.pem" "$all/etc/ssl/certs/ca.pem"

for product in careless middling exemplary; do
	echo "making the $product product ..."
	documents $product
	make_$product
done
rm -rf "$work"
echo "made $out/careless, $out/middling, $out/exemplary"
echo "$recipe" > "$out/made"
