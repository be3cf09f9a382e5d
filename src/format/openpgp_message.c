/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An OpenPGP message that is compressed and not encrypted, as `gpg --sign` and `gpg --store` write one: what its literal data packet
 * holds. Its signature is within; it is not verified.
 *
 * Specification: RFC 4880, 4.2 (packets), 5.6 (compressed data), 5.9 (literal data).
 */
#include "base/codec.h"
#include "format/format.h"

#define PACKETS_MAX 64u
#define PEEK 1024u
#define OTHERS_MAX 16384u /* bytes of signatures, of which each has some hundred */

enum { TAG_SIGNATURE = 2, TAG_ONE_PASS = 4, TAG_COMPRESSED = 8, TAG_MARKER = 10, TAG_LITERAL = 11 };

struct packet {
	unsigned tag;
	bool partial;   /* more lengths follow, each before its part */
	uint64_t size;  /* of the body, or of its first part; to the end when it has none */
	uint64_t body;
};

/* A length of the newer kind at `at`, which is moved behind it. */
static bool length_read(struct span bytes, uint64_t *at, struct packet *p)
{
	struct reader r = reader_be(span_from(bytes, *at));
	uint8_t first = rd_u8(&r);
	p->partial = first >= 224 && first < 255;
	p->size = first < 192 ? first : p->partial ? (uint64_t)1 << (first & 31) : 0;
	if (first >= 192 && first < 224)
		p->size = ((first - 192u) << 8) + rd_u8(&r) + 192u;
	if (first == 255)
		p->size = rd_u32(&r);
	*at += r.at;
	return rd_ok(&r);
}

static bool packet_read(struct span bytes, uint64_t at, struct packet *p)
{
	uint8_t first = at < bytes.n ? bytes.p[at] : 0;
	*p = (struct packet){ .tag = first & 0x40 ? first & 0x3f : first >> 2 & 15, .body = at + 1 };
	if (!(first & 0x80))
		return false;
	if (first & 0x40)
		return length_read(bytes, &p->body, p);
	struct reader r = reader_be(span_from(bytes, p->body));
	p->size = first % 4 == 3 ? bytes.n - p->body : rd_uint(&r, 1u << first % 4);
	p->body += r.at;
	return rd_ok(&r);
}

/* The body, its parts joined; *at is moved behind the packet. What there is of one that is cut. */
static struct error body_join(struct span bytes, struct packet p, struct buf *body, uint64_t *at)
{
	*at = p.body;
	for (;;) {
		struct span part = span_clip(bytes, *at, p.size);
		enum error_code code = buf_add(body, part.p, part.n);
		*at += part.n;
		if (code || part.n < p.size)
			return error_at(code ? code : ERR_TRUNCATED, *at, "a packet has %llu bytes, %zu are there", (unsigned long long)p.size, part.n);
		if (!p.partial)
			return error_none();
		if (!length_read(bytes, at, &p))
			return error_at(ERR_TRUNCATED, *at, "the length of a part is cut off");
	}
}

static bool codec_of(uint8_t algorithm, enum codec *codec)
{
	*codec = algorithm == 1 ? CODEC_DEFLATE : algorithm == 2 ? CODEC_ZLIB : CODEC_BZIP2;
	return algorithm >= 1 && algorithm <= 3;
}

/* A one-pass signature of version 3, 13 bytes long, or literal data. */
static bool begins_message(struct span plain)
{
	struct packet p;
	if (!packet_read(plain, 0, &p))
		return false;
	struct span body = span_from(plain, p.body);
	if (p.tag == TAG_ONE_PASS)
		return p.size == 13 && span_starts(body, "\3", 1);
	return p.tag == TAG_LITERAL && body.n > 6 && (body.p[0] == 'b' || body.p[0] == 't' || body.p[0] == 'u') && p.size > 6u + body.p[1];
}

static bool message_probe(struct span at, struct format_match *match)
{
	struct packet p;
	enum codec codec;
	struct buf plain = buf_with_limit(PEEK);
	size_t used;
	*match = (struct format_match){ .size = SIZE_UNKNOWN, .confidence = 80 };
	if (!packet_read(at, 0, &p) || p.tag != TAG_COMPRESSED || p.size < 16 || p.body + 1 >= at.n || !codec_of(at.p[p.body], &codec))
		return false;
	struct error e = codec_stream(codec, span_clip(at, p.body + 1, p.size - 1), &plain, &used);
	bool ok = (!error_is(&e) || e.code == ERR_BUDGET || e.code == ERR_TRUNCATED) && begins_message(buf_span(&plain));
	buf_free(&plain);
	return ok;
}

/* Behind the packet; p becomes its last part. Parts that are cut off, or whose length is, end where the bytes do. */
static uint64_t packet_end(struct span bytes, struct packet p)
{
	uint64_t at = p.body;
	for (;;) {
		size_t n = span_clip(bytes, at, p.size).n;
		at += n;
		if (n < p.size || !p.partial)
			return at;
		if (!length_read(bytes, &at, &p))
			return bytes.n;
	}
}

/* Finds the literal data. False: there is none, or something else than it and its signatures, too. */
static bool find_literal(struct span plain, struct packet *literal)
{
	uint64_t at = 0, others = 0;
	bool found = false;
	struct packet p;
	for (unsigned i = 0; i < PACKETS_MAX && at < plain.n; i++) {
		uint64_t from = at;
		if (!packet_read(plain, at, &p) || (p.tag == TAG_LITERAL && found))
			return false;
		at = packet_end(plain, p);
		if (p.tag == TAG_LITERAL) {
			*literal = p;
			found = true;
		} else if (p.tag == TAG_SIGNATURE || p.tag == TAG_ONE_PASS || p.tag == TAG_MARKER) {
			others += at - from;
		} else {
			return false;
		}
	}
	return found && at == plain.n && others <= OTHERS_MAX;
}

/* Leaves of the packets at out[before ..) what the literal data holds, its parts joined where they stand. */
static struct error keep_literal(struct buf *out, size_t before)
{
	struct span plain = span_from(buf_span(out), before);
	struct packet p;
	if (!find_literal(plain, &p))
		return error_at(ERR_CORRUPT, 0,
						"the message holds something else than literal data and its signature: it is shown as it is, with its packets");
	uint64_t at = p.body;
	size_t n = 0, part;
	bool whole;
	do {
		part = span_clip(plain, at, p.size).n;
		whole = part == p.size;
		memmove(out->p + before + n, out->p + before + at, part);
		n += part;
		at += part;
	} while (whole && p.partial && (whole = length_read(plain, &at, &p)));
	size_t header = n > 1 ? 6u + out->p[before + 1] : n; /* kind, length of the name, name, time */
	header = header < n ? header : n;
	memmove(out->p + before, out->p + before + header, n - header);
	out->n = before + n - header;
	return whole ? error_none() : error_at(ERR_TRUNCATED, at, "the literal data is cut off after %zu bytes", n - header);
}

/* What the compressed packet holds, unpacked; *used is how much of `bytes` it took. */
static struct error unpack_packet(struct span bytes, struct buf *plain, size_t *used)
{
	struct packet p;
	enum codec codec;
	struct buf joined = { .meter = plain->meter };
	uint64_t at = 0;
	if (!packet_read(bytes, 0, &p) || p.body >= bytes.n || !codec_of(bytes.p[p.body], &codec))
		return error_at(ERR_CORRUPT, 0, "no compressed packet");
	struct error cut = p.partial ? body_join(bytes, p, &joined, &at) : error_none();
	struct span packed = p.partial ? span_from(buf_span(&joined), 1) : span_clip(bytes, p.body + 1, p.size - 1);
	struct error e = codec_stream(codec, packed, plain, used);
	if (p.partial && !error_is(&e) && !error_is(&cut) && *used < packed.n)
		cut = error_at(ERR_CORRUPT, at, "%zu bytes of the packet are behind the end of what is compressed", packed.n - *used);
	*used = p.partial ? (size_t)at : (size_t)p.body + 1 + *used;
	buf_free(&joined);
	return error_is(&e) ? e : cut;
}

static struct error message_unpack(struct span bytes, struct buf *out, size_t *used)
{
	size_t before = out->n;
	*used = 0;
	struct error e = unpack_packet(bytes, out, used), f = keep_literal(out, before);
	return error_is(&e) ? e : f;
}

const struct format openpgp_message_format = {
	.name = "openpgp_message",
	.kind = FORMAT_COMPRESSION,
	.title = "OpenPGP message, compressed and not encrypted",
	.spec = "RFC 4880",
	.at_start = true,
	.probe = message_probe,
	.unpack = message_unpack,
};
