/* See dev/blk.h. */
#include "dev/blk.h"

#include "kern/print.h"
#include "kern/waitq.h"
#include "lib/assert.h"
#include "lib/atomic.h"

struct blk_stats blk_stats;

static struct blkdev *root_dev;		/* c after blk_probe */

void
blk_register(struct blkdev *d)
{
	kprintf("%s: %u MiB%s\n", d->name, (unsigned)(d->nsectors >> 11),
	    d->readonly ? ", read-only" : "");
	if (root_dev == NULL)
		root_dev = d;
}

struct blkdev *
blk_root(void)
{
	return root_dev;
}

void
blk_submit(struct blkdev *d, struct bio *b)
{
	uint64_t sectors = 0;

	assert(b->nsegs <= BIO_MAX_SEGS);
	for (uint32_t i = 0; i < b->nsegs; i++) {
		assert(b->seg[i].len % SECTOR_SIZE == 0);
		sectors += b->seg[i].len / SECTOR_SIZE;
	}
	atomic_add_relaxed(&blk_stats.requests[b->op], 1);
	atomic_add_relaxed(&blk_stats.kb[b->op], (uint32_t)(sectors / 2));
	if ((b->op != BIO_FLUSH && (b->sector > d->nsectors ||
	    sectors > d->nsectors - b->sector)) || (b->op == BIO_WRITE && d->readonly)) {
		b->err = ERR(EIO);
		b->done(b);
		return;
	}
	d->submit(d, b);
}

struct wait_done {
	struct spinlock lock;		/* RANK_WAIT */
	struct waitq queue;
	bool	 done;			/* lock */
};

static void
wake_submitter(struct bio *b)
{
	struct wait_done *w = b->arg;

	spin_lock(&w->lock);
	w->done = true;
	waitq_wake_all(&w->queue);
	spin_unlock(&w->lock);
}

err_t
blk_do(struct blkdev *d, struct bio *b)
{
	struct wait_done w = { .done = false };

	spin_init(&w.lock, "disk", RANK_WAIT);
	waitq_init(&w.queue, "disk");
	b->done = wake_submitter;
	b->arg = &w;
	blk_submit(d, b);
	spin_lock(&w.lock);
	while (!w.done)
		waitq_wait(&w.queue, &w.lock);
	spin_unlock(&w.lock);
	return b->err;
}

/* A bio is too large for a kernel stack, so flushes share this one, in turn. */
static struct {
	struct spinlock lock;		/* RANK_WAIT */
	struct waitq queue;
	bool	 busy;			/* lock */
	struct bio bio;			/* busy */
} flush = { .lock = SPINLOCK_INIT("flush", RANK_WAIT), .queue = WAITQ_INIT(flush.queue, "disk") };

err_t
blk_flush(struct blkdev *d)
{
	err_t err;

	spin_lock(&flush.lock);
	while (flush.busy)
		waitq_wait(&flush.queue, &flush.lock);
	flush.busy = true;
	spin_unlock(&flush.lock);
	flush.bio.op = BIO_FLUSH;
	flush.bio.sector = 0;
	flush.bio.nsegs = 0;
	err = blk_do(d, &flush.bio);
	spin_lock(&flush.lock);
	flush.busy = false;
	waitq_wake_one(&flush.queue);
	spin_unlock(&flush.lock);
	return err;
}
