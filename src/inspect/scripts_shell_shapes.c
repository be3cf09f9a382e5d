/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Commands that are weaknesses by themselves, each by the options of its own manual. */
#include "inspect/scripts_shell.h"

bool shell_has_word(const struct shell_command *c, const char *w)
{
	for (unsigned i = 1; i < c->n; i++)
		if (text_is(c->words[i].flat, w))
			return true;
	return false;
}

const struct shell_word *shell_option(const struct shell_command *c, const char *name, struct text *value)
{
	size_t n = strlen(name);
	for (unsigned i = 1; i < c->n; i++) {
		struct text w = c->words[i].flat;
		if (text_is(w, name) && i + 1 < c->n) {
			*value = c->words[i + 1].flat;
			return &c->words[i + 1];
		}
		if (!text_starts(w, name) || w.n <= n)
			continue;
		bool is_long = name[1] == '-', sign = w.p[n] == '=';
		if (is_long && !sign)
			continue;
		*value = text_of(w.p + n + is_long, w.n - n - is_long);
		return &c->words[i];
	}
	return NULL;
}

/* A letter among the short options of curl(1): those that take a value end a cluster. */
static bool curl_flag(struct text w, char letter)
{
	for (size_t i = 1; w.n > 1 && w.p[0] == '-' && w.p[1] != '-' && i < w.n; i++) {
		if (w.p[i] == letter)
			return true;
		if (strchr("AbcCdDeEFhHKmoPQrtTuUwxXyYz", w.p[i]))
			return false;
	}
	return false;
}

static bool is_loopback(struct text url)
{
	static const char *const hosts[] = { "://localhost", "://127.", "://[::1]", NULL };
	for (size_t i = 0; hosts[i]; i++)
		if (text_has(url, hosts[i]))
			return true;
	return text_starts(url, "localhost") || text_starts(url, "127.0.0.1");
}

static bool only_loopback(const struct shell_command *c)
{
	for (unsigned i = 1; i < c->n; i++)
		if (is_loopback(c->words[i].flat))
			return true;
	return false;
}

static const char *const curl_value[] = { "-A",     "-b",       "-c",     "-C",        "-d", "-D",       "-e",
										  "-E",     "-F",       "-H",     "-K",        "-m", "-o",       "-P",
										  "-Q",     "-r",       "-t",     "-T",        "-u", "-U",       "-w",
										  "-x",     "-X",       "-y",     "-Y",        "-z", "--header", "--user-agent",
										  "--data", "--output", "--user", "--request", NULL };

/* The last one counts: --no-insecure takes it back. */
static bool curl_unverified(const struct shell_command *c)
{
	bool off = false;
	for (unsigned i = 1; i < c->n; i++) {
		struct text w = c->words[i].flat;
		if (scripts_among(w, curl_value))
			i++;
		else if (text_is(w, "--insecure") || curl_flag(w, 'k'))
			off = true;
		else if (text_is(w, "--no-insecure"))
			off = false;
	}
	return off;
}

/* Of GNU's and BusyBox's wget and uclient-fetch, whose long options may be cut short; -e is a line of wgetrc. */
static bool wget_unverified(const struct shell_command *c)
{
	static const char full[] = "--no-check-certificate";
	for (unsigned i = 1; i < c->n; i++) {
		struct text w = c->words[i].flat;
		bool cut = w.n >= sizeof "--no-check" - 1 && w.n < sizeof full && memcmp(w.p, full, w.n) == 0;
		if (cut || text_is(w, "--no-verify-peer") || text_is(w, "--check-certificate=false") ||
			text_ends(w, "check_certificate=off") || text_ends(w, "check-certificate=off"))
			return true;
	}
	return false;
}

/* "-o StrictHostKeyChecking=no", "-oStrictHostKeyChecking no" */
static bool unchecked_host_key(const struct shell_command *c)
{
	for (unsigned i = 1; i < c->n; i++) {
		struct text w = c->words[i].flat;
		if (text_has(w, "StrictHostKeyChecking=no") || text_has(w, "StrictHostKeyChecking no") ||
			text_has(w, "StrictHostKeyChecking=off"))
			return true;
	}
	return shell_runs(c, "dbclient") && (shell_has_word(c, "-y") || shell_has_word(c, "-yy"));
}

static void take_tls(struct shell_state *s, const struct shell_command *c)
{
	static const char *const remote[] = { "ssh",     "scp",         "sftp",    "rsync", "dbclient",
										  "sshpass", "ssh-copy-id", "autossh", NULL };
	static const char *const fetchers[] = { "wget", "uclient-fetch", "opkg", "aria2c", "fetch", NULL };
	static const char *const mqtt[] = { "mosquitto_pub", "mosquitto_sub", NULL };
	const char *kind = "tls-verification-off";
	bool off = false;
	if (shell_runs(c, "curl"))
		off = curl_unverified(c);
	else if (scripts_among(c->program, fetchers))
		off = wget_unverified(c);
	else if (shell_runs(c, "git"))
		off = shell_has_word(c, "http.sslVerify=false") ||
			  (shell_has_word(c, "http.sslVerify") && shell_has_word(c, "false"));
	else if (scripts_among(c->program, mqtt))
		off = shell_has_word(c, "--insecure");
	else if (shell_runs(c, "npm") || shell_runs(c, "yarn"))
		off = shell_has_word(c, "strict-ssl") && shell_has_word(c, "false");
	else if (shell_runs(c, "pip") || shell_runs(c, "pip3"))
		off = shell_has_word(c, "--trusted-host");
	else if (scripts_among(c->program, remote) && unchecked_host_key(c))
		off = true, kind = "host-key-check-off";
	if (off && !only_loopback(c))
		shell_report(s, c, kind, TEXT_NONE, "network", "proven");
}

/* s_client goes on whatever the certificate says, unless it is told otherwise. Asking only to see it is no use of it. */
static void take_s_client(struct shell_state *s, const struct shell_command *c)
{
	if (!shell_runs(c, "openssl") || !text_is(shell_argument(c, 1), "s_client") ||
		shell_has_word(c, "-verify_return_error") || shell_has_word(c, "-showcerts") || only_loopback(c))
		return;
	shell_report(s, c, "tls-verification-off", TEXT_NONE, "network", "possible");
}

/* Whether others may write, in a mode of chmod(1): octal without the sticky bit, or a clause that adds it. */
static bool opens_to_all(struct text mode)
{
	bool octal = mode.n >= 1 && mode.n <= 5;
	for (size_t i = 0; i < mode.n; i++)
		octal &= mode.p[i] >= '0' && mode.p[i] <= '7';
	if (octal) {
		bool sticky = mode.n >= 4 && ((mode.p[mode.n - 4] - '0') & 1);
		return ((mode.p[mode.n - 1] - '0') & 2) && !sticky && mode.n >= 3;
	}
	bool who = false, adds = false;
	for (size_t i = 0; i < mode.n; i++) {
		char m = mode.p[i];
		if (m == 'a' || m == 'o')
			who = true;
		else if (m == ',')
			who = adds = false;
		else if (m == '+' || m == '=')
			adds = true;
		else if (m == '-')
			adds = false;
		else if (m == 'w' && who && adds)
			return true;
	}
	return false;
}

/* Devices that everybody is meant to use. */
static bool is_public_device(struct text path)
{
	static const char *const devices[] = { "/dev/null", "/dev/zero",    "/dev/full",    "/dev/tty",
										   "/dev/ptmx", "/dev/random",  "/dev/urandom", "/dev/pts/ptmx",
										   "/dev/fuse", "/dev/net/tun", "/dev/shm",     "/dev/log",
										   NULL };
	return scripts_among(path, devices);
}

static bool sets_id(struct text mode)
{
	bool octal = mode.n == 4 || mode.n == 5;
	for (size_t i = 0; i < mode.n; i++)
		octal &= mode.p[i] >= '0' && mode.p[i] <= '7';
	if (octal)
		return (mode.p[mode.n - 4] - '0') & 4;
	return text_is(mode, "u+s") || text_is(mode, "+s") || text_is(mode, "a+s") || text_is(mode, "ug+s");
}

static void take_modes(struct shell_state *s, const struct shell_command *c)
{
	struct text mode = TEXT_NONE;
	if (shell_runs(c, "umask")) {
		struct text m = shell_argument(c, 1);
		if (text_is(m, "0") || text_is(m, "00") || text_is(m, "000") || text_is(m, "0000"))
			shell_report(s, c, "world-writable", m, "file", "proven");
		return;
	}
	unsigned last = c->n;
	if (shell_runs(c, "chmod"))
		for (unsigned i = 1; i < c->n && !mode.p; i++)
			if (!text_starts(shell_argument(c, i), "-") && i + 1 < c->n)
				mode = shell_argument(c, i), last = i + 1;
	if (shell_runs(c, "mkdir") || shell_runs(c, "install"))
		(void)(shell_option(c, "--mode", &mode) ? 0 : shell_option(c, "-m", &mode) ? 0 : 1);
	if (!mode.p || (last < c->n && last + 1 == c->n && is_public_device(shell_argument(c, last))))
		return;
	if (opens_to_all(mode))
		shell_report(s, c, "world-writable", mode, "file", "proven");
	else if (shell_runs(c, "chmod") && sets_id(mode))
		shell_report(s, c, "set-uid", mode, "file", "proven");
}

/* Kernel settings by name or by their files in /proc/sys, with the values that switch a protection off. */
static const struct protection {
	const char *key, *value, *kind;
} protections[] = {
	{ "kernel.randomize_va_space", "0", "hardening-off" }, { "kernel.kptr_restrict", "0", "hardening-off" },
	{ "kernel.dmesg_restrict", "0", "hardening-off" },     { "kernel.unprivileged_bpf_disabled", "0", "hardening-off" },
	{ "kernel.yama.ptrace_scope", "0", "hardening-off" },  { "fs.protected_symlinks", "0", "hardening-off" },
	{ "fs.protected_hardlinks", "0", "hardening-off" },    { "fs.suid_dumpable", "1", "hardening-off" },
	{ "vm.mmap_min_addr", "0", "hardening-off" },          { "net.ipv4.tcp_syncookies", "0", "hardening-off" },
};

static bool is_key(struct text path, const char *key)
{
	if (text_starts(path, "/proc/sys/"))
		path = text_of(path.p + 10, path.n - 10);
	if (path.n != strlen(key))
		return false;
	for (size_t i = 0; i < path.n; i++)
		if (path.p[i] != key[i] && !(path.p[i] == '/' && key[i] == '.'))
			return false;
	return true;
}

static void take_setting(struct shell_state *s, const struct shell_command *c, struct text key, struct text value)
{
	for (size_t i = 0; i < sizeof protections / sizeof protections[0]; i++)
		if (is_key(key, protections[i].key) && text_is(value, protections[i].value))
			shell_report(s, c, protections[i].kind, text_c(protections[i].key), "kernel", "proven");
	bool pattern = is_key(key, "kernel.core_pattern"), pipe = text_starts(value, "|");
	if (pattern && (pipe || memchr(value.p, '/', value.n)) && !text_has(value, "/dev/null") &&
		!text_has(value, "/bin/false") && !text_has(value, "/bin/true"))
		shell_report(s, c, "core-dump", value, "file", "proven");
}

static void take_protections(struct shell_state *s, const struct shell_command *c)
{
	if (shell_runs(c, "echo") && c->n > 1 && c->noutputs)
		take_setting(s, c, c->outputs[0].flat, shell_argument(c, c->n - 1));
	for (unsigned i = 1; shell_runs(c, "sysctl") && i < c->n; i++) {
		struct text w = shell_argument(c, i);
		const char *sign = w.n ? memchr(w.p, '=', w.n) : NULL;
		if (sign)
			take_setting(s, c, text_of(w.p, (size_t)(sign - w.p)), text_of(sign + 1, w.n - (size_t)(sign + 1 - w.p)));
	}
	if (shell_runs(c, "ulimit") && text_is(shell_argument(c, 1), "-c") && text_is(shell_argument(c, 2), "unlimited"))
		shell_report(s, c, "core-dump", TEXT_NONE, "file", "proven");
	if (shell_runs(c, "setenforce") &&
		(text_is(shell_argument(c, 1), "0") || text_is(shell_argument(c, 1), "Permissive")))
		shell_report(s, c, "hardening-off", TEXT_LIT("SELinux"), "kernel", "proven");
}

static void take_packages(struct shell_state *s, const struct shell_command *c)
{
	static const char *const words[] = { "--allow-unauthenticated",
										 "--no-check-gpg",
										 "--nogpgcheck",
										 "--no-gpg-checks",
										 "--allow-untrusted",
										 "--force-signature",
										 NULL };
	static const char *const managers[] = { "apt-get", "apt", "dnf", "yum", "zypper", "apk", "opkg", NULL };
	for (unsigned i = 1; scripts_among(c->program, managers) && i < c->n; i++)
		if (scripts_among(c->words[i].flat, words))
			shell_report(s, c, "unsigned-download", TEXT_LIT("package"), "installation", "proven");
}

/* [ "$HTTP_USER_AGENT" = "word" ]: who knows the word is let in. */
static void take_knock(struct shell_state *s, const struct shell_command *c)
{
	if (!shell_runs(c, "[") && !shell_runs(c, "[[") && !shell_runs(c, "test"))
		return;
	for (unsigned i = 1; i + 2 < c->n; i++) {
		struct text op = c->words[i + 1].flat, secret = c->words[i + 2].flat;
		bool agent = text_is(c->words[i].origin.source, "HTTP_USER_AGENT") && c->words[i].variable;
		if (agent && (text_is(op, "=") || text_is(op, "==")) && secret.n > 3 && !c->words[i + 2].expands)
			shell_report(s, c, "back-door", TEXT_LIT("HTTP_USER_AGENT"), "condition", "likely");
	}
}

void shell_command_shapes(struct shell_state *s, const struct shell_command *c)
{
	if (!c->n)
		return;
	take_tls(s, c);
	take_s_client(s, c);
	take_modes(s, c);
	shell_command_doors(s, c);
	take_protections(s, c);
	take_packages(s, c);
	take_knock(s, c);
}

/* Variables that switch a check off for all programs that are started. */
void shell_assignment_shapes(struct shell_state *s, struct text name, struct text value, struct text source,
							 int64_t line)
{
	static const struct {
		const char *name, *value;
	} switches[] = {
		{ "NODE_TLS_REJECT_UNAUTHORIZED", "0" }, { "PYTHONHTTPSVERIFY", "0" },   { "GIT_SSL_NO_VERIFY", "1" },
		{ "GIT_SSL_NO_VERIFY", "true" },         { "LDAPTLS_REQCERT", "never" },
	};
	for (size_t i = 0; i < sizeof switches / sizeof switches[0]; i++)
		if (text_is(name, switches[i].name) && text_is(value, switches[i].value))
			scripts_emit(s->file, line, "tls-verification-off", source, TEXT_NONE, "network", "proven");
}
