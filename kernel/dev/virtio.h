/*
 * Virtio devices: what they have in common, whatever bus they are on, and
 * the split queue that requests go through. Source: Virtual I/O Device
 * (VIRTIO) 1.1, sections 2 and 3; the legacy interface of its appendix too.
 */
#ifndef DEV_VIRTIO_H
#define DEV_VIRTIO_H

#include "lib/err.h"
#include "lib/util.h"
#include "md/types.h"

#define VIRTIO_ID_BLOCK		2

#define VIRTIO_F_VERSION_1	(1ull << 32)

struct md_device;
struct virtio_dev;
struct virtq;

/* How a bus reaches a device. */
struct virtio_bus {
	uint8_t	 (*status)(struct virtio_dev *d);
	void	 (*set_status)(struct virtio_dev *d, uint8_t status);
	uint64_t (*features)(struct virtio_dev *d);
	void	 (*set_features)(struct virtio_dev *d, uint64_t features);
	/* Entries of queue INDEX at most; 0: no such queue. */
	unsigned (*queue_max)(struct virtio_dev *d, unsigned index);
	void	 (*queue_set)(struct virtio_dev *d, unsigned index, const struct virtq *q);
	void	 (*notify)(struct virtio_dev *d, unsigned index);
	/* Acknowledge the interrupt; false: it was another device's. */
	bool	 (*acknowledge)(struct virtio_dev *d);
	uint32_t (*config)(struct virtio_dev *d, unsigned offset);
};

struct virtio_dev {
	const struct virtio_bus *bus;
	char	*regs;			/* the bus's */
	unsigned irq;
	bool	 legacy;
	uint64_t features;		/* negotiated */
};

/* Reset, find out what both sides can do of WANTED. -EIO: the device refused. */
err_t	virtio_negotiate(struct virtio_dev *d, uint64_t wanted) MUST_CHECK;
void	virtio_start(struct virtio_dev *d);		/* all queues are set */
void	virtio_fail(struct virtio_dev *d);		/* we give it up */

/* ---- queues ---- */

#define VIRTQ_MAX	256		/* entries we use at most */

struct virtq_desc {
	uint64_t addr;
	uint32_t len;
	uint16_t flags, next;
};

struct virtq_avail {
	uint16_t flags, idx, ring[];
};

struct virtq_used {
	uint16_t flags, idx;
	struct { uint32_t id, len; } ring[];
};

/* One queue; whoever owns it locks it. */
struct virtq {
	struct virtio_dev *dev;
	unsigned index;
	unsigned size;			/* entries, a power of two */
	struct virtq_desc *desc;	/* the three parts lie as legacy devices want them */
	struct virtq_avail *avail;
	struct virtq_used *used;
	unsigned nfree;			/* descriptors nobody uses, chained by next */
	uint16_t free;			/* the first of them */
	uint16_t last;			/* the last one appended */
	uint16_t seen;			/* used entries taken */
};

err_t	virtq_init(struct virtq *q, struct virtio_dev *d, unsigned index) MUST_CHECK;
void	virtq_destroy(struct virtq *q);	/* the device is reset; all zero is fine */
/* The first descriptor that a request begun now would use: its number. */
unsigned virtq_next_head(const struct virtq *q);
/*
 * Append LEN bytes of the direct map, which the device WRITES or reads. There must be a free
 * descriptor.
 */
void	virtq_append(struct virtq *q, const void *addr, uint32_t len, bool writes);
/* What was appended since HEAD is a request. */
void	virtq_submit(struct virtq *q, unsigned head);
/* The number of a finished request, whose descriptors are free again; false: none. */
bool	virtq_take(struct virtq *q, unsigned *head);

/* ---- buses ---- */

/* Device WHERE, if it is there and is an ID. */
bool	virtio_mmio_open(const struct md_device *where, uint32_t id, struct virtio_dev *d);
bool	virtio_pci_open(const struct md_device *where, uint32_t id, struct virtio_dev *d);

#endif
