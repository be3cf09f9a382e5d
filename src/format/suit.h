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

/* Which of a manifest's components have a digest or their content in it, and which are compared with that: a bit each. */
#define SUIT_COMPONENTS_MAX 64u
struct suit_bound {
	uint64_t digested, compared;
	uint64_t components; /* how many there are; more than SUIT_COMPONENTS_MAX are not told apart */
};

/* Shows what the manifest says; `at` is its place in the container. Commands that stand in the envelope are looked at by
 * suit_describe_commands(), if they are those that the manifest has the digest of: the others are anybody's. Both add to *bound. */
void suit_describe_manifest(struct walk *w, struct span manifest, uint64_t at, struct suit_bound *bound);
void suit_describe_commands(struct walk *w, struct span sequence, uint64_t at, struct suit_bound *bound);

/* How many components there are that nothing signed binds: no digest, or one that no condition compares. */
uint64_t suit_unbound(const struct suit_bound *bound) MUST_USE;

/* Whether the bytes have that digest [algorithm, bytes]; of algorithms that are not known none do. */
bool suit_digest_holds(struct span digest, struct span bytes) MUST_USE;

/* A digest [algorithm, bytes] of the bytes: shows whether it holds as header field `name`. */
void suit_verify_digest(struct walk *w, struct span digest, struct span bytes, const char *name, uint64_t at);

/* The digest that the manifest holds in the place of what was taken out of it; false when there is none. */
bool suit_severed_digest(struct span manifest, int64_t key, struct span *digest) MUST_USE;

#endif
