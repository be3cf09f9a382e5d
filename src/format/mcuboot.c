/* SPDX-License-Identifier: GPL-3.0-or-later */
/* MCUboot: the image of a microcontroller with a header before it and TLVs (digest, signatures, keys) behind it, and perhaps
 * the trailer of the slot that it fills. The first version, of Mynewt's own boot loader, has another header.
 *
 * Specification: MCUboot docs/design.md, boot/bootutil/include/bootutil/image.h, and what image_validate.c and tlv.c there take;
 * for the first version that of its release 0.9.
 */
#include <stdio.h>

#include "base/hash.h"
#include "format/digest.h"
#include "format/region.h"
#include "format/rsa_pkcs1.h"
#include "format/signature.h"

#define HEADER_SIZE 32u
#define HEADER_MAX 0x10000u
#define IMAGE_MAX (1u << 30)
#define INFO_UNPROTECTED 0x6907u
#define INFO_PROTECTED 0x6908u
#define FLAGS_KNOWN 0xf3fu
#define TRAILER_WINDOW 4096u
#define SIGNATURES_MAX 4u /* that are looked at: images have one for each key */
#define DIGESTS_MAX 4u    /* that are computed for TLVs, which may be some thousands: images have one */

enum {
	FLAG_PIC = 0x1,
	FLAG_ENCRYPTED_AES128 = 0x4,
	FLAG_ENCRYPTED_AES256 = 0x8,
	FLAG_NON_BOOTABLE = 0x10,
	FLAG_RAM_LOAD = 0x20,
	FLAG_ROM_FIXED = 0x100,
	FLAG_LZMA1 = 0x200,
	FLAG_LZMA2 = 0x400,
	FLAG_ARM_THUMB = 0x800,
	FLAG_ENCRYPTED = FLAG_ENCRYPTED_AES128 | FLAG_ENCRYPTED_AES256,
};

struct mcuboot {
	bool first; /* the format of the first version */
	uint32_t load, size, flags, build;
	uint32_t header_size, protected_size;
	uint32_t
		tlv_size; /* all of the TLVs, with the heads of the newer format; 0: there are none, or they are not here */
	uint8_t major, minor;
	uint16_t revision;
	uint64_t tlvs, end, trailer; /* where the TLVs begin and all ends; the slot's trailer magic, 0: none */
};

static bool take_newer(struct reader *r, struct mcuboot *m)
{
	m->load = rd_u32(r);
	m->header_size = rd_u16(r);
	m->protected_size = rd_u16(r);
	m->size = rd_u32(r);
	m->flags = rd_u32(r);
	return m->load == 0 || m->flags & (FLAG_RAM_LOAD | FLAG_ROM_FIXED);
}

static bool take_first(struct reader *r, struct mcuboot *m)
{
	m->first = true;
	m->tlv_size = rd_u16(r);
	rd_skip(r, 1); /* key id */
	uint8_t pad = rd_u8(r);
	m->header_size = rd_u16(r);
	uint16_t pad2 = rd_u16(r);
	m->size = rd_u32(r);
	m->flags = rd_u32(r);
	return pad == 0 && pad2 == 0;
}

/* The TLVs of an image that is all here must begin as such; those of one that is cut can not be asked. */
static bool take_tlvs(struct span bytes, struct mcuboot *m)
{
	m->tlvs = (uint64_t)m->header_size + m->size;
	m->end = m->tlvs + m->tlv_size;
	if (m->first)
		return true;
	struct span info = span_sub(bytes, m->tlvs, 4);
	if (m->protected_size) {
		if (info.p && (span_u16le(info, 0) != INFO_PROTECTED || span_u16le(info, 2) != m->protected_size))
			return false;
		info = span_sub(bytes, m->tlvs + m->protected_size, 4);
	}
	m->tlv_size = m->protected_size;
	m->end = m->tlvs + m->protected_size + 4;
	if (!info.p)
		return true;
	m->tlv_size += span_u16le(info, 2);
	m->end = m->tlvs + m->tlv_size;
	return span_u16le(info, 0) == INFO_UNPROTECTED && span_u16le(info, 2) >= 4;
}

static bool mcuboot_read(struct span bytes, struct mcuboot *m)
{
	struct reader r = reader_le(span_clip(bytes, 0, HEADER_SIZE));
	*m = (struct mcuboot){ .first = false };
	uint32_t magic = rd_u32(&r);
	if (magic != 0x96f3b83d && magic != 0x96f3b83c)
		return false;
	bool sane = magic == 0x96f3b83d ? take_newer(&r, m) : take_first(&r, m);
	m->major = rd_u8(&r);
	m->minor = rd_u8(&r);
	m->revision = rd_u16(&r);
	m->build = rd_u32(&r);
	uint32_t pad = rd_u32(&r);
	return rd_ok(&r) && sane && pad == 0 && m->header_size >= HEADER_SIZE && m->header_size <= HEADER_MAX &&
		   m->size > 0 && m->size <= IMAGE_MAX && (m->flags & ~FLAGS_KNOWN) == 0 && take_tlvs(bytes, m);
}

/* The slot's trailer: erased flash up to it, then what the boot loader noted of a swap, then a magic. That of slots with
 * larger units of writing begins with their size. */
static void find_trailer(struct span bytes, struct mcuboot *m)
{
	static const uint8_t magic[16] = { 0x77, 0xc2, 0x95, 0xf3, 0x60, 0xd2, 0xef, 0x7f,
									   0x35, 0x52, 0x50, 0x0f, 0x2c, 0xb6, 0x79, 0x80 };
	static const uint8_t aligned[14] = { 0x2d, 0xe1, 0x5d, 0x29, 0x41, 0x0b, 0x8d,
										 0x77, 0x67, 0x9c, 0x11, 0x0f, 0x1f, 0x8a };
	uint64_t at = m->end;
	while (at < bytes.n && bytes.p[at] == 0xff)
		at++;
	struct span window = span_clip(bytes, at, TRAILER_WINDOW);
	const uint8_t *p = window.p ? memmem(window.p, window.n, magic, sizeof magic) : NULL;
	const uint8_t *q = window.p && !p ? memmem(window.p, window.n, aligned, sizeof aligned) : NULL;
	if (!p && q && q - window.p >= 2)
		p = q - 2;
	if (p)
		m->trailer = at + (uint64_t)(p - window.p);
}

static bool mcuboot_probe(struct span at, struct format_match *match)
{
	struct mcuboot m;
	if (!mcuboot_read(at, &m))
		return false;
	find_trailer(at, &m);
	match->size = m.trailer ? m.trailer + 16 : m.end;
	match->confidence = 95;
	return true;
}

static const char *tlv_name(bool first, unsigned type)
{
	static const struct {
		uint8_t type;
		const char *name;
	} names[] = {
		{ 0x01, "KEYHASH" },     { 0x02, "PUBKEY" },           { 0x10, "SHA256" },        { 0x11, "SHA384" },
		{ 0x12, "SHA512" },      { 0x20, "RSA2048_PSS" },      { 0x21, "ECDSA224" },      { 0x22, "ECDSA_SIG" },
		{ 0x23, "RSA3072_PSS" }, { 0x24, "ED25519" },          { 0x25, "SIG_PURE" },      { 0x30, "ENC_RSA2048" },
		{ 0x31, "ENC_KW" },      { 0x32, "ENC_EC256" },        { 0x33, "ENC_X25519" },    { 0x34, "ENC_X25519_SHA512" },
		{ 0x40, "DEPENDENCY" },  { 0x50, "SEC_CNT" },          { 0x60, "BOOT_RECORD" },   { 0x70, "DECOMP_SIZE" },
		{ 0x71, "DECOMP_SHA" },  { 0x72, "DECOMP_SIGNATURE" }, { 0x73, "COMP_DEC_SIZE" }, { 0x74, "UUID_VID" },
		{ 0x75, "UUID_CID" },
	};
	static const char *const first_names[] = { NULL, "SHA256", "RSA2048", "ECDSA224", "ECDSA256" };
	if (first)
		return type < 5 ? first_names[type] : NULL;
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (names[i].type == type)
			return names[i].name;
	return NULL;
}

static const char *signature_name(bool first, unsigned type)
{
	const char *name = tlv_name(first, type);
	bool is = first ? type >= 2 && type <= 4 : type >= 0x20 && type <= 0x24;
	return is ? name : NULL;
}

static void emit_fields(struct walk *w, const struct mcuboot *m)
{
	static const struct {
		uint32_t flag;
		const char *name;
	} flags[] = { { FLAG_PIC, "PIC" },
				  { FLAG_ENCRYPTED_AES128, "ENCRYPTED_AES128" },
				  { FLAG_ENCRYPTED_AES256, "ENCRYPTED_AES256" },
				  { FLAG_NON_BOOTABLE, "NON_BOOTABLE" },
				  { FLAG_RAM_LOAD, "RAM_LOAD" },
				  { FLAG_ROM_FIXED, "ROM_FIXED" },
				  { FLAG_LZMA1, "COMPRESSED_LZMA1" },
				  { FLAG_LZMA2, "COMPRESSED_LZMA2" },
				  { FLAG_ARM_THUMB, "COMPRESSED_ARM_THUMB" } };
	emit_header_field(w->sink, 20, "ih_ver", "%u.%u.%u+%u", m->major, m->minor, m->revision, m->build);
	emit_header_field(w->sink, 8, "ih_hdr_size", "%u", m->header_size);
	emit_header_field(w->sink, 12, "ih_img_size", "%u", m->size);
	if (!m->first && m->load)
		emit_header_field(w->sink, 4, "ih_load_addr", "0x%08x", m->load);
	emit_header_field(w->sink, 16, "ih_flags", "0x%08x", m->flags);
	for (size_t i = 0; !m->first && i < sizeof flags / sizeof flags[0]; i++)
		if (m->flags & flags[i].flag)
			emit_header_field(w->sink, 16, "flag", "%s", flags[i].name);
	if (m->trailer)
		emit_header_field(w->sink, m->trailer, "trailer", "BOOT_MAGIC");
}

/* The digest of the first version covers header and image; that of the newer one the protected TLVs, too. It is made before
 * the image is encrypted. */
static void verify_digest(struct walk *w, const struct mcuboot *m, struct span bytes, enum digest digest,
						  struct span value, uint64_t at)
{
	static const char *const names[] = { "md5", "sha1", "sha256", "sha384", "sha512" };
	uint64_t covered = m->tlvs + (m->first ? 0 : m->protected_size);
	const char *name = names[digest];
	digest_emit_hex(w->sink, at,
					tlv_name(m->first, digest == DIGEST_SHA384   ? 0x11
									   : digest == DIGEST_SHA512 ? 0x12
									   : m->first                ? 1
																 : 0x10),
					value);
	if (m->flags & FLAG_ENCRYPTED && !m->first) {
		emit_header_field(w->sink, at, name, "not checked: of the image before its encryption");
		return;
	}
	bool good = digest_matches(digest, span_sub(bytes, 0, covered), value);
	emit_header_field(w->sink, at, name, good ? "ok" : "mismatch");
	if (!good)
		emit_damage_at(w->sink, ERR_CORRUPT, at, "the image does not have the %s that its TLV says", name);
}

/* Takes a TLV of those that are not protected; *at is where it begins, and goes on behind it. */
static bool take_tlv(const struct mcuboot *m, struct span bytes, uint64_t *at, unsigned *type, struct span *value)
{
	struct span head = *at + 4 <= m->end ? span_sub(bytes, *at, 4) : SPAN_NONE;
	*value = head.p ? span_sub(bytes, *at + 4, span_u16le(head, 2)) : SPAN_NONE;
	if (!value->p || value->n > m->end - *at - 4)
		return false;
	*type = span_u16le(head, 0);
	*at += 4 + value->n;
	return true;
}

static uint64_t first_tlv(const struct mcuboot *m)
{
	return m->tlvs + m->protected_size + 4;
}

/* The value of a TLV among those that are not protected; SPAN_NONE: there is none. */
static struct span find_tlv(const struct mcuboot *m, struct span bytes, unsigned type)
{
	struct span value;
	unsigned found;
	for (uint64_t at = first_tlv(m); take_tlv(m, bytes, &at, &found, &value);)
		if (found == type)
			return value;
	return SPAN_NONE;
}

/* Whether the signature is one of the bytes themselves: a TLV of the value 1, protected or not. */
static bool is_pure(const struct mcuboot *m, struct span bytes)
{
	struct span value;
	unsigned type;
	uint64_t plain = m->tlvs + m->protected_size;
	if (m->first)
		return false;
	for (uint64_t at = m->tlvs + 4; at < plain && take_tlv(m, bytes, &at, &type, &value) && at <= plain;)
		if (type == 0x25)
			return value.n == 1 && value.p[0] == 1;
	value = find_tlv(m, bytes, 0x25);
	return value.n == 1 && value.p[0] == 1;
}

/* A signature is by the key that was named since the one before it. */
static struct span find_key(const struct mcuboot *m, struct span bytes, unsigned type, uint64_t signature)
{
	struct span value, key = SPAN_NONE;
	unsigned found;
	for (uint64_t at = first_tlv(m); at < signature && take_tlv(m, bytes, &at, &found, &value);)
		key = found == type ? value : signature_name(false, found) ? SPAN_NONE : key;
	return m->first ? SPAN_NONE : key;
}

/* Why the boot loader takes the image by no key: it wants the digest that is signed in a TLV, and all of these must fit. NULL: nothing. */
static const char *objection(const struct mcuboot *m, struct span bytes, enum digest kind, struct span digest)
{
	unsigned type, n = 0, wanted = kind == DIGEST_SHA384 ? 0x11 : kind == DIGEST_SHA512 ? 0x12 : 0x10;
	struct span value;
	for (uint64_t at = first_tlv(m); take_tlv(m, bytes, &at, &type, &value);) {
		if (type != wanted)
			continue;
		n++;
		if (value.n != digest.n || memcmp(value.p, digest.p, digest.n) != 0)
			return "the image does not have the digest in its TLV, without which the boot loader takes none";
	}
	return n ? NULL : "no TLV has the image's digest, without which the boot loader takes none";
}

/* RSAPublicKey, as imgtool writes it: two INTEGERs in a SEQUENCE. */
static bool read_rsa_key(struct span der, struct span *modulus, uint64_t *exponent)
{
	struct reader r = reader_be(der);
	bool good = rd_u16(&r) == 0x3082;
	rd_skip(&r, 2);
	good &= rd_u16(&r) == 0x0282;
	uint16_t n = rd_u16(&r);
	*modulus = rd_bytes(&r, n);
	while (modulus->n && modulus->p[0] == 0)
		*modulus = span_from(*modulus, 1);
	good &= rd_u8(&r) == 2;
	uint8_t width = rd_u8(&r);
	*exponent = rd_uint(&r, width <= 8 ? width : 0);
	return good && rd_ok(&r) && width <= 8;
}

/* imgtool may fill up ECDSA's, whose DER has no fixed length, by zeros. */
static struct span without_padding(unsigned type, struct span value)
{
	if ((type != 0x21 && type != 0x22) || value.n < 2 || value.p[0] != 0x30 || value.p[1] >= 0x80)
		return value;
	uint64_t n = 2u + value.p[1];
	for (uint64_t i = n; i < value.n; i++)
		if (value.p[i])
			return value;
	return span_clip(value, 0, n);
}

struct verified {
	const char *state, *detail;
	char fingerprint[65];
	uint8_t digest[DIGEST_MAX];
	struct span message; /* the digest, or what is signed itself; SPAN_NONE: it is not known, or no key would do */
};

/* By the key that the image itself carries; ECDSA and Ed25519 keys are SubjectPublicKeyInfo, RSA ones are not. */
static void verify_by_key(unsigned type, enum digest kind, struct span value, struct span key, struct verified *v)
{
	struct span modulus;
	uint64_t exponent;
	v->detail = "by the key that the image carries";
	if (type == 0x20 || type == 0x23) {
		v->state = SIGNATURE_UNSUPPORTED;
		if (!read_rsa_key(key, &modulus, &exponent))
			return;
		signature_rsa_fingerprint(modulus, exponent, v->fingerprint);
		v->state = rsa_pss_verify_strictly(modulus, exponent, value, v->message) ? SIGNATURE_VALID : SIGNATURE_INVALID;
		return;
	}
	hash_sha256_hex(key, v->fingerprint);
	enum signature_result r = signature_verify(key, kind, v->message, value);
	v->state = r == SIGNATURE_GOOD ? SIGNATURE_VALID : r == SIGNATURE_BAD ? SIGNATURE_INVALID : SIGNATURE_UNSUPPORTED;
}

/* Why it is not verified; NULL: it is. The boot loader and imgtool know a signature of the bytes themselves for Ed25519 alone, and RSA for
 * SHA-256 alone. */
static const char *obstacle(const struct mcuboot *m, struct span covered, unsigned type, enum digest kind, bool pure)
{
	if (m->first)
		return "signatures of the first version are not verified";
	if (!covered.p)
		return "what is signed is not here";
	if (m->flags & FLAG_ENCRYPTED)
		return "what is signed is the image before its encryption";
	if (pure && type != 0x24)
		return "what is signed is no digest, and its kind of key signs only these";
	return (type == 0x20 || type == 0x23) && kind != DIGEST_SHA256 ? "its kind of key signs no digest but SHA-256"
																   : NULL;
}

static void verify_signature(const struct mcuboot *m, struct span bytes, unsigned type, struct span value,
							 struct span key, struct verified *v)
{
	bool wide = find_tlv(m, bytes, 0x11).p != NULL, pure = is_pure(m, bytes);
	enum digest kind = wide ? DIGEST_SHA384 : find_tlv(m, bytes, 0x12).p ? DIGEST_SHA512 : DIGEST_SHA256;
	struct span covered = span_sub(bytes, 0, m->tlvs + m->protected_size);
	const char *why = obstacle(m, covered, type, kind, pure);
	*v = (struct verified){ .state = key.p ? SIGNATURE_UNSUPPORTED : SIGNATURE_NO_KEY,
							.detail = why ? why : "the boot loader has the key",
							.message = covered };
	if (why) {
		v->message = SPAN_NONE;
		return;
	}
	if (!pure) {
		digest_of(kind, covered, v->digest);
		v->message = span_of(v->digest, digest_size(kind));
	}
	const char *wrong = pure ? NULL : objection(m, bytes, kind, v->message);
	if (key.p)
		verify_by_key(type, kind, value, key, v);
	if (wrong) {
		v->state = SIGNATURE_INVALID;
		v->detail = wrong;
		v->message = SPAN_NONE;
	}
}

/* The hash of an ECDSA or Ed25519 key is that of its SubjectPublicKeyInfo. */
static void report_signature(struct walk *w, const struct mcuboot *m, struct span bytes, unsigned type,
							 struct span value, uint64_t at)
{
	struct span hash = find_key(m, bytes, 1, at), key = find_key(m, bytes, 2, at);
	char hint[2 * DIGEST_MAX + 16] = "";
	struct verified v;
	bool rsa = type == 0x20 || type == 0x23;
	value = without_padding(type, value);
	verify_signature(m, bytes, type, value, key, &v);
	if (hash.n >= 16 && hash.n <= DIGEST_MAX)
		hash_hex(hash.p, hash.n, hint + snprintf(hint, sizeof hint, "KEYHASH "));
	if (!key.p && hash.n == 32 && !rsa)
		hash_hex(hash.p, 32, v.fingerprint);
	signature_report(w->sink, &(struct signature){
								  .offset = at,
								  .scheme = "mcuboot",
								  .state = v.state,
								  .covers = TEXT_LIT("header, image and protected TLVs"),
								  .algorithm = text_c(signature_name(m->first, type)),
								  .fingerprint = v.fingerprint,
								  .hint = text_c(hint),
								  .method = key.p || !v.message.p ? NULL
											: rsa                 ? "rsa-pss-digest"
											: type == 0x24        ? "ed25519"
																  : "ecdsa",
								  .message = v.message,
								  .value = value,
								  .detail = v.detail,
							  });
}

/* Who may change the image may change what is not among the protected TLVs. */
static void describe_counter(struct walk *w, struct span value, uint64_t at, bool is_protected)
{
	if (!is_protected || value.n != 4) {
		emit_header_field(w->sink, at, "SEC_CNT", "%s", is_protected ? "of a wrong size" : "not protected");
		return;
	}
	emit_header_field(w->sink, at, "SEC_CNT", "%u", span_u32le(value, 0));
	emit_updater(w->sink, &(struct fact_updater){ .offset = (int64_t)at,
												  .line = FACT_NULL,
												  .mechanism = TEXT_LIT("mcuboot"),
												  .aspect = TEXT_LIT("rollback"),
												  .value = TEXT_LIT("security counter"),
												  .evidence = TEXT_LIT("TLV SEC_CNT") });
}

static bool is_digest(const struct mcuboot *m, unsigned type)
{
	return m->first ? type == 0x01 : type >= 0x10 && type <= 0x12;
}

static void describe_tlv(struct walk *w, const struct mcuboot *m, struct span bytes, unsigned type, struct span value,
						 uint64_t at, bool verify)
{
	const char *name = tlv_name(m->first, type), *signature = signature_name(m->first, type);
	if (is_digest(m, type) && verify)
		verify_digest(w, m, bytes,
					  type == 0x11   ? DIGEST_SHA384
					  : type == 0x12 ? DIGEST_SHA512
									 : DIGEST_SHA256,
					  value, at);
	else if (signature) {
		emit_header_field(w->sink, at, "signature", "%s, %zu bytes", signature, value.n);
		if (verify)
			report_signature(w, m, bytes, type, value, at);
	} else if (type == 0x50 && !m->first) {
		describe_counter(w, value, at, at < m->tlvs + m->protected_size);
	} else if (name && (type == 1 || type == 0x74 || type == 0x75 || type == 0x71))
		digest_emit_hex(w->sink, at, name, value);
	else if (name)
		emit_header_field(w->sink, at, name, "%zu bytes", value.n);
	else
		emit_header_field(w->sink, at, "tlv", "0x%04x, %zu bytes", type, value.n);
}

/* TLVs within bytes[at .. end); gives how many signatures there are. */
static unsigned walk_tlvs(struct walk *w, const struct mcuboot *m, struct span bytes, uint64_t at, uint64_t end)
{
	unsigned signatures = 0, digests = 0;
	while (end - at >= 4) {
		struct span head = span_sub(bytes, at, 4);
		uint64_t length = span_u16le(head, 2);
		struct span value = span_sub(bytes, at + 4, length);
		if (!value.p || length > end - at - 4) {
			emit_damage_at(w->sink, bytes.n < end ? ERR_TRUNCATED : ERR_CORRUPT, at, "a TLV ends beyond the TLVs");
			break;
		}
		unsigned type = m->first ? head.p[0] : span_u16le(head, 0);
		signatures += signature_name(m->first, type) != NULL;
		digests += is_digest(m, type);
		if (is_digest(m, type) && digests == DIGESTS_MAX + 1)
			emit_damage_at(w->sink, ERR_BUDGET, at, "more digests than are compared with the image");
		describe_tlv(w, m, bytes, type, value, at,
					 is_digest(m, type) ? digests <= DIGESTS_MAX : signatures <= SIGNATURES_MAX);
		at += 4 + length;
	}
	return signatures;
}

static void walk_all_tlvs(struct walk *w, const struct mcuboot *m, struct span bytes)
{
	unsigned signatures = 0;
	if (m->first) {
		signatures = walk_tlvs(w, m, bytes, m->tlvs, m->end);
	} else {
		uint64_t plain = m->tlvs + m->protected_size;
		if (m->protected_size >= 4)
			signatures += walk_tlvs(w, m, bytes, m->tlvs + 4, plain);
		if (m->end >= plain + 4)
			signatures += walk_tlvs(w, m, bytes, plain + 4, m->end);
	}
	if (signatures)
		return;
	emit_header_field(w->sink, m->tlvs, "signature", "none");
	if (m->end <= bytes.n && m->end > m->tlvs)
		signature_report_plain(w->sink, m->tlvs, "mcuboot", "header, image and protected TLVs", NULL, SIGNATURE_ABSENT,
							   "no TLV holds a signature");
}

static struct error mcuboot_walk(struct span bytes, struct walk *w)
{
	struct mcuboot m;
	if (!mcuboot_read(bytes, &m))
		return error_at(ERR_CORRUPT, 0, "no MCUboot header");
	find_trailer(bytes, &m);
	emit_fields(w, &m);
	walk_all_tlvs(w, &m, bytes);
	bool encrypted = !m.first && m.flags & FLAG_ENCRYPTED;
	if (encrypted)
		emit_damage_at(w->sink, ERR_ENCRYPTED, m.header_size, "the image is encrypted with AES-%s-CTR",
					   m.flags & FLAG_ENCRYPTED_AES256 ? "256" : "128");
	if (!m.first && m.flags & (FLAG_LZMA1 | FLAG_LZMA2) && !encrypted)
		emit_damage_at(w->sink, ERR_UNSUPPORTED, m.header_size,
					   "the image is compressed with %s, which is not unpacked",
					   m.flags & FLAG_LZMA2 ? "LZMA2" : "LZMA1");
	region_emit(w, "image", bytes, m.header_size, m.size, NULL);
	return error_none();
}

static const struct format_magic mcuboot_magics[] = { MAGIC("\x3d\xb8\xf3\x96", 0), MAGIC("\x3c\xb8\xf3\x96", 0),
													  MAGIC_END };

const struct format mcuboot_format = {
	.name = "mcuboot",
	.kind = FORMAT_CONTAINER,
	.title = "MCUboot image, with its TLVs and trailer",
	.spec = "MCUboot docs/design.md",
	.magics = mcuboot_magics,
	.probe = mcuboot_probe,
	.walk = mcuboot_walk,
};
