/* See fs/io.h. */
#include "fs/io.h"

#include "fs/mount.h"
#include "kern/print.h"
#include "lib/assert.h"
#include "mem/slab.h"

#define MAX_REQUEST	(128 * 1024 / FS_BLOCK_SIZE)	/* blocks */
#define MAX_IN_FLIGHT	16				/* requests of one group */

struct ioreq {
	struct bio bio;
	struct bio_seg seg[BIO_MAX_SEGS];	/* the bio's */
	struct list link;		/* io->reqs */
	struct io *io;
	uint32_t nblocks;
	bool	 reserved;		/* one of `reserve`, not of the slab */
};

SLAB_CACHE(ioreq_cache, struct ioreq);

/*
 * For when memory is full: one request for each kind of user. A reader submits without
 * waiting for anything else, a writer waits for readers at most (block maps), the one
 * that writes blocks home for writers and readers: so each becomes free again.
 */
static struct {
	struct spinlock lock;		/* RANK_WAIT */
	struct waitq wait;
	bool	 used[IO_USERS];	/* lock */
	struct ioreq req[IO_USERS];
} reserve = { .lock = SPINLOCK_INIT("io reserve", RANK_WAIT),
	.wait = WAITQ_INIT(reserve.wait, "disk") };

static struct ioreq *
reserve_get(enum io_user user)
{
	spin_lock(&reserve.lock);
	while (reserve.used[user])
		waitq_wait(&reserve.wait, &reserve.lock);
	reserve.used[user] = true;
	spin_unlock(&reserve.lock);
	reserve.req[user].reserved = true;
	return &reserve.req[user];
}

static void
req_free(struct ioreq *r)
{
	if (!r->reserved) {
		slab_note_cached(&ioreq_cache, -1);
		slab_free(&ioreq_cache, r);
		return;
	}
	spin_lock(&reserve.lock);
	reserve.used[r->io->user] = false;
	waitq_wake_all(&reserve.wait);
	spin_unlock(&reserve.lock);
}

void
io_begin(struct io *io, enum io_user user)
{
	io->user = user;
	spin_init(&io->lock, "io", RANK_WAIT);
	waitq_init(&io->wait, "disk");
	io->inflight = io->nreqs = 0;
	list_init(&io->reqs);
	io->open = NULL;
	io->err = OK;
	io->requests_done = NULL;
	io->piece_done = NULL;
}

static void
req_done(struct bio *b)
{
	struct io *io = b->arg;

	spin_lock(&io->lock);
	if (--io->inflight == 0)
		waitq_wake_all(&io->wait);
	spin_unlock(&io->lock);		/* the owner may end `io` from here on */
}

static __attribute__((noinline)) void
submit_open(struct io *io)
{
	struct ioreq *r = io->open;

	if (r == NULL)
		return;
	io->open = NULL;
	list_append(&io->reqs, &r->link);
	io->nreqs++;
	spin_lock(&io->lock);
	io->inflight++;
	spin_unlock(&io->lock);
	blk_submit(fs.dev, &r->bio);
}

static void
req_finish(struct io *io, struct ioreq *r)
{
	err_t err = r->bio.err;

	if (err != OK)
		kprintf("%s: %s error in blocks %u to %u\n", fs.dev->name,
		    r->bio.op == BIO_READ ? "read" : "write",
		    (uint32_t)(r->bio.sector / (FS_BLOCK_SIZE / SECTOR_SIZE)),
		    (uint32_t)(r->bio.sector / (FS_BLOCK_SIZE / SECTOR_SIZE)) + r->nblocks - 1);
	if (io->err == OK)
		io->err = err;
	if (io->piece_done != NULL)
		for (uint32_t i = 0; i < r->bio.nsegs; i++)
			io->piece_done(io, r->bio.seg[i].addr, err);
	req_free(r);
}

/* Wait for what was submitted. */
static void
drain(struct io *io)
{
	struct list *l;

	spin_lock(&io->lock);
	while (io->inflight > 0)
		waitq_wait(&io->wait, &io->lock);
	spin_unlock(&io->lock);
	if (io->requests_done != NULL && !list_empty(&io->reqs))
		io->requests_done(io);
	while ((l = list_pop(&io->reqs)) != NULL)
		req_finish(io, list_entry(l, struct ioreq, link));
	io->nreqs = 0;
}

static __attribute__((noinline)) struct ioreq *
req_new(struct io *io, uint32_t block)
{
	struct ioreq *r;

	if (io->nreqs >= MAX_IN_FLIGHT)
		drain(io);
	r = slab_alloc(&ioreq_cache);
	if (r == NULL && io->nreqs > 0) {
		drain(io);
		r = slab_alloc(&ioreq_cache);
	}
	if (r == NULL) {
		r = reserve_get(io->user);
	} else {
		slab_note_cached(&ioreq_cache, 1);
		r->reserved = false;
	}
	r->io = io;
	r->nblocks = 0;
	list_init(&r->link);
	list_init(&r->bio.link);
	r->bio.op = io->user == IO_READER ? BIO_READ : BIO_WRITE;
	r->bio.sector = (uint64_t)block * (FS_BLOCK_SIZE / SECTOR_SIZE);
	r->bio.nsegs = 0;
	r->bio.seg = r->seg;
	r->bio.err = OK;
	r->bio.done = req_done;
	r->bio.arg = io;
	return r;
}

/* Pieces that follow each other in memory are one segment, unless each is to be reported. */
static bool
extends_segment(const struct io *io, const struct bio *b, const void *addr)
{
	const struct bio_seg *s;

	if (b->nsegs == 0 || io->piece_done != NULL)
		return false;
	s = &b->seg[b->nsegs - 1];
	return (char *)s->addr + s->len == addr;
}

void
io_add(struct io *io, uint32_t block, void *addr, uint32_t len)
{
	struct ioreq *r = io->open;
	struct bio *b;

	if (unlikely(r == NULL || block != io->next_block || r->bio.nsegs == BIO_MAX_SEGS ||
	    r->nblocks + len / FS_BLOCK_SIZE > MAX_REQUEST)) {
		submit_open(io);
		r = io->open = req_new(io, block);
	}
	b = &r->bio;
	if (extends_segment(io, b, addr))
		b->seg[b->nsegs - 1].len += len;
	else
		b->seg[b->nsegs++] = (struct bio_seg){ addr, len };
	r->nblocks += len / FS_BLOCK_SIZE;
	io->next_block = block + len / FS_BLOCK_SIZE;
}

void
io_submit(struct io *io)
{
	submit_open(io);
}

err_t
io_end(struct io *io)
{
	submit_open(io);
	drain(io);
	return io->err;
}

err_t
io_do(enum bio_op op, uint32_t block, void *addr, uint32_t len)
{
	struct io io;

	io_begin(&io, op == BIO_READ ? IO_READER : IO_WRITER);
	io_add(&io, block, addr, len);
	return io_end(&io);
}
