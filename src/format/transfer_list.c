/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "format/transfer_list.h"

#include <stdlib.h>

#define TRANSFERS_MAX ((size_t)1 << 20)
#define BLOCKS_MAX ((uint64_t)UINT32_MAX)
/* A block may be written, erased, and be one of zeros. In more ranges than that a list only wants to cost time. */
#define COVERS_MAX 4u
#define AT_ONCE (((size_t)16 << 20) / TRANSFER_BLOCK)

struct lines {
	struct span rest;
	uint64_t at; /* of the line that was read last */
	uint64_t next;
};

static bool next_line(struct lines *l, struct text *line)
{
	if (!l->rest.n)
		return false;
	const uint8_t *end = memchr(l->rest.p, '\n', l->rest.n);
	size_t n = end ? (size_t)(end - l->rest.p) : l->rest.n;
	*line = text_of((const char *)l->rest.p, n && l->rest.p[n - 1] == '\r' ? n - 1 : n);
	l->at = l->next;
	l->next += n + (end != NULL);
	l->rest = span_from(l->rest, n + (end != NULL));
	return true;
}

static bool next_word(struct text *line, char separator, struct text *word)
{
	if (!line->n)
		return false;
	const char *end = memchr(line->p, separator, line->n);
	size_t n = end ? (size_t)(end - line->p) : line->n;
	*word = text_of(line->p, n);
	*line = text_of(line->p + n + (end != NULL), line->n - n - (end != NULL));
	return true;
}

static bool number(struct text t, uint64_t *v)
{
	*v = 0;
	for (size_t i = 0; i < t.n; i++) {
		if (t.p[i] < '0' || t.p[i] > '9' || *v > BLOCKS_MAX)
			return false;
		*v = *v * 10 + (uint64_t)(t.p[i] - '0');
	}
	return t.n > 0;
}

static bool number_line(struct lines *l, uint64_t *v)
{
	struct text line;
	return next_line(l, &line) && number(line, v);
}

static enum error_code range_add(struct transfer_list *list, enum transfer_kind kind, uint64_t from, uint64_t to)
{
	struct transfer t = { kind, (uint32_t)from, (uint32_t)(to - from) };
	if (transfer_list_size(list) == TRANSFERS_MAX)
		return ERR_BUDGET;
	list->blocks = to > list->blocks ? to : list->blocks;
	list->fresh += kind == TRANSFER_NEW ? to - from : 0;
	return buf_add(&list->transfers, &t, sizeof t);
}

/* "4,0,10,20,30": how many numbers follow, and those: from, and behind the end. */
static struct error ranges_read(struct transfer_list *list, enum transfer_kind kind, struct text text, uint64_t at)
{
	struct text word;
	uint64_t count = 0, from, to;
	if (!next_word(&text, ',', &word) || !number(word, &count) || count == 0 || count % 2)
		return error_at(ERR_CORRUPT, at, "no number of ranges");
	for (uint64_t i = 0; i < count; i += 2) {
		if (!next_word(&text, ',', &word) || !number(word, &from) || !next_word(&text, ',', &word) || !number(word, &to))
			return error_at(ERR_CORRUPT, at, "range %llu of %llu is missing or no pair of blocks", 1 + (unsigned long long)i / 2,
							(unsigned long long)count / 2);
		if (from >= to || to > BLOCKS_MAX)
			return error_at(ERR_CORRUPT, at, "blocks %llu to %llu are no range", (unsigned long long)from, (unsigned long long)to);
		enum error_code code = range_add(list, kind, from, to);
		if (code)
			return error_at(code, at, "more than %zu ranges", TRANSFERS_MAX);
	}
	return text.n ? error_at(ERR_CORRUPT, at, "more blocks than its number of ranges says") : error_none();
}

/* Those that need what was there before, or keep it. */
static bool is_of_old_blocks(struct text command)
{
	static const char *const names[] = { "move", "bsdiff", "imgdiff", "stash", "free" };
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (text_is(command, names[i]))
			return true;
	return false;
}

static struct error command_read(struct transfer_list *list, struct text line, uint64_t at)
{
	static const char *const names[] = { "new", "zero", "erase", "compute_hash_tree" };
	struct text command = TEXT_NONE, ranges = TEXT_NONE;
	(void)next_word(&line, ' ', &command);
	if (is_of_old_blocks(command)) {
		list->old++;
		return error_none();
	}
	for (unsigned kind = 0; kind < sizeof names / sizeof names[0]; kind++)
		if (text_is(command, names[kind])) {
			(void)next_word(&line, ' ', &ranges);
			return ranges_read(list, kind, ranges, at);
		}
	return error_at(ERR_UNSUPPORTED, at, "\"%.*s\" is no command that is known", (int)(command.n < 40 ? command.n : 40),
					command.p ? command.p : "");
}

static struct error covers_check(const struct transfer_list *list)
{
	uint64_t sum = 0;
	for (size_t i = 0; i < transfer_list_size(list); i++)
		sum += transfer_list_at(list, i)->n;
	if (sum > COVERS_MAX * list->blocks)
		return error_at(ERR_CORRUPT, 0, "its ranges have %llu blocks, and the partition %llu", (unsigned long long)sum,
						(unsigned long long)list->blocks);
	return error_none();
}

struct error transfer_list_read(struct span bytes, struct transfer_list *list)
{
	struct lines l = { bytes, 0, 0 };
	struct text line;
	struct error e = error_none();
	uint64_t version = 0, total, stash_entries, stash_blocks;
	*list = (struct transfer_list){ 0 };
	if (!number_line(&l, &version) || version < 1 || version > 4 || !number_line(&l, &total))
		return error_at(ERR_CORRUPT, l.at, "no version from 1 to 4, or no number of blocks");
	if (version >= 2 && !(number_line(&l, &stash_entries) && number_line(&l, &stash_blocks)))
		return error_at(ERR_CORRUPT, l.at, "no sizes of the stash");
	list->version = (unsigned)version;
	if (bytes.n > TRANSFER_LIST_MAX)
		return error_at(ERR_BUDGET, 0, "it has %zu bytes, more than is read of one", bytes.n);
	while (!error_is(&e) && next_line(&l, &line))
		if (line.n)
			e = command_read(list, line, l.at);
	struct error covers = covers_check(list); /* of a list that breaks off, too */
	if (error_is(&covers)) {
		list->transfers.n = 0;
		list->fresh = 0;
	}
	return error_is(&e) ? e : covers;
}

void transfer_list_free(struct transfer_list *list)
{
	buf_free(&list->transfers);
}

/* ---- what it says is done ---- */

struct applying {
	struct transfer_source *source;
	uint8_t *out, *written; /* a bit each block */
	struct transfer_done *done;
	bool ended; /* the source */
};

static bool is_written(const struct applying *a, uint64_t block)
{
	return a->written[block / 8] >> block % 8 & 1;
}

/* A part of a range, whose bytes have been taken: all, or those that there were. */
static void mark(struct applying *a, uint64_t first, uint64_t n)
{
	for (uint64_t i = first; i < first + n; i++) {
		a->done->twice += is_written(a, i);
		a->written[i / 8] |= (uint8_t)(1u << i % 8);
	}
}

static void take_new(struct applying *a, uint64_t first, uint64_t n)
{
	uint8_t *out = a->out + first * TRANSFER_BLOCK;
	size_t size = (size_t)n * TRANSFER_BLOCK, got = a->source->take(a->source, out, size);
	size_t blocks = (got + TRANSFER_BLOCK - 1) / TRANSFER_BLOCK, whole = blocks * TRANSFER_BLOCK;
	a->done->taken += got;
	a->ended = got < size;
	memset(out + got, 0, whole - got);
	mark(a, first, blocks);
	a->source->wrote(a->source, span_of(out, whole));
}

/* Blocks that nothing was written to are zeros at the end. */
static void make_zero(struct applying *a, uint64_t first, uint64_t n)
{
	for (uint64_t i = first; i < first + n; i++)
		if (is_written(a, i)) {
			memset(a->out + i * TRANSFER_BLOCK, 0, TRANSFER_BLOCK);
			a->done->twice++;
		}
}

static void do_transfer(struct applying *a, const struct transfer *t)
{
	if (t->kind == TRANSFER_ZERO)
		make_zero(a, t->first, t->n);
	for (uint64_t at = 0; t->kind == TRANSFER_NEW && at < t->n && !a->ended; at += AT_ONCE)
		take_new(a, t->first + at, t->n - at < AT_ONCE ? t->n - at : AT_ONCE);
}

static void fill_rest(struct applying *a, uint64_t blocks)
{
	uint64_t end;
	for (uint64_t at = 0; at < blocks; at = end) {
		for (end = at; end < blocks && end - at < AT_ONCE && !is_written(a, end); end++)
			;
		if (end > at) {
			memset(a->out + at * TRANSFER_BLOCK, 0, (size_t)(end - at) * TRANSFER_BLOCK);
			a->source->wrote(a->source, span_of(a->out + at * TRANSFER_BLOCK, (size_t)(end - at) * TRANSFER_BLOCK));
		}
		while (end < blocks && is_written(a, end))
			end++;
	}
}

bool transfer_list_apply(const struct transfer_list *list, struct transfer_source *source, uint8_t *out, struct transfer_done *done)
{
	*done = (struct transfer_done){ 0 };
	struct applying a = { source, out, calloc(1, (size_t)(list->blocks / 8 + 1)), done, false };
	if (!a.written)
		return false;
	for (size_t i = 0; i < transfer_list_size(list); i++)
		do_transfer(&a, transfer_list_at(list, i));
	if (done->taken)
		fill_rest(&a, list->blocks);
	free(a.written);
	return true;
}
