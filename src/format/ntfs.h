/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the parts of the NTFS reader share: file records and their attributes (ntfs_record.c), the contents of files
 * (ntfs_content.c), the tree (ntfs.c).
 */
#ifndef ASSAY_FORMAT_NTFS_H
#define ASSAY_FORMAT_NTFS_H

#include "format/volume.h"

#define NTFS_RECORD_MAX 4096u
#define NTFS_STREAMS_MAX 64u
#define NTFS_STREAM_DATA 0u /* the stream without a name */
#define NTFS_NAMESPACE_DOS 2u

/* Attribute types. */
enum {
	NTFS_STANDARD_INFORMATION = 0x10,
	NTFS_FILE_NAME = 0x30,
	NTFS_VOLUME_NAME = 0x60,
	NTFS_VOLUME_INFORMATION = 0x70,
	NTFS_DATA = 0x80,
	NTFS_INDEX_ROOT = 0x90,
	NTFS_INDEX_ALLOCATION = 0xa0,
	NTFS_BITMAP = 0xb0,
	NTFS_REPARSE_POINT = 0xc0,
};

/* Flags of records and of attributes. */
enum {
	NTFS_IN_USE = 1,
	NTFS_IS_DIRECTORY = 2,
	NTFS_COMPRESSED = 0x00ff,
	NTFS_ENCRYPTED = 0x4000,
};

struct ntfs_record {
	uint32_t number;
	uint32_t base; /* of which it is an extension; its own number when it is none */
	uint16_t flags;
	uint16_t first; /* attribute */
	bool mirrored;  /* read from the copy that the first records have */
	size_t used;
	uint8_t bytes[NTFS_RECORD_MAX]; /* with the ends of sectors put back */
};

struct ntfs_attribute {
	uint32_t type;
	bool resident;
	uint16_t flags;
	struct span name;  /* UTF-16 */
	struct span value; /* resident: within the record */
	uint64_t lowest_vcn, allocated, size, initialized;
	unsigned unit_shift; /* compression unit: so many times doubled, in clusters */
	struct span mapping; /* not resident: the runs in their packed form */
};

/* Where an attribute of a file stands; a large one is spread over several records. */
struct ntfs_piece {
	unsigned stream; /* index of its name */
	uint32_t record, at;
	uint64_t vcn;
};

struct ntfs {
	struct volume v;
	uint32_t sector, cluster, record_size;
	uint64_t clusters;
	struct runs *mft;
	uint64_t mirror;      /* where the copy of the first records lies */
	const uint8_t *in_use; /* a bit for each record, as far as the table tells; NULL: it does not */
	uint32_t nin_use;
	uint32_t records;
	uint32_t *extensions; /* of a base record: its first extension; of an extension: the next one; 0: none */
	struct ntfs_record record;
	struct ntfs_piece *pieces; /* of the file at hand */
	size_t npieces, pieces_size;
	char stream_names[NTFS_STREAMS_MAX][256 * 3];
	size_t stream_lengths[NTFS_STREAMS_MAX];
	unsigned nstreams;
};

/* What a record and its extensions say of a file. */
struct ntfs_info {
	bool directory, system;
	int64_t mtime;
	unsigned names;
	struct span reparse;
};

/* Whether a record is what was asked for and in use. */
static inline bool ntfs_is_live(const struct ntfs_record *r, enum error_code error)
{
	return !error && r->flags & NTFS_IN_USE;
}

/* Reads the record and its extensions, and collects the pieces of its streams; false when it is not in use. */
bool ntfs_info_read(struct ntfs *n, uint32_t number, struct ntfs_info *info);

/* Tells links, devices and files whose data can not be had from plain ones. */
void ntfs_set_kind(struct ntfs *n, const struct ntfs_info *info, struct entry *e);

/* How many pieces the stream of pieces[from] has. */
size_t ntfs_pieces_of(const struct ntfs *n, size_t from);

/* Shows the streams that have a name, as files beside the one they belong to. */
void ntfs_emit_streams(struct ntfs *n, uint32_t number, int64_t mtime);

/* UTF-16 as UTF-8 in the arena, or TEXT_NONE. */
struct text ntfs_text(struct ntfs *n, struct span utf16);

/* Reads the record; ERR_NONE, or why not. ERR_UNSUPPORTED: there is none (never used). */
enum error_code ntfs_record_load(const struct ntfs *n, uint32_t number, struct ntfs_record *r);

/* The same from raw bytes, of the record of that number. */
enum error_code ntfs_record_parse(const struct ntfs *n, uint32_t number, struct ntfs_record *r);

/* Puts back the ends of sectors of a record or a block of an index; false when it was not written whole. */
bool ntfs_fix_up(uint8_t *bytes, size_t size);

/* Where the record lies in the image, when it does so in one piece; else OFFSET_NONE. */
uint64_t ntfs_record_place(const struct ntfs *n, uint32_t number);

/* Calls take() for all names that the indexes of directories have, with the record that each leads to, until it gives false. */
typedef bool (*ntfs_take_name)(void *context, uint32_t number, const struct ntfs_attribute *name);
void ntfs_index_names(struct ntfs *n, ntfs_take_name take, void *context);

/* The attribute at *at (at first r->first); moves *at behind it. False at the end. */
bool ntfs_attribute_next(const struct ntfs_record *r, uint32_t *at, struct ntfs_attribute *a);

/* Adds the runs of the attribute to the collected ones; *vcn is where they begin and is moved to their end. False when they
 * make no sense (what came before is kept). */
bool ntfs_mapping_add(struct ntfs *n, const struct ntfs_attribute *a, uint64_t *vcn) MUST_USE;

/* Sets the content of a stream whose pieces are pieces[0..count), in order. */
void ntfs_set_content(struct ntfs *n, const struct ntfs_piece *pieces, size_t count, struct entry *e);

/* Content that can not be had. */
void ntfs_set_failing(struct ntfs *n, struct entry *e, enum error_code code, const char *why);

/* The bytes of an attribute of at most `most` bytes, in the arena; an empty span when they can not be had, or do not begin
 * with `prefix` (of up to 8 bytes; NULL: any). */
struct span ntfs_small_value(struct ntfs *n, const struct ntfs_attribute *a, size_t most, const char *prefix);

#endif
