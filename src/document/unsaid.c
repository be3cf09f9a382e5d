/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sentences that state nothing: templates that nobody filled in, suppositions, addresses that stand for one. */
#include <ctype.h>
#include <strings.h>

#include "document/lexicon.h"

bool is_example_address(struct text address)
{
	static const char *const hosts[] = { "example.com", "example.org", "example.net" };
	for (size_t i = 0; i < sizeof hosts / sizeof hosts[0]; i++) {
		size_t n = strlen(hosts[i]);
		for (size_t at = 1; at + n <= address.n; at++) {
			bool begins = strchr("@/.", address.p[at - 1]) != NULL;
			bool ends = at + n == address.n || !(isalnum((unsigned char)address.p[at + n]) || address.p[at + n] == '-');
			if (begins && ends && strncasecmp(address.p + at, hosts[i], n) == 0)
				return true;
		}
	}
	return false;
}

/* "[insert date]", "<company>", "{{name}}": the word behind the bracket tells it from a remark or a reference. */
static bool is_blank(const struct doc *d, const struct wording *w, uint32_t i)
{
	uint32_t at = w->words[i].at;
	char before = at > 0 && at <= d->text.n ? (char)d->text.p[at - 1] : ' ';
	return (before == '[' || before == '<' || before == '{') && word_is_one_of(w, i, &w->lexicon->blanks);
}

/* "How to change your password", in a list of what a manual tells elsewhere. */
static bool is_title(const struct doc *d, const struct sentence *s, struct wording *w, uint32_t lead)
{
	struct match m;
	struct text t = text_cut(d, s->from, s->to);
	return !lead && t.n && !strchr(".!;:)", t.p[t.n - 1]) && !memchr(t.p, ':', t.n) &&
		   rules_match(w, &w->lexicon->titles, &m);
}

bool is_unsaid(const struct doc *d, const struct sentence *s, struct wording *w, uint32_t lead)
{
	struct match m;
	if (rules_match(w, &w->lexicon->unsaid, &m) || is_title(d, s, w, lead))
		return true;
	for (uint32_t i = lead; i < w->n; i++) {
		bool address = w->words[i].kind == WORD_MAIL || w->words[i].kind == WORD_URL;
		if (is_blank(d, w, i) || (address && is_example_address(w->words[i].text)))
			return true;
	}
	return false;
}
