/* SPDX-License-Identifier: GPL-3.0-or-later */
/* RPM packages: a lead, a header of signatures, a header that describes the package, a compressed cpio archive.
 *
 * Specification: RPM reference manual, "Package format" (version 3 and 4); Linux Standard Base, "Package File
 * Format".
 */
#include <inttypes.h>
#include <stdio.h>

#include "base/hash.h"
#include "format/region.h"
#include "format/rpm.h"
#include "format/wrapper.h"

#define LEAD 96u
#define MAGIC_SIZE 8u
#define RPM_SHA256 8u /* as OpenPGP counts the algorithms of digests */

struct package {
	struct rpm_header signature, header;
	uint64_t at;            /* of the header, its magic included */
	uint64_t payload, size; /* of the header and the payload, 0 when the signature does not tell */
};

/* A header and its magic. */
static bool header_read(struct span bytes, uint64_t at, struct rpm_header *h)
{
	return span_has(bytes, at, "\x8e\xad\xe8\1\0\0\0", MAGIC_SIZE) && rpm_header_read(bytes, at + MAGIC_SIZE, h);
}

static bool package_read(struct span bytes, struct package *p)
{
	uint16_t type = span_u16be(bytes, 6);
	if (!span_starts(bytes, "\xed\xab\xee\xdb", 4) || bytes.n < LEAD || bytes.p[4] < 3 || bytes.p[4] > 4 || type > 1 ||
		span_u16be(bytes, 78) != 5 || !header_read(bytes, LEAD, &p->signature))
		return false;
	p->at = (p->signature.end + 7) / 8 * 8;
	if (!header_read(bytes, p->at, &p->header))
		return false;
	p->payload = p->header.end;
	p->size = 0;
	if (!rpm_tag_number(&p->signature, 1000, &p->size))
		(void)rpm_tag_number(&p->signature, 270, &p->size);
	uint64_t payload = 0; /* version 6: of the payload alone, in the header */
	if (!p->size && rpm_tag_number(&p->header, 5112, &payload) && payload)
		p->size = payload >> 48 ? payload : p->payload - p->at + payload;
	return p->size == 0 || (p->size >> 48 == 0 && p->at + p->size > p->payload);
}

static bool rpm_probe(struct span at, struct format_match *match)
{
	struct package p;
	if (!package_read(at, &p))
		return false;
	match->size = p.size ? p.at + p.size : at.n;
	match->confidence = 95;
	return true;
}

static void emit_fields(struct walk *w, const struct package *p)
{
	static const struct {
		uint32_t tag;
		const char *name;
	} texts[] = { { 1000, "name" },
				  { 1001, "version" },
				  { 1002, "release" },
				  { 1022, "arch" },
				  { 1021, "os" },
				  { 1011, "vendor" },
				  { 1014, "license" },
				  { 1020, "url" },
				  { 1044, "sourcerpm" },
				  { 1124, "payloadformat" },
				  { 1007, "buildhost" },
				  { 1015, "packager" },
				  { 1125, "payloadcompressor" } };
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		uint64_t at = 0;
		struct text t = rpm_tag_text(&p->header, texts[i].tag, &at);
		if (t.n)
			emit_header_field(w->sink, at, texts[i].name, "%.*s", (int)(t.n < 512 ? t.n : 512), t.p);
	}
	uint64_t built = 0;
	(void)rpm_tag_number(&p->header, 1006, &built);
	emit_header_field(w->sink, p->at, "buildtime", "%" PRIu64, built);
}

/* Digests of the header alone and of both, of which old and new packages have the one or the other. */
static void verify(struct walk *w, const struct package *p, struct span bytes)
{
	uint32_t type;
	uint64_t at;
	char hex[65];
	struct span header = span_sub(bytes, p->at, p->header.end - p->at);
	struct span both = p->size ? span_sub(bytes, p->at, p->size) : SPAN_NONE;
	struct text sha256 = rpm_tag_text(&p->signature, 273, &at);
	if (sha256.n) {
		hash_sha256_hex(header, hex);
		wrapper_check(w, at, "header sha256", header.p, text_is(sha256, hex));
	}
	struct span md5 = rpm_tag(&p->signature, 1004, &type, &at);
	if (md5.n >= DIGEST_MD5_SIZE && type == RPM_TYPE_BIN) {
		uint8_t digest[DIGEST_MD5_SIZE];
		digest_of(DIGEST_MD5, both, digest);
		wrapper_check_digest(w, at, "md5", both.p, span_sub(md5, 0, DIGEST_MD5_SIZE), digest);
	}
	uint64_t algorithm = RPM_SHA256;
	(void)rpm_tag_number(&p->header, 5093, &algorithm);
	struct text payload = algorithm == RPM_SHA256 ? rpm_tag_text(&p->header, 5092, &at) : TEXT_NONE;
	struct span packed = p->size ? span_sub(bytes, p->payload, p->at + p->size - p->payload) : span_from(bytes, p->payload);
	if (payload.n) {
		hash_sha256_hex(packed, hex);
		bool ok = text_is(payload, hex);
		wrapper_check(w, at, "payload sha256", packed.p && (ok || p->size), ok); /* of unknown size something else may be behind it */
	}
}

static struct error rpm_walk(struct span bytes, struct walk *w)
{
	struct package p;
	if (!package_read(bytes, &p))
		return error_at(ERR_CORRUPT, 0, "no RPM package");
	emit_fields(w, &p);
	verify(w, &p, bytes);
	rpm_signatures(w, &p.signature, span_sub(bytes, p.at, p.header.end - p.at),
				   p.size ? span_sub(bytes, p.at, p.size) : SPAN_NONE);
	uint64_t at = 0, size = p.size ? p.at + p.size - p.payload : bytes.n > p.payload ? bytes.n - p.payload : 0;
	if (!size)
		emit_damage_at(w->sink, ERR_TRUNCATED, p.payload, "the payload is not there");
	struct text compressor = rpm_tag_text(&p.header, 1125, &at);
	char name[64];
	snprintf(name, sizeof name, "payload.cpio%s%.*s", compressor.n ? "." : "",
			 (int)(compressor.n < 16 ? compressor.n : 16), compressor.n ? compressor.p : "");
	region_emit(w, name, bytes, p.payload, size, text_is(compressor, "lzma") ? "lzma" : NULL);
	return error_none();
}

static const struct format_magic rpm_magics[] = { MAGIC("\xed\xab\xee\xdb\3", 0), MAGIC("\xed\xab\xee\xdb\4", 0),
												  MAGIC_END };

const struct format rpm_format = {
	.name = "rpm",
	.kind = FORMAT_CONTAINER,
	.title = "RPM package",
	.spec = "RPM reference manual, \"Package format\"",
	.magics = rpm_magics,
	.probe = rpm_probe,
	.walk = rpm_walk,
	.own_bytes = true,
};
