/*
 * The lines typed before, in memory and in $HISTFILE (else $HOME/.sh_history,
 * empty: nowhere). A line is added to the file when it is typed, so that several shells
 * share it and a crash loses nothing; a file that has grown too long is made shorter
 * when a shell begins. Nothing is said when the file can't be read or written: a full
 * disk is no reason to complain at every prompt.
 *
 * A command of several lines is one of the history's; in the file a \r stands for its newlines.
 */
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../bin.h"
#include "edit.h"
#include "sh.h"

#define LINES_MAX	500		/* in memory; the file may have twice as many */
#define LINE_MAX_BYTES	16384		/* a longer one is not remembered */
#define FILE_MAX	(256 * 1024)	/* what is read of the file: its end */

static char *lines[LINES_MAX];		/* a ring */
static size_t first, count;

size_t
history_count(void)
{
	return count;
}

const char *
history_line(size_t i)
{
	return lines[(first + i) % LINES_MAX];
}

/* Takes over LINE. */
static void
remember(char *line)
{
	if (count == LINES_MAX) {
		free(lines[first]);
		first = (first + 1) % LINES_MAX;
		count--;
	}
	lines[(first + count++) % LINES_MAX] = line;
}

/* ---- the file ---- */

static bool
file_path(char *path, const char *end)
{
	const char *file = var_get("HISTFILE"), *home = var_get("HOME");
	int n;

	if (file)
		n = *file ? snprintf(path, PATH_MAX, "%s%s", file, end) : -1;
	else
		n = home ? snprintf(path, PATH_MAX, "%s/.sh_history%s", home, end) : -1;
	return n > 0 && n < PATH_MAX;
}

static void
swap_bytes(char *s, size_t n, char from, char to)
{
	for (size_t i = 0; i < n; i++)
		if (s[i] == from)
			s[i] = to;
}

/* Writes all of them to a new file that takes the old one's place, or leaves it. */
static void
write_all_lines(const char *path)
{
	char new[PATH_MAX];
	FILE *f = file_path(new, "~") ? fopen(new, "w") : NULL;
	bool ok;

	if (!f)
		return;
	for (size_t i = 0; i < count; i++) {
		for (const char *s = history_line(i); *s; s++)
			putc(*s == '\n' ? '\r' : *s, f);
		putc('\n', f);
	}
	ok = !ferror(f);
	if (fclose(f) != 0 || !ok || rename(new, path) < 0)
		unlink(new);
}

/* The end of the file, from the beginning of a line on; NULL: nothing. */
static char *
read_file(const char *path, size_t *n)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char *text = NULL;
	struct stat st;
	off_t skip;
	ssize_t got;

	if (fd < 0)
		return NULL;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode)) {
		skip = st.st_size > FILE_MAX ? st.st_size - FILE_MAX : 0;
		*n = (size_t)(st.st_size - skip);
		text = malloc(*n + 1);
		got = text && lseek(fd, skip, SEEK_SET) >= 0 ? read(fd, text, *n) : -1;
		*n = got > 0 ? (size_t)got : 0;
		if (text)
			text[*n] = '\0';
	}
	close(fd);
	return text;
}

void
history_load(void)
{
	char path[PATH_MAX];
	size_t n = 0, loaded = 0;
	char *text = file_path(path, "") ? read_file(path, &n) : NULL;
	char *end;

	if (!text)
		return;
	end = text + n;
	for (char *s = text, *newline; s < end; s = newline + 1) {
		newline = memchr(s, '\n', (size_t)(end - s));
		if (!newline)
			newline = end;
		*newline = '\0';
		swap_bytes(s, (size_t)(newline - s), '\r', '\n');
		if (*s) {
			remember(xstrdup(s));
			loaded++;
		}
	}
	free(text);
	if (loaded > LINES_MAX * 2 || n == FILE_MAX)
		write_all_lines(path);
}

/* LINE of N bytes at the end of the file, all of it or nothing. */
static void
append_to_file(const char *line, size_t n)
{
	char path[PATH_MAX];
	int fd = file_path(path, "") ?
	    open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600) : -1;
	struct stat st;

	if (fd < 0)
		return;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && write_all(fd, line, n) < 0)
		ftruncate(fd, st.st_size);
	close(fd);
}

/* ---- adding ---- */

/* The last line with LINE behind it, when that is not too long. */
static bool
continue_last(const char *line, size_t n)
{
	char **last = &lines[(first + count - 1) % LINES_MAX], *longer;
	size_t len = strlen(*last);

	if (len + 1 + n > LINE_MAX_BYTES)
		return false;
	longer = xrealloc(*last, len + n + 2);
	longer[len] = '\n';
	memcpy(longer + len + 1, line, n);
	longer[len + 1 + n] = '\0';
	*last = longer;
	return true;
}

/* The newest command's last line has not gone to the file yet: it may be continued. */
static bool unwritten;

void
history_flush(void)
{
	const char *line;
	size_t n;
	char *copy;

	if (!unwritten)
		return;
	unwritten = false;
	line = history_line(count - 1);
	n = strlen(line);
	copy = xstrdup(line);
	swap_bytes(copy, n, '\n', '\r');
	copy[n] = '\n';
	append_to_file(copy, n + 1);
	free(copy);
}

void
history_add(const char *line, size_t n, bool continued)
{
	char *copy;

	if (memchr(line, '\0', n) || n > LINE_MAX_BYTES)
		return;
	if (continued && unwritten && continue_last(line, n))
		return;
	history_flush();
	if (!n || *line == ' ' || continued ||
	    (count && strlen(history_line(count - 1)) == n &&
		memcmp(history_line(count - 1), line, n) == 0))
		return;
	copy = xrealloc(NULL, n + 1);
	memcpy(copy, line, n);
	copy[n] = '\0';
	remember(copy);
	unwritten = true;
}
