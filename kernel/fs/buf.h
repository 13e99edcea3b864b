/*
 * Buffers: disk blocks that hold metadata (superblock, bitmaps, inodes,
 * folders, block maps, targets of links), cached by block number. Contents of
 * files are never here: they are pages of the inode's object.
 *
 * A buffer has no lock for its contents: what they describe has one (inode.io
 * of a folder, inode.map of a block map, mount.lock of a bitmap, each inode's
 * map lock for its 128 bytes), and the journal copies them when no
 * transaction is open. An unused buffer stays cached until memory is short;
 * one that is newer than the disk is held by the journal.
 *
 * Field key:   b  the cache's spinlock    j  the journal's    c  constant
 */
#ifndef FS_BUF_H
#define FS_BUF_H

#include "lib/err.h"
#include "lib/list.h"
#include "lib/util.h"

struct buf {
	uint32_t block;			/* c while in the cache */
	uint32_t refs;			/* b */
	uint8_t	 valid;			/* b: data holds the block's contents */
	uint8_t	 busy;			/* b: being read */
	uint16_t slot;			/* j: 1 + index in the running transaction; 0: not in it */
	uint8_t	*data;			/* c: FS_BLOCK_SIZE bytes */
	struct buf *hash_next;		/* b */
	struct list lru_link;		/* b: while refs is 0 */
};

/* The block's buffer with its contents; a reference. -EIO, -ENOMEM; a bad number is damage. */
err_t	buf_read(uint32_t block, struct buf **b) MUST_CHECK;
/* The same for a block just allocated: all zeroes, nothing is read. */
err_t	buf_new(uint32_t block, struct buf **b) MUST_CHECK;
/* The block's buffer if there is one, whatever it holds; a reference. */
struct buf *buf_find(uint32_t block);
void	buf_get(struct buf *b);
void	buf_put(struct buf *b);		/* NULL is fine */
/* What it holds is worth nothing any more: its block was freed. */
void	buf_invalidate(struct buf *b);
void	buf_init(void);
/* At unmount: all of them must be unused. */
void	buf_drop_all(void);

#endif
