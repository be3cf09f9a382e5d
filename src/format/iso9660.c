/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ISO 9660 with Rock Ridge or Joliet, files of several extents, and the boot images of El Torito. Files lie in one
 * piece: they are shown where they are.
 *
 * Specifications: ECMA-119; IEEE P1282; Joliet Specification (Microsoft, 1995); "El Torito" Bootable CD-ROM Format 1.0.
 */
#include "format/iso9660.h"

#include "format/notation.h"
#include "format/unix_mode.h"

#define DESCRIPTORS_MAX 64u
#define DEPTH_MAX 160u
#define QUARTERS_MAX 52 /* of an hour from GMT: 13 hours */

enum {
	FLAG_ASSOCIATED = 4,
	FLAG_MORE = 0x80, /* the file goes on in the next record */
};

static bool both_orders(struct span s, uint64_t at, unsigned width, uint32_t *value)
{
	*value = width == 4 ? span_u32le(s, at) : span_u16le(s, at);
	return *value && *value == (width == 4 ? span_u32be(s, at + 4) : span_u16be(s, at + 2));
}

/* The primary volume descriptor tells its sizes in both byte orders, ECMA-119 8.4. */
bool iso_primary_read(struct span at, struct iso_primary *p)
{
	uint32_t set_size;
	p->descriptor = span_sub(at, ISO_FIRST_DESCRIPTOR * ISO_SECTOR, ISO_SECTOR);
	return span_starts(p->descriptor, "\1CD001\1", 7) && both_orders(p->descriptor, 80, 4, &p->blocks) &&
		   both_orders(p->descriptor, 128, 2, &p->block) && both_orders(p->descriptor, 120, 2, &set_size) &&
		   p->block >= 512 && p->block <= ISO_SECTOR && (p->block & (p->block - 1)) == 0 &&
		   (uint64_t)p->blocks * p->block > ISO_FIRST_DESCRIPTOR * ISO_SECTOR;
}

static bool iso9660_probe(struct span at, struct format_match *match)
{
	struct iso_primary p;
	if (!iso_primary_read(at, &p))
		return false;
	struct iso_session first, last;
	if (!iso_session_first(at, &p, &first))
		return false;
	last = iso_session_last(at, &first);
	match->size = iso_session_end(&last);
	if (match->size < iso_boot_end(at, &last))
		match->size = iso_boot_end(at, &last);
	match->confidence = 90;
	return true;
}

/* An offset from GMT that no place has is not taken for one, as Linux does not: genisoimage writes such beyond 2038. */
int64_t iso_time(struct span s, uint64_t at)
{
	struct span d = span_sub(s, at, 7);
	if (!d.p || d.p[1] < 1 || d.p[1] > 12 || d.p[2] < 1 || d.p[2] > 31 || d.p[3] > 23 || d.p[4] > 59 || d.p[5] > 60)
		return FACT_NULL;
	int quarters = d.p[6] < 0x80 ? d.p[6] : d.p[6] - 0x100;
	if (quarters < -QUARTERS_MAX || quarters > QUARTERS_MAX)
		quarters = 0;
	return days_from_civil(1900 + d.p[0], d.p[1], d.p[2]) * 86400 + d.p[3] * 3600 + d.p[4] * 60 + d.p[5] - quarters * 900;
}

/* The record at an offset of the image; false at the end of its block. */
static bool record_read(uint64_t at, struct span rest, struct iso_record *r)
{
	struct span s = span_sub(rest, 0, rest.n ? rest.p[0] : 0);
	if (s.n < 34)
		return false;
	unsigned name = s.p[32];
	r->at = at;
	r->extent = span_u32le(s, 2) + s.p[1];
	r->size = span_u32le(s, 10);
	r->big_extent = span_u32be(s, 6) + s.p[1];
	r->big_size = span_u32be(s, 14);
	r->mtime = iso_time(s, 18);
	r->flags = s.p[25];
	r->unit = s.p[26];
	r->gap = s.p[27];
	r->name = span_sub(s, 33, name);
	r->use = span_from(s, 33 + name + (name % 2 == 0));
	r->has_mode = r->has_name = r->relocated = r->child = r->compressed = false;
	r->alternate_n = r->target_n = 0;
	r->device = 0;
	return r->name.p != NULL;
}

/* Whether at least one of the numbers of a record is the same in both byte orders, where those of the image are. */
static bool record_is_plausible(const struct iso *iso, struct span s)
{
	return !iso->both_orders || span_u32le(s, 2) == span_u32be(s, 6) || span_u32le(s, 10) == span_u32be(s, 14) ||
		   span_u16le(s, 28) == span_u16be(s, 30);
}

/* How far it is to the next record in the sector that is one beyond doubt, or to the sector's end. */
static uint64_t to_plausible(const struct iso *iso, struct span sector)
{
	for (uint64_t i = 1; i + 34 <= sector.n && iso->both_orders; i++) {
		struct span s = span_from(sector, i);
		if (s.p[0] >= 34 && s.p[0] <= s.n && s.p[32] && s.p[32] <= s.p[0] - 33 && span_u32le(s, 2) == span_u32be(s, 6) &&
			span_u32le(s, 10) == span_u32be(s, 14) && span_u16le(s, 28) == span_u16be(s, 30) && span_u16le(s, 28))
			return i;
	}
	return sector.n;
}

static struct iso_seen *seen_slot(struct iso_seen *table, size_t size, uint64_t key)
{
	size_t i = (size_t)((key * 0x9e3779b97f4a7c15) >> 20) & (size - 1);
	while (table[i].key && table[i].key != key)
		i = (i + 1) & (size - 1);
	return &table[i];
}

/* The slot of a block, for directories and for files; new when its key is 0. NULL at the arena's limit. */
struct iso_seen *iso_seen_of(struct iso *iso, uint32_t block, bool directory)
{
	if (2 * (iso->nseen + 1) > iso->seen_size) {
		size_t size = iso->seen_size ? 2 * iso->seen_size : 256;
		struct iso_seen *larger = ARENA_ARRAY(iso->v.w->arena, struct iso_seen, size);
		if (!larger) {
			volume_exhausted(&iso->v, OFFSET_NONE);
			return NULL;
		}
		for (size_t i = 0; i < iso->seen_size; i++)
			if (iso->seen[i].key)
				*seen_slot(larger, size, iso->seen[i].key) = iso->seen[i];
		iso->seen = larger;
		iso->seen_size = size;
	}
	return seen_slot(iso->seen, iso->seen_size, ((uint64_t)block << 1 | directory) + 1);
}

static void seen_set(struct iso *iso, struct iso_seen *slot, uint32_t block, const char *path, uint64_t size)
{
	*slot = (struct iso_seen){ ((uint64_t)block << 1 | !path) + 1, path, size };
	iso->nseen++;
}

/* Without the version that names of files end with, and the full stop of an empty extension. */
size_t iso_plain_name(const struct iso *iso, struct span raw, char *out)
{
	size_t n = raw.n;
	if (iso->names == NAMES_JOLIET) {
		n = utf16_to_utf8(raw, true, false, out);
		if (n > 2 && memcmp(out + n - 2, ";1", 2) == 0)
			n -= 2;
		return n;
	}
	memcpy(out, raw.p, n);
	for (size_t i = n; i-- > 1;)
		if (out[i] == ';') {
			n = i;
			break;
		} else if (out[i] < '0' || out[i] > '9') {
			break;
		}
	return n > 1 && out[n - 1] == '.' ? n - 1 : n;
}

static enum entry_kind kind_of(const struct iso_record *r)
{
	if (r->child || r->flags & ISO_FLAG_DIRECTORY)
		return ENTRY_DIRECTORY;
	enum entry_kind kind = r->has_mode ? entry_kind_of_mode(r->mode) : ENTRY_FILE;
	return kind == ENTRY_DIRECTORY ? ENTRY_FILE : kind; /* the flag tells, not the mode */
}

/* A file's extents so far: several records of one name make one file. */
struct extents {
	uint64_t size;
	uint32_t first; /* block */
	bool going, elsewhere;
};

static void set_file(struct iso *iso, const struct iso_record *r, const struct extents *x, struct entry *e)
{
	struct iso_seen *slot = x->size ? iso_seen_of(iso, x->first, false) : NULL;
	e->size = x->size;
	if (slot && slot->key && slot->size == x->size) {
		e->same_as = text_c(slot->path);
		return;
	}
	if (x->elsewhere) {
		volume_damage(&iso->v, ERR_TRUNCATED, r->at, ISO_EARLIER, "a file");
		e->size = r->compressed ? r->unpacked : x->size;
		e->content = (struct content){ .kind = CONTENT_SPAN, .bytes = span_of("", 0) };
	} else if (r->compressed)
		zisofs_set_content(iso, r, x->size, e);
	else
		volume_set_content(&iso->v, e, x->size, iso->block);
	if (slot && !slot->key) {
		const char *path = arena_strdup(iso->v.w->arena, e->path);
		if (path)
			seen_set(iso, slot, x->first, path, x->size);
		else
			volume_exhausted(&iso->v, r->at);
	}
}

static void read_directory(struct iso *iso, uint32_t block, uint32_t size, unsigned depth);

/* Enters a directory; one that Rock Ridge moved elsewhere tells its size itself. */
static void enter_directory(struct iso *iso, const struct iso_record *r, unsigned depth)
{
	uint32_t block = r->child ? r->child_extent : r->extent, size = r->size;
	if (r->child)
		size = span_u32le(iso->v.image, iso_place(iso, block, iso->block) + 10);
	if (depth == DEPTH_MAX) {
		volume_damage(&iso->v, ERR_BUDGET, r->at, "directories nested deeper than %u are not read", DEPTH_MAX);
		return;
	}
	struct iso_seen *slot = iso_seen_of(iso, block, true);
	if (slot && slot->key) {
		volume_damage(&iso->v, ERR_CORRUPT, r->at, "a directory is entered twice");
		return;
	}
	if (slot) {
		seen_set(iso, slot, block, NULL, 0);
		read_directory(iso, block, size, depth + 1);
	}
}

static void show(struct iso *iso, struct iso_record *r, const struct extents *x, unsigned depth)
{
	char plain[3 * 256];
	struct text name = text_of(r->alternate, r->alternate_n);
	size_t before = iso->v.path_n;
	if (!r->has_name)
		name = text_of(plain, iso_plain_name(iso, r->name, plain));
	if (!volume_enter(&iso->v, name, r->at))
		return;
	struct entry e = entry_new(kind_of(r), volume_path(&iso->v));
	e.mtime = r->mtime;
	if (r->has_mode) {
		e.mode = r->mode & 07777;
		e.uid = r->uid;
		e.gid = r->gid;
	}
	if (e.kind == ENTRY_FILE) {
		set_file(iso, r, x, &e);
	} else if (e.kind == ENTRY_SYMLINK) {
		e.link_target = text_of(r->target, r->target_n);
		e.size = r->target_n;
	} else if (e.kind == ENTRY_CHAR_DEVICE || e.kind == ENTRY_BLOCK_DEVICE) {
		e.device = (int64_t)r->device;
	}
	volume_child(&iso->v, &e);
	if (e.kind == ENTRY_DIRECTORY && !iso->v.stopped)
		enter_directory(iso, r, depth);
	volume_leave(&iso->v, before);
}

void iso_show_directory(struct iso *iso, uint32_t block, uint32_t size, bool itself)
{
	struct entry e = entry_new(ENTRY_DIRECTORY, volume_path(&iso->v));
	struct iso_seen *slot = iso_seen_of(iso, block, true);
	if (itself)
		volume_child(&iso->v, &e);
	if (!slot || iso->v.stopped)
		return;
	seen_set(iso, slot, block, NULL, 0);
	read_directory(iso, block, size, 0);
}

/* Numbers stand in both byte orders: of two that differ the one is taken that fits into the image. */
static void check_orders(struct iso *iso, struct iso_record *r)
{
	if (!iso->both_orders || (r->extent == r->big_extent && r->size == r->big_size))
		return;
	volume_damage(&iso->v, ERR_CORRUPT, r->at,
				  "a directory record says block %lu and size %lu in one byte order, block %lu and size %lu in the other",
				  (unsigned long)r->extent, (unsigned long)r->size, (unsigned long)r->big_extent, (unsigned long)r->big_size);
	uint64_t n = iso->v.image.n, place = iso_place(iso, r->extent, iso->block);
	if (place >= n && iso_place(iso, r->big_extent, iso->block) < n)
		r->extent = r->big_extent;
	place = iso_place(iso, r->extent, iso->block);
	if (place + r->size > n && place + r->big_size <= n)
		r->size = r->big_size;
}

/* One record of a directory, after the first two, which are the directory itself and its parent. */
static void visit(struct iso *iso, struct iso_record *r, struct extents *x, unsigned depth)
{
	check_orders(iso, r);
	if (!x->going) {
		volume_runs_begin(&iso->v);
		*x = (struct extents){ .first = r->extent };
	}
	if (r->flags & FLAG_ASSOCIATED)
		return;
	if (r->unit || r->gap)
		volume_damage(&iso->v, ERR_UNSUPPORTED, r->at, "an interleaved file is read as if it were not");
	uint64_t place = iso_place(iso, r->extent, iso->block);
	x->elsewhere |= r->size && place == ISO_ELSEWHERE;
	if (r->size && !volume_runs_add(&iso->v, x->size, place))
		return;
	x->size += r->size;
	x->going = r->flags & FLAG_MORE && !(r->flags & ISO_FLAG_DIRECTORY);
	if (x->going)
		return;
	if (iso->names == NAMES_ROCK_RIDGE)
		rock_ridge_read(iso, r);
	if (!r->relocated)
		show(iso, r, x, depth);
	else if (iso->nmoved < ISO_MOVED_MAX) /* shown where it was moved from */
		iso->moved[iso->nmoved++] = r->extent;
}

/* A directory begins with records of its own and of its parent, which have no names. */
static void check_beginning(struct iso *iso, struct span all, uint64_t base)
{
	if (all.n >= 34 && (all.p[0] < 34 || all.p[32] != 1 || all.p[33] != 0 || !(all.p[25] & ISO_FLAG_DIRECTORY)))
		volume_damage(&iso->v, ERR_CORRUPT, base, "a directory does not begin with its own record");
}

static void read_directory(struct iso *iso, uint32_t block, uint32_t size, unsigned depth)
{
	uint64_t base = iso_place(iso, block, iso->block);
	struct span all = span_clip(iso->v.image, base, size);
	struct extents x = { .going = false };
	struct iso_record *r = iso->record;
	if (base == ISO_ELSEWHERE)
		volume_damage(&iso->v, ERR_TRUNCATED, OFFSET_NONE, ISO_EARLIER, "a directory");
	else if (all.n < size)
		volume_damage(&iso->v, ERR_TRUNCATED, iso->v.image.n,
					  "a directory of %u bytes lies behind the end of the image", size);
	if (all.n > iso->work) {
		iso->v.error = error_at(ERR_CORRUPT, base, "directories overlap: more of them than the image has bytes");
		iso->v.stopped = true;
		return;
	}
	iso->work -= all.n;
	iso->ndirectories++;
	check_beginning(iso, all, base);
	for (uint64_t i = 0; i < all.n && !iso->v.stopped;) {
		uint64_t left = ISO_SECTOR - i % ISO_SECTOR;
		if (!all.p[i]) { /* no record crosses the end of a sector */
			if (left == ISO_SECTOR && i + ISO_SECTOR < all.n)
				volume_damage(&iso->v, ERR_CORRUPT, base + i, "a directory has a sector without records before its last one");
			i += left;
			continue;
		}
		struct span rest = span_clip(all, i, left);
		if (!record_read(base + i, rest, r) || !record_is_plausible(iso, rest)) {
			volume_damage(&iso->v, ERR_CORRUPT, base + i, "a directory record can not be read");
			i += to_plausible(iso, rest);
			continue;
		}
		i += all.p[i];
		bool self = r->name.n == 1 && r->name.p[0] <= 1;
		if (!self)
			visit(iso, r, &x, depth);
	}
}

static void emit_field(struct walk *w, const struct iso_session *session, uint64_t at, size_t n, const char *name)
{
	struct span s = span_sub(session->primary.descriptor, at, n);
	while (s.n && (s.p[s.n - 1] == ' ' || s.p[s.n - 1] == 0))
		s.n--;
	struct fact_header row = { (int64_t)((session->start + ISO_FIRST_DESCRIPTOR) * ISO_SECTOR + at), text_c(name), text_from_span(s) };
	if (s.n)
		emit_header(w->sink, &row);
}

static bool is_joliet(struct span d)
{
	return span_starts(d, "\2CD001\1", 7) &&
		   (span_has(d, 88, "%/@", 3) || span_has(d, 88, "%/C", 3) || span_has(d, 88, "%/E", 3));
}

/* The label of Joliet, where it says something else than the primary one: it has letters that are not allowed there. */
static void emit_joliet_label(struct iso *iso, const struct iso_session *session)
{
	struct text primary = text_from_span(span_sub(session->primary.descriptor, 40, 32));
	char label[16 * 3];
	for (unsigned i = 1; i < DESCRIPTORS_MAX; i++) {
		uint64_t at = (session->start + ISO_FIRST_DESCRIPTOR + i) * ISO_SECTOR;
		struct span d = span_sub(iso->v.image, at, ISO_SECTOR);
		if (!span_has(d, 1, "CD001", 5) || d.p[0] == 255)
			return;
		if (!is_joliet(d))
			continue;
		struct text t = text_of(label, utf16_to_utf8(span_sub(d, 40, 32), true, true, label));
		while (t.n && t.p[t.n - 1] == ' ')
			t.n--;
		while (primary.n && (primary.p[primary.n - 1] == ' ' || !primary.p[primary.n - 1]))
			primary.n--;
		struct fact_header row = { (int64_t)at + 40, TEXT_LIT("joliet_volume_identifier"), t };
		if (t.n && (primary.n < t.n || memcmp(primary.p, t.p, t.n) != 0)) /* it has room for half as many letters */
			emit_header(iso->v.w->sink, &row);
		return;
	}
}

/* Which of the trees is read: the one with POSIX names, or else the one with the longest. */
static struct span choose_tree(struct iso *iso, const struct iso_session *session, uint32_t *catalogue)
{
	struct span primary = session->primary.descriptor, chosen = primary;
	struct iso_record *root = iso->record;
	uint64_t at = iso_place(iso, span_u32le(primary, 158), iso->block);
	bool readable = record_read(at, span_clip(iso->v.image, at, 255), root);
	iso->both_orders = readable && root->extent == root->big_extent && root->size == root->big_size;
	if (readable && rock_ridge_begins(root->use, &iso->skip))
		iso->names = NAMES_ROCK_RIDGE;
	for (unsigned i = 1; i < DESCRIPTORS_MAX; i++) {
		struct span d = span_sub(iso->v.image, (session->start + ISO_FIRST_DESCRIPTOR + i) * ISO_SECTOR, ISO_SECTOR);
		if (!span_has(d, 1, "CD001", 5) || d.p[0] == 255)
			break;
		if (d.p[0] == 0 && span_has(d, 7, "EL TORITO SPECIFICATION", 23))
			*catalogue = span_u32le(d, 71);
		if (is_joliet(d) && iso->names == NAMES_PRIMARY) {
			iso->names = NAMES_JOLIET;
			chosen = d;
		}
	}
	return chosen;
}

/* Joliet has no links and modes, Rock Ridge may have had some. */
static void check_primary_root(struct iso *iso, struct span descriptor)
{
	uint64_t at = iso_place(iso, span_u32le(descriptor, 158), iso->block);
	if (at != ISO_ELSEWHERE)
		check_beginning(iso, span_clip(iso->v.image, at, ISO_SECTOR), at);
}

static struct error iso9660_walk(struct span bytes, struct walk *w)
{
	static const char *const names[] = { "ISO 9660", "Joliet", "Rock Ridge" };
	struct iso_primary p;
	uint32_t catalogue = 0;
	struct iso *iso = ARENA_NEW(w->arena, struct iso);
	if (!iso || !volume_init(&iso->v, bytes, w) || !(iso->record = ARENA_NEW(w->arena, struct iso_record)))
		return error_at(ERR_BUDGET, 0, "no memory for the volume");
	if (!iso_primary_read(bytes, &p))
		return error_at(ERR_CORRUPT, ISO_FIRST_DESCRIPTOR * ISO_SECTOR, "no primary volume descriptor");
	struct iso_session first;
	if (!iso_session_first(bytes, &p, &first))
		return error_at(ERR_CORRUPT, (ISO_FIRST_DESCRIPTOR + 1) * ISO_SECTOR, "where the root directory is to be stands another one");
	const struct iso_session session = iso_session_last(bytes, &first);
	iso->before = session.before * ISO_SECTOR;
	iso->block = session.primary.block;
	iso->work = 4 * (uint64_t)bytes.n;
	struct span tree = choose_tree(iso, &session, &catalogue);
	emit_field(w, &session, 40, 32, "volume_identifier");
	emit_joliet_label(iso, &session);
	emit_field(w, &session, 8, 32, "system_identifier");
	emit_field(w, &session, 318, 128, "publisher_identifier");
	emit_field(w, &session, 446, 128, "data_preparer_identifier");
	emit_field(w, &session, 574, 128, "application_identifier");
	emit_field(w, &session, 813, 16, "creation_date");
	emit_header_field(w->sink, OFFSET_NONE, "names", "%s", names[iso->names]);
	iso_sessions_tell(bytes, &first, &session, w);
	if (iso->names == NAMES_JOLIET)
		check_primary_root(iso, session.primary.descriptor);
	iso_path_table_read(iso, tree);
	uint32_t root = span_u32le(tree, 158);
	struct iso_seen *slot = iso_seen_of(iso, root, true);
	if (slot) {
		seen_set(iso, slot, root, NULL, 0);
		read_directory(iso, root, span_u32le(tree, 166), 0);
		iso_lost_directories(iso);
	}
	if (catalogue && !iso->v.stopped)
		iso_read_catalogue(iso, catalogue);
	iso_show_before_boot_images(iso, &session);
	return volume_finish(&iso->v);
}

static const struct format_magic iso9660_magics[] = { MAGIC("\1CD001\1", ISO_FIRST_DESCRIPTOR *ISO_SECTOR), MAGIC_END };

const struct format iso9660_format = {
	.name = "iso9660",
	.kind = FORMAT_FILESYSTEM,
	.title = "ISO 9660 file system (Rock Ridge, Joliet, El Torito)",
	.spec = "ECMA-119; IEEE P1282; Joliet; El Torito 1.0",
	.magics = iso9660_magics,
	.probe = iso9660_probe,
	.walk = iso9660_walk,
};
