/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the reader of SUIT envelopes and that of their manifests share. */
#ifndef ASSAY_FORMAT_SUIT_H
#define ASSAY_FORMAT_SUIT_H

#include "format/cbor.h"
#include "format/format.h"

/* Keys of a manifest that an envelope may hold in its place. */
enum {
	SUIT_COSWID = 14,
	SUIT_DEPENDENCY_RESOLUTION = 15,
	SUIT_PAYLOAD_FETCH = 16,
	SUIT_INSTALL = 20,
	SUIT_TEXT = 23,
};

/* The name of such a key, or NULL. */
const char *suit_severable_name(int64_t key);

/* Shows what the manifest says; `at` is its place in the container. Commands that stand in the envelope are looked at by
 * suit_describe_commands(). */
void suit_describe_manifest(struct walk *w, struct span manifest, uint64_t at);
void suit_describe_commands(struct walk *w, struct span sequence, uint64_t at);

/* A digest [algorithm, bytes] of the bytes: shows whether it holds as header field `name`. */
void suit_verify_digest(struct walk *w, struct span digest, struct span bytes, const char *name, uint64_t at);

/* The digest that the manifest holds in the place of what was taken out of it; false when there is none. */
bool suit_severed_digest(struct span manifest, int64_t key, struct span *digest) MUST_USE;

#endif
