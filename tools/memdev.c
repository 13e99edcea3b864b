/* See check.h: memory as a disk. */
#include <stdlib.h>
#include <string.h>

#include "abi/fs.h"
#include "check.h"
#include "dev/blk.h"

struct memdev {
	struct blkdev dev;
	uint8_t	*image, *touched;
};

static void
submit(struct blkdev *d, struct bio *b)
{
	struct memdev *m = d->priv;
	uint64_t at = b->sector * SECTOR_SIZE;

	for (uint32_t i = 0; b->op != BIO_FLUSH && i < b->nsegs; i++) {
		uint32_t n = b->seg[i].len;

		if (b->op == BIO_READ)
			memcpy(b->seg[i].addr, m->image + at, n);
		else
			memcpy(m->image + at, b->seg[i].addr, n);
		if (b->op == BIO_WRITE && m->touched != NULL)
			memset(m->touched + at / FS_BLOCK_SIZE, 1, DIV_UP(n, FS_BLOCK_SIZE));
		at += n;
	}
	b->err = OK;
	b->done(b);
}

struct blkdev *
memdev_open(uint8_t *image, uint64_t size, uint8_t *touched)
{
	struct memdev *m = malloc(sizeof(*m));

	if (m == NULL)
		abort();
	*m = (struct memdev){ .image = image, .touched = touched };
	m->dev = (struct blkdev){ .name = "image", .nsectors = size / SECTOR_SIZE,
		.submit = submit, .priv = m };
	return &m->dev;
}

void
memdev_close(struct blkdev *d)
{
	free(d->priv);
}
