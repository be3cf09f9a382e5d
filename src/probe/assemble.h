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

/* A disk of VMware whose descriptor (the first piece) names the files of its extents: lays these at their places in
 * l->content. SPAN_NONE where the descriptor gives no size (set->none) or there is no room, which has been said.
 * set->sure is left unset when a piece is broken or the descriptor is not alone in its file. */
struct span assemble_vmdk(struct lane *l, struct piece_set *set, struct buf *beside);

#endif
