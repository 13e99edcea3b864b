/*
 * Folders: arrays of 16-byte entries, "." and ".." first. Here too: the target of a symbolic link,
 * which like a folder's contents is metadata.
 *
 * All of it under the inode's io lock.
 */
#ifndef FS_DIR_H
#define FS_DIR_H

#include "fs/inode.h"

/* Where a name is, or could be put. */
struct dir_pos {
	uint32_t inum;			/* 0: there is no such name */
	uint32_t off;			/* of the entry */
	uint32_t free;			/* of an empty entry, or the folder's end; when inum is 0 */
};

/* -ENOENT: no such name; -ENOTDIR; -EIO; -ENOMEM. */
err_t	dir_find(struct inode *dp, const union name *name, struct dir_pos *pos)
	    REQUIRES(dp->io) MUST_CHECK;
/* "." and ".." in a new one. */
err_t	dir_init(struct handle *h, struct inode *dp, uint32_t parent) MUST_CHECK;
/* Enter NAME at POS, from a dir_find that did not find it. Nothing is changed on failure. */
err_t	dir_add(struct handle *h, struct inode *dp, const struct dir_pos *pos,
	    const union name *name, uint32_t inum) REQUIRES(dp->io) MUST_CHECK;
/* The entry at POS leads to INUM from now on; 0: nowhere, it is removed. */
err_t	dir_set(struct handle *h, struct inode *dp, uint32_t off, uint32_t inum)
	    REQUIRES(dp->io) MUST_CHECK;
/* OK: only "." and ".." in it; -ENOTEMPTY; -EIO; -ENOMEM. */
err_t	dir_check_empty(struct inode *dp) REQUIRES(dp->io) MUST_CHECK;
/* The name of the entry for INUM. */
err_t	dir_name_of(struct inode *dp, uint32_t inum, union name *name) REQUIRES(dp->io) MUST_CHECK;

#define DIR_ADD_CREDITS	(map_credits(1) + 1 + INODE_CREDITS)
#define DIR_SET_CREDITS	(1 + INODE_CREDITS)
#define DIR_INIT_CREDITS (map_credits(1) + 1 + INODE_CREDITS)

/* Bytes of a folder or a link, as inode_read. */
long	dir_read(struct inode *ip, uint64_t off, const struct iobuf *b, size_t n);
err_t	link_write(struct handle *h, struct inode *ip, const char *target) MUST_CHECK;
/* The target, ended by NUL; TARGET has room for QUIRE_PATH_MAX. */
err_t	link_read(struct inode *ip, char *target) MUST_CHECK;

#endif
