/* A file's pages and the disk: filling, making storable, writing back. */
#ifndef FS_PAGES_H
#define FS_PAGES_H

#include "fs/inode.h"

#define BLOCKS_PER_PAGE	(PAGE_SIZE / FS_BLOCK_SIZE)

extern const struct object_ops file_object_ops;

/*
 * Pinned page P is about to be stored to, in blocks [FIRST, FIRST + N) of it: give those below the
 * end of file a place, and mark it dirty. -ENOSPC, -EIO, -EROFS, -ENOMEM.
 */
err_t	pages_prepare(struct inode *ip, struct page *p, uint32_t first, uint32_t n) MUST_CHECK;
/* Every block of page INDEX below the end of file has a place. */
bool	pages_backed(struct inode *ip, uint32_t index) REQUIRES(ip->map);
/*
 * Write dirty pages, at most about MAX, and wait for the disk. ALL: also wait
 * for what others are writing. A failure is noted in ip->failures and the log. How many.
 * *ERR: -ENOMEM when some of them stay dirty for want of memory: to be tried again, but not for
 * ever, since what one try gave back may be all that is freed for the next.
 */
#define FS_WRITE_TRIES	8
size_t	pages_write(struct inode *ip, size_t max, bool all, err_t *err);

#endif
