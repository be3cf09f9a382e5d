/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What starts at boot: each case is a file and the rows that it gives. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "inspect/inspect.h"

extern const struct inspector startup_inspector;

struct example {
	const char *path, *link; /* link: a symbolic link's target */
	const char *content;
	int64_t mode;
	const char *rows; /* "line mechanism enabled [command] program {detail}\n"; line 0: unknown */
};

static struct subject subject_of(const struct example *e, struct arena *arena)
{
	struct text content = text_c(e->content ? e->content : "");
	return (struct subject){
		.bytes = span_of(content.p, content.n),
		.path = text_c(e->path),
		.arena = arena,
		.link_target = text_c(e->link),
		.kind = e->link ? ENTRY_SYMLINK : ENTRY_FILE,
		.mode = e->mode,
		.uid = 0,
		.gid = 0,
		.format = text_starts(content, "#!") ? "script"
				  : content.n                ? "text"
											 : "empty",
	};
}

static size_t print_row(char *out, size_t size, const struct fact_startup *r)
{
	int n = snprintf(out, size, "%ld %.*s %s [%.*s] %.*s {%.*s}%s\n", r->line == FACT_NULL ? 0L : (long)r->line,
					 (int)r->mechanism.n, r->mechanism.p,
					 r->enabled == FACT_NULL ? "?"
					 : r->enabled            ? "1"
											 : "0",
					 (int)r->command.n, r->command.p, (int)(r->program.p ? r->program.n : 1),
					 r->program.p ? r->program.p : "?", (int)r->detail.n, r->detail.p ? r->detail.p : "",
					 r->once == 1 ? " once" : "");
	return n < 0 ? 0 : (size_t)n < size ? (size_t)n : size - 1;
}

/* Runs the inspector as the probe does; the rows as text. */
static void run_example(const struct example *e, char *out, size_t size, size_t *damages)
{
	struct arena *scratch = arena_new(0), *kept = arena_new(0);
	struct fact_list list;
	fact_list_init(&list, kept);
	struct subject s = subject_of(e, scratch);
	size_t n = 0;
	out[0] = '\0';
	if (startup_inspector.wants(&s))
		startup_inspector.run(&s, &list.sink);
	for (const struct fact_row *r = list.first; r; r = r->next)
		if (r->type == FACT_startup)
			n += print_row(out + n, size - n, r->row);
	*damages = fact_list_count(&list, FACT_damage);
	arena_free(scratch);
	arena_free(kept);
}

static void check_examples(const struct example *examples, size_t n)
{
	static char rows[65536];
	for (size_t i = 0; i < n; i++) {
		size_t damages;
		run_example(&examples[i], rows, sizeof rows, &damages);
		if (strcmp(rows, examples[i].rows) != 0)
			print_message("example %zu, %s\n", i, examples[i].path);
		assert_string_equal(rows, examples[i].rows);
		assert_int_equal(damages, 0);
	}
}
#define CHECK(examples) check_examples((examples), sizeof(examples) / sizeof(examples)[0])

static void test_inittab(void **state)
{
	(void)state;
	static const struct example examples[] = {
		{ "/etc/inittab", NULL,
		  "# BusyBox\n::sysinit:/etc/init.d/rcS\nttyS0::respawn:-/bin/sh\n::once:/usr/sbin/telnetd -D -E /bin/ash\n"
		  "tty2::askfirst:/sbin/getty -L tty2 115200 vt100\n::ctrlaltdel:/sbin/reboot\n::shutdown:/bin/umount -a -r\n"
		  "::restart:/sbin/init\n::off:/bin/never\nnonsense\n::respawn:\n",
		  0644,
		  "2 inittab 1 [/etc/init.d/rcS] /etc/init.d/rcS {sysinit}\n"
		  "3 inittab 1 [-/bin/sh] /bin/sh {respawn ttyS0}\n"
		  "4 inittab 1 [/usr/sbin/telnetd -D -E /bin/ash] /usr/sbin/telnetd {once}\n"
		  "5 inittab 1 [/sbin/getty -L tty2 115200 vt100] /sbin/getty {askfirst tty2}\n"
		  "9 inittab 0 [/bin/never] /bin/never {off}\n" },
		{ "/etc/inittab", NULL, /* System V: run levels count */
		  "id:3:initdefault:\nsi::sysinit:/etc/rc.d/rc.sysinit\nl0:0:wait:/etc/rc.d/rc 0\nl3:3:wait:/etc/rc.d/rc 3\r\n"
		  "x:5:respawn:/etc/X11/prefdm -nodaemon\nca::ctrlaltdel:/sbin/shutdown -r now\n",
		  0644,
		  "2 inittab 1 [/etc/rc.d/rc.sysinit] /etc/rc.d/rc.sysinit {sysinit si}\n"
		  "3 inittab 0 [/etc/rc.d/rc 0] /etc/rc.d/rc {wait l0, run level 0}\n"
		  "4 inittab 1 [/etc/rc.d/rc 3] /etc/rc.d/rc {wait l3, run level 3}\n"
		  "5 inittab 0 [/etc/X11/prefdm -nodaemon] /etc/X11/prefdm {respawn x, run level 5}\n" },
		{ "/etc_ro/inittab", NULL, "::sysinit:/bin/sh /etc_ro/rcS\n::once:sh -c 'telnetd -l /bin/sh; httpd &'\n", 0644,
		  "1 inittab 1 [/bin/sh /etc_ro/rcS] /etc_ro/rcS {sysinit}\n"
		  "2 inittab 1 [sh -c 'telnetd -l /bin/sh; httpd &'] sh {once}\n"
		  "2 inittab 1 [telnetd -l /bin/sh] telnetd {once}\n"
		  "2 inittab 1 [httpd] httpd {once}\n" },
		{ "/usr/share/doc/busybox/etc/inittab", NULL, "::once:telnetd\n", 0644, "" },
		{ "/mnt/app/etc/inittab", NULL, "::once:telnetd\n", 0644, "1 inittab ? [telnetd] telnetd {once}\n" },
	};
	CHECK(examples);
}

/* What starts a service of Android's init: its class or its name, in an action that boot comes to. */
static void test_android(void **state)
{
	(void)state;
	static const struct example examples[] = {
		{ "/init.rc", NULL,
		  "import /init.usb.rc\nimport /init.${ro.hardware}.rc\n\non early-init\n    mkdir /x\non boot && property:ro.x=1\n"
		  "    start debug\n\non boot\n    class_start core\n    exec - root -- /system/bin/prepare --all\n\n# service no /bin/no\n"
		  "service adbd /sbin/adbd \\\n    --root\n    class core\n    user shell\nservice off /bin/off\n    class core\n"
		  "    disabled\nservice debug /bin/debug\n    disabled\non charger\n    class_start charger\n",
		  0644,
		  "14 android-init ? [/sbin/adbd \\\n    --root] /sbin/adbd {service adbd, class core}\n"
		  "18 android-init ? [/bin/off] /bin/off {service off}\n"
		  "21 android-init ? [/bin/debug] /bin/debug {service debug}\n"
		  "1 android-init 1 [import /init.usb.rc] /init.usb.rc {}\n"
		  "2 android-init 1 [import /init.${ro.hardware}.rc] /init.${ro.hardware}.rc {}\n"
		  "21 android-init 1 [/bin/debug] /bin/debug {service debug}\n"
		  "7 android-init 1 [start debug] service debug {}\n"
		  "14 android-init 1 [/sbin/adbd \\\n    --root] /sbin/adbd {service adbd, class core}\n"
		  "10 android-init 1 [class_start core] class core {}\n"
		  "11 android-init 1 [exec - root -- /system/bin/prepare --all] /system/bin/prepare {} once\n" },
		{ "/vendor/etc/init/t.rc", NULL, "service t /vendor/bin/telnetd -F\n    class main hal\n", 0644,
		  "1 android-init ? [/vendor/bin/telnetd -F] /vendor/bin/telnetd {service t, class main, class hal}\n" },
		{ "/init.goldfish.rc", NULL, "on boot\n start t\n", 0644, "2 android-init ? [start t] service t {}\n" },
		{ "/usr/share/x/init.rc", NULL, "on boot\n start t\n", 0644, "" },
		{ "/system/etc/init/bad.rc", NULL, "start t\nservice\n class core\nservice x\n user root\non\n start\nimport\non boot\nexec --\n", 0644, "" },
	};
	CHECK(examples);
}

static void test_links(void **state)
{
	(void)state;
	static const struct example examples[] = {
		{ "/etc/rcS.d/S50telnet", "../init.d/telnet", NULL, 0777,
		  "0 rc-link 1 [/etc/init.d/telnet start] /etc/init.d/telnet {run level S, order 50}\n" },
		{ "/etc/rc.d/S19dropbear", "../init.d/dropbear", NULL, 0777,
		  "0 rc-link 1 [/etc/init.d/dropbear start] /etc/init.d/dropbear {order 19}\n" },
		{ "/etc/rc.d/K50dropbear", "../init.d/dropbear", NULL, 0777,
		  "0 rc-link 0 [/etc/init.d/dropbear stop] /etc/init.d/dropbear {order 50}\n" },
		{ "/etc/rc.d/rc3.d/S80ftp", "/etc/rc.d/init.d/./ftp", NULL, 0777,
		  "0 rc-link 1 [/etc/rc.d/init.d/ftp start] /etc/rc.d/init.d/ftp {run level 3, order 80}\n" },
		{ "/etc/rc0.d/S90halt", "../init.d/halt", NULL, 0777,
		  "0 rc-link 0 [/etc/init.d/halt start] /etc/init.d/halt {run level 0, order 90}\n" },
		{ "/etc/rc2.d/S01x", "../../../../../opt/x", NULL, 0777,
		  "0 rc-link 1 [/opt/x start] /opt/x {run level 2, order 01}\n" },
		{ "/etc/init.d/S40app", "/usr/app/start.sh", NULL, 0777,
		  "0 rc-link 1 [/usr/app/start.sh start] /usr/app/start.sh {order 40}\n" },
		{ "/etc/rc.d/README", "../init.d/x", NULL, 0777, "" },
		{ "/bin/S50x", "busybox", NULL, 0777, "" },
	};
	CHECK(examples);
}

/* What variables hold is shown beside the command as written. */
static void test_expanded(void **state)
{
	(void)state;
	static const char *const cases[][2] = {
		{ "telnetd -l /bin/sh\n", NULL },
		{ "O=\"-l /bin/sh\"\ntelnetd $O -p 23\n", "telnetd -l /bin/sh -p 23" },
		{ "U=http://x.example\nwget -q $U/a.bin\n", "wget -q http://x.example/a.bin" },
		{ "telnetd -p $UNKNOWN$(cat /port)\n", "telnetd -p ?" },
		{ "eval \"$(cat /data/commands)\"\n", "eval ?" }, /* what runs then, nobody knows */
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct arena *scratch = arena_new(0), *kept = arena_new(0);
		struct fact_list list;
		fact_list_init(&list, kept);
		struct subject s = { .bytes = span_of(cases[i][0], strlen(cases[i][0])),
							 .path = TEXT_LIT("/etc/init.d/rcS"),
							 .kind = ENTRY_FILE,
							 .mode = 0755,
							 .format = "script",
							 .arena = scratch };
		startup_inspector.run(&s, &list.sink);
		const struct fact_startup *row = NULL, *next;
		for (size_t k = 0; (next = fact_list_get(&list, FACT_startup, k)); k++)
			row = text_is(next->program, "cat") ? row : next;
		assert_non_null(row);
		bool same = cases[i][1] ? text_is(row->expanded, cases[i][1]) : !row->expanded.p;
		if (!same)
			fail_msg("%s: %.*s", cases[i][0], (int)row->expanded.n, row->expanded.p);
		arena_free(scratch);
		arena_free(kept);
	}
}

struct conditional {
	const char *script, *program, *condition; /* of the row of that program; NULL: none */
};

static void check_condition(const char *path, const struct conditional *c)
{
	struct arena *scratch = arena_new(0), *kept = arena_new(0);
	struct fact_list list;
	fact_list_init(&list, kept);
	struct subject s = { .bytes = span_of(c->script, strlen(c->script)),
						 .path = text_c(path),
						 .kind = ENTRY_FILE,
						 .mode = 0755,
						 .format = "script",
						 .arena = scratch };
	startup_inspector.run(&s, &list.sink);
	const struct fact_startup *found = NULL, *row;
	for (size_t k = 0; (row = fact_list_get(&list, FACT_startup, k)); k++)
		if (text_is(row->program, c->program))
			found = row;
	if (!found)
		fail_msg("%s: no row for %s", c->script, c->program);
	bool same = c->condition ? text_is(found->condition, c->condition) : !found->condition.p;
	if (!same)
		fail_msg("%s: the condition is %.*s", c->script, (int)found->condition.n, found->condition.p);
	arena_free(scratch);
	arena_free(kept);
}

/* What runs only when a test comes out one way says so; whether a program is there is no such test. */
static void test_conditions(void **state)
{
	(void)state;
	static const struct conditional cases[] = {
		{ "telnetd\n", "telnetd", NULL },
		{ "if [ \"$DEBUG\" = 1 ]; then\n telnetd\nfi\n", "telnetd", "[ \"$DEBUG\" = 1 ]" },
		{ "DEBUG=0\nif [ \"$DEBUG\" = 1 ]; then telnetd; fi\n", "telnetd", "[ \"$DEBUG\" = 1 ]" },
		{ "if [ -f /etc/debug ]; then :; else\n telnetd\nfi\n", "telnetd", "! [ -f /etc/debug ]" },
		{ "if [ -f /etc/debug ]; then :; fi\ntelnetd\n", "telnetd", NULL },
		{ "[ -f /etc/debug ] && telnetd\n", "telnetd", "[ -f /etc/debug ]" },
		{ "[ -f /etc/debug ] && [ -x /a ] && telnetd\ndropbear\n", "telnetd", "[ -f /etc/debug ] && [ -x /a ]" },
		{ "[ -f /etc/debug ] && ls\ndropbear\n", "dropbear", NULL },
		{ "[ -f /etc/debug ] && { ls; telnetd; }\n", "telnetd", "[ -f /etc/debug ]" },
		{ "grep -q debug /proc/cmdline && telnetd\n", "telnetd", "grep -q debug /proc/cmdline" },
		{ "if nvram_get telnet; then telnetd; fi\n", "telnetd", "nvram_get telnet" },
		{ "[ -x /usr/sbin/telnetd ] && /usr/sbin/telnetd\n", "/usr/sbin/telnetd", NULL },
		{ "if [ -x /usr/sbin/telnetd ]; then /usr/sbin/telnetd; fi\n", "/usr/sbin/telnetd", NULL },
		{ "if test -e /usr/sbin/telnetd; then /usr/sbin/telnetd; fi\n", "/usr/sbin/telnetd", NULL },
		{ "mkdir -p /run && telnetd\n", "telnetd", NULL },
		{ "[ -x /usr/sbin/telnetd ] || exit 0\n/usr/sbin/telnetd\n", "/usr/sbin/telnetd", NULL },
		{ "case $MODEL in\nX) telnetd ;;\nesac\n", "telnetd", "case $MODEL in X)" },
		{ "case $1 in\nstart) telnetd ;;\nesac\n", "telnetd", NULL },
		{ "t() { telnetd; }\nif [ -f /a ]; then t; fi\n", "telnetd", "[ -f /a ]" },
		{ "t() { telnetd; }\nif [ -f /a ]; then t; fi\nt\n", "telnetd", NULL },
		{ "telnetd\nreturn\nif [ -f /etc/debug ]; then telnetd; fi\n", "telnetd", NULL },
		{ "t() {\n return\n}\n[ -f /etc/debug ] && return\nt\ntelnetd\n", "telnetd", "! [ -f /etc/debug ]" },
		{ "for i in /etc/init.d/S*; do\n [ -f $i ] && case $i in\n *.sh) . $i ;;\n *) $i start ;;\n esac\ndone\n",
		  "/etc/init.d/S*", NULL },
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		check_condition("/etc/init.d/S50x", &cases[i]);
}

static void test_unit_conditions(void **state)
{
	(void)state;
	static const struct conditional cases[] = {
		{ "[Unit]\nConditionPathExists=/etc/debug\n[Service]\nExecStart=/bin/a\n", "/bin/a",
		  "ConditionPathExists=/etc/debug" },
		{ "[Service]\nExecStart=/bin/a\n[Unit]\nAssertKernelCommandLine = debug\n", "/bin/a",
		  "AssertKernelCommandLine=debug" },
		{ "[Unit]\nConditionPathExists=|/a\nConditionPathExists=|!/b\n[Service]\nExecStart=/bin/a\n", "/bin/a",
		  "ConditionPathExists=|/a; ConditionPathExists=|!/b" },
		{ "[Unit]\nConditionPathExists=/a\nConditionPathExists=\n[Service]\nExecStart=/bin/a\n", "/bin/a", NULL },
		{ "[Unit]\nConditionFileIsExecutable=/bin/b\n[Service]\nExecStart=/bin/a\n", "/bin/a", "ConditionFileIsExecutable=/bin/b" },
		{ "[Unit]\nConditionVirtualization=!container\nConditionCapability=CAP_NET_ADMIN\n"
		  "[Service]\nExecStart=/bin/a\n",
		  "/bin/a", NULL },
		{ "[Unit]\nDescription=ConditionPathExists\n#ConditionPathExists=/a\n[Service]\nExecStart=/bin/a\n", "/bin/a",
		  NULL },
		{ "[Unit]\nConditionPathExists=/a\n[Socket]\nListenStream=23\n", "/lib/systemd/system/a.service",
		  "ConditionPathExists=/a" },
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		check_condition(strstr(cases[i].script, "[Socket]") ? "/lib/systemd/system/a.socket"
															: "/lib/systemd/system/a.service",
						&cases[i]);
}

static void test_shell(void **state)
{
	(void)state;
	static const struct example examples[] = {
		{ "/etc/init.d/rcS", NULL, /* lists, quotes, continued lines, comments, redirections, pipes */
		  "#!/bin/sh\n# telnetd\nPATH=/bin\necho \"telnetd; ftpd\" > /dev/console\n/usr/sbin/dropbear -R \\\n"
		  "  -p 22 &\n"
		  "[ -x /usr/sbin/ntpd ] && /usr/sbin/ntpd -n # telnetd\nLANG=C nohup /app/ipcam >/dev/null 2>&1 &\n"
		  "wget -q http://x.example/u.trx -O - | mtd write - linux || reboot; (sleep 1; 'ft'\"pd\")\n"
		  "cd /; export A=1\nexport A=1 LD_PRELOAD=/data/x.so\nLD_LIBRARY_PATH=/data; export LD_LIBRARY_PATH\nexport LD_PRELOADED=1 LD_DEBUG=1\n",
		  0755,
		  "5 rcS 1 [/usr/sbin/dropbear -R \\\n  -p 22] /usr/sbin/dropbear {}\n"
		  "7 rcS 1 [/usr/sbin/ntpd -n] /usr/sbin/ntpd {}\n"
		  "8 rcS 1 [LANG=C nohup /app/ipcam >/dev/null 2>&1] /app/ipcam {}\n"
		  "9 rcS 1 [wget -q http://x.example/u.trx -O -] wget {}\n"
		  "9 rcS 1 [mtd write - linux] mtd {}\n"
		  "9 rcS 1 [reboot] reboot {}\n"
		  "9 rcS 1 [sleep 1] sleep {}\n"
		  "9 rcS 1 ['ft'\"pd\"] ftpd {}\n"
		  "11 rcS 1 [export A=1 LD_PRELOAD=/data/x.so] export {}\n"
		  "12 rcS 1 [export LD_LIBRARY_PATH] export {}\n" },
		{ "/etc/rc.local", NULL, /* here-documents, functions, substitutions, what stands behind exit */
		  "cat <<EOF > /tmp/x\ntelnetd\nEOF\ncat <<-'END'\n\tftpd\n\tEND\nunused() { telnetd; }\nused() {\n  crond\n}\n"
		  "used\nA=$(curl -k https://a.example/v) B=`uname -r`\necho \"$(date)\" $((1 + 2))\n! httpd\nexit 0\n"
		  "telnetd\n",
		  0755,
		  "1 rc.local 1 [cat <<EOF > /tmp/x] cat {}\n"
		  "4 rc.local 1 [cat <<-'END'] cat {}\n"
		  "9 rc.local 1 [crond] crond {}\n"
		  "12 rc.local 1 [curl -k https://a.example/v] curl {} once\n"
		  "12 rc.local 1 [uname -r] uname {} once\n"
		  "13 rc.local 1 [date] date {} once\n"
		  "14 rc.local 1 [httpd] httpd {}\n" },
		{ "/etc/rc.d/rcS", NULL, /* branches, loops, variables */
		  "if false; then telnetd; elif [ -f /x ]; then a1; else a2; fi\nfor d in ntpd /sbin/crond; do $d -b; done\n"
		  "D=/usr/sbin/x\n$D -v\n[ -f /y ] && D=/usr/sbin/y\n$D\nO=\"telnetd -l /bin/sh\"\n$O\n"
		  "${UNSET:-/bin/default} 1\n"
		  "for i in /etc/init.d/S??*; do\n [ -x $i ] || continue\n"
		  " case \"$i\" in *.sh) . $i;; *) $i start;; esac\ndone\n"
		  "case `uname -m` in arm*) b1;; mips) b2;; esac\nwhile true; do c1; done\n",
		  0755,
		  "1 rcS 1 [a1] a1 {}\n"
		  "1 rcS 1 [a2] a2 {}\n"
		  "2 rcS 1 [$d -b] ntpd {}\n"
		  "2 rcS 1 [$d -b] /sbin/crond {}\n"
		  "4 rcS 1 [$D -v] /usr/sbin/x {}\n"
		  "6 rcS 1 [$D] ? {}\n"
		  "8 rcS 1 [$O] telnetd {}\n"
		  "9 rcS 1 [${UNSET:-/bin/default} 1] /bin/default {}\n"
		  "12 rcS 1 [. $i] /etc/init.d/S??* {}\n12 rcS 1 [$i start] /etc/init.d/S??* {}\n"
		  "14 rcS 1 [uname -m] uname {} once\n"
		  "14 rcS 1 [b1] b1 {}\n"
		  "14 rcS 1 [b2] b2 {}\n"
		  "15 rcS 1 [c1] c1 {}\n" },
		/* Debian's interpreter for scripts that only set what it starts; functions of LSB's library ask for Upstart */
		{ "/etc/init.d/snmpd", NULL, "#!/usr/bin/env /lib/init/init-d-script\nNAME=snmpd\nDAEMON=/usr/sbin/$NAME\n", 0755,
		  "3 init.d ? [DAEMON=/usr/sbin/$NAME] /usr/sbin/snmpd {}\n" },
		{ "/etc/init.d/lldpd", NULL, "#!/bin/sh\nA=1 . /lib/init/init-d-script\nDAEMON=/usr/sbin/lldpd\n", 0755,
		  "3 init.d ? [DAEMON=/usr/sbin/lldpd] /usr/sbin/lldpd {}\n" },
		{ "/etc/init.d/rcS", NULL, "telnetd\n", 0644, "1 rcS ? [telnetd] telnetd {}\n" },
		{ "/etc/rcK", NULL, "#!/bin/sh\nhttpd\n", 0755, "" },
		{ "/etc/rc.d/net.sh", NULL, "telnetd &\n", 0644, "1 init.d ? [telnetd] telnetd {}\n" }, /* read with `.` */
		{ "/etc/rc.d/net", NULL, "telnetd &\n", 0644, "" },
		{ "/init", NULL, "#!/bin/sh\nmount -t proc proc /proc\nexec switch_root /mnt /sbin/init\nsh\n", 0755,
		  "2 init 1 [mount -t proc proc /proc] mount {}\n"
		  "3 init 1 [exec switch_root /mnt /sbin/init] /sbin/init {}\n" },
		{ "/linuxrc", NULL, "#!/bin/sh\ntelnetd\n", 0755, "2 init ? [telnetd] telnetd {}\n" },
	};
	CHECK(examples);
}

/* Commands that come to a shell as its input, or in a file that the script writes. */
static void test_handed(void **state)
{
	(void)state;
	static const struct example examples[] = {
		{ "/etc/init.d/rcS", NULL, "#!/bin/sh\nsh <<EOF\ntelnetd -l /bin/sh\nEOF\nsh -s <<-'E'\n\thttpd\n\tE\n", 0755,
		  "2 rcS 1 [sh <<EOF] sh {}\n3 rcS 1 [telnetd -l /bin/sh] telnetd {}\n5 rcS 1 [sh -s <<-'E'] sh {}\n6 rcS 1 [httpd] httpd {}\n" },
		{ "/etc/init.d/rcS", NULL,
		  "#!/bin/sh\ncat <<EOF\ntelnetd\nEOF\nssh host sh <<EOF\ntelnetd\nEOF\nsh /bin/x <<EOF\ntelnetd\nEOF\n", 0755,
		  "2 rcS 1 [cat <<EOF] cat {}\n5 rcS 1 [ssh host sh <<EOF] ssh {}\n8 rcS 1 [sh /bin/x <<EOF] /bin/x {}\n" },
		{ "/etc/init.d/rcS", NULL, "#!/bin/sh\ncat <<EOF | sh\ntelnetd\nEOF\necho httpd | sh\nbash <<< 'ftpd'\n", 0755,
		  "2 rcS 1 [cat <<EOF] cat {}\n2 rcS 1 [sh] sh {}\n3 rcS 1 [telnetd] telnetd {}\n"
		  "5 rcS 1 [sh] sh {}\n5 rcS 1 [httpd] httpd {}\n6 rcS 1 [bash <<< 'ftpd'] bash {}\n"
		  "6 rcS 1 [ftpd] ftpd {}\n" },
		{ "/etc/init.d/rcS", NULL,
		  "#!/bin/sh\ncat > /tmp/t <<EOF\ntelnetd\nEOF\nchmod +x /tmp/t\n/tmp/t\nsed -i s/a/b/ /tmp/t\n/tmp/t\n", 0755,
		  "2 rcS 1 [cat > /tmp/t <<EOF] cat {}\n5 rcS 1 [chmod +x /tmp/t] chmod {}\n"
		  "6 rcS 1 [/tmp/t] /tmp/t {}\n3 rcS 1 [telnetd] telnetd {}\n7 rcS 1 [sed -i s/a/b/ /tmp/t] sed {}\n"
		  "8 rcS 1 [/tmp/t] /tmp/t {}\n" },
		{ "/etc/init.d/rcS", NULL, "#!/bin/bash\nwhile read x; do\n\thttpd\ndone < <(telnetd)\n", 0755,
		  "3 rcS 1 [httpd] httpd {}\n4 rcS 1 [telnetd] telnetd {} once\n" },
	};
	CHECK(examples);
}

static void test_programs(void **state)
{
	(void)state;
	static const char *const cases[][2] = {
		{ "exec /sbin/a", "/sbin/a" },
		{ "busybox telnetd -l /bin/sh", "busybox" },
		{ "/bin/busybox nohup /sbin/a", "/sbin/a" },
		{ "nice -n 5 /sbin/a", "/sbin/a" },
		{ "nice -5 /sbin/a", "/sbin/a" },
		{ "env -i A=1 /sbin/a b", "/sbin/a" },
		{ "timeout 10 chroot /mnt /sbin/a", "/sbin/a" },
		{ "start-stop-daemon -S -q -m -p /run/a.pid -x /sbin/a -- -x b", "/sbin/a" },
		{ "start-stop-daemon --start --exec=/sbin/a --startas /sbin/b", "/sbin/b" },
		{ "start-stop-daemon -Sbx /sbin/a", "/sbin/a" },
		{ "start-stop-daemon -K -x /sbin/a", NULL },
		{ "start-stop-daemon --start --quiet --exec /sbin/a --test", NULL },
		{ "start-stop-daemon -St -x /sbin/a", NULL },
		{ "start-stop-daemon -S -x /sbin/a -- --test -t", "/sbin/a" },
		{ "sh /app/run.sh arg", "/app/run.sh" },
		{ "sh -x run.sh", "run.sh" },
		{ "bash", "bash" },
		{ "./ipcam", "ipcam" },
		{ ". /app/env.sh", "/app/env.sh" },
		{ ". /etc/init.d/rcS", "/etc/init.d/rcS" },
		{ ". /etc/default/a", NULL },
		{ ". /lib/functions.sh", NULL },
		{ "mount -a", "mount" },
		{ "log_daemon_msg Starting", NULL },
		{ "command -v telnetd", NULL },
		{ "trap '' HUP", NULL },
		{ "[ -f /x ]", NULL },
		{ "[[ -f /x && ( a < b ) ]]", NULL },
		{ "echo telnetd", NULL },
		/* what is printed into the settings, and what is told to the kernel to run */
		{ "echo 'root::0:0::/:/bin/sh' > /etc/passwd", "echo" },
		{ "printf x >>/etc/chrony.conf", "printf" },
		{ "echo x >| \"/etc/shadow\"", "echo" },
		{ "echo /sbin/plug > /proc/sys/kernel/hotplug", "echo" },
		{ "echo 1 > /proc/sys/net/ipv4/ip_forward", NULL },
		{ "echo 'a > /etc/b' 2>/dev/null", NULL },
		{ "$UNKNOWN -D", "?" },
	};
	static char rows[4096];
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct example e = { "/etc/rc.local", NULL, cases[i][0], 0755, "" };
		char wanted[256] = "";
		size_t damages;
		if (cases[i][1])
			snprintf(wanted, sizeof wanted, "1 rc.local 1 [%s] %s {}\n", cases[i][0], cases[i][1]);
		run_example(&e, rows, sizeof rows, &damages);
		assert_string_equal(rows, wanted);
	}
}

/* Scripts outside of the places of boot: only those whose names say that they start something. */
static void test_start_scripts(void **state)
{
	(void)state;
	static const struct {
		const char *path, *content;
		int64_t mode;
		bool wanted;
	} cases[] = {
		{ "/app/start.sh", "#!/bin/sh\nhttpd\n", 0755, true },
		{ "/home/app_start.sh", "#!/bin/sh\nhttpd\n", 0755, true },
		{ "/mnt/run", "#! /bin/bash\nhttpd\n", 0755, true },
		{ "/app/start.sh", "#!/bin/sh\nhttpd\n", 0644, false },
		{ "/app/start.py", "#!/usr/bin/python3\n", 0755, false },
		{ "/usr/bin/which", "#!/bin/sh\nhttpd\n", 0755, false },
		{ "/usr/share/x/start.sh", "#!/bin/sh\nx\n", 0755, false },
		{ "/bin/start-shell", "#!/bin/sh\nx\n", 0755, false },
		{ "/usr/bin/start_app.sh", "#!/bin/sh\nx\n", 0755, true },
		{ "/app/start.sh", "httpd\n", 0755, false },
		{ "/lib/debian-installer/start-udev", "#!/bin/sh -e\nudevd --daemon\n", 0755, true },
		{ "/lib/x/run.sh", "#!/bin/sh\nx\n", 0755, false },
		{ "/etc/x/bootstrap", "#!/bin/sh\nmake all\n", 0755, false },
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct example e = { cases[i].path, NULL, cases[i].content, cases[i].mode, "" };
		struct arena *scratch = arena_new(0);
		struct subject s = subject_of(&e, scratch);
		if (startup_inspector.wants(&s) != cases[i].wanted)
			print_message("%s\n", cases[i].path);
		assert_int_equal(startup_inspector.wants(&s), cases[i].wanted);
		arena_free(scratch);
	}
}

/* Whether a file that scripts may read can leave them: only what a shell would read as commands. */
static void test_leaves(void **state)
{
	(void)state;
	static const struct {
		const char *path, *content;
		size_t rows;
	} cases[] = {
		{ "/etc/default/app.conf", "A=1\n[ -f /x ] || exit 0\n", 1 },
		{ "/etc/app/functions", "[[ $A ]] && exec /bin/b\n", 1 },
		{ "/etc/app/env", "#!/bin/bash\nexit 1\n", 1 },
		{ "/etc/sv/a/run", "#!/usr/bin/env /lib/runit/invoke-run\nexec /bin/a\n", 1 },
		{ "/etc/services", "login 513/tcp\nexec 512/tcp\n", 0 },
		{ "/etc/raddb/echo", "exec echo {\n\twait = yes\n}\nexec {\n}\n", 0 },
		{ "/etc/f2b/a.conf", "# x\n[Definition]\nactionban = e=1;\n  exit 1\n", 0 },
		{ "/etc/sip/sip.cfg", "#!KAMAILIO\nroute {\n\texit;\n}\n", 0 },
		{ "/etc/sql/a.pl", "#!/usr/bin/perl\nexit 1;\n", 0 },
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct arena *kept = arena_new(0);
		struct fact_list list;
		fact_list_init(&list, kept);
		struct example e = { cases[i].path, NULL, cases[i].content, 0644, "" };
		struct arena *scratch = arena_new(0);
		struct subject s = subject_of(&e, scratch);
		assert_true(startup_inspector.wants(&s));
		startup_inspector.run(&s, &list.sink);
		if (fact_list_count(&list, FACT_sourced) != cases[i].rows)
			print_message("%s\n", cases[i].path);
		assert_int_equal(fact_list_count(&list, FACT_sourced), cases[i].rows);
		arena_free(scratch);
		arena_free(kept);
	}
}

/* As whom and at which ports: the row of the program that is named, as "user ports". */
static void test_run_as(void **state)
{
	(void)state;
	static const struct {
		const char *path, *content, *program, *expected;
	} cases[] = {
		{ "/etc/rc.local", "httpd -p 8080 -h /www", "httpd", "root 8080" },
		{ "/etc/rc.local", "/usr/sbin/uhttpd -f -p 0.0.0.0:80 -p [::]:80 -s 443", "/usr/sbin/uhttpd", "root 80 443" },
		{ "/etc/rc.local", "busybox telnetd -p2323", "busybox", "root 2323" },
		{ "/etc/rc.local", "app --port=9000 -p 1", "app", "root 9000" },
		{ "/etc/rc.local", "app --port 9000", "app", "root 9000" },
		{ "/etc/rc.local", "app -p 9000", "app", "root ?" },
		{ "/etc/rc.local", "httpd -p /etc/x -h 80", "httpd", "root ?" },
		{ "/etc/rc.local", "gdbserver :2345 /bin/app", "gdbserver", "root 2345" },
		{ "/etc/rc.local", "tcpsvd -vE 0.0.0.0 21 ftpd /", "tcpsvd", "root 21" },
		{ "/etc/rc.local", "nice -n 5 dropbear -p 10.0.0.1:22", "dropbear", "root 22" },
		{ "/etc/rc.local", "start-stop-daemon -S -c www:www -x /bin/app -- -c other", "/bin/app", "www ?" },
		{ "/etc/rc.local", "start-stop-daemon --start --chuid=app --exec /bin/app", "/bin/app", "app ?" },
		{ "/etc/rc.local", "start-stop-daemon -S -c $WHO -x /bin/app", "/bin/app", "? ?" },
		{ "/etc/rc.local", "start-stop-daemon -S -x /bin/app", "/bin/app", "root ?" },
		{ "/etc/rc.local", "su - www -c '/bin/app --port 1234'", "/bin/app", "www 1234" },
		{ "/etc/rc.local", "su -c /bin/app www", "/bin/app", "www ?" },
		{ "/etc/rc.local", "setuidgid nobody /bin/app", "/bin/app", "nobody ?" },
		{ "/etc/rc.local", "chpst -u app /bin/app", "/bin/app", "app ?" },
		{ "/app/start.sh", "#!/bin/sh\n./httpd -p 81\n", "httpd", "root 81" },
		{ "/etc/inetd.conf", "telnet stream tcp nowait root /usr/sbin/telnetd telnetd", "/usr/sbin/telnetd",
		  "root 23" },
		{ "/etc/inetd.conf", "tftp dgram udp wait nobody.tty /usr/sbin/tftpd tftpd", "/usr/sbin/tftpd", "nobody 69" },
		{ "/etc/inetd.conf", "9999 stream tcp nowait root /bin/x x", "/bin/x", "root 9999" },
		{ "/etc/inetd.conf", "nowhere stream tcp nowait root /bin/x x", "/bin/x", "root ?" },
		{ "/etc/xinetd.d/x", "service ftp\n{\n server = /bin/ftpd\n user = ftp\n port = 2121\n}\n", "/bin/ftpd",
		  "ftp 2121" },
		{ "/lib/systemd/system/a.service", "[Service]\nExecStart=/bin/a\nUser=www\n", "/bin/a", "www ?" },
		{ "/lib/systemd/system/a.service", "[Service]\nExecStart=+/bin/a\nUser=www\n", "/bin/a", "root ?" },
		{ "/lib/systemd/system/a.service", "[Service]\nExecStart=!!/bin/a\nUser=www\n", "/bin/a", "www ?" },
		{ "/lib/systemd/system/a.service", "[Service]\nDynamicUser=yes\nExecStart=/bin/a\n", "/bin/a", "(dynamic) ?" },
		{ "/lib/systemd/system/a.service", "[Service]\nExecStart=/bin/a\n", "/bin/a", "root ?" },
		{ "/lib/systemd/system/a.socket",
		  "[Socket]\nListenStream=80\nListenStream=[::]:80\nListenDatagram=0.0.0.0:53\n",
		  "/lib/systemd/system/a.service", "? 80 53" },
		{ "/lib/systemd/system/a.target", "[Unit]\nWants=b.service c.service\nRequires=basic.target\n",
		  "/lib/systemd/system/c.service", "? ?" },
		{ "/etc/init.d/a",
		  "#!/bin/sh /etc/rc.common\nSTART=50\nUSE_PROCD=1\nstart_service() {\nprocd_open_instance\n"
		  "procd_set_param command /bin/a --port 70\nprocd_set_param user app\nprocd_close_instance\n}\n",
		  "/bin/a", "app 70" },
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct example e = { cases[i].path, NULL, cases[i].content, 0755, "" };
		struct arena *scratch = arena_new(0), *kept = arena_new(0);
		struct fact_list list;
		const struct fact_startup *row = NULL, *found = NULL;
		fact_list_init(&list, kept);
		struct subject s = subject_of(&e, scratch);
		startup_inspector.run(&s, &list.sink);
		for (size_t k = 0; (row = fact_list_get(&list, FACT_startup, k)); k++)
			found = !found && text_is(row->program, cases[i].program) ? row : found;
		char got[128] = "none";
		if (found)
			snprintf(got, sizeof got, "%.*s %.*s", (int)(found->user.p ? found->user.n : 1),
					 found->user.p ? found->user.p : "?", (int)(found->ports.p ? found->ports.n : 1),
					 found->ports.p ? found->ports.p : "?");
		if (strcmp(got, cases[i].expected) != 0)
			print_message("%s\n", cases[i].content);
		assert_string_equal(got, cases[i].expected);
		arena_free(scratch);
		arena_free(kept);
	}
}

static void test_init_scripts(void **state)
{
	(void)state;
	static const char sysv[] =
		"#!/bin/sh\nDAEMON=/usr/sbin/telnetd\nNAME=telnetd\ntest -x $DAEMON || exit 0\n"
		"do_start() {\n\tstart-stop-daemon -S -x $DAEMON -- -l /bin/login\n}\ndo_stop() {\n\tkillall $NAME\n}\n"
		"case \"$1\" in\n  start)\n\tdo_start\n\t;;\n  stop) do_stop ;;\n"
		"  restart|reload)\n\t$0 stop\n\tdo_start; rm -f /run/x\n\t;;\n  *)\n\techo usage; usage\n\texit 1\n"
		"esac\nsync\n";
	static const char row[] = "6 init.d %s [start-stop-daemon -S -x $DAEMON -- -l /bin/login] /usr/sbin/telnetd {%s}\n"
							  "24 init.d %s [sync] sync {%s}\n";
	static char unknown[400], ordered[400], not_run[400];
	snprintf(unknown, sizeof unknown, row, "?", "", "?", "");
	snprintf(ordered, sizeof ordered, row, "1", "order 50", "1", "order 50");
	snprintf(not_run, sizeof not_run, row, "0", "order 50", "0", "order 50");
	const struct example examples[] = {
		{ "/etc/init.d/telnet", NULL, sysv, 0755, unknown },
		{ "/etc/init.d/S50telnet", NULL, sysv, 0755, ordered },
		{ "/etc/init.d/S50telnet", NULL, sysv, 0644, not_run },
		{ "/etc/init.d/K50telnet", NULL, sysv, 0755, "" },
		{ "/etc/rc.d/rc.wlan", NULL,
		  "#!/bin/sh\nif [ $1 != down ]; then\n\tinsmod a.ko\nelse\n\trmmod a\nfi\n[ \"$1\" = stop ] && killall a\n",
		  0755, "3 init.d ? [insmod a.ko] insmod {}\n" },
		{ "/etc/init.d/net", NULL, "#!/bin/sh\ncase $1 in up) ifup -a;; down) ifdown -a;; esac\n", 0755,
		  "2 init.d ? [ifup -a] ifup {}\n" },
		{ "/etc/init.d/dispatch", NULL, "#!/bin/sh\nstart() { ntpd; }\nstop() { killall ntpd; }\n\"$1\"\n", 0755,
		  "2 init.d ? [ntpd] ntpd {}\n" },
		{ "/etc/init.d/run", NULL, "#!/bin/sh\nrun() { echo \"$@\"; \"$@\" & }\nrun /bin/app -d\n. /lib/x\n$1 all\n",
		  0755, "3 init.d ? [run /bin/app -d] /bin/app {}\n" },
		{ "/etc/init.d/library", NULL, "helper() { telnetd; }\ntelnetd\n", 0644, "" },
	};
	CHECK(examples);
}

static void test_openwrt(void **state)
{
	(void)state;
	static const struct example examples[] = {
		{ "/etc/init.d/dropbear", NULL,
		  "#!/bin/sh /etc/rc.common\nSTART=19\nSTOP=50\nUSE_PROCD=1\nPROG=/usr/sbin/dropbear\n"
		  "dropbear_instance()\n{\n\tprocd_open_instance\n\tprocd_set_param command \"$PROG\" -F -P /run/x\n"
		  "\tprocd_set_param respawn\n\tprocd_close_instance\n}\nstart_service() {\n\tmkdir -p /etc/dropbear\n"
		  "\tconfig_load dropbear\n\tconfig_foreach dropbear_instance dropbear\n}\n"
		  "stop_service() { killall dropbear; }\n",
		  0755,
		  "9 procd ? [\"$PROG\" -F -P /run/x] /usr/sbin/dropbear {order 19}\n"
		  "14 init.d ? [mkdir -p /etc/dropbear] mkdir {order 19}\n" },
		{ "/etc/init.d/telnet", NULL,
		  "#!/bin/sh /etc/rc.common\nSTART=50\nstart() {\n\tservice_start /usr/sbin/telnetd -l /bin/login.sh\n}\n"
		  "stop() {\n\tservice_stop /usr/sbin/telnetd\n}\n",
		  0755, "4 init.d ? [service_start /usr/sbin/telnetd -l /bin/login.sh] /usr/sbin/telnetd {order 50}\n" },
	};
	CHECK(examples);
}

static void test_super_servers(void **state)
{
	(void)state;
	static const struct example examples[] = {
		{ "/etc/inetd.conf", NULL,
		  "#telnet stream tcp nowait root /sbin/telnetd telnetd\n"
		  "23 stream tcp nowait root /sbin/telnetd /sbin/telnetd -i\n"
		  "ftp\tstream\ttcp\tnowait\troot\t/usr/sbin/tcpd\tin.ftpd -l\ntime stream tcp nowait root internal\n"
		  "words only\n"
		  "tftp dgram udp wait nobody /usr/sbin/tftpd\n"
		  "127.0.0.1:ftp stream tcp nowait root /usr/sbin/ftpd ftpd\n"
		  "[::1]:23 stream tcp6 nowait root /sbin/telnetd\n"
		  "127.0.0.1:\n24 stream tcp nowait root /sbin/telnetd\n*:\n25 stream tcp nowait root /sbin/telnetd\n",
		  0644,
		  "2 inetd ? [/sbin/telnetd -i] /sbin/telnetd {23/tcp}\n"
		  "3 inetd ? [in.ftpd -l] in.ftpd {ftp/tcp}\n"
		  "6 inetd ? [/usr/sbin/tftpd] /usr/sbin/tftpd {tftp/udp}\n"
		  "7 inetd ? [ftpd] /usr/sbin/ftpd {ftp/tcp, bound to 127.0.0.1}\n"
		  "8 inetd ? [/sbin/telnetd] /sbin/telnetd {23/tcp6, bound to [::1]}\n"
		  "10 inetd ? [/sbin/telnetd] /sbin/telnetd {24/tcp, bound to 127.0.0.1}\n"
		  "12 inetd ? [/sbin/telnetd] /sbin/telnetd {25/tcp}\n" },
		{ "/etc/xinetd.d/telnet", NULL,
		  "defaults\n{\n\tlog_type = SYSLOG\n}\nservice telnet\n{\n\tdisable = yes\n"
		  "\tserver = /usr/sbin/in.telnetd\n}\n"
		  "service ftp\n{\n# disable = yes\n\tserver\t= /usr/sbin/ftpd\n\tserver_args = -l -a\n\tport = 21\n}\n"
		  "service time\n{\n\ttype = INTERNAL\n}\n",
		  0644,
		  "8 xinetd 0 [/usr/sbin/in.telnetd] /usr/sbin/in.telnetd {telnet}\n"
		  "13 xinetd ? [/usr/sbin/ftpd -l -a] /usr/sbin/ftpd {ftp, port 21}\n" },
		/* includedir passes over names with a dot, and back-ups */
		{ "/etc/xinetd.d/telnet.old", NULL, "service telnet\n{\n\tserver = /usr/sbin/telnetd\n}\n", 0644, "" },
		{ "/etc/xinetd.d/telnet~", NULL, "service telnet\n{\n\tserver = /usr/sbin/telnetd\n}\n", 0644, "" },
		{ "/etc/xinetd.d/a", NULL, "service ftp\n{\n\tserver = /usr/sbin/ftpd\n\tonly_from = 127.0.0.1\n}\n", 0644,
		  "3 xinetd ? [/usr/sbin/ftpd] /usr/sbin/ftpd {ftp, only from 127.0.0.1}\n" },
		{ "/etc/xinetd.d/b", NULL,
		  "service ftp\n{\n\tserver = /usr/sbin/ftpd\n\tonly_from = 127.0.0.1\n\tonly_from += 10.0.0.1\n}\n", 0644,
		  "3 xinetd ? [/usr/sbin/ftpd] /usr/sbin/ftpd {ftp, only from several places}\n" },
		{ "/etc/xinetd.conf", NULL,
		  "service telnet\n{\n\tserver = /usr/sbin/telnetd\n}\ndefaults\n{\n\tdisabled = telnet tftp\n\tdisabled += rsh\n}\n"
		  "service ftp\n{\n\tid = rsh\n\tserver = /usr/sbin/ftpd\n}\n"
		  "service ftp\n{\n\tserver = /usr/sbin/ftpd\n\tbind = 127.0.0.1\n}\n",
		  0644,
		  "3 xinetd 0 [/usr/sbin/telnetd] /usr/sbin/telnetd {telnet}\n"
		  "7 xinetd 0 [telnet] ? {disabled}\n7 xinetd 0 [tftp] ? {disabled}\n8 xinetd 0 [rsh] ? {disabled}\n"
		  "13 xinetd 0 [/usr/sbin/ftpd] /usr/sbin/ftpd {rsh, service ftp}\n"
		  "17 xinetd ? [/usr/sbin/ftpd] /usr/sbin/ftpd {ftp, bound to 127.0.0.1}\n" },
		{ "/etc/xinetd.conf", NULL,
		  "defaults\n{\n\tenabled = ftp\n}\nservice telnet\n{\n\tserver = /usr/sbin/telnetd\n}\n"
		  "service ftp\n{\n\tserver = /usr/sbin/ftpd\n}\n",
		  0644,
		  "3 xinetd ? [ftp] ? {enabled only}\n7 xinetd 0 [/usr/sbin/telnetd] /usr/sbin/telnetd {telnet}\n"
		  "11 xinetd ? [/usr/sbin/ftpd] /usr/sbin/ftpd {ftp}\n" },
		{ "/etc/crontab", NULL, "SHELL=/bin/sh\n* * * * * root /bin/a\n@reboot root /usr/sbin/telnetd -p 2323\n", 0644,
		  "2 cron ? [/bin/a] /bin/a {* * * * *}\n3 cron ? [/usr/sbin/telnetd -p 2323] /usr/sbin/telnetd {@reboot}\n" },
		{ "/etc/cron.d/x", NULL,
		  "MAILTO=root\n#5 0 * * * root /bin/no\n5,35 */2 1-5 jan Mon-Fri www if [ -x /bin/a ]; then /bin/a 2>&1 >/dev/null; fi\n"
		  "* * * * *\n61 root /bin/no\n@sometimes root /bin/no\n0 4 * * * root mail -s x y%text /bin/no\n",
		  0644,
		  "3 cron ? [/bin/a 2>&1 >/dev/null] /bin/a {5,35 */2 1-5 jan Mon-Fri}\n"
		  "7 cron ? [mail -s x y] mail {0 4 * * *}\n" },
		{ "/etc/cron.d/x.dpkg-dist", NULL, "* * * * * root /bin/no\n", 0644, "" }, /* cron(8): no dots */
		{ "/etc/cron.d/x~", NULL, "* * * * * root /bin/no\n", 0644, "" },
		{ "/etc/cron.d/sub/x", NULL, "* * * * * root /bin/no\n", 0644, "" },
		/* crontab(5): values that a field does not have, and a day that no such month has */
		{ "/etc/cron.d/x", NULL,
		  "60 * * * * root /bin/no\n* 24 * * * root /bin/no\n* * 0 * * root /bin/no\n* * * 13 * root /bin/no\n* * * * 8 root /bin/no\n"
		  "* * * moon * root /bin/no\n*/0 * * * * root /bin/no\n0 0 31 feb * root /bin/no\n0 0 31 4 * root /bin/no\n"
		  "0 0 29 2 * root /bin/a\n0 0 31 2 mon root /bin/b\n59 23 31 DEC 7 root /bin/c\n0-59/20,7 * * jan-mar * root /bin/d\n",
		  0644,
		  "10 cron ? [/bin/a] /bin/a {0 0 29 2 *}\n11 cron ? [/bin/b] /bin/b {0 0 31 2 mon}\n12 cron ? [/bin/c] /bin/c {59 23 31 DEC 7}\n"
		  "13 cron ? [/bin/d] /bin/d {0-59/20,7 * * jan-mar *}\n" },
		{ "/etc/crontabs/root", NULL, "60 * * * * /bin/a\n* * 31 2 * /bin/no\n", 0600,
		  "1 cron ? [/bin/a] /bin/a {60 * * * *}\n" },
		{ "/etc/crontabs/root", NULL, "*/5 * * * * /usr/bin/check.sh -q && /usr/sbin/telnetd\r\n", 0600,
		  "1 cron ? [/usr/bin/check.sh -q] /usr/bin/check.sh {*/5 * * * *}\n"
		  "1 cron ? [/usr/sbin/telnetd] /usr/sbin/telnetd {*/5 * * * *}\n" },
		{ "/var/spool/cron/crontabs/root", NULL, "@reboot sh /app/run.sh\n", 0600,
		  "1 cron ? [sh /app/run.sh] /app/run.sh {@reboot}\n" },
		/* Debian's table, and the scripts that its lines have run-parts run: executable, and without a dot in their name */
		{ "/etc/crontab", NULL,
		  "25 6 * * * root test -x /usr/sbin/anacron || { cd / && run-parts --report /etc/cron.daily; }\n", 0644,
		  "1 cron ? [run-parts --report /etc/cron.daily] run-parts {25 6 * * *}\n" },
		{ "/etc/cron.daily/check", NULL, "#!/bin/sh\n[ -x /usr/sbin/x ] || exit 0\n/usr/sbin/x -q\n/usr/bin/y\n", 0755,
		  "3 cron ? [/usr/sbin/x -q] /usr/sbin/x {cron.daily}\n4 cron ? [/usr/bin/y] /usr/bin/y {cron.daily}\n" },
		{ "/etc/periodic/15min/poll", NULL, "#!/bin/sh\ntelnetd -l /bin/sh\n", 0755,
		  "2 cron ? [telnetd -l /bin/sh] telnetd {periodic/15min}\n" },
		{ "/etc/cron.hourly/off", NULL, "#!/bin/sh\n/usr/bin/y\n", 0644,
		  "2 cron 0 [/usr/bin/y] /usr/bin/y {cron.hourly}\n" },
		{ "/etc/cron.daily/check.sh", NULL, "#!/bin/sh\n/usr/bin/y\n", 0755, "" },
		{ "/etc/cron.daily/check.dpkg-dist", NULL, "#!/bin/sh\n/usr/bin/y\n", 0755, "" },
		{ "/etc/cron.daily/data", NULL, "/usr/bin/y\n", 0755, "" },
		{ "/etc/cron.daily/sub/check", NULL, "#!/bin/sh\n/usr/bin/y\n", 0755, "" },
		{ "/etc/cron.yearly/check", NULL, "#!/bin/sh\n/usr/bin/y\n", 0755, "" },
		{ "/etc/anacrontab", NULL,
		  "SHELL=/bin/sh\nSTART_HOURS_RANGE=3-22\n1\t5\tcron.daily\trun-parts --report /etc/cron.daily\n"
		  "@monthly 15 mon /usr/sbin/telnetd -F\n7 x y /bin/no\nx 5 y /bin/no\n1 5 alone\n#1 5 z /bin/no\n",
		  0644,
		  "3 cron ? [run-parts --report /etc/cron.daily] run-parts {anacron, every 1 days}\n"
		  "4 cron ? [/usr/sbin/telnetd -F] /usr/sbin/telnetd {anacron, @monthly}\n" },
		{ "/usr/share/doc/etc/cron.daily/check", NULL, "#!/bin/sh\n/usr/bin/y\n", 0755, "" },
	};
	CHECK(examples);
}

static void test_events(void **state)
{
	(void)state;
	static const struct example examples[] = {
		{ "/lib/udev/rules.d/50-x.rules", NULL,
		  "# RUN+=\"/bin/no\"\nACTION==\"add\", KERNEL==\"sd*\", \\\n  RUN+=\"/usr/sbin/mount.sh %k\"\n"
		  "SUBSYSTEM==\"net\", RUN{builtin}+=\"kmod load x\", RUN{program}=\"ifup-hook $name\", ENV{x}=\"a\\\"b\"\n"
		  "RUN==\"/bin/no\"\nKERNEL==\"tty*\", PROGRAM=\"/bin/asks\", IMPORT{program}==\"/bin/imports\"\nRUN+=\"\"\nRUN+=\"/bin/open\n",
		  0644,
		  "2 event ? [/usr/sbin/mount.sh %k] /usr/sbin/mount.sh {udev: ACTION==\"add\", KERNEL==\"sd*\"}\n"
		  "4 event ? [ifup-hook $name] /lib/udev/ifup-hook {udev: SUBSYSTEM==\"net\", RUN{builtin}+=\"kmod load x\"}\n"
		  "6 event ? [/bin/asks] /bin/asks {udev: KERNEL==\"tty*\"}\n"
		  "6 event ? [/bin/imports] /bin/imports {udev: KERNEL==\"tty*\", PROGRAM=\"/bin/asks\"}\n" },
		/* no comment goes on, nor ends what does */
		{ "/etc/udev/rules.d/c.rules", NULL, "# comment \\\nRUN+=\"/bin/a\"\nKERNEL==\"b\", \\\n # comment\n RUN+=\"/bin/b\"\n", 0644,
		  "2 event ? [/bin/a] /bin/a {udev}\n3 event ? [/bin/b] /bin/b {udev: KERNEL==\"b\"}\n" },
		{ "/etc/udev/rules.d/a.rules.off", NULL, "RUN+=\"/bin/no\"\n", 0644, "" },
		{ "/usr/share/a.rules", NULL, "RUN+=\"/bin/no\"\n", 0644, "" },
		{ "/etc/mdev.conf", NULL,
		  "#x root:root 600 @/bin/no\nsd[a-z] root:disk 660 */etc/hot.sh $MDEV\nnull root:root 666\n"
		  "tty[0-9]* 0:5 660 =tty/ @/bin/up\n-eth0 root:root 600 $telnetd -F\nnot a line @/bin/no\n",
		  0644,
		  "2 event ? [/etc/hot.sh $MDEV] /etc/hot.sh {mdev: device sd[a-z] is added or removed}\n"
		  "4 event ? [/bin/up] /bin/up {mdev: device tty[0-9]* is added}\n"
		  "5 event ? [telnetd -F] telnetd {mdev: device -eth0 is removed}\n" },
		/* as OpenWrt's base-files has it; one that leaves before */
		{ "/etc/rc.button/reset", NULL,
		  "#!/bin/sh\n. /lib/functions.sh\nOVERLAY=\"$( grep ' /overlay ' /proc/mounts )\"\ncase \"$ACTION\" in\npressed)\n"
		  "\t[ -z \"$OVERLAY\" ] && return 0\n\treturn 5\n;;\nreleased)\n\tif [ \"$SEEN\" -lt 1 ]\n\tthen\n\t\tsync\n"
		  "\telif [ \"$SEEN\" -ge 5 -a -n \"$OVERLAY\" ]\n\tthen\n\t\tjffs2reset -y && reboot &\n\tfi\n;;\nesac\nreturn 0\n",
		  0755,
		  "3 event ? [grep ' /overlay ' /proc/mounts] grep {button: rc.button} once\n"
		  "12 event ? [sync] sync {button: rc.button}\n15 event ? [jffs2reset -y] jffs2reset {button: rc.button}\n"
		  "15 event ? [reboot] reboot {button: rc.button}\n" },
		{ "/etc/rc.button/reset", NULL, "#!/bin/sh\nexit 0\njffs2reset -y && reboot &\n", 0755, "" },
		{ "/etc/hotplug.d/iface/20-x", NULL, "[ \"$ACTION\" = ifup ] && telnetd -l /bin/sh\n", 0644,
		  "1 event ? [telnetd -l /bin/sh] telnetd {hotplug: hotplug.d/iface}\n" },
		{ "/etc/network/if-up.d/x", NULL, "#!/bin/sh\n/usr/sbin/x\n", 0755,
		  "2 event ? [/usr/sbin/x] /usr/sbin/x {ifupdown: network/if-up.d}\n" },
		{ "/etc/dhcp/dhclient-exit-hooks.d/time", NULL, "rdate -s $ntp\n", 0644,
		  "1 event ? [rdate -s $ntp] rdate {network: /etc/dhcp/dhclient-exit-hooks.d/}\n" },
		{ "/usr/share/udhcpc/default.script", NULL, "#!/bin/sh\ncase $1 in bound) ntpd -q -p $ntpsrv;; esac\n", 0755,
		  "2 event ? [ntpd -q -p $ntpsrv] ntpd {network: /usr/share/udhcpc/}\n" },
		{ "/etc/ppp/ip-up", NULL, "#!/bin/sh\n/app/up\n", 0755, "2 event ? [/app/up] /app/up {network: /etc/ppp/}\n" },
		{ "/etc/ppp/options", NULL, "lock\n", 0644, "" },
		/* a default, and switches, which only true and false are assigned to */
		{ "/usr/lib/dhcpcd/dhcpcd-hooks/20-resolv.conf", NULL,
		  ": ${resolvconf:=resolvconf}\nif command -v \"$resolvconf\" >/dev/null; then\n\thave=true\nelse\n\thave=false\nfi\n"
		  "up() {\n\teval a=\\$nd_$b\n\tread name </x && printf %s \"$name\"\n\t\"$resolvconf\" -a x\n}\nif $have && $if_up; then up; fi\n\"$have\" || ${if_down} || $if_other\n", 0644,
		  "8 event ? [eval a=\\$nd_$b] eval {network: /usr/lib/dhcpcd/dhcpcd-hooks/}\n"
		  "10 event ? [\"$resolvconf\" -a x] resolvconf {network: /usr/lib/dhcpcd/dhcpcd-hooks/}\n"
		  "13 event ? [$if_other] ? {network: /usr/lib/dhcpcd/dhcpcd-hooks/}\n" },
		/* none of another client */
		{ "/etc/ppp/ip-up", NULL, "$if_up\n", 0755, "1 event ? [$if_up] ? {network: /etc/ppp/}\n" },
		/* something else may be assigned */
		{ "/etc/ppp/ip-up", NULL, "x=true\n[ $1 ] && x=false\nread x\n$x\n", 0755, "4 event ? [$x] ? {network: /etc/ppp/}\n" },
		{ "/etc/ppp/ip-up", NULL, "x=true\n[ $1 ] && x=telnetd\n$x\n", 0755, "3 event ? [$x] ? {network: /etc/ppp/}\n" },
		{ "/etc/ppp/ip-up", NULL, "x=true\n[ $1 ] && x=false\n: ${x:=telnetd}\n$x\n", 0755, "4 event ? [$x] ? {network: /etc/ppp/}\n" },
		{ "/etc/ppp/ip-up", NULL, "x=true\n[ $1 ] && x=false\nread -r $y\n$x\n", 0755, "4 event ? [$x] ? {network: /etc/ppp/}\n" },
		{ "/etc/ppp/ip-up", NULL, "x=true\n[ $1 ] && x=false\n. /etc/x\n$x\n", 0755, "4 event ? [$x] ? {network: /etc/ppp/}\n" },
		{ "/etc/ppp/ip-up", NULL, "x=true\n[ $1 ] && x=false\ntrue() {\n\ttelnetd\n}\n$x\n", 0755, "6 event ? [$x] ? {network: /etc/ppp/}\n" },
		{ "/etc/ppp/ip-up", NULL, "x=true\n[ $1 ] && x=false\nfor x in telnetd a; do :; done\n$x -F\n", 0755,
		  "4 event ? [$x -F] telnetd {network: /etc/ppp/}\n4 event ? [$x -F] a {network: /etc/ppp/}\n" },
		{ "/etc/network/if-up.d/README", NULL, "/usr/sbin/x\n", 0644, "" },
		{ "/etc/network/interfaces", NULL, "auto lo\n", 0644, "" },
	};
	CHECK(examples);
}

static void test_systemd(void **state)
{
	(void)state;
	static const struct example examples[] = {
		/* of several sockets the one that others reach */
		{ "/usr/lib/systemd/system/t.socket", NULL,
		  "[Socket]\nListenStream=127.0.0.1:23\nListenStream=2323\nAccept=yes\n", 0644,
		  "3 systemd ? [ListenStream=2323] /usr/lib/systemd/system/t@.service {t.socket}\n" },
		{ "/usr/lib/systemd/system/u.path", NULL, "[Path]\nDirectoryNotEmpty=/tmp/x\n", 0644,
		  "2 systemd ? [DirectoryNotEmpty=/tmp/x] /usr/lib/systemd/system/u.service {u.path}\n" },
		{ "/etc/systemd/system/multi-user.target.upholds/t.service", "/usr/lib/systemd/system/t.service", NULL, 0777,
		  "0 systemd 1 [t.service] /usr/lib/systemd/system/t.service {multi-user.target.upholds}\n" },
		{ "/lib/systemd/system/telnet.service", NULL,
		  "[Unit]\nDescription=x\n[Service]\n# ExecStart=/bin/no\nExecStartPre=-+/bin/mkdir -p /run/t\n"
		  "ExecStart=@/usr/sbin/telnetd telnetd \\\n  -F\nExecStop=/bin/kill\n[Install]\nWantedBy=multi-user.target\n",
		  0644,
		  "5 systemd ? [-+/bin/mkdir -p /run/t] /bin/mkdir {telnet.service} once\n"
		  "6 systemd ? [@/usr/sbin/telnetd telnetd \\\n  -F] /usr/sbin/telnetd {telnet.service}\n" },
		/* systemd leaves what is within double quotes to the shell that it runs */
		{ "/lib/systemd/system/db.service", NULL,
		  "[Service]\nExecStart=/bin/sh -c \"V=`/bin/recover`; exec /sbin/db $V\"\n", 0644,
		  "2 systemd ? [/bin/sh -c \"V=`/bin/recover`; exec /sbin/db $V\"] /bin/sh {db.service}\n"
		  "2 systemd ? [/bin/recover] /bin/recover {db.service} once\n"
		  "2 systemd ? [exec /sbin/db $V] /sbin/db {db.service}\n" },
		{ "/lib/systemd/system/set.service", NULL, "[Service]\nExecStart=/bin/set\nType=oneshot\n", 0644,
		  "2 systemd ? [/bin/set] /bin/set {set.service} once\n" },
		{ "/lib/systemd/system/net.service", NULL,
		  "[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=/etc/init.d/net start\n", 0644,
		  "4 systemd ? [/etc/init.d/net start] /etc/init.d/net {net.service}\n" },
		{ "/etc/systemd/system/multi-user.target.wants/telnet.service", "/lib/systemd/system/telnet.service", NULL,
		  0777, "0 systemd 1 [telnet.service] /lib/systemd/system/telnet.service {multi-user.target.wants}\n" },
		{ "/usr/lib/systemd/system/getty.target.wants/getty@tty1.service", "../getty@.service", NULL, 0777,
		  "0 systemd 1 [getty@tty1.service] /usr/lib/systemd/system/getty@.service {getty.target.wants}\n" },
		{ "/lib/systemd/system/reboot.target.wants/x.service", "../x.service", NULL, 0777,
		  "0 systemd 0 [x.service] /lib/systemd/system/x.service {reboot.target.wants}\n" },
		{ "/etc/systemd/system/x.service.requires/y.service", "../y.service", NULL, 0777,
		  "0 systemd ? [y.service] /etc/systemd/system/y.service {x.service.requires}\n" },
		{ "/etc/systemd/system/telnet.service", "/dev/null", NULL, 0777, "0 systemd 0 [telnet.service] ? {masked}\n" },
		{ "/etc/systemd/system/syslog.service", "/lib/systemd/system/rsyslog.service", NULL, 0777, "" },
		{ "/etc/systemd/system/default.target", "/lib/systemd/system/multi-user.target", NULL, 0777,
		  "0 systemd 1 [default.target] /lib/systemd/system/multi-user.target {default.target}\n" },
		{ "/etc/systemd/system/factory-test.target.wants/x.service", "../x.service", NULL, 0777,
		  "0 systemd ? [x.service] /etc/systemd/system/x.service {factory-test.target.wants}\n" },
		{ "/etc/systemd/system/multi-user.target.wants/app.target", "../app.target", NULL, 0777,
		  "0 systemd 1 [app.target] /etc/systemd/system/app.target {multi-user.target.wants}\n" },
		{ "/etc/systemd/system/multi-user.target.d.wants/x.service", "../x.service", NULL, 0777,
		  "0 systemd ? [x.service] /etc/systemd/system/x.service {multi-user.target.d.wants}\n" },
		{ "/lib/systemd/system/telnet.socket", NULL, "[Socket]\nListenStream=23\nAccept=yes\n", 0644,
		  "2 systemd ? [ListenStream=23] /lib/systemd/system/telnet@.service {telnet.socket}\n" },
		{ "/lib/systemd/system/update.timer", NULL, "[Timer]\nOnBootSec=5min\nUnit=fetch.service\n", 0644,
		  "2 systemd ? [OnBootSec=5min] /lib/systemd/system/fetch.service {update.timer}\n" },
		{ "/etc/systemd/system/a.service.d/x.conf", NULL, "[Unit]\nConditionPathExists=/etc/x\n", FACT_NULL,
		  "2 systemd ? [ConditionPathExists=/etc/x] ? {a.service}\n" },
		{ "/etc/systemd/system/a.service.d/x.conf", NULL, "[Service]\nExecStart=\nExecStart=/bin/sh -c 'telnetd -F'\n",
		  0644,
		  "3 systemd ? [/bin/sh -c 'telnetd -F'] /bin/sh {a.service}\n3 systemd ? [telnetd -F] telnetd {a.service}\n"
		  "2 systemd ? [ExecStart=] ? {a.service}\n" },
		/* what it had is taken back */
		{ "/lib/systemd/system/a.service", NULL, "[Service]\nExecStart=/bin/a\nExecStart=\nExecStart=/bin/b\n",
		  FACT_NULL, "4 systemd ? [/bin/b] /bin/b {a.service}\n" },
		{ "/lib/systemd/system/a.timer", NULL, "[Timer]\nOnCalendar=daily\nOnUnitActiveSec=\n", FACT_NULL, "" },
		{ "/lib/systemd/system/a.timer", NULL, "[Timer]\nOnCalendar=2001-01-01\nOnBootSec=5\n", FACT_NULL,
		  "3 systemd ? [OnBootSec=5] /lib/systemd/system/a.service {a.timer}\n" },
		{ "/etc/systemd/system/a.timer.d/x.conf", NULL, "[Timer]\nOnCalendar=\n", FACT_NULL,
		  "2 systemd ? [OnCalendar=] ? {a.timer}\n" },
		{ "/etc/systemd/system/a.timer.d/x.conf", NULL, "[Timer]\nOnCalendar=\nOnCalendar=weekly\n", FACT_NULL, "" },
		{ "/etc/systemd/system/service.d/x.conf", NULL, "[Unit]\nConditionPathExists=/x\n", FACT_NULL,
		  "2 systemd ? [ConditionPathExists=/x] ? {service}\n" },
		/* what it needs */
		{ "/usr/local/lib/systemd/system/a.service", NULL,
		  "[Unit]\nRequires=b.service c.target\nWants=d.target\nRequisite=e.service\n", FACT_NULL,
		  "2 systemd ? [b.service] /usr/local/lib/systemd/system/b.service {a.service.requires}\n"
		  "2 systemd ? [c.target] ? {a.service.requires}\n4 systemd ? [e.service] ? {a.service.requisite}\n" },
		{ "/etc/systemd/system/a.service.d/x.conf", NULL, "[Unit]\nWants=b.service\n", FACT_NULL,
		  "2 systemd ? [b.service] /etc/systemd/system/b.service {a.service.wants}\n" },
		/* what a service is kept from */
		{ "/lib/systemd/system/a.service", NULL,
		  "[Service]\nPrivateNetwork=yes\nRestrictAddressFamilies=AF_UNIX AF_INET6\nRestrictAddressFamilies=~AF_INET\nIPAddressDeny=any\n"
		  "PrivateNetwork=no\nRestrictAddressFamilies=AF_UNIX\nRestrictAddressFamilies=~AF_PACKET\nIPAddressDeny=192.0.2.1\nExecStart=/bin/a\n",
		  FACT_NULL,
		  "2 systemd ? [PrivateNetwork=yes] ? {a.service}\n4 systemd ? [RestrictAddressFamilies=~AF_INET] ? {a.service}\n"
		  "5 systemd ? [IPAddressDeny=any] ? {a.service}\n7 systemd ? [RestrictAddressFamilies=AF_UNIX] ? {a.service}\n"
		  "10 systemd ? [/bin/a] /bin/a {a.service}\n" },
		{ "/etc/systemd/system/a.service.d/x.conf", NULL, "[Service]\nRootDirectory=/srv/a\n", FACT_NULL,
		  "2 systemd ? [RootDirectory=/srv/a] ? {a.service}\n" },
		/* other files or libraries than those of the image: where programs and their settings lie, not beside them */
		{ "/lib/systemd/system/a.service", NULL,
		  "[Service]\nBindPaths=/data/a:/etc/a /data/h:/home\nBindPaths=/data/h:/home /data/s:/srv/a:rbind\nBindReadOnlyPaths=-/data/homeassistant:/homeassistant\n"
		  "InaccessiblePaths=-/boot /home/a\nInaccessiblePaths=+-/usr/bin\nTemporaryFileSystem=/home:ro /run\nTemporaryFileSystem=/var:ro\n"
		  "NoExecPaths=/\nBindPaths=/home/../etc\nBindPaths=/data\nBindPaths=/etc:/homes\n",
		  FACT_NULL,
		  "2 systemd ? [BindPaths=/data/a:/etc/a /data/h:/home] ? {a.service}\n"
		  "4 systemd ? [BindReadOnlyPaths=-/data/homeassistant:/homeassistant] ? {a.service}\n6 systemd ? [InaccessiblePaths=+-/usr/bin] ? {a.service}\n"
		  "8 systemd ? [TemporaryFileSystem=/var:ro] ? {a.service}\n9 systemd ? [NoExecPaths=/] ? {a.service}\n"
		  "10 systemd ? [BindPaths=/home/../etc] ? {a.service}\n11 systemd ? [BindPaths=/data] ? {a.service}\n"
		  "12 systemd ? [BindPaths=/etc:/homes] ? {a.service}\n" },
		{ "/etc/systemd/system/a.service.d/x.conf", NULL,
		  "[Service]\nEnvironment=A=1 \"LD_PRELOAD=/data/x.so\"\nEnvironment=A=1\nEnvironment=LD_LIBRARY_PATH=/data\nExtensionImages=/data/x.raw\n"
		  "EnvironmentFile=-/etc/default/a\nEnvironmentFile=\n",
		  FACT_NULL,
		  "2 systemd ? [Environment=A=1 \"LD_PRELOAD=/data/x.so\"] ? {a.service}\n4 systemd ? [Environment=LD_LIBRARY_PATH=/data] ? {a.service}\n"
		  "5 systemd ? [ExtensionImages=/data/x.raw] ? {a.service}\n6 systemd ? [EnvironmentFile=-/etc/default/a] ? {a.service}\n" },
		/* and what all services are given */
		{ "/usr/lib/systemd/system/service.d/x.conf", NULL, "[Service]\nEnvironment=LD_AUDIT=/data/x.so\n", FACT_NULL,
		  "2 systemd ? [Environment=LD_AUDIT=/data/x.so] ? {service}\n" },
		{ "/etc/systemd/system.conf.d/x.conf", NULL,
		  "DefaultEnvironment=LD_PRELOAD=/x\n[Manager]\nDefaultEnvironment=TZ=UTC LD_PRELOAD=/data/x.so\n#DefaultEnvironment=LD_AUDIT=/x\n"
		  "DefaultEnvironment=A=LD\nManagerEnvironment=LD_AUDIT=/x\n",
		  FACT_NULL, "3 systemd ? [DefaultEnvironment=TZ=UTC LD_PRELOAD=/data/x.so] ? {x.conf}\n" },
		{ "/etc/systemd/user.conf", NULL, "[Manager]\nDefaultEnvironment=LD_PRELOAD=/x\n", FACT_NULL, "" },
		/* what is mounted */
		{ "/etc/systemd/system/etc.mount", NULL,
		  "[Mount]\nWhat=/dev/sda3\nWhere=/etc\n[Install]\nWantedBy=local-fs.target\n", FACT_NULL,
		  "3 systemd ? [Where=/etc] ? {etc.mount}\n" },
		{ "/etc/systemd/system/multi-user.target", "/dev/null", NULL, 0777,
		  "0 systemd 0 [multi-user.target] ? {masked}\n" },
	};
	CHECK(examples);
}

/* Runs over exactly these bytes, so that a read behind them is found. */
static void survive(const char *path, const char *bytes, size_t n)
{
	struct arena *scratch = arena_new(0), *kept = arena_new(0);
	struct fact_list list;
	fact_list_init(&list, kept);
	char *copy = malloc(n ? n : 1);
	assert_non_null(copy);
	memcpy(copy, bytes, n);
	struct subject s = { .bytes = span_of(copy, n),
						 .path = text_c(path),
						 .kind = ENTRY_FILE,
						 .mode = 0755,
						 .format = "script",
						 .arena = scratch };
	if (startup_inspector.wants(&s))
		startup_inspector.run(&s, &list.sink);
	free(copy);
	arena_free(scratch);
	arena_free(kept);
}

static const char *const paths[] = { "/etc/init.d/rcS",  "/etc/inittab", "/etc/inetd.conf",
									 "/etc/xinetd.conf", "/etc/crontab", "/lib/systemd/system/a.service" };

static void test_survives(void **state)
{
	(void)state;
	static const char seed[] =
		"#!/bin/sh /etc/rc.common\nA=\"$(b `c` ${d:-e})\" f <<X 2>&1\nX\nfor i in a b; do $i; done\n"
		"case \"$1\" in\n start) g;;\n"
		"esac\nfunction h { j; }\nk() (l)\nif [ $1 = x ]; then m; else n; fi\n"
		"start-stop-daemon -S -x 'q' -- r\nsh -c 's; t'\n"
		"[Service]\nExecStart=-u \\\n v\nservice w\n{\nserver = x\n}\ny:2:respawn:/z\n@reboot root aa\n";
	for (size_t k = 0; k < sizeof paths / sizeof paths[0]; k++)
		for (size_t n = 0; n < sizeof seed; n++)
			survive(paths[k], seed, n);
	uint32_t random = 1;
	for (unsigned round = 0; round < 6000; round++) {
		char bytes[sizeof seed];
		memcpy(bytes, seed, sizeof seed);
		for (unsigned i = 0; i < 1 + round % 8; i++) {
			random = random * 1664525u + 1013904223u;
			bytes[(random >> 8) % sizeof seed] = "$`\"'(){};&|<>\\\n\0 =[]#*"[(random >> 24) % 23];
		}
		survive(paths[round % 6], bytes, sizeof seed - 1);
	}
}

/* The costliest inputs that were thought of stay far below a second. */
static void test_is_linear(void **state)
{
	(void)state;
	static const char *const units[] = {
		"$(",
		"`",
		"\"$(",
		"{ ",
		"( ",
		"if ",
		"case $1 in a) ",
		"a() { ",
		"A=$A$A$A ",
		"A=$A$A$A$A$A\n",
		"$A $A $A;",
		"a;",
		"<<A\n",
		"'",
		"\\",
		"for i in a b c d e f g h i j k l m n o p;do ",
		"${",
		"a=b\n",
		"$1(",
		"::once:a\n",
		"A::",
		"\n",
		"sh -c '",
		"a $(b $(c $(d)))\n",
		"ExecStart=a\n",
		"x \\\n",
		"((",
		")",
		";;",
		"case x in x) a;; esac\n",
		"f(){ f;};",
		"<",
		"[[ ",
	};
	size_t n = 500u << 10;
	char *bytes = malloc(n);
	assert_non_null(bytes);
	for (size_t k = 0; k < sizeof paths / sizeof paths[0]; k++)
		for (size_t u = 0; u < sizeof units / sizeof units[0]; u++) {
			struct text prefix = text_c(k == 5 ? "[Service]\n" : "A=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n");
			memcpy(bytes, prefix.p, prefix.n);
			for (size_t i = prefix.n; i < n; i++)
				bytes[i] = units[u][(i - prefix.n) % strlen(units[u])];
			survive(paths[k], bytes, n); /* the time limit of the test judges */
		}
	free(bytes);
}

static void test_damage(void **state)
{
	(void)state;
	static const struct example examples[] = {
		{ "/etc/rc.local", NULL, "ntpd\necho \"never closed\ntelnetd\n", 0755, "1 rc.local 1 [ntpd] ntpd {}\n" },
	};
	static char rows[256];
	size_t damages;
	run_example(&examples[0], rows, sizeof rows, &damages);
	assert_string_equal(rows, examples[0].rows);
	assert_int_equal(damages, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_inittab),    cmocka_unit_test(test_android),         cmocka_unit_test(test_links),
		cmocka_unit_test(test_conditions), cmocka_unit_test(test_unit_conditions), cmocka_unit_test(test_expanded),
		cmocka_unit_test(test_shell),      cmocka_unit_test(test_handed),          cmocka_unit_test(test_programs),
		cmocka_unit_test(test_openwrt),    cmocka_unit_test(test_run_as),          cmocka_unit_test(test_start_scripts),
		cmocka_unit_test(test_leaves),     cmocka_unit_test(test_init_scripts),    cmocka_unit_test(test_super_servers),
		cmocka_unit_test(test_events),     cmocka_unit_test(test_systemd),         cmocka_unit_test(test_survives),
		cmocka_unit_test(test_damage),     cmocka_unit_test(test_is_linear),
	};
	return cmocka_run_group_tests_name("startup", tests, NULL, NULL);
}
