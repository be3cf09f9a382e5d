/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names: NVD's CPE dictionary, and CPE_NAME of the distributions' own os-release(5). */
#include "base/distributions.h"

/* `id` NULL: records are not asked for it. */
static const struct {
	const char *cpe, *id;
} distributions[] = {
	{ "o:debian:debian_linux", "debian" },
	{ "o:canonical:ubuntu_linux", "ubuntu" },
	{ "o:alpinelinux:alpine_linux", "alpine" },
	{ "o:openwrt:openwrt", "openwrt" },
	{ "o:fedoraproject:fedora", "fedora" },
	{ "o:centos:centos", "centos" },
	{ "o:redhat:enterprise_linux", "rhel" },
	{ "o:redhat:enterprise_linux_server", "rhel" },
	{ "o:redhat:enterprise_linux_desktop", "rhel" },
	{ "o:redhat:enterprise_linux_workstation", "rhel" },
	{ "o:opensuse:leap", "opensuse-leap" },
	{ "o:opensuse:opensuse", "opensuse" },
	{ "o:suse:linux_enterprise_server", "sles" },
	{ "o:suse:linux_enterprise_desktop", "sled" },
	{ "o:oracle:linux", "ol" },
	{ "o:amazon:amazon_linux", "amzn" },
	{ "o:gentoo:linux", "gentoo" },
	{ "o:slackware:slackware_linux", "slackware" },
	{ "o:mandriva:linux", "mandriva" },
	{ "o:mandrakesoft:mandrake_linux", "mandrake" },
	{ "o:arista:eos", "eos" },
	{ "o:wolfi:wolfi", NULL },
};

static const char *const editions[] = { "o:redhat:enterprise_linux", "o:suse:linux_enterprise_", "o:rocky:rocky", "o:almalinux:almalinux" };

struct text distribution_of_cpe(struct text name)
{
	for (size_t i = 0; i < sizeof distributions / sizeof distributions[0]; i++)
		if (distributions[i].id && text_is(name, distributions[i].cpe))
			return text_c(distributions[i].id);
	return TEXT_NONE;
}

bool distribution_is_platform(struct text name)
{
	for (size_t i = 0; i < sizeof editions / sizeof editions[0]; i++)
		if (text_starts(name, editions[i]))
			return true;
	for (size_t i = 0; i < sizeof distributions / sizeof distributions[0]; i++)
		if (text_is(name, distributions[i].cpe))
			return !text_is(name, "o:arista:eos"); /* what a switch is made of, and sold as */
	return false;
}

static const struct {
	const char *codename, *release;
} debian[] = { { "buzz", "1.1" },    { "rex", "1.2" },     { "bo", "1.3" },    { "hamm", "2.0" },  { "slink", "2.1" },
			   { "potato", "2.2" },  { "woody", "3.0" },   { "sarge", "3.1" }, { "etch", "4" },    { "lenny", "5" },
			   { "squeeze", "6" },   { "wheezy", "7" },    { "jessie", "8" },  { "stretch", "9" }, { "buster", "10" },
			   { "bullseye", "11" }, { "bookworm", "12" }, { "trixie", "13" }, { "forky", "14" } },
  ubuntu[] = { { "precise", "12.04" }, { "trusty", "14.04" }, { "xenial", "16.04" }, { "bionic", "18.04" },
			   { "focal", "20.04" },   { "jammy", "22.04" },  { "noble", "24.04" } };

/* Names of releases are those of the distribution that gave them: Ubuntu's 12.04 is no "bookworm". */
struct text distribution_release(struct text name, struct text release)
{
	bool is_debian = text_is(name, "debian") || text_is(name, "raspbian"), is_ubuntu = text_is(name, "ubuntu");
	for (size_t i = 0; is_debian && i < sizeof debian / sizeof debian[0]; i++)
		if (text_is(release, debian[i].codename))
			return text_c(debian[i].release);
	for (size_t i = 0; is_ubuntu && i < sizeof ubuntu / sizeof ubuntu[0]; i++)
		if (text_is(release, ubuntu[i].codename))
			return text_c(ubuntu[i].release);
	if (release.n > 1 && release.p[0] == 'v')
		return text_of(release.p + 1, release.n - 1);
	return release;
}

bool architecture_is_same(struct text a, struct text b)
{
	static const char *const same[][2] = { { "amd64", "x86_64" },        { "i386", "x86" },
										   { "arm64", "aarch64" },       { "i686", "x86" },
										   { "ppc64el", "powerpc64le" }, { "armhf", "armv7" } };
	if (text_eq(a, b))
		return true;
	for (size_t i = 0; i < sizeof same / sizeof same[0]; i++)
		if ((text_is(a, same[i][0]) && text_is(b, same[i][1])) || (text_is(a, same[i][1]) && text_is(b, same[i][0])))
			return true;
	return false;
}
