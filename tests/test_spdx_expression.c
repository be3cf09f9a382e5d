/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX 2.3, annex D: what is an expression, and what is only text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/spdx_expression.h"

static void test_expressions(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		bool is;
	} cases[] = {
		{ "MIT", true },
		{ "mit", true }, /* D.2: names of the list are matched in any case */
		{ "GPL-2.0-only OR GPL-3.0-only", true },
		{ "LGPL-2.1-only OR MIT OR BSD-3-Clause", true },
		{ "GPL-2.0-or-later WITH Bison-exception-2.2", true },
		{ "LGPL-2.1-only OR BSD-3-Clause AND MIT", true },
		{ "MIT AND (LGPL-2.1-or-later OR BSD-3-Clause)", true },
		{ "(MIT)", true },
		{ "CDDL-1.0+", true },
		{ "GPL-2.0-only WITH Linux-syscall-note", true },
		{ "GPL-2.0+", true },
		{ "", false },
		{ " ", false },
		{ "GPLv2", false },
		{ "MIT BSD", false },
		{ "MIT AND", false },
		{ "AND MIT", false },
		{ "MIT and BSD-3-Clause", false }, /* D.2: operators in capitals */
		{ "(MIT", false },
		{ "MIT)", false },
		{ "()", false },
		{ "MIT WITH", false },
		{ "MIT WITH MIT", false },
		{ "Linux-syscall-note", false },
		{ "(MIT) WITH GCC-exception-2.0", false },
		{ "MIT WITH GCC-exception-2.0 WITH GCC-exception-2.0", false },
		{ "LicenseRef-Proprietary", false },
		{ "Public Domain", false },
		{ "MI", false },
		{ "MITT", false },
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		if (spdx_is_expression(text_c(cases[i].text)) != cases[i].is)
			fail_msg("%s", cases[i].text);
	char deep[201];
	memset(deep, '(', 100);
	memset(deep + 100, ')', 100);
	assert_false(spdx_is_expression(text_of(deep, 200)));
}

static void test_names(void **state)
{
	(void)state;
	assert_string_equal(spdx_licence(TEXT_LIT("gpl-2.0-ONLY")), "GPL-2.0-only");
	assert_null(spdx_licence(TEXT_LIT("GPL")));
	for (size_t i = 0; i < spdx_licences_count; i++)
		assert_string_equal(spdx_licence(text_c(spdx_licences[i])), spdx_licences[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_expressions), cmocka_unit_test(test_names) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
