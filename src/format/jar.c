/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Specification: JAR File Specification, "Signed JAR File"; Android "APK signing", version 1. */
#include "format/jar.h"

#include "base/buf.h"
#include "base/plural.h"
#include "format/signature.h"
#include "format/zip_signature.h"

#define META "META-INF/"
#define META_MAX ((uint64_t)8 << 20)
/* Unpacked to be digested, in all: more is left to a person. */
#define FILES_MAX ((uint64_t)64 << 20)
#define SIGNERS_MAX 4u
#define ENTRIES_MAX 65536u

struct jar {
	struct walk *w;
	struct span bytes;
	const struct zip_entry *entries;
	size_t nentries;
	struct span manifest;
	struct jar_section main, *sections;
	size_t nsections;
	bool android;
	unsigned schemes; /* that the package is signed by as well */
};

static bool ends_nocase(struct text t, const char *end)
{
	size_t n = strlen(end);
	return t.n > n && strncasecmp(t.p + t.n - n, end, n) == 0;
}

static bool is_meta(struct text name)
{
	return name.n > sizeof META - 1 && strncasecmp(name.p, META, sizeof META - 1) == 0 &&
		   !memchr(name.p + sizeof META - 1, '/', name.n - (sizeof META - 1));
}

/* Manifest, signature files and blocks: not signed themselves. */
static bool is_of_signature(struct text name)
{
	struct text base = text_of(name.p + sizeof META - 1, is_meta(name) ? name.n - (sizeof META - 1) : 0);
	return is_meta(name) && (ends_nocase(name, ".SF") || ends_nocase(name, ".RSA") || ends_nocase(name, ".DSA") ||
							 ends_nocase(name, ".EC") || (base.n > 4 && strncasecmp(base.p, "SIG-", 4) == 0) ||
							 (base.n == 11 && strncasecmp(base.p, "MANIFEST.MF", 11) == 0));
}

/* The bytes of an entry, in `out` where they are packed. False: they can not be had. */
static bool load(struct jar *j, const struct zip_entry *z, uint64_t limit, struct buf *out, struct span *bytes)
{
	struct content c;
	*out = buf_with_limit((size_t)limit + 1);
	if (z->size > limit || !z->data || !zip_content(j->bytes, z, j->w->arena, &c))
		return false;
	*bytes = c.bytes;
	if (c.kind != CONTENT_STREAM)
		return c.kind == CONTENT_SPAN && c.bytes.n == z->packed;
	struct error e = c.ops->unpack(c.fs, c.file, out);
	*bytes = buf_span(out);
	return !error_is(&e);
}

static const struct zip_entry *find_entry(const struct jar *j, struct text stem, const char *end)
{
	for (size_t i = 0; i < j->nentries; i++) {
		struct text name = j->entries[i].name;
		if (name.n == stem.n + strlen(end) && memcmp(name.p, stem.p, stem.n) == 0 && ends_nocase(name, end))
			return &j->entries[i];
	}
	return NULL;
}

/* ---- digests ---- */

/* Why the signature file is none of this manifest and these files; NULL: it is. */
struct outcome {
	const char *wrong;
	bool too_large;
	size_t others; /* files that it does not name */
};

static void check_file(struct jar *j, const struct zip_entry *z, uint64_t *left, struct outcome *o)
{
	const struct jar_section *s = jar_find(j->sections, j->nsections, z->name);
	struct buf out = buf_with_limit(1);
	struct span bytes = SPAN_NONE;
	int n = z->name.n < 100 ? (int)z->name.n : 100;
	if (z->size > *left) {
		o->too_large = true;
		return;
	}
	*left -= z->size;
	if (!s || !load(j, z, z->size, &out, &bytes))
		o->wrong = arena_printf(j->w->arena, "%.*s can not be read, or is not in the manifest", n, z->name.p);
	else if (jar_compare(j->w->arena, s, "", bytes) != JAR_SAME)
		o->wrong = arena_printf(j->w->arena, "%.*s is not what was signed", n, z->name.p);
	buf_free(&out);
}

/* The manifest as a whole, or the sections that the signature file names. */
static bool manifest_is_signed(struct jar *j, const struct jar_section *main, const struct jar_section *v, size_t n)
{
	if (jar_compare(j->w->arena, main, "-Manifest", j->manifest) == JAR_SAME)
		return true;
	if (jar_compare(j->w->arena, main, "-Manifest-Main-Attributes", j->main.whole) == JAR_OTHER)
		return false;
	for (size_t i = 0; i < n; i++) {
		const struct jar_section *s = jar_find(j->sections, j->nsections, v[i].name);
		if (!s || jar_compare(j->w->arena, &v[i], "", s->whole) != JAR_SAME)
			return false;
	}
	return n > 0;
}

/* What else signed the package, by the word of its signature file: a block that is not there was taken out. */
static bool is_stripped(struct jar *j, const struct jar_section *main)
{
	struct text said = jar_attribute(j->w->arena, main->whole, "X-Android-APK-Signed"), id;
	for (size_t i = 0, n; i < said.n; i += n + 1) {
		for (n = 0; i + n < said.n && said.p[i + n] != ','; n++)
			;
		id = text_trim(text_of(said.p + i, n), " \t");
		if ((text_is(id, "2") && !(j->schemes & ZIP_SCHEME_2)) || (text_is(id, "3") && !(j->schemes & ZIP_SCHEME_3)))
			return true;
	}
	return false;
}

static struct outcome check(struct jar *j, struct span file)
{
	struct outcome o = { .wrong = NULL };
	struct jar_section main, *v;
	size_t n = 0;
	uint64_t left = FILES_MAX;
	if (!jar_sections(j->w->arena, file, &main, &v, &n))
		o.wrong = "the signature file can not be read";
	else if (!manifest_is_signed(j, &main, v, n))
		o.wrong = "the manifest is not what was signed";
	else if (is_stripped(j, &main))
		o.wrong = "it says that a later version signed the package, too, and that signature was taken out";
	for (size_t i = 0; i < j->nentries && !o.wrong && !o.too_large; i++) {
		const struct zip_entry *z = &j->entries[i];
		if (!z->name.n || text_ends(z->name, "/") || is_of_signature(z->name))
			continue;
		if (jar_find(v, n, z->name))
			check_file(j, z, &left, &o);
		else
			o.others++;
	}
	/* Java takes what is not signed for what it is; Android takes no such package. */
	if (!o.wrong && j->android && o.others)
		o.wrong = arena_printf(j->w->arena, "%zu %s of the package %s not signed", o.others,
							   plural(o.others, "file", "files"), plural(o.others, "is", "are"));
	return o;
}

/* ---- rows ---- */

static void report(struct jar *j, const struct zip_entry *z, struct span file, struct span block)
{
	struct signature_cms cms;
	struct outcome o = check(j, file);
	signature_cms_verify(block, file, &cms);
	cms.scheme = "jar";
	if (o.wrong || o.too_large) {
		cms.state = o.wrong ? SIGNATURE_INVALID : SIGNATURE_UNSUPPORTED;
		cms.detail = o.wrong ? o.wrong : "the files are too large to be digested";
		cms.signer.method = cms.issuer.method = NULL;
	} else if (o.others) {
		cms.detail = arena_printf(j->w->arena, "%s; %zu %s not signed", cms.detail, o.others,
								  plural(o.others, "file is", "files are"));
	}
	signature_report_cms(j->w->sink, z->data, arena_printf(j->w->arena, "files by %.*s", (int)z->name.n, z->name.p),
						 &cms);
}

static void take_signature_file(struct jar *j, const struct zip_entry *z)
{
	static const char *const ends[] = { ".RSA", ".EC", ".DSA" };
	struct text stem = text_of(z->name.p, z->name.n - 3);
	const struct zip_entry *block = NULL;
	struct buf file_out, block_out;
	struct span file, bytes;
	for (size_t i = 0; i < sizeof ends / sizeof ends[0] && !block; i++)
		block = find_entry(j, stem, ends[i]);
	if (!block) {
		signature_report_plain(j->w->sink, z->data, "jar", "files of the archive", NULL, SIGNATURE_ABSENT,
							   "a signature file without the block that signs it");
		return;
	}
	bool ok = load(j, z, META_MAX, &file_out, &file);
	ok = load(j, block, META_MAX, &block_out, &bytes) && ok;
	if (ok)
		report(j, z, file, bytes);
	else
		emit_damage_at(j->w->sink, ERR_CORRUPT, z->data, "a signature file or its block can not be unpacked");
	buf_free(&file_out);
	buf_free(&block_out);
}

/* The entries, where one of them is a signature file; NULL: none is, or there are too many. */
static struct zip_entry *read_entries(struct arena *arena, struct span bytes, const uint64_t central[2], int64_t shift,
									  size_t *n)
{
	struct zip_entry z;
	bool is_signed = false;
	size_t count = 0;
	for (uint64_t at = central[0]; at < central[1] && zip_central_read(bytes, at, &z); at = z.next, count++)
		is_signed |= is_meta(z.name) && ends_nocase(z.name, ".SF");
	struct zip_entry *v = is_signed && count <= ENTRIES_MAX ? ARENA_ARRAY(arena, struct zip_entry, count) : NULL;
	*n = 0;
	for (uint64_t at = central[0]; v && *n < count && zip_central_read(bytes, at, &z); at = z.next) {
		z.data = zip_data_of(bytes, (uint64_t)((int64_t)z.local_at + shift), &z, &(struct zip_differences){ 0 });
		v[(*n)++] = z;
	}
	return v;
}

void jar_report_signatures(struct walk *w, struct span bytes, uint64_t central, uint64_t central_end, int64_t shift,
						   unsigned schemes)
{
	struct jar j = { .w = w, .bytes = bytes, .schemes = schemes };
	const uint64_t directory[2] = { central, central_end };
	j.entries = read_entries(w->arena, bytes, directory, shift, &j.nentries);
	const struct zip_entry *manifest = find_entry(&j, TEXT_LIT(META "MANIFEST"), ".MF");
	struct buf out;
	unsigned signers = 0;
	if (!manifest)
		return;
	j.android = find_entry(&j, TEXT_LIT("AndroidManifest"), ".xml") != NULL;
	if (load(&j, manifest, META_MAX, &out, &j.manifest) &&
		jar_sections(w->arena, j.manifest, &j.main, &j.sections, &j.nsections))
		for (size_t i = 0; i < j.nentries && signers < SIGNERS_MAX; i++)
			if (is_meta(j.entries[i].name) && ends_nocase(j.entries[i].name, ".SF")) {
				take_signature_file(&j, &j.entries[i]);
				signers++;
			}
	buf_free(&out);
}
