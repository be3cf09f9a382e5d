/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whether bills of materials are all the software that a case has.
 *
 * They are where no component was found, and each file (what nothing was taken out of) is a bill, a statement, or a document that
 * goes with bills in an archive or a folder: a README, a licence, a manual, a signature, a list of digests. A document is known by its
 * name and by the kind of its bytes: a program is none, whatever it is called. In a file system there are no documents: there they are
 * a part of the product. What could not be read may be anything, an image as well. */
#include <string.h>
#include <strings.h>

#include "base/words.h"
#include "case/declared.h"
#include "sql/sql.h"

#define SIGNATURE_MAX 65536 /* bytes: the largest, of CMS with its certificates, have a few thousand */
#define DEPTH_MAX 16

static const char bills_sql[] =
	"SELECT EXISTS (SELECT 1 FROM declared_component d JOIN blob b ON b.id = d.blob_id JOIN input i ON i.id = b.input_id"
	"  WHERE i.kind = 'firmware' AND d.kind IS NOT 'available')"
	" AND NOT EXISTS (SELECT 1 FROM component)";

/* Of a file that is no container itself only what was found in it has rows of its own, the rest of it has none. */
static const char others_sql[] =
	"SELECT b.path, b.format, b.size, b.parent_id, b.kind FROM blob b JOIN input i ON i.id = b.input_id WHERE i.kind = 'firmware'"
	"  AND b.kind IN ('input', 'region', 'stream', 'file')"
	"  AND (b.id NOT IN (SELECT parent_id FROM blob WHERE parent_id IS NOT NULL)"
	"       OR (b.kind = 'file' AND b.format IN ('data', 'text', 'elf', 'mach-o', 'script')))"
	"  AND b.id NOT IN (SELECT blob_id FROM declared_component) AND b.id NOT IN (SELECT blob_id FROM declared_statement)";

/* In a place that was lost may have been software: in what holds several files, and of what no more is known than its name. A text is a
 * text, damaged or not, a bill as well, but not an image that begins with a bill; a stream has one file in it. */
static const char lost_sql[] =
	"SELECT EXISTS (SELECT 1 FROM damage d JOIN blob b ON b.id = d.blob_id JOIN input i ON i.id = b.input_id WHERE i.kind = 'firmware'"
	"  AND b.format NOT IN ('text', 'gzip', 'xz', 'zstd', 'bzip2', 'lzma', 'lzip', 'lz4', 'compress'))";

static const char container_sql[] = "SELECT parent_id, path, format FROM blob WHERE id = ?1";
static const char beside_sql[] = "SELECT 1 FROM blob WHERE path = ?1 AND parent_id = ?2 AND kind = 'file'";

/* A bill of a file called *.spdx.json in the archive ?1. */
static const char spdx_sql[] = "SELECT 1 FROM blob b WHERE b.parent_id = ?1 AND b.path GLOB '*.spdx.json'"
							   " AND EXISTS (SELECT 1 FROM declared_component d WHERE d.blob_id = b.id)";

struct other {
	struct text name, path; /* the name without its folder */
	bool is_text, is_data;  /* neither: a program, a script, an image ... */
	int64_t size, parent;
};

struct looking {
	sqlite3 *db;
	sqlite3_stmt *container, *beside, *spdx;
};

/* "txt" of "README.txt"; nothing where there is no point. */
static struct text ending(struct text name)
{
	size_t at = name.n;
	while (at && name.p[at - 1] != '.')
		at--;
	return at ? text_of(name.p + at, name.n - at) : TEXT_NONE;
}

/* By its ending, or by the first word of its name: README.de, LICENSE.busybox, but not license.lua. */
static bool is_called_a_document(struct text name)
{
	static const char *const words[] = { "readme",    "license",      "licence",      "licenses",   "licences", "copying",
										 "copyright", "notice",       "notices",      "changelog",  "changes",  "news",
										 "authors",   "contributors", "contributing", "disclaimer", "eula",     "terms",
										 "sha1sums",  "sha256sums",   "sha512sums",   "md5sums",    "checksums" };
	static const char *const endings[] = { "txt", "md", "markdown", "rst", "adoc", "asciidoc", "html", "htm", "rtf", "csv", "md5",
										   "sha1", "sha224", "sha256", "sha384", "sha512", "md5sum", "sha1sum", "sha256sum", "sha512sum",
										   "asc", "sig", "minisig", "pem", "crt", "cer", "pub", "sigstore", "bundle" };
	static const char *const programs[] = { "c", "h", "cc", "cpp", "hpp", "py", "js", "mjs", "ts", "lua", "sh", "bash", "ash",
										  "php", "pl", "pm", "rb", "go", "rs", "s", "asm", "asp", "jsp", "cgi", "tcl", "awk",
										  "ps1", "bat", "cmd", "vbs", "java", "class", "cs", "hex", "ihex", "srec", "s19",
										  "mot", "bin", "img", "fw", "dts", "svg", "xml", "conf", "cfg", "ini", "json",
										  "yaml", "yml", "service", "mk", "cmake", "sql", "m4", "ino" };
	size_t n = 0;
	while (n < name.n && !strchr(".-_ ", name.p[n]))
		n++;
	struct text last = ending(name);
	return TEXT_IS_ANY_OF_NOCASE(last, endings) ||
		   (TEXT_IS_ANY_OF_NOCASE(text_of(name.p, n), words) && !TEXT_IS_ANY_OF_NOCASE(last, programs));
}

static bool is_there(struct looking *l, struct text path, int64_t parent)
{
	sqlite3_bind_text64(l->beside, 1, path.p, path.n, SQLITE_STATIC, SQLITE_UTF8);
	sqlite3_bind_int64(l->beside, 2, parent);
	bool is = sqlite3_step(l->beside) == SQLITE_ROW;
	sqlite3_reset(l->beside);
	return is;
}

/* "bom.json.sig", "bom.json.sigstore.json" of the "bom.json" beside it. */
static bool is_signature_of_another(struct looking *l, const struct other *o)
{
	static const char *const endings[] = { "sig", "sign", "gpg", "pgp", "p7s", "p7b", "cms", "tsr", "cer", "crt", "der", "ots" };
	static const char *const bundles[] = { ".sigstore.json", ".bundle.json", ".sig.json" };
	struct text end = ending(o->name);
	if (o->size > SIGNATURE_MAX)
		return false;
	for (size_t i = 0; i < sizeof bundles / sizeof bundles[0]; i++)
		if (o->is_text && text_ends(o->path, bundles[i]))
			return is_there(l, text_of(o->path.p, o->path.n - strlen(bundles[i])), o->parent);
	return TEXT_IS_ANY_OF_NOCASE(end, endings) && is_there(l, text_of(o->path.p, o->path.n - end.n - 1), o->parent);
}

/* Yocto's archive of SPDX 2 has a document for each recipe and package, and index.json, which says which file is which document. */
static bool is_index_of_bills(struct looking *l, const struct other *o)
{
	if (!o->is_text || !text_is(o->name, "index.json"))
		return false;
	sqlite3_bind_int64(l->spdx, 1, o->parent);
	bool is = sqlite3_step(l->spdx) == SQLITE_ROW;
	sqlite3_reset(l->spdx);
	return is;
}

/* What file managers leave in a folder. */
static bool is_litter(const struct other *o)
{
	static const char *const names[] = { ".ds_store", "thumbs.db", "desktop.ini" };
	return o->size <= SIGNATURE_MAX && (TEXT_IS_ANY_OF_NOCASE(o->name, names) || text_starts(o->name, "._"));
}

/* Whether all that it lies in are archives, folders and streams of archives. *office: one of them is a document itself. */
static bool lies_in_an_archive(struct looking *l, int64_t id, bool *office)
{
	static const char *const formats[] = { "zip", "tar", "7z", "cab", "xar", "directory", "gzip", "xz", "zstd", "bzip2", "lzma", "lzip", "compress" };
	static const char *const documents[] = { "docx", "xlsx", "odt", "ods" };
	bool is = id > 0;
	for (int depth = 0; is && id > 0; depth++) {
		sqlite3_bind_int64(l->container, 1, id);
		is = depth < DEPTH_MAX && sqlite3_step(l->container) == SQLITE_ROW && TEXT_IS_ANY_OF_NOCASE(sql_text(l->container, 2), formats);
		id = is ? sqlite3_column_int64(l->container, 0) : 0;
		*office |= is && TEXT_IS_ANY_OF_NOCASE(ending(text_base(sql_text(l->container, 1))), documents);
		sqlite3_reset(l->container);
	}
	return is;
}

static bool is_document(struct looking *l, sqlite3_stmt *s)
{
	struct text format = sql_text(s, 1);
	struct other o = { .path = sql_text(s, 0), .size = sqlite3_column_int64(s, 2), .parent = sqlite3_column_int64(s, 3) };
	bool office = false;
	o.name = text_base(o.path);
	o.is_text = text_is(format, "text") || text_is(format, "empty");
	o.is_data = text_is(format, "data");
	if ((!o.is_text && !o.is_data) || !text_is(sql_text(s, 4), "file") || !lies_in_an_archive(l, o.parent, &office))
		return false;
	return office || o.size == 0 || is_litter(&o) || (o.is_text && is_called_a_document(o.name)) ||
		   is_signature_of_another(l, &o) || is_index_of_bills(l, &o) || text_ends(o.name, ".pdf");
}

static bool only_documents(sqlite3 *db)
{
	struct looking l = { .db = db };
	sqlite3_stmt *s = NULL;
	bool is = sqlite3_prepare_v2(db, others_sql, -1, &s, NULL) == SQLITE_OK &&
			  sqlite3_prepare_v2(db, container_sql, -1, &l.container, NULL) == SQLITE_OK &&
			  sqlite3_prepare_v2(db, beside_sql, -1, &l.beside, NULL) == SQLITE_OK &&
			  sqlite3_prepare_v2(db, spdx_sql, -1, &l.spdx, NULL) == SQLITE_OK;
	int r = is ? SQLITE_ROW : SQLITE_ERROR;
	while (is && (r = sqlite3_step(s)) == SQLITE_ROW)
		is = is_document(&l, s);
	sqlite3_finalize(s);
	sqlite3_finalize(l.container);
	sqlite3_finalize(l.beside);
	sqlite3_finalize(l.spdx);
	return is && r == SQLITE_DONE;
}

static bool yes(sqlite3 *db, const char *sql)
{
	sqlite3_stmt *s = NULL;
	bool is = sqlite3_prepare_v2(db, sql, -1, &s, NULL) == SQLITE_OK && sqlite3_step(s) == SQLITE_ROW && sqlite3_column_int(s, 0) == 1;
	sqlite3_finalize(s);
	return is;
}

bool declared_is_all(sqlite3 *db)
{
	return yes(db, bills_sql) && !yes(db, lost_sql) && only_documents(db);
}

bool declared_alone(sqlite3 *db)
{
	if (yes(db, "SELECT EXISTS (SELECT 1 FROM software)"))
		return yes(db, "SELECT EXISTS (SELECT 1 FROM software WHERE evidence_kind = 'declared')");
	return declared_is_all(db); /* a bill all of whose components are left out */
}
