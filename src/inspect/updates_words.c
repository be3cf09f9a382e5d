/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the commands of scripts fetch, verify and flash with.
 *
 * From the manuals of the programs; mtd-utils, BusyBox, OpenWrt mtd, OpenSSL dgst(1) and cms(1), usign, signify(1), gpg(1),
 * wget(1), curl(1).
 */
#include "base/words.h"
#include "inspect/shell.h"
#include "inspect/updates.h"

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

/* Programs and functions that neither fetch nor verify nor flash. Those of archives check no more than their own CRC. */
static bool is_harmless(struct text name)
{
	static const char *const names[] = {
		":", "[", "[[", "alias", "bg", "break", "cd", "continue", "declare", "echo", "exit", "export", "false", "getopts",
		"hash", "jobs", "kill", "let", "local", "printf", "pwd", "read", "readonly", "return", "set", "shift", "test",
		"times", "trap", "true", "type", "ulimit", "umask", "unalias", "unset", "wait", "basename", "cat", "chmod",
		"chown", "cp", "cut", "date", "df", "dirname", "du", "egrep", "expr", "fgrep", "find", "free", "grep", "gunzip",
		"gzip", "halt", "head", "hostname", "ifconfig", "insmod", "ip", "iptables", "killall", "ln", "logger", "ls",
		"lsmod", "mkdir", "mknod", "mktemp", "mount", "mv", "nvram", "pidof", "ping", "pkill", "poweroff", "ps", "reboot",
		"rm", "rmdir", "rmmod", "route", "sed", "seq", "sleep", "sort", "stat", "stty", "sync", "tail", "tar", "tee",
		"touch", "tr", "umount", "uname", "uniq", "unzip", "uptime", "usleep", "wc", "which", "xz", "zcat", "bunzip2",
		"bzip2", "unxz", "modprobe", "telinit", "init", "fw_setenv", "fw_printenv", "uci", "flash_erase", "flash_eraseall",
		"flash_unlock", "flash_lock", "ubiattach", "ubidetach", "ubimkvol", "ubirmvol", "ubiformat", "cmp", "dd", "mtd",
		"clear", "id", "whoami",
	};
	return TEXT_IS_ANY_OF(name, names);
}

static bool has_word(const struct text *argv, unsigned argc, const char *word)
{
	for (unsigned i = 1; i < argc; i++)
		if (argv[i].p && text_is(argv[i], word))
			return true;
	return false;
}

/* A short option, alone or among others behind one dash. */
static bool has_option(const struct text *argv, unsigned argc, char option)
{
	for (unsigned i = 1; i < argc; i++)
		if (argv[i].n > 1 && argv[i].p[0] == '-' && argv[i].p[1] != '-' && memchr(argv[i].p, option, argv[i].n))
			return true;
	return false;
}

static bool starts_any(const struct text *argv, unsigned argc, const char *prefix)
{
	for (unsigned i = 1; i < argc; i++)
		if (argv[i].p && text_starts(argv[i], prefix))
			return true;
	return false;
}

/* The value of a short option: behind it in the same word, or the next word. */
static struct text option_value(const struct text *argv, unsigned argc, char option)
{
	for (unsigned i = 1; i < argc; i++) {
		struct text t = argv[i];
		const char *at = t.n > 1 && t.p[0] == '-' && t.p[1] != '-' ? memchr(t.p, option, t.n) : NULL;
		size_t behind = at ? (size_t)(at - t.p) + 1 : 0;
		if (at && behind < t.n)
			return text_of(t.p + behind, t.n - behind);
		if (at)
			return i + 1 < argc ? argv[i + 1] : TEXT_NONE;
	}
	return TEXT_NONE;
}

/* What a file is called that is kept under the name that it has on the server: of tftp's -r, or the end of wget's address. */
static struct text remote_name(struct text name, const struct text *argv, unsigned argc)
{
	if (text_is(name, "tftp"))
		return option_value(argv, argc, 'r');
	for (unsigned k = 1; k < argc && text_is(name, "wget"); k++)
		if (updates_scheme(argv[k]).p && !memchr(argv[k].p, '?', argv[k].n))
			return text_base(argv[k]);
	return TEXT_NONE;
}

static struct updates_command judge_fetch(struct text name, const struct text *argv, unsigned argc)
{
	static const struct {
		const char *name, *scheme; /* that it speaks without being told */
		char output;               /* option for the file */
	} programs[] = {
		{ "wget", NULL, 'O' },    { "curl", NULL, 'o' },   { "uclient-fetch", NULL, 'O' },
		{ "aria2c", NULL, 'o' },  { "tftp", "tftp", 'l' }, { "ftpget", "ftp", 0 },
		{ "ftp", "ftp", 'o' },    { "scp", "ssh", 0 },     { "sftp", "ssh", 0 },
		{ "atftp", "tftp", 'l' }, { "lftp", NULL, 0 },     { "axel", NULL, 'o' },
	};
	struct updates_command c = { .deed = DEED_UNKNOWN };
	for (size_t i = 0; i < COUNT(programs); i++) {
		if (!text_is(name, programs[i].name))
			continue;
		c.deed = DEED_FETCH;
		c.value = text_c(programs[i].scheme);
		for (unsigned k = 1; k < argc; k++) {
			struct text scheme = updates_scheme(argv[k]);
			if (scheme.p)
				c.value = scheme;
		}
		if (programs[i].output)
			c.file = option_value(argv, argc, programs[i].output);
		if (!c.file.p)
			c.file = remote_name(name, argv, argc);
		if (text_is(name, "curl"))
			c.unchecked = has_option(argv, argc, 'k') || has_word(argv, argc, "--insecure");
		else
			c.unchecked =
				has_word(argv, argc, "--no-check-certificate") || has_word(argv, argc, "--check-certificate=false");
	}
	return c;
}

static enum updates_deed judge_verify(struct text name, const struct text *argv, unsigned argc)
{
	static const char *const sums[] = { "md5sum",    "sha1sum", "sha224sum", "sha256sum", "sha384sum",
										"sha512sum", "sha3sum", "cksum",     "sum",       "crc32",
										"b2sum",     "md5",     "shasum" };
	static const char *const signify[] = { "usign", "signify", "signify-openbsd", "minisign", "ucert" };
	if (text_is(name, "openssl")) {
		bool verify = has_word(argv, argc, "-verify") || has_word(argv, argc, "-prverify");
		bool digest = argc > 1 && argv[1].p &&
					  (text_is(argv[1], "dgst") || text_starts(argv[1], "md5") || text_starts(argv[1], "sha"));
		return verify ? DEED_SIGNATURE : digest ? DEED_CHECKSUM : DEED_UNKNOWN;
	}
	if (TEXT_IS_ANY_OF(name, signify) && has_option(argv, argc, 'V'))
		return DEED_SIGNATURE;
	if (text_is(name, "gpgv") || text_is(name, "fwtool_check_signature"))
		return DEED_SIGNATURE;
	if ((text_is(name, "gpg") || text_is(name, "gpg2")) && has_word(argv, argc, "--verify"))
		return DEED_SIGNATURE;
	return TEXT_IS_ANY_OF(name, sums) ? DEED_CHECKSUM : DEED_UNKNOWN;
}

/* Parts of the flash that hold settings, not what an update brings. */
static bool holds_settings(struct text partition)
{
	static const char *const names[] = { "nvram",       "factory",     "art",        "caldata", "config",
										 "cfg",         "u-boot-env",  "uboot-env",  "env",     "rootfs_data",
										 "user-config", "user_config", "board_data", "devinfo", "radio",
										 "mac",         "data",        "jffs2" };
	return TEXT_IS_ANY_OF(partition, names);
}

static bool is_flash_device(struct text path)
{
	static const char *const prefixes[] = { "/dev/mtd", "/dev/mmcblk", "/dev/ubi", "/dev/block/", "/dev/nand" };
	for (size_t i = 0; path.p && i < COUNT(prefixes); i++)
		if (text_starts(path, prefixes[i]))
			return true;
	return false;
}

/* > /dev/mtdblock2 */
static bool redirects_to_flash(struct text source)
{
	struct shell_lexer l;
	struct shell_token t;
	shell_begin(&l, source, 1);
	for (shell_next(&l, &t); t.kind != SHELL_END; shell_next(&l, &t)) {
		const char *arrow = t.kind == SHELL_REDIRECT ? memchr(t.text.p, '>', t.text.n) : NULL;
		struct text to = arrow ? text_of(arrow + 1, t.text.n - (size_t)(arrow + 1 - t.text.p)) : TEXT_NONE;
		if (to.p && is_flash_device(shell_unquoted(shell_trim(to))))
			return true;
	}
	return false;
}

/* dd that writes to flash what is not only zeros or ones. */
static bool dd_flashes(const struct text *argv, unsigned argc)
{
	bool flash = false;
	for (unsigned i = 1; i < argc; i++) {
		if (!argv[i].p)
			continue;
		if (text_starts(argv[i], "of="))
			flash |= is_flash_device(text_of(argv[i].p + 3, argv[i].n - 3));
		if (text_is(argv[i], "if=/dev/zero") || text_is(argv[i], "if=/dev/urandom"))
			return false;
	}
	return flash;
}

static struct updates_command flashes(const char *value)
{
	return (struct updates_command){ .deed = DEED_FLASH, .value = text_c(value) };
}

static struct updates_command judge_flash(struct text name, const struct text *argv, unsigned argc, struct text source)
{
	struct text last = argc > 1 ? argv[argc - 1] : TEXT_NONE;
	const struct updates_command harmless = { .deed = DEED_HARMLESS };
	if ((text_is(name, "mtd") || text_is(name, "mtd_write")) && has_word(argv, argc, "write"))
		return holds_settings(last) ? harmless : flashes("mtd write");
	if (text_is(name, "mtd_debug") && has_word(argv, argc, "write"))
		return flashes("mtd_debug write");
	if (text_is(name, "flashcp") && argc > 2)
		return flashes("flashcp");
	if (text_is(name, "nandwrite") && argc > 1)
		return flashes("nandwrite");
	if (text_is(name, "ubiupdatevol") && argc > 2 && !has_option(argv, argc, 't'))
		return flashes("ubiupdatevol");
	if (text_is(name, "dd") && dd_flashes(argv, argc))
		return flashes("dd");
	if ((text_is(name, "cat") || text_is(name, "gunzip") || text_is(name, "zcat")) && redirects_to_flash(source))
		return flashes("cat");
	return (struct updates_command){ .deed = DEED_UNKNOWN };
}

/* sysupgrade that installs, and does not only look, save or restore (OpenWrt's sysupgrade -h). */
static bool sysupgrade_installs(const struct text *argv, unsigned argc)
{
	static const char *const others[] = { "-b", "--create-backup", "-r", "--restore-backup",
										  "-l", "--list-backup",   "-T", "--test",
										  "-h", "--help" };
	for (unsigned i = 1; i < argc; i++)
		if (TEXT_IS_ANY_OF(argv[i], others))
			return false;
	return argc > 1;
}

/* Of apt and its like: only says what it would do, or only fetches. */
static bool only_looks(struct text name, const struct text *argv, unsigned argc)
{
	static const char *const options[] = { "--help",  "--version", "--dry-run",    "--simulate",      "--just-print",
										   "--recon", "--no-act",  "--print-uris", "--download-only", "--assumeno" };
	bool apt = text_is(name, "apt-get") || text_is(name, "apt");
	if (!apt && !text_is(name, "unattended-upgrade") && !text_is(name, "dnf") && !text_is(name, "yum"))
		return false;
	for (unsigned i = 1; i < argc; i++)
		if (TEXT_IS_ANY_OF(argv[i], options))
			return true;
	return apt && (has_option(argv, argc, 's') || has_option(argv, argc, 'd'));
}

static struct updates_command judge_update(struct text name, const struct text *argv, unsigned argc)
{
	static const struct {
		const char *program, *verbs[4], *value;
	} known[] = {
		{ "rauc", { "install" }, "rauc install" },
		{ "fwupdmgr", { "update", "upgrade", "install" }, "fwupdmgr" },
		{ "mender", { "install", "-install" }, "mender install" },
		{ "mender-update", { "install" }, "mender install" },
		{ "opkg", { "upgrade" }, "opkg upgrade" },
		{ "apt-get", { "upgrade", "dist-upgrade" }, "apt-get upgrade" },
		{ "apt", { "upgrade", "full-upgrade" }, "apt upgrade" },
		{ "unattended-upgrade", { NULL }, "unattended-upgrade" },
		{ "apk", { "upgrade" }, "apk upgrade" },
		{ "dnf", { "upgrade", "update" }, "dnf upgrade" },
		{ "yum", { "upgrade", "update" }, "yum update" },
		{ "ostree", { "upgrade" }, "ostree admin upgrade" },
		{ "rpm-ostree", { "upgrade" }, "rpm-ostree upgrade" },
	};
	struct updates_command c = { .deed = DEED_UNKNOWN };
	if (only_looks(name, argv, argc))
		return (struct updates_command){ .deed = DEED_HARMLESS };
	for (size_t i = 0; i < COUNT(known); i++)
		for (size_t k = 0; text_is(name, known[i].program) && k < 4 && (k == 0 || known[i].verbs[k]); k++)
			if (!known[i].verbs[k] || has_word(argv, argc, known[i].verbs[k]))
				c = (struct updates_command){ .deed = DEED_UPDATE, .value = text_c(known[i].value) };
	if (text_is(name, "sysupgrade") && sysupgrade_installs(argv, argc))
		c = (struct updates_command){ .deed = DEED_UPDATE, .value = TEXT_LIT("sysupgrade") };
	if (text_is(name, "swupdate") && (has_word(argv, argc, "-i") || has_word(argv, argc, "-d") ||
									  starts_any(argv, argc, "--image") || starts_any(argv, argc, "--download")))
		c = (struct updates_command){ .deed = DEED_UPDATE, .value = TEXT_LIT("swupdate") };
	return c;
}

/* swupdate -k KEY -u "-u URL ...": see swupdate(1). */
struct text updates_swupdate_key(const struct text *argv, unsigned argc)
{
	for (unsigned i = 1; i + 1 < argc; i++)
		if (argv[i].p && (text_is(argv[i], "-k") || text_is(argv[i], "--key")))
			return argv[i + 1];
	return TEXT_NONE;
}

struct text updates_swupdate_server(const struct text *argv, unsigned argc)
{
	for (unsigned i = 1; i + 1 < argc; i++)
		if (argv[i].p && (text_is(argv[i], "-u") || text_is(argv[i], "--suricatta")))
			return argv[i + 1];
	return TEXT_NONE;
}

struct updates_command updates_judge(const struct text *argv, unsigned argc, struct text source)
{
	struct updates_command c = { .deed = DEED_UNKNOWN };
	if (!argc || !argv[0].p)
		return c;
	struct text name = text_base(argv[0]);
	c = judge_flash(name, argv, argc, source);
	if (c.deed == DEED_UNKNOWN)
		c = judge_update(name, argv, argc);
	if (c.deed == DEED_UNKNOWN)
		c = judge_fetch(name, argv, argc);
	if (c.deed == DEED_UNKNOWN) {
		c.deed = judge_verify(name, argv, argc);
		c.value = name;
	}
	if (c.deed == DEED_UNKNOWN && is_harmless(name))
		c.deed = DEED_HARMLESS;
	return c;
}
