/*
 * struct stat as the kernel fills it in: the same bytes on every port.
 * The user libraries give it the members and the order that their family
 * of programs expects.
 */
#ifndef ABI_STAT_H
#define ABI_STAT_H

#include <stdint.h>

/* Types of inodes, on disk and in struct kstat; 1 to 3 are xv6's. */
#define T_DIR		1
#define T_FILE		2
#define T_DEVICE	3
#define T_SYMLINK	4
#define T_PIPE		5	/* never on disk */

struct kstat {
	uint32_t dev;
	uint32_t ino;
	uint16_t type;		/* T_DIR .. T_PIPE */
	uint16_t mode;		/* permission bits 0777; informative */
	uint32_t nlink;
	uint16_t uid;
	uint16_t gid;
	uint16_t major;		/* of a T_DEVICE */
	uint16_t minor;
	uint64_t size;		/* bytes */
	uint64_t blocks;	/* allocated, of 512 bytes each */
	int64_t mtime;		/* seconds since the Epoch */
	int64_t ctime;
	uint32_t mtime_ns;
	uint32_t ctime_ns;
};

#endif
