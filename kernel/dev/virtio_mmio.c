/* Virtio devices whose registers are in memory. Source: VIRTIO 1.1, 4.2. */
#include "dev/virtio.h"
#include "kern/print.h"
#include "md/device.h"
#include "md/pmap.h"

#define MAGIC		0x74726976u

enum {
	REG_MAGIC = 0x00, REG_VERSION = 0x04, REG_DEVICE = 0x08,
	REG_FEATURES = 0x10, REG_FEATURES_SEL = 0x14,
	REG_OUR_FEATURES = 0x20, REG_OUR_FEATURES_SEL = 0x24, REG_PAGE_SIZE = 0x28,
	REG_QUEUE_SEL = 0x30, REG_QUEUE_MAX = 0x34, REG_QUEUE_NUM = 0x38,
	REG_QUEUE_ALIGN = 0x3c, REG_QUEUE_PFN = 0x40, REG_QUEUE_READY = 0x44,
	REG_NOTIFY = 0x50, REG_INT_STATUS = 0x60, REG_INT_ACK = 0x64, REG_STATUS = 0x70,
	REG_DESC = 0x80, REG_AVAIL = 0x90, REG_USED = 0xa0,	/* 64 bits each */
	REG_CONFIG = 0x100
};

static uint8_t
get_status(struct virtio_dev *d)
{
	return (uint8_t)md_read32(d->regs + REG_STATUS);
}

static void
set_status(struct virtio_dev *d, uint8_t status)
{
	md_write32(d->regs + REG_STATUS, status);
	if (status == 0 && d->legacy)
		md_write32(d->regs + REG_PAGE_SIZE, PAGE_SIZE);
}

static uint64_t
features(struct virtio_dev *d)
{
	uint64_t low, high;

	md_write32(d->regs + REG_FEATURES_SEL, 0);
	low = md_read32(d->regs + REG_FEATURES);
	md_write32(d->regs + REG_FEATURES_SEL, 1);
	high = md_read32(d->regs + REG_FEATURES);
	return high << 32 | low;
}

static void
set_features(struct virtio_dev *d, uint64_t f)
{
	md_write32(d->regs + REG_OUR_FEATURES_SEL, 0);
	md_write32(d->regs + REG_OUR_FEATURES, (uint32_t)f);
	md_write32(d->regs + REG_OUR_FEATURES_SEL, 1);
	md_write32(d->regs + REG_OUR_FEATURES, (uint32_t)(f >> 32));
}

static unsigned
queue_max(struct virtio_dev *d, unsigned index)
{
	md_write32(d->regs + REG_QUEUE_SEL, index);
	return md_read32(d->regs + REG_QUEUE_MAX);
}

static void
set_address(struct virtio_dev *d, unsigned reg, const void *part)
{
	uint64_t pa = md_virt_to_phys(part);

	md_write32(d->regs + reg, (uint32_t)pa);
	md_write32(d->regs + reg + 4, (uint32_t)(pa >> 32));
}

static void
queue_set(struct virtio_dev *d, unsigned index, const struct virtq *q)
{
	md_write32(d->regs + REG_QUEUE_SEL, index);
	md_write32(d->regs + REG_QUEUE_NUM, q->size);
	if (d->legacy) {
		md_write32(d->regs + REG_QUEUE_ALIGN, PAGE_SIZE);
		md_write32(d->regs + REG_QUEUE_PFN,
		    (uint32_t)(md_virt_to_phys(q->desc) >> PAGE_SHIFT));
		return;
	}
	set_address(d, REG_DESC, q->desc);
	set_address(d, REG_AVAIL, q->avail);
	set_address(d, REG_USED, q->used);
	md_write32(d->regs + REG_QUEUE_READY, 1);
}

static void
notify(struct virtio_dev *d, unsigned index)
{
	md_write32(d->regs + REG_NOTIFY, index);
}

static bool
acknowledge(struct virtio_dev *d)
{
	uint32_t why = md_read32(d->regs + REG_INT_STATUS);

	if (why != 0)
		md_write32(d->regs + REG_INT_ACK, why);
	return why != 0;
}

static uint32_t
config(struct virtio_dev *d, unsigned offset)
{
	return md_read32(d->regs + REG_CONFIG + offset);
}

static const struct virtio_bus mmio_bus = {
	get_status, set_status, features, set_features, queue_max, queue_set, notify, acknowledge,
	config
};

bool
virtio_mmio_open(const struct md_device *where, uint32_t id, struct virtio_dev *d)
{
	char *regs = pmap_map_device(where->base, where->size);
	uint32_t version;

	if (regs == NULL) {
		kprintf("virtio: no memory to map the device at %lx\n", (unsigned long)where->base);
		return false;
	}
	version = md_read32(regs + REG_VERSION);
	if (md_read32(regs + REG_MAGIC) != MAGIC || version < 1 || version > 2 ||
	    md_read32(regs + REG_DEVICE) != id)
		return false;
	*d = (struct virtio_dev){ .bus = &mmio_bus, .regs = regs, .irq = where->irq,
		.legacy = version == 1 };
	return true;
}
