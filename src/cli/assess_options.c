/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The command line of assay assess. */
#include "cli/assess_options.h"

#include <getopt.h>

#include "cli/command.h"

const char assess_help[] =
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
	"are not followed out of it), or - for standard input. Of a bill of materials\n"
	"alone (CycloneDX, SPDX; packed, attested, beside its README and signature) it is\n"
	"what it declares that is matched.\n"
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
	"      --cyclonedx FILE  write the software as a bill of materials, CycloneDX 1.6\n"
	"      --spdx FILE       the same in SPDX 2.3; assay sbom and assay vex have more\n"
	"      --sarif FILE      write the findings in SARIF 2.1.0 (GitHub, editors)\n"
	"      --junit FILE      write the verdicts as JUnit XML, for CI servers\n"
	"      --oscal FILE      write them as assessment results of OSCAL 1.1 (JSON)\n"
	"      --pack FILE       judge by this pack, not the built-in ones; repeatable\n"
	"      --yara FILE       run these YARA rules over every blob; repeatable\n"
	"      --sbom FILE       a bill of materials of the product (CycloneDX, SPDX, a\n"
	"                        list of Buildroot, Yocto or OpenWrt), to be compared\n"
	"                        with what is in the image; repeatable\n"
	"      --vex FILE        statements on vulnerabilities (OpenVEX, CSAF, CycloneDX,\n"
	"                        or lines of your own), shown beside what is matched;\n"
	"                        repeatable\n"
	"      --document ROLE=FILE\n"
	"                        a document of the product (Markdown, HTML, PDF, text):\n"
	"                        privacy-notice, manual, disclosure-policy, advisory\n"
	"                        ... (see assay document --help); repeatable\n"
	"      --blob WHICH      IMAGE is a case file: assess this one blob of it, named\n"
	"                        by its path or by its number in the table blob\n"
	"      --extract DIR     write the image's files and other parts below DIR,\n"
	"                        which must be new\n"
	"      --extract-only DIR\n"
	"                        do nothing else: no case file, no assessment; ordinary\n"
	"                        files are not looked into, but for those of archives\n"
	"                        that may be images\n"
	"      --feeds FILE      match the software that is found against this database\n"
	"                        of known vulnerabilities (see assay feed); without it\n"
	"                        the default one, when there is one\n"
	"      --without-feeds   match against none\n"
	"      --measures FILE   keep the numbers of products here, to tell where this\n"
	"                        one stands; without it in the user's own database\n"
	"      --without-measures\n"
	"                        neither keep nor compare them\n"
	"      --allow-outside   files of a product file may lie outside of its folder\n"
	"      --show-secrets    reports show credentials in full; without it the first\n"
	"                        and last characters (the case file always has them)\n"
	"      --verbose         a summary of everything, not of what matters most\n"
	"  -q, --quiet           no summary, no progress: only errors and the exit code\n"
	"\n"
	"Limits (a limit that is hit is shown in the report)\n"
	"  -t, --threads N       threads (default: the processors of this machine)\n"
	"      --time TIME       for the whole image: 90s, 15m, 1h (default 15m)\n"
	"      --blob-time TIME  for one file or container (default 60s)\n"
	"      --max-depth N     containers within containers (default 24)\n"
	"      --max-blobs N     files and containers in all (default 1000000)\n"
	"      --max-blob SIZE   unpacked size of one (default 8G; beyond 192M in a\n"
	"                        temporary file)\n"
	"      --max-total SIZE  unpacked size of all (default 16G)\n"
	"      --max-ratio N     unpacked size of all by that of the image (default 1000)\n"
	"      --without-landlock\n"
	"                        go on where the kernel has no Landlock: then only\n"
	"                        seccomp confines the worker\n"
	"\n"
	"Exit codes: 0 no FAIL, 1 at least one FAIL, 2 the image or the command line is\n"
	"unusable or the image changed meanwhile, 3 an internal fault. With\n"
	"--extract-only: 1 where something could not be read, or was left out as unsafe.\n";

enum { OPT_HTML = 256, OPT_JSON, OPT_PACK, OPT_YARA, OPT_EXTRACT, OPT_EXTRACT_ONLY, OPT_BLOB, OPT_TIME, OPT_BLOB_TIME, OPT_DEPTH,
	   OPT_BLOBS, OPT_MAX_BLOB, OPT_TOTAL,
	   OPT_RATIO, OPT_LANDLOCK, OPT_SECRETS, OPT_SBOM, OPT_VEX, OPT_DOCUMENT, OPT_CYCLONEDX, OPT_SPDX, OPT_SARIF, OPT_JUNIT,
	   OPT_OSCAL, OPT_FEEDS, OPT_NO_FEEDS, OPT_OUTSIDE };

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
	{ "extract-only", required_argument, NULL, OPT_EXTRACT_ONLY },
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

static bool parse_limit(int option, const char *value, struct assess_options *o)
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

/* Files alone are written where that is all that was asked for. */
static bool check_extract_only(const struct assess_options *o)
{
	const struct output_options *w = &o->output;
	bool more = o->case_path || w->html || w->json || w->cyclonedx || w->spdx || w->sarif || w->junit || w->oscal || w->npacks ||
				o->run.nrule_paths || o->documents.n || o->feeds || o->without_feeds || w->show_secrets || w->verbose || w->measures ||
				w->without_measures;
	if (o->run.contents_only && more)
		return complain(0, "--extract-only",
						"assesses nothing: it takes no case file, and no option for reports, packs, rules, documents, feeds or measures"),
			   false;
	return true;
}

/* Where an option's value is kept as it is; NULL: it is none of those. */
static const char **text_of_option(int option, struct assess_options *o)
{
	switch (option) {
	case 'o':
		return &o->case_path;
	case OPT_HTML:
		return &o->output.html;
	case OPT_JSON:
		return &o->output.json;
	case OPT_CYCLONEDX:
		return &o->output.cyclonedx;
	case OPT_SPDX:
		return &o->output.spdx;
	case OPT_SARIF:
		return &o->output.sarif;
	case OPT_JUNIT:
		return &o->output.junit;
	case OPT_OSCAL:
		return &o->output.oscal;
	case OPT_BLOB:
		return &o->blob;
	case OPT_FEEDS:
		return &o->feeds;
	default:
		return NULL;
	}
}

/* The switch that an option turns on; NULL: it is none. */
static bool *switch_of_option(int option, struct assess_options *o)
{
	switch (option) {
	case 'q':
		return &o->output.quiet;
	case OPT_SECRETS:
		return &o->output.show_secrets;
	case OPT_NO_FEEDS:
		return &o->without_feeds;
	case OPT_OUTSIDE:
		return &o->outside;
	case OPT_LANDLOCK:
		return &o->run.without_landlock;
	default:
		return NULL;
	}
}

/* What may be given more than once, and where files go. False when it can not be used, which has been said. */
static bool take_file(int option, const char *value, struct assess_options *o)
{
	switch (option) {
	case OPT_EXTRACT_ONLY:
	case OPT_EXTRACT:
		if (o->extract)
			return complain(0, value, "files are written below one folder: name one"), false;
		o->extract = value;
		o->run.contents_only = option == OPT_EXTRACT_ONLY;
		return true;
	case OPT_SBOM:
	case OPT_VEX:
		return attach_add(&o->documents, option == OPT_SBOM ? "sbom" : "vex", value);
	case OPT_DOCUMENT:
		return attach_add_named(&o->documents, value);
	case OPT_PACK:
		return output_add_pack(&o->output, value) || (complain(0, value, "more packs than can be used at once"), false);
	case OPT_YARA:
		if (o->run.nrule_paths == RULES_MAX)
			return complain(0, value, "more files of rules than can be used at once"), false;
		o->run.rule_paths[o->run.nrule_paths++] = value;
		return true;
	default:
		return output_measure_option(&o->output, option, value) || parse_limit(option, value, o) ||
			   (complain_value(long_options, option, value, "assess"), false);
	}
}

static bool take_option(int option, const char *value, struct assess_options *o)
{
	const char **text = text_of_option(option, o);
	bool *on = switch_of_option(option, o);
	if (text)
		*text = value;
	else if (on)
		*on = true;
	return text || on || take_file(option, value, o);
}

bool assess_parse(int argc, char **argv, struct assess_options *o)
{
	int option;
	optind = 1;
	opterr = 0;
	while ((option = getopt_long(argc, argv, ":o:qt:", long_options, NULL)) != -1) {
		if (option == '?' || option == ':')
			return complain_option(argv, long_options, option, "assess"), false;
		if (!take_option(option, optarg, o))
			return false;
	}
	if (argc - optind != 1)
		return complain(0, NULL, argc == optind ? "no image is named; see assay --help"
		                                        : "one image at a time; see assay --help"), false;
	for (size_t n = strlen(argv[optind]); n > 1 && argv[optind][n - 1] == '/'; n--)
		argv[optind][n - 1] = '\0'; /* "rootfs/" is called rootfs */
	o->image = argv[optind];
	return check_extract_only(o);
}
