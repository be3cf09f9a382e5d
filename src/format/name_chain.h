/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The names that lead from the root of a file system to an inode, so that a path is written when it is asked for, and not kept. */
#ifndef ASSAY_FORMAT_NAME_CHAIN_H
#define ASSAY_FORMAT_NAME_CHAIN_H

#include "base/span.h"

struct name_chain {
	const struct name_chain *parent; /* NULL: the root, whose text is none of the path */
	struct text text;
};

/* The path of a name, "/a/b", written to the end of room[0..size). What does not fit is left out at the front; who keeps names sees to it
 * that all do, by refusing what is too deep or too long. */
static inline struct text name_chain_path(const struct name_chain *name, char *room, size_t size)
{
	size_t at = size;
	for (; name->parent && name->text.n < at; name = name->parent) {
		at -= name->text.n;
		memcpy(room + at, name->text.p, name->text.n);
		room[--at] = '/';
	}
	return text_of(room + at, size - at);
}

#endif
