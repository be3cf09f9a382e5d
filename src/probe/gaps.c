/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bytes that no format claims: what they look like, and where the map of flash has them. */
#include <stdio.h>

#include "probe/entropy_map.h"
#include "probe/tree.h"

/* Bytes between regions that are fewer than this are alignment, not worth a row. */
#define GAP_MIN 64u
/* Dense bytes count as something that was not looked at when they prevail, or when they go on for so long: the tables of
 * ciphers and checksums in a kernel are as dense, but short. */
#define DENSE_MIN 4096u
#define DENSE_RUN_MIN (64u << 10)
/* Between pictures there may be the other files of a file system that nobody knows: so many bytes of them count, in parts of at least so
 * many. */
#define BETWEEN_MIN 8192u
#define BETWEEN_PART_MIN 512u

void gap_map(struct lane *l, struct finding *f, struct span bytes, uint64_t place)
{
	if (l->probe->options->contents_only)
		return;
	lane_stage(l, "entropy");
	entropy_map(bytes, place, l->scratch, &f->sink);
	arena_reset(l->scratch);
}

const char *gap_texture(struct finding *f, struct span gap, uint64_t offset)
{
	uint64_t dense, longest;
	enum texture texture = entropy_texture(gap, &dense, &longest);
	if (longest >= DENSE_RUN_MIN || (texture == TEXTURE_DENSE && dense >= DENSE_MIN))
		emit_damage_at(&f->sink, ERR_ENCRYPTED, offset,
		               "%llu of %llu bytes are dense (%.2f bit/byte): encrypted, or compressed in a way that is not known",
		               (unsigned long long)dense, (unsigned long long)gap.n, entropy_mean(gap));
	return texture == TEXTURE_PADDING ? "padding" : texture == TEXTURE_DENSE ? "high-entropy" : "unknown";
}

void gap_report_opaque(struct lane *l, struct finding *f, struct span file)
{
	uint64_t dense, longest;
	if (file.n < DENSE_RUN_MIN || classify_is_media(file) ||
	    entropy_texture(span_sub(file, DENSE_MIN, DENSE_MIN), &dense, &longest) != TEXTURE_DENSE)
		return;
	entropy_texture(file, &dense, &longest);
	if (dense < file.n / 10 * 9)
		return;
	gap_map(l, f, file, 0);
	emit_damage_at(&f->sink, ERR_ENCRYPTED, 0, "the file is dense (%.2f bit/byte): encrypted, or compressed in a way that is not known",
		               entropy_mean(file));
}

/* Gives how many bytes it has of what is too little to be told by itself. */
static uint64_t send_piece(struct lane *l, struct node *n, struct span bytes, const struct medium *m)
{
	uint64_t from = m->from;
	struct span gap = span_sub(bytes, from, m->to - from);
	if (gap.n < GAP_MIN || !node_count_blob(l))
		return 0;
	struct finding *f = &l->child;
	char name[48];
	snprintf(name, sizeof name, "0x%llx", (unsigned long long)from);
	struct entry e = entry_new(ENTRY_REGION, text_c(name));
	e.offset = from;
	e.size = gap.n;
	uint32_t ordinal = n->ordinals++;
	finding_begin(f, batch_child_key(n->key, ordinal), n->key, ordinal, &e);
	const char *texture = m->kind ? m->kind : gap_texture(f, gap, 0);
	uint64_t own = n->program_end > from ? n->program_end - from : 0; /* of the program that stands first */
	f->blob.format = text_c(own >= gap.n && strcmp(texture, "unknown") == 0 ? "data" : texture);
	bool unseen = !n->in_file && !n->in_program && own < gap.n, unknown = strcmp(texture, "unknown") == 0;
	if (unseen && (unknown || m->kind)) /* what is in a picture is data; but programs and accounts are no picture's */
		unseen_report(f, span_from(gap, own), from + own, n->unpacked || m->kind);
	if (n->in_program && !n->in_file && unknown)
		unseen_report_programs(f, gap);
	if (!n->in_file && gap.n >= GAP_MAPPED_MIN && !text_is(f->blob.format, "padding"))
		gap_map(l, f, gap, from);
	if (!l->probe->options->contents_only)
		content_hash(l, f, gap);
	if (n->has_parts && !n->is_written && !text_is(f->blob.format, "padding"))
		part_hand_over(l, f, gap);
	bool little = unseen && !m->kind && !text_is(f->blob.format, "padding") && gap.n >= BETWEEN_PART_MIN && gap.n < BETWEEN_MIN;
	finding_send(f, l->probe);
	return little ? gap.n : 0;
}

/* The pictures that lie within it, from *next on, and what is between them. */
static void send_gap(struct lane *l, struct node *n, struct span bytes, uint64_t from, uint64_t to, const struct media *media, size_t *next)
{
	uint64_t begin = from, little = 0;
	for (; *next < media->n && media->v[*next].from < to; ++*next) {
		const struct medium *m = &media->v[*next];
		if (m->from < from || m->to > to)
			continue;
		little += send_piece(l, n, bytes, &(struct medium){ from, m->from, NULL });
		(void)send_piece(l, n, bytes, m);
		from = m->to;
	}
	little += send_piece(l, n, bytes, &(struct medium){ from, to, NULL });
	if (begin != from && little >= BETWEEN_MIN)
		emit_damage_at(&l->finding.sink, ERR_UNSUPPORTED, begin, "%llu bytes of no known format lie between pictures: files that may be in them were "
					   "not looked at", (unsigned long long)little);
}

void gaps_send(struct lane *l, struct node *n, struct span bytes, const struct regions *regions, const struct media *media)
{
	uint64_t cursor = 0;
	size_t next = 0;
	if (!n->in_file && !n->unpacked)
		unseen_report_streams(&l->finding, regions, n->in_program ? bytes.n : n->program_end);
	for (size_t i = 0; i < regions->n; i++) {
		send_gap(l, n, bytes, cursor, regions->v[i].offset, media, &next);
		uint64_t end = regions->v[i].offset + regions->v[i].size;
		cursor = end > cursor ? end : cursor;
	}
	send_gap(l, n, bytes, cursor, bytes.n, media, &next);
}
