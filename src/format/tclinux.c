/* SPDX-License-Identifier: GPL-3.0-or-later */
/* TRX as TrendChip, Ralink and EcoNet changed it for DSL and fibre routers: big endian, a header of 256 bytes or more with versions as
 * text, then the kernel, the root file system, the settings. The letter in the magic says what it is of: all, or one of these alone.
 *
 * Specification: tools/trx/trx.h and trx.c of ASUS' and Zyxel's sources for the TC3162, MT751020 and EN751221; github.com/vasvir/tcrevenge;
 * OpenWrt firmware-utils src/zytrx.c.
 */
#include "base/hash.h"
#include "format/wrapper.h"

#define HEADER_MIN 256u
#define HEADER_MAX 1024u
#define IMAGE_MAX (1u << 30)
#define TEXT_SIZE 32u
#define PARTS 3u

struct tclinux {
	uint32_t header_size, length, crc, parts[PARTS];
};

/* A field of text: a line, which may be empty, and zeros. */
static bool is_line(struct span field)
{
	size_t n = 0;
	while (n < field.n && field.p[n] >= ' ' && field.p[n] < 0x7f)
		n++;
	while (n < field.n && (field.p[n] == '\n' || field.p[n] == '\r'))
		n++;
	return field.p && span_is_zero(span_from(field, n));
}

static bool tclinux_read(struct span bytes, struct tclinux *t)
{
	struct reader r = reader_be(bytes);
	struct span magic = rd_bytes(&r, 4);
	t->header_size = rd_u32(&r);
	t->length = rd_u32(&r);
	t->crc = rd_u32(&r);
	bool texts = is_line(rd_bytes(&r, TEXT_SIZE));
	texts &= is_line(rd_bytes(&r, TEXT_SIZE));
	uint64_t sum = t->header_size;
	for (unsigned i = 0; i < PARTS; i++)
		sum += t->parts[i] = rd_u32(&r);
	return rd_ok(&r) && span_starts(span_from(magic, 1), "RDH", 3) && magic.p[0] >= '0' && magic.p[0] <= '3' && texts &&
		   t->header_size >= HEADER_MIN && t->header_size <= HEADER_MAX && t->length > t->header_size && t->length <= IMAGE_MAX &&
		   sum <= t->length;
}

static bool tclinux_probe(struct span at, struct format_match *match)
{
	struct tclinux t;
	if (!tclinux_read(at, &t))
		return false;
	match->size = t.length;
	match->confidence = 90;
	return true;
}

/* The CRC is that of zlib without its final inversion, of what is behind the header. */
static void verify(struct walk *w, const struct tclinux *t, struct span bytes)
{
	struct span covered = span_sub(bytes, t->header_size, t->length - t->header_size);
	wrapper_check_u32(w, 12, "crc32", covered.p, t->crc, covered.p ? hash_crc32_raw(UINT32_MAX, covered) : 0);
}

/* Of an image of one thing alone the makers leave its length at 0. */
static bool emit_alone(struct walk *w, const struct tclinux *t, struct span bytes)
{
	static const char *const names[] = { "kernel", "rootfs", "firmware", "romfile" };
	return wrapper_region(w, bytes, t->header_size, t->length - t->header_size, text_c(names[bytes.p[0] - '0']), NULL);
}

static struct error tclinux_walk(struct span bytes, struct walk *w)
{
	static const char *const names[PARTS] = { "kernel", "rootfs", "romfile" };
	struct tclinux t;
	if (!tclinux_read(bytes, &t))
		return error_at(ERR_CORRUPT, 0, "no TRX header of TrendChip");
	emit_header_field(w->sink, 8, "len", "%u", t.length);
	wrapper_field(w, 16, "version", span_sub(bytes, 16, TEXT_SIZE));
	wrapper_field(w, 48, "customer version", span_sub(bytes, 48, TEXT_SIZE));
	struct span model = span_clip(bytes, 92, TEXT_SIZE);
	wrapper_field(w, 92, "model", span_from(model, span_starts(model, "\0\0\0\0", 4) ? 4 : 0)); /* Zyxel's stands a word behind */
	verify(w, &t, bytes);
	uint64_t at = t.header_size;
	if (!t.parts[0] && !t.parts[1] && !t.parts[2])
		return (void)emit_alone(w, &t, bytes), error_none();
	for (unsigned i = 0; i < PARTS; at += t.parts[i++])
		if (!wrapper_region(w, bytes, at, t.parts[i], text_c(names[i]), NULL))
			return error_none();
	(void)wrapper_region(w, bytes, at, t.length - at, TEXT_LIT("rest"), NULL);
	return error_none();
}

static const struct format_magic tclinux_magics[] = {
	MAGIC("0RDH\0\0", 0), MAGIC("1RDH\0\0", 0), MAGIC("2RDH\0\0", 0), MAGIC("3RDH\0\0", 0), MAGIC_END,
};

const struct format tclinux_format = {
	.name = "tclinux",
	.kind = FORMAT_CONTAINER,
	.title = "TRX of TrendChip and EcoNet routers (tclinux.bin)",
	.spec = "tools/trx/trx.h of ASUS' sources; github.com/vasvir/tcrevenge",
	.magics = tclinux_magics,
	.probe = tclinux_probe,
	.walk = tclinux_walk,
};
