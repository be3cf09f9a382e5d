/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "worker/verify.h"

#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "worker/child.h"
#include "worker/confine.h"
#include "worker/transport.h"

static bool send_verdict(void *writer, uint32_t signature, struct verify_verdict verdict)
{
	uint32_t words[3] = { signature, verdict.key, (uint32_t)verdict.state };
	uint8_t bytes[12];
	for (unsigned i = 0; i < sizeof bytes; i++)
		bytes[i] = (uint8_t)(words[i / 4] >> (8 * (i % 4)));
	return frame_write(writer, FRAME_VERDICT, SPAN_NONE, span_of(bytes, sizeof bytes));
}

void verify_child(const struct verify_request *request, int pipe)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_NAME, "assay-verify");
	worker_keep_descriptors(-1, pipe);
	signal(SIGPIPE, SIG_IGN);
	struct frame_writer writer;
	frame_writer_init(&writer, PIPE_FD);
	struct confinement confinement = {
		.work = CONFINED_SIGNATURES,
		.memory = (uint64_t)256 << 20,
		.cpu_seconds = request->seconds + 1,
		.without_landlock = request->without_landlock,
	};
	confine_add_inherited(&confinement);
	verification_prepare();
	struct error e = confine_files(&confinement);
	if (!error_is(&e))
		e = confine_calls();
	enum verification_end end =
		error_is(&e) ? VERIFICATION_DONE : verification_run(&request->input, send_verdict, &writer);
	if (end == VERIFICATION_STOPPED)
		_exit(1);
	if (end == VERIFICATION_NO_MEMORY)
		e = error_at(ERR_MEMORY, 0, "no memory for the keys");
	if (end == VERIFICATION_EXHAUSTED)
		e = error_at(ERR_BUDGET, 0, "there are more signatures and keys than are tried with each other");
	frame_write(&writer, error_is(&e) ? FRAME_FAILED : FRAME_DONE, SPAN_NONE,
				error_is(&e) ? span_of(e.text, strnlen(e.text, 159)) : SPAN_NONE);
	frame_flush(&writer);
	_exit(0);
}
