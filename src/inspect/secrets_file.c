/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files that hold credentials by their grammar.
 *
 * Manuals: pppd(8) (chap-secrets), netrc(5), PostgreSQL .pgpass, ipsec.secrets(5), snmpd.conf(5), wpa_supplicant.conf(5),
 * hostapd.conf, OpenWrt UCI (wireless, network), MediaTek's RT2860.dat, Docker config.json, fstab(5), mount.cifs(8).
 */
#include "inspect/secrets.h"

#include "inspect/shell.h"

#define FILE_MAX ((size_t)256 << 10)

struct file {
	const char *name; /* the file's name, or its end when `ends` */
	bool ends;
	const char *below; /* a part of its path; NULL: anywhere */
	void (*read)(struct secrets *s, struct text text);
};

static void emit(struct secrets *s, const char *kind, struct text name, struct text value, const char *harmless)
{
	if (value.n == 0 || secrets_is_reference(value) || text_is(value, "*"))
		return;
	secrets_emit(s, &(struct secret){ .at = secrets_offset(s, value),
									  .kind = kind,
									  .name = name,
									  .value = value,
									  .proof = "structure",
									  .confidence = "proven",
									  .harmless = harmless });
}

/* The next word of a line: in quotes of either kind, or to a blank. A comment ends the line. */
static struct text word(struct text *rest)
{
	size_t i = 0;
	while (i < rest->n && shell_blank(rest->p[i]))
		i++;
	if (i == rest->n || rest->p[i] == '#') {
		rest->n = 0;
		return TEXT_NONE;
	}
	char quote = rest->p[i] == '"' || rest->p[i] == '\'' ? rest->p[i] : '\0';
	size_t from = i += quote != 0;
	while (i < rest->n && (quote ? rest->p[i] != quote : !shell_blank(rest->p[i])))
		i++;
	struct text w = text_of(rest->p + from, i - from);
	i += i < rest->n;
	*rest = text_of(rest->p + i, rest->n - i);
	return w;
}

/* client server secret addresses */
static void read_ppp(struct secrets *s, struct text text)
{
	struct text line;
	while (shell_line(&text, &line)) {
		struct text client = word(&line), server = word(&line), secret = word(&line);
		if (server.p && secret.n && !text_starts(secret, "@"))
			emit(s, "ppp-secret", client, secret, NULL);
	}
}

/* machine NAME login NAME password WORD */
static void read_netrc(struct secrets *s, struct text text)
{
	struct text line, machine = TEXT_NONE, login = TEXT_NONE;
	while (shell_line(&text, &line)) {
		struct text key;
		while ((key = word(&line)).p) {
			if (text_is(key, "machine"))
				machine = word(&line);
			else if (text_is(key, "login"))
				login = word(&line);
			else if (text_is(key, "password"))
				emit(s, "netrc-password", login.n ? login : machine, word(&line), NULL);
		}
	}
}

/* host:port:database:user:password */
static void read_pgpass(struct secrets *s, struct text text)
{
	struct text line;
	while (shell_line(&text, &line)) {
		size_t from[5] = { 0 }, n = 1;
		for (size_t i = 0; i < line.n && n < 5; i++)
			if (line.p[i] == '\\')
				i++;
			else if (line.p[i] == ':')
				from[n++] = i + 1;
		if (n == 5 && line.p[0] != '#')
			emit(s, "postgresql-password", text_of(line.p + from[3], from[4] - from[3] - 1),
				 text_of(line.p + from[4], line.n - from[4]), NULL);
	}
}

/* selectors : PSK "secret" */
static void read_ipsec(struct secrets *s, struct text text)
{
	struct text line;
	while (shell_line(&text, &line)) {
		const char *colon = line.n ? memchr(line.p, ':', line.n) : NULL;
		while (colon && colon + 1 < line.p + line.n && colon[1] != ' ' && colon[1] != '\t') /* of an IPv6 address */
			colon = memchr(colon + 1, ':', line.n - (size_t)(colon + 1 - line.p));
		if (!colon || shell_trim(line).p[0] == '#')
			continue;
		struct text who = shell_trim(text_of(line.p, (size_t)(colon - line.p)));
		struct text rest = text_of(colon + 1, line.n - (size_t)(colon + 1 - line.p));
		struct text type = word(&rest);
		if (text_is(type, "PSK") || text_is(type, "EAP") || text_is(type, "XAUTH") || text_is(type, "NTLM"))
			emit(s, text_is(type, "PSK") ? "ipsec-psk" : "ipsec-password", who, word(&rest), NULL);
	}
}

/* createUser NAME AUTH pass PRIV pass; communities are what SNMP v1 and v2c have for passwords */
static void read_snmp(struct secrets *s, struct text text)
{
	struct text line;
	while (shell_line(&text, &line)) {
		struct text key = word(&line);
		if (secrets_eq_nocase(key, "createUser")) {
			struct text user = word(&line), w;
			if (text_is(user, "-e")) {
				(void)word(&line);
				user = word(&line);
			}
			while ((w = word(&line)).p)
				if (text_starts(w, "MD5") || text_starts(w, "SHA") || text_starts(w, "DES") || text_starts(w, "AES"))
					emit(s, "snmp-password", user, word(&line), NULL);
		} else if (secrets_eq_nocase(key, "rocommunity") || secrets_eq_nocase(key, "rwcommunity") ||
				   secrets_eq_nocase(key, "rocommunity6") || secrets_eq_nocase(key, "rwcommunity6")) {
			emit(s, "snmp-community", key, word(&line), NULL);
		} else if (secrets_eq_nocase(key, "com2sec")) {
			struct text name = word(&line);
			if (text_is(name, "-Cn")) {
				(void)word(&line);
				name = word(&line);
			}
			(void)word(&line);
			emit(s, "snmp-community", name, word(&line), NULL);
		}
	}
}

/* key=value of wpa_supplicant and hostapd */
static void read_wifi(struct secrets *s, struct text text)
{
	static const struct {
		const char *key, *kind;
	} keys[] = {
		{ "psk", "wifi-psk" },
		{ "wpa_passphrase", "wifi-psk" },
		{ "wpa_psk", "wifi-psk" },
		{ "sae_password", "wifi-psk" },
		{ "wep_key0", "wep-key" },
		{ "wep_key1", "wep-key" },
		{ "wep_key2", "wep-key" },
		{ "wep_key3", "wep-key" },
		{ "password", "eap-password" },
		{ "ap_pin", "wps-pin" },
		{ "auth_server_shared_secret", "radius-secret" },
		{ "private_key_passwd", "passphrase" },
		{ "acct_server_shared_secret", "radius-secret" },
	};
	struct text line, ssid = TEXT_NONE;
	while (shell_line(&text, &line)) {
		line = shell_trim(line);
		const char *equals = line.n ? memchr(line.p, '=', line.n) : NULL;
		if (!equals || line.p[0] == '#')
			continue;
		struct text key = shell_trim(text_of(line.p, (size_t)(equals - line.p)));
		struct text value = shell_unquoted(shell_trim(text_of(equals + 1, line.n - (size_t)(equals + 1 - line.p))));
		if (text_is(key, "ssid"))
			ssid = value;
		for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
			if (text_is(key, keys[i].key))
				emit(s, keys[i].kind, ssid.n ? ssid : key, value, secrets_harmless(value));
	}
}

/* config TYPE NAME, option NAME VALUE */
static void read_uci(struct secrets *s, struct text text)
{
	static const struct {
		const char *option, *kind;
	} keys[] = {
		{ "key", "wifi-psk" },
		{ "key1", "wep-key" },
		{ "key2", "wep-key" },
		{ "key3", "wep-key" },
		{ "key4", "wep-key" },
		{ "sae_password", "wifi-psk" },
		{ "password", "password" },
		{ "passwd", "password" },
		{ "auth_secret", "radius-secret" },
		{ "acct_secret", "radius-secret" },
		{ "secret", "secret" },
		{ "psk", "psk" },
		{ "private_key", "wireguard-private-key" },
		{ "preshared_key", "wireguard-preshared-key" },
		{ "community", "snmp-community" },
		{ "pincode", "sim-pin" },
		{ "acs_password", "acs-password" },
		{ "cpe_password", "acs-password" },
		{ "mqtt_password", "password" },
		{ "api_key", "api-key" },
		{ "token", "token" },
	};
	struct text line, type = TEXT_NONE;
	while (shell_line(&text, &line)) {
		struct text first = word(&line);
		if (text_is(first, "config"))
			type = word(&line);
		if (!text_is(first, "option"))
			continue;
		struct text option = word(&line), value = word(&line);
		bool plain = !secrets_is_keyword(value) || text_is(value, "password") || text_is(value, "admin");
		for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
			if (!text_is(option, keys[i].option) || !plain)
				continue;
			bool index = text_is(option, "key") && value.n == 1; /* which of the WEP keys */
			bool wifi = text_starts(type, "wifi") || !text_starts(option, "key");
			bool rpcd = text_starts(value, "$p$") || (value.n && value.p[0] == '/');
			if (!index && wifi && !rpcd)
				emit(s, keys[i].kind, option, value, secrets_harmless(value));
		}
	}
}

/* Ralink's and MediaTek's driver settings */
static void read_ralink(struct secrets *s, struct text text)
{
	struct text line, ssid = TEXT_NONE;
	while (shell_line(&text, &line)) {
		line = shell_trim(line);
		const char *equals = line.n ? memchr(line.p, '=', line.n) : NULL;
		if (!equals || line.p[0] == '#')
			continue;
		struct text key = text_of(line.p, (size_t)(equals - line.p)), value = text_of(equals + 1, line.n - key.n - 1);
		if (text_is(key, "SSID") || text_is(key, "SSID1"))
			ssid = value;
		bool string = text_starts(key, "Key") && key.n > 6 && text_has(key, "Str");
		if (text_starts(key, "WPAPSK") || text_is(key, "ApCliWPAPSK"))
			emit(s, "wifi-psk", ssid.n ? ssid : key, value, secrets_harmless(value));
		else if (string && value.n >= 5)
			emit(s, "wep-key", key, value, secrets_harmless(value));
		else if (text_is(key, "RADIUS_Key1") || text_is(key, "RADIUS_Key"))
			emit(s, "radius-secret", key, value, secrets_harmless(value));
	}
}

/* "auth": "Base64 of user:password" */
static void read_docker(struct secrets *s, struct text text)
{
	for (unsigned i = 0; i < 64 && text.n; i++) {
		const char *at = memmem(text.p, text.n, "\"auth\"", 6);
		if (!at)
			return;
		text = text_of(at + 6, text.n - (size_t)(at + 6 - text.p));
		size_t k = 0;
		while (k < text.n && (text.p[k] == ' ' || text.p[k] == ':'))
			k++;
		struct text rest = text_of(text.p + k, text.n - k), coded = word(&rest);
		struct span plain = secrets_base64(s, coded);
		const uint8_t *colon = plain.n ? memchr(plain.p, ':', plain.n) : NULL;
		if (colon && colon > plain.p)
			emit(s, "docker-registry",
				 text_c(arena_strdup(s->subject->arena, text_of((const char *)plain.p, (size_t)(colon - plain.p)))),
				 coded, NULL);
	}
}

/* _auth=Base64, //registry/:_authToken=token, _password=Base64 */
static void read_npmrc(struct secrets *s, struct text text)
{
	struct text line;
	while (shell_line(&text, &line)) {
		line = shell_trim(line);
		const char *equals = line.n ? memchr(line.p, '=', line.n) : NULL;
		if (!equals || line.p[0] == '#' || line.p[0] == ';')
			continue;
		struct text key = shell_trim(text_of(line.p, (size_t)(equals - line.p)));
		struct text value = shell_unquoted(shell_trim(text_of(equals + 1, line.n - (size_t)(equals + 1 - line.p))));
		if (text_ends(key, "_authToken") || text_ends(key, "_auth") || text_ends(key, "_password"))
			emit(s, "npm-token", key, value, secrets_harmless(value));
	}
}

/* auth-user-pass of OpenVPN: the user's name and the password, each on a line */
static void read_openvpn(struct secrets *s, struct text text)
{
	struct text user, password, rest = text;
	if (!shell_line(&rest, &user) || !shell_line(&rest, &password))
		return;
	user = shell_trim(user);
	password = shell_trim(password);
	bool more = shell_trim(rest).n > 0,
		 spaces = memchr(user.p, ' ', user.n) || (password.n && memchr(password.p, ' ', password.n));
	if (!more && !spaces && user.n && password.n >= 3 && user.n < 64 && password.n < 64)
		emit(s, "openvpn-password", user, password, NULL);
}

/* netcam_userpass user:password, and the same of its web pages: motion's guide */
static void read_motion(struct secrets *s, struct text text)
{
	static const char *const keys[] = { "netcam_userpass", "netcam_high_userpass", "webcontrol_authentication",
										"stream_authentication" };
	struct text line;
	while (shell_line(&text, &line)) {
		struct text key = word(&line), value = word(&line);
		const char *colon = value.n ? memchr(value.p, ':', value.n) : NULL;
		for (size_t i = 0; colon && i < sizeof keys / sizeof keys[0]; i++)
			if (text_is(key, keys[i]))
				emit(s, "password", text_of(value.p, (size_t)(colon - value.p)),
					 text_of(colon + 1, value.n - (size_t)(colon + 1 - value.p)), NULL);
	}
}

/* network_key: [1, 2, ...] of zigbee2mqtt */
static void read_zigbee2mqtt(struct secrets *s, struct text text)
{
	struct text line;
	while (shell_line(&text, &line)) {
		line = shell_trim(line);
		const char *from = text_starts(line, "network_key:") ? memchr(line.p, '[', line.n) : NULL;
		const char *to = from ? memchr(from, ']', line.n - (size_t)(from - line.p)) : NULL;
		if (to && to - from > 31)
			emit(s, "zigbee-network-key", TEXT_LIT("network_key"), text_of(from + 1, (size_t)(to - from) - 1), NULL);
	}
}

/* device directory type options: mount.cifs(8) takes username= and password= (user=, pass=) there. */
static void read_fstab(struct secrets *s, struct text text)
{
	struct text line;
	while (shell_line(&text, &line)) {
		struct text field[4] = { TEXT_NONE }, user = TEXT_NONE, password = TEXT_NONE;
		for (size_t i = 0; i < 4; i++)
			field[i] = word(&line);
		struct text rest = field[3];
		while (rest.n) {
			const char *comma = memchr(rest.p, ',', rest.n);
			struct text option = comma ? text_of(rest.p, (size_t)(comma - rest.p)) : rest;
			const char *equals = option.n ? memchr(option.p, '=', option.n) : NULL;
			struct text key = equals ? text_of(option.p, (size_t)(equals - option.p)) : option;
			struct text value = equals ? text_of(equals + 1, option.n - key.n - 1) : TEXT_NONE;
			if (text_is(key, "username") || text_is(key, "user"))
				user = value;
			else if (text_is(key, "password") || text_is(key, "pass"))
				password = value;
			rest = comma ? text_of(comma + 1, rest.n - option.n - 1) : TEXT_NONE;
		}
		if (password.n)
			emit(s, "mount-password", user, password, secrets_harmless(password));
	}
}

static const struct file files[] = {
	{ "configuration.yaml", true, NULL, read_zigbee2mqtt },
	{ "motion.conf", true, NULL, read_motion },
	{ "", true, "/motion/camera", read_motion },
	{ "fstab", true, "/etc", read_fstab },
	{ "chap-secrets", true, NULL, read_ppp },
	{ "pap-secrets", true, NULL, read_ppp },
	{ ".netrc", true, NULL, read_netrc },
	{ ".pgpass", true, NULL, read_pgpass },
	{ "ipsec.secrets", true, NULL, read_ipsec },
	{ ".secrets", true, "/ipsec.d/", read_ipsec },
	{ "snmpd.conf", true, NULL, read_snmp },
	{ "snmp.conf", true, NULL, read_snmp },
	{ "wpa_supplicant", false, NULL, read_wifi },
	{ "hostapd", false, NULL, read_wifi },
	{ "wpa_supplicant", false, "/wpa", read_wifi },
	{ "", true, "/etc/config/", read_uci },
	{ "RT2860", false, NULL, read_ralink },
	{ "RT2561", false, NULL, read_ralink },
	{ "iNIC_ap", false, NULL, read_ralink },
	{ ".dat", true, "/Wireless/", read_ralink },
	{ ".dat", true, "/wireless/mediatek/", read_ralink },
	{ "config.json", true, ".docker/", read_docker },
	{ ".dockercfg", true, NULL, read_docker },
	{ ".npmrc", true, NULL, read_npmrc },
	{ ".txt", true, "/openvpn/", read_openvpn },
	{ ".auth", true, "/openvpn/", read_openvpn },
	{ "pass", true, "/openvpn/", read_openvpn },
};

static const struct file *file_of(const struct subject *subject)
{
	struct text base = text_base(subject->path);
	if (strcmp(subject->format, "text") != 0 || subject->bytes.n > FILE_MAX)
		return NULL;
	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
		if ((files[i].ends ? text_ends(base, files[i].name) : text_starts(base, files[i].name)) &&
			(!files[i].below || text_has(subject->path, files[i].below)))
			return &files[i];
	return NULL;
}

bool secrets_file_wants(const struct subject *subject)
{
	return file_of(subject) != NULL;
}

void secrets_file(struct secrets *s)
{
	const struct file *file = file_of(s->subject);
	if (file && s->place != SECRETS_DOCUMENTATION)
		file->read(s, text_from_span(s->subject->bytes));
}
