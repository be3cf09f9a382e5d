/* SPDX-License-Identifier: GPL-3.0-or-later */
/* CYACD: what Cypress' and Infineon's loader writes to a PSoC: a line with the chip, then a line a row of the flash.
 *
 * Specification: Cypress "Format of .cyacd File for PSoC 3 or PSoC 5LP Bootloader"; cybtldr_parse.c.
 */
#include "format/format.h"
#include "format/hex_digits.h"
#include "format/memory_image.h"

#define HEADER_BYTES 6u
#define ROW_MAX 1024u
#define ROW_HEAD 5u
#define PROBE_ROWS 8u
#define ROWS_MAX 65536u

struct row {
	uint8_t array;
	uint16_t number, n;
	uint8_t data[ROW_MAX];
	bool sum_ok;
	uint64_t next;
};

/* All bytes of a row add up to nothing, its sum included. */
static bool row_read(struct span text, uint64_t at, struct row *r)
{
	uint8_t bytes[ROW_HEAD + ROW_MAX + 1], sum = 0;
	if (!span_has(text, at, ":", 1) || !hex_digits_read(text, at + 1, bytes, ROW_HEAD))
		return false;
	*r = (struct row){ .array = bytes[0], .number = (uint16_t)(bytes[1] << 8 | bytes[2]), .n = (uint16_t)(bytes[3] << 8 | bytes[4]) };
	size_t all = ROW_HEAD + r->n + 1u;
	if (!r->n || r->n > ROW_MAX || !hex_digits_read(text, at + 1, bytes, all))
		return false;
	for (size_t i = 0; i < all; i++)
		sum = (uint8_t)(sum + bytes[i]);
	memcpy(r->data, bytes + ROW_HEAD, r->n);
	r->sum_ok = !sum;
	r->next = hex_digits_next_line(text, at + 1 + 2 * all);
	return true;
}

static uint64_t first_row(struct span text, uint8_t header[HEADER_BYTES])
{
	uint64_t end = 2 * (uint64_t)HEADER_BYTES, next;
	if (!hex_digits_read(text, 0, header, HEADER_BYTES) || header[5] > 1)
		return 0;
	next = hex_digits_next_line(text, end);
	return next > end ? next : 0;
}

static bool cyacd_probe(struct span at, struct format_match *match)
{
	uint8_t header[HEADER_BYTES];
	struct row r;
	uint64_t place = first_row(at, header);
	unsigned n = 0;
	if (!place)
		return false;
	for (; n < PROBE_ROWS && row_read(at, place, &r); n++, place = r.next)
		if (!r.sum_ok)
			return false;
	match->size = at.n;
	match->confidence = 90;
	return n == PROBE_ROWS || (n && place >= at.n);
}

static const char *array_name(uint32_t array)
{
	static const char *const names[] = { "array-0", "array-1", "array-2", "array-3" };
	return array < 4 ? names[array] : "array";
}

static struct error cyacd_walk(struct span bytes, struct walk *w)
{
	uint8_t h[HEADER_BYTES];
	struct memory_image image;
	struct row r;
	unsigned bad = 0;
	uint32_t width = 0;
	uint64_t at = first_row(bytes, h);
	struct error e = error_none(), emitted;
	if (!at)
		return error_at(ERR_CORRUPT, 0, "no line with the chip");
	emit_header_field(w->sink, 0, "silicon_id", "0x%02x%02x%02x%02x", h[0], h[1], h[2], h[3]);
	emit_header_field(w->sink, 8, "silicon_revision", "%u", h[4]);
	if (!memory_image_begin(&image, w, bytes.n / 2, bytes.n / 13 < ROWS_MAX ? bytes.n / 13 + 1 : ROWS_MAX))
		return error_at(ERR_MEMORY, 0, "no memory for the bytes of %zu bytes of text", bytes.n);
	for (; at < bytes.n && row_read(bytes, at, &r) && !error_is(&e); at = r.next) {
		width = width ? width : r.n;
		if (!r.sum_ok && bad++ < 16)
			emit_damage_at(w->sink, ERR_CORRUPT, at, "the sum of this row is wrong");
		if (!memory_image_put(&image, r.array, (uint64_t)r.number * width, span_of(r.data, r.n)))
			e = error_at(ERR_BUDGET, at, "more rows than are kept");
	}
	if (at < bytes.n && !error_is(&e) && span_has(bytes, at, ":", 1))
		e = error_at(ERR_TRUNCATED, at, "a row is cut off");
	w->end = at;
	emitted = memory_image_emit(&image, array_name);
	return error_is(&e) ? e : emitted;
}

const struct format cyacd_format = {
	.name = "cyacd",
	.kind = FORMAT_CONTAINER,
	.title = "Cypress and Infineon PSoC bootloadable (.cyacd)",
	.spec = "Cypress, Format of .cyacd File",
	.probe = cyacd_probe,
	.walk = cyacd_walk,
	.at_start = true,
};
