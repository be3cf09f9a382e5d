/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whether the image is what a criterion calls the platform: "running on" in NVD's words. */

#include "base/distributions.h"
#include "vuln/internal.h"

/* Its name behind "cpe:", as base/distributions.h has them. */
struct text platform_distribution(struct text key)
{
	return text_starts(key, "cpe:") ? distribution_of_cpe(text_of(key.p + 4, key.n - 4)) : TEXT_NONE;
}

/* Systems that an image of Linux is not. */
static const char *const other_systems[] = {
	"cpe:o:microsoft:",     "cpe:o:apple:",
	"cpe:o:google:",        "cpe:o:freebsd:",
	"cpe:o:netbsd:",        "cpe:o:openbsd:",
	"cpe:o:sun:",           "cpe:o:oracle:solaris",
	"cpe:o:ibm:",           "cpe:o:hp:",
	"cpe:o:sgi:",           "cpe:o:sco:",
	"cpe:o:vmware:",        "cpe:o:windriver:vxworks",
	"cpe:o:blackberry:",    "cpe:o:qnx:",
	"cpe:o:novell:netware", "cpe:o:be:",
	"cpe:o:cray:",          "cpe:o:digital:",
	"cpe:o:unix:",
};

/* Whether a release is that one or of it: "12.5" is of "12". */
static bool release_of(struct text release, struct text wanted)
{
	return release.n >= wanted.n && memcmp(release.p, wanted.p, wanted.n) == 0 &&
		   (release.n == wanted.n || release.p[wanted.n] == '.');
}

/* Whether a release lies in the range of a criterion that has one: -1 no, 0 nobody can tell, 1 yes. */
static int release_within(const struct criterion *c, struct text release)
{
	int low = c->start.p ? version_compare(VERSION_GENERIC, release, c->start) : 1;
	int high = c->end.p ? version_compare(VERSION_GENERIC, release, c->end) : -1;
	if (low == -1 || (low == 0 && !c->start_including) || high == 1 || (high == 0 && !c->end_including))
		return -1;
	return low == VERSION_INCOMPARABLE || high == VERSION_INCOMPARABLE ? 0 : 1;
}

static int distribution_holds(struct matcher *m, const struct criterion *c, const char *name, struct text version,
							  struct text *why)
{
	image_need(m, IMAGE_DISTRIBUTION);
	struct text have = m->image.distribution;
	size_t n = strlen(name);
	if (!have.n) {
		*why = words(m, "needs %s: the image does not tell its distribution", name);
		return 0;
	}
	bool same = have.n >= n && memcmp(have.p, name, n) == 0 && (have.n == n || have.p[n] == ' ');
	struct text release = same && have.n > n ? text_of(have.p + n + 1, have.n - n - 1) : TEXT_NONE;
	if (version.n >= 2 && text_ends(version, ".0"))
		version.n -= 2; /* NVD writes 12.0 where Debian says 12 */
	int within = same && (c->start.p || c->end.p) ? release_within(c, release) : 1;
	if (same && within == 1 && (!version.n || release_of(release, version)))
		return 1;
	struct text bound = c->end.p ? c->end : c->start;
	if (same && (c->start.p || c->end.p))
		*why = words(m, "needs %s %s %.*s: the image is %.*s", name,
					 !c->end.p          ? ">="
					 : c->end_including ? "<="
										: "<",
					 T(bound), T(have));
	else
		*why = words(m, "needs %s%s%.*s: the image is %.*s", name, version.n ? " " : "", T(version), T(have));
	return same && within == 0 ? 0 : -1;
}

/* Software of the image with that key: 1 one fits, -1 none does, 0 nobody can tell, -2 there is none. */
static int software_holds(struct matcher *m, const struct criterion *c, struct text *why)
{
	int result = -2;
	image_need(m, IMAGE_SOFTWARE);
	for (size_t i = 0; i < m->image.nsoftware; i++) {
		const struct software *s = &m->image.software[i];
		bool has = false;
		for (size_t k = 0; k < s->nkeys; k++)
			has |= text_eq(s->keys[k], c->product);
		if (!has)
			continue;
		struct text words_of_fit;
		enum fit fit = criterion_fit(m, c, s, &words_of_fit);
		if (fit == FIT_WITHIN || fit == FIT_ALL_VERSIONS || fit == FIT_NA)
			return 1;
		if (fit == FIT_UNKNOWN || fit == FIT_INCOMPARABLE) {
			*why = words(m, "needs %.*s: its version is unknown", T(criterion_name(c)));
			result = 0;
		} else if (result != 0) {
			*why = words(m, "needs %.*s: the image has %.*s %.*s", T(criterion_name(c)), T(s->name), T(s->version));
			result = -1;
		}
	}
	return result;
}

static int system_holds(struct matcher *m, const struct criterion *c, struct text *why)
{
	struct cpe name;
	char version[128] = "";
	image_need(m, IMAGE_SYSTEM);
	size_t n = c->cpe.p && cpe_split(c->cpe, &name) ? cpe_value(name.a[CPE_VERSION], version, sizeof version) : 0;
	struct text distribution = platform_distribution(c->product);
	if (distribution.n)
		return distribution_holds(m, c, distribution.p, text_of(version, n), why);
	if (text_is(c->product, "cpe:o:linux:linux_kernel")) {
		if (m->image.linux_kernel && !n && !c->start.p && !c->end.p)
			return 1;
		*why = words(m, "needs %.*s: %s", T(criterion_name(c)),
					 m->image.linux_kernel ? "the version of the kernel is unknown"
										   : "the image does not tell its system");
		return 0;
	}
	for (size_t i = 0; i < sizeof other_systems / sizeof other_systems[0]; i++)
		if (text_starts(c->product, other_systems[i]) && m->image.linux_kernel) {
			*why = words(m, "needs %.*s: the image is Linux", T(criterion_name(c)));
			return -1;
		}
	*why = words(m, "needs %.*s: whether the product is that, the image does not tell", T(criterion_name(c)));
	return 0;
}

int platform_holds(struct matcher *m, const struct criterion *c, struct text *why)
{
	int r = software_holds(m, c, why);
	if (r != -2)
		return r;
	if (text_starts(c->product, "cpe:h:")) {
		*why = words(m, "needs the hardware %.*s: unknown", T(criterion_name(c)));
		return 0;
	}
	if (text_starts(c->product, "cpe:o:"))
		return system_holds(m, c, why);
	*why = words(m, "needs %.*s, which is not in the image", T(criterion_name(c)));
	return -1;
}
