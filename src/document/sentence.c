/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Cuts blocks into sentences and these into words. Each item of a list and each cell of a table is a sentence at least. */
#include <ctype.h>
#include <strings.h>

#include "base/blank.h"
#include "document/text.h"

#define ITEM_LEVELS 6u /* as text_open() has it */

/* Longer ones are no sentences; they are cut, so that a match has bounds. */
#define SENTENCE_WORDS_MAX 250u
/* Marks that end a sentence, in a row: "?!)". More are a line of dots. */
#define MARKS_MAX 16u

/* What a full stop may belong to without ending a sentence. */
static bool is_abbreviation(struct text w)
{
	static const char *const known[] = { "e.g",    "i.e",  "mr",  "mrs",  "ms",   "dr",  "prof",  "no",   "nr",   "nos",
										 "art",    "arts", "sec", "par",  "para", "inc", "ltd",   "co",   "corp", "vs",
										 "approx", "fig",  "st",  "u.s",  "e.u",  "u.k", "cf",    "incl", "excl", "est",
										 "tel",    "ext",  "ver", "vol",  "jan",  "feb", "apr",   "jun",  "jul",  "aug",
										 "sep",    "sept", "oct", "nov",  "dec",  "z.b", "d.h",   "u.a",  "bzw",  "abs",
										 "ca",     "str",  "vgl", "evtl", "ggf",  "gem", "i.d.r", "o.g",  "s.o",  "lit",
										 "ziff",   "max",  "min", "p.ex", "av",   "bd" };
	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
		if (strlen(known[i]) == w.n && strncasecmp(known[i], w.p, w.n) == 0)
			return true;
	return w.n == 1 && isalpha((unsigned char)w.p[0]);
}

/* The letters and full stops that end before `at`. */
static struct text word_before(struct text t, size_t at)
{
	size_t from = at;
	while (from > 0 &&
		   (isalnum((unsigned char)t.p[from - 1]) || t.p[from - 1] == '.' || (uint8_t)t.p[from - 1] >= 0x80))
		from--;
	return text_of(t.p + from, at - from);
}

/* Whether the mark at `at` ends a sentence; *next: where the following one begins. */
static bool ends_at(struct text t, size_t at, size_t *next)
{
	char c = t.p[at];
	size_t i = at + 1;
	if (c == '|' && at > 0 && t.p[at - 1] == ' ' && i < t.n && t.p[i] == ' ') {
		*next = i + 1;
		return true;
	}
	if (c != '.' && c != '!' && c != '?')
		return false;
	while (i < t.n && i - at < MARKS_MAX && strchr(".!?)]\"'", t.p[i]))
		i++;
	if (text_starts(text_of(t.p + i, t.n - i), "\xE2\x80\x9D"))
		i += 3;
	if (i >= t.n || t.p[i] != ' ')
		return false;
	*next = i + 1;
	if (*next >= t.n)
		return true;
	size_t peek = *next;
	uint32_t first = utf8_next(t, &peek);
	if (c != '.')
		return true;
	struct text before = word_before(t, at);
	bool digits = before.n > 0 && before.n <= 2 && isdigit((unsigned char)before.p[before.n - 1]);
	if (digits &&
		(before.n == at || !isupper((unsigned char)first) || date_is_month(t, *next))) /* "1. Title"; 1. März */
		return false;
	return !is_abbreviation(before) && utf8_lower(first) == first ? !utf8_is_letter(first) : !is_abbreviation(before);
}

/* "l'utilisateur", "d'accès" are two words: what French and Italian leave out is a letter before the apostrophe. */
static bool is_elision(struct text t, size_t from, size_t apostrophe)
{
	return apostrophe == from + 1 && strchr("cdjlmnst", tolower((unsigned char)t.p[from])) != NULL;
}

/* What a word is made of beside letters: an apostrophe within. */
static size_t word_end(struct text t, size_t at)
{
	size_t from = at;
	while (at < t.n) {
		size_t next = at;
		uint32_t c = utf8_next(t, &next);
		bool inner =
			c == '\'' && next < t.n && isalpha((unsigned char)t.p[next]) && at > from && !is_elision(t, from, at);
		if (!utf8_is_letter(c) && !inner)
			break;
		at = next;
	}
	return at;
}

static size_t number_end(struct text t, size_t at)
{
	while (at < t.n && (isdigit((unsigned char)t.p[at]) ||
						(strchr(".,", t.p[at]) && at + 1 < t.n && isdigit((unsigned char)t.p[at + 1]))))
		at++;
	return at;
}

static bool is_mail_char(char c)
{
	return isalnum((unsigned char)c) || (c && strchr("._%+-", c));
}

/* name@host.domain that begins here; 0: none. */
static size_t mail_end(struct text t, size_t at)
{
	size_t i = at;
	while (i < t.n && is_mail_char(t.p[i]))
		i++;
	if (i == at || i >= t.n || t.p[i] != '@')
		return 0;
	size_t host = ++i;
	while (i < t.n && (isalnum((unsigned char)t.p[i]) || t.p[i] == '.' || t.p[i] == '-'))
		i++;
	while (i > host && !isalnum((unsigned char)t.p[i - 1]))
		i--;
	return i > host && memchr(t.p + host, '.', i - host) ? i : 0;
}

static size_t url_end(struct text t, size_t at)
{
	struct text rest = text_of(t.p + at, t.n - at);
	if (!text_starts(rest, "http://") && !text_starts(rest, "https://") && !text_starts(rest, "www."))
		return 0;
	size_t i = at;
	while (i < t.n && t.p[i] != ' ' && !strchr("<>\"", t.p[i]))
		i++;
	while (i > at && strchr(".,;:!?)]'*", t.p[i - 1]))
		i--;
	return i - at > 8 ? i : 0;
}

/* Lower case, and without the 's of possession. */
static struct text fold(struct doc *d, struct text t)
{
	size_t from = d->folded.n;
	for (size_t at = 0; at < t.n;) {
		char c[4];
		size_t n = utf8_put(utf8_lower(utf8_next(t, &at)), c);
		if (buf_add(&d->folded, c, n)) {
			d->failed = true;
			return TEXT_NONE;
		}
	}
	if (d->folded.n - from > 2 && memcmp(d->folded.p + d->folded.n - 2, "'s", 2) == 0)
		d->folded.n -= 2;
	return (struct text){ (const char *)from, d->folded.n - from }; /* a place for now: the buffer may move */
}

struct splitter {
	struct doc *d;
	struct text t; /* of the block */
	uint32_t base, block;
	bool whole;    /* it is one sentence, whatever marks it has */
	uint8_t flags; /* for the next word */
};

static bool add_word(struct splitter *s, size_t from, size_t to, enum word_kind kind)
{
	struct doc *d = s->d;
	if (DOC_COUNT(d, word, words) >= d->limits->words) {
		if (!d->full)
			doc_damage(d, ERR_BUDGET, UINT64_MAX, "more than %u words; the rest is not read", d->limits->words);
		d->full = true;
		return false;
	}
	struct word *w = doc_push(d, &d->words, sizeof *w);
	struct text t = text_of(s->t.p + from, to - from);
	if (!w)
		return false;
	*w = (struct word){ .at = s->base + (uint32_t)from, .kind = (uint8_t)kind, .flags = s->flags };
	w->length = (uint16_t)(t.n > UINT16_MAX ? UINT16_MAX : t.n);
	w->text = fold(d, t.n > 512 ? text_of(t.p, 512) : t);
	if (isupper((unsigned char)t.p[0]))
		w->flags |= WORD_CAPITAL;
	if (text_ends(t, "n't"))
		w->flags |= WORD_NOT;
	s->flags = 0;
	return !d->failed;
}

/* The words of one sentence; false when no more are taken. */
static bool take_words(struct splitter *s, size_t from, size_t to)
{
	struct text t = text_of(s->t.p, to);
	s->flags = 0;
	for (size_t at = from; at < to;) {
		size_t next = at, end;
		uint32_t c = utf8_next(t, &next);
		bool start = at == from || !is_mail_char(t.p[at - 1]);
		enum word_kind kind = WORD_PLAIN;
		if (start && (end = mail_end(t, at)))
			kind = WORD_MAIL;
		else if (start && (end = url_end(t, at)))
			kind = WORD_URL;
		else if (isdigit((unsigned char)t.p[at])) {
			end = number_end(t, at);
			kind = WORD_NUMBER;
		} else
			end = word_end(t, at);
		if (end <= at) {
			if (c == ',' || c == ';' || c == ':' || c == '(' || c == ')' || c == 0x2013 || c == 0x2014)
				s->flags |= WORD_BREAK;
			at = next;
			continue;
		}
		if (!add_word(s, at, end, kind))
			return false;
		at = end;
	}
	return true;
}

/* Whether a part of it was struck out, or is not shown. Pieces and sentences come in the same order, so that few are looked at. */
static bool is_struck(struct doc *d, const struct sentence *x)
{
	const struct run *r = DOC_ARRAY(d, run, unsaid);
	size_t n = DOC_COUNT(d, run, unsaid);
	while (d->next_unsaid < n && r[d->next_unsaid].to <= x->from)
		d->next_unsaid++;
	return d->next_unsaid < n && r[d->next_unsaid].from < x->to;
}

static void add_sentence(struct splitter *s, size_t from, size_t to)
{
	struct doc *d = s->d;
	while (from < to && s->t.p[from] == ' ')
		from++;
	while (to > from && s->t.p[to - 1] == ' ')
		to--;
	size_t words = DOC_COUNT(d, word, words);
	bool more = take_words(s, from, to);
	size_t n = DOC_COUNT(d, word, words) - words;
	if (!n || !more)
		return;
	struct sentence *x = doc_push(d, &d->sentences, sizeof *x);
	if (!x)
		return;
	*x = (struct sentence){
		.from = s->base + (uint32_t)from, .to = s->base + (uint32_t)to, .word = (uint32_t)words, .block = s->block
	};
	x->nwords = n > SENTENCE_WORDS_MAX ? SENTENCE_WORDS_MAX : (uint32_t)n;
	x->cut = n > SENTENCE_WORDS_MAX;
	x->question = to > from && s->t.p[to - 1] == '?';
	struct text t = text_of(s->t.p + from, to - from);
	x->silent = is_struck(d, x) || text_has_blank(t) || text_has(t, "~~"); /* struck out in Markdown */
	if (x->cut) /* what goes beyond is in no sentence: nothing is known of it */
		doc_damage(d, ERR_BUDGET, UINT64_MAX, "a sentence of %zu words; of it %u are looked at", n, SENTENCE_WORDS_MAX);
}

static void split_block(struct splitter *s)
{
	size_t from = 0, next;
	for (size_t at = 0; at < s->t.n && !s->d->full && !s->d->failed; at++)
		if (!s->whole && ends_at(s->t, at, &next)) {
			add_sentence(s, from, at + (s->t.p[at] != '|'));
			from = next;
			at = next - 1;
		}
	add_sentence(s, from, s->t.n);
}

/* An item goes on with the paragraph before its list when that ends with a colon or in the midst of a sentence. */
static bool leads(const struct doc *d, const struct sentence *x)
{
	struct text t = text_cut(d, x->from, x->to);
	return t.n && t.p[t.n - 1] == ':';
}

/* tools/document_patterns.py has the same. */
static uint8_t bit_of(struct text t)
{
	unsigned a = t.n ? (uint8_t)t.p[0] : 0, b = t.n > 1 ? (uint8_t)t.p[1] : 0;
	return (a * 31 + b) & 63;
}

void split_sentences(struct doc *d)
{
	size_t n = DOC_COUNT(d, block, blocks);
	uint32_t leads_of[ITEM_LEVELS + 2] = { 0 }; /* for items of each level */
	d->full = false; /* of text: what was read of it is looked at */
	for (size_t i = 0; i < n && !d->failed && !d->full; i++) {
		const struct block *b = &DOC_ARRAY(d, block, blocks)[i];
		struct splitter s = { .d = d,
							  .t = text_cut(d, b->from, b->to),
							  .base = b->from,
							  .block = (uint32_t)i,
							  .whole = b->kind == BLOCK_CODE || b->kind == BLOCK_CONTENTS || b->kind == BLOCK_HEADING };
		size_t first = DOC_COUNT(d, sentence, sentences);
		split_block(&s);
		size_t last = DOC_COUNT(d, sentence, sentences);
		bool leading = first < last && leads(d, &DOC_ARRAY(d, sentence, sentences)[last - 1]);
		if (b->kind == BLOCK_HEADING)
			leads_of[1] = 0;
		if (b->kind == BLOCK_ITEM && first < last) {
			unsigned level = b->level < ITEM_LEVELS ? b->level : ITEM_LEVELS;
			DOC_ARRAY(d, sentence, sentences)[first].lead = leads_of[level];
			leads_of[level + 1] = leading ? (uint32_t)last : leads_of[level];
		} else if (b->kind == BLOCK_PARAGRAPH && first < last) {
			leads_of[1] = leading ? (uint32_t)last : 0;
		}
	}
	/* the folded text does not move any more */
	struct word *w = DOC_ARRAY(d, word, words);
	for (size_t i = 0; i < DOC_COUNT(d, word, words); i++) {
		w[i].text.p = (const char *)d->folded.p + (uintptr_t)w[i].text.p;
		w[i].bit = bit_of(w[i].text);
	}
}
