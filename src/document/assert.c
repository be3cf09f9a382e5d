/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whether a sentence asserts what it says. */
#include <ctype.h>

#include "document/lexicon.h"

/* What a word or a phrase is in the sentence; what none of the lists of a grammar has is strange. */
enum role {
	ROLE_START,
	ROLE_FRAME,
	ROLE_HELPER,
	ROLE_MODAL,
	ROLE_FINITE,
	ROLE_PARTICIPLE,
	ROLE_PRONOUN,
	ROLE_MODIFIER,
	ROLE_COMPLEMENT,
	ROLE_SUSPENDING,
	ROLE_BARRED,
	ROLE_KNOWN,
	ROLE_VALUE,
	ROLE_NAME,
	ROLE_STRANGE,
};

/* The reading of a sentence, from its first word to its last. */
struct clause {
	const struct doc *d;
	struct wording *w;
	enum role before; /* of the word before */
	unsigned strange; /* words on end that are not known */
	bool subject;     /* a pronoun whose verb has not come */
	bool helped;      /* an auxiliary came */
	bool open;        /* one whose verb has not come */
	bool spoken;      /* a pronoun or an auxiliary came at all ... */
	bool acts;        /* ... and a predicate */
};

/* Strange words on end that may be the name of one thing: "the outdoor flood light". */
#define STRANGE_MAX 2u

/* A number, a day or an address. */
static uint32_t value_length(const struct wording *w, uint32_t at)
{
	uint32_t n = 0, value;
	for (size_t i = 0; i < w->ndates; i++)
		while (at + n < w->n && w->words[at + n].at >= w->dates[i].from && w->words[at + n].at < w->dates[i].to)
			n++;
	if (!n && number_at(w, at, &value))
		n = duration_at(w, at, &value);
	return n ? n : w->words[at].kind != WORD_PLAIN;
}

/* "NC", "X100", and in the midst of a sentence "Lumo". */
static bool is_name(const struct doc *d, const struct wording *w, uint32_t at)
{
	const struct word *word = &w->words[at];
	struct text t = text_cut(d, word->at, word->at + word->length);
	bool capitals = t.n > 1;
	for (size_t i = 0; i < t.n; i++) {
		if (isdigit((unsigned char)t.p[i]))
			return true;
		capitals &= isupper((unsigned char)t.p[i]) != 0;
	}
	return capitals || (at > 0 && word->flags & WORD_CAPITAL && !w->lexicon->grammar.capital_nouns);
}

/* What stands there, and how many words it has: of the lists the one that knows most of them. */
static enum role role_at(const struct clause *c, uint32_t at, uint32_t *length)
{
	const struct lexicon_grammar *g = &c->w->lexicon->grammar;
	const struct {
		enum role role;
		const struct lexicon_rules *rules;
	} lists[] = {
		{ ROLE_SUSPENDING, &g->suspending }, { ROLE_FRAME, &g->frames },       { ROLE_HELPER, &g->helpers },
		{ ROLE_MODAL, &g->modals },          { ROLE_FINITE, &g->finite },      { ROLE_PARTICIPLE, &g->participles },
		{ ROLE_PRONOUN, &g->pronouns },      { ROLE_MODIFIER, &g->modifiers }, { ROLE_COMPLEMENT, &g->complements },
		{ ROLE_BARRED, &g->barred },         { ROLE_KNOWN, &g->known },
	};
	enum role role = ROLE_VALUE;
	*length = value_length(c->w, at);
	for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
		uint32_t n = rules_length(c->w, at, lists[i].rules);
		if (n > *length) {
			*length = n;
			role = lists[i].role;
		}
	}
	if (*length)
		return role;
	*length = 1;
	return is_name(c->d, c->w, at) ? ROLE_NAME : ROLE_STRANGE;
}

/* Behind a comma, colon, bracket or dash. */
static void look_for_break(struct clause *c, uint32_t at)
{
	if (!(c->w->words[at].flags & WORD_BREAK))
		return;
	c->before = ROLE_START;
	c->subject = false;
}

/* "hope to", "the rumour that" */
static bool takes_complement(const struct clause *c, uint32_t next)
{
	return next < c->w->n && word_is_one_of(c->w, next, &c->w->lexicon->grammar.complements);
}

/* A word that nobody knows is taken for the name of a thing where one is due: "for the aquarium". Where things have a capital
 * letter, one without may only be what is said of it: "für das neuartige Aquarium". */
static bool may_be_thing(struct clause *c, enum role role, bool capital)
{
	if (role == ROLE_NAME)
		return c->before != ROLE_VALUE && c->before != ROLE_HELPER && c->before != ROLE_PRONOUN;
	c->strange = c->before == ROLE_STRANGE ? c->strange + 1 : 1;
	bool noun = capital || !c->w->lexicon->grammar.capital_nouns;
	return c->before == ROLE_MODIFIER || (c->before == ROLE_STRANGE && noun && c->strange <= STRANGE_MAX);
}

/* Takes a verb of the closed list; false: it tells of the past ("we provided"). */
static bool take_verb(struct clause *c, enum role role)
{
	if (role == ROLE_PARTICIPLE && !c->helped)
		return !c->subject && c->before != ROLE_NAME;
	if (c->before == ROLE_COMPLEMENT)
		return true;
	c->acts = true;
	c->subject = c->open = false;
	return true;
}

/* One more word or phrase; false: with it the sentence is no assertion, or none that is understood. */
static bool take(struct clause *c, enum role role, uint32_t at, uint32_t next)
{
	switch (role) {
	case ROLE_SUSPENDING:
	case ROLE_BARRED:
	case ROLE_MODAL:
		return false;
	case ROLE_STRANGE:
	case ROLE_NAME:
		return may_be_thing(c, role, c->w->words[at].flags & WORD_CAPITAL) && !takes_complement(c, next);
	case ROLE_FINITE:
	case ROLE_PARTICIPLE:
		return take_verb(c, role);
	case ROLE_HELPER:
		c->helped = c->spoken = c->open = true;
		c->subject = false;
		return true;
	case ROLE_PRONOUN:
		c->subject = c->spoken = true;
		return !c->open;
	case ROLE_FRAME:
		return !c->open;
	default:
		return true;
	}
}

/* Reads the sentence from end to end. */
static bool all_asserts(const struct doc *d, struct wording *w)
{
	struct clause c = { .d = d, .w = w, .before = ROLE_START };
	for (uint32_t at = 0, length; at < w->n; at += length) {
		enum role role = role_at(&c, at, &length);
		look_for_break(&c, at);
		if (!take(&c, role, at, at + length))
			return false;
		c.before = role;
	}
	return !c.open && (c.acts || !c.spoken);
}

bool wording_asserts(const struct doc *d, struct wording *w)
{
	if (!w->judged)
		w->asserts = all_asserts(d, w);
	w->judged = true;
	return w->asserts;
}

/* Behind a subject or an auxiliary. */
static bool is_verb_due(const struct clause *c)
{
	return c->before == ROLE_PRONOUN || c->before == ROLE_HELPER || c->before == ROLE_MODAL;
}

/* One more word before the match; false: what it governs is no assertion. A strange word where a verb is due is one that nobody
 * knows to assert anything ("we failed to ..."); elsewhere it is a thing. */
static bool take_before(struct clause *c, enum role role, uint32_t next)
{
	switch (role) {
	case ROLE_SUSPENDING:
		return false;
	case ROLE_STRANGE:
		return !is_verb_due(c) && !takes_complement(c, next);
	case ROLE_BARRED:
		return !takes_complement(c, next);
	case ROLE_PARTICIPLE:
		return c->before != ROLE_PRONOUN;
	default:
		return true;
	}
}

bool wording_governs(const struct doc *d, struct wording *w, const struct match *m)
{
	struct clause c = { .d = d, .w = w, .before = ROLE_START };
	for (uint32_t at = 0, length; at < m->last; at += length) {
		enum role role = role_at(&c, at, &length);
		look_for_break(&c, at);
		if (at < m->first ? !take_before(&c, role, at + length) : role == ROLE_SUSPENDING)
			return true;
		c.before = role;
	}
	return false;
}
