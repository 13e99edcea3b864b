/* Sizes of the file system, and what reading a folder gives. */
#ifndef XV6_FS_H
#define XV6_FS_H

#include "types.h"

#define ROOTINO		1
#define BSIZE		1024
#define NDIRECT		11
#define NINDIRECT	(BSIZE / sizeof(uint))
#define MAXFILE		(NDIRECT + NINDIRECT + NINDIRECT * NINDIRECT)	/* blocks: 65803 */
#define DIRSIZ		14

struct dirent {
	ushort inum;			/* 0: no entry */
	char name[DIRSIZ];		/* no NUL behind one of 14 bytes */
};

#endif
