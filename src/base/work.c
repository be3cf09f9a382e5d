/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/work.h"

_Thread_local uint64_t work_done;
