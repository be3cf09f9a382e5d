#!/bin/sh
# Looks for new firmware every night.
SERVER=http://updates.blinkwell-imaging.net/firmware
while sleep 86400; do
	wget -q -O /tmp/new.bin $SERVER/latest.bin && cat /tmp/new.bin > /dev/mtdblock1 && reboot
done
