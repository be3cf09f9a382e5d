/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Settings that daemons get as options: from the commands of start-up files, as the start-up inspector reads them. */
#include "inspect/settings.h"

extern const struct inspector startup_inspector;

enum style {
	STYLE_GETOPT, /* letters that may stand together; a value behind its letter or as the next word */
	STYLE_WORDS,  /* each option is a word: thttpd's "-nor", "-dd DIR" */
	STYLE_LONG,   /* as STYLE_GETOPT; long options are the keys of the configuration file */
};

/* What takes a value: letters followed by ":", as getopt(3) writes it, or with STYLE_WORDS the words. */
static const struct command {
	const char *program, *names, *options;
	enum style style;
} commands[] = {
	{ "dropbear", "dropbear", "b:c:d:r:G:D:p:P:W:K:I:T:", STYLE_GETOPT },
	{ "sshd", "sshd", "C:c:E:f:g:h:k:o:p:u:b:", STYLE_GETOPT },
	{ "telnetd", "telnetd in.telnetd utelnetd", "l:f:p:b:w:a:L:X:E:", STYLE_GETOPT },
	{ "httpd", "httpd", "p:u:r:h:c:m:e:d:f:k:D:", STYLE_GETOPT },
	{ "uhttpd", "uhttpd", "A:C:c:E:e:h:H:I:i:K:k:L:l:m:N:n:O:o:P:p:r:s:T:t:U:u:x:y:", STYLE_GETOPT },
	{ "lighttpd", "lighttpd", "f:m:i:", STYLE_GETOPT },
	{ "nginx", "nginx", "c:g:p:s:e:", STYLE_GETOPT },
	{ "thttpd", "thttpd", "-C -p -d -dd -c -u -l -h -i -T -P -M", STYLE_WORDS },
	{ "mini_httpd", "mini_httpd mini_httpds", "-C -p -d -dd -c -u -l -h -i -T -P -M -E -Y", STYLE_WORDS },
	{ "boa", "boa", "c:f:l:", STYLE_GETOPT },
	{ "goahead", "goahead webs", "--auth --home --log --route", STYLE_WORDS },
	{ "dnsmasq", "dnsmasq",
	  "2:4:6:7:8:A:B:C:F:G:H:I:J:M:O:P:Q:S:T:U:V:W:X:Y:a:c:g:i:j:l:m:p:r:s:t:u:x:0:3:", STYLE_LONG },
	{ "hostapd", "hostapd", "b:e:f:g:G:i:P:u:q", STYLE_GETOPT },
	{ "wpa_supplicant", "wpa_supplicant", "b:c:C:D:e:f:g:G:i:I:m:o:O:p:P:", STYLE_GETOPT },
	{ "snmpd", "snmpd", "c:u:g:p:x:I:m:M:L:A:l:", STYLE_GETOPT },
	{ "miniupnpd", "miniupnpd", "f:i:I:a:p:o:u:t:s:m:P:z:Z:B:w:l:n:b:", STYLE_GETOPT },
	{ "mosquitto", "mosquitto", "c:p:", STYLE_GETOPT },
	{ "vsftpd", "vsftpd", "o:", STYLE_GETOPT },
	{ "proftpd", "proftpd", "c:d:D:p:S:", STYLE_GETOPT },
	{ "ftpd", "ftpd", "t:T:a:", STYLE_GETOPT },
	{ "tftpd", "tftpd in.tftpd udpsvd", "u:s:a:t:m:B:R:P:", STYLE_GETOPT },
	{ "smbd", "smbd", "s:p:l:d:", STYLE_GETOPT },
	{ "redis", "redis-server", "", STYLE_LONG },
	{ "rsyncd", "rsync", "", STYLE_GETOPT },
	{ NULL, NULL, NULL, STYLE_GETOPT },
};

static const struct command *command_of(struct text name)
{
	for (const struct command *c = commands; c->program; c++)
		if (settings_in_words(c->names, name, false))
			return c;
	return NULL;
}

struct words {
	struct shell_lexer lexer;
	bool unknown; /* a word's value is not known */
};

/* The next word of the command; p == NULL at its end. */
static struct text next_word(struct words *w)
{
	struct shell_token t;
	do
		shell_next(&w->lexer, &t);
	while (t.kind == SHELL_REDIRECT);
	if (t.kind == SHELL_WORD && text_is(t.text, "-\\?"))
		return TEXT_LIT("-?");
	return t.kind == SHELL_WORD ? shell_unquoted(t.text) : TEXT_NONE;
}

static bool is_unknown(struct text word)
{
	return text_is(word, "?") || (word.n && memchr(word.p, '$', word.n)) || (word.n && memchr(word.p, '`', word.n));
}

static void add_option(struct settings *s, int64_t line, const char *program, struct text key, struct text value)
{
	if (is_unknown(value))
		value = TEXT_NONE;
	struct setting *row = settings_add(s, line, TEXT_NONE, key, value);
	if (row) {
		row->program = program;
		row->origin = "command line";
		row->adds = true; /* each command counts by itself */
	}
}

/* "-o Key=value" of sshd, "-okey=value" of vsftpd. */
static void add_assignment(struct settings *s, int64_t line, const char *program, struct text word)
{
	struct text key = word, value = TEXT_LIT("");
	if (settings_split(word, '=', &key, &value) || settings_split(word, ' ', &key, &value))
		add_option(s, line, program, key, value);
}

static struct text option_name(struct settings *s, char letter)
{
	return text_c(arena_printf(s->arena, "-%c", letter));
}

static bool takes_value(const struct command *c, char letter)
{
	const char *at = letter && letter != ':' ? strchr(c->options, letter) : NULL;
	return at && at[1] == ':';
}

static void add_letters(struct settings *s, struct words *w, int64_t line, const struct command *c, struct text word)
{
	for (size_t i = 1; i < word.n; i++) {
		struct text name = option_name(s, word.p[i]), value = TEXT_LIT("on");
		bool valued = takes_value(c, word.p[i]);
		if (valued)
			value = i + 1 < word.n ? text_of(word.p + i + 1, word.n - i - 1) : next_word(w);
		bool assigns = text_is(name, "-o") && (strcmp(c->program, "sshd") == 0 || strcmp(c->program, "vsftpd") == 0);
		if (assigns && value.p)
			add_assignment(s, line, c->program, value);
		else
			add_option(s, line, c->program, name, value);
		if (valued)
			return;
	}
}

static void add_long(struct settings *s, int64_t line, const struct command *c, struct text word)
{
	struct text key = word, value = TEXT_LIT("on");
	(void)settings_split(word, '=', &key, &value);
	if (c->style == STYLE_LONG)
		key = text_of(key.p + 2, key.n - 2);
	add_option(s, line, c->program, key, value);
}

/* A word that is no option: the value of a long one that stands before it, if that takes one. */
static void add_operand(struct settings *s, size_t option, struct text word)
{
	if (option < s->n)
		s->rows[option].value = is_unknown(word) ? TEXT_NONE : word;
}

static void add_option_word(struct settings *s, struct words *w, int64_t line, const struct command *c,
							struct text word)
{
	if (c->style == STYLE_WORDS) {
		bool valued = settings_in_words(c->options, word, false) && !memchr(word.p, '=', word.n);
		add_option(s, line, c->program, word, valued ? next_word(w) : TEXT_LIT("on"));
	} else if (text_starts(word, "--")) {
		add_long(s, line, c, word);
	} else {
		add_letters(s, w, line, c, word);
	}
}

static void read_options(struct settings *s, int64_t line, const struct command *c, struct words *w)
{
	size_t option = SIZE_MAX; /* the row of a long one without a value, if that is the word before */
	for (struct text word = next_word(w); word.p && !s->full; word = next_word(w)) {
		if (word.n > 1 && word.p[0] == '-' && !text_is(word, "--")) {
			bool bare = text_starts(word, "--") && !memchr(word.p, '=', word.n);
			option = bare ? s->n : SIZE_MAX;
			add_option_word(s, w, line, c, word);
			continue;
		}
		if (option != SIZE_MAX)
			add_operand(s, option, word);
		else
			w->unknown |= is_unknown(word);
		option = SIZE_MAX;
	}
}

void settings_options(struct settings *s, int64_t line, const char *program, struct text options)
{
	struct words w = { .unknown = false };
	shell_begin(&w.lexer, options, line);
	for (const struct command *c = commands; c->program; c++)
		if (strcmp(c->program, program) == 0) {
			read_options(s, line, c, &w);
			return;
		}
}

static bool has_option(const struct settings *s, size_t first, size_t end, const char *key)
{
	for (size_t i = first; i < end; i++)
		if (text_is(s->rows[i].key, key))
			return true;
	return false;
}

/* What the command does not say: the defaults of that program's options. */
static void add_command_defaults(struct settings *s, int64_t line, const char *program, size_t first, bool unknown)
{
	size_t said = s->n;
	bool inetd = has_option(s, first, said, "-i"); /* that has the port */
	bool login = has_option(s, first, said, "-E"); /* GNU's telnetd: what runs instead of login */
	for (const struct settings_default *d = settings_option_defaults; d->program; d++) {
		bool present = strcmp(d->program, program) != 0 || has_option(s, first, said, d->key) ||
					   (inetd && strcmp(d->key, "-p") == 0) || (login && strcmp(d->key, "-l") == 0);
		struct setting *r = present ? NULL : settings_add(s, line, TEXT_NONE, text_c(d->key), text_c(d->value));
		if (r) {
			r->program = program;
			r->origin = "default";
			r->adds = true;
			r->uncertain = unknown;
			r->secret = 0;
		}
	}
}

/* A command that only checks the configuration, or asks the program what it can do. */
static bool only_tests(const struct settings *s, const struct command *c, size_t first)
{
	static const char tests[] = "lighttpd nginx sshd proftpd";
	if (!settings_in_words(tests, text_c(c->program), false))
		return false;
	return has_option(s, first, s->n, "-t") || has_option(s, first, s->n, "-T") || has_option(s, first, s->n, "-?") ||
		   has_option(s, first, s->n, "--configtest");
}

/* The options of a command of a daemon that is known, as rows of origin "command line". */
static void settings_command(struct settings *s, int64_t line, struct text program, struct text command)
{
	const struct command *c = command_of(text_base(program));
	struct words w = { .unknown = false };
	bool found = false, starter = false;
	if (!c)
		return;
	shell_begin(&w.lexer, command, line);
	for (unsigned i = 0; !found && i < 32; i++) {
		struct text word = next_word(&w);
		if (!word.p)
			break;
		starter |= text_is(text_base(word), "start-stop-daemon");
		found = settings_in_words(c->names, text_base(word), false);
	}
	if (!found)
		return;
	for (struct text word = TEXT_LIT(""); starter && word.p && !text_is(word, "--");)
		word = next_word(&w);
	size_t first = s->n;
	read_options(s, line, c, &w);
	if (only_tests(s, c, first)) {
		s->n = first;
		return;
	}
	add_command_defaults(s, line, c->program, first, w.unknown || s->grows);
}

struct capture {
	struct sink sink; /* what the start-up inspector emits */
	struct settings *settings;
};

static void on_fact(struct sink *sink, enum fact_type type, const void *row)
{
	struct capture *c = (struct capture *)sink;
	const struct fact_startup *r = row;
	if (type == FACT_startup && r->program.p && !c->settings->full)
		settings_command(c->settings, r->line, r->program, r->expanded.p ? r->expanded : r->command);
}

bool settings_is_startup(const struct subject *s)
{
	return s->kind == ENTRY_FILE && startup_inspector.wants(s);
}

void settings_read_startup(struct settings *s)
{
	static const char more[] = "procd_append_param";
	s->grows = s->source.n && memmem(s->source.p, s->source.n, more, sizeof more - 1);
	struct capture capture = { .sink = { .emit = on_fact }, .settings = s };
	startup_inspector.run(s->subject, &capture.sink);
}
