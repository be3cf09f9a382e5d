/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The compiled pattern databases, as tools/compile_patterns.c wrote them. */
	.section .rodata
	.global patterns_compiled
	.global patterns_compiled_end
	.balign 64
patterns_compiled:
	.incbin PATTERNS_FILE
patterns_compiled_end:
	.global patterns_of_formats
	.global patterns_of_formats_end
	.balign 64
patterns_of_formats:
	.incbin FORMATS_FILE
patterns_of_formats_end:
	.section .note.GNU-stack,"",@progbits
