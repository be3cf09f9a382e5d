/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the sources say of upstream's versions, and which of them decides: the one whose word counts most, of those
 * that say anything of this product. */
#include "vuln/internal.h"

/* What one source, or one record of it, says. */
struct word {
	enum state state; /* affected, rejected; none: nothing that decides */
	enum rejection rejection;
	struct text why;
	enum confidence confidence;
	bool excluded; /* affected as all that the record does not list as unaffected */
	bool assumed;  /* that its hardware is the one that it is named after */
	bool bare;     /* versions alone: the record can not say for which platform */
	bool in_words; /* a statement that names it by vendor and product in words */
	bool stated, of_package; /* by a vendor; of the distribution's package itself */
	int64_t node, configuration;
};

/* Of two words of one source the one that says more: affected, then what came nearest. */
static void take(struct word *best, const struct word *w)
{
	static const int order[REJECTIONS] = {
		[REJECT_STATUS] = 8,          [REJECT_PLATFORM] = 7,   [REJECT_EDITION] = 6, [REJECT_INCOMPARABLE] = 5,
		[REJECT_VERSION_UNKNOWN] = 4, [REJECT_NO_VERSION] = 3, [REJECT_RANGE] = 1,
	};
	if (best->state == STATE_AFFECTED && (w->state != STATE_AFFECTED || w->confidence <= best->confidence))
		return;
	if (w->state == STATE_AFFECTED || best->state == STATE_NONE || order[w->rejection] > order[best->rejection])
		*best = *w;
}

static struct word from_fit(enum fit fit, struct text why, const struct criterion *c)
{
	static const enum rejection rejections[] = {
		[FIT_OUTSIDE] = REJECT_RANGE,           [FIT_EDITION] = REJECT_EDITION,
		[FIT_UNKNOWN] = REJECT_VERSION_UNKNOWN, [FIT_INCOMPARABLE] = REJECT_INCOMPARABLE,
		[FIT_NA] = REJECT_NO_VERSION,
	};
	struct word w = { .why = why, .bare = !c->cpe.p, .stated = c->stated, .node = c->node, .configuration = c->configuration };
	if (fit == FIT_WITHIN || fit == FIT_ALL_VERSIONS) {
		w.state = STATE_AFFECTED;
		bool open_end = (c->start.p && !c->end.p) || text_is(c->end, "*"); /* nobody said yet where it ends */
		w.in_words = criterion_is_in_words(c);
		w.confidence = fit == FIT_ALL_VERSIONS || w.in_words ? POSSIBLE : open_end ? LIKELY : PROVEN;
	} else {
		w.state = STATE_REJECTED;
		w.rejection = rejections[fit];
	}
	return w;
}

static struct word outside(struct matcher *m, const struct criterion *c, const struct software *s)
{
	struct word w = from_fit(FIT_OUTSIDE, TEXT_NONE, c);
	if (m->brief)
		return w;
	struct text name = criterion_name(c), version = criterion_version(c, s), end = criterion_end(m, c, s);
	const char *mark = c->end_including ? "<=" : "<", *from = c->start_including ? "" : "> ";
	if (c->start.p && c->end.p)
		w.why = words(m, "%.*s: %.*s is not in %s%.*s to %s %.*s", T(name), T(version), from, T(c->start), mark, T(end));
	else if (c->start.p || c->end.p)
		w.why = words(m, "%.*s: %.*s is not %s %.*s", T(name), T(version),
					  c->end.p             ? mark
					  : c->start_including ? ">="
										   : ">",
					  T(c->end.p ? end : c->start));
	else if (c->version.p && !c->cpe.p)
		w.why = words(m, "%.*s: %.*s is not %.*s", T(name), T(version), T(c->version));
	else
		w.why = words(m, "%.*s is not %.*s", T(name), T(version));
	return w;
}

static bool bounded(const struct criterion *c)
{
	return c->start.p || c->end.p || (c->version.p && !text_is(c->version, "*"));
}

static bool is_object(const struct criterion *c)
{
	return text_is(c->order, "git");
}

/* Whether ranges of releases are there, beside which those of object names say nothing. */
static bool has_releases(const struct criterion *c, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!is_object(&c[i]) && (c[i].start.p || c[i].end.p))
			return true;
	return false;
}

/* Nobody knows whether this version is affected: neither yes nor no. */
static struct word unknown_status(struct matcher *m, const struct criterion *c, struct text why)
{
	struct word w = from_fit(FIT_INCOMPARABLE, why, c);
	w.why = words(m, "%.*s: the record says that its status is unknown", T(why));
	return w;
}

/* CVE records: the versions that are listed, affected, unaffected and unknown, and a status for all others (a row without
 * versions). What is said of this version counts; an unaffected entry before an affected one, as it is the narrower. */
static struct word by_status(struct matcher *m, const struct criterion *c, size_t n, const struct software *s)
{
	struct word listed = { 0 }, rest = { 0 };
	/* versions are object names alone: what is said of all others says nothing of a release */
	bool objects = false, releases = has_releases(c, n);
	struct word unsure = { 0 };
	for (size_t i = 0; i < n; i++)
		objects |= is_object(&c[i]);
	for (size_t i = 0; i < n; i++) {
		struct text why;
		if (objects && (releases ? is_object(&c[i]) : !bounded(&c[i]) || !c[i].version.p))
			continue;
		enum fit fit = criterion_fit(m, &c[i], s, &why);
		struct word w = fit == FIT_OUTSIDE ? outside(m, &c[i], s) : from_fit(fit, why, &c[i]);
		if (text_is(c[i].status, "unknown")) {
			if (w.state == STATE_AFFECTED)
				return unknown_status(m, &c[i], why);
		} else if (text_is(c[i].status, "unaffected")) {
			if (fit == FIT_INCOMPARABLE)
				unsure = w;
			if (w.state != STATE_AFFECTED)
				continue;
			w.state = STATE_REJECTED;
			w.rejection = bounded(&c[i]) ? REJECT_STATUS : REJECT_RANGE;
			w.why = words(m, "%.*s: unaffected%s", T(bounded(&c[i]) ? why : criterion_name(&c[i])),
						  bounded(&c[i]) ? "" : ", as all versions that the record does not list");
			if (bounded(&c[i]))
				return w;
			rest = w;
		} else if (bounded(&c[i]) || w.state != STATE_AFFECTED) {
			take(&listed, &w);
		} else {
			rest = w;
			rest.excluded = true;
			rest.confidence = LIKELY;
		}
	}
	if (unsure.state != STATE_NONE && rest.excluded) /* it may be one of those that are not affected */
		rest = unsure;
	if (listed.state == STATE_AFFECTED || rest.state == STATE_NONE)
		return listed;
	return rest;
}

/* What one criterion says by itself: in its configuration, as a whole. `told`: something was said already; that this is
 * another version, as most are, adds nothing. */
static struct word by_criterion(struct matcher *m, const struct criterion *c, const struct software *s, bool told)
{
	struct word w = { .node = c->node, .configuration = c->configuration };
	struct text why, needs;
	if (!c->vulnerable) { /* "running on": never the product itself */
		w.state = STATE_REJECTED;
		w.rejection = REJECT_PLATFORM;
		w.why = words(m, "%.*s is named as the platform only", T(criterion_name(c)));
		return w;
	}
	enum fit fit = criterion_fit(m, c, s, &why);
	if (fit == FIT_OUTSIDE && (told || c->stated)) /* a statement about one version says nothing of others */
		return w;
	w = fit == FIT_OUTSIDE ? outside(m, c, s) : from_fit(fit, why, c);
	w.of_package = criterion_is_of_package(c, s);
	int holds = w.state == STATE_AFFECTED ? configuration_holds(m, c, s, &needs) : 0;
	if (holds == 1 && needs.n) {
		w.why = words(m, "%.*s, %.*s", T(why), T(needs));
		w.confidence = w.confidence < LIKELY ? w.confidence : LIKELY;
		w.assumed = true;
	} else if (w.state == STATE_AFFECTED && holds < 1) {
		w.state = STATE_REJECTED;
		w.rejection = REJECT_PLATFORM;
		w.why = words(m, "%.*s, but %.*s", T(why), T(needs));
	} else if (fit == FIT_ALL_VERSIONS && text_starts(c->product, "cpe:o:") && configuration_is_joined(m, c)) {
		/* a system without versions beside a product: its platform, whatever the record calls it */
		w.state = STATE_REJECTED;
		w.rejection = REJECT_PLATFORM;
		w.why = words(m, "%.*s stands beside a product, without versions: its platform", T(criterion_name(c)));
	}
	return w;
}

/* The rows of one record: its configurations are alternatives. A node that says of some versions that they are not
 * affected is a list of a CVE record; all others are criteria. */
static struct word by_record(struct matcher *m, const struct criterion *c, size_t n, const struct software *s)
{
	struct word best = { 0 };
	bool releases = has_releases(c, n);
	for (size_t i = 0, end; i < n; i = end) {
		bool statuses = false;
		for (end = i; end < n && c[end].configuration == c[i].configuration && c[end].node == c[i].node; end++)
			statuses |= text_is(c[end].status, "unaffected") || text_is(c[end].status, "unknown");
		if (releases && statuses && !has_releases(c + i, end - i) && is_object(&c[i]))
			continue;
		for (size_t k = i; k < end; k++) {
			if (releases && !statuses && is_object(&c[k]))
				continue;
			struct word w =
				statuses ? by_status(m, c + i, end - i, s) : by_criterion(m, &c[k], s, best.state != STATE_NONE);
			if (w.state != STATE_NONE)
				take(&best, &w);
			if (statuses)
				break;
		}
	}
	return best;
}

static bool decides(const struct word *w)
{
	if (w->state == STATE_AFFECTED)
		return true;
	return w->state == STATE_REJECTED && w->rejection != REJECT_VERSION_UNKNOWN &&
		   w->rejection != REJECT_INCOMPARABLE && w->rejection != REJECT_NO_VERSION;
}

struct verdict {
	struct word word;
	const struct source *source;
};

/* The first that decides; the first of all where none does. One that has versions alone gives way to one that knows
 * that another platform is meant. Others that say the opposite are named. */
static struct decision combine(struct matcher *m, const struct verdict *v, size_t n)
{
	size_t first = 0;
	while (first < n && !decides(&v[first].word))
		first++;
	for (size_t i = first;
		 i < n && v[first].word.state == STATE_AFFECTED && (v[first].word.bare || v[first].source->rank == 0); i++)
		if (v[i].word.state == STATE_REJECTED &&
			(v[i].word.rejection == REJECT_PLATFORM || v[i].word.rejection == REJECT_EDITION))
			first = i;
	const struct verdict *d = &v[first < n ? first : 0];
	struct text against = TEXT_NONE;
	for (size_t i = 0; i < n; i++)
		if (&v[i] != d && decides(&v[i].word) && v[i].word.state != d->word.state && !against.n)
			against = words(m, "%.*s: %.*s", T(v[i].source->name), T(v[i].word.why));
	struct decision out = { .state = d->word.state,
							.rejection = d->word.rejection,
							.source = d->source->name,
							.confidence = d->word.confidence,
							.of_package = d->word.of_package };
	if (m->brief && out.state != STATE_AFFECTED)
		return out;
	out.criteria = d->word.stated
					   ? words(m, "%.*s: %.*s", T(d->source->name), T(d->word.why))
					   : words(m, "%.*s: %.*s; node %lld of configuration %lld", T(d->source->name), T(d->word.why),
							   (long long)d->word.node, (long long)d->word.configuration);
	if (d->word.state == STATE_AFFECTED) {
		out.reason = d->word.excluded
						 ? TEXT_LIT("the record lists the versions that are not affected, and not this one")
					 : d->word.in_words
						 ? TEXT_LIT("the version is one that a statement names, of a product that it names by vendor and product in words alone")
					 : d->word.confidence == POSSIBLE ? TEXT_LIT("the record names no version: all are meant")
					 : d->word.assumed                ? TEXT_LIT("the version is one that the record names, for the hardware")
					 : d->word.confidence == LIKELY   ? TEXT_LIT("the record names a first version, and no last one")
													  : TEXT_LIT("the version is one that the record names");
		if (against.n)
			out.reason = words(m, "%.*s; another source says otherwise: %.*s", T(out.reason), T(against));
	} else {
		out.reason = words(m, "%.*s: %.*s", T(d->source->name), T(d->word.why));
		if (against.n) {
			out.rejection = REJECT_SOURCES;
			out.reason = words(m, "%.*s; that counts more than %.*s", T(out.reason), T(against));
		}
	}
	return out;
}

#define SOURCES_MAX 16u

struct decision upstream_decide(struct matcher *m, const struct software *s, const struct criterion *c, size_t n)
{
	struct verdict v[SOURCES_MAX] = { 0 };
	size_t nv = 0;
	bool brief = m->brief;
	m->brief = brief && n && c[0].source == c[n - 1].source; /* else one may be named as what says otherwise */
	for (size_t i = 0, end; i < n; i = end) {
		for (end = i; end < n && c[end].record == c[i].record; end++)
			;
		struct word w = by_record(m, c + i, end - i, s);
		const struct source *source = source_of(m, c[i].source);
		if (nv && v[nv - 1].source == source)
			take(&v[nv - 1].word, &w);
		else if (nv < SOURCES_MAX && w.state != STATE_NONE)
			v[nv++] = (struct verdict){ w, source };
	}
	struct decision d = nv ? combine(m, v, nv) : (struct decision){ .state = STATE_NONE };
	m->brief = brief;
	return d;
}
