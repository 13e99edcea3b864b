/* Operations of ttyctl(fd, op, arg) on a terminal. */
#ifndef ABI_TTY_H
#define ABI_TTY_H

#define TTY_SETMODE	1	/* arg: TTY_COOKED or TTY_RAW; returns the old mode */
#define TTY_SETFG	2	/* arg: the pid that Ctrl-C ends, with its descendants; 0: nobody */
#define TTY_AVAIL	3	/* bytes that a read would return without waiting */
#define TTY_INTERRUPTS	4	/* how often Ctrl-C was pressed so far: for a shell that loops */

#define TTY_COOKED	0	/* lines: erase, kill, echo, Ctrl-C, Ctrl-D */
#define TTY_RAW		1	/* every byte as it comes, no echo; only Ctrl-P is taken */

#endif
