/* Random operations by several processes, for ever: the rounds. The operations are in ops.c. */
#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <quire.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../bin.h"
#include "grind.h"

static const char help[] HELP_TEXT =
    "grind [SEED [OPS]]\n"
    "Does random things in four processes, for ever or OPS times. They work on the\n"
    "same files and folders, on pipes, memory and each other, in a folder of their\n"
    "own that is removed at the end. SEED gives the random numbers; it is printed.\n"
    "After each round the kernel checks itself, and must have as much free memory as\n"
    "after the first.\n";

struct board *board;

static uint64_t random_state;

void
random_seed(uint64_t seed)
{
	random_state = seed;
}

uint32_t
random_below(uint32_t n)
{
	uint64_t z = random_state += 0x9e3779b97f4a7c15ull;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ z >> 27) * 0x94d049bb133111ebull;
	return (uint32_t)((z >> 32) * n >> 32);
}

/* ---- between rounds ---- */

static void
remove_tree(const char *path)
{
	struct stat st;
	struct dirent *e;
	DIR *d;

	if (lstat(path, &st) < 0)
		return;
	d = S_ISDIR(st.st_mode) ? opendir(path) : NULL;
	while (d && (e = readdir(d))) {
		static char child[PATH_MAX];

		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		if (join_path(child, path, e->d_name)) {
			char *own = strdup(child);

			if (own)
				remove_tree(own);
			free(own);
		}
	}
	if (d)
		closedir(d);
	unlink(path);
}

/* Processes of this program, other than the caller. */
static unsigned
others(void)
{
	struct kinfo_proc p;
	unsigned n = 0;

	for (uint64_t pid = 1; kinfo(KINFO_PROC, 0, pid, &p, sizeof(p)) > 0;
	    pid = (uint64_t)p.pid + 1)
		if (strcmp(p.name, "grind") == 0 && p.pid != getpid())
			n++;
	return n;
}

/* What killed workers leave ends by itself. */
static bool
wait_for_others(void)
{
	for (int i = 0; i < 600 && others() > 0; i++)
		usleep(50000);
	if (others() == 0)
		return true;
	fprintf(stderr, "grind: %u processes do not end\n", others());
	return false;
}

/* The free frames must be those after the first round, when all caches had their due. */
static bool
frames_are_back(void)
{
	static long first;
	long n = 0;

	for (int i = 0; i < 60; i++) {
		n = getNumFreePages();
		if (first == 0 || n >= first - 2)
			break;
		usleep(50000);
	}
	if (first == 0)
		first = n;
	if (n >= first - 2)
		return true;
	fprintf(stderr, "grind: %ld free frames, %ld after the first round\n", n, first);
	return false;
}

static bool
check_kernel(void)
{
	if (kinfo(KINFO_CHECK, 0, 0, NULL, 0) == 0)
		return true;
	warn("the kernel's own checks");
	return false;
}

/* ---- rounds ---- */

static bool
ended_well(int status)
{
	if (status == 0 || (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL))
		return true;		/* done, or killed by another */
	fprintf(stderr, "grind: a worker ended with status %#x\n", (unsigned)status);
	return false;
}

static bool
run_workers(uint64_t seed, unsigned long each)
{
	bool good = true;
	int status;

	for (int i = 0; i < WORKERS; i++) {
		pid_t pid = fork();

		if (pid == 0) {
			random_seed(seed + (uint64_t)i * 0x1234567);
			worker(each);
		}
		if (pid < 0)
			warn("fork");
		board->pid[i] = pid < 0 ? 0 : pid;
	}
	while (wait(&status) > 0)
		good = ended_well(status) && good;
	memset(board->pid, 0, sizeof(board->pid));
	return good;
}

static bool
round_of(const char *folder, uint64_t seed, unsigned long each)
{
	bool good;

	if (mkdir(folder, 0777) < 0 || chdir(folder) < 0)
		err(1, "%s", folder);
	good = run_workers(seed, each);
	good = wait_for_others() && good;
	if (chdir("/") < 0)
		err(1, "/");
	remove_tree(folder);
	good = check_kernel() && good;
	return frames_are_back() && good;
}

static bool
grind(uint64_t seed, unsigned long ops)
{
	char folder[32];
	bool good = true;

	snprintf(folder, sizeof(folder), "/tmp/grind%d", (int)getpid());
	mkdir("/tmp", 0777);
	for (unsigned long round = 0; good && (ops == 0 || board->done < ops); round++) {
		unsigned long each = OPS_A_ROUND;

		if (ops && (ops - board->done) / WORKERS < each)
			each = (ops - board->done) / WORKERS + 1;
		good = round_of(folder, seed + round * 1000003, each);
		printf("%lu operations\n", board->done);
		fflush(stdout);
	}
	return good;
}

int
main(int argc, char **argv)
{
	struct timespec now = { 0 };
	long seed, ops = 0;

	help_option(argc, argv, help);
	if (argc == 4 && strcmp(argv[1], "WORKER") == 0)
		worker_again(argv + 2);
	clock_gettime(CLOCK_REALTIME, &now);
	seed = (long)((now.tv_nsec ^ now.tv_sec) & 0x7fffffff);
	if (argc > 3 || (argc > 1 && !parse_number(argv[1], 0, 0x7fffffff, &seed)) ||
	    (argc > 2 && !parse_number(argv[2], 1, 0x7fffffff, &ops)))
		usage(help, 1);
	board = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (board == MAP_FAILED)
		err(1, "mmap");
	printf("seed %ld\n", seed);
	fflush(stdout);
	if (grind((uint64_t)seed, (unsigned long)ops))
		return finish(0);
	printf("FAILED, seed %ld\n", seed);
	return finish(1);
}
