/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The bytes of a whole, from those of its pieces. They come into the buffer of the blob at hand, under its limits; pieces that have to
 * be unpacked for it go into one beside it, which is given back when the whole is there. */
#include <stdlib.h>

#include "base/brotli.h"
#include "format/android_sparse.h"
#include "format/transfer_list.h"
#include "probe/assemble.h"

#define STEP ((size_t)8 << 20)

/* ---- the pieces ---- */

static bool add_span(struct lane *l, struct span bytes, struct buf *out)
{
	for (size_t at = 0; at < bytes.n; at += STEP) {
		struct span part = span_clip(bytes, at, STEP);
		if (buf_add(out, part.p, part.n))
			return false;
		spill_forget(l->probe, span_of(out->p + out->n - part.n, part.n));
		lane_renew(l);
	}
	return true;
}

static bool add_blocks(struct lane *l, const struct entry *e, struct buf *out)
{
	const struct content *c = &e->content;
	uint64_t block = c->block_size ? c->block_size : STEP, step = block >= STEP ? block : STEP - STEP % block;
	if (e->size > content_limit(l) || buf_reserve(out, (size_t)e->size))
		return false;
	for (uint64_t at = 0; at < e->size; at += step) {
		size_t n = (size_t)(e->size - at < step ? e->size - at : step);
		struct error error = c->ops->read(c->fs, c->file, at, out->p + out->n, n);
		if (error_is(&error))
			return false;
		out->n += n;
		lane_renew(l);
	}
	return true;
}

/* Appends the bytes of a piece; what of them there is, when it gives false. */
static bool add_piece(struct lane *l, const struct entry *e, struct buf *out)
{
	const struct content *c = &e->content;
	size_t before = out->n;
	bool ok = false;
	if (c->kind == CONTENT_SPAN) {
		ok = add_span(l, c->bytes, out);
	} else if (c->kind == CONTENT_BLOCKS) {
		ok = e->size != SIZE_UNKNOWN && add_blocks(l, e, out);
	} else if (c->kind == CONTENT_STREAM) {
		struct error error = c->ops->unpack(c->fs, c->file, out);
		ok = !error_is(&error);
	}
	return ok && (e->size == SIZE_UNKNOWN || e->size == out->n - before);
}

static void tell_broken(struct lane *l, const struct piece *p)
{
	struct text name = text_base(p->task->entry.path);
	emit_damage_at(&l->finding.sink, ERR_CORRUPT, UINT64_MAX, "its piece %.*s can not be read to its end, or is too large",
				   (int)(name.n < 80 ? name.n : 80), name.p);
}

/* A buffer that counts as the blob's. Of what may be in memory it gets a half. */
static struct buf buffer_beside(struct lane *l)
{
	struct buf b = buf_with_limit((size_t)(content_allowance(l) / 2 + 1));
	b.meter = &l->loaded.meter;
	b.spill = spill_of(l);
	return b;
}

static void buffer_of_whole(struct lane *l, const struct buf *beside)
{
	uint64_t allowed = content_allowance(l);
	l->content.n = 0;
	l->content.limit = (size_t)(beside->spilled || beside->n >= allowed ? allowed : allowed - beside->n);
	l->content.spill = spill_of(l);
}

bool assemble_gather(struct lane *l, struct piece_set *set, struct buf *beside)
{
	bool ok = true;
	for (size_t i = 0; i < set->n; i++) {
		struct piece *p = &set->v[i];
		const struct content *c = &p->task->entry.content;
		p->at = beside->n;
		p->bytes = c->kind == CONTENT_SPAN ? c->bytes : SPAN_NONE;
		if (c->kind == CONTENT_SPAN || add_piece(l, &p->task->entry, beside))
			continue;
		tell_broken(l, p);
		ok = false;
	}
	if (beside->spilled)
		buf_trim(beside);
	for (size_t i = 0; i < set->n; i++) {
		struct piece *p = &set->v[i];
		uint64_t end = i + 1 < set->n ? set->v[i + 1].at : beside->n;
		if (p->task->entry.content.kind != CONTENT_SPAN)
			p->bytes = span_sub(buf_span(beside), p->at, end - p->at);
	}
	content_account(l->probe, beside->n);
	return ok;
}

bool assemble_make_room(struct lane *l, uint64_t size, const struct buf *beside)
{
	uint64_t allowed = content_limit(l);
	enum error_code code = size > allowed ? ERR_BUDGET : ERR_NONE;
	buffer_of_whole(l, beside);
	if (!code)
		code = buf_reserve(&l->content, (size_t)size);
	if (code)
		emit_damage_at(&l->finding.sink, code, UINT64_MAX,
					   "%llu bytes when its pieces are joined, more than there is room for (%llu are allowed: --max-blob, --max-total)",
					   (unsigned long long)size, (unsigned long long)allowed);
	return !code;
}

struct span assemble_finish(struct lane *l)
{
	content_account(l->probe, l->content.n);
	if (l->content.spilled)
		buf_trim(&l->content);
	else
		l->chain += l->content.n;
	return buf_span(&l->content);
}

static void tell_doubled(struct lane *l, struct piece_set *set)
{
	if (set->doubled)
		emit_damage_at(&l->finding.sink, ERR_CORRUPT, UINT64_MAX, "a piece is there more than once: the first one is taken");
	set->sure &= !set->doubled;
}

/* ---- block-based updates ---- */

struct new_data {
	struct transfer_source source; /* first */
	struct lane *lane;
	struct span rest;
	struct brotli *brotli; /* NULL: the bytes are as they are */
};

static size_t take(struct transfer_source *s, uint8_t *out, size_t n)
{
	struct new_data *d = (struct new_data *)s;
	if (d->brotli)
		return brotli_read(d->brotli, out, n);
	n = n < d->rest.n ? n : d->rest.n;
	if (n)
		memcpy(out, d->rest.p, n);
	d->rest = span_from(d->rest, n);
	return n;
}

static void wrote(struct transfer_source *s, struct span bytes)
{
	struct lane *l = ((struct new_data *)s)->lane;
	spill_forget(l->probe, bytes);
	lane_renew(l);
}

/* Whether the new bytes were exactly those that the list takes; damage where not. */
static bool check_data(struct lane *l, const struct piece *data, struct new_data *d, const struct transfer_list *list, uint64_t taken)
{
	uint64_t wanted = list->fresh * TRANSFER_BLOCK;
	enum error_code code = d->brotli ? brotli_state(d->brotli) : d->rest.n ? ERR_CORRUPT : ERR_NONE;
	uint64_t behind = d->brotli ? data->bytes.n - brotli_used(d->brotli) : d->rest.n;
	if (taken < wanted)
		emit_damage_at(&l->finding.sink, code ? code : ERR_TRUNCATED, UINT64_MAX, "of %llu new bytes %llu are there%s",
					   (unsigned long long)wanted, (unsigned long long)taken, code ? ": the Brotli stream breaks off" : "");
	else if (code || behind)
		emit_damage_at(&l->finding.sink, code ? code : ERR_CORRUPT, UINT64_MAX,
					   "there are more new bytes than the %llu that the transfer list takes, or the stream does not end",
					   (unsigned long long)wanted);
	return taken == wanted && !code && !behind;
}

static struct span apply(struct lane *l, struct piece_set *set, const struct transfer_list *list, const struct buf *beside)
{
	const struct piece *data = &set->v[1];
	bool brotli = data->number == UPDATE_BROTLI;
	struct new_data d = { { take, wrote }, l, data->bytes, brotli ? brotli_new(data->bytes) : NULL };
	struct transfer_done done = { 0 };
	uint64_t size = list->blocks * TRANSFER_BLOCK;
	bool room = (!brotli || d.brotli) && assemble_make_room(l, size, beside);
	bool ok = room && transfer_list_apply(list, &d.source, l->content.p, &done);
	if (room && !ok)
		emit_damage_at(&l->finding.sink, ERR_MEMORY, UINT64_MAX, "no memory to join its pieces");
	if (ok && done.twice)
		emit_damage_at(&l->finding.sink, ERR_CORRUPT, UINT64_MAX, "the transfer list writes %llu blocks more than once",
					   (unsigned long long)done.twice);
	set->sure &= ok && !done.twice && check_data(l, data, &d, list, done.taken);
	brotli_free(d.brotli);
	if (ok && done.taken)
		l->content.n = (size_t)size;
	return l->content.n ? assemble_finish(l) : SPAN_NONE;
}

static struct span assemble_update(struct lane *l, struct piece_set *set, struct buf *beside)
{
	struct sink *sink = &l->finding.sink;
	struct transfer_list list;
	l->content.n = 0;
	set->sure = assemble_gather(l, set, beside);
	struct error e = transfer_list_read(set->v[0].bytes, &list);
	struct span whole = SPAN_NONE;
	set->none = !list.version;
	set->sure &= !error_is(&e);
	if (error_is(&e))
		emit_damage_at(sink, e.code, UINT64_MAX, "the transfer list breaks off at byte %llu: %s", (unsigned long long)e.offset, e.text);
	if (list.old)
		emit_damage_at(sink, ERR_UNSUPPORTED, UINT64_MAX,
					   "an incremental update: %llu of its commands need the image before it, which is not here; %llu blocks are new",
					   (unsigned long long)list.old, (unsigned long long)list.fresh);
	else if (set->n < 2 && list.fresh)
		emit_damage_at(sink, ERR_TRUNCATED, UINT64_MAX, "the file with its %llu new blocks is missing (.new.dat or .new.dat.br)",
					   (unsigned long long)list.fresh);
	else if (set->n == 2 && list.fresh)
		whole = apply(l, set, &list, beside);
	set->sure &= whole.n > 0;
	transfer_list_free(&list);
	return whole;
}

/* ---- sparse images in parts ---- */

/* Of the first part that is one, what it says of the whole; the largest of them. */
static uint64_t sparse_size(const struct piece_set *set, struct android_sparse_whole *w)
{
	uint32_t block_size, blocks;
	for (size_t i = 0; i < set->n; i++) {
		if (!android_sparse_size(set->v[i].bytes, &block_size, &blocks))
			continue;
		w->block_size = w->block_size ? w->block_size : block_size;
		if (block_size == w->block_size && blocks > w->blocks)
			w->blocks = blocks;
	}
	return w->blocks * w->block_size;
}

static void fill_holes(struct lane *l, const struct android_sparse_whole *w)
{
	for (uint64_t i = 0; i < w->blocks; i++) {
		if (!(w->written[i / 8] >> i % 8 & 1))
			memset(w->image + i * w->block_size, 0, w->block_size);
		if (i * w->block_size % STEP < w->block_size) {
			spill_forget(l->probe, span_of(w->image, (size_t)(i * w->block_size)));
			lane_renew(l);
		}
	}
}

static void lay_parts(struct lane *l, struct piece_set *set, struct android_sparse_whole *w)
{
	for (size_t i = 0; i < set->n; i++) {
		const struct piece *p = &set->v[i];
		struct text name = text_base(p->task->entry.path);
		struct error e = android_sparse_lay(p->bytes, w);
		set->sure &= !error_is(&e);
		if (error_is(&e))
			emit_damage_at(&l->finding.sink, e.code, UINT64_MAX, "%.*s, byte %llu: %s", (int)(name.n < 80 ? name.n : 80), name.p,
						   (unsigned long long)e.offset, e.text);
		spill_forget(l->probe, span_of(w->image, (size_t)(w->blocks * w->block_size)));
		lane_renew(l);
	}
	if (w->twice)
		emit_damage_at(&l->finding.sink, ERR_CORRUPT, UINT64_MAX, "its parts write %llu blocks more than once",
					   (unsigned long long)w->twice);
	set->sure &= !w->twice;
}

static struct span assemble_sparse(struct lane *l, struct piece_set *set, struct buf *beside)
{
	struct android_sparse_whole w = { 0 };
	l->content.n = 0;
	set->sure = assemble_gather(l, set, beside);
	uint64_t size = sparse_size(set, &w);
	set->none = !size;
	if (set->lacks)
		emit_damage_at(&l->finding.sink, ERR_TRUNCATED, UINT64_MAX, "part %llu of it is missing", (unsigned long long)set->missing);
	if (!size || !assemble_make_room(l, size, beside)) {
		set->sure = false;
		return SPAN_NONE;
	}
	w.image = l->content.p;
	w.written = calloc(1, (size_t)(w.blocks / 8 + 1));
	if (!w.written) {
		emit_damage_at(&l->finding.sink, ERR_MEMORY, UINT64_MAX, "no memory to join its pieces");
		set->sure = false;
		return SPAN_NONE;
	}
	lay_parts(l, set, &w);
	fill_holes(l, &w);
	free(w.written);
	l->content.n = (size_t)size;
	return assemble_finish(l);
}

/* ---- volumes ---- */

/* What no format begins in is joined with nothing: there are many files of such names. */
static struct span assemble_volumes(struct lane *l, struct piece_set *set, const char *hint)
{
	struct format_match match;
	struct buf none = { 0 };
	const struct content *first = &set->v[0].task->entry.content;
	buffer_of_whole(l, &none);
	set->sure = true;
	set->none = first->kind == CONTENT_SPAN && !format_identify(first->bytes, hint, &match);
	for (size_t i = 0; i < set->n && !set->none; i++) {
		set->v[i].at = l->content.n;
		if (!set->sure)
			continue;
		set->sure = add_piece(l, &set->v[i].task->entry, &l->content);
		if (!set->sure)
			tell_broken(l, &set->v[i]);
		if (i == 0)
			set->none = !format_identify(buf_span(&l->content), hint, &match);
	}
	if (set->none)
		return SPAN_NONE;
	if (set->lacks)
		emit_damage_at(&l->finding.sink, ERR_TRUNCATED, UINT64_MAX, "piece %llu of it is missing, and what is behind that",
					   (unsigned long long)set->missing);
	set->sure &= !set->lacks;
	return assemble_finish(l);
}

struct span assemble(struct lane *l, struct task *t)
{
	struct piece_set *set = t->whole;
	struct buf beside = buffer_beside(l);
	struct span whole;
	lane_stage(l, "pieces");
	if (set->v[0].kind == PIECES_UPDATE)
		whole = assemble_update(l, set, &beside);
	else if (set->v[0].kind == PIECES_SPARSE)
		whole = assemble_sparse(l, set, &beside);
	else if (set->v[0].kind == PIECES_VMDK)
		whole = assemble_vmdk(l, set, &beside);
	else
		whole = assemble_volumes(l, set, t->entry.format);
	tell_doubled(l, set);
	for (size_t i = 0; i < set->n; i++)
		set->v[i].bytes = SPAN_NONE;
	buf_free(&beside);
	return whole;
}

/* ---- what came of it ---- */

static bool is_volumes(const struct piece_set *set)
{
	return set && (set->v[0].kind == PIECES_VOLUMES || set->v[0].kind == PIECES_ZIP || set->v[0].kind == PIECES_RAR);
}

static bool is_not(struct piece_set *set)
{
	set->sure = false;
	return false;
}

/* Files that each begin as the first one does are no pieces of one. */
static bool begins_again(const struct piece_set *set, struct span bytes, const struct format *format)
{
	struct format_match match;
	if (set->v[0].kind == PIECES_RAR) /* all its volumes do, and tell of each other */
		return false;
	for (size_t i = 1; i < set->n && set->v[i].at < bytes.n; i++) {
		uint64_t at = set->v[i].at, end = i + 1 < set->n ? set->v[i + 1].at : bytes.n;
		if (format_identify(span_sub(bytes, at, end - at), NULL, &match) == format)
			return true;
	}
	return false;
}

/* The structure of the whole reaches into its last piece, and ends there. */
bool assembled_is_one(const struct task *t, struct span bytes, const struct format *format, const struct format_match *match)
{
	struct piece_set *set = t->whole;
	if (!set)
		return true;
	set->format = format;
	if (set->none)
		return is_not(set);
	if (!is_volumes(set))
		return true;
	if (!format || begins_again(set, bytes, format))
		return is_not(set);
	if (format->unpack) /* seen when it has been unpacked */
		return true;
	uint64_t last = set->v[set->n - 1].at;
	bool cut = match->size != SIZE_UNKNOWN && match->size > bytes.n;
	bool fits = match->size != SIZE_UNKNOWN && match->size <= bytes.n && match->size > last &&
				entropy_is_padding(span_from(bytes, match->size));
	set->sure &= fits;
	return (fits && set->n > 1) || (cut && !set->v[0].untold) || (set->lacks && format->walk) || is_not(set);
}

bool assembled_stream_is_one(const struct task *t, struct span bytes, uint64_t used, const struct error *e)
{
	struct piece_set *set = t->whole;
	if (!is_volumes(set))
		return true;
	bool fits = !error_is(e) && used > set->v[set->n - 1].at && entropy_is_padding(span_from(bytes, used));
	set->sure &= fits;
	return fits || (error_is(e) && !set->v[0].untold) || is_not(set);
}

/* What a piece of that whole is anyway: the beginning of the whole, or packed for it. */
static bool is_expected(const struct piece_set *set, const struct task *t, const struct format *format)
{
	if (set->v[0].kind == PIECES_RAR)
		return format == set->format;
	if (is_volumes(set))
		return (format == set->format && t == set->v[0].task) || strcmp(format->name, "zip_part") == 0;
	static const char *const packed[] = { [PIECES_UPDATE] = "brotli", [PIECES_SPARSE] = "android_sparse", [PIECES_VMDK] = "vmdk" };
	return format == set->format || strcmp(format->name, packed[set->v[0].kind]) == 0;
}

/* A program, a text, or what has another format is looked at, whatever it is called: the bytes of a whole may be in another order, or
 * packed so that nobody sees them there. */
bool piece_is_only_that(const struct task *t, struct span bytes, const struct format *format)
{
	if (!t->in || (format && !is_expected(t->in, t, format)))
		return false;
	if (t->in->v[0].kind == PIECES_VMDK && t == t->in->v[0].task)
		return true; /* a text that tells of nothing but the pieces */
	const char *class = classify(bytes);
	return strcmp(class, "data") == 0 || strcmp(class, "empty") == 0;
}
