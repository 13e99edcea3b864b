/* Opening files. POSIX.1-2017, <fcntl.h>; flags in abi/fcntl.h. */
#ifndef _FCNTL_H
#define _FCNTL_H

#include <abi/fcntl.h>
#include <sys/types.h>

/*
 * Opens PATH; with O_CREAT a third argument, mode_t, is taken and has no effect (Quire has one
 * user).
 * The lowest free descriptor, or -1 with errno:
 * ENOENT, ENOTDIR, EISDIR (folders open for reading only), EEXIST (O_EXCL), ELOOP, ENAMETOOLONG,
 * EMFILE (1024 open), EINVAL (bad flags), ENXIO (no such device), ENOSPC, EROFS, EIO, EFAULT,
 * ENOMEM.
 */
int	open(const char *path, int flags, ...);
/* open(path, O_WRONLY | O_CREAT | O_TRUNC, mode) */
int	creat(const char *path, mode_t mode);

#endif
