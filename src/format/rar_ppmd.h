/* SPDX-License-Identifier: GPL-3.0-or-later */
/* PPMd (Dmitry Shkarin), variant H, with the range coder that RAR has. Not for other formats: 7z's coder is another one (format/ppmd.h). */
#ifndef ASSAY_FORMAT_RAR_PPMD_H
#define ASSAY_FORMAT_RAR_PPMD_H

#include "base/buf.h"
#include "base/error.h"
#include "base/span.h"

#define RAR_PPMD_ORDER_MAX 64u

struct rar_ppmd;

/* A model, which has no memory yet; NULL: no memory for this. */
struct rar_ppmd *rar_ppmd_new(void);
void rar_ppmd_free(struct rar_ppmd *p);

/* Begins an empty model of that order (2 to RAR_PPMD_ORDER_MAX) in so many bytes (1 MiB to 256 MiB), of which the meter is told. */
enum error_code rar_ppmd_begin(struct rar_ppmd *p, unsigned order, uint32_t size, struct buf_meter *meter) MUST_USE;
/* Whether it has begun. */
bool rar_ppmd_has_begun(const struct rar_ppmd *p);

/* Begins to decode what is packed from `at` on. False: too few bytes. */
bool rar_ppmd_start(struct rar_ppmd *p, struct span packed, size_t at);
/* The next byte; negative where what is packed is damaged, or has ended before. */
int rar_ppmd_byte(struct rar_ppmd *p);
/* Where it has come to. */
size_t rar_ppmd_at(const struct rar_ppmd *p);
/* Whether bytes were used that are not there. */
bool rar_ppmd_past(const struct rar_ppmd *p);

#endif
