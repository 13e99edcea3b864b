/*
 * Reading folders. POSIX.1-2017, <dirent.h>.
 * On disk a folder is a row of 16-byte entries (abi/fs.h) that read(2) returns as they are.
 */
#ifndef _DIRENT_H
#define _DIRENT_H

#include <limits.h>
#include <sys/types.h>

struct dirent {
	ino_t d_ino;			/* never 0 */
	char d_name[NAME_MAX + 1];	/* with a NUL */
};

typedef struct __dir DIR;

/* NULL with errno: those of open(), ENOTDIR, ENOMEM. */
DIR	*opendir(const char *path);
/* Takes over FD. NULL with errno: EBADF, ENOTDIR, ENOMEM. */
DIR	*fdopendir(int fd);
/*
 * The next entry, "." and ".." among them; overwritten by the next call on the same DIR.
 * NULL at the end (errno unchanged) or on an error (errno set: EIO).
 */
struct dirent *readdir(DIR *d);
void	rewinddir(DIR *d);
int	closedir(DIR *d);
int	dirfd(DIR *d);

#endif
