/*
 * The console as a character device: the line discipline between the
 * machine's byte stream and the programs. Cooked mode gives whole lines, with
 * erase (Backspace, Delete), kill (Ctrl-U), word erase (Ctrl-W), end of
 * file (Ctrl-D), interrupt (Ctrl-C) and echo. Raw mode gives bytes. Ctrl-P
 * lists processes in both, also when every program hangs.
 *
 * When the buffer is full nothing is lost: bytes stay in the hardware, whose
 * sender waits, and the keys that act wait with them.
 */
#ifndef DEV_CONSOLE_H
#define DEV_CONSOLE_H

#include "lib/util.h"

/* What the layers above supply. */
struct console_hooks {
	void	(*list_processes)(void);	/* from an interrupt */
	/* From a daemon, it may sleep: end PID and what descends from it (TTY_SETFG). */
	void	(*interrupt)(int pid);
};
/* From here on keys are served; after threads run. */
void	console_init(const struct console_hooks *h);
/* Look for input: from a timer tick when the console has no interrupt. */
void	console_poll(void);
/*
 * Before console_init: input and output are a host program's. Not a terminal, no
 * echo; any byte is input but for Ctrl-D, the end of file, and DLE, which quotes the next.
 */
void	console_set_plain(bool on);

#endif
