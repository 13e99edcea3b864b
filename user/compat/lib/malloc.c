/*
 * malloc: blocks with a header each, the free ones in a list by address in which
 * neighbours are joined. The break moves by whole pages and never back.
 */
#include "family.h"

#define PAGE		4096u
#define GROW_MIN	(4 * PAGE)

struct block {
	size_t size;			/* bytes, with the header */
	struct block *next;		/* of a free one */
} __attribute__((aligned(16)));

static struct block *free_list;

static char *
end_of(const struct block *b)
{
	return (char *)b + b->size;
}

static void
join_next(struct block *b)
{
	if (b->next != NULL && end_of(b) == (char *)b->next) {
		b->size += b->next->size;
		b->next = b->next->next;
	}
}

static void
give_back(struct block *b)
{
	struct block *before = NULL, *after = free_list;

	while (after != NULL && after < b) {
		before = after;
		after = after->next;
	}
	b->next = after;
	join_next(b);
	if (before == NULL) {
		free_list = b;
		return;
	}
	before->next = b;
	join_next(before);
}

static struct block *
last_free(void)
{
	struct block *b = free_list;

	while (b != NULL && b->next != NULL)
		b = b->next;
	return b;
}

/* A last free block that ends at the break is lengthened, by what it lacks, and nothing touched. */
static int
grow(size_t size)
{
	int how = &__xv6_eager != NULL ? SBRK_EAGER : SBRK_LAZY;
	char *old = __xv6_sbrk(0, SBRK_LAZY);
	/* The program may have left the break anywhere. */
	size_t pad = -(uintptr_t)old & (PAGE - 1), n;
	struct block *b = last_free();

	if (b != NULL && end_of(b) == old)
		size -= b->size;
	else
		b = NULL;
	n = size < GROW_MIN ? GROW_MIN : (size + PAGE - 1) & ~(size_t)(PAGE - 1);
	if (__xv6_sbrk((long)(n + pad), how) == (char *)-1)
		return 0;
	if (b != NULL) {
		b->size += n;
		return 1;
	}
	b = (struct block *)(old + pad);
	b->size = n;
	give_back(b);
	return 1;
}

/*
 * The first that is large enough; its beginning, when there is more than needed: what is left
 * touches what the break adds next, so that large blocks leave no trail of small free ones.
 */
static struct block *
take(size_t size)
{
	struct block *rest;

	for (struct block **at = &free_list, *b; (b = *at) != NULL; at = &b->next) {
		if (b->size < size)
			continue;
		if (b->size - size < 2 * sizeof(*b)) {
			*at = b->next;
			return b;
		}
		rest = (struct block *)((char *)b + size);
		rest->size = b->size - size;
		rest->next = b->next;
		*at = rest;
		b->size = size;
		return b;
	}
	return NULL;
}

WEAK void *
malloc(uint n)
{
	size_t size = ((size_t)n + 2 * sizeof(struct block) - 1) & ~(sizeof(struct block) - 1);
	struct block *b;

	if (n > (uint)__INT_MAX__ - 2 * PAGE)
		return NULL;
	b = take(size);
	if (b == NULL && grow(size))
		b = take(size);
	return b == NULL ? NULL : b + 1;
}

WEAK void
free(void *p)
{
	if (p != NULL)
		give_back((struct block *)p - 1);
}
