/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The language FWUPDATE2 of HP's printers. A line of hexadecimal digits tells the length of what follows it: a manifest in XML, then
 * the images in the order in which it names them ("LBI_blob", "rootfs_blob"). Each is a Deflate stream, filled up to whole blocks of
 * AES-128 in CBC mode with a vector of zeros. The key is the first half of the SHA-256 over a text that all printers share, the first six
 * letters of the revision and the digest of the unpacked image, so that it is known with the manifest.
 *
 * Specification: romern.me/blog/hp-printer-backup-decryption; wzt.ac.cn/2025/08/06/hp_firmware_dec.
 */
#include "format/hp_fwupdate2.h"

#include <stdio.h>

#include "base/ascii.h"
#include "base/base64.h"
#include "base/codec.h"
#include "format/wrapper.h"

#define PARTS_MAX 16u
#define SHARED_TEXT "@* WebFWUpdate"
#define FAMILY_SIZE 6u
#define KEY_SIZE 16u
#define BLOCK 16u
#define LOOK 65536u /* bytes of an image that show whether the key fits */

static const uint8_t no_vector[BLOCK];

/* The length, in hexadecimal digits on a line, before each part; *at moves behind the line. */
static bool part_length(struct span data, uint64_t *at, uint64_t *length)
{
	unsigned digits = 0;
	for (*length = 0; *at < data.n && digits <= 8; ++*at, digits++) {
		uint8_t c = data.p[*at];
		if (c == '\n' && digits) {
			++*at;
			return *length > 0;
		}
		int digit = ascii_hex_value(c);
		if (digit < 0)
			return false;
		*length = *length << 4 | (unsigned)digit;
	}
	return false;
}

bool hp_fwupdate2_is(struct span data)
{
	uint64_t at = 0, length;
	return part_length(data, &at, &length) && span_has(data, at, "<?xml", 5);
}

/* ---- the manifest ---- */

static const uint8_t *find(struct span s, const char *what)
{
	return s.n ? memmem(s.p, s.n, what, strlen(what)) : NULL;
}

/* What stands between <name> and </name>, without blanks around it. */
static struct span element(struct span xml, const char *name)
{
	char tag[48];
	snprintf(tag, sizeof tag, "<%s>", name);
	const uint8_t *open = find(xml, tag);
	if (!open)
		return SPAN_NONE;
	struct span rest = span_from(xml, (uint64_t)(open - xml.p) + strlen(tag));
	snprintf(tag, sizeof tag, "</%s>", name);
	const uint8_t *close = find(rest, tag);
	if (!close)
		return SPAN_NONE;
	struct span value = span_clip(rest, 0, (uint64_t)(close - rest.p));
	while (value.n && value.p[0] <= ' ')
		value = span_from(value, 1);
	while (value.n && value.p[value.n - 1] <= ' ')
		value.n--;
	return value;
}

/* The next element whose name ends in "_blob": its name and what is in it. *xml moves behind its beginning. */
static bool next_blob(struct span *xml, struct text *name, struct span *inside)
{
	const uint8_t *end;
	while ((end = find(*xml, "_blob>"))) {
		size_t to = (size_t)(end - xml->p) + 5, from = to;
		while (from && xml->p[from - 1] != '<' && xml->p[from - 1] != '/' && xml->p[from - 1] > ' ' && to - from < 40)
			from--;
		bool opens = from && xml->p[from - 1] == '<';
		*name = text_of((const char *)xml->p + from, to - from);
		*xml = span_from(*xml, to + 1);
		if (!opens)
			continue;
		char close[48];
		snprintf(close, sizeof close, "</%.*s>", (int)name->n, name->p);
		const uint8_t *last = find(*xml, close);
		*inside = span_clip(*xml, 0, last ? (uint64_t)(last - xml->p) : xml->n);
		*xml = span_from(*xml, inside->n);
		return true;
	}
	return false;
}

/* How many bytes base64 tells, up to DIGEST_MAX; 0 when it is none. */
static size_t read_base64(struct span text, uint8_t *out)
{
	uint32_t bits = 0;
	unsigned have = 0;
	size_t n = 0;
	for (size_t i = 0; i < text.n && text.p[i] != '='; i++) {
		int digit = base64_digit(text.p[i]);
		if (digit < 0 || n == DIGEST_MAX)
			return 0;
		bits = bits << 6 | (uint32_t)digit;
		have += 6;
		if (have >= 8) {
			have -= 8;
			out[n++] = (uint8_t)(bits >> have);
		}
	}
	return n;
}

/* ---- an image ---- */

struct image {
	struct span bytes; /* whole blocks of cipher text */
	uint8_t key[KEY_SIZE], digest[DIGEST_MAX];
	size_t digest_size;
};

static bool make_key(struct image *im, struct span revision, struct span digest)
{
	uint8_t family[FAMILY_SIZE], made[32];
	im->digest_size = read_base64(digest, im->digest);
	if (!im->digest_size || revision.n < FAMILY_SIZE)
		return false;
	for (unsigned i = 0; i < FAMILY_SIZE; i++)
		family[i] = revision.p[i] >= 'A' && revision.p[i] <= 'Z' ? revision.p[i] | 0x20 : revision.p[i];
	struct span parts[] = { span_of(SHARED_TEXT, sizeof SHARED_TEXT - 1), span_of(family, sizeof family), span_of(im->digest, im->digest_size) };
	digest_of_parts(DIGEST_SHA256, parts, 3, made);
	memcpy(im->key, made, sizeof im->key);
	return true;
}

/* Whether more is behind the stream than what fills a block up. */
static bool has_more(struct span behind)
{
	return behind.n > BLOCK && memcmp(behind.p, behind.p + 1, behind.n - 1) != 0;
}

/* The first bytes of cipher text, up to `most`, unpacked. *more: something is behind the stream at *used. */
static struct error open_image(const struct image *im, size_t most, struct buf *out, size_t *used, bool *more)
{
	size_t n = im->bytes.n < most ? im->bytes.n : most;
	struct buf plain = { .meter = out->meter };
	enum error_code code = buf_reserve(&plain, n);
	struct wrapper_cipher cipher = { im->key, no_vector, 128 };
	if (code || !wrapper_decipher(cipher, im->bytes.p, plain.p, n)) {
		buf_free(&plain);
		return error_at(code ? code : ERR_MEMORY, 0, "no memory to decipher");
	}
	struct error e = codec_stream(CODEC_DEFLATE, span_of(plain.p, n), out, used);
	*more = !error_is(&e) && has_more(span_from(span_of(plain.p, n), *used));
	buf_free(&plain);
	return e;
}

static bool is_as_told(const struct image *im, struct span made)
{
	return im->digest_size == digest_size(DIGEST_SHA256) && digest_matches(DIGEST_SHA256, made, span_of(im->digest, im->digest_size));
}

static struct error unpack_image(const void *fs, const void *file, struct buf *out)
{
	(void)fs;
	const struct image *im = file;
	size_t before = out->n, used = 0;
	bool more = false;
	struct error e = open_image(im, SIZE_MAX, out, &used, &more);
	if (error_is(&e))
		return e;
	if (!is_as_told(im, span_from(buf_span(out), before)))
		return error_at(ERR_CORRUPT, 0, "the image has another SHA-256 than the manifest says");
	if (more)
		return error_at(ERR_UNSUPPORTED, used, "%llu enciphered bytes are behind the packed image",
						(unsigned long long)(im->bytes.n - used));
	return e;
}

/* Whether the first bytes unpack. Under another key one in some 200 begins with a stream of a few bytes: then all the rest is behind it. */
static bool key_fits(const struct image *im)
{
	struct buf out = buf_with_limit(LOOK);
	size_t used = 0;
	bool more = false;
	struct error e = open_image(im, LOOK, &out, &used, &more);
	bool whole = !error_is(&e) && (!more || is_as_told(im, buf_span(&out)));
	bool fits = whole || e.code == ERR_BUDGET || (e.code == ERR_TRUNCATED && out.n);
	buf_free(&out);
	return fits;
}

static bool emit_image(struct parts *p, struct text name, uint64_t at, uint64_t size, const struct image *im)
{
	static const struct content_ops ops = { .unpack = unpack_image };
	if (!parts_claim(p, at, im->bytes.n))
		return false;
	if (im->bytes.n < size)
		emit_damage_at(p->w->sink, ERR_TRUNCATED, at, "an image has %llu bytes, %zu are there", (unsigned long long)size, im->bytes.n);
	struct entry e = entry_new(ENTRY_REGION, name);
	e.offset = at;
	e.content = (struct content){ .kind = CONTENT_STREAM, .ops = &ops, .file = im };
	return p->w->child(p->w, &e);
}

/* What the key can not be told of stays as it is. */
static bool emit_enciphered(struct parts *p, struct text name, uint64_t at, uint64_t size, const char *why)
{
	emit_damage_at(p->w->sink, ERR_ENCRYPTED, at, "an image of FWUPDATE2 is enciphered, and %s", why);
	return parts_emit(p, name, at, size, NULL);
}

/* An image by the next element of the manifest. */
static bool emit_part(struct parts *p, unsigned number, uint64_t at, uint64_t size, struct span revision, struct span *xml)
{
	char shown[64];
	struct text name;
	struct span inside = SPAN_NONE;
	bool described = next_blob(xml, &name, &inside);
	if (described)
		snprintf(shown, sizeof shown, "%u-%.*s", number, (int)name.n, name.p);
	else
		snprintf(shown, sizeof shown, "image-%u", number);
	struct image *im = ARENA_NEW(p->w->arena, struct image);
	if (!im)
		return emit_enciphered(p, text_c(shown), at, size, "there is no memory for its key");
	im->bytes = span_clip(p->bytes, at, size);
	im->bytes.n -= im->bytes.n % BLOCK;
	if (!described || !make_key(im, revision, element(inside, "blob_digest_uncompressed")))
		return emit_enciphered(p, text_c(shown), at, size, "the manifest does not tell the digest that its key is made of");
	if (!key_fits(im))
		return emit_enciphered(p, text_c(shown), at, size, "its key is not the published one");
	return emit_image(p, text_c(shown), at, size, im);
}

static void emit_revision(struct walk *w, struct span bytes, struct span revision)
{
	if (revision.n)
		wrapper_field(w, (uint64_t)(revision.p - bytes.p), "updated_revision", span_clip(revision, 0, 100));
}

bool hp_fwupdate2_emit(struct parts *p, uint64_t from, uint64_t size)
{
	struct span data = span_clip(p->bytes, from, size), xml = SPAN_NONE, revision = SPAN_NONE;
	uint64_t at = 0, length;
	bool more = true;
	for (unsigned i = 0; more && i < PARTS_MAX && part_length(data, &at, &length); i++) {
		if (i == 0) {
			xml = span_clip(data, at, length);
			revision = element(xml, "updated_revision");
			emit_revision(p->w, p->bytes, revision);
			more = parts_emit(p, TEXT_LIT("manifest"), from + at, length, NULL);
		} else {
			more = emit_part(p, i, from + at, length, revision, &xml);
		}
		at += length;
	}
	uint64_t next = at;
	if (more && part_length(data, &next, &length))
		emit_damage_at(p->w->sink, ERR_BUDGET, from + at, "more than %u parts of FWUPDATE2: these are not deciphered", PARTS_MAX);
	return more && (at >= data.n || parts_emit(p, TEXT_LIT("rest"), from + at, data.n - at, NULL));
}
