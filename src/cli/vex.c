/* SPDX-License-Identifier: GPL-3.0-or-later */
/* assay vex: which vulnerabilities concern a case, as a document for others. */
#include "cli/command.h"
#include "cli/documents.h"
#include "report/csaf.h"
#include "report/cyclonedx.h"
#include "report/openvex.h"

static const char help[] = "usage: assay vex CASE [--openvex FILE] [--csaf FILE] [--advisory FILE]\n"
						   "                 [--cyclonedx FILE] [--product NAME] [--supplier NAME] ...\n"
						   "\n"
						   "Writes which known vulnerabilities concern a case, and which do not and why.\n"
						   "The image is not needed. FILE may be - for standard output.\n"
						   "\n"
						   "  assay vex router.bin.assay --openvex router.openvex.json\n"
						   "  assay vex router.bin.assay --csaf - --supplier 'ACME Corp.'\n"
						   "\n"
						   "      --openvex FILE    OpenVEX 0.2.0\n"
						   "      --csaf FILE       CSAF 2.0, profile VEX\n"
						   "      --advisory FILE   CSAF 2.0, profile security advisory\n"
						   "      --cyclonedx FILE  CycloneDX 1.6, linked to the bill that assay sbom writes\n"
						   "      --vex FILE        statements, added to the case first; repeatable\n"
						   "      --product NAME    what the product is called (default: the image's name)\n"
						   "      --product-version V  its version\n"
						   "      --supplier NAME   who issues the document\n"
						   "      --supplier-url URL   and where to find them\n"
						   "\n"
						   "Exit codes: 0 written, 2 unusable, 3 an internal fault.\n";

static const struct document_kind kinds[] = {
	{ "openvex", report_openvex },
	{ "csaf", report_csaf_vex },
	{ "advisory", report_csaf_advisory },
	{ "cyclonedx", report_cyclonedx_vex },
};

static int run(int argc, char **argv)
{
	struct document_request r = { .kinds = kinds, .nkinds = sizeof kinds / sizeof kinds[0], .takes = "vex" };
	return documents_parse(argc, argv, &r) ? documents_run(&r) : EXIT_UNUSABLE;
}

const struct command command_vex = { "vex", "write which vulnerabilities concern a case", help, run };
