/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Installers of NSIS: behind the program a header of instructions, packed, then the files, each packed by itself or all in one stream
 * with the header. The instructions name the files; they are read as they stand, not followed: what an installer would do on one machine
 * and not on another is told all the same.
 *
 * Specification: nsis.sourceforge.io, Source/exehead/fileform.h, fileform.c, exec.c.
 */
#include "format/nsis.h"

#include <stdio.h>

#include "base/codec.h"
#include "base/hash.h"
#include "base/sort.h"
#include "format/path.h"
#include "format/rest.h"
#include "format/unpacked.h"

#define FLAGS 15u
#define FLAG_NO_CRC 4u
#define FLAG_FORCE_CRC 8u
#define HEADER_MAX ((uint32_t)64 << 20)
#define UNPACKED_MAX ((uint64_t)192 << 20) /* of a solid one */
#define PACKED 0x80000000u
#define ENTRY 28u
#define CREATE_DIRECTORY 11u
#define EXTRACT_FILE 20u
#define ASSIGN_VARIABLE 25u
#define WRITE_UNINSTALLER 62u
#define VARIABLE_OUTDIR 31u /* $_OUTDIR, in which folders that are packed whole keep where they are */
#define UNCHECKED 512u      /* bytes of the program that its CRC leaves out */
#define EPOCH_1601 INT64_C(11644473600)
#define ENTRIES_MAX 262144u

struct item {
	uint32_t at;     /* in the data */
	size_t order;    /* of the instruction */
	uint32_t name, parent; /* strings; of the folder that files go to */
	uint32_t inner;  /* of the folder's own: $_OUTDIR */
	int64_t mtime;
	bool uninstaller;
	const struct item *same; /* an earlier one of the same bytes */
	char *path;
};

struct nsis {
	struct walk *w;
	struct span bytes;
	enum nsis_method method;
	bool solid, plain; /* plain: nothing is packed */
	struct span header, data; /* data: where items stand */
	struct error error;       /* why the data are no more */
	struct span entries;
	struct nsis_strings strings;
	struct item *items;
	size_t n;
	uint64_t claimed;
	struct rest rest;
	struct path_buffer path;
};

struct packed {
	struct span bytes;
	enum nsis_method method;
};

static bool first_header(struct span bytes, uint32_t *header, uint32_t *all)
{
	struct reader r = reader_le(bytes);
	uint32_t flags = rd_u32(&r);
	rd_skip(&r, 16);
	*header = rd_u32(&r);
	*all = rd_u32(&r);
	return rd_ok(&r) && !(flags & ~FLAGS) && span_has(bytes, 4, "\xef\xbe\xad\xdeNullsoftInst", 16) && *header >= 68 &&
		   *header <= HEADER_MAX && *all > NSIS_FIRST_HEADER + 4 && *all <= INT32_MAX;
}

/* Programs that read installers have the mark, too, and behind it nothing that is packed as a header. */
static bool is_begun(struct span bytes, uint32_t size, uint32_t all)
{
	uint8_t head[8];
	struct span in = span_from(bytes, NSIS_FIRST_HEADER), apart = span_from(in, 4);
	uint32_t word = span_u32le(in, 0), n = word & ~PACKED;
	if (nsis_is_lzma(in))
		return true;
	if (word == size)
		return span_u32le(apart, 4) < size; /* where the first block is */
	if (word & PACKED && n >= sizeof head && n < all) {
		enum nsis_method method = nsis_method_of(apart);
		if (method != NSIS_DEFLATE || codec_block_head(CODEC_DEFLATE, apart, head, sizeof head) == ERR_NONE)
			return true;
	}
	if (nsis_method_of(in) == NSIS_BZIP2)
		return true;
	return codec_block_head(CODEC_DEFLATE, in, head, sizeof head) == ERR_NONE && span_u32le(span_of(head, sizeof head), 0) == size;
}

static bool nsis_probe(struct span at, struct format_match *match)
{
	uint32_t header, all;
	if (!first_header(at, &header, &all) || !is_begun(at, header, all))
		return false;
	match->size = all;
	match->confidence = 95;
	return true;
}

void nsis_check(struct span program, uint64_t at, struct sink *sink)
{
	uint32_t header, all, flags = span_u32le(program, at);
	if (!first_header(span_from(program, at), &header, &all) || (flags & FLAG_NO_CRC && !(flags & FLAG_FORCE_CRC)))
		return;
	uint64_t end = at + all - 4;
	struct span checked = end > UNCHECKED ? span_sub(program, UNCHECKED, end - UNCHECKED) : SPAN_NONE;
	if (checked.p && span_sub(program, end, 4).p && hash_crc32(0, checked) != span_u32le(program, end))
		emit_damage_at(sink, ERR_CORRUPT, end, "the CRC-32 of the installer is 0x%08x, it says 0x%08x", hash_crc32(0, checked),
					   span_u32le(program, end));
}

/* ---- header and data ---- */

static void free_held(void *p)
{
	buf_free((struct buf *)p);
}

static struct buf *new_buf(struct nsis *s, uint64_t limit)
{
	struct buf *b = ARENA_NEW(s->w->arena, struct buf);
	if (!b || !arena_defer(s->w->arena, free_held, b))
		return NULL;
	*b = buf_with_limit((size_t)limit);
	b->meter = s->w->meter;
	return b;
}

/* The header by itself: a length, and whether it is packed. */
static bool open_apart(struct nsis *s, uint32_t size)
{
	uint32_t word = span_u32le(s->bytes, NSIS_FIRST_HEADER), n = word & ~PACKED;
	struct span in = span_sub(s->bytes, NSIS_FIRST_HEADER + 4, n);
	size_t used;
	s->plain = !(word & PACKED);
	s->method = s->plain ? NSIS_STORED : nsis_method_of(in);
	if (!in.p || (s->plain && n != size) || !span_u32le(s->bytes, NSIS_FIRST_HEADER))
		return false;
	struct buf *b = new_buf(s, size + (uint64_t)1);
	if (!b)
		return false;
	struct error e = nsis_unpack(s->method, in, b, &used);
	s->w->held = b->n;
	s->header = buf_span(b);
	s->data = span_from(s->bytes, NSIS_FIRST_HEADER + 4 + (uint64_t)n);
	rest_take(&s->rest, 0, NSIS_FIRST_HEADER + 4 + (uint64_t)n);
	s->error = e;
	return (!error_is(&e) && b->n == size) || (error_is(&e) && e.code == ERR_UNSUPPORTED);
}

/* Header and data in one stream. */
static bool open_solid(struct nsis *s, uint32_t size)
{
	uint64_t limit = s->w->room && s->w->room < UNPACKED_MAX ? s->w->room : UNPACKED_MAX;
	struct span in = span_from(s->bytes, NSIS_FIRST_HEADER);
	struct buf *b = new_buf(s, limit);
	size_t used = 0;
	if (!b)
		return false;
	s->solid = true;
	s->plain = false;
	s->method = nsis_method_of(in);
	s->error = nsis_unpack(s->method, in, b, &used);
	if (b->n)
		buf_trim(b);
	s->w->held = b->n;
	s->header = span_sub(buf_span(b), 4, size);
	s->data = span_from(buf_span(b), 4 + (uint64_t)size);
	rest_take(&s->rest, 0, 4 + (uint64_t)size);
	return s->header.p && span_u32le(buf_span(b), 0) == size;
}

static bool open_header(struct nsis *s, uint32_t size)
{
	if (!nsis_is_lzma(span_from(s->bytes, NSIS_FIRST_HEADER)) && open_apart(s, size))
		return true;
	s->rest = (struct rest){ .arena = s->w->arena };
	return open_solid(s, size);
}

/* Places and numbers of the blocks that the header begins with: of 32 bits, or with places of 64 for machines of 64. */
static bool read_blocks(struct nsis *s)
{
	for (unsigned wide = 0; wide < 2; wide++) {
		unsigned step = wide ? 12 : 8, number = wide ? 8 : 4;
		uint32_t entries = span_u32le(s->header, 4 + 2 * step), n = span_u32le(s->header, 4 + 2 * step + number);
		uint32_t strings = span_u32le(s->header, 4 + 3 * step), texts = span_u32le(s->header, 4 + 4 * step);
		bool high = wide && (span_u32le(s->header, 8 + 2 * step) || span_u32le(s->header, 8 + 3 * step));
		bool sane = !high && n <= ENTRIES_MAX && entries >= 4 + 8 * step && strings >= entries && texts > strings && texts <= s->header.n;
		s->entries = sane ? span_sub(s->header, entries, (uint64_t)n * ENTRY) : SPAN_NONE;
		s->strings.bytes = sane ? span_sub(s->header, strings, texts - strings) : SPAN_NONE;
		s->strings.unicode = span_u16le(s->strings.bytes, 0) == 0; /* the first string is empty */
		if (s->entries.p && s->strings.bytes.p)
			return true;
	}
	return false;
}

/* ---- files ---- */

static int64_t time_of(uint32_t low, uint32_t high)
{
	uint64_t t = (uint64_t)high << 32 | low;
	return low == UINT32_MAX || !t || t >> 63 ? FACT_NULL : (int64_t)(t / 10000000) - EPOCH_1601;
}

/* What instructions say of files, in their order. */
static bool read_items(struct nsis *s)
{
	size_t count = s->entries.n / ENTRY;
	uint32_t parent = 0, inner = 0;
	s->items = ARENA_ARRAY(s->w->arena, struct item, count);
	if (!s->items)
		return false;
	for (size_t i = 0; i < count; i++) {
		struct span e = span_sub(s->entries, i * ENTRY, ENTRY);
		uint32_t which = span_u32le(e, 0), first = span_u32le(e, 4), second = span_u32le(e, 8), third = span_u32le(e, 12);
		if (which == CREATE_DIRECTORY && second)
			parent = first;
		else if (which == ASSIGN_VARIABLE && first == VARIABLE_OUTDIR)
			inner = parent;
		else if (which == EXTRACT_FILE)
			s->items[s->n++] = (struct item){ third, i, second, parent, inner, time_of(span_u32le(e, 16), span_u32le(e, 20)), false, NULL, NULL };
		else if (which == WRITE_UNINSTALLER)
			s->items[s->n++] = (struct item){ second, i, first, 0, 0, FACT_NULL, true, NULL, NULL };
		else
			continue;
		if (which == CREATE_DIRECTORY || which == EXTRACT_FILE)
			nsis_strings_note(&s->strings, which == EXTRACT_FILE ? second : first);
	}
	return true;
}

static int by_place(const void *a, const void *b)
{
	const struct item *x = a, *y = b;
	if (x->at != y->at)
		return x->at < y->at ? -1 : 1;
	return x->order < y->order ? -1 : x->order > y->order;
}

static int by_order(const void *a, const void *b)
{
	const struct item *x = a, *y = b;
	return x->order < y->order ? -1 : x->order > y->order;
}

/* Equal files are packed once. Where the first of them will be when they are in order again is found by its instruction. */
static bool find_same(struct nsis *s)
{
	struct item *spare = ARENA_ARRAY(s->w->arena, struct item, s->n);
	size_t *first = ARENA_ARRAY(s->w->arena, size_t, s->entries.n / ENTRY), *place = ARENA_ARRAY(s->w->arena, size_t, s->entries.n / ENTRY);
	if (!spare || !first || !place)
		return false;
	if (s->n)
		sort_stable(s->items, spare, s->n, sizeof *spare, by_place);
	for (size_t i = 0; i < s->n; i++)
		first[s->items[i].order] = i && s->items[i - 1].at == s->items[i].at ? first[s->items[i - 1].order] : s->items[i].order;
	if (s->n)
		sort_stable(s->items, spare, s->n, sizeof *spare, by_order);
	for (size_t i = 0; i < s->n; i++)
		place[s->items[i].order] = i;
	for (size_t i = 0; i < s->n; i++)
		if (first[s->items[i].order] != s->items[i].order)
			s->items[i].same = &s->items[place[first[s->items[i].order]]];
	return true;
}

static bool is_absolute(const char *name)
{
	return *name == '$' || *name == '\\' || (*name && name[1] == ':');
}

/* The folder, with what it is told relative to. */
static void folder_of(const struct nsis *s, const struct item *i, char out[2 * NSIS_NAME_MAX])
{
	char folder[NSIS_NAME_MAX], inner[NSIS_NAME_MAX];
	const char *behind = NULL;
	if (!nsis_string(&s->strings, i->parent, folder))
		*folder = '\0';
	if (strncmp(folder, "$_OUTDIR", 8) == 0)
		behind = folder + 8;
	if (!behind || !nsis_string(&s->strings, i->inner, inner))
		*inner = '\0';
	snprintf(out, 2 * NSIS_NAME_MAX, "%s%s", behind ? inner : folder, behind ? behind : "");
}

static bool name_item(struct nsis *s, struct item *i)
{
	char name[NSIS_NAME_MAX], folder[2 * NSIS_NAME_MAX], whole[3 * NSIS_NAME_MAX + 16];
	if (!nsis_string(&s->strings, i->name, name))
		snprintf(name, sizeof name, "entry-%zu", i->order);
	*folder = '\0';
	if (!is_absolute(name) && !i->uninstaller)
		folder_of(s, i, folder);
	snprintf(whole, sizeof whole, "%s%s%s%s", folder, *folder ? "/" : "", name, i->uninstaller ? ".nsis" : "");
	for (char *c = whole; *c; c++)
		if (*c == '\\')
			*c = '/';
	struct text path = path_from_root(&s->path, text_c(whole));
	i->path = path.p ? arena_strdup(s->w->arena, path) : NULL;
	return i->path != NULL;
}

static struct error item_unpack(const void *fs, const void *file, struct buf *out)
{
	const struct packed *p = file;
	size_t used;
	(void)fs;
	return nsis_unpack(p->method, p->bytes, out, &used);
}

/* The item at a place in the data: a length, and, unless all is in one stream, whether it is packed. */
static bool take_item(struct nsis *s, uint64_t at, struct span *item, bool *packed)
{
	uint32_t word = span_u32le(s->data, at);
	uint64_t before = s->solid ? 4 + (uint64_t)s->header.n : (uint64_t)(s->data.p - s->bytes.p);
	*packed = word & PACKED && !s->solid;
	*item = span_clip(s->data, at + 4, word & ~PACKED);
	rest_take(&s->rest, before + at, 4 + (uint64_t)(word & ~PACKED));
	return span_sub(s->data, at, 4).p && item->n == (word & ~PACKED);
}

/* False: there is no memory, or too much is claimed. */
static struct error set_content(struct nsis *s, const struct item *i, struct entry *e)
{
	static const struct content_ops ops = { .unpack = item_unpack };
	struct packed *p = ARENA_NEW(s->w->arena, struct packed);
	struct unpacked *u = ARENA_NEW(s->w->arena, struct unpacked);
	struct span item;
	bool packed, whole = take_item(s, i->at, &item, &packed);
	if (!p || !u)
		return error_at(ERR_BUDGET, OFFSET_NONE, "no memory left for the installer's files");
	s->claimed += item.n;
	if (i->uninstaller && whole) /* icons; behind them the uninstaller's own data */
		whole = take_item(s, i->at + 4 + (uint64_t)item.n, &item, &packed);
	s->claimed += i->uninstaller ? item.n : 0;
	if (s->claimed > s->data.n + s->data.n / 8)
		return error_at(ERR_BUDGET, i->at, "the files overlap: together they claim more than there is");
	e->offset = s->solid || !item.p ? OFFSET_NONE : (uint64_t)(item.p - s->bytes.p);
	*p = (struct packed){ item, s->method };
	if (packed && whole) {
		e->content = (struct content){ .kind = CONTENT_STREAM, .ops = &ops, .file = p };
		return error_none();
	}
	u->bytes = packed ? SPAN_NONE : item;
	u->error = whole ? error_none() : error_is(&s->error) ? s->error : error_at(ERR_TRUNCATED, i->at, "the file is not all there");
	e->size = u->bytes.n;
	unpacked_content(e, u);
	return error_none();
}

static struct error emit_items(struct nsis *s, bool *stopped)
{
	for (size_t i = 0; i < s->n && !*stopped; i++) {
		struct item *item = &s->items[i];
		if (!name_item(s, item))
			return error_at(ERR_BUDGET, OFFSET_NONE, "no memory left for the installer's names");
		if (item->same && strcmp(item->path, item->same->path) == 0)
			continue; /* written once more: plug-ins are before each call */
		struct entry e = entry_new(ENTRY_FILE, text_c(item->path));
		e.mtime = item->mtime;
		struct error error = error_none();
		if (item->same)
			e.same_as = text_c(item->same->path);
		else
			error = set_content(s, item, &e);
		if (error_is(&error))
			return error;
		*stopped = !s->w->child(s->w, &e);
	}
	return error_none();
}

/* Its texts and instructions, in which there are addresses and commands. */
static bool emit_instructions(struct nsis *s)
{
	struct entry e = entry_new(ENTRY_FILE, TEXT_LIT("/[NSIS].header"));
	e.size = s->header.n;
	e.content = (struct content){ .kind = CONTENT_SPAN, .bytes = s->header };
	return s->w->child(s->w, &e);
}

static struct error nsis_walk(struct span bytes, struct walk *w)
{
	struct nsis s = { .w = w, .rest = { .arena = w->arena }, .path = { .arena = w->arena } };
	uint32_t size, all;
	bool stopped = false;
	if (!first_header(bytes, &size, &all))
		return error_at(ERR_CORRUPT, 0, "no header of NSIS");
	s.bytes = span_clip(bytes, 0, all);
	bool open = open_header(&s, size);
	emit_header_field(w->sink, NSIS_FIRST_HEADER, "compression", "%s%s", s.solid ? "solid " : "", nsis_method_name(s.method));
	if (!open || !s.header.n)
		return error_is(&s.error) ? s.error : error_at(ERR_CORRUPT, NSIS_FIRST_HEADER, "the header does not unpack to its %u bytes", size);
	if (!read_blocks(&s))
		return error_at(ERR_UNSUPPORTED, NSIS_FIRST_HEADER, "the header is of no layout that is known: its files are not named");
	if (!read_items(&s) || !find_same(&s))
		return error_at(ERR_BUDGET, OFFSET_NONE, "no memory left for the installer's files");
	emit_header_field(w->sink, NSIS_FIRST_HEADER, "strings", "%s", s.strings.unicode ? "Unicode" : "ANSI");
	struct error e = emit_instructions(&s) ? emit_items(&s, &stopped) : error_none();
	if (s.solid) {
		s.rest.prefix = "data-";
		rest_emit(&s.rest, span_of(s.header.p - 4, 4 + s.header.n + s.data.n), w);
		return error_is(&e) ? e : s.error;
	}
	rest_take(&s.rest, all - 4, 4);
	if (!stopped)
		rest_emit(&s.rest, s.bytes, w);
	return e;
}

static const struct format_magic magics[] = { MAGIC("\xef\xbe\xad\xdeNullsoftInst", 4), MAGIC_END };

const struct format nsis_format = {
	.name = "nsis",
	.kind = FORMAT_ARCHIVE,
	.title = "NSIS installer",
	.spec = "nsis.sourceforge.io Source/exehead/fileform.h",
	.magics = magics,
	.probe = nsis_probe,
	.walk = nsis_walk,
};
