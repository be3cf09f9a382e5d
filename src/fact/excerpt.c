/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fact/excerpt.h"

#include "fact/batch.h"
#include "fact/excerpt_place.h"

/* Bytes that are compared with credentials in one blob, of which a file may have many: then its excerpts end. */
#define COMPARED_MAX ((uint64_t)64 << 20)
/* On a line that is longer (JSON without line breaks) a row is looked for so far before and behind the one before it, as they follow
 * each other; and then in the whole line, as long as all that is searched so is no more than some times the blob. */
#define LINE_LONG ((size_t)32 << 10)
#define SEARCHED_TIMES 16u
/* A credential stands so near to its offset: the offset may be that of its name. */
#define NEAR 512u
/* What is hidden of a private key whose size is not looked at. */
#define KEY_MAX 8192u
/* What is worth telling of a private key: what it is. */
#define KEY_HEAD 4u

struct quoting {
	struct excerpt_source source;
	struct buf credentials; /* of struct excerpt_credential */
	size_t rows[FACT_TYPES]; /* of each table, so far */
	struct buf *out;
	size_t limit;
	uint64_t compared, searched; /* searched: of long lines */
	int64_t line[FACT_TYPES];    /* where the row before of that table was found: a long line, and a place in it */
	size_t place[FACT_TYPES];
	bool is_over; /* no memory, no room, no time */
};

static struct excerpt_credential *credential(const struct quoting *q, size_t i)
{
	return (struct excerpt_credential *)(void *)q->credentials.p + i;
}

static size_t credentials_count(const struct quoting *q)
{
	return q->credentials.n / sizeof(struct excerpt_credential);
}

static bool collect(void *context, enum fact_type type, const void *row)
{
	struct quoting *q = context;
	struct excerpt_credential c;
	q->rows[type]++;
	if (excerpt_row_credential(type, row, &c))
		q->is_over |= buf_add(&q->credentials, &c, sizeof c) != ERR_NONE;
	return !q->is_over;
}

/* A line around the one that is meant: none that a credential was found in, none that may have one. */
static bool may_show(void *context, int64_t line, struct text text)
{
	const struct quoting *q = context;
	for (size_t i = 0; i < credentials_count(q); i++)
		if (credential(q, i)->line == line)
			return false;
	return !excerpt_may_be_secret(text);
}

/* Whether a line that is so long may be searched whole. */
static bool may_search(struct quoting *q, size_t n)
{
	if (n > LINE_LONG)
		q->searched += n;
	return n <= LINE_LONG || q->searched <= SEARCHED_TIMES * (uint64_t)q->source.bytes.n;
}

static void hide_key(struct quoting *q, const struct excerpt_cut *cut, uint64_t offset, struct excerpt_hidden *hidden)
{
	struct span here = span_from(q->source.bytes, offset);
	if (!span_starts(here, "-----BEGIN ", 11)) /* armour is hidden wherever it stands */
		excerpt_hide(hidden, cut, offset + KEY_HEAD, offset + KEY_MAX, true);
}

/* The credential's own place is in the excerpt, and it does not stand there as it was read: in escapes, in parts, in another
 * alphabet. Then nobody knows what of the line, or of what follows, it is. */
static void hide_place(struct quoting *q, struct excerpt_credential *c, const struct excerpt_cut *cut,
					   struct excerpt_hidden *hidden)
{
	size_t from, to;
	struct span line;
	if (c->line != FACT_NULL) {
		if (!excerpt_line(&q->source, c->line, &from, &to))
			return;
		if (to < cut->start || from >= cut->start + cut->n)
			return;
		if (!c->is_looked_for) {
			line = span_sub(q->source.bytes, from, to - from);
			c->stands_there = c->value.n && line.n && may_search(q, line.n) && memmem(line.p, line.n, c->value.p, c->value.n);
			c->is_looked_for = true;
		}
		if (!c->stands_there)
			excerpt_hide(hidden, cut, from, to, true);
	} else if (c->offset >= 0 && c->value.n) {
		line = span_clip(q->source.bytes, (uint64_t)c->offset, NEAR + c->value.n);
		if (!line.n || !memmem(line.p, line.n, c->value.p, c->value.n))
			excerpt_hide(hidden, cut, (uint64_t)c->offset, (uint64_t)c->offset + NEAR + c->value.n, true);
	}
}

static void hide_credentials(struct quoting *q, const struct excerpt_cut *cut, struct excerpt_hidden *hidden)
{
	for (size_t i = 0; i < credentials_count(q) && !q->is_over; i++) {
		struct excerpt_credential *c = credential(q, i);
		if (c->is_key && c->offset >= 0)
			hide_key(q, cut, (uint64_t)c->offset, hidden);
		if (c->is_key)
			continue;
		excerpt_hide_value(hidden, cut, q->source.bytes, c->value);
		hide_place(q, c, cut, hidden);
		q->compared += cut->n + 2 * c->value.n + 64;
		q->is_over = q->compared > COMPARED_MAX;
	}
	excerpt_hide_armour(hidden, cut, q->source.bytes);
	excerpt_hide_named(hidden, cut, q->source.bytes);
}

/* What the row quotes of its line: narrows the two to it. */
static bool find_in_line(struct quoting *q, const struct excerpt_rule *rule, const void *row, int64_t line, size_t *from, size_t *to)
{
	struct span all = q->source.bytes;
	if (*to - *from <= LINE_LONG)
		return excerpt_row_in_line(rule, row, all, 0, from, to) != 0;
	size_t before = q->line[rule->type] == line ? q->place[rule->type] : *from;
	size_t first = before - *from > LINE_LONG ? before - LINE_LONG : *from, last = *to - before > LINE_LONG ? before + LINE_LONG : *to;
	bool is = excerpt_row_in_line(rule, row, all, before, &first, &last) & 1; /* a version alone may be any row's */
	if (!is && may_search(q, *to - *from)) {
		first = *from;
		last = *to;
		is = excerpt_row_in_line(rule, row, all, before, &first, &last) != 0;
	}
	if (!is)
		return false;
	*from = first;
	*to = last;
	q->line[rule->type] = line;
	q->place[rule->type] = last;
	return true;
}

/* By its line, by its offset in a text, or as binary data. */
static bool cut_row(struct quoting *q, const struct excerpt_rule *rule, const void *row, struct excerpt_cut *cut)
{
	struct excerpt_source *s = &q->source;
	struct excerpt_context around = { rule->without_context ? NULL : may_show, q };
	int64_t line = excerpt_row_line(rule, row), offset = excerpt_row_offset(rule, row);
	size_t from, to;
	if (line != FACT_NULL && excerpt_line(s, line, &from, &to)) {
		if (!find_in_line(q, rule, row, line, &from, &to) && rule->is_quoted_or_none)
			return false;
		return excerpt_cut_text(s, line, from, to, around, cut) || excerpt_cut_binary(s->bytes, from, to - from, cut);
	}
	if (offset == FACT_NULL || offset < 0 || rule->is_quoted_or_none)
		return false;
	uint64_t n = excerpt_row_length(rule, row, s->bytes);
	line = s->is_text ? excerpt_line_of(s, (uint64_t)offset) : 0;
	if (line && excerpt_line(s, line, &from, &to) && (uint64_t)offset <= to) {
		from = (size_t)offset;
		to = n && n < to - from ? from + (size_t)n : to;
		if (excerpt_cut_text(s, line, from, to, around, cut))
			return true;
	}
	return excerpt_cut_binary(s->bytes, (uint64_t)offset, n, cut);
}

static void add(struct quoting *q, enum fact_type type, size_t number, const struct excerpt_cut *cut)
{
	struct excerpt_hidden hidden = { .n = 0 };
	char text[EXCERPT_HIDDEN_TEXT];
	hide_credentials(q, cut, &hidden);
	if (q->is_over) /* not all of it was compared */
		return;
	excerpt_hidden_write(&hidden, text);
	struct fact_excerpt e = {
		.table_name = text_c(fact_tables[type].name),
		.row_id = (int64_t)number,
		.form = cut->line == FACT_NULL ? TEXT_LIT("binary") : TEXT_LIT("text"),
		.line = cut->line,
		.offset = (int64_t)cut->offset,
		.marked = (int64_t)cut->marked,
		.start = (int64_t)cut->start,
		.cut_before = cut->cut_before,
		.cut_after = cut->cut_after,
		.hidden = hidden.n ? text_c(text) : TEXT_NONE,
		.bytes = text_from_span(span_sub(q->source.bytes, cut->start, cut->n)),
	};
	q->is_over = q->out->n + cut->n > q->limit || batch_add(q->out, FACT_excerpt, &e) != ERR_NONE;
}

static bool quote(void *context, enum fact_type type, const void *row)
{
	struct quoting *q = context;
	const struct excerpt_rule *rule = excerpt_rule_of(type);
	struct excerpt_cut cut;
	size_t number = q->rows[type]++;
	if (rule && number < EXCERPTS_PER_TABLE && cut_row(q, rule, row, &cut))
		add(q, type, number, &cut);
	return !q->is_over;
}

static bool is_any_quoted(const struct quoting *q)
{
	bool any = false;
	for (int type = 0; type < FACT_TYPES; type++)
		any |= q->rows[type] > 0 && excerpt_rule_of((enum fact_type)type);
	return any;
}

void excerpts_add(struct span rows, struct span bytes, bool is_text, struct buf *out)
{
	struct quoting q = { .source = { .bytes = bytes, .is_text = is_text }, .out = out, .limit = out->n + EXCERPTS_BYTES_MAX };
	if (bytes.n && rows.n && batch_rows(rows, collect, &q) && is_any_quoted(&q)) {
		memset(q.rows, 0, sizeof q.rows);
		if (!batch_rows(rows, quote, &q))
			q.is_over = true; /* what was made is whole */
	}
	buf_free(&q.credentials);
	excerpt_source_free(&q.source);
}

bool excerpt_is_sound(const struct fact_excerpt *e, int64_t size)
{
	struct excerpt_hidden hidden;
	int type = 0;
	while (type < FACT_TYPES && !text_is(e->table_name, fact_tables[type].name))
		type++;
	bool is_text = text_is(e->form, "text");
	if (type == FACT_TYPES || type == FACT_excerpt || (!is_text && !text_is(e->form, "binary")))
		return false;
	int64_t n = (int64_t)e->bytes.n;
	if (n > (int64_t)EXCERPT_MAX || e->start < 0 || e->start > size || n > size - e->start)
		return false;
	int64_t end = e->start + n;
	return e->row_id >= 0 && (is_text ? e->line > 0 : e->line == FACT_NULL) && e->bytes.p && e->offset >= e->start &&
		   e->offset <= end &&
		   e->marked >= 0 && e->marked <= end - e->offset && e->cut_before != FACT_NULL && e->cut_after != FACT_NULL &&
		   excerpt_hidden_read(e->hidden, e->bytes.n, &hidden);
}
