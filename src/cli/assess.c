/* SPDX-License-Identifier: GPL-3.0-or-later */
/* assay IMAGE, assay PRODUCT.yaml: the straight line from an image, or from all that a product has, to verdicts. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/plural.h"
#include "case/case.h"
#include "cli/assess_options.h"
#include "cli/attach.h"
#include "cli/blob.h"
#include "cli/command.h"
#include "cli/extract.h"
#include "cli/image_run.h"
#include "cli/match.h"
#include "cli/output.h"
#include "cli/product.h"
#include "cli/progress.h"
#include "cli/unread.h"

static void print_extracted(const struct extract_counts *n, const char *dir)
{
	fprintf(stderr, "%llu %s", (unsigned long long)n->files, plural(n->files, "file or link", "files and links"));
	if (n->parts)
		fprintf(stderr, " and %llu other %s of the image", (unsigned long long)n->parts, plural(n->parts, "part", "parts"));
	fprintf(stderr, " in %s, %llu left out as unsafe or unreadable\n", dir, (unsigned long long)n->refused);
}

static int tell_extracted(const struct image_run *r, const struct assess_options *o)
{
	if (error_is(&r->extract_error))
		return complain_error(o->extract, &r->extract_error);
	if (!o->output.quiet)
		print_extracted(&r->extracted, o->extract);
	return EXIT_NO_FAIL;
}

static struct match_request match_request(const struct assess_options *o)
{
	return (struct match_request){ .feeds = o->feeds, .quiet = o->output.quiet };
}

static bool is_matched(const struct assess_options *o)
{
	return !o->without_feeds && match_possible(o->feeds);
}

/* What follows when the images are in the case: documents, matching (requirements may ask for what it finds), verdicts. */
static int conclude(struct assess_options *o, struct case_file *c, const char *path)
{
	struct match_request match = match_request(o);
	int code = o->attachment ? attach_write(o->attachment, c) : EXIT_NO_FAIL;
	struct error e = code ? error_none() : case_complete(c);
	if (error_is(&e))
		code = complain_error(path, &e);
	if (!code && o->attachment && !o->output.quiet)
		attach_print_differences(c, stderr);
	if (!code && is_matched(o))
		code = match_case(case_db(c), &match);
	if (!code && o->attachment && !o->output.quiet)
		attach_tell_unknown(c); /* what was matched is known now */
	return code ? code : output_judge_and_report(&o->output, c, path);
}

/* Opens the case and takes the image apart into it. An exit code. */
static int take_apart(const struct assess_options *o, struct image_run *r, const char *of, const char *path)
{
	struct error e = error_none();
	if (o->extract && !(r->extraction = extraction_begin(o->extract, &e)))
		return complain_error(o->extract, &e);
	r->c = image_begin(&o->run, r->input, of, path);
	if (!r->c)
		return EXIT_UNUSABLE;
	e = image_run(r, &o->run);
	if (error_is(&e))
		return complain_error(o->image, &e);
	return r->extraction ? tell_extracted(r, o) : EXIT_NO_FAIL;
}

/* --extract-only: no case is kept. */
static int extract_only(struct assess_options *o, const struct input *input)
{
	struct image_run r = { .input = input };
	struct error e;
	int code = EXIT_NO_FAIL;
	if (!(r.extraction = extraction_begin(o->extract, &e)))
		return complain_error(o->extract, &e);
	r.c = image_begin(&o->run, input, "extract ", "");
	if (!r.c)
		code = EXIT_UNUSABLE;
	if (!code) {
		e = image_run(&r, &o->run);
		code = error_is(&e) ? complain_error(o->image, &e) : tell_extracted(&r, o);
	}
	if (!code && (tell_unread(&r) || r.extracted.refused > 0))
		code = EXIT_FAIL;
	extraction_free(r.extraction);
	case_close(r.c);
	return r.changed ? EXIT_UNUSABLE : r.gave_up ? EXIT_INTERNAL : code;
}

/* Should it fail, output_judge_and_report() does it once more, and tells. */
static void prepare_meanwhile(void *context)
{
	(void)output_prepare(context);
}

/* Cases are called after images, of which two may have one name in two folders. */
static void tell_replaced(const char *path, const struct input *input)
{
	struct stat st;
	char *before = case_made_of(path);
	if (before && strcmp(before, input->location) != 0 &&
		(stat(before, &st) || st.st_dev != input->st.st_dev || st.st_ino != input->st.st_ino))
		complain(0, path, "was the case of %s, and becomes that of %s; to keep both, name the file with -o", before,
				 input->location);
	free(before);
}

static int assess(struct assess_options *o, const struct input *input)
{
	char default_path[4096];
	snprintf(default_path, sizeof default_path, "%s.assay", input->name);
	const char *path = o->case_path ? o->case_path : default_path;
	struct image_run r = {
		.input = input, .more = o->attachment != NULL, .meanwhile = prepare_meanwhile, .meanwhile_context = &o->output };
	int code = output_check_targets(&o->output, path, &input->st);
	if (!code)
		code = output_prepare_own(&o->output); /* a broken pack is refused before anything runs */
	if (!code && !o->case_path)
		tell_replaced(path, input);
	if (!code)
		code = take_apart(o, &r, "", path);
	if (!code)
		code = conclude(o, r.c, path);
	extraction_free(r.extraction);
	case_close(r.c);
	return r.changed ? EXIT_UNUSABLE : r.gave_up ? EXIT_INTERNAL : code;
}

static int check_product(struct assess_options *o, const struct product_set *set, const char *path)
{
	int code = output_check_targets(&o->output, path, &set->st);
	for (size_t i = 0; i < set->product->ninputs && !code; i++)
		if (set->opened[i].fd >= 0)
			code = output_check_targets(&o->output, path, &set->opened[i].st);
	if (!code && o->extract && product_set_images(set) != 1)
		code = complain(EXIT_UNUSABLE, o->extract, "files can be written of one image, not of %zu: name the image itself",
						product_set_images(set));
	return code ? code : output_prepare_own(&o->output);
}

static int assess_product(struct assess_options *o, const struct product_set *set)
{
	char default_path[4096];
	product_set_case_name(set, default_path, sizeof default_path);
	const char *path = o->case_path ? o->case_path : default_path;
	struct input input = { .fd = -1 };
	struct image_run r = {
		.input = &input, .label = input.name, .more = true, .meanwhile = prepare_meanwhile, .meanwhile_context = &o->output };
	struct match_request match = match_request(o);
	struct product_request request = {
		.set = set, .options = &o->run, .match = is_matched(o) ? &match : NULL, .path = path };
	size_t first = product_set_first(set);
	int code = check_product(o, set, path);
	if (!code)
		code = product_set_count(&request);
	if (!code && first != SIZE_MAX)
		code = product_set_input(set, first, &o->run, &input);
	if (!code && first != SIZE_MAX)
		code = take_apart(o, &r, "product ", path);
	if (!code)
		code = product_set_add(&request, &r.c);
	if (!code)
		code = conclude(o, r.c, path);
	extraction_free(r.extraction);
	case_close(r.c);
	input_close(&input);
	return r.changed || request.changed ? EXIT_UNUSABLE : r.gave_up || request.gave_up ? EXIT_INTERNAL : code;
}

static int open_input(const struct assess_options *o, struct input *input)
{
	struct progress progress;
	struct input_options options = {
		.limit = o->run.budget.total_bytes,
		.leave_out = { o->case_path, o->output.html, o->output.json, o->output.cyclonedx, o->output.spdx },
		.progress = &progress,
	};
	progress_start(&progress, o->output.quiet);
	int code = input_open(o->image, &options, input);
	progress_end(&progress);
	return code;
}

static int open_blob(const struct assess_options *o, struct input *input)
{
	struct progress progress;
	struct blob_request request = {
		.case_path = o->image,
		.which = o->blob,
		.budget = o->run.budget,
		.without_landlock = o->run.without_landlock,
		.progress = &progress,
	};
	progress_start(&progress, o->output.quiet);
	int code = blob_open(&request, input);
	progress_end(&progress);
	return code;
}

/* Before anything else is done: an error in them is told at once. */
static int compile_rules(struct assess_options *o)
{
	struct error e;
	const char *bad;
	if (o->run.nrule_paths && !(o->run.rules = rules_compile(o->run.rule_paths, o->run.nrule_paths, &bad, &e)))
		return complain_error(bad, &e);
	return EXIT_NO_FAIL;
}

/* A product file that came through a pipe: nobody knows where its files are. */
static bool is_product_stream(const struct input *input)
{
	char head[4096];
	ssize_t n = pread(input->fd, head, sizeof head, 0);
	return n > 0 && !input->format && product_recognise(text_of(head, (size_t)n));
}

static int assess_image(struct assess_options *o)
{
	struct input input = { .fd = -1 };
	int code = o->blob ? open_blob(o, &input) : open_input(o, &input);
	if (!code && input.copied && !o->blob && is_product_stream(&input))
		code = complain(EXIT_UNUSABLE, input.name, "is a product file: name the file itself, from whose folder its paths count");
	if (!code)
		code = o->run.contents_only ? extract_only(o, &input) : assess(o, &input);
	input_close(&input);
	return code;
}

static int run(int argc, char **argv)
{
	long processors = sysconf(_SC_NPROCESSORS_ONLN);
	struct assess_options o = { .run = { .budget = budget_default } };
	struct product_set *set = NULL;
	o.run.threads = processors < 1 ? 1 : processors > (long)SCHEDULE_MAX_LANES ? SCHEDULE_MAX_LANES : (unsigned)processors;
	if (!assess_parse(argc, argv, &o))
		return EXIT_UNUSABLE;
	o.run.quiet = o.output.quiet;
	if (!o.run.contents_only || o.blob) /* files alone have no case, and do without its library */
		case_one_thread(); /* a worker's threads know no case */
	int code = compile_rules(&o);
	if (!code && !o.blob)
		code = product_set_open(o.image, o.outside, o.output.quiet, &set);
	if (!code && set && o.run.contents_only)
		code = complain(EXIT_UNUSABLE, o.image, "is a product file: name the image itself, whose files are to be written");
	if (!code && set && !product_set_documents(set, &o.documents))
		code = EXIT_UNUSABLE;
	if (!code && o.documents.n)
		o.attachment = attach_read(&o.documents, o.run.without_landlock, &code);
	if (!code)
		code = set ? assess_product(&o, set) : assess_image(&o);
	output_free(&o.output);
	attach_free(o.attachment);
	product_set_free(set);
	rules_free(o.run.rules);
	return code;
}

const struct command command_assess = { "assess", "assess a firmware image", assess_help, run };
