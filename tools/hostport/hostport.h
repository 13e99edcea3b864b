/*
 * Kernel code on the host: what the kernel needs from the machine and from
 * kern/, for one thread. Locks are the kernel's own, so a debug build checks
 * their ranks; waiting for something that only another thread could do is an error.
 */
#ifndef HOSTPORT_H
#define HOSTPORT_H

#include "dev/blk.h"
#include "md/types.h"

/* Once, before anything else: RAM of SIZE bytes. */
void	hostport_init(size_t size);

/* What clock_wall_ns says; it moves on by itself a little with each question when STEP is not 0. */
extern uint64_t hostport_time_ns, hostport_time_step;
/* Kernel messages go there instead of stderr. */
extern void (*hostport_log)(const char *line);
/* Copies to and from "user" memory, which is the program's own, fail where it says false. */
extern bool (*hostport_user_ok)(vaddr_t va, size_t n);

/*
 * An image in a file as a disk. WRITABLE; SIZE 0: as it is, else it is made that long. NULL: a
 * message was printed.
 */
struct blkdev *hostport_open_image(const char *path, bool writable, uint64_t size);
/* false: a message was printed. */
bool	hostport_close_image(struct blkdev *d);

/* What a number of abi/errno.h means. */
const char *hostport_strerror(err_t err);

#endif
