#!/bin/sh
# Tells how the camera is used.
while sleep 3600; do
	wget -q --no-check-certificate -O /dev/null "https://telemetry.blinkwell-imaging.net/usage?up=$(cat /proc/uptime)"
	wget -q -O /dev/null "http://telemetry.blinkwell-imaging.net/stats?view=$(cat /tmp/views)"
done
