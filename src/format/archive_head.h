/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whether an archive without an index has lost its beginning. What stands first in the rest looks like a beginning, as each member
 * does. But who writes folders down, writes each before or behind what is in it. */
#ifndef ASSAY_FORMAT_ARCHIVE_HEAD_H
#define ASSAY_FORMAT_ARCHIVE_HEAD_H

#include "format/format.h"

struct archive_head {
	bool begun;
	bool folders;       /* one of the uppermost was written down */
	bool written;       /* that of the first member was */
	struct text folder; /* of the first member; TEXT_NONE: it is in none */
};

/* Each member in its turn; its path begins with '/'. */
void archive_head_see(struct archive_head *h, const struct entry *e, struct arena *arena);

/* Behind the last one: emits it. */
void archive_head_tell(const struct archive_head *h, struct sink *sink);

#endif
