/*
 * The firmware's ACPI tables: processors, interrupt controllers, and how to
 * power off. Source: Advanced Configuration and Power Interface Specification
 * 6.4, 5.2, 7.4.2, 20.2.
 */
#include "arch/i386/port.h"
#include "arch/i386/x86.h"
#include "lib/string.h"
#include "md/pmap.h"

#define MAX_TABLE	0x100000u	/* bytes we believe a table to have */

struct root_pointer {
	char	 signature[8];
	uint8_t	 checksum, oem[6], revision;
	uint32_t rsdt;
};
#define ROOT_POINTER_SIZE 20

struct header {
	char	 signature[4];
	uint32_t length;
	uint8_t	 revision, checksum;
	char	 oem[26];
};
_Static_assert(sizeof(struct header) == 36, "ACPI 5.2.6");

enum { MADT_LAPIC = 36, MADT_ENTRIES = 44 };
enum { MADT_CPU = 0, MADT_IOAPIC = 1, MADT_OVERRIDE = 2 };
enum { FADT_DSDT = 40, FADT_SMI_COMMAND = 48, FADT_ACPI_ENABLE = 52, FADT_PM1_CONTROL = 64,
	FADT_NEEDED = 68 };
enum { AML_ZERO = 0x00, AML_ONE = 0x01, AML_BYTE = 0x0a, AML_PACKAGE = 0x12 };

/* The table at PA, if it is whole and called SIGNATURE; NULL otherwise. */
static const uint8_t *
table_at(paddr_t pa, const char *signature, size_t *len)
{
	const struct header *h = pmap_map_device(pa, sizeof(*h));

	if (h == NULL || memcmp(h->signature, signature, sizeof(h->signature)) != 0 ||
	    h->length < sizeof(*h) || h->length > MAX_TABLE)
		return NULL;
	*len = h->length;
	h = pmap_map_device(pa, *len);
	return h != NULL && firmware_sum(h, *len) ? (const uint8_t *)h : NULL;
}

static const uint8_t *
find_table(const uint8_t *rsdt, size_t rsdt_len, const char *signature, size_t *len)
{
	for (size_t at = sizeof(struct header); at + 4 <= rsdt_len; at += 4) {
		const uint8_t *t = table_at(get32(rsdt + at), signature, len);

		if (t != NULL)
			return t;
	}
	return NULL;
}

/* An ISA interrupt that is not connected to the pin of its number, or signals otherwise. */
static void
add_override(const uint8_t *e)
{
	unsigned irq = e[3], pin = get32(e + 4), flags = get16(e + 8);

	if (irq >= NIRQS || pin >= NIRQS)
		return;
	platform.irq[irq].pin = (uint8_t)pin;
	platform.irq[irq].low = (flags & 3) == 3;
	platform.irq[irq].level = (flags >> 2 & 3) == 3;
}

static void
read_madt(const uint8_t *t, size_t len)
{
	unsigned self;

	(void)cpu_identify(&self);
	platform.lapic = get32(t + MADT_LAPIC);
	for (size_t at = MADT_ENTRIES; at + 2 <= len && t[at + 1] >= 2; at += t[at + 1]) {
		const uint8_t *e = t + at;

		if (at + e[1] > len)
			break;
		if (e[0] == MADT_CPU && e[1] >= 8 && (e[4] & 1))
			platform_add_cpu(e[3], e[3] == self);
		else if (e[0] == MADT_IOAPIC && e[1] >= 12 && get32(e + 8) == 0)
			platform.ioapic = get32(e + 4);
		else if (e[0] == MADT_OVERRIDE && e[1] >= 10)
			add_override(e);
	}
}

/* The first number of package \_S5: what to write to power off. Without running any AML. */
static bool
find_sleep_type(const uint8_t *dsdt, size_t len)
{
	for (size_t at = sizeof(struct header); at + 12 <= len; at++) {
		const uint8_t *p = dsdt + at + 4;

		if (memcmp(dsdt + at, "_S5_", 4) != 0 || *p++ != AML_PACKAGE)
			continue;
		p += 1 + (*p >> 6) + 1;		/* the length, the number of elements */
		if (*p == AML_BYTE)
			p++;
		else if (*p != AML_ZERO && *p != AML_ONE)
			continue;
		platform.sleep_type = *p;
		return true;
	}
	return false;
}

static void
read_fadt(const uint8_t *t, size_t len)
{
	const uint8_t *dsdt;
	size_t dsdt_len;

	if (len < FADT_NEEDED)
		return;
	dsdt = table_at(get32(t + FADT_DSDT), "DSDT", &dsdt_len);
	if (dsdt == NULL || !find_sleep_type(dsdt, dsdt_len))
		return;
	platform.smi_command = (uint16_t)get32(t + FADT_SMI_COMMAND);
	platform.acpi_enable = t[FADT_ACPI_ENABLE];
	platform.pm1_control = (uint16_t)get32(t + FADT_PM1_CONTROL);
}

bool
acpi_scan(void)
{
	const struct root_pointer *root = (const void *)firmware_find("RSD PTR ",
	    ROOT_POINTER_SIZE);
	const uint8_t *rsdt, *t;
	size_t rsdt_len, len;

	if (root == NULL || (rsdt = table_at(root->rsdt, "RSDT", &rsdt_len)) == NULL)
		return false;
	t = find_table(rsdt, rsdt_len, "FACP", &len);
	if (t != NULL)
		read_fadt(t, len);
	t = find_table(rsdt, rsdt_len, "APIC", &len);
	if (t == NULL || len < MADT_ENTRIES)
		return false;
	read_madt(t, len);
	return true;
}
