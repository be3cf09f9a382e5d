/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Intel HEX: a line a record, ":" count, address, type, data, checksum in hexadecimal digits.
 *
 * Specification: Intel, "Hexadecimal Object File Format Specification", Revision A, 1988. For records of types that it does not have:
 * Micro:bit Educational Foundation, "Universal Hex Format Specification", which puts the images of several boards into one file.
 */
#include "format/format.h"
#include "format/hex_digits.h"
#include "format/memory_image.h"

#define RECORD_MAX 260u /* count, address, type, 255 bytes, checksum */
#define PROBE_RECORDS 16u
#define COMMENT_LINES 256u

enum record_type {
	DATA,
	END,
	SEGMENT_ADDRESS,
	SEGMENT_START,
	LINEAR_ADDRESS,
	LINEAR_START,
	TYPES,
	BLOCK_START = 10, /* from here on it is for this board */
	BLOCK_END,
	PADDING,
	CUSTOM_DATA, /* for boards that must not be taken for the first one, whose loader knows no blocks */
	OTHER_DATA,  /* for no board: the source */
	BLOCK_TYPES
};
#define BOARD_SPACE 1u /* 0: of no block */
#define OTHER_SPACE UINT32_MAX

struct record {
	uint16_t address;
	uint8_t type, count;
	uint8_t data[255];
	bool sum_ok;
	uint64_t next; /* offset behind it */
};

static bool read_record(struct span text, uint64_t at, struct record *r)
{
	uint8_t bytes[RECORD_MAX], sum = 0;
	if (!span_has(text, at, ":", 1) || !hex_digits_read(text, at + 1, bytes, 1) ||
		!hex_digits_read(text, at + 1, bytes, bytes[0] + 5u))
		return false;
	for (unsigned i = 0; i < bytes[0] + 5u; i++)
		sum = (uint8_t)(sum + bytes[i]);
	*r = (struct record){
		.address = (uint16_t)(bytes[1] << 8 | bytes[2]), .type = bytes[3], .count = bytes[0], .sum_ok = sum == 0
	};
	memcpy(r->data, bytes + 4, bytes[0]);
	r->next = at + 1 + 2 * (bytes[0] + 5u);
	return r->type < TYPES || (r->type >= BLOCK_START && r->type < BLOCK_TYPES);
}

/* Loaders pass over what does not begin with the record mark: makers put lines before the records that tell a name and a release. */
static uint64_t pass_comments(struct span text, uint64_t at)
{
	for (unsigned lines = 0; lines < COMMENT_LINES && (span_has(text, at, "#", 1) || span_has(text, at, ";", 1)); lines++) {
		const uint8_t *end = memchr(text.p + at, '\n', text.n - at);
		if (!end)
			return text.n;
		at = hex_digits_next_line(text, (uint64_t)(end - text.p));
	}
	return at;
}

/* The first records are right to their checksums. */
static bool ihex_probe(struct span at, struct format_match *match)
{
	struct record r;
	uint64_t place = pass_comments(at, 0);
	unsigned n = 0;
	while (n < PROBE_RECORDS && read_record(at, place, &r)) {
		if (!r.sum_ok)
			return false;
		n++;
		place = hex_digits_next_line(at, r.next);
		if (r.type == END)
			break;
	}
	if (n == 0 || (n < PROBE_RECORDS && (r.type != END || n < 2)))
		return false;
	match->size = at.n;
	match->confidence = 80;
	return true;
}

/* A whole text of records whose sums are wrong, as by whoever changed it by hand: it is what it is, and each wrong sum is told. */
static bool ihex_probe_whole(struct span all, struct format_match *match)
{
	struct record r = { .type = TYPES };
	uint64_t place = pass_comments(all, 0);
	unsigned n = 0;
	while (n < HEX_RECORDS_CERTAIN && r.type != END && read_record(all, place, &r) && hex_digits_line_ends(all, r.next)) {
		n++;
		place = hex_digits_next_line(all, r.next);
	}
	match->size = all.n;
	match->confidence = 60;
	return n == HEX_RECORDS_CERTAIN;
}

/* What a walk has seen so far. */
struct reading {
	struct memory_image image;
	uint64_t base, other; /* other: bytes that are for no board */
	uint32_t space;
	bool ended;
	unsigned bad_sums;
};

static void take_start(struct walk *w, const struct record *r, uint64_t at)
{
	uint32_t v = (uint32_t)r->data[0] << 24 | (uint32_t)r->data[1] << 16 | (uint32_t)r->data[2] << 8 | r->data[3];
	if (r->count == 4)
		emit_header_field(w->sink, at, r->type == LINEAR_START ? "start linear address" : "start segment address",
						  "0x%08x", v);
}

static bool put_data(struct reading *f, const struct record *r)
{
	bool other = r->type == OTHER_DATA;
	uint64_t address = other ? f->other : f->base + r->address;
	f->other += other ? r->count : 0;
	return memory_image_put(&f->image, other ? OTHER_SPACE : f->space, address, span_of(r->data, r->count));
}

static const char *name_space(uint32_t space)
{
	uint32_t board = space - BOARD_SPACE;
	bool v1 = board == 0x9900 || board == 0x9901, v2 = board >= 0x9903 && board <= 0x9906;
	return space == 0 ? NULL : space == OTHER_SPACE ? "other-data" : v1 ? "microbit-v1" : v2 ? "microbit-v2" : "other-board";
}

static struct error take_record(struct walk *w, struct reading *f, const struct record *r, uint64_t at)
{
	uint32_t value = (uint32_t)r->data[0] << 8 | r->data[1];
	if (!r->sum_ok && f->bad_sums++ < 16)
		emit_damage_at(w->sink, ERR_CORRUPT, at, "the checksum of this record is wrong");
	switch (r->type) {
	case DATA:
	case CUSTOM_DATA:
	case OTHER_DATA:
		if (!put_data(f, r))
			return error_at(ERR_BUDGET, at, "more ranges of memory than are kept");
		break;
	case BLOCK_START:
		f->space = r->count >= 2 ? BOARD_SPACE + value : f->space;
		break;
	case BLOCK_END:
	case PADDING:
		break;
	case END:
		f->ended = true;
		break;
	case SEGMENT_ADDRESS:
		f->base = (uint64_t)value << 4;
		break;
	case LINEAR_ADDRESS:
		f->base = (uint64_t)value << 16;
		break;
	default:
		take_start(w, r, at);
	}
	return error_none();
}

static struct error ihex_walk(struct span bytes, struct walk *w)
{
	struct reading f = { .ended = false };
	struct record r;
	struct error e = error_none(), emitted;
	uint64_t at = pass_comments(bytes, 0);
	/* A record of one byte takes 13 characters. */
	if (!memory_image_begin(&f.image, w, bytes.n / 2, bytes.n / 13 < 65536 ? bytes.n / 13 + 1 : 65536))
		return error_at(ERR_MEMORY, 0, "no memory for the bytes of %zu bytes of text", bytes.n);
	while (at < bytes.n && !f.ended && !error_is(&e)) {
		if (!read_record(bytes, at, &r)) {
			e = error_at(at + 11 > bytes.n ? ERR_TRUNCATED : ERR_CORRUPT, at,
			             "a record begins with ':' and holds pairs of hexadecimal digits");
			break;
		}
		e = take_record(w, &f, &r, at);
		at = hex_digits_next_line(bytes, r.next);
	}
	if (!f.ended && !error_is(&e))
		e = error_at(ERR_TRUNCATED, bytes.n, "the record that ends the file is missing");
	w->end = at;
	emitted = memory_image_emit(&f.image, name_space);
	return error_is(&e) ? e : emitted;
}

const struct format ihex_format = {
	.name = "ihex",
	.kind = FORMAT_CONTAINER,
	.title = "Intel HEX",
	.spec = "Intel Hexadecimal Object File Format Specification, 1988",
	.probe = ihex_probe,
	.probe_whole = ihex_probe_whole,
	.walk = ihex_walk,
	.at_start = true,
};
