/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How a blob is looked at, for the files that share it: examine.c (what it is), examine_raw.c (what no format claims as a whole), and
 * task.c (what a blob's place tells of it). */
#ifndef ASSAY_PROBE_EXAMINE_H
#define ASSAY_PROBE_EXAMINE_H

#include "probe/tree.h"

/* Containers that the task's bytes lie in. */
unsigned task_depth(const struct task *t);
/* Whether they are a file, or lie in one. */
bool task_in_file(const struct task *t);
/* Whether they were unpacked, or lie in what was. */
bool task_is_unpacked(const struct task *t);
/* Whether they have a map of their own. The input, and what was unpacked of it, is mapped as a whole, whatever it holds; what lies in those
 * as it is, is a part of their map, and has one of its own where no format claims it. A folder that was written down is no flash, and
 * neither is what files hold. */
bool task_is_mapped(const struct task *t);
/* What inspectors are told of it: what a compressed file holds is called as that file is, without its last suffix. */
struct entry task_inspected(const struct task *t);
/* A node for its children, to be given back by node_release(); `owned`: the buffer that `bytes` lie in. NULL: no memory, which is told. */
struct node *task_node(struct lane *l, struct task *t, struct span bytes, struct buf *owned);

/* Looks at bytes that no format claims as a whole, or that are a program of the format `program` (NULL: they are none), as they are, with
 * what is embedded in them as children. `first` (NULL: nothing) begins them. Sends the finding, and takes over what `first` unpacked to. */
void examine_raw(struct lane *l, struct task *t, struct span bytes, struct buf *owned, struct region *first, const struct format *program);

#endif
