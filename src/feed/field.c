/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "feed/field.h"
#include "feed/lines.h"

#include <stdarg.h>
#include <stdio.h>

#define SUMMARY_MAX 1500u
#define ROWS_MAX 2000000u /* of one record: products times versions must not explode */

bool field_step(struct feed_run *run)
{
	if (++run->rows > ROWS_MAX)
		field_fault(run, NULL, "the record asks for more than %u rows", ROWS_MAX);
	return !error_is(&run->error);
}

void feed_emit(struct feed_run *run, enum feed_row_kind kind, const void *row)
{
	if (field_step(run) && !run->stopped)
		run->stopped = !run->sink->row(run->sink, kind, row);
}

/* The end of a path matters most. */
static const char *shorten(const char *path, size_t max)
{
	size_t n = strlen(path);
	return n > max ? path + (n - max) : path;
}

void field_fault(struct feed_run *run, const struct json_node *node, const char *format, ...)
{
	char words[90], path[480], inner[300];
	va_list args;
	if (error_is(&run->error))
		return;
	va_start(args, format);
	vsnprintf(words, sizeof words, format, args);
	va_end(args);
	inner[0] = inner[1] = '\0';
	if (node)
		json_tree_path(node, inner, sizeof inner);
	snprintf(path, sizeof path, "%s%s", run->prefix[0] ? run->prefix : "$", inner + 1);
	const char *shown = shorten(path, 70);
	run->error = error_at(ERR_CORRUPT, 0, "line %u, column %u: %s%s: %s", node ? node->line : 1,
						  node ? node->column : 1, shown == path ? "" : "...", shown, words);
}

static const char *type_name(enum json_token type)
{
	return type == PULL_TRUE || type == PULL_FALSE ? "true or false" : json_pull_token_name(type);
}

bool field_is(struct feed_run *run, const struct json_node *node, enum json_token type)
{
	if (!node || error_is(&run->error))
		return false;
	if (node->type == type || (type == PULL_TRUE && node->type == PULL_FALSE))
		return true;
	field_fault(run, node, "expected %s, found %s", type_name(type), type_name(node->type));
	return false;
}

const struct json_node *field_may(struct feed_run *run, const struct json_node *object, const char *name,
								  enum json_token type)
{
	if (object && !field_is(run, object, PULL_OBJECT)) /* of a number or a list nothing is a member: something was lost */
		return NULL;
	const struct json_node *m = json_tree_member(object, name);
	if (!m || m->type == PULL_NULL)
		return NULL;
	return field_is(run, m, type) ? m : NULL;
}

const struct json_node *field_need(struct feed_run *run, const struct json_node *object, const char *name,
								   enum json_token type)
{
	if (!field_is(run, object, PULL_OBJECT))
		return NULL;
	const struct json_node *m = json_tree_member(object, name);
	if (!m)
		field_fault(run, object, "there is no member \"%s\"", name);
	return m && field_is(run, m, type) ? m : NULL;
}

struct text field_string(struct feed_run *run, const struct json_node *node)
{
	if (!field_is(run, node, PULL_STRING))
		return TEXT_NONE;
	if (node->text.n && memchr(node->text.p, 0, node->text.n)) {
		field_fault(run, node, "the string has a NUL character");
		return TEXT_NONE;
	}
	return node->text;
}

struct text field_text(struct feed_run *run, const struct json_node *object, const char *name)
{
	const struct json_node *m = field_may(run, object, name, PULL_STRING);
	return m ? field_string(run, m) : TEXT_NONE;
}

struct text field_need_text(struct feed_run *run, const struct json_node *object, const char *name)
{
	const struct json_node *m = field_need(run, object, name, PULL_STRING);
	struct text t = m ? field_string(run, m) : TEXT_NONE;
	if (m && t.p && !t.n)
		field_fault(run, m, "the string is empty");
	return t;
}

struct text field_need_cve(struct feed_run *run, const struct json_node *object, const char *name)
{
	struct text t = field_need_text(run, object, name);
	if (!t.p || feed_is_cve(t))
		return t;
	field_fault(run, json_tree_member(object, name), "expected a CVE id");
	return TEXT_NONE;
}

bool field_bool(struct feed_run *run, const struct json_node *object, const char *name, bool otherwise)
{
	const struct json_node *m = field_may(run, object, name, PULL_TRUE);
	return m ? m->type == PULL_TRUE : otherwise;
}

struct text field_summary(struct text t)
{
	while (t.n && strchr(" \t\r\n", t.p[t.n - 1]))
		t.n--;
	while (t.n && strchr(" \t\r\n", t.p[0])) {
		t.p++;
		t.n--;
	}
	if (t.n > SUMMARY_MAX) {
		t.n = SUMMARY_MAX;
		while (t.n && ((uint8_t)t.p[t.n] & 0xc0) == 0x80)
			t.n--;
	}
	return t;
}

static void no_memory(struct feed_run *run)
{
	if (!error_is(&run->error))
		run->error = error_at(ERR_BUDGET, 0, "%s: the record takes more memory than it may", run->prefix);
}

struct text field_lower(struct feed_run *run, struct text t)
{
	char *p = t.p ? arena_strdup(run->arena, t) : NULL;
	if (!p) {
		if (t.p)
			no_memory(run);
		return TEXT_NONE;
	}
	for (size_t i = 0; i < t.n; i++)
		if (p[i] >= 'A' && p[i] <= 'Z')
			p[i] |= 32;
	return text_of(p, t.n);
}

struct text field_print(struct feed_run *run, const char *format, ...)
{
	char *p = NULL;
	va_list args, again;
	va_start(args, format);
	va_copy(again, args);
	int n = vsnprintf(NULL, 0, format, args);
	p = n < 0 ? NULL : arena_alloc(run->arena, (size_t)n + 1, 1);
	if (p)
		vsnprintf(p, (size_t)n + 1, format, again);
	else
		no_memory(run);
	va_end(again);
	va_end(args);
	return p ? text_of(p, (size_t)n) : TEXT_NONE;
}

struct text field_vulnerability(struct feed_run *run, struct text name)
{
	name = text_trim(name, " ");
	if (name.n < 4 || strncasecmp(name.p, "cve-", 4) != 0 || text_starts(name, "CVE-"))
		return name;
	return field_print(run, "CVE-%.*s", (int)(name.n - 4), name.p + 4);
}
