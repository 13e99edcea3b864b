/*
 * PCI: finding the devices that drivers in dev/ want. Source: PCI Local Bus
 * Specification 3.0, 3.2.2.3.2 and 6.1. Addresses and interrupts are as the firmware set them.
 */
#include "arch/i386/port.h"
#include "arch/i386/x86.h"
#include "md/device.h"

#define CONFIG_ADDRESS	0xcf8u
#define CONFIG_DATA	0xcfcu
#define CONFIG_ENABLE	0x80000000u

enum { PCI_ID = 0x00, PCI_COMMAND = 0x04, PCI_HEADER = 0x0c, PCI_BAR0 = 0x10,
	PCI_SUBSYSTEM = 0x2c, PCI_INTERRUPT = 0x3c };
#define COMMAND_IO	0x1u
#define COMMAND_MASTER	0x4u
#define HEADER_MULTI	0x800000u	/* more functions than one */
#define BAR_IO		0x1u
#define VENDOR_NONE	0xffffu
#define VENDOR_VIRTIO	0x1af4u
#define DEVICE_VIRTIO	0x1000u		/* and 63 more: with the legacy interface */

#define ATA_CHANNELS	2u		/* of the PC's disk controller, wherever that is */
#define ATA_PORTS(n)	(0x1f0u - 0x80 * (n))
#define ATA_IRQ(n)	(14 + (n))
#define VIRTIO_PORTS	64
#define MAX_FOUND	16

static struct md_device found[MAX_FOUND];	/* c after pci_init: virtio devices */
static unsigned nfound;

static uint32_t
config_read(uint32_t function, unsigned reg)
{
	outl(CONFIG_ADDRESS, CONFIG_ENABLE | function << 8 | reg);
	return inl(CONFIG_DATA);
}

static void
config_write(uint32_t function, unsigned reg, uint32_t v)
{
	outl(CONFIG_ADDRESS, CONFIG_ENABLE | function << 8 | reg);
	outl(CONFIG_DATA, v);
}

static void
look_at(uint32_t function, uint32_t id)
{
	uint32_t bar = config_read(function, PCI_BAR0);
	unsigned irq = config_read(function, PCI_INTERRUPT) & 0xff;

	if ((id & 0xffff) != VENDOR_VIRTIO || (id >> 16) - DEVICE_VIRTIO >= 64 ||
	    (bar & BAR_IO) == 0 || bar < 4 || irq >= NIRQS || nfound == MAX_FOUND)
		return;
	config_write(function, PCI_COMMAND, (config_read(function, PCI_COMMAND) & 0xffff) |
	    COMMAND_IO | COMMAND_MASTER);
	found[nfound++] = (struct md_device){ .base = bar & 0xfffc, .size = VIRTIO_PORTS,
		.irq = irq, .id = config_read(function, PCI_SUBSYSTEM) >> 16 };
}

static bool
scan_bus(uint32_t bus)
{
	bool any = false;

	for (uint32_t f = bus << 8; f < (bus + 1) << 8; f++) {
		uint32_t id = config_read(f, PCI_ID);

		if ((id & 0xffff) != VENDOR_NONE) {
			any = true;
			look_at(f, id);
		}
		if (f % 8 == 0 && ((id & 0xffff) == VENDOR_NONE ||
		    (config_read(f, PCI_HEADER) & HEADER_MULTI) == 0))
			f += 7;
	}
	return any;
}

/* The firmware numbers buses without holes. */
void
pci_init(void)
{
	uint32_t bus = 0;

	while (bus < 256 && scan_bus(bus))
		bus++;
}

bool
md_device(enum md_device_kind kind, unsigned n, struct md_device *d)
{
	if (kind == MD_VIRTIO_PCI && n < nfound) {
		*d = found[n];
		return true;
	}
	if (kind == MD_ATA && n < ATA_CHANNELS) {
		*d = (struct md_device){ .base = ATA_PORTS(n), .size = 8, .irq = ATA_IRQ(n) };
		return true;
	}
	return false;
}
