/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the reader of Inno Setup's installers, that of their tables and that of their streams share. */
#ifndef ASSAY_FORMAT_INNO_H
#define ASSAY_FORMAT_INNO_H

#include "format/digest.h"
#include "format/format.h"
#include "format/pe.h"

#define INNO_ID 64u /* bytes of what setup data begin with */
#define INNO_ID_TEXT "Inno Setup Setup Data ("
#define INNO_NO_LOCATION UINT32_MAX

#define INNO_VERSION(a, b, c, d) ((uint32_t)(a) << 24 | (uint32_t)(b) << 16 | (uint32_t)(c) << 8 | (uint32_t)(d))

/* Where the loader's table says that what stands behind the program begins; false: it is no installer of Inno Setup, or of a version
 * before 4.1.6, which is told. */
bool inno_loader(const struct pe_headers *h, struct sink *sink, uint64_t *from);

/* ---- tables ---- */

struct inno_version {
	uint32_t number; /* INNO_VERSION */
	bool unicode;
	char text[32]; /* "5.5.7 (u)" */
};

/* False: no setup data begin there. */
bool inno_version_read(struct span at, struct inno_version *v);

/* Records are strings with their lengths, then fields of a fixed size. */
struct inno_record {
	uint8_t strings;
	uint16_t fixed;
};

#define INNO_BEFORE_FILES 8u

struct inno_layout {
	struct inno_record header, before[INNO_BEFORE_FILES], file; /* before: records of other kinds, in their order */
	unsigned before_n, counts_at, files_count, method_at;       /* places within what is fixed; files_count: which count is that of files */
	unsigned file_location_at;
	unsigned location_size, digest_at, flags_at;
	bool wide_start, wide_blocks, encryption_header;
	enum digest digest;
	uint8_t call_bit, encrypted_bit, compressed_bit;
};

/* False: of that version nothing is known. */
bool inno_layout_of(const struct inno_version *v, struct inno_layout *l);

struct inno_file {
	struct span source, dest;
	uint32_t location;
};

struct inno_location {
	uint32_t slice;
	uint64_t start, sub, size, packed;
	struct span digest;
	int64_t mtime;
	bool call, encrypted, compressed;
};

struct inno_tables {
	struct text application; /* the name and version of what is installed, as it stands */
	unsigned method;
	struct inno_file *files;
	size_t files_n;
	struct inno_location *locations;
	size_t locations_n;
};

/* Reads the files of the first block. Of one that breaks off what there is; false: they are not of that layout, or there is no memory. */
bool inno_files_read(const struct inno_layout *l, struct span block, bool whole, struct arena *a, struct inno_tables *t);
/* The same of the second block. Needs the first one's tables. */
bool inno_locations_read(const struct inno_layout *l, struct span block, bool whole, struct arena *a, struct inno_tables *t);

/* ---- streams ---- */

enum inno_method { INNO_STORED, INNO_ZLIB, INNO_BZIP2, INNO_LZMA, INNO_LZMA2, INNO_METHODS };
enum inno_filter { INNO_NO_FILTER, INNO_CALLS_4108, INNO_CALLS_5200, INNO_CALLS_5309 };

/* The word of a method of compression for what is reported; "unknown" for other numbers. */
const char *inno_method_name(unsigned method);

/* Whether a block of tables begins there: its header has a CRC-32. */
bool inno_is_block(struct span at, bool wide);
/* Appends what comes out of the block, piece by piece as their CRC-32s are right, and says how many bytes it takes. */
struct error inno_block_unpack(struct span at, bool wide, struct buf *out, uint64_t *used) MUST_USE;
/* Appends the first `size` bytes of a chunk. */
struct error inno_chunk_unpack(enum inno_method method, struct span packed, uint64_t size, struct buf *out) MUST_USE;
/* Undoes what the compiler did to the targets of calls and jumps of a file. */
void inno_unfilter(enum inno_filter filter, uint8_t *p, size_t n);

#endif
