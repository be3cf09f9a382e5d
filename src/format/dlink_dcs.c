/* SPDX-License-Identifier: GPL-3.0-or-later */
/* D-Link's DCS cameras: a header obscured with 16 bits, sections obscured with tables of pseudo-random numbers. It is
 * named.
 *
 * Specification: FACT_extractor plugins/unpacking/dlink, dlink_dcs.py.
 */
#include "format/format.h"

#define MAGIC_PLAIN 0xaa7ec55bu
#define HEADER 16u
#define SECTIONS_MAX 64u

struct dcs {
	uint16_t key, checksum, payload_key, sections, stored_key;
	uint32_t size;
};

/* The key lies bare where the plain field is 0. */
static bool dcs_read(struct span bytes, struct dcs *d)
{
	struct reader r = reader_le(bytes);
	uint32_t key = rd_u32(&r) ^ MAGIC_PLAIN;
	d->key = key & 0xffff;
	d->size = rd_u32(&r) ^ key;
	d->checksum = rd_u16(&r) ^ d->key;
	d->payload_key = rd_u16(&r) ^ d->key;
	d->sections = rd_u16(&r) ^ d->key;
	d->stored_key = rd_u16(&r) ^ d->key;
	return rd_ok(&r) && key >> 16 == d->key && d->stored_key == d->key && d->sections && d->sections <= SECTIONS_MAX &&
		   d->size > HEADER && d->size <= bytes.n && bytes.n - d->size <= HEADER;
}

static bool dcs_probe(struct span at, struct format_match *match)
{
	struct dcs d;
	if (!dcs_read(at, &d))
		return false;
	match->size = at.n;
	match->confidence = 80;
	return true;
}

static struct error dcs_walk(struct span bytes, struct walk *w)
{
	struct dcs d;
	if (!dcs_read(bytes, &d))
		return error_at(ERR_CORRUPT, 0, "no header of a DCS image");
	emit_header_field(w->sink, 4, "size", "%u", d.size);
	emit_header_field(w->sink, 8, "checksum", "0x%04x", d.checksum);
	emit_header_field(w->sink, 10, "payload key", "0x%04x", d.payload_key);
	emit_header_field(w->sink, 12, "sections", "%u", d.sections);
	return error_at(ERR_ENCRYPTED, HEADER, "%u sections, obscured with tables of the vendor", d.sections);
}

const struct format dlink_dcs_format = {
	.name = "dlink_dcs",
	.kind = FORMAT_CONTAINER,
	.title = "D-Link DCS camera image (named)",
	.spec = "FACT_extractor plugins/unpacking/dlink, dlink_dcs.py",
	.at_start = true,
	.probe = dcs_probe,
	.walk = dcs_walk,
};
