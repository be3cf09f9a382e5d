/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ALZip archives (.alz): headers with a file behind each, stored or deflated.
 *
 * Facts: XADMaster, XADALZipParser.m; unalz 0.65, UnAlz.h.
 */
#include "base/codec.h"
#include "base/hash.h"
#include "format/format.h"
#include "format/notation.h"
#include "format/path.h"

#define HEADER 8u
#define MEMBER_FIXED 9u /* behind the mark, before what depends on the width of the sizes */
#define MEMBERS_MAX 1000000u
#define ENCRYPTED 1u
#define DIRECTORY 0x10u
#define NAME_LONG 4096u
#define ENCRYPTION_HEADER 12u
#define RATIO_MAX 1032u /* of deflate */

enum { STORED, BZIP2, DEFLATED };

struct member {
	struct text name;
	uint64_t data, packed, size;
	uint32_t crc, time;
	unsigned width;
	uint8_t attributes, flags, method;
	bool end;
};

static bool member_read(struct span bytes, uint64_t at, struct member *m)
{
	struct reader r = reader_le(span_from(bytes, at));
	struct span mark = rd_bytes(&r, 4);
	*m = (struct member){ .end = mark.p && (span_starts(mark, "CLZ\1", 4) || span_starts(mark, "ELZ\1", 4)) };
	if (m->end)
		return true;
	if (!mark.p || !span_starts(mark, "BLZ\1", 4))
		return false;
	uint16_t name_n = rd_u16(&r);
	m->attributes = rd_u8(&r);
	m->time = rd_u32(&r);
	m->flags = rd_u8(&r);
	rd_skip(&r, 1);
	m->width = m->flags >> 4;
	if (m->width > 2 && m->width != 4 && m->width != 8)
		return false;
	if (m->width) {
		m->method = rd_u8(&r);
		rd_skip(&r, 1);
		m->crc = rd_u32(&r);
		m->packed = rd_uint(&r, m->width);
		m->size = rd_uint(&r, m->width);
	}
	m->name = text_from_span(rd_bytes(&r, name_n));
	m->data = at + r.at + (m->flags & ENCRYPTED ? ENCRYPTION_HEADER : 0);
	return rd_ok(&r) && name_n && name_n <= NAME_LONG && m->packed <= INT64_MAX - m->data;
}

/* The last record is "CLZ\2", behind one of "CLZ\1". */
static bool alz_probe(struct span at, struct format_match *match)
{
	struct member m;
	uint64_t next = HEADER;
	match->confidence = 90;
	if (!span_starts(at, "ALZ\1", 4) || at.n < HEADER + 4 || at.p[7] || !member_read(at, HEADER, &m))
		return false;
	for (unsigned n = 0; n < MEMBERS_MAX && next < at.n && member_read(at, next, &m) && !m.end; n++)
		next = m.data + m.packed;
	struct span rest = span_from(at, next);
	const uint8_t *last = rest.n ? memmem(rest.p, rest.n < 4096 ? rest.n : 4096, "CLZ\2", 4) : NULL;
	match->size = m.end && last ? next + (uint64_t)(last - rest.p) + 4 : next; /* where the chain breaks, not what stands behind it */
	return true;
}

struct packed {
	struct span bytes;
	uint64_t size;
	uint32_t crc;
};

static struct error unpack_member(const void *fs, const void *file, struct buf *out)
{
	const struct packed *p = file;
	size_t n = 0, before = out->n;
	(void)fs;
	if (p->size / RATIO_MAX > p->bytes.n || buf_reserve(out, p->size))
		return error_at(ERR_BUDGET, 0, "a member of %llu bytes in %zu", (unsigned long long)p->size, p->bytes.n);
	enum error_code code = codec_block(CODEC_DEFLATE, p->bytes, out->p + before, p->size, &n);
	out->n += n;
	if (code || n != p->size)
		return error_at(code ? code : ERR_TRUNCATED, n, "a member does not unpack");
	if (hash_crc32(0, span_from(buf_span(out), before)) != p->crc)
		return error_at(ERR_CORRUPT, 0, "a member has another CRC than its header says");
	return error_none();
}

static bool set_content(struct walk *w, struct span data, const struct member *m, struct entry *e)
{
	static const struct content_ops ops = { .unpack = unpack_member };
	e->size = m->size;
	e->offset = m->data;
	if (data.n < m->packed)
		emit_damage_at(w->sink, ERR_TRUNCATED, m->data, "a member has %llu bytes, %zu are there", (unsigned long long)m->packed, data.n);
	if (m->flags & ENCRYPTED) {
		emit_damage_at(w->sink, ERR_ENCRYPTED, m->data, "a member of %llu bytes is enciphered with a password", (unsigned long long)m->size);
	} else if (m->method == STORED) {
		e->content = (struct content){ .kind = CONTENT_SPAN, .bytes = data };
		if (data.n == m->packed && m->width && (m->packed != m->size || hash_crc32(0, data) != m->crc))
			emit_damage_at(w->sink, ERR_CORRUPT, m->data, "a member has another size or CRC than its header says");
	} else if (m->method == DEFLATED) {
		struct packed *p = ARENA_NEW(w->arena, struct packed);
		if (!p)
			return false;
		*p = (struct packed){ data, m->size, m->crc };
		e->content = (struct content){ .kind = CONTENT_STREAM, .ops = &ops, .file = p };
	} else {
		const char *what = m->method == BZIP2 ? " (ALZip's own bzip2)" : "";
		emit_damage_at(w->sink, ERR_UNSUPPORTED, m->data, "a member is packed with method %u%s", m->method, what);
	}
	return true;
}

/* Names are of Korean Windows; they are given as they are written. */
static bool emit_member(struct walk *w, struct span bytes, const struct member *m, struct path_buffer *buffer)
{
	struct entry e = { ENTRY_INIT, .kind = m->attributes & DIRECTORY ? ENTRY_DIRECTORY : ENTRY_FILE };
	char *name = arena_strdup(w->arena, m->name);
	for (char *p = name; p && *p; p++)
		*p = *p == '\\' ? '/' : *p;
	e.path = name ? path_from_root(buffer, text_c(name)) : TEXT_NONE;
	e.mtime = dos_time((uint16_t)(m->time >> 16), (uint16_t)m->time);
	if (!e.path.p || (e.kind == ENTRY_FILE && !set_content(w, span_clip(bytes, m->data, m->packed), m, &e)))
		return false;
	return entry_is_root(&e) || w->child(w, &e);
}

static struct error alz_walk(struct span bytes, struct walk *w)
{
	struct path_buffer buffer = { .arena = w->arena };
	struct member m;
	uint64_t at = HEADER;
	for (unsigned n = 0; n < MEMBERS_MAX; n++, at = m.data + m.packed) {
		if (!member_read(bytes, at, &m))
			return error_at(at + MEMBER_FIXED < bytes.n ? ERR_CORRUPT : ERR_TRUNCATED, at, "no header of a member where one is due");
		if (m.end || !emit_member(w, bytes, &m, &buffer))
			return error_none();
	}
	return error_at(ERR_BUDGET, at, "more than %u members", MEMBERS_MAX);
}

static const struct format_magic alz_magics[] = { MAGIC("ALZ\1", 0), MAGIC_END };

const struct format alz_format = {
	.name = "alz",
	.kind = FORMAT_ARCHIVE,
	.title = "ALZip archive",
	.spec = "XADMaster, XADALZipParser.m",
	.magics = alz_magics,
	.probe = alz_probe,
	.walk = alz_walk,
};
