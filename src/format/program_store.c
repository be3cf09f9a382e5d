/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ProgramStore: what the boot loader of Broadcom's cable modems starts: 92 bytes with the name of a file, its address, a CRC of the
 * header and one of the program. The signature is another one for each model.
 *
 * Specification: github.com/Broadcom/aeolus ProgramStore/ProgramStore.h, ProgramStore.cpp; bcm2-utils doc/programstore.md.
 */
#include "base/hash.h"
#include "format/wrapper.h"

#define HEADER_SIZE 92u
#define HCS_AT 84u
#define NAME_AT 20u
#define NAME_SIZE 48u
#define DUAL 0x0100u /* two programs, one behind the other */
#define PROGRAM_MAX (256u << 20)

enum compression { COMPRESSION_NONE, COMPRESSION_LZ, COMPRESSION_LZO, COMPRESSION_NRV2D = 4, COMPRESSION_LZMA = 5 };

struct program {
	uint16_t signature, control, major, minor, hcs;
	uint32_t time, length, load, first, second, crc;
};

/* CRC-16 of the CCITT, from the high bit on, inverted. */
static uint16_t header_sum(struct span header)
{
	uint16_t crc = 0xffff;
	for (size_t i = 0; i < header.n; i++) {
		crc ^= (uint16_t)(header.p[i] << 8);
		for (int bit = 0; bit < 8; bit++)
			crc = (uint16_t)(crc << 1 ^ (crc & 0x8000 ? 0x1021 : 0));
	}
	return (uint16_t)~crc;
}

/* A name, and zeros behind it to the end of what is reserved. */
static bool name_is_one(struct span field)
{
	struct text name = text_until_nul(span_sub(field, 0, NAME_SIZE));
	for (size_t i = 0; i < name.n; i++)
		if (name.p[i] <= ' ' || name.p[i] > '~')
			return false;
	return name.n >= 3 && name.n < NAME_SIZE && span_is_zero(span_from(field, name.n));
}

static bool program_read(struct span bytes, struct program *p)
{
	struct reader r = reader_be(span_sub(bytes, 0, HEADER_SIZE));
	p->signature = rd_u16(&r);
	p->control = rd_u16(&r);
	p->major = rd_u16(&r);
	p->minor = rd_u16(&r);
	p->time = rd_u32(&r);
	p->length = rd_u32(&r);
	p->load = rd_u32(&r);
	struct span name = rd_bytes(&r, NAME_SIZE + 8);
	p->first = rd_u32(&r);
	p->second = rd_u32(&r);
	p->hcs = rd_u16(&r);
	rd_skip(&r, 2);
	p->crc = rd_u32(&r);
	bool dual = p->control & DUAL;
	return rd_ok(&r) && !(p->control & ~(DUAL | 7u)) && p->length && p->length <= PROGRAM_MAX &&
		   (dual ? p->first && p->second && (uint64_t)p->first + p->second <= p->length : !p->second) && name_is_one(name) &&
		   header_sum(span_sub(bytes, 0, HCS_AT)) == p->hcs;
}

static bool program_probe(struct span at, struct format_match *match)
{
	struct program p;
	if (!program_read(at, &p))
		return false;
	match->size = (uint64_t)HEADER_SIZE + p.length;
	match->confidence = 90;
	return true;
}

static const char *compression_name(unsigned control)
{
	switch (control & 7) {
	case COMPRESSION_NONE: return "none";
	case COMPRESSION_LZ: return "lz";
	case COMPRESSION_LZO: return "lzo";
	case COMPRESSION_NRV2D: return "nrv2d";
	case COMPRESSION_LZMA: return "lzma";
	default: return "unknown";
	}
}

static struct error program_walk(struct span bytes, struct walk *w)
{
	struct program p;
	if (!program_read(bytes, &p))
		return error_at(ERR_CORRUPT, 0, "no ProgramStore header");
	struct text name = text_until_nul(span_sub(bytes, NAME_AT, NAME_SIZE));
	const char *format = (p.control & 7) == COMPRESSION_LZMA ? "lzma" : NULL;
	struct span covered = span_sub(bytes, HEADER_SIZE, p.length);
	emit_header_field(w->sink, 0, "signature", "0x%04x", p.signature);
	emit_header_field(w->sink, 2, "compression", "%s", compression_name(p.control));
	emit_header_field(w->sink, 4, "version", "%u.%u", p.major, p.minor);
	emit_header_field(w->sink, 8, "time", "%u", p.time);
	emit_header_field(w->sink, 16, "load", "0x%08x", p.load);
	emit_header_field(w->sink, NAME_AT, "name", "%.*s", (int)name.n, name.p);
	emit_header_field(w->sink, HCS_AT, "hcs", "ok");
	wrapper_check_u32(w, 88, "crc", covered.p, p.crc, covered.p ? hash_crc32(0, covered) : 0);
	if (!(p.control & DUAL)) {
		(void)wrapper_region(w, bytes, HEADER_SIZE, p.length, name, format);
		return error_none();
	}
	if (wrapper_region(w, bytes, HEADER_SIZE, p.first, TEXT_LIT("program-1"), format)) /* what pads the first one stands between */
		(void)wrapper_region(w, bytes, HEADER_SIZE + (uint64_t)p.length - p.second, p.second, TEXT_LIT("program-2"), format);
	return error_none();
}

/* The address where cable modems' own programs are loaded; the others are asked about at the start of a blob only. */
static const struct format_magic program_magics[] = { MAGIC("\x80\x00\x40\x00", 16), MAGIC("ecram_sto.bin", NAME_AT), MAGIC_END };

const struct format program_store_format = {
	.name = "program_store",
	.kind = FORMAT_CONTAINER,
	.title = "ProgramStore image of Broadcom's cable modems",
	.spec = "github.com/Broadcom/aeolus ProgramStore/ProgramStore.h",
	.magics = program_magics,
	.probe = program_probe,
	.walk = program_walk,
	.at_start = true,
};
