/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>

#include "format/archive.h"
#include "inspect/password_memo.h"
#include "probe/tree.h"

const struct budget budget_default = {
	.depth = 24,
	.blobs = 1000000,
	.blob_bytes = (uint64_t)8 << 30,
	.total_bytes = (uint64_t)16 << 30,
	.ratio = 1000,
	.blob_seconds = 60,
	.seconds = 900,
};
/* Below this the ratio is not looked at: small inputs may well be mostly zeros. */
#define RATIO_FREE ((uint64_t)256 << 20)
#define NAMED_FREE ((uint64_t)256 << 20)

void probe_free(struct probe *p)
{
	if (!p)
		return;
	schedule_free(p->schedule);
	for (unsigned i = 0; p->lanes && i < p->nlanes; i++) {
		struct lane *l = &p->lanes[i];
		scanner_lane_free(l->scanner);
		rules_lane_free(l->rules);
		arena_free(l->arena);
		arena_free(l->scratch);
		buf_free(&l->content);
		buf_free(&l->failed);
		buf_free(&l->finding.rows);
		buf_free(&l->finding.batch);
		buf_free(&l->child.rows);
		buf_free(&l->child.batch);
	}
	free(p->lanes);
	pthread_cond_destroy(&p->residence.given_back);
	pthread_mutex_destroy(&p->scanner_lock);
	pthread_mutex_destroy(&p->residence.lock);
	pthread_mutex_destroy(&p->spill.lock);
	pthread_mutex_destroy(&p->disks.lock);
	scanner_free(p->scanner);
	password_memo_free(p->memo);
	free(p);
}

static bool lanes_prepare(struct probe *p)
{
	p->lanes = calloc(p->nlanes, sizeof *p->lanes);
	for (unsigned i = 0; p->lanes && i < p->nlanes; i++) {
		struct lane *l = &p->lanes[i];
		l->probe = p;
		l->index = i;
		l->scanner = p->scanner ? scanner_lane_new(p->scanner) : NULL;
		l->arena = arena_new(0);
		l->scratch = arena_new(0);
		if ((p->scanner && !l->scanner) || !l->arena || !l->scratch)
			return false;
	}
	return p->lanes != NULL;
}

void probe_prepare(void)
{
	archive_prepare();
}

struct scanner_lane *lane_scanner(struct lane *l, struct error *error)
{
	struct probe *p = l->probe;
	*error = error_none();
	if (l->scanner)
		return l->scanner;
	pthread_mutex_lock(&p->scanner_lock);
	if (!p->scanner)
		p->scanner = scanner_new(PATTERNS_OF_FORMATS, error); /* with the others it is there already */
	pthread_mutex_unlock(&p->scanner_lock);
	if (!error_is(error) && !(l->scanner = scanner_lane_new(p->scanner)))
		*error = error_at(ERR_MEMORY, 0, "no memory to look for patterns");
	return l->scanner;
}

struct probe *probe_new(unsigned threads, bool contents_only, struct error *error)
{
	*error = error_none();
	struct probe *p = calloc(1, sizeof *p);
	if (p) {
		pthread_mutex_init(&p->scanner_lock, NULL);
		pthread_mutex_init(&p->residence.lock, NULL);
		pthread_mutex_init(&p->spill.lock, NULL);
		pthread_mutex_init(&p->disks.lock, NULL);
		pthread_cond_init(&p->residence.given_back, NULL);
	}
	bool ready = p && (p->memo = password_memo_new()) && (contents_only || (p->scanner = scanner_new(PATTERNS_ALL, error)));
	if (ready && (p->schedule = schedule_new(threads))) {
		p->nlanes = schedule_lanes(p->schedule);
		if (lanes_prepare(p))
			return p;
	}
	if (!error_is(error))
		*error = error_at(ERR_MEMORY, 0, "no memory or no threads for the probe");
	probe_free(p);
	return NULL;
}

bool probe_use_rules(struct probe *p, const struct rules *rules, unsigned seconds)
{
	for (unsigned i = 0; i < p->nlanes; i++)
		if (!(p->lanes[i].rules = rules_lane_new(rules, seconds)))
			return false;
	return true;
}

static uint64_t total_limit(const struct budget *b, uint64_t input)
{
	uint64_t by_ratio = UINT64_MAX;
	if (__builtin_mul_overflow(input, b->ratio, &by_ratio))
		by_ratio = UINT64_MAX;
	if (by_ratio < RATIO_FREE)
		by_ratio = RATIO_FREE;
	return by_ratio < b->total_bytes ? by_ratio : b->total_bytes;
}

struct root {
	struct job job;
	struct probe *probe;
	struct task task;
};

static void root_run(struct job *job, unsigned lane)
{
	struct root *r = (struct root *)job;
	task_look(&r->probe->lanes[lane], &r->task);
	buf_free(&r->task.unpacked);
}

bool probe_firmware(struct probe *p, const struct probe_input *input, const struct probe_options *options,
                    struct probe_status *status, struct probe_output *output)
{
	p->input = input;
	p->options = options;
	p->status = status;
	p->output = output;
	p->spill.p = options->spill.p;
	p->spill.size = options->spill.size;
	p->disks.p = options->spill.p ? options->spill.disks : NULL;
	p->disks.size = options->spill.disks_size;
	p->total_limit = total_limit(&options->budget, input->bytes.n);
	p->named_free = NAMED_FREE + NAMED_TIMES * (uint64_t)input->bytes.n;
	atomic_store(&p->named, 0);
	atomic_store(&p->blobs, 1);
	atomic_store(&p->unpacked, 0);
	atomic_store(&p->fact_bytes, 0);
	atomic_store(&p->excerpt_bytes, 0);
	atomic_store(&p->zeros_hashed, 0);
	for (unsigned i = 0; i < p->nlanes; i++)
		p->lanes[i].status = &status->lanes[i];

	struct root root = { .job = { .run = root_run }, .probe = p };
	root.task.key = BATCH_ROOT_KEY;
	root.task.entry = entry_new(text_starts(input->name, "/") ? ENTRY_FILE : ENTRY_REGION, input->name);
	root.task.entry.offset = 0;
	root.task.entry.size = input->bytes.n;
	root.task.entry.format = input->format;
	root.task.entry.content = (struct content){ .kind = CONTENT_SPAN, .bytes = input->bytes };
	struct job_queue queue = { 0 };
	struct stored *stored = input_tell_holes(input);
	schedule_push(p->schedule, &queue, &root.job);
	schedule_run(p->schedule);
	holes_forget(input->bytes);
	free(stored);
	return !atomic_load(&p->stopped);
}
