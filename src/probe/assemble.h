/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the kinds of wholes share. */
#ifndef ASSAY_PROBE_ASSEMBLE_H
#define ASSAY_PROBE_ASSEMBLE_H

#include "probe/tree.h"

/* All pieces at once: those that are bytes of the container stay where they are. False when one is broken, which has been said. */
bool assemble_gather(struct lane *l, struct piece_set *set, struct buf *beside);

/* Room for the whole in l->content, or a damage. */
bool assemble_make_room(struct lane *l, uint64_t size, const struct buf *beside);

/* The whole, which has come into l->content. */
struct span assemble_finish(struct lane *l);

struct span assemble_vmdk(struct lane *l, struct piece_set *set, struct buf *beside);

#endif
