/* SPDX-License-Identifier: GPL-3.0-or-later */
/* assay IMAGE: the straight line from an image to verdicts. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/hash.h"
#include "case/case.h"
#include "cli/attach.h"
#include "cli/blob.h"
#include "cli/command.h"
#include "cli/extract.h"
#include "cli/input.h"
#include "cli/match.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "cli/verify.h"
#include "inspect/inspect.h"
#include "probe/rules.h"
#include "worker/supervise.h"

static const char help[] =
	"usage: assay [assess] IMAGE [options]\n"
	"\n"
	"Takes a firmware image apart, records what is in it as facts, and judges the\n"
	"facts. Everything goes into one case file, by default IMAGE.assay in the current\n"
	"folder. Running it again continues a run that was interrupted.\n"
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
	"      --show-secrets    reports show credentials in full; without it the first and\n"
	"                        last characters (the case file always has them)\n"
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

#define RULES_MAX 64u

struct options {
	const char *image, *case_path, *extract, *blob;
	struct output_options output;
	const char *feeds;
	bool without_feeds;
	unsigned threads;
	struct budget budget;
	bool without_landlock;
	const char *rule_paths[RULES_MAX];
	size_t nrule_paths;
	struct rules *rules; /* compiled from these; NULL: none are given */
	struct document_list documents; /* bills and statements beside the image */
	struct attachment *attachment;  /* read from these; NULL: none are given */
};

enum { OPT_HTML = 256, OPT_JSON, OPT_PACK, OPT_YARA, OPT_EXTRACT, OPT_BLOB, OPT_TIME, OPT_BLOB_TIME, OPT_DEPTH, OPT_BLOBS, OPT_MAX_BLOB, OPT_TOTAL,
	   OPT_RATIO, OPT_LANDLOCK, OPT_SECRETS, OPT_SBOM, OPT_VEX, OPT_DOCUMENT, OPT_CYCLONEDX, OPT_SPDX, OPT_SARIF, OPT_JUNIT, OPT_FEEDS, OPT_NO_FEEDS };

static const struct option long_options[] = {
	{ "output", required_argument, NULL, 'o' },        { "quiet", no_argument, NULL, 'q' },
	{ "threads", required_argument, NULL, 't' },       { "html", required_argument, NULL, OPT_HTML },
	{ "json", required_argument, NULL, OPT_JSON },     { "pack", required_argument, NULL, OPT_PACK },
	{ "yara", required_argument, NULL, OPT_YARA },
	{ "sbom", required_argument, NULL, OPT_SBOM },       { "vex", required_argument, NULL, OPT_VEX },
	{ "document", required_argument, NULL, OPT_DOCUMENT },
	{ "cyclonedx", required_argument, NULL, OPT_CYCLONEDX }, { "spdx", required_argument, NULL, OPT_SPDX },
	{ "sarif", required_argument, NULL, OPT_SARIF }, { "junit", required_argument, NULL, OPT_JUNIT },
	{ "extract", required_argument, NULL, OPT_EXTRACT }, { "blob", required_argument, NULL, OPT_BLOB },
	{ "time", required_argument, NULL, OPT_TIME },
	{ "blob-time", required_argument, NULL, OPT_BLOB_TIME }, { "max-depth", required_argument, NULL, OPT_DEPTH },
	{ "max-blobs", required_argument, NULL, OPT_BLOBS }, { "max-blob", required_argument, NULL, OPT_MAX_BLOB },
	{ "max-total", required_argument, NULL, OPT_TOTAL }, { "max-ratio", required_argument, NULL, OPT_RATIO },
	{ "without-landlock", no_argument, NULL, OPT_LANDLOCK }, { "show-secrets", no_argument, NULL, OPT_SECRETS },
	{ "feeds", required_argument, NULL, OPT_FEEDS },   { "without-feeds", no_argument, NULL, OPT_NO_FEEDS }, { NULL, 0, NULL, 0 },
};

static bool parse_limit(int option, const char *value, struct options *o)
{
	uint64_t n = 0;
	switch (option) {
	case 't':
		if (!parse_count(value, 1, SCHEDULE_MAX_LANES, &n))
			return false;
		o->threads = (unsigned)n;
		return true;
	case OPT_TIME:
		return parse_seconds(value, &o->budget.seconds);
	case OPT_BLOB_TIME:
		return parse_seconds(value, &o->budget.blob_seconds);
	case OPT_DEPTH:
		if (!parse_count(value, 1, 1000, &n))
			return false;
		o->budget.depth = (unsigned)n;
		return true;
	case OPT_BLOBS:
		return parse_count(value, 1, UINT32_MAX, &o->budget.blobs);
	case OPT_MAX_BLOB:
		return parse_size(value, &o->budget.blob_bytes);
	case OPT_TOTAL:
		return parse_size(value, &o->budget.total_bytes);
	case OPT_RATIO:
		return parse_count(value, 1, UINT32_MAX, &o->budget.ratio);
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
		case OPT_LANDLOCK:
			o->without_landlock = true;
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
			if (o->nrule_paths == RULES_MAX)
				return complain(0, optarg, "more files of rules than can be used at once"), false;
			o->rule_paths[o->nrule_paths++] = optarg;
			break;
		case '?':
			return complain(0, argv[optind - 1], "not an option, or its value is missing; see assay assess --help"), false;
		default:
			if (!parse_limit(option, optarg, o))
				return complain(0, optarg, "not a value for this option; see assay assess --help"), false;
		}
	}
	if (argc - optind != 1)
		return complain(0, NULL, argc == optind ? "no image is named; see assay --help"
		                                        : "one image at a time; see assay --help"), false;
	o->image = argv[optind];
	return true;
}

/* The input's digest, taken beside the worker's run. It is read, not mapped: a file that shrinks meanwhile would kill us. */
struct digest {
	pthread_t thread;
	const struct input *input;
	char hex[65];
	bool started, running, ok;
};

static void *digest_main(void *arg)
{
	struct digest *d = arg;
	d->ok = hash_sha256_file(d->input->fd, d->input->size, d->hex);
	return NULL;
}

static void digest_start(struct digest *d, const struct input *input)
{
	d->input = input;
	d->started = true;
	if (input->copied) { /* nobody else can have changed the copy since its digest was taken */
		memcpy(d->hex, input->sha256, sizeof d->hex);
		d->ok = true;
		return;
	}
	d->running = pthread_create(&d->thread, NULL, digest_main, d) == 0;
}

/* NULL when the file could not be read to the size that it had. */
static const char *digest_end(struct digest *d)
{
	if (d->running)
		pthread_join(d->thread, NULL);
	else if (!d->ok)
		digest_main(d);
	return d->ok ? d->hex : NULL;
}

/* One run: what the worker's events work on. */
struct run {
	struct case_file *c;
	struct extraction *extraction;
	struct progress progress;
	struct digest digest;
	const struct input *input;
	bool write_failed;
	bool gave_up; /* the worker died more often than it is restarted */
	bool changed; /* the image is not any more what it was */
};

static bool on_batch(void *context, struct span batch)
{
	struct run *r = context;
	r->write_failed |= !case_take_batch(r->c, batch);
	return !r->write_failed;
}

static bool on_content(void *context, uint64_t key, struct span bytes)
{
	struct run *r = context;
	return extraction_content(r->extraction, key, bytes);
}

static struct key_set on_done(void *context)
{
	struct run *r = context;
	size_t n = 0;
	if (r->extraction) { /* the contents are wanted of all, and from their beginning */
		extraction_restart(r->extraction);
		return (struct key_set){ NULL, 0 };
	}
	const uint64_t *keys = case_done_keys(r->c, &n);
	return (struct key_set){ keys, n };
}

static void on_tick(void *context, const struct probe_status *status)
{
	struct run *r = context;
	if (!r->digest.started)
		digest_start(&r->digest, r->input);
	r->write_failed |= !case_tick(r->c);
	progress_show(&r->progress, status);
}

static double seconds_since(const struct timespec *start)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)(now.tv_sec - start->tv_sec) + (double)(now.tv_nsec - start->tv_nsec) / 1e9;
}

static const char *const *inspector_names(const char *names[], size_t room, bool with_rules)
{
	size_t n = 0;
	for (; inspector_registry[n] && n + 2 < room; n++)
		names[n] = inspector_registry[n]->name;
	if (with_rules)
		names[n++] = "yara";
	names[n] = NULL;
	return names;
}

/* Times are told in the header of a report; a case without them is none the worse. */
static void set_time(struct case_file *c, const char *name)
{
	char text[32];
	time_t now = time(NULL);
	struct tm utc;
	strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &utc));
	struct error e = case_set_meta(c, name, text);
	if (error_is(&e))
		complain_error(NULL, &e);
}

/* Which rules ran: a report that says nothing was found must say of what. */
static struct error note_rules(struct case_file *c, const struct options *o)
{
	struct error e = error_none();
	for (size_t i = 0; o->rules && !error_is(&e) && i < o->nrule_paths; i++) {
		char name[32], value[4352];
		snprintf(name, sizeof name, "yara_rules_%zu", i + 1);
		snprintf(value, sizeof value, "%s: %u rules, SHA-256 %s", o->rule_paths[i], rules_count(o->rules, i),
		         rules_digest(o->rules, i));
		e = case_set_meta(c, name, value);
	}
	return e;
}

static struct error finish_case(struct run *r, const struct options *o, const struct worker_result *result, double seconds)
{
	static const char *const outcomes[] = {
		[WORKER_COMPLETE] = "complete", [WORKER_CRASHED] = "complete", [WORKER_TIMEOUT] = "budget",
		[WORKER_GAVE_UP] = "crashed",   [WORKER_STOPPED] = "partial",
	};
	const char *names[64];
	const char *sha256 = digest_end(&r->digest);
	r->changed = !sha256;
	if (r->changed)
		complain(EXIT_UNUSABLE, r->input->name, "could not be read to its end: it changed while it was looked at");
	char detail[320];
	snprintf(detail, sizeof detail, "%s after %u restarts", result->detail, result->restarts);
	r->gave_up = result->outcome == WORKER_GAVE_UP;
	if (r->gave_up)
		complain(EXIT_INTERNAL, r->input->name, "%s; what was found before that is reported", detail);
	struct verify_context verify = { .without_landlock = o->without_landlock, .seconds = o->budget.blob_seconds };
	struct case_run run = {
		.verify = verify_signatures,
		.verify_context = &verify,
		.complete = result->outcome == WORKER_COMPLETE || result->outcome == WORKER_CRASHED,
		.outcome = outcomes[result->outcome],
		.detail = result->outcome == WORKER_STOPPED ? "the run was stopped" : detail,
		.seconds = seconds,
		.sha256 = sha256,
		.inspectors = inspector_names(names, 64, o->rules != NULL),
	};
	return case_finish(r->c, &run);
}

static struct error probe_image(struct run *r, const struct options *o, const struct input *input)
{
	struct worker_request request = {
		.fd = input->fd, .size = input->size, .name = text_c(input->path), .format = input->format, .threads = o->threads,
		.budget = o->budget, .without_landlock = o->without_landlock, .want_content = r->extraction != NULL,
		.rules = o->rules,
	};
	struct worker_events events = { r, on_batch, on_content, on_done, on_tick };
	struct worker_result result;
	struct timespec start;
	clock_gettime(CLOCK_MONOTONIC, &start);
	struct error e = note_rules(r->c, o);
	if (error_is(&e))
		return e;
	set_time(r->c, "started_at");
	progress_start(&r->progress, o->output.quiet);
	e = worker_run(&request, &events, &result);
	progress_end(&r->progress);
	if (error_is(&e))
		return e;
	if (r->write_failed)
		return case_sql_error(r->c, "writing the case file");
	if (!r->digest.started)
		digest_start(&r->digest, input);
	set_time(r->c, "finished_at");
	return finish_case(r, o, &result, seconds_since(&start));
}

static int extract_files(struct run *r, const struct options *o)
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

/* What this build can find with these rules: a run that others began is not continued. */
static uint32_t abilities(const struct options *o)
{
	uint32_t crc = 0;
	for (size_t i = 0; inspector_registry[i]; i++)
		crc = hash_crc32(crc, span_of(inspector_registry[i]->name, strlen(inspector_registry[i]->name)));
	for (size_t i = 0; format_registry[i]; i++)
		crc = hash_crc32(crc, span_of(format_registry[i]->name, strlen(format_registry[i]->name)));
	for (size_t i = 0; i < FACT_TYPES; i++)
		for (size_t k = 0; k < fact_tables[i].ncolumns; k++)
			crc = hash_crc32(crc, span_of(fact_tables[i].columns[k].name, strlen(fact_tables[i].columns[k].name)));
	for (size_t i = 0; o->rules && i < o->nrule_paths; i++)
		crc = hash_crc32(crc, span_of(rules_digest(o->rules, i), 64));
	return crc;
}

static struct case_file *begin_case(const struct options *o, const struct input *input, const char *path)
{
	char identity[256];
	snprintf(identity, sizeof identity, "%s %08x %s", ASSAY_VERSION, abilities(o), input->identity);
	struct case_input described = { "firmware", input->location, input->size, identity };
	size_t resumed;
	struct error e;
	struct case_file *c = case_begin(path, &described, &resumed, &e);
	if (!c)
		complain_error(path, &e);
	else if (resumed && !o->output.quiet)
		fprintf(stderr, "%s: continuing an interrupted run, %zu blobs are done\n", path, resumed);
	return c;
}

/* Before judging: requirements may ask for what matching finds. */
static int match_feeds(const struct options *o, struct case_file *c)
{
	struct match_request request = { .feeds = o->feeds, .quiet = o->output.quiet };
	if (o->without_feeds || !match_possible(o->feeds))
		return EXIT_NO_FAIL;
	return match_case(case_db(c), &request);
}

static int assess(struct options *o, const struct input *input)
{
	char default_path[4096];
	snprintf(default_path, sizeof default_path, "%s.assay", input->name);
	const char *path = o->case_path ? o->case_path : default_path;
	struct run r = { .input = input };
	struct error e = error_none();
	int code = output_check_targets(&o->output, path, &input->st);
	if (!code)
		code = output_prepare(&o->output); /* a broken pack is refused before anything runs */
	if (code)
		return code;
	if (o->extract && !(r.extraction = extraction_begin(o->extract, &e)))
		return complain_error(o->extract, &e);
	r.c = begin_case(o, input, path);
	code = r.c ? EXIT_NO_FAIL : EXIT_UNUSABLE;
	if (r.c) {
		e = probe_image(&r, o, input);
		if (error_is(&e))
			code = complain_error(o->image, &e);
		if (!code && r.extraction)
			code = extract_files(&r, o);
		if (!code && o->attachment)
			code = attach_write(o->attachment, r.c);
		if (!code && o->attachment && !o->output.quiet)
			attach_print_differences(r.c, stderr);
		if (!code)
			code = match_feeds(o, r.c);
		if (!code && o->attachment && !o->output.quiet)
			attach_tell_unknown(r.c); /* what was matched is known now */
		if (!code)
			code = output_judge_and_report(&o->output, r.c, path);
		if (r.gave_up)
			code = EXIT_INTERNAL;
		if (r.changed)
			code = EXIT_UNUSABLE;
	}
	extraction_free(r.extraction);
	case_close(r.c);
	return code;
}

static int open_input(const struct options *o, struct input *input)
{
	struct progress progress;
	struct input_options options = {
		.limit = o->budget.total_bytes,
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
		.budget = o->budget,
		.without_landlock = o->without_landlock,
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
	if (o->nrule_paths && !(o->rules = rules_compile(o->rule_paths, o->nrule_paths, &bad, &e)))
		return complain_error(bad, &e);
	return EXIT_NO_FAIL;
}

static int run(int argc, char **argv)
{
	long processors = sysconf(_SC_NPROCESSORS_ONLN);
	struct options o = { .budget = budget_default };
	o.threads = processors < 1 ? 1 : processors > (long)SCHEDULE_MAX_LANES ? SCHEDULE_MAX_LANES : (unsigned)processors;
	struct input input = { .fd = -1 };
	if (!parse_options(argc, argv, &o))
		return EXIT_UNUSABLE;
	int code = compile_rules(&o);
	if (!code && o.documents.n)
		o.attachment = attach_read(&o.documents, o.without_landlock, &code);
	if (code)
		return code;
	code = o.blob ? open_blob(&o, &input) : open_input(&o, &input);
	if (!code)
		code = assess(&o, &input);
	input_close(&input);
	output_free(&o.output);
	attach_free(o.attachment);
	rules_free(o.rules);
	return code;
}

const struct command command_assess = { "assess", "assess a firmware image", help, run };
