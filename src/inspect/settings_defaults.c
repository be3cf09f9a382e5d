/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What holds where nothing is said, of the settings that matter for security: from the manual of each program. NULL: it
 * has changed between versions, or the build decides. */
#include "inspect/settings.h"

/* clang-format off */

/* Sections: "*" when it stands in no section at all. */
const struct settings_default settings_defaults[] = {
	/* sshd_config(5), OpenSSH 9.8. PermitRootLogin was "yes" before 7.0. */
	{ "sshd", "", "Port", "22" },
	{ "sshd", "", "PermitRootLogin", NULL },
	{ "sshd", "", "PasswordAuthentication", "yes" },
	{ "sshd", "", "PermitEmptyPasswords", "no" },
	{ "sshd", "", "PubkeyAuthentication", "yes" },
	{ "sshd", "", "KbdInteractiveAuthentication", "yes" },
	{ "sshd", "", "HostbasedAuthentication", "no" },
	{ "sshd", "", "IgnoreRhosts", "yes" },
	{ "sshd", "", "StrictModes", "yes" },
	{ "sshd", "", "PermitUserEnvironment", "no" },
	{ "sshd", "", "AllowTcpForwarding", "yes" },
	{ "sshd", "", "AllowAgentForwarding", "yes" },
	{ "sshd", "", "GatewayPorts", "no" },
	{ "sshd", "", "PermitTunnel", "no" },
	{ "sshd", "", "X11Forwarding", "no" },
	{ "sshd", "", "MaxAuthTries", "6" },
	{ "sshd", "", "LoginGraceTime", "120" },
	{ "sshd", "", "ClientAliveInterval", "0" },
	/* lighttpd's wiki, "Server configuration". */
	{ "lighttpd", "", "server.port", "80" },
	{ "lighttpd", "", "server.username", "" },
	{ "lighttpd", "*", "ssl.engine", "disable" },
	{ "lighttpd", "*", "dir-listing.activate", "disable" },
	/* nginx.org, ngx_http_core_module, ngx_http_autoindex_module, ngx_http_ssl_module. */
	{ "nginx", "*", "autoindex", "off" },
	{ "nginx", "*", "server_tokens", "on" },
	{ "nginx", "*", "ssl_protocols", NULL },
	{ "nginx", "*", "ssl_verify_client", "off" },
	{ "nginx", "*", "client_max_body_size", "1m" },
	{ "nginx", "*", "auth_basic", "off" },
	{ "boa", "", "Port", "80" },
	{ "thttpd", "", "port", "80" },
	{ "thttpd", "", "user", "nobody" },
	{ "mini_httpd", "", "port", "80" },
	{ "mini_httpd", "", "user", "nobody" },
	/* vsftpd.conf(5). */
	{ "vsftpd", "", "anonymous_enable", "YES" },
	{ "vsftpd", "", "local_enable", "NO" },
	{ "vsftpd", "", "write_enable", "NO" },
	{ "vsftpd", "", "anon_upload_enable", "NO" },
	{ "vsftpd", "", "anon_mkdir_write_enable", "NO" },
	{ "vsftpd", "", "anon_other_write_enable", "NO" },
	{ "vsftpd", "", "no_anon_password", "NO" },
	{ "vsftpd", "", "chroot_local_user", "NO" },
	{ "vsftpd", "", "ssl_enable", "NO" },
	{ "vsftpd", "", "force_local_logins_ssl", "YES" },
	{ "vsftpd", "", "force_local_data_ssl", "YES" },
	{ "vsftpd", "", "listen_port", "21" },
	/* ProFTPD's directive list. */
	{ "proftpd", "*", "Port", "21" },
	{ "proftpd", "*", "TLSEngine", "off" },
	{ "proftpd", "*", "TLSRequired", "off" },
	{ "proftpd", "*", "RootLogin", "off" },
	{ "proftpd", "*", "RequireValidShell", "on" },
	{ "proftpd", "*", "MaxLoginAttempts", "3" },
	/* smb.conf(5). The lowest protocol is SMB2_02 since 4.11. */
	{ "samba", "global", "map to guest", "Never" },
	{ "samba", "global", "null passwords", "no" },
	{ "samba", "global", "lanman auth", "no" },
	{ "samba", "global", "encrypt passwords", "yes" },
	{ "samba", "global", "server min protocol", NULL },
	{ "samba", "global", "ntlm auth", NULL },
	{ "samba", "global", "server signing", "default" },
	{ "samba", "global", "restrict anonymous", "0" },
	/* mosquitto.conf(5). Anonymous clients were allowed before 2.0. */
	{ "mosquitto", "*", "allow_anonymous", NULL },
	{ "mosquitto", "*", "password_file", "" },
	{ "mosquitto", "*", "acl_file", "" },
	{ "mosquitto", "*", "require_certificate", "false" },
	{ "mosquitto", "", "per_listener_settings", "false" },
	/* dnsmasq(8). */
	{ "dnsmasq", "", "port", "53" },
	{ "dnsmasq", "", "bind-interfaces", "off" },
	{ "dnsmasq", "", "stop-dns-rebind", "off" },
	{ "dnsmasq", "", "dnssec", "off" },
	{ "dnsmasq", "", "enable-tftp", "off" },
	/* snmpd.conf(5). */
	{ "snmpd", "", "agentAddress", "udp:161" },
	/* hostapd.conf, its commented example; the default of wpa_pairwise depends on the build. */
	{ "hostapd", "", "wpa", "0" },
	{ "hostapd", "", "wpa_pairwise", NULL },
	{ "hostapd", "", "auth_algs", "3" },
	{ "hostapd", "", "ieee80211w", "0" },
	{ "hostapd", "", "wps_state", "0" },
	{ "hostapd", "", "ap_setup_locked", "0" },
	{ "hostapd", "", "ap_isolate", "0" },
	{ "wpa_supplicant", "", "update_config", "0" },
	/* miniupnpd.conf. */
	{ "miniupnpd", "", "secure_mode", "no" },
	/* redis.conf; protected-mode came with 3.2. */
	{ "redis", "", "port", "6379" },
	{ "redis", "", "protected-mode", NULL },
	{ "redis", "", "bind", NULL },
	{ "redis", "", "requirepass", "" },
	{ "postgres", "", "listen_addresses", "localhost" },
	{ "postgres", "", "port", "5432" },
	{ "postgres", "", "ssl", "off" },
	{ "mysqld", "mysqld", "port", "3306" },
	{ "mysqld", "mysqld", "bind-address", NULL },
	/* php.net, "List of php.ini directives". */
	{ "php", "*", "expose_php", "1" },
	{ "php", "*", "display_errors", "1" },
	{ "php", "*", "allow_url_fopen", "1" },
	{ "php", "*", "allow_url_include", "0" },
	{ "php", "*", "open_basedir", "" },
	{ "php", "*", "disable_functions", "" },
	{ "php", "*", "session.cookie_httponly", "0" },
	{ "php", "*", "session.cookie_secure", "0" },
	{ NULL, NULL, NULL, NULL },
};

/* dropbear(8); telnetd of BusyBox. "off": the flag is not given. */
const struct settings_default settings_option_defaults[] = {
	{ "dropbear", "", "-p", "22" },
	{ "dropbear", "", "-s", "off" },
	{ "dropbear", "", "-g", "off" },
	{ "dropbear", "", "-w", "off" },
	{ "dropbear", "", "-B", "off" },
	{ "dropbear", "", "-a", "off" },
	{ "telnetd", "", "-l", "/bin/login" },
	{ "telnetd", "", "-p", "23" },
	{ NULL, NULL, NULL, NULL },
};

/* clang-format on */

const char *settings_daemon(struct text name)
{
	static const struct {
		const char *names, *program;
	} daemons[] = {
		{ "sshd", "sshd" },
		{ "dropbear", "dropbear" },
		{ "lighttpd", "lighttpd" },
		{ "nginx", "nginx" },
		{ "boa", "boa" },
		{ "thttpd", "thttpd" },
		{ "mini_httpd mini_httpds", "mini_httpd" },
		{ "vsftpd", "vsftpd" },
		{ "proftpd", "proftpd" },
		{ "smbd", "samba" },
		{ "mosquitto", "mosquitto" },
		{ "dnsmasq", "dnsmasq" },
		{ "snmpd", "snmpd" },
		{ "hostapd", "hostapd" },
		{ "miniupnpd", "miniupnpd" },
		{ "redis-server", "redis" },
		{ "postgres", "postgres" },
		{ "mysqld mariadbd", "mysqld" },
		{ "php-cgi php-fpm", "php" },
		{ "telnetd in.telnetd utelnetd", "telnetd" },
	};
	for (size_t i = 0; i < sizeof daemons / sizeof daemons[0]; i++)
		if (settings_in_words(daemons[i].names, name, false))
			return daemons[i].program;
	return NULL;
}
