/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Dates in the notations that people use. What is ambiguous stays unknown: 01/03/2026 is the year 2026. */
#include <ctype.h>
#include <stdio.h>
#include <strings.h>

#include "document/lexicon.h"

static const struct {
	const char *name;
	unsigned month;
} months[] = {
	{ "january", 1 },   { "february", 2 },   { "march", 3 },      { "april", 4 },     { "may", 5 },
	{ "june", 6 },      { "july", 7 },       { "august", 8 },     { "september", 9 }, { "october", 10 },
	{ "november", 11 }, { "december", 12 },  { "jan", 1 },        { "feb", 2 },       { "mar", 3 },
	{ "apr", 4 },       { "jun", 6 },        { "jul", 7 },        { "aug", 8 },       { "sep", 9 },
	{ "sept", 9 },      { "oct", 10 },       { "nov", 11 },       { "dec", 12 },      { "januar", 1 },
	{ "jänner", 1 },    { "februar", 2 },    { "märz", 3 },       { "mai", 5 },       { "juni", 6 },
	{ "juli", 7 },      { "oktober", 10 },   { "dezember", 12 },  { "okt", 10 },      { "dez", 12 },
	{ "janvier", 1 },   { "février", 2 },    { "mars", 3 },       { "avril", 4 },     { "juin", 6 },
	{ "juillet", 7 },   { "août", 8 },       { "septembre", 9 },  { "octobre", 10 },  { "novembre", 11 },
	{ "décembre", 12 }, { "enero", 1 },      { "febrero", 2 },    { "marzo", 3 },     { "abril", 4 },
	{ "mayo", 5 },      { "junio", 6 },      { "julio", 7 },      { "agosto", 8 },    { "septiembre", 9 },
	{ "octubre", 10 },  { "noviembre", 11 }, { "diciembre", 12 }, { "gennaio", 1 },   { "febbraio", 2 },
	{ "aprile", 4 },    { "maggio", 5 },     { "giugno", 6 },     { "luglio", 7 },    { "settembre", 9 },
	{ "ottobre", 10 },  { "dicembre", 12 },  { "januari", 1 },    { "februari", 2 },  { "maart", 3 },
	{ "mei", 5 },       { "augustus", 8 },
};

static bool is_year(unsigned long v)
{
	return v >= 1980 && v < 2100;
}

struct scan {
	struct text t;
	size_t at;
};

static bool number(struct scan *s, unsigned *value, unsigned *digits)
{
	unsigned n = 0, v = 0;
	while (s->at < s->t.n && n < 5 && isdigit((unsigned char)s->t.p[s->at])) {
		v = v * 10 + (unsigned)(s->t.p[s->at++] - '0');
		n++;
	}
	*value = v;
	*digits = n;
	return n > 0 && n < 5 && !(s->at < s->t.n && isdigit((unsigned char)s->t.p[s->at]));
}

/* Passes over what may stand between the parts of a date in words: "1st of", ".", ",", white space. */
static void pass(struct scan *s)
{
	static const char *const small[] = { "st", "nd", "rd", "th", "of ", "de ", "del ", "er " };
	for (bool more = true; more;) {
		more = false;
		while (s->at < s->t.n && strchr(" .,", s->t.p[s->at])) {
			s->at++;
			more = true;
		}
		for (size_t i = 0; i < sizeof small / sizeof small[0]; i++)
			if (text_starts(text_of(s->t.p + s->at, s->t.n - s->at), small[i]) &&
				(i > 3 || (s->at > 0 && isdigit((unsigned char)s->t.p[s->at - 1])))) {
				s->at += strlen(small[i]);
				more = true;
			}
	}
}

static unsigned month(struct scan *s)
{
	char word[24] = "";
	size_t n = 0, at = s->at;
	while (at < s->t.n) {
		size_t next = at;
		uint32_t c = utf8_next(s->t, &next);
		if (!utf8_is_letter(c) || n + 4 >= sizeof word)
			break;
		n += utf8_put(utf8_lower(c), word + n);
		at = next;
	}
	for (size_t i = 0; n >= 3 && i < sizeof months / sizeof months[0]; i++)
		if (months[i].name[0] == word[0] && strncmp(months[i].name, word, n) == 0 && !months[i].name[n]) {
			s->at = at;
			return months[i].month;
		}
	return 0;
}

bool date_is_month(struct text t, size_t at)
{
	struct scan s = { t, at };
	return month(&s) != 0;
}

static bool is_real(const struct date *d)
{
	static const unsigned days[] = { 31, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = d->year % 4 == 0 && (d->year % 100 != 0 || d->year % 400 == 0);
	return is_year(d->year) && d->month <= 12 && d->day <= days[d->month] + (leap && d->month == 2);
}

/* 1/3/2026, 1-3-2026: which is the day, the writer's country tells, and that is not known. With full stops it is the first. */
static void order(struct date *d, unsigned a, unsigned b, char mark)
{
	bool day_first = mark == '.' || a > 12 || a == b, month_first = !day_first && b > 12;
	d->day = day_first ? a : month_first ? b : 0;
	d->month = day_first ? b : month_first ? a : 0;
}

/* Digits and one mark between them. */
static bool numeric(struct scan *s, struct date *d)
{
	unsigned v[3], digits[3];
	struct scan x = *s;
	if (!number(&x, &v[0], &digits[0]) || x.at >= x.t.n || !strchr("-/.", x.t.p[x.at]))
		return false;
	char mark = x.t.p[x.at++];
	if (mark == '.' && x.at < x.t.n && x.t.p[x.at] == ' ')
		x.at++;
	if (!number(&x, &v[1], &digits[1]))
		return false;
	bool third = x.at < x.t.n && x.t.p[x.at] == mark;
	struct scan y = x;
	y.at += third;
	if (third && mark == '.' && y.at < y.t.n && y.t.p[y.at] == ' ')
		y.at++;
	third = third && number(&y, &v[2], &digits[2]);
	bool padded = digits[1] == 2 && third && digits[2] == 2; /* 2026.1.2 is a version */
	if (third && digits[0] == 4 && digits[1] <= 2 && digits[2] <= 2 && (mark != '.' || padded)) {
		*d = (struct date){ .year = v[0], .month = v[1], .day = v[2] };
	} else if (third && digits[2] == 4 && digits[0] <= 2 && digits[1] <= 2) {
		d->year = v[2];
		order(d, v[0], v[1], mark);
	} else if (!third && digits[0] == 4 && digits[1] == 2 && mark == '-') {
		*d = (struct date){ .year = v[0], .month = v[1] };
		y = x;
	} else {
		return false;
	}
	s->at = y.at;
	return is_real(d) && (d->month || v[1] <= 31);
}

static bool worded(struct scan *s, struct date *d)
{
	struct scan x = *s;
	unsigned v = 0, digits = 0;
	bool day_first = number(&x, &v, &digits);
	if (day_first && (digits > 2 || v == 0 || v > 31))
		return false;
	if (day_first)
		pass(&x);
	if (!(d->month = month(&x)))
		return false;
	d->day = day_first ? v : 0;
	pass(&x);
	if (!number(&x, &v, &digits))
		return false;
	if (!day_first && digits <= 2) {
		d->day = v;
		pass(&x);
		if (!number(&x, &v, &digits))
			return false;
	}
	d->year = v;
	if (digits != 4)
		return false;
	s->at = x.at;
	d->unreal = !is_real(d); /* "31 February 2031" is not the February of 2031, either */
	return true;
}

/* A year by itself, where a word before it says that it is one. */
static bool bare_year(struct scan *s, struct date *d)
{
	static const char *const before[] = { "until", "till", "through", "since", "by", "in",
										  "of",    "bis",  "seit",    "year",  "end" };
	unsigned v, digits;
	struct scan x = *s;
	size_t end = s->at;
	while (end > 0 && s->t.p[end - 1] == ' ')
		end--;
	size_t from = end;
	while (from > 0 && isalpha((unsigned char)s->t.p[from - 1]))
		from--;
	if (!number(&x, &v, &digits) || digits != 4 || !is_year(v) || (x.at < x.t.n && strchr("-/:%", x.t.p[x.at])))
		return false;
	if (x.at + 1 < x.t.n && x.t.p[x.at] == '.' && isdigit((unsigned char)x.t.p[x.at + 1]))
		return false;
	for (size_t i = 0; i < sizeof before / sizeof before[0]; i++)
		if (strlen(before[i]) == end - from && strncasecmp(s->t.p + from, before[i], end - from) == 0) {
			*d = (struct date){ .year = v };
			s->at = x.at;
			return true;
		}
	return false;
}

static bool date_at(struct scan *s, struct date *d)
{
	size_t at = s->at;
	static bool (*const notations[])(struct scan *, struct date *) = { numeric, worded, bare_year };
	for (size_t i = 0; i < sizeof notations / sizeof notations[0]; i++) {
		*d = (struct date){ 0 };
		s->at = at;
		if (notations[i](s, d))
			return true;
	}
	s->at = at;
	return false;
}

size_t dates_find(const struct doc *doc, uint32_t from, uint32_t to, struct date *dates, size_t room)
{
	struct scan s = { .t = text_cut(doc, from, to) };
	size_t n = 0;
	while (s.at < s.t.n && n < room) {
		size_t at = s.at;
		char before = at ? s.t.p[at - 1] : ' ';
		struct date d;
		if (isalnum((unsigned char)before) || strchr("-/.:", before) || (uint8_t)before >= 0x80 || !date_at(&s, &d)) {
			s.at = at + 1;
			continue;
		}
		if (d.unreal)
			continue;
		d.from = from + (uint32_t)at;
		d.to = from + (uint32_t)s.at;
		dates[n++] = d;
	}
	return n;
}

void date_text(const struct date *d, char out[16])
{
	if (d->day && d->month)
		snprintf(out, 16, "%04u-%02u-%02u", d->year % 10000, d->month % 100, d->day % 100);
	else if (d->month)
		snprintf(out, 16, "%04u-%02u", d->year % 10000, d->month % 100);
	else
		snprintf(out, 16, "%04u", d->year % 10000);
}

/* Whether it is the first day of "from ... to ...". */
static bool begins_range(struct wording *w, const struct date *date)
{
	struct match m;
	if (!rules_match(w, &w->lexicon->ranges, &m))
		return false;
	return date->from > w->words[m.first].at && date->to <= w->words[m.last - 1].at;
}

/* A day is the end of support where its sentence says so, by the same measure as a statement of it: not where it may be so, and
 * not of something else than the product. */
static const char *meaning_of(struct reading *r, struct sentence_wording *words, const struct sentence *s,
							  const struct date *date)
{
	const char *name = reading_name(r, words, s, &r->lexicon->meanings);
	struct match m;
	if (!name || is_unsaid(r->d, s, &words->wording, words->lead))
		return NULL;
	if (strcmp(name, "support-end") != 0)
		return name;
	const struct block *b = &DOC_ARRAY(r->d, block, blocks)[s->block];
	if (begins_range(&words->wording, date) || s->question || b->kind == BLOCK_CODE || b->kind == BLOCK_CONTENTS ||
		rules_match(&words->wording, &r->lexicon->examples, &m) || reading_below_denial(r, s))
		return NULL;
	for (unsigned i = 0; i < r->lexicon->nelements; i++)
		if (strcmp(r->lexicon->elements[i].name, name) == 0 &&
			rules_match(&words->wording, &r->lexicon->elements[i].never, &m))
			return NULL;
	return wording_asserts(r->d, &words->wording) ? name : NULL;
}

#define BEFORE_MAX 250u /* bytes: a longer paragraph may be about more than one thing */

/* What stands before a sentence in its section, from the paragraph above its own on: that may name what it is about. */
static struct text before_of(const struct doc *d, const struct sentence *s)
{
	const struct block *b = &DOC_ARRAY(d, block, blocks)[s->block], *above = s->block ? b - 1 : b;
	bool joined = above->kind == BLOCK_PARAGRAPH && above->section == b->section;
	struct text t = text_trim(text_cut(d, joined ? above->from : b->from, s->from), TEXT_SPACES);
	return t.n <= BEFORE_MAX ? t : TEXT_NONE;
}

void emit_dates(struct reading *r)
{
	const struct doc *d = r->d;
	struct sentence_wording *words = ARENA_NEW(d->arena, struct sentence_wording);
	for (size_t i = 0; words && i < DOC_COUNT(d, sentence, sentences) && !doc_is_late(r->d, "dates", i); i++) {
		const struct sentence *s = &DOC_ARRAY(d, sentence, sentences)[i];
		struct date dates[DATES_MAX];
		size_t n = s->silent ? 0 : dates_find(d, s->from, s->to, dates, DATES_MAX);
		if (n && r->lexicon)
			reading_wording(r, s, words);
		for (size_t k = 0; k < n && reading_counts(r, FACT_document_date); k++) {
			char text[16];
			date_text(&dates[k], text);
			struct fact_document_date row = { .date = text_c(text), .sentence = reading_row_quote(r, s) };
			text_place(d, dates[k].from, &row.line, &row.page);
			if (r->lexicon)
				row.meaning = text_c(meaning_of(r, words, s, &dates[k]));
			if (text_is(row.meaning, "support-end"))
				row.before = before_of(d, s);
			emit_document_date(d->sink, &row);
		}
	}
}
