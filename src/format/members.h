/* SPDX-License-Identifier: GPL-3.0-or-later */
/* For updates that are archives of a common kind with a description in them: walks them as that archive and remembers the
 * members, so that the description can be held against them. */
#ifndef ASSAY_FORMAT_MEMBERS_H
#define ASSAY_FORMAT_MEMBERS_H

#include "format/digest.h"
#include "format/format.h"

#define MEMBERS_MAX 1024u

struct member_seen {
	struct text path; /* in the walk's arena */
	struct content content;
	uint64_t size, offset;
	bool hashed; /* `sha256` is its */
	uint8_t sha256[32];
};

struct members {
	struct member_seen *v; /* files with content, in their order */
	size_t n;
	bool stopped; /* the visitor wants no more */
};

/* Walks `bytes` as the base format, hands each entry on, and remembers the files. */
struct error members_walk(const struct format *base, struct span bytes, struct walk *w, struct members *m) MUST_USE;

/* The file of that path (which begins with '/'), or NULL; of several the last one, as it overwrites the others. */
struct member_seen *members_find(const struct members *m, struct text path);

/* What a member holds, at most `max` bytes; a copy in the arena where it is not stored as it is. Empty when it is larger
 * or can not be read. */
struct span members_content(const struct member_seen *s, struct arena *arena, size_t max);

/* Whether a stored member has that SHA-256 in hex. It is hashed once. */
bool members_sha256_is(struct member_seen *s, struct text hex);

#endif
