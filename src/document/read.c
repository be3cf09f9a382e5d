/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "document/document.h"

#include <ctype.h>
#include <stdlib.h>
#include <strings.h>

#include "base/clock.h"
#include "document/lexicon.h"

const struct document_limits document_limits_default = {
	.bytes = (uint64_t)32 << 20,
	.text = (uint64_t)8 << 20,
	.words = 1000000,
	.pages = 3000,
	.depth = 1000,
	.rows = 20000,
	.seconds = 20, /* of the 30 after which the worker is ended, and all is lost */
};

/* What a sentence is quoted with, at most; beyond it ends in an ellipsis. */
#define QUOTE_MAX 1000u

const char *const document_roles[] = { "privacy-notice",
									   "manual",
									   "disclosure-policy",
									   "advisory",
									   "support-policy",
									   "terms",
									   "pia",
									   "test-report",
									   "certificate",
									   "label",
									   "inventory",
									   "records",
									   "product-page",
									   "other",
									   NULL };

bool document_is_role(struct text role)
{
	for (size_t i = 0; document_roles[i]; i++)
		if (text_is(role, document_roles[i]))
			return true;
	return false;
}

/* Acrobat takes a header within the first 1024 bytes (ISO 32000-1, annex H, note 13). */
bool document_is_pdf(struct span bytes)
{
	struct span head = span_clip(bytes, 0, 1024);
	return head.n && memmem(head.p, head.n, "%PDF-", 5) != NULL;
}

static bool has_suffix(struct text name, const char *const *suffixes)
{
	for (size_t i = 0; suffixes[i]; i++) {
		size_t n = strlen(suffixes[i]);
		if (name.n > n && strncasecmp(name.p + name.n - n, suffixes[i], n) == 0)
			return true;
	}
	return false;
}

static bool begins_as_html(struct text t)
{
	static const char *const tags[] = { "<!doctype html", "<html", "<head", "<body", "<?xml" };
	size_t at = 0;
	while (at < t.n && isspace((unsigned char)t.p[at]))
		at++;
	for (size_t i = 0; i < sizeof tags / sizeof tags[0]; i++)
		if (t.n - at >= strlen(tags[i]) && strncasecmp(t.p + at, tags[i], strlen(tags[i])) == 0)
			return true;
	return false;
}

/* Text has no NUL. */
static bool is_binary(struct span s)
{
	bool utf16 = span_starts(s, "\xFF\xFE", 2) || span_starts(s, "\xFE\xFF", 2);
	return !utf16 && s.n && memchr(s.p, 0, s.n < 65536 ? s.n : 65536) != NULL;
}

static void read_text(struct doc *d, struct span bytes)
{
	static const char *const html[] = { ".html", ".htm", ".xhtml", NULL }, *const markdown[] = { ".md", ".markdown",
																								 ".mkd", NULL };
	struct text t = utf8_from(bytes, d->arena);
	if (!t.p && bytes.n) {
		d->failed = true;
		return;
	}
	bool is_html = begins_as_html(t) || has_suffix(d->options->name, html);
	d->format = is_html ? "html" : has_suffix(d->options->name, markdown) ? "markdown" : "text";
	doc_stage(d, d->format);
	d->line = 1;
	if (is_html)
		read_html(d, t);
	else if (strcmp(d->format, "markdown") == 0)
		read_markdown(d, t);
	else
		read_plain(d, t);
}

static void read_any(struct doc *d, struct span bytes)
{
	if (document_is_pdf(bytes)) {
		d->format = "pdf";
		doc_stage(d, "pdf");
		if (bytes.n > d->limits->bytes)
			doc_damage(d, ERR_BUDGET, d->limits->bytes, "a PDF of more than %llu bytes is not read",
					   (unsigned long long)d->limits->bytes);
		else
			read_pdf(d, bytes);
		return;
	}
	if (is_binary(bytes)) {
		doc_damage(d, ERR_UNSUPPORTED, 0, "neither Markdown, HTML, PDF nor text");
		return;
	}
	if (bytes.n > d->limits->bytes) {
		doc_damage(d, ERR_BUDGET, d->limits->bytes, "more than %llu bytes; the rest is not read",
				   (unsigned long long)d->limits->bytes);
		bytes = span_sub(bytes, 0, d->limits->bytes);
		while (bytes.n && (bytes.p[bytes.n - 1] & 0xC0) == 0x80) /* no character in halves */
			bytes.n--;
		bytes.n -= bytes.n && bytes.p[bytes.n - 1] >= 0xC0;
	}
	read_text(d, bytes);
}

bool reading_counts(struct reading *r, enum fact_type type)
{
	uint32_t n = ++r->rows[type];
	if (n == r->d->limits->rows + 1)
		doc_damage(r->d, ERR_BUDGET, UINT64_MAX, "more rows of %s than are kept: the first %u are",
				   fact_tables[type].name, r->d->limits->rows);
	return n <= r->d->limits->rows;
}

struct text reading_quote(const struct reading *r, const struct sentence *s)
{
	const struct doc *d = r->d;
	struct text own = text_cut(d, s->from, s->to), lead = TEXT_NONE;
	if (s->lead) {
		const struct sentence *l = &DOC_ARRAY(d, sentence, sentences)[s->lead - 1];
		lead = text_cut(d, l->from, l->to);
	}
	if (!lead.n && own.n <= QUOTE_MAX)
		return own;
	size_t a = lead.n < QUOTE_MAX / 2 ? lead.n : QUOTE_MAX / 2, b = own.n < QUOTE_MAX ? own.n : QUOTE_MAX;
	while (a && a < lead.n && ((uint8_t)lead.p[a] & 0xC0) == 0x80)
		a--;
	while (b && b < own.n && ((uint8_t)own.p[b] & 0xC0) == 0x80)
		b--;
	return text_c(arena_printf(d->arena, "%.*s%s%.*s%s", (int)a, lead.n ? lead.p : "",
							   a < lead.n ? " ... "
							   : lead.n   ? " "
										  : "",
							   (int)b, own.p, b < own.n ? " ..." : ""));
}

#define ROW_HEAD_MAX 120u /* bytes of what a row of a table is about */

struct text reading_row_quote(const struct reading *r, const struct sentence *s)
{
	const struct doc *d = r->d;
	const struct block *b = &DOC_ARRAY(d, block, blocks)[s->block];
	struct text quote = reading_quote(r, s);
	if (!b->row)
		return quote;
	const struct block *first = &DOC_ARRAY(d, block, blocks)[b->row - 1];
	struct text row = text_cut(d, first->from, first->to);
	if (!row.n || row.n > ROW_HEAD_MAX)
		return quote;
	return text_c(arena_printf(d->arena, "%.*s: %.*s", (int)row.n, row.p, (int)quote.n, quote.p));
}

static void append(const struct doc *d, const struct sentence *s, struct sentence_wording *out)
{
	struct wording *w = &out->wording;
	for (uint32_t i = 0; i < s->nwords && w->n < WORDING_MAX; i++)
		out->words[w->n++] = DOC_ARRAY(d, word, words)[s->word + i];
	w->cut |= s->cut || w->n == WORDING_MAX;
	if (w->ndates < DATES_MAX)
		w->ndates += dates_find(d, s->from, s->to, out->dates + w->ndates, DATES_MAX - w->ndates);
}

void reading_wording(const struct reading *r, const struct sentence *s, struct sentence_wording *out)
{
	const struct doc *d = r->d;
	out->wording = (struct wording){ .lexicon = r->lexicon, .words = out->words, .dates = out->dates };
	if (s->lead)
		append(d, &DOC_ARRAY(d, sentence, sentences)[s->lead - 1], out);
	out->lead = out->wording.n;
	append(d, s, out);
	wording_prepare(&out->wording, out->negated);
}

/* The sentence that begins a block; NULL: it has none. */
static const struct sentence *first_sentence(const struct doc *d, uint32_t block)
{
	const struct sentence *s = DOC_ARRAY(d, sentence, sentences);
	size_t from = 0, n = DOC_COUNT(d, sentence, sentences), to = n;
	while (from < to) {
		size_t middle = from + (to - from) / 2;
		if (s[middle].block < block)
			from = middle + 1;
		else
			to = middle;
	}
	return from < n && s[from].block == block ? &s[from] : NULL;
}

const char *reading_name(const struct reading *r, struct sentence_wording *own, const struct sentence *s,
						 const struct lexicon_names *names)
{
	const struct doc *d = r->d;
	const struct block *blocks = DOC_ARRAY(d, block, blocks);
	const char *name = names_match(&own->wording, names);
	uint32_t above = blocks[s->block].column ? blocks[s->block].column : blocks[s->block].section;
	struct sentence_wording *words = name || !above ? NULL : malloc(sizeof *words);
	for (unsigned i = 0; words && !name && above && i < 8; i++) {
		const struct sentence *h = first_sentence(d, above - 1);
		if (h) {
			reading_wording(r, h, words);
			name = names_match(&words->wording, names);
		}
		above = i == 0 && blocks[s->block].column ? blocks[s->block].section : blocks[above - 1].section;
	}
	free(words);
	return name;
}

bool reading_below_denial(struct reading *r, const struct sentence *s)
{
	const struct block *blocks = DOC_ARRAY(r->d, block, blocks), *b = &blocks[s->block];
	const struct sentence *heading = b->section ? first_sentence(r->d, b->section - 1) : NULL;
	if (s->lead || !heading || heading->question || !block_may_be_item(r->d, b))
		return false;
	if (r->heading == b->section)
		return r->heading_denies;
	struct sentence_wording *words = malloc(sizeof *words);
	if (!words) {
		r->d->failed = true;
		return true;
	}
	reading_wording(r, heading, words);
	r->heading = b->section;
	r->heading_denies = heading_denies(words);
	free(words);
	return r->heading_denies;
}

static struct text title_of(const struct doc *d)
{
	const struct block *b = DOC_ARRAY(d, block, blocks);
	for (size_t i = 0; i < DOC_COUNT(d, block, blocks); i++)
		if (b[i].kind == BLOCK_HEADING && (b[i].level == 1 || !d->title.n))
			return text_cut(d, b[i].from, b[i].to);
	return d->title;
}

static void emit_document_row(struct reading *r)
{
	struct doc *d = r->d;
	struct fact_document row = {
		.format = text_c(d->format),
		.title = title_of(d),
		.language = r->language,
		.pages = d->pages ? d->pages : FACT_NULL,
		.words = (int64_t)DOC_COUNT(d, word, words),
		.sentences = (int64_t)DOC_COUNT(d, sentence, sentences),
		.has_text = DOC_COUNT(d, word, words) > 0 && d->pages_without_text == 0,
	};
	row.formula = text_c(level_of(d, r->language, &row.reading_millis));
	emit_document(d->sink, &row);
}

struct fact_document document_unread(const char *reason)
{
	return (struct fact_document){
		.pages = FACT_NULL,
		.words = FACT_NULL,
		.sentences = FACT_NULL,
		.reading_millis = FACT_NULL,
		.has_text = 0,
		.state = TEXT_LIT("unread"),
		.reason = text_c(reason),
	};
}

static void emit_sections(struct reading *r)
{
	const struct doc *d = r->d;
	for (size_t i = 0; i < DOC_COUNT(d, block, blocks); i++) {
		const struct block *b = &DOC_ARRAY(d, block, blocks)[i];
		if (b->kind != BLOCK_HEADING)
			continue;
		if (!reading_counts(r, FACT_document_section))
			break;
		struct fact_document_section row = { .level = b->level, .heading = text_cut(d, b->from, b->to) };
		text_place(d, b->from, &row.line, &row.page);
		emit_document_section(d->sink, &row);
	}
}

static const struct lexicon *lexicon_of(struct text language)
{
	for (size_t i = 0; language.n && lexicons[i]; i++)
		if (text_is(language, lexicons[i]->language))
			return lexicons[i];
	return NULL;
}

/* A text of fewer words may look like one of another language than it is. */
#define LANGUAGE_WORDS 20u

/* "en-GB" is "en". */
static bool same_language(const char *known, struct text found)
{
	return strncasecmp(known, found.p, found.n) == 0 && !isalpha((unsigned char)known[found.n]);
}

static void read_language(struct reading *r)
{
	struct doc *d = r->d;
	const char *known = d->options->language;
	struct text found = language_of(d, &r->mixed);
	bool enough = DOC_COUNT(d, word, words) >= LANGUAGE_WORDS;
	bool other = enough && known && known[0] && found.n && !same_language(known, found);
	r->language = known && known[0] && !other ? text_c(known) : found;
	r->told = !found.n && r->language.n;
	r->lexicon = lexicon_of(r->language);
	if (!DOC_COUNT(d, word, words))
		return;
	if (r->mixed)
		doc_damage(d, ERR_UNSUPPORTED, UINT64_MAX,
				   "a good part of it is in another language than %.*s: that part is not looked at", (int)r->language.n,
				   r->language.p ? r->language.p : "");
	else if (!r->language.n)
		doc_damage(d, ERR_UNSUPPORTED, UINT64_MAX, "its words do not tell its language: what it says is not looked at");
	else if (!r->lexicon)
		doc_damage(d, ERR_UNSUPPORTED, UINT64_MAX,
				   "there is no lexicon for its language (%.*s): what it says is not looked at", (int)r->language.n,
				   r->language.p);
}

static void emit_facts(struct doc *d)
{
	struct reading r = { .d = d, .role = d->options->role };
	doc_stage(d, "language");
	read_language(&r);
	emit_document_row(&r);
	emit_sections(&r);
	doc_stage(d, "dates");
	emit_dates(&r);
	doc_stage(d, "contacts");
	emit_contacts(&r);
	doc_stage(d, "elements");
	if (r.lexicon)
		emit_elements(&r);
}

static void doc_free(struct doc *d)
{
	struct buf *const buffers[] = { &d->text,  &d->folded,    &d->blocks, &d->marks,
									&d->links, &d->sentences, &d->words,  &d->unsaid };
	for (size_t i = 0; i < sizeof buffers / sizeof buffers[0]; i++)
		buf_free(buffers[i]);
	arena_free(d->arena);
}

struct error document_examine(struct span bytes, const struct document_options *options, struct sink *sink)
{
	struct doc d = { .sink = sink, .options = options, .whole = true };
	d.limits = options->limits ? options->limits : &document_limits_default;
	d.arena = arena_new((size_t)256 << 20);
	d.ends_ms = clock_ms() + (uint64_t)d.limits->seconds * 1000;
	d.failed = !d.arena;
	if (!d.failed)
		read_any(&d, bytes);
	if (!d.failed && d.format) {
		doc_stage(&d, "sentences");
		split_sentences(&d);
	}
	if (!d.failed && d.format)
		emit_facts(&d);
	if (options->format)
		*options->format = d.format;
	bool failed = d.failed;
	doc_free(&d);
	return failed ? error_at(ERR_MEMORY, 0, "no memory for the text of the document") : error_none();
}
