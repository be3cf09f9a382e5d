/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The header of a 7z archive, and what its folders hold.
 *
 * A "folder" of 7z is no directory: it is one stream that several files stand in, packed by a graph of coders. Each coder has
 * one output and one input or more; a "bond" makes the output of one the input of another, the other inputs are packed streams.
 * Specification: 7zFormat.txt and Methods.txt of the LZMA SDK.
 */
#ifndef ASSAY_FORMAT_SEVENZIP_H
#define ASSAY_FORMAT_SEVENZIP_H

#include "format/format.h"

#define SEVENZIP_CODERS_MAX 32u /* of one folder, and inputs of all of them; 7-Zip's own bound */
#define SEVENZIP_START 32u      /* the signature header, which positions are counted from the end of */

struct sevenzip_coder {
	uint64_t method;
	struct span properties;
	uint32_t inputs, first_input; /* inputs are counted through the folder's coders */
};

struct sevenzip_bond {
	uint32_t input, coder;
};

struct sevenzip_file_crc {
	bool known;
	uint32_t crc;
};

struct sevenzip_folder {
	struct sevenzip_coder *coders;
	struct sevenzip_bond *bonds; /* coders - 1 */
	uint32_t *packed;            /* the inputs that are packed streams, in the streams' order */
	uint64_t *sizes;             /* of the coders' outputs */
	uint32_t n, inputs, packed_n, main; /* main: the coder whose output is the folder's */
	uint32_t first_packed;              /* its first stream of the archive's */
	uint32_t first_stream, streams;     /* the files' contents in it */
	struct sevenzip_file_crc crc;
};

struct sevenzip_streams {
	uint64_t packed_at;
	uint64_t *packed_sizes, *packed_offsets; /* offsets in the archive */
	uint32_t packed_n;
	struct sevenzip_folder *folders;
	uint32_t folders_n;
	uint64_t *sizes; /* of the contents, folder by folder */
	struct sevenzip_file_crc *crcs;
	uint32_t n;
};

struct sevenzip_file {
	struct span name; /* UTF-16LE, without its end; p is NULL when there is none */
	int64_t mtime;
	uint32_t attributes; /* of Windows; bit 15 says that the upper half is a mode of Unix */
	bool empty, directory, anti, has_attributes;
};

struct sevenzip_header {
	struct sevenzip_streams streams;
	struct sevenzip_file *files;
	uint32_t n;
	bool named;   /* it has a list of names, which it need not */
	bool encoded; /* no header, but the stream that it is packed as, which is all of `streams` */
	uint64_t unread; /* bytes of it that say nothing which is read, and are no padding */
};

#define SEVENZIP_TRAIL_MAX 16u /* what may stand behind the end of what is packed: an end marker, a block of AES */

/* Where the header stands. */
struct sevenzip_place {
	uint64_t at, size;
	int64_t shift; /* from where it should be: bytes before it are missing or too many */
};

enum sevenzip_header_state {
	SEVENZIP_NONE,         /* this is no 7z archive, as far as can be told */
	SEVENZIP_SOUND,        /* where the beginning says; or there is none, of an archive of nothing */
	SEVENZIP_SHIFTED,      /* elsewhere */
	SEVENZIP_START_BROKEN, /* the beginning has not the CRC that it says */
	SEVENZIP_LOST,         /* not found: `at` and `size` are what the beginning says */
};
/* Whether what the beginning says of the header has the CRC that it says. */
bool sevenzip_start_is_sound(struct span bytes);
enum sevenzip_header_state sevenzip_header_find(struct span bytes, struct sevenzip_place *place);

/* `bytes` are the header's own. What is read refers to them and to the arena. */
struct error sevenzip_header_read(struct span bytes, struct arena *arena, struct sevenzip_header *h) MUST_USE;

/* Unpacks a folder of the archive into `out`, which is empty, within its limit. On error, `out` has what came before it. *left is how
 * many bytes all coders of all folders may still give out, those between two coders too. */
struct error sevenzip_unpack(struct span archive, const struct sevenzip_streams *s, const struct sevenzip_folder *f,
							 uint64_t *left, struct buf *out) MUST_USE;

/* Undoes BCJ2: the branches of x86 code stand apart from the rest, in streams of calls and of jumps, and a range coder says which
 * are there. `in` are these four in the order of 7z. *n is how many bytes came out, also on error. ERR_CORRUPT: some of them go on behind these. */
enum error_code bcj2_decode(const struct span in[4], uint8_t *out, size_t size, size_t *n) MUST_USE;

#endif
