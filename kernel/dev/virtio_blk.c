/*
 * The virtio block device: many requests in flight, each a chain of
 * descriptors: header, segments, status. Source: VIRTIO 1.1, 5.2.
 */
#include "dev/blk.h"
#include "dev/drivers.h"
#include "dev/virtio.h"
#include "kern/irq.h"
#include "kern/print.h"
#include "kern/spinlock.h"
#include "kern/waitq.h"
#include "lib/assert.h"
#include "lib/fmt.h"
#include "lib/string.h"
#include "md/device.h"
#include "mem/slab.h"

#define F_SEG_MAX	(1ull << 2)
#define F_RO		(1ull << 5)
#define F_FLUSH		(1ull << 9)

enum { CONFIG_CAPACITY = 0, CONFIG_SEG_MAX = 12 };
enum { T_IN = 0, T_OUT = 1, T_FLUSH = 4 };
#define STATUS_OK	0
#define STATUS_NONE	0xff		/* the device wrote nothing */

/*
 * A request, by the number of its first descriptor. The device reads the header, writes the status.
 */
struct request {
	struct {
		uint32_t type, reserved;
		uint64_t sector;
	} header;
	struct bio *bio;		/* lock: NULL: not in flight */
	uint8_t	 status;
};

struct virtio_blk {
	struct virtio_dev dev;		/* c but for its registers */
	struct blkdev blk;		/* c */
	char	 name[8];		/* c */
	struct spinlock lock;		/* RANK_DEVICE */
	struct waitq room;		/* lock: for free descriptors */
	struct virtq queue;		/* lock */
	struct request *requests;	/* [queue.size] */
};

/* Put B into the queue. There is room. */
static void
enqueue(struct virtio_blk *v, struct bio *b) REQUIRES(v->lock)
{
	unsigned number = virtq_next_head(&v->queue);
	struct request *r = &v->requests[number];

	r->header.type = b->op == BIO_READ ? T_IN : b->op == BIO_WRITE ? T_OUT : T_FLUSH;
	r->header.reserved = 0;
	r->header.sector = b->op == BIO_FLUSH ? 0 : b->sector;
	r->status = STATUS_NONE;
	r->bio = b;
	virtq_append(&v->queue, &r->header, sizeof(r->header), false);
	for (uint32_t i = 0; i < b->nsegs; i++)
		virtq_append(&v->queue, b->seg[i].addr, b->seg[i].len, b->op == BIO_READ);
	virtq_append(&v->queue, &r->status, sizeof(r->status), true);
	virtq_submit(&v->queue, number);
}

static void
virtio_blk_submit(struct blkdev *d, struct bio *b)
{
	struct virtio_blk *v = d->priv;

	if (b->op == BIO_FLUSH && (v->dev.features & F_FLUSH) == 0) {
		b->err = OK;		/* nothing between us and the medium */
		b->done(b);
		return;
	}
	spin_lock(&v->lock);
	while (v->queue.nfree < b->nsegs + 2)
		waitq_wait(&v->room, &v->lock);
	enqueue(v, b);
	spin_unlock(&v->lock);
}

/* A finished request; NULL: no more. */
static struct bio *
dequeue(struct virtio_blk *v)
{
	struct bio *b = NULL;
	unsigned n;

	spin_lock(&v->lock);
	if (virtq_take(&v->queue, &n)) {
		struct request *r = &v->requests[n];

		b = r->bio;
		assert(b != NULL);
		b->err = r->status == STATUS_OK ? OK : ERR(EIO);
		r->bio = NULL;
		waitq_wake_all(&v->room);
	}
	spin_unlock(&v->lock);
	return b;
}

/* Acknowledged before the queue is read: what finishes later interrupts again. */
static void
virtio_blk_irq(void *arg)
{
	struct virtio_blk *v = arg;
	struct bio *b;

	if (!v->dev.bus->acknowledge(&v->dev))
		return;
	while ((b = dequeue(v)) != NULL)
		b->done(b);
}

/* ---- start-up ---- */

static err_t
virtio_blk_setup(struct virtio_blk *v)
{
	struct virtio_dev *d = &v->dev;
	size_t bytes;
	err_t err = virtio_negotiate(d, F_SEG_MAX | F_RO | F_FLUSH);

	if (err != OK)
		return err;
	if ((d->features & F_SEG_MAX) && d->bus->config(d, CONFIG_SEG_MAX) < BIO_MAX_SEGS)
		return ERR(EINVAL);
	err = virtq_init(&v->queue, d, 0);
	if (err != OK)
		return err;
	if (v->queue.size < BIO_MAX_SEGS + 2)
		return ERR(EINVAL);
	bytes = v->queue.size * sizeof(struct request);
	v->requests = kmem_alloc(bytes);
	if (v->requests == NULL)
		return ERR(ENOMEM);
	memset(v->requests, 0, bytes);
	return OK;
}

static void
virtio_blk_attach(struct virtio_blk *v, unsigned number)
{
	struct virtio_dev *d = &v->dev;

	spin_init(&v->lock, "virtio disk", RANK_DEVICE);
	waitq_init(&v->room, "disk queue");
	fmt_snprintf(v->name, sizeof(v->name), "disk%u", number);
	v->blk = (struct blkdev){ .name = v->name, .submit = virtio_blk_submit, .priv = v,
		.readonly = (d->features & F_RO) != 0,
		.nsectors = d->bus->config(d, CONFIG_CAPACITY) |
		    (uint64_t)d->bus->config(d, CONFIG_CAPACITY + 4) << 32 };
	irq_register(d->irq, virtio_blk_irq, v);
	virtio_start(d);
	blk_register(&v->blk);
}

static void
virtio_blk_try(const struct virtio_dev *d)
{
	static unsigned number;
	struct virtio_blk *v = kmem_alloc(sizeof(*v));
	err_t err = ERR(ENOMEM);

	if (v != NULL) {
		*v = (struct virtio_blk){ .dev = *d };
		err = virtio_blk_setup(v);
	}
	if (err == OK) {
		virtio_blk_attach(v, number++);
		return;
	}
	kprintf("virtio disk: error %d: ignored\n", -err_code(err));
	if (v != NULL) {
		virtio_fail(&v->dev);		/* before its queue goes */
		virtq_destroy(&v->queue);
		kmem_free(v, sizeof(*v));
	}
}

void
virtio_blk_probe(void)
{
	struct md_device where;
	struct virtio_dev d;

	for (unsigned n = 0; md_device(MD_VIRTIO_MMIO, n, &where); n++)
		if (virtio_mmio_open(&where, VIRTIO_ID_BLOCK, &d))
			virtio_blk_try(&d);
	for (unsigned n = 0; md_device(MD_VIRTIO_PCI, n, &where); n++)
		if (virtio_pci_open(&where, VIRTIO_ID_BLOCK, &d))
			virtio_blk_try(&d);
}
