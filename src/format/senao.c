/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Senao's images, of EnGenius and some D-Link devices: a header with an MD5 of what follows before it was obscured with
 * the bits of the header's magic.
 *
 * Specification: OpenWrt firmware-utils src/mksenaofw.c.
 */
#include "base/hash.h"
#include "format/region.h"
#include "format/wrapper.h"

#define HEADER_SIZE 0x60u
#define CAPWAP_SIZE 40u
#define MODEL_MAX 128u
#define SUM_AT 0x58u
#define MD5_AT 0x28u
#define BLOCK 65536u

static const uint8_t key[8] = { 0x78, 0x3c, 0x9e, 0xcf, 0x67, 0xb3, 0x59, 0xac };

struct senao {
	uint32_t vendor, product, type, size, sum, data_at;
	struct span version, md5, capwap, model;
	bool sum_ok;
};

static bool senao_read(struct span bytes, struct senao *s)
{
	static const uint8_t zeros[36];
	struct reader r = reader_be(bytes);
	*s = (struct senao){ .data_at = HEADER_SIZE };
	rd_skip(&r, 4);
	s->vendor = rd_u32(&r);
	s->product = rd_u32(&r);
	s->version = rd_bytes(&r, 16);
	s->type = rd_u32(&r);
	s->size = rd_u32(&r);
	uint32_t zero = rd_u32(&r);
	s->md5 = rd_bytes(&r, DIGEST_MD5_SIZE);
	struct span pad = rd_bytes(&r, 32);
	s->sum = rd_u32(&r);
	uint32_t magic = rd_u32(&r);
	if (!rd_ok(&r) || magic != 0x12345678 || zero || !span_starts(pad, zeros, 32) || s->type > 0x20 || !s->size ||
		!wrapper_is_text(s->version))
		return false;
	if (s->type == 0 && span_has(bytes, HEADER_SIZE, "all", 4)) {
		s->capwap = rd_bytes(&r, CAPWAP_SIZE);
		uint32_t n = span_u32be(s->capwap, CAPWAP_SIZE - 4);
		s->model = rd_bytes(&r, n <= MODEL_MAX ? n : 0);
		s->data_at = (uint32_t)r.at;
	}
	uint32_t sum =
		hash_sum(span_sub(bytes, 0, SUM_AT)) + hash_sum(span_sub(bytes, SUM_AT + 4, s->data_at - SUM_AT - 4));
	s->sum_ok = sum == s->sum;
	return rd_ok(&r) && (s->sum_ok || wrapper_is_text(s->model)); /* "all" and a model's name tell it too */
}

static bool senao_probe(struct span at, struct format_match *match)
{
	struct senao s;
	if (!senao_read(at, &s))
		return false;
	match->size = (uint64_t)s.data_at + s.size;
	match->confidence = 95;
	return true;
}

/* `offset` is a multiple of the key's length. */
static struct error read_obscured(const void *fs, const void *file, uint64_t offset, uint8_t *out, size_t n)
{
	struct span in = span_sub(*(const struct span *)file, offset, n);
	(void)fs;
	if (!in.p)
		return error_at(ERR_TRUNCATED, offset, "these bytes are not there");
	for (size_t i = 0; i < n; i++)
		out[i] = in.p[i] ^ key[i % sizeof key];
	return error_none();
}

static void check_md5(struct walk *w, const struct span *data, const struct senao *s)
{
	uint8_t md5[DIGEST_MD5_SIZE] = { 0 };
	struct buf plain = { 0 };
	bool whole = data->n == s->size && !buf_reserve(&plain, data->n);
	if (whole) {
		struct error e = read_obscured(NULL, data, 0, plain.p, data->n);
		struct span all = span_of(plain.p, data->n);
		whole = !error_is(&e);
		digest_of(DIGEST_MD5, all, md5);
	}
	buf_free(&plain);
	wrapper_check_digest(w, MD5_AT, "md5sum", whole, s->md5, md5);
}

static struct error senao_walk(struct span bytes, struct walk *w)
{
	static const struct content_ops ops = { .read = read_obscured };
	struct senao s;
	struct span *data = ARENA_NEW(w->arena, struct span);
	if (!senao_read(bytes, &s))
		return error_at(ERR_CORRUPT, 0, "no Senao header");
	if (!data)
		return error_at(ERR_BUDGET, 0, "no memory");
	*data = span_clip(bytes, s.data_at, s.size);
	emit_header_field(w->sink, 4, "vendor_id", "0x%x", s.vendor);
	emit_header_field(w->sink, 8, "product_id", "0x%x", s.product);
	wrapper_field(w, 12, "version", s.version);
	emit_header_field(w->sink, 28, "firmware_type", "%u", s.type);
	wrapper_check(w, SUM_AT, "chksum", true, s.sum_ok);
	if (s.capwap.p) {
		emit_header_field(w->sink, HEADER_SIZE + 8, "firmware_ver", "%u.%u.%u", span_u32be(s.capwap, 8),
						  span_u32be(s.capwap, 12), span_u32be(s.capwap, 16));
		emit_header_field(w->sink, HEADER_SIZE + 20, "datecode", "%u", span_u32be(s.capwap, 20));
		wrapper_field(w, HEADER_SIZE + CAPWAP_SIZE, "model", s.model);
	}
	check_md5(w, data, &s);
	if (data->n < s.size)
		emit_damage_at(w->sink, ERR_TRUNCATED, bytes.n, "the header announces %u bytes, %zu are there", s.size,
					   data->n);
	struct content content = { .kind = CONTENT_BLOCKS, .ops = &ops, .file = data, .block_size = BLOCK };
	if (data->n)
		(void)region_emit_content(w, "firmware", data->n, content, NULL);
	return error_none();
}

static const struct format_magic senao_magics[] = { MAGIC("\x12\x34\x56\x78", 0x5c), MAGIC_END };

const struct format senao_format = {
	.name = "senao",
	.kind = FORMAT_CONTAINER,
	.title = "Senao image (EnGenius, D-Link)",
	.spec = "OpenWrt firmware-utils src/mksenaofw.c",
	.magics = senao_magics,
	.probe = senao_probe,
	.walk = senao_walk,
};
