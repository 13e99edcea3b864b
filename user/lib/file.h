/* The inside of a stream. */
#ifndef FILE_H
#define FILE_H

#include <stdio.h>

#define UNGET_MAX	8

#define F_READ		1	/* may be read */
#define F_WRITE		2	/* may be written */
#define F_APPEND	4
#define F_EOF		8
#define F_ERROR		16
#define F_WRITING	32	/* the buffer holds bytes to write, else bytes read */
#define F_MODE_SET	64	/* `mode` is decided */
#define F_STATIC	128	/* stdin, stdout, stderr: not to be freed */
#define F_LENT		256	/* the buffer is the program's (setvbuf) */

/*
 * reading: buf[pos .. len) are bytes read and not yet taken; writing:
 * buf[0 .. pos) are bytes to be written. The descriptor's offset is behind
 * buf[len) or before buf[0). A stream without a buffer has size 0.
 */
struct __file {
	int fd;
	unsigned flags;
	int mode;			/* _IOFBF, _IOLBF, _IONBF */
	unsigned char *buf;
	size_t size, pos, len;
	unsigned nunget;
	unsigned char unget[UNGET_MAX];	/* a stack */
	FILE *next;			/* of all streams */
};

#endif
