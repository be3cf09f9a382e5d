/* SPDX-License-Identifier: GPL-3.0-or-later */
/* DrayTek's images of routers with its own system (.all, .rst). Numbers are big-endian.
 *
 *     0     size of the first section, which ends with a sum       4   version of the boot loader, where the second section is
 *     256   loader, up to the word a55aa55a
 *           size of the system and the system: LZO1X; in later ones the size counts itself, and blocks of LZ4 follow
 *           in later ones "DLM/1.0" and modules, enciphered
 *
 * The second section: its size, that of the file system (draytek_pfs), the file system packed likewise; a sum. A sum is the
 * complement of that of all words before it.
 *
 * Specification: krolinventions/draytools; infobyte/draytek-arsenal draytek_fw.ksy.
 */
#include "format/draytek.h"

#include "format/parts.h"
#include "format/wrapper.h"

#define HEADER 256u
#define LOADER_MAX (256u << 10)
#define SYSTEM_MOST (64u << 20)
#define FILES_MOST (32u << 20)

struct draytek {
	uint64_t first, second; /* where the sections end, with their sums */
	uint64_t system, system_size, loader_end, files, files_size;
};

static uint64_t whole_words(uint64_t n)
{
	return (n + 3) & ~(uint64_t)3;
}

/* Whether the last word is the complement of the sum of the others. */
static bool sum_holds(struct span section)
{
	uint32_t sum = 0;
	for (uint64_t at = 0; at + 4 < section.n; at += 4)
		sum += span_u32be(section, at);
	return section.n > 4 && ~sum == span_u32be(section, section.n - 4);
}

static bool find_system(struct span bytes, struct draytek *d)
{
	struct span loader = span_clip(bytes, HEADER, d->first - HEADER < LOADER_MAX ? d->first - HEADER : LOADER_MAX);
	const uint8_t *mark = loader.n ? memmem(loader.p, loader.n, "\xa5\x5a\xa5\x5a", 4) : NULL;
	if (!mark)
		return false;
	d->loader_end = (uint64_t)(mark - bytes.p);
	d->system = d->loader_end + 8;
	d->system_size = span_u32be(bytes, d->loader_end + 4);
	if (span_has(bytes, d->system, DRAYTEK_LZ4_MAGIC, 4) && d->system_size > 4)
		d->system_size -= 4; /* it counts itself */
	return d->system_size > 16 && d->system + d->system_size <= d->first;
}

static bool draytek_read(struct span bytes, struct draytek *d)
{
	uint32_t size = span_u32be(bytes, 0);
	if (size < 4096 || size >= bytes.n || bytes.n < HEADER)
		return false;
	d->first = whole_words(size);
	d->files = d->first + 8;
	d->files_size = span_u32be(bytes, d->first + 4);
	d->second = d->first + whole_words(span_u32be(bytes, d->first));
	return d->files_size > 16 && d->files + d->files_size + 4 <= d->second && d->second - d->first - d->files_size < 64 && find_system(bytes, d);
}

/* The sum of the first section is that of all of it: nothing else has it. */
static bool draytek_probe(struct span at, struct format_match *match)
{
	struct draytek d;
	if (!draytek_read(at, &d) || !sum_holds(span_sub(at, 0, d.first)))
		return false;
	match->size = d.second;
	match->confidence = 85;
	return true;
}

static struct error unpack(const void *fs, const void *file, struct buf *out)
{
	const struct span *packed = file;
	const size_t *most = fs;
	size_t used;
	if (!span_starts(*packed, DRAYTEK_LZ4_MAGIC, 4))
		return draytek_lzo_unpack(*packed, *most, out);
	struct error e = draytek_lz4_unpack(*packed, out, &used);
	struct span rest = span_from(*packed, used);
	if (!error_is(&e) && !span_is_zero(rest))
		return error_at(ERR_CORRUPT, used, "%zu bytes behind the last block of LZ4 are not read", rest.n);
	return e;
}

static bool emit_packed(struct parts *p, const char *name, uint64_t at, uint64_t size, const size_t *most, const char *format)
{
	static const struct content_ops ops = { .unpack = unpack };
	struct span *packed = ARENA_NEW(p->w->arena, struct span);
	if (!packed || !parts_claim(p, at, size))
		return false;
	*packed = span_clip(p->bytes, at, size);
	struct entry e = entry_new(ENTRY_STREAM, text_c(name));
	e.offset = at;
	e.format = format;
	e.content = (struct content){ .kind = CONTENT_STREAM, .ops = &ops, .fs = most, .file = packed };
	return p->w->child(p->w, &e);
}

static struct error draytek_walk(struct span bytes, struct walk *w)
{
	static const size_t system_most = SYSTEM_MOST, files_most = FILES_MOST;
	struct parts p = { .bytes = bytes, .w = w };
	struct draytek d;
	if (!draytek_read(bytes, &d))
		return error_at(ERR_CORRUPT, 0, "no image of DrayTek's");
	emit_header_field(w->sink, 4, "bootloader_version", "%u", bytes.p[4] >> 4);
	wrapper_check(w, d.first - 4, "checksum", d.first <= bytes.n, sum_holds(span_sub(bytes, 0, d.first)));
	wrapper_check(w, d.second - 4, "checksum of the file system", d.second <= bytes.n, sum_holds(span_sub(bytes, d.first, d.second - d.first)));
	uint64_t behind = d.system + d.system_size, modules = whole_words(behind);
	const uint8_t *dlm = memmem(bytes.p + behind, d.first - behind < 64 ? d.first - behind : 64, "DLM/1.0", 7);
	if (dlm)
		modules = (uint64_t)(dlm - bytes.p);
	if (!parts_emit(&p, TEXT_LIT("loader"), HEADER, d.loader_end - HEADER, NULL) ||
		!emit_packed(&p, "system", d.system, d.system_size, &system_most, NULL))
		return error_none();
	if (dlm) {
		emit_damage_at(w->sink, ERR_ENCRYPTED, modules, "the modules are enciphered, with keys that are not published");
		if (!parts_emit(&p, TEXT_LIT("modules"), modules, d.first - 4 - modules, NULL))
			return error_none();
	}
	(void)emit_packed(&p, "files", d.files, d.files_size, &files_most, "draytek_pfs");
	return error_none();
}

const struct format draytek_format = {
	.name = "draytek",
	.kind = FORMAT_CONTAINER,
	.title = "DrayTek image (.all, .rst)",
	.spec = "krolinventions/draytools; infobyte/draytek-arsenal",
	.at_start = true,
	.probe = draytek_probe,
	.walk = draytek_walk,
};
