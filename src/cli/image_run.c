/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/image_run.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/escape.h"
#include "base/hash.h"
#include "base/plural.h"
#include "cli/command.h"
#include "cli/progress.h"
#include "cli/verify.h"
#include "inspect/inspect.h"
#include "worker/supervise.h"

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

/* Of the files alone (contents_only) nobody asks what they come from. */
static void digest_start(struct digest *d, const struct input *input, bool contents_only)
{
	d->input = input;
	d->started = true;
	if (input->copied || contents_only) { /* nobody else can have changed the copy since its digest was taken */
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

/* It was written to, or cut, while it was looked at. Copies are ours alone; of a device nothing tells it. */
static bool has_changed(const struct input *in)
{
	struct stat now;
	const struct timespec *before = &in->st.st_mtim;
	return !in->copied && S_ISREG(in->st.st_mode) &&
	       (fstat(in->fd, &now) || now.st_size != in->st.st_size || now.st_mtim.tv_sec != before->tv_sec ||
	        now.st_mtim.tv_nsec != before->tv_nsec);
}

/* What the worker's events work on. */
struct run {
	struct image_run *of;
	struct case_file *c;
	struct extraction *extraction;
	struct progress progress;
	struct digest digest;
	const struct input *input;
	bool contents_only;
	bool write_failed;
	bool prepared; /* what could wait until the worker runs is done */
};

static bool on_batch(void *context, struct span batch)
{
	struct run *r = context;
	struct batch_header h;
	r->write_failed |= !case_take_batch(r->c, batch);
	if (r->contents_only && !r->write_failed && batch_header_read(batch, &h))
		extraction_blob(r->extraction, r->c, h.key);
	return !r->write_failed;
}

static bool on_content(void *context, uint64_t key, struct span bytes)
{
	struct run *r = context;
	return extraction_content(r->extraction, key, bytes);
}

static void on_name(void *context, uint64_t key, uint32_t ordinal, int64_t mode, struct text path)
{
	struct run *r = context;
	extraction_name(r->extraction, key, ordinal, mode, path);
}

static bool on_extent(void *context, uint64_t key, uint64_t offset, uint64_t size)
{
	struct run *r = context;
	return extraction_extent(r->extraction, key, r->input->fd, offset, size);
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
		digest_start(&r->digest, r->input, r->contents_only);
	if (!r->prepared) {
		struct error e = r->contents_only ? error_none() : case_make_tables(r->c, true);
		r->write_failed |= error_is(&e);
		if (r->of->meanwhile)
			r->of->meanwhile(r->of->meanwhile_context);
		r->prepared = true;
	}
	if (!r->of->further && !r->contents_only) /* it can not be continued: there is no journal any more */
		r->write_failed |= !case_tick(r->c);
	progress_show(&r->progress, status);
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
void image_set_time(struct case_file *c, const char *name)
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
static struct error note_rules(struct case_file *c, const struct image_options *o)
{
	struct error e = error_none();
	for (size_t i = 0; o->rules && !error_is(&e) && i < o->nrule_paths; i++) {
		char name[32], value[4352];
		snprintf(name, sizeof name, "yara_rules_%zu", i + 1);
		snprintf(value, sizeof value, "%s: %u %s, SHA-256 %s", o->rule_paths[i], rules_count(o->rules, i),
				 plural(rules_count(o->rules, i), "rule", "rules"), rules_digest(o->rules, i));
		e = case_set_meta(c, name, value);
	}
	return e;
}

/* Tells how the run ended; gives the input's digest, NULL where it is not known. */
static const char *end_run(struct run *r, const struct image_options *o, const struct worker_result *result)
{
	struct image_run *of = r->of;
	const char *sha256 = digest_end(&r->digest);
	of->changed = !sha256 || has_changed(r->input);
	if (of->changed)
		complain(EXIT_UNUSABLE, r->input->name, "%sit changed while it was looked at",
		         sha256 ? "" : "could not be read to its end: ");
	snprintf(of->detail, sizeof of->detail, "%s after %u %s", result->detail, result->restarts,
			 plural(result->restarts, "restart", "restarts"));
	of->gave_up = result->outcome == WORKER_GAVE_UP;
	if (result->outcome == WORKER_BUDGET && !o->contents_only)
		complain(EXIT_UNUSABLE, r->input->name, "%s; what was found before that is written and reported", result->detail);
	if (of->gave_up)
		complain(EXIT_INTERNAL, r->input->name, "%s; what was found before that is reported", of->detail);
	if (of->changed || result->outcome == WORKER_STOPPED)
		snprintf(of->detail, sizeof of->detail, "%s",
		         of->changed ? "the image changed while it was looked at" : "the run was stopped");
	of->complete = !of->changed && (result->outcome == WORKER_COMPLETE || result->outcome == WORKER_CRASHED);
	return of->changed ? NULL : sha256;
}

static struct error finish_case(struct run *r, const struct image_options *o, const struct worker_result *result, const char *sha256,
                                double seconds)
{
	static const char *const outcomes[] = {
		[WORKER_COMPLETE] = "complete", [WORKER_CRASHED] = "complete", [WORKER_TIMEOUT] = "budget",
		[WORKER_BUDGET] = "budget",
		[WORKER_GAVE_UP] = "crashed",   [WORKER_STOPPED] = "partial",
	};
	const char *names[64];
	struct verify_context verify = { .without_landlock = o->without_landlock, .seconds = o->budget.blob_seconds };
	struct case_run run = {
		.verify = verify_signatures,
		.verify_context = &verify,
		.complete = r->of->complete,
		.outcome = r->of->changed ? "partial" : outcomes[result->outcome],
		.detail = r->of->detail,
		.seconds = seconds,
		.sha256 = sha256,
		.inspectors = inspector_names(names, 64, o->rules != NULL),
		.more = r->of->more,
	};
	struct case_input input = { "firmware", r->input->location, r->input->size, NULL };
	return r->of->further ? case_add_input(r->c, &input, &run) : case_finish(r->c, &run);
}

/* What was found becomes files and rows. */
static struct error finish(struct run *r, const struct image_options *o, const struct worker_result *result, double seconds)
{
	const char *sha256 = end_run(r, o, result);
	if (r->extraction) /* while the blobs are there */
		r->of->extract_error = extraction_finish(r->extraction, r->c, &r->of->extracted);
	if (r->contents_only)
		return error_none();
	image_set_time(r->c, "finished_at");
	return finish_case(r, o, result, sha256, seconds);
}

static struct error probe(struct run *r, const struct image_options *o, const struct input *input)
{
	struct worker_request request = {
		.fd = input->fd, .size = input->size, .name = text_c(input->path), .format = input->format, .threads = o->threads,
		.budget = o->budget, .without_landlock = o->without_landlock, .want_content = r->extraction != NULL,
		.rules = o->rules, .contents_only = o->contents_only,
	};
	struct worker_events events = { r, on_batch, on_content, on_extent, on_done, on_tick, on_name };
	struct worker_result result;
	double start = clock_seconds();
	bool begins = !r->of->further && !r->contents_only;
	struct error e = begins ? note_rules(r->c, o) : error_none();
	if (error_is(&e))
		return e;
	if (begins)
		image_set_time(r->c, "started_at");
	progress_start(&r->progress, o->quiet);
	r->progress.label = r->of->label;
	e = worker_run(&request, &events, &result);
	progress_end(&r->progress);
	if (error_is(&e))
		return e;
	if (r->write_failed)
		return r->contents_only ? error_at(ERR_MEMORY, 0, "no memory for what is found") : case_sql_error(r->c, "writing the case file");
	if (!r->digest.started)
		digest_start(&r->digest, input, o->contents_only);
	return finish(r, o, &result, clock_seconds() - start);
}

/* What Ctrl-C leaves is worth to be told: the case file has what was found, and the next run goes on from there. */
static struct {
	char words[512];
	size_t n;
	pid_t who; /* not the workers, which a terminal sends the signal as well */
} farewell;

static void bid_farewell(int signal)
{
	ssize_t written = getpid() == farewell.who ? write(STDERR_FILENO, farewell.words, farewell.n) : 0;
	(void)written;
	(void)raise(signal); /* once more, and not caught */
}

static void farewell_end(void (*from_now_on)(int))
{
	if (farewell.n)
		(void)signal(SIGINT, from_now_on);
	farewell.n = 0;
}

static void farewell_begin(const char *path)
{
	char safe[400];
	struct sigaction action = { .sa_handler = bid_farewell, .sa_flags = (int)SA_RESETHAND };
	escape_terminal(text_c(path), safe, sizeof safe);
	farewell.n = (size_t)snprintf(farewell.words, sizeof farewell.words,
								  "%sassay: %s: interrupted; to go on, run the same again\n",
								  isatty(STDERR_FILENO) ? "\r\033[K" : "", safe);
	farewell.who = getpid();
	sigemptyset(&action.sa_mask);
	struct sigaction before;
	if (sigaction(SIGINT, &action, &before) == 0 && before.sa_handler == SIG_IGN)
		farewell_end(SIG_IGN); /* a shell's job in the background, which Ctrl-C is not meant for */
}

struct error image_run(struct image_run *r, const struct image_options *o)
{
	struct run run = { .of = r, .c = r->c, .extraction = r->extraction, .input = r->input, .contents_only = o->contents_only };
	struct error e = probe(&run, o, r->input);
	farewell_end(SIG_DFL);
	return e;
}

/* What this build can find with these rules: a run that others began is not continued. */
static uint32_t abilities(const struct image_options *o)
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

struct case_file *image_begin(const struct image_options *o, const struct input *input, const char *of, const char *path)
{
	char identity[320];
	snprintf(identity, sizeof identity, "%s %08x %s%s", ASSAY_VERSION, abilities(o), of, input->identity);
	struct case_input described = { "firmware", input->location, input->size, identity };
	size_t resumed = 0;
	struct error e = error_at(ERR_MEMORY, 0, "no memory");
	struct case_file *c = o->contents_only ? case_unkept() : case_begin(path, &described, &resumed, &e);
	if (!c)
		complain_error(path, &e);
	if (c && !o->contents_only && !o->quiet)
		farewell_begin(path);
	if (c && resumed && !o->quiet)
		fprintf(stderr, "%s: continuing an interrupted run, %zu %s done\n", path, resumed,
				plural(resumed, "blob is", "blobs are"));
	return c;
}
