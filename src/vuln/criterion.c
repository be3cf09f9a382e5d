/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One criterion against one program: its attributes, then its version or range.
 *
 * Specifications: NISTIR 7696 (patterns); NVD API 2.0 (cpeMatch); CVE Record Format 5 (versions); OSV
 * (events). */
#include <ctype.h>

#include "base/ascii.h"
#include "vuln/criterion_internal.h"

struct text criterion_name(const struct criterion *c)
{
	struct text t = c->cpe.p ? c->cpe : c->product;
	size_t colons = 0, from = 0;
	for (size_t i = 0; c->cpe.p && i < t.n && colons < 6; i++) {
		if (t.p[i] == '\\')
			i++;
		else if (t.p[i] == ':' && ++colons == 6)
			from = i;
	}
	while (from && t.n > from && t.n >= 2 && t.p[t.n - 1] == '*' && t.p[t.n - 2] == ':')
		t.n -= 2;
	return t;
}

static bool is_of_package(const struct criterion *c, const struct software *s)
{
	enum version_order named = version_order_named(c->order);
	bool orders = named == VERSION_DPKG || named == VERSION_APK || named == VERSION_RPM || named == VERSION_OPKG;
	/* a record of upstream may say so, too, and not mean that of anybody's packages */
	return orders && s->package_version.n && text_starts(c->product, "purl:");
}

struct text criterion_version(const struct criterion *c, const struct software *s)
{
	if (!is_of_package(c, s))
		return s->version;
	return s->source_version.n && software_key_is_of_source(s, c->product) ? s->source_version : s->package_version;
}

/* PEP 440, "Version matching": where a bound has no local label, that of the candidate does not count (2.0.1+cu118 is 2.0.1). */
static struct text without_local(struct text version, struct text bound)
{
	const char *plus =
		version.n && !(bound.n && memchr(bound.p, '+', bound.n)) ? memchr(version.p, '+', version.n) : NULL;
	return plus ? text_of(version.p, (size_t)(plus - version.p)) : version;
}

/* Whether it is about a package of a registry, whose order is that of all its packages. */
static bool is_of_registry(const struct criterion *c)
{
	static const char *const projects[] = { "purl:generic/", "purl:github/", "purl:gitlab/", "purl:bitnami/" };
	for (size_t i = 0; i < sizeof projects / sizeof projects[0]; i++)
		if (text_starts(c->product, projects[i]))
			return false;
	return text_starts(c->product, "purl:");
}

/* Versions of a project that are called semantic, by the record or by the product's entry. Words behind them are the vendor's more often
 * than a candidate's, and candidates have numbers: by the letter of the specification "4.13.13-Debian" would be earlier than 4.13.13, and
 * rc10 than rc9. */
static int compare_semantic(enum version_order order, struct text version, struct text bound)
{
	order = order == VERSION_SEMVER ? VERSION_GENERIC : order;
	int r = version_compare(order, version, bound), strict = version_compare(VERSION_SEMVER, version, bound);
	bool untold = r == VERSION_INCOMPARABLE || (r == 0 && version_rest(order, bound).n); /* only they order "1.5.0-b1" */
	return untold && strict != VERSION_INCOMPARABLE ? strict : r;
}

/* By the record's order where it names one; the product's own goes before those of registries that it does not come from. */
static int compare(const struct criterion *c, const struct software *s, struct text bound)
{
	enum version_order named = version_order_named(c->order);
	if (is_of_package(c, s))
		return version_compare(named, criterion_version(c, s), bound);
	struct text version = named == VERSION_PEP440 ? without_local(s->version, bound) : s->version;
	bool semantic = !is_of_registry(c) && (named == VERSION_SEMVER || s->order == VERSION_SEMVER);
	bool foreign = named >= VERSION_PEP440 && !text_starts(c->product, "purl:") && s->order != VERSION_GENERIC;
	bool own = !c->order.n || named == VERSION_GENERIC || (semantic && named == VERSION_SEMVER) || foreign;
	int r = own ? VERSION_INCOMPARABLE : version_compare(named, version, bound);
	if (r == VERSION_INCOMPARABLE && named != VERSION_GIT)
		r = semantic ? compare_semantic(s->order, s->version, bound) : version_compare(s->order, s->version, bound);
	if (r == VERSION_INCOMPARABLE && named != VERSION_GIT &&
		s->order == VERSION_SEMVER) /* "1.2.git" is no semantic version */
		r = version_compare(VERSION_GENERIC, s->version, bound);
	return r;
}

/* Whether the version is one of the sources just before that release (-1) or just behind it (1), of which a record that speaks
 * of the release says nothing. Where it says what is not affected, that holds for the release alone; and the registries of
 * packages have an order without such doubts. */
static int beside(const struct criterion *c, const struct software *s, struct text release)
{
	if (is_of_registry(c) || version_order_named(c->order) == VERSION_GIT || text_is(c->status, "unaffected"))
		return 0;
	return version_beside_release(s->order, s->version, release);
}

static enum fit beside_fit(struct matcher *m, const struct criterion *c, const struct software *s, struct text release,
						   int side, struct text *why)
{
	*why = words(m, "%.*s is of the sources %s %.*s, of which the record says nothing (%.*s)", T(s->version),
				 side < 0 ? "before" : "behind", T(release), T(criterion_name(c)));
	return FIT_INCOMPARABLE;
}

/* Bounds that are none: CVE records and OSV events write them. */
static bool unbounded(struct text bound)
{
	static const char *const none[] = { "", "*", "-", "n/a", "unspecified", "unknown", "all", NULL };
	return !bound.p || criterion_one_of(bound, none);
}

/* CVE records: "5.10.*" holds all of 5.10. */
static int compare_end(const struct criterion *c, const struct software *s, struct text end)
{
	if (!text_ends(end, ".*"))
		return compare(c, s, end);
	end.n -= 2;
	if (s->version.n > end.n && memcmp(s->version.p, end.p, end.n) == 0 && strchr(".-", s->version.p[end.n]))
		return -1;
	int r = compare(c, s, end);
	return r == 0 ? -1 : r;
}

static struct text joined(struct matcher *m, const struct software *s, struct text version, struct text update);

static struct text letters_of(struct text edition)
{
	while (edition.n && edition.p[edition.n - 1] >= '0' && edition.p[edition.n - 1] <= '9')
		edition.n--;
	return edition;
}

/* Both ends of a range name an edition ("9.16.8-S1" to "9.16.41-S1") that this is not. */
static bool is_other_edition(const struct software *s, struct text start, struct text end, struct text *why)
{
	struct text first = version_edition(start), last = version_edition(end);
	if (!first.n || !criterion_same_word(letters_of(first), letters_of(last)) ||
		criterion_same_word(letters_of(first), letters_of(version_edition(s->version))))
		return false;
	*why = first;
	return true;
}

struct text criterion_end(struct matcher *m, const struct criterion *c, const struct software *s)
{
	struct cpe name;
	char update[CRITERION_VALUE_MAX];
	if (!c->end_including || unbounded(c->end) || !c->cpe.p || !cpe_split(c->cpe, &name))
		return c->end;
	return joined(m, s, c->end, text_of(update, cpe_value(name.a[CPE_UPDATE], update, sizeof update)));
}

static enum fit range_fit(struct matcher *m, const struct criterion *c, const struct software *s, struct text *why)
{
	bool has_start = !unbounded(c->start) && !text_is(c->start, "0"), has_end = !unbounded(c->end);
	struct text end = criterion_end(m, c, s);
	int low = has_start ? compare(c, s, c->start) : 1, high = has_end ? compare_end(c, s, end) : -1;
	struct text name = criterion_name(c), version = criterion_version(c, s);
	bool inside_end = high == -1 || (high == 0 && c->end_including);
	if (low == -1 && c->start_including && inside_end && beside(c, s, c->start) < 0)
		return beside_fit(m, c, s, c->start, -1, why);
	if (low != -1 && high == 1 && c->end_including && beside(c, s, end) > 0)
		return beside_fit(m, c, s, end, 1, why);
	/* one bound that excludes it is enough */
	if (low == -1 || (low == 0 && !c->start_including) || high == 1 || (high == 0 && !c->end_including))
		return FIT_OUTSIDE;
	if (low == VERSION_INCOMPARABLE || high == VERSION_INCOMPARABLE) {
		struct text bound = low == VERSION_INCOMPARABLE ? c->start : end;
		*why = words(m, "version %.*s can not be compared with %.*s (%.*s)", T(version), T(bound), T(name));
		return FIT_INCOMPARABLE;
	}
	if (!has_start && !has_end) {
		*why = words(m, "%.*s: all versions", T(name));
		return FIT_ALL_VERSIONS;
	}
	if (has_start && has_end && is_other_edition(s, c->start, end, why)) {
		*why = words(m, "%.*s is about the edition %.*s", T(name), T(*why));
		return FIT_EDITION;
	}
	struct text from = has_start ? words(m, "%.*s %s ", T(c->start), c->start_including ? "<=" : "<") : TEXT_NONE;
	struct text to = has_end ? words(m, " %s %.*s", c->end_including ? "<=" : "<", T(end)) : TEXT_NONE;
	*why = words(m, "%.*s, %.*s%.*s%.*s", T(name), T(from), T(version), T(to));
	return FIT_WITHIN;
}

/* Version and update as one: "4.2.8" and "p10" are 4.2.8p10, "4.1-esv" and "r15" are 4.1-esv-r15. */
static struct text joined(struct matcher *m, const struct software *s, struct text version, struct text update)
{
	if (!update.n)
		return version;
	bool milestone = update.n > 1 && (update.p[0] | 32) == 'm' && ascii_is_digit(update.p[1]);
	bool apart = milestone || (update.p[0] >= '0' && update.p[0] <= '9') ||
				 (version.n && ascii_is_letter(version.p[version.n - 1])) ||
				 criterion_same_word(version_edition(s->version), update);
	return words(m, "%.*s%s%.*s", T(version), apart ? "-" : "", T(update));
}

/* A tag of a repository as a version: "v1.2", "curl-7_64_0", "OpenSSL_1_0_1f". */
static struct text untagged(struct text tag)
{
	for (size_t i = 0; i < tag.n; i++) {
		size_t before = i && (tag.p[i - 1] == 'v' || tag.p[i - 1] == 'V') ? i - 1 : i;
		bool begins = before == 0 || strchr("-_/", tag.p[before - 1]); /* not the 2 of bzip2-1.0.8 */
		if (begins && tag.p[i] >= '0' && tag.p[i] <= '9')
			return text_of(tag.p + i, tag.n - i);
	}
	return tag;
}

/* "1.4.x", and "1.4.*" where it is not the value of a CPE name: all that begins with 1.4. Takes the last part off. */
static bool is_branch(const struct criterion *c, struct text *version)
{
	bool is = text_ends(*version, ".x") || text_ends(*version, ".X") || (!c->cpe.p && text_ends(*version, ".*"));
	version->n -= is ? 2 : 0;
	return is && version->n;
}

static enum fit branch_fit(struct matcher *m, const struct criterion *c, const struct software *s, struct text branch,
						   struct text *why)
{
	struct text v = version_trim(s->version), b = version_trim(branch);
	if (v.n < b.n || memcmp(v.p, b.p, b.n) != 0 || (v.n > b.n && v.p[b.n] >= '0' && v.p[b.n] <= '9'))
		return FIT_OUTSIDE;
	*why = words(m, "%.*s, %.*s is of %.*s.x", T(criterion_name(c)), T(s->version), T(branch));
	return FIT_WITHIN;
}

/* The next letters, or the next digits; *at is behind them. TEXT_NONE: there are no more. */
static struct text next_run(struct text t, size_t *at)
{
	while (*at < t.n && !isalnum((unsigned char)t.p[*at]))
		++*at;
	size_t from = *at;
	while (*at < t.n && isalnum((unsigned char)t.p[*at]) &&
		   (isdigit((unsigned char)t.p[*at]) != 0) == (isdigit((unsigned char)t.p[from]) != 0))
		++*at;
	return *at > from ? text_of(t.p + from, *at - from) : TEXT_NONE;
}

/* Whether the words and numbers of one stand in the other in a row, whatever parts them: "build_2020" in "1.0 Build 2020 rel.3",
 * not in "1.0_build20201231". Of as much as anybody writes. */
static bool has_runs(struct text t, struct text wanted)
{
	wanted.n = wanted.n < CRITERION_VALUE_MAX ? wanted.n : CRITERION_VALUE_MAX;
	for (size_t from = 0; from < t.n;) {
		size_t at = from, k = 0;
		struct text run;
		while ((run = next_run(wanted, &k)).n && criterion_same_word(run, next_run(t, &at)))
			;
		if (!run.n)
			return true;
		if (!next_run(t, &from).n)
			return false;
	}
	return false;
}

/* "dfsg", "ds1": Debian's word for sources that are packed anew, which are the same program. */
static bool is_packed_anew(struct text rest)
{
	static const char *const names[] = { "dfsg", "ds", "repack" };
	size_t at = 0;
	struct text first = next_run(rest, &at);
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (criterion_same_word(first, text_c(names[i])))
			return true;
	return false;
}

/* Of two versions that are equal in their order: whether the record names a build that this is not. People write remarks behind
 * versions, too: "1.4 (2020-01-01)", "1.4 for some". */
static bool names_other_build(const struct criterion *c, const struct software *s, struct text version)
{
	struct text rest = version_rest(s->order, version);
	bool remark = !c->cpe.p && rest.n && (memchr(rest.p, ' ', rest.n) || !isalnum((unsigned char)rest.p[0]));
	return rest.n && !remark && !is_packed_anew(rest) && !has_runs(version_rest(s->order, s->version), rest);
}

static enum fit exact_fit(struct matcher *m, const struct criterion *c, const struct software *s, struct text version,
						  struct text *why)
{
	bool tag = !c->cpe.p && text_starts(c->product, "purl:");
	int r = compare(c, s, version);
	if (r != 0 && tag)
		r = compare(c, s, untagged(version));
	struct text name = criterion_name(c), edition = version_edition(version);
	if (r == VERSION_INCOMPARABLE) {
		if (tag)
			return FIT_OUTSIDE; /* one of a list of tags, of any shape */
		if (is_branch(c, &version))
			return branch_fit(m, c, s, version, why);
		*why = words(m, "version %.*s can not be compared with %.*s", T(s->version), T(version));
		return FIT_INCOMPARABLE;
	}
	int side = r != 0 && !tag ? beside(c, s, version) : 0;
	if (side)
		return beside_fit(m, c, s, version, side, why);
	if (r != 0)
		return FIT_OUTSIDE;
	if (edition.n && !is_of_package(c, s) && !criterion_same_word(edition, version_edition(s->version))) {
		*why = words(m, "%.*s is about the edition %.*s", T(name), T(edition));
		return FIT_EDITION;
	}
	if (!tag && names_other_build(c, s, version))
		return FIT_OUTSIDE;
	*why = c->cpe.p ? words(m, "%.*s = %.*s", T(name), T(s->version))
					: words(m, "%.*s, %.*s = %.*s", T(name), T(version), T(s->version));
	return FIT_WITHIN;
}

/* An update that says that it is no candidate: the version alone tells. */
static bool is_release(struct text update)
{
	static const char *const releases[] = { "final", "release", "ga", "general_availability", "gold", "rtm", "stable",
											"lts",   "esv",     NULL };
	return criterion_one_of(update, releases);
}

/* An update that does not count in the order ("build123"): only a version that has the word, too, is that one. */
static bool is_other_build(const struct software *s, struct text version, struct text whole, struct text update)
{
	enum version_order order = s->order == VERSION_OPENSSH ? VERSION_GENERIC : s->order; /* there 9.3 is 9.3p1 */
	return update.n && version_compare(order, version, whole) == 0 && !has_runs(s->version, update);
}

/* "4.2.8p18" of "4.2.8": CPE names have such a patch as the update, and no other letters so surely. */
static bool is_patch_of(struct text version, struct text release)
{
	size_t at = release.n;
	if (version.n <= at || memcmp(version.p, release.p, at) != 0)
		return false;
	at += strchr("-_.", version.p[at]) ? 1 : 0;
	size_t digits = at + 1;
	while (digits < version.n && ascii_is_digit(version.p[digits]))
		digits++;
	return at < version.n && (version.p[at] | 32) == 'p' && digits > at + 1 && digits == version.n;
}

/* To the specification "4.2.8:*" is every update of 4.2.8 (NISTIR 7696, table 6-2: ANY is a superset); in most records of the
 * NVD it is 4.2.8 itself, with the updates that are meant beside it. It alone can not tell. */
static enum fit any_update_fit(struct matcher *m, const struct criterion *c, const struct software *s, struct text *why)
{
	*why = words(m, "%.*s names no update: %.*s is a patch of it, and may be meant, or only the release itself",
				 T(criterion_name(c)), T(s->version));
	return FIT_INCOMPARABLE;
}

static bool covers(struct text pattern, struct text value)
{
	enum cpe_relation r = cpe_compare_attribute(pattern, value);
	return value.n && (r == CPE_SUPERSET || r == CPE_EQUAL);
}

/* Version and update as patterns: "8.*", "1.0" with "rc*". The version is cut where both fit; between the two may stand what
 * people write there. */
static enum fit wildcard_fit(struct matcher *m, const struct criterion *c, const struct cpe *name,
							 const struct software *s, struct text *why)
{
	struct text v = s->version, version = name->a[CPE_VERSION], update = name->a[CPE_UPDATE];
	bool fits = criterion_is_open(update) && covers(version, v);
	for (size_t i = 1; i < v.n && i < CRITERION_VALUE_MAX && !criterion_is_open(update) && !fits; i++) {
		size_t gap = strchr("-_.~", v.p[i]) ? 1 : 0;
		fits = covers(version, text_of(v.p, i)) && covers(update, text_of(v.p + i + gap, v.n - i - gap));
	}
	*why = fits ? words(m, "%.*s = %.*s", T(criterion_name(c)), T(v)) : TEXT_NONE;
	return fits ? FIT_WITHIN : FIT_OUTSIDE;
}

/* What a vendor says of a package that is called as the source is not said of all that is built from that; what is said of a
 * package in a version without a revision is said of no revision. */
static enum fit statement_fit(struct matcher *m, const struct criterion *c, const struct software *s, struct text *why)
{
	if (software_key_is_of_source(s, c->product) ||
		(c->conditions.n && !vex_conditions_hold(m, s, c->conditions, false)))
		return FIT_OUTSIDE;
	*why =
		words(m, "a statement says that %.*s%s%.*s is affected", T(c->product), c->version.n ? " " : "", T(c->version));
	if (!c->version.n) /* in words alone it may be any product of the vendor's that is called so */
		return criterion_is_in_words(c) ? FIT_OUTSIDE : FIT_ALL_VERSIONS;
	if (!s->version.n) {
		*why = words(m, "%.*s: version unknown", T(*why));
		return FIT_UNKNOWN;
	}
	if (criterion_is_of_package(c, s) && !version_is_range(c->version) &&
		!text_eq(version_trim(c->version), s->package_version))
		return FIT_OUTSIDE;
	return statement_is_version(s, c->version) ? FIT_WITHIN : FIT_OUTSIDE;
}

bool criterion_is_in_words(const struct criterion *c)
{
	return c->stated && text_starts(c->product, "name:");
}

bool criterion_is_of_package(const struct criterion *c, const struct software *s)
{
	return c->stated && c->version.n && s->package_version.n && software_key_is_of_package(s, c->product);
}

enum fit criterion_fit(struct matcher *m, const struct criterion *c, const struct software *s, struct text *why)
{
	struct cpe name;
	char version[CRITERION_VALUE_MAX], update[CRITERION_VALUE_MAX];
	struct text v = c->version, u = TEXT_NONE;
	bool own = false, range = !unbounded(c->start) || !unbounded(c->end);
	*why = TEXT_NONE;
	if (c->stated)
		return statement_fit(m, c, s, why);
	if (c->cpe.p) {
		if (!cpe_split(c->cpe, &name)) /* people write names that are not valid, but clear */
			return FIT_OUTSIDE;
		struct text named = text_of(version, cpe_value(name.a[CPE_VERSION], version, sizeof version));
		/* the versions of a CVE record go before that of the name they belong to */
		own = !v.p || (named.n ? criterion_same_word(v, named) : cpe_is_na(v));
		if (text_is(v, "0") && text_is(c->status, "affected") && cpe_is_any(name.a[CPE_VERSION])) /* "lessThan" was forgotten */
			v = TEXT_NONE;
		if (cpe_is_na(name.a[CPE_VERSION]) && !range && own) {
			*why = words(m, "%.*s: the record has no version", T(criterion_name(c)));
			return FIT_NA;
		}
		if (!criterion_attributes_fit(m, &name, s, why)) {
			*why = words(m, "%.*s %.*s", T(criterion_name(c)), T(*why));
			return FIT_EDITION;
		}
		if (!range && !cpe_is_any(name.a[CPE_VERSION]) && !v.p) {
			v = named;
			if (!v.n)
				return FIT_OUTSIDE;
		}
		u = text_of(update, cpe_value(name.a[CPE_UPDATE], update, sizeof update));
	}
	if (!s->version.n) {
		*why = words(m, "%.*s: version unknown", T(criterion_name(c)));
		return FIT_UNKNOWN;
	}
	bool any = own && !range && u.n && !v.n && !is_release(u); /* "*:rc1": that candidate of any */
	if (any || (own && v.n && (cpe_has_wildcard(name.a[CPE_VERSION]) || (u.n && cpe_has_wildcard(name.a[CPE_UPDATE])))))
		return wildcard_fit(m, c, &name, s, why); /* 8.* */
	if (v.p && !criterion_one_of(v, (const char *const[]){ "*", "", NULL })) {
		u = is_release(u) || (!own && c->cpe.p && !cpe_is_any(name.a[CPE_VERSION])) ? TEXT_NONE : u;
		struct text whole = joined(m, s, v, u);
		enum fit fit = unbounded(v) || is_other_build(s, v, whole, u) ? FIT_OUTSIDE : exact_fit(m, c, s, whole, why);
		bool open = own && c->cpe.p && cpe_is_any(name.a[CPE_UPDATE]) && is_patch_of(s->version, v);
		return fit == FIT_OUTSIDE && open ? any_update_fit(m, c, s, why) : fit;
	}
	return range_fit(m, c, s, why);
}
