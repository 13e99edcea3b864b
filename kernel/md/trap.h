/*
 * Interrupts, and the upcalls a port makes. All upcalls run on the kernel
 * stack of the interrupted thread, with interrupts disabled unless said.
 */
#ifndef MD_TRAP_H
#define MD_TRAP_H

#include "md/types.h"

struct trapframe;

enum access { ACCESS_READ, ACCESS_WRITE, ACCESS_EXEC };

/*
 * A system call from user mode; its result, for the caller's register. Enables interrupts
 * itself and leaves them so.
 */
long	trap_syscall(struct trapframe *tf);
/*
 * An access to user address VA failed; enables interrupts itself when they
 * were enabled at the fault. USER: from user mode; the process may be
 * killed, then this does not return. Otherwise, from a copy function:
 * true: try again; false: the copy is to return -EFAULT.
 */
bool	trap_fault(struct trapframe *tf, vaddr_t va, enum access acc, bool user);
/*
 * A store of user mode to VA failed; interrupts are disabled and stay so. true: it will succeed
 * now. false: nothing has changed, and it is for trap_fault.
 */
bool	trap_store(vaddr_t va);
/* User mode did something else that it must not (WHY: "illegal instruction" ...): abi/wait.h. */
void	trap_user_error(struct trapframe *tf, const char *why, vaddr_t va, int signal);
/* Device interrupt IRQ; the port has acknowledged nothing yet. */
void	trap_irq(unsigned irq);
/* The periodic timer. */
void	trap_tick(void);

/* Another processor wants this one's attention. */
void	trap_ipi(void);
/*
 * Before every return to user mode, interrupts disabled: preemption, death.
 * May switch threads. Without effect unless the processor's resched is set (kern/cpu.h).
 */
void	trap_leaving(struct trapframe *tf);

void	md_irq_unmask(unsigned irq);
void	md_irq_mask(unsigned irq);
void	md_irq_eoi(unsigned irq);

#endif
