/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ARC archives of SEA and of PKARC, PAK, Spark: headers with a member behind each.
 *
 * Specification: "ARC file format" (Arcinfo, R. A. Freed, 1986); Arc521.doc. Two bytes are all of a magic: it is known by all headers.
 */
#include "base/hash.h"
#include "format/arc_decode.h"
#include "format/format.h"
#include "format/notation.h"
#include "format/path.h"

#define MARK 0x1au
#define NAME_SIZE 13u
#define HEADER 29u
#define HEADER_OLD 25u /* of method 1, without the size */
#define SPARK_MORE 12u
#define SPARK 0x80u
#define MEMBERS_MAX 100000u
#define DEPTH_MAX 8u
#define METHOD_INFO 20u /* 20 to 29: what is no member; 30 and 31: folders of ARC 6 */
#define METHOD_FOLDER 30u
#define METHOD_COMPRESSED 127u
#define LIKELY_MAX (64u << 20) /* larger ones are of a time when nobody made any */
#define BEHIND_MAX 4096u /* filled up to a sector of CP/M, or more */
#define CUT_OFF_MIN 2u /* members, of an archive without its end */
#define CRC_POLYNOMIAL 0xa001u

struct member {
	struct text name;
	uint64_t data;
	uint32_t packed, size, load;
	uint16_t date, time, crc;
	unsigned method;
	bool spark, end;
};

static bool is_name(struct text t)
{
	for (size_t i = 0; i < t.n; i++)
		if ((t.p[i] & 0x7f) <= ' ' || t.p[i] == 0x7f || strchr("\"*/:<>?\\|", t.p[i]))
			return false;
	return t.n > 0;
}

static bool is_time(uint16_t date, uint16_t time)
{
	return !date || (dos_time(date, time) != FACT_NULL && (date >> 5 & 15) - 1u < 12 && (date & 31) != 0 && time >> 11 < 24);
}

static bool member_read(struct span bytes, uint64_t at, struct member *m)
{
	struct span h = span_sub(bytes, at, HEADER_OLD);
	*m = (struct member){ .end = span_has(bytes, at, "\x1a\0", 2) || span_has(bytes, at, "\x1a\x80", 2) };
	if (m->end)
		return true;
	if (!h.p || h.p[0] != MARK)
		return false;
	m->method = h.p[1] & (SPARK - 1);
	m->spark = h.p[1] & SPARK;
	m->name = text_terminated(span_sub(h, 2, NAME_SIZE));
	m->packed = span_u32le(h, 15);
	m->date = span_u16le(h, 19);
	m->time = span_u16le(h, 21);
	m->crc = span_u16le(h, 23);
	bool old = m->method == 1;
	m->size = old ? m->packed : span_u32le(bytes, at + HEADER_OLD);
	m->load = m->spark ? span_u32le(bytes, at + HEADER) : 0;
	m->data = at + (old ? HEADER_OLD : HEADER) + (m->spark ? SPARK_MORE : 0);
	bool known = (m->method >= 1 && m->method <= METHOD_FOLDER) || m->method == METHOD_COMPRESSED;
	bool timed = (m->spark && m->load >> 20 == 0xfff) || is_time(m->date, m->time); /* by RISC OS, which has it in the load address */
	return known && m->data <= bytes.n && is_name(m->name) && timed;
}

/* Whether it is what Spark makes of a folder: an archive of its own, as it is. */
static bool is_folder(const struct member *m)
{
	return m->spark && m->method == 2 && m->load >> 8 == 0xfffddc;
}

/* Of an archive that is cut off the last header tells little: nothing in the first one may be unlikely. */
static bool is_likely(const struct member *m)
{
	bool stored = m->method <= 2, whole = !stored || m->packed == m->size;
	return m->method < METHOD_INFO && (m->date || m->spark) && whole && m->packed <= m->size && m->size <= LIKELY_MAX;
}

/* All headers to the end, or two or more to where the bytes are cut off: of one alone, some 25 bits are told. */
static bool arc_probe(struct span at, struct format_match *match)
{
	struct member m, first = { .end = true };
	uint64_t next = 0;
	unsigned n = 0;
	if (at.n < HEADER || at.p[0] != MARK || !at.p[1])
		return false;
	for (; n < MEMBERS_MAX && member_read(at, next, &m) && !m.end; n++) {
		first = n ? first : m;
		next = m.data + m.packed;
	}
	match->size = next + (n && m.end ? 2 : 0);
	match->confidence = 60;
	if (n && m.end)
		return at.n - match->size <= BEHIND_MAX;
	return n >= CUT_OFF_MIN && next > at.n - HEADER && is_likely(&first);
}

struct packed {
	struct span bytes;
	uint32_t size;
	uint16_t crc;
	unsigned method;
};

static struct error unpack_member(const void *fs, const void *file, struct buf *out)
{
	const struct packed *p = file;
	size_t before = out->n;
	(void)fs;
	enum error_code code = arc_decode(p->method, p->bytes, p->size, out);
	if (code)
		return error_at(code, out->n - before, "a member does not unpack with method %u", p->method);
	if (hash_crc16(CRC_POLYNOMIAL, 0, span_from(buf_span(out), before)) != p->crc)
		return error_at(ERR_CORRUPT, 0, "a member has another CRC than its header says: it is damaged, or enciphered with a password");
	return error_none();
}

static const struct content_ops member_ops = { .unpack = unpack_member };

static bool emit_file(struct walk *w, struct span data, const struct member *m, struct entry *e)
{
	e->kind = ENTRY_FILE;
	e->size = m->size;
	e->offset = m->data;
	if (data.n < m->packed)
		emit_damage_at(w->sink, ERR_TRUNCATED, m->data, "a member has %u bytes, %zu are there", m->packed, data.n);
	if (!arc_decode_knows(m->method)) {
		emit_damage_at(w->sink, ERR_UNSUPPORTED, m->data, "a member is compressed with method %u", m->method);
	} else {
		struct packed *p = ARENA_NEW(w->arena, struct packed);
		if (!p)
			return false;
		*p = (struct packed){ data, m->size, m->crc, m->method };
		e->content = (struct content){ .kind = CONTENT_STREAM, .ops = &member_ops, .file = p };
	}
	return w->child(w, e);
}

struct arc {
	struct walk *w;
	struct path_buffer buffer;
	unsigned members;
};

static struct error walk_folder(struct arc *a, struct span bytes, uint64_t at, struct text folder, unsigned depth);

/* False: stop. */
static bool emit_member(struct arc *a, struct span bytes, const struct member *m, struct text folder, unsigned depth)
{
	char *path = arena_printf(a->w->arena, "%.*s/%.*s", (int)folder.n, folder.p, (int)m->name.n, m->name.p);
	struct entry e = { ENTRY_INIT, .kind = ENTRY_DIRECTORY };
	e.path = path ? path_from_root(&a->buffer, text_c(path)) : TEXT_NONE;
	if (!e.path.p)
		return false;
	e.mtime = m->date && !m->spark ? dos_time(m->date, m->time) : FACT_NULL;
	if (!is_folder(m))
		return entry_is_root(&e) || emit_file(a->w, span_clip(bytes, m->data, m->packed), m, &e);
	if (depth == DEPTH_MAX) {
		emit_damage_at(a->w->sink, ERR_BUDGET, m->data, "folders are nested deeper than %u", DEPTH_MAX);
		return true;
	}
	if (!a->w->child(a->w, &e))
		return false;
	struct error error = walk_folder(a, span_clip(bytes, 0, m->data + m->packed), m->data, text_c(path), depth + 1);
	if (error_is(&error))
		emit_error(a->w->sink, &error);
	return true;
}

static struct error walk_folder(struct arc *a, struct span bytes, uint64_t at, struct text folder, unsigned depth)
{
	struct member m;
	for (; a->members < MEMBERS_MAX; a->members++, at = m.data + m.packed) {
		if (!member_read(bytes, at, &m))
			return error_at(at + HEADER < bytes.n ? ERR_CORRUPT : ERR_TRUNCATED, at, "no header of a member where one is due");
		if (m.end)
			return error_none();
		if (m.method >= METHOD_FOLDER && m.method != METHOD_COMPRESSED)
			emit_damage_at(a->w->sink, ERR_UNSUPPORTED, at, "a folder of ARC 6 is not read");
		else if ((m.method < METHOD_INFO || m.method == METHOD_COMPRESSED) && !emit_member(a, bytes, &m, folder, depth))
			return error_none();
	}
	return error_at(ERR_BUDGET, at, "more than %u members", MEMBERS_MAX);
}

static struct error arc_walk(struct span bytes, struct walk *w)
{
	struct arc a = { .w = w, .buffer = { .arena = w->arena } };
	return walk_folder(&a, bytes, 0, TEXT_LIT(""), 0);
}

const struct format arc_format = {
	.name = "arc",
	.kind = FORMAT_ARCHIVE,
	.title = "ARC archive (SEA, PKARC, Spark)",
	.spec = "ARC file format (R. A. Freed, 1986); Arc521.doc",
	.probe = arc_probe,
	.walk = arc_walk,
	.at_start = true,
};
