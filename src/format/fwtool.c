/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What OpenWrt appends to an image for sysupgrade: metadata in JSON and a signature, each before a trailer that tells
 * its size and the CRC of all before it.
 *
 * Specification: OpenWrt fwtool, fwimage.h and fwtool.c.
 */
#include <stdio.h>

#include "base/hash.h"
#include "base/settings.h"
#include "format/region.h"
#include "format/signature.h"
#include "format/ucert.h"

#define TRAILER 16u
#define INFO_HEADER 8u
#define DATA_MAX (1u << 20)
#define TRAILERS_MAX 8u

enum { TYPE_SIGNATURE = 0, TYPE_INFO = 1 };

struct trailer {
	uint32_t crc, size; /* of the data with the trailer */
	uint8_t type;
};

/* The trailer that ends at `end`. */
static bool trailer_read(struct span bytes, uint64_t end, struct trailer *t)
{
	if (end < TRAILER)
		return false;
	struct reader r = reader_be(span_sub(bytes, end - TRAILER, TRAILER));
	struct span magic = rd_bytes(&r, 4);
	t->crc = rd_u32(&r);
	t->type = rd_u8(&r);
	uint32_t pad = (uint32_t)rd_u8(&r) << 16 | rd_u16(&r);
	t->size = rd_u32(&r);
	uint32_t least = TRAILER + (t->type == TYPE_INFO ? INFO_HEADER : 0);
	return rd_ok(&r) && span_starts(magic, "FWx0", 4) && t->type <= TYPE_INFO && pad == 0 && t->size >= least &&
		   t->size <= DATA_MAX && t->size < end;
}

static bool fwtool_probe(struct span at, struct format_match *match)
{
	struct trailer t;
	if (!trailer_read(at, at.n, &t))
		return false;
	match->size = at.n;
	match->confidence = 97; /* above what it is appended to */
	return true;
}

static void take_setting(void *self, enum settings_event event, unsigned depth, struct text key, struct text value)
{
	static const char *const names[] = { "dist",  "version",          "revision",      "target",
										 "board", "metadata_version", "compat_version" };
	struct sink *sink = self;
	for (size_t i = 0; event == SETTINGS_VALUE && depth <= 2 && i < sizeof names / sizeof names[0]; i++)
		if (text_is(key, names[i]))
			emit_header(sink, &(struct fact_header){ FACT_NULL, key, value });
	if (event == SETTINGS_VALUE && !key.p && depth == 2)
		emit_header(sink, &(struct fact_header){ FACT_NULL, TEXT_LIT("supported_devices"), value });
}

/* Of usign alone, or a chain of ucert's blobs that cannot be read; both write "signed by key" and its number. */
static void report_usign(struct walk *w, struct span signature, uint64_t at)
{
	static const char words[] = "signed by key ";
	const uint8_t *p = signature.n ? memmem(signature.p, signature.n, words, sizeof words - 1) : NULL;
	struct span number = p ? span_sub(signature, (uint64_t)(p - signature.p) + sizeof words - 1, 16) : SPAN_NONE;
	char hint[32] = "";
	if (number.p)
		snprintf(hint, sizeof hint, "key number %.16s", (const char *)number.p);
	signature_report(w->sink, &(struct signature){
								  .offset = at,
								  .scheme = span_starts(signature, "untrusted comment:", 18) ? "usign" : "ucert",
								  .state = SIGNATURE_NO_KEY,
								  .covers = TEXT_LIT("image and metadata"),
								  .algorithm = TEXT_LIT("Ed25519"),
								  .hint = text_c(hint),
								  .detail = "the device has the key (/etc/opkg/keys)",
							  });
}

/* The first line of a usign signature says by which key it was made; a chain begins with binary heads. */
static void report_signature(struct walk *w, struct span signature, struct span message, uint64_t at)
{
	const uint8_t *end = signature.n ? memchr(signature.p, '\n', signature.n) : NULL;
	size_t n = end ? (size_t)(end - signature.p) : signature.n;
	if (!span_starts(signature, "untrusted comment:", 18) && ucert_report(w, signature, message, at))
		return;
	emit_header(w->sink,
				&(struct fact_header){ (int64_t)at, TEXT_LIT("signature"), text_of((const char *)signature.p, n) });
	report_usign(w, signature, at);
}

/* One trailer and what it is of. */
static bool take_trailer(struct walk *w, struct span bytes, uint64_t end, const struct trailer *t)
{
	uint64_t at = end - t->size, skip = t->type == TYPE_INFO ? INFO_HEADER : 0, size = t->size - TRAILER - skip;
	uint32_t crc = hash_crc32_raw(UINT32_MAX, span_clip(bytes, 0, end - TRAILER));
	emit_header_field(w->sink, end - TRAILER + 4, "crc32", "%s", crc == t->crc ? "ok" : "mismatch");
	if (crc != t->crc)
		emit_damage_at(w->sink, ERR_CORRUPT, end - TRAILER + 4, "the trailer says CRC 0x%08x, the image has 0x%08x",
					   t->crc, crc);
	if (t->type == TYPE_INFO &&
		!settings_parse(text_from_span(span_sub(bytes, at + skip, size)), take_setting, w->sink))
		emit_damage_at(w->sink, ERR_CORRUPT, at + skip, "the metadata is malformed");
	if (t->type == TYPE_SIGNATURE)
		report_signature(w, span_sub(bytes, at, size), span_clip(bytes, 0, at), at);
	return region_emit(w, t->type == TYPE_INFO ? "metadata.json" : "signature", bytes, at + skip, size, NULL);
}

static struct error fwtool_walk(struct span bytes, struct walk *w)
{
	struct trailer t[TRAILERS_MAX];
	uint64_t end = bytes.n;
	unsigned n = 0;
	bool is_signed = false;
	for (; n < TRAILERS_MAX && trailer_read(bytes, end, &t[n]); end -= t[n++].size)
		is_signed |= t[n].type == TYPE_SIGNATURE;
	if (!is_signed) {
		emit_header_field(w->sink, end, "signature", "none");
		signature_report_plain(w->sink, end, "usign", "image and metadata", NULL, SIGNATURE_ABSENT,
							   "no trailer of fwtool holds a signature");
	}
	bool goes_on = region_emit(w, "firmware", bytes, 0, end, NULL);
	while (goes_on && n > 0) {
		end += t[--n].size;
		goes_on = take_trailer(w, bytes, end, &t[n]);
	}
	return error_none();
}

const struct format fwtool_format = {
	.name = "fwtool",
	.kind = FORMAT_CONTAINER,
	.title = "image with OpenWrt's metadata and signature appended",
	.spec = "OpenWrt fwtool",
	.at_start = true,
	.probe = fwtool_probe,
	.walk = fwtool_walk,
};
