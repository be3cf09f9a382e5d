/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Documents: which sentences state something, and where lines of a list of labels part. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "document_read.h"

/* Sentences that state nothing give no row, and what they are about is not absent either. */
static void test_unsaid(void **unused)
{
	(void)unused;
	static const struct {
		const char *role, *text, *element;
	} rows[] = {
		{ "privacy-notice", "We keep your personal data for [insert number] 30 days.", "retention" },
		{ "privacy-notice", "We keep your personal data for XX days, or 30 days.", "retention" },
		{ "privacy-notice", "&lt;company&gt; sells your personal data to partners.", "sale" },
		{ "privacy-notice", "{{company}} sells your personal data to partners.", "sale" },
		{ "privacy-notice", "We sell your data. Lorem ipsum dolor we sell your data.", NULL },
		{ "privacy-notice", "If we ever sell your data, you will know.", "sale" },
		{ "privacy-notice", "Do we sell your data?", "sale" },
		{ "privacy-notice", "## We sell your data", "sale" },
		{ "privacy-notice", "- [We sell your data](#sale)", "sale" },
		{ "privacy-notice", "We sell your data . . . . . . . . 12", "sale" },
		{ "privacy-notice", "    We sell your data ............ 12", "sale" },
		{ "privacy-notice", "Questions about privacy go to privacy@example.com.", "contact-privacy" },
		{ "disclosure-policy", "Use this section to tell people which versions get security updates.", "update-policy" },
		{ "disclosure-policy", "Example: we answer each report within two days. Fixes come within 90 days.", "fix-time" },
		{ "disclosure-policy", "We answer each report in two days (TBD).", "acknowledge-time" },
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct read r;
		char text[512];
		snprintf(text, sizeof text, "This is what we have to say of the product that you own.\n\n%s\n", rows[i].text);
		read_text(&r, "n.md", rows[i].role, text);
		const char *element = rows[i].element ? rows[i].element : "sale";
		size_t n = count(&r, element, "present", NULL) + count(&r, element, "denied", NULL);
		if (n != (rows[i].element ? 0 : 1) || count(&r, element, "absent", NULL))
			fail_msg("%s: %zu rows of %s", rows[i].text, n, element);
		assert_int_equal(fact_list_count(&r.facts, FACT_document_contact), 0);
		arena_free(r.arena);
	}
}

/* Lines of label and value are sentences of their own; what contradicts itself is told both ways. */
static void test_labels(void **unused)
{
	(void)unused;
	static const char report[] = "Northwater Labs\nDate of the test: 2026-09-27\nScope: the firmware 1.4 and its web interface, as it "
								 "was delivered to us by\nthe maker of the device\nMethod: grey box\n";
	struct read r;
	read_text(&r, "t.txt", "test-report", report);
	const struct fact_document_date *d = fact_list_get(&r.facts, FACT_document_date, 0);
	assert_non_null(d);
	assert_text(d->meaning, "test");
	assert_text(d->sentence, "Date of the test: 2026-09-27");
	assert_text(element(&r, "test-scope")->sentence,
				"Scope: the firmware 1.4 and its web interface, as it was delivered to us by the maker of the device");
	arena_free(r.arena);
	read_text(&r, "n.md", "privacy-notice", "We sell your data to advertisers.\n\nWe do not sell your data.\n");
	assert_int_equal(count(&r, "sale", "present", NULL), 1);
	assert_int_equal(count(&r, "sale", "denied", NULL), 1);
	arena_free(r.arena);
}

/* What a heading denies, what a denial is limited to, and what only says where something can be read. */
static void test_denials(void **unused)
{
	(void)unused;
	static const struct {
		const char *text, *element, *state; /* "": no row, not even of its absence */
	} rows[] = {
		{ "## Do Not Track\n\n- You can opt out of analytics.", "opt-out", "present" },
		{ "## What we do not collect\n\n- Your location", "data-collected", "denied" },
		{ "## What we do not do\n\n- We share your location with partners.", "sharing", "present" },
		{ "## What we do not collect\n\nWe leave your location alone.", "data-collected", "" },
		{ "We never collect audio without your consent.", "data-collected", "" },
		{ "We never collect audio.", "data-collected", "denied" },
		{ "We do not share your data with third parties, except with our hosting provider.", "sharing", "present" },
		{ "We do not share your data with third parties, except where the law asks for it.", "sharing", "denied" },
		{ "You cannot opt out of service messages.", "opt-out", "" },
		{ "You cannot opt out of analytics.", "opt-out", "denied" },
		{ "See our site for the data that we collect: <https://acme-lamps.net/data>.", "data-collected", "" },
		{ "This notice describes how we collect and use your data.", "data-collected", "" },
		{ "Questions on privacy go to sales@acme-lamps.net.", "contact-privacy", "" },
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct read r;
		char text[512];
		snprintf(text, sizeof text, "This is what we have to say of the product that you own.\n\n%s\n", rows[i].text);
		read_text(&r, "n.md", "privacy-notice", text);
		size_t said = count(&r, rows[i].element, "present", NULL) + count(&r, rows[i].element, "denied", NULL);
		size_t as_told = rows[i].state[0] ? count(&r, rows[i].element, rows[i].state, NULL) : 0;
		if (said != as_told || (rows[i].state[0] && !said) || count(&r, rows[i].element, "absent", NULL))
			fail_msg("%s: %zu rows of %s, %zu of them %s", rows[i].text, said, rows[i].element, as_told, rows[i].state);
		arena_free(r.arena);
	}
}

/* Of a document in other words than the lexicon's nothing is said to be absent. */
static void test_other_words(void **unused)
{
	(void)unused;
	static const char poem[] = "The camera films while it is armed, and its clips travel to your page. You look at them there, and nobody "
							   "else does. A clip goes away by itself after some time, and so it was with us from the start. Do you want "
							   "something put right, taken along or thrown away? It is all on that page, and the switch for the clips "
							   "is there, too. Would you rather talk to somebody? Please write to us, or take it to those who watch over us. "
							   "Should we do things in other ways, you hear of it before, and we ask for your yes again.\n";
	static const char bare[] = "We collect your video and your location. We sell your data to advertisers. We keep your data for two years. "
							   "We share your data with partners. Use of the camera is at your own risk.\n";
	struct read r;
	read_text(&r, "n.md", "privacy-notice", poem);
	assert_int_equal(count(&r, NULL, "absent", NULL), 0);
	arena_free(r.arena);
	read_text(&r, "n.md", "privacy-notice", bare);
	assert_int_equal(count(&r, "rights-access", "absent", NULL), 1);
	arena_free(r.arena);
}

/* An assessment that tells of a risk and of what is done in words of its own lacks neither. */
static void test_assessment_words(void **unused)
{
	(void)unused;
	static const char words[] =
		"# Privacy impact assessment of the lamp\n\nAn attacker could listen to voice commands. A thief might learn the e-mail "
		"address. We therefore encrypt both, and delete them after 30 days. The data protection officer renews it "
		"each year.\n";
	static const char none[] =
		"# Privacy impact assessment of the lamp\n\nThe lamp is white. It stands on a table and has one lamp shade. It was "
		"made in the year 2025 and is sold in many shops of the country for a good price.\n";
	struct read r;
	read_text(&r, "pia.md", "pia", words);
	assert_int_equal(count(&r, "pia-mitigation", "absent", NULL) + count(&r, "pia-risk", "absent", NULL), 0);
	arena_free(r.arena);
	read_text(&r, "pia.md", "pia", none);
	assert_int_equal(count(&r, "pia-mitigation", "absent", NULL), 1);
	arena_free(r.arena);
}

/* The end of support: of the product, promised, and in a table with what its row is about. */
static void test_support_days(void **unused)
{
	(void)unused;
	static const struct {
		const char *text, *meaning;
	} rows[] = {
		{ "We provide security updates for the lamp until 31 December 2031.", "support-end" },
		{ "We plan to provide security updates for the lamp until 31 December 2031.", NULL },
		{ "Security updates for the lamp come until 31 December 2031, subject to change.", NULL },
		{ "The lamp runs Debian 12, which gets security updates until 30 June 2028.", NULL },
		{ "Buy extended security updates until 31 December 2031.", NULL },
		{ "Are security updates for the lamp provided until 31 December 2031? No.", NULL },
		{ "Example: Security updates for the lamp are provided until 31 December 2031.", NULL },
		{ "    Security updates for the lamp are provided until 31 December 2031.", NULL },
		{ "## What we do not promise\n\n- Security updates for the lamp until 31 December 2031", NULL },
		{ "## Do you not want to wait?\n\n- Security updates for the lamp until 31 December 2031", "support-end" },
		{ "Security updates for the lamp might be provided until 31 December 2031.", NULL },
		{ "Security updates for the lamp are provided until 1 May 2031, and we may extend that.", "support-end" },
		{ "Until 31 December 2031 the lamp that you have gets security updates from us.", "support-end" },
		{ "It is not true that security updates for the lamp are provided until 31 December 2031.", NULL },
		{ "Security updates for the lamp were originally planned until 31 December 2031.", NULL },
		{ "Security updates for the lamp are provided for five years, that is until 31 December 2031.", "support-end" },
		{ "Security updates for the lamp are provided until at least 31 December 2031.", "support-end" },
		{ "After 31 December 2031, no more security updates for the lamp are provided.", "support-end" },
	};
	struct read r;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		read_text(&r, "s.md", "support-policy", rows[i].text);
		const struct fact_document_date *d = fact_list_get(&r.facts, FACT_document_date, 0);
		assert_non_null(d);
		if (rows[i].meaning ? !text_is(d->meaning, rows[i].meaning) : d->meaning.n > 0)
			fail_msg("%s: %.*s", rows[i].text, (int)d->meaning.n, d->meaning.n ? d->meaning.p : "");
		arena_free(r.arena);
	}
	read_text(&r, "s.md", "support-policy", "Support for the lamp runs from 1 January 2024 to 31 December 2031.");
	const struct fact_document_date *range[] = { fact_list_get(&r.facts, FACT_document_date, 0),
												 fact_list_get(&r.facts, FACT_document_date, 1) };
	assert_true(range[0] && range[1]);
	assert_int_equal(range[0]->meaning.n, 0);
	assert_int_equal(range[0]->before.n, 0);
	assert_text(range[1]->meaning, "support-end");
	arena_free(r.arena);
	read_text(&r, "s.md", "support-policy", "The NC-100 is a lamp.\n\nIt is bright. Security updates come until 2031-12-31.");
	assert_text(((const struct fact_document_date *)fact_list_get(&r.facts, FACT_document_date, 0))->before,
				"The NC-100 is a lamp. It is bright.");
	arena_free(r.arena);
	read_text(&r, "s.md", "support-policy", "The NC-100 is a lamp.\n\n# All others\n\nSecurity updates come until 2031-12-31.");
	assert_int_equal(((const struct fact_document_date *)fact_list_get(&r.facts, FACT_document_date, 0))->before.n, 0);
	arena_free(r.arena);
	read_text(&r, "s.md", "support-policy", "Security updates come until 31 February 2031, 29.2.2100 or 2031-04-31.");
	assert_int_equal(fact_list_count(&r.facts, FACT_document_date), 0);
	arena_free(r.arena);
	read_text(&r, "s.md", "support-policy", "The days on which support ends, for each of our products:\n\n| Product | Security updates until |\n"
											"|---|---|\n| NC-100 | 2026-03-01 |\n| NC-200 | 2031-05-31 |\n");
	const struct fact_document_date *d = fact_list_get(&r.facts, FACT_document_date, 1);
	assert_non_null(d);
	assert_text(d->meaning, "support-end");
	assert_text(d->sentence, "NC-200: 2031-05-31");
	arena_free(r.arena);
}

/* What nobody says: items below a heading that promises nothing, blanks that look like elements, mail that nobody reads. */
static void test_not_meant(void **unused)
{
	(void)unused;
	static const struct {
		const char *role, *text, *element;
		size_t present, denied;
	} rows[] = {
		{ "disclosure-policy", "## What we cannot promise\n\n- Status updates every 14 days", "status-updates", 0, 0 },
		{ "disclosure-policy", "## What we cannot promise\n\n- Safe harbour for research in good faith", "safe-harbour",
		  0, 0 },
		{ "disclosure-policy", "## What we promise\n\n- Status updates every 14 days", "status-updates", 1, 0 },
		{ "disclosure-policy", "## Why do we not ask for more?\n\n- Status updates every 14 days", "status-updates", 1,
		  0 },
		{ "disclosure-policy", "We send status updates every <number> days.", "status-updates", 0, 0 },
		{ "disclosure-policy", "We send status updates every <b>14</b> days.", "status-updates", 1, 0 },
		{ "disclosure-policy", "This policy has been withdrawn.", "in-force", 0, 1 },
		{ "disclosure-policy", "We do not acknowledge reports.", "acknowledge-time", 0, 1 },
		{ "manual", "Updates cannot be installed by the user.", "update-how", 0, 1 },
		{ "privacy-notice", "In the professional edition only, you can have your data deleted.", "rights-deletion", 0, 0 },
		{ "privacy-notice", "We should record your video.", "data-collected", 0, 0 },
		{ "privacy-notice", "We record your video.", "data-collected", 1, 0 },
		{ "support-policy", "## What we do not promise\n\nSecurity updates until 31 December 2031", "support-end", 0, 0 },
		{ "support-policy", "## What we do not promise\n\n- Security updates until 31 December 2031", "support-end", 0,
		  0 },
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct read r;
		char text[512];
		snprintf(text, sizeof text, "This is what we have to say of the product that you own.\n\n%s\n", rows[i].text);
		read_text(&r, "n.md", rows[i].role, text);
		size_t present = count(&r, rows[i].element, "present", NULL),
			   denied = count(&r, rows[i].element, "denied", NULL);
		if (present != rows[i].present || denied != rows[i].denied || count(&r, rows[i].element, "absent", NULL))
			fail_msg("%s: %zu times present, %zu denied", rows[i].text, present, denied);
		arena_free(r.arena);
	}
}

static void test_closed_mailboxes(void **unused)
{
	(void)unused;
	static const struct {
		const char *text, *purpose;
	} rows[] = {
		{ "Report vulnerabilities to security@acme-lamps.net.", "security" },
		{ "Please do not report vulnerabilities in public, write to security@acme-lamps.net.", "security" },
		{ "Do not hesitate to write to security@acme-lamps.net.", "security" },
		{ "Do not report vulnerabilities to security@acme-lamps.net.", NULL },
		{ "The address security@acme-lamps.net is no longer monitored.", NULL },
		{ "The mailbox security@acme-lamps.net has been closed.", NULL },
		{ "For orders, write to security@acme-lamps.net.", NULL },
		{ "In order to report a bug, write to security@acme-lamps.net.", "security" },
		{ "Reports of vulnerabilities go to security@acme-lamps.net, orders to sales@acme-lamps.net.", "security" },
		{ "    Report vulnerabilities to security@acme-lamps.net.", NULL },
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct read r;
		char text[512];
		snprintf(text, sizeof text, "This is what we have to say of the product that you own.\n\n%s\n", rows[i].text);
		read_text(&r, "n.md", "disclosure-policy", text);
		const struct fact_document_contact *c = fact_list_get(&r.facts, FACT_document_contact, 0);
		assert_non_null(c);
		if (rows[i].purpose ? !text_is(c->purpose, rows[i].purpose) : c->purpose.n > 0)
			fail_msg("%s: %.*s", rows[i].text, (int)c->purpose.n, c->purpose.n ? c->purpose.p : "");
		arena_free(r.arena);
	}
}

/* Styles by which a page has text that nobody sees, and such as do not hide. */
static void test_styles(void **unused)
{
	(void)unused;
	static const struct {
		const char *open;
		size_t present;
	} rows[] = {
		{ "<p>", 1 },
		{ "<p style='color:#333;background:#fff;font-size:14px;opacity:1;left:0'>", 1 },
		{ "<p style='opacity:0.9;height:20px;overflow:hidden;margin-left:-10px;max-width:100%'>", 1 },
		{ "<p style='font-size:0.9em;width:1em;overflow:hidden'>", 1 },
		{ "<p style='height:0'>", 1 },
		{ "<p style='color:#fff;background:#000'>", 1 },
		{ "<p style='clip:auto;transform:scale(1);filter:opacity(50%)'>", 1 },
		{ "<p style='display:none;display:block'>", 1 },
		{ "<dialog open><p>", 1 },
		{ "<font color=navy>", 1 },
		{ "<font color=white>", 0 },
		{ "<font color='#FFFFFF'>", 0 },
		{ "<p style='color:#fdfdfd'>", 0 },
		{ "<p style='color:#fff;background:#123456'>", 1 },
		{ "<div style='background:navy'><p style='color:#fff'>", 1 },
		{ "<table bgcolor='#000000'><tr><td><font color=white>", 1 },
		{ "<div style='background:#fff'><p style='color:#fff'>", 0 },
		{ "<dialog><p>", 0 },
		{ "<p style='color:#fff;background:#ffffff'>", 0 },
		{ "<p style='color:white;background-color: White'>", 0 },
		{ "<p style='color: rgb(255, 255, 255); background: rgb(255,255,255)'>", 0 },
		{ "<p style='color:transparent'>", 0 },
		{ "<p style='height:0;overflow:hidden'>", 0 },
		{ "<p style='max-height: 0px; overflow: hidden'>", 0 },
		{ "<p style='width:1px;height:1px;overflow:hidden;clip:rect(0,0,0,0)'>", 0 },
		{ "<p style='font-size:1px'>", 0 },
		{ "<p style='font-size:0'>", 0 },
		{ "<p style='position:absolute;left:-9999px'>", 0 },
		{ "<p style='position:fixed;top:-5000px'>", 0 },
		{ "<p style='margin-left:-999em'>", 0 },
		{ "<p style='text-indent:-9999px'>", 0 },
		{ "<p style='clip:rect(0,0,0,0);position:absolute'>", 0 },
		{ "<p style='clip-path: inset(100%)'>", 0 },
		{ "<p style='transform: scale(0)'>", 0 },
		{ "<p style='filter:opacity(0)'>", 0 },
		{ "<p style='content-visibility:hidden'>", 0 },
		{ "<p style='DISPLAY : NONE !important'>", 0 },
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct read r;
		char text[512];
		snprintf(text, sizeof text,
				 "<html><p>This is what we have to say of the product that you own.</p>%sWe sell your data.</html>",
				 rows[i].open);
		read_text(&r, "n.html", "privacy-notice", text);
		if (count(&r, "sale", "present", NULL) != rows[i].present)
			fail_msg("%s: read %zu times", rows[i].open, count(&r, "sale", "present", NULL));
		arena_free(r.arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_unsaid),           cmocka_unit_test(test_labels),
										cmocka_unit_test(test_denials),          cmocka_unit_test(test_other_words), cmocka_unit_test(test_assessment_words),
										cmocka_unit_test(test_support_days),     cmocka_unit_test(test_not_meant),
										cmocka_unit_test(test_closed_mailboxes), cmocka_unit_test(test_styles) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
