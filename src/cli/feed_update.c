/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/feed_update.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/plural.h"
#include "cli/command.h"
#include "feed/feed.h"

static const struct {
	const char *name, *base;
	update_source run;
} sources[] = {
	{ "nvd", "https://services.nvd.nist.gov/rest/json/cves/2.0", update_nvd },
	{ "cve", "https://api.github.com/repos/CVEProject/cvelistV5/releases/latest", update_cve },
	{ "osv", "https://osv-vulnerabilities.storage.googleapis.com", update_osv },
	{ "kev", "https://www.cisa.gov/sites/default/files/feeds/known_exploited_vulnerabilities.json", update_single },
	{ "epss", "https://epss.empiricalsecurity.com/epss_scores-current.csv.gz", update_single },
	{ "alpine", "https://secdb.alpinelinux.org", update_alpine },
	{ "debian", "https://security-tracker.debian.org/tracker/data/json", update_single },
	{ "url", "", update_urls }, /* with --url only */
};
#define NSOURCES (sizeof sources / sizeof sources[0])

static size_t find_source(const char *name, size_t n)
{
	for (size_t i = 0; i < NSOURCES; i++)
		if (strlen(sources[i].name) == n && strncmp(sources[i].name, name, n) == 0)
			return i;
	return NSOURCES;
}

static bool on_progress(void *context, const char *url, uint64_t bytes)
{
	struct update *u = context;
	progress_note(&u->progress, bytes, *url ? url : "waiting");
	return true;
}

static bool begin(struct update *u)
{
	int n = snprintf(u->folder, sizeof u->folder, "%s.download/%s", u->options->feed.path, u->source);
	if (n < 0 || (size_t)n > sizeof u->folder - 100)
		return false;
	for (char *p = strchr(u->folder + 1, '/'); p; p = strchr(p + 1, '/')) {
		*p = '\0';
		(void)mkdir(u->folder, 0777);
		*p = '/';
	}
	if (mkdir(u->folder, 0777) && errno != EEXIST) {
		complain(EXIT_UNUSABLE, u->folder, "%s", strerror(errno));
		return false;
	}
	struct fetch_options o = { .insecure_http = u->options->insecure_http,
							   .ca_file = u->options->ca_file,
							   .max_bytes = u->options->max_bytes,
							   .retries = 5,
							   .stall = (unsigned)u->options->stall,
							   .retry_seconds = u->options->retry_seconds,
							   .progress = on_progress,
							   .context = u };
	struct error e;
	u->fetch = fetch_open(&o, &e);
	if (!u->fetch)
		complain_error(u->source, &e);
	return u->fetch != NULL;
}

static struct error remember(struct update *u, struct feed_store *store)
{
	struct error e = error_none();
	for (size_t i = 0; !error_is(&e) && i < u->nmarks; i++)
		e = u->marks[i].unchanged ? feed_store_checked(store, u->marks[i].url)
								  : feed_store_download(store, u->marks[i].url, u->marks[i].etag, u->marks[i].modified);
	if (!error_is(&e) && u->cursor_of && u->cursor[0])
		e = feed_store_cursor(store, u->cursor_of, u->cursor, NULL);
	return e;
}

static void report(const struct update *u, const struct feed_store *store, const struct feed_tally *t)
{
	struct feed_counts c = feed_store_counts(store);
	if (u->options->feed.quiet)
		return;
	if (!u->n)
		printf("%s: nothing new\n", u->source);
	else
		printf("%s: %llu %s: %llu new, %llu changed, %llu not newer\n", u->source, (unsigned long long)t->records,
			   plural(t->records, "record", "records"), (unsigned long long)c.added, (unsigned long long)c.changed,
			   (unsigned long long)c.unchanged);
}

static int import_downloads(struct update *u)
{
	struct feed_store *store = NULL;
	struct feed_tally tally = { 0 };
	char now[24];
	feed_now(now);
	struct error e = feed_store_begin(u->options->feed.path, now, &store);
	if (error_is(&e))
		return complain_error(u->options->feed.path, &e);
	int code =
		u->n ? feed_import(&u->options->feed, store,
						   &(struct feed_inputs){ (const char *const *)u->paths, (const char *const *)u->urls, u->n },
						   &tally)
			 : 0;
	if (!code) {
		e = remember(u, store);
		if (!error_is(&e))
			e = feed_store_commit(store);
		code = error_is(&e) ? complain_error(u->options->feed.path, &e) : 0;
	}
	if (!code)
		report(u, store, &tally);
	else
		complain(0, u->source, "nothing was imported; of this source the database is as it was");
	feed_store_free(store);
	return code;
}

/* What was imported is not needed any more, and what could not be would fail again. */
static void remove_downloads(struct update *u)
{
	for (size_t i = 0; i < u->n; i++)
		unlink(u->paths[i]);
	(void)rmdir(u->folder);
}

static void end(struct update *u)
{
	for (size_t i = 0; i < u->n; i++) {
		free(u->paths[i]);
		free(u->urls[i]);
	}
	for (size_t i = 0; i < u->nmarks; i++) {
		free(u->marks[i].url);
		free(u->marks[i].etag);
		free(u->marks[i].modified);
	}
	free(u->paths);
	free(u->urls);
	free(u->marks);
	sqlite3_close(u->old);
	fetch_close(u->fetch);
}

static int run_source(const struct update_options *o, size_t i)
{
	struct update u = { .options = o, .source = sources[i].name };
	struct error e = access(o->feed.path, F_OK) == 0 ? feed_open(o->feed.path, &u.old) : error_none();
	if (error_is(&e))
		return complain_error(o->feed.path, &e);
	progress_start(&u.progress, o->feed.quiet);
	int code = EXIT_UNUSABLE;
	if (begin(&u)) {
		bool fetched = sources[i].run(&u, o->base[i] ? o->base[i] : sources[i].base);
		progress_end(&u.progress);
		code = fetched ? import_downloads(&u) : u.code;
		if (!fetched)
			complain(0, u.source, "not updated; of this source the database is as it was");
		else
			remove_downloads(&u);
	}
	end(&u);
	return code;
}

static bool read_key(struct update_options *o, const char *path)
{
	FILE *f = fopen(path, "re");
	bool ok = f && fgets(o->key, sizeof o->key, f);
	if (f)
		fclose(f);
	o->key[strcspn(o->key, "\r\n")] = '\0';
	return (ok && o->key[0]) || complain(0, path, "the file has no key") != 0;
}

static bool base_option(struct update_options *o, const char *value)
{
	const char *equals = strchr(value, '=');
	size_t i = equals ? find_source(value, (size_t)(equals - value)) : NSOURCES;
	if (i >= NSOURCES - 1) {
		complain(0, "--base-url", equals ? "%s: the word before '=' names no source" : "%s is not SOURCE=URL", value);
		return false;
	}
	o->base[i] = equals + 1;
	return true;
}

static bool seconds_option(const char *value, double *seconds)
{
	char *stop;
	*seconds = strtod(value, &stop);
	if (stop != value && !*stop && *seconds >= 0 && *seconds <= 3600)
		return true;
	complain(0, NULL, "%s: expected seconds, 0 to 3600", value);
	return false;
}

/* Options with a value; false: faulty, which was said. */
static bool value_option(struct update_options *o, const char *name, const char *value, bool *known)
{
	*known = true;
	if (strcmp(name, "--base-url") == 0)
		return base_option(o, value);
	if (strcmp(name, "--nvd-key-file") == 0)
		return read_key(o, value);
	if (strcmp(name, "--pause") == 0)
		return seconds_option(value, &o->pause);
	if (strcmp(name, "--retry-wait") == 0)
		return seconds_option(value, &o->retry_seconds);
	if (strcmp(name, "--stall") == 0)
		return seconds_option(value, &o->stall);
	if (strcmp(name, "--max-size") == 0)
		return parse_size(value, &o->max_bytes) || complain(0, NULL, "--max-size: expected a size such as 4G") != 0;
	if (strcmp(name, "--osv") == 0)
		o->ecosystems = (char *)value;
	else if (strcmp(name, "--alpine") == 0)
		o->branches = (char *)value;
	else if (strcmp(name, "--ca-file") == 0)
		o->ca_file = value;
	else if (strcmp(name, "--url") == 0 && o->nurls < UPDATE_URLS_MAX)
		o->urls[o->nurls++] = value;
	else
		*known = false;
	return true;
}

/* How many arguments were taken; 0: faulty, which was said. */
static int take(struct update_options *o, int argc, char **argv, int i, bool chosen[NSOURCES])
{
	bool known = false;
	int used = feed_option(&o->feed, argc, argv, i);
	if (used)
		return used > 0 ? used : 0;
	if (strcmp(argv[i], "--insecure-http") == 0 || strcmp(argv[i], "--keep-going") == 0) {
		*(argv[i][2] == 'i' ? &o->insecure_http : &o->feed.keep_going) = true;
		return 1;
	}
	if (argv[i][0] == '-' && i + 1 < argc) {
		if (!value_option(o, argv[i], argv[i + 1], &known))
			return 0;
		if (known)
			return 2;
	}
	size_t source = argv[i][0] == '-' ? NSOURCES : find_source(argv[i], strlen(argv[i]));
	if (source == NSOURCES) {
		complain(0, NULL, "%s: no source or option of assay feed update; see assay feed --help", argv[i]);
		return 0;
	}
	return chosen[source] = true;
}

int feed_update_command(int argc, char **argv)
{
	struct update_options o = { .pause = -1, .retry_seconds = 6 };
	bool chosen[NSOURCES] = { false }, any = false;
	const char *key = getenv("NVD_API_KEY");
	snprintf(o.key, sizeof o.key, "%s", key ? key : "");
	for (int i = 1, used; i < argc; i += used) {
		used = take(&o, argc, argv, i, chosen);
		if (!used)
			return EXIT_UNUSABLE;
	}
	for (const char *p = o.key; *p; p++)
		if (*p <= 0x20 || *p >= 0x7f) /* it becomes a line of a header */
			return complain(EXIT_UNUSABLE, NULL, "the key for the NVD has a character that no key has");
	if (!feed_options_complete(&o.feed))
		return EXIT_UNUSABLE;
	for (size_t i = 0; i < NSOURCES; i++)
		any |= chosen[i];
	int code = 0;
	for (size_t i = 0; i < NSOURCES; i++) {
		bool url = i == NSOURCES - 1;
		bool wanted = url ? o.nurls > 0 : any ? chosen[i] : o.nurls == 0;
		int one = wanted ? run_source(&o, i) : 0;
		code = one > code ? one : code;
	}
	return code;
}
