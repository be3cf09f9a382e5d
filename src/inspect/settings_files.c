/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The configuration files that are known, and the rule by which each program chooses among lines with the same key.
 *
 * Rules are those of the programs' manuals or sources: sshd_config(5) "the first obtained value will be used"; the others
 * assign as they read, so that the last one counts, but for what they keep as a list.
 */
#include "inspect/settings.h"

#define SSHD_LISTS                                                                                                        \
	"AcceptEnv AllowGroups AllowUsers DenyGroups DenyUsers HostKey HostCertificate Include ListenAddress Port Subsystem " \
	"SetEnv"
#define DNSMASQ_SINGLE                                                                                                  \
	"port user group pid-file cache-size dhcp-leasefile dhcp-lease-max log-facility edns-packet-max local-ttl neg-ttl " \
	"query-port domain-suffix dns-forward-max"
#define HOSTAPD_LISTS                                                                                                  \
	"radius_server_vlan wpa_psk_radius sae_password vendor_elements roaming_consortium venue_name "                    \
	"auth_server_addr auth_server_port auth_server_shared_secret acct_server_addr acct_server_port "                   \
	"acct_server_shared_secret"
#define MOSQUITTO_LISTS                                                                                                \
	"listener connection topic plugin plugin_opt_* auth_plugin auth_opt_* log_dest log_type addresses "                \
	"bridge_*"
#define LIGHTTPD_LISTS "include include_shell"
#define APACHE_SINGLE                                                                                                        \
	"ServerTokens ServerSignature TraceEnable User Group ServerRoot DocumentRoot ServerName ServerAdmin KeepAlive Timeout "  \
	"KeepAliveTimeout SSLEngine SSLProtocol SSLCipherSuite SSLCertificateFile SSLCertificateKeyFile AllowOverride AuthType " \
	"AuthName AuthUserFile ErrorLog LogLevel PidFile HostnameLookups"
#define SNMPD_SECRETS                                                                                                   \
	"rocommunity rocommunity6 rwcommunity rwcommunity6 com2sec com2sec6 com2secunix createUser trapcommunity trapsink " \
	"trap2sink informsink usmUser authcommunity"
#define WIFI_SECRETS                                                                                                   \
	"wpa_passphrase wpa_psk psk wep_key0 wep_key1 wep_key2 wep_key3 sae_password ap_pin wps_pin password "             \
	"auth_server_shared_secret acct_server_shared_secret private_key_passwd private_key2_passwd pin"

#define CASELESS SETTINGS_CASELESS
#define PART SETTINGS_PART
#define MAYBE SETTINGS_MAYBE

const struct settings_file settings_files[] = {
	{ "sshd", "sshd_config", settings_read_sshd, RULE_FIRST, CASELESS, SSHD_LISTS, NULL },
	{ "sshd", "sshd_config.d/*.conf", settings_read_sshd, RULE_FIRST, CASELESS | PART, SSHD_LISTS, NULL },
	{ "ssh", "ssh_config ssh_config.d/*.conf .ssh/config", settings_read_sshd, RULE_FIRST, CASELESS | PART,
	  "IdentityFile CertificateFile SendEnv SetEnv LocalForward RemoteForward DynamicForward Include", NULL },
	{ "rshd", "etc/hosts.equiv etc/shosts.equiv .rhosts .shosts", settings_read_words, RULE_ALL, 0, NULL, NULL },
	{ "dropbear", "default/dropbear conf.d/dropbear sysconfig/dropbear", settings_read_variables, RULE_LAST, PART, NULL,
	  NULL },
	{ "snmpd", "default/snmpd", settings_read_variables, RULE_LAST, PART, NULL, NULL },
	{ "hostapd", "default/hostapd", settings_read_variables, RULE_LAST, PART, NULL, NULL },
	{ "dnsmasq", "default/dnsmasq", settings_read_variables, RULE_LAST, PART, NULL, NULL },
	{ "tftpd", "default/tftpd-hpa", settings_read_variables, RULE_LAST, PART, NULL, NULL },
	{ "telnetd", "default/telnet default/telnetd", settings_read_variables, RULE_LAST, PART, NULL, NULL },
	{ "sshd", "default/ssh default/sshd", settings_read_variables, RULE_LAST, PART, NULL, NULL },

	{ "lighttpd", "lighttpd.conf lighttpd*.conf", settings_read_lighttpd, RULE_LAST, 0, LIGHTTPD_LISTS, NULL },
	{ "lighttpd", "lighttpd/conf.d/*.conf lighttpd/conf-enabled/*.conf lighttpd/vhosts.d/*.conf",
	  settings_read_lighttpd, RULE_LAST, PART, LIGHTTPD_LISTS, NULL },
	{ "lighttpd", "lighttpd/conf-available/*.conf", settings_read_lighttpd, RULE_LAST, PART | MAYBE, LIGHTTPD_LISTS,
	  NULL },
	{ "nginx", "nginx.conf", settings_read_nginx, RULE_ALL, 0, NULL, NULL },
	{ "nginx", "nginx/conf.d/*.conf nginx/modules-enabled/*.conf nginx/conf.d/*.locations", settings_read_nginx,
	  RULE_ALL, PART, NULL, NULL },
	{ "nginx", "nginx/sites-available/* nginx/snippets/*.conf", settings_read_nginx, RULE_ALL, PART | MAYBE, NULL,
	  NULL },
	{ "nginx", "nginx/sites-enabled/*", settings_read_nginx, RULE_ALL, PART, NULL, NULL },
	{ "apache", "apache2.conf httpd2.conf", settings_read_apache, RULE_ALL, CASELESS, APACHE_SINGLE, NULL },
	{ "apache", "apache2/ports.conf apache2/conf-enabled/*.conf apache2/sites-enabled/*", settings_read_apache,
	  RULE_ALL, CASELESS | PART, APACHE_SINGLE, NULL },
	{ "apache", "apache2/sites-available/*.conf apache2/conf-available/*.conf apache2/mods-available/*.conf",
	  settings_read_apache, RULE_ALL, CASELESS | PART | MAYBE, APACHE_SINGLE, NULL },
	{ "httpd", "httpd.conf httpd-*.conf httpd_*.conf", settings_read_httpd, RULE_ALL, 0, APACHE_SINGLE, NULL },
	{ "boa", "boa.conf boa*.conf", settings_read_words, RULE_LAST, CASELESS,
	  "Alias ScriptAlias AddType Redirect Allow Deny Auth VirtualHost SSL* CGIEnv", NULL },
	{ "goahead", "route.txt auth.txt umconfig.txt umconfig", settings_read_goahead, RULE_LAST, 0, NULL, NULL },
	{ "thttpd", "thttpd.conf", settings_read_tokens, RULE_LAST, 0, NULL, NULL },
	{ "mini_httpd", "mini_httpd.conf mini-httpd.conf", settings_read_tokens, RULE_LAST, 0, NULL, NULL },

	{ "vsftpd", "vsftpd.conf vsftpd*.conf", settings_read_equals, RULE_LAST, 0, NULL, NULL },
	{ "proftpd", "proftpd.conf", settings_read_apache, RULE_ALL, CASELESS, NULL, NULL },
	{ "proftpd", "proftpd/*.conf proftpd/conf.d/*.conf", settings_read_apache, RULE_ALL, CASELESS | PART, NULL, NULL },
	{ "pure-ftpd", "pure-ftpd.conf", settings_read_words, RULE_LAST, 0, NULL, NULL },
	{ "samba", "smb.conf smb.conf.* smb_*.conf", settings_read_ini, RULE_LAST, CASELESS, NULL, NULL },
	{ "rsyncd", "rsyncd.conf", settings_read_ini, RULE_LAST, CASELESS, NULL, NULL },
	{ "nfsd", "etc/exports etc_ro/exports", settings_read_words, RULE_ALL, 0, NULL, NULL },
	{ "nfs.conf", "etc/nfs.conf etc/nfs.conf.d/*.conf", settings_read_ini, RULE_LAST, CASELESS, NULL, NULL },

	{ "mosquitto", "mosquitto.conf mosquitto*.conf", settings_read_mosquitto, RULE_LAST, 0, MOSQUITTO_LISTS, NULL },
	{ "mosquitto", "mosquitto/conf.d/*.conf", settings_read_mosquitto, RULE_LAST, PART, MOSQUITTO_LISTS, NULL },
	{ "dnsmasq", "dnsmasq.conf dnsmasq*.conf", settings_read_dnsmasq, RULE_ALL, 0, DNSMASQ_SINGLE, NULL },
	{ "dnsmasq", "dnsmasq.d/*", settings_read_dnsmasq, RULE_ALL, PART, DNSMASQ_SINGLE, NULL },
	{ "snmpd", "snmpd.conf snmpd*.conf snmp/*snmpd.conf", settings_read_words, RULE_ALL, CASELESS, NULL,
	  SNMPD_SECRETS },
	{ "hostapd", "hostapd.conf hostapd*.conf", settings_read_hostapd, RULE_LAST, 0, HOSTAPD_LISTS, WIFI_SECRETS },
	{ "wpa_supplicant", "wpa_supplicant.conf wpa_supplicant*.conf wpa*supplicant*.conf", settings_read_braces,
	  RULE_LAST, 0, NULL, WIFI_SECRETS },
	{ "miniupnpd", "miniupnpd.conf miniupnpd*.conf", settings_read_equals, RULE_LAST, 0, "allow deny listening_ip",
	  NULL },
	{ "ntpd", "ntp.conf ntpd.conf", settings_read_words, RULE_ALL, 0, NULL, NULL },
	{ "chronyd", "chrony.conf chrony/conf.d/*.conf", settings_read_words, RULE_ALL, CASELESS, NULL, NULL },
	/* motion_guide: "key value"; "camera" names a further file */
	{ "motion", "motion.conf motion/camera*.conf motion/conf.d/*.conf motion/thread*.conf", settings_read_words,
	  RULE_LAST, 0, "camera camera_dir thread", "webcontrol_authentication stream_authentication netcam_userpass" },
	{ "avahi-daemon", "avahi-daemon.conf", settings_read_ini, RULE_LAST, 0, NULL, NULL },
	{ "xinetd", "xinetd.conf", settings_read_braces, RULE_LAST, 0, NULL, NULL },
	{ "xinetd", "xinetd.d/*", settings_read_braces, RULE_LAST, PART, NULL, NULL },
	{ "pppd", "ppp/options ppp/options.* ppp/peers/* pppoe.conf.options", settings_read_pppd, RULE_LAST, 0, NULL,
	  "password" },
	{ "pppd", "chap-secrets pap-secrets", settings_read_pppd_secrets, RULE_ALL, 0, NULL, NULL },
	{ "sudo", "etc/sudoers sudoers.d/*", settings_read_sudoers, RULE_ALL, 0, NULL, NULL },
	{ "pam", "pam.d/* etc/pam.conf", settings_read_pam, RULE_ALL, 0, NULL, NULL },
	{ "nss", "nsswitch.conf", settings_read_colons, RULE_ALL, 0, NULL, NULL },
	{ "crond", "etc/crontab crontabs/* cron.d/* spool/cron/*", settings_read_cron, RULE_ALL, 0, NULL, NULL },
	{ "overlayroot", "etc/overlayroot.conf etc/overlayroot.local.conf", settings_read_equals, RULE_LAST, 0, NULL, NULL },
	{ "fstab", "etc/fstab etc_ro/fstab", settings_read_fstab, RULE_ALL, 0, NULL, NULL },
	{ "squid", "squid.conf squid/conf.d/*.conf", settings_read_squid, RULE_ALL, 0, NULL, NULL },
	{ "wireguard", "wireguard/*.conf", settings_read_ini, RULE_ALL, CASELESS, NULL, "PrivateKey PresharedKey" },
	{ "NetworkManager", "system-connections/* NetworkManager.conf", settings_read_ini, RULE_LAST, 0, NULL,
	  "psk password" },

	{ "redis", "redis.conf", settings_read_words, RULE_LAST, CASELESS,
	  "save rename-command include loadmodule user client-output-buffer-limit", "requirepass masterauth" },
	{ "mysqld", "mysqld.cnf 50-server.cnf", settings_read_quoted_ini, RULE_LAST, PART, "!include !includedir",
	  "password" },
	{ "mysqld", "my.cnf mariadb.cnf", settings_read_quoted_ini, RULE_LAST, 0, "!include !includedir", "password" },
	{ "postgres", "postgresql.conf", settings_read_quoted_ini, RULE_LAST, CASELESS, NULL, NULL },
	{ "php", "php.ini", settings_read_quoted_ini, RULE_LAST, 0, "extension zend_extension", NULL },

	{ "uci", "etc/config/* rom/etc/config/* etc_ro/config/* overlay/*/etc/config/*", settings_read_uci, RULE_LAST, 0,
	  NULL, NULL },
	{ "nvram",
	  "nvram.conf nvram*.conf nvram*.cfg nvram*.txt nvram*.dat nvram.default* nvram_default* *_nvram_default* default_nvram* "
	  "RT*AP*.dat RT*STA*.dat RT*_default_* MT76*.dat mt76*.dat mt7*.dat default.cfg default*.cfg default*.conf defaults.conf "
	  "factory*.cfg factory*.conf default*.dat sys_default* custom_default* default*.ini factory*.ini",
	  settings_read_nvram, RULE_LAST, 0, NULL, NULL },
	{ "vendor",
	  "*default*.xml *Default*.xml defnodes/*.xml *default*config* romfile.cfg romfile*.cfg *romfile*.xml db_*.xml config.xml *_config.xml "
	  "*config*.xml factory*.xml *ctree*.xml nvram*.xml *_default_cfg*.xml *ctromfile*.cfg lastgood.xml",
	  settings_read_xml, RULE_ALL, 0, NULL, NULL },
	{ NULL, NULL, NULL, RULE_ALL, 0, NULL, NULL },
};
