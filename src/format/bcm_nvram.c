/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The NVRAM of Broadcom's routers ("FLSH"): variables as name=value, with a CRC of 8 bits. Passwords stand here.
 *
 * Specification: Linux drivers/firmware/broadcom/bcm47xx_nvram.c; OpenWrt package nvram, nvram.h and crc.c.
 */
#include "format/region.h"
#include "format/wrapper.h"

#define HEADER 20u
#define CRC_FROM 9u
#define SIZE_MAX_NVRAM (256u << 10)

struct nvram {
	uint32_t size, crc_version, refresh, ncdl;
};

/* x^8 + x^7 + x^6 + x^4 + x^2 + 1, low bit first. */
static uint8_t crc8(struct span bytes)
{
	uint8_t crc = 0xff;
	for (size_t i = 0; i < bytes.n; i++) {
		crc ^= bytes.p[i];
		for (unsigned bit = 0; bit < 8; bit++)
			crc = (uint8_t)(crc & 1 ? crc >> 1 ^ 0xab : crc >> 1);
	}
	return crc;
}

static bool nvram_read(struct span bytes, struct nvram *v)
{
	struct reader r = reader_le(bytes);
	rd_skip(&r, 4);
	v->size = rd_u32(&r);
	v->crc_version = rd_u32(&r);
	v->refresh = rd_u32(&r);
	v->ncdl = rd_u32(&r);
	if (!rd_ok(&r) || !span_starts(bytes, "FLSH", 4) || (v->crc_version >> 8 & 0xff) != 1 || v->size < HEADER + 2 ||
		v->size > SIZE_MAX_NVRAM)
		return false;
	/* The first variable: a name of printable characters. */
	struct span name = span_clip(bytes, HEADER, 64);
	for (size_t i = 0; i < name.n && name.p[i] != '='; i++)
		if (name.p[i] <= ' ' || name.p[i] > '~')
			return i == 0 && name.p[i] == 0;
	return name.n > 0;
}

static bool nvram_probe(struct span at, struct format_match *match)
{
	struct nvram v;
	if (!nvram_read(at, &v))
		return false;
	match->size = v.size;
	match->confidence = 85;
	return true;
}

static struct error nvram_walk(struct span bytes, struct walk *w)
{
	struct nvram v;
	if (!nvram_read(bytes, &v))
		return error_at(ERR_CORRUPT, 0, "no NVRAM header");
	struct span covered = span_sub(bytes, CRC_FROM, v.size - CRC_FROM),
				data = span_clip(bytes, HEADER, v.size - HEADER);
	emit_header_field(w->sink, 4, "len", "%u", v.size);
	emit_header_field(w->sink, 10, "sdram_init", "0x%04x", v.crc_version >> 16);
	emit_header_field(w->sink, 12, "sdram_config", "0x%04x", v.refresh & 0xffff);
	emit_header_field(w->sink, 16, "sdram_ncdl", "0x%08x", v.ncdl);
	wrapper_check_u32(w, 8, "crc8", covered.p, v.crc_version & 0xff, covered.p ? crc8(covered) : 0);
	uint8_t *lines = ARENA_ARRAY(w->arena, uint8_t, data.n + 1);
	if (!lines)
		return error_at(ERR_BUDGET, HEADER, "no memory for the variables");
	size_t n = 0;
	for (size_t i = 0; i < data.n && (data.p[i] || (i && data.p[i - 1])); i++)
		lines[n++] = data.p[i] ? data.p[i] : '\n';
	region_emit_made(w, "nvram.txt", span_of(lines, n), NULL);
	return error_none();
}

static const struct format_magic nvram_magics[] = { MAGIC("FLSH", 0), MAGIC_END };

const struct format bcm_nvram_format = {
	.name = "bcm_nvram",
	.kind = FORMAT_CONTAINER,
	.title = "NVRAM of Broadcom's routers (FLSH)",
	.spec = "Linux drivers/firmware/broadcom/bcm47xx_nvram.c",
	.magics = nvram_magics,
	.probe = nvram_probe,
	.walk = nvram_walk,
};
