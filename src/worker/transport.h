/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Frames from a worker to its parent, through a pipe: type 1, length 4 little-endian, bytes. */
#ifndef ASSAY_WORKER_TRANSPORT_H
#define ASSAY_WORKER_TRANSPORT_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/span.h"

enum frame_type {
	FRAME_BATCH = 1, /* what was found in one blob: see fact/batch.h */
	FRAME_CONTENT,   /* key 8 bytes, then bytes of that blob, in order */
	FRAME_DONE,      /* the worker has looked at everything */
	FRAME_FAILED,    /* it could not begin: a sentence */
	FRAME_VERDICT,   /* of one signature: see worker/verify.h */
	FRAME_SLOT,      /* key 8 bytes, slot 4, n 4: the next n bytes of that blob are in the window (worker/window.h) */
	FRAME_EXTENT,    /* key, offset and size, 8 bytes each: the blob is these bytes of the input */
	FRAME_NAME,      /* key 8 bytes, ordinal 4, mode 8, then the path: of a file of the input, before its content */
	FRAME_TYPES
};

/* Bytes of a blob in one frame: more go through the window. */
#define FRAME_CONTENT_MAX (16u << 10)

/* The worker's end. */
struct frame_writer {
	int fd;
	pthread_mutex_t lock;
	struct buf buffer;
	uint64_t flushed_ms; /* CLOCK_MONOTONIC */
	bool broken;
};

/* Prepares a writer of frames to a pipe, which stays open when it is done. */
void frame_writer_init(struct frame_writer *w, int fd);
/* Appends a frame whole, from any thread; false when the parent is gone. `prefix` (may be empty) comes before `bytes`. */
bool frame_write(struct frame_writer *w, enum frame_type type, struct span prefix, struct span bytes);
/* So that the parent has all of them. */
bool frame_flush(struct frame_writer *w);

/* The parent's end. */
struct frame_reader {
	int fd;
	struct buf buffer;
	size_t at; /* frames before it are consumed */
};

/* Reads what is there. False at the end of the pipe. */
bool frame_fill(struct frame_reader *r, struct error *error);
/* The next whole frame; its bytes stay valid until the next frame_fill(). False when there is none yet, or when the
 * worker wrote something that no honest worker writes (then *error says so). */
bool frame_next(struct frame_reader *r, enum frame_type *type, struct span *bytes, struct error *error);

#endif
