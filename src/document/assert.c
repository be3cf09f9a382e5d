/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whether a sentence asserts what it says. */
#include <ctype.h>

#include "document/lexicon.h"

/* What a word or a phrase is in the sentence; what none of the lists of a grammar has is strange. */
enum role {
	ROLE_START,
	ROLE_FRAME,
	ROLE_HELPER,
	ROLE_PERFECT,
	ROLE_MODAL,
	ROLE_FINITE,
	ROLE_DEED,
	ROLE_GAIN,
	ROLE_PARTICIPLE,
	ROLE_PRONOUN,
	ROLE_MODIFIER,
	ROLE_COMPLEMENT,
	ROLE_SUSPENDING,
	ROLE_BARRED,
	ROLE_RELATIVE,
	ROLE_KNOWN,
	ROLE_VALUE,
	ROLE_NAME,
	ROLE_STRANGE,
};

/* Who may be the subject of the predicate to come. */
enum actor { ACTOR_KNOWN, ACTOR_STRANGE, ACTOR_ADDRESSEE };

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
	bool framed;      /* a frame came in this part */
	bool inverted;    /* a deed came in this part whose subject has not */
	bool predicate;   /* one came in this part: what follows is its object */
	enum actor actor;
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
		{ ROLE_SUSPENDING, &g->suspending },
		{ ROLE_FRAME, &g->frames },
		{ ROLE_HELPER, &g->helpers },
		{ ROLE_PERFECT, &g->perfects },
		{ ROLE_MODAL, &g->modals },
		{ ROLE_FINITE, &g->finite },
		{ ROLE_DEED, &g->deeds },
		{ ROLE_GAIN, &g->gains },
		{ ROLE_PARTICIPLE, &g->participles },
		{ ROLE_PRONOUN, &g->pronouns },
		{ ROLE_MODIFIER, &g->modifiers },
		{ ROLE_RELATIVE, &g->relatives },
		{ ROLE_COMPLEMENT, &g->complements },
		{ ROLE_BARRED, &g->barred },
		{ ROLE_KNOWN, &g->known },
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
	c->subject = c->framed = c->inverted = c->predicate = false;
	c->actor = ACTOR_KNOWN;
}

static bool begins_with(const struct clause *c, uint32_t at, const struct lexicon_rules *rules)
{
	return at < c->w->n && rules_length(c->w, at, rules) > 0;
}

/* "hope to", "the rumour that" */
static bool takes_complement(const struct clause *c, uint32_t next)
{
	return begins_with(c, next, &c->w->lexicon->grammar.complements);
}

/* A word that nobody knows is taken for the name of a thing where one is due: "for the aquarium". Where things have a capital
 * letter, one without may only be what is said of it: "für das neuartige Aquarium". Before an article it may be a verb, before what is
 * promised an adjective ("the aquarium forgoes its updates", "the alleged updates"). */
static bool may_be_thing(struct clause *c, enum role role, uint32_t at, uint32_t next)
{
	const struct lexicon_grammar *g = &c->w->lexicon->grammar;
	if (takes_complement(c, next))
		return false;
	if (role == ROLE_NAME)
		return c->before != ROLE_VALUE && c->before != ROLE_HELPER && c->before != ROLE_PRONOUN &&
			   !(at > 0 && word_is_one_of(c->w, at - 1, &g->limiting));
	c->strange = c->before == ROLE_STRANGE ? c->strange + 1 : 1;
	bool noun = c->w->words[at].flags & WORD_CAPITAL || !g->capital_nouns;
	bool same_part = next < c->w->n && !(c->w->words[next].flags & WORD_BREAK);
	if (c->inverted || (same_part && begins_with(c, next, &g->stops)))
		return false;
	return c->before == ROLE_MODIFIER || (c->before == ROLE_STRANGE && noun && c->strange <= STRANGE_MAX);
}

/* Notes who may be the subject of the predicate to come. */
static void look_for_actor(struct clause *c, enum role role, uint32_t at, uint32_t next)
{
	const struct lexicon_rules *addressees = &c->w->lexicon->grammar.addressees;
	if (role == ROLE_FRAME) { /* "we ask you to" */
		bool addressed = word_is_one_of(c->w, next - 1, addressees) ||
						 (next - at > 1 && takes_complement(c, next - 1) && word_is_one_of(c->w, next - 2, addressees));
		c->actor = addressed ? ACTOR_ADDRESSEE : ACTOR_KNOWN;
		c->predicate = c->inverted = false;
		c->framed = true;
	} else if (role == ROLE_PRONOUN) {
		c->actor = word_is_one_of(c->w, at, addressees) ? ACTOR_ADDRESSEE : ACTOR_KNOWN;
		c->predicate = c->inverted = false;
	} else if (!c->predicate && (role == ROLE_STRANGE || role == ROLE_NAME)) {
		c->actor = role == ROLE_STRANGE ? ACTOR_STRANGE : ACTOR_KNOWN;
	} else if (!c->predicate && role == ROLE_KNOWN && word_is_one_of(c->w, at, addressees)) {
		c->actor = ACTOR_ADDRESSEE;
	}
}

/* Whether the subject is one with which the predicate promises nothing: "the dealer provides", "you provide", "install". */
static bool is_somebody_else(struct clause *c, enum role role, uint32_t at)
{
	const struct lexicon_grammar *g = &c->w->lexicon->grammar;
	if (c->before == ROLE_START && begins_with(c, at, &g->tasks))
		return true;
	bool passive = c->open && begins_with(c, at, &g->participles); /* "wird bestätigt" */
	if (passive || (role != ROLE_DEED && role != ROLE_GAIN))
		return false;
	c->inverted = g->capital_nouns && !c->subject && c->actor == ACTOR_KNOWN;
	return c->actor == ACTOR_STRANGE || (role == ROLE_DEED && c->actor == ACTOR_ADDRESSEE);
}

/* Takes a verb of the closed lists; false: it tells of the past ("we provided"), or of what others do. */
static bool take_verb(struct clause *c, enum role role, uint32_t at, uint32_t next)
{
	if (role == ROLE_PARTICIPLE && !c->helped)
		return !c->subject && c->before != ROLE_NAME;
	bool reports = c->actor == ACTOR_STRANGE && takes_complement(c, next); /* "the survey shows that" */
	if (reports || is_somebody_else(c, role, at))
		return false;
	c->predicate = true;
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
		return may_be_thing(c, role, at, next);
	case ROLE_FINITE:
	case ROLE_DEED:
	case ROLE_GAIN:
	case ROLE_PARTICIPLE:
		return take_verb(c, role, at, next);
	case ROLE_PERFECT:
	case ROLE_HELPER:
		c->helped = c->spoken = c->open = true;
		c->subject = false;
		return role == ROLE_HELPER || c->framed;
	case ROLE_PRONOUN:
		c->subject = c->spoken = true;
		return !c->open;
	case ROLE_RELATIVE:
		return c->before != ROLE_START;
	case ROLE_FRAME: /* "we ask you", "to fix" */
		return !c->open && !(c->actor == ACTOR_ADDRESSEE && c->before == ROLE_FRAME && takes_complement(c, at));
	default:
		return true;
	}
}

/* A digit above the line, in UTF-8. */
static bool is_superscript(const char *p, size_t n)
{
	if (n < 2)
		return false;
	if (p[0] == '\xc2')
		return p[1] == '\xb9' || p[1] == '\xb2' || p[1] == '\xb3';
	return n > 2 && p[0] == '\xe2' && p[1] == '\x81' && (unsigned char)p[2] >= 0xb0 && (unsigned char)p[2] <= 0xb9;
}

/* What may follow a word, up to the mark of a note. */
#define NOTE_REACH 8u

/* Whether behind the word stands the mark of a note, which may take back what the sentence says: "*", "¹", " [1]", a dagger; or, where
 * the word ends a value, a digit ("five years1"). */
static bool is_noted(const struct doc *d, const struct word *word, bool value)
{
	uint32_t end = word->at + word->length, left = text_at(d) - end;
	struct text t = text_cut(d, end, end + (left < NOTE_REACH ? left : NOTE_REACH));
	size_t i = 0;
	while (i < t.n && t.p[i] && strchr(".,;)\"'", t.p[i]))
		i++;
	const char *p = t.p + i;
	size_t n = t.n - i;
	if (n && (*p == '*' || is_superscript(p, n) || (value && isdigit((unsigned char)*p))))
		return true;
	if (n && *p == ' ') {
		p++;
		n--;
	}
	if (n > 2 && p[0] == '\xe2' && p[1] == '\x80' && (p[2] == '\xa0' || p[2] == '\xa1'))
		return true;
	return n > 2 && p[0] == '[' && isdigit((unsigned char)p[1]) && (p[2] == ']' || isdigit((unsigned char)p[2]));
}

/* Reads the sentence from end to end. One that is cut is not known to its end. */
static bool all_asserts(const struct doc *d, struct wording *w)
{
	struct clause c = { .d = d, .w = w, .before = ROLE_START };
	for (uint32_t at = 0, length; at < w->n; at += length) {
		enum role role = role_at(&c, at, &length);
		look_for_break(&c, at);
		if (!take(&c, role, at, at + length))
			return false;
		for (uint32_t i = at; i < at + length; i++)
			if (is_noted(d, &w->words[i], role == ROLE_VALUE && i + 1 == at + length))
				return false;
		look_for_actor(&c, role, at, at + length);
		c.before = role;
	}
	return !w->cut && !c.open && (c.acts || !c.spoken);
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
	return c->before == ROLE_PRONOUN || c->before == ROLE_HELPER || c->before == ROLE_PERFECT ||
		   c->before == ROLE_MODAL;
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
