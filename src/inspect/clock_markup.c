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

/* The attribute "val" or "value", with quotes or without. */
static struct text attribute_value(struct text tag)
{
	const char *at = tag.n ? memmem(tag.p, tag.n, " val", 4) : NULL;
	struct text rest = at ? behind(tag, (size_t)(at - tag.p) + 4) : TEXT_NONE;
	if (text_starts(rest, "ue"))
		rest = behind(rest, 2);
	if (!text_starts(rest, "="))
		return TEXT_NONE;
	rest = behind(rest, 1);
	bool quoted = text_starts(rest, "\"") || text_starts(rest, "'");
	return quoted ? up_to(behind(rest, 1), "\"'") : up_to(rest, " /\t\r\n");
}

static void emit_server(struct clock_run *run, int64_t line, struct text value, struct text name)
{
	value = shell_trim(value);
	if (endpoint_is_name(value) || endpoint_ip4_scope(value) != SCOPE_NONE)
		clock_emit(run, line, "ntp-server", value, TEXT_NONE, name);
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
			if (own || (around.n && server)) {
				emit_server(run, line, attribute_value(tag), name);
				emit_server(run, line, inner, name);
			}
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
