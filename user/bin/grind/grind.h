/* What the files of grind share. */
#ifndef GRIND_H
#define GRIND_H

#include <stdbool.h>
#include <stdint.h>

#define WORKERS		4
#define OPS_A_ROUND	500	/* of each worker */

/* Memory that all workers share. */
struct board {
	int pid[WORKERS];	/* 0: not running */
	unsigned long done;	/* @: operations so far */
};
extern struct board *board;

uint32_t random_below(uint32_t n);
void	random_seed(uint64_t seed);

/*
 * The life of a worker: N operations, or what is left of them after an exec. Exits with 0, or
 * with 1 and a complaint when something went wrong that must not.
 */
_Noreturn void worker(unsigned long n);
/* "grind WORKER SEED N": goes on after an exec. */
_Noreturn void worker_again(char **argv);

#endif
