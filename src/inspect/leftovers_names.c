/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Programs and files of development, by name.
 *
 * From the manuals of the programs and formats named. A program stands here when its use is to look into or to change a
 * running system, to build programs, or to try hardware out; not what administrators of a product need (ping, traceroute,
 * ip, curl). The lists of firmwalker and EMBA (S50 and its like) were looked through for what is missing.
 */
#include "inspect/leftovers.h"

#include <stdlib.h>

#define TOOL(name, kind, detail)                                                                                       \
	{                                                                                                                  \
		LEFTOVER_PROGRAM, name, kind, detail, NULL, 0                                                                  \
	}
#define APPLET(name, kind, detail)                                                                                     \
	{                                                                                                                  \
		LEFTOVER_APPLET, name, kind, detail, NULL, 0                                                                   \
	}

#define READS_PROCESSES "reads and changes running programs"
#define TRACES "traces running programs"
#define CAPTURES "records what goes over the network"
#define RELAYS "opens connections to anywhere, and a shell on them"
#define SCANS "looks for services on other machines"
#define MEASURES "a server or client that measures the network"
#define POKES "reads and writes physical memory"
#define POKES_BUS "reads and writes the registers of chips"
#define BUILDS "builds programs"
#define LOOKS "looks into programs"
#define VERSIONS "a version control system"
#define STRESSES "a test or benchmark of the hardware"
#define CRACKS "guesses passwords"

/* In the order of their names. */
static const struct leftover_rule programs[] = {
	TOOL("aircrack-ng", "debug tool", CRACKS),
	TOOL("aireplay-ng", "debug tool", "injects radio frames"),
	TOOL("airodump-ng", "debug tool", "records radio frames"),
	TOOL("ar", "development", BUILDS),
	TOOL("as", "development", BUILDS),
	TOOL("ated", "test program", "the factory test daemon of Ralink radios"),
	TOOL("autoconf", "development", BUILDS),
	TOOL("automake", "development", BUILDS),
	TOOL("bison", "development", BUILDS),
	TOOL("bonnie++", "test program", STRESSES),
	TOOL("bpftrace", "debug tool", TRACES),
	TOOL("btmon", "debug tool", "records Bluetooth packets"),
	TOOL("bzr", "development", VERSIONS),
	TOOL("c++", "development", BUILDS),
	TOOL("cc", "development", BUILDS),
	TOOL("clang", "development", BUILDS),
	TOOL("cmake", "development", BUILDS),
	TOOL("coremark", "test program", STRESSES),
	TOOL("cpp", "development", BUILDS),
	TOOL("cvs", "development", VERSIONS),
	TOOL("cyclictest", "test program", STRESSES),
	APPLET("devmem", "debug tool", POKES),
	TOOL("devmem2", "debug tool", POKES),
	TOOL("dhrystone", "test program", STRESSES),
	TOOL("dsniff", "debug tool", CAPTURES),
	TOOL("dumpcap", "debug tool", CAPTURES),
	TOOL("ettercap", "debug tool", "intercepts the connections of other machines"),
	TOOL("evtest", "test program", "shows the events of input devices"),
	TOOL("fbtest", "test program", STRESSES),
	TOOL("fio", "test program", STRESSES),
	TOOL("flex", "development", BUILDS),
	TOOL("g++", "development", BUILDS),
	TOOL("gcc", "development", BUILDS),
	TOOL("gcov", "development", "evaluates which code was run"),
	TOOL("gdb", "debug tool", READS_PROCESSES),
	TOOL("gdb-multiarch", "debug tool", READS_PROCESSES),
	TOOL("gdbserver", "debug tool", READS_PROCESSES ", over a network or a serial line"),
	TOOL("git", "development", VERSIONS),
	TOOL("gprof", "development", "evaluates where time is spent"),
	TOOL("hackbench", "test program", STRESSES),
	TOOL("hcidump", "debug tool", "records Bluetooth packets"),
	TOOL("hello", "test program", "a first program to try a toolchain with"),
	TOOL("hello_world", "test program", "a first program to try a toolchain with"),
	TOOL("helloworld", "test program", "a first program to try a toolchain with"),
	TOOL("hexedit", "debug tool", "changes bytes of files and devices"),
	TOOL("hg", "development", VERSIONS),
	TOOL("hping3", "debug tool", "sends packets of any making"),
	TOOL("hydra", "debug tool", CRACKS),
	APPLET("i2cdetect", "debug tool", "looks for chips on an I2C bus"),
	APPLET("i2cdump", "debug tool", POKES_BUS),
	APPLET("i2cget", "debug tool", POKES_BUS),
	APPLET("i2cset", "debug tool", POKES_BUS),
	APPLET("i2ctransfer", "debug tool", POKES_BUS),
	TOOL("iozone", "test program", STRESSES),
	TOOL("iperf", "debug tool", MEASURES),
	TOOL("iperf3", "debug tool", MEASURES),
	TOOL("javac", "development", BUILDS),
	TOOL("john", "debug tool", CRACKS),
	TOOL("kismet", "debug tool", "records radio frames"),
	TOOL("ld", "development", BUILDS),
	TOOL("ld.bfd", "development", BUILDS),
	TOOL("ld.gold", "development", BUILDS),
	TOOL("libtool", "development", BUILDS),
	TOOL("lldb", "debug tool", READS_PROCESSES),
	TOOL("lldb-server", "debug tool", READS_PROCESSES ", over a network"),
	TOOL("ltrace", "debug tool", TRACES),
	TOOL("lttng", "debug tool", TRACES),
	TOOL("make", "development", BUILDS),
	TOOL("masscan", "debug tool", SCANS),
	TOOL("memdump", "debug tool", "reads physical memory"),
	TOOL("memtester", "test program", STRESSES),
	TOOL("memtool", "debug tool", POKES),
	TOOL("meson", "development", BUILDS),
	TOOL("modetest", "test program", STRESSES),
	TOOL("mtd_stresstest", "test program", STRESSES),
	APPLET("nc", "debug tool", RELAYS),
	TOOL("nc.openbsd", "debug tool", RELAYS),
	TOOL("nc.traditional", "debug tool", RELAYS),
	TOOL("ncat", "debug tool", RELAYS),
	APPLET("netcat", "debug tool", RELAYS),
	TOOL("netperf", "debug tool", MEASURES),
	TOOL("netserver", "debug tool", MEASURES),
	TOOL("ngrep", "debug tool", CAPTURES),
	TOOL("ninja", "development", BUILDS),
	TOOL("nm", "development", LOOKS),
	TOOL("nmap", "debug tool", SCANS),
	TOOL("objcopy", "development", LOOKS),
	TOOL("objdump", "development", LOOKS),
	TOOL("opcontrol", "debug tool", TRACES),
	TOOL("operf", "debug tool", TRACES),
	TOOL("perf", "debug tool", TRACES),
	TOOL("ptrace", "debug tool", TRACES),
	TOOL("ranlib", "development", BUILDS),
	TOOL("readelf", "development", LOOKS),
	TOOL("rustc", "development", BUILDS),
	TOOL("socat", "debug tool", RELAYS),
	TOOL("spidev_test", "test program", "sends bytes to chips on an SPI bus"),
	TOOL("ssldump", "debug tool", CAPTURES),
	TOOL("strace", "debug tool", TRACES),
	TOOL("stress", "test program", STRESSES),
	TOOL("stress-ng", "test program", STRESSES),
	TOOL("strip", "development", BUILDS),
	TOOL("svn", "development", VERSIONS),
	TOOL("sysdig", "debug tool", TRACES),
	TOOL("tcc", "development", BUILDS),
	TOOL("tcpdump", "debug tool", CAPTURES),
	TOOL("tinymembench", "test program", STRESSES),
	TOOL("trace-cmd", "debug tool", TRACES),
	TOOL("tshark", "debug tool", CAPTURES),
	TOOL("uprobes", "debug tool", TRACES),
	TOOL("valgrind", "debug tool", TRACES),
	TOOL("whetstone", "test program", STRESSES),
	TOOL("wireshark", "debug tool", CAPTURES),
};

#define NAMED(name, kind, detail)                                                                                      \
	{                                                                                                                  \
		LEFTOVER_NAME, name, kind, detail, NULL, 0                                                                     \
	}
#define NAMED_AS(name, kind, detail, begins)                                                                           \
	{                                                                                                                  \
		LEFTOVER_NAME, name, kind, detail, begins, sizeof(begins) - 1                                                  \
	}
#define ENDING(name, kind, detail)                                                                                     \
	{                                                                                                                  \
		LEFTOVER_ENDING, name, kind, detail, NULL, 0                                                                   \
	}
#define ENDING_AS(name, kind, detail, begins)                                                                          \
	{                                                                                                                  \
		LEFTOVER_ENDING, name, kind, detail, begins, sizeof(begins) - 1                                                \
	}
#define BELOW(name, kind, detail)                                                                                      \
	{                                                                                                                  \
		LEFTOVER_BELOW, name, kind, detail, NULL, 0                                                                    \
	}
#define WITHIN(name, kind, detail)                                                                                     \
	{                                                                                                                  \
		LEFTOVER_WITHIN, name, kind, detail, NULL, 0                                                                   \
	}

#define COMMANDS "commands that somebody typed"
#define CI "how a server builds the product"

/* The first that fits counts. */
static const struct leftover_rule files[] = {
	/* version control: a file that every repository has stands for it */
	WITHIN("/.git/HEAD", "version control", "a repository of git"),
	WITHIN("/.svn/entries", "version control", "a working copy of Subversion"),
	WITHIN("/.svn/wc.db", "version control", "a working copy of Subversion"),
	WITHIN("/.hg/requires", "version control", "a repository of Mercurial"),
	WITHIN("/CVS/Entries", "version control", "a working copy of CVS"),
	WITHIN("/.bzr/branch-format", "version control", "a branch of Bazaar"),
	NAMED_AS(".git", "version control", "a link to a repository of git", "gitdir:"),
	NAMED(".gitignore", "version control", "what git leaves out"),
	NAMED(".gitmodules", "version control", "where git finds further sources"),
	NAMED(".gitattributes", "version control", "how git treats files"),
	NAMED(".gitconfig", "version control", "the name and settings of a user of git"),
	NAMED(".git-credentials", "version control", "credentials of a user of git"),

	NAMED(".bash_history", "history", COMMANDS),
	NAMED(".ash_history", "history", COMMANDS),
	NAMED(".sh_history", "history", COMMANDS),
	NAMED(".zsh_history", "history", COMMANDS),
	NAMED(".history", "history", COMMANDS),
	NAMED(".mysql_history", "history", "SQL that somebody typed"),
	NAMED(".psql_history", "history", "SQL that somebody typed"),
	NAMED(".sqlite_history", "history", "SQL that somebody typed"),
	NAMED(".python_history", "history", "Python that somebody typed"),
	NAMED(".node_repl_history", "history", "JavaScript that somebody typed"),
	NAMED(".rediscli_history", "history", "commands to Redis that somebody typed"),
	NAMED(".lesshst", "history", "what somebody searched for in less"),
	NAMED(".viminfo", "history", "files and commands of somebody's vim"),
	NAMED(".wget-hsts", "history", "servers that somebody fetched from with wget"),

	ENDING_AS(".swp", "editor", "what vim keeps of a file that is being edited", "b0VIM "),
	ENDING_AS(".swo", "editor", "what vim keeps of a file that is being edited", "b0VIM "),
	ENDING_AS(".swn", "editor", "what vim keeps of a file that is being edited", "b0VIM "),
	ENDING_AS(".un~", "editor", "what vim keeps to undo changes", "Vim\237UnDo\345"),

	NAMED_AS(".DS_Store", "desktop", "what macOS keeps of a folder: names of its files", "\0\0\0\1Bud1"),
	NAMED_AS("Thumbs.db", "desktop", "thumbnails of Windows", "\xd0\xcf\x11\xe0"),
	NAMED_AS("desktop.ini", "desktop", "how Windows shows a folder", "[.ShellClassInfo]"),

	ENDING_AS(".la", "build", "a description for libtool of a library", "#"),
	ENDING(".pc", "build", "how to build programs with a library"),
	ENDING_AS(".pdb", "build", "debugging information of a Windows program", "Microsoft C/C++ "),
	ENDING(".js.map", "build", "a source map: the sources of a script of a web page"),
	ENDING(".css.map", "build", "a source map: the sources of a style sheet"),
	NAMED("Makefile", "build", "how to build programs"),
	NAMED("makefile", "build", "how to build programs"),
	NAMED("GNUmakefile", "build", "how to build programs"),
	NAMED("CMakeLists.txt", "build", "how to build programs"),
	NAMED("CMakeCache.txt", "build", "settings of a build, with the paths of the machine that built it"),
	NAMED("compile_commands.json", "build", "the commands of a build"),
	NAMED("build.ninja", "build", "the commands of a build"),
	NAMED_AS("config.log", "build", "what a build found on the machine that built it",
			 "This file contains any messages"),
	NAMED_AS("config.status", "build", "settings of a build", "#!"),
	NAMED("Dockerfile", "build", "how a container is built"),
	NAMED("docker-compose.yml", "build", "how containers are run"),
	NAMED("Jenkinsfile", "build", CI),
	NAMED(".gitlab-ci.yml", "build", CI),
	NAMED(".travis.yml", "build", CI),
	NAMED("Vagrantfile", "build", "a developer's virtual machine"),
	WITHIN("/.vscode/settings.json", "build", "a developer's project"),
	WITHIN("/.idea/workspace.xml", "build", "a developer's project"),
	NAMED_AS(".project", "build", "a developer's project", "<?xml"),
	ENDING_AS(".gcno", "coverage", "which code can be run", "oncg"),
	ENDING_AS(".gcda", "coverage", "which code was run", "adcg"),
	ENDING_AS(".gcno", "coverage", "which code can be run", "gcno"),
	ENDING_AS(".gcda", "coverage", "which code was run", "gcda"),
	NAMED_AS("gmon.out", "coverage", "where time was spent", "gmon"),
	NAMED_AS(".coverage", "coverage", "which code was run", "SQLite format 3"),
	NAMED("lcov.info", "coverage", "which code was run"),

	ENDING(".dpkg-old", "back-up", "what dpkg kept of a changed configuration"),
	ENDING(".dpkg-dist", "back-up", "a configuration that dpkg did not install"),
	ENDING(".dpkg-bak", "back-up", "what dpkg kept of a changed configuration"),
	ENDING(".ucf-old", "back-up", "what ucf kept of a changed configuration"),
	ENDING(".ucf-dist", "back-up", "a configuration that ucf did not install"),
	ENDING(".rpmsave", "back-up", "what rpm kept of a changed configuration"),
	ENDING(".rpmorig", "back-up", "what rpm kept of a changed configuration"),
	ENDING(".rpmnew", "back-up", "a configuration that rpm did not install"),
	ENDING("-opkg", "back-up", "a configuration that opkg did not install"),
	ENDING(".bak", "back-up", "a copy of another file"),
	ENDING(".backup", "back-up", "a copy of another file"),
	ENDING(".orig", "back-up", "a file as it was before a patch"),
	ENDING(".rej", "back-up", "what of a patch did not fit"),
	ENDING(".old", "back-up", "an earlier version of another file"),
	ENDING(".save", "back-up", "what an editor kept of another file"),
	ENDING("~", "back-up", "what an editor kept of another file"),
	NAMED("passwd-", "back-up", "the accounts before the last change"),
	NAMED("shadow-", "back-up", "the passwords before the last change"),
	NAMED("group-", "back-up", "the groups before the last change"),
	NAMED("gshadow-", "back-up", "the group passwords before the last change"),
	NAMED("subuid-", "back-up", "subordinate user ids before the last change"),
	NAMED("subgid-", "back-up", "subordinate group ids before the last change"),
	BELOW("/var/backups/", "back-up", "a copy that a nightly job made"),

	BELOW("/var/lib/apt/lists/", "package cache", "a list of packages that apt fetched"),
	NAMED("pkgcache.bin", "package cache", "what apt knows of packages"),
	NAMED("srcpkgcache.bin", "package cache", "what apt knows of packages"),
	BELOW("/var/opkg-lists/", "package cache", "a list of packages that opkg fetched"),
	BELOW("/var/cache/opkg/", "package cache", "a package that opkg fetched"),
	BELOW("/root/.cache/pip/", "package cache", "what pip fetched"),
	BELOW("/root/.npm/", "package cache", "what npm fetched"),
	BELOW("/var/log/", "log", "what was logged before the image was made"),
};

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

static int compare(const void *key, const void *element)
{
	const struct text *name = key;
	const char *other = ((const struct leftover_rule *)element)->name;
	size_t n = strlen(other);
	int order = memcmp(name->p, other, name->n < n ? name->n : n);
	return order ? order : (name->n > n) - (name->n < n);
}

const struct leftover_rule *leftover_program(struct text name)
{
	return name.n ? bsearch(&name, programs, COUNT(programs), sizeof *programs, compare) : NULL;
}

const struct leftover_rule *leftover_file_rule(size_t i)
{
	return i < COUNT(files) ? &files[i] : NULL;
}
