/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Servers of the time in vendors' XML: elements whose own name, or that of the element around them, speaks of NTP. */
#include "inspect/clock.h"
#include "inspect/endpoints.h"
#include "inspect/shell.h"

static bool contains_nocase(struct text t, const char *word)
{
	size_t n = strlen(word);
	for (size_t i = 0; i + n <= t.n; i++) {
		size_t k = 0;
		while (k < n && (t.p[i + k] | 0x20) == word[k])
			k++;
		if (k == n)
			return true;
	}
	return false;
}

static struct text up_to(struct text t, const char *ends)
{
	size_t n = 0;
	while (n < t.n && !(t.p[n] && strchr(ends, t.p[n])))
		n++;
	return text_of(t.p, n);
}

static struct text behind(struct text t, size_t n)
{
	return n < t.n ? text_of(t.p + n, t.n - n) : TEXT_NONE;
}

/* The next attribute of a tag, its value with quotes or without; false behind the last. */
static bool next_attribute(struct text *tag, struct text *name, struct text *value)
{
	while (tag->n && (tag->p[0] <= ' ' || tag->p[0] == '/'))
		*tag = behind(*tag, 1);
	if (!tag->n)
		return false;
	*name = up_to(*tag, "= /\t\r\n");
	*tag = behind(*tag, name->n);
	*value = TEXT_NONE;
	if (!text_starts(*tag, "="))
		return name->n > 0;
	*tag = behind(*tag, 1);
	bool quoted = text_starts(*tag, "\"") || text_starts(*tag, "'");
	const char quote[2] = { quoted ? tag->p[0] : '\0', '\0' };
	*value = quoted ? up_to(behind(*tag, 1), quote) : up_to(*tag, " /\t\r\n");
	*tag = behind(*tag, value->n + 2 * quoted);
	return true;
}

static void emit_server(struct clock_run *run, int64_t line, struct text value, struct text name)
{
	value = shell_trim(value);
	if (endpoint_is_name(value) || endpoint_ip4_scope(value) != SCOPE_NONE)
		clock_emit(run, line, "ntp-server", value, TEXT_NONE, name);
}

/* A value of an element that speaks of NTP or is named so, and attributes that do it themselves. */
static void read_attributes(struct clock_run *run, int64_t line, struct text tag, struct text element, bool speaks)
{
	struct text name, value, called = element;
	while (next_attribute(&tag, &name, &value)) {
		if (text_is(name, "name") || text_is(name, "Name"))
			called = value;
		else if (text_is(name, "val") || text_is(name, "value") || text_is(name, "Value"))
			emit_server(run, line, speaks || contains_nocase(called, "ntp") ? value : TEXT_NONE, called);
		else if (contains_nocase(name, "ntp"))
			emit_server(run, line, value, name);
	}
}

void clock_read_markup(struct clock_run *run, struct text text)
{
	struct text around = TEXT_NONE; /* the open element that speaks of NTP */
	int64_t line = 1;
	for (size_t i = 0; i < text.n;) {
		struct text rest = behind(text, i);
		size_t n = 1;
		if (text_starts(rest, "<!--")) {
			const char *end = memmem(rest.p, rest.n, "-->", 3);
			n = end ? (size_t)(end - rest.p) + 3 : rest.n;
		} else if (rest.p[0] == '<') {
			struct text tag = up_to(behind(rest, 1), "<>");
			struct text name = up_to(tag, " \t\r\n/>"), inner = up_to(behind(rest, tag.n + 2), "<");
			bool own = contains_nocase(name, "ntp");
			bool server = contains_nocase(name, "server") || contains_nocase(name, "host");
			bool speaks = own || (around.n && server);
			read_attributes(run, line, behind(tag, name.n), name, speaks);
			if (speaks)
				emit_server(run, line, inner, name);
			if (own && shell_trim(inner).n == 0 && !text_ends(tag, "/"))
				around = name;
			else if (around.n && text_starts(tag, "/") && text_eq(text_of(tag.p + 1, tag.n - 1), around))
				around = TEXT_NONE;
			n = 1 + tag.n;
		}
		for (size_t k = 0; k < n && k < rest.n; k++)
			line += rest.p[k] == '\n';
		i += n;
	}
}
