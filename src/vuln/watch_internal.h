/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Inside `watch`. */
#ifndef ASSAY_VULN_WATCH_INTERNAL_H
#define ASSAY_VULN_WATCH_INTERNAL_H

#include <pthread.h>

#include "case/case.h"
#include "case/glance.h"
#include "vuln/internal.h"
#include "vuln/watch.h"

#define TOKEN_MAX 40u
/* That are read: for some baselines, one with all changes, one for cases without. */
#define WATCH_SETS 8u

/* What the case says of the feeds it was matched with. */
struct baseline {
	int64_t sequence; /* 0: it does not say */
	char token[TOKEN_MAX];
	bool same_program; /* that matched it */
	bool running;      /* an unfinished run */
};

struct watched_fix {
	struct text package, distribution;
	struct fix fix;
};

/* A vulnerability that changed, and all that is known of what it affects: ranges of set.criteria and set.fixes. */
struct watched {
	int64_t id;
	struct text name;
	size_t criterion, ncriteria, fix, nfixes;
	const struct known *known; /* NULL: too many to hold */
};

/* Key or package of a vulnerability. */
struct mention {
	struct text key;
	uint32_t v;
};

/* Names with a number, by hashing. */
struct names {
	struct {
		struct text name;
		uint32_t v;
		double score;
	} * slots;
	size_t mask;
};

/* The vulnerabilities that may have changed, read once for all cases with the same baseline. Not changed once it is there. */
struct watch_set {
	struct baseline of;
	bool large; /* too many to hold: `names` alone is filled, and cases are matched as a whole */
	bool all;   /* nothing is known of what changed: the same, without names */
	struct arena *arena;
	struct watched *v;
	size_t n;
	struct criterion *criteria;
	struct watched_fix *fixes;
	struct mention *keys, *packages; /* sorted */
	size_t nkeys, npackages;
	struct names names;
};

/* NULL after an error, which is the matcher's. */
struct watch_set *set_load(struct matcher *m, const struct watch_options *o, const struct baseline *of);
void set_free(struct watch_set *s);
/* The number of a vulnerability in the set, UINT32_MAX: none. */
uint32_t names_find(const struct names *n, struct text name, double *score);
/* names_add(): room for `count` names in an empty table; false: no memory. names_put(): adds one, which is not
 * copied; of at most so many. */
bool names_add(struct arena *a, struct names *n, size_t count);
void names_put(struct names *n, struct text name, uint32_t v, double score);
/* For tables in memory, on this machine alone: it depends on its byte order, and does not withstand names made to
 * collide. */
uint64_t text_hash(uint64_t seed, struct text t);

/* The changed vulnerabilities that a software row may be concerned by, sorted, each once. In the scratch arena. */
uint32_t *set_concerning(struct matcher *m, const struct watch_set *set, const struct software *s, size_t *n);
/* What match_software() would decide of one of them. */
struct decision set_decide(struct matcher *m, const struct watch_set *set, const struct software *s, uint32_t v);

/* decision_finish() of it. */
void set_finish(struct matcher *m, const struct watch_set *set, const struct software *s, uint32_t v, struct found *f);

/* What was decided once of software that many cases have: the changed vulnerabilities that apply to it (state affected), or
 * may by what else is in the image (STATE_NONE: to be decided there). */
struct memo_result {
	const uint32_t *v;
	struct found *found;
	size_t n;
};

struct memo_entry {
	uint64_t hash;
	const struct watch_set *set;
	struct text key;
	struct memo_result result;
};

struct memo {
	struct arena *arena;
	struct memo_entry *slots;
	size_t mask, n;
};

/* A row of `vulnerability` that the case holds. */
struct old {
	int64_t software;
	struct text name, state, severity, exposure, exposed_by, confidence, reason, criteria, published;
	double cvss, epss, priority;
	bool kev;
	bool only_epss; /* it is not in the set, but its EPSS has reached the threshold */
	bool seen;
};

struct watcher;

struct watch {
	struct watch_options options;
	struct watch_case *cases;
	size_t ncases, next, done;
	pthread_mutex_t lock;
	struct watch_set *sets[WATCH_SETS];
	size_t nsets;
	struct names threatening; /* with an EPSS at the threshold or above */
	struct arena *arena;      /* of `threatening` */
	struct watcher *watchers;
	int64_t last; /* the newest import, and its token */
	char last_token[TOKEN_MAX];
	struct error error;
};

/* A thread. */
struct watcher {
	struct watch *watch;
	pthread_t thread;
	struct matcher m;
	struct arena *own;     /* sources, statements: what m.arena is before a case */
	struct arena *of_case; /* what a case needs */
	struct arena *results;
	struct memo memo;
	struct glance glance;
	sqlite3 *update_feeds;
	/* The case at hand. */
	struct watch_case *at;
	struct case_file *file; /* NULL while a glance is enough */
	bool glancing;
	struct watch_set *set;
	struct old *olds;
	size_t nolds, olds_cap, next_old;
	size_t changes_cap;
	struct error trouble; /* of a row */
};

/* watch_case.c: fills w->at. */
void watch_one(struct watcher *w);
/* watch.c */
struct watch_set *watch_set_for(struct watcher *w, const struct baseline *b);
/* watch_change.c: tells the difference of a stored row (NULL: none) and what was decided (NULL: nothing). */
bool watch_tell(struct watcher *w, const struct software *s, const struct old *old, struct found *f);
/* The same where nothing has changed but the chance of exploitation: all else is as the case has it. */
bool watch_tell_epss(struct watcher *w, const struct software *s, const struct old *old);
/* The changes of the case at hand by urgency; equal ones in the order in which they were told. w->trouble without
 * memory. */
void watch_sort(struct watcher *w);

/* A row of `vulnerability` as the case has it: columns in the order of case.h. *odd: a value is of a kind that this program
 * does not write. False: no memory. */
bool stored_take(struct watcher *w, const struct glance_value v[GLANCE_COLUMNS], bool *odd);
/* By software row, and from the first one on for who asks next. After the last stored_take(). False: no memory. */
bool stored_sort(struct watcher *w);
/* The stored rows of a software row: how many, and the first; asked with ids that go up. */
size_t stored_of(struct watcher *w, int64_t software, size_t *first);
/* That of a vulnerability among these; NULL: none. */
struct old *stored_find(struct watcher *w, size_t first, size_t n, int64_t software, struct text name);
enum {
	V_SOFTWARE = 1,
	V_NAME,
	V_STATE,
	V_REASON,
	V_CRITERIA,
	V_SOURCE,
	V_CONFIDENCE,
	V_CVSS_VERSION,
	V_CVSS_VECTOR,
	V_CVSS,
	V_SEVERITY,
	V_EPSS,
	V_EPSS_PERCENTILE,
	V_KEV,
	V_EXPOSURE,
	V_EXPOSED_BY,
	V_PRIORITY,
	V_PUBLISHED,
	V_SUMMARY
};

/* watch_glance.c: the changes of the case at hand from a glance at it. False without trouble: it has to be matched as a
 * whole. */
bool watch_glance(struct watcher *w);
/* matcher.provide while a glance goes on. */
unsigned watch_provide(struct matcher *m, unsigned parts);
/* What the case says of its feeds; all zero where it can not be read. */
struct baseline watch_baseline(struct watcher *w);

/* watch_case.c: opens the case with SQLite. */
bool watch_open(struct watcher *w);
/* Keeps the first error of the case at hand; always false. */
static inline bool watch_trouble(struct watcher *w, struct error e)
{
	if (!error_is(&w->trouble))
		w->trouble = e;
	return false;
}
/* The same for memory that ran out. */
static inline bool watch_no_memory(struct watcher *w)
{
	return watch_trouble(w, error_at(ERR_MEMORY, 0, "no memory for a case"));
}

/* glance_text(), glance_number(): a column that is text or NULL (TEXT_NONE), and one that is a number or NULL (`none`).
 * *odd is set where it is of another type: then the case is not as it should be, and is read by SQLite instead. */
static inline struct text glance_text(const struct glance_value *v, bool *odd)
{
	*odd |= v->type != GLANCE_TEXT && v->type != GLANCE_NULL;
	return v->type == GLANCE_TEXT ? v->text : TEXT_NONE;
}

static inline double glance_number(const struct glance_value *v, double none)
{
	return v->type == GLANCE_REAL ? v->real : v->type == GLANCE_INTEGER ? (double)v->integer : none;
}

#endif
