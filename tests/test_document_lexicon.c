/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every element of every lexicon with its examples and near misses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "document/document.h"
#include "document_examples.h"

/* The state that the document gives the element, "": none. Where it is said twice, present goes before denied. */
static const char *state_of(const struct document_example *x)
{
	char text[2048];
	snprintf(text, sizeof text, "%s%s%s%s\n", x->section[0] ? "# " : "", x->section, x->section[0] ? "\n\n" : "", x->sentence);
	struct arena *arena = arena_new(0);
	struct fact_list facts;
	fact_list_init(&facts, arena);
	struct document_options options = { .name = TEXT_LIT("x.md"), .role = x->role, .language = x->language };
	struct error e = document_examine(span_of(text, strlen(text)), &options, &facts.sink);
	assert_false(error_is(&e));
	const char *state = "";
	for (size_t i = 0; i < fact_list_count(&facts, FACT_document_element); i++) {
		const struct fact_document_element *f = fact_list_get(&facts, FACT_document_element, i);
		if (!text_is(f->element, x->element) || text_is(f->state, "absent"))
			continue;
		if (text_is(f->state, "present") || !state[0])
			state = text_is(f->state, "present") ? "present" : "denied";
	}
	arena_free(arena);
	return state;
}

static void test_examples(void **unused)
{
	(void)unused;
	size_t wrong = 0, n = 0;
	for (const struct document_example *x = document_examples; x->language; x++, n++) {
		const char *state = state_of(x);
		if (strcmp(state, x->state) == 0)
			continue;
		print_error("data/documents/%s.yaml:%d: %s: \"%s\" is %s, not %s\n", x->language, x->line, x->element, x->sentence,
		            state[0] ? state : "nothing", x->state[0] ? x->state : "nothing");
		wrong++;
	}
	assert_true(n > 500);
	assert_int_equal(wrong, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_examples) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
