/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names that tell of updates: updaters' programs and services, functions that verify, texts that only a client has. */
#include "inspect/updates.h"

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

static const struct updates_name *find(const struct updates_name *names, size_t n, struct text name)
{
	for (size_t i = 0; i < n; i++)
		if (text_is(name, names[i].name))
			return &names[i];
	return NULL;
}

const struct updates_name *updates_find_program(struct text name)
{
	static const struct updates_name programs[] = {
		{ "opkg", "opkg" },
		{ "opkg-cl", "opkg" },
		{ "ipkg", "ipkg" },
		{ "ipkg-cl", "ipkg" },
		{ "sysupgrade", "sysupgrade" },
		{ "swupdate", "swupdate" },
		{ "rauc", "rauc" },
		{ "rauc-hawkbit-updater", "hawkbit" },
		{ "rauc-hawkbit", "hawkbit" },
		{ "mender", "mender" },
		{ "mender-update", "mender" },
		{ "ostree", "ostree" },
		{ "rpm-ostree", "ostree" },
		{ "apt-get", "apt" },
		{ "unattended-upgrade", "apt" },
		{ "apk", "apk" },
		{ "dnf", "dnf" },
		{ "dnf5", "dnf" },
		{ "dnf-3", "dnf" },
		{ "dnf-automatic", "dnf" },
		{ "yum", "dnf" },
		{ "fwupd", "fwupd" },
		{ "snapd", "snapd" },
		{ "balena-supervisor", "balena" },
		{ "update-balena-supervisor", "balena" },
		{ "hostapp-update", "balena" },
		{ "AducIotAgent", "azure-device-update" },
		{ "aws-iot-device-client", "aws-iot-jobs" },
		{ "update_engine", "android-ab" },
		{ "update_engine_sideload", "android-ab" },
		{ "systemd-sysupdate", "systemd-sysupdate" },
	};
	return find(programs, COUNT(programs), name);
}

/* Those that look for updates by themselves as soon as they run: swupdate needs -u, apt's timer a setting. */
const struct updates_name *updates_find_service(struct text name)
{
	static const struct updates_name services[] = {
		{ "rauc-hawkbit-updater.service", "hawkbit" },
		{ "rauc-hawkbit.service", "hawkbit" },
		{ "mender.service", "mender" },
		{ "mender-client.service", "mender" },
		{ "mender-updated.service", "mender" },
		{ "mender", "mender" },
		{ "dnf-automatic-install.timer", "dnf" },
		{ "snapd.service", "snapd" },
		{ "balena-supervisor.service", "balena" },
		{ "deviceupdate-agent.service", "azure-device-update" },
		{ "adu-agent.service", "azure-device-update" },
		{ "systemd-sysupdate.timer", "systemd-sysupdate" },
	};
	return find(services, COUNT(services), name);
}

bool updates_verifies(struct text import)
{
	static const char *const names[] = {
		"EVP_DigestVerify",
		"EVP_DigestVerifyFinal",
		"EVP_VerifyFinal",
		"EVP_VerifyFinal_ex",
		"EVP_PKEY_verify",
		"RSA_verify",
		"RSA_verify_PKCS1_PSS",
		"ECDSA_verify",
		"ECDSA_do_verify",
		"DSA_verify",
		"CMS_verify",
		"PKCS7_verify",
		"mbedtls_pk_verify",
		"mbedtls_rsa_pkcs1_verify",
		"mbedtls_ecdsa_verify",
		"mbedtls_ecdsa_read_signature",
		"gnutls_pubkey_verify_data2",
		"gnutls_pubkey_verify_hash2",
		"gnutls_pkcs7_verify",
		"gnutls_pkcs7_verify_direct",
		"wc_RsaSSL_Verify",
		"wc_ecc_verify_hash",
		"wc_ed25519_verify_msg",
		"crypto_sign_verify_detached",
		"crypto_sign_ed25519_verify_detached",
		"crypto_sign_open",
		"gpgme_op_verify",
		"edsign_verify",
		"ed25519_verify",
	};
	for (size_t i = 0; i < COUNT(names); i++)
		if (text_is(import, names[i]))
			return true;
	return false;
}

#define MECHANISM(text, mechanism) mechanism,
const char *const updates_mark_mechanisms[UPDATES_MARK_COUNT] = { UPDATES_MARKS(MECHANISM) };
