/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/spdx_expression.h"

#include <strings.h>

#define DEPTH_MAX 32u
#define NAME_MAX_BYTES 128u

static const char *find(const char *const *list, size_t n, struct text name)
{
	size_t from = 0, to = n;
	if (!name.n || name.n > NAME_MAX_BYTES)
		return NULL;
	while (from < to) {
		size_t middle = from + (to - from) / 2;
		int order = strncasecmp(list[middle], name.p, name.n);
		if (order == 0 && list[middle][name.n])
			order = 1;
		if (order == 0)
			return list[middle];
		if (order < 0)
			from = middle + 1;
		else
			to = middle;
	}
	return NULL;
}

const char *spdx_licence(struct text name)
{
	return find(spdx_licences, spdx_licences_count, name);
}

struct parser {
	struct text in;
	size_t at;
};

/* The next bracket or word; empty at the end. */
static struct text next_token(struct parser *p)
{
	while (p->at < p->in.n && p->in.p[p->at] == ' ')
		p->at++;
	size_t from = p->at;
	if (p->at < p->in.n && (p->in.p[p->at] == '(' || p->in.p[p->at] == ')'))
		return text_of(p->in.p + p->at++, 1);
	while (p->at < p->in.n && !strchr(" ()", p->in.p[p->at]))
		p->at++;
	return text_of(p->in.p + from, p->at - from);
}

static bool is_licence(struct text name)
{
	bool later = name.n > 1 && name.p[name.n - 1] == '+';
	return spdx_licence(name) || (later && spdx_licence(text_of(name.p, name.n - 1)));
}

bool spdx_is_expression(struct text expression)
{
	struct parser p = { .in = expression };
	unsigned depth = 0;
	bool had_name = false, had_with = false; /* what stands before the token at hand */
	for (struct text t = next_token(&p); t.n; t = next_token(&p)) {
		if (text_is(t, "(")) {
			if (had_name || ++depth > DEPTH_MAX)
				return false;
		} else if (text_is(t, ")")) {
			if (!had_name || depth-- == 0)
				return false;
			had_with = true; /* no exception behind a bracket */
		} else if (text_is(t, "AND") || text_is(t, "OR")) {
			if (!had_name)
				return false;
			had_name = had_with = false;
		} else if (text_is(t, "WITH")) {
			if (!had_name || had_with || !find(spdx_exceptions, spdx_exceptions_count, next_token(&p)))
				return false;
			had_with = true;
		} else if (had_name || !is_licence(t)) {
			return false;
		} else {
			had_name = true;
		}
	}
	return had_name && depth == 0;
}
