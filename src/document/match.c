/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Patterns over the words of a sentence. */
#include "document/lexicon.h"

/* What one pattern may cost on one sentence. */
#define STEPS_MAX 20000u

/* Whether the word at `at` may begin what the term stands for, by its first letters: most may not. */
static bool may_begin(const struct wording *w, uint32_t at, const struct lexicon_term *t)
{
	return at < w->n && t->mask >> w->words[at].bit & 1;
}

static const struct lexicon_term *terms_of(const struct lexicon_phrase *p)
{
	return &lexicon_terms[p->terms];
}

/* What the pattern says first. */
static const struct lexicon_phrase *parts_of(const struct lexicon_pattern *p)
{
	return &lexicon_phrases[p->parts];
}

static const struct lexicon_pattern *pattern_of(const struct lexicon_rules *rules, uint16_t i)
{
	return &lexicon_patterns[rules->first + i];
}

static bool word_is(const struct word *w, const struct lexicon_term *t)
{
	const char *text = &lexicon_words[t->text];
	if (t->kind == TERM_PREFIX)
		return w->text.n >= t->length && memcmp(w->text.p, text, t->length) == 0;
	return w->text.n == t->length && memcmp(w->text.p, text, t->length) == 0;
}

static bool match_terms(struct wording *w, uint32_t at, const struct lexicon_term *t, size_t n, uint32_t *end);

/* How many words a term that stands for some takes at `at`; 0: it is not there. */
static uint32_t length_of(const struct wording *w, uint32_t at, const struct lexicon_term *t)
{
	uint32_t value;
	switch (t->kind) {
	case TERM_WORD:
	case TERM_PREFIX:
		return word_is(&w->words[at], t);
	case TERM_NUMBER:
		return number_at(w, at, &value);
	case TERM_DURATION:
		return duration_at(w, at, &value);
	case TERM_MAIL:
		return w->words[at].kind == WORD_MAIL;
	case TERM_URL:
		return w->words[at].kind == WORD_URL;
	case TERM_DATE:
		for (size_t i = 0; i < w->ndates; i++) {
			uint32_t k = at;
			if (w->words[at].at == w->dates[i].from)
				while (k < w->n && w->words[k].at < w->dates[i].to && w->words[k].at >= w->dates[i].from)
					k++;
			if (k > at)
				return k - at;
		}
		return 0;
	default:
		return 0;
	}
}

static bool match_set(struct wording *w, uint32_t at, const struct lexicon_term *t, size_t n, uint32_t *end)
{
	const struct lexicon_set *set = &lexicon_sets[t->set];
	const struct lexicon_phrase *phrases = &lexicon_phrases[set->phrases];
	for (uint16_t i = 0; i < set->n; i++) {
		const struct lexicon_term *terms = terms_of(&phrases[i]);
		uint32_t to;
		if (!may_begin(w, at, terms))
			continue;
		if (match_terms(w, at, terms, phrases[i].n, &to) && match_terms(w, to, t + 1, n - 1, end))
			return true;
	}
	return false;
}

/* Whether the terms stand there; *end: behind the last word. It goes as deep as a pattern has terms: tens. */
static bool match_terms(struct wording *w, uint32_t at, const struct lexicon_term *t, size_t n, uint32_t *end)
{
	if (n == 0) {
		*end = at;
		return true;
	}
	if (w->steps == 0)
		return false;
	w->steps--;
	if (t->kind == TERM_GAP) {
		bool known = n > 1 && t[1].kind <= TERM_SET && !t[1].optional;
		for (uint32_t i = 0; i <= t->gap && at + i <= w->n; i++)
			if ((!known || may_begin(w, at + i, &t[1])) && match_terms(w, at + i, t + 1, n - 1, end))
				return true;
		return false;
	}
	if (t->kind == TERM_START)
		return at == 0 && match_terms(w, at, t + 1, n - 1, end);
	if (may_begin(w, at, t)) {
		if (t->kind == TERM_SET && match_set(w, at, t, n, end))
			return true;
		uint32_t length = t->kind == TERM_SET ? 0 : length_of(w, at, t);
		if (length && match_terms(w, at + length, t + 1, n - 1, end))
			return true;
	}
	return t->optional && match_terms(w, at, t + 1, n - 1, end);
}

/* Whether it can match at all: one of the first letters of each term that must be there is. */
static bool is_possible(const struct wording *w, const struct lexicon_phrase *p)
{
	const struct lexicon_term *terms = terms_of(p);
	for (uint16_t i = 0; i < p->n; i++)
		if (!terms[i].optional && terms[i].kind <= TERM_SET && !(terms[i].mask & w->mask))
			return false;
	return true;
}

static bool find_phrase(struct wording *w, const struct lexicon_phrase *p, uint32_t from, uint32_t *first,
						uint32_t *end)
{
	const struct lexicon_term *terms = terms_of(p);
	uint64_t mask = p->n && !terms->optional && terms->kind <= TERM_SET ? terms->mask : UINT64_MAX;
	for (uint32_t at = from; at < w->n; at++) {
		if (!(mask >> w->words[at].bit & 1))
			continue;
		if (match_terms(w, at, terms, p->n, end) && *end > at) {
			*first = at;
			return true;
		}
	}
	return false;
}

static bool is_negation(const struct wording *w, uint32_t i)
{
	return w->negated[i / 64] >> (i % 64) & 1;
}

bool word_is_one_of(const struct wording *w, uint32_t i, const struct lexicon_rules *rules)
{
	uint32_t first, end;
	struct wording one = {
		.lexicon = w->lexicon, .words = w->words + i, .n = 1, .mask = UINT64_MAX, .steps = STEPS_MAX
	};
	for (uint16_t k = 0; k < rules->n; k++)
		if (find_phrase(&one, parts_of(pattern_of(rules, k)), 0, &first, &end))
			return true;
	return false;
}

/* "... is not supported", "... verkaufen wir nicht" */
static bool is_negated_behind(const struct wording *w, uint32_t last)
{
	if (last >= w->n || w->words[last].flags & WORD_BREAK)
		return false;
	return is_negation(w, last) ||
		   (last + 1 < w->n && is_negation(w, last + 1) && word_is_one_of(w, last, &w->lexicon->auxiliaries));
}

/* How far before a match a negation may stand, in words; and how long the members of a list before it may be: "does not
 * collect, transmit or store". */
#define NEGATION_REACH 12u
#define NEGATION_CLAUSE 6u
#define LIST_MEMBER_MAX 3u

/* A negation before the match: in its clause, or at the head of a list of short members that it ends. */
static bool is_negated_before(const struct wording *w, uint32_t first)
{
	uint32_t member = 0;
	bool list = false;
	for (uint32_t i = first, k = 0; i > 0 && k < NEGATION_REACH && (list || k < NEGATION_CLAUSE); i--, k++, member++) {
		if (w->words[i].flags & WORD_BREAK) {
			if (member > LIST_MEMBER_MAX || word_is_one_of(w, i, &w->lexicon->subjects))
				return false;
			list = true;
			member = 0;
		}
		if (is_negation(w, i - 1))
			return true;
	}
	return false;
}

/* A negation within the match, before it or right behind it. */
static bool is_negated(const struct wording *w, const struct match *m)
{
	for (uint32_t i = m->first; i < m->last; i++)
		if (is_negation(w, i))
			return true;
	return is_negated_before(w, m->first) || is_negated_behind(w, m->last);
}

static bool pattern_match(struct wording *w, const struct lexicon_pattern *p, struct match *match)
{
	const struct lexicon_phrase *parts = parts_of(p);
	uint32_t first, end;
	bool found = false;
	w->steps = STEPS_MAX;
	for (uint16_t i = 0; i < p->n; i++)
		if (!(p->without >> i & 1) && !is_possible(w, &parts[i]))
			return false;
	for (uint16_t i = 1; i < p->n; i++)
		if (find_phrase(w, &parts[i], 0, &first, &end) == (p->without >> i & 1))
			return false;
	for (uint32_t at = 0; find_phrase(w, parts, at, &first, &end); at = first + 1) {
		struct match m = { first, end, false };
		m.negated = !p->negates && w->negated && is_negated(w, &m);
		if (!found || !m.negated)
			*match = m;
		found = true;
		if (!m.negated)
			break;
	}
	return found;
}

bool rules_match(struct wording *w, const struct lexicon_rules *rules, struct match *match)
{
	struct match m;
	bool found = false;
	for (uint16_t i = 0; i < rules->n; i++)
		if (pattern_match(w, pattern_of(rules, i), &m)) {
			if (!found || !m.negated)
				*match = m;
			found = true;
			if (!m.negated)
				return true;
		}
	return found;
}

uint32_t rules_length(struct wording *w, uint32_t at, const struct lexicon_rules *rules)
{
	uint32_t longest = 0, end;
	for (uint16_t i = 0; i < rules->n; i++) {
		const struct lexicon_phrase *p = parts_of(pattern_of(rules, i));
		if (!may_begin(w, at, terms_of(p)))
			continue;
		w->steps = STEPS_MAX;
		if (match_terms(w, at, terms_of(p), p->n, &end) && end - at > longest)
			longest = end - at;
	}
	return longest;
}

const char *names_match(struct wording *w, const struct lexicon_names *names)
{
	struct match m;
	for (uint16_t i = 0; i < names->n; i++)
		if (rules_match(w, &names->v[i].rules, &m))
			return names->v[i].name;
	return NULL;
}

static void set_bits(struct wording *w, uint64_t *bits, const struct lexicon_rules *rules, bool value)
{
	uint32_t first, end;
	for (uint16_t i = 0; i < rules->n; i++) {
		w->steps = STEPS_MAX;
		for (uint32_t at = 0; find_phrase(w, parts_of(pattern_of(rules, i)), at, &first, &end); at = first + 1)
			for (uint32_t k = first; k < end; k++)
				bits[k / 64] =
					value ? bits[k / 64] | (uint64_t)1 << (k % 64) : bits[k / 64] & ~((uint64_t)1 << (k % 64));
	}
}

/* "There is no way to reset it": all that follows is denied, up to a turn ("but"). */
static void set_reaching(struct wording *w, uint64_t *bits)
{
	uint32_t first, end;
	for (uint16_t i = 0; i < w->lexicon->reaching.n; i++) {
		w->steps = STEPS_MAX;
		if (!find_phrase(w, parts_of(pattern_of(&w->lexicon->reaching, i)), 0, &first, &end))
			continue;
		for (uint32_t k = first; k < w->n && (k < end || !word_is_one_of(w, k, &w->lexicon->turns)); k++)
			bits[k / 64] |= (uint64_t)1 << (k % 64);
	}
}

/* "if you do not agree" denies nothing. */
static void clear_conditional(struct wording *w, uint64_t *bits)
{
	uint64_t conditions[WORDING_MAX / 64] = { 0 };
	set_bits(w, conditions, &w->lexicon->conditions, true);
	for (uint32_t i = 0; i < w->n; i++)
		for (uint32_t k = i, n = 0; k > 0 && n < 5 && !(w->words[k].flags & WORD_BREAK); k--, n++)
			if (conditions[(k - 1) / 64] >> ((k - 1) % 64) & 1)
				bits[i / 64] &= ~((uint64_t)1 << (i % 64));
}

void wording_prepare(struct wording *w, uint64_t negated[WORDING_MAX / 64])
{
	memset(negated, 0, WORDING_MAX / 8);
	w->mask = 0;
	for (uint32_t i = 0; i < w->n; i++)
		w->mask |= (uint64_t)1 << w->words[i].bit;
	set_bits(w, negated, &w->lexicon->negations, true);
	for (uint32_t i = 0; i < w->n; i++)
		if (w->words[i].flags & WORD_NOT)
			negated[i / 64] |= (uint64_t)1 << (i % 64);
	set_bits(w, negated, &w->lexicon->harmless, false);
	clear_conditional(w, negated);
	set_reaching(w, negated);
	w->negated = negated;
	w->judged = false;
}
