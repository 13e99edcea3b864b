/*
 * Which blocks and inodes are in use. The bitmaps on disk say what is so in
 * the running transaction; in memory a second map of blocks also keeps those
 * that were freed by transactions not yet durable, which must not be given
 * out: after a crash they may belong to their old owner again.
 */
#ifndef FS_ALLOC_H
#define FS_ALLOC_H

#include "fs/journal.h"

/*
 * Up to WANT blocks in a row, as near behind GOAL as possible. Dirties at most one block.
 * -ENOSPC, -EIO, -ENOMEM: nothing changed.
 */
err_t	alloc_blocks(struct handle *h, uint32_t goal, uint32_t want, uint32_t *start, uint32_t *got)
	    MUST_CHECK;
/*
 * Blocks [START, START + N), of one group (alloc_same_group). NEW: all were given out in this
 * transaction, so they can be again. -EIO: some were free already.
 */
err_t	alloc_free(struct handle *h, uint32_t start, uint32_t n, bool new) MUST_CHECK;
bool	alloc_same_group(uint32_t a, uint32_t b);
err_t	alloc_inode(struct handle *h, uint32_t *inum) MUST_CHECK;
err_t	alloc_free_inode(struct handle *h, uint32_t inum) MUST_CHECK;

/* Blocks that alloc_blocks could hand out now. */
uint32_t alloc_available(void);
/* Blocks wait for a transaction to become durable. */
bool	alloc_is_pending(void);
/* Transaction SEQ is durable. */
void	alloc_release(uint64_t seq);
uint32_t alloc_free_blocks(void);
uint32_t alloc_free_inodes(void);
uint32_t alloc_groups(void);		/* bitmap blocks */

err_t	alloc_init(void) MUST_CHECK;	/* -EIO, -ENOMEM; alloc_fini is needed all the same */
void	alloc_fini(void);

#endif
