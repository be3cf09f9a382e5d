/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the facts of the case say of the image as a whole. */
#include <stdlib.h>

#include "base/purl.h"
#include "base/sort.h"
#include "case/case.h"
#include "vuln/internal.h"

#define SOFTWARE_MAX 100000u
#define NAMES_MAX 200000u

static int by_text(const void *a, const void *b)
{
	const struct text *x = a, *y = b;
	size_t n = x->n < y->n ? x->n : y->n;
	int c = n ? memcmp(x->p, y->p, n) : 0;
	return c ? c : (x->n > y->n) - (x->n < y->n);
}

bool sorted_has(const struct text *v, size_t n, struct text name)
{
	return n && bsearch(&name, v, n, sizeof *v, by_text) != NULL;
}

static bool has_table(sqlite3 *db, const char *name)
{
	sqlite3_stmt *s = NULL;
	bool has = sqlite3_prepare_v2(db, "SELECT 1 FROM sqlite_master WHERE type IN ('table', 'view') AND name = ?", -1,
								  &s, NULL) == SQLITE_OK;
	if (has) {
		sqlite3_bind_text(s, 1, name, -1, SQLITE_STATIC);
		has = sqlite3_step(s) == SQLITE_ROW;
	}
	sqlite3_finalize(s);
	return has;
}

/* The texts of a query's only column, sorted. */
static struct text *texts(struct matcher *m, const char *sql, size_t *n)
{
	sqlite3_stmt *s = prepare(m, m->db, sql);
	size_t cap = 64;
	struct text *v = ARENA_ARRAY(m->arena, struct text, cap);
	*n = 0;
	while (s && v && *n < NAMES_MAX && sqlite3_step(s) == SQLITE_ROW) {
		if (*n == cap) {
			struct text *more = ARENA_ARRAY(m->arena, struct text, cap * 2);
			if (!more)
				break;
			memcpy(more, v, cap * sizeof *v);
			v = more;
			cap *= 2;
		}
		struct text t = column_text(m->arena, s, 0);
		if (t.n)
			v[(*n)++] = t;
	}
	sqlite3_finalize(s);
	struct text *spare = ARENA_ARRAY(m->arena, struct text, *n + 1);
	if (!v || !spare)
		*n = 0;
	else
		sort_stable(v, spare, *n, sizeof *v, by_text);
	return v;
}

static bool yes(struct matcher *m, const char *sql)
{
	sqlite3_stmt *s = prepare(m, m->db, sql);
	bool is = s && sqlite3_step(s) == SQLITE_ROW && sqlite3_column_int(s, 0) > 0;
	sqlite3_finalize(s);
	return is;
}

static void add_key(struct software *s, struct text key)
{
	for (size_t i = 0; i < s->nkeys; i++)
		if (text_eq(s->keys[i], key))
			return;
	if (s->nkeys < KEYS_MAX && key.n)
		s->keys[s->nkeys++] = key;
}

/* The two as one, the second at most as long as a name is. */
static struct text key_of(struct arena *a, const char *prefix, struct text t)
{
	size_t n = strlen(prefix), rest = t.n < 400 ? t.n : 400;
	char *copy = arena_alloc(a, n + rest + 1, 1);
	if (!copy)
		return TEXT_NONE;
	memcpy(copy, prefix, n);
	if (rest)
		memcpy(copy + n, t.p, rest);
	return text_of(copy, n + rest);
}

static struct text lower(struct arena *a, const char *prefix, struct text t)
{
	struct text key = key_of(a, prefix, t);
	for (char *p = (char *)key.p + (key.p ? strlen(prefix) : 0); p && p < key.p + key.n; p++)
		*p = *p >= 'A' && *p <= 'Z' ? (char)(*p | 32) : *p;
	return key;
}

/* "2.03.16-2" of "?upstream=lvm2@2.03.16-2", with which the source of a package has another version than it. */
static struct text source_version(struct arena *a, const struct software *s)
{
	struct purl purl;
	if (!text_has(s->purl, "upstream=") || !purl_parse(s->purl, &purl, a))
		return TEXT_NONE;
	struct text source = purl_get(&purl, "upstream");
	const char *at = source.n ? memchr(source.p, '@', source.n) : NULL;
	bool ours = at && text_eq(text_of(source.p, (size_t)(at - source.p)), s->source_package);
	return ours ? text_of(at + 1, source.n - (size_t)(at + 1 - source.p)) : TEXT_NONE;
}

/* Records about distributions name source packages. */
static void add_source_key(struct arena *a, struct software *s, struct text key)
{
	static const char *const types[] = { "deb/", "apk/", "rpm/" };
	const char *slash = memrchr(key.p, '/', key.n);
	for (size_t i = 0; slash && i < sizeof types / sizeof types[0]; i++) {
		size_t head = (size_t)(slash + 1 - key.p);
		if (!text_starts(key, types[i]) || !s->source_package.n || s->source_package.n > 200)
			continue;
		char *copy = arena_printf(a, "purl:%.*s%.*s", (int)head, key.p, T(s->source_package));
		add_key(s, copy ? text_c(copy) : TEXT_NONE);
		s->source_version = source_version(a, s);
	}
}

/* A program or a system by vendor and product in words, as trees of CSAF without a helper have them: "name:acme corp:router firmware" of
 * "cpe:o:acme_corp:router_firmware". */
static void add_words(struct arena *a, struct software *s)
{
	size_t n = s->nkeys;
	for (size_t i = 0; i < n; i++) {
		struct text key = s->keys[i];
		if (!text_starts(key, "cpe:a:") && !text_starts(key, "cpe:o:"))
			continue;
		char *name = arena_printf(a, "name:%.*s", (int)(key.n - 6), key.p + 6);
		add_key(s, name ? text_c(name) : TEXT_NONE);
		char *blanks = name && strchr(name, '_') ? arena_strdup(a, text_c(name)) : NULL;
		for (char *c = blanks; c && *c; c++)
			*c = *c == '_' ? ' ' : *c;
		add_key(s, blanks ? text_c(blanks) : TEXT_NONE);
	}
}

/* "vendor:product" and "o:vendor:product", with spaces between, and the purl without its version: how criteria are
 * looked up. */
static void read_keys(struct arena *a, struct software *s, struct text cpe)
{
	bool given = cpe.n > 0;
	while (cpe.n) {
		const char *space = memchr(cpe.p, ' ', cpe.n);
		struct text item = text_of(cpe.p, space ? (size_t)(space - cpe.p) : cpe.n);
		cpe = space ? text_of(space + 1, cpe.n - item.n - 1) : TEXT_NONE;
		bool has_part = item.n > 2 && item.p[1] == ':' && strchr("aoh", item.p[0]);
		if (item.n)
			add_key(s, lower(a, has_part ? "cpe:" : "cpe:a:", item));
		if (text_is(item, "o:linux:linux_kernel")) /* as the kernel's own CVE records call it */
			add_key(s, TEXT_LIT("cpe:a:linux:linux"));
	}
	struct text key = purl_key(s->purl, a);
	/* databases that name upstream's releases by the project's usual name */
	bool is_project = !s->declared || (given && software_product(s));
	if (s->name.n && is_project && !text_starts(s->purl, "pkg:deb/"))
		add_key(s, key_of(a, "purl:bitnami/", s->name));
	struct text as_it_stands, version;
	if (!key.n || !purl_cut(s->purl, &as_it_stands, &version))
		return;
	s->own_key = key_of(a, "purl:", key);
	add_key(s, s->own_key);
	add_source_key(a, s, key);
	add_key(s, key_of(a, "purl:", as_it_stands)); /* how databases of before schema 4 have it */
}

static enum confidence read_confidence(struct text t)
{
	return text_is(t, "possible") ? POSSIBLE : text_is(t, "likely") ? LIKELY : PROVEN;
}

void software_fill(struct arena *a, struct software *w, const struct software_columns *c)
{
	*w = (struct software){
		.id = w->id,
		.name = c->name,
		.version = text_is(c->version, "unknown") ? TEXT_NONE : c->version,
		.package_version = c->package_version,
		.source_package = c->source_package,
		.distribution = c->distribution,
		.architecture = c->architecture,
		.purl = c->purl,
		.confidence = read_confidence(c->confidence),
		.declared = text_is(c->evidence_kind, "declared"),
	};
	w->exposure = w->declared ? EXPOSURE_DECLARED : EXPOSURE_PRESENT;
	read_keys(a, w, c->cpe);
	add_words(a, w);
	w->order = product_order(w);
}

static void read_software(struct matcher *m)
{
	struct image *image = &m->image;
	sqlite3_stmt *s = prepare(m, m->db,
							  "SELECT id, name, version, package_version, source_package, distribution, architecture,"
							  " purl, cpe, confidence, evidence_kind FROM software ORDER BY id");
	size_t cap = 256;
	image->software = ARENA_ARRAY(m->arena, struct software, cap);
	while (s && image->software && image->nsoftware < SOFTWARE_MAX && sqlite3_step(s) == SQLITE_ROW) {
		if (image->nsoftware == cap) {
			struct software *more = ARENA_ARRAY(m->arena, struct software, cap * 2);
			if (!more)
				break;
			memcpy(more, image->software, cap * sizeof *more);
			image->software = more;
			cap *= 2;
		}
		struct software *w = &image->software[image->nsoftware++];
		*w = (struct software){ .id = sqlite3_column_int64(s, 0) };
		software_fill(m->arena, w,
					  &(struct software_columns){
						  .name = column_text(m->arena, s, 1),
						  .version = column_text(m->arena, s, 2),
						  .package_version = column_text(m->arena, s, 3),
						  .source_package = column_text(m->arena, s, 4),
						  .distribution = column_text(m->arena, s, 5),
						  .architecture = column_text(m->arena, s, 6),
						  .purl = column_text(m->arena, s, 7),
						  .cpe = column_text(m->arena, s, 8),
						  .confidence = column_text(m->arena, s, 9),
						  .evidence_kind = column_text(m->arena, s, 10),
					  });
		if (!image->distribution.n)
			image->distribution = w->distribution;
	}
	sqlite3_finalize(s);
}

static void read_options(struct matcher *m)
{
	struct image *image = &m->image;
	sqlite3_stmt *s = prepare(m, m->db, "SELECT name, value FROM kernel_option WHERE origin = 'config' ORDER BY id");
	size_t cap = 256;
	image->options = ARENA_ARRAY(m->arena, struct option, cap);
	bool ready = s && image->options;
	while (ready && image->noptions < NAMES_MAX && sqlite3_step(s) == SQLITE_ROW) {
		if (image->noptions == cap) {
			struct option *more = ARENA_ARRAY(m->arena, struct option, cap * 2);
			if (!more)
				break;
			memcpy(more, image->options, cap * sizeof *more);
			image->options = more;
			cap *= 2;
		}
		image->options[image->noptions++] = (struct option){ column_text(m->arena, s, 0), column_text(m->arena, s, 1) };
	}
	sqlite3_finalize(s);
	image->has_config = image->noptions > 0;
	/* of two kernels, nobody can tell whose configuration it is; /boot/config-6.1.0 is not that of another version */
	image->one_kernel = !yes(m, "SELECT count(DISTINCT version) > 1 FROM kernel WHERE version IS NOT NULL") &&
						!yes(m, "SELECT count(DISTINCT blob_id) > 1 FROM kernel_option WHERE origin = 'config'") &&
						!yes(m, "SELECT EXISTS(SELECT 1 FROM kernel WHERE version IS NOT NULL) AND EXISTS(SELECT 1"
								" FROM kernel_option o JOIN blob b ON b.id = o.blob_id WHERE o.origin = 'config' AND"
								" b.file_name GLOB 'config-[0-9]*' AND substr(b.file_name, 8) NOT IN"
								" (SELECT version FROM kernel WHERE version IS NOT NULL))");
}

char image_option(const struct image *image, struct text name)
{
	struct text value = TEXT_NONE;
	if (!image->has_config || !image->one_kernel)
		return 0;
	for (size_t i = 0; i < image->noptions; i++)
		if (text_starts(image->options[i].name, "CONFIG_") &&
			text_eq(text_of(image->options[i].name.p + 7, image->options[i].name.n - 7), name))
			value = image->options[i].value;
	return !value.p ? '-' : text_is(value, "n") ? 'n' : text_is(value, "m") ? 'm' : 'y';
}

/* The machines of a query's texts, a space before and behind each. */
static struct text machines_of(struct matcher *m, const char *sql)
{
	size_t n;
	struct text *machines = texts(m, sql, &n), all = TEXT_LIT(" ");
	for (size_t i = 0; i < n; i++)
		all = text_c(arena_printf(m->arena, "%.*s%.*s ", T(all), T(machines[i])));
	return n ? all : TEXT_NONE;
}

static void read_machines(struct matcher *m)
{
	struct image *image = &m->image;
	image->machines =
		machines_of(m, "SELECT DISTINCT machine FROM elf WHERE machine IS NOT NULL AND type <> 'kernel-module'");
	if (yes(m, "SELECT EXISTS(SELECT 1 FROM elf WHERE type = 'kernel-module' OR interpreter GLOB '*ld*.so*')"))
		image->kernel_machines = machines_of(m, "SELECT DISTINCT machine FROM elf WHERE machine IS NOT NULL");
}

static void read_system(struct matcher *m)
{
	struct image *image = &m->image;
	image->linux_kernel =
		yes(m, "SELECT EXISTS(SELECT 1 FROM kernel) OR EXISTS(SELECT 1 FROM elf WHERE interpreter GLOB '*ld*.so*')");
	image->known_system = image->linux_kernel;
	for (size_t i = 0; i < image->nsoftware && !image->linux_kernel; i++) { /* of a bill alone, packages of a distribution tell it */
		const struct software *s = &image->software[i];
		image->linux_kernel = s->declared && s->package_version.n && distro_of(m, s).n;
	}
	for (size_t i = 0; i < image->nsoftware; i++)
		for (size_t k = 0; k < image->software[i].nkeys; k++)
			image->linux_kernel |= text_is(image->software[i].keys[k], "cpe:o:linux:linux_kernel");
}

static void read_modules(struct matcher *m)
{
	m->image.modules =
		texts(m,
			  "SELECT DISTINCT replace(substr(file_name, 1, instr(file_name, '.ko') - 1), '-', '_') FROM blob"
			  " WHERE kind IN ('file', 'stream') AND (file_name GLOB '*.ko' OR file_name GLOB '*.ko.[gxz]*')",
			  &m->image.nmodules);
}

static void read_applets(struct matcher *m)
{
	struct image *image = &m->image;
	if (has_table(m->db, "applet"))
		image->applets = texts(m, "SELECT DISTINCT name FROM applet WHERE program = 'busybox'", &image->napplets);
	/* of a second BusyBox whose applets nobody could read, what the first has says nothing */
	if (image->napplets &&
		yes(m, "SELECT EXISTS(SELECT 1 FROM component c JOIN elf e ON e.blob_id = c.blob_id WHERE c.name = 'busybox'"
			   " AND NOT EXISTS(SELECT 1 FROM applet a WHERE a.blob_id = c.blob_id))"))
		image->napplets = 0;
}

/* The view takes longer than all else: it is asked once, and where nothing is started it has no rows. */
static void read_listening(struct matcher *m)
{
	static const char asked[] = "DROP TABLE IF EXISTS temp.vuln_service; CREATE TEMP TABLE vuln_service AS SELECT startup_id, name,"
								" program_id FROM exposed_service";
	static const char none[] = "DROP TABLE IF EXISTS temp.vuln_service; CREATE TEMP TABLE vuln_service(startup_id, name, program_id)";
	bool started = has_table(m->db, "startup") && yes(m, "SELECT EXISTS(SELECT 1 FROM startup)");
	bool ok = started ? case_ask_view(m->db, "exposed_service", asked)
					  : sqlite3_exec(m->db, none, NULL, NULL, NULL) == SQLITE_OK;
	if (!ok)
		failed(m, m->db, "asking for services");
	m->image.listening = texts(m, "SELECT DISTINCT name FROM temp.vuln_service", &m->image.nlistening);
}

static void read_digest(struct matcher *m)
{
	sqlite3_stmt *s = prepare(m, m->db, "SELECT lower(sha256) FROM input WHERE kind = 'firmware' ORDER BY id");
	if (s && sqlite3_step(s) == SQLITE_ROW)
		m->image.digest = column_text(m->arena, s, 0);
	if (s && m->image.digest.n &&
		sqlite3_step(s) == SQLITE_ROW) /* of several, nobody can tell which the software is in */
		m->image.digest = TEXT_NONE;
	sqlite3_finalize(s);
}

void image_need(struct matcher *m, unsigned parts)
{
	static const struct {
		unsigned part;
		void (*read)(struct matcher *m);
	} readers[] = {
		{ IMAGE_SOFTWARE, read_software },   { IMAGE_OPTIONS, read_options }, { IMAGE_MACHINES, read_machines },
		{ IMAGE_SYSTEM, read_system },       { IMAGE_MODULES, read_modules }, { IMAGE_APPLETS, read_applets },
		{ IMAGE_LISTENING, read_listening }, { IMAGE_DIGEST, read_digest },
	};
	m->image_asked |= parts;
	if (parts & IMAGE_SYSTEM)
		parts |= IMAGE_SOFTWARE;
	parts &= IMAGE_ALL & ~m->image_has;
	if (parts && m->provide && !error_is(&m->error))
		parts &= ~m->provide(m, parts);
	if (!m->db)
		return;
	for (size_t i = 0; m->db && i < sizeof readers / sizeof readers[0]; i++)
		if (parts & readers[i].part)
			readers[i].read(m);
	m->image_has |= parts;
}
