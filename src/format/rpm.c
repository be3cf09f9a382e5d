/* SPDX-License-Identifier: GPL-3.0-or-later */
/* RPM packages: a lead, a header of signatures, a header that describes the package, a compressed cpio archive.
 *
 * Specification: RPM reference manual, "Package format" (version 3 and 4); Linux Standard Base, "Package File
 * Format".
 */
#include <stdio.h>

#include "base/hash.h"
#include "format/region.h"
#include "format/wrapper.h"

#define LEAD 96u
#define INTRO 16u
#define ENTRY 16u
#define ENTRIES_MAX 65536u
#define STORE_MAX (64u << 20)

enum { TYPE_INT32 = 4, TYPE_INT64 = 5, TYPE_STRING = 6, TYPE_BIN = 7, TYPE_STRINGS = 8, TYPE_I18N = 9 };

struct header {
	struct span entries, store;
	uint64_t at, end;
};

struct package {
	struct header signature, header;
	uint64_t payload, size; /* of the header and the payload, 0 when the signature does not tell */
};

static bool header_read(struct span bytes, uint64_t at, struct header *h)
{
	struct reader r = reader_be(span_sub(bytes, at, INTRO));
	rd_skip(&r, 8);
	uint32_t entries = rd_u32(&r), store = rd_u32(&r);
	h->at = at;
	h->entries = span_clip(bytes, at + INTRO, (uint64_t)entries * ENTRY);
	h->store = span_clip(bytes, at + INTRO + (uint64_t)entries * ENTRY, store);
	h->end = at + INTRO + (uint64_t)entries * ENTRY + store;
	return rd_ok(&r) && span_has(bytes, at, "\x8e\xad\xe8\1\0\0\0", 8) && entries && entries <= ENTRIES_MAX &&
		   store <= STORE_MAX;
}

/* What stands under a tag: up to the end of the store. `at` becomes its place in the package. */
static struct span tag_data(const struct header *h, uint32_t tag, uint32_t *type, uint64_t *at)
{
	for (uint64_t i = 0; i + ENTRY <= h->entries.n; i += ENTRY) {
		if (span_u32be(h->entries, i) != tag)
			continue;
		uint32_t offset = span_u32be(h->entries, i + 8);
		*type = span_u32be(h->entries, i + 4);
		*at = h->at + INTRO + h->entries.n + offset;
		return span_from(h->store, offset);
	}
	return SPAN_NONE;
}

static struct text tag_text(const struct header *h, uint32_t tag, uint64_t *at)
{
	uint32_t type;
	struct span data = tag_data(h, tag, &type, at);
	if (!data.p || (type != TYPE_STRING && type != TYPE_STRINGS && type != TYPE_I18N))
		return TEXT_NONE;
	return text_until_nul(data);
}

static uint64_t tag_number(const struct header *h, uint32_t tag)
{
	uint32_t type;
	uint64_t at;
	struct span data = tag_data(h, tag, &type, &at);
	struct reader r = reader_be(data);
	return type == TYPE_INT64 ? rd_u64(&r) : type == TYPE_INT32 ? rd_u32(&r) : 0;
}

static bool package_read(struct span bytes, struct package *p)
{
	uint16_t type = span_u16be(bytes, 6);
	if (!span_starts(bytes, "\xed\xab\xee\xdb", 4) || bytes.n < LEAD || bytes.p[4] < 3 || bytes.p[4] > 4 || type > 1 ||
		span_u16be(bytes, 78) != 5 || !header_read(bytes, LEAD, &p->signature) ||
		!header_read(bytes, (p->signature.end + 7) / 8 * 8, &p->header))
		return false;
	p->payload = p->header.end;
	p->size = tag_number(&p->signature, 1000);
	if (!p->size)
		p->size = tag_number(&p->signature, 270);
	return p->size == 0 || (p->size >> 48 == 0 && p->header.at + p->size > p->payload);
}

static bool rpm_probe(struct span at, struct format_match *match)
{
	struct package p;
	if (!package_read(at, &p))
		return false;
	match->size = p.size ? p.header.at + p.size : at.n;
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
		struct text t = tag_text(&p->header, texts[i].tag, &at);
		if (t.n)
			emit_header_field(w->sink, at, texts[i].name, "%.*s", (int)(t.n < 512 ? t.n : 512), t.p);
	}
	emit_header_field(w->sink, p->header.at, "buildtime", "%llu", (unsigned long long)tag_number(&p->header, 1006));
}

/* Digests of the header alone and of both, of which old and new packages have the one or the other. */
static void verify(struct walk *w, const struct package *p, struct span bytes)
{
	uint32_t type;
	uint64_t at;
	char hex[65];
	struct span header = span_sub(bytes, p->header.at, p->header.end - p->header.at);
	struct span both = p->size ? span_sub(bytes, p->header.at, p->size) : SPAN_NONE;
	struct text sha256 = tag_text(&p->signature, 273, &at);
	if (sha256.n) {
		hash_sha256_hex(header, hex);
		wrapper_check(w, at, "header sha256", header.p, text_is(sha256, hex));
	}
	struct span md5 = tag_data(&p->signature, 1004, &type, &at);
	if (md5.n >= DIGEST_MD5_SIZE && type == TYPE_BIN) {
		uint8_t digest[DIGEST_MD5_SIZE];
		digest_of(DIGEST_MD5, both, digest);
		wrapper_check_digest(w, at, "md5", both.p, span_sub(md5, 0, DIGEST_MD5_SIZE), digest);
	}
	struct text payload = tag_text(&p->header, 5092, &at);
	struct span packed = p->size ? span_sub(bytes, p->payload, p->header.at + p->size - p->payload) : SPAN_NONE;
	if (payload.n) {
		hash_sha256_hex(packed, hex);
		wrapper_check(w, at, "payload sha256", packed.p, text_is(payload, hex));
	}
}

static struct error rpm_walk(struct span bytes, struct walk *w)
{
	struct package p;
	if (!package_read(bytes, &p))
		return error_at(ERR_CORRUPT, 0, "no RPM package");
	emit_fields(w, &p);
	verify(w, &p, bytes);
	uint64_t at = 0, size = p.size ? p.header.at + p.size - p.payload : bytes.n > p.payload ? bytes.n - p.payload : 0;
	struct text compressor = tag_text(&p.header, 1125, &at);
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
