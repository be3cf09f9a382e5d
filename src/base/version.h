/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How versions order, by the scheme that each project or distribution has.
 *
 * A comparison has four results: that two versions cannot be compared is an answer too. Who asks whether one lies in
 * a range treats it as "not known", never as a match. */
#ifndef ASSAY_BASE_VERSION_H
#define ASSAY_BASE_VERSION_H

#include "base/span.h"

enum version_order {
	/* Dotted numbers; letters and p, pl, patch, sp with a number behind them are later (1.0.2k, 4.2.8p18), rc, beta,
	 * alpha, pre and dev earlier than the release; other words behind it (-fips, +dfsg) say who built it and do not
	 * count. */
	VERSION_GENERIC,
	VERSION_BETA,    /* as generic, of projects whose a and b before a number are alpha and beta: 1.9.17b1, 9.9.4b1 */
	VERSION_OPENSSL, /* 1.0.1f, 0.9.8zh, 3.0.0-beta1, 1.0.2k-fips: OpenSSL's release strategy */
	VERSION_OPENSSH, /* 9.2p1: the first portable release of 9.2, which is called 9.2 elsewhere */
	VERSION_SEMVER,  /* Semantic Versioning 2.0.0, section 11 */
	VERSION_DPKG,    /* Debian Policy 5.6.12; deb-version(7) */
	VERSION_APK,     /* Alpine: apk-tools, src/version.c */
	VERSION_RPM,     /* rpm-version(7): epoch, tilde and caret */
	VERSION_OPKG,    /* as dpkg */
	VERSION_KERNEL,  /* 5.10-rc3, 5.10.168; what follows a dash is the vendor's */
	VERSION_DATE,    /* 20190101, 2019-01-01, 2019.1.1 */
	VERSION_GIT,     /* object names: equal or not comparable */
	VERSION_PEP440,  /* Python packages */
	VERSION_MAVEN,   /* Maven, Version Order Specification */
	VERSION_GEM,     /* RubyGems */
	VERSION_NUGET,   /* as semantic versions, with a fourth number, and without regard to case */
	VERSION_COMPOSER, /* PHP's packages */
	VERSION_ORDERS
};

#define VERSION_INCOMPARABLE 2

/* -1, 0 or 1 as `a` is earlier than, the same as, or later than `b`; VERSION_INCOMPARABLE where the scheme does not
 * tell. Two equal texts are the same version in any scheme; one that is empty compares with nothing. */
int version_compare(enum version_order order, struct text a, struct text b);

/* -1: a state of the sources on the way to that very release ("1.2-dev", "1.2~git" of 1.2), 1: one on from it ("1.2+git2020"),
 * 0: neither. What a record says of the release it does not say of these: a fault may be in the sources before the release that is
 * said to bring it, and still be there behind the last that is said to have it. Those that have names ("1.2-rc3") are none, as
 * records list them; nor is any by the orders of packages and of object names. */
int version_beside_release(enum version_order order, struct text version, struct text release);

/* What stands behind all that the orders of upstream projects count: "build_20200101" of 1.0.2_build_20200101, "fips" of
 * 1.0.2k-fips. TEXT_NONE: nothing. A part of `version`. */
struct text version_rest(enum version_order order, struct text version);

/* What says at the end of a version which edition of it this is, or for whom it was built: "S1" of 9.16.8-S1, "fips" of
 * 1.0.2k-fips; in the generic order it does not count. TEXT_NONE: nothing does, or it is a word or number of the order (rc1,
 * p2, git2020, stable, b123). A part of `version`. */
struct text version_edition(struct text version);

/* Whether a text is a range, not a version: with a comparator, several versions, or of the scheme `vers`. */
bool version_is_range(struct text t);
/* Whether a version lies in such a range; `order` unless the range names one. 1: it does, 0: it does not, -1: the range is not
 * understood, or cannot be compared. */
int version_in_range(enum version_order order, struct text range, struct text version);

/* By the names that product data and feeds use: generic, openssl, openssh, semver, dpkg or deb, apk, rpm, opkg,
 * kernel, date, git, python, maven, gem, nuget, composer, and those of version ranges (vers:npm, vers:pypi ...); anything
 * else, the empty one too, is generic. */
enum version_order version_order_named(struct text name);
const char *version_order_name(enum version_order order);

/* How a distribution's packages order: "debian 12", "openwrt 23.05", "alpine 3.11". Its first word counts. */
enum version_order version_order_of_distribution(struct text distribution);

/* Inside: the orders of packages, and numbers of any length (leading zeros do not count). */
int version_compare_number(struct text a, struct text b);
/* Each is less than, equal to or greater than 0 as its tool orders them: deb-version(7); rpmvercmp() with epoch and
 * release; apk-tools' version.c; Semantic Versioning 2.0.0, 11; PEP 440; Maven's ComparableVersion; Gem::Version;
 * NuGet (SemVer of four numbers, in any case); Composer's version_compare(); dates. VERSION_INCOMPARABLE: one of the
 * two is no such version. Those of dpkg and rpm order whatever there is; dates do so where neither is one number. */
int version_compare_dpkg(struct text a, struct text b);
int version_compare_rpm(struct text a, struct text b);
int version_compare_apk(struct text a, struct text b);
int version_compare_semver(struct text a, struct text b);
int version_compare_pep440(struct text a, struct text b);
int version_compare_maven(struct text a, struct text b);
int version_compare_gem(struct text a, struct text b);
int version_compare_nuget(struct text a, struct text b);
int version_compare_composer(struct text a, struct text b);
int version_compare_dates(struct text a, struct text b);
/* Without blanks around it, and without a v before a digit. */
struct text version_trim(struct text t);
/* The digits at *at, which moves behind them. */
struct text version_digits(struct text t, size_t *at);

#endif
