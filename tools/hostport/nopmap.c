/* Page tables for programs that have no address spaces. Tests of vm bring their own. */
#include "md/pmap.h"

struct pmap *const kernel_pmap;

void
pmap_remove(struct pmap *pm, vaddr_t va, size_t len)
{
	(void)pm, (void)va, (void)len;
}

void
pmap_protect(struct pmap *pm, vaddr_t va, size_t len, prot_t prot)
{
	(void)pm, (void)va, (void)len, (void)prot;
}
