/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Signatures in messages of CMS.
 *
 * Specification: RFC 5652 (CMS), RFC 5280 (certificates). */
#include "format/signature.h"

#include <limits.h>
#include <stdio.h>

#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "base/certificates.h"
#include "base/hash.h"

#define CMS_MAX (256u << 10)
#define SIGNERS_MAX 8
#define CERTIFICATES_MAX 32
#define KEY_BITS_MAX 8192
#define ATTRIBUTES_MAX 4096u

#define BROKEN_CHAIN                                                                                                   \
	"the certificates of its chain do not allow each other what they do: path length, names or extensions"

void signature_report_cms(struct sink *sink, uint64_t offset, const char *covers, const struct signature_cms *cms)
{
	signature_report(sink, &(struct signature){
							   .offset = offset,
							   .scheme = cms->scheme ? cms->scheme : "cms",
							   .state = cms->state,
							   .covers = text_c(covers),
							   .algorithm = *cms->algorithm ? text_c(cms->algorithm) : TEXT_NONE,
							   .fingerprint = cms->fingerprint,
							   .hint = text_c(cms->hint),
							   .detail = cms->detail,
							   .method = cms->signer.method,
							   .message = span_of(cms->signer.message, cms->signer.message_n),
							   .value = span_of(cms->signer.value, cms->signer.value_n),
						   });
	if (cms->issuer.method)
		signature_report(
			sink, &(struct signature){
					  .offset = offset,
					  .scheme = "x509",
					  .state = cms->broken_chain ? SIGNATURE_INVALID : SIGNATURE_NO_KEY,
					  .covers = text_c(cms->issuer_covers),
					  .algorithm = text_c(cms->issuer_algorithm),
					  .hint = text_c(cms->issuer_hint),
					  .detail = cms->broken_chain ? BROKEN_CHAIN : "its issuer's certificate is not in the image",
					  .method = cms->broken_chain ? NULL : cms->issuer.method,
					  .message = span_of(cms->issuer.message, cms->issuer.message_n),
					  .value = span_of(cms->issuer.value, cms->issuer.value_n),
				  });
}

/* ---- names ---- */

void signature_signer_name(const X509_NAME *issuer, const ASN1_INTEGER *serial, char *out, size_t size)
{
	BIO *b = BIO_new(BIO_s_mem());
	BIGNUM *number = serial ? ASN1_INTEGER_to_BN(serial, NULL) : NULL;
	char *hex = number && BN_num_bits(number) <= 256 ? BN_bn2hex(number) : NULL;
	char *name = NULL;
	long n = b && issuer && X509_NAME_print_ex(b, issuer, 0, XN_FLAG_RFC2253) >= 0 ? BIO_get_mem_data(b, &name) : 0;
	snprintf(out, size, "issuer %.*s, serial %s", (int)(n < 200 ? n : 200), name ? name : "", hex ? hex : "unknown");
	OPENSSL_free(hex);
	BN_free(number);
	BIO_free(b);
}

void signature_issuer_name(const X509_NAME *issuer, char *out, size_t size)
{
	BIO *b = BIO_new(BIO_s_mem());
	char *name = NULL;
	long n = b && issuer && X509_NAME_print_ex(b, issuer, 0, XN_FLAG_RFC2253) >= 0 ? BIO_get_mem_data(b, &name) : 0;
	snprintf(out, size, "issued by %.*s", (int)(n < 280 ? n : 280), name ? name : "");
	BIO_free(b);
}

static void hint_of(CMS_SignerInfo *signer, struct signature_cms *out)
{
	ASN1_OCTET_STRING *id = NULL;
	X509_NAME *issuer = NULL;
	ASN1_INTEGER *serial = NULL;
	if (CMS_SignerInfo_get0_signer_id(signer, &id, &issuer, &serial) != 1)
		return;
	if (id) {
		int n = ASN1_STRING_length(id);
		size_t used = (size_t)snprintf(out->hint, sizeof out->hint, "key identifier ");
		hash_hex(ASN1_STRING_get0_data(id), n < 64 ? (size_t)n : 64, out->hint + used);
		return;
	}
	signature_signer_name(issuer, serial, out->hint, sizeof out->hint);
}

static X509 *certificate_of(CMS_SignerInfo *signer, STACK_OF(X509) * certificates)
{
	for (int i = 0; i < sk_X509_num(certificates); i++)
		if (CMS_SignerInfo_cert_cmp(signer, sk_X509_value(certificates, i)) == 0)
			return sk_X509_value(certificates, i);
	return NULL;
}

static void take_algorithm(CMS_SignerInfo *signer, X509 *certificate, struct signature_cms *out)
{
	X509_ALGOR *digest = NULL, *signature = NULL;
	EVP_PKEY *key = certificate ? X509_get0_pubkey(certificate) : NULL;
	const ASN1_OBJECT *oid = NULL;
	char name[40] = "";
	CMS_SignerInfo_get0_algs(signer, NULL, NULL, &digest, &signature);
	if (digest)
		X509_ALGOR_get0(&oid, NULL, NULL, digest);
	int d = oid ? OBJ_obj2nid(oid) : NID_undef;
	oid = NULL;
	if (signature)
		X509_ALGOR_get0(&oid, NULL, NULL, signature);
	if (oid)
		OBJ_obj2txt(name, sizeof name, oid, 0);
	int bits = key ? EVP_PKEY_get_bits(key) : 0;
	int used = snprintf(out->algorithm, sizeof out->algorithm, "%s with %s", d ? OBJ_nid2sn(d) : "an unknown digest",
						*name ? name : "an unknown algorithm");
	if (bits > 0 && used > 0 && (size_t)used < sizeof out->algorithm)
		snprintf(out->algorithm + used, sizeof out->algorithm - (size_t)used, ", %d bits", bits);
}

static void fingerprint_of(X509 *certificate, struct signature_cms *out)
{
	unsigned char *der = NULL;
	int n = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &der);
	if (n > 0)
		hash_sha256_hex(span_of(der, (size_t)n), out->fingerprint);
	OPENSSL_free(der);
}

/* All signers have a certificate in the message, with a key that is not too large to be asked. */
static bool may_verify(STACK_OF(CMS_SignerInfo) * signers, STACK_OF(X509) * certificates, struct signature_cms *out)
{
	for (int i = 0; i < sk_CMS_SignerInfo_num(signers); i++) {
		CMS_SignerInfo *signer = sk_CMS_SignerInfo_value(signers, i);
		X509 *certificate = certificate_of(signer, certificates);
		EVP_PKEY *key = certificate ? X509_get0_pubkey(certificate) : NULL;
		out->attributes |= CMS_signed_get_attr_count(signer) > 0;
		if (i == 0) {
			hint_of(signer, out);
			take_algorithm(signer, certificate, out);
			if (certificate)
				fingerprint_of(certificate, out);
		}
		out->state = !certificate ? SIGNATURE_NO_KEY : SIGNATURE_UNSUPPORTED;
		out->detail = !certificate ? "the signer's certificate is not in the message" : "the signer's key is not known";
		if (!key || EVP_PKEY_get_bits(key) > KEY_BITS_MAX)
			return false;
	}
	return true;
}

/* ---- CMS whose certificate is elsewhere: what a bare key needs ---- */

static const char *method_of(CMS_SignerInfo *signer, const EVP_MD **digest)
{
	X509_ALGOR *algorithm = NULL, *signature = NULL;
	const ASN1_OBJECT *oid = NULL;
	CMS_SignerInfo_get0_algs(signer, NULL, NULL, &algorithm, &signature);
	if (algorithm)
		X509_ALGOR_get0(&oid, NULL, NULL, algorithm);
	int d = oid ? OBJ_obj2nid(oid) : NID_undef;
	*digest = d == NID_sha1     ? EVP_sha1()
			  : d == NID_sha256 ? EVP_sha256()
			  : d == NID_sha384 ? EVP_sha384()
			  : d == NID_sha512 ? EVP_sha512()
								: NULL;
	oid = NULL;
	if (signature)
		X509_ALGOR_get0(&oid, NULL, NULL, signature);
	switch (oid ? OBJ_obj2nid(oid) : NID_undef) {
	case NID_rsaEncryption:
	case NID_sha1WithRSAEncryption:
	case NID_sha256WithRSAEncryption:
	case NID_sha384WithRSAEncryption:
	case NID_sha512WithRSAEncryption:
		return "rsa-pkcs1";
	case NID_rsassaPss:
		return "rsa-pss";
	case NID_X9_62_id_ecPublicKey:
	case NID_ecdsa_with_SHA1:
	case NID_ecdsa_with_SHA256:
	case NID_ecdsa_with_SHA384:
	case NID_ecdsa_with_SHA512:
		return "ecdsa";
	case NID_ED25519:
		return "ed25519";
	default:
		return NULL;
	}
}

/* The signed attributes as a SET, as they are signed (RFC 5652, section 5.4): their size, 0 when they are too large. */
static size_t signed_attributes(CMS_SignerInfo *signer, uint8_t out[ATTRIBUTES_MAX + 4])
{
	int count = CMS_signed_get_attr_count(signer);
	size_t n = 4;
	for (int i = 0; i < count; i++) {
		unsigned char *p = out + n;
		int size = i2d_X509_ATTRIBUTE(CMS_signed_get_attr(signer, i), NULL);
		if (size <= 0 || (size_t)size > ATTRIBUTES_MAX + 4 - n)
			return 0;
		n += (size_t)i2d_X509_ATTRIBUTE(CMS_signed_get_attr(signer, i), &p);
	}
	size_t content = n - 4, head = content < 128 ? 2 : content < 256 ? 3 : 4;
	memmove(out + head, out + 4, content);
	out[0] = 0x31;
	out[1] = head == 2 ? (uint8_t)content : head == 3 ? 0x81 : 0x82;
	if (head > 2)
		out[head - 1] = (uint8_t)content;
	if (head == 4)
		out[2] = (uint8_t)(content >> 8);
	return head + content;
}

static bool keep_message(struct signature_pending *p, struct span message)
{
	bool fits = message.n && message.n <= sizeof p->message;
	p->message_n = fits ? message.n : 0;
	memcpy(p->message, message.p, p->message_n);
	return fits;
}

static bool keep_value(struct signature_pending *p, const ASN1_STRING *value)
{
	int n = value ? ASN1_STRING_length(value) : 0;
	bool fits = n > 0 && (size_t)n <= sizeof p->value;
	p->value_n = fits ? (size_t)n : 0;
	memcpy(p->value, fits ? ASN1_STRING_get0_data(value) : p->value, p->value_n);
	return fits;
}

/* What is signed of `content`: itself, or attributes of which one is its digest. */
static bool take_message(CMS_SignerInfo *signer, const EVP_MD *digest, struct span content, struct signature_cms *out)
{
	uint8_t md[EVP_MAX_MD_SIZE], attributes[ATTRIBUTES_MAX + 4];
	unsigned n = 0;
	if (EVP_Digest(content.p, content.n, md, &n, digest, NULL) != 1)
		return false;
	struct span signed_bytes = content;
	if (CMS_signed_get_attr_count(signer) > 0) {
		const ASN1_OCTET_STRING *said =
			CMS_signed_get0_data_by_OBJ(signer, OBJ_nid2obj(NID_pkcs9_messageDigest), -3, V_ASN1_OCTET_STRING);
		if (!said || ASN1_STRING_length(said) != (int)n || memcmp(ASN1_STRING_get0_data(said), md, n) != 0) {
			out->state = SIGNATURE_INVALID;
			out->detail = "the content does not have the digest that is signed";
			return false;
		}
		signed_bytes = span_of(attributes, signed_attributes(signer, attributes));
		if (!signed_bytes.n || EVP_Digest(signed_bytes.p, signed_bytes.n, md, &n, digest, NULL) != 1)
			return false;
	}
	bool whole = strcmp(out->signer.method, "ed25519") == 0;
	return keep_message(&out->signer, whole ? signed_bytes : span_of(md, n));
}

static void take_pending(CMS_ContentInfo *cms, CMS_SignerInfo *signer, struct span content, struct signature_cms *out)
{
	const EVP_MD *digest = NULL;
	ASN1_OCTET_STRING **inside = CMS_get0_content(cms), *value = CMS_SignerInfo_get0_signature(signer);
	if (!content.p && inside && *inside)
		content = span_of(ASN1_STRING_get0_data(*inside), (size_t)ASN1_STRING_length(*inside));
	out->signer.method = method_of(signer, &digest);
	if (!out->signer.method || !digest || !content.p || !keep_value(&out->signer, value) ||
		!take_message(signer, digest, content, out))
		out->signer.method = NULL;
}

/* ---- the certificate that signed: who issued the last one of its chain that the message carries ---- */

#define CHAIN_MAX 9u
#define ISSUERS_MAX 4u

static bool is_issuer(X509 *x, X509 *of)
{
	EVP_PKEY *key = X509_get0_pubkey(x);
	return key && EVP_PKEY_get_bits(key) <= KEY_BITS_MAX && X509_check_ca(x) &&
		   X509_NAME_cmp(X509_get_issuer_name(of), X509_get_subject_name(x)) == 0 && X509_verify(of, key) == 1;
}

/* The one that issued the last of the chain: of several of its name and key, as there are where an authority renewed its certificate or
 * was signed by another one, too, one that is allowed to; else the first. NULL: it is not carried. */
static X509 *find_issuer(X509 *chain[CHAIN_MAX], unsigned links, STACK_OF(X509) * certificates)
{
	X509 *first = NULL;
	unsigned tried = 0, above;
	for (int i = 0; links < CHAIN_MAX && tried < ISSUERS_MAX && i < sk_X509_num(certificates); i++) {
		X509 *x = sk_X509_value(certificates, i);
		if (!is_issuer(x, chain[links - 1]))
			continue;
		chain[links] = x;
		if (certificates_are_chain(chain, links + 1, &above))
			return x;
		first = tried++ ? first : x;
	}
	return first;
}

/* How many there are. */
static unsigned read_chain(X509 *certificate, STACK_OF(X509) * certificates, X509 *chain[CHAIN_MAX])
{
	unsigned links = 0;
	for (X509 *next = certificate; next && links < CHAIN_MAX;) {
		X509 *last = next;
		chain[links++] = last;
		bool ends = X509_NAME_cmp(X509_get_issuer_name(last), X509_get_subject_name(last)) == 0;
		next = ends ? NULL : find_issuer(chain, links, certificates);
	}
	return links;
}

/* To-be-signed bytes, or their digest. */
static bool take_certificate(X509 *x, const EVP_MD *digest, struct signature_pending *p)
{
	unsigned char *der = NULL;
	uint8_t md[EVP_MAX_MD_SIZE];
	unsigned size = 0;
	int n = i2d_X509(x, &der), tag, class;
	const unsigned char *tbs = der, *at;
	long length = 0;
	/* The first element in the SEQUENCE, with its own head. */
	bool ok = n > 0 && !(ASN1_get_object(&tbs, &length, &tag, &class, n) & 0x80);
	at = tbs;
	ok = ok && !(ASN1_get_object(&at, &length, &tag, &class, n - (tbs - der)) & 0x80);
	struct span whole = ok ? span_of(tbs, (size_t)(at - tbs) + (size_t)length) : SPAN_NONE;
	ok = ok && (!digest || EVP_Digest(whole.p, whole.n, md, &size, digest, NULL) == 1) &&
		 keep_message(p, digest ? span_of(md, size) : whole);
	OPENSSL_free(der);
	return ok;
}

static void take_issuer(X509 *certificate, STACK_OF(X509) * certificates, struct signature_cms *out)
{
	X509 *chain[CHAIN_MAX];
	unsigned links = read_chain(certificate, certificates, chain), above;
	X509 *last = chain[links - 1];
	const ASN1_BIT_STRING *value = NULL;
	int digest = NID_undef, kind = NID_undef;
	X509_get0_signature(&value, NULL, last);
	if (X509_get_signature_info(last, &digest, &kind, NULL, NULL) != 1 && kind != EVP_PKEY_ED25519)
		return;
	const EVP_MD *md = digest == NID_sha1     ? EVP_sha1()
					   : digest == NID_sha256 ? EVP_sha256()
					   : digest == NID_sha384 ? EVP_sha384()
					   : digest == NID_sha512 ? EVP_sha512()
											  : NULL;
	const char *method = kind == EVP_PKEY_RSA                                ? "rsa-pkcs1"
						 : kind == EVP_PKEY_RSA_PSS || kind == NID_rsassaPss ? "rsa-pss"
						 : kind == EVP_PKEY_EC                               ? "ecdsa"
						 : kind == EVP_PKEY_ED25519                          ? "ed25519"
																			 : NULL;
	if (kind == EVP_PKEY_ED25519)
		md = NULL;
	else if (!md)
		return;
	if (!method || !keep_value(&out->issuer, value) || !take_certificate(last, md, &out->issuer))
		return;
	out->issuer.method = method;
	out->broken_chain = !certificates_are_chain(chain, links, &above);
	if (above)
		snprintf(out->issuer_covers, sizeof out->issuer_covers, "certificate %u above the one that signed", above);
	else
		snprintf(out->issuer_covers, sizeof out->issuer_covers, "certificate that signed");
	snprintf(out->issuer_algorithm, sizeof out->issuer_algorithm, "%s", OBJ_nid2sn(X509_get_signature_nid(last)));
	signature_issuer_name(X509_get_issuer_name(last), out->issuer_hint, sizeof out->issuer_hint);
}

/* Whether its extensions say what it is for, and neither signing code nor messages is in that (RFC 5280, sections 4.2.1.3 and 4.2.1.12). */
static bool is_for_something_else(X509 *x)
{
	uint32_t flags = X509_get_extension_flags(x), usage = X509_get_key_usage(x),
			 purpose = X509_get_extended_key_usage(x);
	return (flags & EXFLAG_KUSAGE && !(usage & (KU_DIGITAL_SIGNATURE | KU_NON_REPUDIATION))) ||
		   (flags & EXFLAG_XKUSAGE && !(purpose & (XKU_SMIME | XKU_CODE_SIGN | XKU_ANYEKU)));
}

void signature_cms_ask_purpose(struct signature_cms *cms)
{
	if (!cms->misused)
		return;
	cms->state = SIGNATURE_UNTRUSTED;
	cms->detail = "by the certificate that it carries, which says of itself that it is for something else";
	cms->issuer.method = NULL;
}

/* Detached content as CMS_verify() may read it. It makes a second BIO for one in memory, and loses that where it can not begin (a
 * digest that it does not know); so one stands before the memory. NULL: there is none, or no memory. BIO_free_all() frees it. */
static BIO *detached(struct span content)
{
	BIO *memory = content.p && content.n <= INT_MAX ? BIO_new_mem_buf(content.p, (int)content.n) : NULL;
	BIO *before = memory ? BIO_new(BIO_f_buffer()) : NULL;
	if (!before) {
		BIO_free(memory);
		return NULL;
	}
	return BIO_push(before, memory);
}

static void verify(CMS_ContentInfo *cms, struct span content, struct signature_cms *out)
{
	STACK_OF(CMS_SignerInfo) *signers = CMS_get0_SignerInfos(cms);
	STACK_OF(X509) *certificates = CMS_get1_certs(cms);
	int n = signers ? sk_CMS_SignerInfo_num(signers) : 0, have = certificates ? sk_X509_num(certificates) : 0;
	BIO *b = detached(content);
	BIO *nowhere = BIO_new(BIO_s_null());
	if (n > SIGNERS_MAX || have > CERTIFICATES_MAX)
		out->detail = "more signers or certificates than are looked at";
	else if (n == 0)
		out->state = SIGNATURE_ABSENT, out->detail = "the message has no signer";
	else if (may_verify(signers, certificates, out) && nowhere && (b || !content.p)) {
		bool good = CMS_verify(cms, NULL, NULL, b, nowhere, CMS_NO_SIGNER_CERT_VERIFY | CMS_BINARY) == 1;
		out->state = good ? SIGNATURE_VALID : SIGNATURE_INVALID;
		X509 *certificate = certificate_of(sk_CMS_SignerInfo_value(signers, 0), certificates);
		bool itself = certificate && X509_get_extension_flags(certificate) & EXFLAG_SS;
		if (good && n == 1 && certificate)
			take_issuer(certificate, certificates, out);
		out->misused = good && certificate && is_for_something_else(certificate);
		out->detail = !good    ? "not by the certificate that it carries"
					  : itself ? "by the certificate that it carries, which is signed by itself"
							   : "by the certificate that it carries";
	}
	if (n == 1 && strcmp(out->state, SIGNATURE_NO_KEY) == 0)
		take_pending(cms, sk_CMS_SignerInfo_value(signers, 0), content, out);
	BIO_free(nowhere);
	BIO_free_all(b);
	sk_X509_pop_free(certificates, X509_free);
}

void signature_cms_verify(struct span cms, struct span content, struct signature_cms *out)
{
	const uint8_t *p = cms.p;
	*out = (struct signature_cms){ .state = SIGNATURE_UNSUPPORTED, .detail = "no CMS message that can be read" };
	if (!cms.n || cms.n > CMS_MAX)
		return;
	OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
	CMS_ContentInfo *message = d2i_CMS_ContentInfo(NULL, &p, (long)cms.n);
	if (message && OBJ_obj2nid(CMS_get0_type(message)) == NID_pkcs7_signed)
		verify(message, content, out);
	CMS_ContentInfo_free(message);
	ERR_clear_error();
}
