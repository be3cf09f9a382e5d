/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Formats: containers, file systems, compressions. Bytes in, children out.
 *
 * A format knows no file system of the host, no database and no global state. It reads hostile bytes: truncated,
 * cyclic, overlapping, with gigantic sizes. It reports damage as a fact and goes on where the format allows.
 *
 * A new format is one file that defines a `const struct format`, one row in registry.c, one test, one sample.
 */
#ifndef ASSAY_FORMAT_FORMAT_H
#define ASSAY_FORMAT_FORMAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/span.h"
#include "fact/fact.h"

#define SIZE_UNKNOWN UINT64_MAX
#define OFFSET_NONE UINT64_MAX

enum format_kind {
	FORMAT_FILESYSTEM,  /* its children are files with paths */
	FORMAT_ARCHIVE,     /* likewise, from an archive */
	FORMAT_CONTAINER,   /* headers, partitions: its children are regions */
	FORMAT_COMPRESSION, /* one stream */
	FORMAT_ENCODING,    /* one stream too: the same bytes in another guise (text records, swapped bytes, spare areas) */
	FORMAT_KERNEL,      /* a boot image with a payload */
};

/* Bytes that stand `offset` bytes into the format. They are compiled into the pattern database, which finds
 * candidates at any place; probe() then decides. At least two bytes (three or more where the format allows). */
struct format_magic {
	const char *bytes;
	size_t n;
	uint32_t offset;
};
#define MAGIC(s, at) { "" s, sizeof(s) - 1, (at) }
#define MAGIC_END { NULL, 0, 0 }

struct format_match {
	uint64_t size;   /* bytes that it takes, from its beginning; SIZE_UNKNOWN when only unpacking can tell. May exceed
	                    the bytes given to probe(): then it is truncated */
	int confidence;  /* 1..100; of two formats that accept the same bytes the higher one is taken */
	uint64_t text;   /* of a format that is as_text: where its text ends and bytes of another kind begin; 0: it is all text */
};

/* What an entry of a container is. */
enum entry_kind {
	ENTRY_REGION, /* a part of the container's bytes: a partition, an image */
	ENTRY_STREAM, /* what a compression held */
	ENTRY_FILE,
	ENTRY_DIRECTORY,
	ENTRY_SYMLINK,
	ENTRY_CHAR_DEVICE,
	ENTRY_BLOCK_DEVICE,
	ENTRY_FIFO,
	ENTRY_SOCKET,
};

enum content_kind {
	CONTENT_NONE,
	CONTENT_SPAN,   /* bytes that lie in the walked bytes or in the walk's arena */
	CONTENT_BLOCKS, /* read on demand at multiples of block_size, by any thread */
	CONTENT_STREAM, /* unpacked from the beginning; the size may be unknown */
};

/* Where the next bytes are that are stored, in multiples of the entry's block_size but for the end of the file, and how many; behind
 * them there may be more. n == 0: there are none. */
struct stored_run {
	uint64_t at, n;
	bool broken; /* they should be, and can not be told from the others: read() fails for each of them */
};

struct content_ops {
	/* CONTENT_BLOCKS: fills out[0..n) with the file's bytes from `offset` on. `offset` is a multiple of the entry's
	 * block_size; n is one too, unless it ends at the end of the file. Called from several threads at once, for
	 * different parts. On error out[] may hold anything and the error's offset is within the file. */
	struct error (*read)(const void *fs, const void *file, uint64_t offset, uint8_t *out, size_t n);
	/* CONTENT_BLOCKS, or NULL: which bytes from `offset` on are stored. The others are zeros. For what may be much larger than that: its
	 * cost must not grow with the size, but with what the tables in the image tell. */
	struct stored_run (*next)(const void *fs, const void *file, uint64_t offset);
	/* CONTENT_STREAM: appends the bytes within out->limit. On error, out holds what came before it. */
	struct error (*unpack)(const void *fs, const void *file, struct buf *out);
};

struct content {
	enum content_kind kind;
	struct span bytes;              /* CONTENT_SPAN */
	const struct content_ops *ops;  /* the others; must be static */
	const void *fs, *file;          /* handed to ops; live in the walk's arena */
	uint32_t block_size;            /* CONTENT_BLOCKS */
};

/* One child. Texts are copied by the visitor. Use ENTRY_INIT so that what is unknown says so. */
struct entry {
	enum entry_kind kind;
	struct text path;         /* as the container has it, made to begin with '/' for files; any bytes, any length up to
	                             FACT_TEXT_MAX; ".." and the like stay as they are: paths are data */
	struct text link_target;  /* symbolic links */
	struct text same_as;      /* a further hard link: the path of the first one; then content is CONTENT_NONE */
	int64_t mode;             /* permission bits (07777), or FACT_NULL */
	int64_t uid, gid, mtime;  /* or FACT_NULL */
	int64_t device;           /* major << 32 | minor, or FACT_NULL */
	uint64_t offset;          /* of the first data byte in the container, or OFFSET_NONE */
	uint64_t size;            /* unpacked; SIZE_UNKNOWN where a stream does not say */
	const char *format;       /* name of the format that the container promises, tried first; NULL: none */
	struct content content;
};
#define ENTRY_INIT                                                                                                    \
	.mode = FACT_NULL, .uid = FACT_NULL, .gid = FACT_NULL, .mtime = FACT_NULL, .device = FACT_NULL,                   \
	.offset = OFFSET_NONE, .size = SIZE_UNKNOWN

/* An entry of which nothing but its kind and its path is known. The path is not copied: it must live as long as the
 * walk. */
static inline struct entry entry_new(enum entry_kind kind, struct text path)
{
	struct entry e = { ENTRY_INIT };
	e.kind = kind;
	e.path = path;
	return e;
}

/* What the driver gives to walk(). */
struct walk {
	struct arena *arena; /* lives as long as any child of this container; its limit is the memory budget for metadata */
	struct sink *sink;   /* facts about the container itself: damage, header fields */
	unsigned depth;      /* of the container: 0 for the input */
	/* Takes one child. False: stop walking and return error_none() (a budget was hit; the driver has said so). */
	bool (*child)(struct walk *w, const struct entry *entry);
	/* For a format that must unpack everything at once, before its first child: how many bytes it may (0: the caller does
	 * not say), the meter for the buffers, and how many it did. */
	uint64_t room;
	struct buf_meter *meter;
	uint64_t held;
	bool in_text; /* it stands in a text that is looked at as one (as_text): its own lines need not be told once more */
	uint64_t end; /* where the walk found the container to end, for a format whose probe can not tell; 0: it does not say. What stands
	                 behind it is looked at */
};

struct format {
	const char *name;  /* short, lower case: "squashfs" */
	enum format_kind kind;
	const char *title; /* what `assay list formats` shows */
	const char *spec;  /* the specification or the source that defines it: name or address */
	const struct format_magic *magics; /* ended by MAGIC_END; NULL: only looked for where a container promises it */

	/* Whether the format begins at at.p (`at` runs to the end of the container). It validates structure, not only the
	 * magic: checksums where there are some, ranges, pointers, at a cost of microseconds. Random bytes must not pass:
	 * at most one false match in 2^40 candidates. */
	bool (*probe)(struct span at, struct format_match *match);

	/* Everything but compressions and encodings. Emits the children in a fixed order. `bytes` has the probed size, or
	 * less when the input is truncated. NULL: the format is recognised and named, not opened (the driver says so). */
	struct error (*walk)(struct span bytes, struct walk *w);

	/* Compressions and encodings: the whole stream into out, and how many bytes it took of `bytes` (which may be followed
	 * by others). */
	struct error (*unpack)(struct span bytes, struct buf *out, size_t *used);

	/* Compressions and encodings: header fields that are worth keeping (a key, a geometry). NULL: there are none. */
	void (*describe)(struct span bytes, struct sink *sink);

	/* A stream that may be much larger than what is stored of it: the same bytes as a content with next(), which lives in the arena, and
	 * its size; and how many bytes it takes. An error: only unpack() can. NULL: it has no holes. */
	struct error (*lay)(struct span bytes, struct arena *arena, struct content *content, uint64_t *size, size_t *used);

	bool at_start; /* also asked at the beginning of every blob, whether a magic stands there or not: for what has none.
	                  Its probe must refuse ordinary files within a microsecond or two */

	/* For what is told only where it is a blob by itself, as short streams are, or damaged archives: whether `all`, which is a whole
	 * blob, is one. Asked only where probe() has refused it, and to refuse others with the same haste as at_start. NULL: nothing is. */
	bool (*probe_whole)(struct span all, struct format_match *match);

	bool own_bytes; /* a container whose own structure may be large, and which tells of all that is in it: what none of its
	                   children holds is not looked at as a region of its own */

	bool of_use; /* a container that is of use as it stands, besides what it holds: a device tree, an application. --extract writes it,
	                too */

	bool in_place; /* a compression whose stream is the file itself, made smaller: a program that unpacks itself when it is run. The
	                  file is looked at as what comes out with its own bytes behind that, under its own path, and offsets of facts are
	                  places in the two */

	bool as_program; /* a program, whose walk tells of what it carries beside its code, as places in its bytes, and in walk.end where the program
	                    itself ends. It is looked at as a program, too: but for those places */

	bool as_text; /* a text that carries something: a script with an archive behind it, or in its lines. The text stays what it is, with its
	                 path, its class and all of its bytes for inspectors, and the format is a region of it, even where it is all of it */

	/* For a magic that stands at no fixed place: where the format begins whose magic was found at `hit` in `all`. False
	 * when it begins nowhere. NULL: at `hit` less the magic's offset. */
	bool (*locate)(struct span all, uint64_t hit, uint64_t *start);
};

/* All formats, ended by NULL. */
extern const struct format *const format_registry[];

const struct format *format_find(const char *name); /* or NULL */

/* The format of the blob that `at` is, from its beginning on, or NULL; of several the one with the highest confidence. `hint` (may be NULL)
 * is a name to try first: it is taken when its probe accepts. Asked are only formats whose magic stands there, and those
 * that are to be asked at the start of any blob. */
const struct format *format_identify(struct span at, const char *hint, struct format_match *match);

#endif
