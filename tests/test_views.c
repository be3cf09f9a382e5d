/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The standard views: small file systems, and what the views say of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "case/case.h"
#include "make_case.h"

#define ROOT                                                                                                           \
	"INSERT INTO input(id, kind, location) VALUES(1, 'firmware', 'x');"                                                \
	"INSERT INTO blob(id, input_id, parent_id, path, kind, format) VALUES(1, 1, NULL, 'x', 'input', 'data'),"          \
	"(2, 1, 1, 'root', 'region', 'squashfs'),(3, 1, 1, 'other', 'region', 'squashfs');"
#define FILES "INSERT INTO blob(id, input_id, parent_id, path, kind, format, mode, uid, gid) VALUES"
#define LINKS "INSERT INTO blob(id, input_id, parent_id, path, kind, link_target) VALUES"
#define STARTUP "INSERT INTO startup(id, blob_id, mechanism, command, program, enabled, user, ports, detail) VALUES"

/* A line of /etc/rc.local. */
#define RUN(program, command)                                                                                          \
	"INSERT INTO startup(blob_id, line, mechanism, command, program, enabled) VALUES(5, 1, 'rc.local', '" command      \
	"', '" program "', 1);"
/* A program that may not be run, one of which no mode is known, and a script that may not be run, to which a link leads. */
#define INERT                                                                                                                    \
	ROOT FILES                                                                                                                   \
		"(5, 1, 2, '/etc/init.d/rcS', 'file', 'script', 493, 0, 0),(6, 1, 2, '/usr/bin/a', 'file', 'elf', 420, 0, 0),"           \
		"(7, 1, 2, '/usr/bin/b', 'file', 'elf', 493, 0, 0),(8, 1, 2, '/usr/bin/c', 'file', 'elf', NULL, 0, 0),"                  \
		"(9, 1, 2, '/etc/init.d/x', 'file', 'script', 420, 0, 0),(10, 1, 2, '/etc/rc.d/S50x', 'symlink', 'symlink', 511, 0, 0);" \
		"INSERT INTO startup(id, blob_id, line, mechanism, command, program, enabled) VALUES"                                    \
		"(1, 5, 1, 'rcS', 'a', 'a', 1),(2, 5, 2, 'rcS', 'b', 'b', 1),(3, 5, 3, 'rcS', 'c', 'c', 1),"                             \
		"(4, 10, NULL, 'rc-link', '/etc/init.d/x start', '/etc/init.d/x', 1),(5, 9, 2, 'init.d', 'b -x', 'b', NULL);"

#define DECLARED                                                                                                       \
	"INSERT INTO input(id, kind, location) VALUES(1, 'product', 'p.yaml');"                                            \
	"INSERT INTO blob(id, input_id, path, kind) VALUES(1, 1, 'p.yaml', 'input');"
#define DECLARE(section, item, key, value)                                                                             \
	"INSERT INTO declaration(blob_id, line, section, item, key, value) VALUES(1, 1, '" section "', nullif(" #item      \
	", 0), '" key "', '" value "');"
#define STATED(item, support, text)                                                                                    \
	DECLARE("conformance", item, "provision", "p")                                                                     \
	DECLARE("conformance", item, "support", support) DECLARE("conformance", item, "reason", text)                      \
		DECLARE("conformance", item, "detail", text)
#define CERTIFIED(item, scheme, firmware, scope)                                                                       \
	DECLARE("certifications", item, "scheme", scheme) DECLARE("certifications", item, "firmware", firmware)            \
	DECLARE("certifications", item, "scope", scope)

static const struct {
	const char *facts, *query, *rows; /* one a line, columns separated by '|', NULL is '-' */
} cases[] = {
	/* a reason in words, none, and what only promises one or tells where it is */
	{ DECLARED STATED(1, "yes", "each unit has its own key, made at its first start") STATED(2, "no", "the board has no display")
		  STATED(3, "no", "None.") STATED(4, "no", "to be decided later") STATED(5, "no", "(Will be written for the next version)")
			  STATED(6, "no", "see the design of the board") STATED(7, "no", "not yet: the team is small") STATED(8, "no", "TBD, ask the team")
				  STATED(9, "no", "we decide that later.") STATED(10, "no", "older units can not see that far, later ones can"),
	  "SELECT item, reasoned, described FROM declared_conformance ORDER BY item",
	  "1|1|1\n2|1|1\n3|0|-\n4|-|-\n5|-|-\n6|-|-\n7|-|-\n8|-|-\n9|-|-\n10|1|1\n" },
	/* of which version a certificate is, whether it may be another product's, and whether it is about security */
	{ DECLARED DECLARE("product", 0, "name", "ACME Camera 1") DECLARE("product", 0, "version", "1.4")
		  CERTIFIED(1, "EUCC", "1.4", "ACME Camera 1, firmware 1.4") CERTIFIED(2, "EUCC", "1.4.2", "v1.4 firmware")
			  CERTIFIED(3, "EUCC", "1.40", "ACME Camera 4") CERTIFIED(4, "EUCC", "1", "firmware 1.3")
				  CERTIFIED(5, "Telecom quality label", "1.3", "camera") CERTIFIED(6, "EU Eco-label", "1.4", "camera")
					  CERTIFIED(7, "EU ecolabel (REACH)", "1.4", "camera") CERTIFIED(8, "outreach mark", "1.4", "camera")
						  CERTIFIED(9, "EU REACH/RoHS", "1.4", "camera"),
	  "SELECT item, of_version, names_other, about_security FROM certificate_claim ORDER BY item",
	  "1|this|0|1\n2|-|0|1\n3|other|1|1\n4|-|1|1\n5|other|0|-\n6|this|0|0\n7|this|0|0\n8|this|0|-\n9|this|0|0\n" },
	/* a version that is one number may be that of another model */
	{ DECLARED DECLARE("product", 0, "name", "ACME Camera 1") DECLARE("product", 0, "version", "2")
		  CERTIFIED(1, "EUCC", "2", "ACME Camera 2"),
	  "SELECT item, of_version, names_other FROM certificate_claim", "1|this|1\n" },
	/* links: relative, absolute, a chain, through directories, ".." above the root, dangling, a cycle, not beyond the file system */
	{ ROOT FILES
	  "(10, 1, 2, '/bin/busybox', 'file', 'elf', 493, 0, 0),(11, 1, 3, '/only/here', 'file', 'elf', 493, 0, 0);" LINKS
	  "(20, 1, 2, '/bin/sh', 'symlink', 'busybox'),(21, 1, 2, '/sbin', 'symlink', 'usr/sbin'),"
	  "(22, 1, 2, '/usr/sbin', 'symlink', '/bin'),(23, 1, 2, '/init', 'symlink', 'sbin/sh'),(24, 1, 2, '/a', 'symlink', 'b'),"
	  "(25, 1, 2, '/b', 'symlink', '/a'),(26, 1, 2, '/c', 'symlink', 'nowhere'),(27, 1, 2, '/d', 'symlink', '../../../bin/./busybox'),"
	  "(28, 1, 2, '/e', 'symlink', '/only/here'),(29, 1, 2, '/usr/f', 'symlink', 'sbin/../bin/sh');",
	  "SELECT blob_id, target_id FROM target ORDER BY 1", "20|10\n23|10\n27|10\n29|10\n" },
	/* a further hard link, and a link to it */
	{ ROOT FILES
	  "(10, 1, 2, '/bin/a', 'file', 'elf', 493, 0, 0);"
	  "INSERT INTO blob(id, input_id, parent_id, path, kind, same_as) VALUES(11, 1, 2, '/bin/b', 'file', '/bin/a');" LINKS
	  "(12, 1, 2, '/bin/c', 'symlink', 'b');",
	  "SELECT blob_id, target_id FROM target ORDER BY 1", "11|10\n12|10\n" },
	/* a further hard link has the size of its file, if the archive told none */
	{ ROOT "INSERT INTO blob(id, input_id, parent_id, path, kind, size, same_as) VALUES(10, 1, 2, '/a', 'file', 7, NULL),"
		   "(11, 1, 2, '/b', 'file', 0, '/a'),(12, 1, 2, '/c', 'file', 5, '/a'),(13, 1, 2, '/d', 'file', 0, '/gone');",
	  "SELECT id, size FROM blob WHERE id > 9 ORDER BY 1", "10|7\n11|7\n12|5\n13|0\n" },
	/* programs: by name along PATH, by path over a linked directory, elsewhere, not at all */
	{ ROOT FILES
	  "(5, 1, 2, '/etc/inittab', 'file', 'text', 420, 0, 0),(10, 1, 2, '/usr/sbin/httpd', 'file', 'elf', 493, 0, 0),"
	  "(11, 1, 2, '/userfs/bin/tr69', 'file', 'elf', 493, 0, 0),(12, 1, 2, '/etc/tr69', 'file', 'text', 420, 0, 0);" LINKS
	  "(13, 1, 2, '/sbin', 'symlink', 'usr/sbin');" STARTUP
	  "(1, 5, 'inittab', 'x', 'httpd', 1, NULL, NULL, NULL),(2, 5, 'inittab', 'x', '/sbin/httpd', 1, NULL, NULL, NULL),"
	  "(3, 5, 'inittab', 'x', 'tr69', 1, NULL, NULL, NULL),(4, 5, 'inittab', 'x', 'gone', 1, NULL, NULL, NULL);",
	  "SELECT * FROM startup_program ORDER BY 1", "1|10|10\n2|10|10\n3|11|11\n" },
	/* a server, an applet, a command that ends soon, one that is not there */
	{ ROOT FILES
	  "(5, 1, 2, '/etc/inittab', 'file', 'text', 420, 0, 0),(10, 1, 2, '/usr/sbin/dropbear', 'file', 'elf', 493, 0, 0),"
	  "(11, 1, 2, '/bin/busybox', 'file', 'elf', 2541, 0, 0);" LINKS
	  "(12, 1, 2, '/usr/sbin/telnetd', 'symlink', '../../bin/busybox'),(13, 1, 2, '/bin/mount', 'symlink', 'busybox'),"
	  "(14, 1, 2, '/sbin/syslogd', 'symlink', '/bin/busybox');"
	  "INSERT INTO elf(blob_id, type, pie, nx, relro, canary, fortify) VALUES(10, 'executable', 0, 1, 'partial', 1, 1),"
	  "(11, 'executable', 1, 1, 'full', 1, 1);"
	  "INSERT INTO network(blob_id, listens, connects, families) VALUES(10, 1, 1, 'inet stream'),(11, 1, 1, 'inet stream');"
	  "INSERT INTO component(blob_id, name, version) VALUES(10, 'dropbear', '2022.83');" STARTUP
	  "(1, 5, 'inittab', 'dropbear -p 2222', 'dropbear', 1, 'root', '2222', NULL),"
	  "(2, 5, 'inittab', 'telnetd -l /bin/sh', 'telnetd', 1, 'root', NULL, NULL),"
	  "(3, 5, 'inittab', 'mount -a', 'mount', 1, 'root', NULL, NULL),(4, 5, 'inittab', 'syslogd -n', 'syslogd', 1, 'root', NULL, NULL),"
	  "(6, 5, 'inittab', 'gone', 'gone', 1, 'root', NULL, NULL),(7, 5, 'inittab', '/opt/app', '/opt/app', 1, 'www', NULL, NULL),"
	  "(8, 5, 'inittab', 'busybox udhcpd -f', '/bin/busybox', 1, 'root', NULL, NULL),(9, 5, 'inittab', 'httpd', 'httpd', 0, 'root', NULL, NULL);",
	  "SELECT startup_id, name, path, user, listens, ports, port_source, pie, relro, set_user_id, component FROM service ORDER BY 1",
	  "1|dropbear|/usr/sbin/dropbear|root|1|2222|command line|0|partial|0|dropbear\n"
	  "2|telnetd|/bin/busybox|root|1|23|default|1|full|1|-\n"
	  "4|syslogd|/bin/busybox|root|0|-|-|1|full|1|-\n"
	  "7|app|-|www|-|-|-|-|-|-|-\n"
	  "8|udhcpd|/bin/busybox|root|1|67|default|1|full|1|-\n" },
	/* what inetd would hand a connection, started by itself: nothing tells whether it listens; a client by a server's name does not,
	   and has no port. A file's port goes before the one that holds without it. What is linked into a program is not the program. */
	{ ROOT FILES
	  "(5, 1, 2, '/etc/inittab', 'file', 'text', 420, 0, 0),(10, 1, 2, '/usr/sbin/telnetd', 'file', 'elf', 493, 0, 0),"
	  "(11, 1, 2, '/usr/sbin/ntpd', 'file', 'elf', 493, 0, 0),(12, 1, 2, '/usr/sbin/mosquitto', 'file', 'elf', 493, 0, 0),"
	  "(13, 1, 2, '/etc/mosquitto.conf', 'file', 'text', 420, 0, 0),(14, 1, 2, '/usr/bin/curl', 'file', 'elf', 493, 0, 0);"
	  "INSERT INTO network(blob_id, listens, connects, families) VALUES(11, 0, 1, 'inet'),(12, 1, 1, 'inet stream');"
	  "INSERT INTO setting(blob_id, program, key, value, origin, effective) VALUES(12, 'mosquitto', 'port', '1884', 'default', 1),"
	  "(13, 'mosquitto', 'listener', '1883 0.0.0.0', 'file', 1);"
	  "INSERT INTO component(blob_id, name, version) VALUES(11, 'zlib', '1.1.4'),(12, 'openssl', '3.0.1'),(12, 'mosquitto', '2.0.11');" STARTUP
	  "(1, 5, 'inittab', 'telnetd', 'telnetd', 1, 'root', NULL, NULL),(2, 5, 'inittab', 'ntpd', 'ntpd', 1, 'root', NULL, NULL),"
	  "(3, 5, 'inittab', 'mosquitto', 'mosquitto', 1, 'root', NULL, NULL),(4, 5, 'inittab', 'curl http://x/', 'curl', 1, 'root', NULL, NULL);",
	  "SELECT s.startup_id, s.name, s.listens, s.ports, s.port_source, s.component, e.startup_id IS NOT NULL FROM service s"
	  " LEFT JOIN exposed_service e ON e.startup_id = s.startup_id ORDER BY 1",
	  "1|telnetd|-|23|default|-|1\n2|ntpd|0|-|-|-|0\n3|mosquitto|1|1883|setting|mosquitto|1\n" },
	/* an address that only this machine reaches; one beside it that others reach; a port that says "none" */
	{ ROOT FILES
	  "(5, 1, 2, '/etc/inittab', 'file', 'text', 420, 0, 0),(10, 1, 2, '/usr/sbin/snmpd', 'file', 'elf', 493, 0, 0),"
	  "(11, 1, 2, '/usr/sbin/sshd', 'file', 'elf', 493, 0, 0),(12, 1, 2, '/usr/sbin/dnsmasq', 'file', 'elf', 493, 0, 0),"
	  "(13, 1, 2, '/etc/all.conf', 'file', 'text', 420, 0, 0);"
	  "INSERT INTO network(blob_id, listens, families) VALUES(10, 1, 'inet'),(11, 1, 'inet'),(12, 1, 'inet');"
	  "INSERT INTO setting(blob_id, program, key, value, origin, effective) VALUES(10, 'snmpd', 'agentAddress', 'udp:161', 'default', 1),"
	  "(13, 'snmpd', 'agentaddress', '127.0.0.1:161,[::1]', 'file', 1),(13, 'sshd', 'ListenAddress', '127.0.0.1', 'file', 1),"
	  "(13, 'sshd', 'ListenAddress', '0.0.0.0', 'file', 1),(13, 'dnsmasq', 'port', '0', 'file', 1);" STARTUP
	  "(1, 5, 'inittab', 'snmpd', 'snmpd', 1, 'root', NULL, NULL),(2, 5, 'inittab', 'sshd', 'sshd', 1, 'root', NULL, NULL),"
	  "(3, 5, 'inittab', 'dnsmasq', 'dnsmasq', 1, 'root', NULL, NULL);",
	  "SELECT name, ports FROM exposed_service ORDER BY startup_id", "sshd|22\ndnsmasq|-\n" },
	/* a broker's listener, which bind_address says nothing of; listeners for this machine alone */
	{ ROOT FILES
	  "(5, 1, 2, '/etc/inittab', 'file', 'text', 420, 0, 0),(12, 1, 2, '/usr/sbin/mosquitto', 'file', 'elf', 493, 0, 0),"
	  "(13, 1, 2, '/etc/mosquitto.conf', 'file', 'text', 420, 0, 0);"
	  "INSERT INTO network(blob_id, listens, families) VALUES(12, 1, 'inet stream');"
	  "INSERT INTO setting(blob_id, program, section, key, value, origin, effective) VALUES(13, 'mosquitto', '', 'bind_address', '127.0.0.1', 'file', 1),"
	  "(13, 'mosquitto', 'listener 8883', 'listener', '8883', 'file', 1);" STARTUP
	  "(1, 5, 'inittab', 'mosquitto', 'mosquitto', 1, 'root', NULL, NULL);",
	  "SELECT name FROM exposed_service", "mosquitto\n" },
	{ ROOT FILES
	  "(5, 1, 2, '/etc/inittab', 'file', 'text', 420, 0, 0),(12, 1, 2, '/usr/sbin/mosquitto', 'file', 'elf', 493, 0, 0),"
	  "(13, 1, 2, '/etc/mosquitto.conf', 'file', 'text', 420, 0, 0);"
	  "INSERT INTO network(blob_id, listens, families) VALUES(12, 1, 'inet stream');"
	  "INSERT INTO setting(blob_id, program, section, key, value, origin, effective) VALUES"
	  "(13, 'mosquitto', 'listener 1883 127.0.0.1', 'listener', '1883 127.0.0.1', 'file', 1),"
	  "(13, 'mosquitto', 'listener 0 /run/mqtt', 'listener', '0 /run/mqtt', 'file', 1);" STARTUP
	  "(1, 5, 'inittab', 'mosquitto', 'mosquitto', 1, 'root', NULL, NULL);",
	  "SELECT count(*) FROM exposed_service", "0\n" },
	/* sites that are offered, of which a link takes one; snippets, of which a file includes one */
	{ ROOT FILES
	  "(5, 1, 2, '/etc/nginx/sites-available', 'directory', NULL, 493, 0, 0),(6, 1, 2, '/etc/nginx/sites-enabled', 'directory', NULL, 493, 0, 0),"
	  "(7, 1, 2, '/etc/nginx/sites-available/a', 'file', 'text', 420, 0, 0),(8, 1, 2, '/etc/nginx/sites-available/b', 'file', 'text', 420, 0, 0),"
	  "(9, 1, 2, '/etc/nginx/snippets/c.conf', 'file', 'text', 420, 0, 0),(10, 1, 2, '/etc/nginx/snippets/d.conf', 'file', 'text', 420, 0, 0);"
	  "INSERT INTO blob(id, input_id, parent_id, path, kind, link_target) VALUES(11, 1, 2, '/etc/nginx/sites-enabled/a', 'symlink', '../sites-available/a');"
	  "INSERT INTO setting(blob_id, program, section, key, value, origin, effective) VALUES(7, 'nginx', 'server[0]', 'listen', '80', 'file', NULL),"
	  "(7, 'nginx', 'server[0]', 'include', 'snippets/c.conf', 'file', NULL),(8, 'nginx', 'server[0]', 'listen', '81', 'file', NULL),"
	  "(8, 'nginx', 'server[0]', 'include', 'snippets/d.conf', 'file', NULL),(9, 'nginx', '', 'gzip', 'c', 'file', NULL),"
	  "(10, 'nginx', '', 'gzip', 'd', 'file', NULL);",
	  "SELECT value, sure FROM effective_setting WHERE program = 'nginx' ORDER BY 1", "80|0\nc|0\nsnippets/c.conf|0\n" },
	/* parts in a folder of parts: nginx(8) and mosquitto.conf(5) have those that a pattern names, all where one has a variable */
	{ ROOT FILES
	  "(5, 1, 2, '/etc/nginx/nginx.conf', 'file', 'text', 420, 0, 0),(6, 1, 2, '/etc/nginx/conf.d/a.conf', 'file', 'text', 420, 0, 0),"
	  "(7, 1, 2, '/etc/nginx/conf.d/b.conf.bak', 'file', 'text', 420, 0, 0),(8, 1, 2, '/etc/nginx/sites-enabled/c', 'file', 'text', 420, 0, 0),"
	  "(9, 1, 2, '/etc/mosquitto/mosquitto.conf', 'file', 'text', 420, 0, 0),(10, 1, 2, '/etc/mosquitto/conf.d/d.conf', 'file', 'text', 420, 0, 0),"
	  "(11, 1, 2, '/etc/mosquitto/conf.d/README', 'file', 'text', 420, 0, 0),(12, 1, 2, '/etc/apache2/apache2.conf', 'file', 'text', 420, 0, 0),"
	  "(13, 1, 2, '/etc/apache2/sites-enabled/e', 'file', 'text', 420, 0, 0),(14, 1, 3, '/etc/apache2/conf.d/f', 'file', 'text', 420, 0, 0);"
	  "INSERT INTO setting(blob_id, program, section, key, value, origin, effective)"
	  " VALUES(5, 'nginx', 'http', 'include', 'conf.d/*.conf', 'file', 1),"
	  "(6, 'nginx', 'server[0]', 'listen', '1', 'file', NULL),(7, 'nginx', 'server[0]', 'listen', '2', 'file', NULL),"
	  "(8, 'nginx', 'server[0]', 'listen', '3', 'file', NULL),(9, 'mosquitto', '', 'include_dir', '/etc/mosquitto/conf.d', 'file', 1),"
	  "(10, 'mosquitto', 'listener 4', 'listener', '4', 'file', 1),(11, 'mosquitto', 'listener 5', 'listener', '5', 'file', 1),"
	  "(12, 'apache', '', 'Include', '${CONF}', 'file', NULL),(13, 'apache', '', 'Listen', '6', 'file', NULL),"
	  "(14, 'apache', '', 'Listen', '7', 'file', NULL);",
	  "SELECT value FROM effective_setting WHERE lower(key) LIKE 'listen%' ORDER BY 1", "1\n4\n6\n7\n" },
	/* a folder with a slash behind it; a pattern that GLOB reads in another way, an expression of lighttpd's, one through a link */
	{ ROOT FILES
	  "(5, 1, 2, '/etc/mosquitto/mosquitto.conf', 'file', 'text', 420, 0, 0),(6, 1, 2, '/etc/mosquitto/conf.d/a.conf', 'file', 'text', 420, 0, 0);"
	  "INSERT INTO setting(blob_id, program, section, key, value, origin, effective)"
	  " VALUES(5, 'mosquitto', '', 'include_dir', '/etc/mosquitto/conf.d/', 'file', 1),"
	  "(6, 'mosquitto', '', 'listen', '1', 'file', NULL);",
	  "SELECT value FROM effective_setting WHERE key = 'listen'", "1\n" },
	{ ROOT FILES
	  "(5, 1, 2, '/etc/httpd/httpd.conf', 'file', 'text', 420, 0, 0),(6, 1, 2, '/etc/httpd/conf.d/a.conf', 'file', 'text', 420, 0, 0);"
	  "INSERT INTO setting(blob_id, program, section, key, value, origin, effective) VALUES(5, 'apache', '', 'Include', 'conf.d/', 'file', 1),"
	  "(6, 'apache', '', 'listen', '1', 'file', NULL);",
	  "SELECT value FROM effective_setting WHERE key = 'listen'", "1\n" },
	{ ROOT FILES
	  "(5, 1, 2, '/etc/lighttpd/lighttpd.conf', 'file', 'text', 420, 0, 0),(6, 1, 2, '/etc/lighttpd/vhosts.d/a.conf', 'file', 'text', 420, 0, 0);"
	  "INSERT INTO setting(blob_id, program, section, key, value, origin, effective)"
	  " VALUES(5, 'lighttpd', '', 'include', 'conf_dir + \"/vhosts.d/*.conf\"', 'file', 1),"
	  "(6, 'lighttpd', '', 'listen', '1', 'file', NULL);",
	  "SELECT value FROM effective_setting WHERE key = 'listen'", "1\n" },
	{ ROOT FILES
	  "(5, 1, 2, '/etc/lighttpd/lighttpd.conf', 'file', 'text', 420, 0, 0),(6, 1, 2, '/etc/lighttpd/conf.d/a.conf', 'file', 'text', 420, 0, 0);"
	  "INSERT INTO setting(blob_id, program, section, key, value, origin, effective)"
	  " VALUES(5, 'lighttpd', '', 'include', 'conf.d/{a,b}.conf', 'file', 1),"
	  "(6, 'lighttpd', '', 'listen', '1', 'file', NULL);",
	  "SELECT value FROM effective_setting WHERE key = 'listen'", "1\n" },
	{ ROOT FILES
	  "(5, 1, 2, '/etc/nginx/nginx.conf', 'file', 'text', 420, 0, 0),(6, 1, 2, '/etc/nginx/conf.d/a.conf', 'file', 'text', 420, 0, 0);"
	  "INSERT INTO setting(blob_id, program, section, key, value, origin, effective)"
	  " VALUES(5, 'nginx', '', 'include', 'conf.d/[!.]*.conf', 'file', 1),"
	  "(6, 'nginx', '', 'listen', '1', 'file', NULL);",
	  "SELECT value FROM effective_setting WHERE key = 'listen'", "1\n" },
	{ ROOT FILES
	  "(5, 1, 2, '/etc/nginx/nginx.conf', 'file', 'text', 420, 0, 0),(6, 1, 2, '/opt/nginx.d/a.conf', 'file', 'text', 420, 0, 0);"
	  "INSERT INTO blob(id, input_id, parent_id, path, kind, link_target) VALUES(11, 1, 2, '/etc/nginx/conf.d', 'symlink', '/opt/nginx.d');"
	  "INSERT INTO setting(blob_id, program, section, key, value, origin, effective)"
	  " VALUES(5, 'nginx', '', 'include', '/etc/nginx/conf.d/*.conf', 'file', 1),"
	  "(6, 'nginx', '', 'listen', '1', 'file', NULL);",
	  "SELECT value FROM effective_setting WHERE key = 'listen'", "1\n" },
	{ ROOT FILES
	  "(5, 1, 2, '/etc/nginx/nginx.conf', 'file', 'text', 420, 0, 0),(6, 1, 2, '/opt/nginx.d/a.conf', 'file', 'text', 420, 0, 0);"
	  "INSERT INTO setting(blob_id, program, section, key, value, origin, effective)"
	  " VALUES(5, 'nginx', '', 'include', '/etc/nginx/conf.d/*.conf', 'file', 1),"
	  "(6, 'nginx', '', 'listen', '1', 'file', NULL);",
	  "SELECT value FROM effective_setting WHERE key = 'listen'", "" },
	/* a command names a file that nobody read */
	{ ROOT FILES
	  "(5, 1, 2, '/etc/nginx/nginx.conf', 'file', 'text', 420, 0, 0),(6, 1, 2, '/etc/nginx/conf.d/a.conf', 'file', 'text', 420, 0, 0),"
	  "(7, 1, 2, '/etc/inittab', 'file', 'text', 420, 0, 0);"
	  "INSERT INTO setting(blob_id, program, section, key, value, origin, effective)"
	  " VALUES(5, 'nginx', 'events', 'worker_connections', '9', 'file', 1),"
	  "(6, 'nginx', 'server[0]', 'listen', '1', 'file', NULL),(7, 'nginx', '', '-c', '/data/nginx.conf', 'command line', 1);",
	  "SELECT value FROM effective_setting WHERE key = 'listen'", "1\n" },
	/* nothing but the folder that offers: whoever reads it is not known */
	{ ROOT FILES "(5, 1, 2, '/etc/nginx/sites-available/a', 'file', 'text', 420, 0, 0);"
	  "INSERT INTO setting(blob_id, program, section, key, value, origin, effective) VALUES(5, 'nginx', 'server[0]', 'listen', '80', 'file', NULL);",
	  "SELECT value, sure FROM effective_setting WHERE program = 'nginx'", "80|0\n" },
	/* a server at a socket of this machine alone, with addresses of the Internet linked into it */
	{ ROOT FILES
	  "(5, 1, 2, '/etc/inittab', 'file', 'text', 420, 0, 0),(10, 1, 2, '/bin/udevd', 'file', 'elf', 493, 0, 0),"
	  "(11, 1, 2, '/bin/cloudd', 'file', 'elf', 493, 0, 0);"
	  "INSERT INTO network(blob_id, listens, families) VALUES(10, 1, 'inet stream'),(11, 1, 'inet stream');" STARTUP
	  "(1, 5, 'inittab', '/bin/udevd', '/bin/udevd', 1, 'root', NULL, NULL),(2, 5, 'inittab', '/bin/cloudd', '/bin/cloudd', 1, 'root', NULL, NULL);",
	  "SELECT name FROM exposed_service", "cloudd\n" },
	/* what a dense stretch is known to be */
	{ "INSERT INTO input(id, kind, location) VALUES(1, 'firmware', 'x');"
	  "INSERT INTO blob(id, input_id, parent_id, path, kind, format, offset, size) VALUES(1, 1, NULL, 'x', 'input', 'data', NULL, 4000),"
	  "(2, 1, 1, 'a', 'region', 'lzma', 100, 900),(3, 1, 1, 'b', 'region', 'unknown', 1000, 3000);"
	  "INSERT INTO entropy(blob_id, offset, size, kind) VALUES(1, 0, 1000, 'dense'),(1, 1000, 1000, 'text'),(1, 2000, 2000, 'dense');",
	  "SELECT offset, formats, explained FROM dense_stretch", "0|lzma|90\n2000|-|0\n" },
	/* all of it is of one format; of a container that lies in another its parts count */
	{ "INSERT INTO input(id, kind, location) VALUES(1, 'firmware', 'x');"
	  "INSERT INTO blob(id, input_id, parent_id, path, kind, format, offset, size) VALUES(1, 1, NULL, 'x', 'input', 'tplink', NULL, 4000),"
	  "(2, 1, 1, 'a', 'region', 'trx', 1000, 3000),(3, 1, 2, 'b', 'region', 'squashfs', 500, 2500),(4, 1, NULL, 'y', 'input', 'gzip', NULL, 100);"
	  "INSERT INTO entropy(blob_id, offset, size, kind) VALUES(1, 1000, 3000, 'dense'),(4, 0, 100, 'compressed');",
	  "SELECT offset, formats, explained FROM dense_stretch", "1000|squashfs|83\n0|gzip|100\n" },
	/* what cron's tables name, where boot starts a cron daemon and where it does not; a script that one of them runs */
	{ ROOT FILES
	  "(5, 1, 2, '/etc/inittab', 'file', 'text', 420, 0, 0),(6, 1, 2, '/etc/crontabs/root', 'file', 'text', 384, 0, 0),"
	  "(7, 1, 3, '/etc/crontabs/root', 'file', 'text', 384, 0, 0),(8, 1, 2, '/usr/sbin/check.sh', 'file', 'script', 493, 0, 0);" STARTUP
	  "(1, 5, 'inittab', 'crond -l 8', 'crond', 1, 'root', NULL, NULL),"
	  "(2, 6, 'cron', '/usr/sbin/check.sh', '/usr/sbin/check.sh', NULL, 'root', NULL, '*/5 * * * *'),"
	  "(3, 7, 'cron', 'telnetd', 'telnetd', NULL, 'root', NULL, '@reboot'),"
	  "(4, 8, 'script', 'telnetd -p 99', 'telnetd', NULL, 'root', NULL, NULL);",
	  "SELECT id, program FROM started ORDER BY id", "1|crond\n2|/usr/sbin/check.sh\n4|telnetd\n" },
	/* ld.so(8): other libraries, where the folders are others than those that are searched anyway */
	{ ROOT FILES "(5, 1, 2, '/etc/rc.local', 'file', 'script', 493, 0, 0);" STARTUP
	  "(1, 5, 'rc.local', 'export LD_LIBRARY_PATH=/usr/lib', NULL, 1, 'root', NULL, NULL),"
	  "(2, 5, 'rc.local', 'export LD_LIBRARY_PATH=\"/lib:/usr/lib64:$LD_LIBRARY_PATH\"', NULL, 1, 'root', NULL, NULL),"
	  "(3, 5, 'rc.local', 'export LD_LIBRARY_PATH=/app/lib', NULL, 1, 'root', NULL, NULL),"
	  "(4, 5, 'rc.local', 'export LD_LIBRARY_PATH=/usr/lib:/tmp', NULL, 1, 'root', NULL, NULL),"
	  "(5, 5, 'rc.local', 'export LD_LIBRARY_PATH=/usr/lib LD_PRELOAD=x.so', NULL, 1, 'root', NULL, NULL),"
	  "(6, 5, 'rc.local', 'LD_LIBRARY_PATH=/usr/lib LD_PRELOAD=/tmp/x.so /bin/a', '/bin/a', 1, 'root', NULL, NULL);",
	  "SELECT id FROM other_libraries ORDER BY id", "3\n4\n5\n6\n" },
	/* cron(8): nobody of that name */
	{ ROOT FILES
	  "(5, 1, 2, '/etc/inittab', 'file', 'text', 420, 0, 0),(6, 1, 2, '/etc/crontabs/root', 'file', 'text', 384, 0, 0),"
	  "(7, 1, 2, '/etc/crontabs/svc', 'file', 'text', 384, 0, 0),(8, 1, 2, '/etc/passwd', 'file', 'text', 420, 0, 0);" STARTUP
	  "(1, 5, 'inittab', 'crond', 'crond', 1, 'root', NULL, NULL),(2, 6, 'cron', '/bin/a', '/bin/a', NULL, 'root', NULL, '@reboot'),"
	  "(3, 7, 'cron', '/bin/b', '/bin/b', NULL, 'svc', NULL, '@reboot');"
	  "INSERT INTO account(blob_id, source, user) VALUES(8, 'passwd', 'root');",
	  "SELECT id FROM started ORDER BY id", "1\n2\n" },
	/* cron(8), crond of BusyBox: which tables which daemon reads */
	{ ROOT FILES
	  "(5, 1, 2, '/etc/inittab', 'file', 'text', 420, 0, 0),(6, 1, 2, '/etc/crontabs/root', 'file', 'text', 384, 0, 0),"
	  "(7, 1, 2, '/etc/crontab', 'file', 'text', 420, 0, 0),(8, 1, 2, '/var/spool/cron/crontabs/root', 'file', 'text', 384, 0, 0),"
	  "(9, 1, 2, '/var/spool/cron/root', 'file', 'text', 384, 0, 0);" STARTUP
	  "(1, 5, 'inittab', '/usr/sbin/cron', '/usr/sbin/cron', 1, 'root', NULL, NULL),"
	  "(2, 6, 'cron', '/bin/a', '/bin/a', NULL, 'root', NULL, '@reboot'),(3, 7, 'cron', '/bin/b', '/bin/b', NULL, 'root', NULL, '@reboot'),"
	  "(4, 8, 'cron', '/bin/c', '/bin/c', NULL, 'root', NULL, '@reboot'),(5, 9, 'cron', '/bin/d', '/bin/d', NULL, 'root', NULL, '@reboot');",
	  "SELECT id FROM started ORDER BY id", "1\n3\n4\n" },
	{ ROOT FILES
	  "(5, 1, 2, '/etc/inittab', 'file', 'text', 420, 0, 0),(6, 1, 2, '/etc/crontabs/root', 'file', 'text', 384, 0, 0),"
	  "(7, 1, 2, '/etc/crontab', 'file', 'text', 420, 0, 0),(8, 1, 2, '/etc/cron.d/x', 'file', 'text', 420, 0, 0);" STARTUP
	  "(1, 5, 'inittab', 'crond -c /etc/crontabs', 'crond', 1, 'root', NULL, NULL),"
	  "(2, 6, 'cron', '/bin/a', '/bin/a', NULL, 'root', NULL, '@reboot'),(3, 7, 'cron', '/bin/b', '/bin/b', NULL, 'root', NULL, '@reboot'),"
	  "(4, 8, 'cron', '/bin/c', '/bin/c', NULL, 'root', NULL, '@reboot');"
	  "INSERT INTO blob(id, input_id, parent_id, path, kind, format, mode, uid, gid) VALUES(12, 1, 2, '/bin/busybox', 'file', 'elf', 493, 0, 0);"
	  "INSERT INTO blob(id, input_id, parent_id, path, kind, link_target) VALUES(11, 1, 2, '/usr/sbin/crond', 'symlink', '../../bin/busybox');"
	  "INSERT INTO component(blob_id, name, confidence) VALUES(12, 'busybox', 'proven');",
	  "SELECT id FROM started ORDER BY id", "1\n2\n" },
	{ ROOT FILES
	  "(5, 1, 2, '/etc/inittab', 'file', 'text', 420, 0, 0),(6, 1, 2, '/etc/crontabs/root', 'file', 'text', 384, 0, 0),"
	  "(7, 1, 2, '/data/cron/root', 'file', 'text', 420, 0, 0);" STARTUP
	  "(1, 5, 'inittab', 'crond -c /data/cron', 'crond', 1, 'root', NULL, NULL),"
	  "(2, 6, 'cron', '/bin/a', '/bin/a', NULL, 'root', NULL, '@reboot'),(3, 7, 'cron', '/bin/b', '/bin/b', NULL, 'root', NULL, '@reboot');",
	  "SELECT id FROM started ORDER BY id", "1\n3\n" },
	/* scripts of a folder: where a line of a table that cron reads has run-parts run it, unless they are not executable */
	{ ROOT FILES
	  "(5, 1, 2, '/etc/inittab', 'file', 'text', 420, 0, 0),(6, 1, 2, '/etc/crontabs/root', 'file', 'text', 384, 0, 0),"
	  "(7, 1, 2, '/etc/cron.daily/a', 'file', 'script', 493, 0, 0),(8, 1, 2, '/etc/cron.daily/b', 'file', 'script', 420, 0, 0),"
	  "(9, 1, 2, '/etc/cron.weekly/c', 'file', 'script', 493, 0, 0),(10, 1, 2, '/etc/periodic/15min/d', 'file', 'script', 493, 0, 0);" STARTUP
	  "(1, 5, 'inittab', 'crond', 'crond', 1, 'root', NULL, NULL),"
	  "(2, 6, 'cron', 'run-parts --report /etc/cron.daily', 'run-parts', NULL, 'root', NULL, '25 6 * * *'),"
	  "(3, 6, 'cron', 'busybox run-parts /etc/periodic/15min', 'busybox', NULL, 'root', NULL, '*/15 * * * *'),"
	  "(4, 7, 'cron', '/usr/bin/a', '/usr/bin/a', NULL, 'root', NULL, 'cron.daily'),"
	  "(5, 8, 'cron', '/usr/bin/b', '/usr/bin/b', 0, 'root', NULL, 'cron.daily'),"
	  "(6, 9, 'cron', '/usr/bin/c', '/usr/bin/c', NULL, 'root', NULL, 'cron.weekly'),"
	  "(7, 10, 'cron', '/usr/bin/d', '/usr/bin/d', NULL, 'root', NULL, 'periodic/15min');",
	  "SELECT id FROM started ORDER BY id", "1\n2\n3\n4\n7\n" },
	{ ROOT FILES
	  "(5, 1, 2, '/etc/inittab', 'file', 'text', 420, 0, 0),(6, 1, 2, '/etc/crontabs/root', 'file', 'text', 384, 0, 0),"
	  "(7, 1, 2, '/etc/cron.daily/a', 'file', 'script', 493, 0, 0);" STARTUP
	  "(1, 5, 'inittab', 'syslogd', 'syslogd', 1, 'root', NULL, NULL),"
	  "(2, 6, 'cron', 'run-parts /etc/cron.daily', 'run-parts', NULL, 'root', NULL, '25 6 * * *'),"
	  "(4, 7, 'cron', '/usr/bin/a', '/usr/bin/a', NULL, 'root', NULL, 'cron.daily');",
	  "SELECT id FROM started ORDER BY id", "1\n" },
	/* anacrontab's lines need anacron, not crond; what happens later is no start */
	{ ROOT FILES
	  "(5, 1, 2, '/etc/inittab', 'file', 'text', 420, 0, 0),(6, 1, 2, '/etc/anacrontab', 'file', 'text', 384, 0, 0),"
	  "(7, 1, 2, '/etc/cron.daily/a', 'file', 'script', 493, 0, 0),(8, 1, 2, '/etc/mdev.conf', 'file', 'text', 420, 0, 0);" STARTUP
	  "(1, 5, 'inittab', 'crond', 'crond', 1, 'root', NULL, NULL),(2, 5, 'inittab', 'mdev -s', 'mdev', 1, 'root', NULL, NULL),"
	  "(3, 6, 'cron', 'run-parts /etc/cron.daily', 'run-parts', NULL, 'root', NULL, 'anacron, every 1 days'),"
	  "(4, 7, 'cron', '/usr/bin/a', '/usr/bin/a', NULL, 'root', NULL, 'cron.daily'),"
	  "(5, 8, 'event', 'telnetd', 'telnetd', NULL, 'root', NULL, 'mdev: device x is added'),"
	  "(6, 8, 'event', 'gone', 'gone', NULL, 'root', NULL, 'mdev: device y is added'),"
	  "(7, 8, 'event', 'chronyc onoffline', 'chronyc', NULL, 'root', NULL, 'mdev: device z is added');"
	  "INSERT INTO blob(id, input_id, parent_id, path, kind, format, mode) VALUES(9, 1, 2, '/sbin/telnetd', 'file', 'elf', 493),"
	  "(10, 1, 2, '/usr/bin/chronyc', 'file', 'elf', 493);",
	  "SELECT id FROM started UNION SELECT says FROM started_if ORDER BY 1",
	  "1\n2\n/etc/mdev.conf starts telnetd only if mdev: device x is added\n" },
	/* an event that may start something leaves it open what runs; what only tells a daemon something does not */
	{ ROOT FILES "(8, 1, 2, '/etc/mdev.conf', 'file', 'text', 420, 0, 0);" STARTUP
	  "(5, 8, 'event', 'telnetd', 'telnetd', NULL, 'root', NULL, 'mdev: device x is added'),"
	  "(7, 8, 'event', 'chronyc onoffline', 'chronyc', NULL, 'root', NULL, 'mdev: device z is added');",
	  "SELECT id FROM unsettled", "5\n" },
	{ ROOT FILES
	  "(5, 1, 2, '/etc/inittab', 'file', 'text', 420, 0, 0),(6, 1, 2, '/etc/anacrontab', 'file', 'text', 384, 0, 0),"
	  "(7, 1, 2, '/etc/cron.daily/a', 'file', 'script', 493, 0, 0);" STARTUP
	  "(1, 5, 'inittab', 'anacron -s', 'anacron', 1, 'root', NULL, NULL),"
	  "(3, 6, 'cron', 'run-parts /etc/cron.daily', 'run-parts', NULL, 'root', NULL, 'anacron, every 1 days'),"
	  "(4, 7, 'cron', '/usr/bin/a', '/usr/bin/a', NULL, 'root', NULL, 'cron.daily');",
	  "SELECT id FROM started ORDER BY id", "1\n3\n4\n" },
	/* no services: what is run before a service, and what cron runs from time to time; a server that cron starts is one, and of a
	   static program without symbols nobody knows whether it listens */
	{ ROOT FILES
	  "(5, 1, 2, '/etc/inittab', 'file', 'text', 420, 0, 0),(6, 1, 2, '/etc/crontabs/root', 'file', 'text', 384, 0, 0),"
	  "(10, 1, 2, '/usr/sbin/crond', 'file', 'elf', 493, 0, 0),(11, 1, 2, '/usr/bin/job', 'file', 'elf', 493, 0, 0),"
	  "(12, 1, 2, '/usr/sbin/telnetd', 'file', 'elf', 493, 0, 0),(13, 1, 2, '/usr/bin/a', 'file', 'elf', 493, 0, 0),"
	  "(14, 1, 2, '/usr/bin/goapp', 'file', 'elf', 493, 0, 0);"
	  "INSERT INTO elf(blob_id, type, is_static, stripped) VALUES(14, 'executable', 1, 1);"
	  "INSERT INTO network(blob_id, listens, families) VALUES(12, 1, 'inet'),(13, 1, 'inet');" STARTUP
	  "(1, 5, 'inittab', 'crond', 'crond', 1, 'root', NULL, NULL),(2, 5, 'inittab', '/usr/bin/a', '/usr/bin/a', 1, 'root', NULL, NULL),"
	  "(3, 5, 'inittab', '/usr/bin/a --check', '/usr/bin/a', 1, 'root', NULL, NULL),"
	  "(4, 5, 'inittab', '/usr/bin/goapp', '/usr/bin/goapp', 1, 'root', NULL, NULL),"
	  "(5, 6, 'cron', '/usr/bin/job', '/usr/bin/job', NULL, 'root', NULL, '@daily'),"
	  "(6, 6, 'cron', 'telnetd', 'telnetd', NULL, 'root', NULL, '@reboot');"
	  "UPDATE startup SET once = 1 WHERE id = 3;",
	  "SELECT name, listens FROM service ORDER BY startup_id", "crond|0\na|1\ngoapp|-\ntelnetd|1\n" },
	/* a library of the program's own listens for it, others do not; asking for the version or the options starts nothing */
	{ ROOT FILES
	  "(5, 1, 2, '/etc/inittab', 'file', 'text', 420, 0, 0),(10, 1, 2, '/usr/bin/a', 'file', 'elf', 493, 0, 0),"
	  "(11, 1, 2, '/usr/bin/b', 'file', 'elf', 493, 0, 0),(12, 1, 2, '/lib/libow.so.3', 'file', 'elf', 420, 0, 0),"
	  "(13, 1, 2, '/lib/libcrypto.so.3', 'file', 'elf', 420, 0, 0),(14, 1, 2, '/usr/sbin/sshd', 'file', 'elf', 493, 0, 0);"
	  "INSERT INTO elf(blob_id, type, soname, needed) VALUES(10, 'executable', NULL, 'libow.so.3 libc.so.6'),"
	  "(11, 'executable', NULL, 'libcrypto.so.3 libc.so.6'),(12, 'shared-library', 'libow.so.3', NULL),"
	  "(13, 'shared-library', 'libcrypto.so.3', NULL);"
	  "INSERT INTO network(blob_id, listens, families) VALUES(12, 1, 'inet'),(13, 1, 'inet'),(14, 1, 'inet');" STARTUP
	  "(1, 5, 'inittab', '/usr/bin/a', '/usr/bin/a', 1, 'root', NULL, NULL),(2, 5, 'inittab', '/usr/bin/b', '/usr/bin/b', 1, 'root', NULL, NULL),"
	  "(3, 5, 'inittab', '/usr/bin/a --version', '/usr/bin/a', 1, 'root', NULL, NULL),"
	  "(4, 5, 'inittab', '/usr/sbin/sshd -\\? 2>&1', '/usr/sbin/sshd', 1, 'root', NULL, NULL),"
	  "(6, 5, 'inittab', '/usr/sbin/sshd -D', '/usr/sbin/sshd', 1, 'root', NULL, NULL);",
	  "SELECT startup_id, name, listens FROM service ORDER BY startup_id", "1|a|-\n2|b|0\n6|sshd|1\n" },
	/* a socket unit's port, the user of the service; a server for this machine itself; a setting's port */
	{ ROOT FILES
	  "(4, 1, 2, '/etc/systemd/system/sockets.target.wants/a.socket', 'symlink', 'empty', 511, 0, 0),"
	  "(5, 1, 2, '/lib/systemd/system/a.socket', 'file', 'text', 420, 0, 0),(6, 1, 2, '/lib/systemd/system/a.service', 'file', 'text', 420, 0, 0),"
	  "(7, 1, 2, '/etc/rc.local', 'file', 'script', 493, 0, 0),(10, 1, 2, '/usr/bin/a', 'file', 'elf', 493, 0, 0),"
	  "(11, 1, 2, '/usr/bin/b', 'file', 'elf', 493, 0, 0),(12, 1, 2, '/etc/b.conf', 'file', 'text', 420, 0, 0);"
	  "INSERT INTO network(blob_id, listens, families) VALUES(10, 1, 'stream'),(11, 1, 'inet');"
	  "INSERT INTO setting(blob_id, program, key, value, effective) VALUES(12, 'b', 'Port', '8080', 1),(12, 'b', 'Port', '1', 0),"
	  "(12, 'b', 'listen', '[::]:8080 default_server', 1),(12, 'b', 'listen', '0.0.0.0:8443', 1);" STARTUP
	  "(1, 4, 'systemd', 'a.socket', '/lib/systemd/system/a.socket', 1, NULL, NULL, 'sockets.target.wants'),"
	  "(2, 5, 'systemd', 'ListenStream=7000', '/lib/systemd/system/a.service', NULL, NULL, '7000', 'a.socket'),"
	  "(3, 6, 'systemd', '/usr/bin/a', '/usr/bin/a', NULL, 'nobody', NULL, 'a.service'),"
	  "(4, 7, 'rc.local', '/usr/bin/b', '/usr/bin/b', 1, 'root', NULL, NULL),"
	  "(5, 7, 'rc.local', '/usr/bin/b -h 127.0.0.1', '/usr/bin/b', 1, 'root', NULL, NULL);",
	  "SELECT startup_id, name, user, ports, port_source, inet FROM exposed_service ORDER BY 1",
	  "3|a|nobody|7000|socket|1\n4|b|root|8080,8443|setting|1\n" },
	/* settings: a line that another overrides, defaults of the daemon beside its file and without one, an included file that says
	   what the default only may be */
	{ ROOT FILES
	  "(5, 1, 2, '/etc/ssh/sshd_config', 'file', 'text', 420, 0, 0),(6, 1, 2, '/etc/ssh/sshd_config.d/a.conf', 'file', 'text', 420, 0, 0),"
	  "(10, 1, 2, '/usr/sbin/sshd', 'file', 'elf', 493, 0, 0),(11, 1, 2, '/usr/sbin/vsftpd', 'file', 'elf', 493, 0, 0),"
	  "(12, 1, 3, '/usr/sbin/sshd', 'file', 'elf', 493, 0, 0);"
	  "INSERT INTO setting(blob_id, line, program, section, key, value, origin, effective) VALUES"
	  "(5, 3, 'sshd', '', 'Port', '22', 'file', 1),(5, 9, 'sshd', '', 'Port', '2222', 'file', 0),"
	  "(5, NULL, 'sshd', '', 'PasswordAuthentication', 'yes', 'default', NULL),"
	  "(5, NULL, 'sshd', '', 'MaxAuthTries', '6', 'default', NULL),(6, 1, 'sshd', '', 'PasswordAuthentication', 'no', 'file', 1),"
	  "(5, 4, 'sshd', '', 'Include', 'sshd_config.d/*.conf', 'file', 1),(5, 5, 'sshd', '', 'PasswordAuthentication', 'yes', 'file', 1),"
	  "(10, NULL, 'sshd', '', 'PasswordAuthentication', 'yes', 'default', 1),"
	  "(11, NULL, 'vsftpd', NULL, 'ssl_enable', 'NO', 'default', 1),(12, NULL, 'sshd', '', 'Port', '22', 'default', 1);",
	  "SELECT path, key, value, sure, place FROM effective_setting WHERE key <> 'Include' ORDER BY id",
	  "/etc/ssh/sshd_config|Port|22|1|/etc/ssh/sshd_config line 3\n"
	  "/etc/ssh/sshd_config|MaxAuthTries|6|0|/etc/ssh/sshd_config\n"
	  "/etc/ssh/sshd_config.d/a.conf|PasswordAuthentication|no|1|/etc/ssh/sshd_config.d/a.conf line 1\n"
	  "/usr/sbin/vsftpd|ssl_enable|NO|1|/usr/sbin/vsftpd\n/usr/sbin/sshd|Port|22|1|/usr/sbin/sshd\n" },
	/* of a service: the file that its command names, or the usual one with its parts; options before the file; not what is not
	   started, nor another command's */
	{ ROOT FILES
	  "(5, 1, 2, '/etc/rc.local', 'file', 'script', 493, 0, 0),(6, 1, 2, '/etc/init.d/x', 'file', 'script', 493, 0, 0),"
	  "(7, 1, 2, '/etc/mosquitto/a.conf', 'file', 'text', 420, 0, 0),(8, 1, 2, '/etc/mosquitto/mosquitto-test.conf', 'file', 'text', 420, 0, 0),"
	  "(9, 1, 2, '/etc/ssh/sshd_config', 'file', 'text', 420, 0, 0),(10, 1, 2, '/etc/ssh/sshd_config.d/a.conf', 'file', 'text', 420, 0, 0),"
	  "(11, 1, 2, '/root/sshd_config', 'file', 'text', 420, 0, 0),(12, 1, 2, '/etc/vsftpd.conf', 'file', 'text', 420, 0, 0),"
	  "(20, 1, 2, '/usr/sbin/mosquitto', 'file', 'elf', 493, 0, 0),(21, 1, 2, '/usr/sbin/sshd', 'file', 'elf', 493, 0, 0),"
	  "(22, 1, 2, '/usr/sbin/dropbear', 'file', 'elf', 493, 0, 0);"
	  "INSERT INTO setting(blob_id, line, program, section, key, value, origin, effective) VALUES"
	  "(5, 1, 'mosquitto', '', '-c', '/etc/mosquitto/a.conf', 'command line', 1),(7, 1, 'mosquitto', '', 'port', '1883', 'file', 1),"
	  "(8, 1, 'mosquitto', '', 'port', '1', 'file', 1),(5, 2, 'sshd', '', 'MaxAuthTries', '3', 'command line', 1),"
	  "(9, 4, 'sshd', '', 'maxauthtries', '9', 'file', 1),(9, 5, 'sshd', '', 'Port', '22', 'file', 1),"
	  "(9, 6, 'sshd', '', 'Include', '/etc/ssh/sshd_config.d/*.conf', 'file', 1),(9, 7, 'sshd', '', 'PermitRootLogin', 'yes', 'file', 0),"
	  "(10, 1, 'sshd', '', 'PermitRootLogin', 'no', 'file', 1),(11, 1, 'sshd', '', 'Port', '1', 'file', 1),"
	  "(12, 1, 'vsftpd', '', 'ssl_enable', 'NO', 'file', 1),(5, 3, 'dropbear', '', '-s', 'on', 'command line', 1),"
	  "(6, 3, 'dropbear', '', '-s', 'off', 'default', 1);"
	  "INSERT INTO startup(id, blob_id, line, mechanism, command, program, enabled) VALUES"
	  "(1, 5, 1, 'rc.local', 'mosquitto -c /etc/mosquitto/a.conf', 'mosquitto', 1),"
	  "(2, 5, 2, 'rc.local', '/usr/sbin/sshd -o MaxAuthTries=3', '/usr/sbin/sshd', 1),(3, 5, 3, 'rc.local', 'dropbear -s', 'dropbear', 1),"
	  "(4, 6, 3, 'init.d', 'dropbear', 'dropbear', 0);",
	  "SELECT startup_id, name, place, key, value FROM service_setting WHERE key <> 'Include' ORDER BY startup_id, id",
	  "1|mosquitto|/etc/rc.local line 1|-c|/etc/mosquitto/a.conf\n1|mosquitto|/etc/mosquitto/a.conf line 1|port|1883\n"
	  "2|sshd|/etc/rc.local line 2|MaxAuthTries|3\n2|sshd|/etc/ssh/sshd_config line 5|Port|22\n"
	  "2|sshd|/etc/ssh/sshd_config.d/a.conf line 1|PermitRootLogin|no\n3|dropbear|/etc/rc.local line 3|-s|on\n" },
	/* an included file that nothing includes says nothing */
	{ ROOT FILES
	  "(5, 1, 2, '/etc/ssh/sshd_config', 'file', 'text', 420, 0, 0),(6, 1, 2, '/etc/ssh/sshd_config.d/a.conf', 'file', 'text', 420, 0, 0);"
	  "INSERT INTO setting(blob_id, line, program, section, key, value, origin, effective) VALUES"
	  "(5, 3, 'sshd', '', 'PasswordAuthentication', 'yes', 'file', 1),(6, 1, 'sshd', '', 'PasswordAuthentication', 'no', 'file', 1);",
	  "SELECT place, value FROM effective_setting", "/etc/ssh/sshd_config line 3|yes\n" },
	/* several patterns in one line, in quotes; a Match block of an included file, and a file that one of those blocks includes; one that
	   an included file includes; of two included files the first counts, but for a list; not what the pattern does not take */
	{ ROOT FILES
	  "(5, 1, 2, '/etc/ssh/sshd_config', 'file', 'text', 420, 0, 0),(6, 1, 2, '/etc/ssh/sshd_config.d/a.conf', 'file', 'text', 420, 0, 0),"
	  "(7, 1, 2, '/etc/ssh/sshd_config.d/b.conf', 'file', 'text', 420, 0, 0),(8, 1, 2, '/etc/ssh/sshd_config.d/x/c.conf', 'file', 'text', 420, 0, 0),"
	  "(9, 1, 2, '/etc/ssh/sshd_config.d/d.conf', 'file', 'text', 420, 0, 0),(10, 1, 2, '/etc/ssh/sshd_config.d/e.conf', 'file', 'text', 420, 0, 0);"
	  "INSERT INTO setting(blob_id, line, program, section, key, value, origin, effective) VALUES"
	  "(5, 1, 'sshd', '', 'Include', 'sshd_config.d/[ab].conf \"/etc/ssh/sshd_config.d/b.conf\"', 'file', 1),"
	  "(5, 9, 'sshd', 'Match User x', 'Include', 'sshd_config.d/d*.conf', 'file', 1),"
	  "(6, 1, 'sshd', '', 'MaxAuthTries', '3', 'file', 1),(6, 2, 'sshd', '', 'Port', '22', 'file', 1),"
	  "(6, 3, 'sshd', 'Match User y', 'PermitRootLogin', 'yes', 'file', 1),(6, 4, 'sshd', '', 'Include', 'sshd_config.d/x/*', 'file', 1),"
	  "(7, 1, 'sshd', '', 'maxauthtries', '9', 'file', 1),(7, 2, 'sshd', '', 'Port', '23', 'file', 1),"
	  "(8, 1, 'sshd', '', 'UsePAM', 'no', 'file', 1),(9, 1, 'sshd', '', 'UsePAM', 'yes', 'file', 1),(10, 1, 'sshd', '', 'UsePAM', 'yes', 'file', 1);",
	  "SELECT blob_id, section, key, value, sure FROM effective_setting WHERE key <> 'Include' ORDER BY id",
	  "6||MaxAuthTries|3|1\n6||Port|22|1\n6|Match User y|PermitRootLogin|yes|1\n7||Port|23|1\n8||UsePAM|no|1\n9|Match User x|UsePAM|yes|1\n" },
	/* files that include each other; one from elsewhere, before which only what stands is sure */
	{ ROOT FILES
	  "(5, 1, 2, '/etc/ssh/sshd_config', 'file', 'text', 420, 0, 0),(6, 1, 2, '/etc/ssh/sshd_config.d/a.conf', 'file', 'text', 420, 0, 0);"
	  "INSERT INTO setting(blob_id, line, program, section, key, value, origin, effective) VALUES"
	  "(5, 1, 'sshd', '', 'UsePAM', 'no', 'file', 1),(5, 2, 'sshd', '', 'Include', '/data/sshd', 'file', 1),(5, 3, 'sshd', '', 'Port', '22', 'file', 1),"
	  "(5, 4, 'sshd', '', 'Include', '/etc/ssh/sshd_config.d/*', 'file', 1),(6, 1, 'sshd', '', 'Include', '/etc/ssh/sshd_config.d/*', 'file', 1),"
	  "(6, 2, 'sshd', '', 'MaxAuthTries', '3', 'file', 1);",
	  "SELECT key, sure FROM effective_setting WHERE key <> 'Include' ORDER BY id", "UsePAM|1\nPort|0\nMaxAuthTries|0\n" },
	/* one after which all that is included is sure, and nothing else; a part that nobody reads, as its name is another */
	{ ROOT FILES
	  "(5, 1, 2, '/etc/ssh/sshd_config', 'file', 'text', 420, 0, 0),(6, 1, 2, '/etc/ssh/sshd_config.d/a.conf', 'file', 'text', 420, 0, 0),"
	  "(7, 1, 2, '/etc/ssh/sshd_config.d/local', 'file', 'text', 420, 0, 0);"
	  "INSERT INTO setting(blob_id, line, program, section, key, value, origin, effective) VALUES"
	  "(5, 1, 'sshd', '', 'Include', '/etc/ssh/sshd_config.d/*.conf', 'file', 1),(5, 2, 'sshd', '', 'Include', '/etc/ssh/sshd_config.d/*', 'file', 1),"
	  "(5, 3, 'sshd', '', 'Port', '22', 'file', 1),(6, 2, 'sshd', '', 'MaxAuthTries', '3', 'file', 1);",
	  "SELECT key, sure FROM effective_setting WHERE key <> 'Include' ORDER BY id", "Port|0\nMaxAuthTries|1\n" },
	/* what snmpd is told: its own addresses; the socket or the port of AgentX, with others and alone; several addresses, by words and by
	   commas; values of options, by another command; what a variable holds; nothing */
	{ ROOT FILES
	  "(5, 1, 2, '/etc/inittab', 'file', 'text', 420, 0, 0),(10, 1, 2, '/usr/sbin/snmpd', 'file', 'elf', 493, 0, 0);"
	  "INSERT INTO network(blob_id, listens, families) VALUES(10, 1, 'inet');" STARTUP
	  "(1, 5, 'inittab', 'snmpd -Lsd udp:127.0.0.1:161 udp6:[::1]:161 unix:/run/s', 'snmpd', 1, NULL, NULL, NULL),"
	  "(2, 5, 'inittab', 'snmpd -Lsd -x unix:/var/agentx/master', 'snmpd', 1, NULL, NULL, NULL),"
	  "(3, 5, 'inittab', 'snmpd -x localhost:705', 'snmpd', 1, NULL, NULL, NULL),(4, 5, 'inittab', 'snmpd udp:127.0.0.1:161 udp:10.0.0.1:161', 'snmpd', 1, NULL, NULL, NULL),"
	  "(5, 5, 'inittab', 'snmpd localhost,tcp:161', 'snmpd', 1, NULL, NULL, NULL),"
	  "(6, 5, 'inittab', 'start-stop-daemon -S -x /usr/sbin/snmpd -- -fLf /dev/null -u snmp -I -smux,a -p /run/s.pid 127.0.0.1,localhost > /dev/null 2>&1', '/usr/sbin/snmpd', 1, NULL, NULL, NULL),"
	  "(7, 5, 'inittab', 'snmpd $OPTIONS 127.0.0.1', 'snmpd', 1, NULL, NULL, NULL),(8, 5, 'inittab', 'snmpd', 'snmpd', 1, NULL, NULL, NULL),"
	  "(9, 5, 'inittab', 'snmpd -x tcp:0.0.0.0:705 127.0.0.1', 'snmpd', 1, NULL, NULL, NULL);",
	  "SELECT s.id, (SELECT sure FROM serves_itself i WHERE i.id = s.id), s.id IN (SELECT startup_id FROM exposed_service) FROM startup s ORDER BY 1",
	  "1|1|0\n2|-|1\n3|-|1\n4|-|1\n5|-|1\n6|1|0\n7|0|1\n8|-|1\n9|-|1\n" },
	/* a reason of several, whichever comes first */
	{ ROOT FILES
	  "(5, 1, 2, '/etc/rc.local', 'file', 'script', 493, 0, 0),(10, 1, 2, '/bin/a', 'file', 'elf', 493, 0, 0);"
	  "INSERT INTO sourced(blob_id, line, path, guarded, leaves) VALUES(5, 2, '/etc/z', 0, NULL),(5, 3, '/etc/b', 0, NULL);"
	  "INSERT INTO startup(id, blob_id, line, mechanism, command, program, enabled) VALUES(1, 5, 5, 'rc.local', 'a', 'a', 1);",
	  "SELECT says FROM started_if", "/etc/rc.local line 5 starts a only if /etc/b, which is read before (line 3) and is not part of the image, is there\n" },
	/* what is read with `.` before a line: it is there, it is missing, a test comes before, it may leave the script */
	{ ROOT FILES
	  "(5, 1, 2, '/etc/rc.local', 'file', 'script', 493, 0, 0),(6, 1, 2, '/etc/a', 'file', 'text', 420, 0, 0),(7, 1, 2, '/etc/b', 'file', 'text', 420, 0, 0);"
	  "INSERT INTO sourced(blob_id, line, path, guarded, leaves) VALUES(5, 2, '/etc/a', 0, NULL),(5, 4, '/etc/none', 1, NULL),"
	  "(5, 6, '/tmp/none', 0, NULL),(5, 8, '/etc/none', 0, NULL),(5, 10, '/etc/b', 1, NULL),(7, 1, NULL, NULL, 1);"
	  "INSERT INTO startup(id, blob_id, line, mechanism, command, program, enabled) VALUES"
	  "(1, 5, 1, 'rc.local', 'a', 'a', 1),(3, 5, 3, 'rc.local', 'b', 'b', 1),(5, 5, 5, 'rc.local', 'c', 'c', 1),(7, 5, 7, 'rc.local', 'd', 'd', 1),"
	  "(9, 5, 9, 'rc.local', 'e', 'e', 1),(11, 5, 11, 'rc.local', 'f', 'f', 1);",
	  "SELECT id, (SELECT group_concat(says, '; ') FROM held_back h WHERE h.id = s.id) FROM startup s WHERE id NOT IN (SELECT id FROM startable) AND id IN (SELECT id FROM unsettled)",
	  "9|/etc/none, which is read before (line 8) and is not part of the image, is there\n"
	  "11|/etc/none, which is read before (line 8) and is not part of the image, is there; nothing in /etc/b, which is read before (line 10), leaves the script\n" },
	/* a drop-in's condition holds for its unit; the image may settle it */
	{ ROOT FILES
	  "(5, 1, 2, '/lib/systemd/system/a.service', 'file', 'text', 420, 0, 0),(6, 1, 2, '/lib/systemd/system/b.service', 'file', 'text', 420, 0, 0),"
	  "(7, 1, 2, '/etc/systemd/system/a.service.d/x.conf', 'file', 'text', 420, 0, 0),"
	  "(8, 1, 2, '/etc/systemd/system/b.service.d/x.conf', 'file', 'text', 420, 0, 0),(9, 1, 2, '/etc/on', 'file', 'text', 420, 0, 0);"
	  "INSERT INTO startup(id, blob_id, line, mechanism, command, program, enabled, detail, condition, condition_path) VALUES"
	  "(1, 5, 4, 'systemd', '/bin/a', '/bin/a', NULL, 'a.service', NULL, NULL),(2, 6, 4, 'systemd', '/bin/b', '/bin/b', NULL, 'b.service', NULL, NULL),"
	  "(3, 7, 2, 'systemd', 'ConditionPathExists=/etc/off', NULL, NULL, 'a.service', 'ConditionPathExists=/etc/off', '/etc/off'),"
	  "(4, 8, 2, 'systemd', 'ConditionPathExists=/etc/on', NULL, NULL, 'b.service', 'ConditionPathExists=/etc/on', '/etc/on');",
	  "SELECT id, says FROM held_back", "1|ConditionPathExists=/etc/off\n" },
	/* a program that may not be run, and a script to which a link leads */
	{ INERT, "SELECT id, command FROM started_there ORDER BY id", "2|b\n3|c\n4|/etc/init.d/x start\n" },
	{ INERT, "SELECT id FROM unsettled", "5\n" },
	/* where no program may be run the modes were lost, and tell nothing; nor do those that boot changes */
	{ INERT "UPDATE blob SET mode = 420 WHERE id > 4;", "SELECT id, command FROM started_there ORDER BY id",
	  "1|a\n2|b\n3|c\n4|/etc/init.d/x start\n5|b -x\n" },
	{ INERT "UPDATE blob SET mode = 420 WHERE id > 4;", "SELECT id FROM unsettled", "" },
	{ INERT "UPDATE startup SET command = 'chmod +x /usr/bin/a', program = 'chmod' WHERE id = 2;",
	  "SELECT id, command FROM started_there ORDER BY id", "1|a\n3|c\n4|/etc/init.d/x start\n" },
	/* what lines may replace; reading alone, another remount, a copy aside and an archive that is made are nothing */
	{ ROOT FILES "(5, 1, 2, '/etc/rc.local', 'file', 'script', 493, 0, 0);" RUN("mount", "mount -o bind /data/etc/ /etc 2>/dev/null")
		  RUN("mount", "mount -o remount,ro /") RUN("tar", "tar xzf /mnt/a.tgz -C /") RUN("cp", "cp -a /data/k.pem \"/etc/keys/\"")
			  RUN("grep", "grep root /etc/passwd") RUN("grep", "grep root /etc/passwd > /tmp/p")
				  RUN("/sbin/init", "exec switch_root /mnt /sbin/init") RUN("mount", "mount /dev/sda1 /")
					  RUN("sed", "sed -i s/a/b/ /etc/passwd") RUN("mount", "mount /dev/sda2 /etc -t ext4 -o ro 1>/dev/null &")
						  RUN("busybox", "/bin/busybox mount /dev/sda3 /opt/x/") RUN("cp", "cp -p /etc/passwd /var/backups/passwd")
							  RUN("cat", "cat /etc/passwd") RUN("mount", "mount -f -t ext4 /dev/sda1 /") RUN("mount", "mount --bind / /rom")
								  RUN("tar", "tar -C /etc -xf /mnt/b.tar") RUN("tar", "tar xf /mnt/b.tar") RUN("tar", "tar czf /data/log.tgz /var/log")
									  RUN("cp", "cp /mnt/f /tmp/../etc") RUN("", "$RUN remount"),
	  "SELECT id, program_name, over FROM rewriting ORDER BY id",
	  "1|mount|/etc\n3|tar|/\n4|cp|/etc/keys\n6|grep|-\n7|init|/\n8|mount|/\n9|sed|-\n10|mount|/etc\n11|mount|/opt/x\n15|mount|/rom\n"
	  "16|tar|/etc\n17|tar|/\n19|cp|/tmp/../etc\n20||-\n" },
	/* a key of the product; a manual's, packed or not */
	{ ROOT FILES
	  "(5, 1, 2, '/etc/server.key', 'file', 'text', 420, 0, 0),(6, 1, 2, '/usr/share/man/man1/x.1', 'file', 'text', 420, 0, 0),"
	  "(7, 1, 2, '/usr/share/man/man1/y.1.gz', 'file', 'gzip', 420, 0, 0),(8, 1, 7, 'gzip', 'stream', 'text', NULL, NULL, NULL);"
	  "INSERT INTO private_key(blob_id, type) VALUES(5, 'rsa'),(6, 'rsa'),(8, 'rsa');",
	  "SELECT path FROM own_key", "/etc/server.key\n" },
	/* an account; the example of a manual */
	{ ROOT FILES
	  "(5, 1, 2, '/etc/passwd', 'file', 'text', 420, 0, 0),"
	  "(6, 1, 2, '/usr/share/doc/proftpd/test.passwd', 'file', 'text', 420, 0, 0);"
	  "INSERT INTO account(blob_id, line, source, user, shell, state) VALUES(5, 1, 'passwd', 'root', '/bin/sh', 'set'),"
	  "(6, 1, 'passwd', 'ftp', '/bin/sh', 'set');",
	  "SELECT user, place, usable FROM login", "root|/etc/passwd line 1|1\n" },
	/* what boot runs: scripts, what they run; not a script that nothing runs */
	{ ROOT FILES
	  "(5, 1, 2, '/etc/inittab', 'file', 'text', 420, 0, 0),(6, 1, 2, '/app/start.sh', 'file', 'script', 493, 0, 0),"
	  "(7, 1, 2, '/app/debug.sh', 'file', 'script', 493, 0, 0),(10, 1, 2, '/app/fetch.py', 'file', 'script', 493, 0, 0);" STARTUP
	  "(1, 5, 'inittab', '/app/start.sh', '/app/start.sh', 1, 'root', NULL, NULL),"
	  "(2, 6, 'script', '/app/fetch.py', '/app/fetch.py', NULL, 'root', NULL, NULL),"
	  "(3, 7, 'script', 'dbg', 'dbg', NULL, 'root', NULL, NULL);",
	  "SELECT path FROM blob WHERE id IN (SELECT id FROM reached_file) ORDER BY id",
	  "/etc/inittab\n/app/start.sh\n/app/fetch.py\n" },
	/* a unit's program has the name of a script of init.d, which systemd does not run; libraries listen for nmbd; "NO" is no port */
	{ ROOT FILES
	  "(4, 1, 2, '/etc/systemd/system/m.target.wants/nmbd.service', 'symlink', 'empty', 511, 0, 0),"
	  "(5, 1, 2, '/lib/systemd/system/nmbd.service', 'file', 'text', 420, 0, 0),(6, 1, 2, '/etc/init.d/nmbd', 'file', 'script', 493, 0, 0),"
	  "(7, 1, 2, '/etc/rc.local', 'file', 'script', 493, 0, 0),(10, 1, 2, '/usr/sbin/nmbd', 'file', 'elf', 493, 0, 0),"
	  "(11, 1, 2, '/usr/sbin/vsftpd', 'file', 'elf', 493, 0, 0),(12, 1, 2, '/etc/vsftpd.conf', 'file', 'text', 420, 0, 0);"
	  "INSERT INTO network(blob_id, listens, families) VALUES(11, 1, 'inet');"
	  "INSERT INTO setting(blob_id, program, key, value, origin, effective) VALUES(12, 'vsftpd', 'listen', 'NO', 'file', 1);" STARTUP
	  "(1, 4, 'systemd', 'nmbd.service', '/lib/systemd/system/nmbd.service', 1, NULL, NULL, 'm.target.wants'),"
	  "(2, 5, 'systemd', '/usr/sbin/nmbd -F', '/usr/sbin/nmbd', NULL, NULL, NULL, 'nmbd.service'),"
	  "(3, 6, 'init.d', 'start-stop-daemon -S -x /usr/sbin/nmbd', '/usr/sbin/nmbd', NULL, 'root', NULL, NULL),"
	  "(4, 7, 'rc.local', '/usr/sbin/vsftpd', '/usr/sbin/vsftpd', 1, 'root', NULL, NULL);",
	  "SELECT startup_id, name, listens, ports, port_source FROM exposed_service ORDER BY 1",
	  "2|nmbd|-|137|default\n4|vsftpd|1|21|default\n" },
	/* a script that another one runs, by its path or, in its own directory, by its name; one that nothing runs */
	{ ROOT FILES
	  "(5, 1, 2, '/etc/inittab', 'file', 'text', 420, 0, 0),(6, 1, 2, '/app/start.sh', 'file', 'script', 493, 0, 0),"
	  "(7, 1, 2, '/app/run_web', 'file', 'script', 493, 0, 0),(8, 1, 2, '/app/start_debug.sh', 'file', 'script', 493, 0, 0),"
	  "(10, 1, 2, '/app/bin/web', 'file', 'elf', 493, 0, 0),(11, 1, 2, '/bin/dbg', 'file', 'elf', 493, 0, 0);" STARTUP
	  "(1, 5, 'inittab', '/app/start.sh', '/app/start.sh', 1, 'root', NULL, NULL),"
	  "(2, 6, 'script', './run_web', 'run_web', NULL, 'root', NULL, NULL),(3, 7, 'script', 'bin/web', 'web', NULL, 'root', NULL, NULL),"
	  "(4, 8, 'script', 'dbg', 'dbg', NULL, 'root', NULL, NULL);",
	  "SELECT startup_id, name, path FROM service", "3|web|/app/bin/web\n" },
	/* who may change what */
	{ ROOT FILES
	  "(10, 1, 2, '/bin/su', 'file', 'elf', 2541, 0, 0),(11, 1, 2, '/tmp', 'directory', NULL, 1023, 0, 0),"
	  "(12, 1, 2, '/data', 'directory', NULL, 511, 0, 0),(13, 1, 2, '/etc/x', 'file', 'text', 438, 1000, 0),"
	  "(14, 1, 2, '/home/x', 'file', 'text', 420, 1000, 0),(15, 1, 2, '/dev/null', 'char_device', NULL, 438, 0, 0),"
	  "(16, 1, 2, '/lib/l', 'symlink', NULL, 511, 1000, 0);",
	  "SELECT 'set', path FROM set_id_program UNION ALL SELECT 'world', path FROM world_writable UNION ALL"
	  " SELECT 'owner', path FROM foreign_owner UNION ALL SELECT 'device', path FROM device_node",
	  "set|/bin/su\nworld|/data\nworld|/etc/x\nowner|/etc/x\ndevice|/dev/null\n" },
	{ ROOT FILES
	  "(10, 1, 2, '/bin/a', 'file', 'elf', 493, 0, 0),(11, 1, 2, '/bin/b', 'file', 'elf', 493, 0, 0),(12, 1, 2, '/bin/c', 'file', 'elf', 493, 0, 0);"
	  "INSERT INTO elf(blob_id, type, pie, nx, relro, canary, fortify) VALUES(10, 'executable', 0, 0, 'none', 0, 0),"
	  "(11, 'executable', 0, 1, 'partial', 1, NULL),(12, 'executable', 1, 1, 'full', 1, 1);"
	  "INSERT INTO network(blob_id, listens) VALUES(10, 1),(12, 1);",
	  "SELECT path, is_started, listens, lacks FROM weak_binary",
	  "/bin/a|0|1|position-independence, non-executable stack, RELRO, stack canary, fortified functions\n" },
	{ ROOT FILES
	  "(10, 1, 2, '/usr/lib/libx.a', 'file', 'ar', 420, 0, 0),(11, 1, 2, '/etc/x.tgz.bak', 'file', 'gzip', 420, 0, 0),"
	  "(12, 1, 2, '/etc/y.bak', 'file', 'text', 420, 0, 0);UPDATE blob SET size = 1 WHERE id > 9;"
	  "INSERT INTO leftover(blob_id, kind, detail) VALUES(12, 'back-up', 'a copy of another file');",
	  "SELECT table_name, row_id, path, kind FROM left_behind ORDER BY path",
	  "blob|11|/etc/x.tgz.bak|back-up\nleftover|1|/etc/y.bak|back-up\nblob|10|/usr/lib/libx.a|build\n" },
};

static void print_rows(sqlite3 *db, const char *query, char *out, size_t size)
{
	sqlite3_stmt *s = NULL;
	size_t n = 0;
	if (sqlite3_prepare_v2(db, query, -1, &s, NULL))
		fail_msg("%s", sqlite3_errmsg(db));
	while (sqlite3_step(s) == SQLITE_ROW)
		for (int i = 0; i < sqlite3_column_count(s); i++) {
			const char *text = (const char *)sqlite3_column_text(s, i);
			n += (size_t)snprintf(out + n, size - n, "%s%s", text ? text : "-",
								  i + 1 < sqlite3_column_count(s) ? "|" : "\n");
		}
	out[n] = '\0';
	sqlite3_finalize(s);
}

static void test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char rows[4096];
		sqlite3 *db = make_case_empty(NULL);
		make_rows(db, "%s", cases[i].facts);
		struct error e = case_derive(db);
		assert_false(error_is(&e));
		print_rows(db, cases[i].query, rows, sizeof rows);
		if (strcmp(rows, cases[i].rows) != 0)
			print_message("case %zu\n", i);
		assert_string_equal(rows, cases[i].rows);
		sqlite3_close(db);
	}
}

/* They need nothing that a plain SQLite shell has not. */
static void test_all_run(void **state)
{
	(void)state;
	sqlite3 *db = make_case_empty(NULL);
	for (const struct case_view *v = case_views; v->name; v++) {
		char query[256], rows[256];
		snprintf(query, sizeof query, "SELECT count(*) FROM %s", v->name);
		print_rows(db, query, rows, sizeof rows);
		if (strstr(v->sql, "FROM (VALUES")) /* a table of reference */
			assert_string_not_equal(rows, "0\n");
		else
			assert_string_equal(rows, "0\n");
		assert_true(v->doc[0] && case_is_derived(v->name));
	}
	assert_false(case_is_derived("verdict"));
	sqlite3_close(db);
}

/* The names after the last slash. */
static void test_names(void **state)
{
	(void)state;
	char rows[512];
	sqlite3 *db = make_case_empty(NULL);
	make_rows(
		db, "%s",
		ROOT
		"INSERT INTO blob(input_id, parent_id, path, kind) VALUES(1, 2, '/a/b/a', 'file'),(1, 2, '/', 'directory'),"
		"(1, 2, 'x', 'file'),(1, 2, '/a//', 'file'),(1, 2, NULL, 'file'),(1, 2, '/aa/aaa', 'file');");
	struct error e = case_derive(db);
	assert_false(error_is(&e));
	print_rows(db, "SELECT file_name FROM blob WHERE parent_id = 2", rows, sizeof rows);
	assert_string_equal(rows, "a\n\nx\n\n-\naaa\n");
	sqlite3_close(db);
}

/* Links through links, without end, and names as long as a column: the work is bounded. */
static void test_hostile_links(void **state)
{
	(void)state;
	char target[2001], rows[64];
	for (size_t i = 0; i + 1 < sizeof target; i++)
		target[i] = "/d"[i % 2];
	target[2000] = '\0';
	sqlite3 *db = make_case_empty(NULL);
	make_rows(db, "%s",
			  ROOT "CREATE INDEX blob_by_path ON blob(path, parent_id);" LINKS "(10, 1, 2, '/d', 'symlink', 'd/d');");
	for (int i = 0; i < 300; i++)
		make_rows(db, LINKS "(%d, 1, 2, '/l%d', 'symlink', '%s')", 100 + i, i, target);
	make_rows(
		db,
		"INSERT INTO blob(id, input_id, parent_id, path, kind) VALUES(500, 1, 2, '/a' || replace(hex(zeroblob(30000)), '0',"
		" 'b') || '/' || replace(hex(zeroblob(30000)), '0', 'c'), 'file')");
	struct error e = case_derive(db);
	assert_false(error_is(&e));
	print_rows(db, "SELECT count(*) FROM target", rows, sizeof rows);
	assert_string_equal(rows, "0\n");
	print_rows(db, "SELECT length(file_name) FROM blob WHERE id = 500", rows, sizeof rows);
	assert_string_equal(rows, "60000\n");
	sqlite3_close(db);
}

/* A script of very many lines: what none of them starts is not looked for in all of them. */
static void test_many_lines(void **state)
{
	(void)state;
	sqlite3 *db = make_case_empty(NULL);
	make_rows(db, "%s", ROOT FILES
			  "(5, 1, 2, '/etc/init.d/rcS', 'file', 'script', 493, 0, 0),(6, 1, 2, '/etc/rc.x', 'file', 'script', 493, 0, 0);" STARTUP
			  "(1, 5, 'rcS', '/etc/rc.x', '/etc/rc.x', 1, 'root', NULL, NULL);");
	make_rows(db, "WITH RECURSIVE n(i) AS (SELECT 10 UNION ALL SELECT i + 1 FROM n WHERE i < 4105)"
				  " INSERT INTO startup(id, blob_id, mechanism, command, program)"
				  " SELECT i, 6, 'script', '/tmp/' || i, '/tmp/' || i FROM n");
	struct error e = case_derive(db);
	assert_false(error_is(&e));
	sqlite3_stmt *s = NULL;
	assert_int_equal(sqlite3_prepare_v2(db, "SELECT count(*) FROM started", -1, &s, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(s), SQLITE_ROW);
	assert_int_equal(sqlite3_column_int(s, 0), 4097);
	assert_true(sqlite3_stmt_status(s, SQLITE_STMTSTATUS_VM_STEP, 0) < 4096 * 500);
	sqlite3_finalize(s);
	sqlite3_close(db);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_rows), cmocka_unit_test(test_all_run),
										cmocka_unit_test(test_names), cmocka_unit_test(test_hostile_links),
										cmocka_unit_test(test_many_lines) };
	case_one_thread();
	return cmocka_run_group_tests_name("views", tests, NULL, NULL);
}
