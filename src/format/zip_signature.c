/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Specification: Android "Sign builds for release" and bootable/recovery verifier (updates); "APK Signature Scheme v2", "v3" and
 * "v3.1" (packages), and where these leave it to the platform what Android's ApkSignatureSchemeV2Verifier and V3 do. */
#include "format/zip_signature.h"

#include <stdio.h>

#include "base/hash.h"
#include "format/digest.h"
#include "format/signature.h"
#include "format/zip.h"

#define END_SIZE 22u
#define FOOTER 6u
#define SIGNERS_MAX 10u
#define PARTS_MAX 64u
#define LINKS_MAX 16u /* of a lineage */
#define CHUNK ((uint64_t)1 << 20)
#define CHUNKS_MAX 8192u /* 8 GiB */

/* ---- updates: a CMS message in the comment, and behind it where it begins ---- */

/* What an updater of Android asks for, or its signer leaves there; of other archives nobody expects a signature as a whole. */
static bool is_update(struct span bytes, uint64_t central, uint64_t end)
{
	static const char *const names[] = { "META-INF/com/android/otacert", "META-INF/com/android/metadata",
										 "META-INF/com/android/metadata.pb",
										 "META-INF/com/google/android/update-binary",
										 "META-INF/com/google/android/updater-script" };
	struct zip_entry z;
	for (uint64_t at = central; at < end && zip_central_read(bytes, at, &z); at = z.next)
		for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
			if (text_is(z.name, names[i]))
				return true;
	return false;
}

static bool find_update_signature(struct span bytes, uint64_t end, struct span *message)
{
	if (end > bytes.n || bytes.n - end < END_SIZE + FOOTER)
		return false;
	struct span footer = span_from(bytes, bytes.n - FOOTER);
	uint16_t start = span_u16le(footer, 0), comment = span_u16le(footer, 4);
	if (span_u16le(footer, 2) != 0xffff || comment != bytes.n - end - END_SIZE || start > comment || start <= FOOTER ||
		span_u16le(bytes, end + 20) != comment)
		return false;
	*message = span_sub(bytes, bytes.n - start, start - FOOTER);
	return true;
}

/* Recovery reads the signature where it stands without attributes, and compares it with digests of SHA-1 and SHA-256 of the file itself.
 * The updater of the running system takes more; so that others are neither what every device takes nor what none does. */
static void judge_update(struct signature_cms *cms)
{
	bool known =
		text_starts(text_c(cms->algorithm), "SHA1 with ") || text_starts(text_c(cms->algorithm), "SHA256 with ");
	if (strcmp(cms->state, SIGNATURE_INVALID) == 0 || (!cms->attributes && (known || !*cms->algorithm)))
		return;
	cms->state = SIGNATURE_UNSUPPORTED;
	cms->detail = cms->attributes
					  ? "it signs attributes in the place of the file, which Android's recovery does not take"
					  : "its digest is one that Android's recovery does not take";
	cms->signer.method = cms->issuer.method = NULL;
}

static void report_update(struct walk *w, struct span bytes, uint64_t central, uint64_t end)
{
	struct signature_cms cms;
	struct span message;
	if (find_update_signature(bytes, end, &message)) {
		signature_cms_verify(message, span_clip(bytes, 0, end + 20), &cms);
		cms.scheme = "android-ota";
		judge_update(&cms);
		signature_report_cms(w->sink, (uint64_t)(message.p - bytes.p), "update without its comment", &cms);
	} else if (is_update(bytes, central, end)) {
		signature_report_plain(w->sink, end, "android-ota", "update without its comment", NULL, SIGNATURE_ABSENT,
							   "its comment holds no signature");
	}
}

/* ---- packages ---- */

enum { ID_V2 = 0x7109871a, ID_V31 = 0x1b93ad61 };
#define ID_V3 0xf05368c0u

/* Attributes that are signed: a later version signed it as well, so that its signature can not be taken out. */
#define ATTRIBUTE_STRIPPED 0xbeeff00du /* of version 2, with the number of the later one */
#define ATTRIBUTE_ROTATED 0x559f8b02u  /* of version 3: of 3.1, for some versions of Android */
#define ATTRIBUTE_LINEAGE 0x3ba06f8cu  /* of version 3: which keys the signer had before */

/* Of several the platform takes the strongest that it knows: by the digest of the content, and the first of equal ones. */
enum strength { OF_SHA256 = 1, OF_VERITY, OF_SHA512 };

static const struct algorithm {
	uint32_t id;
	const char *name;
	enum digest digest;
	bool pss;
	enum strength strength;
} algorithms[] = {
	{ 0x0101, "sha256,rsa-pss", DIGEST_SHA256, true, OF_SHA256 },
	{ 0x0102, "sha512,rsa-pss", DIGEST_SHA512, true, OF_SHA512 },
	{ 0x0103, "sha256,rsa-pkcs1", DIGEST_SHA256, false, OF_SHA256 },
	{ 0x0104, "sha512,rsa-pkcs1", DIGEST_SHA512, false, OF_SHA512 },
	{ 0x0201, "sha256,ecdsa", DIGEST_SHA256, false, OF_SHA256 },
	{ 0x0202, "sha512,ecdsa", DIGEST_SHA512, false, OF_SHA512 },
	{ 0x0301, "sha256,dsa", DIGEST_SHA256, false, OF_SHA256 },
	{ 0x0421, "fs-verity,rsa-pkcs1", DIGEST_SHA256, false, OF_VERITY },
	{ 0x0423, "fs-verity,ecdsa", DIGEST_SHA256, false, OF_VERITY },
	{ 0x0425, "fs-verity,dsa", DIGEST_SHA256, false, OF_VERITY },
};

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
	struct span digests, certificates, attributes;
	bool third, fits; /* what is signed has the versions of Android that stand beside it, too */
};

/* The element of a list, which begins with its number; false: the list is at its end, or breaks off. */
static bool take_numbered(struct reader *list, uint32_t *id, struct span *rest)
{
	struct span element = rd_left(list) ? take(list) : SPAN_NONE;
	*id = span_u32le(element, 0);
	*rest = span_from(element, element.n < 4 ? element.n : 4);
	return element.n >= 4;
}

static struct span sized(struct span s)
{
	struct reader r = reader_le(s);
	return take(&r);
}

/* The strongest one that is known; NULL: none is. */
static const struct algorithm *choose_algorithm(const struct signer *s, struct span *value)
{
	const struct algorithm *best = NULL;
	struct reader list = reader_le(s->signatures);
	struct span rest;
	uint32_t id;
	for (unsigned i = 0; i < PARTS_MAX && take_numbered(&list, &id, &rest); i++)
		for (size_t k = 0; k < sizeof algorithms / sizeof algorithms[0]; k++)
			if (algorithms[k].id == id && (!best || algorithms[k].strength > best->strength)) {
				best = &algorithms[k];
				*value = sized(rest);
			}
	return best;
}

/* The digest of the package that is signed for an algorithm; false: the digests are not of the algorithms that have signatures. */
static bool signed_digest(const struct signer *s, uint32_t algorithm, struct span *digest)
{
	struct reader signatures = reader_le(s->signatures), digests = reader_le(s->digests);
	struct span signature, said;
	uint32_t by = 0, of = 0;
	for (unsigned i = 0; i < PARTS_MAX; i++) {
		bool more = take_numbered(&signatures, &by, &signature), as_many = take_numbered(&digests, &of, &said);
		if (more != as_many || (more && by != of))
			return false;
		if (!more)
			return rd_left(&signatures) == 0 && rd_left(&digests) == 0;
		if (of == algorithm)
			*digest = sized(said);
	}
	return false;
}

/* Whether a later version signed the package as well, of which there is no block any more. `schemes`: those that have one. */
static bool is_stripped(const struct signer *s, unsigned schemes)
{
	struct reader list = reader_le(s->attributes);
	struct span value;
	uint32_t id;
	for (unsigned i = 0; i < PARTS_MAX && take_numbered(&list, &id, &value); i++) {
		if (!s->third && id == ATTRIBUTE_STRIPPED && span_u32le(value, 0) == 3 && !(schemes & ZIP_SCHEME_3))
			return true;
		if (s->third && id == ATTRIBUTE_ROTATED && !(schemes & ZIP_SCHEME_31))
			return true;
	}
	return false;
}

static const struct algorithm *algorithm_of(uint32_t id)
{
	for (size_t k = 0; k < sizeof algorithms / sizeof algorithms[0]; k++)
		if (algorithms[k].id == id)
			return &algorithms[k];
	return NULL;
}

/* A link of a lineage: a certificate, and the algorithm by which the one before it signed it. Behind these its rights, the algorithm by
 * which it signs the next, and the signature by the one before it. */
struct link {
	struct span data, certificate, signature;
	uint32_t by, next; /* algorithms */
};

static bool take_link(struct reader *list, struct link *l)
{
	struct reader one = reader_le(take(list));
	l->data = take(&one);
	rd_skip(&one, 4);
	l->next = rd_u32(&one);
	l->signature = take(&one);
	struct reader data = reader_le(l->data);
	l->certificate = take(&data);
	l->by = rd_u32(&data);
	return rd_ok(list) && rd_ok(&one) && rd_ok(&data);
}

static bool is_signed_by(const struct link *l, const struct link *former)
{
	uint8_t key[SIGNATURE_KEY_MAX];
	size_t n = signature_certificate_key(former->certificate, key, sizeof key);
	const struct algorithm *a = algorithm_of(former->next);
	return n && a && l->by == former->next &&
		   signature_verify_whole(span_of(key, n), a->digest, a->pss, l->data, l->signature) == SIGNATURE_GOOD;
}

static bool same(struct span a, struct span b)
{
	return a.n == b.n && a.n && memcmp(a.p, b.p, a.n) == 0;
}

/* Each certificate must be signed by the one before it, none may come twice, and the last must be the signer's. */
static bool is_lineage(struct span value, struct span certificate)
{
	struct reader list = reader_le(value);
	struct link links[LINKS_MAX];
	unsigned n = 0;
	rd_skip(&list, 4); /* the version, which nobody asks */
	for (; n < LINKS_MAX && rd_left(&list); n++) {
		if (!take_link(&list, &links[n]) || (n && !is_signed_by(&links[n], &links[n - 1])))
			return false;
		for (unsigned i = 0; i < n; i++)
			if (same(links[i].certificate, links[n].certificate))
				return false;
	}
	return n && rd_ok(&list) && !rd_left(&list) && same(links[n - 1].certificate, certificate);
}

/* Whether the lineage that the signer tells of is one; without one there is nothing to object to. */
static bool has_good_lineage(const struct signer *s)
{
	struct reader list = reader_le(s->attributes);
	struct span value;
	uint32_t id;
	for (unsigned i = 0; s->third && i < PARTS_MAX && take_numbered(&list, &id, &value); i++)
		if (id == ATTRIBUTE_LINEAGE && !is_lineage(value, sized(s->certificates)))
			return false;
	return true;
}

/* Why the platform takes no signature of this signer, whatever its bytes are; NULL: it does. */
static const char *objection(const struct signer *s, const struct algorithm *a, struct span *said, unsigned schemes)
{
	if (!signed_digest(s, a->id, said))
		return "what is signed has digests of other algorithms than it has signatures of";
	if (!signature_certificate_has(sized(s->certificates), s->key))
		return "the key is not the one of its first certificate";
	if (!s->fits)
		return "the versions of Android that it is for are not those that are signed";
	if (!has_good_lineage(s))
		return "its lineage is none: a key does not sign the next, or the last one is not the signer's";
	return is_stripped(s, schemes) ? "a later version signed the package, too, and its signature was taken out" : NULL;
}

static void judge(struct walk *w, struct package *p, const struct signer *s, unsigned schemes, struct signature *row)
{
	struct span value = SPAN_NONE, said = SPAN_NONE;
	const struct algorithm *a = choose_algorithm(s, &value);
	if (!a)
		return;
	const char *wrong = objection(s, a, &said, schemes);
	bool good = signature_verify_whole(s->key, a->digest, a->pss, s->data, value) == SIGNATURE_GOOD;
	struct span digest = a->strength == OF_VERITY ? SPAN_NONE : package_digest(w, p, a->digest);
	bool read = digest.p, holds = read && same(said, digest);
	row->algorithm = text_c(a->name);
	row->state = wrong || !good ? SIGNATURE_INVALID
				 : !read        ? SIGNATURE_UNSUPPORTED
				 : holds        ? SIGNATURE_VALID
								: SIGNATURE_INVALID;
	row->detail = !good                      ? "not by the key that it carries"
				  : wrong                    ? wrong
				  : a->strength == OF_VERITY ? "the digest is that of fs-verity, which is not computed"
				  : !read                    ? "the package is too large to be digested"
				  : !holds                   ? "the package does not have the digest that is signed"
											 : "by the key that it carries";
}

static void report_signer(struct walk *w, struct package *p, const struct signer *s, unsigned schemes, uint64_t at)
{
	char fingerprint[65];
	struct signature row = { .offset = at,
							 .scheme = s->third ? "apk-v3" : "apk-v2",
							 .covers = TEXT_LIT("package"),
							 .state = SIGNATURE_UNSUPPORTED,
							 .fingerprint = fingerprint,
							 .detail = "it has no signature of an algorithm that is known" };
	hash_sha256_hex(s->key, fingerprint);
	judge(w, p, s, schemes, &row);
	signature_report(w->sink, &row);
}

/* Version 3 has the versions of Android that it is for between the data and the signatures, and in the data, too. */
static bool read_signer(struct span bytes, bool third, struct signer *s)
{
	struct reader one = reader_le(bytes);
	*s = (struct signer){ .third = third, .data = take(&one) };
	struct span versions = third ? rd_bytes(&one, 8) : SPAN_NONE;
	s->signatures = take(&one);
	s->key = take(&one);
	struct reader data = reader_le(s->data);
	s->digests = take(&data);
	s->certificates = take(&data);
	struct span within = third ? rd_bytes(&data, 8) : SPAN_NONE;
	s->attributes = take(&data);
	s->fits = !third || (within.n == 8 && versions.n == 8 && memcmp(within.p, versions.p, 8) == 0);
	return rd_ok(&one) && rd_ok(&data) && s->key.n;
}

static void report_scheme(struct walk *w, struct package *p, struct span value, bool third, unsigned schemes,
						  uint64_t at)
{
	struct reader signers = reader_le(sized(value));
	struct signer s;
	const char *scheme = third ? "apk-v3" : "apk-v2";
	unsigned n = 0;
	for (; n < SIGNERS_MAX && rd_left(&signers); n++) {
		if (!read_signer(take(&signers), third, &s)) {
			emit_damage_at(w->sink, ERR_CORRUPT, at, "a signer in the signing block breaks off");
			signature_report_plain(w->sink, at, scheme, "package", NULL, SIGNATURE_INVALID, "a signer breaks off");
			return;
		}
		report_signer(w, p, &s, schemes, at);
	}
	if (!n)
		signature_report_plain(w->sink, at, scheme, "package", NULL, SIGNATURE_INVALID,
							   "there is no signer in its block");
	if (rd_left(&signers))
		signature_report_plain(w->sink, at, scheme, "package", NULL, SIGNATURE_UNSUPPORTED,
							   "more signers than are looked at");
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

/* A block's pair of a number and a value; the scheme that it is of, or 0. */
static unsigned take_pair(struct reader *pairs, struct span *value)
{
	uint64_t n = rd_u64(pairs);
	struct span pair = rd_bytes(pairs, n);
	uint32_t id = span_u32le(pair, 0);
	*value = span_from(pair, pair.n < 4 ? pair.n : 4);
	return pair.n < 4 ? 0 : id == ID_V2 ? ZIP_SCHEME_2 : id == ID_V3 ? ZIP_SCHEME_3 : id == ID_V31 ? ZIP_SCHEME_31 : 0;
}

static unsigned schemes_of(struct span pairs)
{
	struct reader r = reader_le(pairs);
	struct span value;
	unsigned schemes = 0;
	for (unsigned i = 0; i < PARTS_MAX && rd_left(&r) >= 12; i++)
		schemes |= take_pair(&r, &value);
	return schemes;
}

static unsigned report_package(struct walk *w, struct span bytes, uint64_t central, uint64_t end)
{
	uint64_t at = 0;
	struct span pairs = signing_block(bytes, central, &at), record = span_from(bytes, end), value;
	struct package *p =
		pairs.p && record.n >= END_SIZE && record.n <= sizeof p->end ? ARENA_NEW(w->arena, struct package) : NULL;
	if (!p || end < central)
		return 0;
	memcpy(p->end, record.p, record.n);
	for (int i = 0; i < 4; i++)
		p->end[16 + i] = (uint8_t)(at >> (8 * i));
	p->parts[0] = span_clip(bytes, 0, at);
	p->parts[1] = span_sub(bytes, central, end - central);
	p->parts[2] = span_of(p->end, record.n);
	unsigned schemes = schemes_of(pairs), seen = 0;
	struct reader r = reader_le(pairs);
	for (unsigned i = 0; i < PARTS_MAX && rd_left(&r) >= 12; i++) {
		unsigned scheme = take_pair(&r, &value);
		if (scheme & ~seen) /* of several the platform takes the first */
			report_scheme(w, p, value, scheme != ZIP_SCHEME_2, schemes,
						  value.n ? (uint64_t)(value.p - bytes.p) - 4 : at);
		seen |= scheme;
	}
	return schemes;
}

unsigned zip_report_signatures(struct walk *w, struct span bytes, uint64_t central, uint64_t end)
{
	report_update(w, bytes, central, end);
	return report_package(w, bytes, central, end);
}
