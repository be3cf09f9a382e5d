/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What guidelines ask a document for: present, denied or absent. */
#include <ctype.h>
#include <stdio.h>
#include <strings.h>

#include "document/lexicon.h"

#define ABOUT_MAX 24u /* things that one sentence names */
#define BITS (LEXICON_ELEMENTS_MAX / 64)

/* A set of elements. */
struct elements {
	uint64_t bits[BITS];
};

struct search {
	struct reading *r;
	const struct lexicon *lexicon;
	uint16_t role;             /* bit */
	struct elements *sections; /* of each block that others stand below: for which elements it gives context */
	bool *denying;             /* of each block: a heading that says no ("What we do not collect") */
	bool *asking;              /* of each block: a heading that is a question */
	struct elements found, hinted;
	struct sentence_wording *words;
	const struct sentence *s;
	uint32_t example; /* the block in which an example was begun, + 1 */
	bool points;      /* the sentence only says where something can be read */
	bool limited;     /* what it denies it denies under a condition */
};

static bool has(const struct elements *e, unsigned i)
{
	return e->bits[i / 64] >> (i % 64) & 1;
}

static void set(struct elements *e, unsigned i)
{
	e->bits[i / 64] |= (uint64_t)1 << (i % 64);
}

static uint16_t role_bit(const char *role)
{
	for (unsigned i = 0; role && document_roles[i]; i++)
		if (strcmp(document_roles[i], role) == 0)
			return (uint16_t)(1u << i);
	return 0;
}

/* Headings and heads of columns: what stands below them is read in their light. Those above come first. */
static void look_at_heading(struct search *x)
{
	const struct doc *d = x->r->d;
	uint32_t i = x->s->block, above = DOC_ARRAY(d, block, blocks)[i].section;
	struct match m;
	x->asking[i] = x->s->question;
	if (above)
		x->sections[i] = x->sections[above - 1];
	x->denying[i] |= heading_denies(x->words);
	for (unsigned k = 0; k < x->lexicon->nelements; k++)
		if (rules_match(&x->words->wording, &x->lexicon->elements[k].headings, &m))
			set(&x->sections[i], k);
}

static bool in_section(const struct search *x, unsigned element)
{
	const struct block *b = &DOC_ARRAY(x->r->d, block, blocks)[x->s->block];
	return (b->section && has(&x->sections[b->section - 1], element)) ||
		   (b->column && has(&x->sections[b->column - 1], element));
}

/* Where "but not", "except" stand: what is named behind them is not what the sentence is about. */
static uint32_t exception_at(struct search *x)
{
	struct match m;
	return rules_match(&x->words->wording, &x->lexicon->exceptions, &m) ? m.first : UINT32_MAX;
}

/* What the sentence names. Of an item, what its lead names counts only where the item names nothing. */
static size_t names_in(struct search *x, const struct lexicon_names *names, const char **found, size_t n)
{
	uint32_t exception = exception_at(x);
	size_t from = n;
	for (uint16_t i = 0; i < names->n && n < ABOUT_MAX; i++) {
		struct match m;
		if (rules_match(&x->words->wording, &names->v[i].rules, &m) && m.last <= exception && m.last > x->words->lead)
			found[n++] = names->v[i].name;
	}
	for (uint16_t i = 0; i < names->n && n == from && x->words->lead && n < ABOUT_MAX; i++) {
		struct match m;
		if (rules_match(&x->words->wording, &names->v[i].rules, &m) && m.last <= exception)
			found[n++] = names->v[i].name;
	}
	return n;
}

static bool cve_value(struct text t, char *out, size_t room)
{
	for (size_t at = 0; at + 13 <= t.n; at++) {
		size_t n = 9;
		if (strncasecmp(t.p + at, "CVE-", 4) != 0 || t.p[at + 8] != '-')
			continue;
		while (at + n < t.n && n < 20 && isdigit((unsigned char)t.p[at + n]))
			n++;
		snprintf(out, room, "%.*s", (int)n, t.p + at);
		return n >= 13;
	}
	return false;
}

static bool duration_value(const struct wording *w, uint32_t from, char *out, size_t room)
{
	uint32_t days;
	for (uint32_t i = from; i < w->n; i++)
		if (duration_at(w, i, &days)) {
			snprintf(out, room, "%u day%s", days, days == 1 ? "" : "s");
			return true;
		}
	return from > 0 && duration_value(w, 0, out, room);
}

/* What it states where that is a number, a day or an address; false: it states none. */
static bool value_of(const struct search *x, const struct lexicon_element *e, const struct match *m, char *out,
					 size_t room)
{
	const struct wording *w = &x->words->wording;
	const char *kind;
	struct text t;
	uint32_t number;
	out[0] = '\0';
	switch (e->value) {
	case VALUE_DURATION:
		return duration_value(w, m->first, out, room);
	case VALUE_DATE:
		if (w->ndates)
			date_text(&w->dates[w->ndates - 1 < DATES_MAX ? w->ndates - 1 : 0], out);
		return w->ndates > 0;
	case VALUE_ADDRESS:
		t = address_in(x->r->d, x->s, &kind);
		snprintf(out, room, "%.*s", (int)(t.n < room ? t.n : room - 1), t.n ? t.p : "");
		return t.n > 0 && !mailbox_is_elsewhere(t);
	case VALUE_COUNT:
		for (uint32_t i = m->first; i < w->n; i++)
			if (w->words[i].kind == WORD_NUMBER && number_at(w, i, &number))
				return snprintf(out, room, "%u", number) > 0;
		return false;
	case VALUE_CVE:
		return cve_value(text_cut(x->r->d, x->s->from, x->s->to), out, room);
	default:
		return false;
	}
}

static void emit_row(struct search *x, const struct lexicon_element *e, const char *state, const char *about,
					 const char *value)
{
	const struct doc *d = x->r->d;
	if (!reading_counts(x->r, FACT_document_element))
		return;
	struct fact_document_element row = {
		.element = text_c(e->name),
		.state = text_c(state),
		.about = text_c(about),
		.value = text_c(value[0] ? value : NULL),
		.section = text_heading(d, &DOC_ARRAY(d, block, blocks)[x->s->block]),
		.sentence = e->value == VALUE_DATE ? reading_row_quote(x->r, x->s) : reading_quote(x->r, x->s),
	};
	text_place(d, x->s->from, &row.line, &row.page);
	emit_document_element(d->sink, &row);
}

/* A sentence that is about something only by its heading, and the heading says no. */
static bool below_denial(const struct search *x)
{
	const struct block *b = &DOC_ARRAY(x->r->d, block, blocks)[x->s->block];
	return (b->section && x->denying[b->section - 1]) || (b->column && x->denying[b->column - 1]);
}

/* An item below a heading that says no, or behind a cross: what it names is denied. An item that says something by itself
 * needs no heading, and is not denied by one: whether it means what it says or the contrary is open. */
static bool is_denied(const struct search *x, bool by_heading)
{
	static const char *const crosses[] = { "\xE2\x9D\x8C", "\xE2\x9C\x97", "\xE2\x9C\x98", "\xE2\x9D\x8E",
										   "\xF0\x9F\x9A\xAB" };
	const struct doc *d = x->r->d;
	const struct block *b = &DOC_ARRAY(d, block, blocks)[x->s->block];
	struct text t = text_cut(d, b->from, x->s->to);
	for (size_t i = 0; i < sizeof crosses / sizeof crosses[0]; i++)
		if (text_starts(t, crosses[i]))
			return true;
	return by_heading && block_is_item(d, b) && !x->s->lead && below_denial(x); /* a lead says itself what it means */
}

/* Below "What we do not promise", an item that says so by itself: nobody can tell, but where it is a whole sentence ("We share
 * your data") and no promise. Behind a question ("Do not want this?") it is an answer. */
static bool is_doubted(const struct search *x, const struct lexicon_element *e)
{
	const struct block *b = &DOC_ARRAY(x->r->d, block, blocks)[x->s->block];
	const struct wording *w = &x->words->wording;
	bool whole = w->n > 0 && word_is_one_of(w, 0, &x->lexicon->subjects);
	return block_may_be_item(x->r->d, b) && !x->s->lead && (e->promise || !whole) && !(b->section && x->asking[b->section - 1]) &&
		   below_denial(x);
}

/* Whether the sentence asserts what matches there as far as the element asks for that. */
static bool is_asserted(struct search *x, const struct lexicon_element *e, const struct match *m)
{
	struct wording *w = &x->words->wording;
	if (e->asserts == ASSERTS_ALL)
		return wording_asserts(x->r->d, w);
	return e->asserts == ASSERTS_NOTHING || !wording_governs(x->r->d, w, m);
}

/* A refusal is a denial in words of its own, which names no value: "we do not acknowledge reports". */
enum says { SAYS_NOTHING, SAYS_PRESENT, SAYS_DENIED, SAYS_REFUSED };

/* What the sentence says of an element; *m: where. */
static enum says says(struct search *x, unsigned i, struct match *m)
{
	const struct lexicon_element *e = &x->lexicon->elements[i];
	struct wording *w = &x->words->wording;
	struct match other;
	bool denying = rules_match(w, &e->denying, m), own = denying || rules_match(w, &e->patterns, m);
	bool found = own || (in_section(x, i) && rules_match(w, &e->in_section, m));
	if (!found || (e->content && x->points) || rules_match(w, &e->never, &other))
		return SAYS_NOTHING;
	bool negated = denying || m->negated || is_denied(x, !own);
	if (!negated && (own ? is_doubted(x, e) : below_denial(x))) {
		set(&x->hinted, i);
		return SAYS_NOTHING;
	}
	bool present = !negated || (!denying && (e->negation == NEGATION_IGNORED || (x->limited && e->limited)));
	if (present && !is_asserted(x, e, m)) {
		set(&x->hinted, i);
		return SAYS_NOTHING;
	}
	if (present)
		return SAYS_PRESENT;
	bool drops = !denying && (e->negation == NEGATION_DROPS || x->limited);
	if (drops || rules_match(w, &e->limits, &other))
		return SAYS_NOTHING;
	return denying ? SAYS_REFUSED : SAYS_DENIED;
}

static void look_for(struct search *x, unsigned i)
{
	const struct lexicon_element *e = &x->lexicon->elements[i];
	const char *about[ABOUT_MAX];
	char value[256];
	struct match m;
	enum says said = e->only && !(e->only & x->role) ? SAYS_NOTHING : says(x, i, &m);
	if (said == SAYS_NOTHING)
		return;
	size_t n = 0;
	if (e->about & ABOUT_DATA)
		n = names_in(x, &x->lexicon->data, about, n);
	if (e->about & ABOUT_PARTY && (n == 0 || e->about == ABOUT_PARTY))
		n = names_in(x, &x->lexicon->parties, about, n);
	bool valued = value_of(x, e, &m, value, sizeof value);
	bool completes = valued && e->needs_value && e->value == VALUE_ADDRESS; /* of an item: what its lead announces */
	bool repeats = m.last <= x->words->lead && n == 0 && !completes;        /* its lead says so by itself */
	if (repeats || (n == 0 && e->named & x->role) || (e->needs_value && !valued && said != SAYS_REFUSED))
		return;
	set(&x->found, i);
	const char *state = said == SAYS_PRESENT ? "present" : "denied";
	for (size_t k = 0; k < n; k++)
		emit_row(x, e, state, about[k], value);
	if (n == 0)
		emit_row(x, e, state, NULL, value);
}

/* Whether the sentence is one that states what it says. */
static bool states(struct search *x)
{
	const struct block *b = &DOC_ARRAY(x->r->d, block, blocks)[x->s->block];
	struct match m;
	if (b->kind == BLOCK_HEADING || b->kind == BLOCK_CODE || b->kind == BLOCK_CONTENTS || x->s->question ||
		x->s->silent)
		return false;
	if (rules_match(&x->words->wording, &x->lexicon->examples, &m))
		x->example = x->s->block + 1;
	return x->example != x->s->block + 1 && !is_unsaid(x->r->d, x->s, &x->words->wording, x->words->lead);
}

static void look_at_sentence(struct search *x)
{
	const struct block *b = &DOC_ARRAY(x->r->d, block, blocks)[x->s->block];
	struct match m;
	reading_wording(x->r, x->s, x->words);
	if (b->kind == BLOCK_HEADING || b->kind == BLOCK_CELL)
		look_at_heading(x);
	bool statement = states(x);
	x->points = rules_match(&x->words->wording, &x->lexicon->pointers, &m);
	x->limited = rules_match(&x->words->wording, &x->lexicon->limits, &m);
	for (unsigned i = 0; i < x->lexicon->nelements; i++) {
		if (statement)
			look_for(x, i);
		if (!has(&x->found, i) && !has(&x->hinted, i) &&
			(rules_match(&x->words->wording, &x->lexicon->elements[i].hints, &m) ||
			 rules_match(&x->words->wording, &x->lexicon->elements[i].headings, &m)))
			set(&x->hinted, i);
	}
}

/* Whether the lexicon knows the words of this document: of one in which much is hinted at and next to nothing found, nobody
 * can tell what is not in it. */
#define HINTED_PER_FOUND 4u
#define HINTED_MIN 6u
static bool is_understood(const struct search *x)
{
	unsigned found = 0, hinted = 0;
	for (unsigned i = 0; i < x->lexicon->nelements; i++)
		if (x->lexicon->elements[i].asked & x->role) {
			found += has(&x->found, i);
			hinted += !has(&x->found, i) && has(&x->hinted, i);
		}
	return hinted < HINTED_MIN || found * HINTED_PER_FOUND >= hinted;
}

/* Only of a document that was read whole, in one language; and where no word even hints at the element. */
static void emit_absent(struct search *x)
{
	const struct doc *d = x->r->d;
	if (!d->whole || x->r->mixed || x->r->told || !DOC_COUNT(d, word, words) || !is_understood(x))
		return;
	for (unsigned i = 0; i < x->lexicon->nelements; i++) {
		const struct lexicon_element *e = &x->lexicon->elements[i];
		if (!(e->asked & x->role) || has(&x->found, i) || has(&x->hinted, i) ||
			!reading_counts(x->r, FACT_document_element))
			continue;
		struct fact_document_element row = {
			.line = FACT_NULL, .page = FACT_NULL, .element = text_c(e->name), .state = TEXT_LIT("absent")
		};
		emit_document_element(d->sink, &row);
	}
}

void emit_elements(struct reading *r)
{
	struct doc *d = r->d;
	struct search x = { .r = r, .lexicon = r->lexicon, .role = role_bit(r->role) };
	x.sections = ARENA_ARRAY(d->arena, struct elements, DOC_COUNT(d, block, blocks));
	x.words = ARENA_NEW(d->arena, struct sentence_wording);
	x.denying = ARENA_ARRAY(d->arena, bool, DOC_COUNT(d, block, blocks));
	x.asking = ARENA_ARRAY(d->arena, bool, DOC_COUNT(d, block, blocks));
	if (!x.sections || !x.words || !x.denying || !x.asking) {
		d->failed = true;
		return;
	}
	for (size_t i = 0; i < DOC_COUNT(d, sentence, sentences) && !doc_is_late(d, "statements", i); i++) {
		x.s = &DOC_ARRAY(d, sentence, sentences)[i];
		look_at_sentence(&x);
	}
	emit_absent(&x);
}
