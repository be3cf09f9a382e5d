/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "format/zip_layout.h"

#define DESCRIPTOR_SCAN (64u << 20) /* how far the end of an entry of unknown size is looked for */
#define PADDING_MAX 8192u
#define GAP_MAX 65536u
#define GAPS_MAX 16u
#define END_SEARCH (128u << 10) /* the records of the end, and a comment */
#define MARKER_SIZE 4u

/* Whether a data descriptor stands at `at` (behind its signature) for the bytes since z->data: then the entry is
 * known. */
static bool take_descriptor(struct span bytes, uint64_t at, uint64_t packed, struct zip_entry *z)
{
	struct span s = span_sub(bytes, at, 12);
	if (!s.p || span_u32le(s, 4) != (uint32_t)packed)
		return false;
	bool wide = span_u32le(bytes, at + 8) == packed >> 32 && !span_has(bytes, at + 12, "PK", 2) &&
				span_has(bytes, at + 20, "PK", 2); /* zip64: sizes of 8 bytes */
	z->crc = span_u32le(s, 0);
	z->packed = packed;
	z->size = span_u32le(bytes, wide ? at + 12 : at + 8);
	if (wide)
		z->size |= (uint64_t)span_u32le(bytes, at + 16) << 32;
	z->next = at + (wide ? 20 : 12);
	return true;
}

/* The end of an entry whose local header does not tell its size: a descriptor that does, with its signature or, without
 * one, right before the next header. */
static bool find_descriptor(struct span bytes, struct zip_entry *z)
{
	struct span rest = span_clip(bytes, z->data, DESCRIPTOR_SCAN);
	for (size_t i = 0; i + 4 <= rest.n; i++) {
		const uint8_t *p = memchr(rest.p + i, 'P', rest.n - i - 3);
		if (!p)
			return false;
		i = (size_t)(p - rest.p);
		if (span_has(rest, i, "PK\7\10", 4) && take_descriptor(bytes, z->data + i + 4, i, z))
			return true;
		bool header = span_has(rest, i, "PK\3\4", 4) || span_has(rest, i, "PK\1\2", 4);
		if (header && i >= 12 && take_descriptor(bytes, z->data + i - 12, i - 12, z))
			return true;
	}
	return false;
}

bool zip_local_next(struct span bytes, uint64_t at, struct zip_entry *z, bool *open)
{
	*open = false;
	if (!zip_local_read(bytes, at, z))
		return false;
	if (!(z->flags & ZIP_FLAG_DESCRIPTOR))
		return true;
	if (z->packed == 0 || z->packed == UINT32_MAX) { /* all ones without zip64: not known either */
		*open = !find_descriptor(bytes, z);
		return !*open;
	}
	/* Some writers fill in the sizes and add the descriptor nevertheless. */
	struct zip_entry known = *z;
	uint64_t signature = span_has(bytes, z->next, "PK\7\10", 4) ? 4 : 0;
	if (!signature && span_has(bytes, z->next, "PK", 2))
		return true;
	if (!take_descriptor(bytes, z->next + signature, z->packed, z))
		*z = known;
	return true;
}

uint64_t zip_signing_block_end(struct span bytes, uint64_t at)
{
	uint64_t size = span_u32le(bytes, at);
	bool small = size >= 24 && span_u32le(bytes, at + 4) == 0;
	return small && span_has(bytes, at + 8 + size - 16, "APK Sig Block 42", 16) ? at + 8 + size : 0;
}

/* Android's signing block stands before the central directory. Where it fills whole pages zeros stand before it. */
static uint64_t skip_signing_block(struct span bytes, uint64_t at)
{
	uint64_t end = zip_signing_block_end(bytes, at), from = at;
	while (!end && from < bytes.n && from - at < PADDING_MAX && !bytes.p[from])
		from++;
	if (!end && from > at)
		end = zip_signing_block_end(bytes, from);
	return end ? end : at;
}

/* Over the records behind the central directory; sets the shift from the one that tells where it should begin. */
static void take_end(struct span bytes, struct zip_layout *l)
{
	uint64_t at = l->central_end, told = UINT32_MAX;
	unsigned disk = UINT16_MAX;
	if (span_has(bytes, at, "PK\5\5", 4))
		at += 6 + (uint64_t)span_u16le(bytes, at + 4);
	if (span_has(bytes, at, "PK\6\6", 4)) {
		told = span_u32le(bytes, at + 48) | (uint64_t)span_u32le(bytes, at + 52) << 32;
		disk = span_u32le(bytes, at + 16);
		at += 12 + (uint64_t)span_u32le(bytes, at + 4);
		if (span_has(bytes, at, "PK\6\7", 4))
			at += 20;
	}
	if (!span_has(bytes, at, "PK\5\6", 4) || !span_sub(bytes, at, ZIP_END_SIZE).p) {
		l->end = l->central_end;
		return;
	}
	if (told == UINT32_MAX)
		told = span_u32le(bytes, at + 16);
	l->shift = told <= l->central + UINT32_MAX ? (int64_t)(l->central - told) : 0;
	l->whole = true;
	l->disk = span_u16le(bytes, at + 4) == UINT16_MAX ? disk : span_u16le(bytes, at + 4);
	l->record = at;
	l->end = at + ZIP_END_SIZE + span_u16le(bytes, at + 20);
}

bool zip_is_split(struct span bytes)
{
	return span_starts(bytes, "PK\7\10PK\3\4", 8);
}

uint64_t zip_first_local(struct span bytes)
{
	return zip_is_split(bytes) || span_starts(bytes, "PK00PK\3\4", 8) ? MARKER_SIZE : 0;
}

bool zip_may_be_first(struct span bytes, const struct zip_entry *z)
{
	return z->name.n && z->name.p[0] && (!memchr(z->name.p, 0, z->name.n) || span_has(bytes, z->next, "PK", 2));
}

/* Where the next header begins behind a gap: what an entry leaves that was taken out, or was longer than its local header says. 0 when
 * there is none near. */
static uint64_t behind_gap(struct span bytes, uint64_t at)
{
	struct span gap = span_clip(bytes, at, GAP_MAX);
	for (size_t i = 0; i + 4 <= gap.n; i++)
		if (span_has(gap, i, "PK\3\4", 4) || span_has(gap, i, "PK\1\2", 4))
			return at + i;
	return 0;
}

/* The central directory behind some gaps between the entries, when it has the first of them; else 0. */
static uint64_t central_behind_gaps(struct span bytes, uint64_t at)
{
	struct zip_entry z;
	bool open = false;
	for (unsigned gaps = 0; gaps < GAPS_MAX && !open && (at = behind_gap(bytes, at)); gaps++) {
		uint64_t end = at;
		while (zip_central_read(bytes, end, &z))
			end = z.next;
		if (end > at)
			return zip_central_by_end(span_clip(bytes, 0, end + END_SEARCH), at, zip_first_local(bytes));
		/* An entry whose end is not found is taken with all that was searched for it, once, where an archive may begin with it. */
		bool first = zip_local_read(bytes, at, &z) && zip_may_be_first(bytes, &z);
		while (first && zip_local_next(bytes, at, &z, &open))
			at = z.next;
		at += at == end; /* no header after all */
	}
	return 0;
}

/* The central directory where the local headers lead beyond it, as one does that says too much: before their end. 0 when there is none. */
static uint64_t central_within(struct span bytes, uint64_t locals_end)
{
	struct zip_entry z;
	uint64_t first = zip_first_local(bytes), end = zip_local_any(bytes, first, &z) && z.next > locals_end ? z.next : locals_end;
	end = end < DESCRIPTOR_SCAN ? end : DESCRIPTOR_SCAN;
	return zip_central_by_end(span_clip(bytes, 0, end + END_SEARCH), first + ZIP_LOCAL_SIZE, first);
}

void zip_layout_find(struct span bytes, struct zip_layout *l)
{
	struct zip_entry z;
	bool open = false;
	*l = (struct zip_layout){ .locals_end = zip_first_local(bytes) };
	uint64_t end, by_first = zip_central_first(bytes, &end);
	if (by_first) {
		l->central = ZIP_CENTRAL_FIRST;
		l->central_end = by_first;
		take_end(bytes, l);
		l->end = end;
		return;
	}
	while (zip_local_next(bytes, l->locals_end, &z, &open))
		l->locals_end = z.next;
	uint64_t by_end = open ? zip_central_by_end(bytes, z.data, zip_first_local(bytes)) : 0;
	if (!open && !span_has(bytes, skip_signing_block(bytes, l->locals_end), "PK\1\2", 4))
		by_end = central_behind_gaps(bytes, l->locals_end);
	if (!open && !by_end && !span_has(bytes, skip_signing_block(bytes, l->locals_end), "PK\1\2", 4))
		by_end = central_within(bytes, l->locals_end);
	if (open && !by_end) { /* all that was searched is taken, so that it is not searched again */
		uint64_t end = z.data + DESCRIPTOR_SCAN;
		l->end = end < bytes.n ? end : bytes.n;
		return;
	}
	l->locals_end = by_end ? by_end : l->locals_end;
	l->central = l->central_end = by_end ? by_end : skip_signing_block(bytes, l->locals_end);
	while (zip_central_read(bytes, l->central_end, &z))
		l->central_end = z.next;
	if (l->central_end == l->central)
		l->end = l->locals_end;
	else
		take_end(bytes, l);
}
