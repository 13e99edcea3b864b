/*
 * Flags of open(2). The values of the first six are xv6's.
 * POSIX.1-2017, <fcntl.h>.
 */
#ifndef ABI_FCNTL_H
#define ABI_FCNTL_H

#define O_RDONLY	0x000
#define O_WRONLY	0x001
#define O_RDWR		0x002
#define O_ACCMODE	0x003
#define O_CREAT		0x200
#define O_TRUNC		0x400
#define O_NOFOLLOW	0x800	/* opens the link itself (SPEC 4) */
#define O_APPEND	0x1000
#define O_EXCL		0x2000
#define O_DIRECTORY	0x4000
#define O_CLOEXEC	0x8000
/* Opened through an xv6 api: a write past the end of file fails (SPEC 4). */
#define O_XV6		0x10000

/* access(2) */
#define F_OK		0
#define X_OK		1
#define W_OK		2
#define R_OK		4

/* lseek(2) */
#define SEEK_SET	0
#define SEEK_CUR	1
#define SEEK_END	2

#endif
