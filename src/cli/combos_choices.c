/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/combos_choices.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

/* Each with where its values are listed. Values of which a tester would wish for some only: those that behave differently. */
static const struct {
	const char *program, *key, *values;
} choices[] = {
	/* sshd_config(5) */
	{ "sshd", "PermitRootLogin", "yes,prohibit-password,no" },
	{ "sshd", "AllowTcpForwarding", "yes,local,remote,no" },
	{ "sshd", "GatewayPorts", "no,yes,clientspecified" },
	/* hostapd.conf, as it comes with hostapd */
	{ "hostapd", "wpa", "0,1,2,3" },
	{ "hostapd", "wpa_key_mgmt", "WPA-PSK,SAE,WPA-PSK SAE,WPA-EAP" },
	{ "hostapd", "wpa_pairwise", "TKIP,CCMP,TKIP CCMP" },
	{ "hostapd", "rsn_pairwise", "TKIP,CCMP,TKIP CCMP" },
	{ "hostapd", "ieee80211w", "0,1,2" },
	{ "hostapd", "auth_algs", "1,2,3" },
	{ "hostapd", "wps_state", "0,1,2" },
	{ "hostapd", "hw_mode", "a,b,g" },
	{ "hostapd", "ap_setup_locked", "0,1" },
	{ "hostapd", "ap_isolate", "0,1" },
	{ "hostapd", "ignore_broadcast_ssid", "0,1,2" },
	{ "hostapd", "macaddr_acl", "0,1,2" },
	{ "hostapd", "ieee80211n", "0,1" },
	/* wpa_supplicant.conf(5) */
	{ "wpa_supplicant", "key_mgmt", "NONE,WPA-PSK,SAE,WPA-EAP" },
	{ "wpa_supplicant", "update_config", "0,1" },
	{ "wpa_supplicant", "ap_scan", "0,1,2" },
	{ "wpa_supplicant", "ieee80211w", "0,1,2" },
	/* OpenWrt, the UCI configuration of network and wireless */
	{ "uci", "encryption", "none,psk,psk2,psk-mixed,sae,sae-mixed" },
	{ "uci", "disabled", "0,1" },
	{ "uci", "enabled", "0,1" },
	{ "uci", "ignore", "0,1" },
	{ "uci", "isolate", "0,1" },
	{ "uci", "hidden", "0,1" },
	{ "uci", "wps_pushbutton", "0,1" },
	{ "uci", "proto", "static,dhcp,pppoe,none" },
	{ "uci", "input", "ACCEPT,REJECT,DROP" },
	{ "uci", "forward", "ACCEPT,REJECT,DROP" },
	{ "uci", "masq", "0,1" },
	/* mosquitto.conf(5) */
	{ "mosquitto", "tls_version", "tlsv1.3,tlsv1.2,tlsv1.1" },
	/* lighttpd, mod_openssl and mod_dirlisting */
	{ "lighttpd", "ssl.engine", "enable,disable" },
	{ "lighttpd", "dir-listing.activate", "enable,disable" },
	/* nginx, ngx_http_ssl_module */
	{ "nginx", "ssl_verify_client", "off,on,optional" },
	/* smb.conf(5) */
	{ "samba", "map to guest", "Never,Bad User,Bad Password" },
	{ "samba", "server min protocol", "NT1,SMB2,SMB3" },
	{ "samba", "server signing", "auto,mandatory,disabled" },
	/* vsftpd.conf(5) and proftpd's own words are pairs, below */
};

static const char *const pairs[][2] = {
	{ "yes", "no" }, { "on", "off" }, { "true", "false" }, { "enable", "disable" }, { "enabled", "disabled" }
};
static const char *const upper[][2] = { { "YES,NO", "YES" }, { "YES,NO", "NO" }, { "Yes,No", "Yes" },
										{ "Yes,No", "No" },  { "On,Off", "On" }, { "On,Off", "Off" } };
static const char *const joined[] = { "yes,no", "on,off", "true,false", "enable,disable", "enabled,disabled" };

/* What only makes a program stay in the foreground or write to a console is no matter of tests. */
static const char *const left_out[] = { "-d", "-D", "-F", "-f", "-E", "-n", "daemonize", "background" };

const char *setting_choices(const char *program, const char *key, const char *value)
{
	for (size_t i = 0; i < sizeof left_out / sizeof left_out[0]; i++)
		if (strcmp(left_out[i], key) == 0)
			return NULL;
	for (size_t i = 0; i < sizeof choices / sizeof choices[0]; i++)
		if (strcmp(choices[i].program, program) == 0 && strcasecmp(choices[i].key, key) == 0)
			return choices[i].values;
	for (size_t i = 0; i < sizeof upper / sizeof upper[0]; i++)
		if (strcmp(upper[i][1], value) == 0)
			return upper[i][0];
	for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++)
		if (strcasecmp(pairs[i][0], value) == 0 || strcasecmp(pairs[i][1], value) == 0)
			return joined[i];
	return NULL;
}
