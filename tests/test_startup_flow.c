/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whether boot comes to a command of a start-up script: each case is a script that names the program `app` once, and what
 * is expected of its row. The expectations come from the shell's language (IEEE Std 1003.1-2017, XCU 2) and from what calls
 * the scripts: rc.common of OpenWrt, rcS of Buildroot and BusyBox, init.d of Debian and Yocto, units of systemd. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "inspect/inspect.h"
#include "inspect/startup_parse.h"

extern const struct inspector startup_inspector;

struct flow_case {
	const char *script;
	const char *expected; /* "always", "never" (there is no row), or "if TEST line N", with " path P" where P decides it */
};

static void describe(const struct fact_startup *row, char *out, size_t size)
{
	if (!row)
		snprintf(out, size, "never");
	else if (!row->condition.p)
		snprintf(out, size, "always");
	else
		snprintf(out, size, "if %.*s line %ld%s%.*s", (int)row->condition.n, row->condition.p,
				 row->condition_line == FACT_NULL ? 0L : (long)row->condition_line, row->condition_path.p ? " path " : "",
				 (int)row->condition_path.n, row->condition_path.p ? row->condition_path.p : "");
}

static void run_case(const char *path, const char *script, char *out, size_t size)
{
	struct arena *scratch = arena_new(0), *kept = arena_new(0);
	struct fact_list list;
	fact_list_init(&list, kept);
	struct subject s = { .bytes = span_of(script, strlen(script)),
						 .path = text_c(path),
						 .kind = ENTRY_FILE,
						 .mode = 0755,
						 .format = "script",
						 .arena = scratch };
	const struct fact_startup *found = NULL, *row;
	assert_true(startup_inspector.wants(&s));
	startup_inspector.run(&s, &list.sink);
	for (size_t k = 0; (row = fact_list_get(&list, FACT_startup, k)); k++)
		if (text_is(text_base(row->program), "app"))
			found = row;
	describe(found, out, size);
	arena_free(scratch);
	arena_free(kept);
}

static void check_cases(const char *path, const struct flow_case *cases, size_t n)
{
	static char got[4096];
	unsigned wrong = 0;
	for (size_t i = 0; i < n; i++) {
		run_case(path, cases[i].script, got, sizeof got);
		if (strcmp(got, cases[i].expected) == 0)
			continue;
		wrong++;
		print_message("%s:\n%s\n  expected: %s\n  got:      %s\n", path, cases[i].script, cases[i].expected, got);
	}
	assert_int_equal(wrong, 0);
}
#define CHECK(path, cases) check_cases((path), (cases), sizeof(cases) / sizeof(cases)[0])

/* A test above the line that leaves the script. */
static void test_guards(void **state)
{
	(void)state;
	static const struct flow_case cases[] = {
		{ "app\n", "always" },
		{ "[ -f /etc/x ] || exit 0\napp\n", "if [ -f /etc/x ] line 1 path /etc/x" },
		{ "\n[ -f /etc/x ] && exit 0\napp\n", "if ! [ -f /etc/x ] line 2 path !/etc/x" },
		{ "[ ! -f /etc/x ] && exit 0\napp\n", "if [ -f /etc/x ] line 1 path /etc/x" },
		{ "! [ -f /etc/x ] && exit 0\napp\n", "if [ -f /etc/x ] line 1 path /etc/x" },
		{ "[ -f /tmp/x ] && exit 0\napp\n", "if ! [ -f /tmp/x ] line 1" },
		{ "test \"$AUTO\" = yes || return\napp\n", "if test \"$AUTO\" = yes line 1" },
		{ "grep -q auto /proc/cmdline || exit\napp\n", "if grep -q auto /proc/cmdline line 1" },
		{ "if [ -f /etc/off ]; then exit; fi\napp\n", "if ! [ -f /etc/off ] line 1 path !/etc/off" },
		{ "if [ \"$A\" = 1 ]; then\n echo on\nelse\n exit 0\nfi\napp\n", "if [ \"$A\" = 1 ] line 1" },
		{ "if [ \"$A\" = 1 ]; then\n echo on\nelse\n echo off\nfi\napp\n", "always" },
		{ "if [ \"$A\" = 1 ]; then\n exit\nelse\n exit\nfi\napp\n", "never" },
		{ "if [ \"$A\" = 1 ]; then exit; elif [ \"$B\" = 1 ]; then exit; fi\napp\n",
		  "if ! [ \"$A\" = 1 ]; ! [ \"$B\" = 1 ] line 1" },
		{ "if [ \"$A\" = 1 ]; then [ \"$B\" = 1 ] || exit; fi\napp\n", "if [ \"$B\" = 1 ] line 1" },
		{ "[ -n \"$A\" ] || { echo off; exit 0; }\napp\n", "if [ -n \"$A\" ] line 1" },
		{ "[ -n \"$A\" ] || ( echo off; exit 0 )\napp\n", "always" }, /* it leaves the subshell alone */
		{ "[ \"$A\" = 1 ] && [ \"$B\" = 1 ] || exit 0\napp\n", "if [ \"$A\" = 1 ] && [ \"$B\" = 1 ] line 1" },
		{ "[ \"$A\" = 1 ] || [ \"$B\" = 1 ] || exit 0\napp\n", "if [ \"$A\" = 1 ] || [ \"$B\" = 1 ] line 1" },
		{ "case $MODEL in\nX) exit 0;;\nesac\napp\n", "if ! case $MODEL in X) line 2" },
		{ "case $MODEL in\nX) echo;;\n*) exit;;\nesac\napp\n", "if ! case $MODEL in *) line 3" },
		{ "case $MODEL in\nX) echo;;\n*) date;;\nesac\napp\n", "always" },
		{ "cd /app || exit 1\napp\n", "always" },
		{ "mkdir -p /run/x || exit 1\napp\n", "always" },
		{ "check_update || exit 0\napp\n", "if check_update line 1" },
		{ "if check_update; then exit; fi\napp\n", "if ! check_update line 1" },
		{ "echo x | exit 1\napp\n", "always" },
		{ "[ -f /etc/x ] || exit 0 &\napp\n", "always" },
		{ "[ -x /usr/bin/app ] || exit 0\n/usr/bin/app\n", "always" },
		{ "[ -x /usr/bin/other ] || exit 0\n/usr/bin/app\n", "if [ -x /usr/bin/other ] line 1 path /usr/bin/other" },
		{ "which other >/dev/null || exit 0\napp\n", "if which other >/dev/null line 1 path other" },
		{ "[ -f /etc/app.conf ] || exit 0\napp\n", "if [ -f /etc/app.conf ] line 1 path /etc/app.conf" },
		{ "grep -q app /proc/cmdline || exit 0\napp\n", "if grep -q app /proc/cmdline line 1" },
		{ "[ -f /etc/a ] || exit 0\n[ -n \"$B\" ] || exit 0\napp\n", "if [ -f /etc/a ]; [ -n \"$B\" ] line 1" },
		{ "set -e\n[ -f /etc/a ]\napp\n", "if [ -f /etc/a ] line 2 path /etc/a" },
		{ "#!/bin/sh -e\ngrep -q x /proc/mtd\napp\n", "if grep -q x /proc/mtd line 2" },
		{ "[ -f /etc/a ]\napp\n", "always" },
		{ "A=1\n[ \"$A\" = 1 ] || exit 0\napp\n", "always" },
		{ "A=0\n[ \"$A\" = 1 ] || exit 0\napp\n", "if [ \"$A\" = 1 ] line 2" },
		{ "A=1\n. /etc/default/app\n[ \"$A\" = 1 ] || exit 0\napp\n", "if [ \"$A\" = 1 ] line 3" },
		{ "A=$(nvram get upgrade) && app\n", "if A=$(nvram get upgrade) line 1" },
	};
	CHECK("/etc/init.d/S50app", cases);
}

/* A test before the command itself. */
static void test_branches(void **state)
{
	(void)state;
	static const struct flow_case cases[] = {
		{ "[ \"$A\" = 1 ] && app\n", "if [ \"$A\" = 1 ] line 1" },
		{ "[ \"$A\" = 1 ] || app\n", "if ! [ \"$A\" = 1 ] line 1" },
		{ "! grep -q a /etc/b && app\n", "if ! grep -q a /etc/b line 1" },
		{ "if ! grep -q a /etc/b; then app; fi\n", "if ! grep -q a /etc/b line 1" },
		{ "if false; then app; fi\n", "never" },
		{ "if true; then app; fi\n", "always" },
		{ "if true; then echo; else app; fi\n", "never" },
		{ "false && app\n", "never" },
		{ "true || app\n", "never" },
		{ "true && app\n", "always" },
		{ "echo x && app\n", "always" },
		{ "wget -q -O /tmp/v http://a.example/v && app\n", "if wget -q -O /tmp/v http://a.example/v line 1" },
		{ "cat /proc/cmdline | grep -q auto && app\n", "if grep -q auto line 1" },
		{ "case $MODEL in\nX|Y) app;;\nesac\n", "if case $MODEL in X|Y) line 2" },
		{ "case $MODEL in\nX) echo;;\n*) app;;\nesac\n", "if case $MODEL in *) line 3" },
		{ "[ \"$A\" = 1 ] && echo on\napp\n", "always" },
		{ "[ \"$A\" = 1 ] && echo on || app\n", "if ! [ \"$A\" = 1 ] line 1" },
		{ "[ -d /run/x ] || mkdir /run/x && app\n", "always" },
		{ "if [ \"$A\" = 1 ]; then\n if [ \"$B\" = 2 ]; then app; fi\nfi\n", "if [ \"$A\" = 1 ]; [ \"$B\" = 2 ] line 1" },
		{ "[ -e /bin/x -a -e /bin/app ] && app\n", "if [ -e /bin/x ] line 1 path /bin/x" },
		{ "[ -e /bin/x -o -e /bin/app ] && app\n", "if [ -e /bin/x -o -e /bin/app ] line 1" },
		{ "[ -e /a -a -e /b ] && exit\napp\n", "if ! [ -e /a -a -e /b ] line 1" },
		{ "pidof app || app\n", "always" }, /* nothing runs yet */
		{ "[ -f /var/run/app.pid ] && exit 0\napp\n", "always" },
		{ "pidof app && app\n", "if pidof app line 1" },
	};
	CHECK("/etc/init.d/S50app", cases);
}

/* What is never reached, and what is no command at all. */
static void test_never(void **state)
{
	(void)state;
	static const struct flow_case cases[] = {
		{ "exit 0\napp\n", "never" },
		{ "exec /bin/sh\napp\n", "never" },
		{ "exec >/dev/null 2>&1\napp\n", "always" },
		{ "{ exit 0; }\napp\n", "never" },
		{ "while true; do sleep 1; done\napp\n", "never" },
		{ "while :; do [ -f /tmp/go ] && break; sleep 1; done\napp\n", "if [ -f /tmp/go ] line 1" },
		{ "while true; do sleep 1; break; done\napp\n", "always" },
		{ "while true; do app; sleep 60; done\n", "always" },
		{ "while true; do exit; done\napp\n", "never" },
		{ "cat <<EOF >/tmp/x.sh\napp\nEOF\n", "never" },
		{ "cat <<EOF >/tmp/x.sh\n  EOF\napp\nEOF\n", "never" },
		{ "cat <<-EOF >/tmp/x.sh\n\tapp\n\tEOF\n", "never" },
		{ "cat <<A <<B\nx\nA\napp\nB\n", "never" },
		{ "trap 'app' EXIT\n", "never" },
		{ "# app\n", "never" },
		{ "echo 'app'\n", "never" },
		{ "f() { app; }\n", "never" },
		{ "f() { app; }\ng() { f; }\n", "never" },
		{ "f() { app; }\nf\n", "always" },
		{ "main() { f; }\nf() { app; }\nmain \"$@\"\n", "always" },
		{ "alias app=x\n", "never" },
	};
	CHECK("/etc/init.d/S50app", cases);
}

static void test_functions(void **state)
{
	(void)state;
	static const struct flow_case cases[] = {
		{ "die() { echo no; exit 1; }\n[ -f /etc/x ] || die\napp\n", "if [ -f /etc/x ] line 2 path /etc/x" },
		{ "check() { [ -f /etc/x ] || exit 0; }\ncheck\napp\n", "if [ -f /etc/x ] line 1 path /etc/x" },
		{ "main() { check; app; }\ncheck() { [ -f /etc/x ] || exit 0; }\nmain\n", "if [ -f /etc/x ] line 2 path /etc/x" },
		{ "stop_all() { exit 0; }\nstop_all\napp\n", "never" },
		{ "f() { [ -f /etc/x ] || return; app; }\nf\n", "if [ -f /etc/x ] line 1 path /etc/x" },
		{ "f() { [ -f /etc/x ] || return; }\nf\napp\n", "always" },
		{ "f() { app; }\n[ -n \"$A\" ] && f\n", "if [ -n \"$A\" ] line 2" },
		{ "f() { [ -n \"$B\" ] && app; }\n[ -n \"$A\" ] && f\n", "if [ -n \"$A\" ]; [ -n \"$B\" ] line 2" },
		{ "f() { app; }\n[ -n \"$A\" ] && f\nf\n", "always" },
		{ "on() { [ -f /etc/on ]; }\non && app\n", "if on line 2" },
		{ "on() { [ -f /etc/on ] && return 0; return 1; }\non || exit\napp\n", "if on line 2" },
		{ "prepare() { mkdir /run/x; }\nprepare && app\n", "always" },
		{ "f() { return; app; }\nf\n", "never" },
		{ "f() ( exit 1 )\nf\napp\n", "always" },
		{ "function f { app; }\nf\n", "always" },
		{ "run() { \"$@\"; }\nrun app\n", "always" },
		{ "run() { \"$@\"; }\n[ -n \"$A\" ] && run app\n", "if [ -n \"$A\" ] line 2" },
	};
	CHECK("/etc/init.d/S50app", cases);
}

static void test_loops(void **state)
{
	(void)state;
	static const struct flow_case cases[] = {
		{ "while [ ! -e /dev/video0 ]; do sleep 1; done\napp\n", "if [ -e /dev/video0 ] line 1" },
		{ "until [ -e /dev/video0 ]; do sleep 1; done\napp\n", "if [ -e /dev/video0 ] line 1" },
		{ "until ping -c1 a.example; do sleep 1; done\napp\n", "if ping -c1 a.example line 1" },
		{ "(while [ ! -f /tmp/go ]; do sleep 1; done; app) &\n", "if [ -f /tmp/go ] line 1" },
		{ "i=0\nwhile [ $i -lt 10 ]; do i=$((i+1)); done\napp\n", "always" },
		{ "while [ ! -e /dev/a ]; do i=$((i+1)); [ $i -gt 9 ] && break; done\napp\n", "always" },
		{ "while [ $(cat /tmp/n) -lt 1 ]; do sleep 1; done\napp\n", "if ! [ $(cat /tmp/n) -lt 1 ] line 1" },
		{ "while [[ ! -e /dev/a ]]; do sleep 1; done\napp\n", "if ! [[ ! -e /dev/a ]] line 1" },
		{ "while :; do n=$(cat /tmp/n); [ $n -gt 1 ] && break; done\napp\n", "if [ $n -gt 1 ] line 1" },
		{ "i=0\nwhile [ $i -lt 9 ]; do i=`expr $i + 1`; done\napp\n", "always" },
		{ "while sleep 60; do app; done\n", "always" },
		{ "while sleep 60; do date; done\napp\n", "never" },
		{ "until mount /a; do sleep 1; done\napp\n", "always" },
		{ "while read l; do echo $l; done < /etc/list\napp\n", "always" },
		{ "while read l; do app; done < /etc/list\n", "if read l line 1" },
		{ "while [ -f /etc/x ]; do app; done\n", "if [ -f /etc/x ] line 1 path /etc/x" },
		{ "for i in a b; do app; done\n", "always" },
		{ "for i in $(ls /a); do app; done\n", "if for i in $(ls /a) line 1" },
		{ "for i in a b; do [ -f /etc/$i ] || continue; app; done\n", "if [ -f /etc/$i ] line 1" },
		{ "for i in a b; do [ -f /etc/$i ] || continue; done\napp\n", "always" },
		{ "for i in a b; do [ -f /etc/$i ] || exit; done\napp\n", "if [ -f /etc/$i ] line 1" },
		{ "cat /etc/l | while read i; do exit; done\napp\n", "always" },
	};
	CHECK("/etc/init.d/S50app", cases);
}

/* What the scripts of init.d are told: start. */
static void test_verbs(void **state)
{
	(void)state;
	static const struct flow_case cases[] = {
		{ "case \"$1\" in\n start) app;;\n stop) killall app;;\nesac\n", "always" },
		{ "case \"$1\" in\n start) echo;;\n restart) app;;\nesac\n", "never" },
		{ "case \"$1\" in\n start) echo;;\n upgrade) app;;\nesac\n", "never" },
		{ "case \"$1\" in\n x) app;;\nesac\n", "if case \"$1\" in x) line 2" },
		{ "case \"$1\" in\n upgrade) app;;\n *) echo usage; exit 1;;\nesac\n", "if case \"$1\" in upgrade) line 2" },
		{ "case \"$1\" in\n stop) exit;;\n start) echo;;\nesac\napp\n", "always" },
		{ "case \"$1\" in\n start) exit;;\nesac\napp\n", "never" },
		{ "case \"$1\" in\n start|restart) [ -f /etc/x ] || exit 0; app;;\nesac\n",
		  "if [ -f /etc/x ] line 2 path /etc/x" },
		{ "[ \"$1\" = start ] || exit 0\napp\n", "always" },
		{ "[ \"$1\" = stop ] && exit 0\napp\n", "always" },
		{ "[ \"$1\" = upgrade ] && app\n", "if [ \"$1\" = upgrade ] line 1" },
		{ "start() { app; }\nstop() { killall app; }\n\"$1\"\n", "always" },
		{ "update() { app; }\nstart() { :; }\n\"$1\"\n", "never" },
		{ "case \"$2\" in now) app;; esac\n", "if case \"$2\" in now) line 1" },
	};
	CHECK("/etc/init.d/S50app", cases);
	/* rcS and scripts of the maker's own: nobody knows that they are told anything. */
	static const struct flow_case other[] = {
		{ "#!/bin/sh\ncase \"$1\" in\n start) app;;\nesac\n", "if case \"$1\" in start) line 3" },
		{ "#!/bin/sh\n[ \"$1\" = start ] || exit 0\napp\n", "if [ \"$1\" = start ] line 2" },
		{ "#!/bin/sh\napp\n", "always" },
	};
	CHECK("/etc/init.d/rcS", other);
	CHECK("/app/start.sh", other);
}

/* What only prepares a program does not hide it, nor the test before it. */
static void test_wrapped(void **state)
{
	(void)state;
	static const struct flow_case cases[] = {
		{ "nohup app &\n", "always" },
		{ "[ -n \"$A\" ] && nohup setsid app &\n", "if [ -n \"$A\" ] line 1" },
		{ "su -c 'app' www\n", "always" },
		{ "su - www -c '[ -f /etc/x ] && app'\n", "if [ -f /etc/x ] line 1 path /etc/x" },
		{ "[ -n \"$A\" ] || exit\nsu - www -c '[ -f /etc/x ] && app'\n", "if [ -n \"$A\" ]; [ -f /etc/x ] line 1" },
		{ "sh -c 'exit; app'\n", "never" },
		{ "sh -c '[ -n \"$A\" ] || exit; app'\n", "if [ -n \"$A\" ] line 1" },
		{ "start-stop-daemon -S -x /usr/bin/app -- -d\n", "always" },
		{ "eval app\n", "always" },
		{ "eval \"[ -n \\\"$A\\\" ] && app\"\n", "never" }, /* what it comes to is not known */
		{ "eval '[ -f /etc/x ] && app'\n", "if [ -f /etc/x ] line 1 path /etc/x" },
		{ "A=app\n$A -d\n", "always" },
		{ "exec app\n", "always" },
		{ "[ -n \"$A\" ] && exec echo\napp\n", "if ! [ -n \"$A\" ] line 1" },
		{ ". /lib/functions.sh\nf() { app; }\nconfig_load x\nconfig_foreach f y\n",
		  "if config_foreach f y line 4 path /etc/config/x" },
		{ "X=$(app)\n", "always" },
		{ "X=$([ -n \"$A\" ] && app)\n", "if [ -n \"$A\" ] line 1" },
	};
	CHECK("/etc/init.d/S50app", cases);
}

/* Scripts as they stand in real systems, cut to what matters. */
static void test_openwrt_flow(void **state)
{
	(void)state;
	static const struct flow_case cases[] = {
		{ "#!/bin/sh /etc/rc.common\nSTART=50\nUSE_PROCD=1\nstart_service() {\n\tprocd_open_instance\n"
		  "\tprocd_set_param command /usr/sbin/app -f\n\tprocd_close_instance\n}\n",
		  "always" },
		{ "#!/bin/sh /etc/rc.common\nUSE_PROCD=1\nstart_service() {\n\tlocal on\n\tconfig_load app\n"
		  "\tconfig_get_bool on main enabled 0\n\t[ \"$on\" = 1 ] || return 0\n\tprocd_set_param command /usr/sbin/app\n}\n",
		  "if [ \"$on\" = 1 ] line 7" },
		{ "#!/bin/sh /etc/rc.common\nstart() {\n\t[ -f /etc/app.conf ] || return 1\n\tservice_start /usr/sbin/app\n}\n",
		  "if [ -f /etc/app.conf ] line 3 path /etc/app.conf" },
		{ "#!/bin/sh /etc/rc.common\nboot() { return 0; }\nstart() { app; }\n", "never" },
		{ "#!/bin/sh /etc/rc.common\nboot() { mkdir -p /var/x; start \"$@\"; }\nstart() { app; }\n", "always" },
		{ "#!/bin/sh /etc/rc.common\nUSE_PROCD=1\nboot() { start; }\nstart_service() { app; }\n", "always" },
		{ "#!/bin/sh /etc/rc.common\nUSE_PROCD=1\nstart_service() { :; }\nreload_service() { app; }\n", "never" },
		{ "#!/bin/sh /etc/rc.common\nEXTRA_COMMANDS=upgrade\nstart() { :; }\nupgrade() { app; }\n", "never" },
		{ "#!/bin/sh /etc/rc.common\nUSE_PROCD=1\ninstance() {\n\tprocd_set_param command app\n}\n"
		  "start_service() {\n\tconfig_load app\n\tconfig_foreach instance app\n}\n",
		  "if config_foreach instance app line 8 path /etc/config/app" },
	};
	CHECK("/etc/init.d/app", cases);
}

static void test_idioms(void **state)
{
	(void)state;
	static const struct flow_case initd[] = {
		/* Debian's skeleton */
		{ "#!/bin/sh\nDAEMON=/usr/sbin/app\n[ -x \"$DAEMON\" ] || exit 0\n[ -r /etc/default/app ] && . /etc/default/app\n"
		  ". /lib/lsb/init-functions\ndo_start()\n{\n"
		  "\tstart-stop-daemon --start --quiet --exec $DAEMON --test > /dev/null || return 1\n"
		  "\tstart-stop-daemon --start --quiet --exec $DAEMON -- $DAEMON_ARGS || return 2\n}\n"
		  "case \"$1\" in\n  start)\n\t[ \"$VERBOSE\" != no ] && log_daemon_msg \"Starting\" \"app\"\n\tdo_start\n"
		  "\tcase \"$?\" in\n\t\t0|1) [ \"$VERBOSE\" != no ] && log_end_msg 0 ;;\n\t\t2) log_end_msg 1 ;;\n\tesac\n\t;;\n"
		  "  *)\n\texit 3\n\t;;\nesac\n:\n",
		  "always" },
		/* Debian's: switched on in /etc/default */
		{ "#!/bin/sh\nENABLED=0\ntest -f /etc/default/app && . /etc/default/app\n[ \"$ENABLED\" != 0 ] || exit 0\n"
		  "case \"$1\" in\nstart) start-stop-daemon -S -x /usr/sbin/app ;;\nesac\nexit 0\n",
		  "if [ \"$ENABLED\" != 0 ] line 4" },
		/* Buildroot's package */
		{ "#!/bin/sh\nDAEMON=\"app\"\nPIDFILE=\"/var/run/$DAEMON.pid\"\nstart() {\n\tprintf 'Starting %s: ' \"$DAEMON\"\n"
		  "\tstart-stop-daemon -S -q -p \"$PIDFILE\" -x \"/usr/sbin/$DAEMON\"\n\tstatus=$?\n"
		  "\tif [ \"$status\" -eq 0 ]; then\n\t\techo \"OK\"\n\telse\n\t\techo \"FAIL\"\n\tfi\n\treturn \"$status\"\n}\n"
		  "stop() { start-stop-daemon -K -p x; }\nrestart() { stop; start; }\ncase \"$1\" in\n"
		  "\tstart|stop|restart)\n\t\t\"$1\";;\n\t*)\n\t\techo \"Usage\"\n\t\texit 1\nesac\n",
		  "always" },
		/* Yocto's SWUpdate-like service, which waits for a link */
		{ "#!/bin/sh\ncase \"$1\" in\nstart)\n\tif [ -e /etc/app.cfg ]; then\n\t\t/usr/bin/app -f /etc/app.cfg &\n\tfi\n\t;;\n"
		  "stop) killall app;;\nesac\n",
		  "if [ -e /etc/app.cfg ] line 4 path /etc/app.cfg" },
		/* An early return for what is mounted read-only */
		{ "#!/bin/sh\nif grep -q 'ro,' /proc/mounts\nthen\n\techo read-only\n\texit 0\nfi\napp -d\n",
		  "if ! grep -q 'ro,' /proc/mounts line 2" },
		/* A vendor's switch in NVRAM */
		{ "#!/bin/sh\nUP=`nvram get auto_upgrade`\nif [ \"$UP\" = \"1\" ]; then\n\tapp &\nfi\n", "if [ \"$UP\" = \"1\" ] line 3" },
		{ "#!/bin/sh\n[ \"$(nvram_get 2860 telnetEnabled)\" = \"1\" ] && app\n",
		  "if [ \"$(nvram_get 2860 telnetEnabled)\" = \"1\" ] line 2" },
		{ "#!/bin/sh\nif [ \"$(fw_printenv -n mode)\" != factory ]; then exit 0; fi\napp\n",
		  "if ! [ \"$(fw_printenv -n mode)\" != factory ] line 2" },
	};
	CHECK("/etc/init.d/S50app", initd);
	static const struct flow_case rcs[] = {
		/* BusyBox' example and Buildroot's rcS: what it does before its loop */
		{ "#!/bin/sh\n/bin/mount -a\n/bin/hostname -F /etc/hostname\n[ -d /var/run ] || mkdir -p /var/run\napp &\n"
		  "for i in /etc/init.d/S??* ;do\n     [ ! -f \"$i\" ] && continue\n     $i start\ndone\n",
		  "always" },
		/* A vendor's: a card with a test script goes first */
		{ "#!/bin/sh\nmount /dev/mmcblk0p1 /mnt\nif [ -f /mnt/test.sh ]; then\n\tsh /mnt/test.sh\n\texit 0\nfi\napp\n",
		  "if ! [ -f /mnt/test.sh ] line 3" },
		/* A vendor's: the debug build */
		{ "#!/bin/sh\nif [ -e /etc/debug ]; then app; fi\n", "if [ -e /etc/debug ] line 2 path /etc/debug" },
		{ "#!/bin/sh\n(sleep 30; app) &\nwait\n", "always" },
		{ "#!/bin/sh\nsleep 5 && app &\n", "always" },
	};
	CHECK("/etc/init.d/rcS", rcs);
	static const struct flow_case unit[] = {
		{ "[Service]\nExecStart=/usr/bin/app\n", "always" },
		{ "[Unit]\nConditionPathExists=/etc/x\n[Service]\nExecStart=/usr/bin/app\n",
		  "if ConditionPathExists=/etc/x line 2 path /etc/x" },
		{ "[Unit]\nConditionPathExists=!/etc/x\n[Service]\nExecStart=/usr/bin/app\n",
		  "if ConditionPathExists=!/etc/x line 2 path !/etc/x" },
		{ "[Service]\nExecCondition=/usr/bin/check\nExecStart=/usr/bin/app\n", "if ExecCondition=/usr/bin/check line 2" },
		{ "[Service]\nExecStart=/bin/sh -c 'test -f /tmp/x && exec app'\n", "if test -f /tmp/x line 2" },
	};
	CHECK("/lib/systemd/system/a.service", unit);
	static const struct flow_case cron[] = {
		{ "0 3 * * * app\n", "always" },
		{ "0 3 * * * [ -f /etc/x ] && app\n", "if [ -f /etc/x ] line 1 path /etc/x" },
		{ "0 3 * * * test -x /bin/y || exit 0; app\n", "if test -x /bin/y line 1 path /bin/y" },
	};
	CHECK("/etc/crontabs/root", cron);
	static const struct flow_case inittab[] = {
		{ "::once:/usr/bin/app\n", "always" },
		{ "::once:/bin/sh -c '[ -f /etc/x ] || exit 0; app'\n", "if [ -f /etc/x ] line 1 path /etc/x" },
		{ "::once:sleep 1 && app\n", "always" },
		{ "::once:check && app\n", "if check line 1" },
	};
	CHECK("/etc/inittab", inittab);
}

/* A program that does not come back. */
static void test_stays(void **state)
{
	(void)state;
	static const struct flow_case cases[] = {
		{ "syslogd -n\napp\n", "if syslogd -n ends line 1" },
		{ "syslogd -n &\napp\n", "always" },
		{ "syslogd -S\napp\n", "always" },
		{ "supervisord -c /etc/s.conf\napp\n", "always" }, /* a daemon unless told to stay */
		{ "supervisord -n\napp\n", "if supervisord -n ends line 1" },
		{ "utelnetd -d\napp\n", "always" }, /* the other way round */
		{ "utelnetd -l /bin/sh\napp\n", "if utelnetd -l /bin/sh ends line 1" },
		{ "\n/bin/busybox syslogd -nS\napp\n", "if /bin/busybox syslogd -nS ends line 2" },
		{ "httpd -f -p 8080\napp\n", "if httpd -f -p 8080 ends line 1" },
		{ "httpd -h /www\napp\n", "always" },
		{ "sleep infinity\napp\n", "if sleep infinity ends line 1" },
		{ "sleep 60\napp\n", "always" },
		{ "reboot\napp\n", "if reboot ends line 1" },
		{ "O=-n\nsyslogd $O\napp\n", "if syslogd $O ends line 2" },
		{ "run() { crond -f; }\nrun\napp\n", "if crond -f ends line 1" },
		{ "(crond -f) &\napp\n", "always" },
		{ "crond -f && app\n", "if crond -f ends; crond -f line 1" },
		{ "[ -f /etc/x ] && crond -f\napp\n", "if ! [ -f /etc/x ] line 1 path !/etc/x" },
		{ "mount -a || reboot\napp\n", "always" },
		{ "for i in 1 2; do tail -f /var/log/messages; done\napp\n", "if tail -f /var/log/messages ends line 1" },
		{ "hostapd /etc/hostapd.conf\napp\n", "if hostapd /etc/hostapd.conf ends line 1" },
		{ "hostapd -B /etc/hostapd.conf\napp\n", "always" },
		{ "dropbear -R -p 22\napp\n", "always" },
		{ "dropbear -F -R\napp\n", "if dropbear -F -R ends line 1" },
	};
	CHECK("/etc/init.d/rcS", cases);
}

/* Why a command is never reached. */
static void test_reasons(void **state)
{
	(void)state;
	static const struct {
		const char *script, *why;
		int64_t line;
	} cases[] = {
		{ "{ exit 0; }\napp\n", "what stands before leaves the script", 1 },
		{ "f() { app; }\n", "no command that is reached calls the function", 1 },
		{ "while :; do sleep 1; done\napp\n", "a loop before it never ends", 1 },
		{ "if false; then app; fi\n", "the test before it fails", 1 },
		{ "case $1 in start) :;; stop) app;; esac\n", "another argument is needed", 1 },
		{ "if true; then exit; fi\napp\n", "what stands before leaves the script", 1 },
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct arena *arena = arena_new(0);
		struct script *s = script_new(arena);
		assert_non_null(s);
		script_read(s, text_c(cases[i].script), 1, TEXT_LIT("start"));
		script_follow(s);
		const struct script_command *found = NULL;
		for (unsigned k = 0; k < s->ncommands; k++)
			if (text_is(s->commands[k].argv[0], "app"))
				found = &s->commands[k];
		if (!found)
			fail_msg("%s: the command was not read", cases[i].script);
		struct script_reach r = script_reach(s, found);
		assert_int_equal(r.kind, REACH_NEVER);
		assert_string_equal(r.why, cases[i].why);
		assert_int_equal(r.line, cases[i].line);
		arena_free(arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_guards), cmocka_unit_test(test_branches),      cmocka_unit_test(test_never),
		cmocka_unit_test(test_loops),  cmocka_unit_test(test_functions),     cmocka_unit_test(test_verbs),
		cmocka_unit_test(test_idioms), cmocka_unit_test(test_openwrt_flow),  cmocka_unit_test(test_wrapped),
		cmocka_unit_test(test_reasons), cmocka_unit_test(test_stays),
	};
	return cmocka_run_group_tests_name("startup_flow", tests, NULL, NULL);
}
