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
/* pipe(), or the end. */
void	demo_pipe(int fd[2]);
/* "/tmp/NAME.PID" in BUF of PATH_MAX bytes. */
const char *demo_path(char *buf, const char *name);

/*
 * A child that does one thing after the other, when it is told to: so the steps of several
 * processes come in one order. At most PUPPETS at a time.
 */
#define PUPPETS	16

struct puppet {
	pid_t	pid;
	int	order, answer;	/* ends of pipes */
};
/* It calls OBEY(WHAT, ARG) for each order until there are no more; false: it failed. */
void	puppet_start(struct puppet *p, bool (*obey)(char what, void *arg), void *arg);
/* Returns when it is done; false: it failed, or is gone. */
bool	puppet_order(struct puppet *p, char what);
/* No more orders. true: it ended as it should. */
bool	puppet_end(struct puppet *p);

/* Boot parameters. */
bool	demo_fork_copies(void);		/* fork=copy */
bool	demo_heap_eager(void);		/* heap=eager */

struct demo_counts {
	long vp, pp, pt, free;		/* numvp(), numpp(), getptsize(), getNumFreePages() */
};
void	demo_count(struct demo_counts *c);
/* Prints how they moved, and leaves in *C what they are now; *MOVED, if not NULL: by how much. */
void	demo_counted(struct demo_counts *c, struct demo_counts *moved);

/* N pages of memory, zero when touched, or the end. */
char	*demo_pages(int n);
/* A line about the entry of process PID for VA, which it has touched; the entry is in *E, too. */
struct kinfo_pte;
bool	demo_entry(const char *who, pid_t pid, const void *va, struct kinfo_pte *e);

#endif
