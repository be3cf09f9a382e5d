/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sentences that state nothing: templates that nobody filled in, suppositions, addresses that stand for one. */
#include "base/blank.h"
#include "document/lexicon.h"

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
		if (is_blank(d, w, i) || (address && text_is_example_address(w->words[i].text)))
			return true;
	}
	return false;
}

bool block_is_item(const struct doc *d, const struct block *b)
{
	struct text t = text_trim(text_cut(d, b->from, b->to), TEXT_SPACES);
	return b->kind == BLOCK_ITEM || b->kind == BLOCK_CELL ||
		   (b->kind == BLOCK_PARAGRAPH && t.n && !strchr(".!?:;", t.p[t.n - 1]));
}

bool block_may_be_item(const struct doc *d, const struct block *b)
{
	return block_is_item(d, b) || (b->kind == BLOCK_PARAGRAPH && strcmp(d->format, "pdf") == 0);
}

bool heading_denies(struct sentence_wording *words)
{
	struct match m;
	if (rules_match(&words->wording, &words->wording.lexicon->orders, &m))
		return false;
	for (uint32_t k = 0; k < words->wording.n; k++) /* "Metadata (not video)" denies nothing */
		if (words->negated[k / 64] >> (k % 64) & 1 && !(words->words[k].flags & WORD_BREAK))
			return true;
	return false;
}
