/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whether this is a build with sanitizers, and where what they say of a worker goes.
 *
 * One with AddressSanitizer, that is: its workers have no filter of system calls and no limit on memory. A distribution that
 * builds its programs with traps of UndefinedBehaviorSanitizer has neither its runtime nor a need for that. */
#ifndef ASSAY_WORKER_SANITIZED_H
#define ASSAY_WORKER_SANITIZED_H

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

/* Opens where a sanitizer's reports of a worker go: the file that ASSAY_SANITIZER_REPORTS names or, without, the standard error.
 * To be called while files can be opened; what it gives has to become descriptor 2. -1 in any other build. */
int sanitizer_reports(void);

#endif
