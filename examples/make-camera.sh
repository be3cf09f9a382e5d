#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Makes the flash image of a camera as a careless maker would ship it, from Debian's armhf packages: real binaries in
# real formats, with a known truth beside it (camera.bin.truth.json).
#
#   examples/make-camera.sh OUTPUT_FOLDER
#
# What is wrong with it, on purpose: telnetd is started at boot, root's password is in every botnet's list, a private key
# and an SSH host key are the same in all units, updates come over plain http and are checked for nothing.
set -eu

out=${1:?usage: make-camera.sh OUTPUT_FOLDER}
image=$out/camera.bin
[ -s "$image" ] && [ -s "$image.truth.json" ] && exit 0
mkdir -p "$out"
out=$(cd "$out" && pwd)
image=$out/camera.bin
work=$out/work
rm -rf "$work"
mkdir -p "$work/root" "$work/kernel"
. "$(dirname "$0")/debian.sh"

echo "fetching the camera's packages (armhf, about 45 MB, once) ..."
debian_begin "$work/debian" armhf
packages="busybox-static dropbear-bin libtomcrypt1 libtommath1 libcrypt1 zlib1g libc6 libgcc-s1 lighttpd libpcre2-8-0
	libxxhash0 openssl libssl3 mosquitto libmosquitto1 libcjson1 libdlt2 libsystemd0 libwebsockets17 libuv1 libwrap0
	inetutils-telnetd libtinfo6"
debian_fetch $packages
debian_fetch debian-installer-12-netboot-armhf

echo "building its root file system ..."
debian_unpack "$work/all" $packages
root=$work/root
mkdir -p "$root/bin" "$root/sbin" "$root/lib" "$root/usr/bin" "$root/usr/sbin" "$root/usr/lib" "$root/etc/init.d" \
	"$root/etc/dropbear" "$root/etc/ssl/private" "$root/etc/lighttpd" "$root/var/run" "$root/tmp" "$root/proc" "$root/sys" \
	"$root/dev" "$root/root" "$root/www" "$root/opt/camera"
cp "$work/all/bin/busybox" "$root/bin/busybox"
for applet in sh ls cat mount umount login getty ifconfig route udhcpc wget tftp vi ps kill sed awk grep tar init; do
	ln -s busybox "$root/bin/$applet"
done
ln -s ../bin/busybox "$root/sbin/init"
for program in usr/sbin/dropbear usr/bin/dropbearkey usr/sbin/lighttpd usr/bin/openssl usr/sbin/mosquitto usr/sbin/telnetd; do
	cp "$work/all/$program" "$root/$program"
done
# Libraries where the loader of armhf looks for them; documentation and locales stay away, as on any camera.
cp -a "$work/all/lib/arm-linux-gnueabihf" "$root/lib/"
cp -a "$work/all/usr/lib/arm-linux-gnueabihf" "$root/usr/lib/"
mkdir -p "$root/usr/lib/lighttpd"
cp "$work"/all/usr/lib/lighttpd/mod_cgi.so "$work"/all/usr/lib/lighttpd/mod_auth.so "$root/usr/lib/lighttpd/"
rm -rf "$root"/usr/lib/arm-linux-gnueabihf/gconv "$root"/usr/lib/arm-linux-gnueabihf/audit
ln -sf arm-linux-gnueabihf/ld-linux-armhf.so.3 "$root/lib/ld-linux-armhf.so.3"

# Accounts: "xc3511" for root is in the table of the Mirai bot; the salts are fixed so that the image is the same each time.
root_hash=$(openssl passwd -1 -salt caMera01 xc3511)
printf 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n' > "$root/etc/passwd"
printf 'root:%s:18000:0:99999:7:::\nnobody:*:18000:0:99999:7:::\n' "$root_hash" > "$root/etc/shadow"
chmod 600 "$root/etc/shadow"
printf '::sysinit:/etc/init.d/rcS\n::respawn:/sbin/getty -L ttyS0 115200 vt100\n::ctrlaltdel:/sbin/reboot\n' > "$root/etc/inittab"
cat > "$root/etc/init.d/rcS" <<'RCS'
#!/bin/sh
mount -t proc proc /proc
mount -t sysfs sysfs /sys
ifconfig eth0 up
udhcpc -i eth0 -b
telnetd -l /bin/login &
/usr/sbin/dropbear -r /etc/dropbear/dropbear_rsa_host_key
/usr/sbin/lighttpd -f /etc/lighttpd/lighttpd.conf
/usr/sbin/mosquitto -c /etc/mosquitto.conf -d
/etc/init.d/update.sh &
RCS
cat > "$root/etc/init.d/update.sh" <<'UPDATE'
#!/bin/sh
# Looks for new firmware every night.
SERVER=http://updates.camera.example/firmware
while sleep 86400; do
	wget -q -O /tmp/new.bin $SERVER/latest.bin && cat /tmp/new.bin > /dev/mtdblock1 && reboot
done
UPDATE
chmod 755 "$root/etc/init.d/rcS" "$root/etc/init.d/update.sh"
printf 'listener 1883 0.0.0.0\nallow_anonymous true\n' > "$root/etc/mosquitto.conf"
printf 'server.document-root = "/www"\nserver.port = 80\nserver.modules = ("mod_cgi", "mod_auth")\n' \
	> "$root/etc/lighttpd/lighttpd.conf"
echo '<html><title>Camera</title></html>' > "$root/www/index.html"

# Keys made once and shipped in every unit.
openssl genrsa -traditional -out "$root/etc/ssl/private/camera.key" 1024 2> "$work/openssl.log"
openssl req -new -x509 -days 3650 -key "$root/etc/ssl/private/camera.key" -subj "/O=Careless Cameras/CN=camera.example" \
	-out "$root/etc/ssl/camera.crt" 2>> "$work/openssl.log"
python3 - "$root/etc/ssl/private/camera.key" "$root/etc/dropbear/dropbear_rsa_host_key" <<'PYTHON'
"""Writes the RSA key as a dropbear host key: "ssh-rsa", e, n, d, p, q as SSH strings and mpints (RFC 4251)."""
import re, struct, subprocess, sys
text = subprocess.run(["openssl", "rsa", "-in", sys.argv[1], "-text", "-noout"], capture_output=True, text=True, check=True).stdout
def field(name):
    digits = re.search(name + r":\s*((?:\s+[0-9a-f:]+\n)+)", text)
    return int(re.sub(r"[\s:]", "", digits.group(1)), 16)
def mpint(v):
    b = v.to_bytes(v.bit_length() // 8 + 1, "big")
    return struct.pack(">I", len(b)) + b
e = int(re.search(r"publicExponent: (\d+)", text).group(1))
name = b"ssh-rsa"
with open(sys.argv[2], "wb") as out:
    out.write(struct.pack(">I", len(name)) + name)
    for v in (e, field("modulus"), field("privateExponent"), field("prime1"), field("prime2")):
        out.write(mpint(v))
PYTHON
chmod 600 "$root/etc/ssl/private/camera.key" "$root/etc/dropbear/dropbear_rsa_host_key"

echo "wrapping it as a vendor would ..."
debian_unpack "$work/kernel" debian-installer-12-netboot-armhf
vmlinuz=$(find "$work/kernel" -name vmlinuz | head -n 1)
SOURCE_DATE_EPOCH=1600000000 mkimage -A arm -O linux -T kernel -C none -a 0x60008000 -e 0x60008000 -n "Linux camera" \
	-d "$vmlinuz" "$work/kernel.uimage" > "$work/mkimage.log"
mksquashfs "$root" "$work/root.squashfs" -comp xz -b 131072 -all-root -no-progress -noappend -mkfs-time 1600000000 \
	-all-time 1600000000 -p 'dev/console c 600 0 0 5 1' -p 'dev/null c 666 0 0 1 3' > "$work/mksquashfs.log"

# Flash of 16 MiB: the kernel at 0, the root file system at 6 MiB, erased (0xff) elsewhere.
flash_size=$((16 * 1024 * 1024)) root_at=$((6 * 1024 * 1024))
kernel_size=$(stat -c %s "$work/kernel.uimage") root_size=$(stat -c %s "$work/root.squashfs")
if [ "$kernel_size" -gt $root_at ] || [ $((root_at + root_size)) -gt $flash_size ]; then
	echo "make-camera.sh: the parts do not fit: kernel $kernel_size, root $root_size bytes" >&2
	exit 1
fi
head -c $flash_size /dev/zero | tr '\000' '\377' > "$image.new"
dd if="$work/kernel.uimage" of="$image.new" conv=notrunc bs=64k status=none
dd if="$work/root.squashfs" of="$image.new" conv=notrunc bs=64k seek=$((root_at / 65536)) status=none

cat > "$image.truth.json" <<TRUTH
{
 "squashfs_offset": $root_at,
 "regular_files": $(unsquashfs -lls -d '' "$work/root.squashfs" | grep -c '^-'),
 "accounts": [{"user": "root", "password": "xc3511", "hash_scheme": "md5crypt"}, {"user": "nobody", "state": "locked"}],
 "private_keys": ["/etc/ssl/private/camera.key", "/etc/dropbear/dropbear_rsa_host_key"],
 "startup": ["telnetd", "/usr/sbin/dropbear", "/usr/sbin/lighttpd", "/usr/sbin/mosquitto", "/etc/init.d/update.sh"],
 "components": ["busybox", "dropbear", "lighttpd", "mosquitto", "openssl", "glibc", "zlib", "linux"]
}
TRUTH
mv "$image.new" "$image"
rm -rf "$work"
echo "made $image"
