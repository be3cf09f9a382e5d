/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The confined process that reads feeds: files come in through one pipe, rows go out through another. It can open nothing.
 *
 * Both pipes carry messages: a type, a length of four bytes (little-endian), bytes. */
#ifndef ASSAY_CLI_FEED_CHILD_H
#define ASSAY_CLI_FEED_CHILD_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/late.h"
#include "base/span.h"

enum feed_message {
	/* To the child. */
	MESSAGE_INPUT = 'I', /* another of the paths on the command line: its location. Comes back. */
	MESSAGE_FILE = 'F',  /* a file begins: '!' when it must be a feed, ' ' when it may be something else; its name */
	MESSAGE_DATA = 'D',
	MESSAGE_END = 'E', /* of the file */
	/* From it. */
	MESSAGE_ROWS = 'R',  /* whole rows, feed/row_code.h */
	MESSAGE_NOTE = 'N',  /* a document was passed over: its name, NUL, why (empty: it is no feed) */
	MESSAGE_ERROR = 'X', /* the end: code (1 byte), the name of the file, NUL, a sentence */
	MESSAGE_DONE = 'Z',  /* the end: documents, records, unknown, faulty, 8 bytes each */
};
#define MESSAGE_MAX ((size_t)40 << 20)

struct feed_child_request {
	int in, out;
	bool keep_going, without_landlock;
};

/* The body of the confined process that reads feeds: files come by `in`, rows go out by `out` (the messages below). Ends
 * the process: 0 when all has been read and told, or when what went wrong has; 1 when the parent hears no more. Call
 * it right after fork(). */
_Noreturn void feed_child(const struct feed_child_request *request);

/* Confines this process to its descriptors and memory. */
struct error feed_confine(enum confined_work work, bool without_landlock) MUST_USE;

/* Writes all of it; false when the other end is gone. */
bool feed_message_write(int fd, enum feed_message type, struct span bytes);

/* Reads one message into the buffer, which then holds its bytes alone: its type, 0 at the end, -1 when it is none. */
int feed_message_read(int fd, struct buf *bytes);

#endif
