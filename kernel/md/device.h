/*
 * Devices that the machine description lists, by kind and number, for the
 * drivers in dev/. Which bus they are on is the port's business.
 */
#ifndef MD_DEVICE_H
#define MD_DEVICE_H

#include "md/types.h"

enum md_device_kind {
	MD_VIRTIO_MMIO,		/* base: for pmap_map_device */
	MD_VIRTIO_PCI,		/* legacy interface; base: what md_read8 and the others take */
	MD_ATA,			/* a channel of two disks; base: as above */
};

struct md_device {
	paddr_t	 base;		/* registers */
	size_t	 size;
	unsigned irq;
	unsigned id;		/* MD_VIRTIO_PCI: what device it is */
};

/* The N-th device of KIND; false: no more. */
bool	md_device(enum md_device_kind kind, unsigned n, struct md_device *d);

#endif
