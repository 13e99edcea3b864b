/* Sorting and searching arrays. Heapsort: in place, no recursion, n log n also at worst. */
#include <stdlib.h>

typedef int compare_t(const void *, const void *);

struct array {
	char *base;
	size_t size;		/* of an element */
	compare_t *cmp;
};

static char *
element(const struct array *a, size_t i)
{
	return a->base + i * a->size;
}

static void
swap(const struct array *a, size_t i, size_t j)
{
	char *p = element(a, i), *q = element(a, j);

	for (size_t n = 0; n < a->size; n++) {
		char c = p[n];

		p[n] = q[n];
		q[n] = c;
	}
}

/* Element I may be smaller than its children, within the first N. */
static void
sift_down(const struct array *a, size_t i, size_t n)
{
	for (size_t child; (child = 2 * i + 1) < n; i = child) {
		if (child + 1 < n && a->cmp(element(a, child), element(a, child + 1)) < 0)
			child++;
		if (a->cmp(element(a, i), element(a, child)) >= 0)
			return;
		swap(a, i, child);
	}
}

void
qsort(void *base, size_t n, size_t size, compare_t *cmp)
{
	struct array a = { base, size, cmp };

	for (size_t i = n / 2; i-- > 0;)
		sift_down(&a, i, n);
	while (n > 1) {
		swap(&a, 0, --n);
		sift_down(&a, 0, n);
	}
}

void *
bsearch(const void *key, const void *base, size_t n, size_t size, compare_t *cmp)
{
	const char *lo = base;

	while (n) {
		const char *mid = lo + n / 2 * size;
		int c = cmp(key, mid);

		if (c == 0)
			return (void *)mid;
		if (c > 0) {
			lo = mid + size;
			n -= n / 2 + 1;
		} else {
			n /= 2;
		}
	}
	return NULL;
}
