/*
 * Groups of disk requests: a caller adds pieces of memory in any order of
 * blocks; neighbours become one request of up to 128 KiB; several are in
 * flight. Works without memory to spare, then slower.
 */
#ifndef FS_IO_H
#define FS_IO_H

#include "dev/blk.h"
#include "kern/spinlock.h"
#include "kern/waitq.h"

struct ioreq;

/*
 * Who asks. Each waits for those before it at most, and whoever is one has nothing else of the same
 * kind unfinished: that is what makes one request of each kind in reserve enough.
 */
enum io_user {
	IO_READER,
	IO_WRITER,
	IO_HOMES,		/* the committer's, beside what it writes to the journal */
	IO_USERS,
};

struct io {
	enum io_user user;
	struct spinlock lock;		/* RANK_WAIT */
	struct waitq wait;
	uint32_t inflight;		/* lock: requests not yet done */
	struct list reqs;		/* the owner's: submitted, oldest first */
	uint32_t nreqs;			/* the owner's: of these */
	struct ioreq *open;		/* the owner's: not yet submitted */
	uint32_t next_block;		/* that would extend `open` */
	err_t	 err;			/* the owner's: the first failure */
	/*
	 * NULL, or called by the owner's thread in io_add and io_end: requests are through; then,
	 * for each of their pieces, that it is, and how its request went.
	 */
	void	(*requests_done)(struct io *io);
	void	(*piece_done)(struct io *io, void *addr, err_t err);
	void	*arg;
};

void	io_begin(struct io *io, enum io_user user);
/* LEN bytes, whole blocks, at ADDR of the direct map. May sleep. */
void	io_add(struct io *io, uint32_t block, void *addr, uint32_t len);
/* Start what was added without waiting for it. */
void	io_submit(struct io *io);
/* Wait for all of it. */
err_t	io_end(struct io *io) MUST_CHECK;
/* One piece, now. */
err_t	io_do(enum bio_op op, uint32_t block, void *addr, uint32_t len) MUST_CHECK;

#endif
