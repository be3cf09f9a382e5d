/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Motorola S-records: a line a record, "S" type, count, address of two to four bytes, data, checksum in hexadecimal digits.
 *
 * Specification: Motorola M68000 Family Programmer's Reference Manual, appendix C.
 */
#include "format/format.h"
#include "format/hex_digits.h"
#include "format/memory_image.h"

#define PROBE_RECORDS 16u

struct record {
	char type; /* '0' .. '9' */
	uint32_t address;
	uint8_t data[255];
	size_t n;
	bool sum_ok;
	uint64_t next;
};

/* Bytes of address by type; 0: there is no such type. */
static const uint8_t address_size[10] = { 2, 2, 3, 4, 0, 2, 3, 4, 3, 2 };

static bool read_record(struct span text, uint64_t at, struct record *r)
{
	uint8_t bytes[256] = { 0 }, sum = 0;
	struct span head = span_sub(text, at, 2);
	*r = (struct record){ 0 };
	if (!head.p || head.p[0] != 'S' || head.p[1] < '0' || head.p[1] > '9' || !hex_digits_read(text, at + 2, bytes, 1))
		return false;
	unsigned count = bytes[0], width = address_size[head.p[1] - '0'];
	if (width == 0 || count < width + 1 || !hex_digits_read(text, at + 2, bytes, count + 1))
		return false;
	for (unsigned i = 0; i <= count; i++)
		sum = (uint8_t)(sum + bytes[i]);
	r->type = (char)head.p[1];
	r->sum_ok = sum == 0xff;
	for (unsigned i = 0; i < width; i++)
		r->address = r->address << 8 | bytes[1 + i];
	r->n = count - width - 1;
	memcpy(r->data, bytes + 1 + width, r->n);
	r->next = at + 4 + 2 * count;
	return true;
}

static bool is_end(const struct record *r)
{
	return r->type >= '7';
}

/* Some tools end with the count of the records and leave out the start address. */
static bool is_count(const struct record *r)
{
	return r->type == '5' || r->type == '6';
}

static bool srec_probe(struct span at, struct format_match *match)
{
	struct record r = { 0 };
	uint64_t place = 0;
	unsigned n = 0;
	while (n < PROBE_RECORDS && read_record(at, place, &r)) {
		if (!r.sum_ok)
			return false;
		n++;
		place = hex_digits_next_line(at, r.next);
		if (is_end(&r))
			break;
	}
	if (n < 2 || (n < PROBE_RECORDS && !is_end(&r) && !is_count(&r)))
		return false;
	match->size = at.n;
	match->confidence = 80;
	return true;
}

/* A whole text of records whose sums are wrong: it is what it is, and each wrong sum is told. */
static bool srec_probe_whole(struct span all, struct format_match *match)
{
	struct record r = { 0 };
	uint64_t place = 0;
	unsigned n = 0;
	while (n < HEX_RECORDS_CERTAIN && !is_end(&r) && read_record(all, place, &r) && hex_digits_line_ends(all, r.next)) {
		n++;
		place = hex_digits_next_line(all, r.next);
	}
	match->size = all.n;
	match->confidence = 60;
	return n == HEX_RECORDS_CERTAIN;
}

static void take_header(struct walk *w, const struct record *r, uint64_t at)
{
	size_t n = strnlen((const char *)r->data, r->n);
	if (n)
		emit_header(w->sink,
					&(struct fact_header){ (int64_t)at, TEXT_LIT("header"), text_of((const char *)r->data, n) });
}

static struct error srec_walk(struct span bytes, struct walk *w)
{
	struct memory_image image;
	struct record r = { 0 };
	struct error e = error_none(), emitted;
	unsigned bad_sums = 0;
	uint64_t at = 0;
	if (!memory_image_begin(&image, w, bytes.n / 2, bytes.n / 12 < 65536 ? bytes.n / 12 + 1 : 65536))
		return error_at(ERR_MEMORY, 0, "no memory for the bytes of %zu bytes of text", bytes.n);
	for (; at < bytes.n && !is_end(&r) && !error_is(&e); at = hex_digits_next_line(bytes, r.next)) {
		if (!read_record(bytes, at, &r)) {
			e = error_at(at + 10 > bytes.n ? ERR_TRUNCATED : ERR_CORRUPT, at,
						 "a record begins with 'S' and holds pairs of hexadecimal digits");
			break;
		}
		if (!r.sum_ok && bad_sums++ < 16)
			emit_damage_at(w->sink, ERR_CORRUPT, at, "the checksum of this record is wrong");
		if (r.type == '0')
			take_header(w, &r, at);
		else if (r.type <= '3' && !memory_image_put(&image, 0, r.address, span_of(r.data, r.n)))
			e = error_at(ERR_BUDGET, at, "more ranges of memory than are kept");
		else if (is_end(&r))
			emit_header_field(w->sink, at, "start address", "0x%08x", r.address);
	}
	if (!is_end(&r) && !is_count(&r) && !error_is(&e))
		e = error_at(ERR_TRUNCATED, bytes.n, "the record that ends the file is missing");
	w->end = at;
	emitted = memory_image_emit(&image, NULL);
	return error_is(&e) ? e : emitted;
}

const struct format srec_format = {
	.name = "srec",
	.kind = FORMAT_CONTAINER,
	.title = "Motorola S-records",
	.spec = "M68000 Family Programmer's Reference Manual, appendix C",
	.probe = srec_probe,
	.probe_whole = srec_probe_whole,
	.walk = srec_walk,
	.at_start = true,
};
