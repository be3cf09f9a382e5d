/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Updates of the microcode of x86 processors, one behind the other, as Linux and UEFI load them. What they hold only the processor can
 * read: they are named, each with its revision and its date.
 *
 * Specification: Intel SDM, volume 3A, 10.11.1 "Microcode Update" (tables 10-6 to 10-8); AMD's container as in Linux
 * arch/x86/kernel/cpu/microcode/amd.c.
 */

#include "base/work.h"
#include "format/format.h"

#define INTEL_HEADER 48u
#define INTEL_SIZE 2048u /* of one whose header says 0 */
#define INTEL_DATA (INTEL_SIZE - INTEL_HEADER)
#define INTEL_MAX (16u << 20)
#define AMD_HEAD 12u /* of a container: magic, type and size of the table */
#define AMD_SECTION 8u
#define AMD_ENTRY 16u
#define AMD_PATCH 64u /* the header of an update */
#define AMD_PATCH_MAX 65536u
#define AMD_UPDATE 1u
#define TOLD_MAX 256u

struct update {
	uint32_t revision, date, processor;
	uint64_t size;
};

/* Month, day and year in binary-coded decimal: 0x11122021. */
static bool is_number_of_date(uint32_t bcd)
{
	for (unsigned i = 0; i < 32; i += 4)
		if ((bcd >> i & 15) > 9)
			return false;
	uint32_t year = bcd & 0xffff;
	return year >= 0x1993 && year < 0x2100;
}

static bool is_date(uint32_t bcd)
{
	uint32_t month = bcd >> 24, day = bcd >> 16 & 0xff;
	return is_number_of_date(bcd) && month >= 1 && month <= 0x12 && day >= 1 && day <= 0x31;
}

static void tell(struct walk *w, uint64_t at, unsigned n, const struct update *u)
{
	if (n == TOLD_MAX)
		emit_damage_at(w->sink, ERR_BUDGET, at, "more than %u updates: the others are not listed", TOLD_MAX);
	if (n < TOLD_MAX)
		emit_header_field(w->sink, at, "update", "revision 0x%x of %04x-%02x-%02x for processor 0x%x", u->revision, u->date & 0xffff,
						  u->date >> 24, u->date >> 16 & 0xff, u->processor);
}

/* ---- Intel ---- */

/* All 32-bit words of an update add up to nothing. */
static bool intel_read(struct span at, struct update *u)
{
	if (!span_starts(at, "\1\0\0", 4)) /* version of the header */
		return false;
	struct reader r = reader_le(span_from(span_sub(at, 0, INTEL_HEADER), 4));
	*u = (struct update){ .revision = rd_u32(&r), .date = rd_u32(&r), .processor = rd_u32(&r) };
	rd_skip(&r, 4); /* the checksum */
	uint32_t loader = rd_u32(&r);
	rd_skip(&r, 4); /* platforms */
	uint32_t data = rd_u32(&r), size = rd_u32(&r), sum = 0;
	u->size = data ? size : INTEL_SIZE;
	if (!rd_ok(&r) || loader != 1 || !is_date(u->date) || !u->processor || data % 4 || u->size % 4 || u->size > INTEL_MAX ||
		u->size < INTEL_HEADER + (uint64_t)(data ? data : INTEL_DATA))
		return false;
	struct span all = span_sub(at, 0, u->size);
	work_add_summed(all.n);
	for (size_t i = 0; i + 4 <= all.n; i += 4)
		sum += span_u32le(all, i);
	return all.p && sum == 0;
}

static bool intel_probe(struct span at, struct format_match *match)
{
	struct update u;
	*match = (struct format_match){ .confidence = 95 };
	while (intel_read(span_from(at, match->size), &u))
		match->size += u.size;
	return match->size > 0;
}

static struct error intel_walk(struct span bytes, struct walk *w)
{
	struct update u;
	uint64_t at = 0;
	for (unsigned n = 0; intel_read(span_from(bytes, at), &u); n++, at += u.size)
		tell(w, at, n, &u);
	return at < bytes.n ? error_at(ERR_CORRUPT, at, "no update of microcode stands here, or its sum is wrong") : error_none();
}

const struct format intel_microcode_format = {
	.name = "intel_microcode",
	.kind = FORMAT_CONTAINER,
	.title = "Microcode updates for Intel processors",
	.spec = "Intel SDM, volume 3A, 10.11.1",
	.at_start = true,
	.own_bytes = true,
	.probe = intel_probe,
	.walk = intel_walk,
};

/* ---- AMD ---- */

/* The size of the table of processors that a container begins with; 0: there is none. Its last entry is zero. */
static uint64_t amd_table(struct span at)
{
	uint64_t size = span_u32le(at, 8);
	struct span table = span_sub(at, AMD_HEAD, size);
	bool ok = span_starts(at, "DMA\0\0\0\0", 8) && table.p && size >= AMD_ENTRY && size % AMD_ENTRY == 0;
	return ok && span_is_zero(span_from(table, size - AMD_ENTRY)) ? AMD_HEAD + size : 0;
}

/* There are releases with a thirteenth month. */
static bool amd_read(struct span at, struct update *u)
{
	struct span patch = span_sub(at, AMD_SECTION, AMD_PATCH);
	uint32_t size = span_u32le(at, 4);
	*u = (struct update){ span_u32le(patch, 4), span_u32le(patch, 0), span_u16le(patch, 24), AMD_SECTION + (uint64_t)size };
	return patch.p && span_u32le(at, 0) == AMD_UPDATE && size >= AMD_PATCH && size <= AMD_PATCH_MAX && is_number_of_date(u->date);
}

/* Containers of several families may follow each other. Gives where the last of it ends, or is told to end. */
static uint64_t amd_all(struct span bytes, struct walk *w)
{
	struct update u;
	unsigned n = 0;
	uint64_t at = amd_table(bytes), table;
	while (at && at < bytes.n) {
		struct span here = span_from(bytes, at);
		if (amd_read(here, &u)) {
			if (w && u.size <= here.n)
				tell(w, at, n++, &u);
			at += u.size;
		} else if ((table = amd_table(here)) != 0) {
			at += table;
		} else {
			break;
		}
	}
	return at;
}

static bool amd_probe(struct span at, struct format_match *match)
{
	struct update u;
	uint64_t table = amd_table(at);
	if (!table || !amd_read(span_from(at, table), &u))
		return false;
	*match = (struct format_match){ .size = amd_all(at, NULL), .confidence = 95 };
	return true;
}

static struct error amd_walk(struct span bytes, struct walk *w)
{
	(void)amd_all(bytes, w); /* that the last one is cut off is told by the size */
	return error_none();
}

static const struct format_magic amd_magics[] = { MAGIC("DMA\0\0\0\0", 0), MAGIC_END };

const struct format amd_microcode_format = {
	.name = "amd_microcode",
	.kind = FORMAT_CONTAINER,
	.title = "Microcode updates for AMD processors",
	.spec = "Linux arch/x86/kernel/cpu/microcode/amd.c",
	.magics = amd_magics,
	.own_bytes = true,
	.probe = amd_probe,
	.walk = amd_walk,
};
