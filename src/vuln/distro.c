/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the distribution of a package says of its own versions: it has often fixed what upstream's number would be
 * vulnerable to.
 *
 * Sources: the Debian security tracker, Alpine's secdb, OpenWrt's advisories. */
#include "base/distributions.h"
#include "base/purl.h"
#include "vuln/internal.h"

#define FIXES_MAX 100000u

static struct text first_word(struct text t, struct text *rest)
{
	const char *space = t.n ? memchr(t.p, ' ', t.n) : NULL;
	struct text word = text_of(t.p, space ? (size_t)(space - t.p) : t.n);
	*rest = space ? text_of(space + 1, t.n - word.n - 1) : TEXT_NONE;
	return word;
}

/* "debian 12.5" and "debian bookworm", "alpine 3.11.6" and "alpine v3.11": the feed's release holds ours. A feed that
 * names no release speaks for all. */
bool distro_is_same(struct text ours, struct text feeds)
{
	struct text a, b, name = first_word(ours, &a), other = first_word(feeds, &b);
	a = distribution_release(name, a);
	if (text_starts(other, "sle") &&
		b.n) /* a service pack is a release of its own, and so is what was before the first */
		return text_eq(name, other) && text_eq(a, b);
	b = distribution_release(other, b);
	return text_eq(name, other) &&
		   (!b.n || (a.n >= b.n && memcmp(a.p, b.p, b.n) == 0 && (a.n == b.n || a.p[b.n] == '.')));
}

/* Ubuntu's updates name the release, too: "2.0-1ubuntu0.22.04.3". */
static struct text ubuntu_of(struct matcher *m, struct text v)
{
	static const char mark[] = "ubuntu0.";
	const char *at = v.n ? memmem(v.p, v.n, mark, sizeof mark - 1) : NULL;
	struct text r = at ? text_of(at + sizeof mark - 1, v.n - (size_t)(at + sizeof mark - 1 - v.p)) : TEXT_NONE;
	bool is = r.n > 6 && r.p[2] == '.' && r.p[5] == '.';
	for (size_t i = 0; is && i < 5; i++)
		is = i == 2 || (r.p[i] >= '0' && r.p[i] <= '9');
	return is ? words(m, "ubuntu %.*s", 5, r.p) : TEXT_NONE;
}

/* Debian's own revisions name the release: "2.36-9+deb12u14", "1.2-3~deb12u1". */
struct text distro_of(struct matcher *m, const struct software *s)
{
	static const char mark[] = "deb";
	struct text v = s->package_version;
	if (s->distribution.n)
		return s->distribution;
	for (size_t i = 1; i + 3 < v.n; i++) {
		size_t from = i + sizeof mark - 1, end = from;
		if ((v.p[i - 1] != '+' && v.p[i - 1] != '~') || memcmp(v.p + i, mark, sizeof mark - 1) != 0)
			continue;
		while (end < v.n && v.p[end] >= '0' && v.p[end] <= '9')
			end++;
		if (end > from && end < v.n && v.p[end] == 'u')
			return words(m, "debian %.*s", T(text_of(v.p + from, end - from)));
	}
	return ubuntu_of(m, v);
}

/* The version that the row counts by: of one about the source that of the source, where the package's own is another (purl qualifier
 * "upstream": lvm2@2.03.16-2 of libdevmapper1.02.1 2:1.02.185-2). */
static struct text counted_version(struct matcher *m, const struct software *s, const struct fix *f)
{
	struct purl purl;
	if (f->own || !text_has(s->purl, "upstream=") || !purl_parse(s->purl, &purl, m->scratch))
		return s->package_version;
	struct text source = purl_get(&purl, "upstream"), package = distro_package(s);
	bool same = source.n > package.n + 1 && memcmp(source.p, package.p, package.n) == 0 && source.p[package.n] == '@';
	return same ? text_of(source.p + package.n + 1, source.n - package.n - 1) : s->package_version;
}

/* Made by Buildroot: all that these ask of the image as a whole. */
static bool image_is_built(const struct matcher *m, const struct software *s)
{
	return text_starts(s->distribution.n ? s->distribution : m->image.distribution, "buildroot");
}

bool distro_has_word(const struct matcher *m, const struct software *s, struct text ours)
{
	return image_is_built(m, s) || (ours.n && s->package_version.n);
}

bool distro_is_about(const struct matcher *m, const struct software *s, struct text ours, struct text feeds)
{
	return text_is(feeds, "buildroot") ? image_is_built(m, s) : s->package_version.n && distro_is_same(ours, feeds);
}

size_t distro_packages(const struct software *s, struct text ours, struct text names[DISTRO_PACKAGES_MAX])
{
	names[0] = distro_package(s);
	struct text key = s->own_key;
	const char *slash = text_starts(key, "purl:rpm/") ? memrchr(key.p, '/', key.n) : NULL;
	if (!slash || !(text_starts(ours, "rhel") || text_starts(ours, "almalinux")))
		return 1;
	names[1] = text_of(slash + 1, key.n - (size_t)(slash + 1 - key.p));
	return names[1].n && !text_eq(names[0], names[1]) ? 2 : 1;
}

/* Rows about it. */
struct fixes {
	struct fix *v;
	size_t n, cap;
};

static void read_fixes(struct matcher *m, const struct software *s, struct text ours, struct text package, bool own, struct fixes *out)
{
	sqlite3_bind_text(m->fixes, 1, package.p, (int)package.n, SQLITE_STATIC);
	while (out->n < FIXES_MAX && sqlite3_step(m->fixes) == SQLITE_ROW) {
		struct text of = column_text(m->scratch, m->fixes, 0);
		bool patched = text_is(of, "buildroot");
		if (!distro_is_about(m, s, ours, of))
			continue;
		if (out->n == out->cap) {
			struct fix *more = ARENA_ARRAY(m->scratch, struct fix, out->cap * 2);
			if (!more)
				break;
			memcpy(more, out->v, out->cap * sizeof *more);
			out->v = more;
			out->cap *= 2;
		}
		out->v[out->n++] = (struct fix){
			.vulnerability = sqlite3_column_int64(m->fixes, 1),
			.source = sqlite3_column_int64(m->fixes, 2),
			.status = column_text(m->scratch, m->fixes, 3),
			.version = column_text(m->scratch, m->fixes, 4),
			.note = column_text(m->scratch, m->fixes, 5),
			.patched = patched,
			.own = own,
		};
	}
	sqlite3_reset(m->fixes);
}

size_t distro_fixes(struct matcher *m, const struct software *s, struct fix **out)
{
	struct text names[DISTRO_PACKAGES_MAX], ours = distro_of(m, s);
	struct fixes all = { .cap = 256 };
	*out = NULL;
	if (!distro_has_word(m, s, ours))
		return 0;
	all.v = ARENA_ARRAY(m->scratch, struct fix, all.cap);
	size_t n = all.v ? distro_packages(s, ours, names) : 0;
	for (size_t i = 0; i < n; i++)
		read_fixes(m, s, ours, names[i], i > 0, &all);
	*out = all.v;
	return all.n;
}

/* Buildroot's list is of one state of its tree: it holds for the version that stands there. */
static struct decision decide_patched(struct matcher *m, const struct software *s, const struct fix *f)
{
	struct decision d = { .state = STATE_NONE, .source = source_of(m, f->source)->name, .confidence = LIKELY };
	if (f->version.n && version_compare(s->order, s->version, f->version) != 0)
		return d;
	d.state = text_is(f->status, "fixed")          ? STATE_FIXED
			  : text_is(f->status, "not_affected") ? STATE_NOT_AFFECTED
												   : STATE_NONE;
	d.reason = words(m, "Buildroot says of %.*s %.*s: %.*s", T(s->name), T(s->version), T(f->note));
	d.criteria = d.reason;
	return d;
}

/* "2.0-1 2.0-4": where a range begins ("0": with the first) and ends ("*": nowhere). -1, 0, 1 as the package is before it, in it,
 * behind it. */
static int range_side(enum version_order order, struct text version, const struct fix *f)
{
	struct text to, from = first_word(f->version, &to);
	int low = text_is(from, "0") ? 1 : version_compare(order, version, from);
	int high = text_is(to, "*") ? -1 : version_compare(order, version, to);
	if (low == VERSION_INCOMPARABLE || high == VERSION_INCOMPARABLE)
		return VERSION_INCOMPARABLE;
	if (low < 0)
		return -1;
	return high < 0 || (high == 0 && text_is(f->status, "affected_through")) ? 0 : 1;
}

/* What an advisory says of the package itself goes before what it says of the source, whose other packages may have versions of their
 * own. The feed that does so; -1: none. */
static int64_t speaks_of_itself(const struct fix *f, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (f[i].own)
			return f[i].source;
	return -1;
}

static bool is_range(const struct fix *f)
{
	return text_is(f->status, "affected_before") || text_is(f->status, "affected_through");
}

/* Of all ranges about one vulnerability: in one of them, behind one, or before all. Where it may be in one for all that can be
 * told, the others say nothing. */
static struct decision decide_ranges(struct matcher *m, const struct software *s, const struct fix *f, size_t n)
{
	struct text ours = distro_of(m, s);
	struct decision d = { .state = STATE_NONE };
	bool unknown = false;
	int64_t itself = speaks_of_itself(f, n);
	for (size_t i = 0; i < n; i++) {
		if (!f[i].own && f[i].source == itself)
			continue;
		int side = is_range(&f[i]) ? range_side(package_order(s, ours), counted_version(m, s, &f[i]), &f[i])
								   : VERSION_INCOMPARABLE;
		unknown |= is_range(&f[i]) && side == VERSION_INCOMPARABLE;
		if (side == VERSION_INCOMPARABLE || (d.state == STATE_FIXED && side < 0))
			continue;
		static const enum state states[] = { STATE_NOT_AFFECTED, STATE_AFFECTED, STATE_FIXED };
		static const char *const places[] = { "before", "in", "behind" };
		d = (struct decision){ .vulnerability = f[i].vulnerability,
							   .state = states[side + 1],
							   .confidence = PROVEN,
							   .source = source_of(m, f[i].source)->name };
		struct text to, from = first_word(f[i].version, &to);
		d.reason =
			words(m, "%.*s has it from %.*s %s %.*s; this is %.*s", T(ours), T(from),
				  text_is(f[i].status, "affected_through") ? "through" : "to before", T(to), T(counted_version(m, s, &f[i])));
		d.criteria = words(m, "%.*s: %.*s %.*s, %s %.*s", T(d.source), T(ours), T(f[i].own ? s->name : distro_package(s)), places[side + 1],
						   T(f[i].version));
		if (side == 0)
			return d;
	}
	const struct decision none = { .state = STATE_NONE };
	return unknown ? none : d;
}

static struct decision decide_one(struct matcher *m, const struct software *s, const struct fix *f)
{
	const struct source *source = source_of(m, f->source);
	struct text package = f->own ? s->name : distro_package(s);
	struct text ours = distro_of(m, s);
	struct decision d = { .vulnerability = f->vulnerability, .source = source->name, .confidence = PROVEN };
	const char *colon = f->note.n ? ": " : "";
	d.criteria =
		words(m, "%.*s: %.*s %.*s, %.*s %.*s", T(source->name), T(ours), T(package), T(f->status), T(f->version));
	if (text_is(f->status, "not_affected") || (text_is(f->status, "fixed") && text_is(f->version, "0"))) {
		d.state = STATE_NOT_AFFECTED;
		d.reason = words(m, "%.*s says that its package is not affected%s%.*s", T(ours), colon, T(f->note));
	} else if (text_is(f->status, "affected")) {
		d.state = STATE_AFFECTED;
		d.reason = words(m, "%.*s says that its package is affected and has no fix%s%.*s", T(ours), colon, T(f->note));
	} else if (text_is(f->status, "fixed") && f->version.n) {
		struct text version = counted_version(m, s, f);
		int c = version_compare(package_order(s, ours), version, f->version);
		if (c == VERSION_INCOMPARABLE)
			return (struct decision){ .state = STATE_NONE };
		d.state = c < 0 ? STATE_AFFECTED : STATE_FIXED;
		d.reason = words(m, "%.*s fixed it in %.*s; this is %.*s", T(ours), T(f->version), T(version));
	} else {
		return (struct decision){ .state = STATE_NONE }; /* undetermined: upstream's ranges decide */
	}
	return d;
}

/* Without the distribution's revision: "1.30.1-r2" is 1.30.1. */
static struct text upstream_of(struct text version)
{
	const char *dash = version.n ? memrchr(version.p, '-', version.n) : NULL;
	return dash ? text_of(version.p, (size_t)(dash - version.p)) : version;
}

/* A fix can be lost with a new upstream version and be made again: an earlier one counts for its own upstream version
 * only. */
struct decision distro_decide(struct matcher *m, const struct software *s, const struct fix *f, size_t n)
{
	struct decision best = decide_ranges(m, s, f, n);
	bool last = false; /* best is a fix in this very upstream version */
	int64_t itself = speaks_of_itself(f, n);
	for (size_t i = 0; i < n; i++) {
		if (!f[i].own && f[i].source == itself)
			continue;
		struct decision d = f[i].patched ? decide_patched(m, s, &f[i]) : decide_one(m, s, &f[i]);
		bool same = d.state == STATE_FIXED && text_eq(upstream_of(f[i].version), upstream_of(counted_version(m, s, &f[i])));
		if (d.state == STATE_NONE || last)
			continue;
		if (best.state == STATE_NONE || same || d.state == STATE_NOT_AFFECTED ||
			(best.state == STATE_FIXED && d.state == STATE_AFFECTED))
			best = d;
		last = same;
	}
	return best;
}
