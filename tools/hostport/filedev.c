/* See hostport.h: a file as a struct blkdev. Requests are done when submit returns. */
#include <stdlib.h>

#include "hostport.h"
#include "image.h"

struct filedev {
	struct blkdev dev;
	struct image *image;
	bool	 fresh;			/* made of zeroes by us: they need not be written */
};

static bool
is_zero(const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (p[i] != 0)
			return false;
	return true;
}

static bool
transfer(struct filedev *f, enum bio_op op, const struct bio_seg *s, uint64_t at)
{
	char now[4096];

	if (op == BIO_READ)
		return image_read(f->image, s->addr, s->len, at);
	if (f->fresh && s->len <= sizeof(now) && is_zero(s->addr, s->len) &&
	    image_read(f->image, now, s->len, at) && is_zero(now, s->len))
		return true;
	return image_write(f->image, s->addr, s->len, at);
}

static void
submit(struct blkdev *d, struct bio *b)
{
	struct filedev *f = d->priv;
	uint64_t at = b->sector * SECTOR_SIZE;

	b->err = OK;
	for (uint32_t i = 0; b->op != BIO_FLUSH && i < b->nsegs && b->err == OK; i++) {
		if (!transfer(f, b->op, &b->seg[i], at))
			b->err = ERR(EIO);
		at += b->seg[i].len;
	}
	b->done(b);
}

struct blkdev *
hostport_open_image(const char *path, bool writable, uint64_t size)
{
	struct filedev *f = malloc(sizeof(*f));
	uint64_t length;

	if (f == NULL)
		return NULL;
	f->image = image_open(path, writable, size, &length);
	if (f->image == NULL) {
		free(f);
		return NULL;
	}
	f->fresh = size > 0;
	f->dev = (struct blkdev){ .name = path, .nsectors = length / SECTOR_SIZE,
		.readonly = !writable, .submit = submit, .priv = f };
	return &f->dev;
}

bool
hostport_close_image(struct blkdev *d)
{
	struct filedev *f = d->priv;
	bool good = image_close(f->image);

	free(f);
	return good;
}
