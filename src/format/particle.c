/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A module of Particle's Device OS: a prefix that tells where in flash it stands, for which platform it is and what it needs,
 * the code, a suffix with the SHA-256 of what is before it, and a CRC-32. The prefix stands first or behind a table of vectors.
 *
 * Specification: Particle device-os, module_info.h and module_info.inc. Numbers are little-endian, the CRC is big-endian.
 */
#include "base/hash.h"
#include "format/digest.h"
#include "format/region.h"

#define PREFIX 24u
#define CRC_SIZE 4u
#define SUFFIX_TAIL 38u /* digest, size of the suffix, CRC */
#define SUFFIX_MIN 36u /* reserved bytes, digest, size: without the CRC */
#define MODULE_MAX (8u << 20)
#define FUNCTIONS 11u

enum { COMPRESSED = 0x2, ENCRYPTED = 0x8 };

struct module {
	uint64_t prefix; /* where it stands */
	uint32_t address, size;
	uint16_t version, platform, suffix;
	uint8_t flags, function, index;
};

static uint32_t crc_stored(struct span at, const struct module *m)
{
	return span_u32be(at, m->size - CRC_SIZE);
}

static bool read_at(struct span at, uint64_t prefix, struct module *m)
{
	struct reader r = reader_le(span_sub(at, prefix, PREFIX));
	*m = (struct module){ .prefix = prefix, .address = rd_u32(&r) };
	uint32_t end = rd_u32(&r);
	uint8_t reserved = rd_u8(&r);
	m->flags = rd_u8(&r);
	m->version = rd_u16(&r);
	m->platform = rd_u16(&r);
	m->function = rd_u8(&r);
	m->index = rd_u8(&r);
	m->size = end - m->address + CRC_SIZE;
	if (!rd_ok(&r) || reserved || end <= m->address || m->size > MODULE_MAX || m->size > at.n || m->function == 0 ||
		m->function > FUNCTIONS || m->size < prefix + PREFIX + SUFFIX_MIN + CRC_SIZE)
		return false;
	m->suffix = span_u16le(at, m->size - CRC_SIZE - 2);
	return m->suffix >= SUFFIX_MIN && m->suffix <= m->size - CRC_SIZE - prefix - PREFIX &&
		   hash_crc32(0, span_clip(at, 0, m->size - CRC_SIZE)) == crc_stored(at, m);
}

/* First, or behind the vectors of nRF51 (Bluz), STM32F1 (Core), STM32F2 and nRF52. */
static bool module_read(struct span at, struct module *m)
{
	static const uint16_t places[] = { 0, 0xc0, 0x10c, 0x184, 0x200 };
	for (size_t i = 0; i < sizeof places / sizeof places[0]; i++)
		if (read_at(at, places[i], m))
			return true;
	return false;
}

static bool particle_probe(struct span at, struct format_match *match)
{
	struct module m;
	if (!module_read(at, &m))
		return false;
	match->size = m.size;
	match->confidence = 95;
	return true;
}

static const char *platform_name(uint16_t platform)
{
	static const struct {
		uint16_t number;
		const char *name;
	} names[] = { { 0, "core" },   { 6, "photon" },     { 8, "p1" },       { 10, "electron" }, { 12, "argon" },
				  { 13, "boron" }, { 14, "xenon" },     { 15, "esomx" },   { 22, "asom" },     { 23, "bsom" },
				  { 24, "xsom" },  { 25, "b5som" },     { 26, "tracker" }, { 28, "trackerm" }, { 32, "p2" },
				  { 35, "msom" },  { 37, "electron2" }, { 103, "bluz" } };
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (names[i].number == platform)
			return names[i].name;
	return NULL;
}

static void show_fields(struct sink *sink, const struct module *m)
{
	static const char *const functions[FUNCTIONS + 1] = {
		NULL,        "resource", "bootloader",          "monolithic firmware", "system part",
		"user part", "settings", "firmware of a radio", "radio stack",         "asset"
	};
	const char *platform = platform_name(m->platform), *function = functions[m->function];
	emit_header_field(sink, m->prefix, "address", "0x%08x", m->address);
	emit_header_field(sink, m->prefix + 9, "flags", "0x%02x", m->flags);
	emit_header_field(sink, m->prefix + 10, "module_version", "%u", m->version);
	if (platform)
		emit_header_field(sink, m->prefix + 12, "platform", "%s", platform);
	else
		emit_header_field(sink, m->prefix + 12, "platform", "%u", m->platform);
	if (function)
		emit_header_field(sink, m->prefix + 14, "module_function", "%s", function);
	else
		emit_header_field(sink, m->prefix + 14, "module_function", "%u", m->function);
	emit_header_field(sink, m->prefix + 15, "module_index", "%u", m->index);
}

static struct error particle_walk(struct span bytes, struct walk *w)
{
	struct module m;
	if (!module_read(bytes, &m))
		return error_at(ERR_CORRUPT, 0, "no module of Device OS with its CRC");
	uint64_t digest = m.size - SUFFIX_TAIL, from = m.prefix ? 0 : PREFIX;
	show_fields(w->sink, &m);
	emit_header_field(w->sink, m.size - CRC_SIZE, "crc32", "ok");
	bool same = digest_matches(DIGEST_SHA256, span_clip(bytes, 0, digest), span_sub(bytes, digest, 32));
	emit_header_field(w->sink, digest, "sha256", "%s", same ? "ok" : "mismatch");
	if (!same)
		emit_damage_at(w->sink, ERR_CORRUPT, digest, "the SHA-256 in the module's suffix is another one's");
	if (m.flags & (COMPRESSED | ENCRYPTED))
		emit_damage_at(w->sink, ERR_UNSUPPORTED, m.prefix + 9, "the code is %s, and shown as it is",
					   m.flags & ENCRYPTED ? "encrypted" : "compressed");
	region_emit(w, "code", bytes, from, m.size - CRC_SIZE - m.suffix - from, NULL);
	return error_none();
}

const struct format particle_format = {
	.name = "particle",
	.kind = FORMAT_CONTAINER,
	.title = "Particle Device OS module",
	.spec = "Particle device-os, module_info.h",
	.probe = particle_probe,
	.walk = particle_walk,
	.at_start = true,
};
