/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The headers of PE programs, and the attribute certificate table, which signers write behind all that was there.
 *
 * Specification: Microsoft "PE Format", "COFF File Header", "Optional Header", "Section Table", "The Attribute Certificate Table", "The
 * .debug Section".
 */
#include "base/pe_headers.h"

#define PE_AT 0x3cu
#define COFF_HEADER 24u /* with the signature before it */
#define PE32 0x10bu
#define PE32_PLUS 0x20bu
#define DIRECTORY 8u
#define SECTION_HEADER 40u
#define SECTIONS_MAX 96u
#define SYMBOL 18u
#define DEBUG_ENTRY 28u
#define DEBUG_MAX 32u
#define TABLE_MAX (64u << 10) /* of several signatures with their chains */
#define CERTIFICATE 8u        /* its length, revision and type, then a signature in DER */
#define ALIGNMENT 8u

bool pe_headers_read(struct span bytes, struct pe_headers *h)
{
	*h = (struct pe_headers){ .bytes = bytes, .at = span_u32le(bytes, PE_AT) };
	if (!span_starts(bytes, "MZ", 2) || !span_has(bytes, h->at, "PE\0\0", 4))
		return false;
	h->optional = h->at + COFF_HEADER;
	uint16_t magic = span_u16le(bytes, h->optional), size = span_u16le(bytes, h->at + 20);
	uint32_t first = magic == PE32_PLUS ? 112 : 96;
	h->plus = magic == PE32_PLUS;
	h->machine = span_u16le(bytes, h->at + 4);
	h->sections_n = span_u16le(bytes, h->at + 6);
	h->subsystem = span_u16le(bytes, h->optional + 68);
	h->directories = h->optional + first;
	if ((magic != PE32 && magic != PE32_PLUS) || size < first || !span_sub(bytes, h->optional, size).p)
		return false;
	uint32_t room = (size - first) / DIRECTORY, said = span_u32le(bytes, h->directories - 4);
	h->directories_n = said < room ? said : room;
	return true;
}

bool pe_is_uefi(const struct pe_headers *h)
{
	return h->subsystem >= 10 && h->subsystem <= 13;
}

struct pe_extent pe_directory(const struct pe_headers *h, enum pe_directory number)
{
	uint64_t at = h->directories + DIRECTORY * (uint64_t)number;
	if (h->directories_n <= number)
		return (struct pe_extent){ 0, 0 };
	return (struct pe_extent){ span_u32le(h->bytes, at), span_u32le(h->bytes, at + 4) };
}

bool pe_section(const struct pe_headers *h, unsigned i, struct pe_section *s)
{
	uint64_t table = h->optional + span_u16le(h->bytes, h->at + 20);
	struct span header = span_sub(h->bytes, table + SECTION_HEADER * (uint64_t)i, SECTION_HEADER);
	*s = (struct pe_section){ span_u32le(header, 12), span_u32le(header, 20), span_u32le(header, 16) };
	return i < h->sections_n && i < SECTIONS_MAX && header.p;
}

uint64_t pe_place(const struct pe_headers *h, uint32_t address)
{
	struct pe_section s;
	for (unsigned i = 0; pe_section(h, i, &s); i++)
		if (address >= s.address && address - s.address < s.size)
			return (uint64_t)s.at + (address - s.address);
	return UINT64_MAX;
}

/* Symbols of COFF and the strings behind them, whose size is the first that they say. */
static uint64_t symbols_end(const struct pe_headers *h)
{
	uint64_t at = span_u32le(h->bytes, h->at + 12), end = at + SYMBOL * (uint64_t)span_u32le(h->bytes, h->at + 16);
	return at ? end + span_u32le(h->bytes, end) : 0;
}

/* What debuggers read may stand behind all sections. */
static uint64_t debug_end(const struct pe_headers *h)
{
	struct pe_extent d = pe_directory(h, PE_DEBUG);
	uint64_t at = d.size ? pe_place(h, d.at) : UINT64_MAX, end = 0;
	for (unsigned i = 0; at != UINT64_MAX && i < d.size / DEBUG_ENTRY && i < DEBUG_MAX; i++) {
		struct span entry = span_sub(h->bytes, at + DEBUG_ENTRY * (uint64_t)i, DEBUG_ENTRY);
		uint64_t ends = (uint64_t)span_u32le(entry, 24) + span_u32le(entry, 16);
		if (span_u32le(entry, 24) && ends <= h->bytes.n && ends > end)
			end = ends;
	}
	return end;
}

uint64_t pe_end(const struct pe_headers *h)
{
	struct pe_section s;
	uint64_t end = h->optional + span_u16le(h->bytes, h->at + 20) + SECTION_HEADER * (uint64_t)h->sections_n;
	const uint64_t others[] = { symbols_end(h), debug_end(h) };
	for (unsigned i = 0; pe_section(h, i, &s); i++)
		if (s.at && s.size && (uint64_t)s.at + s.size > end)
			end = (uint64_t)s.at + s.size;
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
		if (others[i] > end && others[i] <= h->bytes.n)
			end = others[i];
	return end;
}

/* ---- certificates ---- */

/* Whether the DER sequence that begins there ends where `s` does, but for what aligns it. */
static bool is_sequence(struct span s)
{
	struct reader r = reader_be(s);
	uint8_t tag = rd_u8(&r), length = rd_u8(&r);
	uint64_t n = length & 0x80 ? rd_uint(&r, length & 3) : length;
	return rd_ok(&r) && tag == 0x30 && length <= 0x83 && n <= rd_left(&r) && rd_left(&r) - n < ALIGNMENT &&
		   span_is_zero(span_from(s, r.at + n));
}

/* It is read with the program, and whatever else stood in it would be looked at nowhere. */
bool pe_is_certificates(struct span table)
{
	while (!span_is_zero(table)) {
		uint32_t length = span_u32le(table, 0), aligned = (length + ALIGNMENT - 1) & ~(ALIGNMENT - 1);
		uint16_t revision = span_u16le(table, 4), type = span_u16le(table, 6);
		struct span signature = length > CERTIFICATE ? span_sub(table, CERTIFICATE, length - CERTIFICATE) : SPAN_NONE;
		if ((revision != 0x100 && revision != 0x200) || type < 1 || type > 2 || !is_sequence(signature))
			return false;
		table = span_from(table, aligned);
	}
	return true;
}

uint64_t pe_signed_end(struct span bytes, uint64_t end)
{
	struct pe_headers h;
	if (!pe_headers_read(bytes, &h))
		return end;
	struct pe_extent table = pe_directory(&h, PE_CERTIFICATES);
	bool follows = table.at >= end && table.at - end < ALIGNMENT; /* it is aligned to 8 bytes */
	struct span there =
		follows && table.size > CERTIFICATE && table.size <= TABLE_MAX ? span_sub(bytes, table.at, table.size) : SPAN_NONE;
	return there.p && pe_is_certificates(there) ? (uint64_t)table.at + table.size : end;
}
