/*
 * Intrusive doubly-linked lists with a head. An entry that is on no list
 * points to itself, so removal twice is harmless and membership testable.
 */
#ifndef LIB_LIST_H
#define LIB_LIST_H

#include "lib/util.h"

struct list {
	struct list *next, *prev;
};

#define LIST_INIT(name) { &(name), &(name) }

static inline void
list_init(struct list *l)
{
	l->next = l->prev = l;
}

static inline bool
list_empty(const struct list *l)
{
	return l->next == l;
}

static inline void
list_insert_after(struct list *at, struct list *e)
{
	e->prev = at;
	e->next = at->next;
	at->next->prev = e;
	at->next = e;
}

/* Last on the list. */
static inline void
list_append(struct list *head, struct list *e)
{
	struct list *last = head->prev;

	e->prev = last;
	e->next = head;
	last->next = e;
	head->prev = e;
}

static inline void
list_remove(struct list *e)
{
	e->prev->next = e->next;
	e->next->prev = e->prev;
	list_init(e);
}

/* Take the first entry off; NULL when there is none. */
static inline struct list *
list_pop(struct list *head)
{
	struct list *e = head->next, *next = e->next;

	if (e == head)
		return NULL;
	head->next = next;
	next->prev = head;
	list_init(e);
	return e;
}

/* Move everything on FROM to the end of TO. */
static inline void
list_splice(struct list *to, struct list *from)
{
	if (list_empty(from))
		return;
	from->next->prev = to->prev;
	to->prev->next = from->next;
	from->prev->next = to;
	to->prev = from->prev;
	list_init(from);
}

#define list_entry(ptr, type, member) container_of(ptr, type, member)

#define list_first(head, type, member)                                         \
	(list_empty(head) ? NULL : list_entry((head)->next, type, member))

#define list_for(pos, head, member)                                            \
	for (pos = list_entry((head)->next, __typeof__(*pos), member);         \
	     &pos->member != (head);                                           \
	     pos = list_entry(pos->member.next, __typeof__(*pos), member))

/* The body may remove POS. */
#define list_for_safe(pos, tmp, head, member)                                  \
	for (pos = list_entry((head)->next, __typeof__(*pos), member),         \
	    tmp = list_entry(pos->member.next, __typeof__(*pos), member);      \
	     &pos->member != (head); pos = tmp,                                \
	    tmp = list_entry(pos->member.next, __typeof__(*pos), member))

#endif
