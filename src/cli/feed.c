/* SPDX-License-Identifier: GPL-3.0-or-later */
/* assay feed: the database of known vulnerabilities. */
#include "cli/feed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/command.h"
#include "feed/feed.h"

static const char help[] = "usage: assay feed import FILE|DIR... [--keep-going] [--verbose]\n"
						   "       assay feed update [SOURCE...] [--url URL]... [OPTIONS]\n"
						   "       assay feed status [--json]\n"
						   "\n"
						   "Keeps the database of known vulnerabilities that components are matched against.\n"
						   "\n"
						   "  assay feed update                                everything, over HTTPS\n"
						   "  assay feed update kev epss                       two sources\n"
						   "  assay feed import nvdcve-2.0-2024.json.gz        the NVD of one year\n"
						   "  assay feed import mirror/                        all that is in a folder\n"
						   "  assay feed status                                what is there, how old it is\n"
						   "\n"
						   "Sources: nvd, cve, osv, kev, epss, alpine, debian. Formats: NVD API 2.0 and\n"
						   "feeds 1.1, CVE records 5, OSV, CISA KEV, FIRST EPSS, Alpine secdb, Debian\n"
						   "tracker, CSAF 2.0, OpenVEX, CycloneDX VEX. Files are known by their content,\n"
						   "packed (gzip, xz, zstd, bzip2, zip, tar) or not.\n"
						   "\n"
						   "An import is all or nothing: after an error, and when it is killed, the\n"
						   "database is as it was; whoever reads it meanwhile sees the old one. A record\n"
						   "that is not newer than the stored one is passed over. An update imports each\n"
						   "source by itself.\n"
						   "\n"
						   "  --feeds FILE         the database; default $XDG_DATA_HOME/assay/feeds.db,\n"
						   "                       ~/.local/share/assay/feeds.db\n"
						   "  --keep-going         pass over faulty records and documents, and name them\n"
						   "  --verbose            name the files that are no feeds\n"
						   "  --json               machine-readable\n"
						   "  -q, --quiet          errors only\n"
						   "  --without-landlock   parse with seccomp alone where there is no Landlock\n"
						   "\n"
						   "Of update:\n"
						   "  --url URL            a document (CSAF, OpenVEX ...) or a CSAF provider's\n"
						   "                       .../provider-metadata.json; instead of the sources,\n"
						   "                       unless some are named\n"
						   "  --base-url SOURCE=URL\n"
						   "                       another address of a source: a mirror\n"
						   "  --nvd-key-file FILE  a key for the NVD; else that of $NVD_API_KEY\n"
						   "  --osv A,B            ecosystems; default OSS-Fuzz,Bitnami,GIT\n"
						   "  --alpine A,B         branches; default all from v3.10 on, and edge\n"
						   "  --pause SECONDS      between requests to the NVD; default 6, with a key 0.7\n"
						   "  --retry-wait SECONDS before what failed is tried again, then twice as long; 6\n"
						   "  --stall SECONDS      in which a server may send next to nothing; default 60\n"
						   "  --max-size SIZE      of one file; default 4G\n"
						   "  --ca-file FILE       certificates to trust, in place of the system's (PEM)\n"
						   "  --insecure-http      allow http:// for a mirror of one's own\n"
						   "\n"
						   "Exit codes: 0 done, 2 an input, a source or the command line is unusable, 3 an\n"
						   "internal fault.\n";

int feed_option(struct feed_options *o, int argc, char **argv, int i)
{
	if (strcmp(argv[i], "--feeds") == 0) {
		if (i + 1 == argc || strlen(argv[i + 1]) >= sizeof o->path)
			return complain(-1, NULL, "--feeds needs the path of a database");
		snprintf(o->path, sizeof o->path, "%s", argv[i + 1]);
		return 2;
	}
	if (strcmp(argv[i], "-q") == 0 || strcmp(argv[i], "--quiet") == 0)
		o->quiet = true;
	else if (strcmp(argv[i], "--without-landlock") == 0)
		o->without_landlock = true;
	else
		return 0;
	return 1;
}

bool feed_options_complete(struct feed_options *o)
{
	if (o->path[0] || feed_default_path(o->path, sizeof o->path))
		return true;
	complain(0, NULL, "neither HOME nor XDG_DATA_HOME is set: name the database with --feeds");
	return false;
}

void feed_now(char out[24])
{
	const char *epoch = getenv("SOURCE_DATE_EPOCH");
	uint64_t seconds;
	time_t t = epoch && parse_count(epoch, 0, INT64_MAX / 2, &seconds) ? (time_t)seconds : time(NULL);
	struct tm tm;
	if (!gmtime_r(&t, &tm) || strftime(out, 24, "%Y-%m-%dT%H:%M:%SZ", &tm) != 20)
		snprintf(out, 24, "1970-01-01T00:00:00Z");
}

static int run(int argc, char **argv)
{
	static const struct {
		const char *name;
		int (*run)(int argc, char **argv);
	} commands[] = {
		{ "import", feed_import_command },
		{ "status", feed_status_command },
		{ "update", feed_update_command },
	};
	for (size_t i = 0; argc > 1 && i < sizeof commands / sizeof commands[0]; i++)
		if (strcmp(argv[1], commands[i].name) == 0)
			return commands[i].run(argc - 1, argv + 1);
	return complain(EXIT_UNUSABLE, NULL, "assay feed import|update|status ...; see assay feed --help");
}

const struct command command_feed = { "feed", "known vulnerabilities: update, import, status", help, run };
