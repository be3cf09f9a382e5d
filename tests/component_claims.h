/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the inspector of components says of some bytes, in a line. */
#ifndef ASSAY_TESTS_COMPONENT_CLAIMS_H
#define ASSAY_TESTS_COMPONENT_CLAIMS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "inspect/components.h"

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

extern const struct inspector components_inspector;

struct claims {
	struct arena *scratch, *kept;
	struct fact_list facts;
};

/* The bytes with only the note's pattern looked for: what names itself needs none. */
static inline void inspect(struct claims *t, const char *path, const char *format, struct span bytes)
{
	struct hit hits[8];
	size_t n = 0;
	for (size_t i = 0; i + 4 <= bytes.n && n < COUNT(hits); i++)
		if (memcmp(bytes.p + i, "FDO", 4) == 0)
			hits[n++] = (struct hit){ COMPONENT_NOTE_PATTERN, i, i + 4 };
	t->scratch = arena_new(0);
	t->kept = arena_new(0);
	fact_list_init(&t->facts, t->kept);
	struct subject s = { .bytes = bytes,
						 .path = text_c(path),
						 .kind = ENTRY_FILE,
						 .format = format,
						 .hits = hits,
						 .nhits = n,
						 .arena = t->scratch };
	if (components_inspector.wants(&s))
		components_inspector.run(&s, &t->facts.sink);
}

static inline void claims_free(struct claims *t)
{
	arena_free(t->scratch);
	arena_free(t->kept);
}

/* "dnsmasq 2.80 proven, ..." */
static inline void describe(const struct claims *t, char *out, size_t size)
{
	*out = 0;
	for (size_t i = 0; i < fact_list_count(&t->facts, FACT_component); i++) {
		const struct fact_component *c = fact_list_get(&t->facts, FACT_component, i);
		size_t n = strlen(out);
		snprintf(out + n, size - n, "%s%.*s %.*s %.*s", n ? ", " : "", (int)c->name.n, c->name.p, (int)c->version.n,
				 c->version.n ? c->version.p : "", (int)c->confidence.n, c->confidence.p);
	}
}

struct line_case {
	const char *path, *bytes;
	size_t n;
	const char *expected;
};
#define LINE(path, bytes, expected)                                                                                    \
	{                                                                                                                  \
		path, bytes, sizeof(bytes) - 1, expected                                                                       \
	}

static inline void check_lines(const struct line_case *cases, size_t n)
{
	size_t wrong = 0;
	for (size_t i = 0; i < n; i++) {
		const struct line_case *c = &cases[i];
		struct claims t;
		char got[512];
		inspect(&t, c->path, "data", span_of(c->bytes, c->n));
		describe(&t, got, sizeof got);
		if (strcmp(got, c->expected) != 0) {
			print_error("%s: \"%s\": %s instead of %s\n", c->path, c->bytes + 1, got, c->expected);
			wrong++;
		}
		claims_free(&t);
	}
	assert_int_equal(wrong, 0);
}

#endif
