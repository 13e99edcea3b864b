/* Redirections. XCU 2.7. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sh.h"

#define FIRST_HIGH	10	/* scripts use 0 to 9 */
#define LAST_HIGH	1000

/* Copies of descriptors that commands of the shell itself redirect. */
static struct saved_fd *all_saved[64];
static unsigned nsaved;

static int
copy_high(int fd)
{
	struct stat st;

	for (int to = FIRST_HIGH; to < LAST_HIGH; to++)
		if (fstat(to, &st) < 0)
			return dup2(fd, to);
	errno = EMFILE;
	return -1;
}

int
high_fd(int fd)
{
	int high = copy_high(fd);

	if (high >= 0)
		close(fd);
	return high;
}

/* FD is about to be something else. CLOSED: it was not open before. */
static bool
save(int fd, bool closed, struct saved_fd **saved)
{
	struct saved_fd *s;
	struct stat st;

	if (nsaved == sizeof(all_saved) / sizeof(all_saved[0])) {
		complain("too many redirections at once");
		return false;
	}
	s = arena_alloc(&temp, sizeof(*s));
	s->fd = fd;
	s->copy = -1;
	if (!closed && fstat(fd, &st) == 0) {
		s->copy = copy_high(fd);
		if (s->copy < 0) {
			complain("%d: %s", fd, strerror(errno));
			return false;
		}
	}
	s->next = *saved;
	*saved = s;
	all_saved[nsaved++] = s;
	return true;
}

void
redirect_undo(struct saved_fd **saved)
{
	for (; *saved; *saved = (*saved)->next) {
		if ((*saved)->copy >= 0) {
			dup2((*saved)->copy, (*saved)->fd);
			close((*saved)->copy);
		} else {
			close((*saved)->fd);
		}
		nsaved--;
	}
}

void
redirect_reset(void)
{
	while (nsaved) {
		struct saved_fd *last = all_saved[nsaved - 1];

		last->next = NULL;
		redirect_undo(&last);
	}
}

void
redirect_forget(void)
{
	while (nsaved)
		if (all_saved[--nsaved]->copy >= 0)
			close(all_saved[nsaved]->copy);
}

static void
write_text(int fd, const char *text, size_t n)
{
	ssize_t w;

	for (; n && (w = write(fd, text, n)) > 0; n -= (size_t)w)
		text += w;
}

/* A pipe that holds the text of a here-document; a longer text has a child that writes it. */
static int
open_heredoc(struct redirect *r)
{
	const char *text = r->literal ? r->body : expand_heredoc(r->body);
	size_t n = strlen(text);
	pid_t pid = -1;
	int fd[2];

	if (pipe(fd) < 0) {
		complain("cannot make a pipe: %s", strerror(errno));
		return -1;
	}
	if (n <= PIPE_BUF) {
		write_text(fd[1], text, n);
	} else {
		pid = job_fork(false);
		if (pid == 0) {
			close(fd[0]);
			write_text(fd[1], text, n);
			_exit(0);
		}
	}
	close(fd[1]);
	if (n > PIPE_BUF && pid < 0) {
		close(fd[0]);
		return -1;
	}
	return fd[0];
}

static int
open_file(struct redirect *r, const char *path)
{
	static const int flags[] = {
		[T_LESS] = O_RDONLY,
		[T_GREAT] = O_WRONLY | O_CREAT | O_TRUNC,
		[T_CLOBBER] = O_WRONLY | O_CREAT | O_TRUNC,
		[T_DGREAT] = O_WRONLY | O_CREAT | O_APPEND,
		[T_LESSGREAT] = O_RDWR | O_CREAT,
	};
	int fd = open(path, flags[r->op], 0666);

	if (fd < 0)
		complain("%s: %s", path, strerror(errno));
	return fd;
}

/* The descriptor that R means, a new one; -1: none, with a complaint; -2: `-`, which closes. */
static int
source_fd(struct redirect *r)
{
	char *word, *end;
	long from;
	int fd;

	if (r->op == T_DLESS || r->op == T_DLESSDASH)
		return open_heredoc(r);
	word = expand_single(r->word);
	if (r->op != T_LESSAND && r->op != T_GREATAND)
		return open_file(r, word);
	if (strcmp(word, "-") == 0)
		return -2;
	from = strtol(word, &end, 10);
	fd = !*word || *end ? -1 : dup((int)from);
	if (fd < 0)
		complain("%s: %s", word, *word && !*end ? strerror(errno) : "not a descriptor");
	return fd;
}

bool
redirect(struct redirect *r, struct saved_fd **saved)
{
	for (; r; r = r->next) {
		int fd = source_fd(r);

		if (fd == -1)
			return false;
		if (saved && !save(r->fd, fd == r->fd, saved)) {
			if (fd >= 0)
				close(fd);
			return false;
		}
		if (fd == -2) {
			close(r->fd);
		} else if (fd != r->fd) {
			if (dup2(fd, r->fd) < 0) {
				complain("%d: %s", r->fd, strerror(errno));
				close(fd);
				return false;
			}
			close(fd);
		}
	}
	return true;
}
