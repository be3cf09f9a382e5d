/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What vendors ship as the state of a new device: lists of NVRAM variables, and configurations in XML. */
#include "inspect/settings.h"
#include "inspect/settings_cursor.h"

/* ---- key=value ---- */

static bool is_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' ||
		   c == ':' || c == '-' || c == '/' || c == '@' || c == '[' || c == ']';
}

static bool variable(struct text line, struct text *key, struct text *value)
{
	if (!settings_split(line, '=', key, value) || key->n == 0 || key->n > 128)
		return false;
	for (size_t i = 0; i < key->n; i++)
		if (!is_name(key->p[i]))
			return false;
	return true;
}

/* Nine of ten lines at the beginning are variables. */
static bool is_list(struct text t)
{
	struct settings_lines l = settings_lines(t);
	unsigned lines = 0, variables = 0;
	struct text key, value;
	while (lines < 64 && settings_next_line(&l)) {
		if (l.text.n == 0 || l.text.p[0] == '#' || l.text.p[0] == ';' || l.text.p[0] == '[')
			continue;
		lines++;
		variables += variable(l.text, &key, &value);
	}
	return lines >= 2 && variables * 10 >= lines * 9;
}

void settings_read_nvram(struct settings *s)
{
	if (text_starts(shell_trim(s->source), "<")) {
		settings_read_xml(s);
		return;
	}
	struct settings_lines l = settings_lines(s->source);
	struct text section = TEXT_LIT(""), key, value;
	if (!is_list(s->source))
		return;
	while (!s->full && settings_next_line(&l)) {
		if (l.text.n > 2 && l.text.p[0] == '[' && l.text.p[l.text.n - 1] == ']')
			section = text_of(l.text.p + 1, l.text.n - 2);
		else if (l.text.n && l.text.p[0] != '#' && l.text.p[0] != ';' && variable(l.text, &key, &value))
			settings_add(s, l.line, section, key, shell_unquoted(value));
	}
}

/* ---- XML ---- */

#define XML_ATTRIBUTES 16u

struct xml_tag {
	struct text name;
	struct text keys[XML_ATTRIBUTES], values[XML_ATTRIBUTES];
	unsigned n;
	bool closes, empty, markup; /* markup: <?...?>, <!...> */
	int64_t line;
};

static bool xml_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static void xml_skip_space(struct cursor *x)
{
	while (x->at < x->t.n && xml_space(x->t.p[x->at]))
		cursor_step(x);
}

/* To `end` or to the end of all. */
static void xml_skip_behind(struct cursor *x, const char *end)
{
	const char *at = x->at < x->t.n ? memmem(x->t.p + x->at, x->t.n - x->at, end, strlen(end)) : NULL;
	size_t to = at ? (size_t)(at - x->t.p) + strlen(end) : x->t.n;
	while (x->at < to)
		cursor_step(x);
}

static struct text xml_word(struct cursor *x)
{
	size_t from = x->at;
	while (x->at < x->t.n && !xml_space(cursor_peek(x)) && cursor_peek(x) != '=' && cursor_peek(x) != '>' &&
		   !(cursor_peek(x) == '/' && x->at + 1 < x->t.n && x->t.p[x->at + 1] == '>'))
		x->at++;
	return text_of(x->t.p + from, x->at - from);
}

/* A value in quotes, or as vendors write it, without. */
static struct text xml_value(struct cursor *x)
{
	char quote = cursor_peek(x);
	size_t from = x->at;
	if (quote != '"' && quote != '\'') {
		while (x->at < x->t.n && !xml_space(cursor_peek(x)) && cursor_peek(x) != '>' &&
			   !(cursor_peek(x) == '/' && x->at + 1 < x->t.n && x->t.p[x->at + 1] == '>'))
			x->at++;
		return text_of(x->t.p + from, x->at - from);
	}
	cursor_step(x);
	while (x->at < x->t.n && cursor_peek(x) != quote)
		cursor_step(x);
	struct text value = text_of(x->t.p + from + 1, x->at - from - 1);
	cursor_step(x);
	return value;
}

/* At "<". */
static void xml_read_tag(struct cursor *x, struct xml_tag *tag)
{
	*tag = (struct xml_tag){ .line = x->line };
	cursor_step(x);
	if (span_has(span_of(x->t.p, x->t.n), x->at, "!--", 3) || cursor_peek(x) == '!' || cursor_peek(x) == '?') {
		tag->markup = true;
		xml_skip_behind(x, cursor_peek(x) == '!' && x->at + 1 < x->t.n && x->t.p[x->at + 1] == '-' ? "-->" : ">");
		return;
	}
	tag->closes = cursor_peek(x) == '/';
	if (tag->closes)
		cursor_step(x);
	tag->name = xml_word(x);
	for (xml_skip_space(x); x->at < x->t.n && cursor_peek(x) != '>'; xml_skip_space(x)) {
		size_t before = x->at;
		tag->empty = cursor_peek(x) == '/';
		struct text key = xml_word(x);
		xml_skip_space(x);
		if (cursor_peek(x) == '=') {
			cursor_step(x);
			xml_skip_space(x);
			struct text value = xml_value(x);
			if (tag->n < XML_ATTRIBUTES && key.n) {
				tag->keys[tag->n] = key;
				tag->values[tag->n++] = value;
			}
		}
		if (x->at == before)
			cursor_step(x);
	}
	cursor_step(x);
}

static struct text xml_decoded(struct settings *s, struct text t)
{
	static const struct {
		const char *name;
		char c;
	} entities[] = { { "&amp;", '&' }, { "&lt;", '<' }, { "&gt;", '>' }, { "&quot;", '"' }, { "&apos;", '\'' } };
	char *out = t.n && memchr(t.p, '&', t.n) ? arena_alloc(s->arena, t.n, 1) : NULL;
	size_t n = 0;
	if (!out)
		return t;
	for (size_t i = 0; i < t.n;) {
		size_t k = 0, count = sizeof entities / sizeof entities[0];
		while (k < count && !text_starts(text_of(t.p + i, t.n - i), entities[k].name))
			k++;
		out[n++] = k < count ? entities[k].c : t.p[i];
		i += k < count ? strlen(entities[k].name) : 1;
	}
	return text_of(out, n);
}

static struct text attribute(const struct xml_tag *tag, const char *names)
{
	for (unsigned i = 0; i < tag->n; i++)
		if (settings_in_words(names, tag->keys[i], true))
			return tag->values[i];
	return TEXT_NONE;
}

/* The element before, among those of one parent. */
struct sibling {
	struct text name;
	unsigned n;
};

/* The second of several elements of the same name is written "name[2]", as XPath does. */
static void open_element(struct settings *s, struct settings_blocks *b, const struct xml_tag *tag,
						 struct sibling *before)
{
	bool again = before && text_eq(before->name, tag->name);
	if (before)
		*before = (struct sibling){ tag->name, again ? before->n + 1 : 1 };
	struct text which = attribute(tag, "n name instance instanceid no id index num");
	char *name = which.n           ? arena_printf(s->arena, "%.*s %.*s", (int)tag->name.n, tag->name.p,
												  (int)(which.n < 128 ? which.n : 128), which.p)
				 : again && before ? arena_printf(s->arena, "%.*s[%u]", (int)tag->name.n, tag->name.p, before->n)
								   : NULL;
	settings_open(s, b, name ? text_c(name) : tag->name);
}

/* An element that says a setting by its attributes: a name and a value, a value alone, or each of several. */
static void add_attributes(struct settings *s, const struct settings_blocks *b, const struct xml_tag *tag)
{
	struct text name = attribute(tag, "n name"), value = attribute(tag, "v val value");
	if (name.n && value.p) {
		settings_add(s, tag->line, b->path, name, xml_decoded(s, value));
	} else if (value.p && tag->n == 1) {
		settings_add(s, tag->line, b->path, tag->name, xml_decoded(s, value));
	} else {
		struct settings_blocks inner = *b;
		open_element(s, &inner, tag, NULL);
		for (unsigned i = 0; i < tag->n; i++)
			settings_add(s, tag->line, inner.path, tag->keys[i], xml_decoded(s, tag->values[i]));
	}
}

/* <name>text</name> is one setting. False: other elements follow, or nothing. */
static bool add_text(struct settings *s, const struct settings_blocks *b, struct cursor *x, const struct xml_tag *tag)
{
	const char *end = x->at < x->t.n ? memchr(x->t.p + x->at, '<', x->t.n - x->at) : NULL;
	size_t to = end ? (size_t)(end - x->t.p) : x->t.n;
	struct text text = text_of(x->t.p + x->at, to - x->at), close = text_of(x->t.p + to, x->t.n - to);
	bool own = close.n > tag->name.n + 2 && close.p[1] == '/' && memcmp(close.p + 2, tag->name.p, tag->name.n) == 0;
	struct text value = shell_trim(text), name = attribute(tag, "n name");
	if (!own || (tag->n && value.n == 0))
		return false;
	settings_add(s, tag->line, b->path, name.n ? name : tag->name, xml_decoded(s, value));
	while (x->at < to)
		cursor_step(x);
	xml_skip_behind(x, ">");
	return true;
}

static void open_child(struct settings *s, struct settings_blocks *b, const struct xml_tag *tag,
					   struct sibling siblings[SETTINGS_NESTED + 1])
{
	open_element(s, b, tag, &siblings[b->depth]);
	siblings[b->depth] = (struct sibling){ .n = 0 };
}

/* XML that is something else: the bus's policies, fonts, menus, web pages, translations. */
static bool is_other_xml(struct text t)
{
	static const char *const roots[] = {
		"<busconfig",  "<fontconfig", "<html", "<svg",      "<node",     "<interface",
		"<schemalist", "<gconf",      "<mime", "<!DOCTYPE", "<manifest", "<project",
		"<resources",  "<web-app",    "<xs:",  "<scpd",     "<soap",     "<root xmlns"
	};
	struct text head = text_of(t.p, t.n < 1024 ? t.n : 1024);
	for (size_t i = 0; i < sizeof roots / sizeof roots[0]; i++)
		if (head.n && memmem(head.p, head.n, roots[i], strlen(roots[i])))
			return true;
	return false;
}

void settings_read_xml(struct settings *s)
{
	struct cursor x = { .t = s->source, .line = 1 };
	struct settings_blocks b = { .path = TEXT_LIT("") };
	struct sibling siblings[SETTINGS_NESTED + 1] = { { .n = 0 } };
	struct xml_tag tag;
	if (!text_starts(shell_trim(s->source), "<") || is_other_xml(s->source))
		return;
	while (x.at < x.t.n && !s->full) {
		if (cursor_peek(&x) != '<') {
			cursor_step(&x);
			continue;
		}
		xml_read_tag(&x, &tag);
		if (tag.markup || tag.name.n == 0)
			continue;
		if (tag.closes)
			settings_close(s, &b);
		else if (tag.empty && tag.n)
			add_attributes(s, &b, &tag);
		else if (!tag.empty && !add_text(s, &b, &x, &tag))
			open_child(s, &b, &tag, siblings);
	}
}
