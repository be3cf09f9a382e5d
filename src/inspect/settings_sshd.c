/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sshd_config(5): keywords in any case, "key value" or "key=value", arguments in double quotes, Match blocks. */
#include "inspect/settings.h"

/* Keywords as the manual writes them. */
static const char keywords[] =
	"AcceptEnv AddressFamily AllowAgentForwarding AllowGroups AllowStreamLocalForwarding AllowTcpForwarding AllowUsers "
	"AuthenticationMethods AuthorizedKeysCommand AuthorizedKeysCommandUser AuthorizedKeysFile "
	"AuthorizedPrincipalsCommand AuthorizedPrincipalsCommandUser AuthorizedPrincipalsFile Banner CASignatureAlgorithms "
	"ChannelTimeout ChrootDirectory Ciphers ClientAliveCountMax ClientAliveInterval Compression DebianBanner DenyGroups "
	"DenyUsers DisableForwarding ExposeAuthInfo FingerprintHash ForceCommand GatewayPorts GSSAPIAuthentication "
	"GSSAPICleanupCredentials GSSAPIKeyExchange GSSAPIStrictAcceptorCheck HostbasedAcceptedAlgorithms "
	"HostbasedAuthentication HostbasedUsesNameFromPacketOnly HostCertificate HostKey HostKeyAgent HostKeyAlgorithms "
	"IgnoreRhosts IgnoreUserKnownHosts Include IPQoS KbdInteractiveAuthentication KerberosAuthentication "
	"KerberosGetAFSToken KerberosOrLocalPasswd KerberosTicketCleanup KexAlgorithms KeyRegenerationInterval ListenAddress "
	"LoginGraceTime LogLevel LogVerbose MACs Match MaxAuthTries MaxSessions MaxStartups ModuliFile PasswordAuthentication "
	"PermitEmptyPasswords PermitListen PermitOpen PermitRootLogin PermitTTY PermitTunnel PermitUserEnvironment "
	"PermitUserRC PerSourceMaxStartups PerSourceNetBlockSize PerSourcePenalties PidFile Port PrintLastLog PrintMotd "
	"Protocol PubkeyAcceptedAlgorithms PubkeyAuthentication PubkeyAuthOptions RDomain RekeyLimit RequiredRSASize "
	"RevokedKeys RhostsRSAAuthentication RSAAuthentication SecurityKeyProvider ServerKeyBits SetEnv "
	"StreamLocalBindMask StreamLocalBindUnlink StrictModes Subsystem SyslogFacility TCPKeepAlive TrustedUserCAKeys "
	"UnusedConnectionTimeout UseDNS UseLogin UsePAM UsePrivilegeSeparation VersionAddendum X11DisplayOffset "
	"X11Forwarding X11UseLocalhost XAuthLocation";

/* Former names, in servconf.c. */
static const struct {
	const char *former, *name;
} renamed[] = {
	{ "ChallengeResponseAuthentication", "KbdInteractiveAuthentication" },
	{ "SkeyAuthentication", "KbdInteractiveAuthentication" },
	{ "PubkeyAcceptedKeyTypes", "PubkeyAcceptedAlgorithms" },
	{ "HostbasedAcceptedKeyTypes", "HostbasedAcceptedAlgorithms" },
	{ "DSAAuthentication", "PubkeyAuthentication" },
	{ "KeepAlive", "TCPKeepAlive" },
	{ "AuthorizedKeysFile2", "AuthorizedKeysFile" },
};

static struct text canonical(struct text key)
{
	for (size_t i = 0; i < sizeof renamed / sizeof renamed[0]; i++)
		if (settings_is_caseless(key, renamed[i].former))
			return text_c(renamed[i].name);
	const char *words = keywords;
	for (struct text k; settings_next_word(&words, &k);)
		if (settings_equal_caseless(k, key))
			return k;
	return key;
}

static bool key_end(char c)
{
	return shell_blank(c) || c == '=' || c == '"';
}

/* Without what follows a "#" outside of quotes; without the quotes of a value that is one argument. */
static struct text argument(struct text value)
{
	bool quoted = false;
	for (size_t i = 0; i < value.n; i++) {
		if (value.p[i] == '"')
			quoted = !quoted;
		if (!quoted && value.p[i] == '#' && (i == 0 || shell_blank(value.p[i - 1]))) {
			value = shell_trim(text_of(value.p, i));
			break;
		}
	}
	if (value.n > 1 && value.p[0] == '"' && !memchr(value.p + 1, '"', value.n - 2) && value.p[value.n - 1] == '"')
		return text_of(value.p + 1, value.n - 2);
	return value;
}

void settings_read_sshd(struct settings *s)
{
	struct settings_lines l = settings_lines(s->source);
	struct text section = TEXT_LIT("");
	while (!s->full && settings_next_line(&l)) {
		size_t n = 0;
		if (l.text.n == 0 || l.text.p[0] == '#')
			continue;
		while (n < l.text.n && !key_end(l.text.p[n]))
			n++;
		struct text key = canonical(text_of(l.text.p, n)), value = shell_trim(text_of(l.text.p + n, l.text.n - n));
		if (text_starts(value, "="))
			value = shell_trim(text_of(value.p + 1, value.n - 1));
		value = argument(value);
		if (key.n == 0)
			continue;
		if (text_is(key, "Match")) {
			section = text_c(arena_printf(s->arena, "Match %.*s", (int)value.n, value.p));
			continue;
		}
		s->includes |= text_is(key, "Include");
		settings_add(s, l.line, section, key, value);
	}
}
