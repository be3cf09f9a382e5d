/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tektronix extended hexadecimal: a line a record, "%" length, type, checksum, an address of up to 16 digits, data.
 *
 * Specification: srec_tektronix_extended(5) of SRecord.
 */
#include "format/format.h"
#include "format/hex_digits.h"
#include "format/memory_image.h"

#define HEAD 6u /* characters before the address: mark, length, type, checksum */
#define CHARACTERS_MAX 255u
#define DATA_MAX (CHARACTERS_MAX / 2)
#define PROBE_RECORDS 16u

enum record_type { SYMBOLS = '3', DATA = '6', END = '8' };

struct record {
	uint8_t type, n;
	uint64_t address, next; /* next: offset behind it */
	uint8_t data[DATA_MAX];
	bool sum_ok;
};

/* What a character counts in the checksum; -1 of one that no record has. */
static int value_of(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'A' && c <= 'Z')
		return c - 'A' + 10;
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 40;
	const char *others = "$%._", *found = c ? strchr(others, c) : NULL;
	return found ? (int)(found - others) + 36 : -1;
}

static bool digits_read(struct span text, uint64_t at, unsigned n, uint64_t *v)
{
	struct span s = span_sub(text, at, n);
	for (*v = 0; s.n; s = span_from(s, 1)) {
		int d = value_of(s.p[0] >= 'a' && s.p[0] <= 'f' ? (uint8_t)(s.p[0] - 'a' + 'A') : s.p[0]);
		if (d < 0 || d > 15)
			return false;
		*v = *v << 4 | (unsigned)d;
	}
	return span_sub(text, at, n).p;
}

static bool sum_is(struct span record, uint64_t declared)
{
	unsigned sum = 0;
	for (size_t i = 1; i < record.n; i++) {
		int v = value_of(record.p[i]);
		if (v < 0)
			return false;
		sum += i == 4 || i == 5 ? 0 : (unsigned)v;
	}
	return (sum & 0xff) == declared;
}

static bool read_record(struct span text, uint64_t at, struct record *r)
{
	uint64_t length, sum, digits = 0;
	if (!span_has(text, at, "%", 1) || !digits_read(text, at + 1, 2, &length) || length < HEAD - 1 || !digits_read(text, at + 4, 2, &sum))
		return false;
	struct span record = span_sub(text, at, length + 1);
	*r = (struct record){ .type = record.p ? record.p[3] : 0, .next = at + length + 1 };
	if (r->type == SYMBOLS) {
		r->sum_ok = sum_is(record, sum);
		return true;
	}
	if ((r->type != DATA && r->type != END) || !digits_read(record, HEAD, 1, &digits))
		return false;
	digits = digits ? digits : 16;
	uint64_t data_at = HEAD + 1 + digits;
	r->sum_ok = sum_is(record, sum);
	r->n = (uint8_t)(record.n > data_at ? (record.n - data_at) / 2 : 0);
	return digits_read(record, HEAD + 1, (unsigned)digits, &r->address) && record.n == data_at + 2u * r->n &&
		   hex_digits_read(record, data_at, r->data, r->n);
}

/* The first records are right to their checksums, and some have data. The one that ends it is left out by who has no start address. */
static bool tekhex_probe(struct span at, struct format_match *match)
{
	struct record r;
	uint64_t place = 0;
	unsigned n = 0, data = 0;
	while (n < PROBE_RECORDS && read_record(at, place, &r)) {
		if (!r.sum_ok)
			return false;
		n++;
		data += r.type == DATA;
		place = hex_digits_next_line(at, r.next);
	}
	match->size = at.n;
	match->confidence = 80;
	return data && n >= 2 && (n == PROBE_RECORDS || place == at.n);
}

/* A whole text of records whose sums are wrong: it is what it is, and each wrong sum is told. */
static bool tekhex_probe_whole(struct span all, struct format_match *match)
{
	struct record r = { 0 };
	uint64_t place = 0;
	unsigned n = 0;
	while (n < HEX_RECORDS_CERTAIN && read_record(all, place, &r) && r.type == DATA && hex_digits_line_ends(all, r.next)) {
		n++;
		place = hex_digits_next_line(all, r.next);
	}
	match->size = all.n;
	match->confidence = 60;
	return n == HEX_RECORDS_CERTAIN;
}

static struct error tekhex_walk(struct span bytes, struct walk *w)
{
	struct memory_image image = { 0 };
	struct record r;
	struct error e = error_none();
	uint64_t at = 0;
	bool ended = false;
	/* A record of one byte takes 10 characters. */
	if (!memory_image_begin(&image, w, bytes.n / 2, bytes.n / 10 < 65536 ? bytes.n / 10 + 1 : 65536))
		return error_at(ERR_MEMORY, 0, "no memory for the bytes of %zu bytes of text", bytes.n);
	for (unsigned bad = 0; at < bytes.n && !ended && !error_is(&e); at = hex_digits_next_line(bytes, r.next)) {
		if (!read_record(bytes, at, &r)) {
			e = error_at(bytes.n - at < CHARACTERS_MAX ? ERR_TRUNCATED : ERR_CORRUPT, at, "no record of Tektronix stands there");
			break;
		}
		if (!r.sum_ok && bad++ < 16)
			emit_damage_at(w->sink, ERR_CORRUPT, at, "the checksum of this record is wrong");
		ended = r.type == END;
		if (ended)
			emit_header_field(w->sink, at, "start address", "0x%08llx", (unsigned long long)r.address);
		else if (r.type == DATA && r.n && !memory_image_put(&image, 0, r.address, span_of(r.data, r.n)))
			e = error_at(ERR_BUDGET, at, "more ranges of memory than are kept");
	}
	w->end = at;
	struct error emitted = memory_image_emit(&image, NULL);
	return error_is(&e) ? e : emitted;
}

const struct format tekhex_format = {
	.name = "tekhex",
	.kind = FORMAT_CONTAINER,
	.title = "Tektronix extended hexadecimal",
	.spec = "SRecord srec_tektronix_extended(5)",
	.probe = tekhex_probe,
	.probe_whole = tekhex_probe_whole,
	.walk = tekhex_walk,
	.at_start = true,
};
