/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Netgear CHK: a header with the board's name and four checksums, the kernel, the root file system.
 *
 * Specification: OpenWrt firmware-utils src/mkchkimg.c.
 */
#include "format/wrapper.h"

#define FIXED_SIZE 40u
#define BOARD_ID_MAX 64u
#define HEADER_CHECKSUM_AT 36u

struct chk {
	uint32_t header_size, kernel_sum, rootfs_sum, kernel_size, rootfs_size, image_sum, header_sum;
	struct span reserved, board_id;
};

/* Netgear's checksum: the sum of the bytes and the sum of these sums, each folded to 16 bits. */
struct sum {
	uint32_t c0, c1;
};

static void sum_add(struct sum *s, struct span bytes)
{
	for (size_t i = 0; i < bytes.n; i++) {
		s->c0 += bytes.p[i];
		s->c1 += s->c0;
	}
}

static uint32_t fold(uint32_t c)
{
	uint32_t b = (c & 0xffff) + (c >> 16);
	return ((b >> 16) + b) & 0xffff;
}

static uint32_t sum_value(const struct sum *s)
{
	return fold(s->c1) << 16 | fold(s->c0);
}

static uint32_t header_sum(struct span bytes, uint32_t size)
{
	static const uint8_t zeros[4];
	struct sum s = { 0 };
	sum_add(&s, span_sub(bytes, 0, HEADER_CHECKSUM_AT));
	sum_add(&s, span_of(zeros, sizeof zeros));
	sum_add(&s, span_sub(bytes, FIXED_SIZE, size - FIXED_SIZE));
	return sum_value(&s);
}

static bool chk_read(struct span bytes, struct chk *c)
{
	struct reader r = reader_be(bytes);
	rd_skip(&r, 4);
	c->header_size = rd_u32(&r);
	c->reserved = rd_bytes(&r, 8);
	c->kernel_sum = rd_u32(&r);
	c->rootfs_sum = rd_u32(&r);
	c->kernel_size = rd_u32(&r);
	c->rootfs_size = rd_u32(&r);
	c->image_sum = rd_u32(&r);
	c->header_sum = rd_u32(&r);
	if (!rd_ok(&r) || c->header_size <= FIXED_SIZE || c->header_size > FIXED_SIZE + BOARD_ID_MAX)
		return false;
	c->board_id = rd_bytes(&r, c->header_size - FIXED_SIZE);
	return rd_ok(&r) && span_starts(bytes, "*#$^", 4) && wrapper_is_text(c->board_id) &&
		   header_sum(bytes, c->header_size) == c->header_sum;
}

static bool chk_probe(struct span at, struct format_match *match)
{
	struct chk c;
	if (!chk_read(at, &c))
		return false;
	match->size = (uint64_t)c.header_size + c.kernel_size + c.rootfs_size;
	match->confidence = 95;
	return true;
}

static void check(struct walk *w, uint64_t at, const char *name, struct span bytes, uint64_t size, uint32_t declared)
{
	struct sum s = { 0 };
	if (bytes.n == size)
		sum_add(&s, bytes);
	wrapper_check_u32(w, at, name, bytes.n == size, declared, sum_value(&s));
}

static struct error chk_walk(struct span bytes, struct walk *w)
{
	struct chk c;
	if (!chk_read(bytes, &c))
		return error_at(ERR_CORRUPT, 0, "no CHK header whose checksum verifies");
	const uint8_t *v = c.reserved.p;
	wrapper_field(w, FIXED_SIZE, "board_id", c.board_id);
	emit_header_field(w->sink, 8, "region", "%u", v[0]);
	emit_header_field(w->sink, 9, "version", "%u.%u.%u.%u_%u.%u.%u", v[1], v[2], v[3], v[4], v[5], v[6], v[7]);
	emit_header_field(w->sink, HEADER_CHECKSUM_AT, "header_chksum", "ok");
	struct span kernel = span_clip(bytes, c.header_size, c.kernel_size);
	uint64_t rootfs_at = (uint64_t)c.header_size + c.kernel_size, size = (uint64_t)c.kernel_size + c.rootfs_size;
	struct span rootfs = span_clip(bytes, rootfs_at, c.rootfs_size);
	check(w, 16, "kernel_chksum", kernel, c.kernel_size, c.kernel_sum);
	if (c.rootfs_size)
		check(w, 20, "rootfs_chksum", rootfs, c.rootfs_size, c.rootfs_sum);
	check(w, 32, "image_chksum", span_clip(bytes, c.header_size, size), size, c.image_sum);
	if (wrapper_region(w, bytes, c.header_size, c.kernel_size, TEXT_LIT("kernel"), NULL))
		(void)wrapper_region(w, bytes, rootfs_at, c.rootfs_size, TEXT_LIT("rootfs"), NULL);
	return error_none();
}

static const struct format_magic chk_magics[] = { MAGIC("*#$^", 0), MAGIC_END };

const struct format netgear_chk_format = {
	.name = "netgear_chk",
	.kind = FORMAT_CONTAINER,
	.title = "Netgear CHK image",
	.spec = "OpenWrt firmware-utils src/mkchkimg.c",
	.magics = chk_magics,
	.probe = chk_probe,
	.walk = chk_walk,
};
