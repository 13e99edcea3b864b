/*
 * What the demonstrations share: numbered steps, counters before and after, and what they show.
 * A program's status is 0 when all that it says it shows was so.
 */
#ifndef DEMO_H
#define DEMO_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define PAGE	4096L

/*
 * Every line goes out when it is complete, from a buffer that is not on the heap. Prints TITLE,
 * if not NULL, and the boot parameters that make a difference.
 */
void	demo_begin(const char *title);
/* A number and what is done now. */
void	demo_step(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* A line that belongs to the step. */
void	demo_say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* What the step shows: it must be SO. */
void	demo_shows(bool so, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* The program's status, after a line about it; so far, without one. */
int	demo_end(void);
int	demo_status(void);

/* fork(), or the end. */
pid_t	demo_fork(void);
/* Waits for PID; true: it exited with STATUS. */
bool	demo_child_exits(pid_t pid, int status);
/* One byte through a pipe; false when the other side is gone. */
bool	demo_send(int fd, char c);
bool	demo_receive(int fd, char *c);
/* pipe(), or the end. */
void	demo_pipe(int fd[2]);
/* "/tmp/NAME.PID" in BUF of PATH_MAX bytes. */
const char *demo_path(char *buf, const char *name);

/* Boot parameters. */
bool	demo_fork_copies(void);		/* fork=copy */
bool	demo_heap_eager(void);		/* heap=eager */

struct demo_counts {
	long vp, pp, pt, free;		/* numvp(), numpp(), getptsize(), getNumFreePages() */
};
void	demo_count(struct demo_counts *c);
/* Prints how they moved, and leaves in *C what they are now; *MOVED, if not NULL: by how much. */
void	demo_counted(struct demo_counts *c, struct demo_counts *moved);

/* One page of memory that is zero when touched, or the end. */
char	*demo_pages(int n);

#endif
