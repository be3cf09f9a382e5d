/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "worker/confine.h"

#include <errno.h>
#include <linux/landlock.h>
#include <seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "worker/sanitized.h"

/* The rule set's attributes up to ABI 6; kernels of an older ABI get the shorter prefix that they know. The header of
 * the build machine may be older than the kernel that runs. */
struct ruleset_attributes {
	uint64_t handled_access_fs;
	uint64_t handled_access_net; /* ABI 4 */
	uint64_t scoped;             /* ABI 6 */
};

int confine_landlock_version(void)
{
	long v = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
	return v < 0 ? 0 : (int)v;
}

static struct error confine_landlock(void)
{
	/* How many file system rights each ABI knows: 13, then REFER, TRUNCATE, -, IOCTL_DEV. */
	static const unsigned fs_rights[] = { 0, 13, 14, 15, 15, 16, 16 };
	int abi = confine_landlock_version();
	if (abi == 0)
		return error_at(ERR_UNSUPPORTED, 0,
		                "this kernel has no Landlock to confine the worker with; --without-landlock goes on with seccomp alone");
	if (abi > 6)
		abi = 6;
	struct ruleset_attributes attributes = {
		.handled_access_fs = (1u << fs_rights[abi]) - 1,
		.handled_access_net = abi >= 4 ? 3 : 0, /* bind and connect TCP */
		.scoped = abi >= 6 ? 3 : 0,             /* abstract UNIX sockets, signals */
	};
	size_t size = abi >= 6 ? sizeof attributes : abi >= 4 ? offsetof(struct ruleset_attributes, scoped) : sizeof(uint64_t);
	int fd = (int)syscall(SYS_landlock_create_ruleset, &attributes, size, 0);
	if (fd < 0)
		return error_at(ERR_IO, 0, "Landlock rule set: %s", strerror(errno));
	/* No rule is added: nothing is allowed. */
	long r = syscall(SYS_landlock_restrict_self, fd, 0);
	int saved = errno;
	close(fd);
	return r ? error_at(ERR_IO, 0, "Landlock: %s", strerror(saved)) : error_none();
}

static struct error limit(int resource, const char *name, uint64_t value)
{
	struct rlimit now, l = { value, value };
	if (getrlimit((__rlimit_resource_t)resource, &now) == 0 && now.rlim_max < l.rlim_max)
		l.rlim_cur = l.rlim_max = now.rlim_max;
	if (setrlimit((__rlimit_resource_t)resource, &l))
		return error_at(ERR_IO, 0, "limit on %s: %s", name, strerror(errno));
	return error_none();
}

static struct error confine_limits(const struct confinement *c)
{
	/* Address space beyond what is used: thread stacks, and the reserve of malloc's per-thread arenas. */
	const uint64_t reserve = (uint64_t)8 << 30;
	const struct {
		int resource;
		const char *name;
		uint64_t value;
	} limits[] = {
		{ RLIMIT_CORE, "core files", 0 },
		{ RLIMIT_FSIZE, "file size", SANITIZED ? RLIM_INFINITY : 0 }, /* their reports */
		{ RLIMIT_CPU, "processor time", c->cpu_seconds },
		{ RLIMIT_DATA, "data", SANITIZED ? RLIM_INFINITY : c->memory },
		{ RLIMIT_AS, "address space", SANITIZED ? RLIM_INFINITY : c->memory + c->mapped + reserve },
	};
	for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++) {
		struct error e = limit(limits[i].resource, limits[i].name, limits[i].value);
		if (error_is(&e))
			return e;
	}
	return error_none();
}

void confine_add_inherited(struct confinement *c)
{
	unsigned long long all = 0, data = 0;
	FILE *f = fopen("/proc/self/statm", "r"); /* proc_pid_statm(5): size, and behind four others data, in pages */
	if (f && fscanf(f, "%llu %*u %*u %*u %*u %llu", &all, &data) != 2)
		all = data = 0;
	if (f)
		fclose(f);
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE), unknown = (uint64_t)4 << 30;
	c->memory += all ? data * page : unknown;
	c->mapped += all ? all * page : unknown;
}

struct error confine_files(const struct confinement *c)
{
	struct error e = late_load(c->work);
	if (!error_is(&e))
		e = late_seal();
	if (!error_is(&e))
		e = confine_limits(c);
	if (error_is(&e))
		return e;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0))
		return error_at(ERR_IO, 0, "prctl: %s", strerror(errno));
	e = confine_landlock();
	return e.code == ERR_UNSUPPORTED && c->without_landlock ? error_none() : e;
}

/* What a worker needs once it runs: memory, its lock, its pipe, its clock, its end. */
static const int allowed_calls[] = {
	SCMP_SYS(read),          SCMP_SYS(write),        SCMP_SYS(lseek),           SCMP_SYS(close),
	SCMP_SYS(munmap),        SCMP_SYS(mremap),       SCMP_SYS(madvise),         SCMP_SYS(brk),
	SCMP_SYS(futex),         SCMP_SYS(sched_yield),  SCMP_SYS(sched_getaffinity), SCMP_SYS(clock_gettime),
	SCMP_SYS(clock_nanosleep), SCMP_SYS(nanosleep),  SCMP_SYS(gettimeofday),    SCMP_SYS(getpid),
	SCMP_SYS(gettid),        SCMP_SYS(rt_sigaction), SCMP_SYS(rt_sigreturn),    SCMP_SYS(rt_sigprocmask),
	SCMP_SYS(restart_syscall),
	SCMP_SYS(exit),          SCMP_SYS(exit_group),   SCMP_SYS(set_robust_list), SCMP_SYS(rseq),
	SCMP_SYS(getrandom),
};

/* Library code probes for files of its own (locale, configuration) and copes when there are none: these fail rather
 * than kill. Nothing they name is ever opened. */
static const int refused_calls[] = {
	SCMP_SYS(open), SCMP_SYS(openat), SCMP_SYS(openat2), SCMP_SYS(stat), SCMP_SYS(lstat), SCMP_SYS(newfstatat),
	SCMP_SYS(statx), SCMP_SYS(access), SCMP_SYS(faccessat), SCMP_SYS(faccessat2), SCMP_SYS(readlink), SCMP_SYS(readlinkat),
	SCMP_SYS(fstat), SCMP_SYS(getrusage), SCMP_SYS(ioctl), SCMP_SYS(uname), SCMP_SYS(sysinfo), SCMP_SYS(prctl), SCMP_SYS(sigaltstack),
};

static int add_rules(scmp_filter_ctx filter)
{
	int r = seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1);
	for (size_t i = 0; !r && i < sizeof allowed_calls / sizeof allowed_calls[0]; i++)
		r = seccomp_rule_add(filter, SCMP_ACT_ALLOW, allowed_calls[i], 0);
	for (size_t i = 0; !r && i < sizeof refused_calls / sizeof refused_calls[0]; i++)
		r = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EACCES), refused_calls[i], 0);
	/* Memory, but never executable; mappings of files were made before. */
	if (!r)
		r = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 2, SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0),
		                     SCMP_A3(SCMP_CMP_MASKED_EQ, MAP_ANONYMOUS, MAP_ANONYMOUS));
	if (!r)
		r = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1, SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
	/* abort() signals its own process. */
	if (!r)
		r = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1, SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)getpid(), 0));
	return r ? r : seccomp_load(filter);
}

struct error confine_calls(void)
{
	if (SANITIZED) /* the sanitizers' runtime needs calls that a worker must not have; tests of confinement use real builds */
		return error_none();
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
	if (!filter)
		return error_at(ERR_MEMORY, 0, "no memory for the system call filter");
	int r = add_rules(filter);
	seccomp_release(filter);
	return r ? error_at(ERR_IO, 0, "seccomp: %s", strerror(-r)) : error_none();
}
