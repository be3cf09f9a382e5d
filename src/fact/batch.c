/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fact/batch.h"

#include "fact/excerpt.h"

/* Wire form: header (key 8, parent 8, ordinal 4, flags 4), then rows: type 1, length 4, fact_encode()'s bytes. All
 * little-endian. */
#define HEADER_SIZE 24u
#define ROW_HEADER_SIZE 5u

union any_fact {
#define MEMBER(name, doc) struct fact_##name name;
	FACT_TABLES(MEMBER)
#undef MEMBER
};

uint64_t batch_child_key(uint64_t parent, uint32_t ordinal)
{
	/* The finaliser of SplitMix64 (Steele, Lea, Flood 2014): a bijection that spreads neighbouring ordinals. */
	uint64_t z = parent * 0x9E3779B97F4A7C15u + ordinal + 0x632BE59BD9B4E019u;
	z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
	z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
	z ^= z >> 31;
	return z > BATCH_ROOT_KEY ? z : z + 2;
}

static void store_le(uint8_t *p, uint64_t v, unsigned width)
{
	for (unsigned i = 0; i < width; i++)
		p[i] = (uint8_t)(v >> (8 * i));
}

enum error_code batch_begin(struct buf *out)
{
	static const uint8_t header[HEADER_SIZE];
	out->n = 0;
	return buf_add(out, header, sizeof header);
}

enum error_code batch_add(struct buf *out, enum fact_type type, const void *row)
{
	uint8_t head[ROW_HEADER_SIZE] = { (uint8_t)type };
	size_t start = out->n;
	enum error_code code = buf_add(out, head, sizeof head);
	if (!code)
		code = fact_encode(type, row, out);
	if (code) {
		out->n = start; /* a row is in the batch whole or not at all */
		return code;
	}
	store_le(out->p + start + 1, out->n - start - sizeof head, 4);
	return ERR_NONE;
}

enum error_code batch_finish(struct buf *out, const struct batch_header *header)
{
	if (out->n < HEADER_SIZE)
		return ERR_USAGE;
	store_le(out->p, header->key, 8);
	store_le(out->p + 8, header->parent, 8);
	store_le(out->p + 16, header->ordinal, 4);
	store_le(out->p + 20, header->flags, 4);
	return ERR_NONE;
}

bool batch_header_read(struct span batch, struct batch_header *header)
{
	struct reader r = reader_le(batch);
	header->key = rd_u64(&r);
	header->parent = rd_u64(&r);
	header->ordinal = rd_u32(&r);
	header->flags = rd_u32(&r);
	return rd_ok(&r) && header->key != BATCH_NO_PARENT && header->key != header->parent &&
	       (header->key == BATCH_ROOT_KEY) == (header->parent == BATCH_NO_PARENT);
}

static bool take_row(struct reader *r, enum fact_type *type, union any_fact *fact)
{
	*type = rd_u8(r);
	struct span wire = rd_bytes(r, rd_u32(r));
	return rd_ok(r) && fact_decode(*type, wire, fact);
}

static bool take_rows(struct span batch, bool (*take)(void *, enum fact_type, const void *), void *context)
{
	struct reader r = reader_le(span_from(batch, HEADER_SIZE));
	uint32_t rows = 0;
	int64_t size = FACT_NULL; /* of the blob */
	while (rd_left(&r) > 0) {
		enum fact_type type;
		union any_fact fact;
		if (!take_row(&r, &type, &fact) || rows >= BATCH_MAX_ROWS || (type == FACT_blob) != (rows == 0))
			return false;
		size = rows == 0 ? fact.blob.size : size;
		if (type == FACT_excerpt && !excerpt_is_sound(&fact.excerpt, size))
			return false;
		if (take && !take(context, type, &fact))
			return false;
		rows++;
	}
	return rd_ok(&r) && rows > 0;
}

bool batch_rows(struct span rows, bool (*take)(void *context, enum fact_type type, const void *row), void *context)
{
	struct reader r = reader_le(rows);
	while (rd_left(&r) > 0) {
		enum fact_type type;
		union any_fact fact;
		if (!take_row(&r, &type, &fact) || !take(context, type, &fact))
			return false;
	}
	return rd_ok(&r);
}

bool batch_read(struct span batch, bool (*take)(void *context, enum fact_type type, const void *row), void *context)
{
	struct batch_header header;
	if (batch.n > BATCH_MAX_BYTES || !batch_header_read(batch, &header))
		return false;
	return take_rows(batch, NULL, NULL) && take_rows(batch, take, context);
}
