/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The bare image of a Cortex-M: it begins with the vector table, which has no magic but much that must hold. The flash of a
 * microcontroller often holds several: boot loader, radio stack, application.
 *
 * Specification: Armv6-M and Armv7-M Architecture Reference Manuals, "The vector table"; for Nordic's SoftDevices
 * nrf_sdm.h of the nRF5 SDK.
 */
#include <stdio.h>

#include "format/region.h"

#define CORE_VECTORS 16u
#define VECTORS_MAX 256u
#define FLASH_MAX (16u << 20)
#define RAM_FROM 0x20000000u
#define RAM_MAX (4u << 20)
#define LOCAL_RAM_FROM 0x10000000u /* on the code bus: NXP's LPC, the CCM of STM32 */
#define LOCAL_RAM_MAX (1u << 20)
#define PAGE 0x400u /* tables are looked for at such boundaries */
#define TABLES_MAX 64u
#define MBR_SIZE 0x1000u
#define INFO_AT 0x3000u /* of a SoftDevice behind the master boot record */
#define INFO_MAGIC 0x51b1e5dbu

struct table {
	uint32_t stack, reset, lowest, highest; /* of the handlers */
	unsigned vectors;
};

static bool stack_is_sane(uint32_t stack)
{
	bool main = stack > RAM_FROM && stack - RAM_FROM <= RAM_MAX;
	return stack % 4 == 0 && (main || (stack > LOCAL_RAM_FROM && stack - LOCAL_RAM_FROM <= LOCAL_RAM_MAX));
}

static bool add_handler(struct table *t, uint32_t handler)
{
	uint32_t address = handler & ~1u;
	if (!(handler & 1) || address >= RAM_FROM || address < 0x40)
		return false;
	if (t->lowest > address)
		t->lowest = address;
	if (t->highest < address)
		t->highest = address;
	return t->highest - t->lowest < FLASH_MAX;
}

/* The vectors of the core. NMI and hard fault have a handler on every core; of the others what is 0 has none. */
static bool read_core(struct span at, struct table *t)
{
	static const uint8_t must[] = { 1, 2, 3 }, may[] = { 4, 5, 6, 11, 12, 14, 15 };
	struct span words = span_sub(at, 0, 4 * CORE_VECTORS);
	*t = (struct table){
		.stack = span_u32le(words, 0), .reset = span_u32le(words, 4), .lowest = UINT32_MAX, .vectors = CORE_VECTORS
	};
	bool good = words.p != NULL;
	for (size_t i = 0; good && i < sizeof must; i++)
		good = add_handler(t, span_u32le(words, 4 * must[i]));
	for (size_t i = 0; good && i < sizeof may; i++) {
		uint32_t v = span_u32le(words, 4 * may[i]);
		good = v == 0 || add_handler(t, v);
	}
	/* Reserved ones are 0, or lead where all others do; NXP keeps a checksum in the first of them. */
	for (size_t i = 8; good && i < 11; i++) {
		uint32_t v = span_u32le(words, 4 * i);
		good = v == 0 || v == UINT32_MAX || add_handler(t, v);
	}
	return good && (span_u32le(words, 44) || span_u32le(words, 56) || span_u32le(words, 60));
}

/* Then those of the chip's own peripherals, as long as they look like it. */
static void read_rest(struct span at, struct table *t)
{
	for (; t->vectors < VECTORS_MAX; t->vectors++) {
		struct span word = span_sub(at, 4 * t->vectors, 4);
		uint32_t v = span_u32le(word, 0), address = v & ~1u;
		bool handler = v & 1 && address >= t->lowest - (t->lowest < FLASH_MAX ? t->lowest : FLASH_MAX) &&
					   address - t->lowest + FLASH_MAX / 2 < FLASH_MAX && address < RAM_FROM;
		if (!word.p || (v != 0 && !handler))
			break;
	}
	while (t->vectors > CORE_VECTORS && span_u32le(at, 4 * (t->vectors - 1)) == 0)
		t->vectors--;
}

static bool table_read(struct span at, struct table *t)
{
	if (!stack_is_sane(span_u32le(at, 0)) || !read_core(at, t) || t->highest - t->lowest >= at.n)
		return false;
	read_rest(at, t);
	return true;
}

/* The master boot record before a SoftDevice of the nRF51 has its stack elsewhere. */
static bool has_softdevice(struct span at)
{
	return span_u32le(at, INFO_AT + 4) == INFO_MAGIC;
}

static bool image_read(struct span at, struct table *t)
{
	if (table_read(at, t))
		return true;
	if (!has_softdevice(at) || span_u32le(at, 0) % 4 || span_u32le(at, 0) > RAM_MAX)
		return false;
	struct table second;
	bool good = span_u32le(at, 4) & 1 && span_u32le(at, 4) < MBR_SIZE && table_read(span_from(at, MBR_SIZE), &second);
	*t = (struct table){ span_u32le(at, 0), span_u32le(at, 4), 0x40, MBR_SIZE, CORE_VECTORS };
	return good;
}

/* Where the image was linked to: the coarsest boundary from which on all handlers lie within it. */
static uint32_t guess_address(const struct table *t, size_t n)
{
	if (t->highest < n)
		return 0;
	for (uint32_t alignment = FLASH_MAX; alignment >= 0x100; alignment /= 2) {
		uint32_t base = t->lowest & ~(alignment - 1);
		if (t->highest - base < n && t->lowest - base >= 4 * CORE_VECTORS)
			return base;
	}
	return t->lowest & ~0xffu;
}

static bool cortex_m_probe(struct span at, struct format_match *match)
{
	struct table t;
	if (at.n < 0x100 || !image_read(at, &t))
		return false;
	match->size = at.n;
	match->confidence = 60; /* below whatever has a magic */
	return true;
}

/* Records that name addresses leave the gap behind the master boot record out: the SoftDevice is an image of its own there. */
static void emit_softdevice(struct walk *w, struct span bytes)
{
	uint64_t at = has_softdevice(bytes) ? INFO_AT : INFO_AT - MBR_SIZE;
	struct span info = span_clip(bytes, at, 64);
	unsigned size = info.n ? info.p[0] : 0;
	if (span_u32le(info, 4) != INFO_MAGIC)
		return;
	emit_header_field(w->sink, at + 8, "softdevice_size", "0x%x", span_u32le(info, 8));
	emit_header_field(w->sink, at + 12, "softdevice_fwid", "0x%04x", span_u16le(info, 12));
	if (size >= 0x18 && size < 0x40) {
		emit_header_field(w->sink, at + 16, "softdevice_id", "%u", span_u32le(info, 16));
		uint32_t v = span_u32le(info, 20);
		emit_header_field(w->sink, at + 20, "softdevice_version", "%u.%u.%u", v / 1000000, v / 1000 % 1000,
						  v % 1000);
	}
}

static void emit_table(struct walk *w, const struct table *t, uint64_t at)
{
	emit_header_field(w->sink, at, "initial_sp", "0x%08x", t->stack);
	emit_header_field(w->sink, at + 4, "reset", "0x%08x", t->reset);
	emit_header_field(w->sink, at, "vectors", "%u", t->vectors);
}

/* What the second and further tables begin: they lead into themselves when the whole stands at `base`. */
static bool further_table(struct span bytes, uint64_t at, uint32_t base, struct table *t)
{
	return table_read(span_from(bytes, at), t) && t->lowest >= base + at && t->highest - base < bytes.n;
}

/* One image of several: its vectors were told, what is behind them is looked at. */
static bool emit_image(struct walk *w, struct span bytes, const struct table *t, uint64_t at, uint64_t end)
{
	char name[32];
	uint64_t code = at + 4 * t->vectors;
	emit_table(w, t, at);
	snprintf(name, sizeof name, "0x%llx", (unsigned long long)code);
	return code >= end || region_emit(w, name, bytes, code, end - code, NULL);
}

static struct error cortex_m_walk(struct span bytes, struct walk *w)
{
	struct table t, next;
	if (!image_read(bytes, &t))
		return error_at(ERR_CORRUPT, 0, "no vector table");
	uint32_t base = guess_address(&t, bytes.n);
	uint64_t at = 0;
	if (base) /* 0 is as good as any other place below the handlers */
		emit_header_field(w->sink, 0, "load address (guessed)", "0x%08x", base);
	emit_softdevice(w, bytes);
	for (unsigned tables = 1; at < bytes.n; tables++) {
		uint64_t end = at + PAGE;
		while (tables < TABLES_MAX && end < bytes.n && !further_table(bytes, end, base, &next))
			end += PAGE;
		if (tables == TABLES_MAX || end > bytes.n)
			end = bytes.n;
		if (!emit_image(w, bytes, &t, at, end))
			break;
		t = next;
		at = end;
	}
	return error_none();
}

const struct format cortex_m_format = {
	.name = "cortex_m",
	.kind = FORMAT_CONTAINER,
	.title = "bare image of a Cortex-M microcontroller",
	.spec = "Armv7-M Architecture Reference Manual, B1.5.3",
	.at_start = true,
	.probe = cortex_m_probe,
	.walk = cortex_m_walk,
};
