/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "format/macho.h"
#include "inspect/elf_object.h"
#include "probe/tree.h"

static unsigned depth_of(const struct task *t)
{
	return t->parent ? t->parent->depth + 1 : 0;
}

static bool in_file(const struct task *t)
{
	return t->entry.kind == ENTRY_FILE || (t->parent && t->parent->in_file);
}

static bool is_unpacked(const struct task *t)
{
	return t->entry.kind == ENTRY_STREAM || (t->parent && t->parent->unpacked);
}

static struct node *node_of(struct lane *l, struct task *t, struct span bytes, struct buf *owned)
{
	struct node *n = node_new(l, t->parent, t->key, depth_of(t), bytes, owned);
	if (n) {
		n->in_file = in_file(t);
		n->unpacked = is_unpacked(t);
		n->in_program = t->parent && t->parent->in_program;
	}
	if (n && t->entry.kind == ENTRY_FILE)
		n->file = t->entry.path;
	return n;
}

/* What inspectors are told of it: what a compressed file holds is called as that file is, without its last suffix. */
static struct entry inspected(const struct task *t)
{
	struct entry e = t->entry;
	struct text file = t->parent ? t->parent->file : TEXT_NONE;
	size_t n = file.n;
	if (e.kind != ENTRY_STREAM || !file.n)
		return e;
	while (n > 1 && file.p[n - 1] != '.' && file.p[n - 1] != '/')
		n--;
	bool suffix = n > 2 && file.p[n - 1] == '.' && file.p[n - 2] != '/';
	e.path = text_of(file.p, suffix ? n - 1 : file.n);
	return e;
}

/* A further name of a file (a hard link) says to inspectors what a symbolic link to the first one does: that BusyBox is
 * there as ntpd, that a script starts at S50. */
static struct entry as_link(const struct entry *e)
{
	struct entry link = *e;
	if (e->same_as.n) {
		link.kind = ENTRY_SYMLINK;
		link.link_target = e->same_as;
	}
	return link;
}

/* Its bytes, where they are wanted. */
static void hand_over(struct lane *l, const struct finding *f, const struct entry *e, struct span bytes)
{
	struct probe_output *output = l->probe->output;
	uint64_t only = l->probe->options->only_content;
	if (!output->content || (only ? f->key != only : e->kind != ENTRY_FILE))
		return;
	if (bytes.n > l->probe->options->budget.blob_bytes && holes_any(bytes)) {
		emit_damage_at(&l->finding.sink, ERR_BUDGET, UINT64_MAX, "it is not written: %llu bytes, most of them zeros, where %llu are allowed (--max-blob)",
		               (unsigned long long)bytes.n, (unsigned long long)l->probe->options->budget.blob_bytes);
		return;
	}
	if (output->name && f->parent == BATCH_ROOT_KEY && !e->same_as.p)
		output->name(output, f->key, f->ordinal, e->mode, e->path);
	output->content(output, f->key, bytes);
	l->lent = SPAN_NONE;
}

/* A child without content is complete at once; it gets its own batch while its container's is being made. */
static void send_bare(struct lane *l, struct node *n, const struct entry *e, const char *format)
{
	struct finding *f = &l->child;
	uint32_t ordinal = n->ordinals++;
	finding_begin(f, batch_child_key(n->key, ordinal), n->key, ordinal, e);
	f->blob.format = text_c(format);
	if (e->size == SIZE_UNKNOWN)
		f->blob.size = 0;
	if (e->kind == ENTRY_FILE && e->size == 0 && !e->same_as.p)
		hand_over(l, f, e, SPAN_NONE); /* an empty file is one */
	if (e->kind == ENTRY_SYMLINK || e->kind == ENTRY_FILE) {
		struct entry named = as_link(e);
		inspect_blob(l, f, &named, SPAN_NONE, "empty", NULL, NULL);
	}
	finding_send(f, l->probe);
}

/* What a format's walk() calls for each child. */
struct visit {
	struct walk walk;
	struct lane *lane;
	struct node *node;
	struct claims claims;
	struct roll roll;
	struct piece_roll pieces;
	bool ended; /* by a budget */
};

static bool visit_child(struct walk *w, const struct entry *e)
{
	struct visit *v = (struct visit *)w;
	if (v->node->ordinals == 0) /* its children read it: what is held is known before the first of them */
		v->node->chain = v->lane->chain + w->held;
	v->ended = atomic_load(&v->lane->probe->stopped) || !node_count_blob(v->lane);
	if (v->ended)
		return false;
	if (e->content.kind == CONTENT_NONE) {
		roll_add(&v->roll, e, NULL);
		send_bare(v->lane, v->node, e, NULL);
		return true;
	}
	claims_add(&v->claims, e);
	struct task *t;
	v->ended = !node_queue(v->lane, v->node, e, &t);
	if (v->ended)
		return false;
	roll_add(&v->roll, e, t);
	if (!roll_holds_back(&v->roll, t) && !pieces_hold_back(&v->pieces, t))
		task_queue(t);
	return true;
}

/* Opens a container whose bytes are `bytes`; takes them from *owned when they lie there. */
static void open_container(struct lane *l, struct task *t, struct span bytes, struct buf *owned,
                           const struct format *format, const struct format_match *match)
{
	struct finding *f = &l->finding;
	f->blob.format = text_c(format->name);
	if (match->size != SIZE_UNKNOWN && match->size > bytes.n)
		emit_damage_at(&f->sink, ERR_TRUNCATED, bytes.n, "its header says %llu bytes, here are %llu",
		               (unsigned long long)match->size, (unsigned long long)bytes.n);
	if (!format->walk) {
		emit_damage_at(&f->sink, ERR_UNSUPPORTED, UINT64_MAX, "recognised as %s, which this version does not open",
		               format->title);
		finding_send(f, l->probe);
		return;
	}
	struct node *n = node_of(l, t, bytes, owned);
	if (n) {
		n->in_program |= unseen_is_program(format->name);
		struct walk walk = { .arena = n->arena, .sink = &f->sink, .depth = n->depth, .child = visit_child };
		walk.room = content_allowance(l);
		walk.meter = &n->hold.meter;
		walk.in_text = t->known && t->parent && t->parent->is_text;
		struct visit v = { .walk = walk, .lane = l, .node = n };
		v.roll.arena = n->arena;
		v.pieces = (struct piece_roll){ .arena = n->arena, .folder = strcmp(format->name, "directory") == 0 };
		claims_begin(&v.claims, n->arena, format, bytes);
		lane_stage(l, format->name);
		struct error e = format->walk(bytes, &v.walk);
		if (!v.ended)
			claims_emit_rest(&v.claims, v.walk.end, &v.walk);
		v.roll.full |= v.ended;
		pieces_end(&v.pieces, &v.roll, l, n, v.ended);
		roll_end(&v.roll, n);
		if (error_is(&e))
			emit_error(&f->sink, &e);
		f->has_children = n->ordinals > 0;
		inspect_container(l, f, &t->entry, bytes, format->name);
	}
	finding_send(f, l->probe);
	node_release(n);
}

/* A compression as a container with one child: what it held. Takes over *unpacked. */
static void open_stream(struct lane *l, struct task *t, struct span bytes, struct buf *owned, const struct format *format,
                        struct buf *unpacked, const struct error *error)
{
	struct finding *f = &l->finding;
	f->blob.format = text_c(format->name);
	if (format->describe)
		format->describe(bytes, &f->sink);
	if (error_is(error))
		emit_error(&f->sink, error);
	struct node *n = unpacked->n ? node_of(l, t, bytes, owned) : NULL;
	if (n && node_count_blob(l)) {
		struct entry e = entry_new(ENTRY_STREAM, text_c(format->name));
		e.size = unpacked->n;
		e.content = (struct content){ .kind = CONTENT_SPAN, .bytes = buf_span(unpacked) };
		struct task *child;
		if (node_queue(l, n, &e, &child)) {
			child->unpacked = *unpacked; /* freed with the task, or given to the child's own node */
			*unpacked = (struct buf){ 0 };
			f->has_children = true;
			task_queue(child);
		}
	}
	finding_send(f, l->probe);
	node_release(n);
	buf_free(unpacked);
}

/* True when a format of that size is all that the bytes hold: nothing or only padding follows. */
static bool covers(struct span bytes, uint64_t size)
{
	return size >= bytes.n || entropy_is_padding(span_from(bytes, size));
}

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

/* The input, and what was unpacked of it, is mapped as a whole, whatever it holds; what lies in those as it is, is a part of
 * their map, and has one of its own where no format claims it. A folder that was written down is no flash, and neither is
 * what files hold. */
static bool is_mapped(const struct task *t)
{
	if (in_file(t) || (t->entry.format && strcmp(t->entry.format, "directory") == 0))
		return false;
	return !t->parent || t->entry.kind == ENTRY_STREAM;
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
	bool flash = t->entry.kind != ENTRY_FILE && !is_unpacked(t) && !in_file(t) && !in_program && strcmp(class, "data") == 0;
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

/* Shows it to the inspectors as what it is. */
static void inspect_raw(struct lane *l, struct task *t, struct span bytes, const char *class, struct scan_result *scan,
                        const struct regions *regions, uint64_t end)
{
	struct entry told = inspected(t);
	struct regions text = { 0 };
	if (is_text_class(class) && regions_of_text(l, regions, end, bytes.n, &text)) {
		bytes = span_clip(bytes, 0, end);
		regions = &text;
	}
	inspect_blob(l, &l->finding, &told, bytes, class, scan->hits ? scan : NULL, regions);
}

/* Bytes that no format claims as a whole, or that are a program of that format (NULL: they are none): looked at as they are, with what is
 * embedded in them as children. */
static void examine_raw(struct lane *l, struct task *t, struct span bytes, struct buf *owned, struct region *first,
                        const struct format *program)
{
	struct finding *f = &l->finding;
	bool firmware = t->entry.kind != ENTRY_FILE; /* flash contents, not a file with a purpose of its own */
	bool carries = first && first->format->as_text && first->match.text; /* what follows may begin in the bytes by which texts are known */
	const char *class = program ? program->name : carries ? classify(span_clip(bytes, 0, first->match.text)) : classify(bytes);
	uint64_t own_end = text_end(bytes, first); /* before the region goes its way */
	uint64_t program_end = strcmp(class, "elf") == 0 ? unseen_elf_end(bytes) : macho_end(bytes);
	bool is_data = program || strcmp(class, "data") == 0;
	struct scan_result scan = { 0 };
	struct regions regions = { 0 };
	if (first && !regions_add(l, &regions, first)) {
		buf_free(&first->unpacked);
		first = NULL;
	}
	lane_stage(l, "scan");
	struct scanning scanning = { { on_pass }, l };
	struct error e;
	struct scanner_lane *scanner = lane_scanner(l, &e);
	if (scanner)
		e = scan_blob(scanner, bytes, l->arena, &scanning.watcher, &scan);
	if (error_is(&e))
		emit_error(&f->sink, &e);
	if (t->is_packed)
		forget_packed(&scan, t->packed_at);
	if (scan.capped)
		emit_damage_at(&f->sink, ERR_BUDGET, UINT64_MAX, "more pattern matches than are kept for one blob");

	struct node *n = NULL;
	const struct media media = find_media(l, t, bytes, class);
	bool deep = depth_of(t) >= l->probe->options->budget.depth;
	bool flash = firmware && !program;
	if ((scan.ncandidates || first || program || media.n || (flash && carve_may_have_zlib(bytes))) && !deep)
		n = node_of(l, t, bytes, owned);
	if (n) {
		n->kept = first ? first->unpacked.n : 0;
		n->program_end = program_end;
		n->is_text = is_text_class(class);
		n->in_program |= t->entry.kind == ENTRY_STREAM && unseen_is_code(bytes, 0);
		struct regions parts = program ? program_parts(l, n, bytes, program) : (struct regions){ 0 };
		program_end = n->program_end;
		forget_within(&scan, &parts);
		carve(l, n, bytes, flash, &scan, &regions);
		for (size_t i = 0; i < parts.n; i++)
			(void)regions_add(l, &regions, &parts.v[i]);
		regions_sort(&regions);
	} else if (first) {
		buf_free(&first->unpacked);
	}
	if (deep && (scan.ncandidates || first || (program && has_parts(l, bytes, program))))
		emit_damage_at(&f->sink, ERR_BUDGET, UINT64_MAX, "containers nested deeper than %u are not opened (--max-depth)",
		               l->probe->options->budget.depth);
	bool split = regions.n || (n && media.n);
	if (n && split && firmware)
		gaps_send(l, n, bytes, &regions, &media);
	if (firmware && !in_file(t) && !(t->parent && t->parent->in_program) && strcmp(class, "elf") == 0)
		unseen_report_holes(f, l->arena, bytes, &regions, is_unpacked(t));
	struct span rest = span_from(bytes, program_end);
	if (firmware && rest.n && !split) { /* text may be but the head of what is encrypted */
		const char *texture = gap_texture(f, rest, program_end);
		uint64_t place = t->entry.offset == OFFSET_NONE ? 0 : t->entry.offset;
		if (!is_mapped(t) && !in_file(t) && bytes.n >= GAP_MAPPED_MIN)
			gap_map(l, f, bytes, place);
		bool in_program = t->parent && t->parent->in_program;
		bool unseen = !in_file(t) && (program_end || is_data) && strcmp(texture, "unknown") == 0;
		if (unseen && in_program)
			unseen_report_programs(f, rest);
		else if (unseen)
			unseen_report(f, rest, place + program_end, is_unpacked(t));
		class = strcmp(class, "data") == 0 ? texture : class;
	}
	if (!firmware && !regions.n && is_data)
		gap_report_opaque(l, f, bytes);
	if (!firmware && is_data)
		unseen_report_file(f, regions.n ? TEXT_NONE : t->entry.path, bytes);
	f->blob.format = text_c(class);
	f->has_children = n && n->ordinals > 0;
	inspect_raw(l, t, bytes, class, &scan, &regions, own_end);
	finding_send(f, l->probe);
	node_release(n);
}

/* Whether it is looked at as a text, whatever it carries. */
static bool stays_text(struct lane *l, const struct task *t, const struct format *format)
{
	return format->as_text && !t->known && !l->probe->options->contents_only;
}

/* A text that is a container from its beginning on, and that stays a text. */
static void examine_text(struct lane *l, struct task *t, struct span bytes, struct buf *owned, const struct format *format,
                         const struct format_match *match)
{
	struct region first = { .size = match->size < bytes.n ? match->size : bytes.n, .format = format, .match = *match };
	examine_raw(l, t, bytes, owned, &first, NULL);
}

/* Unpacks a stream, for the first time or once more: then what the carver learned of its end holds. */
static struct error unpack_stream(struct lane *l, const struct task *t, struct span bytes, const struct format *format, struct buf *out,
                                  size_t *used)
{
	*out = buf_with_limit((size_t)content_allowance(l));
	out->meter = &l->unpacking.meter;
	out->spill = spill_of(l);
	lane_stage(l, format->name);
	struct error e = format->unpack(t->unpack_again ? t->stream : bytes, out, used);
	out->meter = NULL;
	if (out->spilled)
		buf_trim(out); /* the rest of the room is for what lies within */
	else
		l->chain += out->n;
	if (!t->unpack_again) {
		content_account(l->probe, out->n);
		return e;
	}
	*used = bytes.n;
	/* The carver has no other memory than its own: what it had no room for may well be whole. */
	return e.code == ERR_BUDGET || e.code == ERR_MEMORY || t->unpack_error.code == ERR_BUDGET ? e : t->unpack_error;
}

/* Puts the file as it is behind the program that was packed in it; false when there is no room. */
static bool add_packed(struct lane *l, struct buf *program, struct span bytes)
{
	size_t before = program->n;
	program->meter = &l->unpacking.meter;
	enum error_code code = buf_add(program, bytes.p, bytes.n);
	program->meter = NULL;
	if (!program->spilled)
		l->chain += program->n - before;
	return !code;
}

/* What runs is the packed file's own code, and nothing holds its maker to what it seems to unpack: what is linked in the ordinary way,
 * which no program that UPX packed is, is inspected as it stands, too. */
static void inspect_as_linked(struct lane *l, struct task *t, struct span bytes)
{
	struct elf_object o;
	struct elf_segments segments;
	struct error e = elf_open(bytes, &o);
	if (error_is(&e))
		return;
	elf_read_segments(&o, &segments);
	if (!segments.interpreter.type)
		return;
	struct entry told = inspected(t);
	inspect_blob(l, &l->finding, &told, bytes, "elf", NULL, NULL);
}

/* A packed program: looked at as what it is when it runs, and behind that as the file that it is. Takes over *out. */
static void examine_in_place(struct lane *l, struct task *t, struct span bytes, struct buf *owned, const struct format *format,
                             struct buf *out, const struct error *error)
{
	struct finding *f = &l->finding;
	if (format->describe)
		format->describe(bytes, &f->sink);
	if (error_is(error))
		emit_error(&f->sink, error);
	t->packed_at = out->n;
	t->is_packed = true;
	if (!out->n || !add_packed(l, out, bytes)) {
		if (out->n)
			emit_damage_at(&f->sink, ERR_BUDGET, UINT64_MAX, "no room for a packed program beside what it unpacks to");
		buf_free(out);
		t->packed_at = 0;
		examine_raw(l, t, bytes, owned, NULL, NULL);
		return;
	}
	struct span program = buf_span(out);
	f->bytes = SPAN_NONE; /* excerpts are of the blob as it is */
	if (l->rules) {
		lane_stage(l, "yara");
		rules_scan(l->rules, t->entry.path, classify(program), program, &f->sink);
	}
	inspect_as_linked(l, t, bytes);
	examine_raw(l, t, program, out, NULL, NULL);
	buf_free(out);
}

/* Whether something stands behind a stream that breaks: then the rest is not all the stream's. */
static bool another_follows(struct lane *l, struct span bytes, size_t used)
{
	struct scan_result scan = { 0 };
	struct error e;
	struct scanner_lane *scanner = used && used < bytes.n ? lane_scanner(l, &e) : NULL;
	if (!scanner)
		return false;
	lane_stage(l, "scan");
	e = scan_blob(scanner, span_from(bytes, used), l->arena, NULL, &scan);
	return !error_is(&e) && carve_finds(span_from(bytes, used), &scan);
}

/* A stream that is larger than memory, and of which little is stored: its child is read from where it stands. False: it is none. */
static bool open_laid(struct lane *l, struct task *t, struct span bytes, struct buf *owned, const struct format *format)
{
	struct finding *f = &l->finding;
	struct entry e = entry_new(ENTRY_STREAM, text_c(format->name));
	size_t used = 0;
	if (!format->lay || t->has_unpacked || t->whole || !l->probe->disks.p)
		return false;
	struct error error = format->lay(bytes, l->scratch, &e.content, &e.size, &used);
	arena_reset(l->scratch);
	if (error_is(&error) || e.size <= content_allowance(l) || !covers(bytes, used))
		return false;
	f->blob.format = text_c(format->name);
	if (format->describe)
		format->describe(bytes, &f->sink);
	struct node *n = node_of(l, t, bytes, owned);
	if (n && node_count_blob(l)) {
		error = format->lay(bytes, n->arena, &e.content, &e.size, &used);
		if (error_is(&error))
			emit_error(&f->sink, &error);
		else
			f->has_children = node_queue(l, n, &e, NULL);
	}
	finding_send(f, l->probe);
	node_release(n);
	return true;
}

/* A compression at the start: unpacked to learn whether it is all there is. */
static void examine_stream(struct lane *l, struct task *t, struct span bytes, struct buf *owned,
                           const struct format *format, const struct format_match *match)
{
	if (open_laid(l, t, bytes, owned, format))
		return;
	size_t used = t->has_unpacked ? bytes.n : 0;
	struct buf out = t->has_unpacked ? t->unpacked : (struct buf){ 0 };
	struct error e = t->unpack_error;
	if (t->has_unpacked)
		t->unpacked = (struct buf){ 0 };
	else /* t->unpacked may be what the bytes lie in */
		e = unpack_stream(l, t, bytes, format, &out, &used);
	if (!assembled_stream_is_one(t, bytes, used, &e)) {
		buf_free(&out);
		return;
	}
	if (format->in_place && (in_file(t) || error_is(&e) || covers(bytes, used))) {
		examine_in_place(l, t, bytes, owned, format, &out, &e);
		return;
	}
	if (error_is(&e) && !used && e.offset < bytes.n) /* as the carver takes it */
		used = (size_t)e.offset;
	if (!stays_text(l, t, format) && (error_is(&e) ? !another_follows(l, bytes, used) : covers(bytes, used))) {
		open_stream(l, t, bytes, owned, format, &out, &e);
		return;
	}
	bool keep = out.n <= CARVED_KEPT_MAX;
	if (!keep) {
		l->chain -= out.spilled ? 0 : out.n;
		buf_free(&out);
		hold_give_back(&l->unpacking);
	}
	struct region first = { 0, used, format, *match, keep, !keep, bytes, out, e };
	examine_raw(l, t, bytes, owned, &first, NULL);
}

/* What a file is called is the only mark that a Brotli stream has. A text or a program is none: a stream may have bytes that are skipped
 * when it is unpacked, and in which all of that could stand. */
static const char *hint_of(const struct task *t, struct span bytes)
{
	bool named = t->entry.kind == ENTRY_FILE && !t->entry.format && text_ends(t->entry.path, ".br");
	return named && strcmp(classify(bytes), "data") == 0 ? "brotli" : t->entry.format;
}

void examine(struct lane *l, struct task *t, struct span bytes)
{
	struct finding *f = &l->finding;
	struct format_match match = t->match;
	const struct format *format = t->known ? t->known : format_identify(bytes, hint_of(t, bytes), &match);
	if (!assembled_is_one(t, bytes, format, &match))
		return;
	if (piece_is_only_that(t, bytes, format)) {
		format = format_find("piece");
		match = (struct format_match){ bytes.n, 100 };
	}
	if (format && l->lent.p && !(bytes = content_keep(l, bytes)).p)
		format = NULL;
	struct buf *owned = t->unpacked.p == bytes.p && !t->has_unpacked ? &t->unpacked : &l->content;
	f->blob.size = (int64_t)bytes.n;
	f->bytes = l->lent.p ? SPAN_NONE : bytes; /* lent: gone when rows are made */
	bool contents_only = l->probe->options->contents_only;
	if (format && format->in_place && contents_only)
		format = NULL; /* a file as any other */
	if (bytes.p && t->parent && !contents_only) /* the input's own digest is the parent's business */
		content_hash(l, f, bytes);
	hand_over(l, f, &t->entry, bytes);
	if (is_mapped(t))
		gap_map(l, f, bytes, 0);
	bool text = format && stays_text(l, t, format);
	if (l->rules && bytes.n && (!format || !t->parent || t->entry.kind != ENTRY_REGION)) {
		lane_stage(l, "yara"); /* what a region holds is seen in its pieces, and as it is in what is around it */
		rules_scan(l->rules, t->entry.path, format && !text ? format->name : classify(bytes), bytes, &f->sink);
	}
	bool deep = depth_of(t) >= l->probe->options->budget.depth;
	if (text && (deep || !format->unpack)) {
		examine_text(l, t, bytes, owned, format, &match);
	} else if (format && deep && !format->as_program) {
		emit_damage_at(&f->sink, ERR_BUDGET, UINT64_MAX, "containers nested deeper than %u are not opened (--max-depth)",
		               l->probe->options->budget.depth);
		f->blob.format = text_c(format->name);
		finding_send(f, l->probe);
	} else if (format && format->unpack) {
		examine_stream(l, t, bytes, owned, format, &match);
	} else if (format && format->as_program && !(contents_only && t->parent && in_file(t))) {
		examine_raw(l, t, bytes, owned, NULL, format);
	} else if (format && !format->as_program && (t->known || covers(bytes, match.size))) {
		open_container(l, t, bytes, owned, format, &match);
	} else if (contents_only && t->parent && in_file(t)) {
		finding_send(f, l->probe); /* nobody asks what it is */
	} else {
		examine_raw(l, t, bytes, owned, NULL, NULL);
	}
}
