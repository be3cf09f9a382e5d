/* SPDX-License-Identifier: GPL-3.0-or-later */
/* OpenWrt's Unified Configuration Interface: libuci's file.c. A section is written "package.type name", and one without
 * a name "package.type[n]", counted from 0 as `uci show` does. */
#include "inspect/settings.h"

/* Types of sections that are counted; further ones have no number. */
#define UCI_TYPES 64u

struct uci {
	struct text t;
	size_t at;
	int64_t line;
	struct text package, section;
	struct text types[UCI_TYPES];
	unsigned counts[UCI_TYPES];
	unsigned ntypes;
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/* One piece of a word: in single quotes as it is, in double quotes and outside with "\" before a character. */
static size_t copy_piece(struct uci *u, char *out)
{
	char quote = u->t.p[u->at];
	size_t n = 0;
	if (quote != '"' && quote != '\'')
		quote = '\0';
	else
		u->at++;
	while (u->at < u->t.n) {
		char c = u->t.p[u->at];
		if (quote ? c == quote : is_blank(c) || c == '\n' || c == ';' || c == '"' || c == '\'')
			break;
		if (c == '\\' && quote != '\'' && u->at + 1 < u->t.n)
			c = u->t.p[++u->at];
		u->line += c == '\n';
		out[n++] = c;
		u->at++;
	}
	u->at += quote && u->at < u->t.n;
	return n;
}

/* Where the word that begins at `at` ends, at the latest. */
static size_t word_bound(const struct uci *u)
{
	size_t end = u->at;
	char quote = '\0';
	for (; end < u->t.n; end++) {
		char c = u->t.p[end];
		if (c == '\\' && quote != '\'')
			end++;
		else if (quote ? c == quote : c == '"' || c == '\'')
			quote = quote ? '\0' : c;
		else if (!quote && (is_blank(c) || c == '\n' || c == ';'))
			break;
	}
	return end < u->t.n ? end : u->t.n;
}

/* The next word of the statement; p == NULL at its end. */
static struct text next_word(struct settings *s, struct uci *u)
{
	while (u->at < u->t.n && is_blank(u->t.p[u->at]))
		u->at++;
	if (u->at >= u->t.n || u->t.p[u->at] == '\n' || u->t.p[u->at] == ';' || u->t.p[u->at] == '#')
		return TEXT_NONE;
	size_t bound = word_bound(u), n = 0;
	char *out = arena_alloc(s->arena, bound - u->at + 1, 1);
	if (!out) {
		u->at = u->t.n;
		return TEXT_NONE;
	}
	while (u->at < bound)
		n += copy_piece(u, out + n);
	return text_of(out, n);
}

static void end_statement(struct uci *u)
{
	while (u->at < u->t.n && u->t.p[u->at] != '\n' && u->t.p[u->at] != ';')
		u->at++;
	if (u->at < u->t.n)
		u->line += u->t.p[u->at++] == '\n';
}

static void open_section(struct settings *s, struct uci *u, struct text type, struct text name)
{
	unsigned i = 0;
	while (i < u->ntypes && !text_eq(u->types[i], type))
		i++;
	if (i == u->ntypes && i < UCI_TYPES)
		u->types[u->ntypes++] = type;
	unsigned n = i < UCI_TYPES ? u->counts[i]++ : 0;
	char *section;
	if (name.n)
		section = arena_printf(s->arena, "%.*s.%.*s %.*s", (int)u->package.n, u->package.p, (int)type.n, type.p,
							   (int)name.n, name.p);
	else if (i < UCI_TYPES)
		section = arena_printf(s->arena, "%.*s.%.*s[%u]", (int)u->package.n, u->package.p, (int)type.n, type.p, n);
	else
		section = arena_printf(s->arena, "%.*s.%.*s", (int)u->package.n, u->package.p, (int)type.n, type.p);
	u->section = section ? text_c(section) : TEXT_LIT("");
}

static bool is_command(struct text word, const char *name)
{
	return word.n && (text_is(word, name) || (word.n == 1 && word.p[0] == name[0]));
}

/* Whether the first statement is one: /etc/config may hold other things. */
static bool is_uci(struct text t)
{
	struct settings_lines l = settings_lines(t);
	while (settings_next_line(&l)) {
		struct text rest = l.text, word = shell_field(&rest);
		if (word.n && word.p[0] != '#')
			return is_command(word, "config") || is_command(word, "package");
	}
	return false;
}

/* What OpenWrt's start-up scripts take where a section of that type does not say it. */
static const struct {
	const char *type, *key, *value;
} defaults[] = {
	{ "dropbear.dropbear", "Port", "22" },
	{ "dropbear.dropbear", "PasswordAuth", "1" },
	{ "dropbear.dropbear", "RootPasswordAuth", "1" },
	{ "dropbear.dropbear", "RootLogin", "1" },
	{ "dropbear.dropbear", "GatewayPorts", "0" },
	{ "uhttpd.uhttpd", "redirect_https", "0" },
	{ "uhttpd.uhttpd", "rfc1918_filter", "0" },
	{ "uhttpd.uhttpd", "no_dirlists", "0" },
	{ "uhttpd.uhttpd", "no_ubusauth", "0" },
	{ "wireless.wifi-iface", "encryption", "none" },
	{ "wireless.wifi-iface", "isolate", "0" },
	{ "wireless.wifi-iface", "wps_pushbutton", "0" },
};

static bool is_of_type(struct text section, const char *type)
{
	size_t n = strlen(type);
	return text_starts(section, type) && section.n > n && (section.p[n] == ' ' || section.p[n] == '[');
}

/* For the section whose rows are those from `first` on. */
static void add_section_defaults(struct settings *s, struct text section, size_t first)
{
	size_t end = s->n;
	for (size_t d = 0; d < sizeof defaults / sizeof defaults[0]; d++) {
		bool said = !is_of_type(section, defaults[d].type);
		for (size_t i = first; !said && i < end; i++)
			said = text_is(s->rows[i].key, defaults[d].key);
		struct setting *row =
			said ? NULL : settings_add(s, FACT_NULL, section, text_c(defaults[d].key), text_c(defaults[d].value));
		if (row) {
			row->origin = "default";
			row->adds = true;
		}
	}
}

void settings_read_uci(struct settings *s)
{
	struct uci *u = ARENA_NEW(s->arena, struct uci);
	if (!u || !is_uci(s->source))
		return;
	u->t = s->source;
	u->line = 1;
	u->package = text_base(s->subject->path);
	u->section = TEXT_LIT("");
	size_t first = 0; /* row of the section */
	while (u->at < u->t.n && !s->full) {
		int64_t line = u->line;
		struct text command = next_word(s, u), a = command.p ? next_word(s, u) : TEXT_NONE,
					b = a.p ? next_word(s, u) : TEXT_NONE;
		bool list = is_command(command, "list");
		if (is_command(command, "package") && a.n) {
			u->package = a;
		} else if (is_command(command, "config") && a.n) {
			add_section_defaults(s, u->section, first);
			first = s->n;
			open_section(s, u, a, b);
		} else if ((list || is_command(command, "option")) && a.n && u->section.n) {
			struct setting *row = settings_add(s, line, u->section, a, b.p ? b : TEXT_LIT(""));
			if (row)
				row->adds = list;
		}
		end_statement(u);
	}
	add_section_defaults(s, u->section, first);
}
