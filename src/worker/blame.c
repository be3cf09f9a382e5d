/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "base/late.h"
#include "document/document.h"
#include "fact/batch.h"
#include "worker/internal.h"

#define RESTARTS_MAX 256u

/* The lane whose blob killed the worker, or -1. */
static int culprit(const struct supervisor *s, const struct run *run)
{
	if (run->end == END_SLOW)
		return (int)run->slow_lane;
	int faulting = atomic_load(&s->status->faulting_lane), busy = -1, nbusy = 0;
	if (faulting >= 0 && faulting < (int)SCHEDULE_MAX_LANES && atomic_load(&s->status->lanes[faulting].key))
		return faulting;
	for (int i = 0; i < (int)SCHEDULE_MAX_LANES; i++)
		if (atomic_load(&s->status->lanes[i].key)) {
			busy = i;
			nbusy++;
		}
	return nbusy == 1 ? busy : -1;
}

static bool remember_crashed(struct supervisor *s, uint64_t key)
{
	uint64_t *keys = realloc(s->crashed, (s->ncrashed + 1) * sizeof *keys);
	if (!keys)
		return false;
	s->crashed = keys;
	size_t i = s->ncrashed++;
	for (; i > 0 && keys[i - 1] > key; i--)
		keys[i] = keys[i - 1];
	keys[i] = key;
	return true;
}

void supervisor_describe(const struct run *run, const char *stage, char *text, size_t size)
{
	if (run->end == END_TIMEOUT)
		snprintf(text, size, "the time for the whole input ran out in '%s' (--time)", stage);
	else if (run->end == END_SLOW)
		snprintf(text, size, "took longer than one blob may in '%s'", stage);
	else if (run->end == END_BUDGET)
		snprintf(text, size, "its files hold more than may be written: the limit of unpacked bytes and the input's own (--max-total)");
	else if (error_is(&run->error))
		snprintf(text, size, "the worker broke its protocol in '%s'", stage);
	else if (WIFSIGNALED(run->wait_status))
		snprintf(text, size, "the worker died of signal %d (%s) in '%s'", WTERMSIG(run->wait_status),
		         WTERMSIG(run->wait_status) == SIGSYS ? "a forbidden system call" : strsignal(WTERMSIG(run->wait_status)), stage);
	else if (late_missing(WEXITSTATUS(run->wait_status)))
		snprintf(text, size, "the worker called a library that was not loaded for it (%s): a fault of this program, in '%s'",
		         late_missing(WEXITSTATUS(run->wait_status))->file, stage);
	else
		snprintf(text, size, "the worker ended with code %d in '%s'", WEXITSTATUS(run->wait_status), stage);
}

/* Writes the batch that the worker could not write: the blob with the reason why nothing is known of it. */
static bool blame(struct supervisor *s, const struct run *run, int lane)
{
	struct lane_status l;
	memcpy(&l, &s->status->lanes[lane], sizeof l);
	l.stage[sizeof l.stage - 1] = l.path[sizeof l.path - 1] = '\0';
	uint64_t key = atomic_load(&l.key);
	static const char *const kinds[] = { "region", "stream", "file" };
	char what[200];
	supervisor_describe(run, l.stage, what, sizeof what);
	struct fact_blob blob = {
		.path = text_c(l.path),
		.kind = text_c(key == BATCH_ROOT_KEY ? "input" : l.kind < 3 ? kinds[l.kind] : "file"),
		.offset = l.offset > INT64_MAX ? FACT_NULL : (int64_t)l.offset,
		.size = l.size > INT64_MAX ? FACT_NULL : (int64_t)l.size,
		.mode = FACT_NULL, .uid = FACT_NULL, .gid = FACT_NULL, .mtime = FACT_NULL, .device = FACT_NULL,
	};
	struct fact_damage damage = {
		.offset = FACT_NULL, .kind = text_c(run->end == END_DIED ? "crash" : "timeout"), .what = text_c(what),
	};
	struct fact_document document = document_unread(what);
	bool is_document = s->request->kind == WORKER_DOCUMENT && key == BATCH_ROOT_KEY;
	struct batch_header header = { key, atomic_load(&l.parent), l.ordinal, BATCH_HAS_CHILDREN };
	struct buf batch = { 0 };
	bool ok = !batch_begin(&batch) && !batch_add(&batch, FACT_blob, &blob) && !batch_add(&batch, FACT_damage, &damage) &&
	          (!is_document || !batch_add(&batch, FACT_document, &document)) && !batch_finish(&batch, &header) &&
	          batch_read(buf_span(&batch), NULL, NULL) && remember_crashed(s, key) && s->events->batch(s->events->context, buf_span(&batch));
	buf_free(&batch);
	return ok;
}

bool supervisor_recover(struct supervisor *s, const struct run *run)
{
	int lane = culprit(s, run);
	char stage[sizeof s->status->lanes[0].stage] = "an unknown place";
	if (lane >= 0) { /* shared with the worker, which may have written anything there */
		memcpy(stage, s->status->lanes[lane].stage, sizeof stage);
		stage[sizeof stage - 1] = '\0';
	}
	supervisor_describe(run, stage, s->result->detail, sizeof s->result->detail);
	if (++s->result->restarts > RESTARTS_MAX)
		return false;
	if (lane >= 0) {
		s->careful = false;
		s->blind = 0;
		return blame(s, run, lane);
	}
	s->careful = true;
	return ++s->blind <= 3;
}

void supervisor_blame_all(struct supervisor *s, const struct run *run)
{
	supervisor_describe(run, "the last stage", s->result->detail, sizeof s->result->detail);
	for (int i = 0; i < (int)SCHEDULE_MAX_LANES; i++)
		if (atomic_load(&s->status->lanes[i].key) && !blame(s, run, i))
			return;
}
