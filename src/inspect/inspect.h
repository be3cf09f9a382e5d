/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Inspectors: one blob in, facts out.
 *
 * An inspector sees one blob with its metadata and no other; questions about the whole tree are SQL in the judge. It
 * never says "bad". A new inspector is one file that defines a `const struct inspector`, one row in registry.c, one test.
 */
#ifndef ASSAY_INSPECT_INSPECT_H
#define ASSAY_INSPECT_INSPECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/span.h"
#include "fact/fact.h"
#include "format/format.h"

enum pattern_flags {
	PATTERN_LITERAL = 0,      /* the bytes as they are */
	PATTERN_REGEX = 1 << 0,   /* a Hyperscan expression; hits carry only their end */
	PATTERN_CASELESS = 1 << 1,
};

/* Something to be found anywhere in a blob. The patterns of all inspectors run as one pass. */
struct pattern {
	const char *bytes;
	size_t n;
	unsigned flags;
};
#define PATTERN(s, f) { "" s, sizeof(s) - 1, (f) }
#define PATTERN_END { NULL, 0, 0 }

struct hit {
	uint32_t pattern; /* index in the inspector's `patterns` */
	uint64_t from;    /* offset of its first byte in the blob (for PATTERN_REGEX the same as `to`) */
	uint64_t to;      /* offset behind its last byte */
};

struct password_memo;

/* The files of the container that a blob lies in, for what says something of another file: a detached signature. */
enum neighbor {
	NEIGHBOR_WHOLE,     /* all of its bytes */
	NEIGHBOR_ABSENT,    /* no file of that path */
	NEIGHBOR_AMBIGUOUS, /* several of that path, or one that is a link */
	NEIGHBOR_BROKEN,    /* not all of it could be read, or it is too large */
};
struct neighbors {
	/* The bytes of the file of that path; they hold until the next call. */
	enum neighbor (*read)(struct neighbors *neighbors, struct text path, struct span *bytes);
	/* Small files that hold a public key of usign or its like, by their place or name. */
	const struct text *keys;
	size_t nkeys;
};

/* One blob as inspectors see it. */
struct subject {
	struct span bytes;
	struct text path;       /* inside its container; of what a compressed file holds: that of the file, without its suffix */
	enum entry_kind kind;
	int64_t mode, uid, gid; /* or FACT_NULL */
	const char *format;     /* "elf", "mach-o", "script", "text", "data", "empty", or a format's name; never NULL */
	struct text link_target;/* symbolic links are subjects too, with no bytes */
	const struct hit *hits; /* this inspector's matches, by offset */
	size_t nhits;
	struct arena *arena;    /* scratch: emptied when run() returns */
	struct password_memo *memo; /* guesses that were made in this run; NULL: none are kept */
	struct neighbors *neighbors; /* NULL: no inspector asks for those of this blob (inspector.asks), or there are none */
};

struct inspector {
	const char *name;  /* short: "accounts"; the probe run is called firmware.accounts */
	const char *title; /* what `assay list inspectors` shows */
	const char *spec;
	const struct pattern *patterns; /* ended by PATTERN_END; NULL: none */
	bool containers;   /* it is asked about containers that were opened, too: `format` names them, and there are no hits */
	/* Files of this name are looked at when all files of their container are known, and can be asked for; NULL: none. */
	bool (*asks)(struct text path);
	bool (*wants)(const struct subject *subject);
	/* Emits facts; damage where it could not read what it should have. Must survive any bytes. */
	void (*run)(const struct subject *subject, struct sink *sink);
};

/* All inspectors, ended by NULL. */
extern const struct inspector *const inspector_registry[];

const struct inspector *inspector_find(const char *name); /* or NULL */

#endif
