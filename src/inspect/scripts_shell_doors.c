/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Commands that let somebody in: passwords on command lines and empty ones, shells for whoever connects, servers that show
 * everything, firewalls that are open. */
#include "inspect/scripts_shell.h"

/* A value that stands in the command itself, and is no placeholder. */
static bool is_literal(const struct shell_word *w, struct text value)
{
	return w && !w->expands && value.n >= 2 && value.p[0] != '$' && value.p[0] != '<' && value.p[0] != '-' &&
		   !text_has(value, "PASSWORD") && w->origin.level == ORIGIN_FIXED;
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
		const struct shell_word *w = shell_runs(c, o->program) ? shell_option(c, o->option, &value) : NULL;
		const char *colon = w && value.n ? memchr(value.p, ':', value.n) : NULL;
		bool whole = !o->joined || (colon && colon + 1 < value.p + value.n);
		bool encrypts = !shell_runs(c, "openssl") || (w && is_cipher(shell_argument(c, 1)) && value.p == w->flat.p);
		if (w && whole && encrypts && is_literal(w, value)) {
			shell_report(s, c, "hard-coded-credential", value, o->program, "proven");
			return;
		}
	}
	for (unsigned i = 1; i < c->n; i++) {
		struct text w = c->words[i].flat;
		bool mysql = text_starts(c->program, "mysql") && text_starts(w, "-p") && w.n > 3;
		bool pass = shell_runs(c, "openssl") &&
					(text_is(w, "-pass") || text_is(w, "-passin") || text_is(w, "-passout")) &&
					text_starts(shell_argument(c, i + 1), "pass:") && shell_argument(c, i + 1).n > 6;
		unsigned at = i + pass;
		if ((mysql || pass) && !c->words[at].expands)
			shell_report(s, c, "hard-coded-credential",
						 text_of(c->words[at].flat.p + (mysql ? 2 : 5), c->words[at].flat.n - (mysql ? 2 : 5)),
						 mysql ? "mysql" : "openssl", "proven");
	}
	if (shell_runs(c, "htpasswd") && text_has(shell_argument(c, 1), "b") && text_starts(shell_argument(c, 1), "-") &&
		c->n >= 4 && is_literal(&c->words[c->n - 1], shell_argument(c, c->n - 1)))
		shell_report(s, c, "hard-coded-credential", shell_argument(c, c->n - 1), "htpasswd", "proven");
}

/* `echo root:secret | chpasswd`, `echo secret | passwd --stdin root`: what is piped is remembered with its pipe. */
static void take_piped_password(struct shell_state *s, const struct shell_command *c)
{
	bool chpasswd = shell_runs(c, "chpasswd"), passwd = shell_runs(c, "passwd") || shell_runs(c, "smbpasswd");
	struct text text = c->piped ? s->piped_text : c->here, body = c->here;
	if ((!chpasswd && !passwd) || !text.n)
		return;
	if (!c->piped && (!shell_line(&body, &text) || memchr(text.p, '$', text.n) || memchr(text.p, '`', text.n)))
		return;
	const char *colon = memchr(text.p, ':', text.n);
	if (chpasswd && !colon)
		return;
	bool empty = chpasswd && colon + 1 >= text.p + text.n;
	scripts_emit(s->file, c->line, empty ? "empty-password" : "hard-coded-credential",
				 c->piped ? s->piped_source : c->source, text,
				 empty      ? "login"
				 : chpasswd ? "chpasswd"
							: "passwd",
				 "proven");
}

static void take_empty_passwords(struct shell_state *s, const struct shell_command *c)
{
	bool deletes = shell_runs(c, "passwd") && (shell_has_word(c, "-d") || shell_has_word(c, "--delete"));
	bool blank = shell_runs(c, "dropbear") && shell_has_word(c, "-B");
	if (deletes || blank)
		shell_report(s, c, "empty-password", TEXT_NONE, deletes ? "login" : "dropbear -B", "proven");
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
	if (scripts_among(c->program, telnets) && shell_option(c, "-l", &value) && is_shell_path(value))
		shell_report(s, c, "back-door", TEXT_NONE, "telnet without login", "proven");
	if (scripts_among(c->program, cats) && (shell_option(c, "-e", &value) || shell_option(c, "-c", &value)) &&
		is_shell_path(value))
		shell_report(s, c, "back-door", TEXT_NONE, "shell on a socket", "proven");
	bool executes = false, connects = false;
	for (unsigned i = 1; shell_runs(c, "socat") && i < c->n; i++) {
		struct text w = c->words[i].flat;
		bool exec = text_starts(w, "EXEC:") || text_starts(w, "exec:") || text_starts(w, "SYSTEM:") ||
					text_starts(w, "system:");
		executes |= exec && (text_has(w, "sh") || text_has(w, "login"));
		connects |= text_starts(w, "TCP") || text_starts(w, "tcp") || text_starts(w, "UDP") || text_starts(w, "udp");
	}
	if (executes && connects)
		shell_report(s, c, "back-door", TEXT_NONE, "shell on a socket", "proven");
	for (unsigned i = 0; i < c->noutputs && shell_is_interpreter(c->program); i++)
		if (text_starts(c->outputs[i].flat, "/dev/tcp/"))
			shell_report(s, c, "back-door", TEXT_NONE, "shell on a socket", "proven");
	if (scripts_among(c->program, gettys) && shell_option(c, "-l", &value) && is_shell_path(value))
		shell_report(s, c, "console-without-login", TEXT_NONE, "shell", "proven");
}

/* Servers that show the whole file system. */
static void take_servers(struct shell_state *s, const struct shell_command *c)
{
	struct text value = TEXT_NONE;
	bool root = shell_runs(c, "httpd") && shell_option(c, "-h", &value) && text_is(value, "/");
	bool ftpd = (shell_runs(c, "tcpsvd") || shell_runs(c, "ftpd")) && text_has(c->source, "ftpd") &&
				shell_has_word(c, "-w") && shell_has_word(c, "/");
	if (root || ftpd)
		shell_report(s, c, "back-door", TEXT_NONE, "whole file system", "proven");
	bool adb = shell_runs(c, "adbd") || (shell_runs(c, "setprop") && text_has(shell_argument(c, 1), "adb.tcp.port") &&
										 !text_is(shell_argument(c, 2), "-1"));
	if (adb)
		shell_report(s, c, "debug-access", TEXT_NONE, "adb", shell_runs(c, "adbd") ? "likely" : "proven");
}

/* iptables(8): a policy of ACCEPT for what comes in, unless the same script drops it as well (in its other branch). */
static void take_firewall(struct shell_state *s, const struct shell_command *c)
{
	static const char *const tables[] = { "iptables", "ip6tables", "iptables-legacy", "ip6tables-legacy", NULL };
	if (!scripts_among(c->program, tables))
		return;
	bool input = shell_has_word(c, "INPUT") && (shell_has_word(c, "-P") || shell_has_word(c, "--policy"));
	s->input_policy_drop |= input && (shell_has_word(c, "DROP") || shell_has_word(c, "REJECT"));
	s->fills_chains |= shell_has_word(c, "-A") || shell_has_word(c, "-I");
	if (input && shell_has_word(c, "ACCEPT") && !s->input_policy_drop)
		shell_report(s, c, "firewall-open", TEXT_NONE, "network", s->fills_chains ? "possible" : "likely");
}

void shell_command_doors(struct shell_state *s, const struct shell_command *c)
{
	take_credentials(s, c);
	take_piped_password(s, c);
	take_empty_passwords(s, c);
	take_doors(s, c);
	take_servers(s, c);
	take_firewall(s, c);
}
