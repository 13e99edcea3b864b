/* The console's bytes: the firmware's console, then a 16550 when it is found. */
#include "arch/riscv64/csr.h"
#include "arch/riscv64/port.h"
#include "arch/riscv64/sbi.h"
#include "md/pmap.h"
#include "md/time.h"

enum { UART_DATA, UART_IER, UART_FCR, UART_LCR, UART_MCR, UART_LSR };
#define IER_RECEIVE	0x01
/* FIFOs on and empty; interrupt at 14 bytes, or when none follow */
#define FCR_ENABLE	0xc7
#define LCR_8N1		0x03
#define MCR_OUT2	0x08		/* interrupts leave the chip */
#define LSR_DATA	0x01
#define LSR_ROOM	0x20

static char *uart;			/* c after cons_init; NULL: the firmware's */

static uint8_t
uart_read(unsigned reg)
{
	char *p = uart + ((size_t)reg << platform.uart_shift);

	return platform.uart_width == 4 ? (uint8_t)md_read32(p) : md_read8(p);
}

static void
uart_write(unsigned reg, uint8_t v)
{
	char *p = uart + ((size_t)reg << platform.uart_shift);

	if (platform.uart_width == 4)
		md_write32(p, v);
	else
		md_write8(p, v);
}

/* The firmware has set the speed. */
void
cons_init(void)
{
	if (platform.uart.size == 0)
		return;
	uart = pmap_map_device(platform.uart.base, platform.uart.size);
	if (uart == NULL)
		return;
	uart_write(UART_LCR, LCR_8N1);
	uart_write(UART_FCR, FCR_ENABLE);
	uart_write(UART_MCR, MCR_OUT2);
	uart_write(UART_IER, IER_RECEIVE);
}

void
md_cons_putc(char c)
{
	if (uart == NULL) {
		sbi_putchar(c);
		return;
	}
	while ((uart_read(UART_LSR) & LSR_ROOM) == 0)
		md_pause();
	uart_write(UART_DATA, (uint8_t)c);
}

int
md_cons_getc(void)
{
	if (uart == NULL || (uart_read(UART_LSR) & LSR_DATA) == 0)
		return -1;
	return uart_read(UART_DATA);
}

int
md_cons_irq(unsigned n)
{
	return uart == NULL || n > 0 ? -1 : (int)platform.uart.irq;
}
