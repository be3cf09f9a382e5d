/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Hikvision's digicap.dav (and EZVIZ'): a header obscured with sixteen bytes, a table of files with sums. Newer ones
 * (HK20, HK30) are enciphered with AES under keys of each model.
 *
 * Specification: github.com/themactep/hiktools, hiktools/fmod.
 */
#include "base/hash.h"
#include "format/wrapper.h"

#define TABLE_AT 64u
#define ENTRY_SIZE 44u
#define NAME_SIZE 32u
#define FILES_MAX 128u
#define HEADER_MAX (TABLE_AT + ENTRY_SIZE * FILES_MAX)
#define HEADER_SHOWN 108u /* of what HK20 and HK30 have */

struct dav {
	uint8_t plain[HEADER_MAX];
	struct span header;
	uint32_t size, files;
	bool size_first; /* of an entry's two numbers */
};

struct dav_file {
	struct span name;
	uint32_t at, size, sum;
};

static void reveal(struct span bytes, uint32_t n, struct dav *d)
{
	static const uint8_t key[16] = { 0xba, 0xcd, 0xbc, 0xfe, 0xd6, 0xca, 0xdd, 0xd3,
									 0xba, 0xb9, 0xa3, 0xab, 0xbf, 0xcb, 0xb5, 0xbe };
	struct span in = span_clip(bytes, 0, n < HEADER_MAX ? n : HEADER_MAX);
	for (size_t i = 0; i < in.n; i++)
		d->plain[i] = in.p[i] ^ key[(i + (i >> 4)) & 15];
	d->header = span_of(d->plain, in.n);
}

static bool is_enciphered(struct span header)
{
	return span_starts(header, "HK20", 4) || span_starts(header, "HK30", 4);
}

static struct dav_file file_at(const struct dav *d, unsigned i)
{
	struct reader r = reader_le(span_from(d->header, TABLE_AT + ENTRY_SIZE * (uint64_t)i));
	struct dav_file f = { .name = rd_bytes(&r, NAME_SIZE) };
	uint32_t a = rd_u32(&r), b = rd_u32(&r);
	f.at = d->size_first ? b : a;
	f.size = d->size_first ? a : b;
	f.sum = rd_u32(&r);
	return f;
}

/* The first file begins right behind the header; that also tells which of the two numbers is the place. */
static bool dav_read(struct span bytes, struct dav *d)
{
	reveal(bytes, HEADER_SHOWN, d);
	d->size = span_u32le(d->header, 8);
	d->files = span_u32le(d->header, 12);
	if (!span_starts(d->header, "SWKH", 4) || !d->files || d->files > FILES_MAX ||
		d->size != TABLE_AT + ENTRY_SIZE * d->files)
		return false;
	reveal(bytes, d->size, d);
	if (d->header.n < d->size)
		return false;
	d->size_first = span_u32le(d->header, TABLE_AT + NAME_SIZE) != d->size;
	if (file_at(d, 0).at != d->size)
		return false;
	for (unsigned i = 0; i < d->files; i++)
		if (file_at(d, i).at < d->size || !wrapper_is_text(file_at(d, i).name))
			return false;
	return true;
}

static bool dav_probe(struct span at, struct format_match *match)
{
	struct dav d;
	match->confidence = 95;
	match->size = at.n;
	if (dav_read(at, &d)) {
		match->size = 0;
		for (unsigned i = 0; i < d.files; i++) {
			struct dav_file f = file_at(&d, i);
			uint64_t end = (uint64_t)f.at + f.size;
			match->size = end > match->size ? end : match->size;
		}
		return true;
	}
	/* Of the others only the magic and the text of a version are known. */
	return is_enciphered(d.header) && d.header.n >= 108 && span_u32le(d.header, 8) < (1u << 20) &&
		   span_u32le(d.header, 8) > 0 && span_u32le(d.header, 12) <= FILES_MAX && span_u32le(d.header, 12) > 0;
}

static struct error dav_walk(struct span bytes, struct walk *w)
{
	struct dav d;
	if (!dav_read(bytes, &d)) {
		wrapper_field(w, 0, "magic", span_clip(d.header, 0, 4));
		return error_at(ERR_ENCRYPTED, 0, "Hikvision's AES-256 under a key of the model");
	}
	emit_header_field(w->sink, 12, "files", "%u", d.files);
	emit_header_field(w->sink, 16, "language", "%u", span_u32le(d.header, 16));
	emit_header_field(w->sink, 20, "device_class", "%u", span_u32le(d.header, 20));
	emit_header_field(w->sink, 24, "oem_code", "0x%08x", span_u32le(d.header, 24));
	emit_header_field(w->sink, 28, "firmware_version", "0x%08x", span_u32le(d.header, 28));
	uint64_t summed = 0; /* files may overlap: their sums must not cost more than a few passes */
	for (unsigned i = 0; i < d.files; i++) {
		struct dav_file f = file_at(&d, i);
		struct span data = span_clip(bytes, f.at, f.size);
		summed += data.n;
		bool checked = data.n == f.size && summed / 4 <= bytes.n;
		wrapper_check_u32(w, TABLE_AT + ENTRY_SIZE * i + 40, "checksum", checked, f.sum, checked ? hash_sum(data) : 0);
		if (!wrapper_region(w, bytes, f.at, f.size, wrapper_text(f.name), NULL))
			break;
	}
	return error_none();
}

static const struct format_magic dav_magics[] = {
	MAGIC("\xe9\x9a\xf7\xb6", 0), /* SWKH */
	MAGIC("\xf2\x86\x8e\xce", 0), /* HK20 */
	MAGIC("\xf2\x86\x8f\xce", 0), /* HK30 */
	MAGIC_END,
};

const struct format hikvision_format = {
	.name = "hikvision",
	.kind = FORMAT_CONTAINER,
	.title = "Hikvision digicap.dav",
	.spec = "github.com/themactep/hiktools",
	.magics = dav_magics,
	.probe = dav_probe,
	.walk = dav_walk,
};
