/*
 * Kernel messages and panic. Messages go to the console as whole lines, under
 * a lock, and into a ring that a panic prints again.
 */
#ifndef KERN_PRINT_H
#define KERN_PRINT_H

#include "lib/assert.h"
#include "lib/util.h"

void	kprintf(const char *fmt, ...) PRINTF_LIKE(1, 2);
/* Before paging is on: straight to the console. */
void	early_puts(const char *s);
void	early_hex(unsigned long v);
/* Quiet: messages go into the ring only (boot parameter `quiet`, while booting). */
void	print_set_quiet(bool on);
/*
 * Broken hardware, or memory that is not as we left it: backtraces of all
 * processors, then off with status 125.
 */
void	panic(const char *fmt, ...) NORETURN PRINTF_LIKE(1, 2);
extern int panicking;			/* @ 1 + the processor that panics */
/* On a processor that is to stop: leaves its backtrace to whoever panics. */
void	panic_stop(void) NORETURN;
void	print_flush_ring(void);		/* what the console has not seen, for panic */

/*
 * Bytes to the console. With the boot parameter `frames` the streams are
 * told apart: DLE (16) and a letter switch to a stream ('o' standard
 * output, 'e' standard error, 'k' kernel messages), DLE DLE is the byte 16.
 */
enum cons_stream { CONS_OUT = 'o', CONS_ERR = 'e', CONS_KERNEL = 'k' };
void	cons_write(enum cons_stream s, const char *buf, size_t n);
void	cons_set_frames(bool on);
bool	cons_has_frames(void);

#endif
