/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "format/macho.h"
#include "probe/examine.h"

static void queue_region(struct lane *l, struct node *n, struct span bytes, struct region *r)
{
	char name[48];
	snprintf(name, sizeof name, "0x%llx.%s", (unsigned long long)r->offset, r->format->name);
	struct entry e = entry_new(ENTRY_REGION, text_c(name));
	e.offset = r->offset;
	e.size = r->size;
	e.content = (struct content){ .kind = CONTENT_SPAN, .bytes = span_sub(bytes, r->offset, r->size) };
	struct task *t;
	if (!node_count_blob(l) || !node_queue(l, n, &e, &t)) {
		buf_free(&r->unpacked);
		return;
	}
	t->known = r->format;
	t->match = r->match;
	t->has_unpacked = r->has_unpacked;
	t->unpacked = r->unpacked;
	t->unpack_error = r->unpack_error;
	t->unpack_again = r->unpack_again;
	t->stream = r->stream;
	r->unpacked = (struct buf){ 0 };
	task_queue(t);
}

/* A packed program is not found once more in itself. */
static void forget_packed(struct scan_result *scan, uint64_t at)
{
	size_t kept = 0;
	for (size_t i = 0; i < scan->ncandidates; i++)
		if (scan->candidates[i].at != at || !format_registry[scan->candidates[i].format]->in_place)
			scan->candidates[kept++] = scan->candidates[i];
	scan->ncandidates = kept;
}

struct scanning {
	struct scan_watcher watcher; /* first */
	struct lane *lane;
};

static void on_pass(struct scan_watcher *watcher, struct span piece)
{
	struct probe *p = ((struct scanning *)watcher)->lane->probe;
	atomic_fetch_add_explicit(&p->status->scanned, piece.n, memory_order_relaxed);
	spill_forget(p, piece);
}

static void queue_regions(struct lane *l, struct node *n, struct span bytes, struct regions *regions, size_t from)
{
	for (size_t i = from; i < regions->n; i++)
		queue_region(l, n, bytes, &regions->v[i]);
}

/* What a program's format tells to be in it. */
struct part_visit {
	struct walk walk;
	struct lane *lane;
	struct node *node;
	const struct format *format;
	struct regions parts;
};

static bool visit_part(struct walk *w, const struct entry *e)
{
	struct part_visit *v = (struct part_visit *)w;
	struct region r = { .offset = e->offset, .size = e->content.bytes.n, .format = v->format };
	struct task *t;
	if (atomic_load(&v->lane->probe->stopped) || !node_count_blob(v->lane) || !node_queue(v->lane, v->node, e, &t))
		return false;
	task_queue(t);
	return regions_add(v->lane, &v->parts, &r);
}

static struct regions program_parts(struct lane *l, struct node *n, struct span bytes, const struct format *program)
{
	struct walk walk = { .arena = n->arena, .sink = &l->finding.sink, .depth = n->depth, .child = visit_part };
	walk.room = content_allowance(l);
	walk.meter = &n->hold.meter;
	struct part_visit v = { .walk = walk, .lane = l, .node = n, .format = program };
	lane_stage(l, program->name);
	struct error e = program->walk(bytes, &v.walk);
	if (error_is(&e))
		emit_error(&l->finding.sink, &e);
	n->program_end = v.walk.end;
	regions_sort(&v.parts);
	return v.parts;
}

struct part_question {
	struct walk walk;
	bool any;
};

static bool stop_at_part(struct walk *w, const struct entry *e)
{
	(void)e;
	((struct part_question *)w)->any = true;
	return false;
}

static void emit_nothing(struct sink *sink, enum fact_type type, const void *row)
{
	(void)sink;
	(void)type;
	(void)row;
}

/* Whether a program has parts beside its code, which are not opened; or that can not be told. */
static bool has_parts(struct lane *l, struct span bytes, const struct format *program)
{
	struct sink none = { emit_nothing };
	struct part_question q = { .walk = { .arena = l->scratch, .sink = &none, .child = stop_at_part } };
	struct error e = program->walk(bytes, &q.walk);
	arena_reset(l->scratch);
	return error_is(&e) || q.any;
}

/* What begins in a part is found when that is looked at; both are sorted. */
static void forget_within(struct scan_result *scan, const struct regions *parts)
{
	size_t kept = 0, next = 0;
	uint64_t end = 0;
	for (size_t i = 0; i < scan->ncandidates; i++) {
		uint64_t at = scan->candidates[i].at;
		for (; next < parts->n && parts->v[next].offset <= at; next++)
			end = parts->v[next].offset + parts->v[next].size > end ? parts->v[next].offset + parts->v[next].size : end;
		if (at >= end)
			scan->candidates[kept++] = scan->candidates[i];
	}
	scan->ncandidates = kept;
}

/* Finds what is embedded in the bytes, and queues it; in flash also what nothing announces. */
static void carve(struct lane *l, struct node *n, struct span bytes, bool flash, const struct scan_result *scan, struct regions *regions)
{
	lane_stage(l, "carve");
	carve_whole(l, n, bytes, scan, regions);
	queue_regions(l, n, bytes, regions, 0);
	size_t found = regions->n;
	carve_broken_streams(l, n, bytes, scan, regions);
	queue_regions(l, n, bytes, regions, found);
	regions_sort(regions);
	if (!flash)
		return;
	found = regions->n;
	carve_zlib(l, n, bytes, regions);
	queue_regions(l, n, bytes, regions, found);
	regions_sort(regions);
}

/* The pictures and sounds of flash: not those of programs, of which nobody asks what they are. */
static struct media find_media(struct lane *l, const struct task *t, struct span bytes, const char *class)
{
	bool in_program = t->parent && t->parent->in_program;
	bool flash = t->entry.kind != ENTRY_FILE && !task_is_unpacked(t) && !task_in_file(t) && !in_program && strcmp(class, "data") == 0;
	struct media media = { .v = flash ? ARENA_ARRAY(l->arena, struct medium, MEDIA_MAX) : NULL };
	if (media.v)
		media_find(bytes, &media);
	return media;
}

static bool is_text_class(const char *class)
{
	return strcmp(class, "text") == 0 || strcmp(class, "script") == 0;
}

#define BEGINNING 64u
#define LETTERS 8u /* of ASCII, at the end: the shortest of what a shell may go on with behind a payload */

/* Whether letters stand at the end, behind which there may be zeros. By chance they do at the end of one packed file of some thousands. */
static bool ends_as_text(struct span bytes)
{
	size_t n = holes_end(bytes), letters = 0;
	while (n && bytes.p[n - 1] == 0)
		n--;
	while (letters < n && letters < LETTERS && bytes.p[n - 1 - letters] < 0x7f &&
	       (bytes.p[n - 1 - letters] >= ' ' || (bytes.p[n - 1 - letters] >= '\t' && bytes.p[n - 1 - letters] <= '\r')))
		letters++;
	return letters == LETTERS;
}

/* Where a text ends that something else follows, behind which no shell goes on; `first` is the format that it is, or NULL. */
static uint64_t text_end(struct span bytes, const struct region *first)
{
	uint64_t end = first && first->format->as_text && first->match.text ? first->match.text : bytes.n;
	struct span behind = span_from(bytes, end);
	return classify_is_text(span_clip(behind, 0, BEGINNING)) || ends_as_text(behind) ? bytes.n : end;
}

/* Hits in regions are the regions' own; but what stands in a text is still the text's, as a region may be no more than a few of its
 * lines. What is no text behind it is not. False: there is no memory for them. */
static bool regions_of_text(struct lane *l, const struct regions *all, uint64_t end, uint64_t size, struct regions *out)
{
	struct region behind = { .offset = end, .size = size - end };
	bool ok = true;
	for (size_t i = 0; i < all->n && ok; i++)
		if (!all->v[i].format->as_text && all->v[i].offset < end)
			ok = regions_add(l, out, &all->v[i]);
	return ok && (!behind.size || regions_add(l, out, &behind));
}

/* Bytes that are looked at as they are, and what is known of them so far. */
struct raw {
	struct lane *lane;
	struct task *task;
	struct span bytes;
	const struct format *program; /* whose program they are; NULL: they are none */
	const char *class;
	bool is_data;
	bool firmware;                /* flash contents, not a file with a purpose of its own */
	bool deep;                    /* nothing more may be opened in them */
	uint64_t text_end, program_end;
	struct scan_result scan;
	struct regions regions;
	struct media media;
	struct node *node;            /* NULL: without children */
};

static void classify_raw(struct raw *r, const struct region *first)
{
	bool carries = first && first->format->as_text && first->match.text; /* what follows may begin in the bytes by which texts are known */
	struct span known = carries ? span_clip(r->bytes, 0, first->match.text) : r->bytes;
	r->class = r->program ? r->program->name : classify(known);
	r->is_data = r->program || strcmp(r->class, "data") == 0;
	r->firmware = r->task->entry.kind != ENTRY_FILE;
	r->deep = task_depth(r->task) >= r->lane->probe->options->budget.depth;
	r->text_end = text_end(r->bytes, first);
	r->program_end = strcmp(r->class, "elf") == 0 ? unseen_elf_end(r->bytes) : macho_end(r->bytes);
	r->media = find_media(r->lane, r->task, r->bytes, r->class);
}

static void scan_raw(struct raw *r)
{
	struct lane *l = r->lane;
	struct scanning scanning = { { on_pass }, l };
	struct error e;
	lane_stage(l, "scan");
	struct scanner_lane *scanner = lane_scanner(l, &e);
	if (scanner)
		e = scan_blob(scanner, r->bytes, l->arena, &scanning.watcher, &r->scan);
	if (error_is(&e))
		emit_error(&l->finding.sink, &e);
	if (r->task->is_packed)
		forget_packed(&r->scan, r->task->packed_at);
	if (r->scan.capped)
		emit_damage_at(&l->finding.sink, ERR_BUDGET, UINT64_MAX, "more pattern matches than are kept for one blob");
}

/* Whether something may be in them. */
static bool may_hold(const struct raw *r, const struct region *first)
{
	return r->scan.ncandidates || first || r->program || r->media.n ||
	       (r->firmware && !r->program && carve_may_have_zlib(r->bytes));
}

static void open_raw(struct raw *r, struct buf *owned, struct region *first)
{
	struct lane *l = r->lane;
	struct node *n = r->node = may_hold(r, first) && !r->deep ? task_node(l, r->task, r->bytes, owned) : NULL;
	if (n) {
		n->kept = first ? first->unpacked.n : 0;
		n->program_end = r->program_end;
		n->is_text = is_text_class(r->class);
		n->has_parts &= r->is_data || r->task->entry.kind != ENTRY_FILE;
		n->in_program |= r->task->entry.kind == ENTRY_STREAM && unseen_is_code(r->bytes, 0);
		n->is_written = !r->is_data || r->program || n->in_program;
		struct regions parts = r->program ? program_parts(l, n, r->bytes, r->program) : (struct regions){ 0 };
		r->program_end = n->program_end;
		forget_within(&r->scan, &parts);
		carve(l, n, r->bytes, r->firmware && !r->program, &r->scan, &r->regions);
		for (size_t i = 0; i < parts.n; i++)
			(void)regions_add(l, &r->regions, &parts.v[i]);
		regions_sort(&r->regions);
	} else if (first) {
		buf_free(&first->unpacked);
	}
	if (r->deep && (r->scan.ncandidates || first || (r->program && has_parts(l, r->bytes, r->program))))
		emit_damage_at(&l->finding.sink, ERR_BUDGET, UINT64_MAX, "containers nested deeper than %u are not opened (--max-depth)",
		               l->probe->options->budget.depth);
}

/* Flash in which nothing was found, behind a program that they begin with: text may be but the head of what is encrypted. */
static void tell_undivided(struct raw *r)
{
	struct lane *l = r->lane;
	struct finding *f = &l->finding;
	const struct task *t = r->task;
	struct span rest = span_from(r->bytes, r->program_end);
	if (!rest.n)
		return;
	const char *texture = gap_texture(f, rest, r->program_end);
	uint64_t place = t->entry.offset == OFFSET_NONE ? 0 : t->entry.offset;
	if (!task_is_mapped(t) && !task_in_file(t) && r->bytes.n >= GAP_MAPPED_MIN)
		gap_map(l, f, r->bytes, place);
	bool in_program = t->parent && t->parent->in_program;
	bool unseen = !task_in_file(t) && (r->program_end || r->is_data) && strcmp(texture, "unknown") == 0;
	if (unseen && in_program)
		unseen_report_programs(f, rest);
	else if (unseen)
		unseen_report(f, rest, place + r->program_end, task_is_unpacked(t));
	r->class = strcmp(r->class, "data") == 0 ? texture : r->class;
}

/* What nothing was found in is told. */
static void tell_unseen(struct raw *r)
{
	struct lane *l = r->lane;
	struct finding *f = &l->finding;
	const struct task *t = r->task;
	bool split = r->regions.n || (r->node && r->media.n), in_program = t->parent && t->parent->in_program;
	if (!r->firmware && l->probe->options->contents_only)
		return; /* the file is written, whatever it is */
	if (!r->firmware) {
		if (r->is_data && !r->regions.n)
			gap_report_opaque(l, f, r->bytes);
		if (r->is_data)
			unseen_report_file(f, r->regions.n ? TEXT_NONE : t->entry.path, r->bytes);
		return;
	}
	if (r->node && split)
		gaps_send(l, r->node, r->bytes, &r->regions, &r->media);
	if (!task_in_file(t) && !in_program && strcmp(r->class, "elf") == 0)
		unseen_report_holes(f, l->arena, r->bytes, &r->regions, task_is_unpacked(t));
	if (!split)
		tell_undivided(r);
}

/* Shows them to the inspectors as what they are. */
static void inspect_raw(struct raw *r)
{
	struct entry told = task_inspected(r->task);
	struct span bytes = r->bytes;
	const struct regions *regions = &r->regions;
	struct regions text = { 0 };
	if (is_text_class(r->class) && regions_of_text(r->lane, regions, r->text_end, bytes.n, &text)) {
		bytes = span_clip(bytes, 0, r->text_end);
		regions = &text;
	}
	inspect_blob(r->lane, &r->lane->finding, &told, bytes, r->class, r->scan.hits ? &r->scan : NULL, regions);
}

void examine_raw(struct lane *l, struct task *t, struct span bytes, struct buf *owned, struct region *first, const struct format *program)
{
	struct finding *f = &l->finding;
	struct raw r = { .lane = l, .task = t, .bytes = bytes, .program = program };
	classify_raw(&r, first); /* before the region goes its way */
	if (first && !regions_add(l, &r.regions, first)) {
		buf_free(&first->unpacked);
		first = NULL;
	}
	scan_raw(&r);
	open_raw(&r, owned, first);
	tell_unseen(&r);
	f->blob.format = text_c(r.class);
	f->has_children = r.node && r.node->ordinals > 0;
	inspect_raw(&r);
	if ((!f->has_children || r.node->is_written) && part_is(t, r.class))
		part_hand_over(l, f, bytes);
	finding_send(f, l->probe);
	node_release(r.node);
}
