/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Windows CE's binary image (.bin, "B000FF"): records of an address, a length, a sum and bytes, which make up a
 * memory.
 *
 * Specification: Microsoft, "Windows CE Binary Image Data Format (.bin)".
 */
#include "base/hash.h"
#include "format/memory_image.h"

#define HEADER 15u
#define RECORD 12u
#define RECORDS_MAX 65536u
#define IMAGE_MAX (48u << 20) /* what the memory for a container's data allows */

struct record {
	uint32_t address, size, sum;
	struct span bytes;
};

static bool record_at(struct span bytes, uint64_t at, struct record *r)
{
	struct span head = span_sub(bytes, at, RECORD);
	*r = (struct record){ span_u32le(head, 0), span_u32le(head, 4), span_u32le(head, 8), SPAN_NONE };
	r->bytes = r->address ? span_clip(bytes, at + RECORD, r->size) : SPAN_NONE;
	return head.p != NULL;
}

static bool first_record(struct span at, struct record *first)
{
	uint32_t start = span_u32le(at, 7), length = span_u32le(at, 11);
	return span_starts(at, "B000FF\n", 7) && start && length && record_at(at, HEADER, first) && first->address >= start &&
		   first->address - start < length && first->size <= length;
}

/* A record for address 0 ends them: its length is where the program begins. */
static bool wince_probe_whole(struct span all, struct format_match *match)
{
	struct record r;
	uint64_t end = HEADER;
	if (!first_record(all, &r))
		return false;
	for (unsigned i = 0; i < RECORDS_MAX && record_at(all, end, &r); i++) {
		end += RECORD + (r.address ? (uint64_t)r.size : 0);
		if (!r.address)
			break;
	}
	match->size = end;
	match->confidence = 90;
	return true;
}

/* Programs hold the mark as a text: elsewhere than at the beginning of a blob the first record's sum has to be right. */
static bool wince_probe(struct span at, struct format_match *match)
{
	struct record first;
	return first_record(at, &first) && first.bytes.n && first.bytes.n == first.size && hash_sum(first.bytes) == first.sum &&
		   wince_probe_whole(at, match);
}

static struct error put_records(struct memory_image *m, struct span bytes, struct sink *sink, unsigned *wrong)
{
	struct record r;
	uint64_t at = HEADER;
	for (unsigned i = 0; i < RECORDS_MAX; i++) {
		if (!record_at(bytes, at, &r))
			return error_at(ERR_TRUNCATED, at, "the image ends before its last record");
		if (!r.address) {
			emit_header_field(sink, at + 4, "entry point", "0x%08x", r.size);
			return error_none();
		}
		if (r.bytes.n < r.size)
			emit_damage_at(sink, ERR_TRUNCATED, at, "a record of %u bytes, %zu are there", r.size, r.bytes.n);
		else if (hash_sum(r.bytes) != r.sum && !(*wrong)++)
			emit_damage_at(sink, ERR_CORRUPT, at + 8, "a record has the sum 0x%x, its bytes have 0x%x", r.sum,
						   hash_sum(r.bytes));
		if (r.bytes.n && !memory_image_put(m, 0, r.address, r.bytes))
			return error_at(ERR_BUDGET, at, "the image has more bytes than are kept");
		at += RECORD + (uint64_t)r.size;
	}
	return error_at(ERR_BUDGET, at, "more than %u records", RECORDS_MAX);
}

static struct error wince_walk(struct span bytes, struct walk *w)
{
	struct memory_image m;
	unsigned wrong = 0;
	emit_header_field(w->sink, 7, "image start", "0x%08x", span_u32le(bytes, 7));
	emit_header_field(w->sink, 11, "image length", "%u", span_u32le(bytes, 11));
	if (!memory_image_begin(&m, w, bytes.n < IMAGE_MAX ? bytes.n : IMAGE_MAX, RECORDS_MAX))
		return error_at(ERR_BUDGET, 0, "no memory for the image");
	struct error error = put_records(&m, bytes, w->sink, &wrong);
	emit_header_field(w->sink, HEADER, "checksums", "%s", wrong ? "mismatch" : "ok");
	struct error emitted = memory_image_emit(&m, NULL);
	return error_is(&error) ? error : emitted;
}

static const struct format_magic wince_magics[] = { MAGIC("B000FF\n", 0), MAGIC_END };

const struct format wince_format = {
	.name = "wince",
	.kind = FORMAT_CONTAINER,
	.title = "Windows CE binary image (B000FF)",
	.spec = "Microsoft, Windows CE Binary Image Data Format",
	.magics = wince_magics,
	.probe = wince_probe,
	.probe_whole = wince_probe_whole,
	.walk = wince_walk,
};
