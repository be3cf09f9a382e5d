/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the reader of NSIS installers, the unpacking of their data and that of their strings share. */
#ifndef ASSAY_FORMAT_NSIS_H
#define ASSAY_FORMAT_NSIS_H

#include "format/format.h"

#define NSIS_FIRST_HEADER 28u
#define NSIS_NAME_MAX 1024u

enum nsis_method { NSIS_STORED, NSIS_DEFLATE, NSIS_LZMA, NSIS_BZIP2 };

/* The word of a method of compression for what is reported. */
const char *nsis_method_name(enum nsis_method method);

/* How what begins there is packed: by its first bytes. */
enum nsis_method nsis_method_of(struct span packed);
/* Whether these are the first bytes of LZMA, which may say before that whether branches are filtered. */
bool nsis_is_lzma(struct span s);

/* Appends what comes out. On error `out` has what came before it. */
struct error nsis_unpack(enum nsis_method method, struct span in, struct buf *out, size_t *used) MUST_USE;

/* The strings of the header. */
struct nsis_strings {
	struct span bytes;
	bool unicode; /* units of 16 bits */
	bool modern;  /* of 8 bits: codes are as in NSIS 3 */
};

/* Notes whether codes stand in the string at `at` as NSIS 3 has them. */
void nsis_strings_note(struct nsis_strings *s, uint32_t at);
/* The string, terminated, with variables by name ("$INSTDIR"); false when there is none. */
bool nsis_string(const struct nsis_strings *s, uint32_t at, char out[NSIS_NAME_MAX]);

/* Checks the CRC-32 that ends the installer, which begins at `at` of the program: it is of all but the program's first 512 bytes. */
void nsis_check(struct span program, uint64_t at, struct sink *sink);

#endif
