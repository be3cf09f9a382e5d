/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Specification: Android "Sign builds for release" and bootable/recovery verifier (updates); "APK Signature Scheme v2" and
 * "v3" (packages). */
#include "format/zip_signature.h"

#include <stdio.h>

#include "base/hash.h"
#include "format/digest.h"
#include "format/signature.h"

#define END_SIZE 22u
#define FOOTER 6u
#define SIGNERS_MAX 8u
#define PARTS_MAX 16u
#define CHUNK ((uint64_t)1 << 20)
#define CHUNKS_MAX 8192u /* 8 GiB */

/* ---- updates: a CMS message in the comment, and behind it where it begins ---- */

static void report_update(struct walk *w, struct span bytes, uint64_t end)
{
	if (end > bytes.n || bytes.n - end < END_SIZE + FOOTER)
		return;
	struct span footer = span_from(bytes, bytes.n - FOOTER);
	uint16_t start = span_u16le(footer, 0), comment = span_u16le(footer, 4);
	if (span_u16le(footer, 2) != 0xffff || comment != bytes.n - end - END_SIZE || start > comment || start <= FOOTER ||
		span_u16le(bytes, end + 20) != comment)
		return;
	struct signature_cms cms;
	uint64_t at = bytes.n - start;
	signature_cms_verify(span_sub(bytes, at, start - FOOTER), span_clip(bytes, 0, end + 20), &cms);
	cms.scheme = "android-ota";
	signature_report_cms(w->sink, at, "update without its comment", &cms);
}

/* ---- packages ---- */

static const struct {
	uint32_t id;
	const char *name;
	enum digest digest;
	bool pss;
} algorithms[] = {
	{ 0x0101, "sha256,rsa-pss", DIGEST_SHA256, true },    { 0x0102, "sha512,rsa-pss", DIGEST_SHA512, true },
	{ 0x0103, "sha256,rsa-pkcs1", DIGEST_SHA256, false }, { 0x0104, "sha512,rsa-pkcs1", DIGEST_SHA512, false },
	{ 0x0201, "sha256,ecdsa", DIGEST_SHA256, false },     { 0x0202, "sha512,ecdsa", DIGEST_SHA512, false },
	{ 0x0301, "sha256,dsa", DIGEST_SHA256, false },
};
#define ALGORITHMS (sizeof algorithms / sizeof algorithms[0])

/* Bytes behind their length of four. */
static struct span take(struct reader *r)
{
	uint32_t n = rd_u32(r);
	return rd_bytes(r, n);
}

/* What the digests are of: the entries, the central directory, and the end record as if the block were not there. */
struct package {
	struct span parts[3];
	uint8_t end[END_SIZE + UINT16_MAX];
	struct {
		bool tried, known;
		uint8_t bytes[DIGEST_MAX];
	} digests[2]; /* SHA-256, SHA-512 */
};

static bool digest_package(struct walk *w, const struct package *p, enum digest digest, uint8_t out[DIGEST_MAX])
{
	uint64_t chunks = 0, size = digest_size(digest);
	for (int i = 0; i < 3; i++)
		chunks += (p->parts[i].n + CHUNK - 1) / CHUNK;
	uint8_t *all = chunks <= CHUNKS_MAX ? arena_alloc(w->arena, 5 + chunks * size, 1) : NULL;
	if (!all)
		return false;
	uint8_t *at = all + 5;
	for (int i = 0; i < 3; i++)
		for (uint64_t from = 0; from < p->parts[i].n; from += CHUNK, at += size) {
			struct span chunk = span_clip(p->parts[i], from, CHUNK);
			uint8_t head[5] = { 0xa5, (uint8_t)chunk.n, (uint8_t)(chunk.n >> 8), (uint8_t)(chunk.n >> 16),
								(uint8_t)(chunk.n >> 24) };
			struct span parts[2] = { span_of(head, 5), chunk };
			digest_of_parts(digest, parts, 2, at);
		}
	all[0] = 0x5a;
	for (int i = 0; i < 4; i++)
		all[1 + i] = (uint8_t)(chunks >> (8 * i));
	digest_of(digest, span_of(all, 5 + chunks * size), out);
	return true;
}

/* The same, made once. SPAN_NONE: the package is too large. */
static struct span package_digest(struct walk *w, struct package *p, enum digest digest)
{
	int i = digest == DIGEST_SHA512;
	if (!p->digests[i].tried)
		p->digests[i].known = digest_package(w, p, digest, p->digests[i].bytes);
	p->digests[i].tried = true;
	return p->digests[i].known ? span_of(p->digests[i].bytes, digest_size(digest)) : SPAN_NONE;
}

struct signer {
	struct span data, signatures, key; /* data: what is signed */
};

/* The digest of the package that the signed data has for an algorithm. */
static struct span signed_digest(struct span data, uint32_t algorithm)
{
	struct reader r = reader_le(data);
	struct reader list = reader_le(take(&r));
	for (unsigned i = 0; i < PARTS_MAX && rd_left(&list); i++) {
		struct reader one = reader_le(take(&list));
		uint32_t id = rd_u32(&one);
		struct span digest = take(&one);
		if (rd_ok(&one) && id == algorithm)
			return digest;
	}
	return SPAN_NONE;
}

/* The first of the algorithms that are known; ALGORITHMS: none. */
static size_t choose_signature(const struct signer *s, struct span *value)
{
	struct reader list = reader_le(s->signatures);
	for (unsigned i = 0; i < PARTS_MAX && rd_left(&list); i++) {
		struct reader one = reader_le(take(&list));
		uint32_t id = rd_u32(&one);
		*value = take(&one);
		for (size_t k = 0; rd_ok(&one) && k < ALGORITHMS; k++)
			if (algorithms[k].id == id)
				return k;
	}
	return ALGORITHMS;
}

static void report_signer(struct walk *w, struct package *p, const struct signer *s, const char *scheme, uint64_t at)
{
	struct span value = SPAN_NONE;
	size_t k = choose_signature(s, &value);
	char fingerprint[65];
	struct signature row = { .offset = at,
							 .scheme = scheme,
							 .covers = TEXT_LIT("package"),
							 .state = SIGNATURE_UNSUPPORTED,
							 .detail = "it has no signature of an algorithm that is known" };
	hash_sha256_hex(s->key, fingerprint);
	row.fingerprint = fingerprint;
	if (k < ALGORITHMS) {
		struct span said = signed_digest(s->data, algorithms[k].id);
		bool good =
			signature_verify_whole(s->key, algorithms[k].digest, algorithms[k].pss, s->data, value) == SIGNATURE_GOOD;
		struct span digest = package_digest(w, p, algorithms[k].digest);
		bool read = digest.p, same = read && said.n == digest.n && memcmp(said.p, digest.p, said.n) == 0;
		row.algorithm = text_c(algorithms[k].name);
		row.state = !read ? SIGNATURE_UNSUPPORTED : good && same ? SIGNATURE_VALID : SIGNATURE_INVALID;
		row.detail = !read   ? "the package is too large to be digested"
					 : !good ? "not by the key that it carries"
					 : !same ? "the package does not have the digest that is signed"
							 : "by the key that it carries";
	}
	signature_report(w->sink, &row);
}

/* Version 3 has the versions of Android that it is for between the data and the signatures. */
static void report_scheme(struct walk *w, struct package *p, struct span value, bool third, uint64_t at)
{
	struct reader r = reader_le(value);
	struct reader signers = reader_le(take(&r));
	for (unsigned i = 0; i < SIGNERS_MAX && rd_left(&signers); i++) {
		struct reader one = reader_le(take(&signers));
		struct signer s = { .data = take(&one) };
		if (third)
			rd_skip(&one, 8);
		s.signatures = take(&one);
		s.key = take(&one);
		if (!rd_ok(&one) || !s.key.n) {
			emit_damage_at(w->sink, ERR_CORRUPT, at, "a signer in the signing block breaks off");
			return;
		}
		report_signer(w, p, &s, third ? "apk-v3" : "apk-v2", at);
	}
}

/* Size, pairs, the size again, "APK Sig Block 42": it ends where the central directory begins. */
static struct span signing_block(struct span bytes, uint64_t central, uint64_t *at)
{
	if (central < 32 || central > bytes.n || !span_has(bytes, central - 16, "APK Sig Block 42", 16))
		return SPAN_NONE;
	struct reader r = reader_le(span_sub(bytes, central - 24, 8));
	uint64_t size = rd_u64(&r);
	if (size < 24 || size > central - 8)
		return SPAN_NONE;
	*at = central - size - 8;
	r = reader_le(span_sub(bytes, *at, 8));
	return rd_u64(&r) == size ? span_sub(bytes, *at + 8, size - 24) : SPAN_NONE;
}

static void report_package(struct walk *w, struct span bytes, uint64_t central, uint64_t end)
{
	uint64_t at = 0;
	struct span pairs = signing_block(bytes, central, &at), record = span_from(bytes, end);
	struct package *p =
		pairs.p && record.n >= END_SIZE && record.n <= sizeof p->end ? ARENA_NEW(w->arena, struct package) : NULL;
	if (!p || end < central)
		return;
	memcpy(p->end, record.p, record.n);
	for (int i = 0; i < 4; i++)
		p->end[16 + i] = (uint8_t)(at >> (8 * i));
	p->parts[0] = span_clip(bytes, 0, at);
	p->parts[1] = span_sub(bytes, central, end - central);
	p->parts[2] = span_of(p->end, record.n);
	struct reader r = reader_le(pairs);
	for (unsigned i = 0; i < PARTS_MAX && rd_left(&r) >= 12; i++) {
		uint64_t n = rd_u64(&r);
		struct span pair = rd_bytes(&r, n);
		uint32_t id = span_u32le(pair, 0);
		uint64_t place = pair.p ? (uint64_t)(pair.p - bytes.p) : at;
		if (pair.n >= 4 && (id == 0x7109871a || id == 0xf05368c0 || id == 0x1b93ad61))
			report_scheme(w, p, span_from(pair, 4), id != 0x7109871a, place);
	}
}

void zip_report_signatures(struct walk *w, struct span bytes, uint64_t central, uint64_t end)
{
	report_update(w, bytes, end);
	report_package(w, bytes, central, end);
}
