/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/holes.h"
#include "inspect/elf_object.h"
#include "probe/examine.h"

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

/* The bytes of a file, where they are wanted. */
static void hand_over(struct lane *l, const struct finding *f, const struct entry *e, struct span bytes)
{
	struct probe_output *output = l->probe->output;
	uint64_t only = l->probe->options->only_content;
	if (!output->content || (only ? f->key != only : e->kind != ENTRY_FILE) || !content_may_be_written(l, bytes))
		return;
	if (output->name && f->parent == BATCH_ROOT_KEY && !e->same_as.p)
		output->name(output, f->key, f->ordinal, e->mode, e->path);
	output->content(output, f->key, bytes);
	l->lent = SPAN_NONE;
}

/* A child without content is complete at once; it gets its own batch while its container's is being made. */
static void send_bare(struct lane *l, struct node *n, const struct entry *e)
{
	struct finding *f = &l->child;
	uint32_t ordinal = n->ordinals++;
	finding_begin(f, batch_child_key(n->key, ordinal), n->key, ordinal, e);
	if (e->size == SIZE_UNKNOWN)
		f->blob.size = 0;
	if (e->kind == ENTRY_FILE && e->size == 0 && !e->same_as.p) { /* an empty file is one, whether or not its format gave it content */
		f->blob.format = TEXT_LIT("empty");
		content_hash(l, f, SPAN_NONE);
		hand_over(l, f, e, SPAN_NONE);
	}
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

/* Counts the bytes of a child that lie in its container. A table may name the same bytes for each of its files, and what lies in them may do
 * so again: they are looked at as often, which costs the square of the input, or worse. False: too many. */
static bool count_named(struct lane *l, struct span container, const struct entry *e)
{
	struct probe *p = l->probe;
	uintptr_t begin = (uintptr_t)container.p, at = (uintptr_t)e->content.bytes.p;
	if (e->content.kind != CONTENT_SPAN || !e->content.bytes.n || at < begin || at - begin >= container.n)
		return true;
	uint64_t most = p->named_free + NAMED_TIMES * atomic_load_explicit(&p->unpacked, memory_order_relaxed);
	if (atomic_fetch_add_explicit(&p->named, holes_stored(e->content.bytes), memory_order_relaxed) <= most)
		return true;
	emit_damage_at(&l->finding.sink, ERR_BUDGET, e->offset,
	               "files overlap: together they claim more than %u times what there is; the rest of this container is not looked at",
	               NAMED_TIMES);
	return false;
}

static bool visit_child(struct walk *w, const struct entry *e)
{
	struct visit *v = (struct visit *)w;
	if (v->node->ordinals == 0) /* its children read it: what is held is known before the first of them */
		v->node->chain = v->lane->chain + w->held;
	v->ended = atomic_load(&v->lane->probe->stopped) || !node_count_blob(v->lane) || !count_named(v->lane, v->claims.bytes, e);
	if (v->ended)
		return false;
	if (e->content.kind == CONTENT_NONE) {
		roll_add(&v->roll, e, NULL);
		send_bare(v->lane, v->node, e);
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

/* The blob at hand, which nothing was taken out of. */
static void send_part(struct lane *l, const struct task *t, struct span bytes)
{
	struct finding *f = &l->finding;
	if (part_is(t, f->blob.format.p))
		part_hand_over(l, f, bytes);
	finding_send(f, l->probe);
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
		send_part(l, t, bytes);
		return;
	}
	struct node *n = task_node(l, t, bytes, owned);
	if (n) {
		n->in_program |= unseen_is_program(format->name);
		n->is_files = format->kind == FORMAT_FILESYSTEM;
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
	if (f->has_children && !format->of_use)
		finding_send(f, l->probe);
	else
		send_part(l, t, bytes);
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
	struct node *n = unpacked->n ? task_node(l, t, bytes, owned) : NULL;
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
	if (f->has_children)
		finding_send(f, l->probe);
	else
		send_part(l, t, bytes);
	node_release(n);
	buf_free(unpacked);
}

/* True when a format of that size is all that the bytes hold: nothing or only padding follows. */
static bool covers(struct span bytes, uint64_t size)
{
	return size >= bytes.n || entropy_is_padding(span_from(bytes, size));
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
	struct entry told = task_inspected(t);
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
	struct node *n = task_node(l, t, bytes, owned);
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
	if (format->in_place && (task_in_file(t) || error_is(&e) || covers(bytes, used))) {
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

/* Smaller files of archives are seldom images, and many. */
#define IMAGE_MIN 65536u

/* Whether contents alone are wanted, and nobody asks what is in a file of no known format: but for those of an archive that may be images. */
static bool is_not_asked(const struct lane *l, const struct task *t, struct span bytes)
{
	if (!l->probe->options->contents_only || !t->parent || !task_in_file(t))
		return false;
	return bytes.n < IMAGE_MIN || !part_holds_others(t) || strcmp(classify(bytes), "data") != 0;
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
	bool kept = format || !is_not_asked(l, t, bytes);
	if (kept && l->lent.p && !(bytes = content_keep(l, bytes)).p)
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
	if (task_is_mapped(t))
		gap_map(l, f, bytes, 0);
	bool text = format && stays_text(l, t, format);
	if (l->rules && bytes.n && (!format || !t->parent || t->entry.kind != ENTRY_REGION)) {
		lane_stage(l, "yara"); /* what a region holds is seen in its pieces, and as it is in what is around it */
		rules_scan(l->rules, t->entry.path, format && !text ? format->name : classify(bytes), bytes, &f->sink);
	}
	bool deep = task_depth(t) >= l->probe->options->budget.depth;
	if (text && (deep || !format->unpack)) {
		examine_text(l, t, bytes, owned, format, &match);
	} else if (format && deep && !format->as_program) {
		emit_damage_at(&f->sink, ERR_BUDGET, UINT64_MAX, "containers nested deeper than %u are not opened (--max-depth)",
		               l->probe->options->budget.depth);
		f->blob.format = text_c(format->name);
		send_part(l, t, bytes);
	} else if (format && format->unpack) {
		examine_stream(l, t, bytes, owned, format, &match);
	} else if (format && format->as_program && !(contents_only && t->parent && task_in_file(t))) {
		examine_raw(l, t, bytes, owned, NULL, format);
	} else if (format && !format->as_program && (t->known || covers(bytes, match.size))) {
		open_container(l, t, bytes, owned, format, &match);
	} else if (!kept || is_not_asked(l, t, bytes)) { /* not kept: the bytes may be lent ones, which are gone */
		send_part(l, t, bytes);
	} else {
		examine_raw(l, t, bytes, owned, NULL, NULL);
	}
}
