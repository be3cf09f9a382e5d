/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/package_version.h"

#include <string.h>

static struct text cut(struct text t, size_t n)
{
	return text_of(t.p, n);
}

/* deb-version(7): [epoch:]upstream[-revision]. */
static struct text without_epoch_and_revision(struct text v)
{
	size_t digits = 0;
	while (digits < v.n && v.p[digits] >= '0' && v.p[digits] <= '9')
		digits++;
	if (digits && digits < v.n && v.p[digits] == ':')
		v = text_of(v.p + digits + 1, v.n - digits - 1);
	const char *dash = v.p && v.n ? memrchr(v.p, '-', v.n) : NULL;
	return dash && dash > v.p ? cut(v, (size_t)(dash - v.p)) : v;
}

/* "1.2.13.dfsg", "2022.12+dfsg", "3.0~ds1": a source that the distribution took something out of. */
static struct text without_repack(struct text v)
{
	static const char *const marks[] = { "dfsg", "ds", "repack" };
	for (size_t i = 1; i + 1 < v.n; i++) {
		if (v.p[i] != '+' && v.p[i] != '.' && v.p[i] != '~')
			continue;
		struct text rest = text_of(v.p + i + 1, v.n - i - 1);
		for (size_t m = 0; m < sizeof marks / sizeof marks[0]; m++)
			if (text_starts(rest, marks[m]))
				return cut(v, i);
	}
	return v;
}

/* "2.38+git0+e45f3b": where the recipe takes its source from a repository. */
static struct text without_commit(struct text v)
{
	const char *mark = v.n ? memmem(v.p, v.n, "+git", 4) : NULL;
	return mark && mark > v.p ? cut(v, (size_t)(mark - v.p)) : v;
}

/* "1.4+really1.3.40": a package that went back to an earlier release, whose number may not fall. */
static struct text what_it_really_is(struct text v)
{
	static const char mark[] = "+really";
	const char *at = v.n ? memmem(v.p, v.n, mark, sizeof mark - 1) : NULL;
	size_t behind = at ? (size_t)(at - v.p) + sizeof mark - 1 : v.n;
	return behind < v.n && v.p[behind] >= '0' && v.p[behind] <= '9' ? text_of(v.p + behind, v.n - behind) : v;
}

/* "6.6.86~6a3e9f1c": the commit, or the digest of a configuration, that a package of apk is of (apk-tools, src/version.c), and of OpenWrt's
 * opkg, too, where a letter in it tells it from a date ("1.0~20200101"). */
static struct text without_hash(struct text v, bool may_be_number)
{
	size_t n = v.n;
	bool letter = may_be_number;
	for (; n && ((v.p[n - 1] >= '0' && v.p[n - 1] <= '9') || (v.p[n - 1] >= 'a' && v.p[n - 1] <= 'f')); n--)
		letter |= v.p[n - 1] >= 'a';
	bool is = n > 1 && v.p[n - 1] == '~' && letter && v.n - n >= (may_be_number ? 1 : 7);
	return is ? cut(v, n - 1) : v;
}

/* "1.36.1-r15" */
static struct text without_apk_revision(struct text version)
{
	size_t n = version.n;
	while (n > 0 && version.p[n - 1] >= '0' && version.p[n - 1] <= '9')
		n--;
	bool revision = n < version.n && n > 2 && memcmp(version.p + n - 2, "-r", 2) == 0;
	return revision ? cut(version, n - 2) : version;
}

struct text package_upstream(struct text version, enum package_scheme scheme)
{
	switch (scheme) {
	case PACKAGE_RECIPE:
		return without_commit(version);
	case PACKAGE_APK:
		return without_hash(without_apk_revision(version), true);
	case PACKAGE_RPM:
		return without_epoch_and_revision(version);
	case PACKAGE_DEB:
		break;
	}
	return without_repack(what_it_really_is(without_hash(without_epoch_and_revision(version), false)));
}

struct text package_of_source_rpm(struct text file)
{
	size_t n = file.n;
	for (unsigned dashes = 0; n > 0; n--)
		if (file.p[n - 1] == '-' && ++dashes == 2)
			return text_of(file.p, n - 1);
	return TEXT_NONE;
}
