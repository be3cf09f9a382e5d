/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ARJ archives: members that are stored or compressed with methods 1 to 4.
 *
 * Specification: ARJ TECHNOTE.TXT (Robert Jung).
 */
#include <time.h>

#include "base/hash.h"
#include "format/arj_decode.h"
#include "format/format.h"
#include "format/path.h"

#define ID "\x60\xea"
#define HEADER_MIN 30u
#define HEADER_MAX 2600u
#define MEMBERS_MAX 1000000u
#define GARBLED 1u
#define METHOD_MAX 4u

enum { TYPE_MAIN = 2, TYPE_DIRECTORY = 3 };

struct member {
	struct span header;
	uint64_t data, next;
	uint32_t packed, size, crc;
	uint8_t flags, method, type;
	bool end;
};

/* The header at `at`, whose CRC must hold. */
static bool member_read(struct span bytes, uint64_t at, struct member *m)
{
	uint16_t n = span_u16le(bytes, at + 2);
	*m = (struct member){ .header = span_sub(bytes, at + 4, n), .end = n == 0 };
	if (!span_has(bytes, at, ID, 2) || (m->end && !span_sub(bytes, at, 4).p))
		return false;
	m->next = at + 4;
	if (m->end)
		return true;
	if (n < HEADER_MIN || n > HEADER_MAX || !m->header.p || hash_crc32(0, m->header) != span_u32le(bytes, at + 4 + n))
		return false;
	m->flags = m->header.p[4];
	m->method = m->header.p[5];
	m->type = m->header.p[6];
	m->data = at + 4 + n + 4;
	uint16_t extended = span_u16le(bytes, m->data);
	m->data += 2 + (extended ? extended + 4u : 0);
	m->packed = m->type == TYPE_MAIN ? 0 : span_u32le(m->header, 12);
	m->size = span_u32le(m->header, 16);
	m->crc = span_u32le(m->header, 20);
	m->next = m->data + m->packed;
	return true;
}

static bool arj_probe(struct span at, struct format_match *match)
{
	struct member m;
	if (!member_read(at, 0, &m) || m.end || m.type != TYPE_MAIN)
		return false;
	match->size = m.next;
	for (unsigned i = 0; i < MEMBERS_MAX && !m.end && member_read(at, match->size, &m); i++)
		match->size = m.next;
	match->confidence = 90;
	return true;
}

/* Dates of MS-DOS, taken as UTC. */
static int64_t dos_time(uint32_t v)
{
	struct tm t = { .tm_year = (int)(v >> 25) + 80,
					.tm_mon = (int)(v >> 21 & 15) - 1,
					.tm_mday = (int)(v >> 16 & 31),
					.tm_hour = (int)(v >> 11 & 31),
					.tm_min = (int)(v >> 5 & 63),
					.tm_sec = (int)(v & 31) * 2 };
	return timegm(&t);
}

struct packed {
	struct span bytes;
	uint32_t size, crc, method;
	uint64_t at;
};

static struct error unpack_member(const void *fs, const void *file, struct buf *out)
{
	const struct packed *p = file;
	size_t n = 0, before = out->n;
	(void)fs;
	/* A block of some bytes may hold 65535 matches of 256 bytes, which take no bits. */
	if (p->size > (p->bytes.n / 8ull + 1) * 65535 * 256 || buf_reserve(out, p->size))
		return error_at(ERR_BUDGET, 0, "a member of %u bytes in %zu", p->size, p->bytes.n);
	enum error_code code = arj_decode(p->method, p->bytes, out->p + before, p->size, &n);
	out->n += n;
	if (code)
		return error_at(code, n, "a member does not unpack with method %u", p->method);
	if (hash_crc32(0, span_from(buf_span(out), before)) != p->crc)
		return error_at(ERR_CORRUPT, 0, "a member has another CRC than its header says");
	return error_none();
}

static const struct content_ops member_ops = { .unpack = unpack_member };

/* False when out of memory. */
static bool set_content(struct walk *w, struct span data, const struct member *m, struct entry *e)
{
	struct packed *p = ARENA_NEW(w->arena, struct packed);
	if (p)
		*p = (struct packed){ data, m->size, m->crc, m->method, m->data };
	e->content = (struct content){ .kind = CONTENT_STREAM, .ops = &member_ops, .file = p };
	return p != NULL;
}

static bool file_content(struct walk *w, struct span bytes, const struct member *m, struct entry *e)
{
	struct span data = span_clip(bytes, m->data, m->packed);
	e->size = m->size;
	e->offset = m->data;
	if (data.n < m->packed)
		emit_damage_at(w->sink, ERR_TRUNCATED, m->data, "a member has %u bytes, %zu are there", m->packed, data.n);
	if (m->flags & GARBLED) {
		emit_damage_at(w->sink, ERR_ENCRYPTED, m->data, "a member of %u bytes is enciphered with a password", m->size);
	} else if (m->method == 0) {
		e->content = (struct content){ .kind = CONTENT_SPAN, .bytes = data };
		if (data.n == m->packed && hash_crc32(0, data) != m->crc)
			emit_damage_at(w->sink, ERR_CORRUPT, m->data, "a member has another CRC than its header says");
	} else if (m->method <= METHOD_MAX) {
		return set_content(w, data, m, e);
	} else {
		emit_damage_at(w->sink, ERR_UNSUPPORTED, m->data, "a member is compressed with method %u", m->method);
	}
	return true;
}

static bool emit_member(struct walk *w, struct span bytes, const struct member *m, struct path_buffer *buffer)
{
	struct span name = span_from(m->header, m->header.p[0]);
	struct entry e = { ENTRY_INIT, .kind = m->type == TYPE_DIRECTORY ? ENTRY_DIRECTORY : ENTRY_FILE };
	e.path = path_from_root(buffer, text_until_nul(name));
	e.mtime = dos_time(span_u32le(m->header, 8));
	if (!e.path.p || (e.kind == ENTRY_FILE && !file_content(w, bytes, m, &e)))
		return false;
	return entry_is_root(&e) || w->child(w, &e);
}

static struct error arj_walk(struct span bytes, struct walk *w)
{
	struct path_buffer buffer = { .arena = w->arena };
	struct member m;
	uint64_t at = 0;
	for (unsigned i = 0; i < MEMBERS_MAX; i++) {
		if (!member_read(bytes, at, &m))
			return error_at(at < bytes.n ? ERR_CORRUPT : ERR_TRUNCATED, at, "no header of a member where one is due");
		if (m.end)
			break;
		if (m.type != TYPE_MAIN && !emit_member(w, bytes, &m, &buffer))
			break;
		at = m.next;
	}
	return error_none();
}

static const struct format_magic arj_magics[] = { MAGIC(ID, 0), MAGIC_END };

const struct format arj_format = {
	.name = "arj",
	.kind = FORMAT_ARCHIVE,
	.title = "ARJ archive",
	.spec = "ARJ TECHNOTE.TXT",
	.magics = arj_magics,
	.probe = arj_probe,
	.walk = arj_walk,
};
