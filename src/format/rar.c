/* SPDX-License-Identifier: GPL-3.0-or-later */
/* RAR archives, versions 1.5 to 7: where they end, and what is in them. Volumes may stand behind each other, as they do where their files
 * have been joined.
 * Specification: "RAR 5.0 archive format" and technote.txt of RAR. */
#include "format/rar.h"

#include "format/path.h"

/* Bytes that the solid files of one archive may unpack to. */
#define UNPACKED_MAX ((uint64_t)192 << 20)
#define ENTRIES_MAX 1000000u
#define VOLUMES_MAX 65536u

static bool rar_probe(struct span at, struct format_match *match)
{
	unsigned blocks = 0;
	if (!rar_version_at(at))
		return false;
	match->size = rar_blocks_end(at, true, &blocks);
	match->confidence = 90;
	return blocks > 0;
}

uint64_t rar_list_resume(struct rar_list *l, uint64_t at, unsigned version)
{
	bool first = at == (version == 5 ? RAR5_MAGIC_SIZE : RAR4_MAGIC_SIZE);
	uint64_t next = l->resumed < RAR_RESUMES_MAX ? rar_resume(l->bytes, at, version, first) : 0;
	l->resumed += next != 0;
	if (next == at)
		emit_damage_at(l->w->sink, ERR_CORRUPT, at,
					   "the CRC of a header is wrong: what it says may be, too; the next one stands where it says");
	else if (next)
		emit_damage_at(
			l->w->sink, ERR_CORRUPT, at,
			"no header of a block where one is due, or its CRC is wrong: the next one stands %llu bytes behind",
			(unsigned long long)(next - at));
	return next;
}

bool rar_list_add(struct rar_list *l, const struct rar_file *f, uint64_t data, uint64_t packed)
{
	struct rar_part *part = ARENA_NEW(l->w->arena, struct rar_part);
	struct rar_file *kept = l->open;
	bool rest = kept && f->begins_before && text_eq(kept->name, f->name) && kept->method == f->method;
	if (!rest)
		kept = ARENA_NEW(l->w->arena, struct rar_file);
	if (!part || !kept || l->n >= ENTRIES_MAX)
		return false;
	*part = (struct rar_part){ .at = data, .size = packed };
	if (rest) {
		kept->goes_on = f->goes_on;
		kept->has_crc = f->has_crc; /* in all parts but the last these are of the part */
		kept->crc = f->crc;
		kept->has_hash = f->has_hash;
		memcpy(kept->hash, f->hash, sizeof kept->hash);
	} else {
		*kept = *f;
		kept->bytes = l->bytes;
		kept->number = ++l->n;
		kept->parts_end = &kept->parts;
		*l->end = kept;
		l->end = &kept->next;
	}
	kept->packed += packed;
	*kept->parts_end = part;
	kept->parts_end = &part->next;
	l->open = f->goes_on ? kept : NULL;
	return true;
}

/* All volumes that stand behind each other. */
static struct error list_volumes(struct rar_list *l, bool *more)
{
	uint64_t at = 0;
	unsigned version = rar_version_at(l->bytes);
	for (unsigned i = 0; i < VOLUMES_MAX; i++) {
		*more = false;
		struct error e = version == 5 ? rar5_list(l, at, &at, more) : rar4_list(l, at, &at, more);
		at = rar_next_volume(l->bytes, at, version);
		if (error_is(&e) || !*more || rar_version_at(span_from(l->bytes, at)) != version)
			return e;
	}
	return error_none();
}

static struct text path_of(struct rar_list *l, const struct rar_file *f, struct path_buffer *path)
{
	struct text name = path_from_root(path, f->name);
	bool none = name.p && text_is(name, "/") && f->kind != ENTRY_DIRECTORY;
	return none ? path_of_nameless(path, f->number, ERR_CORRUPT, f->at, l->w->sink) : name;
}

static bool emit_files(struct rar_list *l)
{
	struct path_buffer path = { .arena = l->w->arena }, target = { .arena = l->w->arena };
	for (struct rar_file *f = l->first; f; f = f->next) {
		struct entry e = entry_new(f->kind, path_of(l, f, &path));
		if (!e.path.p)
			return false;
		e.offset = f->parts->at;
		e.mode = f->mode;
		e.mtime = f->mtime;
		e.uid = f->uid;
		e.gid = f->gid;
		e.link_target = f->target;
		if (f->same_as.p)
			e.same_as = path_from_root(&target, f->same_as);
		else if (f->kind == ENTRY_FILE && !rar_content(l, f, &e))
			return false;
		if (!entry_is_root(&e) && !l->w->child(l->w, &e))
			break;
	}
	return true;
}

/* Children are told when all is unpacked: so each finds the same memory left. */
static struct error rar_walk(struct span bytes, struct walk *w)
{
	struct rar_list l = { .w = w, .bytes = bytes };
	uint64_t limit = w->room && w->room < UNPACKED_MAX ? w->room : UNPACKED_MAX;
	bool more = false;
	l.end = &l.first;
	struct error e = list_volumes(&l, &more);
	if (more)
		emit_damage_at(w->sink, ERR_TRUNCATED, bytes.n, "another volume follows, which is not here");
	if (!rar_unpack_rows(&l, limit, &w->held) || !emit_files(&l))
		return error_at(ERR_BUDGET, OFFSET_NONE, "no memory left for the archive's entries");
	return e;
}

static const struct format_magic rar_magics[] = { MAGIC(RAR4_MAGIC, 0), MAGIC(RAR5_MAGIC, 0), MAGIC_END };

const struct format rar_format = {
	.name = "rar",
	.kind = FORMAT_ARCHIVE,
	.title = "RAR archive, versions 1.5 to 7",
	.spec = "RAR 5.0 archive format",
	.magics = rar_magics,
	.probe = rar_probe,
	.walk = rar_walk,
};
