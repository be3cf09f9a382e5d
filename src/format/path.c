/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "format/path.h"

#include <stdio.h>

#include "fact/fact.h"

static struct text without_root(struct text raw)
{
	for (;;) {
		if (text_starts(raw, "/"))
			raw = text_of(raw.p + 1, raw.n - 1);
		else if (text_starts(raw, "./"))
			raw = text_of(raw.p + 2, raw.n - 2);
		else
			return text_is(raw, ".") ? text_of(raw.p, 0) : raw;
	}
}

struct text path_from_root(struct path_buffer *buffer, struct text raw)
{
	struct text rest = without_root(raw);
	while (rest.n && rest.p[rest.n - 1] == '/')
		rest.n--;
	if (rest.n > FACT_TEXT_MAX - 1)
		rest.n = FACT_TEXT_MAX - 1;

	if (buffer->size < rest.n + 1) {
		size_t size = buffer->size ? buffer->size : 256;
		while (size < rest.n + 1)
			size *= 2;
		char *p = arena_alloc(buffer->arena, size, 1);
		if (!p)
			return TEXT_NONE;
		buffer->p = p;
		buffer->size = size;
	}
	buffer->p[0] = '/';
	if (rest.n)
		memcpy(buffer->p + 1, rest.p, rest.n);
	return text_of(buffer->p, rest.n + 1);
}

struct text path_of_nameless(struct path_buffer *buffer, unsigned number, enum error_code code, uint64_t at, struct sink *sink)
{
	char name[32];
	int n = snprintf(name, sizeof name, "entry-%u", number);
	if (code == ERR_UNSUPPORTED)
		emit_damage_at(sink, code, at, "the name of entry %u cannot be read; it is called %s", number, name);
	else
		emit_damage_at(sink, code, at, "entry %u has no name; it is called %s", number, name);
	return path_from_root(buffer, text_of(name, (size_t)n));
}
