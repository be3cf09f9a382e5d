/* SPDX-License-Identifier: GPL-3.0-or-later */
/* PEM (RFC 7468, RFC 1421), anywhere: in files of its own, indented, in strings of programs and of JSON.
 *
 * Programs that read keys hold the marks without a body: only what decodes and parses is a key. */
#include "base/ascii.h"
#include "base/base64.h"
#include "inspect/keys.h"

#define BEGIN "-----BEGIN "
#define END "-----END "
#define HEADERS_MAX 16u
#define HEADER_MAX 256u
#define BODY_MIN 48u /* below that it is an example, above it something is damaged when it does not parse */

/* Steps over one separator at `at`: its length, 0 when none stands there. */
static size_t keys_separator(struct span bytes, size_t at)
{
	uint8_t c = at < bytes.n ? bytes.p[at] : 0, next = at + 1 < bytes.n ? bytes.p[at + 1] : 0;
	if (c == ' ' || (c >= '\t' && c <= '\r') || c == '"' || c == '\'' || c == ',')
		return 1;
	if (c != '\\')
		return 0;
	return next == 'n' || next == 'r' || next == 't'
			   ? 2
			   : next == '\\' || next == '"' || next == '/' || next == '\n' || next == '\r';
}

struct span keys_base64(struct keys *k, struct base64 *b)
{
	uint32_t bits = 0;
	size_t digits = 0, n = 0;
	if (!k->body && !(k->body = arena_alloc(k->arena, KEYS_OBJECT_MAX, 1))) {
		k->exhausted = true;
		return SPAN_NONE;
	}
	while (b->at < b->bytes.n) {
		int digit = base64_digit(b->bytes.p[b->at]);
		size_t separator = digit < 0 && b->lines ? keys_separator(b->bytes, b->at) : 0;
		if (digit < 0 && !separator)
			break;
		b->at += separator ? separator : 1;
		if (separator)
			continue;
		bits = bits << 6 | (uint32_t)digit;
		if (digits++ % 4) {
			if (n == KEYS_OBJECT_MAX)
				return SPAN_NONE;
			k->body[n++] = (uint8_t)(bits >> (6 - 2 * ((digits - 1) % 4)));
		}
	}
	for (size_t pad = digits % 4; pad > 1 && pad < 4 && b->at < b->bytes.n && b->bytes.p[b->at] == '='; pad++)
		b->at++;
	return span_of(k->body, n);
}

struct header {
	bool encrypted;  /* Proc-Type: 4,ENCRYPTED */
	bool has_cipher; /* DEK-Info: */
};

/* One line "Name: value", up to its end as written or as an escape. */
static bool read_header(struct base64 *b, struct header *h)
{
	struct span line = span_clip(b->bytes, b->at, HEADER_MAX);
	size_t n = 0, end;
	while (n < line.n && (ascii_is_letter(line.p[n]) || line.p[n] == '-'))
		n++;
	if (n == 0 || n >= line.n || line.p[n] != ':')
		return false;
	for (end = n; end < line.n && line.p[end] != '\n' && line.p[end] != '\r' && line.p[end] != '\\'; end++)
		;
	struct span value = span_sub(line, n + 1, end - n - 1);
	if (n == 9 && memcmp(line.p, "Proc-Type", 9) == 0)
		h->encrypted = value.p && memmem(value.p, value.n, "ENCRYPTED", 9);
	else if (n == 8 && memcmp(line.p, "DEK-Info", 8) == 0)
		h->has_cipher = value.p && memchr(value.p, ',', value.n);
	b->at += end;
	return true;
}

static void skip_separators(struct base64 *b)
{
	for (size_t n; (n = keys_separator(b->bytes, b->at)) > 0;)
		b->at += n;
}

static void read_headers(struct base64 *b, struct header *h)
{
	skip_separators(b);
	for (unsigned i = 0; i < HEADERS_MAX && read_header(b, h); i++)
		skip_separators(b);
}

enum block {
	BLOCK_PRIVATE,
	BLOCK_OPENSSH,
	BLOCK_PUBLIC,
	BLOCK_PKCS1_PUBLIC,
	BLOCK_CERTIFICATE,
	BLOCK_TRUSTED,
	BLOCK_PKCS7
};

static const struct label {
	const char *words;
	enum block block;
	const char *type; /* of an encrypted private key, where the label tells */
} labels[] = {
	{ "PRIVATE KEY", BLOCK_PRIVATE, NULL },
	{ "ENCRYPTED PRIVATE KEY", BLOCK_PRIVATE, NULL },
	{ "RSA PRIVATE KEY", BLOCK_PRIVATE, "rsa" },
	{ "EC PRIVATE KEY", BLOCK_PRIVATE, "ec" },
	{ "DSA PRIVATE KEY", BLOCK_PRIVATE, "dsa" },
	{ "ANY PRIVATE KEY", BLOCK_PRIVATE, NULL },
	{ "OPENSSH PRIVATE KEY", BLOCK_OPENSSH, NULL },
	{ "PUBLIC KEY", BLOCK_PUBLIC, NULL },
	{ "RSA PUBLIC KEY", BLOCK_PKCS1_PUBLIC, NULL },
	{ "CERTIFICATE", BLOCK_CERTIFICATE, NULL },
	{ "X509 CERTIFICATE", BLOCK_CERTIFICATE, NULL },
	{ "TRUSTED CERTIFICATE", BLOCK_TRUSTED, NULL },
	{ "PKCS7", BLOCK_PKCS7, NULL },
	{ "CMS", BLOCK_PKCS7, NULL },
};

static const struct label *find_label(struct span bytes, uint64_t at, size_t *end)
{
	for (size_t i = 0; i < sizeof labels / sizeof labels[0]; i++) {
		size_t n = strlen(labels[i].words);
		if (span_has(bytes, at, labels[i].words, n) && span_has(bytes, at + n, "-----", 5)) {
			*end = (size_t)at + n + 5;
			return &labels[i];
		}
	}
	return NULL;
}

static bool take_certificate(struct keys *k, uint64_t at, struct span body, bool trusted)
{
	struct span whole;
	/* A "trusted" one has OpenSSL's own data behind it. */
	return der_whole(&body, DER_SEQUENCE, &whole) && (trusted || !body.n) && keys_certificate(k, at, whole);
}

/* An encrypted body can not be looked into; its frame must be whole. */
static bool take_encrypted(const struct label *label, const struct header *h, struct span body, bool ended,
						   struct key *key)
{
	*key = (struct key)KEY_INIT("pem");
	key->type = label->type;
	key->encrypted = true;
	return ended && h->has_cipher && body.n >= 16 && body.n % 8 == 0;
}

static bool take(struct keys *k, uint64_t at, const struct label *label, const struct header *h, struct span body,
				 bool ended)
{
	struct key key = KEY_INIT(label->block == BLOCK_OPENSSH ? "openssh" : "pem");
	bool ok = false;
	switch (label->block) {
	case BLOCK_CERTIFICATE:
	case BLOCK_TRUSTED:
		return take_certificate(k, at, body, label->block == BLOCK_TRUSTED);
	case BLOCK_PKCS7:
		return keys_pkcs7(k, at, body);
	case BLOCK_PUBLIC:
	case BLOCK_PKCS1_PUBLIC:
		ok = label->block == BLOCK_PUBLIC ? keys_spki(k, body, &key) : keys_pkcs1_public(k, body, &key);
		if (ok)
			keys_emit_public(k, at, &key);
		return ok;
	case BLOCK_PRIVATE:
		ok = h->encrypted ? take_encrypted(label, h, body, ended, &key) : keys_private(k, body, "pem", &key);
		break;
	case BLOCK_OPENSSH:
		ok = keys_openssh(k, body, &key);
		break;
	}
	if (ok)
		keys_emit_private(k, at, &key);
	return ok;
}

void keys_pem(struct keys *k, uint64_t at)
{
	struct base64 b = { k->subject->bytes, 0, true };
	struct header h = { 0 };
	const struct label *label = find_label(b.bytes, at + sizeof BEGIN - 1, &b.at);
	if (!label)
		return;
	read_headers(&b, &h);
	struct span body = keys_base64(k, &b);
	skip_separators(&b);
	bool ended = span_has(b.bytes, b.at, END, sizeof END - 1);
	if (body.p && body.n && take(k, at, label, &h, body, ended))
		k->covered = b.at;
	else if (!body.p && !k->exhausted)
		emit_damage_at(k->sink, ERR_BUDGET, at, "a PEM block \"%s\" is larger than %u bytes", label->words,
					   KEYS_OBJECT_MAX);
	else if (k->exhausted || body.n < BODY_MIN)
		return;
	else if (ended)
		emit_damage_at(k->sink, ERR_CORRUPT, at, "a PEM block \"%s\" of %zu bytes does not parse", label->words,
					   body.n);
	else if (b.at >= b.bytes.n)
		emit_damage_at(k->sink, ERR_TRUNCATED, at, "a PEM block \"%s\" ends after %zu bytes", label->words, body.n);
}
