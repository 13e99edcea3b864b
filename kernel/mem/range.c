/* See mem/range.h. */
#include "mem/range.h"

unsigned
range_add(struct boot_range *r, unsigned n, paddr_t start, paddr_t end)
{
	unsigned at;

	n = range_cut(r, n, start, end);
	if (start >= end || n == BOOT_MAX_RANGES)
		return n;
	for (at = n; at > 0 && r[at - 1].start > start; at--)
		r[at] = r[at - 1];
	r[at] = (struct boot_range){ start, end };
	return n + 1;
}

unsigned
range_cut(struct boot_range *r, unsigned n, paddr_t start, paddr_t end)
{
	unsigned out = 0;
	struct boot_range tail = { 0, 0 };

	for (unsigned i = 0; i < n; i++) {
		struct boot_range it = r[i];

		if (it.end <= start || it.start >= end) {
			r[out++] = it;
			continue;
		}
		if (it.start < start)
			r[out++] = (struct boot_range){ it.start, start };
		if (it.end > end && it.start >= start)
			r[out++] = (struct boot_range){ end, it.end };
		else if (it.end > end)
			tail = (struct boot_range){ end, it.end };
	}
	return tail.end == 0 ? out : range_add(r, out, tail.start, tail.end);
}
