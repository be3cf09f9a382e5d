/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The database of a 7z archive: packed streams, folders, the contents in them, files. 7zFormat.txt of the LZMA SDK.
 *
 * Every number in it is bounded by the bytes that it would take, so that nothing is allocated which the header does not pay for. */
#include "format/sevenzip.h"

#define FILETIME_EPOCH 11644473600ll /* seconds from 1601 to 1970 */
#define FILES_MAX 1000000u

enum {
	ID_END = 0,
	ID_HEADER = 1,
	ID_ARCHIVE_PROPERTIES = 2,
	ID_ADDITIONAL_STREAMS = 3,
	ID_MAIN_STREAMS = 4,
	ID_FILES = 5,
	ID_PACK_INFO = 6,
	ID_UNPACK_INFO = 7,
	ID_SUBSTREAMS = 8,
	ID_SIZE = 9,
	ID_CRC = 10,
	ID_FOLDER = 11,
	ID_UNPACK_SIZE = 12,
	ID_UNPACK_STREAMS = 13,
	ID_EMPTY_STREAM = 14,
	ID_EMPTY_FILE = 15,
	ID_ANTI = 16,
	ID_NAMES = 17,
	ID_CTIME = 18,
	ID_ATIME = 19,
	ID_MTIME = 20,
	ID_ATTRIBUTES = 21,
	ID_ENCODED_HEADER = 23,
	ID_START_POSITIONS = 24,
};

struct parse {
	struct reader r;
	struct arena *arena;
	enum error_code code; /* other than what the reader's end says */
};

static bool fails(struct parse *p, enum error_code code)
{
	p->code = p->code ? p->code : code;
	return false;
}

static bool good(const struct parse *p)
{
	return !p->code && rd_ok(&p->r);
}

/* The ones at the top of the first byte say how many bytes follow; the rest of it are the highest bits. */
static uint64_t number(struct parse *p)
{
	uint8_t first = rd_u8(&p->r);
	uint64_t v = 0;
	unsigned mask = 0x80;
	for (unsigned i = 0; i < 8; i++, mask >>= 1) {
		if (!(first & mask))
			return v | (uint64_t)(first & (mask - 1)) << (8 * i);
		v |= (uint64_t)rd_u8(&p->r) << (8 * i);
	}
	return v;
}

/* A number of things of which each takes a byte of what is left, or `paid` more of them than bytes. */
static uint32_t count(struct parse *p, uint64_t paid)
{
	uint64_t n = number(p);
	if (n > rd_left(&p->r) + paid || n > UINT32_MAX / 2) {
		fails(p, ERR_CORRUPT);
		return 0;
	}
	return (uint32_t)n;
}

static void *room(struct parse *p, size_t n, size_t size)
{
	void *v = arena_alloc(p->arena, n, size);
	if (!v)
		fails(p, ERR_BUDGET);
	return v;
}

static bool bit(struct span bits, uint32_t i)
{
	return i / 8 < bits.n && (bits.p[i / 8] >> (7 - i % 8) & 1);
}

static struct span rd_bits(struct parse *p, uint32_t n)
{
	return rd_bytes(&p->r, ((uint64_t)n + 7) / 8);
}

/* A vector that may be said to be all ones: then p is NULL. */
static struct span rd_defined(struct parse *p, uint32_t n)
{
	return rd_u8(&p->r) ? SPAN_NONE : rd_bits(p, n);
}

static bool is_defined(struct span bits, uint32_t i)
{
	return !bits.p || bit(bits, i);
}

/* CRCs of n things, or only passed over where `crcs` is NULL. */
static void digests(struct parse *p, uint32_t n, struct sevenzip_file_crc **crcs)
{
	struct span defined = rd_defined(p, n);
	for (uint32_t i = 0; i < n && good(p); i++)
		if (is_defined(defined, i)) {
			uint32_t crc = rd_u32(&p->r);
			if (crcs)
				*crcs[i] = (struct sevenzip_file_crc){ true, crc };
		}
}

static bool pack_info(struct parse *p, struct sevenzip_streams *s)
{
	s->packed_at = number(p);
	s->packed_n = count(p, 0);
	s->packed_sizes = (uint64_t *)room(p, s->packed_n, sizeof *s->packed_sizes);
	s->packed_offsets = (uint64_t *)room(p, s->packed_n, sizeof *s->packed_offsets);
	if (s->packed_at > UINT64_MAX / 4)
		return fails(p, ERR_CORRUPT);
	uint64_t id, at = SEVENZIP_START + s->packed_at;
	while (good(p) && (id = number(p)) != ID_END) {
		if (id == ID_CRC)
			digests(p, s->packed_n, NULL);
		else if (id != ID_SIZE)
			return fails(p, ERR_CORRUPT);
		for (uint32_t i = 0; id == ID_SIZE && i < s->packed_n && good(p); i++) {
			s->packed_sizes[i] = number(p);
			s->packed_offsets[i] = at;
			if (s->packed_sizes[i] > UINT64_MAX / 4 - at)
				return fails(p, ERR_CORRUPT);
			at += s->packed_sizes[i];
		}
	}
	return good(p);
}

/* The first byte: length of the method's number, whether the numbers of streams follow, whether properties do. */
static bool coder(struct parse *p, struct sevenzip_folder *f, struct sevenzip_coder *c)
{
	uint8_t flags = rd_u8(&p->r);
	struct reader method = reader_be(rd_bytes(&p->r, flags & 15));
	if ((flags & 15) > 8 || flags & 0xc0)
		return fails(p, ERR_UNSUPPORTED);
	if (!good(p))
		return false;
	c->method = rd_uint(&method, flags & 15);
	uint64_t inputs = flags & 0x10 ? number(p) : 1, outputs = flags & 0x10 ? number(p) : 1;
	if (outputs != 1 || inputs == 0 || inputs > SEVENZIP_CODERS_MAX - f->inputs)
		return fails(p, ERR_UNSUPPORTED);
	if (flags & 0x20)
		c->properties = rd_bytes(&p->r, number(p));
	c->inputs = (uint32_t)inputs;
	c->first_input = f->inputs;
	f->inputs += c->inputs;
	return good(p);
}

/* Which coders' outputs go where; the one whose output goes nowhere is the folder's. */
static bool bonds(struct parse *p, struct sevenzip_folder *f)
{
	uint32_t inputs_used = 0, outputs_used = 0;
	f->bonds = (struct sevenzip_bond *)room(p, f->n, sizeof *f->bonds);
	for (uint32_t i = 0; i + 1 < f->n && good(p); i++) {
		uint64_t input = number(p), from = number(p);
		if (input >= f->inputs || from >= f->n || inputs_used >> input & 1 || outputs_used >> from & 1)
			return fails(p, ERR_CORRUPT);
		f->bonds[i] = (struct sevenzip_bond){ (uint32_t)input, (uint32_t)from };
		inputs_used |= 1u << input;
		outputs_used |= 1u << from;
	}
	for (f->main = 0; outputs_used >> f->main & 1;)
		f->main++;
	if (f->inputs + 1 < f->n)
		return fails(p, ERR_CORRUPT);
	f->packed_n = f->inputs + 1 - f->n;
	f->packed = (uint32_t *)room(p, f->packed_n, sizeof *f->packed);
	for (uint32_t i = 0, free = 0; good(p) && i < f->packed_n; i++) {
		while (free < f->inputs && inputs_used >> free & 1)
			free++;
		uint64_t input = f->packed_n == 1 ? free : number(p);
		if (input >= f->inputs || inputs_used >> input & 1)
			return fails(p, ERR_CORRUPT);
		inputs_used |= 1u << input;
		f->packed[i] = (uint32_t)input;
	}
	return good(p);
}

static bool folder(struct parse *p, struct sevenzip_folder *f)
{
	uint64_t n = number(p);
	if (!good(p) || n == 0 || n >= SEVENZIP_CODERS_MAX)
		return fails(p, ERR_CORRUPT);
	f->n = (uint32_t)n;
	f->streams = 1;
	f->coders = (struct sevenzip_coder *)room(p, f->n, sizeof *f->coders);
	f->sizes = (uint64_t *)room(p, f->n, sizeof *f->sizes);
	for (uint32_t i = 0; i < f->n && good(p); i++)
		if (!coder(p, f, &f->coders[i]))
			return false;
	return good(p) && bonds(p, f);
}

static bool folder_crcs(struct parse *p, struct sevenzip_streams *s)
{
	struct sevenzip_file_crc **crcs = (struct sevenzip_file_crc **)room(p, s->folders_n, sizeof(struct sevenzip_file_crc *));
	for (uint32_t i = 0; crcs && i < s->folders_n; i++)
		crcs[i] = &s->folders[i].crc;
	if (crcs)
		digests(p, s->folders_n, crcs);
	return good(p);
}

static bool unpack_info(struct parse *p, struct sevenzip_streams *s)
{
	if (number(p) != ID_FOLDER)
		return fails(p, ERR_CORRUPT);
	s->folders_n = count(p, 0);
	if (rd_u8(&p->r) != 0) /* they stand in an additional stream, which no program has written */
		return fails(p, ERR_UNSUPPORTED);
	s->folders = (struct sevenzip_folder *)room(p, s->folders_n, sizeof *s->folders);
	uint32_t packed = 0;
	for (uint32_t i = 0; i < s->folders_n && good(p); i++) {
		if (!folder(p, &s->folders[i]))
			return false;
		s->folders[i].first_packed = packed;
		if (s->folders[i].packed_n > s->packed_n - packed)
			return fails(p, ERR_CORRUPT);
		packed += s->folders[i].packed_n;
	}
	if (!good(p) || number(p) != ID_UNPACK_SIZE)
		return fails(p, ERR_CORRUPT);
	for (uint32_t i = 0; i < s->folders_n; i++)
		for (uint32_t k = 0; k < s->folders[i].n && good(p); k++)
			s->folders[i].sizes[k] = number(p);
	uint64_t id;
	while (good(p) && (id = number(p)) != ID_END)
		if (id != ID_CRC || !folder_crcs(p, s))
			return fails(p, ERR_CORRUPT);
	return good(p);
}

/* How many contents each folder has; the last one's size is what the others leave. */
static bool substream_sizes(struct parse *p, struct sevenzip_streams *s, bool given)
{
	uint32_t at = 0;
	for (uint32_t i = 0; i < s->folders_n && good(p); i++) {
		struct sevenzip_folder *f = &s->folders[i];
		uint64_t left = f->sizes[f->main];
		f->first_stream = at;
		for (uint32_t k = 0; k < f->streams && good(p); k++, at++) {
			bool last = k + 1 == f->streams;
			s->sizes[at] = last ? left : given ? number(p) : 0;
			if (s->sizes[at] > left)
				return fails(p, ERR_CORRUPT);
			left -= s->sizes[at];
		}
		if (f->streams == 1)
			s->crcs[f->first_stream] = f->crc;
	}
	return good(p);
}

static bool substream_crcs(struct parse *p, struct sevenzip_streams *s)
{
	struct sevenzip_file_crc **unknown = (struct sevenzip_file_crc **)room(p, s->n, sizeof(struct sevenzip_file_crc *));
	uint32_t n = 0;
	for (uint32_t i = 0; unknown && i < s->n; i++)
		if (!s->crcs[i].known)
			unknown[n++] = &s->crcs[i];
	if (unknown)
		digests(p, n, unknown);
	return good(p);
}

static bool substreams(struct parse *p, struct sevenzip_streams *s, bool stated)
{
	uint64_t id = stated ? number(p) : ID_END, n = 0;
	for (uint32_t i = 0; i < s->folders_n && id == ID_UNPACK_STREAMS && good(p); i++)
		s->folders[i].streams = count(p, 1);
	if (id == ID_UNPACK_STREAMS)
		id = number(p);
	for (uint32_t i = 0; i < s->folders_n; i++)
		n += s->folders[i].streams;
	if (!good(p) || n > FILES_MAX)
		return fails(p, n > FILES_MAX ? ERR_BUDGET : ERR_CORRUPT);
	s->n = (uint32_t)n;
	s->sizes = (uint64_t *)room(p, s->n, sizeof *s->sizes);
	s->crcs = (struct sevenzip_file_crc *)room(p, s->n, sizeof *s->crcs);
	if (!good(p) || !substream_sizes(p, s, id == ID_SIZE))
		return false;
	if (id == ID_SIZE)
		id = number(p);
	for (; good(p) && id != ID_END; id = number(p))
		if (id != ID_CRC || !substream_crcs(p, s))
			return fails(p, ERR_CORRUPT);
	return good(p);
}

static bool streams_info(struct parse *p, struct sevenzip_streams *s)
{
	uint64_t id = number(p);
	if (id == ID_PACK_INFO) {
		if (!pack_info(p, s))
			return false;
		id = number(p);
	}
	if (id == ID_UNPACK_INFO) {
		if (!unpack_info(p, s))
			return false;
		id = number(p);
	}
	if (!good(p) || !substreams(p, s, id == ID_SUBSTREAMS))
		return false;
	if (id == ID_SUBSTREAMS)
		id = number(p);
	return good(p) && (id == ID_END || fails(p, ERR_CORRUPT));
}

static void names(struct parse *p, struct sevenzip_header *h)
{
	struct span s = span_from(p->r.bytes, p->r.at);
	size_t at = 0;
	for (uint32_t i = 0; i < h->n; i++) {
		size_t begin = at;
		while (at + 2 <= s.n && (s.p[at] || s.p[at + 1]))
			at += 2;
		if (at + 2 > s.n) {
			fails(p, ERR_CORRUPT);
			return;
		}
		h->files[i].name = span_of(s.p + begin, at - begin);
		at += 2;
	}
	rd_skip(&p->r, at);
}

static void times(struct parse *p, struct sevenzip_header *h, struct span defined)
{
	for (uint32_t i = 0; i < h->n && good(p); i++)
		if (is_defined(defined, i))
			h->files[i].mtime = (int64_t)(rd_u64(&p->r) / 10000000) - FILETIME_EPOCH;
}

static void attributes(struct parse *p, struct sevenzip_header *h, struct span defined)
{
	for (uint32_t i = 0; i < h->n && good(p); i++)
		if (is_defined(defined, i)) {
			h->files[i].attributes = rd_u32(&p->r);
			h->files[i].has_attributes = true;
		}
}

/* Of the files without content the bits tell apart directories and empty files, and what is to be deleted. */
static void bits_of_empty(struct parse *p, struct sevenzip_header *h, uint64_t id)
{
	uint32_t n = 0;
	for (uint32_t i = 0; i < h->n; i++)
		n += h->files[i].empty;
	struct span bits = rd_bits(p, id == ID_EMPTY_STREAM ? h->n : n);
	for (uint32_t i = 0, k = 0; i < h->n; i++) {
		struct sevenzip_file *f = &h->files[i];
		if (id == ID_EMPTY_STREAM)
			f->empty = f->directory = bit(bits, i);
		else if (f->empty && id == ID_EMPTY_FILE)
			f->directory = !bit(bits, k++);
		else if (f->empty)
			f->anti = bit(bits, k++);
	}
}

static void property(struct parse *p, struct sevenzip_header *h, uint64_t id)
{
	struct span defined = id == ID_MTIME || id == ID_ATTRIBUTES ? rd_defined(p, h->n) : SPAN_NONE;
	if ((id == ID_NAMES || id == ID_MTIME || id == ID_ATTRIBUTES) && rd_u8(&p->r) != 0)
		fails(p, ERR_UNSUPPORTED);
	else if (id == ID_NAMES) {
		h->named = true;
		names(p, h);
	}
	else if (id == ID_MTIME)
		times(p, h, defined);
	else if (id == ID_ATTRIBUTES)
		attributes(p, h, defined);
	else if (id == ID_EMPTY_STREAM || id == ID_EMPTY_FILE || id == ID_ANTI)
		bits_of_empty(p, h, id);
}

/* How many bytes of a property, of which `left` were not read, nobody has seen. Padding is of a kind of its own, and zeros. */
static uint64_t unseen(const struct sevenzip_header *h, uint64_t id, struct span all, size_t left)
{
	bool passed = id == ID_CTIME || id == ID_ATIME || id == ID_START_POSITIONS; /* a number each, with what says which are there */
	if (passed)
		left = all.n > 9 * (size_t)h->n + 2 ? all.n - 9 * (size_t)h->n - 2 : 0;
	return span_is_zero(span_from(all, all.n - left)) ? 0 : left;
}

static bool files_info(struct parse *p, struct sevenzip_header *h)
{
	h->n = count(p, 0);
	if (h->n > FILES_MAX)
		return fails(p, ERR_BUDGET);
	h->files = (struct sevenzip_file *)room(p, h->n, sizeof *h->files);
	for (uint32_t i = 0; h->files && i < h->n; i++)
		h->files[i].mtime = FACT_NULL;
	uint64_t id;
	while (good(p) && (id = number(p)) != ID_END) {
		struct span all = rd_bytes(&p->r, number(p));
		struct parse of = { reader_le(all), p->arena, ERR_NONE };
		if (!good(p))
			return false;
		property(&of, h, id);
		if (!good(&of))
			return fails(p, of.code ? of.code : ERR_CORRUPT);
		h->unread += unseen(h, id, all, rd_left(&of.r));
	}
	return good(p);
}

static bool archive_properties(struct parse *p, struct sevenzip_header *h)
{
	while (good(p) && number(p) != ID_END)
		h->unread += rd_bytes(&p->r, number(p)).n;
	return good(p);
}

/* Each part stands there once: a second one would take the place of the first, and what that tells of would not be shown. */
static bool first_time(struct parse *p, uint64_t id, uint32_t *seen)
{
	if (id > ID_FILES || *seen >> id & 1)
		return fails(p, ERR_CORRUPT);
	*seen |= 1u << id;
	return true;
}

static bool header(struct parse *p, struct sevenzip_header *h)
{
	uint64_t id = number(p);
	h->encoded = id == ID_ENCODED_HEADER;
	if (h->encoded)
		return streams_info(p, &h->streams);
	if (id != ID_HEADER)
		return fails(p, ERR_CORRUPT);
	struct sevenzip_streams additional = { 0 };
	uint32_t seen = 0;
	while (good(p) && (id = number(p)) != ID_END)
		if (!first_time(p, id, &seen) ||
			!(id == ID_ARCHIVE_PROPERTIES	? archive_properties(p, h)
			  : id == ID_ADDITIONAL_STREAMS ? streams_info(p, &additional)
			  : id == ID_MAIN_STREAMS		? streams_info(p, &h->streams)
			  : id == ID_FILES				? files_info(p, h)
											: false))
			return fails(p, ERR_CORRUPT);
	return good(p);
}

struct error sevenzip_header_read(struct span bytes, struct arena *arena, struct sevenzip_header *h)
{
	struct parse p = { reader_le(bytes), arena, ERR_NONE };
	*h = (struct sevenzip_header){ .n = 0 };
	if (header(&p, h)) {
		struct span behind = span_from(bytes, p.r.at);
		h->unread += span_is_zero(behind) ? 0 : behind.n;
		return error_none();
	}
	enum error_code code = p.code ? p.code : ERR_CORRUPT;
	return error_at(code, OFFSET_NONE, "the header of the archive is %s at byte %zu of it",
					code == ERR_BUDGET		  ? "too large"
					: code == ERR_UNSUPPORTED ? "of a kind that is not read"
											  : "damaged",
					p.r.at);
}
