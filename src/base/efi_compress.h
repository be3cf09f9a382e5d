/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The compression of EFI 1.1 and of Tiano: LZ77 and Huffman codes in blocks, the successor of LHA's. No library of Debian reads it.
 *
 * Specification: UEFI Specification 2.10, section 19 "EFI Compression Algorithm Specification". Tiano (EDK II, BaseUefiDecompressLib)
 * differs in one number: with how many bits a block says how many distance codes it has.
 */
#ifndef ASSAY_BASE_EFI_COMPRESS_H
#define ASSAY_BASE_EFI_COMPRESS_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/span.h"

enum efi_compression {
	EFI_COMPRESSION_EFI = 4,
	EFI_COMPRESSION_TIANO = 5,
};

#define EFI_COMPRESS_HEADER 8u /* the packed size, the original size; 32 bits, the lowest byte first */

/* Decompresses what stands behind the header into out[0..out_n). The stream does not say where it ends: out_n is the original size of
 * the header. *in_used is how many bytes of `in` it takes, *made how many came out, also on error. ERR_TRUNCATED when `in` ends before,
 * ERR_CORRUPT for codes that are none. Thread-safe, without memory of its own. */
enum error_code efi_decompress(struct span in, enum efi_compression kind, uint8_t *out, size_t out_n, size_t *in_used,
							   size_t *made) MUST_USE;

#endif
