/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What this processor has, and the kernel lets a program use: CPU_HAS(SSE4_2), CPU_HAS(PCLMULQDQ), CPU_HAS(AVX2) and so on. */
#ifndef ASSAY_BASE_CPU_H
#define ASSAY_BASE_CPU_H

/* The C library has asked the processor already. The compiler's __builtin_cpu_supports() would ask once more, in every program
 * that has a call of it, before main(): in a virtual machine each question is a trap. */
#ifdef __x86_64__
#if __has_include(<sys/platform/x86.h>)
#include <sys/platform/x86.h>
#define CPU_HAS(feature) CPU_FEATURE_ACTIVE(feature)
#else
#define CPU_NAME_AVX "avx"
#define CPU_NAME_SSE4_2 "sse4.2"
#define CPU_NAME_PCLMULQDQ "pclmul"
#define CPU_NAME_AVX2 "avx2"
#define CPU_NAME_AVX512F "avx512f"
#define CPU_HAS(feature) __builtin_cpu_supports(CPU_NAME_##feature)
#endif
#endif

#endif
