# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh
#
# To be read by the scripts beside it: Debian's packages of another architecture, in a state of their own, so that this
# machine's architectures and lists stay as they are.

# debian_begin FOLDER ARCHITECTURE: readies FOLDER, which must not exist.
debian_begin() {
	debian=$1 architecture=$2
	mkdir -p "$debian/state/lists/partial" "$debian/cache/archives/partial" "$debian/debs"
	: > "$debian/status"
	# A mirror that can not be reached shows when the first package is wanted.
	debian_apt apt-get update > "$debian/log" 2>&1 || true
}

debian_apt() {
	command=$1
	shift
	"$command" -q -o APT::Architecture="$architecture" -o APT::Architectures::="$architecture" \
		-o Dir::State="$debian/state" -o Dir::Cache="$debian/cache" -o Dir::State::status="$debian/status" \
		-o APT::Sandbox::User=root -o Acquire::Languages=none "$@"
}

# debian_fetch PACKAGE...: their .deb files in $debian/debs; what went wrong is said.
debian_fetch() {
	(cd "$debian/debs" && debian_apt apt-get download "$@" >> "$debian/log" 2>&1) && return 0
	echo "packages can not be fetched ($*):" >&2
	tail -n 3 "$debian/log" >&2
	return 1
}

# debian_unpack FOLDER PACKAGE...: unpacks what was fetched.
debian_unpack() {
	folder=$1
	shift
	mkdir -p "$folder"
	for package; do
		for deb in "$debian/debs/${package}"_*.deb; do dpkg-deb -x "$deb" "$folder"; done
	done
}
