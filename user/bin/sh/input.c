/*
 * Where commands come from: strings and descriptors.
 *
 * A script on standard input is shared with the commands it runs: we never
 * read beyond the line we need, either by putting the offset back or byte by byte.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "edit.h"
#include "sh.h"

struct source *source;
const char *prompt_now;

static void
push(struct source *s)
{
	s->up = source;
	s->line = 1;
	s->eof = s->prompts = s->seekable = false;
	s->pos = s->len = 0;
	s->fd = -1;
	s->text = NULL;
	s->buf = s->own;
	source = s;
}

void
source_push_text(struct source *s, const char *text)
{
	push(s);
	s->text = text;
	if (s->up)
		s->line = sh.line;
}

void
source_push_fd(struct source *s, int fd)
{
	push(s);
	s->fd = fd;
	s->seekable = lseek(fd, 0, SEEK_CUR) >= 0;
	s->prompts = sh.interactive;
}

void
source_pop(void)
{
	source = source->up;
}

void
source_close_all(void)
{
	for (struct source *s = source; s; s = s->up)
		if (s->fd > 2)
			close(s->fd);
}

/* A line from the terminal, which we edit, or which it edits itself. */
static ssize_t
read_terminal(struct source *s)
{
	const char *prompt = prompt_now ? prompt_now : "";
	bool interrupted;
	size_t n;

	if (edit_wanted()) {
		s->buf = edit_line(prompt, s->continued, &n, &interrupted);
		if (interrupted)
			give_up(128 + SIGINT);
		return s->buf ? (ssize_t)n : 0;
	}
	fputs(prompt, stderr);
	s->buf = s->own;
	return read(s->fd, s->own, sizeof(s->own));
}

static ssize_t
read_seekable(struct source *s)
{
	ssize_t n = read(s->fd, s->own, sizeof(s->own));
	char *newline = n > 0 ? memchr(s->own, '\n', (size_t)n) : NULL;

	if (newline) {
		ssize_t line = newline + 1 - s->own;

		lseek(s->fd, line - n, SEEK_CUR);
		n = line;
	}
	return n;
}

static ssize_t
read_bytes(struct source *s)
{
	size_t n = 0;
	ssize_t r = 0;

	while (n < sizeof(s->own) && (r = read(s->fd, s->own + n, 1)) == 1)
		if (s->own[n++] == '\n')
			break;
	return n ? (ssize_t)n : r;
}

static bool
fill(struct source *s)
{
	ssize_t n;

	if (s->eof)
		return false;
	n = s->prompts ? read_terminal(s) : s->seekable ? read_seekable(s) : read_bytes(s);
	if (n <= 0) {
		s->eof = true;
		return false;
	}
	s->continued = true;
	s->pos = 0;
	s->len = (size_t)n;
	return true;
}

int
input_get(void)
{
	struct source *s = source;
	char c;

	if (s->text) {
		if (!*s->text)
			return -1;
		c = *s->text++;
	} else {
		if (s->pos == s->len && !fill(s))
			return -1;
		c = s->buf[s->pos++];
	}
	s->line += c == '\n';
	return (unsigned char)c;
}

void
input_unget(void)
{
	struct source *s = source;
	char c = s->text ? *--s->text : s->buf[--s->pos];

	s->line -= c == '\n';
}
