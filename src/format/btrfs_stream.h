/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A btrfs send stream while it is replayed: a tree that commands make and change, and files made of runs of what was written. */
#ifndef ASSAY_FORMAT_BTRFS_STREAM_H
#define ASSAY_FORMAT_BTRFS_STREAM_H

#include "format/format.h"

/* Bytes of one write, packed or as they are. */
struct bs_piece {
	struct span bytes;
	uint32_t compression; /* 0: none */
	uint64_t unpacked;    /* of packed ones */
};

/* Bytes at..at+n of a file are those of the piece from `in` on; no piece: zeros. */
struct bs_run {
	uint64_t at, n, in;
	const struct bs_piece *piece;
};

/* What names lead to. */
struct bs_inode {
	enum entry_kind kind;
	int64_t mode, uid, gid, mtime, device;
	uint64_t size;
	struct text target;
	struct bs_run *runs; /* ascending, none on another */
	size_t nruns, room;
	unsigned links;
	bool partial;           /* some of it was to come from what is not here */
	const char *first_path; /* once it has been shown */
};

struct bs_node {
	struct bs_node *parent, *next_in_bucket;
	struct bs_node *first, *last, *next; /* children and siblings, made for showing */
	struct text name;
	struct bs_inode *inode;
	size_t children;
	bool removed;
};

/* A subvolume of the stream, which later ones may clone from. */
struct bs_subvolume {
	struct bs_subvolume *next;
	struct bs_node *root;
	struct span uuid;
};

struct bs {
	struct span bytes;
	struct walk *w;
	uint32_t version;
	struct bs_node *top, *root; /* above all subvolumes; of the one at hand */
	struct bs_subvolume *subvolumes;
	struct bs_node **nodes; /* in the order in which they were made */
	size_t nnodes, nodes_room;
	struct bs_node **buckets;
	size_t nbuckets;
	uint64_t work;  /* bytes of runs that were moved, which must not grow with the square of the stream */
	unsigned damages;
	bool incremental, out_of_memory;
	uint64_t implied, no_data, unknown; /* names that no command made; writes without their bytes; commands that are not known */
	uint64_t lost_clones;
};

#define bs_damage(s, ...) emit_damage_capped((s)->w->sink, &(s)->damages, __VA_ARGS__)

/* ---- btrfs_stream_tree.c ---- */

/* The node of a path below `root`, or NULL. */
struct bs_node *bs_find(const struct bs *s, struct bs_node *root, struct text path);
/* A new node of that path, with the directories above it that are missing; one that is there already is given. NULL: no memory. */
struct bs_node *bs_make(struct bs *s, struct bs_node *root, struct text path, enum entry_kind kind);
/* One more name of the same inode. */
struct bs_node *bs_link(struct bs *s, struct bs_node *root, struct text path, struct bs_inode *inode);
/* False: it would be in itself, or the new name is taken. */
bool bs_rename(struct bs *s, struct bs_node *root, struct bs_node *node, struct text path);
/* False: it is a directory with something in it. */
bool bs_remove(struct bs *s, struct bs_node *node);
/* Hands all of it over. */
void bs_show(struct bs *s);

/* ---- btrfs_stream_content.c ---- */

/* Whether so many bytes more of runs, or of what has to be searched, are within what is done. */
bool bs_may_work(struct bs *s, uint64_t bytes);

/* Puts n bytes at `at` of the file, over what is there. */
void bs_write(struct bs *s, struct bs_inode *inode, uint64_t at, uint64_t n, const struct bs_piece *piece, uint64_t in);
/* The file has that size from now on: the end goes away, or zeros come to it. */
void bs_truncate(struct bs *s, struct bs_inode *inode, uint64_t size);
/* Puts what another file has there at `at` of the file. */
void bs_clone(struct bs *s, struct bs_inode *to, uint64_t at, const struct bs_inode *from, uint64_t from_at, uint64_t n);
/* The entry's size and content as the stream has made the file so far. */
void bs_set_content(const struct bs *s, const struct bs_inode *inode, struct entry *e);

#endif
