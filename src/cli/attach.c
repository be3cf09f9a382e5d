/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/attach.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/escape.h"
#include "base/hash.h"
#include "base/plural.h"
#include "cli/command.h"
#include "cli/input.h"
#include "document/document.h"
#include "fact/batch.h"
#include "inspect/sbom.h"
#include "worker/supervise.h"

/* What a packed document may give: some times the largest that is read. */
#define TOTAL_MAX ((uint64_t)512 << 20)
#define DOCUMENT_SECONDS 30u /* one that people read is read in less than one */
#define TOLD_MAX 20 /* statements that concern nothing: those are shown, the others counted */

struct batch {
	void *p;
	size_t n;
};

struct attached {
	struct input input;
	char sha256[65];
	struct batch *batches;
	size_t n, room;
	size_t declared; /* rows that say something */
	char detail[200];
	char is[100]; /* what it is where nothing else is read of it (SBOM_IS); else empty */
	double seconds;
	bool failed;
};

struct attachment {
	const struct document_list *list;
	struct attached v[DOCUMENTS_MAX];
	size_t n;
};

bool attach_add(struct document_list *list, const char *kind, const char *path)
{
	if (list->n == DOCUMENTS_MAX)
		return complain(0, path, "more documents than are taken at once (%u)", DOCUMENTS_MAX), false;
	list->v[list->n].kind = kind;
	list->v[list->n].opened = NULL;
	list->v[list->n++].path = path;
	return true;
}

bool attach_add_document(struct document_list *list, const char *role, const char *language, const char *path)
{
	if (!document_is_role(text_c(role))) {
		char known[256] = "";
		for (size_t i = 0, n = 0; document_roles[i] && n < sizeof known; i++)
			n += (size_t)snprintf(known + n, sizeof known - n, "%s%s", i ? ", " : "", document_roles[i]);
		return complain(0, role, "is no role of a document; these are: %s", known), false;
	}
	if (!attach_add(list, "document", path))
		return false;
	list->v[list->n - 1].role = role;
	list->v[list->n - 1].language = language;
	return true;
}

bool attach_add_named(struct document_list *list, const char *argument)
{
	const char *equals = strchr(argument, '=');
	if (!equals || equals == argument || !equals[1])
		return complain(0, argument, "is not ROLE=FILE, as in privacy-notice=privacy.md"), false;
	for (size_t i = 0; document_roles[i]; i++)
		if (text_eq(text_c(document_roles[i]), text_of(argument, (size_t)(equals - argument))))
			return attach_add_document(list, document_roles[i], NULL, equals + 1);
	char role[64];
	snprintf(role, sizeof role, "%.*s", (int)(equals - argument), argument);
	return attach_add_document(list, role, NULL, equals + 1); /* which says that it is none */
}

static bool note_row(void *context, enum fact_type type, const void *row)
{
	struct attached *a = context;
	const struct fact_damage *d = row;
	const struct fact_header *h = row;
	if (type == FACT_header && text_is(h->name, SBOM_IS) && !a->is[0])
		snprintf(a->is, sizeof a->is, "%.*s", (int)(h->value.n < sizeof a->is ? h->value.n : sizeof a->is - 1),
				 h->value.p);
	a->declared += type == FACT_declared_component || type == FACT_declared_statement || type == FACT_document;
	if (type == FACT_damage && !a->detail[0])
		snprintf(a->detail, sizeof a->detail, "%.*s", (int)(d->what.n < 180 ? d->what.n : 180),
				 d->what.p ? d->what.p : "");
	return true;
}

static bool on_batch(void *context, struct span batch)
{
	struct attached *a = context;
	if (a->n == a->room) {
		size_t room = a->room ? a->room * 2 : 8;
		struct batch *v = realloc(a->batches, room * sizeof *v);
		if (!v)
			return !(a->failed = true);
		a->batches = v;
		a->room = room;
	}
	void *copy = malloc(batch.n ? batch.n : 1);
	if (!copy)
		return !(a->failed = true);
	memcpy(copy, batch.p, batch.n);
	a->batches[a->n].p = copy;
	a->batches[a->n++].n = batch.n;
	return batch_read(batch, note_row, a);
}

static struct key_set on_done(void *context)
{
	(void)context;
	return (struct key_set){ NULL, 0 };
}

static void on_tick(void *context, const struct probe_status *status)
{
	(void)context;
	(void)status;
}

static int run_worker(struct attached *a, const struct document_list *list, size_t i, bool without_landlock)
{
	struct budget budget = budget_default;
	budget.blob_bytes = budget.total_bytes = TOTAL_MAX;
	bool document = strcmp(list->v[i].kind, "document") == 0;
	if (document)
		budget.blob_seconds = DOCUMENT_SECONDS, budget.seconds = 2 * DOCUMENT_SECONDS;
	struct worker_request request = {
		.kind = document ? WORKER_DOCUMENT : WORKER_FIRMWARE,
		.role = list->v[i].role,
		.language = list->v[i].language,
		.fd = a->input.fd,
		.size = a->input.size,
		.name = text_c(a->input.path),
		.threads = 1,
		.budget = budget,
		.without_landlock = without_landlock,
	};
	struct worker_events events = { a, on_batch, NULL, NULL, on_done, on_tick };
	struct worker_result result;
	double start = clock_seconds();
	struct error e = worker_run(&request, &events, &result);
	a->seconds = clock_seconds() - start;
	if (error_is(&e))
		return complain_error(list->v[i].path, &e);
	if (a->failed)
		return complain(EXIT_INTERNAL, list->v[i].path, "no memory to read it");
	if (result.outcome != WORKER_COMPLETE && !a->detail[0])
		snprintf(a->detail, sizeof a->detail, "%.190s", result.detail);
	return EXIT_NO_FAIL;
}

/* Where the worker ended before it said anything: the document is one all the same, and says why nothing is known of it. */
static bool add_unread(struct attached *a)
{
	const char *why = a->detail[0] ? a->detail : "the worker ended without a word";
	struct fact_blob blob = { .path = text_c(a->input.path), .kind = TEXT_LIT("input"), .offset = 0, .size = (int64_t)a->input.size,
							  .mode = FACT_NULL, .uid = FACT_NULL, .gid = FACT_NULL, .mtime = FACT_NULL, .device = FACT_NULL };
	struct fact_damage damage = { .offset = FACT_NULL, .kind = TEXT_LIT("crash"), .what = text_c(why) };
	struct fact_document document = document_unread(why);
	struct batch_header header = { BATCH_ROOT_KEY, BATCH_NO_PARENT, 0, 0 };
	struct buf batch = { 0 };
	bool ok = !batch_begin(&batch) && !batch_add(&batch, FACT_blob, &blob) && !batch_add(&batch, FACT_damage, &damage) &&
			  !batch_add(&batch, FACT_document, &document) && !batch_finish(&batch, &header) && on_batch(a, buf_span(&batch));
	buf_free(&batch);
	return ok;
}

/* A bill or statements of which no row came: what the file is instead, where that is known. */
static int complain_of_nothing(const struct attached *a, const char *path, bool statements)
{
	const char *says = statements ? "states nothing" : "declares nothing";
	const char *expected = statements ? "OpenVEX, CSAF, CycloneDX or a file of statements (man assay) is expected"
									  : "a bill in CycloneDX or SPDX is expected";
	if (a->is[0])
		return complain(EXIT_UNUSABLE, path, "%s: %s", says, a->detail[0] ? a->detail : a->is);
	return complain(EXIT_UNUSABLE, path, "%s: %s%s%s", says, expected, a->detail[0] ? ": " : "", a->detail);
}

static int read_one(struct attached *a, const struct document_list *list, size_t i, bool without_landlock)
{
	const char *kind = list->v[i].kind, *path = list->v[i].path;
	struct progress progress;
	progress_start(&progress, true);
	struct input_options options = { .limit = (uint64_t)1 << 30, .progress = &progress, .opened = list->v[i].opened };
	int code = input_open(path, &options, &a->input);
	progress_end(&progress);
	if (!code && a->input.format) /* a folder: that of an image, not a document or a bill */
		code = complain(EXIT_UNUSABLE, path, "is a folder: name a file");
	else if (!code && a->input.copied)
		memcpy(a->sha256, a->input.sha256, sizeof a->sha256);
	else if (!code && !hash_sha256_file(a->input.fd, a->input.size, a->sha256))
		code = complain(EXIT_UNUSABLE, path, "could not be read to its end");
	if (!code)
		code = run_worker(a, list, i, without_landlock);
	bool for_people = strcmp(kind, "document") == 0; /* what of one could not be read is said in the case */
	if (!code && for_people && a->n == 0 && !add_unread(a))
		code = complain(EXIT_INTERNAL, path, "no memory to say that it was not read");
	if (!code && !a->declared && !for_people)
		code = complain_of_nothing(a, path, strcmp(kind, "vex") == 0);
	return code;
}

struct attachment *attach_read(const struct document_list *list, bool without_landlock, int *code)
{
	struct attachment *a = calloc(1, sizeof *a);
	*code = a ? EXIT_NO_FAIL : complain(EXIT_INTERNAL, NULL, "no memory for the documents");
	if (!a)
		return NULL;
	a->list = list;
	for (size_t i = 0; i < DOCUMENTS_MAX; i++)
		a->v[i].input.fd = -1;
	for (; a->n < list->n && !*code; a->n++)
		*code = read_one(&a->v[a->n], list, a->n, without_landlock);
	if (!*code)
		return a;
	attach_free(a);
	return NULL;
}

int attach_write(struct attachment *a, struct case_file *c)
{
	for (size_t i = 0; i < a->n; i++) {
		struct attached *x = &a->v[i];
		struct case_document document = {
			.kind = a->list->v[i].kind,
			.role = a->list->v[i].role,
			.location = x->input.location,
			.size = x->input.size,
			.sha256 = x->sha256,
			.complete = !x->detail[0],
			.detail = x->detail,
			.seconds = x->seconds,
		};
		bool taken = true;
		for (size_t k = 0; k < x->n; k++)
			taken &= case_take_batch(c, span_of(x->batches[k].p, x->batches[k].n));
		struct error e = taken ? case_add_document(c, &document) : case_sql_error(c, "adding a document");
		if (error_is(&e))
			return complain_error(a->list->v[i].path, &e);
		if (x->detail[0])
			complain(0, a->list->v[i].path, "was not read to its end: %s", x->detail);
	}
	return EXIT_NO_FAIL;
}

bool attach_rows(const struct attachment *a, size_t i, bool (*take)(void *context, enum fact_type type, const void *row), void *context)
{
	const struct attached *x = &a->v[i];
	bool more = true;
	for (size_t k = 0; more && k < x->n; k++)
		more = batch_read(span_of(x->batches[k].p, x->batches[k].n), take, context);
	return more;
}

void attach_free(struct attachment *a)
{
	for (size_t i = 0; a && i < DOCUMENTS_MAX; i++) {
		for (size_t k = 0; k < a->v[i].n; k++)
			free(a->v[i].batches[k].p);
		free(a->v[i].batches);
		if (a->v[i].input.fd >= 0)
			input_close(&a->v[i].input);
	}
	free(a);
}

static const char unknown_sql[] =
	"SELECT s.source, s.line, s.vulnerability, coalesce(s.component, ''), s.version, s.software_id IS NULL FROM statement s"
	" WHERE s.software_id IS NULL OR (EXISTS (SELECT 1 FROM vulnerability) AND NOT EXISTS (SELECT 1 FROM vulnerability v"
	" WHERE v.name = s.vulnerability AND v.software_id = s.software_id)) ORDER BY s.id";

void attach_tell_unknown(struct case_file *c)
{
	sqlite3_stmt *s = NULL;
	int n = 0;
	if (sqlite3_prepare_v2(case_db(c), unknown_sql, -1, &s, NULL))
		return;
	for (; sqlite3_step(s) == SQLITE_ROW; n++) {
		if (n >= TOLD_MAX)
			continue;
		const char *version = (const char *)sqlite3_column_text(s, 4),
				   *component = (const char *)sqlite3_column_text(s, 3);
		if (component && strncmp(component, "pkg:", 4) == 0 && strchr(component, '@'))
			version = NULL; /* the URL has it */
		complain(0, (const char *)sqlite3_column_text(s, 0), "line %d: %s of %s%s%s: %s", sqlite3_column_int(s, 1),
				 (const char *)sqlite3_column_text(s, 2), component, version && *version ? " " : "",
				 version ? version : "",
				 sqlite3_column_int(s, 5) ? "no such component is in the image" : "was not matched for it");
	}
	if (n > TOLD_MAX)
		complain(0, NULL, "%d further %s nothing that is in the case", n - TOLD_MAX,
				 plural((unsigned)(n - TOLD_MAX), "statement concerns", "statements concern"));
	sqlite3_finalize(s);
}

static const char differences_sql[] =
	"SELECT kind, name, coalesce(declared_version, ''), coalesce(found_version, 'unknown') FROM sbom_difference ORDER BY kind, name, id";

static void print_difference(sqlite3_stmt *s, FILE *out)
{
	char name[256], declared[128], found[128];
	const char *kind = (const char *)sqlite3_column_text(s, 0);
	escape_terminal(text_c((const char *)sqlite3_column_text(s, 1)), name, sizeof name);
	escape_terminal(text_c((const char *)sqlite3_column_text(s, 2)), declared, sizeof declared);
	escape_terminal(text_c((const char *)sqlite3_column_text(s, 3)), found, sizeof found);
	if (kind && strcmp(kind, "version_differs") == 0)
		fprintf(out, "  %s: declared %s, found %s\n", name, declared, found);
	else if (kind && strcmp(kind, "not_in_image") == 0)
		fprintf(out, "  %s %s: declared, not found in the image\n", name, declared);
	else
		fprintf(out, "  %s %s: found in the image, not declared\n", name, found);
}

void attach_print_differences(struct case_file *c, FILE *out)
{
	sqlite3_stmt *s = NULL;
	int n = 0;
	if (sqlite3_prepare_v2(case_db(c), "SELECT count(*) FROM declared_component", -1, &s, NULL) ||
		sqlite3_step(s) != SQLITE_ROW || sqlite3_column_int64(s, 0) == 0) {
		sqlite3_finalize(s);
		return;
	}
	long long declared = sqlite3_column_int64(s, 0);
	sqlite3_finalize(s);
	if (sqlite3_prepare_v2(case_db(c), differences_sql, -1, &s, NULL))
		return;
	for (; sqlite3_step(s) == SQLITE_ROW; n++) {
		if (n == 0)
			fputs("The bill of materials and the image differ:\n", out);
		print_difference(s, out);
	}
	sqlite3_finalize(s);
	fprintf(out, "%lld %s declared; %d difference%s\n", declared,
			plural((uint64_t)declared, "component is", "components are"), n, n == 1 ? "" : "s");
}
