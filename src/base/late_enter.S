/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The way of a call whose library is not loaded: registers that may hold an argument are kept while late_bind() loads it
 * (System V AMD64 ABI, section 3.2.3: six general registers, eight vector registers, %al with the number of vector registers
 * of variable arguments); then the function gets the stack as its caller left it. No function that is used takes a vector
 * wider than 16 bytes. */
#define GENERAL(F) F %rax, 0; F %rdi, 8; F %rsi, 16; F %rdx, 24; F %rcx, 32; F %r8, 40; F %r9, 48
#define VECTOR(F) F 0; F 1; F 2; F 3; F 4; F 5; F 6; F 7
#define ROOM 192

	.macro keep register, at
	movq \register, \at(%rsp)
	.endm
	.macro restore register, at
	movq \at(%rsp), \register
	.endm
	.macro keep_vector n
	movaps %xmm\n, (64 + 16 * \n)(%rsp)
	.endm
	.macro restore_vector n
	movaps (64 + 16 * \n)(%rsp), %xmm\n
	.endm

	.text
	.globl late_enter
	.hidden late_enter
	.type late_enter, @function
late_enter:
	.cfi_startproc
	.cfi_def_cfa_offset 16
	subq $ROOM, %rsp
	.cfi_adjust_cfa_offset ROOM
	GENERAL(keep)
	VECTOR(keep_vector)
	movl ROOM(%rsp), %edi
	call late_bind
	movq %rax, %r11
	GENERAL(restore)
	VECTOR(restore_vector)
	addq $ROOM + 8, %rsp
	.cfi_adjust_cfa_offset -(ROOM + 8)
	jmp *%r11
	.cfi_endproc
	.size late_enter, . - late_enter
	.section .note.GNU-stack, "", @progbits
