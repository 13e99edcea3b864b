/*
 * The journal: changes of metadata become durable in groups, each as a whole
 * or not at all. See docs/filesystem.md for the order of writes.
 *
 * A change happens inside a handle: txn_begin with the most blocks it may
 * dirty, then any number of txn_dirty'd buffers, txn_end. All handles of the moment
 * belong to the running transaction. A commit waits for them to end, copies
 * what they dirtied and lets the next transaction run; a handle never waits
 * for the one that is being written.
 */
#ifndef FS_JOURNAL_H
#define FS_JOURNAL_H

#include "fs/buf.h"
#include "kern/annotate.h"

struct fs_journal_header;
struct inode;

struct handle {
	uint64_t seq;			/* number of its transaction */
	uint32_t reserved;		/* blocks it may still add */
};

/*
 * May wait, and commit. Allowed with inode.io held, not with inode.map or anything inner.
 * -EROFS: the file system is read-only.
 */
err_t	txn_begin(struct handle *h, uint32_t nblocks) MUST_CHECK;
void	txn_end(struct handle *h);
/* B, whose contents the caller holds the lock of, changes in this transaction. */
void	txn_dirty(struct handle *h, struct buf *b);
/* BLOCK, of metadata, is freed: what was changed in it must not go home over its next owner's. */
void	txn_forget(struct handle *h, uint32_t block);
/* IP got new blocks: its dirty pages are written before the transaction commits. */
void	txn_order(struct handle *h, struct inode *ip);
/* IP is deleted in this transaction, by its only user: they are not. */
void	txn_forget_order(struct handle *h, struct inode *ip);
/* The transaction before H's, which is being committed, has pages of IP to write. */
bool	journal_is_committing(struct handle *h, struct inode *ip);

/*
 * Wait until no transaction that is being committed still has pages of IP to
 * write. Then they may be dropped, once IP's size on disk no longer covers them.
 */
void	journal_wait_ordered(struct inode *ip);
/* IP is deleted and has no pages: forget it. */
void	journal_drop_ordered(struct inode *ip);
bool	journal_is_ordered(struct inode *ip);

/* Make transaction SEQ and all before durable. With no handle open. */
err_t	journal_commit(uint64_t seq) MUST_CHECK;
/* Everything changed so far, and all data written so far, durable. */
err_t	journal_sync(void) MUST_CHECK;
uint64_t journal_running(void);
bool	journal_is_durable(uint64_t seq);
/* Data was written to the disk outside the journal; what journal_flush then takes. */
uint64_t journal_note_write(void);
err_t	journal_flush(uint64_t written) MUST_CHECK;

/* Blocks a transaction can hold in areas of that size, and how many the largest operation of a file
 * system with NGROUPS bitmap blocks takes. */
uint32_t journal_capacity(uint32_t area);
uint32_t journal_minimum(uint32_t ngroups);
/* LAST: the number of the newest transaction on the disk. -ENOMEM */
err_t	journal_init(uint64_t last) MUST_CHECK;
/* Two empty transactions, so that the next mount has nothing to recover. */
err_t	journal_finish(void) MUST_CHECK;
void	journal_fini(void);

/*
 * recover.c: replay what the journal of the disk fs.dev holds. *LAST as above. -EIO, -ENOMEM,
 * -EROFS
 */
err_t	journal_recover(uint64_t *last) MUST_CHECK;
/* Blocks of a record of COUNT blocks before their contents. */
uint32_t journal_header_blocks(uint32_t count);
/* Sum of a record's header and block numbers; its contents follow. */
uint64_t journal_sum_header(const struct fs_journal_header *h);

#endif
