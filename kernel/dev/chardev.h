/*
 * Character devices, by major number: 1 the console (minor 0: input and
 * standard output, 1: standard error), 2 memory (0 null, 1 zero).
 */
#ifndef DEV_CHARDEV_H
#define DEV_CHARDEV_H

#include "vm/iobuf.h"

#define CHARDEV_MAX	8
#define MAJOR_CONSOLE	1
#define MAJOR_MEM	2

struct chardev {
	/* How many bytes, 0 at the end, or a negative error. -EINTR when killed. */
	long	(*read)(unsigned minor, const struct iobuf *b, size_t n);
	long	(*write)(unsigned minor, const struct iobuf *b, size_t n);
	/* abi/tty.h; NULL: not a terminal. */
	long	(*ctl)(unsigned minor, int op, unsigned long arg);
};

void	chardev_register(unsigned major, const struct chardev *d);
const struct chardev *chardev_get(unsigned major);	/* NULL: no such device */
void	memdev_init(void);		/* memdev.c */

#endif
