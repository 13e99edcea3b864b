/* The firmware's services. Source: RISC-V Supervisor Binary Interface Specification 1.0. */
#ifndef ARCH_SBI_H
#define ARCH_SBI_H

#include "lib/util.h"

void	sbi_putchar(char c);
void	sbi_set_timer(uint64_t time);
/* 0, or an error */
long	sbi_hart_start(unsigned long hart, unsigned long pc, unsigned long arg);
void	sbi_shutdown(bool failed);

/* The processors whose bit is set in CPUS: */
void	sbi_send_ipi(unsigned long cpus);
void	sbi_remote_fence_i(unsigned long cpus);
/* len -1: all */
void	sbi_remote_sfence(unsigned long cpus, unsigned long va, unsigned long len);

#endif
