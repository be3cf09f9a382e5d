/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The compiled pattern database, as tools/compile_patterns.c wrote it. */
	.section .rodata
	.global patterns_compiled
	.global patterns_compiled_end
	.balign 64
patterns_compiled:
	.incbin PATTERNS_FILE
patterns_compiled_end:
	.section .note.GNU-stack,"",@progbits
