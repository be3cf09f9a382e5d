/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Android Verified Boot: the signed descriptors of partitions (vbmeta), and the footer that tells where in a partition
 * they are.
 *
 * Specification: AOSP external/avb/libavb/avb_vbmeta_image.h, avb_*_descriptor.h, avb_footer.h. */
#include <stdarg.h>
#include <stdio.h>

/* OpenSSL's one-shot functions read a configuration file first, which a confined worker may not. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/sha.h>

#include "base/hash.h"
#include "format/rsa_pkcs1.h"
#include "format/signature.h"

#define HEADER_SIZE 256u
#define BLOCK_MAX (1u << 20) /* of each of both blocks; images have 64 KiB in all */
#define DESCRIPTORS_MAX 512u
#define SHOWN_MAX 512u

enum { TAG_PROPERTY, TAG_HASHTREE, TAG_HASH, TAG_CMDLINE, TAG_CHAIN };

struct range {
	uint64_t at, size;
};

struct vbmeta {
	uint32_t major, minor, algorithm, flags, rollback_location;
	uint64_t authentication, auxiliary, rollback;
	struct range hash, signature, key, key_metadata, descriptors; /* the first two in the authentication block */
	struct text release;
};

static const struct {
	const char *name;
	unsigned digest, bits;
} algorithms[] = { { "NONE", 0, 0 },
				   { "SHA256_RSA2048", 32, 2048 },
				   { "SHA256_RSA4096", 32, 4096 },
				   { "SHA256_RSA8192", 32, 8192 },
				   { "SHA512_RSA2048", 64, 2048 },
				   { "SHA512_RSA4096", 64, 4096 },
				   { "SHA512_RSA8192", 64, 8192 } };
#define ALGORITHMS (sizeof algorithms / sizeof algorithms[0])

static struct range rd_range(struct reader *r)
{
	uint64_t at = rd_u64(r);
	return (struct range){ at, rd_u64(r) };
}

static bool lies_within(struct range r, uint64_t size)
{
	return r.at <= size && r.size <= size - r.at;
}

static bool vbmeta_read(struct span at, struct vbmeta *v)
{
	struct reader r = reader_be(span_sub(at, 0, HEADER_SIZE));
	*v = (struct vbmeta){ 0 };
	struct span magic = rd_bytes(&r, 4);
	v->major = rd_u32(&r);
	v->minor = rd_u32(&r);
	v->authentication = rd_u64(&r);
	v->auxiliary = rd_u64(&r);
	v->algorithm = rd_u32(&r);
	v->hash = rd_range(&r);
	v->signature = rd_range(&r);
	v->key = rd_range(&r);
	v->key_metadata = rd_range(&r);
	v->descriptors = rd_range(&r);
	v->rollback = rd_u64(&r);
	v->flags = rd_u32(&r);
	v->rollback_location = rd_u32(&r);
	v->release = text_until_nul(rd_bytes(&r, 48));
	return rd_ok(&r) && span_starts(magic, "AVB0", 4) && v->major == 1 && v->minor < 256 && v->algorithm < ALGORITHMS &&
		   (v->auxiliary || v->release.n) && v->authentication % 64 == 0 && v->auxiliary % 64 == 0 &&
		   v->authentication <= BLOCK_MAX && v->auxiliary <= BLOCK_MAX && lies_within(v->hash, v->authentication) &&
		   lies_within(v->signature, v->authentication) && lies_within(v->key, v->auxiliary) &&
		   lies_within(v->key_metadata, v->auxiliary) && lies_within(v->descriptors, v->auxiliary);
}

static bool avb_probe(struct span at, struct format_match *match)
{
	struct vbmeta v;
	if (!vbmeta_read(at, &v))
		return false;
	match->size = HEADER_SIZE + v.authentication + v.auxiliary;
	match->confidence = 90;
	return true;
}

static struct span auxiliary(struct span bytes, const struct vbmeta *v, struct range r)
{
	return span_sub(bytes, HEADER_SIZE + v->authentication + r.at, r.size);
}

/* The digest of header and auxiliary block. */
static size_t signed_digest(struct span bytes, const struct vbmeta *v, uint8_t *out)
{
	struct span header = span_sub(bytes, 0, HEADER_SIZE), rest = auxiliary(bytes, v, (struct range){ 0, v->auxiliary });
	if (algorithms[v->algorithm].digest == 64) {
		SHA512_CTX context;
		SHA512_Init(&context);
		SHA512_Update(&context, header.p, header.n);
		SHA512_Update(&context, rest.p, rest.n);
		SHA512_Final(out, &context);
		return 64;
	}
	SHA256_CTX context;
	SHA256_Init(&context);
	SHA256_Update(&context, header.p, header.n);
	SHA256_Update(&context, rest.p, rest.n);
	SHA256_Final(out, &context);
	return 32;
}

/* The key: number of bits and a constant (4 bytes each), modulus, another constant. The exponent is 65537. */
static bool signature_verifies(struct span bytes, const struct vbmeta *v, struct span digest)
{
	struct span key = auxiliary(bytes, v, v->key);
	uint32_t bits = span_u32be(key, 0);
	struct span modulus = span_sub(key, 8, bits / 8),
				signature = span_sub(bytes, HEADER_SIZE + v->signature.at, v->signature.size);
	return bits == algorithms[v->algorithm].bits && modulus.p && rsa_pkcs1_verify(modulus, 65537, signature, digest);
}

static void report(struct walk *w, const struct vbmeta *v, struct span bytes, const char *state, const char *detail)
{
	struct span key = auxiliary(bytes, v, v->key), modulus = span_sub(key, 8, span_u32be(key, 0) / 8);
	char fingerprint[65] = "";
	if (modulus.n)
		signature_rsa_fingerprint(modulus, 65537, fingerprint);
	signature_report(w->sink, &(struct signature){
								  .offset = v->algorithm ? HEADER_SIZE + v->signature.at : 28,
								  .scheme = "avb",
								  .state = state,
								  .covers = TEXT_LIT("header and descriptors"),
								  .algorithm = v->algorithm ? text_c(algorithms[v->algorithm].name) : TEXT_NONE,
								  .fingerprint = fingerprint,
								  .detail = detail,
							  });
}

static void verify(struct walk *w, const struct vbmeta *v, struct span bytes)
{
	uint8_t bytes_of_digest[64];
	char hex[65];
	if (v->algorithm == 0) {
		emit_header_field(w->sink, 28, "signature", "none");
		report(w, v, bytes, SIGNATURE_ABSENT, "the algorithm is NONE");
		return;
	}
	if (bytes.n < HEADER_SIZE + v->authentication + v->auxiliary) {
		emit_header_field(w->sink, 28, "signature", "not checked");
		report(w, v, bytes, SIGNATURE_UNSUPPORTED, "the metadata is cut off");
		return;
	}
	struct span digest = span_of(bytes_of_digest, signed_digest(bytes, v, bytes_of_digest));
	struct span stored = span_sub(bytes, HEADER_SIZE + v->hash.at, v->hash.size);
	bool same = stored.n == digest.n && memcmp(stored.p, digest.p, digest.n) == 0;
	emit_header_field(w->sink, 32, "hash", "%s", same ? "ok" : "mismatch");
	if (!same)
		emit_damage_at(w->sink, ERR_CORRUPT, HEADER_SIZE + v->hash.at,
					   "the digest of header and descriptors does not match");
	bool good = signature_verifies(bytes, v, digest);
	emit_header_field(w->sink, 48, "signature", "%s", good ? "ok, by the key that it carries" : "mismatch");
	if (!good)
		emit_damage_at(w->sink, ERR_CORRUPT, HEADER_SIZE + v->signature.at,
					   "the signature is not by the key that it carries");
	report(w, v, bytes, good && same ? SIGNATURE_VALID : SIGNATURE_INVALID,
		   !good || !same ? "not by the key that it carries, or its digest is another one"
		   : v->flags & 3 ? "by the key that it carries; its flags switch off that what it describes is verified"
						  : "by the key that it carries");
	hash_sha256_hex(auxiliary(bytes, v, v->key), hex);
	emit_header_field(w->sink, 64, "public_key_sha256", "%s", hex);
}

static int shown(struct text t)
{
	return (int)(t.n < SHOWN_MAX ? t.n : SHOWN_MAX);
}

static void emit_named(struct walk *w, uint64_t at, const char *kind, struct text name, const char *format, ...)
	__attribute__((format(printf, 5, 6)));

static void emit_named(struct walk *w, uint64_t at, const char *kind, struct text name, const char *format, ...)
{
	char field[SHOWN_MAX + 32], value[2 * SHOWN_MAX];
	va_list args;
	snprintf(field, sizeof field, "%s%s%.*s", kind, name.n ? "/" : "", shown(name), name.p);
	va_start(args, format);
	vsnprintf(value, sizeof value, format, args);
	va_end(args);
	emit_header_field(w->sink, at, field, "%s", value);
}

static void hex_of(struct span s, char out[129])
{
	hash_hex(s.p, s.n < 64 ? s.n : 64, out);
}

static bool emit_property(struct walk *w, struct reader *r, uint64_t at)
{
	uint64_t key_n = rd_u64(r), value_n = rd_u64(r);
	struct text key = text_from_span(rd_bytes(r, key_n));
	rd_skip(r, 1);
	struct text value = text_from_span(rd_bytes(r, value_n));
	if (rd_ok(r))
		emit_named(w, at, "property", key, "%.*s", shown(value), value.p);
	return rd_ok(r);
}

/* Hash and hash tree descriptors end alike: lengths, flags, name, salt, digest. */
static bool emit_digest(struct walk *w, struct reader *r, uint64_t at, const char *kind, uint64_t size, bool tree)
{
	struct text algorithm = text_until_nul(rd_bytes(r, 32));
	uint32_t name_n = rd_u32(r), salt_n = rd_u32(r), digest_n = rd_u32(r), flags = rd_u32(r);
	rd_skip(r, 60);
	struct text name = text_from_span(rd_bytes(r, name_n));
	struct span salt = rd_bytes(r, salt_n), digest = rd_bytes(r, digest_n);
	char salt_hex[129], digest_hex[129];
	if (!rd_ok(r))
		return false;
	hex_of(salt, salt_hex);
	hex_of(digest, digest_hex);
	emit_named(w, at, kind, name, "%.*s, image size %llu, salt %s, %s %s, flags 0x%x", (int)algorithm.n, algorithm.p,
			   (unsigned long long)size, salt_hex, tree ? "root digest" : "digest", digest_hex, flags);
	return true;
}

static bool emit_hashtree(struct walk *w, struct reader *r, uint64_t at)
{
	rd_skip(r, 4);
	uint64_t size = rd_u64(r);
	rd_skip(r, 44); /* the tree, block sizes, error correction */
	return emit_digest(w, r, at, "hashtree", size, true);
}

static bool emit_cmdline(struct walk *w, struct reader *r, uint64_t at)
{
	uint32_t flags = rd_u32(r), n = rd_u32(r);
	struct text text = text_from_span(rd_bytes(r, n));
	if (rd_ok(r))
		emit_named(w, at, "kernel_cmdline", TEXT_NONE, "%.*s (flags 0x%x)", shown(text), text.p, flags);
	return rd_ok(r);
}

static bool emit_chain(struct walk *w, struct reader *r, uint64_t at)
{
	uint32_t location = rd_u32(r), name_n = rd_u32(r), key_n = rd_u32(r);
	rd_skip(r, 64);
	struct text name = text_from_span(rd_bytes(r, name_n));
	struct span key = rd_bytes(r, key_n);
	char hex[65];
	if (!rd_ok(r))
		return false;
	hash_sha256_hex(key, hex);
	emit_named(w, at, "chain_partition", name, "rollback index location %u, public key %s", location, hex);
	return true;
}

static bool emit_descriptor(struct walk *w, uint64_t tag, struct span body, uint64_t at)
{
	struct reader r = reader_be(body);
	switch (tag) {
	case TAG_PROPERTY:
		return emit_property(w, &r, at);
	case TAG_HASHTREE:
		return emit_hashtree(w, &r, at);
	case TAG_HASH:
		return emit_digest(w, &r, at, "hash", rd_u64(&r), false);
	case TAG_CMDLINE:
		return emit_cmdline(w, &r, at);
	case TAG_CHAIN:
		return emit_chain(w, &r, at);
	default:
		return true;
	}
}

static void emit_descriptors(struct walk *w, const struct vbmeta *v, struct span bytes)
{
	uint64_t base = HEADER_SIZE + v->authentication + v->descriptors.at;
	struct reader r = reader_be(span_clip(bytes, base, v->descriptors.size));
	for (unsigned i = 0; rd_left(&r) >= 16; i++) {
		uint64_t at = base + r.at, tag = rd_u64(&r), n = rd_u64(&r);
		struct span body = rd_bytes(&r, n);
		if (i == DESCRIPTORS_MAX) {
			emit_damage_at(w->sink, ERR_BUDGET, at, "more than %u descriptors are not looked at", DESCRIPTORS_MAX);
			return;
		}
		if (!rd_ok(&r) || !emit_descriptor(w, tag, body, at)) {
			emit_damage_at(w->sink, ERR_CORRUPT, at, "descriptor %u is broken", i);
			return;
		}
	}
}

static struct error avb_walk(struct span bytes, struct walk *w)
{
	struct vbmeta v;
	if (!vbmeta_read(bytes, &v))
		return error_at(ERR_CORRUPT, 0, "no vbmeta header");
	emit_header_field(w->sink, 4, "required_libavb_version", "%u.%u", v.major, v.minor);
	emit_header_field(w->sink, 28, "algorithm", "%s", algorithms[v.algorithm].name);
	emit_header_field(w->sink, 112, "rollback_index", "%llu", (unsigned long long)v.rollback);
	emit_header_field(w->sink, 120, "flags", "0x%x%s%s", v.flags, v.flags & 1 ? " HASHTREE_DISABLED" : "",
					  v.flags & 2 ? " VERIFICATION_DISABLED" : "");
	emit_header_field(w->sink, 128, "release_string", "%.*s", (int)v.release.n, v.release.p);
	verify(w, &v, bytes);
	if (v.rollback)
		emit_updater(w->sink, &(struct fact_updater){ .offset = 112,
													  .line = FACT_NULL,
													  .mechanism = TEXT_LIT("avb"),
													  .aspect = TEXT_LIT("rollback"),
													  .value = TEXT_LIT("rollback index"),
													  .evidence = TEXT_LIT("vbmeta rollback_index") });
	emit_descriptors(w, &v, bytes);
	return error_none();
}

static const struct format_magic avb_magics[] = { MAGIC("AVB0\0\0\0\1", 0), MAGIC_END };

const struct format avb_format = {
	.name = "avb",
	.kind = FORMAT_CONTAINER,
	.title = "Android Verified Boot metadata (vbmeta)",
	.spec = "AOSP external/avb/libavb/avb_vbmeta_image.h",
	.magics = avb_magics,
	.probe = avb_probe,
	.walk = avb_walk,
};
