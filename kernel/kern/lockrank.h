/*
 * The order in which locks are taken: a lock's rank is greater than that of
 * every lock its holder already has. Locks of one rank go by address, or
 * are marked _NESTED by the taker. Checked at run time in debug builds.
 * docs/locks.md names a function for each edge.
 */
#ifndef KERN_LOCKRANK_H
#define KERN_LOCKRANK_H

enum lock_rank {
	RANK_NONE,		/* nothing is held; a lock of it is not checked */
	/* sleeping */
	RANK_MOUNT,		/* mount, umount, halt */
	RANK_PROC_TREE,
	RANK_FILE,		/* a file's offset */
	RANK_PIPE,
	RANK_RENAME,
	RANK_INODE_IO,
	RANK_SPACE_LIST,
	RANK_SPACE,
	RANK_TXN,		/* a handle of the journal, as good as a lock */
	RANK_INODE_MAP,
	RANK_FSALLOC,		/* bitmaps, the superblock */
	RANK_OBJECT,
	/* spinning */
	RANK_SPIN_OUTER,	/* first spinlock: no sleeping from here on */
	RANK_DEVICE,		/* drivers' queues */
	RANK_WAIT,		/* conditions that threads wait for */
	RANK_SLAB_STOCK,
	RANK_SLAB,
	RANK_TABLE_STOCK,	/* page tables kept for reuse */
	RANK_PAGE_STOCK,
	RANK_PAGE,
	RANK_PMAP,
	RANK_TIMER,		/* threads that sleep for a time */
	RANK_SCHED,
	RANK_CONSOLE,
};

#endif
