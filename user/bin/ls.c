/* Lists folders. */
#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "bin.h"

static const char help[] HELP_TEXT =
    "ls [-aldi1] [FILE]...\n"
    "Lists files, and what is in folders. Without FILE: the current folder.\n"
    "  -a  names that begin with a period, too\n"
    "  -l  kind, rights, links, size, time of the last change, target of a link\n"
    "  -d  folders themselves, not what is in them\n"
    "  -i  inode numbers\n"
    "  -1  one name a line, also at a terminal\n";

static bool all, details, folders_as_files, inodes, one_a_line;

struct entry {
	char *name;		/* as shown */
	char *target;		/* of a symbolic link, or NULL */
	struct stat st;
};

struct list {
	struct entry *e;
	size_t n, room;
};

static void
list_add(struct list *l, const char *name, const char *target, const struct stat *st)
{
	if (l->n == l->room) {
		l->room = l->room ? l->room * 2 : 64;
		l->e = realloc(l->e, l->room * sizeof(*l->e));
		if (!l->e)
			err(1, "%s", name);
	}
	l->e[l->n] = (struct entry){ strdup(name), target ? strdup(target) : NULL, *st };
	if (!l->e[l->n].name)
		err(1, "%s", name);
	l->n++;
}

static void
list_free(struct list *l)
{
	for (size_t i = 0; i < l->n; i++) {
		free(l->e[i].name);
		free(l->e[i].target);
	}
	free(l->e);
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(((const struct entry *)a)->name, ((const struct entry *)b)->name);
}

static char
kind(mode_t mode)
{
	return S_ISDIR(mode) ? 'd' : S_ISLNK(mode) ? 'l' : S_ISCHR(mode) ? 'c' :
	    S_ISFIFO(mode) ? 'p' : '-';
}

static const char *
rights(mode_t mode)
{
	static char text[10];

	for (int i = 0; i < 9; i++)
		text[i] = mode & 0400u >> i ? "rwx"[i % 3] : '-';
	return text;
}

/* Size, or major and minor number of a device. */
static const char *
size_text(char *buf, size_t n, const struct stat *st)
{
	if (S_ISCHR(st->st_mode))
		snprintf(buf, n, "%u, %u", major(st->st_rdev), minor(st->st_rdev));
	else
		snprintf(buf, n, "%lld", (long long)st->st_size);
	return buf;
}

static int
widest(const struct list *l, const char *(*text)(char *, size_t, const struct stat *))
{
	char buf[24];
	int width = 0;

	for (size_t i = 0; i < l->n; i++) {
		int len = (int)strlen(text(buf, sizeof(buf), &l->e[i].st));

		if (len > width)
			width = len;
	}
	return width;
}

static const char *
links_text(char *buf, size_t n, const struct stat *st)
{
	snprintf(buf, n, "%u", st->st_nlink);
	return buf;
}

static const char *
inode_text(char *buf, size_t n, const struct stat *st)
{
	snprintf(buf, n, "%u", st->st_ino);
	return buf;
}

/* Characters of S; each is taken for a column. */
static size_t
columns(const char *s)
{
	size_t n = 0;

	for (; *s; s++)
		n += (*s & 0xc0) != 0x80;
	return n;
}

/* Names only, in columns from top to bottom: at a terminal, as wide as the shell says it is. */
static void
show_columns(const struct list *l)
{
	const char *text = getenv("COLUMNS");
	size_t width = 0, rows, across;
	long screen;

	if (!text || !parse_number(text, 1, 10000, &screen))
		screen = 80;
	for (size_t i = 0; i < l->n; i++)
		if (columns(l->e[i].name) > width)
			width = columns(l->e[i].name);
	across = ((size_t)screen - 1) / (width + 2);
	rows = across ? (l->n + across - 1) / across : l->n;
	for (size_t row = 0; row < rows; row++) {
		for (size_t i = row; i < l->n; i += rows) {
			size_t pad = width + 2 - columns(l->e[i].name);

			printf("%s%*s", l->e[i].name, i + rows < l->n ? (int)pad : 0, "");
		}
		putchar('\n');
	}
}

static void
list_show(struct list *l)
{
	char buf[24], date[24];
	int wlinks = widest(l, links_text), wsize = widest(l, size_text);
	int wino = widest(l, inode_text);

	qsort(l->e, l->n, sizeof(*l->e), by_name);
	if (!one_a_line && !details && !inodes) {
		show_columns(l);
		return;
	}
	for (size_t i = 0; i < l->n; i++) {
		const struct entry *e = &l->e[i];

		if (inodes)
			printf("%*u ", wino, e->st.st_ino);
		if (details) {
			strftime(date, sizeof(date), "%Y-%m-%d %H:%M", gmtime(&e->st.st_mtime));
			printf("%c%s %*u %*s %s ", kind(e->st.st_mode), rights(e->st.st_mode),
			    wlinks, e->st.st_nlink, wsize,
			    size_text(buf, sizeof(buf), &e->st), date);
		}
		printf("%s%s%s\n", e->name, e->target ? " -> " : "", e->target ? e->target : "");
	}
}

/* PATH, to be shown as NAME. Looks at the file only when something of it is wanted. */
static int
add_path(struct list *l, const char *path, const char *name, ino_t ino)
{
	char target[PATH_MAX];
	struct stat st = { .st_ino = ino };
	ssize_t n = -1;

	if (details || !ino) {
		if (lstat(path, &st) < 0) {
			warn("%s", path);
			return 1;
		}
		if (details && S_ISLNK(st.st_mode))
			n = readlink(path, target, sizeof(target) - 1);
		if (n >= 0)
			target[n] = '\0';
	}
	list_add(l, name, n >= 0 ? target : NULL, &st);
	return 0;
}

static int
list_folder(const char *path)
{
	struct list l = { 0 };
	char child[PATH_MAX];
	struct dirent *e;
	int status = 0;
	DIR *d = opendir(path);

	if (!d) {
		warn("%s", path);
		return 1;
	}
	while ((errno = 0, e = readdir(d))) {
		if (e->d_name[0] == '.' && !all)
			continue;
		if (!join_path(child, path, e->d_name)) {
			warn("%s/%s", path, e->d_name);
			status = 1;
			continue;
		}
		status |= add_path(&l, child, e->d_name, e->d_ino);
	}
	if (errno) {
		warn("%s", path);
		status = 1;
	}
	closedir(d);
	list_show(&l);
	list_free(&l);
	return status;
}

static void
options(int argc, char **argv)
{
	int c;

	while ((c = getopt(argc, argv, "aldi1")) >= 0) {
		switch (c) {
		case 'a':
			all = true;
			break;
		case 'l':
			details = true;
			break;
		case 'd':
			folders_as_files = true;
			break;
		case 'i':
			inodes = true;
			break;
		case '1':
			one_a_line = true;
			break;
		default:
			usage(help, 2);
		}
	}
}

/* Folders are listed, links to folders too unless -l asks for the link itself. */
static bool
to_be_listed(const char *path)
{
	struct stat st;

	return !folders_as_files && (details ? lstat : stat)(path, &st) == 0 && S_ISDIR(st.st_mode);
}

int
main(int argc, char **argv)
{
	static char *here[] = { ".", NULL };
	struct list files = { 0 };
	bool headings, blank;
	int status = 0;

	help_option(argc, argv, help);
	one_a_line = !isatty(1);
	options(argc, argv);
	argv = argv[optind] ? argv + optind : here;
	headings = argv[1];
	for (char **a = argv; *a; a++)
		if (!to_be_listed(*a))
			status |= add_path(&files, *a, *a, 0);
	list_show(&files);
	blank = files.n;
	list_free(&files);
	for (char **a = argv; *a; a++) {
		if (!to_be_listed(*a))
			continue;
		if (headings)
			printf("%s%s:\n", blank ? "\n" : "", *a);
		blank = true;
		status |= list_folder(*a);
	}
	return finish(status);
}
