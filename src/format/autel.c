/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Autel ECC: firmware of diagnostic tools, obscured by adding and xoring two numbers to each byte, which repeat
 * after 256 bytes.
 *
 * Specification: unblob handlers/archive/autel/ecc.py.
 */
#include "format/region.h"
#include "format/wrapper.h"

#define HEADER_SIZE 32u
#define PERIOD 256u
#define BLOCK 65536u

static const uint8_t published_key[PERIOD][2] = {
	{ 54, 147 },  { 96, 129 },  { 59, 193 },  { 191, 0 },  { 45, 130 },  { 96, 144 }, { 27, 129 }, { 152, 0 },
	{ 44, 180 },  { 118, 141 }, { 115, 129 }, { 210, 0 },  { 13, 164 },  { 27, 133 }, { 20, 192 }, { 139, 0 },
	{ 28, 166 },  { 17, 133 },  { 19, 193 },  { 224, 0 },  { 20, 161 },  { 145, 0 },  { 14, 193 }, { 12, 132 },
	{ 18, 161 },  { 17, 140 },  { 29, 192 },  { 246, 0 },  { 115, 178 }, { 28, 132 }, { 155, 0 },  { 12, 132 },
	{ 31, 165 },  { 20, 136 },  { 27, 193 },  { 142, 0 },  { 96, 164 },  { 18, 133 }, { 145, 0 },  { 23, 132 },
	{ 13, 165 },  { 13, 148 },  { 23, 193 },  { 19, 132 }, { 27, 178 },  { 83, 137 }, { 146, 0 },  { 145, 0 },
	{ 18, 166 },  { 96, 148 },  { 13, 193 },  { 159, 0 },  { 96, 166 },  { 20, 129 }, { 20, 193 }, { 27, 132 },
	{ 9, 160 },   { 96, 148 },  { 13, 192 },  { 159, 0 },  { 96, 180 },  { 142, 0 },  { 31, 193 }, { 155, 0 },
	{ 7, 166 },   { 224, 0 },   { 20, 192 },  { 27, 132 }, { 28, 160 },  { 17, 149 }, { 19, 193 }, { 96, 132 },
	{ 76, 164 },  { 208, 0 },   { 80, 192 },  { 78, 132 }, { 96, 160 },  { 27, 144 }, { 24, 193 }, { 140, 0 },
	{ 96, 178 },  { 17, 141 },  { 12, 193 },  { 224, 0 },  { 14, 161 },  { 17, 141 }, { 151, 0 },  { 14, 132 },
	{ 16, 165 },  { 96, 137 },  { 13, 193 },  { 155, 0 },  { 20, 161 },  { 29, 141 }, { 23, 192 }, { 24, 132 },
	{ 27, 178 },  { 10, 133 },  { 96, 192 },  { 140, 0 },  { 14, 180 },  { 17, 133 }, { 16, 192 }, { 144, 0 },
	{ 11, 163 },  { 13, 141 },  { 96, 192 },  { 17, 132 }, { 12, 178 },  { 96, 141 }, { 28, 192 }, { 27, 132 },
	{ 27, 130 },  { 18, 141 },  { 96, 193 },  { 31, 132 }, { 96, 181 },  { 13, 140 }, { 23, 193 }, { 224, 0 },
	{ 27, 166 },  { 142, 0 },   { 27, 192 },  { 24, 132 }, { 12, 183 },  { 96, 133 }, { 84, 192 }, { 14, 132 },
	{ 27, 178 },  { 10, 140 },  { 155, 0 },   { 9, 132 },  { 17, 160 },  { 56, 133 }, { 96, 192 }, { 82, 132 },
	{ 13, 160 },  { 27, 137 },  { 20, 193 },  { 139, 0 },  { 28, 161 },  { 145, 0 },  { 19, 192 }, { 118, 132 },
	{ 115, 165 }, { 20, 132 },  { 145, 0 },   { 14, 132 }, { 12, 167 },  { 146, 0 },  { 17, 193 }, { 29, 132 },
	{ 96, 176 },  { 28, 144 },  { 27, 193 },  { 140, 0 },  { 31, 180 },  { 148, 0 },  { 27, 192 }, { 14, 132 },
	{ 83, 160 },  { 18, 137 },  { 17, 193 },  { 23, 132 }, { 13, 165 },  { 13, 145 }, { 151, 0 },  { 147, 0 },
	{ 27, 178 },  { 96, 137 },  { 19, 193 },  { 159, 0 },  { 14, 160 },  { 25, 148 }, { 17, 193 }, { 142, 0 },
	{ 16, 180 },  { 27, 136 },  { 14, 193 },  { 224, 0 },  { 17, 178 },  { 12, 144 }, { 224, 0 },  { 28, 132 },
	{ 27, 160 },  { 13, 141 },  { 11, 193 },  { 96, 132 }, { 27, 165 },  { 30, 140 }, { 224, 0 },  { 146, 0 },
	{ 31, 165 },  { 29, 129 },  { 96, 192 },  { 140, 0 },  { 31, 161 },  { 24, 145 }, { 140, 0 },  { 96, 132 },
	{ 27, 165 },  { 29, 140 },  { 31, 192 },  { 154, 0 },  { 14, 161 },  { 27, 145 }, { 140, 0 },  { 18, 132 },
	{ 23, 167 },  { 96, 140 },  { 21, 129 },  { 14, 132 }, { 17, 165 },  { 9, 137 },  { 12, 193 }, { 155, 0 },
	{ 18, 161 },  { 96, 141 },  { 27, 192 },  { 148, 0 },  { 29, 178 },  { 23, 133 }, { 24, 192 }, { 155, 0 },
	{ 10, 180 },  { 96, 133 },  { 28, 192 },  { 14, 132 }, { 31, 130 },  { 28, 129 }, { 18, 193 }, { 31, 132 },
	{ 12, 180 },  { 13, 144 },  { 96, 193 },  { 31, 132 }, { 96, 160 },  { 13, 141 }, { 27, 193 }, { 18, 132 },
	{ 23, 181 },  { 26, 140 },  { 27, 193 },  { 156, 0 },  { 96, 166 },  { 79, 141 }, { 211, 0 },  { 76, 132 },
	{ 77, 160 },  { 75, 133 },  { 206, 0 },   { 182, 0 },  { 96, 129 },  { 59, 133 }, { 191, 0 },  { 173, 0 },
};

static bool autel_probe(struct span at, struct format_match *match)
{
	match->size = (uint64_t)HEADER_SIZE + span_u32le(at, 8);
	match->confidence = 95;
	return span_starts(at, "ECC0101\0", 8) && span_u32le(at, 12) == HEADER_SIZE && match->size > HEADER_SIZE;
}

/* `offset` is a multiple of the period. */
static struct error read_obscured(const void *fs, const void *file, uint64_t offset, uint8_t *out, size_t n)
{
	struct span in = span_sub(*(const struct span *)file, offset, n);
	(void)fs;
	if (!in.p)
		return error_at(ERR_TRUNCATED, offset, "these bytes are not there");
	for (size_t i = 0; i < n; i++)
		out[i] = (uint8_t)((in.p[i] + published_key[i % PERIOD][0]) ^ published_key[i % PERIOD][1]);
	return error_none();
}

static struct error autel_walk(struct span bytes, struct walk *w)
{
	static const struct content_ops ops = { .read = read_obscured };
	struct span *data = ARENA_NEW(w->arena, struct span);
	uint32_t size = span_u32le(bytes, 8);
	if (!data)
		return error_at(ERR_BUDGET, 0, "no memory");
	*data = span_clip(bytes, HEADER_SIZE, size);
	emit_header_field(w->sink, 8, "file_size", "%u", size);
	if (wrapper_is_text(span_sub(bytes, 16, 16)))
		wrapper_field(w, 16, "copyright", span_sub(bytes, 16, 16));
	emit_header_field(w->sink, HEADER_SIZE, "cipher", "%s", "substitution, published key");
	if (data->n < size)
		emit_damage_at(w->sink, ERR_TRUNCATED, bytes.n, "the header announces %u bytes, %zu are there", size, data->n);
	struct content content = { .kind = CONTENT_BLOCKS, .ops = &ops, .file = data, .block_size = BLOCK };
	if (data->n)
		(void)region_emit_content(w, "firmware", data->n, content, NULL);
	return error_none();
}

static const struct format_magic autel_magics[] = { MAGIC("ECC0101\0", 0), MAGIC_END };

const struct format autel_format = {
	.name = "autel",
	.kind = FORMAT_CONTAINER,
	.title = "Autel ECC image",
	.spec = "unblob handlers/archive/autel/ecc.py",
	.magics = autel_magics,
	.probe = autel_probe,
	.walk = autel_walk,
};
