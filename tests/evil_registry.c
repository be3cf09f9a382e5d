/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The registry of formats with those of evil_formats.c behind the real ones. */
#define FORMATS_EXTRA(F)                                                                                              \
	F(evil_crash)                                                                                                     \
	F(evil_abort)                                                                                                     \
	F(evil_stack)                                                                                                     \
	F(evil_loop)                                                                                                      \
	F(evil_allocate)                                                                                                  \
	F(evil_open)                                                                                                      \
	F(evil_socket)                                                                                                    \
	F(evil_exec)                                                                                                      \
	F(evil_kill)                                                                                                      \
	F(evil_mmap_exec)                                                                                                 \
	F(evil_frames)                                                                                                    \
	F(evil_extent)                                                                                                    \
	F(evil_slot)                                                                                                      \
	F(evil_slot_size)                                                                                                 \
	F(evil_children)                                                                                                  \
	F(evil_same)
#include "../src/format/registry.c"
