/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Authenticode: messages of PKCS #7 behind a program, which sign its digest.
 *
 * Specification: Microsoft "PE Format" (headers, attribute certificate table), "Windows Authenticode Portable Executable
 * Signature Format"; UEFI 2.10 section 32.2; RFC 5652. */
#include "inspect/signatures.h"

#include <stdio.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pkcs7.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "base/certificates.h"
#include "base/hash.h"
#include "base/pe_headers.h"
#include "inspect/keys.h"

#define CERTIFICATES_MAX 8u
#define SIGNERS_MAX 4
#define KEY_BITS_MAX 8192
#define MESSAGE_MAX (128u << 10)
#define TYPE_PKCS7 2u

struct pe {
	uint64_t checksum, directory; /* where the fields are that change when it is signed */
	uint64_t table, size;         /* of the certificates; 0: none */
	bool uefi;
};

static bool pe_read(struct span bytes, struct pe *p)
{
	struct pe_headers h;
	if (!pe_headers_read(bytes, &h))
		return false;
	struct pe_extent table = pe_directory(&h, PE_CERTIFICATES);
	p->uefi = pe_is_uefi(&h);
	p->checksum = h.optional + 64;
	p->directory = h.directories + 8 * PE_CERTIFICATES;
	p->table = table.at;
	p->size = table.size;
	return true;
}

bool signatures_is_pe(struct span bytes)
{
	struct pe p;
	return pe_read(bytes, &p);
}

/* ---- the digest of the program ---- */

static const EVP_MD *digest_of_oid(struct span oid)
{
	return OID_IS(oid, "\x60\x86\x48\x01\x65\x03\x04\x02\x01")   ? EVP_sha256()
		   : OID_IS(oid, "\x60\x86\x48\x01\x65\x03\x04\x02\x02") ? EVP_sha384()
		   : OID_IS(oid, "\x60\x86\x48\x01\x65\x03\x04\x02\x03") ? EVP_sha512()
		   : OID_IS(oid, "\x2b\x0e\x03\x02\x1a")                 ? EVP_sha1()
																 : NULL;
}

/* All but the checksum, the entry for the certificates and themselves; where it has some, filled up to a multiple of eight. */
static unsigned digest_program(struct span bytes, const struct pe *p, const EVP_MD *digest,
							   uint8_t have[EVP_MAX_MD_SIZE])
{
	static const uint8_t zeros[8];
	unsigned n = 0;
	uint64_t end = p->size ? p->table : bytes.n, behind = p->size ? p->table + p->size : bytes.n;
	const struct span parts[] = {
		span_clip(bytes, 0, p->checksum),
		span_clip(bytes, p->checksum + 4, p->directory - p->checksum - 4),
		end > p->directory + 8 ? span_clip(bytes, p->directory + 8, end - p->directory - 8) : SPAN_NONE,
		span_from(bytes, behind < bytes.n ? behind : bytes.n),
		span_of(zeros, p->size ? (8 - bytes.n % 8) % 8 : 0),
	};
	EVP_MD_CTX *c = EVP_MD_CTX_new();
	bool ok = c && EVP_DigestInit_ex(c, digest, NULL) == 1;
	for (size_t i = 0; ok && i < sizeof parts / sizeof parts[0]; i++)
		ok = !parts[i].n || EVP_DigestUpdate(c, parts[i].p, parts[i].n) == 1;
	ok = ok && EVP_DigestFinal_ex(c, have, &n) == 1;
	EVP_MD_CTX_free(c);
	return ok ? n : 0;
}

/* Nothing stands behind the table of certificates, as signing leaves it: it is not digested, and from amid the program its bytes could
 * be taken for the program's. */
static bool table_is_last(struct span bytes, const struct pe *p)
{
	return !p->size || p->table + p->size >= bytes.n;
}

/* SpcIndirectDataContent: what it is of, then the digest's algorithm and itself. */
static bool indirect_digest(struct span content, struct span *oid, struct span *digest)
{
	struct span ignored, info, algorithm;
	return der_take(&content, DER_SEQUENCE, &ignored) && der_take(&content, DER_SEQUENCE, &info) &&
		   der_take(&info, DER_SEQUENCE, &algorithm) && der_whole(&algorithm, DER_OID, oid) &&
		   der_take(&info, DER_OCTET_STRING, digest);
}

/* ---- the message ---- */

/* What is signed: the content without its head. */
static bool content_of(struct span der, struct span *content)
{
	struct span outer, wrapped, data, encapsulated, explicit, type, ignored;
	return der_take(&der, DER_SEQUENCE, &outer) && der_whole(&outer, DER_OID, &type) &&
		   OID_IS(type, "\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02") && der_take(&outer, DER_CONTEXT, &wrapped) &&
		   der_take(&wrapped, DER_SEQUENCE, &data) && der_take(&data, DER_INTEGER, &ignored) &&
		   der_take(&data, DER_SET, &ignored) && der_take(&data, DER_SEQUENCE, &encapsulated) &&
		   der_whole(&encapsulated, DER_OID, &type) && OID_IS(type, "\x2b\x06\x01\x04\x01\x82\x37\x02\x01\x04") &&
		   der_take(&encapsulated, DER_CONTEXT, &explicit) && der_take(&explicit, DER_SEQUENCE, content);
}

#define CHAIN_MAX 4u
#define VALUE_MAX 1024u

/* The signature of a certificate of the signer's chain, which a key of UEFI's db may have made. */
struct link {
	const char *method;
	char algorithm[80], hint[320], covers[64];
	uint8_t digest[EVP_MAX_MD_SIZE], value[VALUE_MAX];
	unsigned digest_n, value_n;
};

struct verdict {
	const char *state, *detail;
	char algorithm[80], fingerprint[65], hint[320];
	struct link chain[CHAIN_MAX];
	unsigned links;
};

/* Whose certificate the first signer's is. */
static void name_signer(X509 *x, const EVP_MD *digest, struct verdict *v)
{
	unsigned char *der = NULL;
	EVP_PKEY *key = X509_get0_pubkey(x);
	BIGNUM *number = ASN1_INTEGER_to_BN(X509_get0_serialNumber(x), NULL);
	char *serial = number && BN_num_bits(number) <= 256 ? BN_bn2hex(number) : NULL;
	BIO *b = BIO_new(BIO_s_mem());
	char *name = NULL;
	long n =
		b && X509_NAME_print_ex(b, X509_get_issuer_name(x), 0, XN_FLAG_RFC2253) >= 0 ? BIO_get_mem_data(b, &name) : 0;
	snprintf(v->hint, sizeof v->hint, "issuer %.*s, serial %s", (int)(n < 200 ? n : 200), name ? name : "",
			 serial ? serial : "unknown");
	snprintf(v->algorithm, sizeof v->algorithm, "%s with %s, %d bits", EVP_MD_get0_name(digest),
			 key ? OBJ_nid2sn(EVP_PKEY_get_base_id(key)) : "an unknown algorithm", key ? EVP_PKEY_get_bits(key) : 0);
	int size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(x), &der);
	if (size > 0)
		hash_sha256_hex(span_of(der, (size_t)size), v->fingerprint);
	OPENSSL_free(der);
	OPENSSL_free(serial);
	BN_free(number);
	BIO_free(b);
}

/* What it takes to verify the certificate by the key of its issuer. */
static bool read_link(X509 *x, struct link *l)
{
	const ASN1_BIT_STRING *value;
	int md = 0, kind = 0;
	unsigned char *tbs = NULL;
	X509_get0_signature(&value, NULL, x);
	const EVP_MD *digest = OBJ_find_sigid_algs(X509_get_signature_nid(x), &md, &kind) ? EVP_get_digestbynid(md) : NULL;
	l->method = kind == NID_rsaEncryption ? "rsa-pkcs1" : kind == NID_X9_62_id_ecPublicKey ? "ecdsa" : NULL;
	int n = digest && l->method && value->length > 0 && value->length <= (int)VALUE_MAX ? i2d_re_X509_tbs(x, &tbs) : 0;
	bool ok = n > 0 && EVP_Digest(tbs, (size_t)n, l->digest, &l->digest_n, digest, NULL) == 1;
	OPENSSL_free(tbs);
	if (!ok)
		return false;
	l->value_n = (unsigned)value->length;
	memcpy(l->value, value->data, l->value_n);
	snprintf(l->algorithm, sizeof l->algorithm, "%s with %s", EVP_MD_get0_name(digest), OBJ_nid2sn(kind));
	BIO *b = BIO_new(BIO_s_mem());
	char *name = NULL;
	long size =
		b && X509_NAME_print_ex(b, X509_get_issuer_name(x), 0, XN_FLAG_RFC2253) >= 0 ? BIO_get_mem_data(b, &name) : 0;
	ok = size > 0 && size < 250;
	snprintf(l->hint, sizeof l->hint, "UEFI db: issued by %.*s", ok ? (int)size : 0, name ? name : "");
	BIO_free(b);
	return ok;
}

/* The certificate that the message carries whose key signed this one; NULL: there is none. */
static X509 *issuer_within(const STACK_OF(X509) * carried, X509 *x)
{
	for (int i = 0; i < sk_X509_num(carried) && i < 32; i++) {
		X509 *other = sk_X509_value(carried, i);
		EVP_PKEY *key = X509_get0_pubkey(other);
		if (other != x && key && EVP_PKEY_get_bits(key) <= KEY_BITS_MAX && X509_check_ca(other) &&
			X509_NAME_cmp(X509_get_subject_name(other), X509_get_issuer_name(x)) == 0 && X509_verify(x, key) == 1)
			return other;
	}
	return NULL;
}

static void read_chain(PKCS7 *message, X509 *signer, struct verdict *v)
{
	X509 *chain[CHAIN_MAX];
	unsigned above;
	for (X509 *x = signer; x && v->links < CHAIN_MAX; x = issuer_within(message->d.sign->cert, x)) {
		struct link *l = &v->chain[v->links];
		chain[v->links] = x;
		if (X509_NAME_cmp(X509_get_subject_name(x), X509_get_issuer_name(x)) == 0 ||
			!certificates_are_chain(chain, v->links + 1, &above) || !read_link(x, l))
			return;
		v->links++;
		if (above)
			snprintf(l->covers, sizeof l->covers, "certificate %u above the one that signed", above);
		else
			snprintf(l->covers, sizeof l->covers, "certificate that signed");
	}
}

static void verify(PKCS7 *message, struct span content, const EVP_MD *digest, struct verdict *v)
{
	STACK_OF(X509) *signers = PKCS7_get0_signers(message, NULL, 0);
	int n = signers ? sk_X509_num(signers) : 0;
	BIO *in = BIO_new_mem_buf(content.p, (int)content.n), *nowhere = BIO_new(BIO_s_null());
	/* PKCS7_verify() reads a memory BIO through one of its own, and loses that when a digest is none that it knows. */
	BIO *filter = BIO_new(BIO_f_null()), *through = filter && in ? BIO_push(filter, in) : NULL;
	v->state = "no-key";
	v->detail = "the signer's certificate is not in the message";
	bool fits = n > 0 && n <= SIGNERS_MAX && through && nowhere;
	for (int i = 0; fits && i < n; i++) {
		EVP_PKEY *key = X509_get0_pubkey(sk_X509_value(signers, i));
		fits = key && EVP_PKEY_get_bits(key) <= KEY_BITS_MAX;
	}
	if (n > 0)
		name_signer(sk_X509_value(signers, 0), digest, v);
	if (fits) {
		bool good = PKCS7_verify(message, NULL, NULL, through, nowhere, PKCS7_NOVERIFY | PKCS7_BINARY) == 1;
		v->state = good ? "valid" : "invalid";
		v->detail = good ? "by the certificate that it carries" : "not by the certificate that it carries";
		if (good && n == 1)
			read_chain(message, sk_X509_value(signers, 0), v);
	}
	sk_X509_free(signers);
	BIO_free(filter);
	BIO_free(in);
	BIO_free(nowhere);
}

static void judge(const struct subject *s, const struct pe *p, struct span der, struct verdict *v)
{
	struct span content, oid, said;
	const uint8_t *at = der.p;
	if (der.n > MESSAGE_MAX || !content_of(der, &content) || !indirect_digest(content, &oid, &said))
		return;
	/* Whatever OpenSSL is asked first would look for its configuration file. */
	OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
	const EVP_MD *digest = digest_of_oid(oid);
	PKCS7 *message = digest ? d2i_PKCS7(NULL, &at, (long)der.n) : NULL;
	if (message && PKCS7_type_is_signed(message) && message->d.sign) {
		verify(message, content, digest, v);
		uint8_t have[EVP_MAX_MD_SIZE];
		unsigned n = digest_program(s->bytes, p, digest, have);
		if (!table_is_last(s->bytes, p)) {
			v->state = "unsupported";
			v->detail = "the program goes on behind its table of certificates, as none does that is signed";
		} else if (!n || n != said.n || memcmp(have, said.p, n) != 0) {
			v->state = "invalid";
			v->detail = "the program does not have the digest that is signed";
		}
	}
	PKCS7_free(message);
	ERR_clear_error();
}

/* Only where the program is what was signed: the keys of UEFI are asked for the certificates. */
static void report_chain(const struct subject *s, struct sink *sink, uint64_t at, const struct verdict *v)
{
	for (unsigned i = 0; strcmp(v->state, "valid") == 0 && i < v->links; i++) {
		const struct link *l = &v->chain[i];
		if (l->value_n)
			emit_signature(sink, &(struct fact_signature){
									 .made = FACT_NULL,
									 .expires = FACT_NULL,
									 .offset = (int64_t)at,
									 .scheme = TEXT_LIT("x509"),
									 .covers = text_c(l->covers),
									 .algorithm = text_c(l->algorithm),
									 .state = TEXT_LIT("no-key"),
									 .key_hint = text_c(l->hint),
									 .detail = TEXT_LIT("no certificate of its issuer is found in a db of UEFI"),
									 .method = text_c(l->method),
									 .message = signatures_hex(s, span_of(l->digest, l->digest_n)),
									 .value = signatures_hex(s, span_of(l->value, l->value_n)) });
	}
}

/* db and dbx may name a program by this digest. */
static struct text program_digest(const struct subject *s, const struct pe *p)
{
	uint8_t have[EVP_MAX_MD_SIZE];
	if (!table_is_last(s->bytes, p))
		return TEXT_NONE;
	OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
	return signatures_hex(s, span_of(have, digest_program(s->bytes, p, EVP_sha256(), have)));
}

static void report(struct sink *sink, uint64_t at, const struct verdict *v, struct text digest)
{
	emit_signature(sink,
				   &(struct fact_signature){ .made = FACT_NULL,
											 .expires = FACT_NULL,
											 .offset = (int64_t)at,
											 .scheme = TEXT_LIT("authenticode"),
											 .covers = TEXT_LIT("program"),
											 .algorithm = *v->algorithm ? text_c(v->algorithm) : TEXT_NONE,
											 .state = text_c(v->state),
											 .key_fingerprint = *v->fingerprint ? text_c(v->fingerprint) : TEXT_NONE,
											 .key_hint = *v->hint ? text_c(v->hint) : TEXT_NONE,
											 .detail = text_c(v->detail),
											 .message = digest });
}

void signatures_pe(const struct subject *s, struct sink *sink)
{
	struct pe p;
	if (!pe_read(s->bytes, &p))
		return;
	struct span table = p.size ? span_sub(s->bytes, p.table, p.size) : SPAN_NONE;
	if (p.size && !table.p)
		emit_damage_at(sink, ERR_TRUNCATED, p.directory, "the table of certificates lies beyond the program's end");
	if (!p.size && p.uefi && s->kind == ENTRY_FILE)
		report(sink, p.directory, &(struct verdict){ "absent", "the program has no table of certificates", "", "", "" },
			   program_digest(s, &p));
	struct reader r = reader_le(table);
	for (unsigned i = 0; i < CERTIFICATES_MAX && rd_left(&r) > 8; i++) {
		uint64_t at = p.table + r.at;
		uint32_t n = rd_u32(&r);
		rd_skip(&r, 2); /* revision */
		uint16_t type = rd_u16(&r);
		struct span der = rd_bytes(&r, n >= 8 ? n - 8 : 0);
		if (!rd_ok(&r) || n <= 8)
			break;
		struct verdict v = { .state = "unsupported", .detail = "no message of Authenticode that can be read" };
		if (type == TYPE_PKCS7) {
			judge(s, &p, der, &v);
			report(sink, at, &v, program_digest(s, &p));
			report_chain(s, sink, at, &v);
		}
		rd_skip(&r, (8 - n % 8) % 8);
	}
}
