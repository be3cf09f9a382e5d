/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What scripts do about the time: clients with their servers, hwclock, dates from the headers of web servers, variables
 * that name servers.
 *
 * Specification: the usage texts of busybox ntpd, rdate and hwclock, ntpdate(8), ntpclient(8), sntp(1), htpdate(8).
 */
#include "base/ascii.h"
#include "inspect/clock.h"
#include "inspect/endpoints.h"
#include "inspect/shell.h"

#define WORDS_MAX 48u

struct command {
	struct text words[WORDS_MAX];
	unsigned n;
	int64_t line;
};

/* How a client is told its servers: by an option, or by what else stands on its line. */
static const struct {
	const char *name;
	const char *option; /* the letter of the option that has the server; "": none */
	const char *valued; /* letters of options whose next word is their value */
} clients[] = {
	{ "ntpd", "p", "lkcPuigfstxDLv" }, /* busybox; ISC's takes none on the command line */
	{ "ntpdate", "", "aekopt" },        { "ntpdate-debian", "", "aekopt" },
	{ "ntpclient", "h", "cfgipqrd" },   { "sntp", "", "abcegKklMMoOt" },
	{ "msntp", "", "aWeBx" },           { "rdate", "", "ot" },
	{ "htpdate", "", "dfFgiMmpPu" },    { "netdate", "", "" },
	{ "ntpsec-ntpdate", "", "aekopt" },
};

static bool is_host(struct text t)
{
	if (t.n < 3 || t.p[0] == '-' || t.p[0] == '/')
		return false;
	bool digits = true;
	for (size_t i = 0; i < t.n; i++) {
		if (t.p[i] == '$' || t.p[i] == '`')
			return false;
		digits &= (t.p[i] >= '0' && t.p[i] <= '9') || t.p[i] == '.';
	}
	return digits ? endpoint_ip4_scope(t) != SCOPE_NONE : endpoint_is_name(t);
}

static void read_client(struct clock_run *run, const struct command *c, unsigned at, size_t client)
{
	const char *option = clients[client].option;
	for (unsigned i = at + 1; i < c->n; i++) {
		struct text w = shell_unquoted(c->words[i]);
		if (w.n >= 2 && w.p[0] == '-' && w.p[1] != '-') {
			char last = w.p[w.n - 1];
			if (*option && last == *option && i + 1 < c->n) {
				w = shell_unquoted(c->words[++i]);
			} else if (*option && w.p[1] == *option) {
				w = text_of(w.p + 2, w.n - 2);
			} else {
				i += strchr(clients[client].valued, last) != NULL;
				continue;
			}
		} else if (*option) {
			continue;
		}
		const char *kind = strcmp(clients[client].name, "htpdate") == 0 ? "http-date" : "ntp-server";
		if (is_host(w))
			clock_emit(run, c->line, kind, w, text_c(clients[client].name), TEXT_NONE);
	}
}

static struct text whole_of(const struct command *c, unsigned at)
{
	const struct text *last = &c->words[c->n - 1];
	return text_of(c->words[at].p, (size_t)(last->p + last->n - c->words[at].p));
}

/* Whether a word is only spoken of: in a test, in a message, in what ends or reads it. */
static bool is_spoken_of(const struct command *c, unsigned at)
{
	static const char *const words[] = { "[",           "[[",    "test",    ".",      "source", "echo",
										 "printf",      "which", "command", "type",   "case",   "for",
										 "cp",          "ln",    "rm",      "mv",     "chmod",  "kill",
										 "killall",     "pkill", "pidof",   "logger", "grep",   "log_daemon_msg",
										 "log_end_msg", "opkg",  "apt-get", "ps",     "pgrep",  "service",
										 "systemctl" };
	for (unsigned i = 0; i < at; i++)
		for (size_t k = 0; k < sizeof words / sizeof words[0]; k++)
			if (text_is(text_base(c->words[i]), words[k]))
				return true;
	return false;
}

static void read_word(struct clock_run *run, const struct command *c, unsigned at)
{
	struct text name = text_base(shell_unquoted(c->words[at]));
	if (is_spoken_of(c, at))
		return;
	if (text_is(name, "hwclock")) {
		clock_emit(run, c->line, "rtc", whole_of(c, at), TEXT_LIT("hwclock"), TEXT_NONE);
		return;
	}
	if (text_is(name, "date") && c->n > at + 1) {
		struct text whole = whole_of(c, at);
		bool sets = text_has(whole, " -s") || text_has(whole, " --set");
		if (sets && (text_has(whole, "curl") || text_has(whole, "wget")) &&
			(text_has(whole, "ate") || text_has(whole, "http")))
			clock_emit(run, c->line, "http-date", whole, TEXT_LIT("date"), TEXT_NONE);
		return;
	}
	for (size_t i = 0; i < sizeof clients / sizeof clients[0]; i++)
		if (text_is(name, clients[i].name))
			read_client(run, c, at, i);
}

/* NTPSERVERS, ntp_server1, TIMESERVER ...: the name of the variable tells. */
static bool names_servers(struct text name)
{
	char word[48];
	size_t n = 0;
	for (size_t i = 0; i < name.n && n + 1 < sizeof word; i++)
		if (name.p[i] != '_' && name.p[i] != '-' && name.p[i] != '.')
			word[n++] = ascii_lower(name.p[i]);
	word[n] = '\0';
	return ((strstr(word, "ntp") && (strstr(word, "server") || strstr(word, "host") || strstr(word, "pool"))) ||
			strstr(word, "timeserver")) &&
		   !strstr(word, "port") && !strstr(word, "enable");
}

/* NAME=value, in a script or in a file of settings; TZ= is the zone. */
static void read_assignment(struct clock_run *run, struct text word, int64_t line)
{
	const char *equals = word.n ? memchr(word.p, '=', word.n) : NULL;
	if (!equals || equals == word.p)
		return;
	struct text name = text_of(word.p, (size_t)(equals - word.p));
	struct text value = shell_unquoted(text_of(equals + 1, word.n - name.n - 1));
	if (text_is(name, "TZ") && value.n && value.n < 64 && !memchr(value.p, '$', value.n) &&
		!memchr(value.p, '`', value.n)) {
		clock_emit(run, line, "time-zone", value, TEXT_NONE, TEXT_NONE);
		return;
	}
	if (!names_servers(name))
		return;
	for (struct text host; (host = shell_field(&value)).n;) {
		while (host.n && strchr(",;\"'", host.p[host.n - 1]))
			host.n--;
		if (is_host(host))
			clock_emit(run, line, "ntp-server", host, TEXT_NONE, text_of(word.p, name.n));
	}
}

static void end_command(struct clock_run *run, struct command *c)
{
	for (unsigned i = 0; i < c->n; i++)
		read_word(run, c, i);
	c->n = 0;
}

static void read_tokens(struct clock_run *run, struct text text)
{
	struct shell_lexer lexer;
	struct shell_token token;
	struct command c = { .n = 0 };
	shell_begin(&lexer, text, 1);
	do {
		shell_next(&lexer, &token);
		if (token.kind == SHELL_WORD && c.n < WORDS_MAX) {
			if (c.n == 0)
				c.line = token.line;
			read_assignment(run, token.text, token.line);
			c.words[c.n++] = token.text;
		} else if (token.kind != SHELL_REDIRECT && token.kind != SHELL_WORD) {
			end_command(run, &c);
		}
	} while (token.kind != SHELL_END && run->nrows < CLOCK_ROWS_MAX);
}

/* "key = value" of no particular program. */
static void read_settings(struct clock_run *run, struct text rest)
{
	struct text line;
	for (int64_t number = 1; shell_line(&rest, &line) && run->nrows < CLOCK_ROWS_MAX; number++) {
		line = shell_trim(line);
		if (line.n == 0 || line.n > 1024 || strchr("#;/", line.p[0]))
			continue;
		const char *equals = memchr(line.p, '=', line.n);
		if (!equals)
			continue;
		struct text key = shell_trim(text_of(line.p, (size_t)(equals - line.p)));
		struct text value = shell_trim(text_of(equals + 1, line.n - (size_t)(equals - line.p) - 1));
		char *joined = names_servers(key) && key.n < 64
						   ? arena_printf(run->subject->arena, "%.*s=%.*s", (int)key.n, key.p, (int)value.n, value.p)
						   : NULL;
		if (joined)
			read_assignment(run, text_c(joined), number);
	}
}

void clock_read_script(struct clock_run *run, struct text text)
{
	struct text path = run->subject->path;
	enum endpoint_file file = endpoint_file_of(run->subject);
	if (file == FILE_SCRIPT || text_ends(path, "/profile") || text_starts(path, "/etc/init.d/") ||
		text_starts(path, "/etc/default/"))
		read_tokens(run, text);
	else if (file == FILE_CONFIGURATION)
		read_settings(run, text);
}
