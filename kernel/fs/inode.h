/*
 * Inodes in memory. One exists for every inode in use, and for as many unused
 * ones, with their pages, as memory allows. References: fs/fs.h.
 *
 * Field key:   c  constant    m  map lock    i  the inode cache's spinlock
 *              j  the journal's spinlock    x  io lock    @  atomic
 *
 * Who opens and closes a file takes no lock here: inode_find looks through the chains without, and
 * counts itself in, unless the inode is GONE, which is for ever: its last name was
 * removed, or it leaves the cache. Whoever lets go of a GONE one last, or took the count from 0 to
 * GONE, frees it, once nobody looks through the chains any more that may have met it there.
 */
#ifndef FS_INODE_H
#define FS_INODE_H

#include "abi/fs.h"
#include "abi/stat.h"
#include "fs/alloc.h"
#include "fs/fs.h"
#include "fs/index.h"
#include "fs/journal.h"
#include "vm/object.h"

#define INODE_GONE	(1u << 31)	/* nobody finds it by its number */

struct inode {
	struct object object;		/* a file's pages */
	struct mutex io;		/* RANK_INODE_IO: contents of a folder; size of a file */
	struct mutex map;		/* RANK_INODE_MAP */
	struct buf *home;		/* c: held: the block with its 128 bytes */
	struct fs_inode d;		/* m: what the disk has or will have; type: c */
	struct dir_index index;		/* x: of a folder */
	struct buf *leaf;		/* m: held: block of numbers used last, or NULL ... */
	uint32_t leaf_first;		/* m: ... and the first file block it leads to */
	uint32_t map_turn;		/* m: how often blocks were taken away */
	uint32_t inum;			/* c */
	uint32_t read_next;		/* m: page a sequential reader wants next */
	uint64_t seq;			/* m: transaction it was last changed in */
	uint64_t born;			/* c: transaction it was made in; 0: before */
	uint64_t written;		/* m: of its data, for journal_flush */
	struct list ordered_link[2];	/* j */
	uint16_t failures;		/* m: how often data could not be written */
	uint16_t told;			/* m: of these, those that some fsync told of */
	uint16_t retries;		/* m: writers about to try again what they could not */
	bool	 stale;			/* m: d is newer than the running transaction */
	bool	 used;			/* @: since take_unused last passed */
	uint32_t refs;			/* @: | INODE_GONE */
	uint32_t pins;			/* i: who writes its pages */
	uint32_t pass;			/* i: write-back pass that saw it last */
	struct inode *hash_next;	/* i; @ read without */
	struct list dirty_link;		/* i: while there may be something to write */
};
_Static_assert(sizeof(struct inode) <= 672, "fewer than six to a page, of every open file's");

#define FS_MAX_SIZE	((uint64_t)FS_MAXFILE * FS_BLOCK_SIZE)
#define INODE_CREDITS	1		/* blocks inode_log dirties */

/* Inode INUM, which a folder says exists. -EIO: it does not, or is damaged; -ENOMEM. */
err_t	inode_load(uint32_t inum, struct inode **ip) MUST_CHECK;
/* What names lead to. */
static inline struct name_target
inode_target(const struct inode *ip)
{
	return (struct name_target){ (uint16_t)ip->inum, ip->d.type, ip->d.generation };
}
/* Inode T if it is in memory, with a reference; NULL: it is not, or its number was given away. */
struct inode *inode_find(const struct name_target *t);
/* A new one with no links and a reference. 2 credits. */
err_t	inode_new(struct handle *h, uint16_t type, struct inode **ip) MUST_CHECK;
/* Undo that, and whatever blocks it got, in the same handle; the caller still puts it. */
void	inode_discard(struct handle *h, struct inode *ip);
/* D goes into the transaction. */
void	inode_log(struct handle *h, struct inode *ip) REQUIRES(ip->map);
/* Its contents change now. */
void	inode_set_times(struct inode *ip) REQUIRES(ip->map);
/* D changed in memory only; write-back logs it. */
void	inode_touch(struct inode *ip) REQUIRES(ip->map);
/* If only the memory knows some change, log it. With no handle open. */
err_t	inode_log_stale(struct inode *ip) EXCLUDES(ip->map) MUST_CHECK;
/*
 * NLINK changes by DELTA, in the transaction; at 0 it becomes an orphan. 2 credits. -ENOENT: it was
 * 0.
 */
err_t	inode_link(struct handle *h, struct inode *ip, int delta) MUST_CHECK;
/*
 * Free the blocks beyond the size of IP, an orphan; then it is none if it has
 * links. WHOLE: all of them, and the inode itself.
 */
err_t	inode_free_tail(struct inode *ip, bool whole) EXCLUDES(ip->map) MUST_CHECK;
/*
 * The last name of IP has just been removed. If nobody but the caller uses it and it is small it
 * goes in the same transaction, and may never have been on the disk. false: nothing was done.
 */
bool	inode_delete_now(struct handle *h, struct inode *ip) EXCLUDES(ip->map);
#define DELETE_CREDITS	(MIN(alloc_groups(), FS_NDIRECT) + 8)
void	inode_set_orphan(struct handle *h, struct inode *ip) REQUIRES(ip->map);
/* At mount, when the superblock counts orphans. */
err_t	inode_free_orphans(void) MUST_CHECK;

/* The callbacks of its object. */
void	inode_object_get(struct object *o);
void	inode_object_put(struct object *o);

/* There is something to write: pages, or D. */
void	inode_note_dirty(struct inode *ip);
/* The next inode to write in pass PASS, pinned; NULL: all were seen. */
struct inode *inode_next_dirty(uint32_t pass);
/* Lets go of it; a clean one leaves the list. */
void	inode_unpin(struct inode *ip);
uint32_t inode_new_pass(void);

void	inode_cache_init(void);
/* Unmount: forget all unused ones, whatever state they are in; the references that others hold. */
uint32_t inode_drop_all(void);

/* ---- map.c: which blocks a file has ---- */

/* Credits to allocate N blocks of a file. */
uint32_t map_credits(uint32_t n);
/*
 * Block FB of the file: *BLOCK, and how many (at most MAX) follow it on the disk; 0: a hole of *RUN
 * blocks.
 */
err_t	map_lookup(struct inode *ip, uint32_t fb, uint32_t max, uint32_t *block, uint32_t *run)
	    REQUIRES(ip->map) MUST_CHECK;
/*
 * Give blocks [FB, FB + N) a place where they have none. *DONE: how many
 * from FB on have one now; less than N only with an error. Logs nothing of IP itself.
 */
err_t	map_alloc(struct handle *h, struct inode *ip, uint32_t fb, uint32_t n, uint32_t *done)
	    REQUIRES(ip->map) MUST_CHECK;
/* Let go of the block of numbers that was used last. */
void	map_drop_leaf(struct inode *ip) EXCLUDES(ip->map);
/* Credits for one step of freeing. */
uint32_t map_free_credits(void);
/* Free blocks from FB on, as far as the handle's credits go. *MORE: not all yet. */
err_t	map_free(struct handle *h, struct inode *ip, uint32_t fb, bool *more)
	    REQUIRES(ip->map) MUST_CHECK;

#endif
