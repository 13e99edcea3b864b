/*
 * Pipes: a ring of pages between writers and readers. A write of up to
 * PIPE_ATOMIC bytes is not torn (POSIX.1-2017, write: PIPE_BUF). The pipe's lock is held while
 * bytes are copied from and to users, whose faults may sleep.
 */
#ifndef FILE_PIPE_H
#define FILE_PIPE_H

#include "vm/iobuf.h"

#define PIPE_ATOMIC	4096

struct file;
struct pipe;

struct pipe *pipe_create(void);		/* both ends open; NULL: out of memory */
void	pipe_close(struct pipe *p, bool writing_end);	/* the second one frees it */
/* Waits for the first byte; 0: no writer is left and it is empty. -EFAULT, -EINTR. */
long	pipe_read(struct file *f, vaddr_t to, size_t n);
/* Waits until all is written. -EPIPE: no reader; -EFAULT, -EINTR: when nothing was written. */
long	pipe_write(struct file *f, vaddr_t from, size_t n);
size_t	pipe_available(struct pipe *p);		/* bytes that a read would get now */

#endif
