/* See dev/blk.h. */
#include "dev/blk.h"

#include "kern/print.h"
#include "kern/waitq.h"
#include "lib/assert.h"
#include "lib/atomic.h"

struct blk_stats blk_stats;

static struct blkdev *root_dev;		/* c after the drivers' probes */

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
flush_done(struct bio *b)
{
	struct wait_done *w = b->arg;

	spin_lock(&w->lock);
	w->done = true;
	waitq_wake_all(&w->queue);
	spin_unlock(&w->lock);
}

err_t
blk_flush(struct blkdev *d)
{
	struct wait_done w = { .done = false };
	struct bio b = { .op = BIO_FLUSH, .done = flush_done, .arg = &w };

	spin_init(&w.lock, "flush", RANK_WAIT);
	waitq_init(&w.queue, "disk");
	list_init(&b.link);
	blk_submit(d, &b);
	spin_lock(&w.lock);
	while (!w.done)
		waitq_wait(&w.queue, &w.lock);
	spin_unlock(&w.lock);
	return b.err;
}
