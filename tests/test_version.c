/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Versions: the specifications' own examples, the properties of an order, and the package managers themselves. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/version.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define NO VERSION_INCOMPARABLE

static const struct {
	enum version_order order;
	const char *a;
	int result;
	const char *b, *source;
} cases[] = {
	/* what is empty */
	{ VERSION_GENERIC, "", NO, "", "no version" },
	{ VERSION_DPKG, "", NO, "1", "no version" },
	{ VERSION_DPKG, "1", 0, "1-0", "Policy 5.6.12: no revision is as 0" },
	{ VERSION_DPKG, "1:", -1, "1:1", "" },
	{ VERSION_RPM, "1:", -1, "1:1", "" },
	/* letters and patches */
	{ VERSION_GENERIC, "1.0.2k", 1, "1.0.2", "a letter behind a number is a later patch" },
	{ VERSION_GENERIC, "1.0.2k", 1, "1.0.2j", "" },
	{ VERSION_GENERIC, "1.0.2k", -1, "1.0.3", "" },
	{ VERSION_GENERIC, "4.2.8p18", 1, "4.2.8p9", "ntp" },
	{ VERSION_GENERIC, "4.2.8p18", 1, "4.2.8", "ntp" },
	{ VERSION_GENERIC, "4.2.8p10", 0, "4.2.8-p10", "update attribute" },
	{ VERSION_GENERIC, "4.2.8p1", 1, "4.2.8p1-beta1", "NVD: ntp 4.2.8:p1-beta1" },
	{ VERSION_GENERIC, "4.2.8p1-beta1", 1, "4.2.8", "" },
	{ VERSION_GENERIC, "4.2.8p1-rc1", 1, "4.2.8p1-beta5", "" },
	{ VERSION_GENERIC, "1.8.5p2", 1, "1.8.5p1", "sudo" },
	{ VERSION_GENERIC, "3.0.23d", 1, "3.0.23", "samba" },
	{ VERSION_GENERIC, "2.25b", 1, "2.25", "thttpd" },
	/* before the release */
	{ VERSION_GENERIC, "1.0rc1", -1, "1.0", "" },
	{ VERSION_GENERIC, "1.0-rc2", 1, "1.0rc1", "" },
	{ VERSION_GENERIC, "1.0.0-alpha", -1, "1.0.0-beta", "" },
	{ VERSION_GENERIC, "1.0-beta2", -1, "1.0-rc1", "" },
	{ VERSION_GENERIC, "1.0-dev", -1, "1.0-alpha1", "" },
	{ VERSION_GENERIC, "1.0pre3", -1, "1.0", "" },
	{ VERSION_GENERIC, "5.9.8dr4", -1, "5.9.8", "strongSwan: a developers' release" },
	{ VERSION_GENERIC, "5.9.8dr4", -1, "5.9.8rc1", "" },
	{ VERSION_GENERIC, "1.0_rc1", -1, "1.0", "" },
	{ VERSION_GENERIC, "1.0~anything", -1, "1.0", "" },
	{ VERSION_GENERIC, "2.4.1_p3", 1, "2.4.1", "_p" },
	{ VERSION_GENERIC, "2.4.1+git20200101", 1, "2.4.1", "+git" },
	{ VERSION_GENERIC, "2.4.1+git20200101", -1, "2.4.2", "+git" },
	{ VERSION_GENERIC, "2.4.1+git20200101", -1, "2.4.1+git20210101", "+git" },
	{ VERSION_GENERIC, "2.4.1-git", NO, "2.4.1", "before the release, or behind it" },
	{ VERSION_GENERIC, "2.4.1.git", 1, "2.4.0", "" },
	{ VERSION_GENERIC, "2.4.1svn", -1, "2.4.2", "" },
	{ VERSION_GENERIC, "2.4.1~git20200101", -1, "2.4.1", "a tilde is earlier" },
	{ VERSION_GENERIC, "2.4.1~git20200101", 1, "2.4.0", "" },
	{ VERSION_GENERIC, "2.4.1-DEV", -1, "2.4.1", "" },
	/* numbers */
	{ VERSION_GENERIC, "1.10", 1, "1.9", "" },
	{ VERSION_GENERIC, "1.2", 0, "1.2.0", "zeros at the end" },
	{ VERSION_GENERIC, "1.2.0.1", 1, "1.2", "" },
	{ VERSION_GENERIC, "v1.2.3", 0, "1.2.3", "" },
	{ VERSION_GENERIC, "0", -1, "0.0.1", "" },
	{ VERSION_GENERIC, "2021.81", 1, "0.52", "dropbear" },
	{ VERSION_GENERIC, "99999999999999999999998", -1, "99999999999999999999999", "" },
	{ VERSION_GENERIC, "6.9.10-23", 1, "6.9.10-22", "ImageMagick" },
	/* who built it does not count */
	{ VERSION_GENERIC, "1.0.2k-fips", 0, "1.0.2k", "" },
	{ VERSION_GENERIC, "1.2.3-final", 0, "1.2.3", "" },
	{ VERSION_GENERIC, "1.2.3+dfsg", 0, "1.2.3", "" },
	{ VERSION_GENERIC, "9.53.3~dfsg", 0, "9.53.3", "Ghostscript in Debian" },
	{ VERSION_GENERIC, "9.53.3~dfsg1", 0, "9.53.3", "" },
	{ VERSION_GENERIC, "2.0~ds2", 0, "2.0", "" },
	{ VERSION_GENERIC, "2.0~rc1+dfsg", -1, "2.0", "" },
	{ VERSION_GENERIC, "4.1-ESV-R15", -1, "4.1-esv-r15_p1", "ISC: extended support, with revisions of its own" },
	/* what cannot be told */
	{ VERSION_GENERIC, "1.0b1", NO, "1.0", "a beta, or a patch" },
	{ VERSION_GENERIC, "1.0b1", -1, "1.0b2", "" },
	{ VERSION_GENERIC, "1.0b1", -1, "1.1", "" },
	{ VERSION_GENERIC, "1.x", NO, "1.2", "" },
	{ VERSION_GENERIC, "unspecified", NO, "1.2", "" },
	{ VERSION_GENERIC, "", NO, "", "" },
	{ VERSION_GENERIC, "20190101", NO, "1.2", "another scheme" },
	{ VERSION_GENERIC, "070313", NO, "5.1.0", "iproute2: the day of a state of the sources" },
	{ VERSION_GENERIC, "070313", -1, "150413", "" },
	{ VERSION_GENERIC, "151313", 1, "5.1.0", "no day" },
	{ VERSION_BETA, "2.4.4b1", -1, "2.4.4", "ppp" },
	{ VERSION_GENERIC, "1.0p1", NO, "1.0-1", "a patch and a revision" },
	{ VERSION_GENERIC, "9.0.0-M1", -1, "9.0.0", "a milestone: Tomcat" },
	{ VERSION_GENERIC, "9.0.0.M9", -1, "9.0.0.M10", "" },
	{ VERSION_GENERIC, "9.0.0.M1", 0, "9.0.0milestone1", "NVD: tomcat 9.0.0:milestone1" },
	{ VERSION_GENERIC, "9.0.0-M1", 1, "9.0.0-beta2", "" },
	{ VERSION_GENERIC, "9.0.0-M1", -1, "9.0.0-RC1", "" },
	{ VERSION_GENERIC, "15.1(4)M3", 1, "15.1(4)", "IOS: no milestone" },
	{ VERSION_GENERIC, "2019.04-00213-g1e4a5a1", 1, "2019.04", "git-describe(1): 213 commits behind the tag" },
	{ VERSION_GENERIC, "2019.04-00213-g1e4a5a1", -1, "2019.07-rc1", "" },
	{ VERSION_GENERIC, "1.2-rc1-5-gabcdef0", 1, "1.2-rc1", "" },
	{ VERSION_GENERIC, "1.2-rc1-5-gabcdef0", -1, "1.2-rc2", "" },
	{ VERSION_GENERIC, "1.2-rc1-5-gabcdef0", -1, "1.2", "" },
	{ VERSION_GENERIC, "1.2-5-gabcdef0-dirty", -1, "1.2-10-g1234567", "" },
	/* projects whose betas have one letter */
	{ VERSION_BETA, "1.9.17b1", -1, "1.9.17", "sudo" },
	{ VERSION_BETA, "1.9.17b1", 1, "1.9.16p2", "sudo" },
	{ VERSION_BETA, "1.9.17b1", -1, "1.9.17rc1", "sudo" },
	{ VERSION_BETA, "1.9.5p2", 1, "1.9.5", "sudo" },
	{ VERSION_BETA, "9.9.4b1", 1, "9.9.4a3", "BIND" },
	{ VERSION_BETA, "9.9.4-P2", 1, "9.9.4", "BIND" },
	{ VERSION_BETA, "9.9.4b", 1, "9.9.4", "a letter alone is a patch" },
	{ VERSION_BETA, "3.9.0a6", -1, "3.9.0", "Python" },
	/* OpenSSL's release strategy; CVE-2014-0160: 1.0.1 to 1.0.1f, 1.0.2-beta1 */
	{ VERSION_OPENSSL, "1.0.1f", -1, "1.0.1g", "CVE-2014-0160" },
	{ VERSION_OPENSSL, "1.0.1", -1, "1.0.1a", "" },
	{ VERSION_OPENSSL, "0.9.8zh", 1, "0.9.8z", "" },
	{ VERSION_OPENSSL, "0.9.8zg", -1, "0.9.8zh", "" },
	{ VERSION_OPENSSL, "0.9.8y", -1, "0.9.8za", "" },
	{ VERSION_OPENSSL, "1.0.2-beta1", -1, "1.0.2", "" },
	{ VERSION_OPENSSL, "3.0.0-alpha17", -1, "3.0.0-beta1", "" },
	{ VERSION_OPENSSL, "1.0.2k-fips", -1, "1.0.2u", "" },
	/* OpenSSH: 9.2p1 is the portable 9.2 */
	{ VERSION_OPENSSH, "9.2p1", 0, "9.2", "" },
	{ VERSION_OPENSSH, "9.3p2", 1, "9.3p1", "CVE-2023-38408" },
	{ VERSION_OPENSSH, "9.3p2", 1, "9.3", "" },
	{ VERSION_OPENSSH, "3.7.1p2", -1, "3.8", "" },
	/* Semantic Versioning 2.0.0, 11.2 to 11.4 */
	{ VERSION_SEMVER, "1.0.0", -1, "2.0.0", "11.2" },
	{ VERSION_SEMVER, "2.0.0", -1, "2.1.0", "11.2" },
	{ VERSION_SEMVER, "2.1.0", -1, "2.1.1", "11.2" },
	{ VERSION_SEMVER, "1.0.0-alpha", -1, "1.0.0", "11.3" },
	{ VERSION_SEMVER, "1.0.0-alpha", -1, "1.0.0-alpha.1", "11.4" },
	{ VERSION_SEMVER, "1.0.0-alpha.1", -1, "1.0.0-alpha.beta", "11.4" },
	{ VERSION_SEMVER, "1.0.0-alpha.beta", -1, "1.0.0-beta", "11.4" },
	{ VERSION_SEMVER, "1.0.0-beta", -1, "1.0.0-beta.2", "11.4" },
	{ VERSION_SEMVER, "1.0.0-beta.2", -1, "1.0.0-beta.11", "11.4" },
	{ VERSION_SEMVER, "1.0.0-beta.11", -1, "1.0.0-rc.1", "11.4" },
	{ VERSION_SEMVER, "1.0.0-rc.1", -1, "1.0.0", "11.4" },
	{ VERSION_SEMVER, "1.0.0+20130313144700", 0, "1.0.0+exp.sha.5114f85", "10" },
	{ VERSION_SEMVER, "1.0.2k", NO, "1.0.2", "" },
	/* deb-version(7): "~~", "~~a", "~", "", "a" */
	{ VERSION_DPKG, "1~~", -1, "1~~a", "deb-version" },
	{ VERSION_DPKG, "1~~a", -1, "1~", "deb-version" },
	{ VERSION_DPKG, "1~", -1, "1", "deb-version" },
	{ VERSION_DPKG, "1", -1, "1a", "deb-version" },
	{ VERSION_DPKG, "1.0~beta1", -1, "1.0", "Debian Policy 5.6.12" },
	{ VERSION_DPKG, "1:1.0", 1, "2.0", "epoch" },
	{ VERSION_DPKG, "3.0.15-1~deb12u1", -1, "3.0.15-1", "" },
	{ VERSION_DPKG, "7.88.1-10+deb12u5", 1, "7.88.1-10", "" },
	{ VERSION_DPKG, "1.0-1", -1, "1.0-1.1", "" },
	{ VERSION_DPKG, "1.0", 0, "1.0-0", "an absent revision is 0" },
	/* apk-tools, test/version.data */
	{ VERSION_APK, "2.34", 1, "0.1.0_alpha", "version.data" },
	{ VERSION_APK, "0.1.0_alpha", -1, "0.1.3_alpha", "version.data" },
	{ VERSION_APK, "0.1.0_alpha2", 1, "0.1.0_alpha", "version.data" },
	{ VERSION_APK, "1.0.4-r3", -1, "1.0.4-r4", "version.data" },
	{ VERSION_APK, "1.1", 1, "1.1_alpha1", "version.data" },
	{ VERSION_APK, "2.3.0b-r1", -1, "2.3.0b-r2", "version.data" },
	{ VERSION_APK, "0.12.3", 1, "0.12", "version.data" },
	{ VERSION_APK, "3.1_p16", -1, "3.1_p17", "version.data" },
	{ VERSION_APK, "1.06-r6", -1, "006", "version.data" },
	{ VERSION_APK, "1.02", -1, "1.03-r1", "version.data" },
	{ VERSION_APK, "1.02.07", -1, "1.02.10-r1", "version.data" },
	{ VERSION_APK, "4.2.52_p2-r1", -1, "4.2.52_p4-r2", "version.data" },
	{ VERSION_APK, "1.00_beta2", 1, "0.9.2", "version.data" },
	{ VERSION_APK, "2.9.11_pre20051101-r2", -1, "2.9.11_pre20051101-r3", "version.data" },
	{ VERSION_APK, "2.9.11_pre20051101-r3", 1, "2.9.11_pre20051101", "version.data" },
	{ VERSION_APK, "1.7", -1, "1.7b", "version.data" },
	{ VERSION_APK, "1.8.5", -1, "1.8.5_p2", "version.data" },
	{ VERSION_APK, "021109-r3", -1, "20060512", "version.data" },
	{ VERSION_APK, "3.9_pre20060124", 1, "0.01", "version.data" },
	{ VERSION_APK, "0.9.28-r2", -1, "0.9.28.1", "version.data" },
	{ VERSION_APK, "7.0.17", -1, "7.0.174", "version.data" },
	{ VERSION_APK, "1.0_p10-r0", 1, "1.0_p9-r0", "version.data" },
	{ VERSION_APK, "0.1.0_alpha_pre2", -1, "0.1.0_alpha", "version.data" },
	{ VERSION_APK, "1.0.0_pre20191002222144-r0", -1, "1.0.0_pre20210530193627-r0", "version.data" },
	{ VERSION_APK, "1.0+x", NO, "1.0", "" },
	/* rpm-version(7) */
	{ VERSION_RPM, "1.0~rc1", -1, "1.0", "tilde" },
	{ VERSION_RPM, "1.0^", 1, "1.0", "caret" },
	{ VERSION_RPM, "1.0^20160101", -1, "1.0.1", "caret" },
	{ VERSION_RPM, "1.0^git1~pre", -1, "1.0^git1", "" },
	{ VERSION_RPM, "2.0.1a", 1, "2.0.1", "" },
	{ VERSION_RPM, "1.0010", 1, "1.9", "" },
	{ VERSION_RPM, "5.5p10", 1, "5.5p1", "" },
	{ VERSION_RPM, "xyz10", -1, "10xyz", "" },
	{ VERSION_RPM, "1:1.0-1", 1, "2.0-1", "" },
	/* Linux */
	{ VERSION_KERNEL, "5.10-rc3", -1, "5.10", "" },
	{ VERSION_KERNEL, "5.10.168", 1, "5.10.9", "" },
	{ VERSION_KERNEL, "5.4.0-42-generic", 0, "5.4", "" },
	{ VERSION_KERNEL, "2.6.36+", 0, "2.6.36", "" },
	{ VERSION_KERNEL, "2.6.0-test9", -1, "2.6.0", "" },
	{ VERSION_KERNEL, "4.14.180-perf", -1, "4.14.181", "" },
	/* days */
	{ VERSION_DATE, "20190101", -1, "2019-01-02", "" },
	{ VERSION_DATE, "2019.1.1", 0, "20190101", "" },
	{ VERSION_GIT, "abc", 0, "abc", "" },
	{ VERSION_GIT, "abc", NO, "abd", "" },
	/* PEP 440 */
	{ VERSION_PEP440, "1!1.0", 1, "2.0", "epoch" },
	{ VERSION_PEP440, "1.0.dev1", -1, "1.0a1", "Summary of permitted suffixes and relative ordering" },
	{ VERSION_PEP440, "1.0.dev456", -1, "1.0a1", "the same" },
	{ VERSION_PEP440, "1.0a1", -1, "1.0a2.dev456", "the same" },
	{ VERSION_PEP440, "1.0a2.dev456", -1, "1.0a12.dev456", "the same" },
	{ VERSION_PEP440, "1.0a12.dev456", -1, "1.0a12", "the same" },
	{ VERSION_PEP440, "1.0a12", -1, "1.0b1.dev456", "the same" },
	{ VERSION_PEP440, "1.0b2", -1, "1.0b2.post345.dev456", "the same" },
	{ VERSION_PEP440, "1.0b2.post345.dev456", -1, "1.0b2.post345", "the same" },
	{ VERSION_PEP440, "1.0b2.post345", -1, "1.0rc1.dev456", "the same" },
	{ VERSION_PEP440, "1.0rc1", -1, "1.0", "the same" },
	{ VERSION_PEP440, "1.0", -1, "1.0+abc.5", "the same" },
	{ VERSION_PEP440, "1.0+abc.5", -1, "1.0+abc.7", "the same" },
	{ VERSION_PEP440, "1.0+abc.7", -1, "1.0+5", "the same" },
	{ VERSION_PEP440, "1.0+5", -1, "1.0.post456.dev34", "the same" },
	{ VERSION_PEP440, "1.0.post456.dev34", -1, "1.0.post456", "the same" },
	{ VERSION_PEP440, "1.0.15", -1, "1.1.dev1", "the same" },
	{ VERSION_PEP440, "1.0", 0, "1.0.0", "zero padding" },
	{ VERSION_PEP440, "1.1RC1", 0, "v1.1rc1", "case, and a v before it" },
	{ VERSION_PEP440, "1.1.a-1", 0, "1.1a1", "separators" },
	{ VERSION_PEP440, "1.1alpha", 0, "1.1a0", "spelling, implicit number" },
	{ VERSION_PEP440, "1.1c3", 0, "1.1rc3", "spelling" },
	{ VERSION_PEP440, "1.0-1", 0, "1.0.post1", "implicit post-release" },
	{ VERSION_PEP440, "1.0-r4", 0, "1.0.post4", "spelling" },
	{ VERSION_PEP440, "1.0_rev4", 0, "1.0.post4", "spelling" },
	{ VERSION_PEP440, "1.2-foo", NO, "1.2", "no such version" },
	{ VERSION_PEP440, "1.0+", NO, "1.0", "no such version" },
	/* Maven: Version Order Specification */
	{ VERSION_MAVEN, "1", 0, "1.0.0", "POM reference" },
	{ VERSION_MAVEN, "1-ga", 0, "1", "the same" },
	{ VERSION_MAVEN, "1-0.ga", 0, "1.0", "the same" },
	{ VERSION_MAVEN, "1.0", 0, "1.0-Final", "the same" },
	{ VERSION_MAVEN, "1-foo2", -1, "1-foo10", "the same" },
	{ VERSION_MAVEN, "1-foo", -1, "1-1", "the same" },
	{ VERSION_MAVEN, "1-1", -1, "1.1", "the same" },
	{ VERSION_MAVEN, "1-sp", 1, "1-ga", "the same" },
	{ VERSION_MAVEN, "1-sp.1", 1, "1-ga.1", "the same" },
	{ VERSION_MAVEN, "1-a1", 0, "1-alpha-1", "the same" },
	{ VERSION_MAVEN, "1.0-alpha-1", -1, "1.0-beta-1", "" },
	{ VERSION_MAVEN, "1.0-beta-1", -1, "1.0-M1", "milestone" },
	{ VERSION_MAVEN, "1.0-M1", -1, "1.0-rc1", "" },
	{ VERSION_MAVEN, "1.0-rc1", 0, "1.0-cr1", "" },
	{ VERSION_MAVEN, "1.0-rc1", -1, "1.0-SNAPSHOT", "" },
	{ VERSION_MAVEN, "1.0-SNAPSHOT", -1, "1.0", "" },
	{ VERSION_MAVEN, "1.0", -1, "1.0-sp1", "" },
	{ VERSION_MAVEN, "5.0.0.M2", -1, "5.0.0.RELEASE", "Spring" },
	{ VERSION_MAVEN, "9.4.32.v20200723", -1, "9.4.32.v20200930", "Jetty" },
	{ VERSION_MAVEN, "31.1-jre", 1, "31.1-android", "Guava" },
	{ VERSION_MAVEN, "2.0-beta9", -1, "2.15.0", "Log4j" },
	{ VERSION_MAVEN, "x", NO, "1", "" },
	{ VERSION_MAVEN, "1.foo", 0, "1-foo", "ComparableVersion: what parts a word does not count" },
	{ VERSION_MAVEN, "1.0.RC2", -1, "1.0-RC3", "the same, its own example" },
	{ VERSION_MAVEN, "1.0-RC3", -1, "1.0.1", "the same" },
	{ VERSION_MAVEN, "2.0.0.RC1", 0, "2-RC1", "zeros before a word do not count" },
	{ VERSION_MAVEN, "9.4.39.v20210325", 1, "9.4.39", "Jetty: another word is behind the release" },
	{ VERSION_MAVEN, "9.4.38.v20210224", -1, "9.4.39", "the same" },
	{ VERSION_MAVEN, "5.0.0.RC1", -1, "5.0.0", "Spring" },
	{ VERSION_MAVEN, "1.0.0", -1, "1.0.0.SP1", "JBoss" },
	/* RubyGems */
	{ VERSION_GEM, "1.0.0.a", -1, "1.0.0", "Gem::Version: a letter makes it a prerelease" },
	{ VERSION_GEM, "1.0.b1", -1, "1.0", "the same" },
	{ VERSION_GEM, "1.0.rc10", 1, "1.0.rc9", "" },
	{ VERSION_GEM, "1.0-x", -1, "1.0", "a dash is .pre." },
	{ VERSION_GEM, "1.0-x", 0, "1.0.pre.x", "" },
	{ VERSION_GEM, "1.0", 0, "1.0.0", "" },
	{ VERSION_GEM, "5.2.4.rc1", -1, "5.2.4.3", "" },
	{ VERSION_GEM, "1.0.a.2", 1, "1.0.a.1", "" },
	{ VERSION_GEM, "1.0.a", 1, "1.0.A", "bytes" },
	{ VERSION_GEM, "1..0", NO, "1.0", "" },
	{ VERSION_GEM, "1.0.0.a", 0, "1.a", "canonical segments: zeros before a word do not count" },
	{ VERSION_GEM, "1.0.b", 1, "1.0.0.a", "the same" },
	{ VERSION_GEM, "1.0.0", 1, "1.a", "the same" },
	{ VERSION_GEM, "1.a.0", 0, "1.a", "the same, at the end" },
	{ VERSION_GEM, "1.a.0.b", -1, "1.a.1", "behind the first word they do" },
	{ VERSION_BETA, "1.0-a1", -1, "1.0b1", "Composer: a dash before it" },
	{ VERSION_BETA, "1.0-b1", -1, "1.0", "the same" },
	{ VERSION_GEM, "1.0+1", NO, "1.0", "" },
	/* second numbers with a zero before them */
	{ VERSION_GENERIC, "1.01", -1, "1.1.0", "BusyBox: 1.00, 1.01, 1.1.0" },
	{ VERSION_GENERIC, "1.01", 1, "1.00", "" },
	{ VERSION_GENERIC, "1.01", -1, "1.10", "" },
	{ VERSION_GENERIC, "2.05b", -1, "3.0", "bash" },
	{ VERSION_GENERIC, "2021.01", 0, "2021.1", "a month" },
	{ VERSION_GENERIC, "6.00", 0, "6.0", "unzip" },
	{ VERSION_GENERIC, "1.00.02", 0, "1.0.2", "" },
	/* others */
	{ VERSION_GENERIC, "s20190709", -1, "20190925", "iputils" },
	{ VERSION_GENERIC, "20190501", -1, "2019-06-01", "a day in one number and in three" },
	{ VERSION_GENERIC, "20190701", 1, "2019.06.01", "the same" },
	{ VERSION_GENERIC, "2019.6.1", 0, "20190601", "the same" },
	{ VERSION_GENERIC, "20190501", 1, "2019.77", "a release of that year" },
	{ VERSION_GENERIC, "10000000", 1, "1000.1.1", "no days" },
	{ VERSION_GENERIC, "s20190709", 0, "20190709", "iputils" },
	{ VERSION_GENERIC, "s1", NO, "1", "" },
	{ VERSION_GENERIC, "15.1(4)M3", -1, "15.1(4)M4", "IOS" },
	{ VERSION_GENERIC, "15.1(4)M3", 1, "15.1(3)T", "IOS" },
	{ VERSION_GENERIC, "1.5(2)", -1, "1.5(3)", "" },
	{ VERSION_GENERIC, "1.5 (build 7)", 0, "1.5", "" },
	{ VERSION_APK, "1.9.5p2-r0", 1, "1.9.5-r0", "apk-tools, version.c: a number behind a letter" },
	{ VERSION_APK, "1.9.5p2-r0", -1, "1.9.5p10-r0", "" },
	{ VERSION_DATE, "20200101.0.10", NO, "373380.2.3", "a day as one number is no day in parts" },
	{ VERSION_DATE, "20200101-rc1", NO, "2020.2.1-rc1", "the same" },
	{ VERSION_DATE, "20200101-rc1", -1, "20200201-rc1", "" },
	/* what differed from the programs whose orders these are */
	{ VERSION_APK, "8.2.0015", -1, "8.2.002", "apk-tools 3, test/unit/version.data: with a zero before them as decimals" },
	{ VERSION_APK, "1.0", -1, "1.00", "the same, version.c: the longer is later" },
	{ VERSION_APK, "2.0.2", -1, "2.01", "the same" },
	{ VERSION_APK, "08.1", 0, "8.1", "but for the first number" },
	{ VERSION_APK, "1.0~1234", -1, "1.0~1235", "a commit" },
	{ VERSION_APK, "1.0-r1", -1, "1.0~abc-r0", "" },
	{ VERSION_APK, "1.0", -1, "1.0~abc", "" },
	{ VERSION_APK, "1.0_rc1~abc", -1, "1.0", "" },
	{ VERSION_APK, "1.0~xyz", NO, "1.0", "no commit" },
	{ VERSION_APK, "1.0~abc_p1", NO, "1.0", "" },
	{ VERSION_APK, "2.0", NO, "1.0-", "no version, whatever decides before" },
	{ VERSION_PEP440, "1.0a.", 0, "1.0a0", "PEP 440, appendix B: a separator without a number" },
	{ VERSION_PEP440, "1.0.dev_", -1, "1.0a", "the same" },
	{ VERSION_PEP440, "1.0a-.dev1", 0, "1.0a0.dev1", "the same" },
	{ VERSION_PEP440, "1.0a--2", 0, "1.0a0.post2", "the same" },
	{ VERSION_PEP440, "1.0+x.", NO, "1.0", "the same: one separator between" },
	{ VERSION_PEP440, "1.0+.x", NO, "1.0", "the same" },
	{ VERSION_PEP440, "1.0+x..1", NO, "1.0", "the same" },
	{ VERSION_GEM, "1b1", NO, "1.0", "Gem::Version::VERSION_PATTERN: a number first" },
	{ VERSION_GEM, "1.0b1", 0, "1.b.1", "the same" },
	{ VERSION_GEM, "1.0_1", NO, "1.0", "the same" },
	{ VERSION_GEM, "1.0-", NO, "1.0", "the same" },
	{ VERSION_GEM, "1.0.-1", NO, "1.0", "the same" },
	{ VERSION_GEM, "1.0--2", 0, "1.0.pre.pre.2", "the same: more dashes behind the first" },
	{ VERSION_GEM, "1-2-", 0, "1.pre.2.pre", "the same" },
	{ VERSION_GEM, "0--1", -1, "0-1", "the same" },
	/* NuGet: Package versioning; vers-spec, tests/nuget_version_cmp_test.json */
	{ VERSION_NUGET, "1.0.0-BETA", 0, "1.0.0-beta", "in any case" },
	{ VERSION_NUGET, "1.0.0-BETA.X.y.5.77.0+AA", -1, "1.0.0-beta.x.y.5.79.0+aa", "" },
	{ VERSION_NUGET, "1.0+test", 0, "1.0.0.0", "" },
	{ VERSION_NUGET, "1.0.01", 0, "1.0.1.0", "" },
	{ VERSION_NUGET, "1.0.0", -1, "1.0.0.1-alpha", "a fourth number" },
	{ VERSION_NUGET, "1.0.0.1-alpha", -1, "1.0.0.1-pre", "" },
	{ VERSION_NUGET, "1.0.0.1-pre", -1, "1.0.0.1", "" },
	{ VERSION_NUGET, "1.0.0-BETA", -1, "1.0.0-beta.1+AA", "" },
	{ VERSION_NUGET, "1.0.0.1.2", NO, "1.0.0", "" },
	{ VERSION_SEMVER, "1.0.0.1", NO, "1.0.0", "of NuGet alone" },
	{ VERSION_SEMVER, "1.0.0-BETA", -1, "1.0.0-beta", "of NuGet alone" },
	/* Composer: composer/semver */
	{ VERSION_COMPOSER, "1.0-a1", -1, "1.0b1", "" },
	{ VERSION_COMPOSER, "1.0-b", -1, "1.0-beta1", "" },
	{ VERSION_COMPOSER, "1.0-beta.2", 0, "1.0.0.0b2", "" },
	{ VERSION_COMPOSER, "1.0-RC1", -1, "1.0", "" },
	{ VERSION_COMPOSER, "1.0.1b", -1, "1.0.1", "a beta without a number" },
	{ VERSION_COMPOSER, "2.03", 0, "2.3", "zeros do not count" },
	{ VERSION_COMPOSER, "1.0+1", 0, "1.0+2", "metadata" },
	{ VERSION_COMPOSER, "1.0", -1, "1.0-p", "" },
	{ VERSION_COMPOSER, "1.0-p", -1, "1.0-pl1", "" },
	{ VERSION_COMPOSER, "1.0-patch1", 0, "1.0p1", "" },
	{ VERSION_COMPOSER, "1.0-dev", -1, "1.0-alpha", "" },
	{ VERSION_COMPOSER, "1.0-alpha-dev", -1, "1.0-alpha", "" },
	{ VERSION_COMPOSER, "1.0-alpha", -1, "1.0-alpha1-dev", "" },
	{ VERSION_COMPOSER, "1.0-stable2-dev", 0, "1.0", "" },
	{ VERSION_COMPOSER, "1.0-p1", -1, "1.0-p1.1", "" },
	{ VERSION_COMPOSER, "2.0", -1, "20200101", "a day" },
	{ VERSION_COMPOSER, "20200101", -1, "20200101-1", "" },
	{ VERSION_COMPOSER, "1.2.3.4.5", NO, "1.2", "" },
	{ VERSION_COMPOSER, "1.0-foo", NO, "1.0", "" },
	{ VERSION_COMPOSER, "dev-main", NO, "1.0", "a branch" },
	{ VERSION_COMPOSER, "1.x-dev", NO, "1.0", "a branch" },
};

static void test_examples(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		int there = version_compare(cases[i].order, text_c(cases[i].a), text_c(cases[i].b));
		int back = version_compare(cases[i].order, text_c(cases[i].b), text_c(cases[i].a));
		if (there != cases[i].result || back != (there == NO ? NO : -there))
			fail_msg("%s: %s against %s is %d and %d, not %d (%s)", version_order_name(cases[i].order), cases[i].a,
					 cases[i].b, there, back, cases[i].result, cases[i].source);
	}
}

static void test_beside_release(void **state)
{
	static const struct {
		enum version_order order;
		const char *version, *release;
		int side;
	} states[] = {
		{ VERSION_GENERIC, "8.1.0-DEV", "8.1.0", -1 },
		{ VERSION_GENERIC, "8.1-dev", "8.1.0", -1 },
		{ VERSION_GENERIC, "1.2~git20200101", "1.2", -1 },
		{ VERSION_GENERIC, "2.4.69-devel-28", "2.4.69", -1 },
		{ VERSION_GENERIC, "5.0.0-PRE", "5.0.0", -1 },
		{ VERSION_OPENSSL, "1.0.2k-dev", "1.0.2k", -1 },
		{ VERSION_OPENSSL, "1.0.2k-dev", "1.0.2", 0 },
		{ VERSION_OPENSSL, "1.0.2k-dev", "1.0.2l", 0 },
		{ VERSION_SEMVER, "1.2.3-dev", "1.2.3", -1 },
		{ VERSION_GENERIC, "1.2.3_git20200101", "1.2.3", 1 },
		{ VERSION_GENERIC, "1.2.3+20200101", "1.2.3", 1 },
		{ VERSION_GENERIC, "2019.04-00213-g1e4a5a1", "2019.04", 1 },
		{ VERSION_GENERIC, "1.2-5-gabcdef0-dirty", "1.2", 1 },
		{ VERSION_GENERIC, "6.9.10-23", "6.9.10", 0 },
		{ VERSION_GENERIC, "1.2-5-gabc", "1.2", 0 },
		{ VERSION_GENERIC, "1.2-5-gabcdefghi", "1.2", 0 },
		/* they have names */
		{ VERSION_GENERIC, "1.2-rc3", "1.2", 0 },
		{ VERSION_GENERIC, "1.2~rc3", "1.2", 0 },
		{ VERSION_GENERIC, "1.2pre2", "1.2", 0 },
		{ VERSION_GENERIC, "4.2.8p18", "4.2.8", 0 },
		/* of another release, or no other than it */
		{ VERSION_GENERIC, "8.1.0-DEV", "8.1.1", 0 },
		{ VERSION_GENERIC, "8.1.0-DEV", "8.1.0-rc1", 0 },
		{ VERSION_GENERIC, "8.1.0-DEV", "8.1.0-DEV", 0 },
		{ VERSION_GENERIC, "8.1.0", "8.1.0-DEV", 0 },
		{ VERSION_GENERIC, "8.1.0", "8.1.0", 0 },
		{ VERSION_GENERIC, "8.1.0-DEV", "", 0 },
		{ VERSION_GENERIC, "dev", "8.1", 0 },
		/* these orders leave no doubt */
		{ VERSION_DPKG, "1.2~git20200101", "1.2", 0 },
		{ VERSION_APK, "1.2.3_git20200101", "1.2.3", 0 },
		{ VERSION_GIT, "1-dev", "1", 0 },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(states); i++) {
		int side = version_beside_release(states[i].order, text_c(states[i].version), text_c(states[i].release));
		if (side != states[i].side)
			fail_msg("%s beside %s is %d, not %d", states[i].version, states[i].release, side, states[i].side);
	}
}

/* Versions of the kinds that occur, made by a generator that always makes the same. */
static uint32_t next(uint32_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	return *state ^= *state << 5;
}

static void make_version(uint32_t *state, char out[64], bool tidy)
{
	static const char *const pieces[] = {
		"rc", "p",  "a",   "b",   "beta", "-r", "~",  "+",   "^", "-", "_p",   "_rc",
		".0", ".1", ".10", "dev", "zh",   "1",  "00", "git", ":", ".", "fips", "alpha"
	};
	size_t n = (size_t)snprintf(out, 64, "%u.%u", next(state) % 3, next(state) % 12);
	for (unsigned i = next(state) % 4; i > 0; i--)
		n += (size_t)snprintf(out + n, 64 - n, "%s%u", pieces[next(state) % COUNT(pieces)], next(state) % 3);
	if (tidy && next(state) % 4 == 0)
		snprintf(out + n, 64 - n, "-%u", next(state) % 20);
}

#define POOL 160u

static void test_properties(void **state)
{
	(void)state;
	static char pool[POOL][64];
	uint32_t seed = 12345;
	for (size_t i = 0; i < POOL; i++)
		make_version(&seed, pool[i], false);
	for (int order = 0; order < VERSION_ORDERS; order++) {
		static signed char c[POOL][POOL];
		for (size_t i = 0; i < POOL; i++)
			for (size_t k = 0; k < POOL; k++)
				c[i][k] = (signed char)version_compare((enum version_order)order, text_c(pool[i]), text_c(pool[k]));
		for (size_t i = 0; i < POOL; i++)
			for (size_t k = 0; k < POOL; k++) {
				if (c[i][k] != (c[k][i] == NO ? NO : -c[k][i]))
					fail_msg("%s: %s and %s: not antisymmetric", version_order_name((enum version_order)order), pool[i],
							 pool[k]);
				for (size_t m = 0; m < POOL; m++)
					if (c[i][k] == -1 && c[k][m] <= 0 && c[i][m] != -1 && c[i][m] != NO)
						fail_msg("%s: %s, %s, %s: not transitive", version_order_name((enum version_order)order),
								 pool[i], pool[k], pool[m]);
			}
	}
}

/* Of "before it" and "from it on" exactly one holds, or nobody can tell. */
static void test_range_or_not(void **state)
{
	uint32_t seed = 99;
	(void)state;
	for (size_t i = 0; i < 30000; i++) {
		char version[64], bound[64], below[80], above[80];
		make_version(&seed, version, false);
		make_version(&seed, bound, false);
		snprintf(below, sizeof below, "<%s", bound);
		snprintf(above, sizeof above, ">=%s", bound);
		enum version_order order = (enum version_order)(i % VERSION_ORDERS);
		int is_below = version_in_range(order, text_c(below), text_c(version));
		int is_above = version_in_range(order, text_c(above), text_c(version));
		if (is_below < 0 || is_above < 0 ? is_below != is_above : is_below + is_above != 1)
			fail_msg("%s: %s in %s is %d, in %s %d", version_order_name(order), version, below, is_below, above, is_above);
	}
}

/* Thousands of pairs, one a line as "A B", to a program that answers with -1, 0 or 1 a line. */
static void compare_with(const char *command, enum version_order order, bool (*usable)(const char *))
{
	char path[] = "/tmp/assay-version-XXXXXX", line[4096], a[64], b[64];
	int fd = mkstemp(path);
	assert_true(fd >= 0);
	FILE *f = fdopen(fd, "w");
	uint32_t seed = 777;
	size_t n = 0;
	while (n < 4000) {
		make_version(&seed, a, true);
		make_version(&seed, b, true);
		if (usable(a) && usable(b)) {
			fprintf(f, "%s %s\n", a, b);
			n++;
		}
	}
	fclose(f);
	snprintf(line, sizeof line, "%s < %s", command, path);
	FILE *answers = popen(line, "r");
	assert_non_null(answers);
	f = fopen(path, "r");
	size_t checked = 0;
	int expected;
	while (fscanf(answers, "%d", &expected) == 1 && fscanf(f, "%63s %63s", a, b) == 2) {
		int got = version_compare(order, text_c(a), text_c(b));
		if (got != expected)
			fail_msg("%s against %s is %d, not %d", a, b, got, expected);
		checked++;
	}
	fclose(f);
	pclose(answers);
	unlink(path);
	assert_int_equal(checked, n);
}

static bool has_program(const char *name)
{
	char command[128];
	snprintf(command, sizeof command, "command -v %s > /dev/null 2>&1", name);
	if (system(command) == 0)
		return true;
	print_message("%s is not installed: not compared with it\n", name);
	return false;
}

/* Dpkg takes no ^, no _, and a colon behind digits alone. */
static bool dpkg_takes(const char *v)
{
	return !strpbrk(v, "^_:");
}

static void test_dpkg(void **state)
{
	(void)state;
	if (!has_program("perl") || !has_program("dpkg"))
		skip();
	if (system("perl -MDpkg::Version -e 1 2> /dev/null") != 0) {
		print_message("Dpkg::Version is not installed: not compared with it\n");
		skip();
	}
	compare_with("perl -MDpkg::Version -ne '@v = split; print version_compare($v[0], $v[1]), \"\\n\"'", VERSION_DPKG,
				 dpkg_takes);
}

static bool rpm_takes(const char *v)
{
	return !strchr(v, ':') &&
		   strspn(v, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.~^_+-") == strlen(v) &&
		   (!strchr(v, '-') || strchr(v, '-') == strrchr(v, '-')) && v[strlen(v) - 1] != '-';
}

static void test_rpm(void **state)
{
	(void)state;
	if (!has_program("rpm"))
		skip();
	compare_with(
		"rpm --eval '%{lua: for l in io.lines() do local a, b = l:match(\"([^ ]+) ([^ ]+)\"); print(rpm.vercmp(a, b) .. \"\\n\") end}'",
		VERSION_RPM, rpm_takes);
}

static void test_editions(void **state)
{
	static const struct {
		const char *version, *edition;
	} editions[] = {
		{ "9.16.8-S1", "S1" },
		{ "1.0.2k-fips", "fips" },
		{ "13.0.0-ee", "ee" },
		{ "9.16.8", "" },
		{ "1.0-rc1", "" },
		{ "1.0-p2", "" },
		{ "1.0-r2", "" },
		{ "2.1-stable", "" },
		{ "1.0-b123", "" },
		{ "1.0-1", "" },
		{ "1.0-git2020", "" },
		{ "-S1", "" },
		{ "", "" },
		{ "1.0-", "" },
		{ "1.0-x.y", "" },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(editions); i++) {
		struct text got = version_edition(text_c(editions[i].version));
		if (!text_is(got, editions[i].edition))
			fail_msg("%s: the edition is '%.*s'", editions[i].version, (int)got.n, got.n ? got.p : "");
	}
}

static void test_ranges(void **state)
{
	static const struct {
		const char *range, *version;
		int in;
	} ranges[] = {
		{ "vers:all/*", "1", 1 },
		{ "vers:generic/>=1.0|<=2.3", "1.0", 1 },
		{ "vers:generic/>=1.0|<=2.3", "2.3", 1 },
		{ "vers:generic/>=1.0|<=2.3", "2.3.1", 0 },
		{ "vers:generic/<=2.3|>=1.0", "0.9", 0 },
		{ "vers:semver/<1.5.0|>=7.0.0", "1.4.9", 1 },
		{ "vers:semver/<1.5.0|>=7.0.0", "1.5.0", 0 },
		{ "vers:semver/<1.5.0|>=7.0.0", "7.0.0", 1 },
		{ "vers:generic/>=1.0|<2.0|>=3.0|<4.0", "2.5", 0 },
		{ "vers:generic/>=1.0|<2.0|>=3.0|<4.0", "3.9", 1 },
		{ "vers:generic/>=1.0|!=1.5|<2.0", "1.5", 0 },
		{ "vers:generic/>=1.0|!=1.5|<2.0", "1.6", 1 },
		{ "vers:generic/1.2|1.3|>=2.0", "1.3", 1 },
		{ "vers:generic/!=1.5", "1.6", 1 },
		{ "vers:generic/!=1.5", "1.5", 0 },
		{ "vers:generic/1.2|1.3|>=2.0", "1.4", 0 },
		{ "vers:deb/<1.2-3+deb12u2", "1.2-3+deb12u1", 1 },
		{ "< V2.0", "1.9", 1 },
		{ "< V2.0", "2.0", 0 },
		{ "<= 5.4", "5.4", 1 },
		{ ">= 4.6.43 | <= 4.7.84", "4.7", 1 },
		{ ">= 4.6.43 | <= 4.7.84", "4.7.85", 0 },
		{ " 3.0.7 | 3.0.8", "3.0.8", 1 },
		{ " 3.0.7 | 3.0.8", "3.0.9", 0 },
		{ ">= 2019 < 2020 Upd1", "2019.5", -1 },
		{ "< V3.0 SP2", "1", -1 },
		{ "vers:generic/", "1", -1 },
		{ "< ", "1", -1 },
		{ "vers:generic/>=1.x", "1.2", -1 },
		{ "< 2.0", "", -1 },
		{ "< 20190101", "1.2", -1 },
		{ ">=1.0,<2.0", "3.0", 0 },
		{ ">=1.0,<2.0", "1.5", 1 },
		{ ">=1.0 <2.0", "1.9", 1 },
		{ ">= 1.0 , < 2.0", "2.0", 0 },
		{ ">=1.0 <2.0 | 3.1", "3.1", 1 },
		{ ">=1.0 1.5", "1.2", -1 },
		{ ">=1.0<2.0", "3.0", -1 },
		{ "*", "1", 1 },
		{ "vers:generic/*", "1", 1 },
		{ "vers:all/*", "1", 1 },
		{ "vers:none/*", "1", 0 },
		{ "All versions", "1", 1 },
		{ "prior to 2.0", "1.9", 1 },
		{ "Before v2.0", "2.0", 0 },
		{ "2.0 and later", "2.0", 1 },
		{ "2.0 and earlier", "2.0.1", 0 },
		{ "2.0 or earlier", "2.0", 1 },
		{ "up to and including 2.0", "2.0", 1 },
		/* versions in a URI are percent-encoded */
		{ "vers:deb/<1%3A1.2-3%2Bdeb12u2", "1:1.2-3+deb12u1", 1 },
		{ "vers:deb/<1%3A1.2-3%2Bdeb12u2", "1:1.2-3+deb12u2", 0 },
		{ "vers:rpm/>=0%3A1.0-1.el9|<0%3A1.0-5.el9", "0:1.0-4.el9", 1 },
		{ "vers:apk/<1.0-r1", "1.0_rc1-r3", 1 },
		{ "vers:pypi/>=1.0|<2.0", "2.0rc1", 1 },
		{ "vers:npm/>=1.0.0|<2.0.0", "2.0.0", 0 },
		/* signs that are encoded are no signs */
		{ "vers:generic/>=1.0%7C%3C2.0", "3.0", -1 },
		{ "vers:generic/>=1.0%2A", "3.0", -1 },
		{ "vers:generic/%2A", "3.0", -1 },
		/* words are no bounds, though the orders of packages know letters */
		{ "vers:deb/<unfixed", "1.0-1", -1 },
		{ "vers:rpm/>=0", "1.0-1", 1 },
		{ "vers:rpm/<TBD", "1.0-1", -1 },
		{ "before 2.0|3.0", "1.0", -1 },
		{ "< 2.0.", "2.0", -1 },
		/* an epoch that one of the two lacks */
		{ "vers:deb/>=2.0", "1:1.9-1", -1 },
		{ "vers:deb/<1%3A2.0", "1.9-1", -1 },
		{ "vers:deb/<0%3A2.0", "1.9-1", 1 },
		{ "vers:rpm/>=1.0.2k-8.el7", "1:1.0.1e-1.el7", -1 },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(ranges); i++) {
		assert_true(version_is_range(text_c(ranges[i].range)));
		int in = version_in_range(VERSION_GENERIC, text_c(ranges[i].range), text_c(ranges[i].version));
		if (in != ranges[i].in)
			fail_msg("%s in %s is %d, not %d", ranges[i].version, ranges[i].range, in, ranges[i].in);
	}
	static const char *const versions[] = { "", "1.0", "1.0-rc1", "V5.5", "2023-01-01", "1:2.3-4+deb12u1", "prior to the second of May 2.0", "up to 2.0",
											"before patching", "all of them and earlier" };
	for (size_t i = 0; i < COUNT(versions); i++)
		assert_false(version_is_range(text_c(versions[i])));
	assert_int_equal(version_in_range(VERSION_DPKG, TEXT_LIT("before patching"), TEXT_LIT("1.0-1")), -1);
}

/* Blanks between a version and no sign at all: each is looked at once. */
static void test_long_ranges(void **state)
{
	(void)state;
	size_t n = (size_t)4 << 20;
	char *range = malloc(n);
	assert_non_null(range);
	memset(range, ' ', n);
	memcpy(range, ">=1.0", 5);
	range[n - 1] = 'x';
	assert_int_equal(version_in_range(VERSION_GENERIC, text_of(range, n), TEXT_LIT("1.1")), -1);
	free(range);
}

static void test_names(void **state)
{
	(void)state;
	for (int i = 0; i < VERSION_ORDERS; i++)
		assert_int_equal(version_order_named(text_c(version_order_name((enum version_order)i))), i);
	assert_int_equal(version_order_named(TEXT_LIT("deb")), VERSION_DPKG);
	assert_int_equal(version_order_named(TEXT_LIT("custom")), VERSION_GENERIC);
	assert_int_equal(version_order_of_distribution(TEXT_LIT("debian 12")), VERSION_DPKG);
	assert_int_equal(version_order_of_distribution(TEXT_LIT("alpine 3.11")), VERSION_APK);
	assert_int_equal(version_order_of_distribution(TEXT_LIT("openwrt 23.05")), VERSION_OPKG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_examples),
		cmocka_unit_test(test_beside_release),
		cmocka_unit_test(test_properties), cmocka_unit_test(test_range_or_not), cmocka_unit_test(test_dpkg),
		cmocka_unit_test(test_rpm),      cmocka_unit_test(test_names),      cmocka_unit_test(test_editions),
		cmocka_unit_test(test_ranges), cmocka_unit_test(test_long_ranges),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
