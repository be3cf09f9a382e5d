/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Buffalo's enciphered images: product, version and data, each under RC4 with the published key and a first byte
 * that is the seed, or the cipher text of what came before. A checksum of the plain data stands behind them.
 *
 * Specification: OpenWrt firmware-utils src/buffalo-lib.c, src/buffalo-enc.c.
 */
#include "format/region.h"
#include "format/wrapper.h"

#define MAGIC_SIZE 6u
#define PRODUCT_MAX 32u
#define VERSION_MAX 8u
#define KEY "Buffalo"
#define STATE_SIZE 256u

struct buffalo {
	uint8_t seed;
	struct span product, version, data;
	uint32_t size, sum, data_at;
	bool whole;
};

/* RC4 whose key is the seed and "Buffalo". */
static void decipher(uint8_t seed, const uint8_t *in, uint8_t *out, size_t n)
{
	uint8_t state[STATE_SIZE], key[sizeof KEY] = { seed }, i = 0, j = 0;
	memcpy(key + 1, KEY, sizeof KEY - 1);
	for (unsigned k = 0; k < STATE_SIZE; k++)
		state[k] = (uint8_t)k;
	for (unsigned k = 0, at = 0; k < STATE_SIZE; k++) {
		uint8_t t = state[k];
		at = (at + key[k % sizeof key] + t) % STATE_SIZE;
		state[k] = state[at];
		state[at] = t;
	}
	for (size_t k = 0; k < n; k++) {
		j = (uint8_t)(j + state[++i]);
		uint8_t t = state[j];
		state[j] = state[i];
		state[i] = t;
		out[k] = in[k] ^ state[(uint8_t)(state[i] + state[j])];
	}
}

/* A CRC over signed bytes, begun with their number. */
static uint32_t checksum(const uint8_t *p, size_t n)
{
	uint32_t table[256], sum = (uint32_t)n;
	for (uint32_t i = 0; i < 256; i++) {
		table[i] = i;
		for (int bit = 0; bit < 8; bit++)
			table[i] = table[i] >> 1 ^ (table[i] & 1 ? 0xedb88320 : 0);
	}
	for (size_t i = 0; i < n; i++) {
		sum ^= (uint32_t)(int32_t)(int8_t)p[i];
		sum = sum >> 8 ^ table[sum & 0xff];
	}
	return sum;
}

static bool is_word(uint8_t seed, struct span ciphered)
{
	uint8_t plain[PRODUCT_MAX];
	decipher(seed, ciphered.p, plain, ciphered.n);
	return plain[ciphered.n - 1] == 0 && wrapper_is_text(span_of(plain, ciphered.n)) &&
		   wrapper_text(span_of(plain, ciphered.n)).n == ciphered.n - 1;
}

static bool buffalo_read(struct span bytes, struct buffalo *b)
{
	struct reader r = reader_be(bytes);
	rd_skip(&r, MAGIC_SIZE);
	b->seed = rd_u8(&r);
	uint32_t n = rd_u32(&r);
	b->product = rd_bytes(&r, n <= PRODUCT_MAX ? n : UINT64_MAX);
	n = rd_u32(&r);
	b->version = rd_bytes(&r, n <= VERSION_MAX ? n : UINT64_MAX);
	b->size = rd_u32(&r);
	b->data_at = (uint32_t)r.at;
	b->data = span_clip(bytes, b->data_at, b->size);
	b->whole = span_sub(bytes, b->data_at, (uint64_t)b->size + 4).p;
	b->sum = span_u32be(bytes, (uint64_t)b->data_at + b->size);
	return rd_ok(&r) && (span_starts(bytes, "start", MAGIC_SIZE) || span_starts(bytes, "asar1", MAGIC_SIZE)) &&
		   b->product.n > 1 && b->version.n > 1 && b->size && is_word(b->seed, b->product) &&
		   is_word(b->product.p[0], b->version);
}

static bool buffalo_probe(struct span at, struct format_match *match)
{
	struct buffalo b;
	if (!buffalo_read(at, &b))
		return false;
	uint64_t end = (uint64_t)b.data_at + b.size + 4;
	match->size = end + (4 - end % 4);
	if (at.n < match->size && at.n >= end)
		match->size = at.n;
	match->confidence = 95;
	return true;
}

static struct error unpack_data(const void *fs, const void *file, struct buf *out)
{
	const struct buffalo *b = file;
	size_t from = out->n;
	(void)fs;
	enum error_code code = buf_reserve(out, b->data.n);
	if (code)
		return error_at(code, 0, "%zu bytes are enciphered", b->data.n);
	decipher(b->version.p[0], b->data.p, out->p + from, b->data.n);
	out->n += b->data.n;
	if (b->whole && checksum(out->p + from, b->data.n) != b->sum)
		return error_at(ERR_CORRUPT, 0, "the image's checksum is not that of the deciphered data");
	return error_none();
}

static void emit_word(struct walk *w, uint64_t at, const char *name, uint8_t seed, struct span ciphered)
{
	uint8_t plain[PRODUCT_MAX];
	decipher(seed, ciphered.p, plain, ciphered.n);
	wrapper_field(w, at, name, span_of(plain, ciphered.n));
}

static struct error buffalo_walk(struct span bytes, struct walk *w)
{
	static const struct content_ops ops = { .unpack = unpack_data };
	struct buffalo *b = ARENA_NEW(w->arena, struct buffalo);
	if (!b)
		return error_at(ERR_BUDGET, 0, "no memory");
	if (!buffalo_read(bytes, b))
		return error_at(ERR_CORRUPT, 0, "no header under the published key");
	emit_word(w, MAGIC_SIZE + 5, "product", b->seed, b->product);
	emit_word(w, MAGIC_SIZE + 9 + b->product.n, "version", b->product.p[0], b->version);
	emit_header_field(w->sink, b->data_at, "cipher", "%s", "RC4, published key");
	if (!b->whole)
		emit_damage_at(w->sink, ERR_TRUNCATED, bytes.n, "the header announces %u bytes, %zu are there", b->size,
					   b->data.n);
	struct content content = { .kind = CONTENT_STREAM, .ops = &ops, .file = b };
	(void)region_emit_content(w, "firmware", b->data.n, content, NULL);
	return error_none();
}

static const struct format_magic buffalo_magics[] = { MAGIC("start\0", 0), MAGIC("asar1\0", 0), MAGIC_END };

const struct format buffalo_format = {
	.name = "buffalo",
	.kind = FORMAT_CONTAINER,
	.title = "Buffalo enciphered image",
	.spec = "OpenWrt firmware-utils src/buffalo-lib.c",
	.magics = buffalo_magics,
	.probe = buffalo_probe,
	.walk = buffalo_walk,
};
