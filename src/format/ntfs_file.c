/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What file records of NTFS say of a file: its times, its streams, and where it leads. */
#include "format/notation.h"
#include "format/ntfs.h"

#define SPECIAL_MAX (64u << 10)

/* From tenths of microseconds since 1601. */
static int64_t unix_time(uint64_t t)
{
	return (int64_t)(t / 10000000) - 11644473600;
}

/* The number of the stream of that name, in the order of appearance; NTFS_STREAMS_MAX when there are too many. */
static unsigned stream_number(struct ntfs *n, struct span utf16)
{
	char text[256 * 3];
	size_t length = utf16_to_utf8(utf16, false, false, text);
	for (unsigned i = 0; i < n->nstreams; i++)
		if (n->stream_lengths[i] == length && memcmp(n->stream_names[i], text, length) == 0)
			return i;
	if (n->nstreams == NTFS_STREAMS_MAX)
		return NTFS_STREAMS_MAX;
	memcpy(n->stream_names[n->nstreams], text, length);
	n->stream_lengths[n->nstreams] = length;
	return n->nstreams++;
}

static void add_piece(struct ntfs *n, const struct ntfs_piece *piece)
{
	if (n->npieces == n->pieces_size) {
		size_t size = n->pieces_size ? 2 * n->pieces_size : 16;
		struct ntfs_piece *larger = ARENA_ARRAY(n->v.w->arena, struct ntfs_piece, size);
		if (!larger) {
			volume_exhausted(&n->v, OFFSET_NONE);
			return;
		}
		if (n->npieces)
			memcpy(larger, n->pieces, n->npieces * sizeof *larger);
		n->pieces = larger;
		n->pieces_size = size;
	}
	n->pieces[n->npieces++] = *piece;
}

static bool piece_before(const struct ntfs_piece *a, const struct ntfs_piece *b)
{
	if (a->stream != b->stream)
		return a->stream < b->stream;
	return a->vcn != b->vcn ? a->vcn < b->vcn : a->record < b->record;
}

static void sift_down(struct ntfs_piece *v, size_t i, size_t n)
{
	for (size_t child; (child = 2 * i + 1) < n; i = child) {
		if (child + 1 < n && piece_before(&v[child], &v[child + 1]))
			child++;
		if (!piece_before(&v[i], &v[child]))
			return;
		struct ntfs_piece swap = v[i];
		v[i] = v[child];
		v[child] = swap;
	}
}

static void sort_pieces(struct ntfs_piece *v, size_t n)
{
	for (size_t i = n / 2; i-- > 0;)
		sift_down(v, i, n);
	for (size_t end = n; end-- > 1;) {
		struct ntfs_piece swap = v[0];
		v[0] = v[end];
		v[end] = swap;
		sift_down(v, 0, end);
	}
}

static void take_attribute(struct ntfs *n, const struct ntfs_record *r, uint32_t place, const struct ntfs_attribute *a,
						   struct ntfs_info *info)
{
	switch (a->type) {
	case NTFS_STANDARD_INFORMATION:
		if (a->value.n >= 36) {
			info->mtime = unix_time(span_u32le(a->value, 8) | (uint64_t)span_u32le(a->value, 12) << 32);
			info->system = span_u32le(a->value, 32) & 4;
		}
		break;
	case NTFS_FILE_NAME:
		info->names += a->value.n > 65 && a->value.p[65] != NTFS_NAMESPACE_DOS;
		break;
	case NTFS_REPARSE_POINT:
		if (!info->reparse.p)
			info->reparse = ntfs_small_value(n, a, 16u << 10, NULL);
		break;
	case NTFS_DATA: {
		struct ntfs_piece piece = { stream_number(n, a->name), r->number, place, a->resident ? 0 : a->lowest_vcn };
		if (piece.stream == NTFS_STREAMS_MAX)
			volume_damage(&n->v, ERR_BUDGET, OFFSET_NONE, "record %u has more than %u streams", r->number,
						  NTFS_STREAMS_MAX);
		else
			add_piece(n, &piece);
		break;
	}
	default:
		break;
	}
}

/* Reads the record and its extensions; false when it is not in use. */
bool ntfs_info_read(struct ntfs *n, uint32_t number, struct ntfs_info *info)
{
	struct ntfs_attribute a;
	struct ntfs_record *r = &n->record;
	*info = (struct ntfs_info){ .mtime = FACT_NULL };
	n->npieces = 0;
	n->nstreams = 1;
	n->stream_lengths[NTFS_STREAM_DATA] = 0;
	if (!ntfs_is_live(r, ntfs_record_load(n, number, r)) || r->base != number)
		return false;
	info->directory = r->flags & NTFS_IS_DIRECTORY;
	uint32_t next = n->extensions[number];
	for (;;) {
		for (uint32_t at = r->first, place = at; ntfs_attribute_next(r, &at, &a); place = at)
			take_attribute(n, r, place, &a, info);
		if (!next || n->v.stopped || !ntfs_is_live(r, ntfs_record_load(n, next, r)))
			break;
		next = n->extensions[next];
	}
	sort_pieces(n->pieces, n->npieces);
	return true;
}

struct text ntfs_text(struct ntfs *n, struct span utf16)
{
	char *p = utf16.n ? arena_alloc(n->v.w->arena, utf16.n / 2, 3) : NULL;
	return p ? text_of(p, utf16_to_utf8(utf16, false, false, p)) : TEXT_NONE;
}

/* Where a reparse point leads: the name to print, or else the one to use. */
static struct text reparse_target(struct ntfs *n, struct span s)
{
	uint32_t tag = span_u32le(s, 0);
	struct span data = span_from(s, 8);
	uint32_t names = tag == 0xa000000c ? 12 : 8; /* a symbolic link has flags before them */
	if (tag == 0xa000001d)
		return data.n > 4 ? text_from_span(span_from(data, 4)) : TEXT_NONE;
	if (tag != 0xa000000c && tag != 0xa0000003)
		return TEXT_NONE;
	struct span print = span_sub(data, names + (uint64_t)span_u16le(data, 4), span_u16le(data, 6));
	struct span substitute = span_sub(data, names + (uint64_t)span_u16le(data, 0), span_u16le(data, 2));
	return ntfs_text(n, print.n ? print : substitute);
}

/* Interix, and so ntfs-3g, keep links and devices in files with the system attribute. */
static void set_interix(struct ntfs *n, struct entry *e)
{
	struct ntfs_attribute a;
	uint32_t at = n->npieces ? n->pieces[0].at : 0;
	if (!n->npieces || n->pieces[0].stream != NTFS_STREAM_DATA ||
		ntfs_record_load(n, n->pieces[0].record, &n->record) || !ntfs_attribute_next(&n->record, &at, &a))
		return;
	struct span s = ntfs_small_value(n, &a, SPECIAL_MAX, "Intx");
	if (span_starts(s, "IntxLNK\1", 8)) {
		e->kind = ENTRY_SYMLINK;
		e->link_target = ntfs_text(n, span_from(s, 8));
		e->size = e->link_target.n;
	} else if (s.n == 24 && (span_starts(s, "IntxCHR", 8) || span_starts(s, "IntxBLK", 8))) {
		e->kind = s.p[4] == 'C' ? ENTRY_CHAR_DEVICE : ENTRY_BLOCK_DEVICE;
		e->device = (int64_t)((uint64_t)span_u32le(s, 8) << 32 | span_u32le(s, 16));
	}
}

void ntfs_set_kind(struct ntfs *n, const struct ntfs_info *info, struct entry *e)
{
	uint32_t tag = span_u32le(info->reparse, 0);
	struct text target = reparse_target(n, info->reparse);
	if (target.p) {
		e->kind = ENTRY_SYMLINK;
		e->link_target = target;
		e->size = target.n;
	} else if (info->system && e->kind == ENTRY_FILE) {
		set_interix(n, e);
	}
	if (e->kind == ENTRY_FILE && (tag == 0x80000017 || tag == 0x80000013))
		ntfs_set_failing(n, e, ERR_UNSUPPORTED,
						 tag == 0x80000017 ? "the file is compressed by the Windows Overlay Filter"
										   : "the file's data were deduplicated");
}

size_t ntfs_pieces_of(const struct ntfs *n, size_t from)
{
	size_t i = from;
	while (i < n->npieces && n->pieces[i].stream == n->pieces[from].stream)
		i++;
	return i - from;
}

/* The streams that have a name, as files beside the one they belong to. */
void ntfs_emit_streams(struct ntfs *n, uint32_t number, int64_t mtime)
{
	for (size_t i = 0, count; i < n->npieces && !n->v.stopped; i += count) {
		unsigned stream = n->pieces[i].stream;
		size_t before = n->v.path_n, length = n->stream_lengths[stream];
		count = ntfs_pieces_of(n, i);
		if (stream == NTFS_STREAM_DATA)
			continue;
		if (length + 1 > FACT_TEXT_MAX - before) {
			volume_damage(&n->v, ERR_BUDGET, OFFSET_NONE, "a stream of record %u has too long a path", number);
			continue;
		}
		n->v.path[n->v.path_n++] = ':';
		memcpy(n->v.path + n->v.path_n, n->stream_names[stream], length);
		n->v.path_n += length;
		struct entry e = entry_new(ENTRY_FILE, volume_path(&n->v));
		e.mtime = mtime;
		ntfs_set_content(n, &n->pieces[i], count, &e);
		volume_child(&n->v, &e);
		volume_leave(&n->v, before);
	}
}
