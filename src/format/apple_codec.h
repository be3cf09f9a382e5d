/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The compressions that Apple's formats have in common, block by block: files of APFS and HFS+, archives, kernels. */
#ifndef ASSAY_FORMAT_APPLE_CODEC_H
#define ASSAY_FORMAT_APPLE_CODEC_H

#include "base/error.h"
#include "base/span.h"

enum apple_codec {
	APPLE_UNKNOWN,
	APPLE_STORED,
	APPLE_ZLIB,
	APPLE_LZVN,
	APPLE_LZFSE,
	APPLE_LZBITMAP,
	APPLE_LZ4, /* frames of Apple's own: blocks behind "bv41" and "bv4-", ended by "bv4$" */
	APPLE_LZSS,
	APPLE_XZ,
};

/* "zlib", "LZFSE" and so on. */
const char *apple_codec_name(enum apple_codec codec);

/* Which one a letter stands for, as archives have them; APPLE_UNKNOWN for none. */
enum apple_codec apple_codec_of(char letter);

/* Unpacks what must be n bytes. */
struct error apple_unpack(enum apple_codec codec, struct span in, uint8_t *out, size_t n) MUST_USE;

#endif
