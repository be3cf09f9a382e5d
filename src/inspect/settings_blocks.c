/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Configuration files with blocks of lines: Apache and ProFTPD, xinetd and wpa_supplicant. */
#include "inspect/settings.h"

/* ---- Apache, ProFTPD: <Block argument>, directive, "\" at the end of a line that goes on ---- */

static struct text whole_directive(struct settings *s, struct settings_lines *l)
{
	struct text t = l->text;
	for (unsigned i = 0; i < 256 && text_ends(t, "\\"); i++) {
		struct text head = text_of(t.p, t.n - 1);
		if (!settings_next_line(l))
			return head;
		char *both = arena_printf(s->arena, "%.*s %.*s", (int)head.n, head.p, (int)l->text.n, l->text.p);
		if (!both)
			return head;
		t = shell_trim(text_c(both));
	}
	return t;
}

/* What only says how files look and what they are called. */
static bool is_presentation(struct text key)
{
	static const char words[] = "addicon addiconbytype addiconbyencoding addlanguage addtype addcharset addencoding "
								"adddescription defaulticon languagepriority forcelanguagepriority proxyhtmllinks "
								"proxyhtmlevents browsermatch browsermatchnocase indexignore removetype logformat";
	return settings_in_words(words, key, true);
}

void settings_read_apache(struct settings *s)
{
	struct settings_lines l = settings_lines(s->source);
	struct settings_blocks b = { .path = TEXT_LIT("") };
	while (!s->full && settings_next_line(&l)) {
		int64_t line = l.line;
		if (l.text.n == 0 || l.text.p[0] == '#')
			continue;
		struct text t = whole_directive(s, &l);
		if (text_starts(t, "</")) {
			settings_close(s, &b);
		} else if (text_starts(t, "<")) {
			const char *end = memchr(t.p, '>', t.n);
			settings_open(s, &b, shell_trim(text_of(t.p + 1, end ? (size_t)(end - t.p) - 1 : t.n - 1)));
		} else {
			struct text key = shell_field(&t);
			s->includes |= settings_in_words("include includeoptional", key, true);
			if (!is_presentation(key))
				settings_add(s, line, b.path, key, shell_unquoted(shell_trim(t)));
		}
	}
}

/* BusyBox's lines are WORD:VALUE without white space before the colon. */
void settings_read_httpd(struct settings *s)
{
	struct settings_lines l = settings_lines(s->source);
	while (settings_next_line(&l)) {
		if (l.text.n == 0 || l.text.p[0] == '#')
			continue;
		struct text rest = l.text, first = shell_field(&rest);
		if (first.p[0] != '<' && memchr(first.p, ':', first.n))
			settings_read_colons(s);
		else
			settings_read_apache(s);
		return;
	}
}

/* ---- xinetd.conf(5), wpa_supplicant.conf(5) ---- */

#define REPEATS_MAX 128u

struct repeats {
	struct text names[REPEATS_MAX];
	unsigned n, networks[2]; /* of wpa_supplicant: networks, credentials */
};

/* xinetd tells services of one name apart by their id: each is a block of its own. */
static struct text told_apart(struct settings *s, struct repeats *r, struct text name)
{
	unsigned before = 0;
	for (unsigned i = 0; i < r->n; i++)
		before += text_eq(r->names[i], name);
	if (r->n < REPEATS_MAX)
		r->names[r->n++] = name;
	char *numbered = before ? arena_printf(s->arena, "%.*s[%u]", (int)name.n, name.p, before + 1) : NULL;
	return numbered ? text_c(numbered) : name;
}

static void open_braces(struct settings *s, struct settings_blocks *b, struct text name, struct repeats *r)
{
	bool assigned = text_ends(name, "=");
	if (!assigned) {
		settings_open(s, b, text_starts(name, "service") ? told_apart(s, r, name) : name);
		return;
	}
	name = shell_trim(text_of(name.p, name.n - 1));
	bool counted = text_is(name, "network") || text_is(name, "cred");
	char *numbered =
		counted ? arena_printf(s->arena, "%.*s[%u]", (int)name.n, name.p, r->networks[text_is(name, "cred")]++) : NULL;
	settings_open(s, b, numbered ? text_c(numbered) : name);
}

void settings_read_braces(struct settings *s)
{
	struct settings_lines l = settings_lines(s->source);
	struct settings_blocks b = { .path = TEXT_LIT("") };
	struct text pending = TEXT_LIT(""), key, value;
	struct repeats *repeats = ARENA_NEW(s->arena, struct repeats);
	if (!repeats)
		return;
	while (!s->full && settings_next_line(&l)) {
		if (l.text.n == 0 || l.text.p[0] == '#')
			continue;
		if (text_is(l.text, "}")) {
			settings_close(s, &b);
		} else if (text_ends(l.text, "{")) {
			struct text name = shell_trim(text_of(l.text.p, l.text.n - 1));
			open_braces(s, &b, name.n ? name : pending, repeats);
		} else if (b.depth && text_starts(b.names[b.depth - 1], "blob-")) {
			continue; /* Base64 */
		} else if (settings_split(l.text, '=', &key, &value)) {
			bool adds = text_ends(key, "+") || text_ends(key, "-");
			if (adds)
				key = shell_trim(text_of(key.p, key.n - 1));
			struct setting *row = settings_add(s, l.line, b.path, key, shell_unquoted(value));
			if (row)
				row->adds = adds;
		} else {
			pending = l.text;
			s->includes |= text_starts(pending, "include");
		}
	}
}
