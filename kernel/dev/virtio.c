/* See dev/virtio.h. */
#include "dev/virtio.h"

#include "lib/assert.h"
#include "lib/atomic.h"
#include "lib/string.h"
#include "mem/slab.h"

enum { ACKNOWLEDGE = 1, DRIVER = 2, DRIVER_OK = 4, FEATURES_OK = 8, FAILED = 128 };

#define DESC_NEXT	1u
#define DESC_WRITE	2u
#define USED_NO_NOTIFY	1u

err_t
virtio_negotiate(struct virtio_dev *d, uint64_t wanted)
{
	const struct virtio_bus *bus = d->bus;

	bus->set_status(d, 0);
	bus->set_status(d, ACKNOWLEDGE);
	bus->set_status(d, ACKNOWLEDGE | DRIVER);
	d->features = bus->features(d) & (wanted | (d->legacy ? 0 : VIRTIO_F_VERSION_1));
	if (!d->legacy && (d->features & VIRTIO_F_VERSION_1) == 0)
		return ERR(EIO);
	bus->set_features(d, d->features);
	if (d->legacy)
		return OK;
	bus->set_status(d, ACKNOWLEDGE | DRIVER | FEATURES_OK);
	return bus->status(d) & FEATURES_OK ? OK : ERR(EIO);
}

void
virtio_start(struct virtio_dev *d)
{
	d->bus->set_status(d, (uint8_t)(d->bus->status(d) | DRIVER_OK));
}

void
virtio_fail(struct virtio_dev *d)
{
	d->bus->set_status(d, 0);
	d->bus->set_status(d, FAILED);
}

/* ---- queues ---- */

/* Offset of the used ring: on the page behind the other two parts. */
static size_t
used_offset(unsigned size)
{
	return PAGE_UP(size * sizeof(struct virtq_desc) + (3 + size) * sizeof(uint16_t));
}

static size_t
queue_bytes(unsigned size)
{
	return used_offset(size) + 6 + size * 8;
}

err_t
virtq_init(struct virtq *q, struct virtio_dev *d, unsigned index)
{
	unsigned max = d->bus->queue_max(d, index), size = VIRTQ_MAX;
	char *mem;

	while (size > max)
		size /= 2;
	if (size == 0)
		return ERR(EIO);
	mem = kmem_alloc(queue_bytes(size));	/* more than a page: page aligned */
	if (mem == NULL)
		return ERR(ENOMEM);
	memset(mem, 0, queue_bytes(size));
	*q = (struct virtq){ .dev = d, .index = index, .size = size, .nfree = size };
	q->desc = (struct virtq_desc *)mem;
	q->avail = (struct virtq_avail *)(mem + size * sizeof(struct virtq_desc));
	q->used = (struct virtq_used *)(mem + used_offset(size));
	for (unsigned i = 0; i < size; i++)
		q->desc[i].next = (uint16_t)(i + 1);
	d->bus->queue_set(d, index, q);
	return OK;
}

void
virtq_destroy(struct virtq *q)
{
	kmem_free(q->desc, queue_bytes(q->size));
}

unsigned
virtq_next_head(const struct virtq *q)
{
	assert(q->nfree > 0);
	return q->free;
}

/* Free descriptors are chained already: each leads to the one that is appended next. */
void
virtq_append(struct virtq *q, const void *addr, uint32_t len, bool writes)
{
	struct virtq_desc *d = &q->desc[q->free];

	assert(q->nfree > 0);
	q->nfree--;
	q->last = q->free;
	q->free = d->next;
	d->addr = md_virt_to_phys(addr);
	d->len = len;
	d->flags = DESC_NEXT | (writes ? DESC_WRITE : 0);
}

void
virtq_submit(struct virtq *q, unsigned head)
{
	q->desc[q->last].flags &= (uint16_t)~DESC_NEXT;
	q->avail->ring[q->avail->idx % q->size] = (uint16_t)head;
	atomic_store_release(&q->avail->idx, (uint16_t)(q->avail->idx + 1));
	atomic_fence();			/* the index is out before we look whether to tell */
	if ((atomic_load_relaxed(&q->used->flags) & USED_NO_NOTIFY) == 0)
		q->dev->bus->notify(q->dev, q->index);
}

/* The chain that begins at HEAD: back to the free ones. */
static void
chain_free(struct virtq *q, unsigned head)
{
	unsigned i = head;

	q->nfree++;
	for (; q->desc[i].flags & DESC_NEXT; i = q->desc[i].next)
		q->nfree++;
	q->desc[i].next = q->free;
	q->free = (uint16_t)head;
}

bool
virtq_take(struct virtq *q, unsigned *head)
{
	if (atomic_load_acquire(&q->used->idx) == q->seen)
		return false;
	*head = q->used->ring[q->seen % q->size].id;
	q->seen++;
	assert(*head < q->size);	/* the device is part of the machine */
	chain_free(q, *head);
	return true;
}
