/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the parts of the ISO 9660 reader share: the tree (iso9660.c), its sessions (iso9660_session.c), what Rock Ridge adds to its
 * entries (iso9660_rock_ridge.c), boot images (iso9660_boot.c).
 */
#ifndef ASSAY_FORMAT_ISO9660_H
#define ASSAY_FORMAT_ISO9660_H

#include "format/shift.h"
#include "format/volume.h"

#define ISO_NAME_MAX 1024u
#define ISO_SECTOR 2048u
#define ISO_FIRST_DESCRIPTOR 16u /* sectors from the start of a session */
#define ISO_FLAG_DIRECTORY 2u

enum iso_names { NAMES_PRIMARY, NAMES_JOLIET, NAMES_ROCK_RIDGE };

struct iso_primary {
	struct span descriptor;
	uint32_t blocks, block;
};

/* What was written in one go: its start in sectors of the image, how many sectors of the medium are before the image, which the
 * numbers of blocks count, and its descriptor. */
struct iso_session {
	uint64_t start, before;
	struct iso_primary primary;
};

/* A directory that was entered, or a file that was shown, by its first block. */
struct iso_seen {
	uint64_t key;
	const char *path; /* NULL: a directory */
	uint64_t size;
};

#define ISO_MOVED_MAX 64u

struct iso {
	struct volume v;
	uint32_t block;
	uint64_t before; /* bytes of the medium before the image */
	struct shift shift;
	struct span table;     /* the path table, or empty */
	uint32_t ndirectories; /* that were entered */
	bool both_orders;      /* records say blocks and sizes in both byte orders, as they ought to */
	enum iso_names names;
	unsigned skip;             /* bytes at the beginning of each system use area that are not Rock Ridge's */
	uint64_t work;             /* bytes of directories and continuations that may still be read */
	uint32_t moved[ISO_MOVED_MAX]; /* first blocks of directories that are shown where they were moved from, if anywhere */
	unsigned nmoved;
	struct iso_record *record; /* the one at hand */
	struct iso_seen *seen;     /* by first block: a hash table */
	size_t nseen, seen_size;
};

/* A directory record, and what Rock Ridge says of it. */
struct iso_record {
	uint64_t at; /* in the image */
	uint32_t extent, size;
	uint32_t big_extent, big_size; /* as the other byte order says */
	unsigned flags, unit, gap;
	struct span name, use; /* the system use area */
	int64_t mtime;
	/* Rock Ridge */
	bool has_mode, has_name, relocated, child, compressed, zisofs2;
	uint32_t mode, links, uid, gid;
	uint64_t device;
	uint32_t child_extent, header_bytes, block_shift;
	uint64_t unpacked;
	char alternate[ISO_NAME_MAX];
	size_t alternate_n;
	char target[4 * ISO_NAME_MAX];
	size_t target_n;
};

/* Where a block stands in the image, by its number on the medium; ISO_ELSEWHERE, where nothing is, when that is before the image. */
#define ISO_ELSEWHERE ((uint64_t)INT64_MAX)
#define ISO_EARLIER "%s lies in an earlier session of the medium, which is not in the image"
static inline uint64_t iso_place(const struct iso *iso, uint64_t block, uint32_t size)
{
	return block * size < iso->before ? ISO_ELSEWHERE : shift_place(&iso->shift, block * size - iso->before);
}

/* The slot of a block, for directories and for files; new when its key is 0. NULL at the arena's limit. */
struct iso_seen *iso_seen_of(struct iso *iso, uint32_t block, bool directory);

/* The primary volume descriptor of a session that begins at at.p. */
bool iso_primary_read(struct span at, struct iso_primary *p);

/* The session that the image begins with. It may be a later one of a medium whose earlier ones are not in the image. False: where its
 * root is to be stands another directory, its path table is elsewhere, and nothing tells where its own root is. */
bool iso_session_first(struct span image, const struct iso_primary *first, struct iso_session *s);

/* The last session that follows on the first one, or the first. */
struct iso_session iso_session_last(struct span image, const struct iso_session *first);

/* Where the session ends, in bytes of the image. */
uint64_t iso_session_end(const struct iso_session *s);

/* Tells of the sessions when there are several, and which one is opened. */
void iso_sessions_tell(struct span image, const struct iso_session *first, const struct iso_session *last,
					   struct walk *w);

/* Where the last boot image ends that is whole in the image; 0: there is none. */
uint64_t iso_boot_end(struct span image, const struct iso_session *s);
/* Shows what stands between the end of a session and the boot images behind it. */
void iso_show_before_boot_images(struct iso *iso, const struct iso_session *s);

/* Tells the boot images of the catalogue at a block; shows those that are no files. */
void iso_read_catalogue(struct iso *iso, uint32_t block);

/* Reads the system use fields, with their continuations. */
void rock_ridge_read(struct iso *iso, struct iso_record *r);

/* Whether the root directory's own record begins the protocol; tells how many bytes to skip. */
bool rock_ridge_begins(struct span use, unsigned *skip);

/* The path table of a tree; finds by it what is shifted, and says so. */
void iso_path_table_read(struct iso *iso, struct span tree);
/* After the walk: shows the directories of the path table that no name led to. */
void iso_lost_directories(struct iso *iso);
/* Shows the directory at the path that is entered (`itself`), and what is in it. */
void iso_show_directory(struct iso *iso, uint32_t block, uint32_t size, bool itself);
/* A name without its version; out holds three bytes for each of it. */
size_t iso_plain_name(const struct iso *iso, struct span raw, char *out);

/* Seconds since 1970 of the seven bytes of a recorded date, or FACT_NULL. */
int64_t iso_time(struct span s, uint64_t at);

/* Sets the content of a file that zisofs compresses; the packed file's runs are the collected ones. */
void zisofs_set_content(struct iso *iso, const struct iso_record *r, uint64_t packed, struct entry *e);

#endif
