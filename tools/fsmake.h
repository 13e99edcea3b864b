/* What host tools and tests do with a file system beside using it. */
#ifndef FSMAKE_H
#define FSMAKE_H

#include "lib/err.h"
#include "lib/util.h"

struct blkdev;

struct fs_params {
	uint32_t nblocks, ninodes, journal_area;	/* 0: chosen by size */
	uint8_t uuid[16];
};
/* Write an empty file system with a root folder to DEV. -EINVAL, -EIO, -ENOMEM. */
err_t	fs_make(struct blkdev *dev, const struct fs_params *p) MUST_CHECK;

/* Of the mounted one. */
struct fs_usage {
	uint32_t blocks, free_blocks, inodes, free_inodes;
};
void	fs_usage(struct fs_usage *u);

#endif
