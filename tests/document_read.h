/* SPDX-License-Identifier: GPL-3.0-or-later */
/* For the tests of documents: reads one, keeps its rows, and looks them up. */
#ifndef ASSAY_TESTS_DOCUMENT_READ_H
#define ASSAY_TESTS_DOCUMENT_READ_H

#include "document/document.h"
#include "document/pdf.h"

struct read {
	struct arena *arena;
	struct fact_list facts;
	const char *format;
};

static inline void read_within(struct read *r, const char *name, const char *role, const void *bytes, size_t n,
						const struct document_limits *limits)
{
	struct error e;
	r->arena = arena_new((size_t)512 << 20);
	fact_list_init(&r->facts, r->arena);
	struct document_options options = { .name = text_c(name), .role = role, .format = &r->format, .limits = limits };
	if (document_is_pdf(span_of(bytes, n)))
		options.pdf = pdf_load(&e);
	e = document_examine(span_of(bytes, n), &options, &r->facts.sink);
	assert_false(error_is(&e));
}

static inline void read_bytes(struct read *r, const char *name, const char *role, const void *bytes, size_t n)
{
	read_within(r, name, role, bytes, n, NULL);
}

static inline void read_text(struct read *r, const char *name, const char *role, const char *text)
{
	read_bytes(r, name, role, text, strlen(text));
}

/* How many rows of an element are in that state; about: NULL for any. */
static inline size_t count(const struct read *r, const char *element, const char *state, const char *about)
{
	size_t n = 0;
	for (size_t i = 0; i < fact_list_count(&r->facts, FACT_document_element); i++) {
		const struct fact_document_element *e = fact_list_get(&r->facts, FACT_document_element, i);
		n += (!element || text_is(e->element, element)) && text_is(e->state, state) &&
			 (!about || text_is(e->about, about));
	}
	return n;
}

static inline const struct fact_document_element *element(const struct read *r, const char *name)
{
	for (size_t i = 0; i < fact_list_count(&r->facts, FACT_document_element); i++) {
		const struct fact_document_element *e = fact_list_get(&r->facts, FACT_document_element, i);
		if (text_is(e->element, name) && !text_is(e->state, "absent"))
			return e;
	}
	fail_msg("%s was not found", name);
	return NULL;
}

static inline void assert_text(struct text t, const char *expected)
{
	if (!text_is(t, expected))
		fail_msg("\"%.*s\" is not \"%s\"", (int)t.n, t.p ? t.p : "", expected);
}

#endif
