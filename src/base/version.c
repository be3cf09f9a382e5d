/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The orders of upstream projects. Those of packages are in version_package.c, semantic versions in version_semver.c. */
#include "base/version.h"

#include <ctype.h>

#define PARTS_MAX 24u

/* What stands behind the numbers, from the left: earlier than the release, or later. */
enum part_class {
	PART_BEFORE, /* rank tells which: dev < alpha < beta < pre < rc */
	PART_AFTER,  /* word tells which: they compare only with their own kind */
	PART_UNSURE, /* 1.0b1: a beta for some projects, a patch for others; 1.0-git: before 1.0, or behind it */
};

struct part {
	enum part_class class;
	int rank; /* of PART_BEFORE; of PART_AFTER: 1 for letters */
	struct text word, number; /* lower-case words are compared without regard to case */
};

struct key {
	struct text release[PARTS_MAX];
	size_t nrelease;
	struct part parts[PARTS_MAX];
	size_t nparts;
	struct text rest; /* what stands behind that, and does not count */
	bool valid;
};

static bool is_digit(struct text t, size_t i)
{
	return i < t.n && isdigit((unsigned char)t.p[i]);
}

static bool is_letter(struct text t, size_t i)
{
	return i < t.n && isalpha((unsigned char)t.p[i]);
}

static bool word_is(struct text word, const char *name)
{
	return word.n == strlen(name) && strncasecmp(word.p, name, word.n) == 0;
}

int version_compare_number(struct text a, struct text b)
{
	while (a.n && a.p[0] == '0') {
		a.p++;
		a.n--;
	}
	while (b.n && b.p[0] == '0') {
		b.p++;
		b.n--;
	}
	if (a.n != b.n)
		return a.n < b.n ? -1 : 1;
	int c = a.n ? memcmp(a.p, b.p, a.n) : 0;
	return (c > 0) - (c < 0);
}

struct text version_digits(struct text t, size_t *at)
{
	size_t from = *at;
	while (is_digit(t, *at))
		(*at)++;
	return text_of(t.p + from, *at - from);
}

/* The numbers at the beginning; *at is where they end. Zeros at their end do not count: 1.2 is 1.2.0. */
static void read_release(struct text t, size_t *at, struct key *k)
{
	while (is_digit(t, *at) && k->nrelease < PARTS_MAX) {
		k->release[k->nrelease++] = version_digits(t, at);
		k->valid = true;
		if (*at + 1 < t.n && (t.p[*at] == '.' || t.p[*at] == '_') && is_digit(t, *at + 1))
			(*at)++;
	}
	while (k->nrelease && version_compare_number(k->release[k->nrelease - 1], TEXT_LIT("0")) == 0)
		k->nrelease--;
}

enum rank { RANK_TILDE, RANK_DEV, RANK_ALPHA, RANK_BETA, RANK_MILESTONE, RANK_PRE, RANK_RC };

static const struct {
	const char *word;
	enum rank rank;
} before[] = {
	{ "dev", RANK_DEV },      { "devel", RANK_DEV }, { "snapshot", RANK_DEV }, { "nightly", RANK_DEV },
	{ "dr", RANK_DEV },       { "alpha", RANK_ALPHA }, { "beta", RANK_BETA },  { "test", RANK_BETA },
	{ "pre", RANK_PRE },      { "preview", RANK_PRE }, { "rc", RANK_RC },      { "candidate", RANK_RC },
	{ "milestone", RANK_MILESTONE },
};

static const struct {
	const char *word, *as;
	bool tree; /* a state of the sources between two releases */
} after[] = {
	{ "p", "p", false },     { "pl", "p", false },      { "patch", "p", false }, { "patchlevel", "p", false },
	{ "post", "post", false }, { "sp", "sp", false },   { "u", "u", false },     { "update", "u", false },
	{ "rev", "r", false },   { "r", "r", false },       { "hotfix", "hf", false }, { "hf", "hf", false },
	{ "git", "git", true },  { "svn", "svn", true },    { "hg", "hg", true },    { "cvs", "cvs", true },
	{ "bzr", "bzr", true },
};

static const char *const silent[] = { "final", "release", "ga", "stable", "lts", "esv" };

/* What a word means behind a release. `glued`: it stands right behind a digit. False: it says nothing of the order,
 * nor does what follows it. */
static bool read_word(struct text word, bool glued, bool numbered, char separator, struct part *out)
{
	for (size_t i = 0; i < sizeof before / sizeof before[0]; i++)
		if (word_is(word, before[i].word)) {
			out->class = PART_BEFORE;
			out->rank = before[i].rank;
			return true;
		}
	if (word_is(word, "m") && numbered && (separator == '-' || separator == '.')) { /* 9.0.0.M1 of Tomcat, not 15.1(4)M3 of IOS */
		out->class = PART_BEFORE;
		out->rank = RANK_MILESTONE;
		return true;
	}
	if (separator == '~' && (word_is(word, "dfsg") || word_is(word, "ds") || word_is(word, "repack")))
		return false; /* Debian's, of sources that are packed anew: 9.53.3~dfsg is 9.53.3 */
	if (separator == '~') { /* a tilde means earlier than what is before it, whatever the word */
		out->class = PART_BEFORE;
		out->rank = RANK_TILDE;
		return true;
	}
	for (size_t i = 0; i < sizeof after / sizeof after[0]; i++)
		if (word_is(word, after[i].word) && (numbered || word.n > 1)) {
			bool later = !after[i].tree || separator == '+' || separator == '_';
			out->class = later ? PART_AFTER : PART_UNSURE; /* "1.2-git": on the way to 1.2, or on from it */
			out->word = text_c(after[i].as);
			return true;
		}
	if (!glued || word.n > 2)
		return false;
	out->class = numbered && (word_is(word, "a") || word_is(word, "b")) ? PART_UNSURE : PART_AFTER;
	out->word = word;
	out->rank = 1; /* letters: they order among themselves */
	return true;
}

static bool is_silent(struct text word)
{
	for (size_t i = 0; i < sizeof silent / sizeof silent[0]; i++)
		if (word_is(word, silent[i]))
			return true;
	return false;
}

/* "1.x", "2.*": no version but many. */
static bool is_placeholder(struct text word)
{
	return word_is(word, "x") || word_is(word, "y") || word_is(word, "any") || word_is(word, "all");
}

/* A number without a word: behind a dash a revision, behind a dot one more number of what stands before it. */
static struct part bare_number(struct text number, char separator)
{
	struct part p = { .class = PART_AFTER, .number = number };
	if (separator == '~')
		p.class = PART_BEFORE;
	else
		p.word = separator == '+'                       ? TEXT_LIT("git")
				 : separator == '-' || separator == '_' ? TEXT_LIT("-")
														: TEXT_LIT(".");
	return p;
}

/* Behind a number that counts commits: "-g1e4a5a1", as `git describe` names a state of the sources. */
static bool is_object_name(struct text t, size_t at)
{
	size_t digits = at + 2, n = 0;
	if (digits >= t.n || t.p[at] != '-' || t.p[at + 1] != 'g')
		return false;
	while (digits + n < t.n && isxdigit((unsigned char)t.p[digits + n]))
		n++;
	return n >= 7 && (digits + n == t.n || !isalnum((unsigned char)t.p[digits + n]));
}

/* Around a number, with nothing between it and what stands before. */
static bool is_bracket(struct text t, size_t i)
{
	if (i + 1 < t.n && t.p[i] == '(')
		return is_digit(t, i + 1);
	return i + 1 < t.n && t.p[i] == ')' && is_digit(t, i - 1) && is_letter(t, i + 1);
}

static void read_parts(struct text t, size_t at, enum version_order order, struct key *k)
{
	bool vendor_behind_dash = order == VERSION_KERNEL;
	while (at < t.n && k->nparts < PARTS_MAX) {
		char separator = 0;
		while (at < t.n && strchr(".-_~+ ", t.p[at]))
			separator = t.p[at++];
		if (at == t.n)
			break;
		if (!separator && is_bracket(t, at)) /* 15.1(4)M3 */
			separator = t.p[at++] == '(' ? '.' : 0;
		k->rest = text_of(t.p + at, t.n - at);
		if (is_digit(t, at)) {
			if (vendor_behind_dash && separator != '.')
				return;
			struct part number = bare_number(version_digits(t, &at), separator);
			bool commits = separator == '-' && is_object_name(t, at);
			if (commits)
				number.word = TEXT_LIT("git");
			k->parts[k->nparts++] = number;
			if (commits)
				break;
			continue;
		}
		if (!is_letter(t, at)) {
			k->valid &= t.p[at] != '*';
			return;
		}
		size_t from = at;
		while (is_letter(t, at))
			at++;
		struct text word = text_of(t.p + from, at - from);
		struct part p = { 0 };
		if (is_placeholder(word) && separator) {
			k->valid = false;
			return;
		}
		size_t gap = at < t.n && strchr(".-_", t.p[at]) && is_digit(t, at + 1) && word.n > 1 ? 1 : 0; /* rc-1, beta.2 */
		bool numbered = is_digit(t, at + gap);
		if (is_silent(word))
			continue;
		if (order == VERSION_BETA && numbered && (word_is(word, "a") || word_is(word, "b")))
			p = (struct part){ .class = PART_BEFORE, .rank = word_is(word, "a") ? RANK_ALPHA : RANK_BETA };
		else if (!read_word(word, !separator, numbered, separator, &p))
			return;
		if (vendor_behind_dash && p.class != PART_BEFORE)
			return;
		if (numbered) {
			at += gap;
			p.number = version_digits(t, &at);
		}
		k->parts[k->nparts++] = p;
		if (text_is(p.word, "git")) /* an object name, or a date that is read already */
			break;
	}
	k->rest = TEXT_NONE;
}

struct text version_trim(struct text t)
{
	while (t.n && isspace((unsigned char)t.p[0])) {
		t.p++;
		t.n--;
	}
	while (t.n && isspace((unsigned char)t.p[t.n - 1]))
		t.n--;
	size_t digits = 1;
	bool snapshot = t.n == 9 && t.p[0] == 's'; /* s20190709: iputils */
	if (snapshot)
		(void)version_digits(t, &digits);
	if (t.n > 1 && (((t.p[0] == 'v' || t.p[0] == 'V') && is_digit(t, 1)) || (snapshot && digits == t.n))) {
		t.p++;
		t.n--;
	}
	return t;
}

/* Only as much of the key is written as is used: it is large, and versions are compared by the million. */
static void read_key(struct text t, enum version_order order, struct key *k)
{
	size_t at = 0;
	k->nrelease = k->nparts = 0;
	k->rest = TEXT_NONE;
	k->valid = false;
	t = version_trim(t);
	read_release(t, &at, k);
	if (k->valid)
		read_parts(t, at, order, k);
	if (order == VERSION_OPENSSH && k->nparts == 0)
		k->parts[k->nparts++] = (struct part){ .class = PART_AFTER, .word = TEXT_LIT("p"), .number = TEXT_LIT("1") };
}

static int compare_letters(struct text a, struct text b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int c = n ? strncasecmp(a.p, b.p, n) : 0;
	return c ? (c > 0) - (c < 0) : (a.n > b.n) - (a.n < b.n);
}

/* NULL: nothing is there. */
static int compare_part(const struct part *a, const struct part *b)
{
	if ((a && a->class == PART_UNSURE) || (b && b->class == PART_UNSURE))
		return a && b && a->class == b->class && compare_letters(a->word, b->word) == 0
				   ? version_compare_number(a->number, b->number)
				   : VERSION_INCOMPARABLE;
	int side_a = !a ? 0 : a->class == PART_BEFORE ? -1 : 1, side_b = !b ? 0 : b->class == PART_BEFORE ? -1 : 1;
	if (side_a != side_b)
		return side_a < side_b ? -1 : 1;
	if (side_a < 0 && a->rank != b->rank)
		return a->rank < b->rank ? -1 : 1;
	if (side_a > 0 && a->rank != b->rank)
		return VERSION_INCOMPARABLE;
	int c = compare_letters(a->word, b->word);
	if (c && side_a > 0 && a->rank == 0)
		return VERSION_INCOMPARABLE; /* a patch against a revision */
	return c ? c : version_compare_number(a->number, b->number);
}

/* "070313": the day of a state of the sources, as iproute2 had them before 5.8, and no number of a release. */
static bool is_day(const struct key *k)
{
	if (k->nrelease != 1 || k->release[0].n != 6)
		return false;
	const char *p = k->release[0].p;
	int month = 10 * (p[2] - '0') + p[3] - '0', day = 10 * (p[4] - '0') + p[5] - '0';
	return month >= 1 && month <= 12 && day >= 1 && day <= 31;
}

/* A release that is a day, against one that is a small number: the project changed its scheme, and nobody tells when. */
static bool other_scheme(const struct key *a, const struct key *b)
{
	size_t x = a->nrelease ? a->release[0].n : 1, y = b->nrelease ? b->release[0].n : 1;
	bool dated = x == 8 || is_day(a), other = y == 8 || is_day(b);
	return (dated && y < 4 && b->nrelease) || (other && x < 4 && a->nrelease);
}

static bool is_year(struct text t)
{
	return t.n >= 4 && (memcmp(t.p, "19", 2) == 0 || memcmp(t.p, "20", 2) == 0);
}

/* "20190501". */
static bool is_day_in_one(const struct key *k)
{
	return k->nrelease == 1 && k->release[0].n == 8 && !k->nparts && is_year(k->release[0]);
}

/* "2019-06-01", "2019.06.01". */
static bool is_day_in_three(const struct key *k)
{
	bool dashes = k->nrelease == 1 && k->nparts == 2 && text_is(k->parts[0].word, "-") && text_is(k->parts[1].word, "-");
	return (dashes || (k->nrelease == 3 && !k->nparts)) && k->release[0].n == 4 && is_year(k->release[0]);
}

/* Of two second numbers that are equal: 1.01 is before 1.1, as decimals are (BusyBox, bash, make); 2021.01 is 2021.1. */
static int compare_decimals(const struct key *a, const struct key *b)
{
	if (a->nrelease < 2 || b->nrelease < 2 || a->release[0].n > 3 || b->release[0].n > 3)
		return 0;
	bool zero_a = a->release[1].p[0] == '0' && a->release[1].n == 2, zero_b = b->release[1].p[0] == '0' && b->release[1].n == 2;
	bool counts = a->release[1].n != b->release[1].n && version_compare_number(a->release[1], TEXT_LIT("0")) != 0;
	return counts ? zero_b - zero_a : 0;
}

static int compare_upstream(enum version_order order, struct text a, struct text b)
{
	struct key x, y;
	read_key(a, order, &x);
	read_key(b, order, &y);
	if (!x.valid || !y.valid || other_scheme(&x, &y))
		return VERSION_INCOMPARABLE;
	if ((is_day_in_one(&x) && is_day_in_three(&y)) || (is_day_in_three(&x) && is_day_in_one(&y)))
		return version_compare_dates(a, b);
	for (size_t i = 0; i < x.nrelease || i < y.nrelease; i++) {
		int c = version_compare_number(i < x.nrelease ? x.release[i] : TEXT_NONE,
									   i < y.nrelease ? y.release[i] : TEXT_NONE);
		if (!c && i == 1)
			c = compare_decimals(&x, &y);
		if (c)
			return c;
	}
	for (size_t i = 0; i < x.nparts || i < y.nparts; i++) {
		int c = compare_part(i < x.nparts ? &x.parts[i] : NULL, i < y.nparts ? &y.parts[i] : NULL);
		if (c)
			return c;
	}
	return 0;
}

/* A state of the sources that has no name of its own, as "rc3" is one: a record can not list it. */
static int nameless_side(const struct part *p)
{
	if (p->class == PART_BEFORE)
		return p->rank <= RANK_DEV || (p->rank == RANK_PRE && !p->number.n) ? -1 : 0;
	for (size_t i = 0; p->class == PART_AFTER && i < sizeof after / sizeof after[0]; i++)
		if (after[i].tree && text_is(p->word, after[i].as))
			return 1;
	return 0;
}

/* Numbers and dots: most versions, and a release. */
static bool is_plain(struct text t)
{
	for (size_t i = 0; i < t.n; i++)
		if (!is_digit(t, i) && t.p[i] != '.')
			return false;
	return true;
}

int version_beside_release(enum version_order order, struct text version, struct text release)
{
	bool packages = order == VERSION_DPKG || order == VERSION_OPKG || order == VERSION_APK || order == VERSION_RPM ||
					order >= VERSION_PEP440;
	struct key v, r;
	if (packages || order == VERSION_GIT || is_plain(version))
		return 0;
	read_key(version, order, &v);
	read_key(release, order, &r);
	if (!v.valid || !r.valid || v.nrelease != r.nrelease || v.nparts <= r.nparts)
		return 0;
	for (size_t i = 0; i < r.nrelease; i++)
		if (version_compare_number(v.release[i], r.release[i]) != 0)
			return 0;
	for (size_t i = 0; i < r.nparts; i++)
		if (compare_part(&v.parts[i], &r.parts[i]) != 0)
			return 0;
	return nameless_side(&v.parts[r.nparts]);
}

struct text version_rest(enum version_order order, struct text t)
{
	struct key k;
	if (is_plain(t))
		return TEXT_NONE;
	read_key(t, order, &k);
	return k.valid ? k.rest : TEXT_NONE;
}

struct text version_edition(struct text t)
{
	static const char *const builds[] = { "b", "bld", "build", "rel", "v" };
	const char *dash = t.n ? memrchr(t.p, '-', t.n) : NULL;
	if (!dash || dash == t.p)
		return TEXT_NONE;
	struct text stem = text_of(t.p, (size_t)(dash - t.p)), edition = text_of(dash + 1, t.n - stem.n - 1);
	size_t letters = 0, end;
	while (is_letter(edition, letters))
		letters++;
	end = letters;
	(void)version_digits(edition, &end);
	struct text word = text_of(edition.p, letters);
	if (!letters || end != edition.n || is_silent(word) || version_compare(VERSION_GENERIC, stem, t) != 0)
		return TEXT_NONE;
	for (size_t i = 0; i < sizeof builds / sizeof builds[0]; i++)
		if (word_is(word, builds[i]))
			return TEXT_NONE;
	return edition;
}

int version_compare(enum version_order order, struct text a, struct text b)
{
	if (!a.n || !b.n)
		return VERSION_INCOMPARABLE;
	if (text_eq(a, b))
		return 0;
	switch (order) {
	case VERSION_SEMVER:
		return version_compare_semver(a, b);
	case VERSION_DPKG:
	case VERSION_OPKG:
		return version_compare_dpkg(a, b);
	case VERSION_APK:
		return version_compare_apk(a, b);
	case VERSION_RPM:
		return version_compare_rpm(a, b);
	case VERSION_DATE:
		return version_compare_dates(a, b);
	case VERSION_PEP440:
		return version_compare_pep440(a, b);
	case VERSION_MAVEN:
		return version_compare_maven(a, b);
	case VERSION_GEM:
		return version_compare_gem(a, b);
	case VERSION_NUGET:
		return version_compare_nuget(a, b);
	case VERSION_COMPOSER:
		return version_compare_composer(a, b);
	case VERSION_GIT:
		return VERSION_INCOMPARABLE;
	default:
		return compare_upstream(order, a, b);
	}
}

static const struct {
	const char *name;
	enum version_order order;
} orders[] = {
	{ "generic", VERSION_GENERIC }, { "beta", VERSION_BETA }, { "openssl", VERSION_OPENSSL }, { "openssh", VERSION_OPENSSH },
	{ "semver", VERSION_SEMVER },   { "dpkg", VERSION_DPKG },       { "apk", VERSION_APK },
	{ "rpm", VERSION_RPM },         { "opkg", VERSION_OPKG },       { "kernel", VERSION_KERNEL },
	{ "date", VERSION_DATE },       { "git", VERSION_GIT },         { "deb", VERSION_DPKG },
	{ "alpine", VERSION_APK },      { "none", VERSION_GIT },        { "python", VERSION_PEP440 },
	{ "pypi", VERSION_PEP440 },     { "maven", VERSION_MAVEN },     { "gem", VERSION_GEM },
	{ "npm", VERSION_SEMVER },      { "golang", VERSION_SEMVER },   { "cargo", VERSION_SEMVER },
	{ "nuget", VERSION_NUGET },     { "composer", VERSION_COMPOSER },
};

enum version_order version_order_named(struct text name)
{
	for (size_t i = 0; name.n && i < sizeof orders / sizeof orders[0]; i++)
		if (text_is(name, orders[i].name))
			return orders[i].order;
	return VERSION_GENERIC;
}

const char *version_order_name(enum version_order order)
{
	for (size_t i = 0; i < sizeof orders / sizeof orders[0]; i++)
		if (orders[i].order == order)
			return orders[i].name;
	return "generic";
}

enum version_order version_order_of_distribution(struct text distribution)
{
	static const char *const by_rpm[] = { "fedora",    "redhat",     "rhel",    "centos", "rocky",  "almalinux",
										  "suse",      "opensuse",   "sles",    "sled",   "mageia", "photon",
										  "openEuler", "azurelinux", "mariner", "ol ",    "amzn",   "anolis" };
	static const char *const by_apk[] = { "alpine", "postmarketos", "wolfi", "chainguard", "alpaquita" };
	for (size_t i = 0; i < sizeof by_apk / sizeof by_apk[0]; i++)
		if (text_starts(distribution, by_apk[i]))
			return VERSION_APK;
	for (size_t i = 0; i < sizeof by_rpm / sizeof by_rpm[0]; i++)
		if (text_starts(distribution, by_rpm[i]))
			return VERSION_RPM;
	return text_starts(distribution, "openwrt") ? VERSION_OPKG : VERSION_DPKG;
}
