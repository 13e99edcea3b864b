/* Page-table entries of a process. */
#include "entry.h"

#include <limits.h>
#include <stdio.h>

bool
entry_find(int pid, const void *va, struct kinfo_pte *e)
{
	struct kinfo_pte found[8];	/* the tables that lead there come first */
	uint64_t page = (uintptr_t)va & ~(uint64_t)(PAGESIZE - 1);
	long n = kinfo(KINFO_PTE, pid, page, found, sizeof(found));

	for (size_t i = 0; n > 0 && i < (size_t)n / sizeof(found[0]); i++)
		if (!(found[i].flags & KPTE_TABLE)) {
			*e = found[i];
			return e->va == page;
		}
	return false;
}

const char *
entry_rights(const struct kinfo_pte *e, char *buf)
{
	snprintf(buf, ENTRY_TEXT, "%c%c%c%c %c", e->flags & KPTE_READ ? 'r' : '-',
	    e->flags & KPTE_WRITE ? 'w' : '-', e->flags & KPTE_EXEC ? 'x' : '-',
	    e->flags & KPTE_USER ? 'u' : '-',
	    e->flags & KPTE_SHARED ? 'S' :
	    e->flags & KPTE_COW	   ? 'C' :
				     ' ');
	return buf;
}
