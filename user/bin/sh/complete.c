/* Finishing the word before the cursor: a command where one is expected, else a path. */
#include <dirent.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "../bin.h"
#include "edit.h"
#include "sh.h"

struct word_at {		/* the word that ends at the cursor */
	size_t from;
	struct str text;	/* without its quotes */
	char quote;		/* an open one, or 0 */
	bool tilde;		/* begins with an unquoted ~ */
	bool command;		/* stands where a command is expected */
	bool redirect;		/* behind < or > */
	bool folders;		/* an argument of cd */
};

/* ---- what is before the cursor ---- */

static bool
is_keyword(const char *s)
{
	static const char words[][6] = { "if", "then", "else", "elif", "while", "until", "do",
					 "!", "{" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(s, words[i]) == 0)
			return true;
	return false;
}

/* The word has ended at byte AT, with C. */
static void
end_word(struct word_at *w, size_t at, char c)
{
	bool some = at > w->from;

	if (some && w->redirect) {
		w->redirect = false;
	} else if (some && w->command && !is_keyword(w->text.s) && !is_assignment(w->text.s)) {
		w->command = false;
		w->folders = strcmp(w->text.s, "cd") == 0 || strcmp(w->text.s, "rmdir") == 0;
	}
	if (strchr("\n;&|()`", c)) {
		w->command = true;
		w->redirect = w->folders = false;
	} else if (c == '<' || c == '>') {
		w->redirect = true;
	}
	w->from = at + 1;
	w->tilde = false;
	str_init(&w->text, &temp);
}

/* Takes the character at S, with the backslash before it when there is one; how many bytes. */
static size_t
take_char(struct word_at *w, const char *s, size_t n)
{
	bool quoting = w->quote ? w->quote == '"' && n > 1 && strchr("\"\\$`", s[1]) : n > 1;

	if (*s == '\\' && w->quote != '\'' && quoting) {
		str_add(&w->text, s[1]);
		return 2;
	}
	if (w->quote ? *s == w->quote : *s == '\'' || *s == '"')
		w->quote = w->quote ? 0 : *s;
	else
		str_add(&w->text, *s);
	return 1;
}

static void
find_word(struct word_at *w, const char *line, size_t at)
{
	*w = (struct word_at){ .command = true };
	str_init(&w->text, &temp);
	for (size_t i = 0; i < at;) {
		if (!w->quote && strchr(" \t\n;&|<>()`", line[i])) {
			end_word(w, i, line[i]);
			i++;
			continue;
		}
		if (i == w->from)
			w->tilde = line[i] == '~';
		i += take_char(w, line + i, at - i);
	}
}

/* ---- what there is ---- */

static void
add_name(struct args *a, const char *name, bool folder)
{
	struct str s;

	str_init(&s, &temp);
	str_cat(&s, name, strlen(name));
	if (folder)
		str_add(&s, '/');
	args_add(a, s.s);
}

/* Names in folder PATH that begin with BASE; of programs only files. */
static void
add_files(struct args *a, const char *path, const char *base, bool programs, bool folders)
{
	size_t n = strlen(base);
	char child[PATH_MAX];
	struct dirent *e;
	struct stat st;
	DIR *d = opendir(*path ? path : ".");

	if (!d)
		return;
	while ((e = readdir(d))) {
		bool folder;

		if (strncmp(e->d_name, base, n) != 0 || (e->d_name[0] == '.' && !n) ||
		    strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		folder = join_path(child, *path ? path : ".", e->d_name) &&
		    stat(child, &st) == 0 && S_ISDIR(st.st_mode);
		if (folder ? !programs : !folders)
			add_name(a, e->d_name, folder);
	}
	closedir(d);
}

static void
add_commands(struct args *a, const char *base)
{
	const char *dir = var_get("PATH"), *name;
	size_t n = strlen(base);

	for (size_t i = 0; (name = builtin_name(i)); i++)
		if (strncmp(name, base, n) == 0)
			add_name(a, name, false);
	for (size_t i = 0; (name = function_name(i)); i++)
		if (strncmp(name, base, n) == 0)
			add_name(a, name, false);
	while (dir && *dir) {
		size_t len = strcspn(dir, ":");

		if (len)
			add_files(a, arena_strdup(&temp, dir, len), base, true, false);
		dir += len + (dir[len] == ':');
	}
}

static int
compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void
sort_names(struct args *a)
{
	int n = 0;

	if (a->n)
		qsort(a->v, (size_t)a->n, sizeof(*a->v), compare);
	for (int i = 0; i < a->n; i++)
		if (!n || strcmp(a->v[i], a->v[n - 1]) != 0)
			a->v[n++] = a->v[i];
	a->n = n;
}

/* ---- what becomes of the word ---- */

/* How many bytes all names have in common, not ending inside a character. */
static size_t
common_prefix(const struct args *a)
{
	size_t n = strlen(a->v[0]);

	for (int i = 1; i < a->n; i++) {
		size_t k = 0;

		while (k < n && a->v[i][k] == a->v[0][k])
			k++;
		n = k;
	}
	while (n && (a->v[0][n] & 0xc0) == 0x80)
		n--;
	return n;
}

/* TEXT as it is written, in the quotes that are open. */
static void
add_quoted(struct str *s, const char *text, char quote)
{
	for (; *text; text++) {
		if (quote == '\'' && *text == '\'') {
			str_cat(s, "'\\''", 4);
			continue;
		}
		if (!quote && *text == '\n') {
			str_cat(s, "'\n'", 3);
			continue;
		}
		if (quote == '"' ? strchr("\"\\$`", *text) != NULL :
				   !quote && strchr(" \t\\\"'`$&|;<>()*?[]!#{}~", *text))
			str_add(s, '\\');
		str_add(s, *text);
	}
}

static char *
written(const struct word_at *w, const char *dir, const char *name, bool whole)
{
	size_t n = strlen(name);
	struct str s;

	str_init(&s, &temp);
	if (w->quote)
		str_add(&s, w->quote);
	if (w->tilde) {
		str_add(&s, '~');
		dir++;
	}
	add_quoted(&s, dir, w->quote);
	add_quoted(&s, name, w->quote);
	if (whole && !(n && name[n - 1] == '/')) {
		if (w->quote)
			str_add(&s, w->quote);
		str_add(&s, ' ');
	}
	return s.s;
}

void
complete(struct completion *c, const char *line, size_t at)
{
	const char *slash, *base, *dir, *home = var_get("HOME");
	struct args a = { 0 };
	struct word_at w;
	struct str path;

	find_word(&w, line, at);
	slash = strrchr(w.text.s, '/');
	base = slash ? slash + 1 : w.text.s;
	dir = arena_strdup(&temp, w.text.s, (size_t)(base - w.text.s));
	str_init(&path, &temp);
	if (w.tilde && home && dir[0] == '~' && dir[1] == '/') {
		str_cat(&path, home, strlen(home));
		str_cat(&path, dir + 1, strlen(dir + 1));
	} else {
		w.tilde = false;
		str_cat(&path, dir, strlen(dir));
	}
	if (w.command && !w.redirect && !slash)
		add_commands(&a, base);
	else
		add_files(&a, path.s, base, false, w.folders && !w.redirect);
	sort_names(&a);
	*c = (struct completion){ .from = w.from, .names = a.v, .nnames = (size_t)a.n };
	if (a.n)
		c->text = written(&w, dir, arena_strdup(&temp, a.v[0], common_prefix(&a)),
		    a.n == 1);
}
