/*
 * What the programs do: the text each of them keeps in its section .help (bin.h). They are
 * not run for it. The shell's file has one more text for each command that is part of it.
 */
#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bin.h"

static const char help[] HELP_TEXT =
    "help [COMMAND]...\n"
    "Lists all commands, or explains some. Each of them does so, too: COMMAND --help.\n";

#define TEXT_MAX 16384 /* of one program */
#define COLUMNS  80

struct command {
	char *name;
	char *text;    /* NULL: the program does not tell */
	bool built_in; /* part of the program that holds the text */
};

static struct command *commands;
static size_t ncommands, room;

/* ---- ELF (gABI): the section's place in the file ---- */

struct section {
	uint64_t name, offset, size;
};

/* Where the headers have what we need, for 32 and 64 bits. */
struct layout {
	size_t shoff, shentsize, word; /* of the file's header; bytes of an address */
	size_t offset, size;           /* of a section's header */
};
static const struct layout layouts[] = { { 32, 46, 4, 16, 20 }, { 40, 58, 8, 24, 32 } };

static uint64_t
number_at(const unsigned char *p, size_t bytes)
{
	uint64_t n = 0;

	while (bytes)
		n = n << 8 | p[--bytes];
	return n;
}

static bool
read_at(int fd, uint64_t at, void *buf, size_t n)
{
	return lseek(fd, (off_t)at, SEEK_SET) >= 0 && read(fd, buf, n) == (ssize_t)n;
}

static bool
read_section(int fd, const struct layout *l, uint64_t at, struct section *s)
{
	unsigned char h[64];

	if (!read_at(fd, at, h, l->size + l->word))
		return false;
	s->name = number_at(h, 4);
	s->offset = number_at(h + l->offset, l->word);
	s->size = number_at(h + l->size, l->word);
	return true;
}

/* The section .help of the program FD, with a NUL behind it; NULL: it has none. */
static char *
read_text(int fd, size_t *n)
{
	struct section s, names;
	const struct layout *l;
	unsigned char h[64];
	uint64_t shoff;
	unsigned size, count;
	char name[6], *text;

	if (!read_at(fd, 0, h, sizeof(h)) || memcmp(h, "\177ELF", 4) != 0)
		return NULL;
	l = &layouts[h[4] == 2];
	shoff = number_at(h + l->shoff, l->word);
	size = (unsigned)number_at(h + l->shentsize, 2);
	count = (unsigned)number_at(h + l->shentsize + 2, 2);
	if (!read_section(fd, l, shoff + number_at(h + l->shentsize + 4, 2) * size, &names))
		return NULL;
	for (unsigned i = 1; i < count; i++)
		if (read_section(fd, l, shoff + (uint64_t)i * size, &s) && s.size < TEXT_MAX &&
		    read_at(fd, names.offset + s.name, name, sizeof(name)) &&
		    memcmp(name, ".help", sizeof(name)) == 0) {
			text = calloc(1, (size_t)s.size + 1);
			*n = (size_t)s.size;
			return text && read_at(fd, s.offset, text, *n) ? text : NULL;
		}
	return NULL;
}

/* ---- all of them ---- */

static void
add_command(const char *name, size_t len, char *text, bool built_in)
{
	if (ncommands == room) {
		room = room ? room * 2 : 64;
		commands = realloc(commands, room * sizeof(*commands));
		if (!commands)
			err(1, "%s", name);
	}
	commands[ncommands] = (struct command){ strndup(name, len), text, built_in };
	if (!commands[ncommands++].name)
		err(1, "%s", name);
}

static void
add_program(const char *path, const char *name)
{
	size_t n = 0, len = strlen(name);
	bool named = false;
	struct stat st;
	char *text, *t;
	int fd;

	if (stat(path, &st) < 0 || !S_ISREG(st.st_mode) || (fd = open(path, O_RDONLY)) < 0)
		return;
	text = read_text(fd, &n);
	close(fd);
	/* One or more texts, with NULs between. */
	for (t = text; text && t < text + n; t += strlen(t) + 1) {
		size_t word = strcspn(t, " \n");

		if (!word)
			continue;
		if (word == len && strncmp(t, name, len) == 0)
			named = true;
		add_command(t, word, t, word != len || strncmp(t, name, len) != 0);
	}
	if (!named)
		add_command(name, len, NULL, false);
}

static void
add_folder(const char *path)
{
	char child[PATH_MAX];
	struct dirent *e;
	DIR *d = opendir(path);

	if (!d) {
		warn("%s", path);
		return;
	}
	while ((e = readdir(d)))
		if (e->d_name[0] != '.' && join_path(child, path, e->d_name))
			add_program(child, e->d_name);
	closedir(d);
}

/* By name; a program before the same command of the shell. */
static int
compare(const void *a, const void *b)
{
	const struct command *x = a, *y = b;
	int c = strcmp(x->name, y->name);

	return c ? c : x->built_in - y->built_in;
}

static void
find_all(void)
{
	const char *dir = getenv("PATH");
	char path[PATH_MAX];

	for (dir = dir ? dir : "/bin"; *dir; dir += *dir == ':') {
		size_t n = strcspn(dir, ":");

		if (n && n < sizeof(path)) {
			memcpy(path, dir, n);
			path[n] = '\0';
			add_folder(path);
		}
		dir += n;
	}
	qsort(commands, ncommands, sizeof(*commands), compare);
}

/* ---- output ---- */

/* The first sentence of TEXT's description, on one line of at most WIDTH columns. */
static void
show_sentence(const char *text, size_t width)
{
	const char *s = text + strcspn(text, "\n");
	size_t n = 0;

	s += *s == '\n';
	while (s[n] && !(s[n] == '.' && (s[n + 1] == ' ' || s[n + 1] == '\n')))
		n++;
	for (size_t i = 0; i < n && i < width; i++)
		putchar(s[i] == '\n' ? ' ' : i + 3 >= width && n > width ? '.' : s[i]);
}

static void
list_all(void)
{
	size_t width = 0, n;

	for (size_t i = 0; i < ncommands; i++) {
		n = strlen(commands[i].name);
		width = n > width ? n : width;
	}
	for (size_t i = 0; i < ncommands; i++) {
		const struct command *c = &commands[i];

		if (i && strcmp(c->name, c[-1].name) == 0)
			continue;
		printf("%-*s  ", (int)width, c->name);
		show_sentence(c->text ? c->text : "\n(does not tell)", COLUMNS - width - 3);
		putchar('\n');
	}
	printf("\n`help COMMAND` or `COMMAND --help` tells more.\n");
}

static int
explain(const char *name)
{
	for (size_t i = 0; i < ncommands; i++)
		if (strcmp(commands[i].name, name) == 0 && commands[i].text) {
			printf("usage: %s", commands[i].text);
			return 0;
		}
	warnx("%s: no such command, or it does not tell", name);
	return 1;
}

int
main(int argc, char **argv)
{
	int status = 0;

	help_option(argc, argv, help);
	if (argc > 1 && argv[1][0] == '-')
		usage(help, 1);
	find_all();
	if (argc == 1)
		list_all();
	for (int i = 1; i < argc; i++)
		status |= explain(argv[i]);
	return finish(status);
}
