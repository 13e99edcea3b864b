/*
 * Virtio devices on PCI, through the legacy interface, whose registers are
 * ports. Source: VIRTIO 1.1, 4.1.4.8.
 */
#include "dev/virtio.h"
#include "md/device.h"
#include "md/pmap.h"

enum {
	REG_FEATURES = 0x00, REG_OUR_FEATURES = 0x04, REG_QUEUE_PFN = 0x08, REG_QUEUE_MAX = 0x0c,
	REG_QUEUE_SEL = 0x0e, REG_NOTIFY = 0x10, REG_STATUS = 0x12, REG_INT_STATUS = 0x13,
	REG_CONFIG = 0x14
};

static uint8_t
get_status(struct virtio_dev *d)
{
	return md_read8(d->regs + REG_STATUS);
}

static void
set_status(struct virtio_dev *d, uint8_t status)
{
	md_write8(d->regs + REG_STATUS, status);
}

static uint64_t
features(struct virtio_dev *d)
{
	return md_read32(d->regs + REG_FEATURES);
}

static void
set_features(struct virtio_dev *d, uint64_t f)
{
	md_write32(d->regs + REG_OUR_FEATURES, (uint32_t)f);
}

/* It is the device that says how many; we can't use fewer. */
static unsigned
queue_max(struct virtio_dev *d, unsigned index)
{
	unsigned n;

	md_write16(d->regs + REG_QUEUE_SEL, (uint16_t)index);
	n = md_read16(d->regs + REG_QUEUE_MAX);
	return n <= VIRTQ_MAX ? n : 0;
}

static void
queue_set(struct virtio_dev *d, unsigned index, const struct virtq *q)
{
	md_write16(d->regs + REG_QUEUE_SEL, (uint16_t)index);
	md_write32(d->regs + REG_QUEUE_PFN, (uint32_t)(md_virt_to_phys(q->desc) >> PAGE_SHIFT));
}

static void
notify(struct virtio_dev *d, unsigned index)
{
	md_write16(d->regs + REG_NOTIFY, (uint16_t)index);
}

/* Reading acknowledges. */
static bool
acknowledge(struct virtio_dev *d)
{
	return md_read8(d->regs + REG_INT_STATUS) != 0;
}

static uint32_t
config(struct virtio_dev *d, unsigned offset)
{
	return md_read32(d->regs + REG_CONFIG + offset);
}

static const struct virtio_bus pci_bus = {
	get_status, set_status, features, set_features, queue_max, queue_set, notify, acknowledge,
	config
};

bool
virtio_pci_open(const struct md_device *where, uint32_t id, struct virtio_dev *d)
{
	*d = (struct virtio_dev){ .bus = &pci_bus, .regs = (char *)where->base,
		.irq = where->irq, .legacy = true };
	return where->id == id;
}
