/* What fstat() and stat() tell, with the members in this xv6's order. */
#ifndef XV6_STAT_H
#define XV6_STAT_H

#include "types.h"

#define T_DIR		1
#define T_FILE		2
#define T_DEV		3
#define T_SYMLINK	4

struct stat {
	short type;		/* T_* */
	int dev;
	uint ino;
	short nlink;
	uint size;		/* bytes */
};

#endif
