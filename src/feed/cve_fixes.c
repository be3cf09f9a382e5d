/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an entry of `affected` says of the package of a release of a distribution, as that distribution's tracker would.
 *
 * Specification: CVE Record Format 5.x, "product", "Version Status Decisions". */
#include "base/version.h"
#include "feed/cve_5.h"

#define STRETCHES_MAX 64u

/* Versions of one status. */
struct stretch {
	struct text from, to; /* absent: the first; no end */
	bool affected, through;
};

struct stretches {
	struct stretch v[STRETCHES_MAX];
	size_t n;
	bool holes;      /* some that are not affected end: what comes behind is as before */
	bool unreadable; /* too many, or in no order */
};

static void add(struct stretches *s, struct text from, struct text to, struct text status, bool through)
{
	bool affected = text_is(status, "affected");
	if (!affected && !text_is(status, "unaffected"))
		return;
	if (s->n == STRETCHES_MAX) {
		s->unreadable = true;
		return;
	}
	s->holes |= !affected && to.p;
	s->v[s->n++] = (struct stretch){ from, to, affected, through };
}

/* A version without an end is that one; one that is not affected is where the fix came in. */
static void read_version(struct cve_entry *e, const struct json_node *v, struct stretches *s)
{
	struct feed_run *run = e->run;
	struct text from = cve_bound(field_need_text(run, v, "version")), status = field_need_text(run, v, "status");
	struct text before = field_text(run, v, "lessThan"), through = field_text(run, v, "lessThanOrEqual");
	struct cve_change changes[CVE_CHANGES_MAX];
	size_t n = cve_changes(run, v, version_order_of_distribution(e->distribution), changes);
	bool ends = before.p || through.p;
	for (size_t i = 0; i < n; i++) {
		add(s, from, changes[i].at, status, false);
		from = changes[i].at;
		status = changes[i].status;
	}
	if (!ends && !n && text_is(status, "affected"))
		add(s, from, from, status, true);
	else
		add(s, from, cve_bound(before.p ? before : through), status, !before.p);
}

/* By their beginnings, which may stand in any order; false: these do not compare. */
static bool sort(struct stretches *s, enum version_order order)
{
	for (size_t i = 1; i < s->n; i++)
		for (size_t k = i; k; k--) {
			struct stretch *a = &s->v[k - 1], *b = &s->v[k], t = *a;
			int c = !b->from.p ? (a->from.p ? 1 : 0) : !a->from.p ? -1 : version_compare(order, a->from, b->from);
			if (c == VERSION_INCOMPARABLE)
				return false;
			if (c <= 0)
				break;
			*a = *b;
			*b = t;
		}
	return true;
}

static void emit_affected(struct cve_entry *e, struct text from, struct text to, bool through)
{
	struct text low = from.p ? from : TEXT_LIT("0"), high = to.p ? to : TEXT_LIT("*");
	EMIT(e->run, FIX, .distribution = e->distribution, .package = e->package,
		 .status = through && to.p ? TEXT_LIT("affected_through") : TEXT_LIT("affected_before"),
		 .version = field_print(e->run, "%.*s %.*s", (int)low.n, low.p, (int)high.n, high.p));
}

static void emit_status(struct cve_entry *e, const char *status, struct text version)
{
	EMIT(e->run, FIX, .distribution = e->distribution, .package = e->package, .status = text_c(status),
		 .version = version);
}

/* All but what is not affected. False: it can not be told. */
static bool emit_others(struct cve_entry *e, struct stretches *s)
{
	enum version_order order = version_order_of_distribution(e->distribution);
	struct text at = TEXT_NONE; /* so far all is told */
	if (!sort(s, order))
		return false;
	for (size_t i = 0; i < s->n; i++) /* behind the last of them, which has no name */
		if (!s->v[i].affected && s->v[i].through && s->v[i].to.p)
			return false;
	for (size_t i = 0; i < s->n; i++) {
		const struct stretch *x = &s->v[i];
		if (x->affected)
			continue;
		if (x->from.p && (!at.p || version_compare(order, at, x->from) < 0))
			emit_affected(e, at, x->from, false);
		if (!x->to.p)
			return true;
		if (!at.p || version_compare(order, at, x->to) < 0)
			at = x->to;
	}
	emit_affected(e, at, TEXT_NONE, false);
	return true;
}

static void emit_each(struct cve_entry *e, const struct stretches *s)
{
	for (size_t i = 0; i < s->n; i++) {
		const struct stretch *x = &s->v[i];
		if (x->affected)
			emit_affected(e, x->from, x->to, x->through);
		else if (!s->holes)
			emit_status(e, x->from.p ? "fixed" : "not_affected", x->from);
	}
}

void cve_fixes(struct cve_entry *e, const struct json_node *versions, struct text otherwise)
{
	struct stretches s = { .n = 0 };
	bool affected = text_is(otherwise, "affected");
	JSON_EACH(v, versions)
	read_version(e, v, &s);
	if (!versions || !versions->first)
		emit_status(e,
					affected                           ? "affected"
					: text_is(otherwise, "unaffected") ? "not_affected"
													   : "undetermined",
					TEXT_NONE);
	else if (s.unreadable || (s.holes && affected && !emit_others(e, &s)))
		emit_status(e, "undetermined", TEXT_NONE);
	else if (!s.holes || !affected)
		emit_each(e, &s);
}
