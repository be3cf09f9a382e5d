/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Units of the JBOOT boot loader (Amit; D-Link, Planex, TRENDnet): an 80-byte header that says where in flash its
 * payload goes; several stand one behind the other.
 *
 * Specification: github.com/anphsw/openbinboy; OpenWrt firmware-utils src/mkdlinkfw-lib.c.
 */
#include <stdio.h>

#include "format/wrapper.h"

#define HEADER_SIZE 80u
#define HEADER_SUM_AT 78u
#define UNITS_MAX 32u
#define EPOCH 0x35016f00u

struct unit {
	struct span device;
	uint16_t payload_sum, header_sum;
	uint32_t time, erase_at, erase_size, data_at, size, type;
};

static bool unit_read(struct span bytes, struct unit *u)
{
	static const uint8_t zeros[16];
	struct reader r = reader_le(bytes);
	u->device = rd_bytes(&r, 12);
	rd_skip(&r, 2);
	u->payload_sum = rd_u16(&r);
	rd_skip(&r, 12);
	u->time = rd_u32(&r);
	u->erase_at = rd_u32(&r);
	u->erase_size = rd_u32(&r);
	u->data_at = rd_u32(&r);
	u->size = rd_u32(&r);
	struct span zero = rd_bytes(&r, 16);
	uint32_t magic = rd_u32(&r);
	u->type = rd_u32(&r);
	rd_skip(&r, 6);
	u->header_sum = rd_u16(&r);
	return rd_ok(&r) && magic == 0x00024842 && span_starts(zero, zeros, sizeof zeros) && wrapper_is_text(u->device) &&
		   u->size && wrapper_sum16(span_sub(bytes, 0, HEADER_SUM_AT), false, true) + u->header_sum == 0xffff;
}

static bool jboot_probe(struct span at, struct format_match *match)
{
	struct unit u;
	uint64_t end = 0;
	for (unsigned i = 0; i < UNITS_MAX && unit_read(span_from(at, end), &u); i++)
		end += (uint64_t)HEADER_SIZE + u.size;
	match->size = end;
	match->confidence = 90;
	return end != 0;
}

static const char *type_name(uint32_t type)
{
	switch (type) {
	case 0x00010000:
		return "bootloader";
	case 0x04040000:
		return "kernel";
	case 0x00080000:
		return "rootfs";
	case 0x00050000:
	case 0x04050000:
		return "branding";
	default:
		return "unit";
	}
}

static struct error jboot_walk(struct span bytes, struct walk *w)
{
	struct unit u;
	uint64_t at = 0;
	for (unsigned i = 0; i < UNITS_MAX && unit_read(span_from(bytes, at), &u); i++) {
		struct span data = span_clip(bytes, at + HEADER_SIZE, u.size);
		char name[48];
		snprintf(name, sizeof name, "%u-%s", i, type_name(u.type));
		wrapper_field(w, at, "device_id", u.device);
		emit_header_field(w->sink, at + 28, "timestamp", "%llu", (unsigned long long)u.time * 4 + EPOCH);
		emit_header_field(w->sink, at + 40, name, "at 0x%x in flash, type 0x%08x", u.data_at, u.type);
		wrapper_check_u32(w, at + 14, "payload sum", data.n == u.size, u.payload_sum, wrapper_sum16(data, false, true));
		if (!wrapper_region(w, bytes, at + HEADER_SIZE, u.size, text_c(name), NULL))
			break;
		at += (uint64_t)HEADER_SIZE + u.size;
	}
	return error_none();
}

static const struct format_magic jboot_magics[] = { MAGIC("\x42\x48\x02\0", 64), MAGIC_END };

const struct format jboot_format = {
	.name = "jboot",
	.kind = FORMAT_CONTAINER,
	.title = "JBOOT firmware units (Amit, D-Link)",
	.spec = "github.com/anphsw/openbinboy",
	.magics = jboot_magics,
	.probe = jboot_probe,
	.walk = jboot_walk,
};
