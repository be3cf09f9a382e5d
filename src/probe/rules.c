/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The user's own YARA rules.
 *
 * Specification: the manual of YARA 4.2 (yara.readthedocs.io: "Writing YARA rules", "The C API").
 */
#include "probe/rules.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <yara.h>

#include "base/buf.h"
#include "base/hash.h"
#include "base/holes.h"

#define FILES_MAX 64u
#define INCLUDES_MAX 1024u
#define SOURCE_MAX ((size_t)64 << 20)
/* Rows for one string of a rule, and for one blob. */
#define STRING_ROWS_MAX 16u
#define BLOB_ROWS_MAX 1000u
#define DATA_SHOWN 64u
#define WORDS_MAX 4096u

struct rules_file {
	char name[256]; /* the namespace */
	char sha256[65];
	unsigned count;
};

struct rules {
	YR_RULES *compiled;
	struct rules_file files[FILES_MAX];
	size_t n;
};

/* What the compiler's callbacks share. */
struct compilation {
	char folder[PATH_MAX]; /* that includes may come from */
	struct buf sources;    /* everything that was read for one file */
	struct error error;
	char refused[128]; /* why the last include is */
	struct include {
		char *name; /* as it is written, by which YARA calls it from then on */
		char *real;
	} includes[INCLUDES_MAX];
	size_t nincludes;
};

/* ---- compiling ---- */

static void on_compiled(int level, const char *file, int line, const YR_RULE *rule, const char *message, void *context)
{
	struct compilation *c = context;
	(void)rule;
	if (level != YARA_ERROR_LEVEL_ERROR || error_is(&c->error))
		return;
	const char *base = file && strrchr(file, '/') ? strrchr(file, '/') + 1 : file;
	c->error = error_at(ERR_USAGE, 0, "%s%sline %d: %s", base ? base : "", base ? ", " : "", line,
						c->refused[0] ? c->refused : message);
}

/* The text with a NUL behind it, malloc'ed; NULL where it can not be read whole, or is no text. */
static char *read_source(const char *path, size_t *n)
{
	FILE *f = fopen(path, "re");
	struct stat st;
	char *text = NULL;
	if (f && fstat(fileno(f), &st) == 0 && !S_ISREG(st.st_mode))
		errno = EISDIR;
	else if (f && st.st_size >= 0 && (uint64_t)st.st_size <= SOURCE_MAX && (text = malloc((size_t)st.st_size + 1))) {
		*n = fread(text, 1, (size_t)st.st_size, f);
		text[*n] = '\0';
	}
	int saved = errno;
	if (f)
		fclose(f);
	errno = saved;
	return text;
}

/* Where an included file lies: a relative name is one in the folder of the file that includes it. */
static bool resolve(const struct compilation *c, const char *name, const char *from, char real[PATH_MAX])
{
	char path[2 * PATH_MAX];
	const char *folder = c->folder, *slash = NULL;
	for (size_t i = c->nincludes; !slash && from && i-- > 0;)
		if (strcmp(c->includes[i].name, from) == 0) {
			folder = c->includes[i].real;
			slash = strrchr(folder, '/');
		}
	int n = slash ? (int)(slash - folder) : (int)strlen(folder);
	snprintf(path, sizeof path, "%.*s/%s", name[0] == '/' ? 0 : n, folder, name);
	return realpath(path, real) != NULL;
}

static bool remember_include(struct compilation *c, const char *name, const char *real)
{
	if (c->nincludes == INCLUDES_MAX)
		return false;
	struct include *i = &c->includes[c->nincludes++];
	i->name = strdup(name);
	i->real = strdup(real);
	return i->name && i->real;
}

static void forget_includes(struct compilation *c)
{
	while (c->nincludes > 0) {
		free(c->includes[--c->nincludes].name);
		free(c->includes[c->nincludes].real);
	}
}

static const char *on_include(const char *name, const char *from, const char *namespace, void *context)
{
	struct compilation *c = context;
	char real[PATH_MAX];
	size_t n = 0, folder = strlen(c->folder);
	(void)namespace;
	if (!resolve(c, name, from, real)) {
		snprintf(c->refused, sizeof c->refused, "can not include %.64s: %s", name, strerror(errno));
		return NULL;
	}
	if (strncmp(real, c->folder, folder) != 0 || (folder > 1 && real[folder] != '/')) {
		snprintf(c->refused, sizeof c->refused, "%.64s is not in the folder of the rules", name);
		return NULL;
	}
	char *text = read_source(real, &n);
	if (text && (buf_add(&c->sources, text, n) || !remember_include(c, name, real))) {
		free(text);
		return NULL;
	}
	return text;
}

static void free_include(const char *text, void *context)
{
	(void)context;
	free((void *)(uintptr_t)text);
}

/* What rules for file scanners expect; the values are set for each blob. */
static const char *const variables[] = { "filename", "filepath", "extension", "filetype", "owner" };

static struct error compile_file(YR_COMPILER *compiler, struct compilation *c, const char *path,
								 struct rules_file *file)
{
	size_t n = 0;
	char *text = read_source(path, &n), real[PATH_MAX];
	if (!text)
		return error_at(ERR_USAGE, 0, "%s", strerror(errno ? errno : EFBIG));
	struct error e = error_none();
	if (n >= 4 && memcmp(text, "YARA", 4) == 0)
		e = error_at(ERR_USAGE, 0,
					 "compiled rules are not taken, for nothing in them can be checked; name their source");
	else if (memchr(text, 0, n))
		e = error_at(ERR_USAGE, 0, "not the text of YARA rules");
	else if (!realpath(path, real) || buf_add(&c->sources, text, n))
		e = error_at(ERR_MEMORY, 0, "no memory for the rules");
	if (!error_is(&e)) {
		char *slash = strrchr(real, '/');
		if (slash)
			slash[slash == real] = '\0';
		snprintf(c->folder, sizeof c->folder, "%s", real);
		if (n == 0)
			text[n++] = '\n';
		FILE *f = fmemopen(text, n, "r");
		if (!f)
			e = error_at(ERR_MEMORY, 0, "no memory for the rules");
		else if (yr_compiler_add_file(compiler, f, file->name, path) > 0)
			e = error_is(&c->error) ? c->error : error_at(ERR_USAGE, 0, "the rules can not be compiled");
		if (f)
			fclose(f);
	}
	hash_sha256_hex(buf_span(&c->sources), file->sha256);
	free(text);
	return e;
}

/* Modules that would need files of the host, or a report of another tool. */
static int on_dry_run(YR_SCAN_CONTEXT *scan, int message, void *data, void *context)
{
	struct error *e = context;
	(void)scan;
	const YR_MODULE_IMPORT *module = data;
	if (message != CALLBACK_MSG_IMPORT_MODULE)
		return CALLBACK_CONTINUE;
	if (strcmp(module->module_name, "magic") != 0 && strcmp(module->module_name, "cuckoo") != 0)
		return CALLBACK_CONTINUE;
	*e = error_at(ERR_USAGE, 0, "the module \"%s\" can not be used: it needs more than the blob at hand",
				  module->module_name);
	return CALLBACK_ABORT;
}

static struct error finish(struct rules *r, YR_COMPILER *compiler)
{
	struct error e = error_none();
	YR_RULE *rule;
	if (yr_compiler_get_rules(compiler, &r->compiled) != ERROR_SUCCESS)
		return error_at(ERR_MEMORY, 0, "no memory for the compiled rules");
	yr_rules_foreach(r->compiled, rule) for (size_t i = 0; i < r->n; i++) r->files[i].count +=
		strcmp(rule->ns->name, r->files[i].name) == 0;
	(void)yr_rules_scan_mem(r->compiled, (const uint8_t *)"", 0, SCAN_FLAGS_NO_TRYCATCH, on_dry_run, &e, 10);
	return e;
}

static bool compiler_prepare(YR_COMPILER *compiler, struct compilation *c)
{
	bool ok = true;
	yr_compiler_set_callback(compiler, on_compiled, c);
	yr_compiler_set_include_callback(compiler, on_include, free_include, c);
	for (size_t i = 0; i < sizeof variables / sizeof variables[0]; i++)
		ok &= yr_compiler_define_string_variable(compiler, variables[i], "") == ERROR_SUCCESS;
	return ok;
}

/* The namespace of a file: its name, and a number where another one has that. */
static void name_file(struct rules *r, size_t i, const char *path)
{
	const char *slash = strrchr(path, '/');
	struct rules_file *file = &r->files[i];
	snprintf(file->name, sizeof file->name, "%s", slash ? slash + 1 : path);
	for (size_t k = 0; k < i; k++)
		if (strcmp(r->files[k].name, file->name) == 0)
			snprintf(file->name + strnlen(file->name, 240), 16, "#%u", (unsigned)(i % FILES_MAX) + 1);
}

struct rules *rules_compile(const char *const *paths, size_t n, const char **bad, struct error *error)
{
	struct rules *r = calloc(1, sizeof *r);
	struct compilation *c = calloc(1, sizeof *c);
	YR_COMPILER *compiler = NULL;
	*bad = NULL;
	*error = error_none();
	bool ok = r && c && n <= FILES_MAX && yr_initialize() == ERROR_SUCCESS;
	uint32_t shown = 0; /* the bytes that match are read from the blob */
	ok = ok && yr_set_configuration(YR_CONFIG_MAX_MATCH_DATA, &shown) == ERROR_SUCCESS;
	ok = ok && yr_compiler_create(&compiler) == ERROR_SUCCESS && compiler_prepare(compiler, c);
	if (!ok)
		*error = error_at(ERR_MEMORY, 0, "no memory for YARA");
	for (size_t i = 0; !error_is(error) && i < n; i++) {
		*bad = paths[i];
		name_file(r, i, paths[i]);
		c->sources.n = 0;
		errno = 0;
		*error = compile_file(compiler, c, paths[i], &r->files[i]);
		forget_includes(c);
		r->n = i + 1;
	}
	if (!error_is(error)) {
		*bad = n ? paths[n - 1] : NULL;
		*error = finish(r, compiler);
	}
	if (compiler)
		yr_compiler_destroy(compiler);
	if (c)
		buf_free(&c->sources);
	free(c);
	if (!error_is(error))
		return r;
	rules_free(r);
	return NULL;
}

void rules_free(struct rules *r)
{
	if (r && r->compiled)
		yr_rules_destroy(r->compiled);
	free(r);
}

const char *rules_digest(const struct rules *r, size_t i)
{
	return r->files[i].sha256;
}

unsigned rules_count(const struct rules *r, size_t i)
{
	return r->files[i].count;
}

/* ---- scanning ---- */

struct rules_lane {
	YR_SCANNER *scanner;
	unsigned seconds;
	/* one scan */
	struct span bytes;
	struct sink *sink;
	unsigned rows;
	bool capped, too_many;
	char tags[WORDS_MAX], meta[WORDS_MAX], data[4 * DATA_SHOWN + 1];
};

static void append(char *text, size_t size, const char *format, ...) __attribute__((format(printf, 3, 4)));
static void append(char *text, size_t size, const char *format, ...)
{
	size_t n = strlen(text);
	va_list args;
	va_start(args, format);
	vsnprintf(text + n, size - n, format, args);
	va_end(args);
}

static void describe_rule(struct rules_lane *l, const YR_RULE *rule)
{
	const char *tag;
	YR_META *meta;
	l->tags[0] = l->meta[0] = '\0';
	yr_rule_tags_foreach(rule, tag)
	{
		append(l->tags, sizeof l->tags, "%s%s", l->tags[0] ? " " : "", tag);
	}
	yr_rule_metas_foreach(rule, meta)
	{
		const char *sep = l->meta[0] ? "; " : "";
		if (meta->type == META_TYPE_STRING)
			append(l->meta, sizeof l->meta, "%s%s=%s", sep, meta->identifier, meta->string);
		else if (meta->type == META_TYPE_BOOLEAN)
			append(l->meta, sizeof l->meta, "%s%s=%s", sep, meta->identifier, meta->integer ? "true" : "false");
		else
			append(l->meta, sizeof l->meta, "%s%s=%lld", sep, meta->identifier, (long long)meta->integer);
	}
}

static struct text show(struct rules_lane *l, struct span bytes)
{
	l->data[0] = '\0';
	for (size_t i = 0; i < bytes.n && i < DATA_SHOWN; i++)
		append(l->data, sizeof l->data,
			   bytes.p[i] >= 0x20 && bytes.p[i] < 0x7f && bytes.p[i] != '\\' ? "%c" : "\\x%02x", bytes.p[i]);
	return text_c(l->data);
}

static void emit_match(struct rules_lane *l, const YR_RULE *rule, const YR_STRING *string, const YR_MATCH *match)
{
	if (l->rows == BLOB_ROWS_MAX) {
		l->capped = true;
		return;
	}
	l->rows++;
	struct fact_rule_match row = {
		.rule = text_c(rule->identifier),
		.source = text_c(rule->ns->name),
		.tags = l->tags[0] ? text_c(l->tags) : TEXT_NONE,
		.meta = l->meta[0] ? text_c(l->meta) : TEXT_NONE,
		.string = string ? text_c(string->identifier) : TEXT_NONE,
		.offset = match ? match->base + match->offset : FACT_NULL,
		.data =
			match ? show(l, span_sub(l->bytes, (uint64_t)(match->base + match->offset), (uint64_t)match->match_length))
				  : TEXT_NONE,
	};
	emit_rule_match(l->sink, &row);
}

/* A row for each place of each string; one without a place for a rule whose strings do not stand anywhere. */
static void emit_rule(struct rules_lane *l, YR_SCAN_CONTEXT *scan, const YR_RULE *rule)
{
	const YR_STRING *string;
	const YR_MATCH *match;
	unsigned rows = 0;
	describe_rule(l, rule);
	yr_rule_strings_foreach(rule, string)
	{
		unsigned places = 0;
		if (STRING_IS_PRIVATE(string))
			continue;
		yr_string_matches_foreach(scan, string, match)
		{
			if (places++ == STRING_ROWS_MAX)
				break;
			emit_match(l, rule, string, match);
			rows++;
		}
	}
	if (rows == 0)
		emit_match(l, rule, NULL, NULL);
}

static int on_scan(YR_SCAN_CONTEXT *scan, int message, void *data, void *context)
{
	struct rules_lane *l = context;
	if (message == CALLBACK_MSG_RULE_MATCHING)
		emit_rule(l, scan, data);
	if (message == CALLBACK_MSG_TOO_MANY_MATCHES)
		l->too_many = true;
	return CALLBACK_CONTINUE;
}

struct rules_lane *rules_lane_new(const struct rules *r, unsigned seconds)
{
	struct rules_lane *l = calloc(1, sizeof *l);
	if (!l || yr_scanner_create(r->compiled, &l->scanner) != ERROR_SUCCESS) {
		free(l);
		return NULL;
	}
	l->seconds = seconds;
	yr_scanner_set_timeout(l->scanner, (int)(seconds < INT_MAX ? seconds : INT_MAX));
	/* Faults are the worker's; and of strings that need only be there one place is enough, which bounds the memory. */
	yr_scanner_set_flags(l->scanner, SCAN_FLAGS_NO_TRYCATCH | SCAN_FLAGS_FAST_MODE | SCAN_FLAGS_REPORT_RULES_MATCHING);
	yr_scanner_set_callback(l->scanner, on_scan, l);
	return l;
}

void rules_lane_free(struct rules_lane *l)
{
	if (l && l->scanner)
		yr_scanner_destroy(l->scanner);
	free(l);
}

static void define(struct rules_lane *l, const char *name, struct text value)
{
	char text[4096];
	snprintf(text, sizeof text, "%.*s", (int)(value.n < sizeof text ? value.n : sizeof text - 1),
			 value.p ? value.p : "");
	(void)yr_scanner_define_string_variable(l->scanner, name, text);
}

/* What is stored of bytes with holes, each part with so many of the zeros around it. */
#define AROUND 4096u

struct parts {
	YR_MEMORY_BLOCK_ITERATOR iterator;
	YR_MEMORY_BLOCK block;
	struct span bytes;
};

static const uint8_t *part_bytes(YR_MEMORY_BLOCK *block)
{
	return ((const struct parts *)block->context)->bytes.p + block->base;
}

static YR_MEMORY_BLOCK *part_next(YR_MEMORY_BLOCK_ITERATOR *iterator)
{
	struct parts *p = iterator->context;
	uint64_t done = p->block.base + p->block.size, end, at = holes_next(p->bytes, done, &end);
	if (at >= p->bytes.n)
		return NULL;
	at = at - done > AROUND ? at - AROUND : done;
	end = p->bytes.n - end > AROUND ? end + AROUND : p->bytes.n;
	p->block = (YR_MEMORY_BLOCK){ .base = at, .size = (size_t)(end - at), .context = p, .fetch_data = part_bytes };
	return &p->block;
}

static YR_MEMORY_BLOCK *part_first(YR_MEMORY_BLOCK_ITERATOR *iterator)
{
	struct parts *p = iterator->context;
	p->block = (YR_MEMORY_BLOCK){ 0 };
	return part_next(iterator);
}

static uint64_t parts_size(YR_MEMORY_BLOCK_ITERATOR *iterator)
{
	return ((const struct parts *)iterator->context)->bytes.n;
}

static int scan_parts(struct rules_lane *l, struct span bytes)
{
	struct parts p = { .bytes = bytes };
	p.iterator = (YR_MEMORY_BLOCK_ITERATOR){ .context = &p, .first = part_first, .next = part_next, .file_size = parts_size };
	return yr_scanner_scan_mem_blocks(l->scanner, &p.iterator);
}

void rules_scan(struct rules_lane *l, struct text path, const char *format, struct span bytes, struct sink *sink)
{
	struct text base = text_base(path);
	const char *dot = base.n > 1 ? memrchr(base.p + 1, '.', base.n - 1) : NULL;
	define(l, "filename", base);
	define(l, "filepath", path);
	define(l, "extension", dot ? text_of(dot, base.n - (size_t)(dot - base.p)) : TEXT_LIT(""));
	define(l, "filetype", text_c(format));
	l->bytes = bytes;
	l->sink = sink;
	l->rows = 0;
	l->capped = l->too_many = false;
	int r = holes_any(bytes) ? scan_parts(l, bytes) : yr_scanner_scan_mem(l->scanner, bytes.p ? bytes.p : (const uint8_t *)"", bytes.n);
	if (r == ERROR_SCAN_TIMEOUT)
		emit_damage_at(sink, ERR_BUDGET, UINT64_MAX,
					   "YARA rules took more than %u s and were not finished (--blob-time)", l->seconds);
	else if (r == ERROR_INSUFFICIENT_MEMORY)
		emit_damage_at(sink, ERR_MEMORY, UINT64_MAX, "no memory for YARA rules: some were not finished");
	else if (r != ERROR_SUCCESS)
		emit_damage_at(sink, ERR_UNSUPPORTED, UINT64_MAX, "YARA rules were not finished: error %d", r);
	if (l->capped || l->too_many)
		emit_damage_at(sink, ERR_BUDGET, UINT64_MAX, "more matches of YARA rules than are kept for one blob");
}
