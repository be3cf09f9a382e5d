/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ZOO archives: a chain of entries, stored, with LZW (1) or as LHA's -lh5- (2).
 *
 * Specification: zoo 2.10, zoo.h (R. Dhesi); XADMaster, XADZooParser.m.
 */
#include <stdio.h>

#include "base/hash.h"
#include "format/arj_decode.h"
#include "format/format.h"
#include "format/lzw.h"
#include "format/notation.h"
#include "format/parts.h"
#include "format/path.h"

#define TAG "\xdc\xa7\xc4\xfd"
#define TAG_AT 20u
#define HEADER 34u
#define ENTRY_FIXED 51u /* with the short name */
#define SHORT_NAME 13u
#define MEMBERS_MAX 100000u
#define CRC_POLYNOMIAL 0xa001u
#define LZW_BITS 13u
#define LZW_FIRST 258u
#define BLOCK_RATIO 65536u /* a block of codes of which one takes no bits */
#define GENERATION_SHOWN 16u

struct member {
	struct text name, folder;
	uint64_t next, data;
	uint32_t size, packed;
	uint16_t date, time, crc;
	int64_t mode;
	unsigned generation;
	uint8_t type, method, deleted;
};

/* What type 2 has more: a long name, a folder, permissions. */
static void read_variable(struct span bytes, uint64_t at, struct member *m)
{
	uint16_t n = span_u16le(bytes, at);
	struct reader r = reader_le(span_clip(bytes, at + 5, n)); /* behind the time zone and a CRC */
	uint8_t name_n = rd_u8(&r), folder_n = rd_u8(&r);
	struct span name = rd_bytes(&r, name_n), folder = rd_bytes(&r, folder_n);
	if (rd_ok(&r) && name_n)
		m->name = text_until_nul(name);
	if (rd_ok(&r) && folder_n)
		m->folder = text_until_nul(folder);
	(void)rd_u16(&r); /* the system: names of one are as good as those of another */
	uint32_t mode = rd_u16(&r);
	mode |= (uint32_t)rd_u8(&r) << 16;
	if (rd_ok(&r) && mode >> 22 == 1) /* of Unix */
		m->mode = mode & 07777;
	uint8_t generation = rd_u8(&r);
	m->generation = rd_ok(&r) ? generation & 15u : 0;
}

static bool member_read(struct span bytes, uint64_t at, struct member *m)
{
	struct span h = span_sub(bytes, at, ENTRY_FIXED);
	*m = (struct member){ .mode = FACT_NULL };
	if (!h.p || !span_starts(h, TAG, 4))
		return false;
	m->type = h.p[4];
	m->method = h.p[5];
	m->next = span_u32le(h, 6);
	m->data = span_u32le(h, 10);
	m->date = span_u16le(h, 14);
	m->time = span_u16le(h, 16);
	m->crc = span_u16le(h, 18);
	m->size = span_u32le(h, 20);
	m->packed = span_u32le(h, 24);
	m->deleted = h.p[30];
	m->name = text_until_nul(span_sub(h, 38, SHORT_NAME));
	if (m->type == 2)
		read_variable(bytes, at + ENTRY_FIXED, m);
	return m->type >= 1 && m->type <= 2;
}

static bool is_header(struct span at)
{
	return at.n >= HEADER && span_has(at, TAG_AT, TAG, 4) && span_u32le(at, 24) >= HEADER && span_u32le(at, 24) + span_u32le(at, 28) == 0 &&
		   at.p[32] <= 2;
}

/* The last entry has no next one, and stands at the end. Where the chain breaks the archive is no more than what its entries have: what
 * stands behind that is not hidden by it. */
static bool zoo_probe(struct span at, struct format_match *match)
{
	struct member m;
	uint64_t place = is_header(at) ? span_u32le(at, 24) : 0, end = place;
	match->confidence = 90;
	for (unsigned n = 0; place && n < MEMBERS_MAX; n++) {
		match->size = place + ENTRY_FIXED > at.n ? place + ENTRY_FIXED : place > end ? place : end;
		if (!member_read(at, place, &m))
			return n > 0 || place + ENTRY_FIXED > at.n;
		uint64_t behind = place + ENTRY_FIXED + (m.type == 2 ? 5u + span_u16le(at, place + ENTRY_FIXED) : 0);
		end = behind > end ? behind : end;
		end = m.next && m.data + m.packed > end ? m.data + m.packed : end;
		if (m.next <= place) {
			match->size = end;
			return true;
		}
		place = m.next;
	}
	return place;
}

struct packed {
	struct span bytes;
	uint32_t size;
	uint16_t crc;
	uint8_t method;
};

static struct error unpack_lzw(const struct packed *p, struct buf *out)
{
	struct lzw z = { .bytes = p->bytes, .bits = LZW_BITS_MIN, .max_bits = LZW_BITS, .next = LZW_FIRST, .first = LZW_FIRST };
	z.blocks = z.ends = true;
	return lzw_decode(&z, out);
}

static struct error unpack_lzh(const struct packed *p, struct buf *out)
{
	static const struct lzh_shape shape = { .places = 14, .place_bits = 4 };
	size_t used, n = 0;
	if (p->size > (p->bytes.n + 1ull) * BLOCK_RATIO || buf_reserve(out, p->size))
		return error_at(ERR_BUDGET, 0, "a member of %u bytes in %zu", p->size, p->bytes.n);
	enum error_code code = p->size ? lzh_decode(&shape, p->bytes, out->p + out->n, p->size, &used, &n) : ERR_NONE;
	out->n += n;
	return code ? error_at(code, n, "a member does not unpack") : error_none();
}

static struct error unpack_member(const void *fs, const void *file, struct buf *out)
{
	const struct packed *p = file;
	size_t before = out->n;
	(void)fs;
	struct error e = p->method == 1 ? unpack_lzw(p, out) : unpack_lzh(p, out);
	struct span plain = span_from(buf_span(out), before);
	if (error_is(&e))
		return e;
	if (plain.n != p->size || hash_crc16(CRC_POLYNOMIAL, 0, plain) != p->crc)
		return error_at(ERR_CORRUPT, 0, "a member has another size or CRC than its entry says");
	return error_none();
}

static bool set_content(struct walk *w, struct span data, const struct member *m, struct entry *e)
{
	static const struct content_ops ops = { .unpack = unpack_member };
	e->size = m->size;
	e->offset = m->data;
	if (data.n < m->packed)
		emit_damage_at(w->sink, ERR_TRUNCATED, m->data, "a member has %u bytes, %zu are there", m->packed, data.n);
	if (m->method == 0) {
		e->content = (struct content){ .kind = CONTENT_SPAN, .bytes = data };
		if (data.n == m->packed && (m->packed != m->size || hash_crc16(CRC_POLYNOMIAL, 0, data) != m->crc))
			emit_damage_at(w->sink, ERR_CORRUPT, m->data, "a member has another size or CRC than its entry says");
		return true;
	}
	if (m->method > 2) {
		emit_damage_at(w->sink, ERR_UNSUPPORTED, m->data, "a member is compressed with method %u", m->method);
		return true;
	}
	struct packed *p = ARENA_NEW(w->arena, struct packed);
	if (p)
		*p = (struct packed){ data, m->size, m->crc, m->method };
	e->content = (struct content){ .kind = CONTENT_STREAM, .ops = &ops, .file = p };
	return p != NULL;
}

/* A deleted one is there as long as the archive is not packed; of several generations of a name each has its number. */
static bool emit_member(struct walk *w, struct span bytes, const struct member *m, struct path_buffer *buffer)
{
	char generation[GENERATION_SHOWN] = "";
	if (m->generation)
		snprintf(generation, sizeof generation, ";%u", m->generation);
	char *path = arena_printf(w->arena, "%.*s%s%.*s%s%s", (int)m->folder.n, m->folder.p ? m->folder.p : "", m->folder.n ? "/" : "",
							  (int)m->name.n, m->name.p, generation, m->deleted ? " (deleted)" : "");
	struct entry e = { ENTRY_INIT, .kind = ENTRY_FILE };
	e.path = path ? path_from_root(buffer, text_c(path)) : TEXT_NONE;
	e.mtime = dos_time(m->date, m->time);
	e.mode = m->mode;
	return e.path.p && set_content(w, span_clip(bytes, m->data, m->packed), m, &e) && (entry_is_root(&e) || w->child(w, &e));
}

static struct error zoo_walk(struct span bytes, struct walk *w)
{
	struct path_buffer buffer = { .arena = w->arena };
	struct parts claimed = { .bytes = bytes, .w = w }; /* members may lie anywhere: what they take together is bounded */
	struct member m;
	uint64_t at = span_u32le(bytes, 24);
	for (unsigned n = 0; n < MEMBERS_MAX; n++, at = m.next) {
		if (!member_read(bytes, at, &m))
			return error_at(at + ENTRY_FIXED <= bytes.n ? ERR_CORRUPT : ERR_TRUNCATED, at, "no entry where one is due");
		if (!m.next)
			return error_none();
		if (!parts_claim(&claimed, m.data, span_clip(bytes, m.data, m.packed).n) || !emit_member(w, bytes, &m, &buffer))
			return error_none();
		if (m.next <= at)
			return error_at(ERR_CORRUPT, at, "the entry behind this one stands before it");
	}
	return error_at(ERR_BUDGET, at, "more than %u members", MEMBERS_MAX);
}

static const struct format_magic zoo_magics[] = { MAGIC(TAG, TAG_AT), MAGIC_END };

const struct format zoo_format = {
	.name = "zoo",
	.kind = FORMAT_ARCHIVE,
	.title = "ZOO archive",
	.spec = "zoo 2.10, zoo.h",
	.magics = zoo_magics,
	.probe = zoo_probe,
	.walk = zoo_walk,
};
