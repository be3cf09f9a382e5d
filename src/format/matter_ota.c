/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Matter OTA software images: a header of TLV elements, then the image, whose digest the header has.
 *
 * Specification: Matter Core Specification 1.0, section 11.20.2 (OTA Software Image File Format) and appendix A
 * (TLV).
 */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/sha.h>

#include "format/region.h"
#include "format/wrapper.h"

#define FIXED 16u
#define HEADER_MAX 65536u
#define ELEMENTS_MAX 64u

enum { TLV_UINT = 0x04, TLV_TEXT = 0x0c, TLV_BYTES = 0x10, TLV_STRUCT = 0x15, TLV_END = 0x18 };
enum {
	VENDOR,
	PRODUCT,
	VERSION,
	VERSION_TEXT,
	PAYLOAD_SIZE,
	MINIMUM,
	MAXIMUM,
	RELEASE_NOTES,
	DIGEST_TYPE,
	DIGEST,
	TAGS
};

struct element {
	uint64_t number, at;
	struct span bytes;
	bool there;
};

struct matter {
	uint64_t total;
	uint32_t header;
	struct element v[TAGS];
};

/* One element of the header: whole numbers and strings, whose tag is one byte. */
static bool read_element(struct reader *r, struct matter *m, bool *end)
{
	uint64_t at = FIXED + r->at;
	uint8_t control = rd_u8(r), type = control & 0x1f, width = (uint8_t)(1u << (type & 3));
	uint8_t tag = control >> 5 == 1 ? rd_u8(r) : TAGS;
	struct element e = { .at = at, .there = true };
	*end = type == TLV_END;
	if (control >> 5 > 1)
		return false;
	if (*end || type == TLV_STRUCT)
		return rd_ok(r);
	if ((type & ~3) == TLV_UINT)
		e.number = rd_uint(r, width);
	else if ((type & ~3) == TLV_TEXT || (type & ~3) == TLV_BYTES)
		e.bytes = rd_bytes(r, rd_uint(r, width));
	else
		return false;
	if (tag < TAGS)
		m->v[tag] = e;
	return rd_ok(r);
}

static bool matter_read(struct span bytes, struct matter *m)
{
	struct reader r = reader_le(bytes);
	*m = (struct matter){ 0 };
	rd_skip(&r, 4);
	m->total = rd_u64(&r);
	m->header = rd_u32(&r);
	if (!rd_ok(&r) || !span_starts(bytes, "\x1e\xf1\xee\x1b", 4) || m->header > HEADER_MAX || !m->header)
		return false;
	struct reader tlv = reader_le(span_sub(bytes, FIXED, m->header));
	bool end = false;
	for (unsigned i = 0; i < ELEMENTS_MAX && !end; i++)
		if (!read_element(&tlv, m, &end))
			return false;
	return end && m->v[PAYLOAD_SIZE].there && m->v[VENDOR].there &&
		   m->total == FIXED + m->header + m->v[PAYLOAD_SIZE].number;
}

static bool matter_probe(struct span at, struct format_match *match)
{
	struct matter m;
	if (!matter_read(at, &m))
		return false;
	match->size = m.total;
	match->confidence = 95;
	return true;
}

static void emit_fields(struct walk *w, const struct matter *m)
{
	static const char *const names[TAGS] = { "vendor_id",
											 "product_id",
											 "software_version",
											 "software_version_string",
											 "payload_size",
											 "min_applicable_software_version",
											 "max_applicable_software_version",
											 "release_notes_url",
											 "image_digest_type" };
	for (unsigned i = 0; i < DIGEST; i++) {
		const struct element *e = &m->v[i];
		if (e->there && e->bytes.p)
			wrapper_field(w, e->at, names[i], e->bytes);
		else if (e->there)
			emit_header_field(w->sink, e->at, names[i], "%llu", (unsigned long long)e->number);
	}
}

/* Types are those of the IANA registry "Named Information Hash Algorithms": 1 is SHA-256, the next are cut, 7 and 8
 * longer. */
static void verify(struct walk *w, const struct matter *m, struct span payload)
{
	uint8_t digest[SHA512_DIGEST_LENGTH];
	struct span declared = m->v[DIGEST].bytes;
	uint64_t type = m->v[DIGEST_TYPE].number;
	bool known = declared.p && payload.p && (type == 1 || type == 7 || type == 8);
	size_t n = type == 1 ? SHA256_DIGEST_LENGTH : type == 7 ? SHA384_DIGEST_LENGTH : SHA512_DIGEST_LENGTH;
	if (known && type == 1)
		SHA256(payload.p, payload.n, digest);
	else if (known && type == 7)
		SHA384(payload.p, payload.n, digest);
	else if (known)
		SHA512(payload.p, payload.n, digest);
	wrapper_check(w, m->v[DIGEST].at, "image_digest", known,
				  known && declared.n == n && memcmp(declared.p, digest, n) == 0);
}

static struct error matter_walk(struct span bytes, struct walk *w)
{
	struct matter m;
	if (!matter_read(bytes, &m))
		return error_at(ERR_CORRUPT, 0, "no Matter OTA header");
	emit_fields(w, &m);
	uint64_t at = FIXED + m.header, size = m.v[PAYLOAD_SIZE].number;
	verify(w, &m, span_sub(bytes, at, size));
	region_emit(w, "image", bytes, at, size, NULL);
	return error_none();
}

static const struct format_magic matter_magics[] = { MAGIC("\x1e\xf1\xee\x1b", 0), MAGIC_END };

const struct format matter_ota_format = {
	.name = "matter_ota",
	.kind = FORMAT_CONTAINER,
	.title = "Matter OTA software image",
	.spec = "Matter Core Specification, section 11.20.2",
	.magics = matter_magics,
	.probe = matter_probe,
	.walk = matter_walk,
};
