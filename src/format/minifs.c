/* SPDX-License-Identifier: GPL-3.0-or-later */
/* MINIFS of TP-Link's VxWorks routers: names, files that lie in chunks, chunks of LZMA.
 *
 * Specification: arXiv:2407.05064, "Reverse Engineered MiniFS File System".
 */
#include <stdlib.h>

#include "base/codec.h"
#include "base/work.h"
#include "format/path.h"
#include "format/region.h"

#define HEADER 32u
#define FILE_ENTRY 20u
#define CHUNK_ENTRY 12u
#define FILES_MAX 65536u
#define DECIDING 16u /* files whose names tell it from other bytes */
#define CHUNK_MAX (64u << 20)
#define UNPACKED_MAX (256u << 20) /* of all chunks, which are kept while their files are looked at */

struct chunk {
	struct span bytes; /* unpacked */
	bool done;
};

struct minifs {
	struct span image, names, files, chunks;
	uint32_t nfiles, nchunks;
	uint64_t data_at, size;
};

/* Whether the file's name is a text in the table of names. */
static bool is_named(const struct minifs *f, uint32_t i)
{
	uint32_t at = span_u32be(f->files, (uint64_t)i * FILE_ENTRY + 4);
	return at < f->names.n && f->names.p[at] > ' ' && f->names.p[at] != 0x7f;
}

/* One chunk after the other, as far as the files name them. */
static bool minifs_read(struct span bytes, struct minifs *f)
{
	uint32_t names = span_u32be(bytes, 28), highest = 0;
	*f = (struct minifs){ .image = bytes, .nfiles = span_u32be(bytes, 20) };
	if (!span_starts(bytes, "MINIFS\0\0\0\0\0\0\0\0\0\0\0\0\0\3", 20) || !f->nfiles || f->nfiles > FILES_MAX ||
		!span_u32be(bytes, 24) || !names || names > f->nfiles * 1024ull)
		return false;
	f->names = span_sub(bytes, HEADER, names);
	f->files = span_sub(bytes, HEADER + (uint64_t)names, (uint64_t)f->nfiles * FILE_ENTRY);
	if (!f->files.p)
		return false;
	work_add(2 * (uint64_t)f->nfiles);
	for (uint32_t i = 0; i < f->nfiles; i++) {
		uint32_t chunk = span_u32be(f->files, (uint64_t)i * FILE_ENTRY + 8);
		if (i < DECIDING && !is_named(f, i))
			return false;
		highest = chunk > highest ? chunk : highest;
	}
	if (highest >= FILES_MAX)
		return false;
	f->nchunks = highest + 1;
	uint64_t at = HEADER + (uint64_t)names + f->files.n;
	f->chunks = span_sub(bytes, at, (uint64_t)f->nchunks * CHUNK_ENTRY);
	f->data_at = at + (uint64_t)f->nchunks * CHUNK_ENTRY;
	f->size = f->data_at;
	work_add(4 * (uint64_t)f->nchunks);
	for (uint32_t i = 0; i < f->nchunks; i++) {
		uint64_t end = f->data_at + span_u32be(f->chunks, (uint64_t)i * CHUNK_ENTRY) +
					   span_u32be(f->chunks, (uint64_t)i * CHUNK_ENTRY + 4);
		f->size = end > f->size ? end : f->size;
	}
	return f->chunks.p != NULL;
}

static bool minifs_probe(struct span at, struct format_match *match)
{
	struct minifs f;
	if (!minifs_read(at, &f))
		return false;
	match->size = f.size;
	match->confidence = 90;
	return true;
}

static struct text name_at(const struct minifs *f, uint32_t at)
{
	struct span s = span_from(f->names, at);
	return text_until_nul(s);
}

static struct span unpack_chunk(struct walk *w, const struct minifs *f, uint32_t i, uint64_t *budget)
{
	uint64_t entry = (uint64_t)i * CHUNK_ENTRY, at = f->data_at + span_u32be(f->chunks, entry);
	uint32_t packed = span_u32be(f->chunks, entry + 4), size = span_u32be(f->chunks, entry + 8);
	struct span in = span_clip(f->image, at, packed);
	size_t got = 0;
	if (size > CHUNK_MAX || size > *budget) {
		emit_damage_at(w->sink, ERR_BUDGET, at, "chunk %u has %u bytes", i, size);
		return SPAN_NONE;
	}
	*budget -= size;
	uint8_t *out = malloc((size_t)size + 1);
	if (!out || !arena_defer(w->arena, free, out)) {
		free(out);
		emit_damage_at(w->sink, ERR_MEMORY, at, "no memory for chunk %u", i);
		return SPAN_NONE;
	}
	enum error_code code = codec_block(CODEC_LZMA, in, out, size, &got);
	if ((code && code != ERR_BUDGET) || got < size)
		emit_damage_at(w->sink, code && code != ERR_BUDGET ? code : ERR_CORRUPT, at,
					   "chunk %u unpacks to %zu of %u bytes", i, got, size);
	return span_of(out, got);
}

static bool emit_file(struct walk *w, const struct minifs *f, uint64_t i, const struct chunk *chunk,
					  struct path_buffer *buffer)
{
	struct span s = span_sub(f->files, i * FILE_ENTRY, FILE_ENTRY);
	struct text folder = name_at(f, span_u32be(s, 0)), name = name_at(f, span_u32be(s, 4));
	struct entry e = { ENTRY_INIT, .kind = ENTRY_FILE };
	char *path = arena_printf(w->arena, "%.*s/%.*s", (int)(folder.n < 4096 ? folder.n : 4096), folder.n ? folder.p : "",
							  (int)(name.n < 4096 ? name.n : 4096), name.n ? name.p : "");
	e.path = path ? path_from_root(buffer, text_c(path)) : TEXT_NONE;
	e.size = span_u32be(s, 16);
	e.content = (struct content){ .kind = CONTENT_SPAN, .bytes = span_clip(chunk->bytes, span_u32be(s, 12), e.size) };
	if (!e.path.p)
		return false;
	if (e.content.bytes.n < e.size)
		emit_damage_at(w->sink, ERR_TRUNCATED, OFFSET_NONE, "file %llu has %llu bytes, its chunk holds %zu of them",
					   (unsigned long long)i, (unsigned long long)e.size, e.content.bytes.n);
	return w->child(w, &e);
}

static struct error minifs_walk(struct span bytes, struct walk *w)
{
	struct minifs f;
	struct path_buffer buffer = { .arena = w->arena };
	uint64_t budget = UNPACKED_MAX;
	if (!minifs_read(bytes, &f))
		return error_at(ERR_CORRUPT, 0, "no MINIFS");
	struct chunk *chunks = ARENA_ARRAY(w->arena, struct chunk, f.nchunks);
	if (!chunks)
		return error_at(ERR_BUDGET, 0, "no memory for %u chunks", f.nchunks);
	emit_header_field(w->sink, 20, "files", "%u", f.nfiles);
	for (uint64_t i = 0; i < f.nfiles; i++) {
		uint32_t chunk = span_u32be(f.files, i * FILE_ENTRY + 8);
		if (!chunks[chunk].done)
			chunks[chunk] = (struct chunk){ unpack_chunk(w, &f, chunk, &budget), true };
		if (!emit_file(w, &f, i, &chunks[chunk], &buffer))
			break;
	}
	return error_none();
}

static const struct format_magic minifs_magics[] = { MAGIC("MINIFS\0\0\0\0\0\0\0\0\0\0\0\0\0\3", 0), MAGIC_END };

const struct format minifs_format = {
	.name = "minifs",
	.kind = FORMAT_FILESYSTEM,
	.title = "TP-Link MINIFS",
	.spec = "arXiv:2407.05064",
	.magics = minifs_magics,
	.probe = minifs_probe,
	.walk = minifs_walk,
};
