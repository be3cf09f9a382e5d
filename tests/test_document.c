/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Documents: what each format shows, dates, contacts, language, absence; and hostile bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "document_read.h"

static const struct fact_document *document_of(const struct read *r)
{
	const struct fact_document *d = fact_list_get(&r->facts, FACT_document, 0);
	assert_non_null(d);
	return d;
}

static const char notice[] =
	"# Privacy notice\n\nLast updated: 1 March 2026\n\n## What we collect\n\nWe collect the following:\n\n- your e-mail address\n"
	"- video when\n  motion is detected\n\nWe do not collect your location. We never sell your data.\n\n## Retention\n\n"
	"| Data | Purpose | Retention |\n| --- | --- | --- |\n| Video | to show who rings | two weeks |\n\n"
	"Write to [us](mailto:privacy@acme-lamps.net) about the data that we have of you.\n";

static void test_markdown(void **unused)
{
	(void)unused;
	struct read r;
	read_text(&r, "n.md", "privacy-notice", notice);
	assert_string_equal(r.format, "markdown");
	assert_text(document_of(&r)->title, "Privacy notice");
	assert_text(document_of(&r)->language, "en");
	assert_int_equal(fact_list_count(&r.facts, FACT_document_section), 3);
	assert_int_equal(count(&r, "data-collected", "present", "e-mail"), 1);
	assert_int_equal(count(&r, "data-collected", "present", "video"), 1);
	assert_int_equal(count(&r, "data-collected", "denied", "location"), 1);
	assert_int_equal(count(&r, "data-collected", "present", "location"), 0);
	assert_int_equal(count(&r, "sale", "denied", NULL), 1);
	assert_text(element(&r, "retention")->value, "14 days"); /* a cell, by the head of its column */
	assert_text(element(&r, "contact-privacy")->value, "privacy@acme-lamps.net");
	const struct fact_document_element *e = element(&r, "sale");
	assert_int_equal(e->line, 13);
	assert_text(e->section, "What we collect");
	assert_text(e->sentence, "We never sell your data.");
	assert_true(count(&r, "transfer-abroad", "absent", NULL) == 1);
	assert_int_equal(count(&r, "retention", "absent", NULL), 0);
	arena_free(r.arena);
}

/* Where lists and headings say no. */
static void test_denied(void **unused)
{
	(void)unused;
	struct read r;
	read_text(
		&r, "n.md", "privacy-notice",
		"# Privacy\n\nThe app does not collect, transmit, or store any personal data of you on our servers.\n\n## What we do NOT collect\n\n"
		"- your location\n- audio recordings\n\n## What we do\n\nWe never:\n\n- sell your data\n\n\xE2\x9D\x8C Share your data with partners\n");
	assert_int_equal(count(&r, "data-collected", "present", NULL), 0);
	assert_int_equal(count(&r, "data-collected", "denied", "location"), 1);
	assert_int_equal(count(&r, "data-collected", "denied", "audio"), 1);
	assert_int_equal(count(&r, "storage-place", "present", NULL), 0);
	assert_int_equal(count(&r, "sale", "present", NULL), 0);
	assert_int_equal(count(&r, "sale", "denied", NULL), 1);
	assert_int_equal(count(&r, "sharing", "present", NULL), 0);
	assert_int_equal(count(&r, "sharing", "denied", NULL), 1);
	arena_free(r.arena);
}

/* The same words of a document of which nothing is asked. */
static void test_roles(void **unused)
{
	(void)unused;
	struct read r;
	read_text(&r, "n.md", "other", notice);
	assert_int_equal(count(&r, NULL, "absent", NULL), 0);
	assert_true(count(&r, "data-collected", "present", NULL) > 0);
	arena_free(r.arena);
	assert_true(document_is_role(TEXT_LIT("pia")));
	assert_false(document_is_role(TEXT_LIT("privacy")));
}

static void test_html(void **unused)
{
	(void)unused;
	struct read r;
	read_text(
		&r, "n.html", "privacy-notice",
		"<!doctype html><html><head><title>Notice &amp; more</title><meta name=description content='We sell your data to partners.'>"
		"<style>p::after{content:'We sell your data.'}</style></head><body><!-- We sell your data. -->\n"
		"<script>var s = 'We sell your data to advertisers.';</script><noscript>We sell your data.</noscript>\n"
		"<div style='color:red; DISPLAY : none'>We sell your data.</div><p hidden>We sell your data.</p>\n"
		"<span aria-hidden=true>We sell your data.</span>\n"
		"<p>We keep your <b>per</b>sonal data for\n<i>30&nbsp;days</i>.</p>"
		"<ul><li><p>This is the list of what we do with it.</p></ul></body></html>");
	assert_string_equal(r.format, "html");
	assert_text(document_of(&r)->title, "Notice & more");
	assert_int_equal(count(&r, "sale", "present", NULL), 0);
	assert_text(element(&r, "retention")->sentence, "We keep your personal data for 30 days.");
	assert_text(element(&r, "retention")->value, "30 days");
	assert_int_equal(element(&r, "retention")->line, 5);
	arena_free(r.arena);
}

static void test_plain(void **unused)
{
	(void)unused;
	struct read r;
	read_text(
		&r, "n.txt", "disclosure-policy",
		"SECURITY POLICY\n\nReporting\n=========\n\nPlease report vulnerabilities to security@acme-lamps.net. We\nacknowledge each report "
		"within 2 working days.\n\n1. Scope\n\nThis policy applies to all products of ACME, e.g. the camera.\n");
	assert_string_equal(r.format, "text");
	assert_int_equal(fact_list_count(&r.facts, FACT_document_section), 3);
	assert_text(element(&r, "acknowledge-time")->value, "2 days");
	assert_int_equal(element(&r, "acknowledge-time")->line, 6);
	assert_text(element(&r, "scope")->sentence, "This policy applies to all products of ACME, e.g. the camera.");
	assert_int_equal(count(&r, "safe-harbour", "absent", NULL), 1);
	const struct fact_document_contact *c = fact_list_get(&r.facts, FACT_document_contact, 0);
	assert_text(c->kind, "email");
	assert_text(c->purpose, "security");
	arena_free(r.arena);
}

static void test_encodings(void **unused)
{
	(void)unused;
	struct read r;
	read_bytes(&r, "n.txt", "other", "\xFF\xFEW\0e\0 \0s\0e\0l\0l\0", 16);
	assert_int_equal(document_of(&r)->words, 2);
	arena_free(r.arena);
	read_bytes(&r, "n.txt", "other", "caf\xE9 \x93ok\x94", 9);
	assert_int_equal(document_of(&r)->words, 2);
	arena_free(r.arena);
	read_bytes(&r, "n.txt", "other", "a\0b", 3); /* neither text nor anything else */
	assert_int_equal(fact_list_count(&r.facts, FACT_document), 0);
	assert_int_equal(fact_list_count(&r.facts, FACT_damage), 1);
	arena_free(r.arena);
}

static void test_dates(void **unused)
{
	(void)unused;
	static const struct {
		const char *text, *date, *meaning;
	} rows[] = {
		{ "Last updated: 1 March 2026.", "2026-03-01", "updated" },
		{ "Last updated on March 1st, 2026.", "2026-03-01", "updated" },
		{ "This is in force from 2026-03-01.", "2026-03-01", "effective" },
		{ "Security updates until 31.12.2030.", "2030-12-31", "support-end" },
		{ "Published 25/03/2026 by us.", "2026-03-25", "published" },
		{ "Published 03/25/2026 by us.", "2026-03-25", "published" },
		{ "Published 01/03/2026 by us.", "2026", "published" }, /* January or March */
		{ "Valid until Dec 2027.", "2027-12", "expires" },
		{ "It is supported until 2028.", "2028", "support-end" },
		{ "The test was performed on 12. Mai 2026.", "2026-05-12", "test" },
		{ "Version 2026.1.2 of 192.168.1.1 and 30.02.2026.", NULL, NULL },
		{ "Call 2026 times.", NULL, NULL },
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct read r;
		char text[256];
		snprintf(text, sizeof text, "We have this to say of the product that you own and use.\n\n%s\n", rows[i].text);
		read_text(&r, "d.txt", "other", text);
		const struct fact_document_date *d = fact_list_get(&r.facts, FACT_document_date, 0);
		if (!rows[i].date != !d)
			fail_msg("%s: %s", rows[i].text, d ? "a date was found" : "no date was found");
		if (d) {
			assert_text(d->date, rows[i].date);
			assert_text(d->meaning, rows[i].meaning);
		}
		arena_free(r.arena);
	}
}

/* Reading levels against values that were computed by hand from counts of words, sentences and syllables. */
static void test_level(void **unused)
{
	(void)unused;
	struct read r;
	char text[4096] = "";
	for (unsigned i = 0; i < 20; i++) /* 6 words, 6 syllables */
		strcat(text, "The cat is on the mat. ");
	read_text(&r, "l.txt", "other", text);
	assert_text(document_of(&r)->formula, "Flesch-Kincaid grade");
	assert_int_equal(document_of(&r)->reading_millis, -1450); /* 0.39 * 6 + 11.8 * 1 - 15.59 */
	arena_free(r.arena);
	text[0] = '\0';
	for (unsigned i = 0; i < 20; i++) /* 6 words, 8 syllables */
		strcat(text, "Die Katze ist auf der Matte. ");
	read_text(&r, "l.txt", "other", text);
	assert_text(document_of(&r)->language, "de");
	assert_text(document_of(&r)->formula, "Flesch reading ease (Amstad)");
	assert_int_equal(document_of(&r)->reading_millis, 96000); /* 180 - 6 - 58.5 * 8 / 6 */
	arena_free(r.arena);
	read_text(&r, "l.txt", "other", "Too short to tell anything.");
	assert_null(document_of(&r)->formula.p);
	arena_free(r.arena);
}

/* A language without a lexicon: nothing is said of it, and that it was not looked at is a row of damage. */
static void test_language(void **unused)
{
	(void)unused;
	struct read r;
	read_text(
		&r, "n.txt", "privacy-notice",
		"Vi sparar inte dina uppgifter. Det är viktigt för oss att du kan lita på den information som vi har om dig och att den inte säljs.");
	assert_text(document_of(&r)->language, "sv");
	assert_int_equal(fact_list_count(&r.facts, FACT_document_element), 0);
	assert_int_equal(fact_list_count(&r.facts, FACT_damage), 1);
	arena_free(r.arena);
	read_text(&r, "n.txt", "privacy-notice", "qwertz asdf yxcv uiop hjkl");
	assert_null(document_of(&r)->language.p);
	assert_int_equal(fact_list_count(&r.facts, FACT_document_element), 0);
	arena_free(r.arena);
}

static size_t print_pdf(char *out, size_t room, const char *content, bool image)
{
	int n = snprintf(
		out, room,
		"%%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
		"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>%s>>>>endobj\n"
		"4 0 obj<</Length %zu>>stream\n%s\nendstream endobj\n5 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj\n"
		"6 0 obj<</Type/XObject/Subtype/Image/Width 1/Height 1/ColorSpace/DeviceGray/BitsPerComponent 8/Length 1>>stream\n0\nendstream endobj\n"
		"trailer<</Root 1 0 R/Size 7>>\n",
		image ? "/XObject<</X 6 0 R>>" : "", strlen(content), content);
	return (size_t)n;
}

static void test_pdf(void **unused)
{
	(void)unused;
	struct error e;
	char bytes[4096];
	struct read r;
	if (!pdf_load(&e)) {
		print_message("skipped: %s\n", e.text);
		skip();
	}
	size_t n = print_pdf(
		bytes, sizeof bytes,
		"BT /F 20 Tf 72 720 Td (Privacy notice) Tj /F 10 Tf 0 -40 Td (We keep your personal data for thirty) Tj "
		"0 -12 Td (days and not longer.) Tj ET",
		false);
	read_bytes(&r, "n.pdf", "privacy-notice", bytes, n);
	assert_string_equal(r.format, "pdf");
	assert_int_equal(document_of(&r)->pages, 1);
	assert_int_equal(document_of(&r)->has_text, 1);
	assert_text(element(&r, "retention")->sentence, "We keep your personal data for thirty days and not longer.");
	assert_int_equal(element(&r, "retention")->page, 1);
	assert_text(element(&r, "retention")->section, "Privacy notice");
	assert_true(count(&r, NULL, "absent", NULL) > 0);
	arena_free(r.arena);
	/* lines of label and value, in the letters of the text */
	n = print_pdf(bytes, sizeof bytes,
				  "BT /F 10 Tf 72 720 Td (We tested the device that the maker sent us, with all that was in its box, from May on.) Tj "
				  "0 -40 Td (Northwater Labs) Tj 0 -12 Td (Date of the test: 2026-09-27) Tj 0 -12 Td (Method: grey box) Tj ET",
				  false);
	read_bytes(&r, "t.pdf", "test-report", bytes, n);
	const struct fact_document_date *date = fact_list_get(&r.facts, FACT_document_date, 0);
	assert_non_null(date);
	assert_text(date->meaning, "test");
	assert_text(date->sentence, "Date of the test: 2026-09-27");
	arena_free(r.arena);
	/* an address that goes over the end of a line, and an item without its mark below a heading that says no */
	n = print_pdf(bytes, sizeof bytes,
				  "BT /F 20 Tf 72 720 Td (What we do not promise) Tj /F 10 Tf 0 -40 Td (Security updates until 31 December 2031) Tj "
				  "0 -12 Td (We tell you more of this product and of all others if you write to support@acme-) Tj "
				  "0 -12 Td (lamps.net.) Tj ET",
				  false);
	read_bytes(&r, "s.pdf", "support-policy", bytes, n);
	date = fact_list_get(&r.facts, FACT_document_date, 0);
	assert_non_null(date);
	assert_int_equal(date->meaning.n, 0);
	assert_int_equal(count(&r, "support-end", "present", NULL), 0);
	const struct fact_document_contact *contact = fact_list_get(&r.facts, FACT_document_contact, 0);
	assert_non_null(contact);
	assert_text(contact->value, "support@acme-lamps.net");
	arena_free(r.arena);
	/* scanned: a picture and no letters */
	n = print_pdf(bytes, sizeof bytes, "q 600 0 0 700 0 0 cm /X Do Q", true);
	read_bytes(&r, "n.pdf", "privacy-notice", bytes, n);
	assert_int_equal(document_of(&r)->has_text, 0);
	assert_int_equal(fact_list_count(&r.facts, FACT_document_element), 0);
	assert_true(fact_list_count(&r.facts, FACT_damage) > 0);
	arena_free(r.arena);
}

/* Whatever is cut off or turned over: no crash, and each quote is a part of the text. */
static void test_damaged(void **unused)
{
	(void)unused;
	static const char *const names[] = { "n.md", "n.html", "n.txt" };
	char copy[sizeof notice];
	for (size_t k = 0; k < 3; k++) {
		for (size_t n = 0; n < sizeof notice; n += 7) {
			struct read r;
			read_bytes(&r, names[k], "privacy-notice", notice, n);
			arena_free(r.arena);
		}
		for (size_t bit = 0; bit < sizeof notice * 8; bit += 61) {
			struct read r;
			memcpy(copy, notice, sizeof copy);
			copy[bit / 8] ^= (char)(1 << (bit % 8));
			read_bytes(&r, names[k], "privacy-notice", copy, sizeof copy - 1);
			arena_free(r.arena);
		}
	}
}

static void repeat(struct read *r, const char *name, const char *piece, size_t times)
{
	size_t n = strlen(piece);
	char *p = malloc(n * times);
	assert_non_null(p);
	for (size_t i = 0; i < times; i++)
		memcpy(p + i * n, piece, n);
	read_bytes(r, name, "privacy-notice", p, n * times);
	free(p);
}

/* What is too deep or too much is said to be, and then nothing is absent. */
static void test_limits(void **unused)
{
	(void)unused;
	static const struct {
		const char *name, *piece;
		size_t times;
	} rows[] = {
		{ "n.html", "<div>", 100000 },
		{ "n.md", "> ", 100000 },
		{ "n.txt", "we collect all of the data that is in the device ", 250000 },
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct read r;
		repeat(&r, rows[i].name, rows[i].piece, rows[i].times);
		const struct fact_damage *d = fact_list_get(&r.facts, FACT_damage, 0);
		assert_non_null(d);
		assert_text(d->kind, "budget");
		assert_int_equal(count(&r, NULL, "absent", NULL), 0);
		arena_free(r.arena);
	}
}

/* What was found before a limit is kept, and nothing is said to be absent. */
static void check_kept(const struct document_limits *limits, const char *damage, size_t emails)
{
	char text[4096] = "";
	struct read r;
	for (size_t i = 0; i < 20; i++)
		strcat(text, "We collect your e-mail address. You may ask us to delete your data.\n\n");
	read_within(&r, "n.md", "privacy-notice", text, strlen(text), limits);
	const struct fact_damage *d = fact_list_get(&r.facts, FACT_damage, 0);
	assert_non_null(d);
	if (!memmem(d->what.p, d->what.n, damage, strlen(damage)))
		fail_msg("\"%.*s\" is not about \"%s\"", (int)d->what.n, d->what.p, damage);
	assert_true(document_of(&r)->words > 0);
	size_t found = count(&r, "data-collected", "present", "e-mail");
	assert_true(emails ? found >= emails && found < 20 : found == 0);
	assert_int_equal(count(&r, NULL, "absent", NULL), 0);
	arena_free(r.arena);
}

static void test_kept(void **unused)
{
	(void)unused;
	struct document_limits text = document_limits_default, words = text, bytes = text, time = text;
	text.text = 500;
	check_kept(&text, "more than 500 bytes of text", 3);
	words.words = 100;
	check_kept(&words, "more than 100 words", 3);
	bytes.bytes = 700;
	check_kept(&bytes, "more than 700 bytes", 3);
	time.seconds = 0;
	check_kept(&time, "no time is left: of 40 sentences the first 0 were searched", 0);
}

/* cmark ends the process when it gets no memory. */
static void test_marks(void **unused)
{
	(void)unused;
	static const char *const marks[] = { "[", "*", "![", "a\n", "<a>", "&#1", "`a`" };
	size_t n = 4u << 20;
	char *text = malloc(n);
	assert_non_null(text);
	for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++) {
		struct read r;
		for (size_t k = 0; k < n; k++)
			text[k] = marks[i][k % strlen(marks[i])];
		read_bytes(&r, "n.md", "privacy-notice", text, n);
		const struct fact_damage *d = fact_list_get(&r.facts, FACT_damage, 0);
		assert_non_null(d);
		assert_text(d->what, "more than 1000000 lines and marks of Markdown: it is not read");
		arena_free(r.arena);
	}
	free(text);
}

/* Each sentence and each row of marks is walked once: in the square of its size this would take hours. */
static void test_rows_of_marks(void **unused)
{
	(void)unused;
	static const char *const rows[] = { ".", "&", "?)", "1,", "(", "a. ", "a@", "www.,", "+1 " };
	size_t n = 1u << 20;
	char *text = malloc(n);
	assert_non_null(text);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct read r;
		for (size_t k = 0; k < n; k++)
			text[k] = rows[i][k % strlen(rows[i])];
		memcpy(text, "We sell it ", 11);
		read_bytes(&r, "n.txt", "privacy-notice", text, n);
		assert_true(document_of(&r)->words > 0);
		arena_free(r.arena);
	}
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_markdown), cmocka_unit_test(test_denied),  cmocka_unit_test(test_roles),
		cmocka_unit_test(test_html),     cmocka_unit_test(test_plain),   cmocka_unit_test(test_encodings),
		cmocka_unit_test(test_dates),    cmocka_unit_test(test_level),   cmocka_unit_test(test_language),
		cmocka_unit_test(test_pdf),      cmocka_unit_test(test_damaged), cmocka_unit_test(test_limits),
		cmocka_unit_test(test_kept),     cmocka_unit_test(test_marks),   cmocka_unit_test(test_rows_of_marks),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
