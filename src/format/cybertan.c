/* SPDX-License-Identifier: GPL-3.0-or-later */
/* CyberTAN's headers, on Linksys and Cisco routers: a board's pattern ("W54G"), date and version before a TRX; and the
 * later CHDR with a length and a CRC.
 *
 * Specification: OpenWrt firmware-utils src/addpattern.c, src/linksys-addfwhdr.c.
 */
#include "base/hash.h"
#include "format/wrapper.h"

#define PATTERN_SIZE 32u
#define CHDR_SIZE 16u
#define ID_AT 14u

static bool pattern_ok(struct span bytes)
{
	struct span h = span_sub(bytes, 0, PATTERN_SIZE);
	for (unsigned i = 0; h.p && i < 4; i++)
		if (h.p[i] < '0' || h.p[i] > 'Z')
			return false;
	return h.p && span_has(h, ID_AT, "U2ND", 4) && h.p[9] <= 12 && h.p[10] <= 31 && h.p[30] == 0 && h.p[31] == 0;
}

static bool chdr_ok(struct span bytes)
{
	uint32_t size = span_u32le(bytes, 4);
	return span_starts(bytes, "CHDR", 4) && span_u32le(bytes, 12) == 1 && size > CHDR_SIZE && size < (1u << 30);
}

/* The pattern's header does not say how much follows; a TRX behind it does. */
static bool cybertan_probe(struct span at, struct format_match *match)
{
	extern const struct format trx_format;
	struct format_match trx;
	match->confidence = 85;
	if (chdr_ok(at)) {
		match->size = span_u32le(at, 4);
		return true;
	}
	if (!pattern_ok(at))
		return false;
	bool known = trx_format.probe(span_from(at, PATTERN_SIZE), &trx);
	match->size = known ? PATTERN_SIZE + trx.size : at.n;
	return known || span_has(at, PATTERN_SIZE, "\x27\x05\x19\x56", 4) || span_has(at, PATTERN_SIZE, "CHDR", 4);
}

static struct error cybertan_walk(struct span bytes, struct walk *w)
{
	if (chdr_ok(bytes)) {
		uint32_t size = span_u32le(bytes, 4);
		struct span covered = span_sub(bytes, 12, size - 12);
		emit_header_field(w->sink, 4, "len", "%u", size);
		wrapper_check_u32(w, 8, "crc32", covered.p, span_u32le(bytes, 8), hash_crc32_raw(UINT32_MAX, covered));
		(void)wrapper_region(w, bytes, CHDR_SIZE, size - CHDR_SIZE, TEXT_LIT("firmware"), NULL);
		return error_none();
	}
	struct span h = span_sub(bytes, 0, PATTERN_SIZE);
	if (!h.p)
		return error_at(ERR_TRUNCATED, bytes.n, "no header of CyberTAN's");
	wrapper_field(w, 0, "magic", span_sub(h, 0, 8));
	emit_header_field(w->sink, 8, "fwdate", "20%02u-%02u-%02u", h.p[8], h.p[9], h.p[10]);
	emit_header_field(w->sink, 11, "fwvern", "%u.%u.%u", h.p[11], h.p[12], h.p[13]);
	emit_header_field(w->sink, 18, "hw_ver", "%u", h.p[18]);
	emit_header_field(w->sink, 20, "flags", "0x%02x%02x", h.p[21], h.p[20]);
	(void)wrapper_region(w, bytes, PATTERN_SIZE, bytes.n - PATTERN_SIZE, TEXT_LIT("firmware"), NULL);
	return error_none();
}

static const struct format_magic cybertan_magics[] = { MAGIC("U2ND", ID_AT), MAGIC("CHDR", 0), MAGIC_END };

const struct format cybertan_format = {
	.name = "cybertan",
	.kind = FORMAT_CONTAINER,
	.title = "CyberTAN header (Linksys, Cisco)",
	.spec = "OpenWrt firmware-utils src/addpattern.c",
	.magics = cybertan_magics,
	.probe = cybertan_probe,
	.walk = cybertan_walk,
};
