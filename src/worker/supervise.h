/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Runs a probe in a confined child and watches over it: reads what it says, restarts it past what kills it. */
#ifndef ASSAY_WORKER_SUPERVISE_H
#define ASSAY_WORKER_SUPERVISE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/span.h"
#include "probe/probe.h"

/* What kind of input it is. */
enum worker_kind { WORKER_FIRMWARE, WORKER_DOCUMENT };

struct worker_request {
	enum worker_kind kind;
	const char *role;     /* of a document: privacy-notice, manual ...; NULL: none */
	const char *language; /* of a document, where it is known (ISO 639-1); NULL: found by its words */
	int fd;           /* of the input, open for reading */
	uint64_t size;    /* of the input in bytes */
	struct text name; /* shown as the path of the input */
	const char *format; /* that the input is known to have; NULL: find out */
	unsigned threads;
	struct budget budget;
	const struct rules *rules; /* the user's, compiled; NULL: there are none */
	bool without_landlock;
	bool want_content; /* send the bytes of every file */
	bool contents_only;    /* with want_content: no more is looked at than that needs (probe_options) */
	uint64_t only_content; /* with want_content: of this blob alone, whatever it is; 0: of every file */
};

/* What the worker says, validated. Every function gets `context`. */
struct worker_events {
	void *context;
	/* One blob's findings. False: stop. A batch for a blob that crashed a worker is made by the parent. */
	bool (*batch)(void *context, struct span batch);
	/* Bytes of a file, in order. False: stop. */
	bool (*content)(void *context, uint64_t key, struct span bytes);
	/* The same of a file that stands in the input, as `size` bytes from `offset` on, which lie within it: a large one in pieces,
	 * in order. */
	bool (*extent)(void *context, uint64_t key, uint64_t offset, uint64_t size);
	/* The keys of the leaves that are done, sorted; called before each start. The keys must live until the next call. */
	struct key_set (*done)(void *context);
	/* Called when it has been started, and several times a second while it works. */
	void (*tick)(void *context, const struct probe_status *status);
	/* With contents_only: the name of a file of the input, before its content; its batch comes behind that. NULL: not wanted. */
	void (*name)(void *context, uint64_t key, uint32_t ordinal, int64_t mode, struct text path);
};

enum worker_outcome {
	WORKER_COMPLETE, /* everything was looked at */
	WORKER_CRASHED,  /* everything but what killed it (each of those has a damage row) */
	WORKER_TIMEOUT,  /* the time for the whole input ran out */
	WORKER_BUDGET,   /* contents: more bytes than budget.total_bytes and the input's size together */
	WORKER_GAVE_UP,  /* it died more often than it is restarted */
	WORKER_STOPPED,  /* an event function said stop */
};

struct worker_result {
	enum worker_outcome outcome;
	unsigned restarts;
	char detail[200]; /* for WORKER_GAVE_UP: how it died last; for the limits which it was */
};

/* An error means that no worker could be started at all. */
struct error worker_run(const struct worker_request *request, const struct worker_events *events,
                        struct worker_result *result) MUST_USE;

#endif
