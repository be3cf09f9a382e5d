/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The memory that a worker shares with its parent: which slots are given, and to whom. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "worker/window.h"

static void slots_follow_each_other(void **state)
{
	(void)state;
	struct window *w = window_open();
	uint32_t a, b, c;
	assert_non_null(w);
	assert_true(window_take(w, 3, &a));
	assert_true(window_take(w, 2, &b));
	assert_int_equal(a, 0);
	assert_int_equal(b, 3);
	window_give_back(w, 1);
	assert_true(window_take(w, 2, &c)); /* not what is free alone between others */
	assert_int_equal(c, 5);
	assert_true(window_take(w, 1, &c));
	assert_int_equal(c, 1);
	window_close(w);
}

static void what_is_taken_is_not_given(void **state)
{
	(void)state;
	struct window *w = window_open();
	uint32_t slot, seen = 0;
	assert_non_null(w);
	assert_false(window_take(w, WINDOW_SLOTS + 1, &slot));
	for (uint32_t i = 0; i < WINDOW_SLOTS; i++) {
		assert_true(window_take(w, 1, &slot));
		assert_true(slot < WINDOW_SLOTS);
		assert_false(seen & 1u << slot);
		seen |= 1u << slot;
	}
	assert_false(window_take(w, 1, &slot));
	for (uint32_t i = 0; i < WINDOW_SLOTS; i += 2)
		window_give_back(w, i);
	assert_false(window_take(w, 2, &slot)); /* half is free, nowhere two */
	window_give_back(w, 5);
	assert_true(window_take(w, 3, &slot));
	assert_int_equal(slot, 4);
	window_reset(w);
	assert_true(window_take(w, WINDOW_SLOTS, &slot));
	assert_int_equal(slot, 0);
	window_close(w);
}

static void bytes_lie_within(void **state)
{
	(void)state;
	struct window *w = window_open();
	assert_non_null(w);
	assert_ptr_equal(window_bytes(w, WINDOW_SLOTS - 1, WINDOW_SLOT_SIZE).p, w->slots[WINDOW_SLOTS - 1]);
	assert_null(window_bytes(w, WINDOW_SLOTS, 1).p);
	assert_null(window_bytes(w, 0, WINDOW_SLOT_SIZE + 1).p);
	assert_null(window_bytes(NULL, 0, 1).p);
	window_close(w);
}

#define ROUNDS 2000u
#define THREADS 4u

struct user {
	struct window *window;
	uint8_t mark;
	bool failed;
	pthread_t thread;
};

/* Takes n slots in a row, marks them as its own, finds nobody else's mark there, gives them back. */
static void *use(void *context)
{
	struct user *u = context;
	struct window *w = u->window;
	for (uint32_t i = 0; i < ROUNDS; i++) {
		uint32_t n = 1 + i % (WINDOW_SLOTS / 2), first;
		while (!window_take(w, n, &first))
			window_wait(w, n);
		for (uint32_t k = 0; k < n; k++)
			w->slots[first + k][0] = u->mark;
		for (uint32_t k = 0; k < n; k++) {
			u->failed |= w->slots[first + k][0] != u->mark; /* given to two */
			window_give_back(w, first + k);
		}
	}
	return NULL;
}

static void who_waits_gets_some(void **state)
{
	(void)state;
	struct window *w = window_open();
	struct user users[THREADS];
	uint32_t slot;
	assert_non_null(w);
	for (unsigned i = 0; i < THREADS; i++) {
		users[i] = (struct user){ .window = w, .mark = (uint8_t)(i + 1) };
		assert_int_equal(pthread_create(&users[i].thread, NULL, use, &users[i]), 0);
	}
	for (unsigned i = 0; i < THREADS; i++) {
		pthread_join(users[i].thread, NULL);
		assert_false(users[i].failed);
	}
	assert_true(window_take(w, WINDOW_SLOTS, &slot)); /* all are back */
	window_close(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(slots_follow_each_other),
		cmocka_unit_test(what_is_taken_is_not_given),
		cmocka_unit_test(bytes_lie_within),
		cmocka_unit_test(who_waits_gets_some),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
