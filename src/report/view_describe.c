/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an input is, in one line: the chain of its containers down to what runs on the device. */

#include "report/view_internal.h"

/* A line for a person: what does not fit here is in the tree of the HTML report. */
#define DEPTH_MAX 8
#define CHILDREN_MAX 48
#define SHOWN_MAX 6
#define NODES_MAX 256
/* Archives of up to this many files are looked into: an update archive that holds an image. */
#define ARCHIVE_FILES_MAX 32

struct describe {
	struct view *v;
	struct arena *a;
	unsigned nodes;
	bool failed; /* out of memory, or a query did */
};

/* What is said of one blob and of what it holds. */
struct part {
	const char *text; /* NULL: nothing worth saying */
	bool is_kernel;
	bool has_files;
};

static const char *format_label(struct text format)
{
	static const struct {
		const char *format, *label;
	} labels[] = {
		{ "android_sparse", "Android sparse image" },
		{ "arm64image", "arm64 Image" },
		{ "bzimage", "bzImage" },
		{ "dtb", "device tree" },
		{ "elf", "ELF program" },
		{ "esp_image", "ESP image" },
		{ "fit", "FIT image" },
		{ "high-entropy", "unknown dense data" },
		{ "iso", "ISO 9660" },
		{ "jffs2", "JFFS2" },
		{ "trx", "TRX" },
		{ "nand", "NAND dump" },
		{ "ubi", "UBI" },
		{ "ubifs", "UBIFS" },
		{ "uimage", "uImage" },
		{ "zigbee_ota", "Zigbee OTA image" },
		{ "zimage", "zImage" },
	};
	for (size_t i = 0; i < sizeof labels / sizeof labels[0]; i++)
		if (text_is(format, labels[i].format))
			return labels[i].label;
	return NULL;
}

/* Names that say what bytes look like, not what they are. */
static bool is_plain(struct text format)
{
	static const char *const plain[] = { "padding", "unknown", "data", "text", "script", "empty" };
	for (size_t i = 0; i < sizeof plain / sizeof plain[0]; i++)
		if (text_is(format, plain[i]))
			return true;
	return format.n == 0;
}

static sqlite3_stmt *prepare(struct describe *d, const char *sql, int64_t id)
{
	sqlite3_stmt *s = NULL;
	if (sqlite3_prepare_v2(d->v->db, sql, -1, &s, NULL) == SQLITE_OK)
		sqlite3_bind_int64(s, 1, id);
	return s; /* NULL where the case lacks the table: then there is nothing to say about it */
}

/* The next row? Of no statement there is none. */
static bool step(struct describe *d, sqlite3_stmt *s)
{
	int r = s ? sqlite3_step(s) : SQLITE_DONE;
	view_note_failure(d->v, r);
	return r == SQLITE_ROW;
}

/* The first value of the query in the arena; NULL when there is none. */
static const char *lookup(struct describe *d, const char *sql, int64_t id)
{
	sqlite3_stmt *s = prepare(d, sql, id);
	const char *value = NULL;
	if (step(d, s) && sqlite3_column_type(s, 0) != SQLITE_NULL) {
		value = arena_strdup(d->a, view_text(s, 0));
		d->failed |= value == NULL;
	}
	sqlite3_finalize(s);
	return value;
}

static int64_t count(struct describe *d, const char *sql, int64_t id)
{
	sqlite3_stmt *s = prepare(d, sql, id);
	int64_t n = step(d, s) ? sqlite3_column_int64(s, 0) : 0;
	sqlite3_finalize(s);
	return n;
}

static const char *join(struct describe *d, const char *a, const char *between, const char *b)
{
	const char *joined = a && b ? arena_printf(d->a, "%s%s%s", a, between, b) : a ? a : b;
	d->failed |= (a || b) && !joined;
	return joined;
}

static const char *linux_version(struct describe *d, int64_t id)
{
	return lookup(d,
				  "WITH RECURSIVE inside(id, depth) AS (SELECT ?1, 0 UNION ALL"
				  " SELECT b.id, depth + 1 FROM inside JOIN blob b ON b.parent_id = inside.id"
				  " WHERE depth < 8 AND b.kind IN ('region', 'stream'))"
				  " SELECT c.version FROM inside JOIN component c ON c.blob_id = inside.id"
				  " WHERE lower(c.name) IN ('linux', 'linux-kernel', 'linux kernel') AND c.version IS NOT NULL"
				  " ORDER BY c.id LIMIT 1",
				  id);
}

static bool is_kernel(struct describe *d, int64_t id, struct text format)
{
	static const char *const kernels[] = { "zimage", "bzimage", "arm64image", "vmlinux", "kernel" };
	for (size_t i = 0; i < sizeof kernels / sizeof kernels[0]; i++)
		if (text_is(format, kernels[i]))
			return true;
	const char *type =
		lookup(d, "SELECT lower(value) FROM header WHERE blob_id = ?1 AND name = 'type' ORDER BY id LIMIT 1", id);
	return type && strncmp(type, "kernel", 6) == 0;
}

/* Bytes of no format: an unpacked kernel is known by its banner. */
static struct part describe_plain(struct describe *d, int64_t id)
{
	struct part part = { 0 };
	const char *version = lookup(d,
								 "SELECT version FROM component WHERE blob_id = ?1 AND version IS NOT NULL"
								 " AND lower(name) IN ('linux', 'linux-kernel', 'linux kernel') ORDER BY id LIMIT 1",
								 id);
	if (!version)
		return part;
	part.text = arena_printf(d->a, "kernel (Linux %s)", version);
	part.is_kernel = true;
	d->failed |= part.text == NULL;
	return part;
}

/* The blob's own name: "uImage kernel (Linux 3.18.23)", "squashfs xz, 69 files". */
static struct part describe_self(struct describe *d, int64_t id, struct text format)
{
	struct part part = { 0 };
	if (is_plain(format))
		return describe_plain(d, id);
	const char *label = format_label(format);
	part.text = label ? label : arena_strdup(d->a, format);
	int64_t files = count(d, "SELECT count(*) FROM blob WHERE parent_id = ?1 AND kind = 'file'", id);
	if (files > 0) {
		char number[VIEW_NUMBER_MAX];
		const char *codec =
			lookup(d, "SELECT value FROM header WHERE blob_id = ?1 AND name = 'compression' ORDER BY id LIMIT 1", id);
		part.text = join(d, part.text, " ", codec);
		part.text = arena_printf(d->a, "%s, %s file%s", part.text, view_count(files, number), files == 1 ? "" : "s");
		part.has_files = true;
	} else if (is_kernel(d, id, format)) {
		const char *version = linux_version(d, id);
		part.text = join(d, part.text, "", label && text_is(format, "uimage") ? " kernel" : NULL);
		if (version)
			part.text = arena_printf(d->a, "%s (Linux %s)", part.text, version);
		part.is_kernel = true;
	}
	d->failed |= part.text == NULL;
	return part;
}

static struct part describe_blob(struct describe *d, int64_t id, struct text format, unsigned depth);

/* The children's texts, with a count where the same is said several times in a row. */
struct series {
	const char *items[SHOWN_MAX];
	unsigned repeats[SHOWN_MAX];
	size_t n, left_out;
};

static void series_add(struct series *s, const char *text)
{
	if (s->n > 0 && !s->left_out && strcmp(s->items[s->n - 1], text) == 0) {
		s->repeats[s->n - 1]++;
	} else if (s->n == SHOWN_MAX) {
		s->left_out++;
	} else {
		s->items[s->n] = text;
		s->repeats[s->n++] = 1;
	}
}

/* "a + (b > c) + 2 x d". */
static const char *series_join(struct describe *d, const struct series *s)
{
	const char *text = NULL;
	for (size_t i = 0; i < s->n; i++) {
		const char *item = s->items[i];
		bool is_chain = strstr(item, " > ") && (s->n > 1 || s->left_out || s->repeats[i] > 1);
		if (is_chain)
			item = arena_printf(d->a, "(%s)", item);
		if (item && s->repeats[i] > 1)
			item = arena_printf(d->a, "%u x %s", s->repeats[i], item);
		d->failed |= item == NULL;
		text = join(d, text, " + ", item);
	}
	return s->left_out ? arena_printf(d->a, "%s + %zu more", text, s->left_out) : text;
}

static struct part describe_children(struct describe *d, int64_t id, bool look_into_files, unsigned depth)
{
	static const char regions[] = "SELECT id, format FROM blob WHERE parent_id = ?1 AND kind IN ('region', 'stream')"
								  " ORDER BY id";
	static const char images[] = "SELECT id, format FROM blob b WHERE parent_id = ?1 AND kind = 'file' AND EXISTS"
								 " (SELECT 1 FROM blob c WHERE c.parent_id = b.id) ORDER BY id";
	sqlite3_stmt *s = prepare(d, look_into_files ? images : regions, id);
	struct series series = { 0 };
	struct part all = { 0 };
	for (unsigned i = 0; i < CHILDREN_MAX && step(d, s); i++) {
		struct part part = describe_blob(d, sqlite3_column_int64(s, 0), view_text(s, 1), depth + 1);
		all.has_files |= part.has_files;
		if (part.text)
			series_add(&series, part.text);
	}
	sqlite3_finalize(s);
	all.text = series_join(d, &series);
	return all;
}

static struct part describe_blob(struct describe *d, int64_t id, struct text format, unsigned depth)
{
	if (depth > DEPTH_MAX || d->nodes++ > NODES_MAX || d->failed)
		return (struct part){ 0 };
	struct part self = describe_self(d, id, format);
	bool look_into_files =
		self.has_files &&
		count(d, "SELECT count(*) FROM blob WHERE parent_id = ?1 AND kind = 'file'", id) <= ARCHIVE_FILES_MAX;
	if (self.has_files && !look_into_files)
		return self;
	struct part inside = describe_children(d, id, look_into_files, depth);
	/* How a kernel is packed says little; a file system inside it does. */
	bool named_enough = self.is_kernel && !inside.has_files;
	struct part both = { .has_files = self.has_files || inside.has_files };
	both.text = named_enough ? self.text : join(d, self.text, " > ", inside.text);
	return both;
}

/* The machine that most of its programs are for: "mipsel". */
static const char *machine_of(struct describe *d, int64_t root)
{
	return lookup(d,
				  "SELECT CASE WHEN machine = 'mips' THEN"
				  "  'mips' || iif(class = 64, '64', '') || iif(endian = 'little', 'el', '')"
				  " WHEN machine = 'arm' AND endian = 'big' THEN 'armeb' ELSE machine END"
				  " FROM elf JOIN blob ON blob.id = elf.blob_id"
				  " WHERE blob.input_id = (SELECT input_id FROM blob WHERE id = ?1) AND machine IS NOT NULL"
				  " GROUP BY machine, class, endian ORDER BY count(*) DESC, machine LIMIT 1",
				  root);
}

/* A document beside the image is what its reader took it for. */
static const char *document_format(struct describe *d, int64_t root)
{
	const char *format = lookup(d, "SELECT format FROM document WHERE blob_id = ?1", root);
	if (!format)
		format = lookup(d, "SELECT format FROM declared_component WHERE blob_id = ?1 ORDER BY id LIMIT 1", root);
	return format ? format : lookup(d, "SELECT format FROM declared_statement WHERE blob_id = ?1 ORDER BY id LIMIT 1", root);
}

char *view_describe(struct view *v, int64_t root_id, struct arena *a)
{
	struct describe d = { .v = v, .a = a };
	const char *format = lookup(&d, "SELECT format FROM blob WHERE id = ?1", root_id);
	struct part part = describe_blob(&d, root_id, text_c(format), 0);
	const char *text = document_format(&d, root_id);
	if (!text && !part.text) /* of which it is known what it is, and no more (inspect/sbom.h) */
		text = lookup(&d, "SELECT value FROM header WHERE blob_id = ?1 AND name = 'document' ORDER BY id LIMIT 1",
					  root_id);
	if (!text)
		text = part.text ? part.text : "nothing that is recognised";
	text = join(&d, text, ", ", machine_of(&d, root_id));
	return d.failed ? NULL : (char *)text;
}
