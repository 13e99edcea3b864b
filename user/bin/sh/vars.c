/* Variables, and the environment of commands. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sh.h"

struct var {
	struct var *next;
	char *value;		/* NULL: exported but not set */
	bool exported;
	char name[];
};

#define BUCKETS	64
static struct var *table[BUCKETS];

static struct var **
bucket(const char *name)
{
	unsigned h = 0;

	while (*name)
		h = h * 31 + (unsigned char)*name++;
	return &table[h % BUCKETS];
}

static struct var *
find(const char *name)
{
	struct var *v = *bucket(name);

	while (v && strcmp(v->name, name) != 0)
		v = v->next;
	return v;
}

static struct var *
find_or_make(const char *name)
{
	struct var *v = find(name), **b = bucket(name);
	size_t n = strlen(name) + 1;

	if (v)
		return v;
	v = xrealloc(NULL, sizeof(*v) + n);
	v->next = *b;
	v->value = NULL;
	v->exported = false;
	memcpy(v->name, name, n);
	*b = v;
	return v;
}

const char *
var_get(const char *name)
{
	struct var *v = find(name);

	return v ? v->value : NULL;
}

void
var_set(const char *name, const char *value)
{
	char *copy = xstrdup(value);	/* first: VALUE may be the old one */
	struct var *v = find_or_make(name);

	free(v->value);
	v->value = copy;
}

void
var_set_int(const char *name, long value)
{
	char text[24];

	snprintf(text, sizeof(text), "%ld", value);
	var_set(name, text);
}

void
var_export(const char *name)
{
	find_or_make(name)->exported = true;
}

void
var_unset(const char *name)
{
	struct var **p = bucket(name), *v;

	while (*p && strcmp((*p)->name, name) != 0)
		p = &(*p)->next;
	v = *p;
	if (v) {
		*p = v->next;
		free(v->value);
		free(v);
	}
}

bool
is_assignment(const char *s)
{
	const char *equals = strchr(s, '=');

	return equals && is_name(s, (size_t)(equals - s));
}

void
var_assign(const char *assignment, bool export)
{
	const char *equals = strchr(assignment, '=');
	char *name = arena_strdup(&temp, assignment, (size_t)(equals - assignment));

	var_set(name, equals + 1);
	if (export)
		var_export(name);
}

void
var_import(char **envp)
{
	for (; *envp; envp++)
		if (is_assignment(*envp))
			var_assign(*envp, true);
}

/* In a row, sorted: for `set` and `export`. */
static int
by_name(const void *a, const void *b)
{
	return strcmp((*(struct var *const *)a)->name, (*(struct var *const *)b)->name);
}

static void
show(const struct var *v, bool exported)
{
	printf("%s%s='", exported ? "export " : "", v->name);
	for (const char *s = v->value; *s; s++)
		if (*s == '\'')
			fputs("'\\''", stdout);
		else
			putchar(*s);
	puts("'");
}

void
var_show(bool exported)
{
	struct var **all;
	size_t n = 0, i = 0;

	for (unsigned b = 0; b < BUCKETS; b++)
		for (struct var *v = table[b]; v; v = v->next)
			n++;
	all = arena_alloc(&temp, (n + 1) * sizeof(struct var *));
	for (unsigned b = 0; b < BUCKETS; b++)
		for (struct var *v = table[b]; v; v = v->next)
			if (v->value && (v->exported || !exported))
				all[i++] = v;
	qsort(all, i, sizeof(struct var *), by_name);
	for (n = 0; n < i; n++)
		show(all[n], exported);
}

char **
var_environment(void)
{
	struct args env = { .v = arena_alloc(&temp, sizeof(char *)) };

	for (unsigned b = 0; b < BUCKETS; b++)
		for (struct var *v = table[b]; v; v = v->next) {
			struct str s;

			if (!v->exported || !v->value)
				continue;
			str_init(&s, &temp);
			str_cat(&s, v->name, strlen(v->name));
			str_add(&s, '=');
			str_cat(&s, v->value, strlen(v->value));
			args_add(&env, s.s);
		}
	return env.v;
}

/* ---- variables of functions ---- */

struct local {			/* what a variable was outside */
	struct local *next;
	char *value;		/* NULL: not set */
	bool exported;
	char name[];
};
static struct local *locals;	/* the innermost function's first */

struct local *
var_locals(void)
{
	return locals;
}

void
var_local(const char *name)
{
	size_t n = strlen(name) + 1;
	struct local *l = xrealloc(NULL, sizeof(*l) + n);
	struct var *v = find(name);

	l->value = v && v->value ? xstrdup(v->value) : NULL;
	l->exported = v && v->exported;
	memcpy(l->name, name, n);
	l->next = locals;
	locals = l;
}

void
var_locals_end(struct local *before)
{
	while (locals != before) {
		struct local *l = locals;

		locals = l->next;
		var_unset(l->name);
		if (l->value)
			var_set(l->name, l->value);
		if (l->exported)
			var_export(l->name);
		free(l->value);
		free(l);
	}
}

struct saved_var *
var_save(const char *name, struct saved_var *next)
{
	struct saved_var *s = arena_alloc(&temp, sizeof(*s));
	struct var *v = find(name);

	s->next = next;
	s->name = name;
	s->exported = v && v->exported;
	if (v && v->value)
		s->value = arena_strdup(&temp, v->value, strlen(v->value));
	return s;
}

void
var_restore(struct saved_var *s)
{
	for (; s; s = s->next) {
		var_unset(s->name);
		if (s->value)
			var_set(s->name, s->value);
		if (s->exported)
			var_export(s->name);
	}
}
