/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>

#include "fact/excerpt.h"
#include "probe/tree.h"

/* All facts of an input, in bytes of their wire form: the parent has them in memory. */
#define FACT_BYTES_MAX ((uint64_t)256 << 20)
/* The same of excerpts, which are left out beyond it: the facts say the same without them. */
#define EXCERPT_BYTES_ALL ((uint64_t)64 << 20)
/* Kept free so that a row about a limit that was hit always fits. */
#define DAMAGE_ROOM 4096u

static void finding_emit(struct sink *sink, enum fact_type type, const void *row)
{
	struct finding *f = (struct finding *)sink;
	if (batch_add(&f->rows, type, row))
		f->incomplete = true;
}

static const char *kind_name(enum entry_kind kind)
{
	static const char *const names[] = {
		[ENTRY_REGION] = "region",           [ENTRY_STREAM] = "stream",   [ENTRY_FILE] = "file",
		[ENTRY_DIRECTORY] = "directory",     [ENTRY_SYMLINK] = "symlink", [ENTRY_CHAR_DEVICE] = "char_device",
		[ENTRY_BLOCK_DEVICE] = "block_device", [ENTRY_FIFO] = "fifo",     [ENTRY_SOCKET] = "socket",
	};
	return (unsigned)kind < sizeof names / sizeof names[0] ? names[kind] : "unknown";
}

static int64_t known_or_null(uint64_t v)
{
	return v > INT64_MAX ? FACT_NULL : (int64_t)v;
}

void finding_begin(struct finding *f, uint64_t key, uint64_t parent, uint32_t ordinal, const struct entry *e)
{
	f->sink.emit = finding_emit;
	f->rows.n = 0;
	f->rows.limit = BATCH_MAX_BYTES / 2;
	f->key = key;
	f->parent = parent;
	f->ordinal = ordinal;
	f->has_children = false;
	f->incomplete = false;
	f->bytes = SPAN_NONE;
	f->blob = (struct fact_blob){
		.path = e->path,
		.kind = text_c(parent == BATCH_NO_PARENT ? "input" : kind_name(e->kind)),
		.offset = known_or_null(e->offset),
		.size = known_or_null(e->size),
		.mode = e->mode,
		.uid = e->uid,
		.gid = e->gid,
		.mtime = e->mtime,
		.link_target = e->kind == ENTRY_SYMLINK ? e->link_target : TEXT_NONE,
		.same_as = e->same_as,
		.device = e->device,
	};
}

/* Behind all other rows. */
static void add_excerpts(struct finding *f, struct probe *p)
{
	size_t n = f->rows.n;
	bool is_text = text_is(f->blob.format, "text") || text_is(f->blob.format, "script");
	if (!f->bytes.n || !n || atomic_load(&p->excerpt_bytes) > EXCERPT_BYTES_ALL)
		return;
	struct buf excerpts = { 0 };
	excerpts_add(buf_span(&f->rows), f->bytes, is_text, &excerpts);
	if (buf_add(&f->rows, excerpts.p, excerpts.n))
		f->rows.n = n;
	atomic_fetch_add(&p->excerpt_bytes, f->rows.n - n);
	buf_free(&excerpts);
}

static enum error_code build(struct finding *f)
{
	struct batch_header header = { f->key, f->parent, f->ordinal, f->has_children ? BATCH_HAS_CHILDREN : 0 };
	enum error_code code = batch_begin(&f->batch);
	if (!code)
		code = batch_add(&f->batch, FACT_blob, &f->blob);
	if (!code)
		code = buf_add(&f->batch, f->rows.p, f->rows.n);
	return code ? code : batch_finish(&f->batch, &header);
}

/* The blob without its facts, and why. */
static void keep_blob_alone(struct finding *f, enum error_code code, const char *why)
{
	f->rows.n = 0;
	emit_damage_at(&f->sink, code, UINT64_MAX, "%s", why);
}

bool finding_send(struct finding *f, struct probe *p)
{
	add_excerpts(f, p);
	if (atomic_fetch_add(&p->fact_bytes, f->rows.n) + f->rows.n > FACT_BYTES_MAX)
		keep_blob_alone(f, ERR_BUDGET, "more facts than an input may have; those of this blob are not kept");
	f->rows.limit += DAMAGE_ROOM;
	if (f->incomplete)
		emit_damage_at(&f->sink, ERR_BUDGET, UINT64_MAX, "more facts than a blob may have; the rest is not kept");
	if (build(f)) {
		keep_blob_alone(f, ERR_MEMORY, "no memory for what was found in it");
		if (build(f))
			abort(); /* the parent then says it of the blob that this lane is at */
	}
	if (!p->output->batch(p->output, buf_span(&f->batch)))
		atomic_store(&p->stopped, true);
	atomic_fetch_add_explicit(&p->status->blobs, 1, memory_order_relaxed);
	return !atomic_load(&p->stopped);
}
