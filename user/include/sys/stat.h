/* What a file is. POSIX.1-2017, <sys/stat.h>. Mode bits below S_IFMT are shown, not obeyed. */
#ifndef _SYS_STAT_H
#define _SYS_STAT_H

#include <sys/types.h>
#include <time.h>

#define S_IFMT		0170000
#define S_IFIFO		0010000
#define S_IFCHR		0020000
#define S_IFDIR		0040000
#define S_IFREG		0100000
#define S_IFLNK		0120000

#define S_ISREG(m)	(((m) & S_IFMT) == S_IFREG)
#define S_ISDIR(m)	(((m) & S_IFMT) == S_IFDIR)
#define S_ISCHR(m)	(((m) & S_IFMT) == S_IFCHR)
#define S_ISBLK(m)	((void)(m), 0)
#define S_ISLNK(m)	(((m) & S_IFMT) == S_IFLNK)
#define S_ISFIFO(m)	(((m) & S_IFMT) == S_IFIFO)

#define S_IRWXU		0700
#define S_IRUSR		0400
#define S_IWUSR		0200
#define S_IXUSR		0100
#define S_IRWXG		0070
#define S_IRGRP		0040
#define S_IWGRP		0020
#define S_IXGRP		0010
#define S_IRWXO		0007
#define S_IROTH		0004
#define S_IWOTH		0002
#define S_IXOTH		0001

struct stat {
	dev_t		st_dev;
	ino_t		st_ino;
	mode_t		st_mode;
	nlink_t		st_nlink;
	uid_t		st_uid;
	gid_t		st_gid;
	dev_t		st_rdev;	/* of a device: major * 65536 + minor */
	off_t		st_size;	/* bytes */
	blksize_t	st_blksize;
	blkcnt_t	st_blocks;	/* allocated, of 512 bytes each */
	struct timespec	st_atim;	/* not kept: st_mtim */
	struct timespec	st_mtim;
	struct timespec	st_ctim;
};
#define st_atime st_atim.tv_sec
#define st_mtime st_mtim.tv_sec
#define st_ctime st_ctim.tv_sec

#define major(dev)	((unsigned)(dev) >> 16)
#define minor(dev)	((unsigned)(dev) & 0xffff)
#define makedev(ma, mi)	((dev_t)(ma) << 16 | (mi))

/* 0, or -1 with errno: ENOENT, ENOTDIR, ELOOP, EBADF, EFAULT. lstat: of the link itself. */
int	stat(const char *restrict path, struct stat *restrict st);
int	lstat(const char *restrict path, struct stat *restrict st);
int	fstat(int fd, struct stat *st);
int	mkdir(const char *path, mode_t mode);		/* EEXIST, ENOSPC; MODE has no effect */
/* Devices only: MODE with S_IFCHR. EINVAL otherwise. */
int	mknod(const char *path, mode_t mode, dev_t dev);

#endif
