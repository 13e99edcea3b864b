/*
 * The file system, as the layers above see it. One is mounted at a time.
 * Paths are NUL-terminated, at most QUIRE_PATH_MAX - 1 bytes, relative to CWD unless they begin
 * with '/'. Functions may sleep; call them with no lock from RANK_RENAME on held.
 */
#ifndef FS_FS_H
#define FS_FS_H

#include "abi/fcntl.h"
#include "abi/stat.h"
#include "lib/err.h"
#include "vm/iobuf.h"

struct blkdev;
struct inode;
struct object;

/*
 * Mount: recovers the journal, frees orphans. A damaged file system that can
 * still be read is mounted read-only, with a message.
 * -EIO; -EINVAL: not a Quire file system.
 */
err_t	fs_mount(struct blkdev *dev) MUST_CHECK;
/* Everything to the disk; no change comes after. For halt and host tools. */
err_t	fs_unmount(void) MUST_CHECK;
bool	fs_readonly(void);
struct inode *fs_root(void);			/* a new reference */
err_t	fs_sync(void) MUST_CHECK;		/* -EIO: something could not be written */
/* Starts the daemons: write-back within a second, commits. (Host tools do without.) */
err_t	fs_start_daemons(void) MUST_CHECK;
/* What the write-back daemon does each second; the host calls it by hand. */
void	fs_writeback_run(void);

uint64_t fs_commits(void);			/* transactions made durable since mount */

/* ---- inodes ---- */
struct inode *inode_get(struct inode *ip);
void	inode_put(struct inode *ip);		/* NULL is fine */
uint16_t inode_type(struct inode *ip);
void	inode_device(struct inode *ip, unsigned *major, unsigned *minor);
uint32_t inode_number(struct inode *ip);
struct object *inode_object(struct inode *ip);	/* of a T_FILE: not a new reference */
struct inode *inode_of_object(struct object *o);
void	inode_stat(struct inode *ip, struct kstat *st);
/*
 * Bytes read; 0 at or after the end. Folders read as struct fs_dirent, links as their target.
 * -EFAULT, -EIO: only when nothing was read.
 */
long	inode_read(struct inode *ip, uint64_t off, const struct iobuf *b, size_t n);
struct inode_place {
	struct inode *inode;
	uint64_t offset;
};
/* As inode_read, to user memory; the offset is advanced. */
long	inode_read_on(struct inode_place *at, vaddr_t to, size_t n);
/*
 * *OFF is set to the end of file first when APPEND; advanced. -ENOSPC -EFBIG -EFAULT -EIO -EROFS
 * -EISDIR: only when nothing was written.
 */
#define INODE_APPEND	1
#define INODE_NO_HOLE	2	/* O_XV6: -EINVAL when *off is beyond the end */
long	inode_write(struct inode *ip, uint64_t *off, const struct iobuf *b, size_t n,
	    unsigned flags);
/* or grow, leaving a hole */
err_t	inode_truncate(struct inode *ip, uint64_t size) MUST_CHECK;
/* For a new user of the file: the failures to write it that somebody has been told of. */
uint16_t inode_failures_told(struct inode *ip);
/*
 * All that was written to the file is on the disk; or -EIO, once for each failure since *TOLD
 * was taken or moved here.
 */
err_t	inode_sync(struct inode *ip, uint16_t *told) MUST_CHECK;

/* ---- names ---- */
#define LOOKUP_NOFOLLOW	1	/* a link at the end is the result itself */
err_t	path_lookup(struct inode *cwd, const char *path, unsigned flags, struct inode **ip)
	    MUST_CHECK;
/*
 * open(2) without the descriptor: O_CREAT, O_EXCL, O_TRUNC, O_NOFOLLOW, O_DIRECTORY and the rule
 * that folders open for reading only.
 */
err_t	path_open(struct inode *cwd, const char *path, unsigned oflags, struct inode **ip)
	    MUST_CHECK;
err_t	path_mkdir(struct inode *cwd, const char *path) MUST_CHECK;
err_t	path_mknod(struct inode *cwd, const char *path, unsigned major, unsigned minor) MUST_CHECK;
err_t	path_symlink(struct inode *cwd, const char *target, const char *path) MUST_CHECK;
err_t	path_link(struct inode *cwd, const char *old, const char *new) MUST_CHECK;
/* Files, links, devices and empty folders (SPEC 4). DIR_ONLY: rmdir. */
err_t	path_unlink(struct inode *cwd, const char *path, bool dir_only) MUST_CHECK;
err_t	path_rename(struct inode *cwd, const char *old, const char *new) MUST_CHECK;
long	path_readlink(struct inode *cwd, const char *path, char *buf, size_t n);
/*
 * Absolute path of folder IP; -ENOENT when it was removed, -ERANGE when N is too small. Length with
 * NUL.
 */
long	path_of(struct inode *ip, char *buf, size_t n);

#endif
