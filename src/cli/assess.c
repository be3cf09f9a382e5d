/* SPDX-License-Identifier: GPL-3.0-or-later */
/* assay IMAGE, assay PRODUCT.yaml: the straight line from an image, or from all that a product has, to verdicts. */
#include <getopt.h>
#include <stdio.h>
#include <unistd.h>

#include "case/case.h"
#include "cli/attach.h"
#include "cli/blob.h"
#include "cli/command.h"
#include "cli/extract.h"
#include "cli/image_run.h"
#include "cli/match.h"
#include "cli/output.h"
#include "cli/product.h"
#include "cli/progress.h"

static const char help[] =
	"usage: assay [assess] IMAGE|PRODUCT.yaml [options]\n"
	"\n"
	"Takes a firmware image apart, records what is in it as facts, and judges the\n"
	"facts. Everything goes into one case file, by default IMAGE.assay in the current\n"
	"folder. Running it again continues a run that was interrupted.\n"
	"\n"
	"A product file names all that a product has (images, documents, bills ...), and\n"
	"what its maker declares of it; everything goes into one case file, by default\n"
	"named after the product. assay init writes one to fill in.\n"
	"\n"
	"IMAGE is a file, a block device, a folder (an unpacked root file system; links\n"
	"are not followed out of it), or - for standard input.\n"
	"\n"
	"  assay router.bin\n"
	"  assay router.bin -o r.assay --html r.html --json r.json\n"
	"  assay router.bin --pack our-rules.yaml --extract router-files\n"
	"  assay rootfs/                  xz -dc disk.xz | assay -\n"
	"  assay router.bin.assay --blob /usr/lib/kernel.img     one piece by itself\n"
	"\n"
	"Results\n"
	"  -o, --output FILE     the case file\n"
	"      --html FILE       write an HTML report\n"
	"      --json FILE       write everything as JSON (- for standard output)\n"
	"      --cyclonedx FILE  write the software as a bill of materials in CycloneDX 1.6\n"
	"      --spdx FILE       the same in SPDX 2.3; assay sbom and assay vex have more\n"
	"      --sarif FILE      write the findings in SARIF 2.1.0, for GitHub and editors\n"
	"      --junit FILE      write the verdicts as JUnit XML, for CI servers\n"
	"      --oscal FILE      write them as assessment results of OSCAL 1.1 (JSON)\n"
	"      --pack FILE       judge by this pack instead of the built-in ones; repeatable\n"
	"      --yara FILE       run these YARA rules over every blob; repeatable\n"
	"      --sbom FILE       a bill of materials of the product (CycloneDX, SPDX), to be\n"
	"                        compared with what is in the image; repeatable\n"
	"      --vex FILE        statements on vulnerabilities (OpenVEX, CSAF, CycloneDX, or\n"
	"                        lines of your own), shown beside what is matched; repeatable\n"
	"      --document ROLE=FILE\n"
	"                        a document of the product (Markdown, HTML, PDF, text):\n"
	"                        privacy-notice, manual, disclosure-policy, advisory\n"
	"                        ... (see assay document --help); repeatable\n"
	"      --blob WHICH      IMAGE is a case file: assess this one blob of it, named by\n"
	"                        its path or by its number in the table blob\n"
	"      --extract DIR     write the files of the image below DIR, which must be new\n"
	"      --feeds FILE      match the software that is found against this database of\n"
	"                        known vulnerabilities (see assay feed); without it the\n"
	"                        default one, when there is one\n"
	"      --without-feeds   match against none\n"
	"      --measures FILE   keep the numbers of products here, to tell where this one\n"
	"                        stands; without it in the user's own database\n"
	"      --without-measures\n"
	"                        neither keep nor compare them\n"
	"      --allow-outside   files of a product file may lie outside of its folder\n"
	"      --show-secrets    reports show credentials in full; without it the first and\n"
	"                        last characters (the case file always has them)\n"
	"      --verbose         a summary of everything, not of what matters most\n"
	"  -q, --quiet           no summary, no progress: only errors and the exit code\n"
	"\n"
	"Limits (a limit that is hit is shown in the report)\n"
	"  -t, --threads N       threads (default: the processors of this machine)\n"
	"      --time TIME       for the whole image: 90s, 15m, 1h (default 15m)\n"
	"      --blob-time TIME  for one file or container (default 60s)\n"
	"      --max-depth N     containers within containers (default 24)\n"
	"      --max-blobs N     files and containers in all (default 1000000)\n"
	"      --max-blob SIZE   unpacked size of one (default 8G; beyond 192M in a temporary file)\n"
	"      --max-total SIZE  unpacked size of all (default 16G)\n"
	"      --max-ratio N     unpacked size of all by that of the image (default 1000)\n"
	"      --without-landlock\n"
	"                        go on where the kernel has no Landlock: then only seccomp\n"
	"                        confines the worker\n"
	"\n"
	"Exit codes: 0 no FAIL, 1 at least one FAIL, 2 the image or the command line is\n"
	"unusable, 3 an internal fault.\n";

struct options {
	const char *image, *case_path, *extract, *blob;
	struct output_options output;
	const char *feeds;
	bool without_feeds;
	struct image_options run; /* how images are taken apart */
	bool outside;             /* files of a product file may lie outside of its folder */
	struct document_list documents; /* bills and statements beside the image */
	struct attachment *attachment;  /* read from these; NULL: none are given */
};

enum { OPT_HTML = 256, OPT_JSON, OPT_PACK, OPT_YARA, OPT_EXTRACT, OPT_BLOB, OPT_TIME, OPT_BLOB_TIME, OPT_DEPTH, OPT_BLOBS, OPT_MAX_BLOB, OPT_TOTAL,
	   OPT_RATIO, OPT_LANDLOCK, OPT_SECRETS, OPT_SBOM, OPT_VEX, OPT_DOCUMENT, OPT_CYCLONEDX, OPT_SPDX, OPT_SARIF, OPT_JUNIT, OPT_OSCAL, OPT_FEEDS, OPT_NO_FEEDS, OPT_OUTSIDE };

static const struct option long_options[] = {
	{ "output", required_argument, NULL, 'o' },        { "quiet", no_argument, NULL, 'q' },
	{ "threads", required_argument, NULL, 't' },       { "html", required_argument, NULL, OPT_HTML },
	{ "json", required_argument, NULL, OPT_JSON },     { "pack", required_argument, NULL, OPT_PACK },
	{ "yara", required_argument, NULL, OPT_YARA },
	{ "sbom", required_argument, NULL, OPT_SBOM },       { "vex", required_argument, NULL, OPT_VEX },
	{ "document", required_argument, NULL, OPT_DOCUMENT },
	{ "cyclonedx", required_argument, NULL, OPT_CYCLONEDX }, { "spdx", required_argument, NULL, OPT_SPDX },
	{ "sarif", required_argument, NULL, OPT_SARIF }, { "junit", required_argument, NULL, OPT_JUNIT },
	{ "oscal", required_argument, NULL, OPT_OSCAL },
	{ "extract", required_argument, NULL, OPT_EXTRACT }, { "blob", required_argument, NULL, OPT_BLOB },
	{ "time", required_argument, NULL, OPT_TIME },
	{ "blob-time", required_argument, NULL, OPT_BLOB_TIME }, { "max-depth", required_argument, NULL, OPT_DEPTH },
	{ "max-blobs", required_argument, NULL, OPT_BLOBS }, { "max-blob", required_argument, NULL, OPT_MAX_BLOB },
	{ "max-total", required_argument, NULL, OPT_TOTAL }, { "max-ratio", required_argument, NULL, OPT_RATIO },
	OUTPUT_MEASURE_OPTIONS,
	{ "without-landlock", no_argument, NULL, OPT_LANDLOCK }, { "show-secrets", no_argument, NULL, OPT_SECRETS },
	{ "feeds", required_argument, NULL, OPT_FEEDS },   { "without-feeds", no_argument, NULL, OPT_NO_FEEDS },
	{ "allow-outside", no_argument, NULL, OPT_OUTSIDE }, { NULL, 0, NULL, 0 },
};

static bool parse_limit(int option, const char *value, struct options *o)
{
	uint64_t n = 0;
	switch (option) {
	case 't':
		if (!parse_count(value, 1, SCHEDULE_MAX_LANES, &n))
			return false;
		o->run.threads = (unsigned)n;
		return true;
	case OPT_TIME:
		return parse_seconds(value, &o->run.budget.seconds);
	case OPT_BLOB_TIME:
		return parse_seconds(value, &o->run.budget.blob_seconds);
	case OPT_DEPTH:
		if (!parse_count(value, 1, 1000, &n))
			return false;
		o->run.budget.depth = (unsigned)n;
		return true;
	case OPT_BLOBS:
		return parse_count(value, 1, UINT32_MAX, &o->run.budget.blobs);
	case OPT_MAX_BLOB:
		return parse_size(value, &o->run.budget.blob_bytes);
	case OPT_TOTAL:
		return parse_size(value, &o->run.budget.total_bytes);
	case OPT_RATIO:
		return parse_count(value, 1, UINT32_MAX, &o->run.budget.ratio);
	default:
		return false;
	}
}

/* False when the command line can not be used; the reason has been said. */
static bool parse_options(int argc, char **argv, struct options *o)
{
	int option;
	optind = 1;
	opterr = 0;
	while ((option = getopt_long(argc, argv, "o:qt:", long_options, NULL)) != -1) {
		switch (option) {
		case 'o':
			o->case_path = optarg;
			break;
		case 'q':
			o->output.quiet = true;
			break;
		case OPT_HTML:
			o->output.html = optarg;
			break;
		case OPT_JSON:
			o->output.json = optarg;
			break;
		case OPT_CYCLONEDX:
			o->output.cyclonedx = optarg;
			break;
		case OPT_SPDX:
			o->output.spdx = optarg;
			break;
		case OPT_SARIF:
			o->output.sarif = optarg;
			break;
		case OPT_JUNIT:
			o->output.junit = optarg;
			break;
		case OPT_OSCAL:
			o->output.oscal = optarg;
			break;
		case OPT_EXTRACT:
			o->extract = optarg;
			break;
		case OPT_BLOB:
			o->blob = optarg;
			break;
		case OPT_SECRETS:
			o->output.show_secrets = true;
			break;
		case OPT_FEEDS:
			o->feeds = optarg;
			break;
		case OPT_NO_FEEDS:
			o->without_feeds = true;
			break;
		case OPT_OUTSIDE:
			o->outside = true;
			break;
		case OPT_LANDLOCK:
			o->run.without_landlock = true;
			break;
		case OPT_SBOM:
		case OPT_VEX:
			if (!attach_add(&o->documents, option == OPT_SBOM ? "sbom" : "vex", optarg))
				return false;
			break;
		case OPT_DOCUMENT:
			if (!attach_add_named(&o->documents, optarg))
				return false;
			break;
		case OPT_PACK:
			if (!output_add_pack(&o->output, optarg))
				return complain(0, optarg, "more packs than can be used at once"), false;
			break;
		case OPT_YARA:
			if (o->run.nrule_paths == RULES_MAX)
				return complain(0, optarg, "more files of rules than can be used at once"), false;
			o->run.rule_paths[o->run.nrule_paths++] = optarg;
			break;
		case '?':
			return complain(0, argv[optind - 1], "not an option, or its value is missing; see assay assess --help"), false;
		default:
			if (!output_measure_option(&o->output, option, optarg) && !parse_limit(option, optarg, o))
				return complain(0, optarg, "not a value for this option; see assay assess --help"), false;
		}
	}
	if (argc - optind != 1)
		return complain(0, NULL, argc == optind ? "no image is named; see assay --help"
		                                        : "one image at a time; see assay --help"), false;
	o->image = argv[optind];
	return true;
}

static int extract_files(const struct image_run *r, const struct options *o)
{
	uint64_t made, refused;
	struct error e = extraction_finish(r->extraction, r->c, &made, &refused);
	if (error_is(&e))
		return complain_error(o->extract, &e);
	if (!o->output.quiet)
		fprintf(stderr, "%llu files and links in %s, %llu left out as unsafe or unreadable\n", (unsigned long long)made,
		        o->extract, (unsigned long long)refused);
	return EXIT_NO_FAIL;
}

static struct match_request match_request(const struct options *o)
{
	return (struct match_request){ .feeds = o->feeds, .quiet = o->output.quiet };
}

static bool is_matched(const struct options *o)
{
	return !o->without_feeds && match_possible(o->feeds);
}

/* What follows when the images are in the case: documents, matching (requirements may ask for what it finds), verdicts. */
static int conclude(struct options *o, struct case_file *c, const char *path)
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
static int take_apart(const struct options *o, struct image_run *r, const char *of, const char *path)
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
	return r->extraction ? extract_files(r, o) : EXIT_NO_FAIL;
}

static int assess(struct options *o, const struct input *input)
{
	char default_path[4096];
	snprintf(default_path, sizeof default_path, "%s.assay", input->name);
	const char *path = o->case_path ? o->case_path : default_path;
	struct image_run r = { .input = input, .more = o->attachment != NULL };
	int code = output_check_targets(&o->output, path, &input->st);
	if (!code)
		code = output_prepare(&o->output); /* a broken pack is refused before anything runs */
	if (!code)
		code = take_apart(o, &r, "", path);
	if (!code)
		code = conclude(o, r.c, path);
	extraction_free(r.extraction);
	case_close(r.c);
	return r.changed ? EXIT_UNUSABLE : r.gave_up ? EXIT_INTERNAL : code;
}

static int check_product(struct options *o, const struct product_set *set, const char *path)
{
	int code = output_check_targets(&o->output, path, &set->st);
	for (size_t i = 0; i < set->product->ninputs && !code; i++)
		if (set->opened[i].fd >= 0)
			code = output_check_targets(&o->output, path, &set->opened[i].st);
	if (!code && o->extract && product_set_images(set) != 1)
		code = complain(EXIT_UNUSABLE, o->extract, "files can be written of one image, not of %zu: name the image itself",
						product_set_images(set));
	return code ? code : output_prepare(&o->output);
}

static int assess_product(struct options *o, const struct product_set *set)
{
	char default_path[4096];
	product_set_case_name(set, default_path, sizeof default_path);
	const char *path = o->case_path ? o->case_path : default_path;
	struct input input = { .fd = -1 };
	struct image_run r = { .input = &input, .label = input.name, .more = true };
	struct match_request match = match_request(o);
	struct product_request request = {
		.set = set, .options = &o->run, .match = is_matched(o) ? &match : NULL, .path = path };
	size_t first = product_set_first(set);
	int code = check_product(o, set, path);
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

static int open_input(const struct options *o, struct input *input)
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

static int open_blob(const struct options *o, struct input *input)
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
static int compile_rules(struct options *o)
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

static int assess_image(struct options *o)
{
	struct input input = { .fd = -1 };
	int code = o->blob ? open_blob(o, &input) : open_input(o, &input);
	if (!code && input.copied && !o->blob && is_product_stream(&input))
		code = complain(EXIT_UNUSABLE, input.name, "is a product file: name the file itself, from whose folder its paths count");
	if (!code)
		code = assess(o, &input);
	input_close(&input);
	return code;
}

static int run(int argc, char **argv)
{
	long processors = sysconf(_SC_NPROCESSORS_ONLN);
	struct options o = { .run = { .budget = budget_default } };
	struct product_set *set = NULL;
	o.run.threads = processors < 1 ? 1 : processors > (long)SCHEDULE_MAX_LANES ? SCHEDULE_MAX_LANES : (unsigned)processors;
	if (!parse_options(argc, argv, &o))
		return EXIT_UNUSABLE;
	o.run.quiet = o.output.quiet;
	int code = compile_rules(&o);
	if (!code && !o.blob)
		code = product_set_open(o.image, o.outside, o.output.quiet, &set);
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

const struct command command_assess = { "assess", "assess a firmware image", help, run };
