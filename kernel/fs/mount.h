/* The mounted file system: what all of kernel/fs shares. Not for the layers above. */
#ifndef FS_MOUNT_H
#define FS_MOUNT_H

#include "abi/fs.h"
#include "dev/blk.h"
#include "kern/mutex.h"

struct buf;
struct handle;

struct mount {
	struct blkdev *dev;		/* c */
	/* c: the superblock as mounted; its `orphans` is not kept up */
	struct fs_super geo;
	struct buf *super;		/* c: block 1, held; its contents: lock */
	struct inode *root;		/* c: held */
	struct mutex lock;		/* RANK_FSALLOC: `super`'s contents, bitmaps, free counts */
	int	 readonly;		/* @ no new transaction */
	int	 complained;		/* @ the message about damage was printed */
};

extern struct mount fs;

/* Block B can hold contents of files or folders. */
static inline bool
fs_is_data_block(uint32_t b)
{
	return b >= fs.geo.data_start && b < fs.geo.nblocks;
}

/* The disk holds what cannot be: say so once, go read-only. Returns -EIO. */
err_t	fs_damaged(const char *what, uint32_t where);
void	fs_go_readonly(const char *why);
/*
 * Why an operation failed in a way that trying again, after some waiting that this does, may cure.
 */
bool	fs_may_retry(err_t err);
/* One orphan more or less in the superblock. Dirties 1 block. */
void	super_count_orphan(struct handle *h, int change);
void	path_init(void);
/* Superblock contents make sense for a disk of SECTORS. */
bool	super_is_valid(const struct fs_super *s, uint64_t sectors);
/* Its checksum is right from now on. The commit does it for what changes in a transaction. */
void	super_seal(struct fs_super *s);

#endif
