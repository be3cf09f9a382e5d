/* SPDX-License-Identifier: GPL-3.0-or-later */
/* apt: where packages come from, and what is done by itself.
 *
 * Manuals: sources.list(5), apt.conf(5), apt-secure(8), unattended-upgrades README. */
#include "inspect/updates_config.h"

#define SCOPE_MAX 256u
#define NESTED_MAX 16u

/* One option of [ ... ]. */
static void take_option(struct updates *u, struct text option, bool at_hand, struct text line)
{
	const char *equals = option.n ? memchr(option.p, '=', option.n) : NULL;
	if (!equals)
		return;
	struct text key = text_of(option.p, (size_t)(equals - option.p));
	struct text value = text_of(equals + 1, option.n - key.n - 1);
	if (text_is(key, "trusted") && updates_is_yes(value) && !at_hand)
		updates_emit(u, UPDATES_VERIFICATION, TEXT_LIT(UPDATES_OFF), line);
	if (text_is(key, "signed-by"))
		updates_emit(u, UPDATES_KEY, value, line);
}

/* A disc, or a folder of the device itself: nothing is fetched from there. */
static bool is_at_hand(struct text uri)
{
	return text_starts(uri, "cdrom:") || text_starts(uri, "file:") || text_starts(uri, "copy:");
}

/* What stands behind [option=value ...]. */
static struct text uri_of(struct text words)
{
	struct text word = shell_field(&words);
	bool options = word.n && word.p[0] == '[';
	while (options && word.n && word.p[word.n - 1] != ']')
		word = shell_field(&words);
	return options ? shell_field(&words) : word;
}

/* deb [option=value ...] URI SUITE COMPONENT ... */
void updates_read_sources(struct updates *u)
{
	for (struct text rest = config_text(u), line; shell_line(&rest, &line);) {
		struct text t = shell_trim(line), words = t;
		if (!text_is(shell_field(&words), "deb"))
			continue;
		bool at_hand = is_at_hand(uri_of(words));
		struct text word = shell_field(&words);
		bool options = word.n && word.p[0] == '[';
		if (options && word.n == 1)
			word = shell_field(&words);
		else if (options)
			word = text_of(word.p + 1, word.n - 1);
		while (options && word.n) {
			bool last = word.p[word.n - 1] == ']';
			take_option(u, text_of(word.p, word.n - last), at_hand, t);
			word = shell_field(&words);
			if (last)
				break;
		}
		if (word.n && !text_starts(word, "cdrom:"))
			config_fetch(u, word, t);
	}
}

/* Fields of stanzas; those of a stanza with "Enabled: no" do not count. Addresses stand one beside the other. */
struct stanza {
	struct text uris, trusted, signed_by, enabled;
};

static void end_stanza(struct updates *u, struct stanza *s)
{
	if (s->uris.n && !(s->enabled.p && updates_is_no(s->enabled))) {
		bool at_hand = true;
		for (struct text rest = s->uris, uri = shell_field(&rest); uri.n; uri = shell_field(&rest)) {
			config_fetch(u, uri, updates_line_of(u, s->uris));
			at_hand &= is_at_hand(uri);
		}
		if (s->trusted.p && updates_is_yes(s->trusted) && !at_hand)
			updates_emit(u, UPDATES_VERIFICATION, TEXT_LIT(UPDATES_OFF), updates_line_of(u, s->trusted));
		if (s->signed_by.n && s->signed_by.p[0] == '/')
			updates_emit(u, UPDATES_KEY, s->signed_by, updates_line_of(u, s->signed_by));
	}
	*s = (struct stanza){ .uris = TEXT_NONE };
}

static bool is_field(struct text line, const char *name, struct text *value)
{
	size_t n = strlen(name);
	if (line.n <= n || strncasecmp(line.p, name, n) != 0 || line.p[n] != ':')
		return false;
	*value = shell_trim(text_of(line.p + n + 1, line.n - n - 1));
	return true;
}

void updates_read_deb822(struct updates *u)
{
	struct stanza s = { .uris = TEXT_NONE };
	for (struct text rest = config_text(u), line; shell_line(&rest, &line);) {
		if (shell_trim(line).n == 0) {
			end_stanza(u, &s);
			continue;
		}
		(void)(is_field(line, "URIs", &s.uris) || is_field(line, "Trusted", &s.trusted) ||
			   is_field(line, "Signed-By", &s.signed_by) || is_field(line, "Enabled", &s.enabled));
	}
	end_stanza(u, &s);
}

/* ---- apt.conf ---- */

struct apt_conf {
	struct updates *u;
	struct text text;
	size_t at;
	char scope[SCOPE_MAX]; /* of the groups that are open, with "::" between them */
	size_t scope_n, opened[NESTED_MAX];
	unsigned depth;
};

static void take_setting(struct apt_conf *c, struct text name, struct text value)
{
	static const struct {
		const char *name;
		bool yes; /* the row is for a value that says yes, else for one that says no */
		const char *aspect, *value;
	} rules[] = {
		{ "APT::Periodic::Unattended-Upgrade", true, UPDATES_TRIGGER, UPDATES_AUTOMATIC },
		{ "APT::Periodic::Unattended-Upgrade", true, UPDATES_CONSENT, UPDATES_NOT_ASKED },
		{ "APT::Periodic::Unattended-Upgrade", false, UPDATES_TRIGGER, UPDATES_ON_DEMAND },
		{ "APT::Get::AllowUnauthenticated", true, UPDATES_VERIFICATION, UPDATES_OFF },
		{ "Acquire::AllowInsecureRepositories", true, UPDATES_VERIFICATION, UPDATES_OFF },
		{ "Acquire::https::Verify-Peer", false, UPDATES_TRANSPORT, UPDATES_UNCHECKED },
	};
	char full[2 * SCOPE_MAX];
	if (c->scope_n + name.n + 2 > sizeof full)
		return;
	memcpy(full, c->scope, c->scope_n);
	memcpy(full + c->scope_n, name.p, name.n);
	struct text key = text_of(full, c->scope_n + name.n);
	/* "1" and more days, "always" */
	bool no = updates_is_no(value), yes = !no && value.n > 0;
	for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++)
		if (key.n == strlen(rules[i].name) && strncasecmp(key.p, rules[i].name, key.n) == 0 &&
			(rules[i].yes ? yes : no))
			updates_emit(c->u, rules[i].aspect, text_c(rules[i].value), updates_line_of(c->u, value));
}

static void skip_space(struct apt_conf *c)
{
	while (c->at < c->text.n) {
		struct text rest = text_of(c->text.p + c->at, c->text.n - c->at);
		const char *end = NULL;
		if (text_starts(rest, "//") ||
			(rest.p[0] == '#' && !text_starts(rest, "#clear") && !text_starts(rest, "#include")))
			end = memchr(rest.p, '\n', rest.n);
		else if (text_starts(rest, "/*"))
			end = memmem(rest.p, rest.n, "*/", 2);
		else if (shell_blank(rest.p[0]) || rest.p[0] == '\n')
			end = rest.p;
		else
			return;
		size_t n = end ? (size_t)(end - rest.p) + (text_starts(rest, "/*") ? 2 : 1) : rest.n;
		c->at += n;
	}
}

static struct text take_word(struct apt_conf *c)
{
	const char *from = c->text.p + c->at;
	if (c->at < c->text.n && *from == '"') {
		const char *end = memchr(from + 1, '"', c->text.n - c->at - 1);
		size_t n = end ? (size_t)(end - from) - 1 : c->text.n - c->at - 1;
		c->at += n + 1 + (end != NULL);
		return text_of(from + 1, n);
	}
	size_t n = 0;
	while (c->at + n < c->text.n && !strchr(" \t\r\n{};\"", from[n]))
		n++;
	if (n == 0 && c->at < c->text.n && *from == '\0')
		n = 1;
	c->at += n;
	return text_of(from, n);
}

static bool open_scope(struct apt_conf *c, struct text name)
{
	if (c->depth == NESTED_MAX || c->scope_n + name.n + 2 > SCOPE_MAX)
		return false;
	c->opened[c->depth++] = c->scope_n;
	memcpy(c->scope + c->scope_n, name.p, name.n);
	memcpy(c->scope + c->scope_n + name.n, "::", 2);
	c->scope_n += name.n + 2;
	return true;
}

void updates_read_apt_conf(struct updates *u)
{
	struct apt_conf *c = ARENA_NEW(u->subject->arena, struct apt_conf);
	struct text name = TEXT_NONE;
	if (!c)
		return;
	c->u = u;
	c->text = config_text(u);
	for (skip_space(c); c->at < c->text.n; skip_space(c)) {
		char ch = c->text.p[c->at];
		if (ch == '{') {
			c->at++;
			if (!open_scope(c, name.p ? name : text_of("", 0)))
				return;
			name = TEXT_NONE;
		} else if (ch == '}' || ch == ';') {
			c->at++;
			if (ch == '}' && c->depth)
				c->scope_n = c->opened[--c->depth];
			name = TEXT_NONE;
		} else {
			struct text word = take_word(c);
			if (name.p)
				take_setting(c, name, word);
			name = name.p ? name : word;
		}
	}
}
