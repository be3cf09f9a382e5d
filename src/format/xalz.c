/* SPDX-License-Identifier: GPL-3.0-or-later */
/* XALZ: an assembly of .NET in a package for Android, as Xamarin packs them: one block of LZ4.
 *
 * Specification: github.com/dotnet/android, src/native, xamarin-app.hh (CompressedAssemblyHeader); unblob
 * handlers/executable/xalz.py.
 */
#include "base/codec.h"
#include "format/format.h"

#define HEADER 12u /* magic, number in a table of the package, size */
#define SIZE_MAX_UNPACKED (256u << 20)

/* Assemblies are programs for Windows. */
static bool xalz_probe(struct span at, struct format_match *match)
{
	uint8_t begin[2];
	uint32_t size = span_u32le(at, 8);
	struct span packed = span_from(at, HEADER);
	*match = (struct format_match){ .size = at.n, .confidence = 90 };
	return span_starts(at, "XALZ", 4) && size >= 64 && size <= SIZE_MAX_UNPACKED && packed.n >= 16 && size / 255 <= packed.n &&
		   codec_block_head(CODEC_LZ4, packed, begin, sizeof begin) == ERR_NONE && memcmp(begin, "MZ", 2) == 0;
}

static struct error xalz_unpack(struct span bytes, struct buf *out, size_t *used)
{
	uint32_t size = span_u32le(bytes, 8);
	size_t n = 0;
	*used = bytes.n;
	enum error_code code = buf_reserve(out, size);
	if (!code)
		code = codec_block(CODEC_LZ4, span_from(bytes, HEADER), out->p + out->n, size, &n);
	out->n += n;
	return code || n != size ? error_at(code ? code : ERR_CORRUPT, HEADER, "%zu of %u bytes came out", n, size) : error_none();
}

const struct format xalz_format = {
	.name = "xalz",
	.kind = FORMAT_COMPRESSION,
	.title = "Assembly of .NET that Xamarin packed",
	.spec = "unblob handlers/executable/xalz.py",
	.at_start = true,
	.probe = xalz_probe,
	.unpack = xalz_unpack,
};
