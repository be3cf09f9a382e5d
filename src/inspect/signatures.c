/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Signatures of files: kernel modules with theirs appended, detached ones. Their keys are elsewhere: they say which key they
 * need, and what it takes to verify them by it. Those of programs for UEFI are in signatures_pe.c, those of OpenPGP in
 * signatures_openpgp.c, those of usign, signify and minisign in signatures_usign.c.
 *
 * Specification: Linux include/linux/module_signature.h, RFC 5652.
 */
#include "inspect/signatures.h"
#include "inspect/elf_object.h"
#include "inspect/keys.h"

#include <stdio.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "base/hash.h"

#define MODULE_MAGIC "~Module signature appended~\n"
#define MODULE_TRAILER 12u
#define HINT_MAX 320u
#define VALUE_MAX 1024u

static const struct pattern signatures_patterns[] = {
	PATTERN(MODULE_MAGIC, PATTERN_LITERAL),
	PATTERN("untrusted comment:", PATTERN_LITERAL),
	PATTERN_END,
};

static void report(struct sink *sink, struct fact_signature row)
{
	emit_signature(sink, &row);
}

/* ---- kernel modules ---- */

static const char *digest_name(struct span oid)
{
	static const struct {
		const char *bytes, *name;
		size_t n;
	} known[] = {
		{ "\x2b\x0e\x03\x02\x1a", "sha1", 5 },
		{ "\x60\x86\x48\x01\x65\x03\x04\x02\x01", "sha256", 9 },
		{ "\x60\x86\x48\x01\x65\x03\x04\x02\x02", "sha384", 9 },
		{ "\x60\x86\x48\x01\x65\x03\x04\x02\x03", "sha512", 9 },
		{ "\x60\x86\x48\x01\x65\x03\x04\x02\x08", "sha3-256", 9 },
		{ "\x60\x86\x48\x01\x65\x03\x04\x02\x09", "sha3-384", 9 },
		{ "\x60\x86\x48\x01\x65\x03\x04\x02\x0a", "sha3-512", 9 },
	};
	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
		if (der_oid_is(oid, known[i].bytes, known[i].n))
			return known[i].name;
	return "unknown digest";
}

static const char *key_name(struct span oid)
{
	if (span_has(oid, 2, "\x2a\x86\x48\x86\xf7\x0d\x01\x01", 8)) /* PKCS #1 */
		return "rsa";
	return span_has(oid, 2, "\x2a\x86\x48\xce\x3d\x04", 6) ? "ecdsa" : "unknown algorithm";
}

/* The common name (2.5.4.3) of a Name; TEXT_NONE: it has none. */
static struct text common_name(struct span name)
{
	struct span set, pair, oid, whole, value;
	uint8_t tag;
	while (der_take(&name, DER_SET, &set))
		if (der_take(&set, DER_SEQUENCE, &pair) && der_whole(&pair, DER_OID, &oid) && OID_IS(oid, "\x55\x04\x03") &&
			der_any(&pair, &tag, &whole, &value))
			return text_from_span(value);
	return TEXT_NONE;
}

struct signer {
	const char *digest, *algorithm;
	char hint[HINT_MAX];
	const char *method; /* NULL: attributes are signed, or the algorithm is not known */
	struct span value;
};

/* SignerInfo: version, who signed, the digest's algorithm, attributes, the signature's algorithm. */
static bool read_signer(struct span info, struct signer *s)
{
	struct span sid, serial, algorithm, oid, issuer, ignored;
	size_t n = 0;
	if (!der_take(&info, DER_INTEGER, &ignored))
		return false;
	if (der_take(&info, 0x80, &sid)) {
		n = (size_t)snprintf(s->hint, sizeof s->hint, "key identifier ");
		hash_hex(sid.p, sid.n < 64 ? sid.n : 64, s->hint + n);
	} else {
		if (!der_take(&info, DER_SEQUENCE, &sid) || !der_take(&sid, DER_SEQUENCE, &issuer) ||
			!der_take(&sid, DER_INTEGER, &serial))
			return false;
		struct text name = common_name(issuer);
		n = (size_t)snprintf(s->hint, sizeof s->hint, "issuer CN=%.*s, serial ", (int)(name.n < 120 ? name.n : 120),
							 name.p ? name.p : "");
		hash_hex(serial.p, serial.n < 64 ? serial.n : 64, s->hint + n);
	}
	if (!der_take(&info, DER_SEQUENCE, &algorithm) || !der_whole(&algorithm, DER_OID, &oid))
		return false;
	s->digest = digest_name(oid);
	bool attributes = der_take(&info, DER_CONTEXT, &ignored);
	if (!der_take(&info, DER_SEQUENCE, &algorithm) || !der_whole(&algorithm, DER_OID, &oid))
		return false;
	s->algorithm = key_name(oid);
	bool rsa = strcmp(s->algorithm, "rsa") == 0 && !OID_IS(oid, OID_RSA_PSS);
	if (!attributes && (rsa || strcmp(s->algorithm, "ecdsa") == 0))
		s->method = rsa ? "rsa-pkcs1" : "ecdsa";
	(void)!der_take(&info, DER_OCTET_STRING, &s->value);
	return true;
}

static bool read_pkcs7(struct span der, struct signer *s)
{
	struct span outer, oid, data, content, ignored, signers, info;
	if (!der_take(&der, DER_SEQUENCE, &outer) || !der_whole(&outer, DER_OID, &oid) ||
		!OID_IS(oid, "\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02") || !der_take(&outer, DER_CONTEXT, &content) ||
		!der_take(&content, DER_SEQUENCE, &data) || !der_take(&data, DER_INTEGER, &ignored) ||
		!der_take(&data, DER_SET, &ignored) || !der_take(&data, DER_SEQUENCE, &ignored))
		return false;
	(void)!der_take(&data, DER_CONTEXT, &ignored);
	(void)!der_take(&data, DER_CONTEXT + 1, &ignored);
	return der_take(&data, DER_SET, &signers) && der_take(&signers, DER_SEQUENCE, &info) && read_signer(info, s);
}

/* What precedes the magic: algorithm, hash, kind of identifier (2: PKCS#7), two lengths, padding, the signature's length. */
static bool module_signature(struct span bytes, struct span *signature, uint64_t *at)
{
	size_t magic = sizeof MODULE_MAGIC - 1;
	if (bytes.n < magic + MODULE_TRAILER || !span_has(bytes, bytes.n - magic, MODULE_MAGIC, magic))
		return false;
	struct span trailer = span_sub(bytes, bytes.n - magic - MODULE_TRAILER, MODULE_TRAILER);
	uint64_t size = span_u32be(trailer, 8), end = bytes.n - magic - MODULE_TRAILER;
	if (size > end || trailer.p[2] != 2)
		return false;
	*at = end - size;
	*signature = span_sub(bytes, *at, size);
	return true;
}

/* Modules for kernels before 3.7 have no place for one. */
static bool may_be_signed(const struct subject *s)
{
	struct elf_object o;
	struct elf_sections sections;
	struct error e = elf_open(s->bytes, &o);
	unsigned long version[2] = { 0, 0 };
	if (error_is(&e))
		return false;
	elf_read_sections(&o, &sections);
	struct text t = sections.vermagic;
	for (size_t i = 0, part = 0; i < t.n && i < 12 && part < 2; i++) {
		if (t.p[i] >= '0' && t.p[i] <= '9')
			version[part] = version[part] * 10 + (unsigned long)(t.p[i] - '0');
		else
			part++;
	}
	return version[0] > 3 || (version[0] == 3 && version[1] >= 7);
}

/* What is signed: sign-file leaves out the attributes that CMS may sign instead. */
static struct span digest_of(const struct signer *s, struct span module, uint8_t out[EVP_MAX_MD_SIZE])
{
	const EVP_MD *md = strcmp(s->digest, "sha1") == 0     ? EVP_sha1()
					   : strcmp(s->digest, "sha256") == 0 ? EVP_sha256()
					   : strcmp(s->digest, "sha384") == 0 ? EVP_sha384()
					   : strcmp(s->digest, "sha512") == 0 ? EVP_sha512()
														  : NULL;
	unsigned n = 0;
	/* Whatever OpenSSL is asked first would look for its configuration file. */
	OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
	bool ok = s->method && md && s->value.n && s->value.n <= VALUE_MAX &&
			  EVP_Digest(module.p, module.n, out, &n, md, NULL) == 1;
	return ok ? span_of(out, n) : SPAN_NONE;
}

struct text signatures_hex(const struct subject *s, struct span bytes)
{
	char *out = bytes.n ? arena_alloc(s->arena, 2 * bytes.n + 1, 1) : NULL;
	if (out)
		hash_hex(bytes.p, bytes.n, out);
	return text_c(out);
}

static void module_run(const struct subject *s, struct sink *sink)
{
	struct span signature;
	struct signer signer = { .digest = NULL };
	uint64_t at = 0;
	if (!module_signature(s->bytes, &signature, &at)) {
		if (s->nhits == 0 && may_be_signed(s))
			report(sink, (struct fact_signature){ .made = FACT_NULL, .expires = FACT_NULL, .offset = FACT_NULL,
												  .scheme = TEXT_LIT("kernel-module"),
												  .covers = TEXT_LIT("module"),
												  .state = TEXT_LIT("absent"),
												  .detail = TEXT_LIT("no signature is appended") });
		return;
	}
	bool known = read_pkcs7(signature, &signer);
	uint8_t digest[EVP_MAX_MD_SIZE];
	struct span message = known ? digest_of(&signer, span_clip(s->bytes, 0, at), digest) : SPAN_NONE;
	char *algorithm = known ? arena_printf(s->arena, "%s with %s", signer.digest, signer.algorithm) : NULL;
	report(sink, (struct fact_signature){ .made = FACT_NULL, .expires = FACT_NULL,
					 .offset = (int64_t)at,
					 .scheme = TEXT_LIT("kernel-module"),
					 .covers = TEXT_LIT("module"),
					 .algorithm = text_c(algorithm),
					 .state = text_c(known ? "no-key" : "unsupported"),
					 .key_hint = known ? text_c(signer.hint) : TEXT_NONE,
					 .detail = text_c(known ? "the kernel has the certificate" : "no PKCS #7 message that can be read"),
					 .method = text_c(message.n ? signer.method : NULL),
					 .message = signatures_hex(s, message),
					 .value = message.n ? signatures_hex(s, signer.value) : TEXT_NONE });
}

static bool is_module(const struct subject *s)
{
	return s->kind == ENTRY_FILE && strcmp(s->format, "elf") == 0 && text_ends(s->path, ".ko");
}

static bool begins(const struct subject *s, const char *words)
{
	return span_has(s->bytes, 0, words, strlen(words));
}

static bool is_detached(const struct subject *s)
{
	/* the region of one at the end of an image is reported by the format that cut it off, with what it is of */
	return s->nhits && s->bytes.n && s->kind != ENTRY_REGION && begins(s, "untrusted comment:") &&
		   !memmem(s->path.p, s->path.n, "/usr/share/doc/", 15);
}

static const char *const ends[] = { ".sig", ".asc", ".gpg", ".sign", ".pgp", ".minisig" };

static struct text signatures_covered_path(struct text path)
{
	size_t name = text_base(path).n;
	for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++)
		if (text_ends(path, ends[i]) && name > strlen(ends[i]))
			return text_of(path.p, path.n - strlen(ends[i]));
	return TEXT_NONE;
}

struct text signatures_covered_file(struct text path)
{
	struct text covered = signatures_covered_path(path);
	return text_base(covered.p ? covered : path);
}

bool signatures_is_detached_name(struct text path)
{
	return signatures_covered_path(path).p != NULL;
}

struct span signatures_covered_bytes(const struct subject *s, const char **why)
{
	static const char *const reasons[] = {
		[NEIGHBOR_WHOLE] = NULL,
		[NEIGHBOR_ABSENT] = "the file that it signs is not beside it",
		[NEIGHBOR_AMBIGUOUS] = "beside it are several files of the name of what it signs, or a link",
		[NEIGHBOR_BROKEN] = "the file that it signs could not be read as a whole",
	};
	struct span bytes = SPAN_NONE;
	struct text path = signatures_covered_path(s->path);
	enum neighbor n = s->neighbors && path.p ? s->neighbors->read(s->neighbors, path, &bytes) : NEIGHBOR_ABSENT;
	*why = reasons[n];
	return n == NEIGHBOR_WHOLE ? bytes : SPAN_NONE;
}

static bool signatures_wants(const struct subject *s)
{
	if (is_module(s) || is_detached(s) || signatures_is_openpgp(s) || signatures_is_pe(s->bytes))
		return true;
	uint64_t end = s->nhits ? s->hits[s->nhits - 1].to : 0;
	return s->nhits && s->kind == ENTRY_FILE && s->hits[s->nhits - 1].pattern == 0 && end == s->bytes.n;
}

static void signatures_run(const struct subject *s, struct sink *sink)
{
	if (signatures_is_pe(s->bytes))
		signatures_pe(s, sink);
	else if (begins(s, "untrusted comment:"))
		signatures_usign(s, sink);
	else if (signatures_is_openpgp(s))
		signatures_openpgp(s, sink);
	else
		module_run(s, sink);
}

const struct inspector signatures_inspector = {
	.name = "signatures",
	.title = "signatures of kernel modules, of programs for UEFI, and detached ones (usign, signify, OpenPGP)",
	.spec = "Linux include/linux/module_signature.h, RFC 5652, PE Format, signify.c, RFC 9580",
	.containers = true, /* a kernel is a program for UEFI, too */
	.patterns = signatures_patterns,
	.asks = signatures_is_detached_name,
	.wants = signatures_wants,
	.run = signatures_run,
};
