/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Calls of a library that is bound late: the first one loads it, and no argument is lost on the way. Each test is a process of
 * its own, in which it is not loaded. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/late.h"
#include "late_calls.h"
#include "worker/internal.h"

static bool in_child(bool (*call)(void))
{
	int status;
	pid_t pid = fork();
	if (pid == 0)
		_exit(!late_table.libraries[0].loaded && call() && late_table.libraries[0].loaded && call() ? 0 : 1);
	return pid > 0 && waitpid(pid, &status, 0) == pid && status == 0;
}

static bool print(void)
{
	char text[200];
	return call_print(text, sizeof text) &&
		   strcmp(text, "1 2.5 three 4.5 5 6 7 8.5 9 10.5 11.5 12.5 13.5 14.5 15.5") == 0;
}

static bool through(void)
{
	return call_through(21) == 42;
}

static void test_calls(void **state)
{
	(void)state;
	assert_true(in_child(call_sum));
	assert_true(in_child(call_swap));
	assert_true(in_child(call_count));
	assert_true(in_child(print));
	assert_true(in_child(through));
}

/* Before the process can open no files any more. */
static bool load(void)
{
	struct error e = late_load(CONFINED_SIGNATURES);
	bool none = !error_is(&e) && !late_table.libraries[0].loaded; /* no such work calls it */
	e = late_load(CONFINED_SUITE);
	return !error_is(&e) && (none || late_table.libraries[0].loaded) && call_sum();
}

static void test_load(void **state)
{
	(void)state;
	assert_true(in_child(load));
}

/* Sealed, what is loaded can be called, but nothing can be put in its place. */
static bool sealed_call(void)
{
	struct error e = late_load(CONFINED_SUITE);
	if (!error_is(&e))
		e = late_seal();
	return !error_is(&e) && call_sum() && through();
}

static int end_of(void (*call)(void))
{
	int status = -1;
	pid_t pid = fork();
	if (pid == 0) {
		signal(SIGSEGV, SIG_DFL); /* cmocka takes it for a test's failure */
		call();
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static void overwrite(void)
{
	if (!sealed_call())
		_exit(1);
	*(void *volatile *)late_table.functions = NULL;
}

static void call_unloaded(void)
{
	struct error e = late_seal();
	_exit(error_is(&e) || call_sum() ? 1 : 0);
}

static void test_sealed(void **state)
{
	(void)state;
	struct run run = { .end = END_DIED };
	char text[200];
	assert_true(in_child(sealed_call));
	int status = end_of(overwrite);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);
	run.wait_status = end_of(call_unloaded);
	assert_true(WIFEXITED(run.wait_status));
	assert_ptr_equal(late_missing(WEXITSTATUS(run.wait_status)), &late_table.libraries[0]);
	supervisor_describe(&run, "elf", text, sizeof text);
	assert_string_equal(text, "the worker called a library that was not loaded for it (liblate_sample.so): a fault of this program, in 'elf'");
	for (int code = 0; code < 4; code++)
		assert_null(late_missing(code));
	assert_null(late_missing(WEXITSTATUS(run.wait_status) + 1));
}

/* The process ends, with its message on standard error. */
static void test_missing(void **state)
{
	(void)state;
	int pipe_of[2], status;
	char said[300] = "";
	assert_int_equal(pipe(pipe_of), 0);
	pid_t pid = fork();
	if (pid == 0) {
		late_table.libraries[0].file = "libthere-is-none.so.1";
		dup2(pipe_of[1], 2);
		call_sum();
		_exit(0);
	}
	close(pipe_of[1]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 2);
	assert_true(read(pipe_of[0], said, sizeof said - 1) > 0);
	assert_string_equal(said, "assay: samples are called with libthere-is-none.so.1, which is not installed (Debian: none)\n");
	close(pipe_of[0]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_calls),
		cmocka_unit_test(test_load),
		cmocka_unit_test(test_missing),
		cmocka_unit_test(test_sealed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
