/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Commands that are weaknesses by themselves, each by the options of its own manual. */
#include "inspect/scripts_shell.h"

static struct text word(const struct shell_command *c, unsigned i)
{
	return i < c->n ? c->words[i].flat : TEXT_LIT("");
}

static bool is(const struct shell_command *c, const char *name)
{
	return text_is(c->program, name);
}

static bool has_word(const struct shell_command *c, const char *w)
{
	for (unsigned i = 1; i < c->n; i++)
		if (text_is(c->words[i].flat, w))
			return true;
	return false;
}

/* The value of NAME=VALUE, of "-x VALUE" and of "-xVALUE"; NULL when the option is not there. */
static const struct shell_word *option(const struct shell_command *c, const char *name, struct text *value)
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
		if (scripts_has(url, hosts[i]))
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

static const char *const curl_value[] = { "-A", "-b", "-c", "-C", "-d", "-D", "-e", "-E", "-F",
										  "-H", "-K", "-m", "-o", "-P", "-Q", "-r", "-t", "-T",
										  "-u", "-U", "-w", "-x", "-X", "-y", "-Y", "-z", NULL };

static bool curl_unverified(const struct shell_command *c)
{
	for (unsigned i = 1; i < c->n; i++) {
		struct text w = c->words[i].flat;
		if (scripts_among(w, curl_value)) {
			i++;
			continue;
		}
		if (text_is(w, "--insecure") || curl_flag(w, 'k'))
			return true;
	}
	return false;
}

/* "-o StrictHostKeyChecking=no", "-oStrictHostKeyChecking no" */
static bool unchecked_host_key(const struct shell_command *c)
{
	for (unsigned i = 1; i < c->n; i++) {
		struct text w = c->words[i].flat;
		if (scripts_has(w, "StrictHostKeyChecking=no") || scripts_has(w, "StrictHostKeyChecking no") ||
			scripts_has(w, "StrictHostKeyChecking=off"))
			return true;
	}
	return is(c, "dbclient") && (has_word(c, "-y") || has_word(c, "-yy"));
}

static void take_tls(struct shell_state *s, const struct shell_command *c)
{
	static const char *const remote[] = { "ssh",     "scp",         "sftp",    "rsync", "dbclient",
										  "sshpass", "ssh-copy-id", "autossh", NULL };
	static const char *const fetchers[] = { "wget", "uclient-fetch", "opkg", "aria2c", "fetch", NULL };
	static const char *const mqtt[] = { "mosquitto_pub", "mosquitto_sub", NULL };
	const char *kind = "tls-verification-off";
	bool off = false;
	if (is(c, "curl"))
		off = curl_unverified(c);
	else if (scripts_among(c->program, fetchers))
		off = has_word(c, "--no-check-certificate") || has_word(c, "--no-verify-peer") ||
			  has_word(c, "--check-certificate=false");
	else if (is(c, "git"))
		off = has_word(c, "http.sslVerify=false") || (has_word(c, "http.sslVerify") && has_word(c, "false"));
	else if (scripts_among(c->program, mqtt))
		off = has_word(c, "--insecure");
	else if (is(c, "npm") || is(c, "yarn"))
		off = has_word(c, "strict-ssl") && has_word(c, "false");
	else if (is(c, "pip") || is(c, "pip3"))
		off = has_word(c, "--trusted-host");
	else if (scripts_among(c->program, remote) && unchecked_host_key(c))
		off = true, kind = "host-key-check-off";
	if (off && !only_loopback(c))
		shell_report(s, c, kind, TEXT_NONE, "network", "proven");
}

/* s_client goes on whatever the certificate says, unless it is told otherwise. Asking only to see it is no use of it. */
static void take_s_client(struct shell_state *s, const struct shell_command *c)
{
	if (!is(c, "openssl") || !text_is(word(c, 1), "s_client") || has_word(c, "-verify_return_error") ||
		has_word(c, "-showcerts") || only_loopback(c))
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
	if (is(c, "umask")) {
		struct text m = word(c, 1);
		if (text_is(m, "0") || text_is(m, "00") || text_is(m, "000") || text_is(m, "0000"))
			shell_report(s, c, "world-writable", m, "file", "proven");
		return;
	}
	unsigned last = c->n;
	if (is(c, "chmod"))
		for (unsigned i = 1; i < c->n && !mode.p; i++)
			if (!text_starts(word(c, i), "-") && i + 1 < c->n)
				mode = word(c, i), last = i + 1;
	if (is(c, "mkdir") || is(c, "install"))
		(void)(option(c, "--mode", &mode) ? 0 : option(c, "-m", &mode) ? 0 : 1);
	if (!mode.p || (last < c->n && last + 1 == c->n && is_public_device(word(c, last))))
		return;
	if (opens_to_all(mode))
		shell_report(s, c, "world-writable", mode, "file", "proven");
	else if (is(c, "chmod") && sets_id(mode))
		shell_report(s, c, "set-uid", mode, "file", "proven");
}

/* A value that stands in the command itself, and is no placeholder. */
static bool is_literal(const struct shell_word *w, struct text value)
{
	return w && !w->expands && value.n >= 2 && value.p[0] != '$' && value.p[0] != '<' && value.p[0] != '-' &&
		   !scripts_has(value, "PASSWORD") && w->origin.level == ORIGIN_FIXED;
}

/* Where a program takes a password on its command line. */
static const struct credential_option {
	const char *program, *option;
	bool joined; /* user:password */
} credential_options[] = {
	{ "sshpass", "-p", false },
	{ "curl", "-u", true },
	{ "curl", "--user", true },
	{ "wget", "--password", false },
	{ "wget", "--http-password", false },
	{ "wget", "--ftp-password", false },
	{ "mysql", "--password", false },
	{ "mysqldump", "--password", false },
	{ "mysqladmin", "--password", false },
	{ "ftpput", "-p", false },
	{ "ftpget", "-p", false },
	{ "unzip", "-P", false },
	{ "zip", "-P", false },
	{ "gpg", "--passphrase", false },
	{ "mosquitto_pub", "-P", false },
	{ "mosquitto_sub", "-P", false },
	{ "ldapsearch", "-w", false },
	{ "redis-cli", "-a", false },
	{ "ipmitool", "-P", false },
	{ "lftp", "-u", false },
	{ "openssl", "-k", false },
	{ "openssl", "-K", false },
	{ "smbclient", "-U", true },
	{ "useradd", "-p", false },
	{ "adduser", "--password", false },
};

/* The commands of openssl(1) where -k is a password; elsewhere it begins -key, -keyout ... */
static bool is_cipher(struct text command)
{
	return text_is(command, "enc") || text_starts(command, "aes-") || text_starts(command, "des");
}

static void take_credentials(struct shell_state *s, const struct shell_command *c)
{
	struct text value = TEXT_NONE;
	for (size_t i = 0; i < sizeof credential_options / sizeof credential_options[0]; i++) {
		const struct credential_option *o = &credential_options[i];
		const struct shell_word *w = is(c, o->program) ? option(c, o->option, &value) : NULL;
		const char *colon = w && value.n ? memchr(value.p, ':', value.n) : NULL;
		bool whole = !o->joined || (colon && colon + 1 < value.p + value.n);
		bool encrypts = !is(c, "openssl") || (w && is_cipher(word(c, 1)) && value.p == w->flat.p);
		if (w && whole && encrypts && is_literal(w, value)) {
			shell_report(s, c, "hard-coded-credential", value, o->program, "proven");
			return;
		}
	}
	for (unsigned i = 1; i < c->n; i++) {
		struct text w = c->words[i].flat;
		bool mysql = text_starts(c->program, "mysql") && text_starts(w, "-p") && w.n > 3;
		bool pass = is(c, "openssl") && (text_is(w, "-pass") || text_is(w, "-passin") || text_is(w, "-passout")) &&
					text_starts(word(c, i + 1), "pass:") && word(c, i + 1).n > 6;
		unsigned at = i + pass;
		if ((mysql || pass) && !c->words[at].expands)
			shell_report(s, c, "hard-coded-credential",
						 text_of(c->words[at].flat.p + (mysql ? 2 : 5), c->words[at].flat.n - (mysql ? 2 : 5)),
						 mysql ? "mysql" : "openssl", "proven");
	}
	if (is(c, "htpasswd") && scripts_has(word(c, 1), "b") && text_starts(word(c, 1), "-") && c->n >= 4 &&
		is_literal(&c->words[c->n - 1], word(c, c->n - 1)))
		shell_report(s, c, "hard-coded-credential", word(c, c->n - 1), "htpasswd", "proven");
}

/* `echo root:secret | chpasswd`, `echo secret | passwd --stdin root`: what is piped is remembered with its pipe. */
static void take_piped_password(struct shell_state *s, const struct shell_command *c)
{
	bool chpasswd = is(c, "chpasswd"), passwd = is(c, "passwd") || is(c, "smbpasswd");
	struct text text = s->piped_text;
	if ((!chpasswd && !passwd) || !c->piped || !text.n)
		return;
	const char *colon = memchr(text.p, ':', text.n);
	if (chpasswd && !colon)
		return;
	bool empty = chpasswd && colon + 1 >= text.p + text.n;
	scripts_emit(s->file, c->line, empty ? "empty-password" : "hard-coded-credential", s->piped_source, text,
				 empty      ? "login"
				 : chpasswd ? "chpasswd"
							: "passwd",
				 "proven");
}

static void take_empty_passwords(struct shell_state *s, const struct shell_command *c)
{
	bool deletes = is(c, "passwd") && (has_word(c, "-d") || has_word(c, "--delete"));
	bool blank = is(c, "dropbear") && has_word(c, "-B");
	if (deletes || blank)
		shell_report(s, c, "empty-password", TEXT_NONE, "login", "proven");
}

static bool is_shell_path(struct text t)
{
	struct text rest = t, first = shell_field(&rest), base = text_base(first);
	return shell_is_interpreter(base) || text_is(base, "login.sh") || text_is(base, "busybox") || text_is(base, "cmd");
}

/* A shell for whoever connects: telnetd, nc, socat, tcpsvd; and a console that asks for no password. */
static void take_doors(struct shell_state *s, const struct shell_command *c)
{
	static const char *const telnets[] = { "telnetd", "utelnetd", "in.telnetd", NULL };
	static const char *const cats[] = { "nc", "netcat", "ncat", NULL };
	static const char *const gettys[] = { "getty", "agetty", "mingetty", NULL };
	struct text value = TEXT_NONE;
	if (scripts_among(c->program, telnets) && option(c, "-l", &value) && is_shell_path(value))
		shell_report(s, c, "back-door", TEXT_NONE, "telnet without login", "proven");
	if (scripts_among(c->program, cats) && (option(c, "-e", &value) || option(c, "-c", &value)) && is_shell_path(value))
		shell_report(s, c, "back-door", TEXT_NONE, "shell on a socket", "proven");
	bool executes = false, connects = false;
	for (unsigned i = 1; is(c, "socat") && i < c->n; i++) {
		struct text w = c->words[i].flat;
		bool exec = text_starts(w, "EXEC:") || text_starts(w, "exec:") || text_starts(w, "SYSTEM:") ||
					text_starts(w, "system:");
		executes |= exec && (scripts_has(w, "sh") || scripts_has(w, "login"));
		connects |= text_starts(w, "TCP") || text_starts(w, "tcp") || text_starts(w, "UDP") || text_starts(w, "udp");
	}
	if (executes && connects)
		shell_report(s, c, "back-door", TEXT_NONE, "shell on a socket", "proven");
	for (unsigned i = 0; i < c->noutputs && shell_is_interpreter(c->program); i++)
		if (text_starts(c->outputs[i].flat, "/dev/tcp/"))
			shell_report(s, c, "back-door", TEXT_NONE, "shell on a socket", "proven");
	if (scripts_among(c->program, gettys) && option(c, "-l", &value) && is_shell_path(value))
		shell_report(s, c, "console-without-login", TEXT_NONE, "shell", "proven");
}

/* Servers that show the whole file system. */
static void take_servers(struct shell_state *s, const struct shell_command *c)
{
	struct text value = TEXT_NONE;
	bool root = is(c, "httpd") && option(c, "-h", &value) && text_is(value, "/");
	bool ftpd =
		(is(c, "tcpsvd") || is(c, "ftpd")) && scripts_has(c->source, "ftpd") && has_word(c, "-w") && has_word(c, "/");
	if (root || ftpd)
		shell_report(s, c, "back-door", TEXT_NONE, "whole file system", "proven");
	bool adb =
		is(c, "adbd") || (is(c, "setprop") && scripts_has(word(c, 1), "adb.tcp.port") && !text_is(word(c, 2), "-1"));
	if (adb)
		shell_report(s, c, "debug-access", TEXT_NONE, "adb", is(c, "adbd") ? "likely" : "proven");
}

/* iptables(8): a policy of ACCEPT for what comes in, unless the same script drops it as well (in its other branch). */
static void take_firewall(struct shell_state *s, const struct shell_command *c)
{
	static const char *const tables[] = { "iptables", "ip6tables", "iptables-legacy", "ip6tables-legacy", NULL };
	if (!scripts_among(c->program, tables))
		return;
	bool input = has_word(c, "INPUT") && (has_word(c, "-P") || has_word(c, "--policy"));
	s->input_policy_drop |= input && (has_word(c, "DROP") || has_word(c, "REJECT"));
	s->fills_chains |= has_word(c, "-A") || has_word(c, "-I");
	if (input && has_word(c, "ACCEPT") && !s->input_policy_drop)
		shell_report(s, c, "firewall-open", TEXT_NONE, "network", s->fills_chains ? "possible" : "likely");
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
	if (pattern && (pipe || memchr(value.p, '/', value.n)) && !scripts_has(value, "/dev/null") &&
		!scripts_has(value, "/bin/false") && !scripts_has(value, "/bin/true"))
		shell_report(s, c, "core-dump", value, "file", "proven");
}

static void take_protections(struct shell_state *s, const struct shell_command *c)
{
	if (is(c, "echo") && c->n > 1 && c->noutputs)
		take_setting(s, c, c->outputs[0].flat, word(c, c->n - 1));
	for (unsigned i = 1; is(c, "sysctl") && i < c->n; i++) {
		struct text w = word(c, i);
		const char *sign = w.n ? memchr(w.p, '=', w.n) : NULL;
		if (sign)
			take_setting(s, c, text_of(w.p, (size_t)(sign - w.p)), text_of(sign + 1, w.n - (size_t)(sign + 1 - w.p)));
	}
	if (is(c, "ulimit") && text_is(word(c, 1), "-c") && text_is(word(c, 2), "unlimited"))
		shell_report(s, c, "core-dump", TEXT_NONE, "file", "proven");
	if (is(c, "setenforce") && (text_is(word(c, 1), "0") || text_is(word(c, 1), "Permissive")))
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
	if (!is(c, "[") && !is(c, "[[") && !is(c, "test"))
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
	take_credentials(s, c);
	take_piped_password(s, c);
	take_empty_passwords(s, c);
	take_doors(s, c);
	take_servers(s, c);
	take_firewall(s, c);
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
