/*
 * Devices that the machine description lists, by kind and number, for the
 * drivers in dev/. Which bus they are on is the port's business.
 */
#ifndef MD_DEVICE_H
#define MD_DEVICE_H

#include "md/types.h"

enum md_device_kind { MD_VIRTIO_MMIO, MD_PCI_IO, MD_ATA };

struct md_device {
	paddr_t	 base;		/* registers, memory or port numbers */
	size_t	 size;
	unsigned irq;
};

/* The N-th device of KIND; false: no more. */
bool	md_device(enum md_device_kind kind, unsigned n, struct md_device *d);

#endif
