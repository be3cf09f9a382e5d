/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The compressions and their magics: scripts/Makefile.lib and lib/decompress.c of Linux. */
#include "format/kernel_payload.h"

#include "base/codec.h"

/* How much of a candidate is unpacked to believe it, and how many candidates are tried. */
#define TRIAL_BYTES (64u << 10)
#define TRIALS_MAX 64u

struct payload {
	struct span stream;
	enum codec codec;
};

static const struct {
	const char *bytes;
	size_t n;
	enum codec codec;
} magics[] = {
	{ "\x1f\x8b\x08", 3, CODEC_GZIP },
	{ "\xfd"
	  "7zXZ\0",
	  6, CODEC_XZ },
	{ "\x5d\x00\x00", 3, CODEC_LZMA },
	{ "\x89LZO\0\r\n\x1a\n", 9, CODEC_LZOP },
	{ "\x02\x21\x4c\x18", 4, CODEC_LZ4_LEGACY },
	{ "\x28\xb5\x2f\xfd", 4, CODEC_ZSTD },
	{ "BZh", 3, CODEC_BZIP2 },
};
#define MAGICS (sizeof magics / sizeof magics[0])

/* LZMA has no magic: its header must be one that Linux' build writes, of unknown or believable size. */
static bool lzma_is_likely(struct span at)
{
	uint32_t low = span_u32le(at, 5), high = span_u32le(at, 9);
	bool unknown = low == UINT32_MAX && high == UINT32_MAX;
	return at.n > 13 && (unknown || (high == 0 && low >= 4096 && low < 512u << 20));
}

static bool unpacks(enum codec codec, struct span stream)
{
	struct buf out = buf_with_limit(TRIAL_BYTES);
	size_t used = 0;
	struct error e = codec_stream(codec, stream, &out, &used);
	bool enough = e.code == ERR_BUDGET || (e.code == ERR_NONE && out.n);
	buf_free(&out);
	return enough;
}

static bool find_payload(struct span image, uint64_t from, struct payload *found)
{
	unsigned trials = 0;
	for (uint64_t at = from; at < image.n && trials < TRIALS_MAX; at++) {
		struct span rest = span_from(image, at);
		for (size_t i = 0; i < MAGICS; i++) {
			if (!span_starts(rest, magics[i].bytes, magics[i].n) ||
				(magics[i].codec == CODEC_LZMA && !lzma_is_likely(rest)))
				continue;
			trials++;
			*found = (struct payload){ rest, magics[i].codec };
			if (unpacks(found->codec, rest))
				return true;
		}
	}
	return false;
}

static struct error payload_unpack(const void *fs, const void *file, struct buf *out)
{
	(void)fs;
	const struct payload *p = file;
	size_t used = 0;
	return codec_stream(p->codec, p->stream, out, &used);
}

static const struct content_ops payload_ops = { .unpack = payload_unpack };

struct error kernel_payload_emit(struct walk *w, struct span image, uint64_t from)
{
	struct payload *p = ARENA_NEW(w->arena, struct payload);
	if (!p)
		return error_at(ERR_BUDGET, from, "no memory left for the payload");
	if (!find_payload(image, from, p))
		return error_at(ERR_UNSUPPORTED, from, "no compressed kernel was found in the boot image");

	uint64_t offset = (uint64_t)(p->stream.p - image.p);
	emit_header_field(w->sink, OFFSET_NONE, "payload_offset", "%llu", (unsigned long long)offset);
	emit_header_field(w->sink, offset, "compression", "%s", codec_name(p->codec));
	struct entry e = { ENTRY_INIT, .kind = ENTRY_STREAM, .path = TEXT_LIT("payload") };
	e.offset = offset;
	e.content = (struct content){ .kind = CONTENT_STREAM, .ops = &payload_ops, .file = p };
	w->child(w, &e);
	return error_none();
}
