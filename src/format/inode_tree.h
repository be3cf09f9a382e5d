/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The traversal of file systems made of inodes and of directories that name them: from the root through the listings,
 * in their order. It knows hard links, refuses cycles, and ends whatever the bytes say. What an inode and a listing
 * look like is the file system's business. */
#ifndef ASSAY_FORMAT_INODE_TREE_H
#define ASSAY_FORMAT_INODE_TREE_H

#include "format/block_map.h"
#include "format/format.h"
#include "format/unix_mode.h"

/* What the file system tells of an inode. */
struct inode {
	enum entry_kind kind;
	bool alone;   /* no other name leads to it, whatever its number: cramfs has no hard links */
	int64_t mode; /* 07777, or FACT_NULL; the others likewise */
	int64_t uid, gid, mtime, device;
	uint64_t size;      /* of what a file or a listing holds */
	uint64_t at;        /* place in the image, for reports */
	struct text target; /* of a symbolic link; TEXT_NONE: could not be read, which was reported */
	const void *own;    /* the file system's own, in the walk's arena */
};

struct tree;

struct tree_ops {
	/* Reads an inode. False: it can not be read, and why was reported with tree_damage(). */
	bool (*inode)(struct tree *t, uint64_t number, struct inode *inode);
	/* Calls tree_name() for each name in a directory but "." and "..". Reports damage. */
	void (*list)(struct tree *t, const struct inode *directory);
	/* Fills in entry->content and ->offset for a file that is not empty. False: reported. */
	bool (*content)(struct tree *t, const struct inode *file, struct entry *entry);
};

/* Zeroed; the file system sets the first four. */
struct tree {
	const struct tree_ops *ops;
	void *fs;
	struct span image;
	struct walk *walk;
	unsigned damages;
	unsigned unfollowed; /* names that were met and not followed: too deep, too long; each was reported */
	uint64_t listed;    /* bytes of listings so far */
	bool out_of_memory; /* the walk ends */
	bool stopped;       /* the visitor wants no more */
	bool rootless;      /* the root can not be read, or is no directory; tree_lost() shows what there is beside it */
	struct tree_private *private;
};

/* Walks from the inode of that number, which must be a directory. Its error is what ended the walk. */
struct error tree_walk(struct tree *t, uint64_t root) MUST_USE;

/* After the walk: shows an inode that no name led to as /inode-NUMBER, and what is below it. One that was met is passed over. */
void tree_lost(struct tree *t, uint64_t number);

/* One name in the directory that is being listed. Its bytes stay where they are until the walk is over. One that is
 * empty or too long is reported and passed over; one with a slash or a NUL in it is reported. False: no more are taken. */
bool tree_name(struct tree *t, struct text name, uint64_t number);

/* Accounts for so many bytes of a listing that are read now. False when the listings together are several times longer
 * than the image, which can only be when they overlap: the walk ends. */
bool tree_listed(struct tree *t, uint64_t bytes) MUST_USE;

/* The first few are reported one by one. */
#define tree_damage(t, ...) emit_damage_capped((t)->walk->sink, &(t)->damages, __VA_ARGS__)

/* Goes through the listing of a directory run by run, as long as list() wants more; holes are passed over. Reports
 * where it can not be followed. */
void tree_list_runs(struct tree *t, const struct inode *directory, run_finder find, uint32_t block_size,
					bool (*list)(struct tree *t, const struct inode *directory, struct run run));

/* Reads where a symbolic link of `size` bytes leads, as ops->read() tells; reports when it can not be read. */
void tree_read_target(struct tree *t, struct inode *inode, const struct content_ops *ops, const void *file,
					  uint64_t size);

/* For a file that needs a key: content that says so. */
extern const struct content_ops content_encrypted;

#endif
