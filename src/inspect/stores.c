/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Places that keep data, or would: databases, logs, recordings, key stores, key-value stores, mail, contacts, encrypted volumes;
 * and the tables that a program creates when it runs.
 */
#include "inspect/stores.h"
#include "inspect/place.h"

#include <stdio.h>

#define ROWS_MAX 100u
#define LOG_COUNT_MAX ((size_t)4 << 20)
#define JSON_MAX ((size_t)1 << 20)

enum { CREATE_TABLE, CRYPTSETUP, ECRYPTFS, FSCRYPT };

static const struct pattern patterns[] = {
	PATTERN("create table ", PATTERN_LITERAL | PATTERN_CASELESS),
	PATTERN("cryptsetup ", PATTERN_LITERAL),
	PATTERN("-t ecryptfs", PATTERN_LITERAL),
	PATTERN("fscrypt ", PATTERN_LITERAL),
	PATTERN_END,
};

struct store {
	const char *kind;
	int64_t encrypted;
	const char *what;
};

static bool is_documentation(struct text path)
{
	return path_is_documentation(path) || path_is_test(path) || text_has(path, "/include/");
}

/* Stores whose first bytes say what they are. */
static bool by_magic(const struct subject *s, struct store *store)
{
	static const struct {
		uint64_t at;
		const char *magic;
		size_t n;
		struct store store;
	} magics[] = {
		{ 0, "\xfe\xed\xfe\xed\0\0\0", 7, { "keystore", FACT_NULL, "Java key store (JKS)" } },
		{ 0, "\xce\xce\xce\xce\0\0\0", 7, { "keystore", FACT_NULL, "Java key store (JCEKS)" } },
		{ 0, "\x13\x57\x9a\xce", 4, { "key-value", 0, "GNU dbm" } },
		{ 0, "\xce\x9a\x57\x13", 4, { "key-value", 0, "GNU dbm" } },
		{ 0, "\xcd\x9a\x57\x13", 4, { "key-value", 0, "GNU dbm" } },
		{ 0, "\xcf\x9a\x57\x13", 4, { "key-value", 0, "GNU dbm" } },
		{ 12, "\x62\x31\x05\x00", 4, { "key-value", 0, "Berkeley DB, B-tree" } },
		{ 12, "\x61\x15\x06\x00", 4, { "key-value", 0, "Berkeley DB, hash" } },
		{ 12, "\x00\x05\x31\x62", 4, { "key-value", 0, "Berkeley DB, B-tree" } },
		{ 12, "\x00\x06\x15\x61", 4, { "key-value", 0, "Berkeley DB, hash" } },
		{ 0, "TDB file\n", 9, { "key-value", 0, "Trivial Database (Samba)" } },
		{ 16, "\xde\xc0\xef\xbe\x01\0\0\0", 8, { "key-value", 0, "LMDB" } },
		{ 0, "BEGIN:VCARD", 11, { "contacts", 0, "vCard" } },
	};
	for (size_t i = 0; i < sizeof magics / sizeof magics[0]; i++)
		if (span_has(s->bytes, magics[i].at, magics[i].magic, magics[i].n)) {
			/* Java's trust stores hold certificates only: the tag of the first entry tells */
			bool trust = strcmp(magics[i].store.kind, "keystore") == 0 && span_u32be(s->bytes, 12) == 2;
			*store = magics[i].store;
			return !trust;
		}
	return false;
}

static bool ends_with_any(struct text t, const char *const *ends)
{
	for (; *ends; ends++)
		if (text_ends(t, *ends))
			return true;
	return false;
}

/* Stores that their place and name tell. */
static bool by_path(const struct subject *s, struct store *store)
{
	static const char *const media[] = { ".jpg", ".jpeg", ".mp4", ".h264", ".h265", ".264", ".265",
										 ".avi", ".mkv",  ".wav", ".pcm",  ".g711", ".mov", NULL };
	static const char *const places[] = { "/DCIM/",     "/recordings/", "/recording/", "/snapshots/",
										  "/snapshot/", "/record/",     "/voicemail/", "/captures/" };
	struct text path = s->path, base = text_base(path);
	if (s->bytes.n == 0)
		return false;
	for (size_t i = 0; i < sizeof places / sizeof places[0]; i++)
		if (text_has(path, places[i]) && ends_with_any(path, media) && !text_has(path, "/www") &&
			!text_has(path, "/share/")) {
			*store = (struct store){ "media", 0, "a recording" };
			return true;
		}
	if (subject_is_text(s) && (text_has(path, "/var/log/") || (text_ends(path, ".log") && !text_has(path, "/share/") &&
															   !text_has(path, "/lib/") && !text_has(path, "/etc/")))) {
		*store = (struct store){ "log", 0, "a log with entries" };
		return true;
	}
	if (text_is(base, "CURRENT") && span_starts(s->bytes, "MANIFEST-", 9)) {
		*store = (struct store){ "key-value", 0, "LevelDB or RocksDB" };
		return true;
	}
	if ((text_has(path, "/var/mail/") || text_has(path, "/var/spool/mail/")) && span_starts(s->bytes, "From ", 5)) {
		*store = (struct store){ "mail", 0, "a mailbox (mbox)" };
		return true;
	}
	if (text_is(base, "key3.db") || text_is(base, "key4.db")) {
		*store = (struct store){ "keystore", 1, "key database of NSS" };
		return true;
	}
	bool pkcs12 = text_ends(base, ".p12") || text_ends(base, ".pfx");
	if (pkcs12 && span_has(s->bytes, 0, "\x30", 1)) {
		*store = (struct store){ "keystore", 1, "PKCS #12" };
		return true;
	}
	if (text_ends(base, ".bks") &&
		(span_starts(s->bytes, "\0\0\0\1\0\0\0", 7) || span_starts(s->bytes, "\0\0\0\2\0\0\0", 7))) {
		*store = (struct store){ "keystore", 1, "Bouncy Castle key store (BKS)" };
		return true;
	}
	return false;
}

static int64_t count_lines(struct span bytes, const char *begin)
{
	int64_t n = 0;
	size_t length = strlen(begin);
	if (bytes.n > LOG_COUNT_MAX)
		return FACT_NULL;
	for (size_t at = 0; at < bytes.n;) {
		n += span_has(bytes, at, begin, length);
		const uint8_t *end = memchr(bytes.p + at, '\n', bytes.n - at);
		at = end ? (size_t)(end - bytes.p) + 1 : bytes.n;
	}
	return n;
}

static void emit_store(const struct subject *s, struct sink *sink, const struct store *store)
{
	bool log = strcmp(store->kind, "log") == 0, contacts = strcmp(store->kind, "contacts") == 0,
		 mail = strcmp(store->kind, "mail") == 0;
	bool media = strcmp(store->kind, "media") == 0, keys = strcmp(store->kind, "keystore") == 0;
	static const char *const sounds[] = { ".wav", ".pcm", ".g711", NULL }, *const pictures[] = { ".jpg", ".jpeg",
																								 NULL };
	const char *content = contacts ? "contacts identity"
						  : mail   ? "messages"
						  : log    ? "usage"
						  : keys   ? "credentials"
								   : "";
	if (media)
		content = ends_with_any(s->path, sounds) ? "audio" : ends_with_any(s->path, pictures) ? "images" : "video";
	emit_data_store(sink, &(struct fact_data_store){
							  .kind = text_c(store->kind),
							  .content = text_c(content),
							  .evidence = text_c(store->what),
							  .records = log        ? count_lines(s->bytes, "")
										 : contacts ? count_lines(s->bytes, "BEGIN:VCARD")
										 : mail     ? count_lines(s->bytes, "From ")
													: FACT_NULL,
							  .encrypted = store->encrypted,
						  });
}

/* ---- JSON and XML that programs keep ---- */

static bool is_kept(struct text path)
{
	return text_starts(path, "/data/") || text_starts(path, "/userdata/") || text_starts(path, "/var/lib/") ||
		   text_starts(path, "/home/") || text_starts(path, "/root/") || text_starts(path, "/mnt/") ||
		   text_starts(path, "/opt/data/") || text_starts(path, "/var/db/");
}

static bool is_document(const struct subject *s)
{
	return subject_is_text(s) && s->bytes.n <= JSON_MAX && is_kept(s->path) && !text_has(s->path, "/dpkg/") &&
		   !text_has(s->path, "/opkg/") && !text_has(s->path, "/site-packages/") &&
		   (text_ends(s->path, ".json") || text_ends(s->path, ".xml"));
}

/* The names of members and elements: "name": and <name>. */
static void read_document(const struct subject *s, struct sink *sink)
{
	struct text t = text_from_span(s->bytes);
	bool json = text_ends(s->path, ".json");
	stores_kinds all = 0;
	char evidence[STORES_EVIDENCE_MAX];
	int n = 0;
	for (size_t i = 0; i < t.n; i++) {
		if (t.p[i] != (json ? '"' : '<'))
			continue;
		size_t from = ++i;
		while (i < t.n && i - from < 64 && t.p[i] != '"' && t.p[i] != '>' && t.p[i] != ' ' && t.p[i] != '\n')
			i++;
		size_t k = i + 1;
		while (k < t.n && t.p[k] == ' ')
			k++;
		if (i >= t.n || (json && (t.p[i] != '"' || k >= t.n || t.p[k] != ':')))
			continue;
		struct text name = text_of(t.p + from, i - from);
		stores_kinds kinds = stores_kinds_of(name);
		if ((kinds & ~all) && n + (int)name.n + 4 < (int)sizeof evidence)
			n += snprintf(evidence + n, sizeof evidence - (size_t)n, "%s%.*s", n ? ", " : "", (int)name.n, name.p);
		all |= kinds;
	}
	if (!all)
		return;
	emit_data_store(sink,
					&(struct fact_data_store){ .kind = json ? TEXT_LIT("json") : TEXT_LIT("xml"),
											   .content = stores_kinds_text(all, s->arena),
											   .evidence = text_c(arena_strdup(s->arena, text_of(evidence, (size_t)n))),
											   .records = FACT_NULL,
											   .encrypted = 0 });
}

/* ---- what programs and scripts would make ---- */

static struct text line_at(struct span bytes, uint64_t at)
{
	uint64_t from = at, to = at;
	while (from > 0 && at - from < 200 && bytes.p[from - 1] >= ' ' && bytes.p[from - 1] < 0x7f)
		from--;
	while (to < bytes.n && to - at < 200 && bytes.p[to] >= ' ' && bytes.p[to] < 0x7f)
		to++;
	return text_from_span(span_sub(bytes, from, to - from));
}

static void read_hits(const struct subject *s, struct sink *sink)
{
	struct text base = text_base(s->path), seen[ROWS_MAX];
	size_t nseen = 0;
	if (text_starts(base, "libsqlite") || text_starts(base, "sqlite3"))
		return;
	for (size_t i = 0; i < s->nhits && nseen < ROWS_MAX; i++) {
		const struct hit *h = &s->hits[i];
		struct fact_data_store row = { .kind = TEXT_LIT("sql"), .records = FACT_NULL, .encrypted = FACT_NULL };
		if (h->pattern == CREATE_TABLE) {
			struct text sql = text_until_nul(span_clip(s->bytes, h->to, 4096));
			struct stores_table table;
			if (!stores_read_table(sql, &table) || !(stores_table_kinds(&table)) || table.ncolumns < 2)
				continue;
			row.content = stores_kinds_text(stores_table_kinds(&table), s->arena);
			row.evidence = text_c(arena_printf(s->arena, "creates %.*s", (int)stores_table_text(&table, s->arena).n,
											   stores_table_text(&table, s->arena).p));
		} else {
			struct text line = line_at(s->bytes, h->from);
			bool comment = line.n && line.p[0] == '#';
			bool opens = h->pattern != CRYPTSETUP || text_has(line, "open") || text_has(line, "Open") ||
						 text_has(line, "luksFormat") || text_has(line, "create") || text_has(line, "format");
			if (!subject_is_text(s) || comment || !opens ||
				(h->pattern == FSCRYPT && !text_has(line, "fscrypt encrypt") && !text_has(line, "fscrypt setup") &&
				 !text_has(line, "fscrypt unlock")))
				continue;
			row.kind = TEXT_LIT("volume");
			row.content = TEXT_LIT("");
			row.evidence = line;
			row.encrypted = 1;
		}
		bool repeated = false;
		for (size_t k = 0; k < nseen; k++)
			repeated |= text_eq(seen[k], row.evidence);
		if (repeated)
			continue;
		seen[nseen++] = row.evidence;
		emit_data_store(sink, &row);
	}
}

/* name device key options: crypttab(5) */
static void read_crypttab(const struct subject *s, struct sink *sink)
{
	struct text rest = text_from_span(s->bytes);
	for (unsigned rows = 0; rest.n && rows < ROWS_MAX;) {
		const char *end = memchr(rest.p, '\n', rest.n);
		struct text line = text_of(rest.p, end ? (size_t)(end - rest.p) : rest.n);
		rest = text_of(rest.p + line.n, rest.n - line.n);
		rest = text_of(rest.p + (end != NULL), rest.n - (end != NULL));
		if (line.n < 3 || line.p[0] == '#')
			continue;
		rows++;
		emit_data_store(sink, &(struct fact_data_store){ .kind = TEXT_LIT("volume"),
														 .content = TEXT_LIT(""),
														 .evidence = line,
														 .records = FACT_NULL,
														 .encrypted = 1 });
	}
}

static bool is_sqlite(const struct subject *s)
{
	return span_starts(s->bytes, "SQLite format 3", 16);
}

static bool wants(const struct subject *s)
{
	struct store store;
	if (s->kind == ENTRY_SYMLINK || is_documentation(s->path))
		return false;
	return s->nhits > 0 || is_sqlite(s) || by_magic(s, &store) || by_path(s, &store) || is_document(s) ||
		   (subject_is_text(s) && text_ends(s->path, "/crypttab"));
}

static void run(const struct subject *s, struct sink *sink)
{
	struct store store;
	if (is_sqlite(s)) {
		stores_sqlite(s, sink);
		return;
	}
	if (by_magic(s, &store) || by_path(s, &store))
		emit_store(s, sink, &store);
	else if (text_ends(s->path, "/crypttab"))
		read_crypttab(s, sink);
	else if (is_document(s))
		read_document(s, sink);
	read_hits(s, sink);
}

const struct inspector stores_inspector = {
	.name = "stores",
	.title = "places that keep data: databases, logs, recordings, key stores, encrypted volumes",
	.spec = "sqlite.org/fileformat2.html, RFC 6350, crypttab(5), cryptsetup(8)",
	.patterns = patterns,
	.wants = wants,
	.run = run,
};
