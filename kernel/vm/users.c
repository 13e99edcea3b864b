/*
 * Whose page a frame is. After a fork a page has one slot still, in the tree that both
 * processes hold, so page.refs does not tell how many have it: that takes a look into
 * every address space. For those who look at page tables; nothing is decided by it.
 */
#include "vm/region.h"

struct count {
	const struct page *page;
	vaddr_t	 va;
	uint32_t users;
};

/* The page of R's object is a page of R once for each part of R that shows it: one. */
static bool
shows(struct region *r, const struct page *p)
{
	vaddr_t pages = (r->end - r->start) >> PAGE_SHIFT;
	struct overlay_path at;
	bool found;

	mutex_lock(&r->object->lock);
	found = p->obj == r->object && p->index >= r->objpage && p->index - r->objpage < pages;
	if (found) {
		overlay_find(&r->overlay,
		    r->start + ((vaddr_t)(p->index - r->objpage) << PAGE_SHIFT), &at);
		found = at.page == NULL;
	}
	mutex_unlock(&r->object->lock);
	return found;
}

/* Private pages keep their address in a fork; those of an object may be anywhere. */
static void
count_users(struct space *s, void *arg)
{
	struct count *c = arg;
	struct overlay_path at;
	struct region *r;

	mutex_lock(&s->lock);
	r = region_at(s, c->va);
	if (r != NULL) {
		overlay_find(&r->overlay, c->va, &at);
		c->users += at.page == c->page;
	}
	for (struct tree_node *n = tree_first(&s->regions); n != NULL; n = tree_next(n))
		if (region_of(n)->object != NULL)
			c->users += shows(region_of(n), c->page);
	mutex_unlock(&s->lock);
}

uint32_t
space_page_users(const struct page *p, vaddr_t va)
{
	struct count c = { .page = p, .va = va };

	space_for_each(count_users, &c);
	return c.users;
}
