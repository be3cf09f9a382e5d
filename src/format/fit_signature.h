/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Signatures of FITs, verified with public keys of device trees among its images, where U-Boot has them: the node /signature.
 * Such a node of the FIT itself is nobody's: U-Boot never reads it. Not for other formats. */
#ifndef ASSAY_FORMAT_FIT_SIGNATURE_H
#define ASSAY_FORMAT_FIT_SIGNATURE_H

#include "base/fdt.h"
#include "format/format.h"

#define FIT_KEYS_MAX 16u

struct fit_key {
	struct text name; /* without "key-" */
	struct span modulus;
	uint64_t exponent;
	struct text required; /* "conf" or "image": without a signature by it nothing boots; absent: not so */
	struct text image;    /* whose tree has it; absent: the FIT's own */
};

struct fit_keys {
	struct fit_key v[FIT_KEYS_MAX];
	unsigned n;
};

struct fit_signature {
	struct text algo, padding, key;
	struct span value, hashed_nodes, hashed_strings;
	struct text owner; /* the configuration that it is to sign; absent: an image */
	struct text
		without; /* an image of that configuration which it does not cover, or of which it covers no digest of the data */
	bool changed; /* an image that it covers has other data than its digest says */
	bool unread;  /* the data of one are not there, or were not looked at */
	uint64_t at;
};

/* Adds the keys of a tree; `image`: which of the FIT's images that is, absent: none of them. */
void fit_keys_collect(const struct fdt *fdt, struct text image, struct fit_keys *keys);

/* Takes a signature node's property. */
void fit_signature_take(struct fit_signature *s, const struct fdt_token *t);

/* Whether the nodes that it names have that path. */
bool fit_signature_covers(const struct fit_signature *s, struct text path);

struct fit_verdict {
	const char *state, *words;
	const struct fit_key *key; /* by which it verifies, or which it names; NULL: it is not in a tree among the images */
	const char *method;        /* without a key: how it is verified by one from elsewhere, or NULL */
	uint8_t digest[64];
	size_t digest_n;
};

/* In `out`: the algorithm, the key's name, and whether it verifies, or why that was not tried. Of an image's data, or, with
 * data.p == NULL, of the nodes that it names, of which its owner must be one. *budget limits the tokens that are read for all
 * signatures of a FIT. False: it does not verify. */
bool fit_signature_verify(const struct fdt *fdt, const struct fit_signature *s, const struct fit_keys *keys,
						  struct span data, uint64_t *budget, char *out, size_t size, struct fit_verdict *verdict);

#endif
