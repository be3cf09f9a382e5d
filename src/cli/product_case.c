/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How the inputs of a product file become a case. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/product.h"
#include "cli/product_releases.h"
#include "fact/batch.h"
#include "fact/excerpt.h"

static bool is_kind(const struct product_set *s, size_t i, const char *kind)
{
	return strcmp(s->product->inputs[i].kind, kind) == 0;
}

static bool is_image(const struct product_set *s, size_t i)
{
	return is_kind(s, i, "firmware") && s->product->inputs[i].current;
}

size_t product_set_first(const struct product_set *s)
{
	for (size_t i = 0; i < s->product->ninputs; i++)
		if (is_image(s, i))
			return i;
	return SIZE_MAX;
}

size_t product_set_images(const struct product_set *s)
{
	size_t n = 0;
	for (size_t i = 0; i < s->product->ninputs; i++)
		n += is_image(s, i);
	return n;
}

int product_set_input(const struct product_set *s, size_t i, const struct image_options *o, struct input *input)
{
	struct progress progress;
	struct input_options options = {
		.limit = o->budget.total_bytes, .progress = &progress, .opened = &s->opened[i].fd };
	progress_start(&progress, o->quiet);
	int code = input_open(s->opened[i].location, &options, input);
	progress_end(&progress);
	return code;
}

void product_set_case_name(const struct product_set *s, char *out, size_t size)
{
	const char *base = strrchr(s->path, '/');
	char name[200];
	size_t n = 0;
	for (const char *p = s->product->name; *p && n + 1 < sizeof name; p++) {
		bool keep = (unsigned char)*p > ' ' && *p != 0x7f && !strchr("/\\:*?\"<>|'`$&;()[]{}!~#", *p);
		if (keep && !(n == 0 && (*p == '.' || *p == '-')))
			name[n++] = *p;
		else if (n > 0 && name[n - 1] != '-')
			name[n++] = '-';
	}
	while (n > 0 && (name[n - 1] == '-' || ((unsigned char)name[n - 1] >= 0x80 && n + 1 == sizeof name)))
		n--;
	name[n] = '\0';
	snprintf(out, size, "%s.assay", n ? name : base ? base + 1 : s->path);
}

/* Who reads what beside the image. */
bool product_set_documents(const struct product_set *s, struct document_list *list)
{
	for (size_t i = 0; i < s->product->ninputs; i++) {
		const struct product_input *in = &s->product->inputs[i];
		bool for_people = is_kind(s, i, "document");
		if (!for_people && !is_kind(s, i, "sbom") && !is_kind(s, i, "vex"))
			continue;
		if (!(for_people ? attach_add_document(list, in->role, in->language, s->opened[i].location)
						 : attach_add(list, in->kind, s->opened[i].location)))
			return false;
		list->v[list->n - 1].opened = &s->opened[i].fd;
	}
	return true;
}

static int add_image(struct product_request *r, struct case_file *c, size_t i)
{
	struct input input = { .fd = -1 };
	int code = product_set_input(r->set, i, r->options, &input);
	if (!code) {
		struct image_run run = { .c = c, .input = &input, .label = input.name, .more = true, .further = true };
		struct error e = image_run(&run, r->options);
		if (error_is(&e))
			code = complain_error(input.location, &e);
		r->gave_up |= run.gave_up;
		r->changed |= run.changed;
	}
	input_close(&input);
	return code;
}

struct batch_sink {
	struct sink sink;
	struct buf *out;
	bool failed;
};

static void emit_to_batch(struct sink *sink, enum fact_type type, const void *row)
{
	struct batch_sink *b = (struct batch_sink *)sink;
	b->failed |= batch_add(b->out, type, row) != ERR_NONE;
}

int product_set_count(struct product_request *r)
{
	const struct product_set *s = r->set;
	r->coverage = (struct suite_coverage){ 0 };
	if (!s->model || !s->suite)
		return EXIT_NO_FAIL;
	struct error e = suite_measure(s->model_fd, s->suite_fd, r->options->without_landlock, &r->coverage);
	char place[512];
	snprintf(place, sizeof place, "%s:%u:%u", s->path, s->suite->line, s->suite->column);
	return error_is(&e) ? complain_error(place, &e) : EXIT_NO_FAIL;
}

static void emit_suite(const struct product_request *r, struct sink *sink)
{
	for (uint32_t i = 0; i < r->coverage.n; i++)
		emit_suite_coverage(sink, &(struct fact_suite_coverage){
									  .model = text_c(r->set->model->value),
									  .suite = text_c(r->set->suite->value),
									  .strength = i + 1,
									  .covered = (int64_t)r->coverage.of[i].covered,
									  .total = (int64_t)r->coverage.of[i].total,
								  });
}

/* The lines of the product file behind its rows, which begin at `begun`. */
static void add_excerpts(const struct product_set *set, size_t begun, struct buf *out)
{
	struct buf excerpts = { 0 };
	size_t n = out->n;
	excerpts_add(span_from(buf_span(out), begun), span_of(set->text, (size_t)set->size), true, &excerpts);
	if (buf_add(out, excerpts.p, excerpts.n))
		out->n = n; /* the declarations are whole without them */
	buf_free(&excerpts);
}

/* The product file as a blob with its declarations and releases. */
static bool make_batch(const struct product_request *r, const struct releases *releases, struct buf *out)
{
	struct batch_sink sink = { { emit_to_batch }, out, false };
	struct fact_blob blob = {
		.path = text_base(text_c(r->set->path)),
		.kind = TEXT_LIT("input"),
		.format = TEXT_LIT("product-file"),
		.offset = 0, .size = (int64_t)r->set->size,
		.mode = FACT_NULL, .uid = FACT_NULL, .gid = FACT_NULL, .mtime = FACT_NULL,
	};
	struct batch_header header = { .key = BATCH_ROOT_KEY, .parent = BATCH_NO_PARENT };
	if (batch_begin(out))
		return false;
	emit_blob(&sink.sink, &blob);
	size_t begun = out->n;
	product_emit(r->set->product, &sink.sink);
	releases_emit(releases, &sink.sink);
	emit_suite(r, &sink.sink);
	add_excerpts(r->set, begun, out);
	return !sink.failed && batch_finish(out, &header) == ERR_NONE;
}

static struct case_file *begin_without_image(const struct product_request *r, const struct case_input *input)
{
	char identity[160];
	struct error e;
	snprintf(identity, sizeof identity, "%s product %s", ASSAY_VERSION, r->set->sha256);
	struct case_input first = *input;
	first.identity = identity;
	struct case_file *c = case_begin(r->path, &first, NULL, &e);
	if (!c)
		complain_error(r->path, &e);
	else
		image_set_time(c, "started_at");
	return c;
}

static int add_product(struct product_request *r, struct case_file **c, const struct releases *releases)
{
	static const char *const none[] = { NULL };
	struct buf batch = buf_with_limit(BATCH_MAX_BYTES);
	struct case_input input = { "product", r->set->path, r->set->size, NULL };
	struct case_run run = { .complete = true, .outcome = "complete", .sha256 = r->set->sha256, .inspectors = none,
							.probe = "product.read", .more = true };
	bool first = *c == NULL;
	if (first && !(*c = begin_without_image(r, &input)))
		return EXIT_UNUSABLE;
	int code = EXIT_NO_FAIL;
	if (!make_batch(r, releases, &batch))
		code = complain(EXIT_INTERNAL, r->set->path, "its declarations are larger than is taken");
	else if (!case_take_batch(*c, buf_span(&batch)))
		code = complain(EXIT_INTERNAL, r->path, "no memory for the declarations");
	buf_free(&batch);
	if (code)
		return code;
	if (first)
		image_set_time(*c, "finished_at");
	struct error e = first ? case_finish(*c, &run) : case_add_input(*c, &input, &run);
	return error_is(&e) ? complain_error(r->path, &e) : EXIT_NO_FAIL;
}

/* Those that this version has no probe for: the report says that they were not looked at. */
static int add_unread(const struct product_request *r, struct case_file *c)
{
	static const char *const unread[] = { "device", "capture", "app", "site", "mud" };
	for (size_t i = 0; i < r->set->product->ninputs; i++) {
		const struct product_input *in = &r->set->product->inputs[i];
		bool mine = false;
		for (size_t k = 0; k < sizeof unread / sizeof unread[0]; k++)
			mine |= is_kind(r->set, i, unread[k]);
		if (!mine)
			continue;
		struct case_input input = { in->kind, r->set->opened[i].location, (uint64_t)r->set->opened[i].st.st_size, NULL };
		struct error e = case_add_unread(c, &input, in->role ? in->role : in->phase);
		if (error_is(&e))
			return complain_error(r->path, &e);
	}
	return EXIT_NO_FAIL;
}

int product_set_add(struct product_request *r, struct case_file **c)
{
	int code = EXIT_NO_FAIL;
	size_t first = product_set_first(r->set);
	for (size_t i = 0; i < r->set->product->ninputs && !code; i++)
		if (i != first && is_image(r->set, i))
			code = add_image(r, *c, i);
	struct releases *releases = code ? NULL : releases_read(r, *c, &code);
	if (!code)
		code = add_product(r, c, releases);
	if (!code)
		code = add_unread(r, *c);
	releases_free(releases);
	return code;
}
