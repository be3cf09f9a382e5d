/* SPDX-License-Identifier: GPL-3.0-or-later */
/* PostScript that carries programs for a printer, as Xerox' updates do: comments tell for which device it is, and data stands in it as
 * "currentfile /ASCII85Decode filter /FlateDecode filter ..." reads it. Documents, whose data are pictures, stay texts.
 *
 * Specification: PostScript Language Reference, third edition, 3.13; FACT_extractor plugins/unpacking/xerox/code/postscript.py.
 */
#include <stdio.h>

#include "base/codec.h"
#include "format/ascii85.h"
#include "format/wrapper.h"

#define HEAD_MAX 8192u
#define STREAMS_MAX 256u
#define FILTERS_MAX 6u
#define STATEMENT_MAX 256u
#define PROOF 512u

enum filter { FILTER_ASCII85, FILTER_HEX, FILTER_RUN_LENGTH, FILTER_FLATE, FILTER_OTHER };

struct stream {
	struct span text; /* from its first character to its end mark */
	unsigned n;
	enum filter filters[FILTERS_MAX];
};

static bool is_white(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\f';
}

/* The comments that stand before the program. */
static struct span comments_of(struct span at)
{
	struct span head = span_clip(at, 0, HEAD_MAX);
	size_t end = 0;
	while (end < head.n && (head.p[end] == '%' || head.p[end] == '\n' || head.p[end] == '\r')) {
		const uint8_t *next = memchr(head.p + end, '\n', head.n - end);
		if (!next)
			break;
		end = (size_t)(next - head.p) + 1;
	}
	return span_clip(head, 0, end);
}

/* Whether one of the comments is that. */
static bool has_comment(struct span comments, const char *key)
{
	size_t n = strlen(key);
	for (uint64_t at = 0; at < comments.n;) {
		const uint8_t *next = memchr(comments.p + at, '\n', comments.n - at);
		uint64_t end = next ? (uint64_t)(next - comments.p) : comments.n, from = at;
		while (from < end && (comments.p[from] == '%' || comments.p[from] == ' '))
			from++;
		if (end - from > n && memcmp(comments.p + from, key, n) == 0 && (comments.p[from + n] == ':' || comments.p[from + n] == ' '))
			return true;
		at = end + 1;
	}
	return false;
}

/* In the middle of others such texts are documents' and programs'. */
static bool ps_probe(struct span at, struct format_match *match)
{
	(void)at;
	(void)match;
	return false;
}

static bool ps_probe_whole(struct span at, struct format_match *match)
{
	if (!span_starts(at, "%!PS-Adobe-", 11))
		return false;
	struct span comments = comments_of(at);
	if (!(has_comment(comments, "TargetDevice") || has_comment(comments, "Release")) || !memmem(at.p, at.n, "/ASCII85Decode", 14))
		return false;
	const uint8_t *end = memmem(at.p, at.n, "\n%%EOF", 6);
	match->size = end ? (uint64_t)(end - at.p) + 6 : at.n;
	while (match->size < at.n && is_white(at.p[match->size]))
		match->size++;
	match->confidence = 75;
	return true;
}

/* The next word of a statement; its data begin behind the line end that follows the last one. */
static struct text next_word(struct span s, uint64_t *at)
{
	while (*at < s.n && (s.p[*at] == ' ' || s.p[*at] == '\t'))
		++*at;
	uint64_t from = *at;
	*at += *at < s.n && s.p[*at] == '/';
	while (*at < s.n && !is_white(s.p[*at]) && s.p[*at] != '/')
		++*at;
	return text_of((const char *)s.p + from, *at - from);
}

static enum filter filter_of(struct text name)
{
	static const char *const names[] = { "/ASCII85Decode", "/ASCIIHexDecode", "/RunLengthDecode", "/FlateDecode" };
	for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++)
		if (text_is(name, names[i]))
			return (enum filter)i;
	return FILTER_OTHER;
}

/* A stream whose first filter stands at `at`: false where it is no statement, or no data follow it. *at moves behind what was read. */
static bool stream_read(struct span all, uint64_t *at, struct stream *s)
{
	struct span statement = span_clip(all, 0, *at + STATEMENT_MAX);
	struct text before = text_from_span(span_clip(all, *at < 16 ? 0 : *at - 16, *at < 16 ? *at : 16)), word;
	*s = (struct stream){ .n = 0 };
	bool good = text_has(before, "currentfile");
	while ((word = next_word(statement, at)).n)
		if (word.p[0] == '/' && s->n < FILTERS_MAX)
			s->filters[s->n++] = filter_of(word);
	while (*at < all.n && is_white(all.p[*at]))
		++*at;
	struct span rest = span_from(all, *at);
	for (size_t i = 0; good && i < rest.n && i < PROOF && rest.p[i] != '~'; i++)
		good = is_white(rest.p[i]) || rest.p[i] == 'z' || (rest.p[i] >= '!' && rest.p[i] <= 'u');
	if (!good || !rest.n)
		return false;
	const uint8_t *end = memmem(rest.p, rest.n, "~>", 2); /* what has none goes on to the end, and is read once, too */
	if (!end && rest.n < PROOF)
		return false;
	s->text = span_clip(rest, 0, end ? (uint64_t)(end - rest.p) + 2 : rest.n);
	*at += s->text.n;
	return true;
}

static struct error apply(enum filter filter, struct span in, struct buf *out)
{
	size_t used = 0;
	switch (filter) {
	case FILTER_ASCII85:
		return ascii85_decode(in, out, &used);
	case FILTER_HEX:
		return ascii_hex_decode(in, out, &used);
	case FILTER_RUN_LENGTH:
		return run_length_decode(in, out, &used);
	case FILTER_FLATE:
		return codec_stream(CODEC_ZLIB, in, out, &used);
	default:
		return error_at(ERR_UNSUPPORTED, 0, "a filter of PostScript that is not known");
	}
}

static struct error stream_unpack(const void *fs, const void *file, struct buf *out)
{
	const struct stream *s = file;
	(void)fs;
	struct buf before = { 0 };
	struct span in = s->text;
	struct error e = error_none();
	for (unsigned i = 0; i < s->n && !error_is(&e); i++) {
		bool last = i + 1 == s->n;
		struct buf made = buf_with_limit(out->limit);
		e = apply(s->filters[i], in, last ? out : &made);
		buf_free(&before);
		before = made;
		in = buf_span(&before);
	}
	buf_free(&before);
	return e;
}

static const struct content_ops stream_ops = { .unpack = stream_unpack };

/* "%%Title: x", "%TargetDevice x". */
static void emit_comment(struct walk *w, uint64_t at, struct text line)
{
	static const char *const kept[] = { "Title", "For", "Product", "Release", "TargetDevice", "Creator" };
	while (line.n && (line.p[0] == '%' || line.p[0] == ' '))
		line = text_of(line.p + 1, line.n - 1);
	const char *colon = line.n ? memchr(line.p, ':', line.n) : NULL;
	for (size_t i = 0; colon && i < sizeof kept / sizeof kept[0]; i++)
		if (text_starts(line, kept[i])) {
			struct text value = text_of(colon + 1, line.n - (size_t)(colon + 1 - line.p));
			while (value.n && is_white((uint8_t)value.p[0]))
				value = text_of(value.p + 1, value.n - 1);
			wrapper_field(w, at, kept[i], span_of(value.p, value.n));
			break;
		}
}

static void emit_comments(struct walk *w, struct span comments)
{
	for (uint64_t at = 0; at < comments.n;) {
		const uint8_t *next = memchr(comments.p + at, '\n', comments.n - at);
		uint64_t n = next ? (uint64_t)(next - comments.p) - at : comments.n - at;
		if (n && comments.p[at + n - 1] == '\r')
			emit_comment(w, at, text_of((const char *)comments.p + at, n - 1));
		else
			emit_comment(w, at, text_of((const char *)comments.p + at, n));
		at += n + 1;
	}
}

static bool emit_stream(struct walk *w, const struct stream *s, uint64_t at, unsigned ordinal)
{
	char name[32];
	struct stream *kept = ARENA_NEW(w->arena, struct stream);
	if (!kept)
		return false;
	*kept = *s;
	snprintf(name, sizeof name, "stream-%u", ordinal);
	struct entry e = entry_new(ENTRY_STREAM, text_c(name));
	e.offset = at;
	e.content = (struct content){ .kind = CONTENT_STREAM, .ops = &stream_ops, .file = kept };
	return w->child(w, &e);
}

static struct error ps_walk(struct span bytes, struct walk *w)
{
	emit_comments(w, comments_of(bytes));
	unsigned n = 0;
	for (uint64_t at = 0; at < bytes.n;) {
		const uint8_t *p = memmem(bytes.p + at, bytes.n - at, "/ASCII85Decode", 14);
		struct stream s;
		if (!p)
			break;
		at = (uint64_t)(p - bytes.p);
		if (!stream_read(bytes, &at, &s))
			continue;
		if (n++ >= STREAMS_MAX) {
			emit_damage_at(w->sink, ERR_BUDGET, at, "more than %u streams in PostScript", STREAMS_MAX);
			break;
		}
		if (!emit_stream(w, &s, (uint64_t)(s.text.p - bytes.p), n))
			break;
	}
	return error_none();
}

static const struct format_magic ps_magics[] = { MAGIC("%!PS-Adobe-", 0), MAGIC_END };

const struct format postscript_format = {
	.name = "postscript",
	.kind = FORMAT_CONTAINER,
	.title = "PostScript that carries a printer's programs",
	.spec = "PostScript Language Reference, third edition, 3.13",
	.magics = ps_magics,
	.probe = ps_probe,
	.probe_whole = ps_probe_whole,
	.walk = ps_walk,
	.own_bytes = true,
};
