/* Memory that goes in one go, and strings that grow in it. */
#include <stdlib.h>
#include <string.h>

#include "sh.h"

#define BLOCK_SIZE	4000
#define ALIGN		16

struct block {
	struct block *below;
	size_t used, size;
	_Alignas(ALIGN) char data[];
};

struct arena temp;

void *
arena_alloc(struct arena *a, size_t n)
{
	struct block *b = a->top;
	void *p;

	n = (n + ALIGN - 1) & ~(size_t)(ALIGN - 1);
	if (!b || b->size - b->used < n) {
		size_t size = n > BLOCK_SIZE ? n : BLOCK_SIZE;

		b = malloc(sizeof(*b) + size);
		if (!b)
			fail(2, "out of memory");
		b->below = a->top;
		b->used = 0;
		b->size = size;
		a->top = b;
	}
	p = b->data + b->used;
	b->used += n;
	return memset(p, 0, n);
}

char *
arena_strdup(struct arena *a, const char *s, size_t n)
{
	return memcpy(arena_alloc(a, n + 1), s, n);
}

struct mark
arena_mark(struct arena *a)
{
	return (struct mark){ a->top, a->top ? a->top->used : 0 };
}

void
arena_release(struct arena *a, struct mark m)
{
	while (a->top != m.top) {
		struct block *b = a->top;

		a->top = b->below;
		free(b);
	}
	if (a->top)
		a->top->used = m.used;
}

void
arena_free(struct arena *a)
{
	arena_release(a, (struct mark){ NULL, 0 });
}

void
str_init(struct str *s, struct arena *a)
{
	*s = (struct str){ .arena = a, .s = "" };
}

void
str_cat(struct str *s, const char *text, size_t n)
{
	if (s->n + n + 1 > s->room) {
		size_t room = (s->n + n + 1) * 2 < 32 ? 32 : (s->n + n + 1) * 2;
		char *bigger = arena_alloc(s->arena, room);

		memcpy(bigger, s->s, s->n);
		s->s = bigger;
		s->room = room;
	}
	memcpy(s->s + s->n, text, n);
	s->n += n;
	s->s[s->n] = '\0';
}

void
str_add(struct str *s, char c)
{
	str_cat(s, &c, 1);
}

void *
xrealloc(void *p, size_t n)
{
	p = realloc(p, n);
	if (!p)
		fail(2, "out of memory");
	return p;
}

char *
xstrdup(const char *s)
{
	size_t n = strlen(s) + 1;

	return memcpy(xrealloc(NULL, n), s, n);
}
