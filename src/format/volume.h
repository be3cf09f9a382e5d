/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the readers of disk file systems (FAT, exFAT, NTFS, UDF) share: a path that grows and shrinks with the descent,
 * damage that is counted, and files made of runs of bytes that lie anywhere in the image.
 */
#ifndef ASSAY_FORMAT_VOLUME_H
#define ASSAY_FORMAT_VOLUME_H

#include "format/format.h"

/* A run's place when no bytes are stored for it: it reads as zeros. */
#define RUN_HOLE UINT64_MAX

/* Bytes of a file from `at` on lie at `place` of the image, up to the next run's `at`. */
struct run {
	uint64_t at, place;
};

/* The whole of a file. */
struct runs {
	struct span image;
	uint64_t size;
	size_t n;
	struct run *v; /* ascending; the first one begins at 0 unless there is none */
};

struct volume {
	struct span image;
	struct walk *w;
	unsigned damages;
	bool stopped; /* by the visitor, or by an error */
	struct error error;
	char *path; /* FACT_TEXT_MAX bytes */
	size_t path_n;
	struct run *scratch; /* the runs of the file at hand */
	size_t nscratch, scratch_size;
};

/* False when there is no memory for it. */
bool volume_init(struct volume *v, struct span image, struct walk *w) MUST_USE;

/* Reports a damage; only the first ones are shown, the others counted. */
#define volume_damage(v, ...) emit_damage_capped((v)->w->sink, &(v)->damages, __VA_ARGS__)

/* Says how many damages were not shown; gives what ended the walk. */
struct error volume_finish(struct volume *v);

/* Ends the walk because the arena is exhausted. */
void volume_exhausted(struct volume *v, uint64_t offset);

/* Appends "/name" to the path. False (and a damage) when it gets too long. The path is cut back with volume_leave(). */
bool volume_enter(struct volume *v, struct text name, uint64_t offset) MUST_USE;

/* Cuts the path back to what it was before volume_enter(). */
static inline void volume_leave(struct volume *v, size_t path_n)
{
	v->path_n = path_n;
}

/* The path of what is being read; until the next volume_enter(). */
static inline struct text volume_path(const struct volume *v)
{
	return text_of(v->path, v->path_n);
}

/* Hands the entry over; notes when the visitor wants no more. */
void volume_child(struct volume *v, const struct entry *e);

/* The runs of the next file: forgotten, extended by n bytes at `place`. False when the arena is exhausted (the walk is
 * then stopped). */
void volume_runs_begin(struct volume *v);
bool volume_runs_add(struct volume *v, uint64_t at, uint64_t place) MUST_USE;

/* Only the first `valid` of the file's bytes were ever written: the others read as zeros, whatever their runs say. */
void volume_runs_cut(struct volume *v, uint64_t valid, uint64_t size);

/* A lasting copy of the collected runs for a file of `size` bytes; NULL when the arena is exhausted (the walk is
 * stopped). */
struct runs *volume_runs_end(struct volume *v, uint64_t size) MUST_USE;

/* Bytes of a file; holes are zeros. What lies behind the end of the image is ERR_TRUNCATED. */
struct error runs_read(const struct runs *runs, uint64_t offset, uint8_t *out, size_t n);

/* The run that holds byte `offset` (below size), and where it ends. */
const struct run *runs_find(const struct runs *runs, uint64_t offset, uint64_t *end);

/* Makes the collected runs the content of a file of `size` bytes: a span of the image where they are contiguous.
 * Reports what lies behind the image's end. `block` is the unit in which broken parts are told from good ones. */
void volume_set_content(struct volume *v, struct entry *e, uint64_t size, uint32_t block);

#endif
