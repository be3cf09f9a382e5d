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
