/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the wrappers of vendors have in common: text fields, digests over what they wrap, regions as children, ciphers
 * whose keys are published. */
#ifndef ASSAY_FORMAT_WRAPPER_H
#define ASSAY_FORMAT_WRAPPER_H

#include "format/digest.h"
#include "format/format.h"

/* What stands in a text field: up to the first NUL, 0xff or line end, or all of it. */
struct text wrapper_text(struct span field);

/* Whether a field holds text as such fields do: at least one printable ASCII character, ended by NUL, 0xff or the
 * field's end. */
bool wrapper_is_text(struct span field);

/* A text field as a header field, when there is something in it. */
void wrapper_field(struct walk *w, uint64_t at, const char *name, struct span field);

/* The outcome of a check as a header field ("ok", "mismatch", or "not checked" when the bytes are not all there); a
 * mismatch is damage too. */
void wrapper_check(struct walk *w, uint64_t at, const char *name, bool whole, bool ok);
void wrapper_check_u32(struct walk *w, uint64_t at, const char *name, bool whole, uint32_t declared, uint32_t computed);
void wrapper_check_digest(struct walk *w, uint64_t at, const char *name, bool whole, struct span declared,
						  const uint8_t *computed);

/* bytes[at .. at + size) as a child, with damage when they are not all there. Nothing when size is 0. False: stop. */
bool wrapper_region(struct walk *w, struct span bytes, uint64_t at, uint64_t size, struct text name,
					const char *format);

/* The same for what AES in CBC mode has made unreadable: the child holds the plain bytes, deciphered when they are
 * wanted. `size` is that of the plain bytes; their last block is taken from a whole one of the cipher text, where it is
 * there, and stays as it is elsewhere. `bits` are 128 or 256. */
struct wrapper_cipher {
	const uint8_t *key, *iv;
	unsigned bits;
};
bool wrapper_deciphered(struct walk *w, struct span bytes, uint64_t at, uint64_t size, struct text name,
						struct wrapper_cipher cipher);

/* n bytes (a multiple of 16) of cipher text as plain ones. False when out of memory. */
bool wrapper_decipher(struct wrapper_cipher cipher, const uint8_t *in, uint8_t *out, size_t n);

/* A sum of 16-bit words, in the byte order given; an odd last byte counts as a word with zero. `carry`: in ones'
 * complement arithmetic, as IP does it. */
uint16_t wrapper_sum16(struct span bytes, bool big, bool carry);

#endif
