/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Products whose name in passing tells nothing: words of a language, and what many programs read, write, run or are linked to.
 * Counted in the strings of some 400 products of Debian: a name is here that ten others have among theirs, or three where it is
 * a word or the product's own programs seldom say it.
 */
#include <stdlib.h>

#include "inspect/components.h"

/* Sorted. */
static const char *const names[] = {
	"acct",         "ace",         "acl",       "acpi",      "age",      "aide",       "alpine",      "alsa-lib",
	"amanda",       "analog",      "aom",       "apache",    "apparmor", "apr",        "apt",         "argus",
	"arj",          "ark",         "aspell",    "asterisk",  "atop",     "attr",       "audiofile",   "audit",
	"augeas",       "autoconf",    "autofs",    "automake",  "barrier",  "bash",       "beep",        "bind",
	"bing",         "binutils",    "bip",       "bird",      "bison",    "bitcoin",    "bluez",       "boa",
	"bochs",        "bolt",        "bonnie",    "boost",     "booth",    "brotli",     "burp",        "busybox",
	"bzip2",        "c-ares",      "cairo",     "ccid",      "ceph",     "cereal",     "cherokee",    "chicken",
	"chrony",       "cjson",       "clang",     "cmake",     "cockpit",  "composer",   "conky",       "coreutils",
	"courier",      "cpio",        "croc",      "cron",      "cups",     "curl",       "cvs",         "dante",
	"dar",          "dash",        "dawn",      "dbus",      "dcraw",    "dia",        "dialog",      "dibbler",
	"discount",     "discover",    "dma",       "dnsmasq",   "dolphin",  "dosbox",     "dotnet",      "dpdk",
	"dtc",          "duktape",     "dump",      "ead",       "eject",    "elinks",     "emacs",       "enlightenment",
	"ethtool",      "evince",      "evolution", "exempi",    "exif",     "facter",     "falkon",      "fbi",
	"fcgi",         "ffmpeg",      "fftw",      "file",      "fio",      "firebird",   "firefox",     "firewall",
	"fish",         "flac",        "flatpak",   "flex",      "fmt",      "fontconfig", "foremost",    "fossil",
	"freetype",     "fuse",        "gawk",      "gcc",       "gdal",     "gdb",        "gdbm",        "gdm",
	"geoip",        "geos",        "gettext",   "gflags",    "gimp",     "git",        "glibc",       "global",
	"gmp",          "gnome-shell", "gnunet",    "gnuplot",   "gnutls",   "gopher",     "gphoto2",     "gpm",
	"gpsd",         "graphviz",    "grep",      "groff",     "grpc",     "grub",       "gsl",         "gss",
	"gtk",          "guile",       "gzip",      "harfbuzz",  "havp",     "heartbeat",  "hercules",    "hesiod",
	"hitch",        "hostname",    "hplip",     "hunspell",  "hydra",    "icecast",    "icu",         "id3v2",
	"iprange",      "ipset",       "iptables",  "isync",     "jack",     "jasper",     "jed",         "jemalloc",
	"joe",          "john",        "kbd",       "kea",       "kget",     "kismet",     "kitty",       "knock",
	"knot",         "kodi",        "krb5",      "ksh",       "lame",     "lapack",     "lasso",       "lcdproc",
	"lcms2",        "ldb",         "ldns",      "less",      "libaio",   "libarchive", "libass",      "libcap",
	"libedit",      "libevent",    "libffi",    "libgcrypt", "libgd",    "libice",     "libidn",      "libjpeg",
	"liblo",        "libogg",      "libpcap",   "libpng",    "libpsl",   "libseccomp", "libselinux",  "libsodium",
	"libssh",       "libtool",     "libunwind", "libusb",    "libvirt",  "libvorbis",  "libwebp",     "libxkbcommon",
	"libxml2",      "libxslt",     "libyaml",   "libzip",    "lightdm",  "lighttpd",   "links",       "linux",
	"llvm",         "lmdb",        "lua",       "lynx",      "lz4",      "lzip",       "lzo",         "lzop",
	"maildrop",     "mailx",       "make",      "mariadb",   "masscan",  "matio",      "mawk",        "mender",
	"mfoc",         "midori",      "miller",    "mksh",      "moc",      "mongoose",   "mono",        "mosh",
	"most",         "motion",      "mpc",       "mpd",       "mplayer",  "mtd",        "mtx",         "munge",
	"musl",         "mutt",        "mxml",      "mysql",     "nagios",   "nano",       "nast",        "nautilus",
	"nbd",          "ncurses",     "nebula",    "neon",      "netcat",   "netcdf",     "netmask",     "nettle",
	"newt",         "nftables",    "nginx",     "nimble",    "nmap",     "nnn",        "nodejs",      "nspr",
	"nss",          "ntp",         "numactl",   "nut",       "ogre",     "okular",     "openjdk",     "openjpeg",
	"openldap",     "openssh",     "openssl",   "openvpn",   "opus",     "orage",      "orc",         "packit",
	"pam",          "pango",       "parted",    "patch",     "patchelf", "pcp",        "pcre2",       "pen",
	"perl",         "php",         "pigz",      "pillow",    "pinentry", "pipewire",   "plymouth",    "poco",
	"podman",       "polipo",      "polkit",    "popt",      "portmap",  "postfix",    "pound",       "ppp",
	"procps",       "prosody",     "protobuf",  "pseudo",    "pspp",     "pulseaudio", "python",      "qnx",
	"quassel",      "quota",       "raptor",    "rclone",    "readline", "redir",      "redis",       "redland",
	"riot",         "rpm",         "rsync",     "rsyslog",   "ruby",     "runc",       "rust",        "samba",
	"samhain",      "sassc",       "scapy",     "screen",    "scrypt",   "sdl2",       "seahorse",    "sed",
	"sendmail",     "serf",        "setserial", "shadow",    "shim",     "siege",      "slang",       "slim",
	"snappy",       "snoopy",      "snort",     "sox",       "speex",    "spice",      "sqlite",      "squid",
	"srt",          "sssd",        "stone",     "strace",    "stress",   "stun",       "sudo",        "supervisor",
	"sway",         "synergy",     "syslinux",  "sysstat",   "systemd",  "taglib",     "talloc",      "tang",
	"tar",          "tcl",         "tcpdump",   "tcsh",      "tdb",      "tgt",        "thunderbird", "tidy",
	"tiff",         "time",        "tinc",      "tini",      "tmux",     "tnef",       "tor",         "traceroute",
	"transmission", "tree",        "trickle",   "trinity",   "tripwire", "trojan",     "twinkle",     "uclibc",
	"uim",          "unace",       "unar",      "unbound",   "units",    "unzip",      "upower",      "util-linux",
	"vala",         "valgrind",    "vim",       "vino",      "vlc",      "vpnc",       "vte",         "vxworks",
	"watchdog",     "wayland",     "weston",    "wget",      "which",    "whois",      "wiggle",      "wine",
	"wol",          "xapian",      "xauth",     "xen",       "xfig",     "xpdf",       "xterm",       "xxhash",
	"yajl",         "yara",        "yash",      "yate",      "yaws",     "zebra",      "zeek",        "zephyr",
	"zeromq",       "zfs",         "zile",      "zip",       "zlib",     "zlog",       "znc",         "zsh",
	"zstd"
};

/* Programs that plug-ins of other projects are built for, sorted: those call the same functions, lie in the same folders, and
 * often are called after them. */
static const char *const hosts[] = {
	"asterisk",   "audacious", "claws-mail", "collectd",  "dovecot", "gimp",      "gkrellmd",  "gstreamer",
	"hexchat",    "inspircd",  "kodi",       "lighttpd",  "mosquitto", "mpv",     "nagios",    "nautilus",
	"nginx",      "obs-studio", "postgresql", "proftpd", "redis",    "rhythmbox", "squid",
	"uwsgi",      "varnish",   "vdr",        "vlc",       "weechat", "wireshark", "zathura"
};

static int compare(const void *key, const void *element)
{
	return strcmp(key, *(const char *const *)element);
}

static bool is_among(const struct product *product, const char *const *list, size_t n)
{
	return bsearch(product_strings + product->name, list, n, sizeof *list, compare) != NULL;
}

bool component_is_host(const struct product *product)
{
	return is_among(product, hosts, sizeof hosts / sizeof hosts[0]);
}

bool component_is_spoken_of(const struct product *product)
{
	return component_is_of_everybody(product) || is_among(product, names, sizeof names / sizeof names[0]);
}
