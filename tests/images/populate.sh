#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Fills a mounted file system with what its readers must know: sizes around blocks, holes, many extents, large directories
# with deleted names, long targets, hard links, devices, owners, times.
#
#   populate.sh FOLDER LAST-TIME [few]      LAST-TIME: seconds since 1970 of the latest time that it can keep
set -eu
cd "$1" && last=$2 few=${3:-}
text() { seq "$1" 99999999 | head -c "$2"; }
names=700 holes=160
[ -z "$few" ] || { names=90 holes=24; }

mkdir -p sizes one/two/three/four/five many links owners times 'a name with spaces' empty
for n in 0 1 7 100 511 512 513 1000 1024 2047 3000 4047 4095 4096 4097 5000 8191 8192 12345 20000 65536 100001; do text "$n" "$n" > "sizes/$n"; done
text 1 17 > 'a name with spaces/x'
text 5 50 > one/two/three/four/five/deep
text 8 300 > "$(printf 'bytes-\377\302\240')"
text 9 9 > "$(head -c 240 /dev/zero | tr '\0' n)"
# Every second block is written: as many extents, with holes between them.
for i in $(seq 0 2 "$holes"); do text "$i" 4096 | dd of=extents bs=4096 seek="$i" conv=notrunc 2> /dev/null; done
text 3 1000 | dd of=sparse bs=1024 seek=3000 2> /dev/null
text 4 10 | dd of=sparse bs=1024 seek=5000 conv=notrunc 2> /dev/null
truncate -s 7000001 sparse
truncate -s 1000000 hole
for i in $(seq "$names"); do : > "many/a-name-that-is-long-enough-to-fill-$i"; done
for i in $(seq 1 3 "$names"); do rm "many/a-name-that-is-long-enough-to-fill-$i"; done
for i in 2 5 8; do text "$i" 40 > "many/a-name-that-is-long-enough-to-fill-$i"; done
for n in 1 20 59 60 61 127 128 129 200 400 900; do
	ln -s "$(head -c "$n" /dev/zero | tr '\0' t)" "links/target-$n"
done
ln -s ../sizes/100 links/to-100
ln sizes/5000 links/hard && ln sizes/5000 hard
mknod links/console c 5 1 && mknod links/disk b 8 17 && mkfifo links/fifo
text 6 60 > owners/user && chown 1000:100 owners/user && chmod 4750 owners/user
text 7 70 > owners/wide && chown 100000:200000 owners/wide && chmod 0 owners/wide
mkdir owners/sticky && chmod 1777 owners/sticky
text 1 1 > times/early && touch -d @1 times/early
text 2 2 > times/known && touch -d @1234567890 times/known
text 3 3 > times/late && touch -d "@$last" times/late
