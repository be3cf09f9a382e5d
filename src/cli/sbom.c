/* SPDX-License-Identifier: GPL-3.0-or-later */
/* assay sbom: the software of a case as a bill of materials. */
#include "cli/command.h"
#include "cli/documents.h"
#include "report/cyclonedx.h"
#include "report/spdx2.h"
#include "report/spdx3.h"

static const char help[] = "usage: assay sbom CASE [--cyclonedx FILE] [--spdx FILE] [--spdx3 FILE]\n"
						   "                  [--product NAME] [--product-version V] [--supplier NAME]\n"
						   "\n"
						   "Writes which software a case holds, in which version and where it was seen, as a\n"
						   "bill of materials. The image is not needed. FILE may be - for standard output.\n"
						   "\n"
						   "  assay sbom router.bin.assay --cyclonedx router.cdx.json\n"
						   "  assay sbom router.bin.assay --spdx - | jq '.packages[].name'\n"
						   "  assay sbom router.bin.assay --spdx3 router.spdx.json --supplier 'ACME Corp.'\n"
						   "\n"
						   "      --cyclonedx FILE  CycloneDX 1.6 (JSON), with evidence and vulnerabilities\n"
						   "      --spdx FILE       SPDX 2.3 (JSON)\n"
						   "      --spdx3 FILE      SPDX 3.0.1 (JSON-LD)\n"
						   "      --sbom FILE       a bill of the maker: added to the case and compared\n"
						   "      --product NAME    what the product is called (default: the image's name)\n"
						   "      --product-version V  its version\n"
						   "      --supplier NAME   who makes it\n"
						   "      --supplier-url URL   and where to find them\n"
						   "\n"
						   "The same case gives the same bytes. See also: assay vex.\n"
						   "Exit codes: 0 written, 2 unusable, 3 an internal fault.\n";

static const struct document_kind kinds[] = {
	{ "cyclonedx", report_cyclonedx },
	{ "spdx", report_spdx2 },
	{ "spdx3", report_spdx3 },
};

static int run(int argc, char **argv)
{
	struct document_request r = { .kinds = kinds, .nkinds = sizeof kinds / sizeof kinds[0], .takes = "sbom" };
	return documents_parse(argc, argv, &r) ? documents_run(&r) : EXIT_UNUSABLE;
}

const struct command command_sbom = { "sbom", "write a case's software as a bill of materials", help, run };
