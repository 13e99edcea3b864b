/*
 * The firmware's MP tables, of machines from before ACPI. Source: Intel
 * MultiProcessor Specification 1.4, 4.
 */
#include "arch/i386/port.h"
#include "arch/i386/x86.h"
#include "lib/string.h"
#include "md/pmap.h"

#define POINTER_SIZE	16

enum { POINTER_TABLE = 4, POINTER_DEFAULT = 11 };
enum { TABLE_LENGTH = 4, TABLE_COUNT = 34, TABLE_LAPIC = 36, TABLE_ENTRIES = 44 };
enum { MP_CPU, MP_BUS, MP_IOAPIC, MP_INTERRUPT };
#define CPU_SIZE	20		/* all others have 8 bytes */
#define ENTRY_SIZE	8
#define CPU_ENABLED	1
#define CPU_BOOT	2
#define TYPE_INT	0
#define MAX_BUSES	32

/*
 * An interrupt of a bus is connected to a pin. ISA's keep their numbers; PCI's
 * are known by the number that the firmware wrote into the device, which is the pin's.
 */
static void
add_interrupt(const uint8_t *e, uint32_t isa_buses)
{
	bool isa = e[4] < MAX_BUSES && (isa_buses >> e[4] & 1);
	unsigned pin = e[7], irq = isa ? e[5] : pin, flags = get16(e + 2);

	if (e[1] != TYPE_INT || pin >= NIRQS || irq >= NIRQS)
		return;
	platform.irq[irq].pin = (uint8_t)pin;
	platform.irq[irq].low = (flags & 3) == 3 || ((flags & 3) == 0 && !isa);
	platform.irq[irq].level = (flags >> 2 & 3) == 3 || ((flags >> 2 & 3) == 0 && !isa);
}

static void
read_table(const uint8_t *t, size_t len)
{
	unsigned count = get16(t + TABLE_COUNT);
	uint32_t isa_buses = 0;
	size_t at = TABLE_ENTRIES, size;

	platform.lapic = get32(t + TABLE_LAPIC);
	for (; count > 0; count--, at += size) {
		const uint8_t *e = t + at;

		size = at < len && e[0] == MP_CPU ? CPU_SIZE : ENTRY_SIZE;
		if (at + size > len)
			break;
		if (e[0] == MP_CPU && (e[3] & CPU_ENABLED))
			platform_add_cpu(e[1], (e[3] & CPU_BOOT) != 0);
		else if (e[0] == MP_BUS && e[1] < MAX_BUSES && memcmp(e + 2, "ISA", 3) == 0)
			isa_buses |= 1u << e[1];
		else if (e[0] == MP_IOAPIC && (e[3] & 1) && platform.ioapic == 0)
			platform.ioapic = get32(e + 4);
		else if (e[0] == MP_INTERRUPT)
			add_interrupt(e, isa_buses);
	}
}

bool
mp_scan(void)
{
	const uint8_t *p = firmware_find("_MP_", POINTER_SIZE), *t;
	size_t len;

	if (p == NULL || p[POINTER_DEFAULT] != 0 || get32(p + POINTER_TABLE) == 0)
		return false;
	t = pmap_map_device(get32(p + POINTER_TABLE), PAGE_SIZE);
	len = t != NULL && memcmp(t, "PCMP", 4) == 0 ? get16(t + TABLE_LENGTH) : 0;
	t = len < TABLE_ENTRIES ? NULL : pmap_map_device(get32(p + POINTER_TABLE), len);
	if (t == NULL || !firmware_sum(t, len))
		return false;
	read_table(t, len);
	return true;
}
