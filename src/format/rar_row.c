/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The contents of RAR archives. A file that is solid goes on where the one before it ended, with its matches and its tables: such a row is
 * unpacked as a whole, during the walk. Others are unpacked when they are asked for. */
#include "base/blake2sp.h"
#include "base/hash.h"
#include "format/rar.h"
#include "format/rar_unpack.h"

/* A solid row, or a file alone, while it is unpacked. */
struct row {
	struct rar50 *five;
	struct rar29 *three;
	struct rar_filters filters;
	struct buf *out;
	size_t begin; /* in it */
	struct error broken;
	uint64_t window;
};

static void row_free(struct row *r)
{
	rar50_free(r->five);
	rar29_free(r->three);
	buf_free(&r->filters.list);
}

/* ---- what is packed ---- */

/* The parts of a file, which are joined in `joined` where there are more than one. *error: why it is not all. */
static struct span packed_of(const struct rar_file *f, struct buf *joined, struct error *error)
{
	*error = error_none();
	const struct rar_part *p = f->parts;
	struct span first = span_clip(f->bytes, p->at, p->size);
	if (!p->next && first.n == p->size)
		return first.p ? first : span_of((const uint8_t *)"", 0);
	for (; p; p = p->next) {
		struct span s = span_clip(f->bytes, p->at, p->size);
		if (p == f->parts && !p->next)
			joined = NULL;
		if (joined && s.n && buf_add(joined, s.p, s.n)) {
			*error = error_at(ERR_MEMORY, OFFSET_NONE, "no memory for the parts of a file");
			return buf_span(joined);
		}
		if (s.n < p->size) {
			*error = error_at(ERR_TRUNCATED, f->at, "the file has %llu packed bytes here, %zu are there",
							  (unsigned long long)p->size, s.n);
			break;
		}
	}
	return joined ? buf_span(joined) : first;
}

/* ---- one file ---- */

static struct error no_memory(void)
{
	return error_at(ERR_MEMORY, OFFSET_NONE, "no memory for the decoder");
}

static struct error unread(const struct rar_file *f)
{
	unsigned major = f->version / 10, minor = f->version % 10;
	if (f->method == RAR_70)
		return error_at(ERR_UNSUPPORTED, OFFSET_NONE,
						"packed as version 7 of RAR does for dictionaries of more than 4 GiB, which is not read");
	if (f->method == RAR_UNKNOWN)
		return error_at(ERR_UNSUPPORTED, OFFSET_NONE, "packed in a way that is not known, version %u", f->version);
	return error_at(ERR_UNSUPPORTED, OFFSET_NONE, "packed as version %u.%u of RAR does, which is not read", major,
					minor);
}

/* In steps: what there is room for is there. */
static enum error_code stored(struct span packed, const struct rar_out *o)
{
	size_t n = packed.n < o->end - o->buf->n ? packed.n : o->end - o->buf->n;
	for (size_t at = 0; at < n; at += RAR_OUT_STEP)
		if (buf_add(o->buf, packed.p + at, n - at < RAR_OUT_STEP ? n - at : RAR_OUT_STEP))
			return ERR_BUDGET;
	return n < packed.n ? ERR_BUDGET : ERR_NONE;
}

static enum error_code decode(struct row *r, const struct rar_file *f, struct span packed, const struct rar_out *o,
							  struct error *why)
{
	switch (f->method) {
	case RAR_STORED:
		return stored(packed, o);
	case RAR_50:
		if (!r->five && !(r->five = rar50_new()))
			return ERR_MEMORY;
		return rar50_decode(r->five, packed, o, &r->filters);
	case RAR_29:
		if (!r->three && !(r->three = rar29_new(o->buf->meter)))
			return ERR_MEMORY;
		return rar29_decode(r->three, packed, o, &r->filters);
	default:
		*why = unread(f);
		return why->code;
	}
}

/* What a decoder ended with, in words. `full`: the file is as long as it should be. */
static struct error said(enum error_code code, const struct rar_file *f, size_t n, bool full)
{
	unsigned long long size = f->size == SIZE_UNKNOWN ? 0 : f->size;
	if (code == ERR_MEMORY)
		return no_memory();
	if (code == ERR_BUDGET && !full)
		return error_at(code, OFFSET_NONE, "the archive unpacks to more than there is room for");
	if (code == ERR_BUDGET)
		return error_at(ERR_CORRUPT, OFFSET_NONE, "the file unpacks to more than the %llu bytes that its header says",
						size);
	if (code == ERR_TRUNCATED)
		return error_at(code, OFFSET_NONE, "what is packed ends behind %zu of %llu bytes", n, size);
	return error_at(ERR_CORRUPT, OFFSET_NONE, "what is packed is damaged behind %zu of %llu bytes", n, size);
}

/* Unpacks a file, not filtered yet. */
static struct error unpack_raw(struct row *r, const struct rar_file *f)
{
	struct buf joined = { .meter = r->out->meter };
	struct error cut, why = error_none();
	struct span packed = packed_of(f, &joined, &cut);
	size_t most = f->size < SIZE_MAX / 2 - r->out->n ? (size_t)f->size : SIZE_MAX / 2 - r->out->n;
	struct rar_out o = { r->out, r->begin, r->out->n, r->out->n + most, r->window };
	unsigned unknown = r->filters.unknown;
	enum error_code code = decode(r, f, packed, &o, &why);
	buf_free(&joined);
	size_t n = r->out->n - o.file;
	if (error_is(&why))
		return why;
	if (error_is(&cut))
		return cut;
	if (code == ERR_NONE && f->size != SIZE_UNKNOWN && n < f->size)
		code = ERR_TRUNCATED;
	else if (code == ERR_TRUNCATED && n == f->size) /* only its end is not told */
		code = ERR_NONE;
	if (code == ERR_NONE && r->filters.unknown != unknown)
		return error_at(ERR_UNSUPPORTED, OFFSET_NONE,
						"%u blocks are filtered by programs that are not known, and stay as they are",
						r->filters.unknown - unknown);
	return code ? said(code, f, n, n == most) : error_none();
}

/* Of bytes that are unpacked, and filtered. A file has one of the two as a rule: BLAKE2sp where RAR 5 is asked for it. */
static struct error check(const struct rar_file *f, struct span bytes)
{
	uint8_t hash[BLAKE2SP_SIZE];
	uint32_t crc = f->has_crc ? hash_crc32(0, bytes) : 0;
	if (f->size != SIZE_UNKNOWN && bytes.n != f->size) /* of a stored one: others are unpacked to their size */
		return error_at(ERR_CORRUPT, OFFSET_NONE, "the header says %llu bytes, there are %zu",
						(unsigned long long)f->size, bytes.n);
	if (f->has_crc && crc != f->crc)
		return error_at(ERR_CORRUPT, OFFSET_NONE, "the header says CRC 0x%08x, the data has 0x%08x", f->crc, crc);
	if (f->has_hash)
		blake2sp(bytes, hash);
	if (f->has_hash && memcmp(hash, f->hash, sizeof hash) != 0)
		return error_at(ERR_CORRUPT, OFFSET_NONE, "the data has not the BLAKE2sp that the header says");
	return error_none();
}

/* Why a file is not read, whatever is packed. */
static struct error refused(const struct rar_file *f)
{
	if (f->encrypted)
		return error_at(ERR_ENCRYPTED, OFFSET_NONE, "the entry is encrypted");
	if (f->begins_before)
		return error_at(ERR_TRUNCATED, OFFSET_NONE, "the file begins in a volume that is not here");
	return error_none();
}

static struct error goes_on(void)
{
	return error_at(ERR_TRUNCATED, OFFSET_NONE, "the file goes on in a volume that is not here");
}

/* ---- alone ---- */

static struct error unpack_alone(const void *fs, const void *file, struct buf *out)
{
	const struct rar_file *f = file;
	(void)fs;
	struct row r = { .out = out, .begin = out->n, .window = f->window };
	struct error e = unpack_raw(&r, f);
	struct span all = span_from(buf_span(out), r.begin);
	if (all.n && rar_filters_apply(&r.filters, out->p + r.begin, 0, all.n) && !error_is(&e))
		e = no_memory();
	row_free(&r);
	if (f->goes_on)
		return goes_on();
	return error_is(&e) ? e : check(f, all);
}

static const struct content_ops alone_ops = { .unpack = unpack_alone };

static bool is_alone(const struct rar_file *f)
{
	return f->method != RAR_STORED && !f->unpacked.bytes.p;
}

bool rar_content(struct rar_list *l, struct rar_file *f, struct entry *e)
{
	const struct rar_part *p = f->parts;
	struct error error = refused(f);
	(void)l;
	if (f->size != SIZE_UNKNOWN)
		e->size = f->size;
	if (!error_is(&error) && (is_alone(f) || (f->method == RAR_STORED && p->next))) {
		e->content = (struct content){ .kind = CONTENT_STREAM, .ops = &alone_ops, .file = f };
		return true;
	}
	if (!error_is(&error) && f->method == RAR_STORED) {
		struct buf none = { .limit = 1 };
		f->unpacked.bytes = packed_of(f, &none, &error);
		if (!error_is(&error) && f->goes_on)
			error = goes_on();
		if (!error_is(&error))
			error = check(f, f->unpacked.bytes);
	}
	if (error_is(&error))
		f->unpacked.error = error;
	unpacked_content(e, &f->unpacked);
	return true;
}

/* ---- in rows ---- */

static void free_held(void *p)
{
	buf_free((struct buf *)p);
}

static bool in_row(const struct rar_file *f)
{
	return f->kind == ENTRY_FILE && !f->same_as.p && f->method != RAR_STORED;
}

/* The file behind `f` that is in the same row; NULL: there is none. */
static struct rar_file *next_in_row(const struct rar_file *f)
{
	struct rar_file *next = f->next;
	while (next && !in_row(next))
		next = next->next;
	return next && next->solid ? next : NULL;
}

/* Unpacks one file of a row, behind those before it. What comes out is a place in the buffer as long as this grows. */
static void unpack_in_row(struct row *r, struct rar_file *f)
{
	struct error e = refused(f);
	size_t from = r->out->n;
	if (!error_is(&e) && error_is(&r->broken))
		e = r->broken;
	if (!error_is(&e)) {
		r->window = f->window > r->window ? f->window : r->window;
		e = unpack_raw(r, f);
	}
	if (error_is(&e) && !error_is(&r->broken))
		r->broken =
			error_at(e.code, OFFSET_NONE, "it goes on from entry %u, which could not be unpacked whole", f->number);
	f->unpacked.error = e;
	f->unpacked.bytes = span_of(NULL, r->out->n - from);
}

/* Gives the files of a row their bytes, when they are filtered. */
static void settle(struct row *r, struct rar_file *first)
{
	uint64_t at = 0;
	uint8_t *p = r->out->p;
	bool lost = r->out->n && rar_filters_apply(&r->filters, p, 0, r->out->n);
	for (struct rar_file *f = first; f; f = next_in_row(f)) {
		struct unpacked *u = &f->unpacked;
		u->bytes = u->bytes.n ? span_of(p + at, u->bytes.n) : span_of((const uint8_t *)"", 0);
		at += u->bytes.n;
		if (!error_is(&u->error) && lost)
			u->error = no_memory();
		if (!error_is(&u->error) && f->goes_on)
			u->error = goes_on();
		if (!error_is(&u->error))
			u->error = check(f, u->bytes);
	}
}

static bool unpack_row(struct rar_list *l, struct rar_file *first, uint64_t limit, uint64_t *held)
{
	struct buf *out = ARENA_NEW(l->w->arena, struct buf);
	if (!out || !arena_defer(l->w->arena, free_held, out))
		return false;
	*out = buf_with_limit(*held < limit ? (size_t)(limit - *held) : 1) /* 0 were no limit */;
	out->meter = l->w->meter;
	struct row r = { .out = out };
	if (first->solid && !first->begins_before)
		r.broken = error_at(ERR_TRUNCATED, OFFSET_NONE, "it goes on from files that are not here");
	for (struct rar_file *f = first; f; f = next_in_row(f))
		unpack_in_row(&r, f);
	if (out->n)
		buf_trim(out);
	settle(&r, first);
	row_free(&r);
	*held += out->n;
	return true;
}

bool rar_unpack_rows(struct rar_list *l, uint64_t limit, uint64_t *held)
{
	const struct rar_file *done = NULL;
	for (struct rar_file *f = l->first; f; f = f->next) {
		if (!in_row(f) || (done && f->number <= done->number))
			continue;
		struct rar_file *next = next_in_row(f);
		if (!next && !f->solid)
			continue; /* alone */
		if (!unpack_row(l, f, limit, held))
			return false;
		for (done = f; next; next = next_in_row(next))
			done = next;
	}
	return true;
}
