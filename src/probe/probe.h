/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The firmware probe: takes an input apart, shows every piece to the inspectors, hands over what they found. */
#ifndef ASSAY_PROBE_PROBE_H
#define ASSAY_PROBE_PROBE_H

#include <stdatomic.h>
#include <stdint.h>

#include "base/error.h"
#include "base/span.h"
#include "probe/rules.h"
#include "probe/scan.h"
#include "probe/schedule.h"

/* What an input may cost. A limit that is hit is a `damage` row of kind budget. */
struct budget {
	unsigned depth;       /* containers within containers */
	uint64_t blobs;       /* blobs in all */
	uint64_t blob_bytes;  /* bytes of one unpacked blob */
	uint64_t total_bytes; /* bytes unpacked in all */
	uint64_t ratio;       /* bytes unpacked in all for each byte of the input (from 256 MiB on) */
	unsigned blob_seconds;/* time for one blob; enforced by the parent */
	unsigned seconds;     /* time in all; enforced by the parent */
};
extern const struct budget budget_default;

/* What a lane is at, in memory shared with the parent, which reads it when the worker has died. The parent trusts
 * nothing in it beyond its size. */
#define STATUS_PATH_MAX 512u
struct lane_status {
	_Atomic uint64_t key; /* 0: idle */
	_Atomic uint64_t parent;
	_Atomic uint64_t started_ms; /* CLOCK_MONOTONIC */
	uint32_t ordinal;
	uint32_t kind;               /* enum entry_kind */
	uint64_t offset, size;
	char stage[32];              /* the format or inspector that has the blob */
	char path[STATUS_PATH_MAX];
};

struct probe_status {
	_Atomic uint64_t blobs; /* finished */
	_Atomic uint64_t bytes; /* unpacked */
	_Atomic uint64_t scanned; /* for patterns; grows while a large blob is looked at */
	_Atomic int32_t faulting_lane; /* lane whose thread took a fatal signal, -1: none */
	struct lane_status lanes[SCHEDULE_MAX_LANES];
};

/* Where the probe's findings go. Called from several threads. False: nobody listens any more, stop. */
struct probe_output {
	bool (*batch)(struct probe_output *output, struct span batch);
	/* The bytes of a file, or of a part of the image (parts.c), for --extract; NULL when they are not wanted. */
	bool (*content)(struct probe_output *output, uint64_t key, struct span bytes);
	/* With content() and contents_only: room for n bytes of a file, from where content() need not copy them. content() takes it
	 * back when it gets bytes that begin there, take_back() when nobody has a use for it; who has some asks for no more before.
	 * NULL: there is none for so many. The functions may be NULL, both. */
	uint8_t *(*lend)(struct probe_output *output, size_t n);
	void (*take_back)(struct probe_output *output, struct span room);
	/* The name of a file that the input has as it is, before its bytes; its batch comes behind them. NULL: not wanted. */
	bool (*name)(struct probe_output *output, uint64_t key, uint32_t ordinal, int64_t mode, struct text path);
};

/* A sorted set of blob keys. */
struct key_set {
	const uint64_t *keys;
	size_t n;
};

/* Room of a mapped file for what is unpacked and does not fit in memory. p == NULL: there is none. */
struct probe_spill {
	uint8_t *p;
	size_t size;
	/* Addresses for disks of which little is stored: a file, too, that is longer than there is room for. What is written to it takes of the
	 * room above. */
	uint8_t *disks;
	size_t disks_size;
};

struct probe_options {
	struct budget budget;
	struct key_set done;    /* leaves whose batches the parent has: not looked at again */
	struct key_set crashed; /* blobs that killed a worker: not looked at */
	uint64_t only_content;  /* the only blob whose bytes the output wants; 0: those of every file */
	struct probe_spill spill;
	bool contents_only; /* the output wants files and parts and nothing about them: no digests, inspectors, maps; an ordinary file is not
	                       looked into, what it is taken apart for otherwise stays in it */
};

struct probe_input {
	struct span bytes;
	int fd;           /* of the input, to find holes; -1: none */
	struct text name; /* file name without its folders; a path that begins with '/' makes it a file of a file system */
	const char *format; /* name of the format that it is known to have, or NULL */
};

/* What a library wants from disk, taken before no file can be opened any more. */
void probe_prepare(void);

/* Everything that has to be allocated before confinement: threads, their scratch. Where contents alone are
 * wanted, what looks for patterns is made when bytes are first looked through, which may be never, and knows formats alone. NULL and
 * *error on failure. */
struct probe;
struct probe *probe_new(unsigned threads, bool contents_only, struct error *error) MUST_USE;
void probe_free(struct probe *probe);
/* The same for the user's rules, with the time that they have for one blob. False when out of memory. */
bool probe_use_rules(struct probe *probe, const struct rules *rules, unsigned seconds) MUST_USE;

/* Runs to the end; false when the output did not take everything. */
bool probe_firmware(struct probe *probe, const struct probe_input *input, const struct probe_options *options,
                    struct probe_status *status, struct probe_output *output);

/* The lane of the calling thread, or -1: for a fatal signal's handler. */
int probe_this_lane(void);

#endif
