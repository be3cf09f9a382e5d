/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What EFI's or Tiano's compression made, of a section of a firmware volume or an image of an expansion ROM, which say that it is there.
 *
 * Specification: UEFI Specification 2.10, section 19; EDK II, BaseUefiDecompressLib (Tiano).
 */
#include "base/efi_compress.h"
#include "format/format.h"

#define UNPACKED_MAX (256u << 20)
#define PACKED_MIN 8u
#define SLACK 8u /* bytes behind the last code: EDK's encoder leaves one or two */

struct sizes {
	uint32_t packed, unpacked;
};

/* A promise may say that more bytes belong to it: an image of a ROM ends at a multiple of 512. */
static bool sizes_read(struct span bytes, struct sizes *s)
{
	s->packed = span_u32le(bytes, 0);
	s->unpacked = span_u32le(bytes, 4);
	return bytes.n > EFI_COMPRESS_HEADER && s->packed >= PACKED_MIN && s->packed <= UNPACKED_MAX && s->unpacked > 0 &&
		   s->unpacked <= UNPACKED_MAX;
}

static bool efi_probe(struct span at, struct format_match *match)
{
	struct sizes s;
	*match = (struct format_match){ .size = SIZE_UNKNOWN, .confidence = 70 };
	return sizes_read(at, &s) && s.packed + EFI_COMPRESS_HEADER <= at.n + SLACK;
}

/* How much of the packed bytes is left over when all has come out; SIZE_MAX on an error. */
static size_t try_kind(struct span packed, enum efi_compression kind, const struct sizes *s, struct buf *out, struct error *error)
{
	size_t used, made;
	enum error_code code = efi_decompress(packed, kind, out->p + out->n, s->unpacked, &used, &made);
	*error = error_none();
	if (code)
		*error = error_at(code, EFI_COMPRESS_HEADER + used, "the stream breaks off after %zu of %u bytes", made, s->unpacked);
	out->n += made;
	return code ? SIZE_MAX : packed.n - used;
}

/* Nothing says which of the two it is, and EDK itself tries one after the other: the one whose codes end where the bytes do. */
static struct error efi_unpack(struct span bytes, struct buf *out, size_t *used)
{
	struct sizes s;
	struct error first, second;
	*used = 0;
	if (!sizes_read(bytes, &s))
		return error_at(ERR_CORRUPT, 0, "no sizes of an EFI compression");
	struct span packed = span_clip(bytes, EFI_COMPRESS_HEADER, s.packed);
	size_t before = out->n;
	enum error_code code = buf_reserve(out, s.unpacked);
	if (code)
		return error_at(code, 0, "%u bytes are to come out", s.unpacked);
	size_t left = try_kind(packed, EFI_COMPRESSION_EFI, &s, out, &first), n = out->n - before;
	if (left > SLACK) {
		out->n = before;
		size_t other = try_kind(packed, EFI_COMPRESSION_TIANO, &s, out, &second);
		if (other < left || (left == SIZE_MAX && out->n - before >= n)) {
			left = other;
			first = second;
		} else {
			out->n = before;
			left = try_kind(packed, EFI_COMPRESSION_EFI, &s, out, &first);
		}
	}
	/* More than an encoder leaves is something else, to be looked at by itself. */
	*used = EFI_COMPRESS_HEADER + packed.n - (left > SLACK && left != SIZE_MAX ? left : 0);
	return first;
}

const struct format efi_compressed_format = {
	.name = "efi_compressed",
	.kind = FORMAT_COMPRESSION,
	.title = "EFI or Tiano compression",
	.spec = "UEFI Specification 2.10, section 19",
	.probe = efi_probe,
	.unpack = efi_unpack,
};
