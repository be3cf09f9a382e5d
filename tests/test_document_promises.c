/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Documents: whether a sentence makes a promise, or only speaks of it (src/document/assert.c). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "document_read.h"
#include "promise_sentences.h"

/* How often a text says the element; a day counts as what says the end of support, too. */
static size_t said(const char *language, const char *role, const char *name, const char *text, bool *day)
{
	struct read r;
	r.arena = arena_new(0);
	fact_list_init(&r.facts, r.arena);
	struct document_options options = { .name = TEXT_LIT("s.md"), .role = role, .language = language };
	struct error e = document_examine(span_of(text, strlen(text)), &options, &r.facts.sink);
	assert_false(error_is(&e));
	*day = false;
	for (size_t i = 0; i < fact_list_count(&r.facts, FACT_document_date); i++)
		*day |= text_is(((const struct fact_document_date *)fact_list_get(&r.facts, FACT_document_date, i))->meaning,
						"support-end");
	size_t n = count(&r, name, "present", NULL);
	arena_free(r.arena);
	return n;
}

static void test_promises(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < sizeof promises / sizeof promises[0]; i++) {
		const struct sentence *s = &promises[i];
		bool day, wants_day = strcmp(s->element, "support-end") == 0;
		size_t n = said(s->language, s->role, s->element, s->text, &day);
		if (!n || (wants_day && !day))
			fail_msg("\"%s\" does not say %s (day: %d)", s->text, s->element, day);
	}
}

static void test_no_promises(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < sizeof no_promises / sizeof no_promises[0]; i++) {
		const struct sentence *s = &no_promises[i];
		bool day;
		size_t n = said(s->language, s->role, s->element, s->text, &day);
		if (n || day)
			fail_msg("\"%s\" says %s (day: %d)", s->text, s->element, day);
	}
}

/* Whatever is put before, behind or into a promise and is not known makes it none. */
static void test_unknown_governors(void **unused)
{
	(void)unused;
	static const char *const texts[] = {
		"Frobozz that we provide security updates until 31 December 2031.",
		"We frobozz to provide security updates until 31 December 2031.",
		"We frobozz security updates until 31 December 2031.",
		"Frobozzing is what provides security updates until 31 December 2031.",
		"Security updates are frobozzed until 31 December 2031.",
		"Security updates are frobozz to be provided until 31 December 2031.",
		"We provide security updates until 31 December 2031 frobozz.",
		"We provide security updates until 31 December 2031, frobozz.",
		"We provide security updates until 31 December 2031 frobozz it rains.",
		"Frobozz: we provide security updates until 31 December 2031.",
		"Frobozz, we provide security updates until 31 December 2031.",
		"We frobozz provide security updates until 31 December 2031.",
	};
	bool day;
	assert_int_equal(
		said("en", "support-policy", "support-end", "We provide security updates until 31 December 2031.", &day), 1);
	assert_true(day);
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		if (said("en", "support-policy", "support-end", texts[i], &day) || day)
			fail_msg("\"%s\" says it", texts[i]);
}

/* A sentence that goes on beyond the words that are looked at is not known to its end. */
static void test_long_sentence(void **unused)
{
	(void)unused;
	for (size_t words = 10; words < 400; words += 380) {
		char text[4096];
		size_t at = (size_t)snprintf(text, sizeof text, "We provide security updates until 31 December 2031");
		for (size_t i = 0; i < words; i++)
			at += (size_t)snprintf(text + at, sizeof text - at, " and lamps");
		snprintf(text + at, sizeof text - at, words > 10 ? " unless we decide not to." : ".");
		bool day;
		assert_int_equal(said("en", "support-policy", "support-end", text, &day) > 0, words == 10);
	}
}

/* Cut anywhere, a sentence is read without harm; one as long as sentences get takes no time. */
static void test_hostile(void **unused)
{
	(void)unused;
	static const char text[] =
		"After you submit a report, we will confirm that we have received it within 3 business days.";
	char cut[sizeof text];
	bool day;
	for (size_t n = 0; n < sizeof text; n++) {
		snprintf(cut, sizeof cut, "%.*s", (int)n, text);
		said("en", "disclosure-policy", "acknowledge-time", cut, &day);
		for (size_t bit = 0; n && bit < 8; bit++) {
			memcpy(cut, text, sizeof text);
			cut[n - 1] ^= (char)(1u << bit);
			said("en", "disclosure-policy", "acknowledge-time", cut, &day);
		}
	}
	static char big[200 * 1024];
	size_t at = 0;
	while (at + 128 < sizeof big)
		at += (size_t)snprintf(big + at, sizeof big - at, "we provide security updates until we until we until %s",
							   at % 4096 < 64 ? "31 December 2031. " : "we provide the the the ");
	said("en", "support-policy", "support-end", big, &day);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_promises), cmocka_unit_test(test_no_promises),
										cmocka_unit_test(test_unknown_governors), cmocka_unit_test(test_long_sentence),
										cmocka_unit_test(test_hostile) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
