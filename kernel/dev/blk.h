/*
 * Block devices: requests of many segments, several in flight, completed
 * from interrupts.
 */
#ifndef DEV_BLK_H
#define DEV_BLK_H

#include "lib/err.h"
#include "lib/list.h"
#include "lib/util.h"

#define SECTOR_SIZE	512
#define BIO_MAX_SEGS	64

enum bio_op { BIO_READ, BIO_WRITE, BIO_FLUSH, BIO_OPS };

struct bio_seg {
	void	*addr;			/* in the direct map; no longer than its frame(s) */
	uint32_t len;			/* bytes, a multiple of SECTOR_SIZE */
};

struct bio {
	enum bio_op op;
	uint64_t sector;		/* first, of SECTOR_SIZE */
	uint32_t nsegs;
	struct bio_seg *seg;
	err_t	 err;			/* set before done: 0 or -EIO */
	/* Called once, maybe from an interrupt: spinlocks only. */
	void	(*done)(struct bio *);
	void	*arg;			/* the submitter's */
	struct list link;		/* the driver's, until done */
};

struct blkdev {
	const char *name;
	uint64_t nsectors;
	bool	 readonly;
	/* Start a request; may sleep for a free slot. Requests may complete in any order;
	 * a FLUSH completes when all writes completed before its submission are durable. */
	void	(*submit)(struct blkdev *d, struct bio *b);
	void	*priv;
};

void	blk_submit(struct blkdev *d, struct bio *b);	/* checks the range: -EIO through done */
err_t	blk_flush(struct blkdev *d) MUST_CHECK;		/* and wait for it */

/* The disk the system boots from; NULL: none found. After those of dev/drivers.h. */
struct blkdev *blk_root(void);
void	blk_register(struct blkdev *d);

struct blk_stats {
	uint32_t requests[BIO_OPS], kb[BIO_OPS];	/* @ by enum bio_op */
};
extern struct blk_stats blk_stats;

#endif
