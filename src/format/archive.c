/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Archives that libarchive reads.
 *
 * libarchive reads an archive once, from its beginning to its end, and a solid one cannot be entered in the middle: the
 * entries are unpacked during the walk, within a limit.
 */
#include "format/archive.h"

#include <archive_entry.h>
#include <errno.h>
#include <iconv.h>
#include <locale.h>
#include <pthread.h>

#include "base/hash.h"
#include "format/path.h"
#include "format/unpacked.h"

/* Bytes that all entries of one archive may unpack to. */
#define UNPACKED_MAX ((uint64_t)192 << 20)
#define CHUNK (256u << 10)
#define ENTRIES_MAX 1000000u

/* libarchive turns UTF-16 names into the locale's encoding: with a UTF-8 locale by itself, otherwise with iconv(3),
 * which loads modules that a confined worker cannot open. So the locale is loaded before, and used by the threads that
 * walk. Where it is not installed, such names are lost, which is reported. */
static locale_t utf8_locale;
/* The conversions to UTF-8 that help may ask for. Kept open, so that opening one again finds its module in memory. */
static struct {
	const char *charset;
	iconv_t kept;
} conversions[] = { { ARCHIVE_JAPANESE, (iconv_t)-1 }, { ARCHIVE_AS_WRITTEN, (iconv_t)-1 } };
#define CONVERSIONS (sizeof conversions / sizeof conversions[0])

static void load_utf8_locale(void)
{
	for (size_t i = 0; i < CONVERSIONS; i++)
		conversions[i].kept = iconv_open("UTF-8", conversions[i].charset);
	utf8_locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
}

void archive_prepare(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	pthread_once(&once, load_utf8_locale);
}

bool archive_can_convert(const char *charset)
{
	archive_prepare();
	for (size_t i = 0; i < CONVERSIONS && utf8_locale; i++)
		if (strcmp(charset, conversions[i].charset) == 0)
			return conversions[i].kept != (iconv_t)-1;
	return false;
}

/* Children are told when all is unpacked: so each finds the same memory left. */
struct listed {
	struct entry e;
	struct listed *next;
};

struct extraction {
	struct walk *w;
	struct archive *archive;
	const struct archive_help *help;
	unsigned number; /* of the entry at hand */
	struct path_buffer path, same_as;
	uint64_t limit, unpacked;
	struct listed *first, **end;
	bool broken; /* an entry could not be read to its end: libarchive must not be asked again, it crashes on some */
};

/* What came out of an entry, and why no more. */
struct held {
	struct unpacked unpacked;
	struct buf bytes;
};

static void free_held(void *p)
{
	buf_free(&((struct held *)p)->bytes);
}

static struct error archive_failure(struct archive *a, enum error_code code)
{
	const char *text = archive_error_string(a);
	if (archive_format(a) && archive_read_has_encrypted_entries(a) > 0) /* it crashes before a format is chosen */
		code = ERR_ENCRYPTED;
	return error_at(code, OFFSET_NONE, "%s", text ? text : "the archive cannot be read");
}

/* The reader of XAR counts offsets on from one entry to the next: archive_read_data() would fill what seems to be a
 * gap. */
static ssize_t read_xar(struct extraction *x, struct buf *out)
{
	const void *block;
	size_t n;
	la_int64_t offset;
	int r = archive_read_data_block(x->archive, &block, &n, &offset);
	if (r == ARCHIVE_EOF)
		return 0;
	if (r < ARCHIVE_WARN)
		return r;
	return buf_add(out, block, n) ? ARCHIVE_FATAL : (ssize_t)n;
}

/* Whether the reader of LHA is behind the entry all the same, and the next one can be read: it warns of a method that it does not
 * know, and of a wrong CRC. */
static bool is_lha_warning(struct archive *a, ssize_t r)
{
	return r == ARCHIVE_WARN && archive_format(a) == ARCHIVE_FORMAT_LHA;
}

static struct error read_data(struct extraction *x, struct archive_entry *ae, struct buf *out)
{
	if (archive_entry_is_data_encrypted(ae))
		return error_at(ERR_ENCRYPTED, OFFSET_NONE, "the entry is encrypted");
	for (;;) {
		if (buf_reserve(out, CHUNK)) {
			x->broken = true; /* passing over the rest would unpack it all the same */
			return error_at(ERR_BUDGET, OFFSET_NONE, "the archive unpacks to more than %llu bytes",
							(unsigned long long)x->limit);
		}
		bool xar = archive_format(x->archive) == ARCHIVE_FORMAT_XAR;
		ssize_t n = xar ? read_xar(x, out) : archive_read_data(x->archive, out->p + out->n, CHUNK);
		if (n < 0 && is_lha_warning(x->archive, n)) /* ARCHIVE_ERRNO_FILE_FORMAT is of the method, ARCHIVE_ERRNO_MISC of the CRC */
			return archive_failure(x->archive, archive_errno(x->archive) == EILSEQ ? ERR_UNSUPPORTED : ERR_CORRUPT);
		if (n < 0) {
			x->broken = true;
			return archive_failure(x->archive, ERR_CORRUPT);
		}
		if (n == 0)
			return error_none();
		out->n += xar ? 0 : (size_t)n;
	}
}

static enum error_code set_content(struct extraction *x, struct archive_entry *ae, struct entry *e)
{
	struct held *u = ARENA_NEW(x->w->arena, struct held);
	if (!u || !arena_defer(x->w->arena, free_held, u))
		return ERR_BUDGET;
	u->bytes = buf_with_limit((size_t)(x->limit - x->unpacked) + CHUNK);
	u->bytes.meter = x->w->meter;
	u->unpacked.error = read_data(x, ae, &u->bytes);
	if (u->unpacked.error.code == ERR_UNSUPPORTED && x->help->unpack && !u->bytes.n)
		u->unpacked.error = x->help->unpack(x->help->context, x->number, &u->bytes);
	if (u->bytes.n)
		buf_trim(&u->bytes);
	x->unpacked += u->bytes.n < x->limit - x->unpacked ? u->bytes.n : x->limit - x->unpacked;
	u->unpacked.bytes = buf_span(&u->bytes);
	unpacked_content(e, &u->unpacked);
	return ERR_NONE;
}

static enum entry_kind kind_of(struct archive_entry *ae)
{
	switch (archive_entry_filetype(ae)) {
	case AE_IFDIR:
		return ENTRY_DIRECTORY;
	case AE_IFLNK:
		return ENTRY_SYMLINK;
	case AE_IFCHR:
		return ENTRY_CHAR_DEVICE;
	case AE_IFBLK:
		return ENTRY_BLOCK_DEVICE;
	case AE_IFIFO:
		return ENTRY_FIFO;
	case AE_IFSOCK:
		return ENTRY_SOCKET;
	default:
		return ENTRY_FILE;
	}
}

/* A name as it is written in the archive, where it was turned into UTF-8 letter by letter so that no byte is lost. */
static struct text as_written(struct extraction *x, const char *name)
{
	struct text t = text_c(name);
	if (!name || !x->help->charset || strcmp(x->help->charset, ARCHIVE_AS_WRITTEN) != 0)
		return t;
	char *bytes = arena_strdup(x->w->arena, t);
	size_t n = 0;
	for (size_t i = 0; bytes && i < t.n; i++) {
		uint8_t b = (uint8_t)t.p[i];
		bytes[n++] = (b == 0xc2 || b == 0xc3) && i + 1 < t.n ? (char)(b << 6 | ((uint8_t)t.p[++i] & 0x3f)) : (char)b;
	}
	return bytes ? text_of(bytes, n) : t;
}

static struct text path_of(struct extraction *x, struct archive_entry *ae, unsigned number)
{
	const char *name = archive_entry_pathname(ae);
	if (name)
		return path_from_root(&x->path, as_written(x, name));
	return path_of_nameless(&x->path, number, ERR_UNSUPPORTED, OFFSET_NONE, x->w->sink);
}

static bool keep_text(struct arena *a, struct text *t)
{
	return !t->p || (t->p = arena_strdup(a, *t)) != NULL;
}

static bool list_entry(struct extraction *x, const struct entry *e)
{
	struct listed *l = ARENA_NEW(x->w->arena, struct listed);
	if (!l)
		return false;
	l->e = *e;
	if (!keep_text(x->w->arena, &l->e.path) || !keep_text(x->w->arena, &l->e.same_as) || !keep_text(x->w->arena, &l->e.link_target))
		return false;
	*x->end = l;
	x->end = &l->next;
	return true;
}

/* Lists one entry; false when the memory is used up. */
static bool entry_read(struct extraction *x, struct archive_entry *ae, unsigned number, struct error *error)
{
	struct entry e = { ENTRY_INIT, .kind = kind_of(ae), .path = path_of(x, ae, number) };
	const char *hard_link = archive_entry_hardlink(ae);
	e.mode = archive_entry_perm(ae);
	e.uid = archive_entry_uid(ae);
	e.gid = archive_entry_gid(ae);
	e.mtime = archive_entry_mtime_is_set(ae) ? archive_entry_mtime(ae) : FACT_NULL;
	enum error_code code = e.path.p ? ERR_NONE : ERR_BUDGET;
	if (hard_link) {
		e.kind = ENTRY_FILE;
		e.same_as = path_from_root(&x->same_as, as_written(x, hard_link));
		code = e.same_as.p ? code : ERR_BUDGET;
	} else if (e.kind == ENTRY_FILE && !code) {
		code = set_content(x, ae, &e);
	}
	if (e.kind == ENTRY_SYMLINK)
		e.link_target = as_written(x, archive_entry_symlink(ae));
	if (e.kind == ENTRY_CHAR_DEVICE || e.kind == ENTRY_BLOCK_DEVICE)
		e.device = (int64_t)((uint64_t)archive_entry_rdevmajor(ae) << 32 | (uint32_t)archive_entry_rdevminor(ae));
	if (!code && !entry_is_root(&e) && !list_entry(x, &e))
		code = ERR_BUDGET;
	if (code)
		*error = error_at(code, OFFSET_NONE, "no memory left for the archive's entries");
	return !code;
}

static struct error read_entries(struct extraction *x)
{
	struct error error = error_none();
	struct archive_entry *ae;
	for (unsigned number = 1; number < ENTRIES_MAX; number++) {
		errno = 0; /* libarchive takes what stands there for its own, and ends the process where that is a lack of memory */
		int r = archive_read_next_header(x->archive, &ae);
		if (r == ARCHIVE_EOF)
			return error;
		if (r < ARCHIVE_WARN)
			return archive_failure(x->archive, ERR_CORRUPT);
		x->number = number;
		if (!entry_read(x, ae, number, &error))
			return error;
		if (x->broken)
			return error_at(ERR_UNSUPPORTED, OFFSET_NONE,
							"what follows entry %u, which could not be read whole, is not read", number);
	}
	return error_at(ERR_BUDGET, OFFSET_NONE, "the archive has more than %u entries", ENTRIES_MAX);
}

struct error archive_walk(struct span bytes, struct walk *w, int (*enable)(struct archive *))
{
	return archive_walk_helped(bytes, w, enable, &(struct archive_help){ .format = NULL });
}

struct error archive_walk_helped(struct span bytes, struct walk *w, int (*enable)(struct archive *), const struct archive_help *help)
{
	struct extraction x = { .w = w, .help = help, .path = { .arena = w->arena }, .same_as = { .arena = w->arena } };
	x.archive = archive_read_new();
	x.limit = w->room && w->room < UNPACKED_MAX ? w->room : UNPACKED_MAX;
	x.end = &x.first;
	if (!x.archive)
		return error_at(ERR_MEMORY, 0, "no memory for the archive reader");
	archive_prepare();
	locale_t before = utf8_locale ? uselocale(utf8_locale) : (locale_t)0;
	struct error error;
	if (enable(x.archive) < ARCHIVE_WARN ||
		(help->charset && archive_read_set_format_option(x.archive, help->format, "hdrcharset", help->charset) < ARCHIVE_WARN) ||
		archive_read_open_memory(x.archive, bytes.p, bytes.n) != ARCHIVE_OK)
		error = archive_failure(x.archive, ERR_CORRUPT);
	else
		error = read_entries(&x);
	if (help->tells_end && !error_is(&error))
		w->end = (uint64_t)archive_filter_bytes(x.archive, 0);
	archive_read_free(x.archive);
	if (utf8_locale)
		uselocale(before);
	w->held = x.unpacked;
	for (const struct listed *l = x.first; l && w->child(w, &l->e);)
		l = l->next;
	return error;
}
