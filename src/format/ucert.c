/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Specification: OpenWrt ucert.c (the chain), libubox blob.h and blobmsg.h (its attributes), usign main.c (signatures and
 * keys: a comment, then Base64 of "Ed", the key's number, and 64 or 32 bytes); RFC 8410 (SubjectPublicKeyInfo). */
#include "format/ucert.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include <openssl/evp.h>

#include "base/hash.h"
#include "format/signature.h"

#define CHAIN_MAX 16u
#define SPKI 44u
#define NUMBER 8u
#define CERTTYPE_AUTH 1u

/* Names of libubox: attributes of blob.h by number, those of blobmsg.h by name and type. */
enum { ATTR_SIGNATURE = 0, ATTR_PAYLOAD = 1 };
enum { TYPE_TABLE = 2, TYPE_STRING = 3, TYPE_INT64 = 4, TYPE_INT32 = 5 };

struct usign {
	uint8_t bytes[74]; /* "Ed", number, signature or key */
};

struct certificate {
	uint32_t type;
	uint64_t from, until;
	bool has_key;
	struct usign key;
};

struct attribute {
	unsigned id;
	bool named; /* it has the head of blobmsg.h */
	struct span data;
};

/* One attribute of `rest`, which goes on behind its padding: id and size of 24 bits, which counts the head. */
static bool next_attribute(struct span *rest, struct attribute *a)
{
	if (rest->n < 4)
		return false;
	uint32_t head = span_u32be(*rest, 0), size = head & 0xffffff;
	if (size < 4 || size > rest->n)
		return false;
	*a = (struct attribute){ head >> 24 & 0x7f, head >> 31, span_sub(*rest, 4, size - 4) };
	uint64_t padded = ((uint64_t)size + 3) & ~(uint64_t)3;
	*rest = span_from(*rest, padded < rest->n ? padded : rest->n);
	return true;
}

/* Takes the name off the data: its length, itself with a NUL, padding. */
static bool take_name(struct attribute *a, struct text *name)
{
	uint16_t n = span_u16be(a->data, 0);
	uint64_t head = (2 + (uint64_t)n + 1 + 3) & ~(uint64_t)3;
	if (!a->named || a->data.n < head)
		return false;
	*name = text_from_span(span_sub(a->data, 2, n));
	a->data = span_from(a->data, head);
	return true;
}

/* The second line, of `n` bytes in Base64. */
static bool usign_read(struct span file, size_t n, struct usign *out)
{
	const uint8_t *end = file.n ? memchr(file.p, '\n', file.n) : NULL;
	size_t encoded = (n + 2) / 3 * 4, at = end ? (size_t)(end - file.p) + 1 : 0;
	struct span body = end ? span_sub(file, at, encoded) : SPAN_NONE;
	uint8_t bytes[102];
	if (!span_starts(file, "untrusted comment:", 18) || !body.p)
		return false;
	/* The padding counts as bytes there. */
	if (EVP_DecodeBlock(bytes, body.p, (int)encoded) != (int)(encoded / 4 * 3) || memcmp(bytes, "Ed", 2) != 0)
		return false;
	memcpy(out->bytes, bytes, n);
	return true;
}

static uint64_t number(struct span data)
{
	struct reader r = reader_be(data);
	return data.n == 4 ? rd_u32(&r) : data.n == 8 ? rd_u64(&r) : 0;
}

/* The table "ucert" in a payload. */
static bool certificate_read(struct span payload, struct certificate *c)
{
	struct attribute table, a;
	struct text name;
	*c = (struct certificate){ .type = 0 };
	if (!next_attribute(&payload, &table) || table.id != TYPE_TABLE || !take_name(&table, &name) ||
		!text_is(name, "ucert"))
		return false;
	while (next_attribute(&table.data, &a)) {
		if (!take_name(&a, &name))
			return false;
		if (text_is(name, "certtype") && a.id == TYPE_INT32)
			c->type = (uint32_t)number(a.data);
		else if (text_is(name, "validfrom") && a.id == TYPE_INT64)
			c->from = number(a.data);
		else if (text_is(name, "expiresat") && a.id == TYPE_INT64)
			c->until = number(a.data);
		else if (text_is(name, "pubkey") && a.id == TYPE_STRING)
			c->has_key = usign_read(a.data, 42, &c->key);
	}
	return c->type == CERTTYPE_AUTH && c->has_key;
}

static void spki_of(const struct usign *key, uint8_t spki[SPKI])
{
	static const uint8_t head[12] = { 0x30, 0x2a, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 3, 0x21, 0 };
	memcpy(spki, head, sizeof head);
	memcpy(spki + sizeof head, key->bytes + 2 + NUMBER, 32);
}

static void show_certificate(struct walk *w, const struct certificate *c, uint64_t at)
{
	char day[2][16] = { "", "" }, key[2 * NUMBER + 1];
	const uint64_t when[2] = { c->from, c->until };
	for (int i = 0; i < 2; i++) {
		time_t t = when[i] < UINT32_MAX ? (time_t)when[i] : 0;
		struct tm tm;
		if (!gmtime_r(&t, &tm) || !strftime(day[i], sizeof day[i], "%Y-%m-%d", &tm))
			return;
	}
	hash_hex(c->key.bytes + 2, NUMBER, key);
	emit_header_field(w->sink, at, "certificate", "key %s, from %s until %s", key, day[0], day[1]);
}

/* What is signed by no key of the chain: it is verified by one from elsewhere, if the message is not too large. */
static struct signature by_the_device(const struct usign *s, struct span message)
{
	bool fits = message.n <= SIGNATURE_MESSAGE_MAX;
	return (struct signature){
		.state = SIGNATURE_NO_KEY,
		.detail = "the device has the key (/etc/opkg/keys)",
		.method = fits ? "ed25519" : NULL,
		.message = fits ? message : SPAN_NONE,
		.value = span_of(s->bytes + 2 + NUMBER, 64),
	};
}

static struct signature by_certificate(const struct usign *s, const struct usign *key, struct span message,
									   char fingerprint[65])
{
	uint8_t spki[SPKI];
	spki_of(key, spki);
	hash_sha256_hex(span_of(spki, SPKI), fingerprint);
	bool good = memcmp(key->bytes + 2, s->bytes + 2, NUMBER) == 0 &&
				signature_verify(span_of(spki, SPKI), DIGEST_SHA512, message, span_of(s->bytes + 2 + NUMBER, 64)) ==
					SIGNATURE_GOOD;
	return (struct signature){
		.state = good ? SIGNATURE_VALID : SIGNATURE_INVALID,
		.fingerprint = fingerprint,
		.detail = good ? "by the certificate that it carries" : "not by the certificate that it carries",
	};
}

/* One signature of the chain: of the certificate `payload`, or of the image. */
static void report_link(struct walk *w, const struct usign *s, const struct usign *key, struct span payload,
						struct span message, uint64_t at)
{
	char fingerprint[65] = "", hint[12 + 2 * NUMBER + 1];
	size_t n = (size_t)snprintf(hint, sizeof hint, "key number ");
	struct span what = payload.p ? payload : message;
	struct signature row = key ? by_certificate(s, key, what, fingerprint) : by_the_device(s, what);
	hash_hex(s->bytes + 2, NUMBER, hint + n);
	row.offset = at;
	row.scheme = "ucert";
	row.covers = payload.p ? TEXT_LIT("certificate that signed") : TEXT_LIT("image and metadata");
	row.algorithm = TEXT_LIT("Ed25519");
	row.hint = text_c(hint);
	signature_report(w->sink, &row);
}

/* The signature and the payload of one element; false: it has no signature. */
static bool read_element(struct span element, struct usign *s, struct span *payload)
{
	struct attribute a;
	bool is_signed = false;
	*payload = SPAN_NONE;
	while (next_attribute(&element, &a)) {
		if (a.id == ATTR_SIGNATURE)
			is_signed = usign_read(a.data, 74, s);
		else if (a.id == ATTR_PAYLOAD)
			*payload = a.data;
	}
	return is_signed;
}

bool ucert_report(struct walk *w, struct span chain, struct span message, uint64_t at)
{
	struct span rest = chain;
	struct attribute element;
	struct usign key, s;
	bool has_key = false, any = false, covers_image = false;
	for (unsigned i = 0; i < CHAIN_MAX; i++) {
		uint64_t begin = at + chain.n - rest.n;
		struct span payload;
		struct certificate c;
		if (!next_attribute(&rest, &element) || !read_element(element.data, &s, &payload))
			break;
		any = true;
		covers_image |= !payload.p;
		report_link(w, &s, has_key ? &key : NULL, payload, message, begin);
		if (!payload.p)
			continue;
		if (!certificate_read(payload, &c)) {
			emit_damage_at(w->sink, ERR_CORRUPT, begin, "an element of the chain is no certificate of ucert");
			break;
		}
		show_certificate(w, &c, begin);
		key = c.key;
		has_key = true;
	}
	if (any && !covers_image)
		signature_report_plain(w->sink, at, "ucert", "image and metadata", NULL, SIGNATURE_ABSENT,
							   "the chain holds certificates, but no signature of the image");
	return any;
}
